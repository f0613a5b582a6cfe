"""What is known already of what is asked for? What was published, in the register's own words.

Three sources: information given on request and then published (Art. 44), replies that said where
something is published (Art. 36(1)), and the titles of rules recorded for table 二 (Art. 20). The
officer looks it up and decides; nothing is refused by a likeness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.acts.reply.given_or_kept import DraftGranted
from models.case import recorded
from models.case.act import Circumstances
from models.case.case import UNDO
from models.case.stage import Stage
from models.neighbours.publication import PublicationStage
from models.register.undone_steps import standing
from models.store.happened import objects, rows
from models.store.tables import Application, Event, ProactiveFigure, Publication
from models.words.alike import contained, likeness

MOST = 5  # shown on a form, the nearest


@dataclass(frozen=True)
class Published:
    """Something that was published: what, where, and which application or record tells."""

    title: str
    place: str
    source: str


def published_alike(session: Session, request: str, now: Circumstances) -> list[Published]:
    """What was published and may be what is asked for, the nearest first.

    From which likeness on is the office's choice (practice.toml, alike and named).
    """
    alike, enough = (now.law.figure(key, now.today).percent for key in ("alike", "named"))
    found = []
    for one in _published(session):
        near = likeness(request, one.title)
        named = contained(one.title, request)
        if (near.percent >= alike and not near.only_here) or named >= enough:
            found.append((max(near.percent, named), one))
    found.sort(key=lambda pair: -pair[0])
    return [one for _, one in found[:MOST]]


def _published(session: Session) -> Iterator[Published]:
    """All that was published, as far as the register tells."""
    for number, request, place in rows(session, _GIVEN):
        yield Published(request, place, f"申请{number}转主动公开")
    for event in standing(objects(session, _ANSWERED)):
        said = recorded.read(DraftGranted, event.facts, event.version)
        yield Published(said.information, said.whereabouts, f"申请{event.case_number}的答复")
    for figure in objects(session, _FIGURES):
        yield Published(figure.note, "", f"{figure.on}登记的{figure.item}")


_GIVEN = (
    select(Application.number, Application.request, Publication.place)
    .where(Application.number == Publication.number)
    .where(Publication.stage == str(PublicationStage.PUBLISHED))
)
_ANSWERED = (
    select(Event)
    .join(Application, col(Application.number) == Event.case_number)
    .where(
        Application.stage == str(Stage.CLOSED),
        Application.outcome == "already_public",
        col(Event.kind).in_((DraftGranted.kind, UNDO)),
    )
)
_FIGURES = select(ProactiveFigure).where(ProactiveFigure.amount > 0, ProactiveFigure.note != "")
