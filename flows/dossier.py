"""One case as an officer reads it: in brief on top of a form, in full in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from flows.deadlines import explain, sentence
from letters.words import escaped
from models import acts
from models.act import Circumstances
from models.case import Document, Event, Stage
from models.deadline import Deadline
from models.history import Case
from models.jurisdiction import proposals
from models.statute import article_label


def masked(name: str) -> str:
    """A name as lists and run names show it: the first character, the rest hidden."""
    return name[:1] + "*" * min(len(name) - 1, 3)


def days_left(found: Deadline | None, now: Circumstances) -> str:
    """How much of the limit is left today, in working days, as an officer says it."""
    if found is None:
        return "尚未起算"
    if found.last_day is None:
        return "停止计算"
    left = now.law.calendar.count(now.today, found.last_day).fewest
    if now.today > found.last_day:
        over = now.law.calendar.count(found.last_day, now.today).fewest
        return f"已逾期{over}个工作日"
    return "今天到期" if now.today == found.last_day else f"还剩{left}个工作日"


def brief(case: Case, now: Circumstances) -> str:
    """The case in brief, as Markdown: facts, limit with its working, warnings, hints."""
    found = case.deadline(now.law) if case.stage is not Stage.CLOSED else None
    rows = [
        ("受理编号", case.number),
        ("环节", str(case.stage)),
        ("申请人", f"{case.applicant}（{case.applicant_kind}）"),
        ("提交方式", now.law.channels[case.channel].label),
        ("收到之日", str(case.received_on or f"待确认（{case.arrived_on}送达）")),
        ("最后期限", limit_words(found, now)),
        ("上一步", case.last_act),
    ]
    lines = ["| 事项 | 内容 |", "|---|---|"]
    lines += [f"| {name} | {_cell(text)} |" for name, text in rows]
    lines += ["", f"**申请内容**：{_cell(case.request)}"]
    if found:
        lines += ["", "**期限怎样算出来的**", ""]
        lines += [f"{n}. {sentence(step)}" for n, step in enumerate(found.steps, 1)]
        lines += [f"\n> 注意：{warning}" for warning in found.warnings]
    if case.stage is Stage.JURISDICTION:
        lines += _remit(case, now)
    if case.draft:
        row = now.law.outcomes[case.draft.outcome]
        lines += ["", f"**拟答复**：{row.row} {row.label}（{row.basis}）"]
        lines += [
            f"- {now.law.particulars[name]}：{_cell(text)}"
            for name, text in case.draft.particulars.items()
        ]
        lines += [f"- 审核意见　{_cell(comment)}" for comment in case.draft.comments]
    lines += [f"\n不能办理“{title}”：{why}" for title, why in acts.barred(case, now).items()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return escaped(" ".join(text.split()))


def limit_words(found: Deadline | None, now: Circumstances) -> str:
    """The limit on one line: last day (暂定 if provisional) and what is left of it."""
    if found is None or found.last_day is None:
        return days_left(found, now)
    mark = "（暂定）" if found.provisional else ""
    return f"{found.last_day}{mark}，{days_left(found, now)}"


def _remit(case: Case, now: Circumstances) -> list[str]:
    found = proposals(case.request, now.agency)
    if not found:
        return ["", "**权属提示**：申请内容未涉及已登记的其他机关职责。"]
    return ["", "**权属提示**", ""] + [
        f"- 可能属于 **{one.agency.name}**：申请内容提到“{'”“'.join(one.words)}”；"
        f"{one.agency.reason}。"
        for one in found
    ]


def full(
    case: Case, events: Sequence[Event], documents: Sequence[Document], now: Circumstances
) -> str:
    """The dossier for the terminal: every act, every letter, the limit with its working."""
    found = case.deadline(now.law)
    lines = [
        f"{case.number}　{case.stage}　{case.applicant}（{case.applicant_kind}）",
        f"申请内容：{case.request}",
        "",
        "办理经过",
    ]
    lines += [
        f"  {event.position}. {event.on}　{acts.ACTS[event.kind].title}　{event.officer}"
        f"（{article_label(event.article)}；{event.recorded_on} 登记）"
        for event in events
    ]
    lines += ["", "文书", *(f"  {one.number}　{_dated(one)}" for one in documents)]
    if found:
        lines += ["", explain(found)]
    if case.stage is not Stage.CLOSED:
        titles = [act.title for act in acts.lawful(case, now)]
        lines += ["", f"现在可以办理：{'、'.join(titles)}"]
        lines += [f"不能办理“{title}”：{why}" for title, why in acts.barred(case, now).items()]
    return "\n".join(lines)


def _dated(document: Document) -> str:
    return f"{document.year}年，{document.kind}"
