"""The flows that the office runs, and the only ones: by their names.

Whatever Prefect's database says of a deployment - a module, a file, steps to pull it by, variables
for its job - is not looked at: a run is known by the name of its form, and the code by this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from models.acts.former_words import form_now
from models.errors import DisclosureError

if TYPE_CHECKING:  # Prefect is imported when its settings are in place (server_process.py)
    from prefect import Flow

OUR_FLOWS: Final[Mapping[str, str]] = {
    "登记申请": "flows.path.application.register_application",
    "办理申请": "flows.path.application.handle",
    "撤销刚才一步": "flows.counter.undoing.undo_last_step",
    "登记咨询": "flows.counter.enquiries.record_enquiry",
    "登记复议诉讼": "flows.counter.reviews.lodge_review",
    "复议诉讼进展": "flows.counter.reviews.record_course",
    "复议诉讼结果": "flows.counter.reviews.record_result",
    "登记更正申请": "flows.counter.records_correction.receive_request",
    "办理更正申请": "flows.counter.records_correction.decide_request",
    "审核签发更正申请": "flows.counter.records_correction.settle_request",
    "转主动公开审查": "flows.counter.publication.screen",
    "登记主动公开": "flows.counter.publication.publish",
    "补登送达": "flows.counter.after_closing.record_service",
    "撤回答复": "flows.counter.after_closing.withdraw_reply",
    "责令重新答复": "flows.counter.after_closing.order_redecision",
    "勘误": "flows.counter.erratum.put_right",
    "每日巡检": "flows.morning.at_its_time.morning",
    "提醒发送": "flows.morning.at_its_time.send_alerts",
    "登记表二数字": "flows.counter.proactive.record_figure",
    "年度报告文字": "flows.year.report_words.write_part",
    "年度报告": "flows.year.yearly.yearly",
    "签发年度报告": "flows.year.closing_forms.sign_report",
    "更正已签发的年度报告": "flows.year.closing_forms.correct_report",
    "人工核定勾稽结论": "flows.year.closing_forms.overrule_check",
}
"""Each form as officers know it, and where its flow is written."""

AT_HOME: Final = (
    "每日巡检",
    "提醒发送",
    "年度报告文字",
    "年度报告",
    "签发年度报告",
    "更正已签发的年度报告",
    "人工核定勾稽结论",
)
"""Those that write files which the office itself reads, or send: its own worker runs them."""


class NotOurs(DisclosureError):
    """A run is of a deployment that is none of this office's."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"“{name}”不是办理系统的办理表单，没有执行")


def flow(name: str, ours: Mapping[str, str] = OUR_FLOWS) -> Flow[..., Any]:
    """The flow of a form by its name, or by one that it had in an earlier release; NotOurs if there is
    none. Nothing else is imported.
    """
    name = form_now(name)
    if name not in ours:
        raise NotOurs(name)
    return _at(ours[name])


@cache
def _at(written: str) -> Flow[..., Any]:
    module, _, function = written.rpartition(".")
    found: Flow[..., Any] = getattr(import_module(module), function)
    return found
