"""What was given on request may concern everybody: screened, and published if fit (Arts. 26, 44).

Every application closed by giving information, whole or in part, is owed a screening. If the
information is fit, 20 working days run from that finding to its publication.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from pydantic import Field
from sqlmodel import Session, col, func, select

from models.agency.officers import Role
from models.case.act import Circumstances, RegisterAct, blank, in_future
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.statute import Statute
from models.law.workdays import Reach
from models.register.neighbour import Neighbour, enter, entries
from models.register.numbers_meant import number_meant
from models.store.happened import rows
from models.store.tables import Application, Entry, Publication

GIVEN = ("granted", "partly_granted")  # outcomes by which information is given on request

FINDINGS = {
    "fit": "适合转为主动公开",
    "not_fit": "不适合转为主动公开",
    "published_already": "已经主动公开",
}


class PublicationStage(StrEnum):
    """Where a screening stands; the value is what the officer reads."""

    OWED = "待审查"
    TO_PUBLISH = "待公开"
    NOT_FIT = "不转主动公开"
    PUBLISHED = "已主动公开"


@dataclass
class Screening:
    """The screening of one application's information as its entries leave it.

    number = of the application; proposed = the applicant proposed publication (Art. 44, 2nd para)
    """

    number: str
    position: int = 0
    stage: PublicationStage = PublicationStage.OWED
    last_act: str = ""
    finding: str = ""
    reason: str = ""
    proposed: bool = False
    screened_on: date = date.min
    published_on: date | None = None
    place: str = ""


class PublicationAct(RegisterAct[Screening]):
    """One act on the screening of what was given on request."""

    subject: ClassVar[str] = "转主动公开事项"


class Screen(PublicationAct):
    """转主动公开审查: is what was given fit for everybody? A finding may be revised (Arts. 18, 44)."""

    kind: ClassVar[str] = "screened"
    title: ClassVar[str] = "转主动公开审查"
    article: ClassVar[str] = "44"
    stages: ClassVar[frozenset[StrEnum]] = frozenset(
        {PublicationStage.OWED, PublicationStage.TO_PUBLISH, PublicationStage.NOT_FIT}
    )
    role: ClassVar[Role] = Role.REVIEW

    finding: str = Field(title="审查结论")
    screened_on: date = Field(title="审查日期")
    reason: str = Field(
        default="", title="理由", description="不适合转为主动公开的必填", max_length=2000
    )
    proposed: bool = Field(default=False, title="申请人建议主动公开")

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"finding": FINDINGS}

    def faults(self, case: Screening, now: Circumstances) -> list[str]:
        found = in_future("审查日期", self.screened_on, now)
        if self.screened_on < case.screened_on:
            found.append(f"审查日期（{self.screened_on}）早于上次审查（{case.screened_on}）")
        if self.finding == "fit" and case.stage is PublicationStage.TO_PUBLISH:
            found.append(
                f"已于{case.screened_on}认定适合转为主动公开，公开期限不因再次审查重新计算"
                "（条例第二十六条）"
            )
        if self.finding == "not_fit" and blank(self.reason):
            found.append("不适合转为主动公开的，请写明理由（条例第四十四条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.screened_on

    def apply(self, case: Screening, on: date, officer: str) -> None:
        case.finding, case.reason, case.screened_on = self.finding, self.reason, on
        case.proposed = case.proposed or self.proposed
        case.stage = AFTER[self.finding]


AFTER = {
    "fit": PublicationStage.TO_PUBLISH,
    "not_fit": PublicationStage.NOT_FIT,
    "published_already": PublicationStage.PUBLISHED,
}


class Publish(PublicationAct):
    """登记主动公开: where and when it was published (Art. 26). Late is late, but it is recorded."""

    kind: ClassVar[str] = "published"
    title: ClassVar[str] = "登记主动公开"
    article: ClassVar[str] = "26"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({PublicationStage.TO_PUBLISH})

    published_on: date = Field(title="公开日期")
    place: str = Field(title="公开的网址、栏目或者场所", max_length=2000)

    def faults(self, case: Screening, now: Circumstances) -> list[str]:
        found = in_future("公开日期", self.published_on, now)
        if self.published_on < case.screened_on:
            found.append(f"公开日期（{self.published_on}）早于审查日期（{case.screened_on}）")
        return [*found, "请填写公开的网址、栏目或者场所"] if blank(self.place) else found

    def effective_on(self, today: date) -> date:
        return self.published_on

    def apply(self, case: Screening, on: date, officer: str) -> None:
        case.published_on, case.place = on, self.place
        case.stage = PublicationStage.PUBLISHED


def publish_by(case: Screening, law: Statute) -> Reach | None:
    """The last day to publish what was found fit: 20 working days from the finding (Art. 26)."""
    if case.stage is not PublicationStage.TO_PUBLISH:
        return None
    return law.calendar.reach(case.screened_on, law.period("publication", case.screened_on).days)


def _columns(case: Screening) -> dict[str, Any]:
    return {
        "number": case.number,
        "position": case.position,
        "stage": str(case.stage),
        "finding": case.finding,
        "screened_on": case.screened_on,
        "published_on": case.published_on,
        "place": case.place,
    }


PUBLICATIONS: Neighbour[Screening] = Neighbour(
    key="publication",
    label="依申请公开转主动公开",
    acts={act.kind: act for act in (Screen, Publish)},
    begin=Screening,
    row=Publication,
    columns=_columns,
)


class Task(NamedTuple):
    """What is to be done about an application: screened (no limit), or published by `due`."""

    number: str
    stage: PublicationStage
    since: date
    due: Reach | None = None


def screened_in(session: Session, year: int, as_of: date) -> tuple[int, int]:
    """How many answered applications were screened, and published, in a year (年报 一).

    By the entries recorded by `as_of`; a finding revised in the year is one screening.
    """
    found = list(
        session.exec(
            select(Entry.kind, Entry.case_number).where(
                Entry.register_key == PUBLICATIONS.key,
                col(Entry.on).between(date(year, 1, 1), date(year, 12, 31)),
                Entry.recorded_on <= as_of,
            )
        )
    )
    kinds = (Screen.kind, Publish.kind)
    screened, published = ({number for k, number in found if k == kind} for kind in kinds)
    return len(screened), len(published)


def screening(session: Session, number: str) -> Screening:
    """The screening of an application; ActRefused if nothing was given on its request (Art. 44)."""
    found = PUBLICATIONS.replay(number, entries(session, PUBLICATIONS, number))
    if found.position:
        return found
    application = session.get(Application, number)
    if application is None:
        raise ActRefused([f"登记簿中没有编号为“{number}”的申请"])
    if application.stage != str(Stage.CLOSED) or application.outcome not in GIVEN:
        raise ActRefused(
            [f"申请 {number} 没有以予以公开或者部分公开办结，无需转主动公开审查（条例第四十四条）"]
        )
    return found


def decide(
    session: Session,
    number: str,
    act: PublicationAct,
    now: Circumstances,
    at: datetime,
    submission: str | None = None,
) -> Screening:
    """Record one act on the screening of an application's information."""
    number = number_meant(session, number) or number
    application = session.get(Application, number, with_for_update=True)  # one officer at a time
    case = screening(session, number)
    given_on = application.closed_on if application else None
    if given_on and act.effective_on(now.today) < given_on:
        raise ActRefused(
            [f"日期（{act.effective_on(now.today)}）早于申请 {number} 的办结日期（{given_on}）"]
        )
    enter(session, PUBLICATIONS, case, act, now, at, submission)
    return case


def tasks(session: Session, law: Statute) -> list[Task]:
    """What is owed: publications by their last day, then screenings, the oldest first."""
    return [*sorted(to_publish(session, law), key=_urgency), *_to_screen(session)]


def _urgency(task: Task) -> date:
    return task.due.day if task.due else date.max


_WAITING = select(Publication.number).where(Publication.stage == str(PublicationStage.TO_PUBLISH))


def to_publish(session: Session, law: Statute) -> Iterator[Task]:
    """What was found fit and is to be published, each with its last day (Art. 26)."""
    for number in rows(session, _WAITING).scalars():
        case = screening(session, number)
        yield Task(number, case.stage, case.screened_on, publish_by(case, law))


def _to_screen(session: Session) -> Iterator[Task]:
    """Applications closed by giving information that nobody has screened."""
    for row in session.exec(
        _UNSCREENED.order_by(col(Application.closed_on), col(Application.number))
    ):
        if row.closed_on:
            yield Task(row.number, PublicationStage.OWED, row.closed_on)


def to_screen(session: Session, shown: int) -> tuple[int, list[str]]:
    """How many there are, and the numbers of the oldest."""
    number = session.exec(select(func.count()).select_from(_UNSCREENED.subquery())).one()
    return number, [row.number for row in unscreened(session, shown)]


def unscreened(session: Session, shown: int) -> list[Application]:
    """The applications closed by giving information that nobody has screened, the oldest first."""
    oldest = _UNSCREENED.order_by(col(Application.closed_on), col(Application.number)).limit(shown)
    return list(session.exec(oldest))


_UNSCREENED = select(Application).where(
    Application.stage == str(Stage.CLOSED),
    col(Application.outcome).in_(GIVEN),
    col(Application.number).not_in(select(Publication.number)),
)
