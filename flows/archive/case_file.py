"""What is in the file of a closed case, and in which order? (Art. 45; DA/T 22)

Each paper once. What is missing is named, and so is what cannot be a page; nothing here depends on the
day on which it is asked, so that the same case gives the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from sqlmodel import Session

from flows import office
from flows.shown.dossier import bound
from flows.shown.paper_lines import file_name, missing_lines
from flows.shown.row_words import masked
from letters.letter.office_forms import supply_request
from letters.letter.record import Section
from letters.letter.words import Letter
from models.acts.afterwards.archiving import HandToArchive
from models.agency.archive_rules import DOSSIER, REPLY, SUPPLY, ArchiveRules
from models.case.act import Circumstances
from models.case.case import Case
from models.case.personal import PARTICULARS
from models.case.stage import Stage
from models.errors import DisclosureError
from models.law.citing import row_label
from models.law.workdays import written
from models.neighbours.papers import Material, Papers, papers
from models.register import filed_letters, numbers_meant, register
from models.store.tables import Document

RECORD: Final = "政府信息公开申请办理卷宗"
_NOT_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_LONGEST_NAME: Final = 60
_SHORTEST_MASKED: Final = 2

Words = Callable[[str], str]


class NotClosed(DisclosureError):
    """A case that is not closed has no file yet."""

    def __init__(self, number: str, stage: Stage) -> None:
        super().__init__(f"{number} 尚未办结（{stage}），不能归档（条例第四十五条）")


@dataclass(frozen=True)
class Paper:
    """One paper of the file: a letter in its words, a material, or the record of what was done.

    part = which part of the file, from 0; by = who made it; name = of its original, without an ending
    copy = what came back sealed and stands for the letter; remark = what whoever looks is to know
    """

    part: int
    title: str
    on: date
    name: str
    by: str = ""
    number: str = ""
    remark: str = ""
    letter: Letter | None = None
    material: Material | None = None
    sections: tuple[Section, ...] = ()

    @property
    def copy(self) -> Material | None:
        """The sealed copy, where it is bound instead of the letter's words."""
        return self.material if self.letter else None


@dataclass(frozen=True)
class CaseFile:
    """The file of a closed case before it is bound.

    dated = the last day on which anything was recorded in it; cover = label and words, a row each
    replaced = materials that another stands for; situation = what is missing, left out, destroyed
    """

    number: str
    agency: str
    dated: date
    particulars: bool
    cover: tuple[tuple[str, str], ...]
    papers: tuple[Paper, ...]
    replaced: tuple[tuple[Material, str], ...] = ()
    situation: tuple[str, ...] = ()


def case_file(
    session: Session, asked: str, now: Circumstances, *, particulars: bool = True
) -> CaseFile:
    """What is in the file of a closed case; particulars = with what shows who the applicant is.

    Raises NoSuchCase, NotClosed.
    """
    number = numbers_meant.number_of(session, asked)
    case = register.case(session, number)
    if case.stage is not Stage.CLOSED:
        raise NotClosed(number, case.stage)
    found, rules = papers(session, number), office.archive_rules()
    dated = _dated(session, case, found)
    now = replace(now, today=dated, officer="")
    words = _unchanged if particulars else _masking(session, case)
    every = [
        *_letters(session, case, found, words, rules, now),
        *_materials(case, found, words, rules, now, particulars=particulars),
        *_supplies(case, words, rules, now),
        _record(session, case, words, rules, now, dated, particulars=particulars),
    ]
    every.sort(
        key=lambda one: (one.part, bool(one.sections), one.letter is None, one.on, one.number)
    )
    replaced = [(replace(one, title=words(one.title)), why) for one, why in _replaced(found)]
    return CaseFile(
        number,
        now.agency.name,
        dated,
        particulars,
        tuple((label, words(said)) for label, said in _cover(case, rules, now, dated)),
        tuple(every),
        tuple(replaced) if particulars else (),
        tuple(words(said) for said in _situation(case, found, rules, particulars=particulars)),
    )


def _dated(session: Session, case: Case, found: Papers) -> date:
    """The last day on which anything was recorded in it, its handing over apart."""
    days = [
        event.recorded_on
        for event in register.events(session, case.number)
        if event.kind != HandToArchive.kind
    ]
    return max([*days, *(one.on for one in found.in_file()), *(one.on for one in found.notes)])


# ── who the applicant is ──────────────────────────────────────────────────────────────────────
def _unchanged(words: str) -> str:
    return words


def _masking(session: Session, case: Case) -> Words:
    """Hides the names of applicants, agents and third parties, and what identifies and reaches them."""
    names = {case.applicant, *case.co_applicants, case.agent, case.handed_to}
    names |= {one.name for one in case.opinions if one.party == "third_party"}
    names |= {one.person for one in (*case.served, *case.bounced)}
    if case.handover:
        names.add(case.handover.person)
    for step in case.steps:  # who left since, and what an erratum has put right
        names |= {str(getattr(step.act, name, "")) for name in ("applicant", "who", "agent")}
    person = register.applicant(session, case.number)
    kept = [line for name in PARTICULARS for line in getattr(person, name).splitlines()]
    hidden = {one: masked(one) for one in names if len(one) >= _SHORTEST_MASKED}
    hidden |= {said: "＊" * 6 for line in kept if len(said := line.rpartition("：")[2]) > 3}
    longest_first = sorted(hidden, key=len, reverse=True)
    if not longest_first:
        return _unchanged
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda words: pattern.sub(lambda one: hidden[one[0]], words)


def _letter_in(letter: Letter, words: Words) -> Letter:
    def told(value: Any) -> Any:
        if isinstance(value, str):
            return words(value)
        if isinstance(value, dict):
            return {name: told(one) for name, one in value.items()}
        return [told(one) for one in value] if isinstance(value, list | tuple) else value

    if words is _unchanged:
        return letter
    return Letter.from_json(json.dumps(told(asdict(letter)), ensure_ascii=False))


# ── the papers ────────────────────────────────────────────────────────────────────────────────
def _letters(
    session: Session,
    case: Case,
    found: Papers,
    words: Words,
    rules: ArchiveRules,
    now: Circumstances,
) -> Iterator[Paper]:
    """Each letter, also one that was voided; what came back sealed stands for it."""
    dated = {one.number: one.dated for one in case.letters}
    for document in filed_letters.documents(session, case.number):
        letter = _letter_in(Letter.from_json(document.letter), words)
        copy = found.sealed_copy(document.number)
        if copy and words is not _unchanged and copy.kind in rules.identifying:
            copy = None
        yield Paper(
            rules.place_of_letter(_kind(document, now)),
            letter.title,
            dated[document.number],
            words(f"{letter.title}（{document.number}）"),
            by=now.agency.name,
            number=document.number,
            remark="；".join(_of_letter(document, copy)),
            letter=letter,
            material=copy,
        )


def _kind(document: Document, now: Circumstances) -> str:
    return document.kind if document.kind in now.law.letters else REPLY


def _of_letter(document: Document, copy: Material | None) -> Iterator[str]:
    if copy:
        yield "盖章件"
    if document.voided_on:
        yield f"{written(document.voided_on)}作废"


def _materials(
    case: Case,
    found: Papers,
    words: Words,
    rules: ArchiveRules,
    now: Circumstances,
    *,
    particulars: bool,
) -> Iterator[Paper]:
    """Each material once, however often its content was filed."""
    kinds = office.material_rules()
    seen = set[str]()
    for one in _bindable(found):
        if one.digest in seen or _gone(case, one):
            continue
        seen.add(one.digest)
        if not particulars and one.kind in rules.identifying:
            continue
        own = kinds.kinds[one.kind].personal if one.kind in kinds.kinds else one.personal
        also = [
            kinds.label(other.kind)
            for other in _bindable(found)
            if other.digest == one.digest and other.place != one.place
        ]
        yield Paper(
            rules.place_of_material(one.kind),
            words(one.title),
            one.on,
            words(one.title),
            by=words(case.applicant) if own else "",
            remark=f"也存为{'、'.join(also)}" if also else kinds.label(one.kind),
            material=replace(one, title=words(one.title)),
        )


def _bindable(found: Papers) -> Sequence[Material]:
    return [one for one in found.in_file() if not one.letter]


def _gone(case: Case, one: Material) -> bool:
    return bool(case.particulars_destroyed_on and one.personal)


def _replaced(found: Papers) -> Iterator[tuple[Material, str]]:
    """Sealed copies in whose place a later one was taken."""
    for one in found.in_file():
        if one.letter and found.sealed_copy(one.letter) != one:
            yield one, f"{one.letter}已换用另一份盖章件"


def _supplies(case: Case, words: Words, rules: ArchiveRules, now: Circumstances) -> Iterator[Paper]:
    for one in case.supplies:
        letter = _letter_in(supply_request(case, one, now.law, now.agency), words)
        title = f"协办单（{one.department}，{one.ref}）"
        yield Paper(
            rules.place_of_letter(SUPPLY),
            title,
            one.asked_on,
            title,
            by=now.agency.name,
            letter=letter,
        )


def _record(
    session: Session,
    case: Case,
    words: Words,
    rules: ArchiveRules,
    now: Circumstances,
    dated: date,
    *,
    particulars: bool,
) -> Paper:
    """What was done, step by step, with what identifies the applicant where that is wanted."""
    sections = list(bound(session, case.number, now))
    if particulars and not case.particulars_destroyed_on:
        person = register.applicant(session, case.number)
        lines = [
            f"{title}：{getattr(person, name) or '未登记'}" for name, title in PARTICULARS.items()
        ]
        sections.insert(1, Section("申请人的联系方式", tuple(lines)))
    told = tuple(Section(one.heading, tuple(map(words, one.lines))) for one in sections)
    return Paper(
        rules.place_of_letter(DOSSIER),
        RECORD,
        dated,
        RECORD,
        by=now.agency.name,
        sections=told,
    )


# ── cover and 备考表 ──────────────────────────────────────────────────────────────────────────
def _cover(
    case: Case, rules: ArchiveRules, now: Circumstances, dated: date
) -> Iterator[tuple[str, str]]:
    row, outcome = case.row(now.law), now.law.outcomes.get(case.outcome or "")
    counted = f"年报表三{row_label(row)}" if row else "已注销登记"
    began = min((case.arrived_on, *(step.on for step in case.steps)))
    yield "案卷题名", f"{case.applicant}申请公开政府信息（{case.number}）"
    yield "申请内容", case.request
    yield "办理结果", f"{outcome.label}（{counted}）" if outcome else counted
    yield "起止日期", f"{written(began)}至{written(dated)}"
    yield "办结日期", written(case.closed_on) if case.closed_on else ""
    yield "承办人", case.officer
    yield "保管期限", rules.kept
    yield "全宗号", ""
    yield "目录号、案卷号", ""


def _situation(
    case: Case, found: Papers, rules: ArchiveRules, *, particulars: bool
) -> Iterator[str]:
    """What is missing, was destroyed, or is left out on purpose."""
    for words in missing_lines(case, found):
        yield f"尚缺：{words}。"
    if destroyed := case.particulars_destroyed_on:
        yield (
            f"申请人的个人信息已于{destroyed}销毁（个人信息保护法第四十七条），"
            "载有个人信息的材料不在卷内。"
        )
    withdrawn = len(found.materials) - len(found.in_file())
    if withdrawn:
        yield f"另有{withdrawn}份误存的材料已经撤出，撤出的原因在登记簿中。"
    if not particulars:
        kinds = office.material_rules()
        left = [
            f"{kinds.label(one.kind)}“第{one.place}号”"
            for one in found.in_file()
            if one.kind in rules.identifying and not _gone(case, one)
        ]
        yield "本卷不含个人信息：姓名已遮盖。"
        if left:
            yield f"未装订可以看出当事人的材料{len(left)}份：{'、'.join(left)}。"


def original_name(n: int, paper: Paper, ending: str) -> str:
    """The name of an original in its folder: its place in the file, and what it is."""
    return f"{n:03d} {_safe(paper.name)}{ending}"


def material_name(n: int, one: Material) -> str:
    """The name of a material's original."""
    name = file_name(one)
    stem, dot, ending = name.rpartition(".")
    return f"{n:03d} {_safe(stem if dot else name)}{dot}{ending if dot else ''}"


def _safe(name: str) -> str:
    return _NOT_IN_NAMES.sub("_", name).strip(" .")[:_LONGEST_NAME] or "未命名"
