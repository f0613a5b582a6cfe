"""The services that messages go to: a mail server and webhooks that refuse, fall silent, or answer
with a page; and who really got what.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import getaddresses
from itertools import pairwise
from random import Random
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from flows import office
from flows.morning import outbox, senders
from models.alerts.alert_tables import Delivery, Digest, Progress
from tests.office_year.faults import Power

PAGE = "<!DOCTYPE html><html><head><title>请先登录</title></head><body>认证</body></html>"
NOBODY = (550, "没有这个收件人".encode())
OVER = re.compile("已逾期|期限已于.*届满|逾期[未不]")  # said of a limit, ours or another's
MOVED = "放假安排、规定或者计算方法有变动"  # what it says is over, the line of the limit itself says, too
REFUSED, PAGES, SILENT = 0.15, 0.1, 0.1
SECOND_SCHEDULER = 0.1


def mark_of(key: str) -> str:
    """What a message is known by, whichever way it goes."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


class Services:
    """Whatever a message can come to. got = by the message's mark and the recipient's address."""

    def __init__(self, chance: Random, power: Power) -> None:
        self.chance, self._power = chance, power
        self.got: Counter[tuple[str, str]] = Counter()
        self.sent: Counter[tuple[str, str]] = Counter()  # taken by all, by key and channel
        self.last, self.cut_while_sending = "", set[str]()
        self.sound = False  # once the faults are over: every service takes what it is given
        self._second = False

    # a mail server ────────────────────────────────────────────────────────────────────────────
    def connected(self, *_: object) -> Services:
        if self._happens(SILENT):
            raise TimeoutError("timed out")
        return self

    def login(self, *_: object) -> None:
        raise AssertionError("nobody logs in here")

    def quit(self) -> None:
        return None

    def send_message(self, mail: EmailMessage) -> dict[str, tuple[int, bytes]]:
        to = [address for _, address in getaddresses([str(mail["To"])])]
        refused = {one: NOBODY for one in to if self._happens(REFUSED)}
        if len(refused) == len(to):
            raise smtplib.SMTPRecipientsRefused(refused)
        mark = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        for one in to:
            self.got[mark, one] += one not in refused
        return refused

    # webhooks ─────────────────────────────────────────────────────────────────────────────────
    def post(self, url: str, *, json: dict[str, Any], **_: object) -> httpx.Response:
        request = httpx.Request("POST", url)
        if self._happens(SILENT):
            raise httpx.ReadTimeout("timed out", request=request)
        if self._happens(PAGES):
            return httpx.Response(200, text=PAGE, request=request)
        self.got[mark_of(json["key"]), url] += 1
        return httpx.Response(200, json={"code": 0}, request=request)

    def _happens(self, rate: float) -> bool:
        return not self.sound and self.chance.random() < rate

    # sending ──────────────────────────────────────────────────────────────────────────────────
    def send(self, channel: str, address: str, message: Any, sending: Any) -> senders.Answer:
        """As `senders.send`, in our own thread: the power may go before and after."""
        self._power.passing("before sending")
        answer = senders._answer(channel, address, message, sending)
        self.sent[message.key, channel] += answer.accepted
        self.last = message.key
        self._power.passing("after sending")
        return answer

    def another_sends_first(self) -> None:
        """A second scheduler looks at the outbox at the same moment, and is a little faster."""
        if self._second or not self._happens(SECOND_SCHEDULER):
            return
        self._second = True
        try:
            outbox.post(lambda _page: None)
        finally:
            self._second = False


@contextmanager
def at_hand(services: Services, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever the product sends goes to these services."""
    try_ = outbox._try

    def tried(one: Delivery, settled: outbox._Settled) -> bool | None:
        services.another_sends_first()
        return try_(one, settled)

    patch.setattr(outbox.senders, "send", services.send)
    patch.setattr(senders, "_connected", services.connected)
    patch.setattr(senders.httpx, "post", services.post)
    patch.setattr(outbox, "_try", tried)
    yield


# what must hold ───────────────────────────────────────────────────────────────────────────────
def messages_arrive(services: Services, session: Session) -> Iterator[str]:
    """What counts as sent was taken for each of its recipients; and nothing was sent again that all
    had taken, but where the power went between the sending and the note of it.
    """
    addresses = {one.name: one for one in office.agency().officers}
    for one in session.exec(select(Delivery).where(Delivery.progress == str(Progress.SENT))):
        officer = addresses.get(one.person)
        where = office.sending().channels(officer).get(one.channel) if officer else None
        if not where:
            continue
        wanted = [each for _, each in getaddresses([where])] if one.channel == "email" else [where]
        for each in wanted:
            if not services.got[mark_of(one.digest), each]:
                yield f"{one.digest}（{one.channel}）算作已送达，{each}没有收到"
    for (key, channel), times in services.sent.items():
        if times > 1 and key not in services.cut_while_sending:
            yield f"{key}（{channel}）发送了{times}次"


def says_late(line: str) -> bool:
    """Whether a line of a digest is of a limit that is over: each limit counts once."""
    return bool(OVER.search(line)) and MOVED not in line


def titles(session: Session) -> Iterator[str]:
    """A digest's title counts as overdue the lines that say so, and no other; it counts its lines."""
    for one in session.exec(select(Digest)):
        lines = [line for line in one.body.splitlines() if line.partition(". ")[0].isdigit()]
        late = sum(map(says_late, lines))
        expected = f"：{len(lines)}项" + (f"，其中逾期{late}项" if late else "")
        if not one.title.endswith(expected):
            yield f"{one.key} 的标题是“{one.title}”，应以“{expected}”结尾"


def not_too_often(session: Session) -> Iterator[str]:
    """Further messages of a day come at least as far apart as the office wants, but for its last hour."""
    outbox_, hours = office.sending().outbox, office.sending().hours
    late = hours.until.hour * 60 + hours.until.minute - outbox_.further_minutes - 15
    made: dict[tuple[str, object], list[Digest]] = {}
    for one in session.exec(select(Digest).where(Digest.serial > 0).order_by(Digest.serial)):  # type: ignore[arg-type]
        made.setdefault((one.person, one.day), []).append(one)
    for each in made.values():
        for before, after in pairwise(each):
            apart = (after.made_at - before.made_at).total_seconds() / 60
            at = before.made_at.astimezone(office.SHANGHAI)
            if apart < outbox_.further_minutes - 1 and at.hour * 60 + at.minute < late:
                yield f"{after.key} 距上一条补充提醒只有{apart:.0f}分钟"
