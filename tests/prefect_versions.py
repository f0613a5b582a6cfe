"""An office whose Prefect is exchanged for another version while cases are open: do all come back?

    python -m tests.prefect_versions 3.8.7 3.8.8
    python -m tests.prefect_versions 3.8.8 3.9.1

Suspends under one version and resumes under the other, there and back, with the real `disclosure
serve`: first as an office does it (another version's database is set aside, the desk is made anew
from the register), then with the database of the other version left in place, as it was before
there was a mark of who made it; what the log names as the remedy is then done by hand. Prints a
line of figures for each step; exit 1 if a case did not come back to its point, an act was lost or
doubled, or the remedy was not named. Needs a package index for versions that are not installed:
each is laid over the packages of the environment that runs this.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from sysconfig import get_path
from typing import Any

from tests.kills import ACTS, DAY, SETTINGS, Found, Office, Officers, _judge, _reading
from tests.ports import free_port

LAID_OVER = "import site; site.addsitedir({!r})\n"
BACK_SECONDS, RECORDED_SECONDS = 120.0, 60.0
REMEDY = "整个移到别处再启动，未办结的申请会由登记簿重新放回原来的环节"


@dataclass
class Outcome:
    """One step: which version on whose database, what was said, and what the officers could do."""

    step: str
    installed: str
    said: str = ""
    open_cases: int = 0
    back: int = 0
    answered: int = 0
    not_answered: list[str] = field(default_factory=list)
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def python_with(wanted: str, folder: Path) -> str:
    """A Python that has this version of Prefect over everything that is installed here."""
    if wanted == version("prefect"):
        return sys.executable
    made = folder / wanted
    venv.create(made, symlinks=True)
    packages = next(made.glob("lib/python*/site-packages"))
    (packages / "beneath.pth").write_text(LAID_OVER.format(get_path("purelib")), encoding="utf-8")
    python = str(made / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-compile"]
    subprocess.run([*pip, f"prefect=={wanted}"], check=True)
    return python


class Exchanged:
    """The office, now with one version of Prefect and now with the other."""

    def __init__(self, home: Path, pythons: dict[str, str]) -> None:

        self.home, self.pythons, self.found = home, pythons, Found()
        self.site = Office(home, free_port())
        self.officer = Officers(self.site, self.found, threading.Event())
        self.numbers: list[str] = []

    def under(self, installed: str, step: str, mark: str = "") -> Outcome:
        """Stop, and start with this version; mark = the version that Prefect's database is said to
        be of, its own one unless told otherwise.
        """
        began = time.monotonic()
        self.site.stop()
        if mark:
            (self.home / "prefect" / "made-by").write_text(f"{mark}\n", "ascii")
        self.site.python = self.pythons[installed]
        outcome = Outcome(step, installed)
        try:
            self.site.start()
        except AssertionError as said:
            outcome.said = str(said).strip().splitlines()[-1]
        outcome.seconds = round(time.monotonic() - began, 1)
        return outcome

    def cases_at_every_point(self) -> None:
        """One more open case at each point of the way."""
        self.numbers += [self.officer.begin(f"甲{n}-{time.time_ns()}", n) for n in range(len(ACTS))]

    def all_back(self, outcome: Outcome) -> Outcome:
        """Every open case is on the desk at its point, and its officer can answer there."""
        still = self.still_open()
        outcome.open_cases = len(still)
        for number, position in still:
            if _until(lambda n=number, p=position: self._run(n, p) is not None, BACK_SECONDS):
                outcome.back += 1
            else:
                outcome.faults.append(f"{number} 没有回到第{position}步")
        self.answer(outcome)
        outcome.faults += outcome.not_answered
        outcome.not_answered = []
        return outcome

    def answer(self, outcome: Outcome) -> None:
        """Each open case answered once, without patience: what Prefect says, and what is recorded."""
        for number, position in self.still_open():
            said = self._answered(number, position)
            if said:
                outcome.not_answered.append(f"{number} 第{position}步：{said}")
            else:
                outcome.answered += 1

    def still_open(self) -> list[tuple[str, int]]:
        """The open cases, each with the position that is asked for next."""
        places = ((number, self.officer._position(number)) for number in self.numbers)
        return [(number, position) for number, position in places if position <= len(ACTS)]

    def _answered(self, number: str, position: int) -> str:
        """Submit the next act; why it was not recorded, "" if it was."""
        from flows.commands.robot_officer import filled
        from flows.prefect_side.one_form import place

        if not _until(lambda: self._run(number, position) is not None, RECORDED_SECONDS):
            return "没有表单"
        run = self._run(number, position)
        who, kind, fields = ACTS[position - 1]
        answer = {
            place(run["state"]["state_details"]["pause_key"]): filled(
                number, kind, dict(fields), who
            )
        }
        said = self.officer.client.post(
            f"/api/flow_runs/{run['id']}/resume", json={"run_input": answer}
        )
        verdict = said.json() if said.status_code < 300 else {}
        if verdict.get("status") != "ACCEPT":
            return f"未被接受（{said.status_code} {verdict.get('details', said.text[:200])}）"
        self.found.accepted += 1
        recorded = _until(lambda: self.officer._position(number) > position, RECORDED_SECONDS)
        return "" if recorded else "已被接受，没有登记"

    def _run(self, number: str, position: int) -> Any:
        run = self.officer._at(number, position)
        return None if run == "done" else run

    def by_hand(self, installed: str, step: str) -> Outcome:
        """What the remedy says: Prefect's folder moved elsewhere, and started again."""
        self.site.stop()
        shutil.move(self.home / "prefect", self.home / f"elsewhere-{time.time_ns()}")
        return self.all_back(self.under(installed, step))


def play(home: Path, old: str, new: str, pythons: dict[str, str]) -> Iterator[Outcome]:
    """There and back; as an office does it, and with the other's database left in place."""
    office = Exchanged(home, pythons)
    try:
        office.under(old, "开始")
        office.cases_at_every_point()
        for installed, step in ((new, "换用"), (old, "换回")):
            yield _set_aside(office, office.all_back(office.under(installed, step)))
            office.cases_at_every_point()
        for installed in (new, old):
            left = office.under(installed, "留用另一版本的数据库", mark=installed)
            if left.said:
                if REMEDY not in left.said or office.site.serve.returncode != 2:
                    left.faults.append("没有说出补救办法")
            else:
                office.answer(left)
            yield left
            yield office.by_hand(installed, "按提示移开后重新启动")
        while office.still_open():
            yield (last := office.all_back(Outcome("办完", old)))
            if last.faults:
                return
    finally:
        office.site.stop()
    with _reading(home) as session:
        _judge(session, home, office.found)
    yield Outcome("核对登记簿", old, open_cases=0, faults=office.found.faults)


def _set_aside(office: Exchanged, outcome: Outcome) -> Outcome:
    log = (office.home / "serve.log").read_text(errors="replace")
    outcome.said = next(
        (line for line in reversed(log.splitlines()) if "Prefect 的数据库是另一版本" in line), ""
    ).partition("：移到")[0]
    if not outcome.said:
        outcome.faults.append("没有说数据库是另一版本建立的")
    return outcome


def _until(there: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not there():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def main() -> int:
    """Exchange the two versions and print the figures; 1 if there was a fault."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("old", help="a version of Prefect, such as 3.8.8")
    wanted.add_argument("new", help="another one")
    wanted.add_argument("--keep", action="store_true", help="keep the scratch folder")
    asked = wanted.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="disclosure-prefect-"))
    pythons = {one: python_with(one, scratch) for one in (asked.old, asked.new)}
    home = scratch / "home"
    home.mkdir()
    for name in SETTINGS:
        os.environ.pop(name, None)
    os.environ |= {"DISCLOSURE_HOME": str(home), "DISCLOSURE_TODAY": DAY}
    faults = 0
    for outcome in play(home, asked.old, asked.new, pythons):
        print(json.dumps(outcome.__dict__, ensure_ascii=False), flush=True)
        faults += len(outcome.faults)
    if not asked.keep:
        shutil.rmtree(scratch, ignore_errors=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
