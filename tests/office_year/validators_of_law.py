"""What the law says of the year, by another hand: limits, rows, cells, what forms may offer, words."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, select

from flows import office
from flows.path import forms, recording
from flows.shown.dossier import dossier
from models.acts import catalogue
from models.case.stage import Stage
from models.register import register
from models.report_tables.identities import checks
from models.store.tables import Application, Document, Refusal
from models.year.year_figures import tables_of
from tests.office_year.by_hand import (
    DELIVERED,
    OPINION_DAYS,
    Count,
    Told,
    Unpublished,
    cells_of,
    forbidden,
    is_plain,
    is_plain_or_ordered,
    last_day,
    row_of,
    row_when_supplemented,
    waited_for,
)
from tests.office_year.machine import english
from tests.office_year.told import told_of
from tests.office_year.world import Office, cells

NAME = "[一-龥]+(?:书|单|函|回执)"  # of a letter, before its number
WORD = len("告知书")
UNSERVED = "送达尚未登记"
ANSWERS_ONE = ("consultation_delivered", "consultation_ended")  # by the place of what was asked
GIVES = ("drafted_granted", "drafted_partly_granted")


def limits(one: Office, session: Session) -> Iterator[str]:
    """The last day of every case of a plain course, also when ordered to answer again, counted by
    another hand.
    """
    count = Count(one.config / "workdays")
    told = told_of(session)
    for row in session.exec(select(Application)):
        if not is_plain_or_ordered(told[row.number]):
            continue
        try:
            expected = last_day(told[row.number], count)
        except Unpublished:
            continue
        found = row.last_day
        if row.stage == Stage.CLOSED:  # its row is as it was closed, whatever notices came since
            limit = register.case(session, row.number).deadline(office.law())
            found = limit.last_day if limit else None
        if expected not in (None, found):
            yield f"{row.number} 期限 {found}，另一种算法得 {expected}"


def rows(_one: Office, session: Session) -> Iterator[str]:
    """The row of every case answered once, told by hand."""
    fixed, told = _fixed_rows(), told_of(session)
    for row in session.exec(select(Application)):
        history = told[row.number]
        expected = row_of(history, fixed) if is_plain(history) else None
        expected = expected or row_when_supplemented(history, fixed)
        if expected and row.stage == Stage.CLOSED and row.row != expected:
            yield f"{row.number} 列入 {row.row}，应为 {expected}"


def _fixed_rows() -> dict[str, str]:
    folder = office.config() / "statute" / "outcomes.toml"
    listed = tomllib.loads(folder.read_text("utf-8"))["outcome"]
    return {row["key"]: row["row"] for row in listed if "row_choice" not in row}


def forms_offer_what_the_law_allows(_one: Office, session: Session) -> Iterator[str]:
    """Each open case's form has a tab for every act that is lawful now, and no other."""
    for row in session.exec(select(Application)):
        if row.stage == Stage.CLOSED:
            continue
        case = register.case(session, row.number)
        now = recording.same_applicant.informed(session, case, office.circumstances(case.officer))
        shown = forms.point(session, case).schema
        titles = {tab["title"] for tab in shown.get("anyOf", [shown])}
        lawful = {act.tab for act in catalogue.lawful(case, now) if not act.procedural}
        lawful &= {act.tab for act in catalogue.tabs(case, now)}
        if "返回" not in titles and not lawful <= titles:
            yield f"{row.number} 的表单没有 {lawful - titles}"


def forms_offered(one: Office, session: Session) -> Iterator[str]:
    """No form of the year offered what the law forbade where the case stood, by another hand; the
    form after a receipt asks whose the information is (10).
    """
    told = told_of(session)
    for shown in one.offered:
        before = told[shown.number][: shown.position]
        if not is_plain(before) or not before or len(before) < shown.position:
            continue
        for kind in sorted(forbidden(before) & shown.kinds):
            yield f"{shown.number} {shown.day} 第{shown.position}步的表单不该有 {kind}"
        if before[-1].kind == "received" and shown.first and "found_ours" not in shown.kinds:
            yield f"{shown.number} {shown.day} 第{shown.position}步的表单没有 found_ours"


def cells_by_hand(one: Office, session: Session) -> Iterator[str]:
    """Every case of a plain course stands in the cells of table 三 where another hand counts it."""
    rows = _fixed_rows()
    table = tables_of(session, one.year, one.day, office.law(), office.annual_rules()).table3
    leaves = {"1", "2", "4", *table.form.result_codes}
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (code, column), numbers_there in cells(table).items():
        for number in numbers_there:
            if code in leaves and column != table.form.total:
                found[number].add((code, column))
    told, anew = told_of(session), "by correction" in one.parts
    for number, history in told.items():
        drafts = [each for each in history if each.kind.startswith("drafted_")]
        if not is_plain(history) or (drafts and row_of(history, rows) is None and _closed(history)):
            continue
        kind = str(history[0].facts["applicant_kind"])
        expected = cells_of(kind, history, rows, one.year, by_correction=anew)
        if found[number] != expected:
            yield f"{number} 计在 {sorted(found[number])}，应在 {sorted(expected)}"


def _closed(history: list[Told]) -> bool:
    return any(each.kind == "replied" for each in history)


def tables(one: Office, session: Session) -> Iterator[str]:
    """Table 三 balances, and is as of each earlier day what it was on that day."""
    law, rules = office.law(), office.annual_rules()
    table = tables_of(session, one.year, one.day, law, rules).table3
    yield from (check.message for check in checks(table) if not check.ok)
    for then, found in one.tables_then.items():
        now = tables_of(session, one.year, then, law, rules).table3
        if cells(now, one.under_way_then[then]) != found:
            yield f"截至{then}的表三变了"


# words ────────────────────────────────────────────────────────────────────────────────────────
def words(one: Office, session: Session) -> Iterator[str]:
    """What was shown of a case says where a notice to correct or to pay that is waited for is not known
    to have been served, above every form and in its file; what was refused is told in Chinese.
    """
    told, count = told_of(session), Count(one.config / "workdays")
    seen = [(each.number, each.position, each.words) for each in one.offered]
    for row in session.exec(select(Application).where(Application.stage != Stage.CLOSED)):
        shown = dossier(session, row.number, office.circumstances("")).markdown()
        seen.append((row.number, len(told[row.number]), shown))
    for number, position, shown in seen:
        before = told[number][:position]
        try:
            notice = waited_for(before, count) if is_plain(before) else None
        except Unpublished:
            continue
        if notice is None:
            continue
        served = DELIVERED[notice.kind] in {each.kind for each in before[before.index(notice) :]}
        if (UNSERVED in shown) == served:
            yield f"{number} 第{position}步{'不该写' if served else '没有写'}{UNSERVED}"
    for refused in session.exec(select(Refusal)):
        if found := english(refused.reason):
            yield f"{refused.case_number} 的退回理由有英文 {found[:5]}：{refused.reason[:200]}"


def called_as_they_went_out(_one: Office, session: Session) -> Iterator[str]:
    """A letter names one before it of the same case as that was called when it went out, or by the end
    of that title (告知书); where it states its number, by nothing else.
    """
    titles: dict[str, set[str]] = defaultdict(set)
    of_case: dict[str, list[Document]] = defaultdict(list)
    for letter in session.exec(select(Document).order_by(Document.position)):  # type: ignore[arg-type]
        titles[letter.series].add(_title(letter))
        of_case[letter.case_number].append(letter)
    for number, letters in of_case.items():
        for n, letter in enumerate(letters):
            before = {
                each.series: _title(each) for each in letters[:n] if each.series != letter.series
            }
            for series, was in before.items():
                said = {one for one in titles[series] - {was} if one in letter.letter}
                if said and was not in letter.letter:
                    yield f"{number} 的 {letter.number} 称“{was}”为{said}"
            for each in letters[:n]:
                for name in re.findall(f"({NAME})（{each.number}）", letter.letter):
                    if not _title(each).endswith(name[-WORD:]):
                        yield f"{number} 的 {letter.number} 称 {each.number} 为“{name}”"


def _title(letter: Document) -> str:
    return recording.Letter.from_json(letter.letter).title


def objections(one: Office, session: Session) -> Iterator[str]:
    """No letter gives what somebody was asked about in an application that it answers, too, while he
    may still answer or has objected (15, 32).
    """
    told, count = told_of(session), Count(one.config / "workdays")
    at = {(number, n): each for number, history in told.items() for n, each in enumerate(history)}
    for (number, n), step in at.items():
        if step.kind != "signed":
            continue
        before = told[number][:n]
        drafts = [each.kind for each in before if each.kind.startswith("drafted_")]
        joined = [each for each in before if each.kind == "answers_joined"]
        if not joined or drafts[-1] not in GIVES:
            continue
        for line in str(joined[-1].facts["together"]).splitlines():
            other = line.partition("　")[0].strip()
            if unheard(told[other], step.on, count):
                yield f"{number} 于{step.on}签发，一并答复的{other}有第三方没有同意"


def unheard(history: list[Told], on: date, count: Count) -> bool:
    """Whether somebody who was asked by a day objects, or may still do so on it: for 15 working days
    from the day on which he had the letter (32).
    """
    until, objects = list[date | None](), False
    for each in history:
        if each.on > on:
            break
        place = int(each.facts["ref"]) - 1 if each.kind in ANSWERS_ONE else 0
        match each.kind:
            case "consultation_started":
                until.append(count.after(each.on, OPINION_DAYS))
            case "consultation_delivered":
                until[place] = count.after(each.on, OPINION_DAYS)
            case "consultation_ended":
                until[place] = None
                objects |= each.facts.get("view") != "agree"
    return objects or any(last and on <= last for last in until)
