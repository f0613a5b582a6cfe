"""What an officer should look at before drafting: published already? asked before? whose is it?

Hints only: each says where it is from, and the officer decides (Arts. 10, 36(1), 36(5), 36(6)). And,
until the reply is out, what each consultation still lacks (Arts. 11, 32-34), and which department of our
own is still to supply what it was asked for (Art. 33).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from letters.letter.words import escaped
from models.acts.afterwards.merging import OPEN
from models.acts.intake.jurisdiction import proposals
from models.acts.procedure.supplying import STAGES, unsupplied
from models.acts.procedure.withholding import lacking
from models.agency.officers import Role
from models.case.act import Circumstances
from models.case.case import Case
from models.case.matters import OtherApplication
from models.case.stage import Stage
from models.law.workdays import written
from models.neighbours.published_already import Published
from models.words.alike import Likeness, difference, likeness
from models.words.days_told import told

UNDECIDED = (Stage.CONFIRMING, Stage.JURISDICTION, Stage.DRAFTING)
SHOWN = 10  # of the applicant's other applications, the latest
LONGEST = 80  # characters of a request or a place quoted


def hints(case: Case, now: Circumstances, published: Sequence[Published]) -> Iterator[str]:
    """The hints for where the case stands, a Markdown paragraph each."""
    if case.stage is Stage.JURISDICTION:
        yield from _remit(case, now)
    if case.stage in UNDECIDED:
        yield from map(_published, published)
        yield from _repeated(case, now)
    if case.unauthorised and case.stage is not Stage.CLOSED:
        yield (
            f"**代理人没有委托手续**　{plain(case.agent)}：与其他要补正的内容一次性告知补正"
            "（条例第二十九条第二款、第三十条）；委托手续补齐以前，文书不注明代理人，不由其签收"
        )
    yield from _others(now)
    if case.stage in STAGES:
        yield from _asked_of_departments(case, now)
    if case.stage is not Stage.CLOSED:
        yield from (f"**征求意见尚缺**　{plain(told([words]))}" for words in lacking(case, now))


def _remit(case: Case, now: Circumstances) -> Iterator[str]:
    """Which agency may hold it, and why (Arts. 10, 36(5))."""
    found = proposals(case.request, now.agency)
    if not found:
        yield "**公开主体提示**　申请内容未涉及已登记的其他机关职责。"
    for one in found:
        yield (
            f"**公开主体提示**　可能属于 **{one.agency.name}**：申请内容提到“{'”“'.join(one.words)}”；"
            f"{one.agency.reason}。"
        )


def _published(one: Published) -> str:
    """It may be public already: then the reply says where (Art. 36(1))."""
    where = f"，{plain(one.place)}" if one.place else ""
    return (
        f"**可能已经公开**　{plain(one.title)}{where}（{plain(one.source)}）。"
        "核对属实的，告知获取方式和途径（条例第三十六条第一项）"
    )


def _repeated(case: Case, now: Circumstances) -> Iterator[str]:
    """The same person may have asked the same before (Art. 36(6)): the pair, and the difference."""
    alike = now.law.figure("alike", now.today).percent
    for one in now.others:
        found = likeness(case.request, one.request)
        if found.percent >= alike:
            yield (
                f"**{_repetition(one, found)}**　{one.number}：“{plain(one.request)}”"
                f"{_answered(one)}。{_difference(case, one, found)}"
            )


def _repetition(one: OtherApplication, found: Likeness) -> str:
    if not found.same_numbers:
        return "相似，但年份或者编号不同"
    return "可能重复申请" if one.reply else "内容相近的其他申请"


def _answered(one: OtherApplication) -> str:
    if one.reply:
        return f"，已由{plain(one.reply)}答复"
    if one.stage == Stage.CLOSED:
        return "，没有以告知书答复"
    joined = "，可以一并答复" if one.stage in OPEN and one.received_on else ""
    return f"，{one.stage}，不是重复申请{joined}"


def _difference(case: Case, one: OtherApplication, found: Likeness) -> str:
    here, there = difference(case.request, one.request)
    if not here and not there:
        return "除套语外文字相同"
    said = [
        f"本件另有“{plain(here)}”" if here else "",
        f"该件另有“{plain(there)}”" if there else "",
    ]
    return f"相同{found.percent}%，" + "，".join(words for words in said if words)


def _others(now: Circumstances) -> Iterator[str]:
    """The applicant's other applications: is this one a repetition, or to be answered with them?"""
    if not now.others:
        return
    yield f"**同名申请人的其他申请**　{len(now.others)}件（请核对身份）"
    for one in now.others[-SHOWN:]:
        received = f"{written(one.received_on)}收到，" if one.received_on else ""
        reply = f"，{one.reply}" if one.reply else ""
        yield f"{one.number}　{received}{one.stage}{reply}　{plain(one.request)}"


def _asked_of_departments(case: Case, now: Circumstances) -> Iterator[str]:
    """Which departments of our own have not answered yet, and who of them can on the desk (Art. 33)."""
    suppliers = [one for one in now.agency.officers if Role.SUPPLY in one.roles]
    others = "、".join(dict.fromkeys(plain(one.department) for one in suppliers))
    listed = f"；名单上在系统里答复的处室：{others}" if others else ""
    for asked in unsupplied(case):
        names = "、".join(
            plain(one.name) for one in suppliers if one.department == asked.department
        )
        by_hand = f"没有人在系统里答复，请打印案卷【文书】里的协办单送去，答复由承办人登记{listed}"
        yield (
            f"**已请处室提供**　{plain(asked.department)}（最迟{written(asked.supply_by)}）："
            f"{f'由{names}在系统里答复' if names else by_hand}"
        )


def plain(text: str) -> str:
    """A value on one line, showing as itself; a long one cut."""
    words = " ".join(text.split())
    return escaped(words if len(words) <= LONGEST else f"{words[:LONGEST]}……")
