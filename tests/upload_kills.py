"""Killed at any moment while a material is filed, everything is whole or nothing is there.

`python -m tests.upload_kills --kills 50 --seed 1`; tests/test_upload_kills.py does some in the check.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from flows import office
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.keeping import material_content, verifying
from flows.papers import store, taking
from flows.papers.sealed_content import whole
from flows.path.form_fields import By
from models.neighbours.papers import papers
from tests.databases import empty_register, registered

SIZE = 3_000_000


def content(n: int) -> bytes:
    """A text of its own for each attempt."""
    return f"{n:08d}\n".encode() * (SIZE // 9)


def file_one(number: str, n: int) -> None:
    """File one material, as it comes: in pieces."""
    whole_of_it = content(n)
    pieces = (whole_of_it[at : at + 65_536] for at in range(0, len(whole_of_it), 65_536))
    done = taking.taken(f"第{n}份", pieces)
    counter.file_all(number, [done], Filing("found"), By("陈静"))


def seconds_of_one(number: str) -> float:
    """How long an undisturbed one takes, in a process of its own."""
    began = time.monotonic()
    os.waitpid(_begun(number, 99_999_999), 0)
    return time.monotonic() - began


def _begun(number: str, n: int) -> int:
    office.close()  # no connection is shared with the process that is killed
    child = os.fork()
    if child:
        return child
    try:
        file_one(number, n)
    finally:
        os._exit(0)


def killed(number: str, kills: int, seed: int) -> tuple[int, int]:
    """Kill so many; how many were filed all the same, and how many left nothing. Fails where anything
    is there by halves.
    """
    chance, longest = random.Random(seed), seconds_of_one(number)
    filed = nothing = 0
    for n in range(kills):
        before = _there(number)
        child = _begun(number, n)
        time.sleep(chance.uniform(0, longest * 1.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        after = _there(number)
        assert after - before in (0, 1), n
        filed, nothing = filed + (after - before), nothing + (after == before)
        for digest, _ in store.store().held():
            whole(store.opened(digest))  # what stands in its place is whole, recorded or not
    assert verifying.verify(contents=True).faults == ()
    list(material_content.let_go())
    assert verifying.verify(contents=True).faults == ()
    return filed, nothing


def _there(number: str) -> int:
    with office.reading() as session:
        return len(papers(session, number).materials)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as environment,
        empty_register(Path(folder), environment),
    ):
        filed, nothing = killed(registered(), given.kills, given.seed)
    print(f"{given.kills} kills: {filed} filed whole, {nothing} left nothing, none by halves")
    return 0


if __name__ == "__main__":
    sys.exit(main())
