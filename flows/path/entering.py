"""The entrance of every register but that of the applications: one submission, one transaction.

There are two ways in. An act of an application goes through flows/path/recording.py, which knows its
position: `take_in` for the first, `perform` for every further one, `perform_now` where a form names
the case alone. Everything else that a form or a command of an officer records goes through
`enter_once`: acts of the neighbouring registers, advice, figures of table 二, the words of the
report, its signature, corrections and verdicts. Loading many cases at once (an earlier ledger, an
invented year) is no act of an officer, and is one transaction of its own command.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from flows.path import desk
from flows.path.form_fields import By
from flows.path.signing import signed
from models.case.act import S
from models.register.codes import Signature
from models.register.neighbour import Neighbour, state
from models.store.submissions import R, became
from models.store.tables import Entry

T = TypeVar("T")
Known = Callable[[Session, str | None], T | None]


def enter_once(
    form: str,
    by: By,
    do: Callable[[Session, str | None], T],
    known: Known[T],
    submission: str | None = None,
) -> T:
    """Do what a form says in one transaction under its officer's code; a submission that comes again
    is known, changes nothing and needs no second code.

    form = by which name it is signed; do, known = asked with the submission, None outside a run;
    submission = of a page of ours that is no run
    Raises ActRefused with the reasons.
    """
    submission = submission or desk.submission()
    return signed(
        Signature(*by, form),
        lambda session: do(session, submission),
        lambda session: known(session, submission),
    )


def as_row(table: type[R]) -> Known[R]:
    """What a submission became in a table of its own."""
    return lambda session, submission: became(session, table, submission)


def as_act(neighbour: Neighbour[S]) -> Known[S]:
    """What an act made of what a neighbouring register holds, as it stands now."""

    def known(session: Session, submission: str | None) -> S | None:
        entry = became(session, Entry, submission)
        return state(session, neighbour, entry.case_number) if entry else None

    return known
