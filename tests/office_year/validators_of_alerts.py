"""What officers are owed to be told: limits that near, limits that moved, a notice that is missing."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator

from sqlmodel import Session, col, select

from models.alerts import digests
from models.alerts.alert_tables import Alert, Moved, Recipient
from models.case.stage import Stage
from models.store.tables import Application
from tests.office_year.by_hand import Count, Unpublished, due_today, is_plain, last_day
from tests.office_year.messages import messages_arrive, not_too_often, titles
from tests.office_year.told import told_of
from tests.office_year.world import Office

ASKED_FOR = 12  # days after which a missing notice was surely asked for (config/alerts.toml)


def alerts_by_hand(one: Office, session: Session) -> Iterator[str]:
    """Whatever is owed for a reply on the last day was found, and told to its officer."""
    count, told = Count(one.config / "workdays"), told_of(session)
    listed = tomllib.loads((one.config / "alerts.toml").read_text("utf-8"))["alert"]
    before = next(each["before"] for each in listed if each["kind"] == "reply")
    for row in session.exec(select(Application)):
        history = told[row.number]
        if row.stage == Stage.CLOSED or not is_plain(history):
            continue
        try:
            last = last_day(history, count)
            due = last is not None and due_today(last, one.day, before, count)
        except Unpublished:
            continue
        asked = select(Alert).where(Alert.subject == row.number, Alert.kind == "reply")
        found = session.exec(asked.where(Alert.last_day == last, Alert.due_on == one.day)).all()
        if due and len(found) != 1:
            yield f"{row.number} 今天应提醒一次答复期限 {last}，登记了{len(found)}次"
        for alert in found:
            key = (alert.subject, alert.rule, alert.version)
            people = session.exec(
                select(Recipient).where(
                    Recipient.subject == key[0],
                    Recipient.rule == key[1],
                    Recipient.version == key[2],
                )
            ).all()
            if not people or not all(each.digest or each.moot_on for each in people):
                yield f"{row.number} 的提醒没有送到任何人"


def messages(one: Office, session: Session) -> Iterator[str]:
    """Nobody is owed an alert any more, and messages are what and where they should be."""
    for person, owed in digests.untold(session).items():
        yield f"{person} 还有{len(owed)}项提醒没有汇总"
    yield from messages_arrive(one.services, session)
    yield from titles(session)
    yield from not_too_often(session)


def moves_are_told(one: Office, session: Session) -> Iterator[str]:
    """Each time a notice moved the limit of an open case, that is listed, and its officer was to be
    told, also there and back again.
    """
    found = Counter(session.exec(select(Alert.subject).where(Alert.kind == "moved")).all())
    listed = Counter(session.exec(select(Moved.case_number)).all())
    for number, times in one.moves.items():
        if found[number] < times:
            yield f"{number} 的期限变了{times}次，只提醒了{found[number]}次"
        if listed[number] < times:
            yield f"{number} 的期限变了{times}次，只列出了{listed[number]}次"


def notice_is_asked_for(one: Office, session: Session) -> Iterator[str]:
    """A year whose notice is not there is asked for until it is."""
    if len(one.unpublished) < ASKED_FOR:
        return
    asked = select(Alert.found_on).where(
        Alert.kind == "notice",
        col(Alert.subject).startswith(f"{one.year}年"),
        col(Alert.found_on) >= one.unpublished[0],
    )
    if not session.exec(asked).all():
        yield f"{one.year}年放假安排缺了{len(one.unpublished)}天，没有提醒"
