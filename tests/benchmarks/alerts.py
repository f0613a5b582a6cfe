"""A simulated year of alerts under every trouble: ours, and what four usual policies would have done.

    python -m tests.benchmarks.alerts [cases, default 1000] [seed, default 1]

Judged by tests/alert_year.py: of the alerts owed for the reply, how many were missed (it could have
been told, and never was), doubled (told again), told on a rest day, told late, and told though not
owed. Ours is judged on every kind of duty as well.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from alert_policies import USUAL, Ours, ours
from alert_year import Score, amended, live, played, troubles
from histories import LAW

EVERY = tuple(kind for kind in LAW.alerts if kind != "moved")  # is no duty, but news
HEAD = f"{'':34}{'owed':>7}{'missed':>8}{'doubled':>9}{'rest day':>10}{'late':>6}{'not owed':>10}"


@contextmanager
def _ours() -> Iterator[Ours]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        yield from ours(Path(folder), environment)


def _line(name: str, score: Score, kinds: tuple[str, ...]) -> str:
    owed = sum(key.kind in kinds for key in score.owed)
    figures = (
        score.missed(kinds),
        score.doubled(kinds),
        score.rest,
        score.late(kinds),
        score.unfounded(kinds),
    )
    missed, doubled, rest, late, unfounded = figures
    return f"  {name:32}{owed:7}{missed:8}{doubled:9}{rest:10}{late:6}{unfounded:10}"


def main() -> None:
    cases, seed = (int(n) for n in [*sys.argv[1:], *("1000", "1")[len(sys.argv) - 1 :]])
    year = played(cases, seed)
    print(f"{cases} cases, {sum(map(len, year.values()))} acts, seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        for trouble in troubles(amended(Path(folder))):
            print(f"\n{trouble.name}\n{HEAD}")
            began = time.perf_counter()
            with _ours() as policy:
                score = live(year, trouble, policy)
                messages = policy.messages
            seconds = time.perf_counter() - began
            print(_line("ours", score, ("reply",)))
            print(
                _line("ours, every kind of duty", score, EVERY),
                f"  {messages} messages, {seconds:.0f} s",
            )
            for name, usual in USUAL.items():
                print(_line(name, live(year, trouble, usual()), ("reply",)), flush=True)


if __name__ == "__main__":
    main()
