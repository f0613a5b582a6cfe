"""What the clock starts (schedule.py), as flows in the UI: 每日巡检 and 提醒发送.

The commands `sweep` and `outbox` do the same without Prefect (sweep.py, outbox.py).
"""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows import office
from flows.counter import destroying, publication
from flows.keeping import drafts, letting_go, material_content, verifying
from flows.morning import outbox
from flows.morning.sweep import sweep
from flows.path import desk, recording, righting
from flows.shown import alert_page, supervision
from letters.letter.words import escaped
from models.law.workdays import written


@flow(name="每日巡检", flow_run_name="每日巡检")
def morning() -> list[str]:
    """每日巡检：重新计算变动的期限，列出今天的提醒，并把丢失的办理流程放回。"""
    held = verifying.verify()
    found = [
        *(f"登记簿核验不符：{fault}" for fault in held.faults),
        *sweep(),
        *publication.unscreened(),
        *destroying.owed(),
        *letting_go.set_aside(),
        *letting_go.half_written(office.now()),
        *letting_go.log_of_access(),
        *drafts.over(),
        *material_content.let_go(),
        *recording.mended_letters(),
        *righting.put_right(grace=desk.GRACE),
    ]
    lines = [f"- {escaped(line)}" for line in found] or ["没有需要处理的事项。"]
    lines += ["", f"登记链校验值 `{held.head}`（请另行保存；以后可用来核对此前的登记没有被改动）"]
    create_markdown_artifact(
        "\n".join(lines), key="sweep", description=f"{written(office.today())}　每日巡检"
    )
    supervision.show()
    return found


@flow(name="提醒发送", flow_run_name="提醒发送")
def send_alerts() -> int:
    """提醒发送：汇总到期的提醒，在工作日的办公时间发送，失败的稍后再发。"""
    return outbox.post(_show)


def _show(markdown: str) -> None:
    create_markdown_artifact(
        markdown, key=alert_page.KEY, description=alert_page.description(office.today())
    )
