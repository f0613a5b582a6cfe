"""A form of ours as it is sent: its token, its body, what was typed in it.

Each form bears a token that only the browser which was given the form can return: it is sealed over a
cookie of its own. The doors have turned away what other pages send (Origin).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from cryptography.fernet import InvalidToken
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Receive, Scope

from flows.installation import office_secret
from flows.server.visits import is_https

FORM_COOKIE: Final = "disclosure_form"
NONCE: Final = re.compile("[A-Za-z0-9_-]{22}")
TOKEN_SECONDS: Final = 3600
LATE_SECONDS: Final = 86_400
"""How long it is known for whom a form was, to go on with it after a login: as long as a draft is kept."""
LARGEST: Final = 16_384
STALE: Final = "这一页放得太久，或者浏览器没有接受 Cookie，没有提交；请核对后再提交一次"
"""What every page of ours says of a form that is not its own, or too old (FormTokens)."""

Fields = Mapping[str, str]


class FormTokens:
    """A token for each form of ours, and the cookie that it belongs to; of this start alone, or of every
    server that shares the office's secret: a form may be sent to another than showed it.

    whose = the officer for whom alone the form is; "" where it is for whoever has the browser
    """

    def __init__(self, secret: str = "") -> None:
        self._cipher = office_secret.cipher(secret, "forms")

    def token(self, scope: Scope, whose: str = "") -> tuple[str, Callable[[Response], Response]]:
        """A token for a form, and what puts its cookie into the answer that shows it."""
        nonce = self.nonce(scope) or secrets.token_urlsafe(16)

        def give(answer: Response) -> Response:
            answer.set_cookie(
                FORM_COOKIE, nonce, httponly=True, samesite="strict", secure=is_https(scope)
            )
            return answer

        return self._cipher.encrypt(f"{nonce}{whose}".encode()).decode("ascii"), give

    def is_ours(self, scope: Scope, token: str, whose: str = "") -> bool:
        """Whether a form that is sent was given to the browser that sends it, and not long ago."""
        nonce = self.nonce(scope)
        try:
            said = self._cipher.decrypt(token.encode(), ttl=TOKEN_SECONDS)
        except (InvalidToken, UnicodeEncodeError):
            return False
        return bool(nonce) and secrets.compare_digest(said, f"{nonce}{whose}".encode())

    def whose(self, scope: Scope, token: str) -> str | None:
        """For whom a form was that this browser was given within a day; None where that is not known."""
        nonce = self.nonce(scope)
        try:
            said = self._cipher.decrypt(token.encode(), ttl=LATE_SECONDS).decode()
        except (InvalidToken, UnicodeEncodeError):
            return None
        return said.removeprefix(nonce) if nonce and said.startswith(nonce) else None

    @staticmethod
    def nonce(scope: Scope) -> str:
        """What the browser's cookie holds; "" without one of ours."""
        found = cookie_parser(Headers(scope=scope).get("cookie", "")).get(FORM_COOKIE, "")
        return found if NONCE.fullmatch(found) else ""


def within(address: str) -> str:
    """An address on this server; its first page for anything else."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"


async def fields_of(receive: Receive, largest: int = LARGEST, most: int = 20) -> Fields | None:
    """What was typed; None if it is too much (bytes, fields), or no form."""
    body = await body_of(receive, largest)
    return None if body is None else fields_in(body, largest, most)


async def body_of(receive: Receive, largest: int) -> bytes | None:
    """The whole body; None if it is more than so many bytes, or the client went away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += bytes(message.get("body", b""))
        if len(body) > largest:
            return None
        if not message.get("more_body", False):
            return body


def fields_in(body: bytes, largest: int = LARGEST, most: int = 20) -> Fields | None:
    """What was typed, by its body; None as of `fields_of`."""
    if len(body) > largest:
        return None
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        return None
    return {name: values[-1] for name, values in found.items()}
