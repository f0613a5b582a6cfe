"""One case in brief, on top of its form: facts, last day with its working, warnings, hints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flows.shown.deadlines import WEEKDAYS, sentence
from flows.shown.hints import hints
from flows.shown.pages import as_pdf, draft_url, letter_url
from flows.shown.row_words import applicants, limit_words, stood_in
from letters.letter.preview import LEGEND, shown
from letters.letter.words import escaped
from models.acts.intake.receipt import correction_overdue, submitted
from models.acts.procedure.excess import reasons_overdue
from models.acts.procedure.fee_owed import fee_awaited, fee_overdue
from models.acts.procedure.opinions import notes
from models.acts.reply.outcome import enclosed_though_public
from models.agency.agency import not_confirmed
from models.agency.remedy import transition_warning
from models.case.act import Circumstances
from models.case.case import Case
from models.case.matters import Contact, Draft
from models.case.stage import Stage
from models.case.time_given import short_times
from models.errors import NoRuleInForce
from models.law.citing import row_label
from models.law.workdays import written
from models.neighbours.published_already import Published
from models.words.days_told import told

LATEST = 5
SHOWN = 600  # characters
NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def brief(case: Case, now: Circumstances, published: Sequence[Published] = ()) -> str:
    """The case in brief, as Markdown: facts, limit with its working, warnings, hints.

    published = what was published and may be what is asked for (models/neighbours/published_already.py)
    Inside a form the UI shows neither tables nor single newlines: short lines are parted by <br>,
    the only mark of HTML that it leaves besides <hr>.
    """
    found = case.deadline(now.law) if case.stage is not Stage.CLOSED else None
    rows = [
        ("今天是", f"{written(now.today)}，星期{WEEKDAYS[now.today.weekday()]}"),
        ("申请编号", case.number),
        ("环节", str(case.stage)),
        ("申请人", applicants(case)),
        *([("代理人", case.agent)] if case.agent else []),
        *stood_in(case, now),
        ("提交方式", submitted(case, now.law)),
        ("收到申请之日", received_words(case)),
        ("届满日", limit_words(found, now)),
        ("上一步", told([case.last_act])),
    ]
    lines = ["<br>".join(f"**{name}**　{_plain(text)}" for name, text in rows)]
    lines.append(f"**申请内容**　{_shortened(case.request)}")
    if found:
        steps = (f"{NUMBERS[n % 20]} {sentence(step)}" for n, step in enumerate(found.steps))
        lines.append("<br>".join(("**期限怎样算出来的**", *steps)))
        lines += [f"**注意**　{told([warning])}" for warning in found.warnings]
    lines += [*_ordered(case), *_extension(case)]
    if case.opinions:
        lines += ["**征求意见**", *(_plain(told([note])) for note in notes(case, now))]
    pending = (
        correction_overdue(case, now.today, now.law),
        fee_awaited(case, now.law),
        fee_overdue(case, now.today, now.law),
        reasons_overdue(case, now.today, now.law),
    )
    lines += [f"**注意**　{told([words])}" for words in pending if words]
    lines += [f"**注意**　{told([words])}" for words in short_times(case, now.law)]
    if case.contacts:
        lines += _contacts(case.contacts)
    lines += hints(case, now, published)
    if case.draft:
        lines += _draft(case.draft, now)
        doubtful = enclosed_though_public(case.draft)
        lines += [f"**注意**　{doubtful}"] if doubtful else []
        lines += _letter(case, now)
    issued = case.reply_letter()
    if issued and case.stage is Stage.DISPATCH:
        url = letter_url(case.number, issued.number)
        paper = f"[打开（.docx）]({url})　[打印（PDF）]({as_pdf(url)})"
        lines.append(f"**告知书**　{_plain(issued.number)}，{written(issued.dated)}　{paper}")
    if case.stage in (Stage.DRAFTING, Stage.REVIEW, Stage.SECRECY, Stage.SIGNING):
        unsure = not_confirmed(now.agency, now.today)
        lines += [f"**注意**　{escaped(unsure)}"] if unsure else []
        if now.agency.sample and case.stage is Stage.SIGNING:
            lines.append("**注意**　本机关资料标明为示例，所出的告知书只供演示、培训")
    if case.stage in (Stage.SIGNING, Stage.DISPATCH):
        doubt = transition_warning(case.signed_on or now.today, now.law)
        lines += [f"**注意**　{doubt}"] if doubt else []
    return "\n\n".join(lines)


def _ordered(case: Case) -> Iterator[str]:
    """The decision by which a reply is owed, the latest (Art. 51)."""
    for one in case.redecisions[-1:]:
        yield f"**责令答复**　{_plain(one.cited)}，{written(one.received_on)}收到"


def _extension(case: Case) -> Iterator[str]:
    """The extension that is proposed, and by whom; the head has not consented yet (Art. 33)."""
    if one := case.extension_drafted:
        drafted = f"{one.days}个工作日，{one.drafted_by}于{written(one.on)}拟，理由：{one.reasons}"
        yield f"**拟延期**　{_plain(drafted)}；待公开机构负责人办理“延长答复期限”，同意并告知申请人"


def _contacts(tried: Sequence[Contact]) -> Iterator[str]:
    """The latest attempts to reach the applicant; the dossier has them all."""
    latest = tried[-LATEST:]
    earlier = len(tried) - len(latest)
    yield "**与申请人联系的情况**" + (f"　此前另有{earlier}次，见办理卷宗" if earlier else "")
    yield from (_plain(str(one)) for one in latest)


def _draft(draft: Draft, now: Circumstances) -> Iterator[str]:
    """The answer drafted, in the words of table 三, part by part; who drafted, who said what."""
    writers = "、".join(sorted(draft.drafters))
    yield f"**拟答复**　{label(draft.outcome, now)}　起草、改稿：{_plain(writers)}"
    for part in draft.parts:
        yield f"**分项**　{_plain(part.item)}　{label(part.outcome, now)}"
    if draft.remaining:
        yield f"**尚待起草的部分**　{_plain(draft.remaining)}"
    yield from (f"**意见**　{_plain(comment)}" for comment in draft.comments)


def label(outcome: str, now: Circumstances) -> str:
    """An outcome as it counts today: in its row of table 三, by the office's choice where one is. One
    that is offered no more is called as it was last.
    """
    try:
        row, counted = now.law.outcomes.on(outcome, now.today), now.law.row(outcome, now.today)
    except NoRuleInForce:
        row = now.law.outcomes[outcome]
        counted = row.row
    return f"{row_label(counted)}　{row.label}" + (f"（{row.basis}）" if row.basis else "")


def _letter(case: Case, now: Circumstances) -> list[str]:
    """The letter's full text as it will be printed, until it is signed."""
    if case.stage in (Stage.DISPATCH, Stage.CLOSED):
        return []
    text = shown(case, now.law, now.agency, now.today, now.borne)
    paper = f"[打开拟稿（.docx）]({draft_url(case.number)})"
    return ["<hr>", f"**告知书全文**　{LEGEND}{paper}", *text, "<hr>"] if text else []


def _shortened(request: str) -> str:
    """The request as it may stand above a form; the dossier has all of it."""
    more = f"……（共{len(request)}字，全文见办理卷宗）" if len(request) > SHOWN else ""
    return _plain(request[:SHOWN]) + more


def _plain(text: str) -> str:
    """A value on one line, showing as itself."""
    return escaped(" ".join(text.split()))


def received_words(case: Case) -> str:
    """The day of receipt, or that it is still to be confirmed and when the application arrived."""
    if case.received_on:
        return written(case.received_on)
    return f"待确认（{written(case.arrived_on)}到件）" if case.arrived_on else "待确认"
