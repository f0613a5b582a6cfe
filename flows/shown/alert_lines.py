"""An alert in one line: what is due, by when, what is left of it, and under which article.

Of applicants and third parties only the masked name. What has been settled since is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, col

from flows.shown.row_words import days_left, masked
from models.acts.intake.receipt import correction_overdue
from models.acts.intake.unconfirmed import unconfirmed
from models.acts.procedure.excess import reasons_overdue
from models.acts.procedure.fee_owed import fee_overdue
from models.acts.procedure.opinions import lapses_found
from models.alerts import alert_rows
from models.alerts.alert_rows import AlertRow
from models.alerts.alert_tables import MOVING, Alert, moved_label, moved_what
from models.alerts.due_alerts import CHUNK
from models.alerts.looked_at import looked_at
from models.case.act import Circumstances
from models.case.case import Case
from models.duties.duties import Duty, duties
from models.duties.limits import Limit, written_limit
from models.errors import CalendarNotPublished
from models.law.citing import article_label
from models.watch.owed_beside import SERVICE, owing
from models.words.days_told import told

Key = tuple[str, str, str, str]  # subject, kind, ref, version


class Line(NamedTuple):
    """All alerts of one duty, in one line; left = working days of the latest (negative: over)."""

    left: int
    last_day: date
    subject: str
    words: str
    alerts: tuple[AlertRow, ...]
    only_our_limit: bool = False


class Stands(NamedTuple):
    """A duty that is still there, with its case if it is a case's."""

    key: Key
    case: Case | None
    duty: Duty


def lines(session: Session, alerts: Collection[AlertRow], now: Circumstances) -> list[Line]:
    """The alerts that still hold, one line a duty, the most urgent first."""
    return lines_of(standing(session, alerts, now), alerts, now)


def lines_of(
    stands: Iterable[Stands], alerts: Iterable[AlertRow], now: Circumstances
) -> list[Line]:
    """The same of some of the alerts whose duties were looked for: what one of several is told."""
    by_duty: dict[Key, list[AlertRow]] = {}
    for one in alerts:
        by_duty.setdefault(_of(one), []).append(one)
    found = []
    for key, case, duty in stands:
        if key not in by_duty:
            continue
        mine = sorted(by_duty[key], key=lambda one: one.due_on)
        meant = replace(duty, whom=mine[-1].whom)
        words = told([f"{_said(key[0], case, meant, now)}{_late(mine, now.today)}"])
        runs_again = case is not None and _undelivered(case, duty)
        found.append(Line(mine[-1].left, duty.due, key[0], words, tuple(mine), runs_again))
    return sorted(found, key=lambda line: line[:3])


def standing(session: Session, alerts: Iterable[AlertRow], now: Circumstances) -> Iterator[Stands]:
    """Those of the alerts' duties that are still there, one after the other as they are found."""
    asked = set(map(_of, alerts))
    moves: dict[tuple[str, str, str], list[Key]] = {}
    for key in asked:
        if key[1] == "moved":
            moved = (key[0], MOVING[moved_what(key[2])], key[3])
            moves.setdefault(moved, []).append(key)
    subjects = sorted({key[0] for key in asked})
    for first in range(0, len(subjects), CHUNK):
        numbers = subjects[first : first + CHUNK]
        for looked in filter(None, looked_at(session, numbers)):
            case, number = looked.case, looked.case.number
            for duty in duties(case, now.law):
                if (key := _key(number, duty)) in asked and not _over(duty, now):
                    yield Stands(key, case, duty)
                for key in moves.pop((number, duty.kind, duty.due.isoformat()), ()):
                    yield Stands(key, case, replace(duty, kind="moved", ref=key[2]))
    beside = defaultdict[str, set[str]](set)
    for subject, kind, *_ in asked:
        beside[kind].add(subject)
    for one in owing(session, now, beside):
        if (key := _key(one.subject, one.duty)) in asked:
            yield Stands(key, None, one.duty)


def _over(duty: Duty, now: Circumstances) -> bool:
    """Whether a day has passed after which there is nothing to do about it (Art. 30: 7 days)."""
    rule = now.law.alerts.on(duty.kind, duty.due)
    return now.today > duty.due and not rule.after and not rule.every


def _of(alert: AlertRow) -> Key:
    return alert.subject, alert.kind, alert.ref, alert.version


def _key(subject: str, duty: Duty) -> Key:
    return subject, duty.kind, duty.ref, duty.due.isoformat()


def _said(subject: str, case: Case | None, duty: Duty, now: Circumstances) -> str:
    """The words; today may lie beyond the calendar, what is due is told all the same."""
    try:
        return _words(subject, case, duty, now)
    except CalendarNotPublished as fault:
        limit = f"{now.law.alerts[duty.kind].label}{written_limit(duty.due, duty.provisional)}"
        return f"{subject}　{limit}{_after(duty.whom)}（{fault}）"


def _words_beside(subject: str, duty: Duty, now: Circumstances) -> str:
    """What is owed beside the path of an application."""
    rule = now.law.alerts[duty.kind]
    article = f"（{article_label(rule.article)}）"
    if duty.kind == "notice":
        return f"{duty.ref}年放假安排尚未录入{_after(duty.whom)}，国务院办公厅公布后请管理员录入"
    if duty.kind == "festivals":
        return (
            f"{duty.ref}年的法定节日尚未列入：跨入{duty.ref}年的期限无法计算，"
            "请管理员按放假办法补充"
        )
    if duty.kind == SERVICE:
        over = now.law.calendar.count(duty.due, now.today).fewest
        return (
            f"{subject}　告知书（{duty.whom}）{duty.due}发出，已过{over}个工作日，"
            f"尚未登记申请人收到{article}"
        )
    return f"{subject}　{_limit(rule.label, duty, now)}{article}"


def _words(subject: str, case: Case | None, duty: Duty, now: Circumstances) -> str:
    rule = now.law.alerts[duty.kind]
    article = f"（{article_label(rule.article)}）"
    if case is None:
        return _words_beside(subject, duty, now)
    head = f"{subject}　{masked(case.applicant)}　{case.stage}　"
    match duty.kind:
        case "supply":  # told to the department, too, which is to know nothing of who applied
            return f"{subject}　{_limit(rule.label, duty, now)}{_after(duty.whom)}{article}"
        case "receipt":
            alarm = unconfirmed(case, now.today, now.law)
            return alarm.sentence if alarm else f"{head}尚未确认收到{article}"
        case "correction" | "correction_delivery":
            return head + (
                correction_overdue(case, now.today, now.law) or _limit(rule.label, duty, now)
            )
        case "fee" | "fee_delivery":
            return head + (fee_overdue(case, now.today, now.law) or _limit(rule.label, duty, now))
        case "reasons" | "reasons_delivery":
            return head + (
                reasons_overdue(case, now.today, now.law) or _limit(rule.label, duty, now)
            )
        case "opinion" if _undelivered(case, duty):
            whom = _third_party_masked(duty.whom, case)
            return (
                f"{head}发给{whom}的征求意见书尚未登记送达日期，{duty.due}以后"
                f"本机关的答复期限恢复计算，请查询送达，继续办理{article}"
            )
        case "opinion" | "opinion_delivery":
            about = lapses_found(case, now, duty.ref)
            lapsed = "；".join(about) or f"{duty.whom}　{_limit(rule.label, duty, now)}"
            return head + _third_party_masked(lapsed, case)
        case "moved":
            moved = _limit(f"{moved_label(duty.ref)}{duty.whom}为", duty, now)
            article = article_label(now.law.alerts[MOVING[moved_what(duty.ref)]].article)
            return f"{head}放假安排、规定或者计算方法有变动，{moved}（{article}）"
        case "unknown":
            return f"{head}{rule.label}：{duty.whom}"
        case "reply":
            owed = "，仍应答复" if now.today > duty.due else ""
            return f"{head}{_limit(rule.label, duty, now)}{owed}{article}"
    return f"{head}{_limit(rule.label, duty, now)}{_after(duty.whom)}{article}"


def _undelivered(case: Case, duty: Duty) -> bool:
    """Whether it is only our own limit that runs again: whoever was asked has no limit yet (32, 33)."""
    return duty.kind == "opinion" and any(
        one.ref == duty.ref and one.delivered_on is None for one in case.opinions
    )


def _third_party_masked(words: str, case: Case) -> str:
    for one in case.opinions:
        if one.party == "third_party":
            words = words.replace(f"“{one.name}”", f"“{masked(one.name)}”")
    return words


def _limit(label: str, duty: Duty, now: Circumstances) -> str:
    left = days_left(Limit(duty.due, duty.provisional), now)
    return f"{label}{written_limit(duty.due, duty.provisional)}，{left}"


def _after(words: str) -> str:
    return f"，{words}" if words else ""


def _late(alerts: list[AlertRow], today: date) -> str:
    """That one should have been told before, and when: a late sweep says so."""
    missed = [one for one in alerts if one.due_on < one.found_on]
    if not missed:
        return ""
    days = "、".join(str(one.due_on) for one in missed[-3:])
    return f"［补发，原应于{days}提醒］"


def found_on(session: Session, day: date) -> list[AlertRow]:
    """The alerts that were found on a day."""
    return alert_rows.found(session, _FOUND_ON, {"day": day})


_FOUND_ON = alert_rows.alerts(Alert.found_on == bindparam("day")).order_by(col(Alert.due_on))
