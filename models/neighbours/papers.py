"""The papers of a case: materials filed with it, notes, copies that came back sealed (Arts. 33, 45).

A register of its own beside the case's history, under the case's number: a paper is added at any
time, before, during and after the case, also to one taken over from a ledger, and moves no clock, no
form and no count. An entry holds what a material is called, its digest, size and type, never its
content, which is sealed in a store of its own (flows/papers/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field
from sqlmodel import Session, col, select

from models.agency.material_rules import AskedMaterial, MaterialRules
from models.agency.officers import Role
from models.case.act import Circumstances, RegisterAct, blank
from models.case.case import Case
from models.case.recorded import by_whom
from models.errors import ActRefused, NoSuchCase
from models.register import numbers_meant, register
from models.register.neighbour import Neighbour, enter, entries
from models.store.tables import Application, Document, Entry, Event

DIGEST = r"^[0-9a-f]{64}$"
WHOEVER: tuple[Role, ...] = (Role.HANDLE, Role.REVIEW, Role.SECRECY, Role.HEAD, Role.SIGN)


class PapersStage(StrEnum):
    """Papers are added at every stage of a case; the value is what the officer reads."""

    OPEN = "在卷"


@dataclass(frozen=True)
class Material:
    """One material as it was filed.

    place = by which number it is known within the case, from 1; kind, type = keys of materials.toml
    digest = SHA-256 of its content, size in bytes; personal = goes with the applicant's particulars
    step = the act of the case that it belongs to, from 1; 0 = to the case as a whole
    letter = the number of the letter whose sealed copy it is; "" = of none
    withdrawn = why it is not in the file any more; "" = it is
    """

    place: int
    kind: str
    title: str
    type: str
    digest: str
    size: int
    on: date
    officer: str
    personal: bool = False
    step: int = 0
    letter: str = ""
    withdrawn: str = ""
    withdrawn_on: date | None = None


@dataclass(frozen=True)
class Note:
    """A note as it was written; to = for whom among the colleagues, "" = for the file."""

    words: str
    on: date
    officer: str
    to: str = ""


@dataclass
class Papers:
    """The papers of a case as their entries leave them."""

    number: str
    position: int = 0
    stage: PapersStage = PapersStage.OPEN
    last_act: str = ""
    materials: list[Material] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def in_file(self) -> list[Material]:
        """The materials that were not withdrawn."""
        return [one for one in self.materials if not one.withdrawn]

    def material(self, place: int) -> Material | None:
        """The material of a number within the case, withdrawn or not."""
        return self.materials[place - 1] if 0 < place <= len(self.materials) else None

    def sealed_copy(self, letter: str) -> Material | None:
        """The copy that a letter was issued as: the last that came back sealed and is in the file."""
        return next((one for one in reversed(self.in_file()) if one.letter == letter), None)


class PaperAct(RegisterAct[Papers]):
    """One act on the papers of a case; whoever works on it may do it, also after it is closed."""

    subject: ClassVar[str] = "案卷"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({PapersStage.OPEN})

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        return WHOEVER


class AddMaterial(PaperAct):
    """存入材料: a scan, an identity copy, the records found, a slip: what it is, not what is in it."""

    kind: ClassVar[str] = "material_added"
    title: ClassVar[str] = "存入材料"

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        return (
            *WHOEVER,
            Role.SUPPLY,
        )  # the records that a department found (flows/server/supply_pages.py)

    material: str = Field(title="材料种类", max_length=30)
    named: str = Field(title="材料名称", max_length=300)
    type: str = Field(title="文件格式", max_length=20)
    digest: str = Field(title="内容摘要（SHA-256）", pattern=DIGEST)
    size: int = Field(title="字节数", ge=1)
    personal: bool = Field(default=False, title="载有申请人的个人信息")
    step: int = Field(default=0, title="属于第几步", ge=0)

    def faults(self, case: Papers, now: Circumstances) -> list[str]:
        found = ["请填写材料名称"] if blank(self.named) else []
        same = [
            one
            for one in case.in_file()
            if (one.digest, one.kind, one.letter) == (self.digest, self.material, self._letter())
        ]
        if same:
            found.append(
                f"同样内容的材料已经存过（第{same[0].place}号“{same[0].title}”），没有重复存入"
            )
        return found

    def _letter(self) -> str:
        return ""

    def apply(self, case: Papers, on: date, officer: str) -> None:
        case.materials.append(
            Material(
                len(case.materials) + 1,
                self.material,
                self.named,
                self.type,
                self.digest,
                self.size,
                on,
                officer,
                self.personal,
                self.step,
                self._letter(),
            )
        )


class TakeSealedCopy(AddMaterial):
    """存入盖章件: the copy that came back sealed is the letter as it was issued, and is served (45)."""

    kind: ClassVar[str] = "sealed_copy_taken"
    title: ClassVar[str] = "存入盖章件"

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        return WHOEVER

    letter_number: str = Field(title="文书的文号", max_length=80)

    def _letter(self) -> str:
        return self.letter_number


class WithdrawMaterial(PaperAct):
    """撤出材料: what was filed by mistake; that it was there, and why it is not any more, stays."""

    kind: ClassVar[str] = "material_withdrawn"
    title: ClassVar[str] = "撤出材料"

    place: int = Field(title="材料的序号", ge=1)
    reason: str = Field(title="撤出的原因", max_length=500)

    def faults(self, case: Papers, now: Circumstances) -> list[str]:
        found = ["请写明撤出的原因"] if blank(self.reason) else []
        one = case.material(self.place)
        if one is None:
            return [*found, f"案卷中没有第{self.place}号材料"]
        if one.withdrawn:
            found.append(f"第{self.place}号材料已于{one.withdrawn_on}撤出")
        return found

    def apply(self, case: Papers, on: date, officer: str) -> None:
        one = case.materials[self.place - 1]
        case.materials[self.place - 1] = replace(one, withdrawn=self.reason, withdrawn_on=on)


class AddNote(PaperAct):
    """便签: what a colleague, or the file, is to know; it moves no clock and decides nothing."""

    kind: ClassVar[str] = "note_added"
    title: ClassVar[str] = "便签"

    words: str = Field(title="便签", max_length=5000)
    to: str = Field(default="", title="给谁", description="不填的，供全体查看", max_length=60)

    def faults(self, case: Papers, now: Circumstances) -> list[str]:
        return ["便签没有内容"] if blank(self.words) else []

    def apply(self, case: Papers, on: date, officer: str) -> None:
        case.notes.append(Note(self.words, on, officer, self.to))


PAPERS: Neighbour[Papers] = Neighbour(
    key="papers",
    label="案卷材料",
    acts={act.kind: act for act in (AddMaterial, TakeSealedCopy, WithdrawMaterial, AddNote)},
    begin=Papers,
    named=True,
)


def papers(session: Session, number: str) -> Papers:
    """The papers of a case; without any, where none were added. The case may be any that there is."""
    return PAPERS.replay(number, entries(session, PAPERS, number))


def file_papers(
    session: Session,
    number: str,
    acts: Sequence[PaperAct],
    now: Circumstances,
    at: datetime,
    submission: str | None = None,
) -> Papers:
    """Record acts on the papers of a case, all or none, in this order.

    submission = what they came with: it is known by it if it comes again
    Raises NoSuchCase; ActRefused with the reasons.
    """
    meant = numbers_meant.number_meant(session, number)
    if meant is None:
        raise NoSuchCase(number)
    session.get(Application, meant, with_for_update=True)  # one at a time (PostgreSQL)
    state = papers(session, meant)
    steps = session.exec(select(Event.position).where(Event.case_number == meant)).all()
    destroyed = register.case(session, meant).particulars_destroyed_on
    for n, act in enumerate(acts):
        refused = list(_misplaced(session, meant, act, len(steps), destroyed))
        if refused:
            raise ActRefused(refused)
        known_by = f"{submission}.{n}" if submission else None
        enter(session, PAPERS, state, act, now, at, known_by)
    return state


def _misplaced(
    session: Session, number: str, act: PaperAct, steps: int, destroyed: date | None
) -> Iterator[str]:
    """What the case itself has against a material: no such step, no such letter, destroyed already."""
    if not isinstance(act, AddMaterial):
        return
    if act.step > steps:
        yield f"本件只有{steps}步，没有第{act.step}步"
    if destroyed and act.personal:
        yield (
            f"申请人的个人信息已于{destroyed}销毁，不能再存入载有个人信息的材料"
            "（条例第四十五条、个人信息保护法第四十七条）"
        )
    if isinstance(act, TakeSealedCopy):
        asked = select(Document).where(Document.number == act.letter_number)
        letter = session.exec(asked).first()
        if letter is None or letter.case_number != number:
            yield f"本件没有文号为“{act.letter_number}”的文书"
        elif letter.voided_on:
            yield f"{act.letter_number}已于{letter.voided_on}作废，不能存入盖章件"


@dataclass(frozen=True)
class Missing:
    """A material that an act of the case asks for and has not: the act's number from 1, its title."""

    step: int
    title: str
    kinds: tuple[str, ...]
    reason: str


def missing(case: Case, found: Papers, rules: MaterialRules) -> list[Missing]:
    """What is not filed yet of what the case's acts ask for; it holds nothing up.

    A material answers for the act that it says it belongs to; one that belongs to the case as a whole
    for the first act that still asks for its kind.
    """
    at_large = [one.kind for one in found.in_file() if not one.step]
    there = {(one.step, one.kind) for one in found.in_file() if one.step}
    wanting = []
    for n, step in enumerate(case.steps, 1):
        for asked in rules.asked:
            if not _asks(asked, step.act):
                continue
            if any((n, kind) in there for kind in asked.kinds):
                continue
            loose = next((kind for kind in asked.kinds if kind in at_large), None)
            if loose is not None:
                at_large.remove(loose)
                continue
            wanting.append(Missing(n, step.act.title, asked.kinds, asked.reason))
    return wanting


def _asks(asked: AskedMaterial, act: Any) -> bool:
    way, result = getattr(act, "delivery", ""), getattr(act, "result", "")
    return (
        asked.act == act.kind
        and (not asked.ways or way in asked.ways)
        and (not asked.results or result in asked.results)
    )


def enclosures(found: Papers, rules: MaterialRules) -> list[Material]:
    """The materials in the file that go out to the applicant (随附材料), in the order they came in."""
    return [
        one for one in found.in_file() if one.kind in rules.kinds and rules.kinds[one.kind].given
    ]


def with_papers(session: Session) -> list[str]:
    """The cases to which papers were added, in order."""
    numbers = select(Entry.case_number).where(Entry.register_key == PAPERS.key).distinct()
    return list(session.exec(numbers.order_by(col(Entry.case_number))))


def kept(session: Session, number: str) -> list[tuple[Material, bool]]:
    """Every material of a case, and whether its content is to be there still.

    What was withdrawn may be gone; what bears an applicant's particulars is gone with them.
    """
    state = papers(session, number)
    if not state.materials:
        return []
    destroyed = register.case(session, number).particulars_destroyed_on is not None
    return [(one, not (one.withdrawn or (destroyed and one.personal))) for one in state.materials]


def notes_to(session: Session, readers: Collection[str], since: date) -> list[tuple[str, Note]]:
    """The notes written to one of these from a day on, each with its case, the latest first."""
    asked = select(Entry).where(
        Entry.register_key == PAPERS.key, Entry.kind == AddNote.kind, Entry.recorded_on >= since
    )
    found = session.exec(asked.order_by(col(Entry.recorded_at).desc())).all()
    return [
        (
            one.case_number,
            Note(one.facts["words"], one.on, by_whom(one.officer, one.facts), one.facts["to"]),
        )
        for one in found
        if one.facts.get("to") in readers
    ]
