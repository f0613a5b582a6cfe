"""Who is behind a request? The visit of its cookie, or the word of a proxy that is trusted with it.

Asked of the register, and remembered for a moment: a page asks several times a second. A visit that
has ended, here or in the terminal, counts no longer than that moment.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from flows import office
from flows.installation import settings
from flows.installation.front_door import Visitor
from models.agency.account_rules import AccountRules
from models.agency.officers import NAME_LONGEST
from models.register import access_log, accounts
from models.store.tables import Visit

COOKIE: Final = "disclosure_visit"
PROXY_SECRET: Final = "X-Disclosure-Proxy"
"""The header in which a proxy of ours says its secret (DISCLOSURE_PROXY_SECRET)."""
MOMENT: Final = 2.0
"""Seconds for which what the register said of a visit is remembered."""
MOST: Final = 10_000
LONGEST: Final = 64  # characters of a cookie of ours, and more


@dataclass
class _Known:
    visitor: Visitor
    asked: float


class Visits:
    """The visits of this office, as the doors ask after them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str | None], _Known] = {}

    async def visitor(self, scope: Scope) -> Visitor:
        """Who is behind the request."""
        headers, rules = Headers(scope=scope), office.agency().accounts
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        if len(token) > LONGEST:  # none of ours, and anybody's to send: it is not remembered either
            token = ""
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
        with office.reading() as session:
            if not office.officers_log_in(session):
                return Visitor()
            visit = accounts.visiting(session, token, at, agency.accounts)
            officer = _one_of(visit.officer if visit else "", named)
            revoked = accounts.revoked(session, officer)
            if visit is None:
                visit = accounts.vouched_visit(session, officer, at, agency.accounts)
        listed = {one.name: one for one in agency.officers}
        if not officer or revoked or (listed and officer not in listed):
            return Visitor(asked=True)
        one = listed.get(officer)
        return Visitor(
            asked=True,
            officer=officer,
            visit=_at_work(visit, officer, address, at, agency.accounts),
            vouched=named == officer,
            only_supplies=bool(one and one.only_supplies),
        )


def _at_work(
    visit: Visit | None, officer: str, address: str, at: datetime, rules: AccountRules
) -> str:
    """Note that an officer is at work in his visit; it begins now, with a line in the log, where a
    proxy vouches for him and he has none. Returns what it is kept under.
    """
    if visit is None:
        with office.writing(clock_goes_back=True) as session:
            if found := accounts.vouched_visit(session, officer, at, rules):
                return found.token  # of several requests at once
            accounts.end_all(session, officer, at)
            access_log.write(session, "single_sign_on", at, officer=officer, address=address)
            return accounts.begin_vouched(session, officer, address, at).token
    if at - visit.seen_at >= accounts.SEEN_AGAIN:
        with office.writing(clock_goes_back=True) as session:
            accounts.seen(session, visit.token, at)
    return visit.token


def address_of(scope: Scope) -> str:
    """The address a request comes from: the peer's, or the one that a proxy of ours says."""
    peer, headers = _peer(scope), Headers(scope=scope)
    if not _by_proxy(peer, headers):
        return peer
    said = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return said[:64] or peer


def is_https(scope: Scope) -> bool:
    """Whether the browser speaks to us, or to a proxy of ours, unheard by others."""
    headers = Headers(scope=scope)
    if _by_proxy(_peer(scope), headers):
        return headers.get("x-forwarded-proto", "").strip().lower() == "https"
    return str(scope.get("scheme", "")) in ("https", "wss")


def _by_proxy(peer: str, headers: Headers) -> bool:
    """Whether a request comes through a proxy of ours: from its address, and with its secret, where
    one is set. Any account of a proxy's machine can send from its address.
    """
    if peer not in office.agency().accounts.proxies:
        return False
    secret = settings.PROXY_SECRET.value()
    said = headers.getlist(PROXY_SECRET)
    return not secret or (len(said) == 1 and hmac.compare_digest(said[0].encode(), secret.encode()))


def vouched_for(scope: Scope, headers: Headers, rules: AccountRules) -> str | None:
    """Whom a trusted proxy says it is (single sign-on); "" if none does, None if several names stand
    there, or what is no name: then not all of it is the proxy's.
    """
    header = rules.single_sign_on_header
    if not header or not settings.PROXY_SECRET.value() or not _by_proxy(_peer(scope), headers):
        return ""
    named = headers.getlist(header)
    if len(named) > 1 or any("," in one for one in named):  # joined on the way; ours is encoded
        return None
    name = unquote("".join(named)).strip()
    return name if len(name) <= NAME_LONGEST and name.isprintable() else None


def _one_of(visiting: str, named: str | None) -> str:
    """Whose request it is; "" where the cookie and the proxy do not say the same."""
    if named is None or (visiting and named and visiting != named):
        return ""
    return visiting or named


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
