"""`python -m tests.office_year --seed N [--seeds M] [--cases 23]`: years under faults, replayable.

Prints for each seed what happened, how long it took and the digest of its trace; exit 1 with every
fault found. The same seed gives the same digest.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # as pytest does for the tests' own modules

from flows.server import server_process  # noqa: E402


def main() -> int:
    """Live through so many years and print what was found."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--seeds", type=int, default=1, help="so many, from that one on")
    wanted.add_argument(
        "--cases",
        type=int,
        default=23,
        help="so many come by themselves, more are taken along courses: 23 make a year of 60 and more",
    )
    wanted.add_argument("--year", type=int, default=2025)
    wanted.add_argument("--days", type=int, default=365, help="so much of the year")
    wanted.add_argument("--only", help="with these parts (world.PARTS) instead of its seed's: a,b")
    wanted.add_argument("--until-found", action="store_true", help="stop at the first fault")
    wanted.add_argument("--trace", action="store_true", help="print all that happened")
    asked = wanted.parse_args()
    logging.disable(logging.CRITICAL)  # who has no other channel is told in the log, too
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= server_process.environment(Path(scratch), server_process.free_port())
        wrong = 0
        for seed in range(asked.seed, asked.seed + asked.seeds):
            wrong += _year(asked, seed)
            if wrong and asked.until_found:
                break
    return 1 if wrong else 0


def _year(asked: argparse.Namespace, seed: int) -> bool:
    from tests.office_year.at_work import at_work
    from tests.office_year.validators import faults
    from tests.office_year.world import PARTS, Office

    only = None if asked.only is None else frozenset(filter(None, asked.only.split(",")))
    if only and not only <= {*PARTS}:
        raise SystemExit(f"--only: {'、'.join(PARTS)}")
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="disclosure-year-") as home:
        one = Office(Path(home), asked.year, seed, asked.cases, asked.days, only=only)
        with at_work(one):
            try:
                one.live()
                found = faults(one)
            except Exception as fault:  # noqa: BLE001 an office that cannot go on is a finding
                found = [*one.surprises, f"{one.day}: {type(fault).__name__}: {fault}"]
                if asked.trace:
                    traceback.print_exc()
    took = time.process_time() - began
    if asked.trace:
        print("\n".join(one.trace))
    cuts = sum(Counter(one.power.cut).values())
    print(
        f"seed {seed}: {len(one.arrived)} cases, {len(one.accepted)} answers, {cuts} cuts, "
        f"{took:.1f} s CPU, {one.digest[:16]}, {len(found)} faults",
        flush=True,
    )
    for fault in found:
        print(f"  {fault}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
