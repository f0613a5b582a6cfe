"""May one letter answer several applications of one applicant? Yes; each still counts (年报格式).

One application leads: its reply names the others, quotes what each asked, and is drafted, reviewed
and signed as usual. Each of the others is then closed by that letter, with its own outcome. An
application that is still pending is no earlier reply, so the later one is not 重复申请 (Art. 36(6)):
answer them together. Different applicants are answered apart: no one's application is shown to
another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.procedure.opinions import awaited
from models.acts.procedure.withholding import (
    RELEASING,
    THIRD_PARTY,
    Withheld,
    not_agreeing,
    unfounded,
)
from models.acts.reply.outcome import CONDITIONS
from models.case.act import Act, Circumstances, order_faults
from models.case.case import Case
from models.case.matters import Draft, OtherApplication, Together
from models.case.stage import Stage
from models.law.citing import row_label
from models.law.deadline import ClockEvent
from models.words.names import one_name

OPEN = (Stage.JURISDICTION, Stage.DRAFTING)


def joinable(case: Case, now: Circumstances) -> list[OtherApplication]:
    """The other applications of the applicant that are received and still to be answered.

    Of several who apply together, those of the same persons: nobody is shown what another asks.
    """
    persons = {one_name(one) for one in (case.applicant, *case.co_applicants)}
    return [
        one
        for one in now.others
        if one.stage in OPEN and one.received_on
        if {one_name(name) for name in one.applicants or (case.applicant,)} == persons
    ]


def leads(case: Case, now: Circumstances) -> list[OtherApplication]:
    """The applications whose signed reply says that it answers this one, too."""
    return [one for one in now.others if case.number in one.answers and one.reply]


def line_of(one: OtherApplication) -> str:
    """An application on one line: number, day of receipt, what was asked."""
    return f"{one.number}　{one.received_on}　{' '.join(one.request.split())}"


class JoinAnswer(Act):
    """一并答复: this reply answers other applications of the same applicant, too (Art. 36)."""

    kind: ClassVar[str] = "answers_joined"
    title: ClassVar[str] = "以一份告知书一并答复同一申请人的多件申请"
    tab: ClassVar[str] = "一并答复"
    article: ClassVar[str] = "36"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DRAFTING})
    procedural: ClassVar[bool] = True

    together: str = Field(
        title="一并答复的申请（每行一件）",
        description="申请编号、收到日期、申请内容，写入告知书；不一并答复的整行删去",
        max_length=100_000,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if not joinable(case, now):
            return "没有同一申请人待答复的其他申请可以一并答复（条例第三十六条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"together": "\n".join(line_of(one) for one in joinable(case, now))}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        known = {line_of(one): one for one in joinable(case, now)}
        lines = [line.strip() for line in self.together.splitlines() if line.strip()]
        found = [
            f"“{line[:40]}”不是同一申请人待答复的申请，或者所列日期、内容与登记不符"
            for line in lines
            if line not in known
        ]
        if len(set(lines)) < len(lines):
            found.append("同一件申请不能列两次")
        if not lines and not case.together:
            found.append("请至少保留一件一并答复的申请（条例第三十六条）")
        return found

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.together = tuple(self.named())

    def named(self) -> Iterator[Together]:
        """The applications that the reply names, as it quotes them."""
        for line in self.together.splitlines():
            if line.strip():
                number, received, request = line.strip().split("　", 2)
                yield Together(number, date.fromisoformat(received), request)


class AnsweredTogether(Act):
    """已一并答复: closed by the letter of another application, with an outcome of its own (36)."""

    kind: ClassVar[str] = "answered_together"
    title: ClassVar[str] = "已由另一件申请的告知书一并答复"
    tab: ClassVar[str] = "已一并答复"
    article: ClassVar[str] = "36"
    stages: ClassVar[frozenset[Stage]] = frozenset(OPEN)
    coded: ClassVar[frozenset[str]] = frozenset({"outcome"})

    lead: str = Field(title="一并答复的申请的申请编号")
    outcome: str = Field(title="本件的办理结果（年报表三）")
    sent_on: date = Field(title="告知书发出日期", description="本件的答复即于该日发出")

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        outcomes = {
            key: f"{row_label(now.law.row(key, now.today))}　{row.label}"
            for key, row in now.law.outcomes.offered(now.today).items()
            if row.family != "other"
            and (key not in CONDITIONS or CONDITIONS[key](case, now) is None)
        }
        found = {one.number: f"{one.number}　{one.reply}" for one in leads(case, now)}
        return {"lead": found, "outcome": outcomes}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if not leads(case, now):
            return "没有已签发、并写明一并答复本件的告知书（条例第三十六条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        for one in leads(case, now):
            return {"lead": one.number, "sent_on": one.closed_on or now.today}
        return {}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = [
            f"申请编号为{one.number}的申请的告知书于{one.closed_on}发出，不是{self.sent_on}"
            for one in leads(case, now)
            if one.number == self.lead and one.closed_on != self.sent_on and one.closed_on
        ]
        found += [
            f"申请编号为{one.number}的申请的告知书{one.reply}尚未发出"
            for one in leads(case, now)
            if one.number == self.lead and one.closed_on is None
        ]
        found += self._against_others(case, now)
        return [*found, *order_faults("发出日期", self.sent_on, case, now)]

    def _against_others(self, case: Case, now: Circumstances) -> list[str]:
        """What others were asked about in this application is answered in its own letter (32)."""
        if self.outcome == THIRD_PARTY:
            return unfounded(Withheld(case.request), case, now)
        if self.outcome not in RELEASING:
            return []
        return [
            f"本件征求过“{one.name}”的意见，其未同意公开：请单独答复（条例第三十二条、第三十四条）"
            for one in case.opinions
            if not_agreeing(one) or awaited(one, now.today, now.law)
        ]

    def effective_on(self, today: date) -> date:
        return self.sent_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.draft = Draft(self.outcome, {}, officer)
        case.answered_in = self.lead
        case.on_clock(ClockEvent("replied", on))
        case.closed_on = on
        case.stage = Stage.CLOSED
