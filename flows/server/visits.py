"""Who is behind a request? The visit of its cookie, or the word of a proxy that is trusted with it.

Asked of the register, and remembered for a moment: a page asks several times a second. A visit that
has ended, here or in the terminal, counts no longer than that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from flows import office
from flows.installation.front_door import Visitor
from models.agency.account_rules import AccountRules
from models.register import access_log, accounts

COOKIE: Final = "disclosure_visit"
MOMENT: Final = 2.0
"""Seconds for which what the register said of a visit is remembered."""
MOST: Final = 10_000


@dataclass
class _Known:
    visitor: Visitor
    asked: float


class Visits:
    """The visits of this office, as the doors ask after them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str | None], _Known] = {}
        self._vouched_at: dict[str, float] = {}

    async def visitor(self, scope: Scope) -> Visitor:
        """Who is behind the request."""
        headers, rules = Headers(scope=scope), office.agency().accounts
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        named = vouched_for(scope, headers, rules)
        known = self._known.get((token, named))
        if known is not None and self._clock() - known.asked <= MOMENT:
            visitor = known.visitor
        else:
            visitor = await run_in_threadpool(self._asked, token, named, address_of(scope))
            if len(self._known) > MOST:
                self._known.clear()
            if visitor.asked:  # as soon as there is an account, nobody is in without it
                self._known[token, named] = _Known(visitor, self._clock())
        proxied = bool(rules.proxies)
        return replace(visitor, address=address_of(scope), proxied=proxied)

    def forget(self) -> None:
        """Ask the register anew: a visit began or ended just now."""
        self._known.clear()

    def _asked(self, token: str, named: str | None, address: str) -> Visitor:
        agency, at = office.agency(), office.now()
        rules = agency.accounts
        with office.reading() as session:
            if not office.officers_log_in(session):
                return Visitor()
            visit = accounts.visiting(session, token, at, rules)
            officer = _one_of(visit.officer if visit else "", named)
            revoked = accounts.revoked(session, officer)
        listed = {one.name: one for one in agency.officers}
        if not officer or revoked or (listed and officer not in listed):
            return Visitor(asked=True)
        if visit is None:
            self._vouched(officer, address)
        elif at - visit.seen_at >= accounts.SEEN_AGAIN:
            with office.writing(clock_goes_back=True) as session:
                accounts.seen(session, token, at)
        one = listed.get(officer)
        return Visitor(asked=True, officer=officer, only_supplies=bool(one and one.only_supplies))

    def _vouched(self, officer: str, address: str) -> None:
        """Leave a line of a single sign-on, once until it was idle for so long."""
        idle = office.agency().accounts.idle.total_seconds()
        last, at = self._vouched_at.get(officer), self._clock()
        if last is None or at - last > idle:
            with office.writing(clock_goes_back=True) as session:
                access_log.write(
                    session, "single_sign_on", office.now(), officer=officer, address=address
                )
        self._vouched_at[officer] = at  # a line that could not be written is tried again


def address_of(scope: Scope) -> str:
    """The address a request comes from: the peer's, or the one that a proxy of ours says."""
    peer = _peer(scope)
    if peer not in office.agency().accounts.proxies:
        return peer
    said = Headers(scope=scope).get("x-forwarded-for", "").rpartition(",")[2].strip()
    return said[:64] or peer


def is_https(scope: Scope) -> bool:
    """Whether the browser speaks to us, or to a proxy of ours, unheard by others."""
    if _peer(scope) in office.agency().accounts.proxies:
        return Headers(scope=scope).get("x-forwarded-proto", "").strip().lower() == "https"
    return str(scope.get("scheme", "")) in ("https", "wss")


def vouched_for(scope: Scope, headers: Headers, rules: AccountRules) -> str | None:
    """Whom a trusted proxy says it is (single sign-on); "" if none does, None if several names stand
    there: then not all of them are the proxy's.
    """
    header = rules.single_sign_on_header
    if not header or _peer(scope) not in rules.proxies:
        return ""
    named = headers.getlist(header)
    if len(named) > 1 or any("," in one for one in named):  # joined on the way; ours is encoded
        return None
    return unquote("".join(named)).strip()


def _one_of(visiting: str, named: str | None) -> str:
    """Whose request it is; "" where the cookie and the proxy do not say the same."""
    if named is None or (visiting and named and visiting != named):
        return ""
    return visiting or named


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
