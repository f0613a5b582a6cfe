"""What is the answer? One outcome of table 三, with what its letter must state (Arts. 14-16, 30-42).

One tab per family of outcomes: what is given or kept in given_or_kept.py, the others in
nothing_given.py. Which particulars an outcome requires is data (outcomes.toml); when an outcome is
lawful at all is a condition below, under the name a lawyer would give it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.intake.receipt import correction_due
from models.acts.procedure.excess import excess_unexplained
from models.acts.procedure.fee_owed import fee_lapsed, unsupplied_fee
from models.agency.officers import Role, holding
from models.case.act import Act, Circumstances, blank
from models.case.case import Case
from models.case.matters import Draft, Part
from models.case.stage import Stage
from models.law.citing import row_label
from models.law.rules import Outcome
from models.law.statute import Statute
from models.law.workdays import written

Condition = Callable[[Case, Circumstances], str | None]


def corrected_and_still_unclear(case: Case, now: Circumstances) -> str | None:
    """“仍不明确” presupposes a correction that was made (Art. 30)."""
    if case.correction is None or case.correction.corrected_on is None:
        return "未经补正，不能以“补正后申请内容仍不明确”答复（条例第三十条）"
    if case.correction.lacking == "particulars":
        return "告知补正的不是申请内容，不能以“补正后申请内容仍不明确”答复（条例第三十条）"
    return None


def correction_lapsed(case: Case, now: Circumstances) -> str | None:
    """“逾期不补正” presupposes a time allowed that has passed in vain since receipt (Art. 30).

    Where the day of receipt is not on record yet, the draft states it, and is judged by it.
    """
    made = case.correction
    if made is None or case.stage is not Stage.CORRECTION:
        return "未告知补正或已经补正，不能以“逾期不补正”处理（条例第三十条）"
    due = correction_due(case, now.law) or now.law.calendar.latest(made.requested_on, made.days)
    if now.today <= due.day:
        return f"补正期限至{due}尚未届满，不能以“逾期不补正”处理（条例第三十条）"
    return None


CONDITIONS: dict[str, Condition] = {
    "still_unclear": corrected_and_still_unclear,
    "not_corrected": correction_lapsed,
    "fee_unpaid": fee_lapsed,
    "excessive": excess_unexplained,
}

WITHHELD_AS = {"information": "withheld"}
"""What the full refusal calls otherwise than the partial one."""


def separable(row: Outcome) -> bool:
    """Whether it may be the ground of a part withheld: a refusal, but no special inquiry (37)."""
    return row.family == "refused" and "36(7)" not in row.articles


def must_state(outcome: str, ground: str, law: Statute) -> tuple[str, ...]:
    """What a letter must state: for a part withheld, all that the full refusal must (Arts. 36, 37)."""
    own = law.outcomes[outcome].requires
    kept = law.outcomes.get(ground)
    return (*own, *(besides(kept, law.outcomes[outcome]) if kept else ()))


def besides(ground: Outcome, reply: Outcome) -> tuple[str, ...]:
    """What the full refusal on a ground must state, and this reply does not by itself."""
    names = (WITHHELD_AS.get(name, name) for name in ground.requires)
    return tuple(name for name in names if name not in reply.requires)


def unclear_rest(case: Case) -> Part | None:
    """The part that stayed unclear after a correction of the other parts: told with them (Art. 30)."""
    made = case.correction
    if made is None or made.corrected_on is None or not made.rest:
        return None
    history = f"{written(made.requested_on)}告知补正，{written(made.corrected_on)}收到补正材料"
    stated = {"correction_history": history, "reasons": made.rest_reasons}
    return Part(made.rest, "still_unclear", stated)


def no_signer_left(case: Case, now: Circumstances) -> list[str]:
    """The fault of writing at a draft that nobody could sign then: all who sign wrote at it."""
    signers = holding(now.agency.officers, (Role.SIGN,))
    wrote = (case.draft.drafters if case.draft else frozenset()) | {now.officer}
    if not signers or not wrote.issuperset(signers):
        return []
    return [
        f"能够签发的只有{'、'.join(signers)}，起草、改稿的人不能签发：请由他人起草，或者退回修改"
        "（条例第四十五条）"
    ]


class DraftReply(Act):
    """起草答复: common to the tabs; `family` picks the outcomes of one tab."""

    kind: ClassVar[str] = "drafted"
    article: ClassVar[str] = "36"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DRAFTING})
    family: ClassVar[str]
    coded: ClassVar[frozenset[str]] = frozenset({"outcome"})

    outcome: str = Field(title="办理结果（年报表三）")

    @classmethod
    def possible(cls, case: Case, now: Circumstances) -> list[str]:
        """The outcomes of this tab that the law allows in this case."""
        return [
            key
            for key, row in now.law.outcomes.offered(now.today).items()
            if row.family == cls.family
            and (key not in CONDITIONS or CONDITIONS[key](case, now) is None)
        ]

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        rows = {key: now.law.outcomes[key] for key in cls.possible(case, now)}
        return {
            "outcome": {
                key: f"{row_label(now.law.row(key, now.today))}　{row.label}"
                + (f"（{row.basis}）" if row.basis else "")
                for key, row in rows.items()
            }
        }

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        rows = now.law.outcomes
        return {"outcome": {key: rows[key].requires for key in cls.possible(case, now)}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if cls.possible(case, now):
            return None
        return "；".join(cls._excluded(case, now))

    @classmethod
    def not_offered(cls, case: Case, now: Circumstances) -> dict[str, tuple[str, ...]]:
        return {"outcome": tuple(cls._excluded(case, now))}

    @classmethod
    def _excluded(cls, case: Case, now: Circumstances) -> Iterator[str]:
        """Why outcomes of this tab are not possible yet, or not any more."""
        for key, row in now.law.outcomes.offered(now.today).items():
            reason = CONDITIONS[key](case, now) if key in CONDITIONS else None
            if row.family == cls.family and reason:
                yield reason

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        draft = case.draft if case.draft and not case.draft.remaining else None
        if draft and now.law.outcomes[draft.outcome].family == cls.family:
            known = {k: v for k, v in draft.particulars.items() if k in cls.model_fields}
            return {"outcome": draft.outcome, **known}
        possible = cls.possible(case, now)
        return {"outcome": possible[0]} if len(possible) == 1 else {}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        row = now.law.outcomes.get(self.outcome)
        if row is None or row.family != self.family:
            return []  # an unlisted option: said already
        condition = CONDITIONS.get(self.outcome)
        reason = condition(case, now) if condition else None
        if reason:
            return [reason]
        missing = [
            f"选择“{row.label}”时，告知书必须写明“{now.law.particulars[name]}”"
            for name in row.requires
            if blank(str(getattr(self, name) or ""))
        ]
        unsupplied = unsupplied_fee(case, self._supplies(case, now), now)
        return [*missing, *([unsupplied] if unsupplied else []), *no_signer_left(case, now)]

    def _supplies(self, case: Case, now: Circumstances) -> bool:
        """Whether this answer, or one to another part before it, gives information (36(2), 37)."""
        before = case.draft.outcomes if case.draft and case.draft.remaining else ()
        return any(
            now.law.outcomes[one].secrecy_review == "given" for one in (self.outcome, *before)
        )

    def particulars(self) -> dict[str, str]:
        """What the letter states: field → text, blank ones left out."""
        stated = {name: getattr(self, name) for name in type(self).model_fields}
        return {k: str(v) for k, v in stated.items() if k != "outcome" and v not in (None, "")}

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.stage = Stage.REVIEW
        before = case.draft
        if before and before.remaining and self.family != "other":
            part = Part(before.remaining, self.outcome, self.particulars(), officer)
            before.parts.append(part)
            before.remaining = ""
            before.cleared_by = ""
            return
        case.draft = Draft(
            self.outcome,
            self.particulars(),
            officer,
            before.comments if before else [],
            before=before.drafters if before else frozenset(),
        )
        rest = unclear_rest(case)
        if rest and self.outcome != rest.outcome and self.family != "other":
            case.draft.item = case.request
            case.draft.parts.append(rest)


def enclosed_though_public(draft: Draft) -> str:
    """The doubt of a reply that says where it is public, and encloses it all the same (Art. 36(1))."""
    public = [draft.outcome, *(part.outcome for part in draft.parts)]
    if "already_public" not in public or blank(draft.particulars.get("attachments", "")):
        return ""
    return (
        "答复为“已主动公开”，又随附材料：所附的就是所申请的信息的，应为“予以公开（提供）”；"
        "请核对（条例第三十六条第一项、第二项）"
    )
