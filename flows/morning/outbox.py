"""提醒发送: one digest per person and day, in office hours, until the service says it has it.

An attempt is written before it is made, and its result after: a machine that stops in between
tries again when the lease is over (with the same message key), so nothing is dropped; where
nothing breaks, nothing is sent twice, however many do this at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from sqlmodel import Session

from flows import office
from flows.morning import senders
from flows.shown import alert_lines, alert_page
from flows.shown.alert_lines import Line
from models.agency.officers import Officer, Role, acting, holding
from models.agency.sending_rules import SCREEN
from models.alerts import digests
from models.alerts.alert_rows import AlertRow
from models.alerts.alert_tables import Attempt, Delivery, Digest, Progress
from models.case.act import Circumstances
from models.law.workdays import written
from models.register import recorded_since

log = logging.getLogger("disclosure.alerts")
log.setLevel(logging.INFO)  # who has no other channel is told here, too, however quiet the rest is
Show = Callable[[str], None]
REMINDERS = (
    *("receipt", "notice", "moved", "unknown", "service"),
    *("correction_delivery", "fee_delivery", "opinion_delivery", "reasons_delivery"),
)


def post(show: Show | None = None) -> int:
    """Make the digests that are due and try what waits, if the office is open; how many were sent.

    show = puts up the page of alerts in the UI; None = nobody does (the command line), and what
    has no other channel waits.
    """
    if not _open():
        return 0
    now = replace(office.circumstances(""), today=office.moment().date())
    officers = now.agency.officers
    with office.reading() as session:
        before = recorded_since.length(session)
        lost, untold = _lost(session, officers), bool(digests.untold(session))
    changed = _hand_on(lost, officers)
    made = _digests(now) if untold or changed else set[str]()
    changed += len(made)
    sent, settled = 0, _Settled(now, made, before)
    with office.reading() as session:
        due = [one for one in digests.waiting(session, office.now()) if one.channel != SCREEN]
    for one in due:
        if not _open():  # it may have closed while a service kept us waiting
            break
        accepted = _try(one, settled)
        changed += accepted is not None
        sent += bool(accepted)
    if show is not None:
        sent += _put_up(now, show, settled, changed=bool(changed))
    return sent


def pending() -> bool:
    """Whether there is anything for `post` to do now."""
    if not _open():
        return False
    with office.reading() as session:
        return bool(digests.untold(session) or digests.waiting(session, office.now()))


def _open() -> bool:
    return office.sending().open_at(office.moment(), office.law().calendar)


def again() -> int:
    """Have what was given up sent once more; how many messages."""
    with office.writing() as session:
        return digests.try_again(session, office.now())


def _lost(session: Session, officers: Sequence[Officer]) -> list[Delivery]:
    """What did not reach an officer who is not listed any more."""
    listed = {one.name for one in officers}
    if not listed or listed.issuperset(digests.unsent_to(session)):
        return []
    return [
        one
        for one, _, _ in digests.not_sent(session)
        if one.person not in listed and one.channel != SCREEN
    ]


def _hand_on(lost: Iterable[Delivery], officers: Sequence[Officer]) -> int:
    """What did not reach whom it was for is told to the head; how many."""
    done = 0
    for one in lost:
        with office.writing() as session:
            if digests.end(session, one, Progress.HANDED_ON):
                alerts = digests.told_in(session, one.digest)
                digests.tell_too(session, alerts, holding(officers, [Role.HEAD]))
                done += 1
    return done


class _Settled:
    """Whether a message is not to be sent any more, asked just before it would be: one that was not
    made by this look, and of each as soon as something was recorded since.
    """

    def __init__(self, now: Circumstances, made: Collection[str], before: int) -> None:
        self._now, self._made, self._before = now, made, before
        self._found: dict[tuple[str, int], bool] = {}  # by digest and how much was recorded

    def __call__(self, session: Session, digest: str) -> bool:
        recorded = recorded_since.length(session)
        if digest in self._made and recorded == self._before:
            return False
        if (known := self._found.get((digest, recorded))) is not None:
            return known
        told = digests.told_in(session, digest)
        over = next(alert_lines.standing(session, told, self._now), None) is None
        return self._found.setdefault((digest, recorded), over)


def _digests(now: Circumstances) -> set[str]:
    """Make the digests that are due; their keys."""
    officers = {one.name: one for one in now.agency.officers}
    with office.writing() as session:
        _to_deputies(session, now)
        untold = digests.untold(session, lock=True)
        stands = [*alert_lines.standing(session, chain.from_iterable(untold.values()), now)]
        made = (
            _digest(
                session,
                person,
                alerts,
                alert_lines.lines_of(stands, alerts, now),
                officers.get(person),
                now,
            )
            for person, alerts in untold.items()
        )
        return {key for key in made if key}


def _to_deputies(session: Session, now: Circumstances) -> None:
    """What was still to be told to whoever is away today is told to his deputy."""
    for person, alerts in digests.untold(session, lock=True).items():
        deputies = [
            one for one in acting(now.agency.officers, [person], now.today) if one != person
        ]
        if deputies:
            digests.tell_too(session, alerts, deputies)
            digests.moot(session, person, alerts, now.today)


def _digest(
    session: Session,
    person: str,
    alerts: list[AlertRow],
    lines: list[Line],
    officer: Officer | None,
    now: Circumstances,
) -> str:
    """Make a person's digest, if one is due; its key, "" = none was made."""
    told = [alert for line in lines for alert in line.alerts]
    keys = {(one.subject, one.rule, one.version) for one in told}
    settled = [one for one in alerts if (one.subject, one.rule, one.version) not in keys]
    digests.moot(session, person, settled, now.today)
    serial = digests.made(session, person, now.today)
    if not lines or (serial and not _further(session, person, lines, now)):
        return ""
    digest = Digest(
        key=f"{now.today}/{serial}/{person}",
        person=person,
        day=now.today,
        serial=serial,
        alerts=len(told),
        title=_title(lines, serial, now),
        body=_body(lines, now),
        made_at=office.now(),
    )
    added = digests.add(session, digest, told, list(office.sending().channels(officer)))
    return digest.key if added else ""


def _further(session: Session, person: str, lines: list[Line], now: Circumstances) -> bool:
    """Whether a further digest is due today: for what is urgent, and not too soon after the last
    further one, unless the office closes before that time is over.
    """
    if not any(_urgent(line, now) for line in lines):
        return False
    sending = office.sending()
    at, pause = office.now(), timedelta(minutes=sending.outbox.further_minutes)
    if not digests.further_since(session, person, now.today, at - pause):
        return True
    last_look = timedelta(minutes=2 * sending.outbox.every_minutes)
    closing = at + sending.hours.left(office.moment())
    return digests.further_since(session, person, now.today, closing - last_look - pause)


def _urgent(line: Line, now: Circumstances) -> bool:
    """Whether a line cannot wait for the next working day's digest: its last day comes first."""
    following = now.law.calendar.reach(now.today, 1).day
    return now.today <= line.last_day <= following


def _title(lines: list[Line], serial: int, now: Circumstances) -> str:
    over = sum(_late(line, now) for line in lines)
    late = f"，其中逾期{over}项" if over else ""
    more = f"（补充{serial}）" if serial else ""
    return f"政府信息公开提醒{more} {written(now.today)}：{len(lines)}项{late}"


def _late(line: Line, now: Circumstances) -> bool:
    """Whether somebody is late: a limit has passed, not merely a day to be reminded of."""
    reminded = line.only_our_limit or line.alerts[0].kind in REMINDERS
    return line.last_day < now.today and not reminded


def _body(lines: Iterable[Line], now: Circumstances) -> str:
    numbered = [f"{n}. {line.words}" for n, line in enumerate(lines, 1)]
    address = office.sending().outbox.address
    where = f"（{address}）" if address else ""
    return "\n".join([*numbered, "", f"请登录办理系统{where}处理。{now.agency.office}"])


def _try(one: Delivery, settled: _Settled) -> bool | None:
    """Make the next attempt to send, unless all it tells has been done; None where another has begun it."""
    sending = office.sending()
    begun = office.now()
    with office.writing() as session:
        if settled(session, one.digest):
            return False if digests.end(session, one, Progress.MOOT) else None
        lease = timedelta(minutes=sending.outbox.lease_minutes)
        attempt = digests.claim(session, one, begun, lease)
        if attempt is None:
            return None
        digest = digests.digest(session, one.digest)
    message = senders.Message(digest.key, digest.person, digest.day, digest.title, digest.body)
    officers = {officer.name: officer for officer in office.agency().officers}
    address = sending.channels(officers.get(one.person)).get(one.channel)
    if address is None:
        answer = senders.Answer(False, "人员名单中已没有这个去处")
    else:
        answer = senders.send(one.channel, address, message, sending)
    with office.writing() as session:
        _settle(session, attempt, answer, office.now())
    return answer.accepted


def _settle(session: Session, attempt: Attempt, answer: senders.Answer, ended: datetime) -> None:
    if answer.accepted:
        digests.accept(session, attempt, ended, answer.words)
        return
    pause = office.sending().outbox.pause(attempt.number)
    digests.settle(session, attempt, ended, pause, answer.words)
    level = logging.WARNING if pause else logging.ERROR
    log.log(level, "提醒 %s（%s）未送达：%s", attempt.digest, attempt.channel, answer.words)


def _put_up(now: Circumstances, show: Show, settled: _Settled, *, changed: bool) -> int:
    """Put up the page of alerts; who has no other channel is told so."""
    with office.reading() as session:
        waiting = digests.waiting(session, office.now()) if _open() else ()
        screens = [one for one in waiting if one.channel == SCREEN]
        over = [one for one in screens if settled(session, one.digest)]
    for one in over:
        screens.remove(one)
        with office.writing() as session:
            changed |= digests.end(session, one, Progress.MOOT)
    if not screens and not changed:
        return 0
    with office.reading() as session:
        markdown = alert_page.page(session, now.today, office.midnight())
    show(markdown)
    told = 0
    for one in screens:
        with office.writing() as session:
            attempt = digests.claim(session, one, office.now(), timedelta(0))
            if attempt is None:
                continue
            digest = digests.digest(session, one.digest)
            digests.accept(session, attempt, office.now(), "已在办理系统中显示")
            told += 1
        log.info("%s　%s\n%s", digest.person, digest.title, digest.body)
    return told
