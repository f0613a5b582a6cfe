"""What a machine does to an office: a disk that fails in the middle of a command, a register that was
damaged, a backup put back beside what a crash left. Each is told in Chinese, and nothing is half done.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prefect.client.schemas.objects import StateType

from flows import office
from flows.__main__ import main
from flows.path import recording
from flows.year import annual_report
from tests.office_year.disk import SQLITE_SAYS, TORN, failing

if TYPE_CHECKING:
    from tests.office_year.world import Office

REPORT_FILES = 7
LIES = 0.5
ENGLISH = re.compile(r"[A-Za-z][a-z_]{3,}")
PLACES = re.compile(
    r"/\S*|\w+\.(?:toml|db|docx)\S*|disclosure(?: \w+)?|(?<![0-9A-Za-z])[0-9a-f]{40,}"
)  # of files, commands, heads of the chain
HIDDEN = '\n[figures]\n"访问量" = "3\\u000b万"\n'
MARK_SPOILT = ("UPDATE alembic_version SET version_num = '七'", "结构标记不能读取")
DAMAGES: tuple[tuple[str, str], ...] = (
    ("UPDATE event SET facts = '{' WHERE position = 0", "内容不能读取"),
    ("UPDATE application SET stage = '已办结' WHERE closed_on IS NULL", "应为"),
    ("UPDATE application SET applicant_kind = '其他' WHERE position > 0", "应为"),
    ("UPDATE application SET received_on = '2001-01-01' WHERE received_on IS NOT NULL", "应为"),
)


class Trouble:
    """The disk fails at one call of a kind, once; `at` 0 = it is sound."""

    def __init__(self) -> None:
        self.kind, self.name, self.at = "", "", 0

    def comes(self, kind: str, name: str, at: int) -> None:
        self.kind, self.name, self.at = kind, name, at

    def passing(self, call: str) -> None:
        if not self.at or call != self.kind:
            return
        self.at -= 1
        if not self.at:
            raise failing(self.name, call)


def told(command: Sequence[str]) -> tuple[int, str]:
    """Run a command of ours; its exit code, and all that it said."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        status = main([*command])
    return status, said.getvalue().strip()


def english(words: str) -> list[str]:
    """The words of a sentence for officers that are English."""
    return ENGLISH.findall(PLACES.sub("", words))


# the report of the year so far ────────────────────────────────────────────────────────────────
def report(one: Office) -> None:
    """The report, on a disk that may fail: all files are new, or all are what they were."""
    folder = one.home / "office" / "reports" / str(one.year)
    before, chance = _held(folder), one.chance
    if one.faults_on and chance.random() < 0.7:
        kind = chance.choice(["open", "write", "fsync", "replace", "replace", "replace"])
        one.trouble.comes(kind, chance.choice([*SQLITE_SAYS]), chance.randint(1, REPORT_FILES))
    try:
        status, said = told(["annual-report", str(one.year), "--out", str(folder)])
    finally:
        one.trouble.comes("", "", 0)
    after = _held(folder)
    one.note(f"report: {status}, {len(after)} files")
    if status not in (0, 1) and after != before:
        one.surprises.append(f"{one.day} 年度报告没有写成，留下的文件却变了：{sorted(after)}")
    if status not in (0, 1) and (english(said) or len(said.splitlines()) != 1):
        one.surprises.append(f"{one.day} 年度报告没有写成，说的是：{said[:200]}")
    if status in (0, 1) and len(after) != REPORT_FILES:
        one.surprises.append(f"{one.day} 年度报告应有{REPORT_FILES}个文件，有{len(after)}个")


def _held(folder: Path) -> dict[str, str]:
    """The files that are there, but those beside their place (which a power cut may leave)."""
    there = sorted(path for path in folder.glob("*.*") if path.is_file() and path.suffix != ".part")
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in there}


def words_with_a_hidden_character(one: Office) -> None:
    """Somebody pastes a character that nobody sees into the words of the year: told, not printed."""
    path = annual_report.text_file(one.year)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HIDDEN, encoding="utf-8")
    try:
        status, said = told(["annual-report", str(one.year), "--out", str(one.home / "scratch")])
        if status != 2 or "控制字符" not in said:
            one.surprises.append(f"{one.day} 年度文字中的控制字符：{status} {said[:200]}")
    finally:
        path.unlink()
        one.disk.removed.pop(str(path), None)  # whoever pasted it sees to it that it is gone
        shutil.rmtree(one.home / "scratch", ignore_errors=True)
    one.note("a hidden character in the words of the year")


def disk_lied(one: Office) -> None:
    """After a cut, a letter of a case that the worker is still to come to is not whole, though the disk
    said that it had it: it is written again from the register.
    """
    todo = (StateType.SCHEDULED, StateType.RUNNING)
    numbers = {run.parameters["number"] for run in one.desk.runs.values() if run.state_type in todo}
    folder = one.home / "office" / "letters"
    letters = sorted(path for number in numbers for path in (folder / number).glob("*.docx"))
    if letters and one.power.chance.random() < LIES:
        path = one.power.chance.choice(letters)
        os.truncate(path, min(path.stat().st_size, one.power.chance.choice(TORN)))
        one.note(f"the disk did not keep {path.name}")


# drills in a copy of the office ───────────────────────────────────────────────────────────────
def damaged(one: Office) -> None:
    """In a copy of the office the register is damaged: `verify` names it, in Chinese."""
    for statement, expected in (MARK_SPOILT, *one.chance.sample(DAMAGES, 2)):
        _damaged(one, statement, expected)


def _damaged(one: Office, statement: str, expected: str) -> None:
    with _copy(one) as home:
        with closing(sqlite3.connect(home / "register.db")) as register:
            changed = register.execute(statement).rowcount
            register.commit()
        status, said = told(["verify"])
    one.note(f"damage: {expected}, {changed} rows, {status}")
    if changed and (not status or expected not in said):
        one.surprises.append(f"{one.day} {statement}：核验说的是：{said[:300]}")
    if english(said):
        one.surprises.append(f"{one.day} 核验说的有英文 {english(said)[:5]}：{said[:300]}")


def restored(one: Office) -> None:
    """In a copy of the office the last backup is put back beside the log that a crash left."""
    if not one.backups:
        return
    folder = one.backups[-1]
    with _copy(one, closed=False):
        status, said = told(["restore", str(folder)])
        list(recording.mended_letters())  # as each morning: letters stay where they are
        checked, found = told(["verify"])
    one.note(f"restored {folder.name}: {status}, verified: {checked}")
    if status or checked:
        one.surprises.append(f"{one.day} 恢复 {folder.name}：{said[-200:]} {found[:300]}")


@contextmanager
def _copy(one: Office, *, closed: bool = True) -> Iterator[Path]:
    """A copy of the office, as it is on the disk, that is the office while the block lasts.

    closed = its register was closed before; otherwise its log lies beside it, as after a crash
    """
    drill = one.home / "drill"
    if closed:
        office.close()
    shutil.copytree(one.home / "office", drill, ignore=shutil.ignore_patterns("backup-*", "*.lock"))
    office.close()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DISCLOSURE_HOME", str(drill))
            yield drill
    finally:
        office.close()
        shutil.rmtree(drill)


def with_trouble(one: Office) -> Callable[[str], None]:
    """What the disk's hand does at each call: the power may go there, or the disk may fail."""

    def hand(call: str) -> None:
        one.power.passing(f"disk {call}")
        one.trouble.passing(call)

    return hand
