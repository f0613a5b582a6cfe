"""The dossier of one case: every act, every document, the limit with its working, what may be done.

One content, three forms: text for the terminal, Markdown for the UI, .docx for the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from flows.shown.deadlines import headline, sentence
from flows.shown.pages import (
    DOCX,
    applicant_url,
    as_pdf,
    draft_url,
    is_drafted,
    letter_url,
    supply_url,
)
from flows.shown.paper_lines import material_lines, note_lines
from flows.shown.row_words import applicants, limit_words
from letters.letter.record import Section
from letters.letter.words import Letter, chinese_date, escaped
from models.acts import catalogue
from models.acts.afterwards.archiving import HandToArchive
from models.acts.afterwards.delivery import remedy_sentence, served_lines
from models.acts.intake.receipt import submitted
from models.acts.procedure.opinions import notes
from models.case.act import Circumstances
from models.case.case import Case
from models.case.recorded import by_whom
from models.case.stage import Stage
from models.law.citing import article_label, row_label
from models.law.workdays import written
from models.neighbours.papers import Papers
from models.neighbours.papers import papers as papers_of
from models.register import filed_letters, register, same_applicant
from models.store.tables import Document, Event
from models.words.days_told import told

NEXT = "下一步"
STATED = "　　"  # how a line begins that belongs to the one above it
NUMBERED = re.compile(r"[0-9]+\. ")
REACHED_AT = "申请人的身份证明号码和联系方式：只在登记簿中"


@dataclass(frozen=True)
class Dossier:
    """What is known of a case on a day: a title and its sections.

    links = line → the page of our server that it leads to in the UI (flows/shown/pages.py)
    """

    title: str
    sections: tuple[Section, ...]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def pdfs(self) -> dict[str, str]:
        """line → the PDF of the letter or draft that it names."""
        return {line: as_pdf(url) for line, url in self.links.items() if url.endswith(DOCX)}

    def text(self) -> str:
        """For the terminal."""
        parts = [self.title]
        for section in self.sections:
            parts += ["", section.heading, *(f"  {line}" for line in section.lines)]
        return "\n".join(parts)

    def markdown(self) -> str:
        """For the UI; whatever a value contains shows as itself."""
        parts = [f"# {escaped(self.title)}"]
        for section in self.sections:
            parts += ["", f"## {escaped(section.heading)}", ""]
            parts += self._listed(section.lines)
        return "\n".join(parts) + "\n"

    def _listed(self, lines: Iterable[str]) -> Iterator[str]:
        """A list: what is numbered keeps its number, and what it states stands below it."""
        below = ""
        for line in lines:
            if line.startswith(STATED):
                yield f"{below}- {self._linked(line)}"
                continue
            place = NUMBERED.match(line)
            mark = place[0] if place else "- "
            below = " " * len(mark)
            yield mark + self._linked(line.removeprefix(place[0] if place else ""))

    def _linked(self, line: str) -> str:
        words = escaped(" ".join(line.split()))
        return f"[{words}]({self.links[line]})" if line in self.links else words


def dossier(session: Session, number: str, now: Circumstances) -> Dossier:
    """The dossier of a case as the register has it; NoSuchCase if there is none."""
    case = catalogue.replay(number, events := register.events(session, number))
    return dossier_of(session, case, events, same_applicant.informed(session, case, now))


def dossier_of(
    session: Session, case: Case, events: Sequence[Event], now: Circumstances
) -> Dossier:
    """The dossier of a case that was read, by circumstances that know its applicant's others."""
    number = case.number
    added = papers_of(session, number)
    materials = dict(material_lines(number, added))
    papers = dict(_papers(case, filed_letters.documents(session, number)))
    parts = (
        Section("基本情况", (*_facts(case, now), REACHED_AT)),
        Section("办理经过", tuple(_acts(number, events, now))),
        Section("文书", tuple(papers) or ("尚无",)),
        *_added(materials, added),
        Section("答复期限", tuple(_limit(case, now))),
        *_further(case, now),
        *_ahead(case, now),
    )
    links = papers | materials | {REACHED_AT: applicant_url(number)}
    return Dossier(f"政府信息公开申请办理卷宗　{number}", parts, links)


def bound(session: Session, number: str, now: Circumstances) -> tuple[Section, ...]:
    """The dossier of a closed case as it is bound with its file: what was done, and nothing of what may
    be done. That the file was handed over stands in the register, not in the file.
    """
    events = register.events(session, number)
    case = catalogue.replay(number, events)
    now = same_applicant.informed(session, case, now)
    added = papers_of(session, number)
    return (
        Section("基本情况", tuple(_facts(case, now))),
        Section("办理经过", tuple(_acts(number, events, now, but=HandToArchive.kind))),
        Section("答复期限", tuple(_limit(case, now))),
        *_further(case, now),
        *_added({}, added),
    )


def _added(materials: Mapping[str, str], added: Papers) -> Iterator[Section]:
    """Materials and notes, if there are any."""
    if materials:
        yield Section("材料", tuple(materials))
    if added.notes:
        yield Section("便签", tuple(note_lines(added)))


def _further(case: Case, now: Circumstances) -> Iterator[Section]:
    """Opinions asked for, and what became of the reply after it was sent, if there is any."""
    if case.opinions:
        yield Section("征求意见", tuple(notes(case, now)))
    if case.stage is Stage.CLOSED and case.reply_letter():
        yield Section("送达和救济期限", (*served_lines(case), remedy_sentence(case, now.law)))


def _facts(case: Case, now: Circumstances) -> Iterator[str]:
    yield f"环节：{case.stage}"
    yield f"申请人：{applicants(case)}"
    if case.agent:
        yield f"代理人：{case.agent}，{case.authority or '没有委托手续'}"
    if case.split_from:
        yield f"由申请{case.split_from}按“一事一申请”拆分登记"
    yield f"提交方式：{submitted(case, now.law)}，{written(case.arrived_on)}到件"
    yield f"收到申请之日：{written(case.received_on) if case.received_on else '待确认'}"
    yield f"申请内容：{case.request}"
    if case.stage is Stage.CLOSED:
        row = case.row(now.law)
        counted = f"计入年报表三的{row_label(row)}" if row else "已注销登记，不计入年报"
        together = f"，由申请{case.answered_in}的告知书一并答复" if case.answered_in else ""
        closed = written(case.closed_on) if case.closed_on else "无日期"
        yield f"办结：{closed}{together}，{counted}"


def _acts(number: str, events: Sequence[Event], now: Circumstances, but: str = "") -> Iterator[str]:
    """Each act with its day, officer, article and what was stated, in the words of its form; but = the
    kind of which nothing is told.
    """
    case, undone = Case(number), [*catalogue.replay(number, events).steps]
    for event, step in zip(events, undone, strict=True):
        act = catalogue.act_of(event)
        if act.kind == but:
            catalogue.apply(case, event)
            continue
        yield (
            f"{event.position + 1}. {written(event.on)}　{act.title}　{by_whom(event.officer, event.facts)}"
            f"（{article_label(event.article)}；{written(event.recorded_on)}登记）"
            f"{'　已撤销' if step.undone else ''}"
        )
        yield from (f"{STATED}{title}：{words}" for title, words in act.said(case, now))
        catalogue.apply(case, event)


def _papers(case: Case, documents: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """Each letter, and the draft while there is one: the line that names it, where it is opened."""
    for document in documents:
        letter = Letter.from_json(document.letter)
        void = (
            f"（{written(document.voided_on)}作废：{document.void_reason}）"
            if document.voided_on
            else ""
        )
        line = f"{document.number}　{letter.title}　{letter.signed_on}{void}"
        yield line, letter_url(case.number, document.number)
    for one in case.supplies:
        line = f"协办单　请{one.department}检索、提供材料　{chinese_date(one.asked_on)}"
        yield line, supply_url(case.number, one.ref)
    if is_drafted(case):
        yield "拟稿（尚未签发）", draft_url(case.number)


def _limit(case: Case, now: Circumstances) -> Iterator[str]:
    if case.imported_row:
        yield "办理结果取自台账，台账不载办理步骤，期限无从计算"
        return
    found = case.deadline(now.law)
    if found is None:
        yield "收到申请之日尚未确认，期限尚未起算（条例第三十一条）"
        return
    yield headline(found)
    if case.stage is not Stage.CLOSED:
        yield limit_words(found, now)
    for place, step in enumerate(found.steps, 1):
        yield f"{place}. {sentence(step)}"
    for warning in found.warnings:
        yield f"注意：{warning}"


def _ahead(case: Case, now: Circumstances) -> Iterator[Section]:
    """What may be done next; of a case that is with the archive, since when it is there."""
    if (one := case.handed_over) is None:
        yield Section(NEXT, tuple(_next(case, now)))
        return
    to = f"{one.to}，" if one.to else ""
    yield Section("归档", (f"{written(one.on)}移交档案（{to}回执{one.receipt}）",))


def _next(case: Case, now: Circumstances) -> Iterator[str]:
    """What may be done next, and why other acts of this stage may not."""
    lawful = catalogue.lawful(case, now)
    yield f"可以办理：{'、'.join(act.title for act in lawful) or '无（已办结）'}"
    barred = catalogue.barred(case, now)
    for title, why in barred.items():
        yield told([f"不能办理“{title}”：{why}"])
