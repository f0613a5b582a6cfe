"""What became of a form that was begun with: taken, refused after all, waiting, failed; where to go on?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound

from flows import office
from flows.installation.prefect_client import connected
from flows.path import desk, presenting
from flows.path.form_fields import Group
from flows.server.offers import form_address, use_of
from flows.shown import lists
from flows.shown.pages import form_url, page_url
from flows.shown.review_brief import review_url
from models.acts.former_words import form_now
from models.case.stage import Stage
from models.register import numbers_meant, register
from models.store.tables import Review

REGISTRATION: Final = "登记申请"
LINK: Final = re.compile(r"^(.*?)\[(.*)\]\((/[^)\s]*)\)$")
UNESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass
class Became:
    """What became of a form: done, again (refused after all), waiting, or failed; and where to go on.

    number = the case, or the review, of which the lines tell
    """

    state: str
    title: str
    words: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    onward: tuple[tuple[str, str, bool], ...] = ()
    number: str = ""

    @property
    def waiting(self) -> bool:
        return self.state == "waiting"


def became_of(run: UUID) -> Became | None:
    """What became of the form of a run so far; None if there is no such run, or none that begins with
    a form (a case's own run tells its whole dossier: that is read on the case's page).
    """
    with connected() as client:
        try:
            found = client.read_flow_run(run)
        except ObjectNotFound:
            return None
        form = form_now(client.read_flow(found.flow_id).name)
        if use_of(form) is None:
            return None
        told = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run]))
        pages = client.read_artifacts(artifact_filter=told)
    home = ("/", "回到工作台", False)
    match found.state_type:
        case StateType.COMPLETED:
            answers = [str(one.data) for one in pages if not presenting.is_dossier(one.key or "")]
            return _done(found, form, answers[0] if answers else "", home)
        case StateType.PAUSED:
            again = (f"{lists.run_url(str(run))}?form", "打开更正", True)
            why = found.name.partition("未办成：")[2] or found.name
            return Became("again", form, why, onward=(again, home))
        case StateType.SCHEDULED | StateType.PENDING | StateType.RUNNING:
            return Became("waiting", form, onward=(home,))
    seen = (lists.run_url(str(run)), "办理流程", True)
    return Became("failed", form, "这张表单没有办完，系统会再试；请稍后核对", onward=(seen, home))


def _done(run: FlowRun, form: str, told: str, home: tuple[str, str, bool]) -> Became:
    again = (form_address(form), f"再办一张“{form}”", False)
    if form == REGISTRATION:
        with office.reading() as session:
            taken = numbers_meant.taken_in(session, desk.submission_of(run)) or ""
        goes_on = (form_url(taken), "继续办理：打开表单", True)
        onward = (goes_on, (page_url(taken), "案卷", False), again, home)
        return Became("done", form, f"已登记，申请编号：{taken}", (), onward)
    lines = tuple(_told(told))
    if year := _year_of(form, run.parameters):
        whole = (year_page(year), f"{year}年度报告", True)
        return Became("done", form, _headed(told) or f"{form}：已登记", lines, (whole, home))
    number, _, title = run.name.partition("　")
    with office.reading() as session:
        known = numbers_meant.known(session, [number])
        open_ = bool(known) and register.row(session, number).stage != Stage.CLOSED
        reviewed = session.get(Review, number)
    if reviewed:
        whole = (review_url(number), f"{number} 的全部", True)
        return Became("done", form, f"{number}　{title}", lines, (whole, home), number)
    if not known:
        whose = number if lines else ""
        return Became("done", form, title or f"{form}：已登记", lines, (again, home), whose)
    at_form = ((form_url(number), "继续办理：打开表单", True),) if open_ else ()
    dossier = (page_url(number), f"{number} 的案卷", not open_)
    return Became(
        "done", form, f"{number}　{title}", lines, (*at_form, dossier, again, home), number
    )


def _year_of(form: str, given: Mapping[str, object]) -> int:
    """Of which year's report a form is; 0 if it is of none."""
    use = use_of(form)
    if use is None or use.group is not Group.YEAR:
        return 0
    said = str(given.get("year") or given.get("on") or "")[:4]
    return int(said) if said.isdecimal() else office.today().year - 1


def year_page(year: object) -> str:
    """Where the report of a year stands, with all its forms; "" for what is no year."""
    return f"/year/{year}" if re.fullmatch("[12][0-9]{3}", str(year)) else ""


def _headed(markdown: str) -> str:
    """What stands above the lines of what a form was answered with, or is all that was said."""
    first = markdown.partition("\n")[0]
    return "" if first.startswith("- ") else UNESCAPED.sub(r"\1", first.removeprefix("# "))


def _told(markdown: str) -> Iterator[tuple[str, str]]:
    """The lines of what a form was answered with (counter/neighbours.py), and where each leads."""
    for line in markdown.splitlines():
        if line.startswith("- "):
            found = LINK.match(line[2:])
            words = f"{found[1]}{found[2]}" if found else line[2:]
            yield UNESCAPED.sub(r"\1", words), found[3] if found else ""
