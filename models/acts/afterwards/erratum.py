"""What if a date or a name was recorded wrongly? It is put right by one more act (Art. 45).

The register only grows: what was recorded stays in the record, and so does what is right, why, and
who says so. From then on the case stands, is limited and counted as if it had been recorded rightly
at once; a report as of an earlier day still counts what was known then.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from models.acts.former_words import titles
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import ConfirmReceipt, Register
from models.acts.reply.outcome import DraftReply
from models.agency.officers import Role
from models.case.act import Act, Circumstances, blank
from models.case.case import UNDO, Case, Step
from models.case.stage import Stage
from models.errors import ActRefused, ImpossibleHistory
from models.law.citing import row_code, row_label
from models.law.statute import Statute
from models.law.workdays import written

WRITTEN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
SHOWN = 30
WORDS = frozenset(
    {
        *("applicant", "applicant_kind", "co_applicants", "written_by", "agent", "authority"),
        *("request", "form_wanted"),
    }
)
OF_LEDGER = frozenset(
    {(Register.kind, "channel"), (ImportedReceipt.kind, "note"), (ImportedResult.kind, "row")}
)
"""What else an earlier ledger states of an application: put right from the ledger alone."""
CODED = Register.coded | ImportedResult.coded
RECEIPT = ((Register.kind, "arrived_on"), (ConfirmReceipt.kind, "received_on"))


@dataclass(frozen=True)
class Entry:
    """What was recorded in one field of one step; place = the step's, counted from 0."""

    place: int
    kind: str
    name: str
    title: str
    value: str
    is_day: bool

    @property
    def key(self) -> str:
        return f"{self.place}.{self.name}"

    def said(self, law: Statute) -> str:
        """The entry and what it says, for whoever picks it or reads of it."""
        words = textwrap.shorten(self.in_words(self.value, law), SHOWN, placeholder="……")
        return f"第{self.place + 1}步“{self.title}”（{words or '未填'}）"

    def in_words(self, value: str, law: Statute) -> str:
        """A value of this entry in words: a day, a channel, a row of table 三."""
        match (self.kind, self.name):
            case (Register.kind, "channel") if value in law.channels:
                return law.channels[value].label
            case (ImportedResult.kind, "row"):
                return row_label(row_code(value))
        day = _day(value) if self.is_day else None
        return written(day) if day else value

    def unreadable(self, value: str) -> str | None:
        """Why this cannot be what should have been recorded; None if it can."""
        if self.is_day and _day(value) is None:
            return f"“{self.title}”应为日期，如 2026-03-02"
        return None


class Erratum(Act):
    """勘误: facts of earlier steps were recorded wrongly; what is right counts instead (Art. 45).

    It moves limits and columns of the report, so the head of the office records it, not whoever
    would be late. It must leave sound what was sound: no step may become impossible by it. The date
    that a letter bears is no entry: the letter itself is voided, and made anew.
    """

    kind: ClassVar[str] = "erratum"
    title: ClassVar[str] = "勘误"
    tab: ClassVar[str] = "勘误"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset(Stage)
    role: ClassVar[Role] = Role.HEAD
    coded: ClassVar[frozenset[str]] = frozenset({"entries"})

    entries: tuple[str, ...] = Field(title="登记有误的事项", description="步.项")
    value: str = Field(title="应为", description="日期写作 2026-03-02", max_length=20000)
    reason: str = Field(
        title="勘误的理由",
        description="怎样发现的，以什么为凭；已发出的文书不随之改变",
        max_length=1000,
    )

    @classmethod
    def legible(cls, facts: Mapping[str, Any]) -> Iterator[Any]:
        """What should have stood in a coded field is a code itself."""
        names = {name for _, name in map(_parted, facts.get("entries", ()))}
        code = {"value"} if names & CODED else set()
        return super().legible({name: of for name, of in facts.items() if name not in code})

    def said(self, case: Case, now: Circumstances) -> Iterator[tuple[str, str]]:
        named = self._named(case)
        for entry in named:
            yield "登记有误的事项", entry.said(now.law)
        yield "应为", named[0].in_words(self.value, now.law) if named else self.value
        yield "勘误的理由", self.reason

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        named = self._named(case)
        if blank(self.reason):
            return ["请填写勘误的理由"]
        if not named or len(named) != len(self.entries):
            return ["没有这一步，或者这一步没有可以勘误的这一项"]
        if all(entry.value == _held(entry.kind, entry.name, self.value) for entry in named):
            words = named[0].in_words(self.value, now.law)
            return [f"登记簿所载就是“{words}”，没有可以勘误的"]
        unreadable = [said for entry in named if (said := entry.unreadable(self.value))]
        unreadable += [said for entry in named if (said := _unknown(entry, self.value, now.law))]
        if unreadable:
            return unreadable
        try:
            steps = self._steps(case)
        except ValidationError:
            return [f"“{named[0].title}”不能这样填写"]
        return [*_on_letters(case.steps, steps), *_no_longer_sound(case, steps, now)]

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.become(retold(case.number, self._steps(case)))

    def _steps(self, case: Case) -> list[Step]:
        return [self.amended(place, step) for place, step in enumerate(case.steps)]

    def amended(self, place: int, step: Step) -> Step:
        """The step at a place as it should have been recorded; ValidationError if it cannot be."""
        names = [name for at, name in map(_parted, self.entries) if at == place]
        if not names:
            return step
        act: Act = step.act.model_copy()
        for name in names:  # what is put right is judged; the rest stands as it was recorded
            held = _held(act.kind, name, self.value)
            act.__pydantic_validator__.validate_assignment(act, name, held)
        return replace(step, act=act, on=act.effective_on(step.recorded_on))

    def not_undone(self) -> str:
        return "勘误有误的，再办理一次勘误"

    def touches(self, case: Case, on: date) -> list[tuple[str, date]]:
        """The steps put right: their days as they were and as they are, and both dates."""
        found = [(self.kind, on)]
        for entry in self._named(case):
            step = case.steps[entry.place]
            found += [(entry.kind, step.on), (entry.kind, self.amended(entry.place, step).on)]
            found += [(entry.kind, day) for day in map(_day, (entry.value, self.value)) if day]
        return found

    def _named(self, case: Case) -> list[Entry]:
        return [entry for entry in entries(case) if entry.key in self.entries]


def entries(case: Case) -> list[Entry]:
    """What an erratum may put right: the days stated, and who applied for what.

    Not what an answer states (改稿), nor the law's own counts. Of an application that a ledger brought,
    all that it states.
    """
    of_ledger = any(isinstance(step.act, ImportedReceipt) for step in case.steps[1:2])
    return [
        Entry(
            place,
            step.act.kind,
            name,
            field.title or name,
            _stated(step.act, name),
            is_day=name not in WORDS and (step.act.kind, name) not in OF_LEDGER,
        )
        for place, step in enumerate(case.steps)
        if not step.undone
        for name, field in [
            *may_be_wrong(type(step.act)),
            *(_of_ledger(type(step.act)) if of_ledger else ()),
        ]
    ]


def may_be_wrong(act: type[Act]) -> list[tuple[str, FieldInfo]]:
    """The fields of an act that state a day, or who applied for what."""
    if issubclass(act, DraftReply | Erratum):
        return []
    days = (date, date | None)
    return [(n, f) for n, f in act.model_fields.items() if f.annotation in days or n in WORDS]


def _of_ledger(act: type[Act]) -> Iterator[tuple[str, FieldInfo]]:
    return ((n, f) for n, f in act.model_fields.items() if (act.kind, n) in OF_LEDGER)


def _held(kind: str, name: str, value: str) -> str:
    """What the field of an act holds of a value: of a row of table 三, its code."""
    return row_code(value) if (kind, name) == (ImportedResult.kind, "row") else value


def _unknown(entry: Entry, value: str, law: Statute) -> str | None:
    """Why this is no channel, or no result, that there is; None if it is one."""
    if (entry.kind, entry.name) == (Register.kind, "channel") and value not in law.channels:
        labels = "、".join(dict.fromkeys(one.label for one in law.channels.values()))
        return f"“{entry.title}”应为{labels}之一，而不是“{value}”"
    if (entry.kind, entry.name) == (ImportedResult.kind, "row"):
        rows = {row.row for row in law.outcomes.rows}
        rows |= {row.rpartition(".")[0] for row in rows}
        if row_code(value) not in rows:
            return f"“{entry.title}”应为表三的行次（如 三（四）1），而不是“{value}”"
    return None


def wrong_entries(case: Case, title: str, step: int, law: Statute) -> tuple[str, ...]:
    """The entries that an officer means: the title of a field, and the step (1, 2 …; 0 = the only
    one). Where the day of arrival is by law the day of receipt (Art. 31), both are meant by either.

    Raises ActRefused, saying which there are.
    """
    there = entries(case)
    named = [one for one in there if title in titles(one.kind, one.name, one.title)]
    meant = [one for one in named if step in (0, one.place + 1)]
    if len(meant) != 1:
        choice = named if meant else [one for one in there if step == one.place + 1]
        listed = "、".join(one.said(law) for one in choice or there)
        what = f"“{title}”" if meant else f"第{step}步“{title}”" if step else f"“{title}”"
        problem = "不止一处，请填写步骤序号" if meant else "没有登记过"
        raise ActRefused([f"{what}{problem}。可以勘误的：{listed}"])
    found = meant[0]
    arrival = law.receipt_rule(case.channel, case.arrived_on) == "arrival"
    if arrival and (found.kind, found.name) in RECEIPT:
        return tuple(one.key for one in there if (one.kind, one.name) in RECEIPT)
    return (found.key,)


def retold(number: str, steps: list[Step]) -> Case:
    """The case that these steps add up to; the errata among them are in the others already, and what
    was undone counts for nothing.
    """
    case = Case(number)
    for step in steps:
        _retell(case, step)
    return case


def _retell(case: Case, step: Step) -> None:
    if step.undone or step.act.kind in (Erratum.kind, UNDO):
        case.note(step)
    else:
        case.take(step)


def _on_letters(was: list[Step], now: list[Step]) -> Iterator[str]:
    """The steps whose date stands on a letter, and would be another."""
    for place, (old, new) in enumerate(zip(was, now, strict=True)):
        recorded = old.recorded_on
        if old.letters and old.act.letter_on(recorded) != new.act.letter_on(recorded):
            yield (
                f"第{place + 1}步“{old.act.title}”的日期是文书的落款日期，不能勘误；"
                "文书有误的，应当作废后重新制作"
            )


def _no_longer_sound(case: Case, steps: list[Step], now: Circumstances) -> Iterator[str]:
    """The steps that could be recorded, and could not have been if this had been right at once."""
    was, would_be = Case(case.number), Case(case.number)
    anybody = now.agency.model_copy(update={"officers": ()})
    try:
        for place, (old, new) in enumerate(zip(case.steps, steps, strict=True)):
            then = replace(now, today=old.recorded_on, officer=old.officer, agency=anybody)
            judged = not old.undone and old.act.kind not in (Erratum.kind, UNDO)
            if judged and not old.act.refusals(was, then):
                for reason in new.act.refusals(would_be, then):
                    step = f"{old.recorded_on}登记的第{place + 1}步“{old.act.title}”"
                    yield f"这样勘误，{step}就不能成立：{reason}"
            _retell(was, old)
            _retell(would_be, new)
        would_be.deadline(now.law)
        if would_be.closed_on and would_be.closed_on < (would_be.received_on or date.min):
            yield f"这样勘误，办结（{would_be.closed_on}）就早于收到申请之日（{would_be.received_on}）"
    except ImpossibleHistory as fault:
        yield f"这样勘误，各步的先后不能成立：{fault}"


def _stated(act: Act, name: str) -> str:
    value = getattr(act, name)
    return "" if value is None else str(value)


def _parted(key: str) -> tuple[int, str]:
    place, _, name = key.partition(".")
    return int(place) if place.isdecimal() else -1, name


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if WRITTEN.fullmatch(value) else None
    except ValueError:
        return None
