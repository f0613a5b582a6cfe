"""The disk is full, broken, read-only or closed at the n-th call: whole or nothing, and one sentence.

Each command is run as often as it makes calls (opening, writing, syncing, renaming, making folders,
committing), and fails at another one each time; then it is run again without a fault. All four
faults at every call that is another by its call stack (of some hundreds of files written by one
line, the first and the last): `EVERY_FAULT=1 python -m pytest -n 0 tests/test_machine_faults.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import pytest
from databases import empty_register
from schemas import ASKED
from sqlmodel import select

from flows import office
from flows.__main__ import main
from flows.installation import backup, files
from flows.keeping import verifying
from flows.papers.taking import taken
from flows.shown import report_files
from flows.year.annual_report import produce
from models.store.tables import Application, Event
from tests.office_year.disk import SQLITE_SAYS, Disk, failing, under

EVERY = bool(os.environ.get("EVERY_FAULT"))
FAULTS = tuple(SQLITE_SAYS)
SENTENCE = re.compile("^disclosure：.*(?:磁盘|权限|数据库|登记簿|只读)")
pytestmark = pytest.mark.skipif(
    ASKED.startswith("postgresql"), reason="the faults are those of SQLite's disk"
)
RECEIVE = [
    *("receive", "--channel", "当面", "--kind", "自然人", "--applicant", "周晓岚"),
    *("--request", "某专利资助项目的名单", "--contact", "021-00000000"),
]
LEDGER = """登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注
旧-1,2026-01-06,网络,自然人,周晓岚,021-1,某项目名单,3.1,2026-01-20,
旧-2,2026-01-07,当面,商业企业,某某公司,021-2,某项目合同,3.4.1,2026-02-10,
"""


@dataclass
class Tried:
    """A command that fails at each call in turn; sound = what must hold whenever it is over, done = how
    it ends where nothing fails.
    """

    command: Callable[[Path], list[str]]
    sound: Callable[[Path], None]
    step: int = 1
    done: int = 0


def cases() -> int:
    with office.reading() as session:
        return len(session.exec(select(Application)).all())


def events() -> int:
    with office.reading() as session:
        return len(session.exec(select(Event)).all())


def one_or_none(_: Path) -> None:
    assert cases() == events() <= 1


def both_or_none(_: Path) -> None:
    assert cases() in (0, 2)


def report_whole(home: Path) -> None:
    there = [path for path in (home / "out").glob("*") if path.is_file()]
    assert len(there) in (0, 7), there
    assert all(path.stat().st_size for path in there)


def backup_whole(home: Path) -> None:
    if (home / "copy").exists():
        backup.read(home / "copy")
    assert not (home / "copy.part").exists()


def ledger(home: Path) -> list[str]:
    (home.parent / "旧台账.csv").write_text(LEDGER, encoding="utf-8")
    return ["import", str(home.parent / "旧台账.csv"), "--complete-since", "2026-01-01"]


TRIED = {
    "act": Tried(lambda _: RECEIVE, one_or_none),
    "sweep": Tried(lambda _: ["sweep"], lambda _: None, 2),
    "import": Tried(ledger, both_or_none),
    "year end": Tried(
        lambda home: ["annual-report", "2025", "--out", str(home / "out")], report_whole, 7, 1
    ),
    "backup": Tried(lambda home: ["backup", str(home / "copy")], backup_whole, 41),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("DISCLOSURE_PORT", "1")  # where no office answers
    with empty_register(folder, monkeypatch):
        yield folder


def fails_at(home: Path, command: list[str], which: int, fault: str) -> tuple[int, str]:
    """Run a command on a disk whose call of that number fails; its exit code, and the call. A command
    that makes no so many calls ends as it does.
    """
    calls: list[str] = []

    def hand(call: str) -> None:
        calls.append(call)
        if len(calls) == which:
            raise failing(fault, call)

    with under(Disk(home, hand)):
        status = main(command)
    return status, calls[which - 1] if len(calls) >= which else ""


def calls_apart(home: Path, command: list[str]) -> list[int]:
    """The numbers of the calls that a command makes from places of their own: by the stack that led to
    each, the first call and the last.
    """
    stacks: dict[tuple[object, ...], list[int]] = {}
    made = count(1)

    def hand(call: str) -> None:
        frame, stack = sys._getframe(1), list[object]([call])
        while frame is not None and frame.f_code.co_name != "main":
            stack.append((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back  # type: ignore[assignment]
        stacks.setdefault(tuple(stack), []).append(next(made))

    with under(Disk(home, hand)):
        main(command)
    return sorted({number for each in stacks.values() for number in (each[0], each[-1])})


@pytest.mark.timeout(0 if EVERY else 300)
@pytest.mark.parametrize("name", TRIED)
def test_whole_or_nothing_and_one_sentence(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Done, or not done and told why: whatever the call and the fault, and done when asked again."""
    tried, found = TRIED[name], list[str]()
    ended: Counter[int] = Counter()
    with office.reading():
        pass
    office.close()
    before = home.parent / "before"
    shutil.copytree(home, before)

    def as_before() -> list[str]:
        office.close()
        shutil.rmtree(home)
        shutil.copytree(before, home)
        return tried.command(home)

    apart = calls_apart(home, as_before()) if EVERY else []
    capsys.readouterr()
    for which, fault in attempts(tried.step, apart):
        command = as_before()
        status, call = fails_at(home, command, which, fault)
        told = capsys.readouterr().err.strip()
        if not (call or apart):
            break
        ended[status] += 1
        found += [f"{which}: {call} {fault}: {one}" for one in wrong(status, told, tried.done)]
        tried.sound(home)
        if status == 2:
            again = main(command)
            assert again == tried.done, (which, call, fault, capsys.readouterr().err)
            tried.sound(home)
            capsys.readouterr()
    assert found == []
    assert ended[2] >= 1
    if EVERY:
        with capsys.disabled():
            print(f"{name}: {len(apart)} calls, {ended.total()} faults, {ended[2]} told")


def attempts(step: int, apart: list[int]) -> Iterator[tuple[int, str]]:
    """At which call, and what fault: all four at each of those; else one at every so manieth."""
    if apart:
        yield from ((which, fault) for which in apart for fault in FAULTS)
        return
    yield from ((which, FAULTS[which % len(FAULTS)]) for which in count(1, step))


def wrong(status: int, told: str, done: int) -> Iterator[str]:
    """What is not as it should be of how a command ended, with what was told."""
    if status not in (done, 2):
        yield f"exit {status}, {told}"
    if status == 2 and (len(told.splitlines()) != 1 or not SENTENCE.search(told)):
        yield f"told {told!r}"
    yield from verifying.verify().faults


@pytest.mark.parametrize("fault", FAULTS)
def test_a_register_is_opened_unguarded_only_where_nothing_can_be_written(
    fault: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lock cannot be had: then nobody can have it alone, or it is not opened, and that is said."""
    with office.reading():
        pass
    office.close()
    status, call = fails_at(home, RECEIVE, 1, fault)
    assert call == "open"
    assert status == (2 if fault == "EIO" else 0)
    told = capsys.readouterr().err.strip()
    assert [*wrong(status, told, 0)] == []
    assert cases() == (status == 0)


WRITTEN: dict[str, Callable[[Path], object]] = {
    "file": lambda home: files.written(home / "a" / "b.txt", b"1"),
    "report": lambda home: produce(2026, home / "out", None),
    "material": lambda _: taken("材料.txt", [b"1" * 5000]),
    "backup": lambda home: backup.make(
        office.engine(), home, office.config(), home / "copy", office.now()
    ),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_what_is_written_is_synced_with_its_folder(what: str, home: Path) -> None:
    """However it is written, the power may go then: file and folder are kept by the disk."""
    with office.reading():
        pass
    disk = Disk(home, lambda _: None)
    with under(disk):
        WRITTEN[what](home)
    assert disk.unsynced == set()
    assert disk.renamed == {}


class Never(Random):
    """A disk that kept nothing that it had not been asked to keep."""

    def random(self) -> float:
        return 0.0


def test_a_report_taken_back_does_not_come_again(home: Path) -> None:
    """The third of three files cannot be put in place, and the power goes right after."""
    (home / "out").mkdir()
    (home / "out" / "tables.json").write_bytes(b"before")
    asked = count(1)

    def hand(call: str) -> None:
        if call == "replace" and next(asked) == 3:
            raise failing("EIO", call)

    disk = Disk(home, hand)
    contents = dict.fromkeys(("tables.json", "report.docx", "report.html"), b"new")
    with under(disk), pytest.raises(report_files.NotAFolder):
        report_files.written(home / "out", contents)
    disk.power_went(Never())
    there = [path for path in (home / "out").iterdir() if path.suffix != files.PART]
    assert {path.name: path.read_bytes() for path in there} == {"tables.json": b"before"}
