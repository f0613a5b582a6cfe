"""The register of a rehearsal: a simulated year written in bulk, into an empty register only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, select

from models.errors import RegisterInUse
from models.law.statute import Statute
from models.neighbours.review_acts import REVIEWS
from models.register.register import columns
from models.rehearsal.simulated_case import SimulatedCase
from models.rehearsal.simulation import Simulation
from models.report_tables.annual_rules import AnnualRules
from models.store import evidence
from models.store.tables import (
    Application,
    Document,
    Enquiry,
    Entry,
    Event,
    ProactiveFigure,
    ReportText,
    Review,
    Series,
)

BATCH = 2_000  # cases held in memory at a time
HELD = (Application, Event, Entry, Enquiry, Series, ProactiveFigure, ReportText)


def fill(
    session: Session, simulation: Simulation, law: Statute, rules: AnnualRules
) -> Iterator[int]:
    """Write the whole year; after each batch, how many applications are written.

    Where a form holds for the year, with what its report needs besides: table 二, and the words.
    Raises RegisterInUse, before anything is written, if the register holds anything at all.
    """
    for table in HELD:
        if session.exec(select(table).limit(1)).first() is not None:
            raise RegisterInUse
    lived, written = simulation.run(), 0
    while batch := list(islice(lived, BATCH)):
        _write(session, batch, law)
        evidence.link_noted(session)
        written += len(batch)
        yield written
    _insert(session, simulation.enquiries())
    if rules.covers(simulation.year):
        _insert(session, simulation.figures(rules.form(simulation.year), rules.measures))
        _insert(session, simulation.texts())
    _insert(
        session,
        (Series(series=key, year=y, last=last) for (key, y), last in simulation.serials.items()),
    )


def _write(session: Session, batch: Sequence[SimulatedCase], law: Statute) -> None:
    _insert(session, (event for one in batch for event in one.events))
    session.execute(insert(Application), [columns(one.case, law) for one in batch])
    _insert(session, (one.applicant for one in batch))
    _insert(session, (document for one in batch for document in _documents(one)))
    _insert(session, (entry for one in batch for entry in one.entries))
    contests = [REVIEWS.columns(contest) for one in batch for contest in one.contests]
    if contests:
        session.execute(insert(Review), contests)


def _documents(one: SimulatedCase) -> Iterator[Document]:
    """Its letters, those that were voided since marked as such."""
    voided = {letter.number: letter for letter in one.case.letters if letter.voided_on}
    for document in one.documents:
        if letter := voided.get(document.number):
            document.voided_on, document.void_reason = letter.voided_on, letter.void_reason
        yield document


def _insert(session: Session, rows: Iterable[SQLModel]) -> None:
    """Rows of one table, at once."""
    given = list(rows)
    if not given:
        return
    if "id" in type(given[0]).model_fields:  # the database numbers them: few, one by one
        session.add_all(given)
        session.flush()
        return
    session.execute(insert(type(given[0])), [row.model_dump() for row in given])
    evidence.note(session, given)
