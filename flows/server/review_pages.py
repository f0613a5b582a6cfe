"""复议诉讼 on pages of ours: all (/reviews), and everything of one, with its buttons (/reviews/NUMBER).

A button opens the form of what may happen next, its number and its matter filled in; what the stage
does not allow is named with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.counter.reviews import STEPS
from flows.installation.entrance import Caller
from flows.server.case_page import Button
from flows.server.narrowed import COURSE, RESULT
from flows.server.offers import NUMBER, form_address
from flows.server.our_pages import OurPages
from flows.shown.access_lines import noted
from flows.shown.framed import framed, not_there
from flows.shown.pages import BUSY, READS, page_url
from flows.shown.review_brief import REVIEWED, in_hand, review_facts, review_url
from letters.pages.desk_page import page
from models.case.act import Circumstances
from models.case.recorded import by_whom
from models.case.review_case import ReviewCase, ReviewKind
from models.errors import NotRegistered
from models.neighbours.review_acts import REVIEWS, RecordResult
from models.register.neighbour import entries, state

LODGING: Final = "登记复议诉讼"


class ReviewPages(OurPages):
    """Answers the pages of reviews and suits; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        if parts[:1] != ["reviews"]:
            return None
        if scope["method"] not in READS:
            return PlainTextResponse("这一页只能查看", HTTPStatus.METHOD_NOT_ALLOWED)
        match parts[1:]:
            case []:
                facts = await run_in_threadpool(_all, caller.officer)
                return _page(caller, "reviews", "复议诉讼", facts)
            case [number]:
                try:
                    facts = await run_in_threadpool(_one, number, caller)
                except NotRegistered as fault:
                    return not_there(str(fault), caller.officer)
                except office.REGISTER_FAULTS:
                    return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
                return _page(caller, "review", number, facts)
        return not_there("没有这一页", caller.officer)


def _page(caller: Caller, template: str, title: str, facts: Mapping[str, object]) -> Response:
    return HTMLResponse(page(template, framed(title, caller.officer, "/"), facts))


def _all(officer: str) -> dict[str, object]:
    with office.reading() as session:
        open_now, over = in_hand(session, office.circumstances(officer))
    return {"open": open_now, "over": over, "lodge": form_address(LODGING)}


def _one(number: str, caller: Caller) -> dict[str, object]:
    """All that is known of one, once it stands in the log who reads it."""
    with office.reading() as session:
        facts = one_review(session, number, office.circumstances(caller.officer))
    noted(caller, f"{number} 复议诉讼")
    return facts


def one_review(session: Session, number: str, now: Circumstances) -> dict[str, object]:
    """What stands on the page of a review; NotRegistered."""
    case = state(session, REVIEWS, number)
    buttons = list(_buttons(case, now))
    done = [
        (str(one.on), REVIEWS.acts[one.kind].title, by_whom(one.officer, one.facts))
        for one in entries(session, REVIEWS, number)
    ]
    return {
        "number": number,
        "stage": str(case.stage),
        "facts": review_facts(case, now),
        "application": page_url(case.application) if case.application else "",
        "before": review_url(case.after_review) if case.after_review else "",
        "may": [one for one in buttons if not one.why_not],
        "may_not": [one for one in buttons if one.why_not],
        "done": done,
        "course": case.course,
        "home": REVIEWED,
    }


def _buttons(case: ReviewCase, now: Circumstances) -> Iterator[Button]:
    """The forms of what may happen next, or why not."""
    given = {NUMBER: case.number}
    result = RecordResult.impeded(case, now)
    yield Button("登记结果", form_address(RESULT, **given), RecordResult.title, result)
    for step, act in STEPS.items():
        address = form_address(COURSE, **given, step=str(step))
        yield Button(act.title, address, str(step), act.impeded(case, now))
    if case.kind == ReviewKind.REVIEW:
        suit = {"review_kind": str(ReviewKind.SUIT_AFTER_REVIEW), "after_review": case.number}
        suit |= {"application": case.application, "letter_number": case.letter}
        known = {name: words for name, words in suit.items() if words}
        yield Button(
            "登记复议后的起诉", form_address(LODGING, **_named(known)), "对复议决定不服起诉"
        )


def _named(known: Mapping[str, str]) -> dict[str, str]:
    """The fields of Lodge as its form calls them (counter/reviews.py)."""
    forms = {"review_kind": "kind", "letter_number": "letter"}
    return {forms.get(name, name): words for name, words in known.items()}
