"""A form of ours that was sent after its visit had ended: all that was typed goes on after the login.

The page that says so asks for the login itself and bears what was typed; whoever logs in there has it
submitted at once, if he is the officer for whom the form was and no one-time code stood in it. Otherwise
the form's own page shows it again, to be looked through and submitted. Neither passwords nor codes are
put into a page again; files cannot be, and are chosen once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from starlette.types import Receive, Scope

from flows.server.sent_forms import body_of, within
from models.case.personal import CODE

LARGEST: Final = 400_000
"""Bytes, as of the forms of ours."""
LOGIN_FIELDS: Final = "login."
"""How the names of the login's own fields begin, beside those of the form that was sent."""
NOT_KEPT: Final = ("token", "code", "password", "invitation", "secret")
"""Ends of the names of what is not put into a page again."""
TOKEN: Final = "token"
CODES: Final = ("code", CODE)


@dataclass(frozen=True)
class Late:
    """What was sent too late: where it goes on, the fields in their order, the token that it bore.

    login = what was typed to log in, by its names ({} as it comes first); files = it bore files, so
    that nothing else of it is kept; coded = a one-time code stood in it, which is typed anew
    """

    onward: str
    kept: tuple[tuple[str, str], ...] = ()
    token: str = ""
    login: dict[str, str] = field(default_factory=dict)
    files: bool = False
    coded: bool = False


async def sent(scope: Scope, receive: Receive) -> Late:
    """The form that was led on with its body."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    onward = within(query.get("next", [""])[0])
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if not kind.startswith(b"application/x-www-form-urlencoded"):
        return Late(onward, files=True)
    body = await body_of(receive, LARGEST)
    typed: dict[str, list[str]] = {}
    if body and body.isascii():
        typed = parse_qs(body.decode("ascii"), keep_blank_values=True)
    own = {name: values for name, values in typed.items() if not name.startswith(LOGIN_FIELDS)}
    login = {n.removeprefix(LOGIN_FIELDS): v[-1] for n, v in typed.items() if n not in own}
    kept = tuple((n, v) for n, values in own.items() for v in values if not n.endswith(NOT_KEPT))
    codes = [v for n, values in own.items() if n.rpartition(".")[2] in CODES for v in values]
    token = login.get("form", "") or own.get(TOKEN, [""])[-1]
    coded = any(codes) or "coded" in login
    return Late(onward, kept, token, login, coded=coded)
