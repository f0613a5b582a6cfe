"""Looking for garbage makes nobody wait who has the lock that another waits for."""

from __future__ import annotations

import gc
import sqlite3
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from flows.server import garbage
from flows.server.garbage import collected_apart

PATIENCE = 3.0
PAUSE = 0.3
MENDED = sys.version_info >= (3, 12)  # a cursor whose statement failed lets go of it
OFTEN = (700, 10, 10)  # Python's own; a command that ran in this process may have set it
MANY = 2 * OFTEN[0]


@pytest.fixture(autouse=True)
def looked_often() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*OFTEN)
    gc.unfreeze()  # as a process is that has just begun
    yield
    gc.set_threshold(*before)


class Ring:
    """What only the search for garbage finds: it holds itself."""

    def __init__(self, held: object) -> None:
        self.held, self.itself = held, self


@pytest.mark.parametrize(("apart", "written"), [(True, True), (False, MENDED)])
def test_a_cursor_left_on_a_waiting_connection_holds_up_nobody(
    tmp_path: Path, apart: bool, written: bool
) -> None:
    """Left to itself, Python looks wherever it makes objects: there the one who has the lock waits
    for the one that waits for it.
    """
    file = tmp_path / "one.db"
    first = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    first.execute("CREATE TABLE act (n PRIMARY KEY)")
    first.execute("INSERT INTO act VALUES (1)")
    second = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    done: list[bool] = []

    def write() -> None:
        try:
            second.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            done.append(False)
        else:
            second.execute("COMMIT")
            done.append(True)

    with collected_apart() if apart else nullcontext():
        left = second.cursor()
        with pytest.raises(sqlite3.IntegrityError):
            left.execute("INSERT INTO act VALUES (1)")
        Ring(left)
        del left
        first.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=write)
        waiting.start()
        waiting.join(PAUSE)
        made = [Ring(None) for _ in range(MANY)]
        first.execute("COMMIT")
        waiting.join()
    assert len(made) == MANY
    assert done == [written]


def test_what_has_outlived_the_start_is_not_looked_through_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what is thrown away since is found, old or not."""
    monkeypatch.setattr(garbage, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(garbage, "ALL", 5)
    monkeypatch.setattr(garbage, "SET_ASIDE", (1,))
    before = [Ring(None)]
    kept = weakref.ref(before[0])
    with collected_apart():
        until(lambda: gc.get_freeze_count() > 0)
        assert not any(one is before[0] for one in gc.get_objects())
        after = [Ring(None)]
        gone = weakref.ref(after[0])
        gc.collect(1)
        assert any(one is after[0] for one in gc.get_objects(generation=2)), "it is old now"
        before.clear()
        after.clear()
        until(lambda: gone() is None)
        assert kept() is not None
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert kept() is None


def until(there: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60  # all of a large process is looked through
    while not there():
        assert time.monotonic() < patience
        time.sleep(0.01)
