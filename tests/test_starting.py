"""The command line starts at once: a command loads what it needs, and nothing else.

One process runs the commands one after the other, the lightest first; whatever one of them loads
without need is named.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

DATABASE = {"sqlalchemy", "sqlmodel", "alembic"}
HEAVY = {"prefect", "fastapi", "openpyxl", "docx", "lxml", "apscheduler", "pdfplumber", "cairosvg"}
AT_ONCE = DATABASE | HEAVY - {"lxml"} | {"concurrent", "logging", "jinja2", "rich"}
SERVER = "sqlalchemy.dialects.postgresql"  # the register here is a file
LATER = HEAVY - {"lxml"} | {SERVER}  # the checker has looked for a .docx
ACTS = {"models.acts.catalogue", "models.register.register", "flows.installation.backup"}
ACTS |= {"models.acts.procedure", "models.acts.intake"}
LISTED = (
    LATER | ACTS | {"jinja2", "starlette", "models.acts.procedure", "models.acts.intake"}
)  # who lists rows does nothing to them
TABLES = str(min((Path(__file__).parent / "cases" / "reports").glob("*.json")))
COMMANDS: list[tuple[list[str], set[str]]] = [
    (["--help"], DATABASE | HEAVY | {"pydantic"}),
    (["import", "--help"], DATABASE | HEAVY | {"pydantic"}),
    (["deadline", "--received", "2026-03-02"], AT_ONCE | {"lxml"}),
    (["deadline", "--received", "2026-03-02", "--json"], AT_ONCE | {"lxml"}),
    (["check", TABLES], AT_ONCE),
    (["new-key"], HEAVY - {"lxml"} | {"sqlmodel"}),
    (["cases", "--all"], LISTED),
    (["cases", "--find", "专利"], LISTED),
    (["clock"], LATER),
    (["enrol"], LATER),
    (["accounts"], LATER),
    (["verify"], LATER),
    (["case", "没有"], LATER),
    (["statistics", "--from", "2026-01-01", "--to", "2026-12-31"], LATER),
    (["frequent"], LATER),
    (["supervision"], LATER),
    (["outbox"], LATER),
    (["sweep"], LATER),
    (["calendar", "load", "没有"], LATER),
    (["import", "没有"], {"prefect", "docx", SERVER}),
    (["annual-report", "2025", "--out", "{home}/out"], {"prefect", "apscheduler", SERVER}),
]
"""Each command, and what it has no need of."""

RUN = """
import contextlib, io, json, sys
from flows.__main__ import main

for asked in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main(asked)
        except SystemExit:
            pass
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} | {*sys.modules})))
"""


def test_a_command_loads_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    asked = json.dumps(
        [[word.replace("{home}", str(tmp_path)) for word in command] for command, _ in COMMANDS]
    )
    settings = os.environ | {"DISCLOSURE_HOME": str(tmp_path), "DISCLOSURE_TODAY": "2026-03-02"}
    settings.pop("DISCLOSURE_DATABASE_URL", None)
    ran = subprocess.run(
        [sys.executable, "-c", RUN, asked],
        env=settings,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = [set(json.loads(line)) for line in ran.stdout.splitlines()]
    assert len(loaded) == len(COMMANDS)
    needless = {
        " ".join(command): sorted(there & without)
        for (command, without), there in zip(COMMANDS, loaded, strict=True)
        if there & without
    }
    assert needless == {}
    assert loaded[-1] & DATABASE, "the database is loaded by whoever needs it"
