"""What an act is: the question put to the officer, the law's condition, and its effect.

An act's fields are what the officer answers (their titles are the form's), and, once recorded,
the facts of an `Event`. `barred` says why the law does not allow the act now; `faults` says what
makes no sense in this answer; `apply` is the effect on the case, and nothing else has effects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from models.agency.agency import Agency, not_filled_in
from models.agency.officers import Role, not_entitled
from models.case.case import Case
from models.case.matters import OtherApplication
from models.case.stage import Stage
from models.law.citing import article_label
from models.law.statute import Statute
from models.law.workdays import written

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Circumstances:
    """What an act is judged by besides the case: the day, who acts, the law, the agency.

    others = the register's other applications under the same name (models/register/same_applicant.py)
    since = the day of the first entry in the register; None = not asked, or nothing is entered
    told_online = whether the signed reply names the online channel of review that there is now (复议法
    22); None = not asked
    moment, built_on = when a step is to be undone, and what was done elsewhere that rests on it; None
    and nothing = not asked (models/register/resting_on.py)
    borne = the titles that the letters of the case bear, by kind as it names them (reply, fee …): a
    letter names one before it as it was called on its day
    """

    today: date
    officer: str
    law: Statute
    agency: Agency
    others: tuple[OtherApplication, ...] = ()
    since: date | None = None
    told_online: bool | None = None
    moment: datetime | None = None
    built_on: tuple[str, ...] = ()
    borne: tuple[tuple[str, str], ...] = ()


class Standing(Protocol):
    """What a history adds up to, in whichever register: how far it is, and where it stands."""

    number: str
    position: int
    last_act: str

    @property
    def stage(self) -> StrEnum: ...


S = TypeVar("S", bound=Standing)
A = TypeVar("A", bound="RegisterAct[Any]")


class RegisterAct(BaseModel, Generic[S]):
    """One act in a register. Subclasses say when it is lawful and what it does.

    kind     name of the event it becomes       article  its article of the 条例
    title    what it is called                  stages   where it may be done
    letter   key of letters.toml for the letter it issues, if it issues one
    procedural  a step on the way (补正, 延期 …), behind the tab 程序 where tabs are many
    subject  what it is done to
    role     who may do it, where the agency lists its officers (models/agency/officers.py)
    coded    fields whose record is a code of ours or a place, shown as the words of a drop-down: nobody
             writes or sees it, so nobody finds by it (tests/test_forms.py)
    version  of its facts; a version's `upcast_vN_vN+1` brings the older ones forward
             (models/case/recorded.py)
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    kind: ClassVar[str]
    title: ClassVar[str]
    article: ClassVar[str]
    stages: ClassVar[frozenset[StrEnum]]
    letter: ClassVar[str | None] = None
    procedural: ClassVar[bool] = False
    subject: ClassVar[str] = "申请"
    role: ClassVar[Role] = Role.HANDLE
    coded: ClassVar[frozenset[str]] = frozenset()
    version: ClassVar[int] = 1

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        """Who may do it where the case stands: any of these roles."""
        return (cls.role,)

    @classmethod
    def barred(cls, case: S, now: Circumstances) -> str | None:
        """Why the law does not allow this act now, as a sentence; None if it does."""
        return None

    @classmethod
    def questions(cls, case: S, now: Circumstances) -> dict[str, FieldInfo]:
        """The fields that the form asks for: all there are, unless the case says which."""
        return cls.model_fields

    @classmethod
    def proposal(cls, case: S, now: Circumstances) -> dict[str, object]:
        """What the form proposes for this act: initial values by field."""
        return {}

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        """Drop-downs whatever the case: all that a form has which is filled in before it is known."""
        return {}

    @classmethod
    def options(cls, case: S, now: Circumstances) -> dict[str, dict[str, str]]:
        """Drop-downs: field → {value stored: words shown}."""
        return cls.choices(now)

    @classmethod
    def stored_words(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        """Words for what is recorded and no drop-down offers (any more): field → {value: words}."""
        return {}

    @classmethod
    def legible(cls, facts: Mapping[str, Any]) -> Iterator[Any]:
        """The values among recorded facts that are shown as they are recorded."""
        return (value for name, value in facts.items() if name not in cls.coded)

    @classmethod
    def not_offered(cls, case: S, now: Circumstances) -> dict[str, tuple[str, ...]]:
        """What a drop-down does not offer, or would be refused, and what that waits for: field →
        sentences, from the same conditions that exclude it.
        """
        return {}

    def said(self, case: S, now: Circumstances) -> Iterator[tuple[str, str]]:
        """What was answered, for the record: titles of fields, and the words picked or written."""
        options, stored = type(self).options(case, now), type(self).stored_words(now)
        for name, value in self.model_dump(mode="json").items():
            if value not in (None, ""):
                given = getattr(self, name)
                words = written(given) if isinstance(given, date) else value
                words = stored.get(name, {}).get(str(value), words)
                words = options.get(name, {}).get(str(value), words)
                outcome = now.law.outcomes.get(str(words)) if name == "outcome" else None
                title = type(self).model_fields[name].title or name
                yield title, outcome.label if outcome else str(words)

    @classmethod
    def needs(cls, case: S, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        """What an option makes necessary: field → {value: fields that must then be filled in}."""
        return {}

    def faults(self, case: S, now: Circumstances) -> list[str]:
        """What makes no sense in this answer, as sentences; empty if it can be recorded."""
        return []

    def effective_on(self, today: date) -> date:
        """The legal date of the act, recorded on `today`."""
        return today

    def apply(self, case: S, on: date, officer: str) -> None:
        """The effect on the case. Never judges: what is recorded, happened."""
        raise NotImplementedError

    def letter_on(self, today: date) -> date:
        """The date the letter bears."""
        return self.effective_on(today)

    def letters(self, case: S) -> tuple[str, ...]:
        """The letters the act issues once applied: keys of letters.toml, or "reply"."""
        return (self.letter,) if self.letter else ()

    def refusals(self, case: S, now: Circumstances) -> list[str]:
        """Every reason this answer cannot be recorded, the law's first; empty if it can."""
        if case.stage not in self.stages:
            return [type(self)._elsewhere(case)]
        roles = type(self).roles_at(case.stage)
        unentitled = not_entitled(now.agency.officers, now.officer, roles, self.title)
        reason = unentitled or type(self).barred(case, now)
        if reason:
            return [reason]
        answers = {f.title or n: getattr(self, n) for n, f in type(self).model_fields.items()}
        if unknown := list(beyond_calendar(answers, now)):
            return unknown
        found = [*unprintable(answers), *self._unlisted(case, now), *self.faults(case, now)]
        unfilled = None if found else not_filled_in(now.agency)
        return [unfilled] if unfilled and self._prints(case, now) else found

    def _prints(self, case: S, now: Circumstances) -> bool:
        """Whether it issues a letter that says how to reach us: any but the 送达回证."""
        after = deepcopy(case)
        self.apply(after, self.effective_on(now.today), now.officer)
        return any(kind != "service_receipt" for kind in self.letters(after))

    @classmethod
    def impeded(cls, case: S, now: Circumstances) -> str:
        """Why it cannot be done where the case stands, whatever is answered; "" if it can. Asked of
        nobody in particular (`now.officer` = ""), it is not asked who may: for showing, `refusals`
        decides.
        """
        if case.stage not in cls.stages:
            return cls._elsewhere(case)
        roles, listed = cls.roles_at(case.stage), now.agency.officers if now.officer else ()
        return not_entitled(listed, now.officer, roles, cls.title) or cls.barred(case, now) or ""

    @classmethod
    def _elsewhere(cls, case: S) -> str:
        where = f"{cls.subject}处于“{case.stage}”环节"
        return f"{where}，不能办理“{cls.title}”（{article_label(cls.article)}）"

    def _unlisted(self, case: S, now: Circumstances) -> Iterator[str]:
        for name, choices in type(self).options(case, now).items():
            value = getattr(self, name)
            if value not in choices:
                title = type(self).model_fields[name].title
                yield f"“{title}”应从所列选项中选择，而不是“{value}”"


class Act(RegisterAct[Case]):
    """One act on an application.

    tab      its short name on the form (a tab's row holds about 30 characters)
    shown_first  it issues a letter with the officer's own words: to be read before it is sent
    apart    done by a form of its own, without a tab on the case's
    """

    tab: ClassVar[str]
    stages: ClassVar[frozenset[Stage]]
    shown_first: ClassVar[bool] = False
    apart: ClassVar[bool] = False

    def touches(self, case: Case, on: date) -> list[tuple[str, date]]:
        """What it may change of the counts: the kinds of acts, and their days."""
        return [(self.kind, on)]

    def begets(self, case: Case) -> list[tuple[Act, ...]]:
        """The applications it makes besides: the acts that make up each (acts/afterwards/splitting.py)."""
        return []

    def not_undone(self) -> str:
        """Why it is never undone as the last step, whoever asks and when; "" if it may be
        (acts/afterwards/undoing.py).
        """
        return ""


def unprintable(answers: Mapping[str, object]) -> Iterator[str]:
    """The answers (by title) that hold characters which no letter and no register can hold."""
    for title, value in answers.items():
        found = UNPRINTABLE.search(value) if isinstance(value, str) else None
        if found:
            yield (
                f"“{title}”第{found.start() + 1}个字符是不可见的控制字符"
                f"（U+{ord(found.group()):04X}），请删除后再提交"
            )


def beyond_calendar(answers: Mapping[str, object], now: Circumstances) -> Iterator[str]:
    """The answers (by title) that name a day to come of which the calendar knows nothing."""
    for title, day in answers.items():
        if isinstance(day, date) and day > now.today and day > now.law.calendar.last_day:
            yield f"“{title}”（{day}）超出已有的法定节日数据（至{now.law.calendar.last_day}），请核对"


def order_faults(what: str, on: date, case: Case, now: Circumstances) -> list[str]:
    """The two faults every date can have: before what happened already, or in the future."""
    if on > now.today:
        return [f"{what}（{on}）晚于今天（{now.today}），尚未发生的事项不能登记"]
    if case.received_on is not None and on < case.received_on:
        return [f"{what}（{on}）早于收到申请之日（{case.received_on}）"]
    if on < case.latest_clock_day():
        return [f"{what}（{on}）早于上一事项的日期（{case.latest_clock_day()}）"]
    return []


def in_future(what: str, on: date, now: Circumstances) -> list[str]:
    """The fault of a day that has not come yet."""
    return [f"{what}（{on}）晚于今天（{now.today}）"] if on > now.today else []


def own_decision(what: str, decided_by: str, now: Circumstances, article: str) -> list[str]:
    """The fault of acting in another's name: where officers are listed, who decides acts."""
    if not now.agency.officers or decided_by in ("", now.officer):
        return []
    return [f"{what}由决定的负责人本人办理，办理人应为{decided_by}（{article_label(article)}）"]


def not_handling(now: Circumstances, what: str) -> list[str]:
    """The fault of recording what is no act, where officers are listed, without handling cases."""
    reason = not_entitled(now.agency.officers, now.officer, (Role.HANDLE,), what)
    return [reason] if reason else []


def blank(value: str) -> bool:
    """Whether an answer says nothing."""
    return not value.strip()
