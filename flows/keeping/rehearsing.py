"""演练: what would change if the office went over to this version? Its own register, replayed aside.

Limits, rows, table 三 and letters as this version and config/ make them are held against those that
the register keeps. Nothing of the office is written (flows/installation/read_aside.py).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import cache
from pathlib import Path

from sqlmodel import Session, col, func, select

from flows import office
from flows.installation import read_aside
from flows.installation.read_aside import Aside
from letters.letter.facts import letter_of
from letters.letter.words import Letter, plain_text
from models.acts import catalogue
from models.case.case import Case, Step
from models.law.citing import row_label
from models.law.statute import Statute
from models.law.workdays import Calendar
from models.soundness import integrity, pointed_to, replayed
from models.soundness.replayed import Change, Replayed, Rules, each_case
from models.store.tables import Document, Event
from models.words.days_told import told

Advance = Callable[[int, int], None]
SHOWN = 20  # numbers of cases in one line


@dataclass(frozen=True)
class Reworded:
    """A letter that would read otherwise: the lines that go, and those that come; or why not at all."""

    number: str
    case_number: str
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    unmade: str = ""


@dataclass
class Rehearsed:
    """All that a rehearsal found.

    letters   how many were written anew; beside = those of other registers, which were not
    lacking   what config/ would have to keep for the register to be read
    """

    replayed: Replayed = field(default_factory=Replayed)
    lacking: list[str] = field(default_factory=list)
    reworded: list[Reworded] = field(default_factory=list)
    letters: int = 0
    beside: int = 0
    upgraded: bool = False

    @property
    def changes(self) -> bool:
        """Whether anything would be otherwise."""
        one = self.replayed
        return bool(one.rows or one.spoilt or one.moved or self.reworded or self.lacking)


def rehearse(folder: Path | None, advance: Advance) -> Rehearsed:
    """Replay the office's register, or that of a backup, under this version. Raises NotReadable,
    UnsoundBackup, NewerRegister, ConfigFault.
    """
    law, found = office.law(), Rehearsed()
    where: AbstractContextManager[Aside] = (
        read_aside.of_office(office.database(), office.home())
        if folder is None
        else read_aside.of_backup(folder)
    )
    with where as aside, Session(aside.engine) as session:
        found.upgraded = aside.upgraded
        lacking = (
            pointed_to.of_law(session, law),
            pointed_to.of_agency(session, office.agency()),
        )
        found.lacking = [str(one.fault()) for one in lacking if one is not None]
        forms, today = office.annual_rules().forms, office.today()
        signed = replayed.signed_cells(session, today)
        rules = Rules(law, forms, today, aside.columns, signed)
        every = replayed.total(session)
        for done, (row, events) in enumerate(each_case(session), start=1):
            case = replayed.replay(found.replayed, row, events, rules)
            if case is not None and case.letters:
                _letters(found, session, case, events)
            advance(done, every)
        filed = session.exec(select(func.count()).select_from(Document)).one()
        of_cases = (
            select(func.count())
            .select_from(Document)
            .where(col(Document.case_number).in_(select(Event.case_number)))
        )
        found.beside = filed - session.exec(of_cases).one()
    aside.engine.dispose()
    return found


def _letters(found: Rehearsed, session: Session, case: Case, events: Sequence[Event]) -> None:
    """Write every letter of a case that stands anew, and hold it against the one that went out."""
    wanted = select(Document).where(Document.case_number == case.number)
    filed = {one.number: one for one in session.exec(wanted)}
    for event, number, words in anew(case.number, events, filed):
        document = filed.get(number)
        if document is None or document.voided_on is not None:
            continue
        found.letters += 1
        before = plain_text(Letter.from_json(document.letter)).splitlines()
        if isinstance(words, str):
            found.reworded.append(Reworded(number, event.case_number, unmade=words))
            continue
        now = plain_text(words).splitlines()
        if before != now:
            gone, come = differing(before, now)
            found.reworded.append(Reworded(number, event.case_number, gone, come))


def anew(
    number: str, events: Sequence[Event], filed: dict[str, Document]
) -> Iterator[tuple[Event, str, Letter | str]]:
    """Each letter of a case as it would be written where it was issued, or why it cannot be."""
    case, agency = Case(number), office.agency()
    for event in events:
        at = event.recorded_at.replace(tzinfo=event.recorded_at.tzinfo or UTC)
        borne = tuple(_borne(case, filed))
        act = catalogue.act_of(event)
        case.take(Step(act, event.on, event.recorded_on, event.officer, (), at))
        for one in event.letters:
            kind, bears, dated = one["kind"], one["number"], date.fromisoformat(one["dated"])
            as_template = case.draft.outcome if kind == "reply" and case.draft else kind
            try:
                law = _law_of(dated)
                yield event, bears, letter_of(as_template, case, bears, dated, law, agency, borne)
            except integrity.SPOILT as fault:
                yield event, bears, str(fault)
            case.issued(kind, bears, dated)


def _borne(case: Case, filed: dict[str, Document]) -> Iterator[tuple[str, str]]:
    for one in case.letters:
        if one.number in filed:
            yield one.kind, str(json.loads(filed[one.number].letter)["title"])


def _law_of(dated: date) -> Statute:
    """The law, with the holiday notices that were out when a letter was dated: a later one is no
    change of version.
    """
    law = office.law()
    years = range(law.calendar.first_year, law.calendar.last_year + 1)
    later = frozenset(
        year
        for year in years
        if (papers := law.calendar.papers(year)) and min(one.published for one in papers) > dated
    )
    return (
        law.with_calendar(_calendar(office.config(), law.calendar.mark(), later)) if later else law
    )


@cache
def _calendar(config: Path, _mark: str, hide: frozenset[int]) -> Calendar:
    return Calendar.load(config / "workdays", hide=hide)


def differing(before: Sequence[str], now: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of a text that go, and those that come in their places."""
    gone, come = list[str](), list[str]()
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    for what, first, last, begin, end in matcher.get_opcodes():
        if what != "equal":
            gone += [line.strip() for line in before[first:last] if line.strip()]
            come += [line.strip() for line in now[begin:end] if line.strip()]
    return tuple(gone), tuple(come)


# ── in words ──────────────────────────────────────────────────────────────────────────────────


def lines(found: Rehearsed) -> Iterator[str]:
    """What a rehearsal found, in the words of whoever decides on the new version."""
    one = found.replayed
    yield f"演练：用本版本重新推演登记簿的{one.cases}件申请、{found.letters}份文书，登记簿未作任何改动"
    if found.upgraded:
        yield "登记簿的结构须升级（演练所用的副本已升级）"
    for fault in found.lacking:
        yield f"【配置】{told([fault])}"
    for number, reason in one.spoilt:
        yield f"【不能推演】申请 {number}：{told([reason])}"
    yield from _rows("期限", [each for each in one.rows if each.what in replayed.LIMITS.values()])
    yield from _rows(
        "登记簿", [each for each in one.rows if each.what not in replayed.LIMITS.values()]
    )
    for (year, code, column), (gone, come) in sorted(one.moved.items()):
        yield f"【表三】{year}年 {row_label(code)} {column}：{_moved(gone, come)}"
    for letter in found.reworded:
        yield from _reworded(letter)
    if found.beside:
        yield f"说明：{found.beside}份更正申请等其他登记的文书没有重写比较"
    if one.closed:
        numbers = _numbers([each.number for each in one.closed])
        yield f"说明：已办结的，期限如重新计算与当时登记的不同（不改动，不影响年报）：{numbers}"
    if not found.changes:
        yield "换用本版本，期限、表三、文书都没有变化"


def _rows(what: str, changes: Sequence[Change]) -> Iterator[str]:
    for one in changes:
        was, now = one.was, one.now
        yield f"【{what}】申请 {one.number}　{one.what}：{was} → {now}"


def _moved(gone: Sequence[str], come: Sequence[str]) -> str:
    parts = [("减", gone), ("增", come)]
    return "；".join(f"{sign}{len(some)}件（{_numbers(some)}）" for sign, some in parts if some)


def _numbers(some: Sequence[str]) -> str:
    named = sorted(set(some))
    return "、".join(named[:SHOWN]) + (f"等{len(named)}件" if len(named) > SHOWN else "")


def _reworded(letter: Reworded) -> Iterator[str]:
    what = f"【文书】{letter.number}（申请 {letter.case_number}）"
    if letter.unmade:
        yield f"{what}：按本版本不能写出（{told([letter.unmade])}）"
        return
    yield f"{what}，按本版本改为："
    yield from (f"　　原：{line}" for line in letter.gone)
    yield from (f"　　新：{line}" for line in letter.come)
