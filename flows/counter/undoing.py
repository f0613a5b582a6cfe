"""撤销刚才一步: an officer takes back what he has just done, by one more act (Art. 45)."""

from __future__ import annotations

from typing import Annotated

from flows import office
from flows.counter.neighbours import answer
from flows.path import desk
from flows.path.form_fields import Answer, By, Group, Number, Of, Use
from flows.path.recording import perform_now
from flows.path.start_forms import start_form
from flows.shown.row_words import limit_words
from models.acts.afterwards.undoing import Undo, undone_last


@start_form(
    "撤销刚才一步",
    Use(Group.HANDLING, "刚提交的一步选错、填错了，还没有编文号、别人也没有接着办"),
)
def undo_last_step(number: Number, given: Annotated[Answer, Of(Undo)], by: By) -> str:
    """撤销本人刚才办理的一步：原来的一步仍在登记簿中，案件回到这一步以前，所填内容还在表单上。"""
    found = perform_now(number, Undo.kind, given, by)
    desk.stand(found)
    undone, limit = undone_last(found), found.deadline(office.law())
    what = f"“{undone.title}”" if undone else ""
    now = office.circumstances(by.officer)
    lines = [f"环节：{found.stage}", *([f"届满日：{limit_words(limit, now)}"] if limit else [])]
    return answer(found.number, f"已撤销{what}", lines)
