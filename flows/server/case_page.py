"""The page of one case: its dossier, its form, and what may be begun beside the path, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, select

from flows.server.narrowed import OF_CASE, impeded
from flows.server.offers import NUMBER, form_address, use_of
from flows.shown.bench import pressing
from flows.shown.dossier import dossier_of
from flows.shown.opened import opened_by_others
from flows.shown.pages import form_url
from flows.shown.paper_lines import archive_url, missing_lines, note_lines, papers_url
from flows.shown.precedents import differing, precedents
from flows.shown.review_brief import review_url
from flows.shown.row_words import limit_words, masked
from models.acts import catalogue
from models.case.act import Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.neighbours.papers import papers
from models.register import register, same_applicant
from models.store.tables import Review

BESIDE: Final = (
    *("撤销刚才一步", "补登送达", "撤回答复", "责令重新答复", "勘误"),
    *("登记复议诉讼", "转主动公开审查", "登记主动公开"),
)
"""The forms offered on a case's page, in this order."""
LATEST_NOTES: Final = 5


@dataclass(frozen=True)
class Button:
    """A form that begins with this case; why_not = why it is not open now, "" if it is."""

    name: str
    address: str
    when: str
    why_not: str = ""


def case_facts(session: Session, number: str, now: Circumstances) -> dict[str, object]:
    """What stands on the page of a case; NoSuchCase if the register has none of that number."""
    case = catalogue.replay(number, events := register.events(session, number))
    row, now = register.row(session, number), same_applicant.informed(session, case, now)
    found = case.deadline(now.law) if case.stage is not Stage.CLOSED else None
    found_papers = papers(session, case.number)
    before = precedents(session, case.request, now, but=number)
    buttons, whole = list(_buttons(session, case, now)), dossier_of(session, case, events, now)
    return {
        "case": case,
        "applicant": masked(case.applicant),
        "form": "" if case.stage is Stage.CLOSED else form_url(number),
        "limit": limit_words(found, now) if case.stage is not Stage.CLOSED else "",
        "pressing": "" if case.stage is Stage.CLOSED else pressing(row, now),
        "precedents": before,
        "differing": differing(before),
        "may": [one for one in buttons if not one.why_not],
        "may_not": [one for one in buttons if one.why_not],
        "reviews": list(_reviews(session, number)),
        "opened": opened_by_others(session, now.officer).get(number, ""),
        "papers": papers_url(case.number),
        "archive": archive_url(case.number) if case.stage is Stage.CLOSED else "",
        "papers_total": len(found_papers.in_file()),
        "missing": missing_lines(case, found_papers),
        "notes": list(note_lines(found_papers))[-LATEST_NOTES:],
        "dossier": whole,
        "sections": whole.sections,
    }


def _buttons(session: Session, case: Case, now: Circumstances) -> Iterator[Button]:
    reply = case.reply_letter()
    for name in BESIDE:
        use = use_of(name)
        assert use is not None
        given = {NUMBER: case.number}
        if name not in OF_CASE:
            given = {"application": case.number}
            given |= {"letter_number": reply.number} if reply else {}
        yield Button(name, form_address(name, **given), use.when, impeded(session, name, case, now))


def _reviews(session: Session, number: str) -> Iterator[tuple[Review, str]]:
    """The reviews and suits about this application, and where each stands with its forms."""
    asked = select(Review).where(Review.application == number).order_by(Review.number)
    for row in session.exec(asked):
        yield row, review_url(row.number)
