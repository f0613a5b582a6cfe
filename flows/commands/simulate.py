"""模拟一年: a whole invented year into this installation's empty register, to rehearse the year end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from flows import office
from letters.letter.facts import letter_of
from models.case.case import Case
from models.errors import NotSimulable
from models.law.workdays import written
from models.register import complete_since
from models.rehearsal.bulk_write import fill
from models.rehearsal.mix import load_mix
from models.rehearsal.simulated_case import Words
from models.rehearsal.simulation import Simulation

SIMULATED: Final = "模拟"
"""Who stated from when the register is complete."""
MOST = 10_000_000
REPORTED = (1, 20)  # the year end is prepared in January; the report is due on the 31st (Art. 49)


@dataclass(frozen=True)
class Simulated:
    """What was written: applications (the carried-in ones included), reviews, the last day."""

    written: int
    reviews: int
    letters: int
    until: date


def simulate(
    year: int, cases: int, seed: int, *, letters: bool, advance: Callable[[int, int], None]
) -> Simulated:
    """Play the year into the register, all or nothing; `letters` = the wording of each is kept.

    Nothing is recorded later than today: a year that is not over is played as far as it has come.
    Raises RegisterInUse if the register is not empty, NotSimulable for a year that has not begun.
    """
    today = office.today()
    if year > today.year:
        raise NotSimulable(f"{year}年尚未开始（今天是{written(today)}）")
    if not 1 <= cases <= MOST:
        raise NotSimulable(f"件数应为1至{MOST}，而不是{cases}")
    now = office.circumstances("")
    until = min(today, date(year + 1, *REPORTED))
    simulation = Simulation(
        year, cases, seed, until, now, load_mix(office.config(), now.law), _words(letters)
    )
    done = 0
    with office.writing() as session:
        for done in fill(session, simulation, now.law, office.annual_rules()):
            advance(done, cases)
        # of the year before it holds what was carried into this one, and no more
        complete_since.record(session, date(year, 1, 1), SIMULATED, today, office.now())
    serials = simulation.serials
    given = {(now.agency.counted_together(s), year): n for (s, year), n in serials.items()}
    issued = sum(n for (together, _), n in given.items() if together[0] in now.agency.series)
    reviews = sum(n for (series, _), n in serials.items() if series == "review")
    return Simulated(done, reviews, issued, until)


def _words(letters: bool) -> Words | None:
    """The wording of a letter, as it would be filed."""
    now = office.circumstances("")

    def words(kind: str, case: Case, number: str, dated: date) -> str:
        return letter_of(kind, case, number, dated, now.law, now.agency).to_json()

    return words if letters else None
