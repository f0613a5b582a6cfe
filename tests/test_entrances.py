"""Two ways into the registers, and nothing of the machine is asked before something is done."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import office
from flows.path import desk
from flows.path.entering import as_row, enter_once
from flows.path.form_fields import By
from models.neighbours.enquiry import advise
from models.store.tables import Enquiry
from tests.databases import empty_register

ROOT = Path(__file__).parent.parent
DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
OF_OFFICERS = ("path", "counter", "year", "server")
"""Rooms in which what an officer says is recorded, by forms and by pages."""


def callers(name: str) -> dict[str, set[str]]:
    """Who calls a function, or hands it on to be called, by whatever name: module of flows/ →
    functions (methods by the name of their class).
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "flows").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function, meant in named(ast.parse(path.read_text("utf-8")), module):
            if meant == name:
                found[module].add(function)
    return dict(found)


def named(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """Each name that a module uses: the outermost definition it stands in, and what is meant by it,
    with the module it comes from.
    """
    known = {one.name: f"{module}.{one.name}" for one in tree.body if isinstance(one, DEFINED)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for outer in tree.body:
        for node in ast.walk(outer):
            if isinstance(node, ast.Name | ast.Attribute):
                first, dot, rest = ast.unparse(node).partition(".")
                yield getattr(outer, "name", ""), known.get(first, first) + dot + rest


def test_an_act_of_a_case_and_what_other_registers_hold_have_one_entrance_each() -> None:
    assert callers("flows.path.signing.signed") == {
        # the first act of a case, which has no position yet; acts of many cases, all or none
        "flows.path.recording": {"take_in", "perform_all"},
        "flows.path.entering": {"enter_once"},  # of every other register
        "flows.commands.ledger": {"import_ledger"},  # a ledger is taken over whole, or not at all
    }
    assert callers("flows.path.recording.perform") == {
        "flows.path.application": {"submit"},  # at its position, from the case's own form
        "flows.path.recording": {"perform_now"},  # where it stands, from any other
        "flows.server.supply_pages": {"answered"},  # where it stands, from a department's own page
        "flows.server.together": {"_done"},  # at its position, one case of many after the other
    }


def test_forms_and_pages_beside_the_path_open_no_transaction_of_their_own() -> None:
    """What writes in the rooms of officers is an entrance, keeps what was not recorded, or writes
    down who came in and what he saw; none of it is an act.
    """
    writing = {
        module: functions
        for module, functions in callers("flows.office.writing").items()
        if module.split(".")[1] in OF_OFFICERS
    }
    assert writing == {
        "flows.path.recording": {"perform", "look", "_refused"},
        "flows.path.signing": {"signed", "spend", "would_sign"},
        "flows.path.start_forms": {"_keep", "_settle"},
        "flows.path.application": {"_ask_again"},
        # in which run what was refused is asked again, or that it is asked no more
        "flows.server.upkeep": {"_ask_again", "_given_up", "_moved_to", "_refused_again"},
        "flows.server.logging_in": {"_writing"},  # passwords, attempts
        "flows.server.visits": {"_begun", "_seen"},  # who came in
        "flows.server.readings": {"Readings"},  # who read which case
        "flows.server.calendar_pages": {"_changed"},  # the address of an officer's calendar
    }


PREFECTS_INSIDE = re.compile(r"prefect\.(server|utilities|context|_\w*)(\.|$)")


def reached_into(source: str) -> set[str]:
    """What of Prefect's inside a module imports, wherever in it, and for types alone too."""
    found = set[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return set(filter(PREFECTS_INSIDE.match, found))


def test_what_reaches_into_prefect_itself_stands_in_one_folder() -> None:
    inside = ROOT / "flows" / "prefect_side"
    found = {
        path: names
        for room in ("flows", "letters", "models")
        for path in (ROOT / room).rglob("*.py")
        if (names := reached_into(path.read_text("utf-8")))
    }
    assert {path for path in found if inside not in path.parents} == set()
    assert inside / "kept_forms.py" in found


@pytest.mark.parametrize(
    ("line", "reaches"),
    [
        ("from prefect.server import models", True),
        ("from prefect import context", True),
        ("import prefect.utilities.schema_tools as tools", True),
        ("def f():\n    from prefect._internal.concurrency import api", True),
        ("from prefect.client.orchestration import get_client", False),
        ("from prefect.contexts import of_another_name", False),
        ("import prefect", False),
    ],
)
def test_such_an_import_would_be_seen(line: str, reaches: bool) -> None:
    assert bool(reached_into(line)) == reaches


def test_a_submission_that_comes_again_is_known_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str | None] = []

    def advise_it(session, submission: str | None) -> Enquiry:
        tried.append(submission)
        now = office.circumstances("陈静")
        given = {"on": now.today, "channel": "电话", "persons": 1, "officer": "陈静"}
        recorded = {"recorded_on": now.today, "recorded_at": office.now()}
        return advise(session, Enquiry(submission=submission, **given, **recorded), now)

    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setattr(desk, "submission", lambda: "run-1")
        made = [enter_once("enquiry", By("陈静"), advise_it, as_row(Enquiry)) for _ in range(2)]
        assert made[0].id == made[1].id
        assert tried == ["run-1"]
        monkeypatch.setattr(desk, "submission", lambda: None)  # a command: each time another
        made = [enter_once("enquiry", By("陈静"), advise_it, as_row(Enquiry)) for _ in range(2)]
        assert made[0].id != made[1].id


IMPORT_ALL = """
import importlib, pkgutil, sys
from pathlib import Path
import prefect.main, sqlalchemy, alembic, docx, jinja2, apscheduler  # what they read is theirs

root = Path(sys.argv[1])

def refused(event, args):
    if event == "open" and isinstance(args[0], str | bytes):
        path = Path(args[0].decode() if isinstance(args[0], bytes) else args[0])
        ours = path.is_absolute() and path.is_relative_to(root) and ".venv" not in path.parts
        if ours and path.suffix not in (".py", ".pyc"):
            raise AssertionError(f"read while importing: {path}")

class Environment(dict):
    def _asked(self, name):
        if str(name).startswith("DISCLOSURE_"):
            raise AssertionError(f"asked while importing: {name}")
    def __getitem__(self, name):
        self._asked(name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        self._asked(name)
        return super().get(name, default)
    def __contains__(self, name):
        self._asked(name)
        return super().__contains__(name)

import os
os.environ = Environment(os.environ)
os.getenv = os.environ.get
sys.addaudithook(refused)
if "--read" in sys.argv:
    from flows import office
    office.law()
done = 0
for room in ("models", "letters", "flows"):
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, f"{room}."):
        if module.name != "models.migrations.env":  # run by alembic, never imported
            importlib.import_module(module.name)
            done += 1
print(done)
"""


def imported(*more: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-B", "-c", IMPORT_ALL, str(ROOT), *more]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)


def test_no_module_reads_environment_or_disk_while_it_is_imported() -> None:
    found = imported()
    assert found.returncode == 0, found.stderr[-2000:]
    assert int(found.stdout) > 200


def test_such_a_reading_would_be_seen() -> None:
    found = imported("--read")
    assert found.returncode != 0
    assert "while importing" in found.stderr


LINES = 70
"""Of a function: what is longer is read in parts, and so it is written in parts."""


def lengths(words: str) -> dict[str, int]:
    """How many lines each function has."""
    functions = (
        one
        for one in ast.walk(ast.parse(words))
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    return {one.name: (one.end_lineno or 0) - one.lineno + 1 for one in functions}


def test_no_function_is_longer_than_can_be_read_at_once() -> None:
    found = {
        f"{path.relative_to(ROOT)} {name}": lines
        for room in ("flows", "letters", "models")
        for path in (ROOT / room).rglob("*.py")
        for name, lines in lengths(path.read_text("utf-8")).items()
        if lines > LINES
    }
    assert found == {}


@pytest.mark.parametrize("lines", [1, LINES, LINES + 1])
def test_the_lines_of_a_function_are_counted(lines: int) -> None:
    body = "    pass\n" * (lines - 1) if lines > 1 else ""
    assert lengths("def f():" + ("\n" + body if body else " pass\n")) == {"f": lines}
