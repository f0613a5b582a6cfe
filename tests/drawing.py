"""The path of an application, drawn from what its acts do: every act played, from where to where.

Nothing is drawn by hand: every situation of tests/situations.py is reached by real acts, every act
that is lawful there is done, and each step is an arrow from the stage before to the stage after.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache

from histories import usual_officer
from played import AT, Played
from situations import FITTING, SITUATIONS, reached
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel

from models.acts import catalogue
from models.acts.catalogue import ACTS
from models.case.case import UNDO, Case
from models.case.stage import Stage
from models.register import register, same_applicant
from models.store.sealing import Sealing, keyed, new_key
from models.store.tables import Event

BEGINNING = "登记以前"
PLACES = (BEGINNING, *map(str, Stage))

Arrow = tuple[str, str, str]
"""The stage before, the kind of the act, the stage after."""


@cache
def arrows() -> frozenset[Arrow]:
    """Every step that is taken on the way to a situation, or can be taken in it."""
    engine = keyed(create_engine("sqlite://"), Sealing([new_key()]))
    SQLModel.metadata.create_all(engine)
    found = set[Arrow]()
    for name in SITUATIONS:
        with Session(engine) as session:
            play = reached(session, name)
            found |= {*_taken(play), *_possible(play)}
    return frozenset(found)


def _taken(play: Played) -> Iterator[Arrow]:
    for row in register.applications(play.session):
        case = Case(row.number)
        for event in register.events(play.session, row.number):
            yield _step(case, event)


def _step(case: Case, event: Event) -> Arrow:
    before = str(case.stage) if case.position else BEGINNING
    catalogue.apply(case, event)
    return before, event.kind, str(case.stage)


def _possible(play: Played) -> Iterator[Arrow]:
    case = play.case()
    for kind, act in ACTS.items():
        now = play.now(usual_officer(act, case.stage))
        now = same_applicant.informed(play.session, case, now)
        if kind == UNDO or case.stage not in act.stages or act.barred(case, now):
            continue
        answer = play.answer(act, case, now, {}) | FITTING.get(kind, {})
        made = act.model_validate(answer)
        if not made.refusals(case, now):
            stamp = register.stamp(made, now, AT)
            event = Event(case_number=case.number, position=case.position, **stamp)
            yield _step(deepcopy(case), event)


def mermaid(found: frozenset[Arrow]) -> str:
    """The arrows that lead from one stage to another, those of one way on one line."""
    names = {place: f"s{n}" for n, place in enumerate(PLACES)}
    drawn = ["stateDiagram-v2"]
    drawn += [f"    s{n} : {place}" for n, place in enumerate(PLACES) if place != BEGINNING]
    for before in PLACES:
        for after in PLACES:
            tabs = [
                a.tab for k, a in ACTS.items() if before != after and (before, k, after) in found
            ]
            start = "[*]" if before == BEGINNING else names[before]
            if tabs:
                drawn.append(f"    {start} --> {names[after]} : {'、'.join(dict.fromkeys(tabs))}")
    drawn.append(f"    {names[str(Stage.CLOSED)]} --> [*]")
    return "\n".join(drawn)
