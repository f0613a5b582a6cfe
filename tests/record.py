"""`python -m tests.record [NAME …] [--seeds N]`: this project's own faults, each put back and found again.

tests/record.toml has them: who found it, on which commit it was mended, what stands there now, and
what is put in its place to have the fault back. In a copy of the tree the fault is put back and the
test that holds it is run, which must fail; with --seeds the office year is lived through instead,
from the first seed on until it finds something, and with --keep what came of it is written into the
rows. `--again` lives through the year that showed it before, and no other. Exit 1 where something is not
found. Without names: all. `--write` makes tests/RECORD.md from the rows.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS, PAGE = ROOT / "tests" / "record.toml", ROOT / "tests" / "RECORD.md"
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "__pycache__", "out", ".*_cache")
HEAD = """# Record of our own faults

Faults that this project had, each with the change that puts it back. Made from `tests/record.toml` by
`python -m tests.record --write`; `tests/test_record.py` holds that each can still be put back.

- `python -m tests.record NAME` puts one back in a copy and runs the test that holds it.
- `python -m tests.record NAME --seeds 200` lives through office years (6 cases, 40 days) until one of
  them shows it; with `--only PART` through weeks of such (3 cases, 14 days) as have that part of the
  world and no other. The column names one that did: `--seeds 1 --from SEED --only PART`, and by what
  it was found: a validator of the end, a drill of the world, or nothing but an exception on the way.
  Where it names none, that year was not lived through again since the world changed last.
- `python -m tests.record --again` lives through those years again, all of them.

| name | what was wrong | found by | mended | held by | the office year |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Fault:
    """One fault: `now` stands once in `file`, and `back` in its place has the fault again.

    seed = of an office year that shows it, 0 = none of the `tried` that have its part of the world did,
    -1 = nobody tried; only = the parts that its years had ("" = by their seeds); by = what found it
    there; apart = why it lies outside the office year, where it does
    """

    name: str
    what: str
    found_by: str
    mended: str
    file: str
    now: str
    back: str
    test: str
    seed: int = -1
    tried: int = 0
    only: str = ""
    by: str = ""
    apart: str = ""

    def stands(self) -> int:
        return (ROOT / self.file).read_text("utf-8").count(self.now)

    def put_back(self, copy: Path) -> None:
        path = copy / self.file
        words = path.read_text("utf-8")
        path.write_text(words.replace(self.now, self.back), encoding="utf-8")

    def line(self) -> str:
        shown = {0: f"not in {self.tried} that have its part", -1: "not tried"}.get(
            self.seed, f"seed {self.seed}" + (f", {self.by}" if self.by else "")
        )
        shown += f" (`--only {self.only!r}`)" if self.only else ""
        shown = f"no part of it: {self.apart}" if self.apart else shown
        cells = (self.name, self.what, self.found_by, self.mended, f"`{self.test}`", shown)
        return f"| {' | '.join(cells)} |\n"


def faults() -> list[Fault]:
    return [Fault(**row) for row in tomllib.loads(ROWS.read_text("utf-8"))["fault"]]


def page() -> str:
    every = faults()
    seen = sum(one.seed > 0 for one in every)
    tried = sum(one.seed >= 0 for one in every)
    bare = sum(one.by.startswith("the exception") for one in every)
    told = f"\n{len(every)} faults; the office year was tried on {tried} and shows {seen}, "
    told += f"{bare} of them by an exception alone.\n"
    return HEAD + "".join(one.line() for one in every) + told


YEARS = ("--cases", "6", "--days", "40", "--until-found")
FOCUSED = ("--cases", "3", "--days", "14", "--until-found")  # what a part brings, it brings early
VALIDATOR = re.compile(r"  ([a-z_]+): ")
RAISED = re.compile(r"  \d{4}-\d\d-\d\d(?: \S+)?: (\w+): ")
SHOWN = re.compile(r"seed (\d+): .*, [1-9]\d* faults$", re.MULTILINE)


def shown_by(told: str) -> str:
    """What found a fault first, by the lines in which an office year tells it: a validator, a drill, or
    where there is neither the exception that ended an act.
    """
    lines = [line for line in told.splitlines() if line.startswith("  ")]
    validators = [match[1] for line in lines if (match := VALIDATOR.match(line))]
    raised = [match[1] for line in lines if (match := RAISED.match(line))]
    if not validators and len(raised) < len(lines):
        return "a drill"
    return (validators or [f"the exception {one}" for one in raised] or [""])[0]


def found(one: Fault, seeds: int, first: int = 1, only: str = "") -> tuple[int, str]:
    """Put the fault back in a copy; the seed of the first of so many years that shows it and what found
    it there, or where none are asked for whether its test does. 0 = not found.

    only = the parts of the world that the years are to have, with commas; "" = by their seeds
    """
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        one.put_back(copy)
        how = ["pytest", "-n", "0", "-q", "-x", *one.test.split()]
        if seeds:
            how = ["tests.office_year", *(FOCUSED if only else YEARS)]
            how += ["--seeds", str(seeds), "--seed", str(first)]
            how += ["--only", only] if only else []
        ended = subprocess.run(
            [sys.executable, "-m", *how], cwd=copy, capture_output=True, text=True, check=False
        )
    if ended.returncode not in (0, 1) or "Traceback" in ended.stderr:
        raise SystemExit(f"{one.name}: {ended.stderr[-2000:]}")
    shows = SHOWN.search(ended.stdout)
    seed = int(shows[1]) if shows else int(not seeds and ended.returncode == 1)
    last = ended.stdout.strip().splitlines()[-1:] or [ended.stderr.strip()[-200:]]
    by = shown_by(ended.stdout) if shows else ""
    print(f"{one.name}: {f'found ({seed}) {by}' if seed else 'NOT FOUND'}　{last[0]}", flush=True)
    return seed, by


def keep(name: str, seed: int, tried: int, only: str, by: str) -> None:
    """Write into its row what the office year made of a fault."""
    before, mark, after = ROWS.read_text("utf-8").partition(f'name = "{name}"\n')
    row, end, rest = after.partition("\n[[fault]]")
    row = re.sub(r"\n(seed = -?\d+|tried = \d+|only = .*|by = .*)", "", row).rstrip("\n")
    row += f"\nseed = {seed}" + (f"\ntried = {tried}" if not seed else "")
    row += (f'\nonly = "{only}"' if only else "") + (f'\nby = "{by}"' if by else "") + "\n"
    ROWS.write_text(before + mark + row + end + rest, encoding="utf-8")


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("names", nargs="*")
    wanted.add_argument("--seeds", type=int, default=0)
    wanted.add_argument("--from", type=int, default=1, dest="first")
    wanted.add_argument("--only", default="", help="the parts of the world to have: a,b")
    wanted.add_argument("--again", action="store_true")
    wanted.add_argument("--keep", action="store_true")
    wanted.add_argument("--write", action="store_true")
    asked = wanted.parse_args()
    if asked.write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    chosen = [one for one in faults() if not asked.names or one.name in asked.names]
    missed = 0
    for one in chosen:
        seeds, first, only = asked.seeds, asked.first, asked.only
        if asked.again:
            seeds, first, only = 1, one.seed, one.only
        if asked.again and one.seed <= 0:
            continue
        seed, by = found(one, seeds, first, only)
        missed += not seed
        if asked.keep and seeds and (seed or not asked.again):
            keep(one.name, seed, seeds, only, by)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
