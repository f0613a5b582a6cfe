"""Who is behind a request? The visit of its cookie, or the word of a proxy that is trusted with it.

Asked of the register, and remembered for a moment: a page asks several times a second. A visit that
has ended, here or in the terminal, counts no longer than that moment; while the register is away,
what it said last counts for two minutes more. A visit lasts as long as somebody is at work in it:
what his open page asks by itself does not count.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from flows import office
from flows.installation import settings
from flows.installation.entrance import LOGIN, Visitor
from flows.server.in_time import InTime
from flows.server.register_away import NoAnswer
from models.agency.account_rules import AccountRules
from models.agency.officers import NAME_LONGEST
from models.register import access_log, accounts

LOG = logging.getLogger(__name__)

COOKIE: Final = "disclosure_visit"
PROXY_SECRET: Final = "X-Disclosure-Proxy"
"""The header in which a proxy of ours says its secret (DISCLOSURE_PROXY_SECRET)."""
MOMENT: Final = 2.0
"""Seconds for which what the register said of a visit is remembered."""
WHILE_AWAY: Final = 120.0
"""Seconds for which it is, where the register does not answer."""
UNNAMED_TOLD: Final = 20
"""Of how many addresses that hand on requests, and are no proxies of ours, the log tells."""
AT_WORK: Final = f"{LOGIN}/here"
"""Where a page of Prefect's says that somebody typed or clicked in it (prefect_side/frame.py)."""
SUBMITTED: Final = ("/resume", "/create_flow_run")
MOST: Final = 10_000
LONGEST: Final = 64  # characters of a cookie of ours, and more


@dataclass
class _Known:
    visitor: Visitor
    asked: float


class Visits:
    """The visits of this office, as the doors ask after them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._in_time = clock, InTime("opening")
        self._known: dict[tuple[str, str | None], _Known] = {}
        self._noted: dict[str, datetime] = {}
        self._unnamed: set[str] = set()

    async def visitor(self, scope: Scope) -> Visitor:
        """Who is behind the request. Raises NoAnswer where the register is away and has not said."""
        headers, rules = Headers(scope=scope), office.agency().accounts
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        if len(token) > LONGEST:  # none of ours, and anybody's to send: it is not remembered either
            token = ""
        self._tell_unnamed(scope, headers, rules)
        named, address = vouched_for(scope, headers, rules), address_of(scope)
        known = self._known.get((token, named))
        age = self._clock() - known.asked if known else WHILE_AWAY
        if known is not None and age <= MOMENT:
            visitor = known.visitor
        else:
            visitor = await self._looked_up(
                token, named, address, known if age < WHILE_AWAY else None
            )
        if visitor.visit and by_hand(scope):
            await self._note(visitor.visit)
        return replace(visitor, address=address, proxied=bool(rules.proxies))

    def _tell_unnamed(self, scope: Scope, headers: Headers, rules: AccountRules) -> None:
        """Say once of each address that requests are handed on from it though it is not named as a
        proxy: to us, whoever is behind it comes from one address.
        """
        peer = _peer(scope)
        if "x-forwarded-for" not in headers or peer in {*rules.proxies, *self._unnamed}:
            return
        if len(self._unnamed) < UNNAMED_TOLD:
            self._unnamed.add(peer)
            LOG.warning(
                "%s转来别人的请求，但accounts.toml的proxies中没有它：由它转来的，都算从这一个地址来，"
                "一人登录有误，大家一起等。是本单位的代理的，请写入proxies",
                peer,
            )

    def forget(self) -> None:
        """Ask the register anew: a visit began or ended just now."""
        self._known.clear()

    async def _looked_up(
        self, token: str, named: str | None, address: str, known: _Known | None
    ) -> Visitor:
        """Whose visit it is by the register; where that is away, who it was by what it said last."""
        try:
            visitor = await self._in_time.ask(partial(_asked, token, named, address))
        except (TimeoutError, *office.REGISTER_FAULTS) as fault:
            if not isinstance(fault, TimeoutError) and not office.register_away(fault):
                raise
            if known is None:
                raise NoAnswer from fault
            return known.visitor
        if len(self._known) > MOST:
            self._known.clear()
            self._noted.clear()
        if visitor.asked:  # as soon as there is an account, nobody is in without it
            self._known[token, named] = _Known(visitor, self._clock())
        return visitor

    async def _note(self, visit: str) -> None:
        """Note that somebody is at work in it; where the register is busy, with a later request."""
        at, noted = office.now(), self._noted.get(visit)
        if noted is not None and abs(at - noted) < accounts.SEEN_AGAIN:
            return
        self._noted[visit] = at
        try:
            await self._in_time.ask(partial(_seen, visit, at))
        except (TimeoutError, *office.REGISTER_FAULTS) as fault:
            LOG.warning("登记簿暂时没有回答，稍后再记录登录者在办理：%s", type(fault).__name__)


def by_hand(scope: Scope) -> bool:
    """Whether somebody did this, and not his open page by itself, which asks every few seconds."""
    if scope["type"] != "http":
        return False
    path, headers = scope["path"], Headers(scope=scope)
    if scope["method"] not in ("GET", "HEAD"):
        return not path.startswith("/api/") or path.endswith(SUBMITTED)
    navigates = headers.get("sec-fetch-mode")
    return navigates == "navigate" if navigates else "text/html" in headers.get("accept", "")


def _asked(token: str, named: str | None, address: str) -> Visitor:
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
        visit=visit.token if visit else _begun(officer, address, at, agency.accounts),
        vouched=named == officer,
        only_supplies=bool(one and one.only_supplies),
    )


def _begun(officer: str, address: str, at: datetime, rules: AccountRules) -> str:
    """The visit of an officer for whom a proxy vouches, begun now, with a line in the log; returns
    what it is kept under.
    """
    with office.writing(clock_goes_back=True) as session:
        if found := accounts.vouched_visit(session, officer, at, rules):
            return found.token  # of several requests at once
        accounts.end_all(session, officer, at)
        access_log.write(session, "single_sign_on", at, officer=officer, address=address)
        return accounts.begin_vouched(session, officer, address, at).token


def _seen(visit: str, at: datetime) -> None:
    with office.writing(clock_goes_back=True) as session:
        accounts.seen(session, visit, at)


def address_of(scope: Scope) -> str:
    """The address a request comes from: the peer's, or the one that a proxy of ours says."""
    peer, headers = _peer(scope), Headers(scope=scope)
    if not _by_proxy(peer, headers):
        return peer
    said = ",".join(headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
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
