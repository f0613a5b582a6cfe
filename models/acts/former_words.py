"""What forms called things in earlier releases: whoever still says so is understood.

An officer's notes, a program that fills in forms, a recorded line of practice may name a field, a
tab or a step by the words of an earlier release. What is shown bears today's word alone.
"""

from __future__ import annotations

from typing import Final

FIELDS: Final = {
    ("registered", "arrived_on"): "送达日期",
    ("replied", "sent_on"): "送出日期",
    ("answered_together", "sent_on"): "告知书送出日期",
    ("answered_together", "lead"): "一并答复的申请的登记号",
    ("served_again", "sent_on"): "重新送出日期",
    ("reply_withdrawn", "decided_by"): "决定撤回的负责人",
    ("split", "kept"): "本登记号保留的内容",
    ("received_as_part", "origin"): "原登记号",
}
"""By act and field: its former title."""
TABS: Final = {
    "consultation_delivered": "意见书送达",
    "consultation_returned": "意见书退回",
    "answered_together": "已并答",
    "drafted_refused": "不公开",
    "drafted_not_handled": "不处理",
}
"""By act: its former tab."""
STAGES: Final = {"待判断权属": "待判断公开主体"}
"""By its former name: what a stage is called."""
FORMS: Final = {"改判勾稽结论": "人工核定勾稽结论"}
"""By its former name: what a form to begin with is called."""
FINDINGS: Final = {"改判时写明原因": "人工核定时写明原因"}
"""Words in what a check of the report once found, on which a person's verdict is on record."""
OFFICER: Final = "经办人"
"""What the field of whoever does the step was called in every form."""


def form_now(name: str) -> str:
    """What a form to begin with is called, by whichever name it has had."""
    return FORMS.get(name, name)


def forms(name: str) -> tuple[str, ...]:
    """All the names that a form to begin with has had: today's first."""
    return (name, *(was for was, is_now in FORMS.items() if is_now == name))


def finding_now(words: str) -> str:
    """What a check found, as it is said today."""
    for was, is_now in FINDINGS.items():
        words = words.replace(f"，{was}", f"，{is_now}")
    return words


def titles(kind: str, name: str, title: str | None) -> tuple[str, ...]:
    """What a field of an act is called, and was: today's title first."""
    former = FIELDS.get((kind, name))
    return tuple(one for one in (title, former) if one)
