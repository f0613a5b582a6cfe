"""May the words of a draft be revised on its way to the signature? The officer's, not the law's (45).

What a reply states of this case (facts, reasons) is text by text before whoever reviews or signs,
as it stands. Outcome, legal basis and remedies are not text: they follow from the law, and another
outcome is another draft. Whoever revises becomes a drafter and cannot sign; what was revised after
review is reviewed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from models.acts.reply.given_or_kept import ASKED, DraftGranted, DraftPartlyGranted, DraftRefused
from models.acts.reply.nothing_given import DraftNotHandled, DraftOther, DraftUnable
from models.acts.reply.outcome import DraftReply, must_state, no_signer_left
from models.agency.officers import Role
from models.case.act import Act, Circumstances, blank, unprintable
from models.case.case import Case
from models.case.matters import Draft
from models.case.stage import Stage
from models.law.statute import Statute

DRAFTED_ON: dict[str, type[DraftReply]] = {
    tab.family: tab
    for tab in (
        DraftGranted,
        DraftPartlyGranted,
        DraftRefused,
        DraftUnable,
        DraftNotHandled,
        DraftOther,
    )
}
"""The tab on which the outcomes of each family are drafted."""

KEY = re.compile(r"(\d+)-([a-z_]+)")  # place of the part, particular
FACTS = {
    "earlier_reply_number",
    "earlier_reply_kept",
    "third_party_view",
    "protected",
    "redaction",
    *ASKED,
}
"""Particulars that are text, but a fact or an answer rather than words: drafted, not revised."""


def revisable(draft: Draft, law: Statute) -> dict[str, FieldInfo]:
    """The texts that this draft's letter states: key (part-particular) → its field when drafted."""
    found: dict[str, FieldInfo] = {}
    several = len(draft.stated) > 1
    for place, (outcome, particulars) in enumerate(draft.stated):
        row = law.outcomes[outcome]
        required = must_state(outcome, particulars.get("withheld_ground", ""), law)
        chosen = {"outcome", "withheld_ground", *FACTS}
        for name, field in DRAFTED_ON[row.family].model_fields.items():
            stated = name in required or name in particulars
            if field.annotation is str and stated and name not in chosen:
                shown = copy(field)
                shown.default = PydanticUndefined if name in required else ""
                if several:
                    shown.title = f"第{place + 1}部分：{field.title}"
                found[f"{place}-{name}"] = shown
    return found


class Revise(Act):
    """改稿: the officer's texts of a draft in other words, each in its own field (Art. 45)."""

    kind: ClassVar[str] = "revised"
    title: ClassVar[str] = "修改答复的文字"
    tab: ClassVar[str] = "改稿"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.REVIEW, Stage.SIGNING})

    texts: dict[str, str] = Field(title="改动后的文字")
    note: str = Field(
        default="",
        title="改稿说明",
        description="改稿的人不能签发；签发环节改稿的，重新审核",
        max_length=2000,
    )

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, answer: Any) -> Any:
        """The texts of a form, which has a field for each, put together."""
        if not isinstance(answer, Mapping) or "texts" in answer:
            return answer
        texts = {name: text for name, text in answer.items() if KEY.fullmatch(str(name))}
        return {**{k: v for k, v in answer.items() if k not in texts}, "texts": texts}

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        both = (Role.HANDLE, Role.REVIEW)
        return (*both, Role.SIGN) if stage is Stage.SIGNING else both

    @classmethod
    def questions(cls, case: Case, now: Circumstances) -> dict[str, FieldInfo]:
        texts = revisable(case.draft, now.law) if case.draft else {}
        return {**texts, "note": cls.model_fields["note"]}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.draft and revisable(case.draft, now.law):
            return None
        return (
            "这份告知书没有承办人拟写的文字可以改动；改变办理结果的，请退回修改（条例第四十五条）"
        )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return dict(_standing(case.draft, now.law)) if case.draft else {}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        if case.draft is None:
            return []
        found = no_signer_left(case, now)
        asked, stands = revisable(case.draft, now.law), dict(_standing(case.draft, now.law))
        found += [f"没有“{key}”这一段文字可以改动" for key in self.texts if key not in asked]
        known = {key: text for key, text in self.texts.items() if key in asked}
        titles = {key: str(field.title) for key, field in asked.items()}
        found += unprintable({titles[key]: text for key, text in known.items()})
        for key, text in known.items():
            most = next((m.max_length for m in asked[key].metadata if hasattr(m, "max_length")), 0)
            if most and len(text) > most:
                found.append(f"“{titles[key]}”最多{most}个字")
        for key, field in asked.items():
            if field.is_required() and blank(self.texts.get(key, "")):
                found.append(f"“{field.title}”是告知书必须写明的事项，不能删去")
        if not found and all(self.texts.get(key, "") == text for key, text in stands.items()):
            found.append("没有改动任何文字；不改动的，请选择其他事项")
        return found

    def apply(self, case: Case, on: date, officer: str) -> None:
        draft = case.draft
        if draft is None:
            return
        for place, (_, particulars) in enumerate(draft.stated):
            mine = {_place(k)[1]: v for k, v in self.texts.items() if _place(k)[0] == place}
            kept = {**particulars, **mine}
            _put(draft, place, {name: text for name, text in kept.items() if text})
        draft.before |= {officer}
        draft.cleared_by = ""
        draft.comment(officer, f"改稿。{self.note}")
        case.stage = Stage.REVIEW

    def said(self, case: Case, now: Circumstances) -> Iterator[tuple[str, str]]:
        asked = revisable(case.draft, now.law) if case.draft else {}
        stands = dict(_standing(case.draft, now.law)) if case.draft else {}
        for key, text in self.texts.items():
            if key in asked and text != stands.get(key, ""):
                yield str(asked[key].title), text or "（删去）"
        if self.note:
            yield "改稿说明", self.note


def _place(key: str) -> tuple[int, str]:
    place, _, name = key.partition("-")
    return int(place), name


def _standing(draft: Draft, law: Statute) -> Iterator[tuple[str, str]]:
    """The texts as they stand."""
    for key in revisable(draft, law):
        place, name = _place(key)
        yield key, draft.stated[place][1].get(name, "")


def _put(draft: Draft, place: int, particulars: dict[str, str]) -> None:
    if place == 0:
        draft.particulars = particulars
    else:
        draft.parts[place - 1] = replace(draft.parts[place - 1], particulars=particulars)
