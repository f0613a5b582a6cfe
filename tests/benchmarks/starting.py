"""How long does a command take to start? CPU seconds, beside `python -c pass` in the same run.

    python -m tests.benchmarks.starting --times 5

Bytecode is kept in a scratch folder, whatever PYTHONDONTWRITEBYTECODE says: .ci/setup has it made. What
a command that opens the register cannot do without is measured beside it: the database layer, and the
law with the tables (`flows.office`).
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLES = str(min((ROOT / "tests" / "cases" / "reports").glob("*.json")))
NOTICE = str(ROOT / "config" / "workdays" / "2026.toml")
SPAN = ("--from", "2026-01-01", "--to", "2026-12-31")
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "disclosure --help": ["-m", "flows", "--help"],
    "disclosure deadline": ["-m", "flows", "deadline", "--received", "2026-03-02"],
    "disclosure new-key": ["-m", "flows", "new-key"],
    "disclosure check": ["-m", "flows", "check", "{tables}"],
    "import sqlmodel": ["-c", "import sqlmodel"],
    "import flows.office": ["-c", "import flows.office"],
    "disclosure cases": ["-m", "flows", "cases"],
    "disclosure cases --find": ["-m", "flows", "cases", "--find", "专利"],
    "disclosure statistics": ["-m", "flows", "statistics", *SPAN],
    "disclosure supervision": ["-m", "flows", "supervision"],
    "disclosure outbox": ["-m", "flows", "outbox"],
    "disclosure sweep": ["-m", "flows", "sweep"],
    "disclosure calendar": ["-m", "flows", "calendar", "load", "{notice}"],
    "disclosure check, beside a register": ["-m", "flows", "check", "{tables}"],
    "disclosure annual-report": ["-m", "flows", "annual-report", "2025", "--out", "{home}/out"],
}
WITHOUT_REGISTER = (
    *("disclosure deadline", "disclosure new-key"),
    *("disclosure check", "disclosure check, beside a register"),
)
WANTED = 0.4  # CPU seconds of each of these


def spent(arguments: list[str], home: str) -> float:
    """CPU seconds of one process, its own and the system's for it."""
    where = {"home": home, "tables": TABLES, "notice": NOTICE}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    settings = os.environ | {"DISCLOSURE_HOME": home, "PYTHONPYCACHEPREFIX": f"{home}/bytecode"}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, *(one.format_map(where) for one in arguments)]
    done = subprocess.run(command, env=settings, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr  # 1: of an empty register, not all is filled in
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the median of each command; 1 if one that needs no register takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    found = {}
    with tempfile.TemporaryDirectory() as home:
        for name, arguments in COMMANDS.items():
            spent(arguments, home)  # what is compiled once is compiled
            found[name] = statistics.median(spent(arguments, home) for _ in range(times))
            print(f"{found[name]:7.3f}  {name}", flush=True)
    return int(any(found[name] > WANTED for name in WITHOUT_REGISTER))


if __name__ == "__main__":
    sys.exit(main())
