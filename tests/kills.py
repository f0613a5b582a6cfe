"""An office whose processes are killed at random while officers work: is anything lost or doubled?

    python -m tests.kills --kills 200 --seed 1 [--accounts]

Runs the real `disclosure serve` in a scratch folder. Officers advance cases over Prefect's API, as
the UI does; meanwhile the server, the process that holds worker and scheduler, or both are killed
(SIGKILL) at random moments and started again. At the end the register is held against what the
officers did: an answer that Prefect accepted is recorded without being given again, every act is
there once and in order, letter numbers have no gap and no twin, every letter has its file. Last,
Prefect's database is deleted: every open case must be back on the desk, at its point.

With --accounts each officer has one, logs in, and submits what is his in his own visit.

Needs /proc (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from tests import first_start
from tests.ports import free_port
from tests.waiting import LONGEST_SECONDS, until

ROOT = Path(__file__).resolve().parent.parent
DAY = "2026-03-02"
PATIENCE = 600.0  # of an officer, while the office is killed again and again
CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"
SERVER, WORKER, BOTH = "server", "worker", "both"
HANDLE = "办理申请"
SETTINGS = ("DISCLOSURE_HOME", "DISCLOSURE_TODAY", "DISCLOSURE_DATABASE_URL")

SIGNED = ("signed",)  # with a code besides the login (config/office/accounts.toml)

# Who answers which form, from receipt to dispatch, as the form submits it.
ACTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (CLERK, "received", {"received_on": DAY}),
    (CLERK, "found_ours", {}),
    (
        CLERK,
        "drafted_unable",
        {"outcome": "not_existing", "search": "检索公文系统2020至2025年，未找到"},
    ),
    (REVIEWER, "approved", {}),
    (LEADER, "signed", {"signed_on": DAY}),
    (CLERK, "replied", {"delivery": "ems", "sent_on": DAY, "proof": "1012345678901"}),
)


@dataclass
class Found:
    """What the killings did: figures, and every fault as a sentence."""

    kills: Counter[str] = field(default_factory=Counter)
    cases: int = 0
    acts: int = 0
    letters: int = 0
    accepted: int = 0
    unanswered: int = 0
    back_on_desk: int = 0
    faults: list[str] = field(default_factory=list)


class Office:
    """A running `disclosure serve`, its processes, and its killer; python = what it runs in."""

    python = sys.executable

    def __init__(self, home: Path, port: int, settings: Mapping[str, str] | None = None) -> None:
        self.home, self.port = home, port
        self.site = f"http://127.0.0.1:{port}"
        self.url = f"{self.site}/api"
        self.environment = {
            **os.environ,
            "DISCLOSURE_HOME": str(home),
            "DISCLOSURE_PORT": str(port),
            "DISCLOSURE_TODAY": DAY,
            "PYTHONPATH": str(ROOT),
            "PREFECT_HOME": str(home / "prefect"),
        }
        self.environment.pop("DISCLOSURE_DATABASE_URL", None)
        self.environment |= settings or {}
        self.serve: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it says that it is ready."""
        log = (self.home / "serve.log").open("ab")
        before = log.tell()
        command = [self.python, "-m", "flows", "serve"]
        self.serve = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdout=log, stderr=log
        )
        patience = time.monotonic() + PATIENCE
        while "办理系统已就绪" not in self._said(before):
            assert self.serve.poll() is None, self._said(before)
            assert time.monotonic() < patience, "办理系统没有启动"
            time.sleep(0.1)

    def _said(self, since: int) -> str:
        with (self.home / "serve.log").open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def has_said(self, words: str) -> Callable[[], bool]:
        """Whether its log says so, since now."""
        since = (self.home / "serve.log").stat().st_size
        return lambda: words in self._said(since)

    def kill(self, what: str) -> None:
        """Kill, and see to it that the office is up again."""
        assert self.serve is not None
        served = _child(self.serve.pid, "flows.server.server_process")
        if what in (WORKER, BOTH):
            os.kill(self.serve.pid, signal.SIGKILL)
            self.serve.wait()
        if what in (SERVER, BOTH) and served:
            _kill_if_alive(served)
        if what == SERVER:
            self._until(lambda: not _alive(served))
            self._until(self.answers)
            return
        self._until(lambda: not _alive(served))  # it follows whoever started it
        self.start()

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End it in good order."""
        if self.serve is not None and self.serve.poll() is None:
            self.serve.terminate()
            self.serve.wait(120)

    @staticmethod
    def _until(there: Callable[[], bool]) -> None:
        until(there, PATIENCE)


def _child(parent: int, named: str) -> int:
    """The process id of the child whose command line has that word; 0 if there is none."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "stat").read_text()
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # it has just ended
            continue
        if int(status.rpartition(")")[2].split()[1]) == parent and named in command:
            return int(entry.name)
    return 0


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _kill_if_alive(pid: int) -> None:
    if _alive(pid):
        os.kill(pid, signal.SIGKILL)


class Officers:
    """Officers who take cases from registration to dispatch, until they are told to stop."""

    pause = LONGEST_SECONDS  # until they look again whether what they wait for is there
    day = DAY  # on which all of it is done

    def __init__(
        self,
        office: Office,
        found: Found,
        rounds: threading.Event,
        phones: Mapping[str, Any] | None = None,
    ) -> None:
        self.office, self.found, self.enough = office, found, rounds
        self.phones = phones or {}
        self.clients = {
            name: httpx.Client(base_url=office.site, timeout=20) for name in self.phones
        }
        self.client = self.clients.get(CLERK) or httpx.Client(base_url=office.site, timeout=20)

    def log_in(self) -> None:
        """Each with his own account, in a browser of his own."""
        from tests import visitors

        for name, phone in self.phones.items():
            said = visitors.log_in(self.clients[name], name, phone.code())
            assert said.status_code == 303, said.text

    def work(self, name: str) -> None:
        """One case after the other; the one begun is finished."""
        place = 0
        while not self.enough.is_set():
            place += 1
            try:
                self._case(f"{name}-{place}")
            except AssertionError as fault:
                self.found.faults.append(f"{name}-{place}：{fault}")
                return

    def begin(self, key: str, acts: int) -> str:
        """A case taken so many acts far, and left open."""
        return self._case(key, acts)

    def _case(self, key: str, acts: int = len(ACTS)) -> str:
        number = self._register(key)
        for position, (officer, kind, fields) in enumerate(ACTS[:acts], start=1):
            given = {key: self.day if told == DAY else told for key, told in fields.items()}
            self._act(number, position, kind, given, officer)
        self.found.cases += 1
        return number

    def _register(self, key: str) -> str:
        """Run the deployment 登记申请 and find the case that became of it."""
        what = f"{key}号专利资助名单"
        form = {
            "channel": "当面提交",
            "arrived_on": self.day,
            "kind": "自然人",
            "applicant": "张三",
            "request": what,
            "officer": CLERK,
        }
        found = self._said("GET", "/deployments/name/登记申请/登记申请")
        body = {"parameters": form, "idempotency_key": key}
        self._said("POST", f"/deployments/{found['id']}/create_flow_run", body)
        return self._until(lambda: self._number(what), f"登记{key}")

    def _number(self, request: str) -> str | None:
        from sqlmodel import select

        from flows import office
        from models.store.tables import Application

        with office.reading() as session:
            return session.exec(
                select(Application.number).where(Application.request == request)
            ).first()

    def _act(
        self, number: str, position: int, kind: str, fields: dict[str, str], officer: str
    ) -> None:
        """Submit the act at its form; once accepted, it is never submitted again."""
        from flows.commands.robot_officer import filled
        from flows.prefect_side.one_form import place

        answer, sent = filled(number, kind, dict(fields), officer), 0
        while True:
            run = self._until(lambda: self._at(number, position), f"{number}第{position}步的表单")
            if run == "done":  # it was recorded although nobody said so
                return
            key = run["state"]["state_details"]["pause_key"]
            try:
                given = answer
                if kind in SIGNED and officer in self.phones:
                    given = answer | {f"{kind}.one_time_code": self.phones[officer].code()}
                said = self.clients.get(officer, self.client).post(
                    f"/api/flow_runs/{run['id']}/resume", json={"run_input": {place(key): given}}
                )
                verdict = said.json() if said.status_code < 300 else {}
            except httpx.HTTPError:
                verdict = {}
            if verdict.get("status") == "ACCEPT":
                self.found.accepted += 1
                recorded = partial(self._recorded, number, position, run["state_id"])
                self._until(recorded, f"{number}登记第{position}步")
                return
            spent = "动态口令" in str(verdict)  # by another of his signatures, just now
            before = sent and "已经提交过了" in str(verdict)  # by himself, and nobody said so
            assert spent or before or verdict.get("status") != "REJECT", verdict
            sent += 1
            self.found.unanswered += 1
            time.sleep(0.2)

    def _recorded(self, number: str, position: int, before: str) -> bool:
        """Whether the register has it; asked again at a new form, an accepted answer was lost."""
        if self._position(number) > position:
            return True
        run = self._run(number)
        if run and run["state_id"] != before and run["state_type"] == "PAUSED":
            assert self._position(number) > position, (
                f"{number}第{position}步的答复已被接受，却又被问到"
            )
        return False

    def _at(self, number: str, position: int) -> Any:
        """The case's run if it waits at that point; "done" if the register is past it."""
        if self._position(number) > position:
            return "done"
        run = self._run(number)
        if run and run["state_type"] == "PAUSED":
            key = run["state"]["state_details"]["pause_key"]
            if key.split("-")[0] == str(position):
                return run
        return None

    def _position(self, number: str) -> int:
        from flows import office
        from models.store.tables import Application

        with office.reading() as session:
            row = session.get(Application, number)
            assert row is not None
            return row.position

    def _run(self, number: str) -> dict[str, Any] | None:
        wanted = {
            "flow_runs": {
                "tags": {"all_": [number]},
                "state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "PAUSED"]}},
            },
            "deployments": {"name": {"any_": [HANDLE]}},
        }
        runs = self._said("POST", "/flow_runs/filter", wanted)
        return runs[0] if runs else None

    def _said(self, method: str, path: str, body: object = None) -> Any:
        """What the server answers, however long it takes to be there again."""

        def ask() -> Any:
            try:
                answer = self.client.request(method, f"/api{path}", json=body)
            except httpx.HTTPError:
                return None
            if answer.status_code >= 500:
                return None
            assert answer.status_code < 400, answer.text
            return (answer.json(),)

        return self._until(ask, path)[0]

    def _until(self, look: Callable[[], Any], what: str) -> Any:
        return until(look, PATIENCE, lambda: f"没有等到：{what}", longest=self.pause)


@contextmanager
def office_at(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[Office]:
    """The office in this folder, running; this process reads its register."""
    from flows import office

    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ |= {"DISCLOSURE_HOME": str(home), "DISCLOSURE_TODAY": DAY}
    os.environ.pop("DISCLOSURE_DATABASE_URL", None)
    os.environ |= {name: told for name, told in (settings or {}).items() if name in SETTINGS}
    running = Office(home, free_port(), settings)
    try:
        if "DISCLOSURE_DATABASE_URL" not in running.environment:  # where Prefect's tables are, too
            office.sealing()  # Prefect's database without a register is a register lost
            first_start.spared(home / "prefect")
        running.start()
        yield running
    finally:
        running.stop()
        office.close()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def play(
    home: Path,
    kills: int,
    seed: int,
    *,
    officers: int = 3,
    accounts: bool = False,
    points: Collection[int] = range(len(ACTS)),
) -> Found:
    """So many kills while officers work, then the deletion; what became of it all.

    points = after how many acts a case stands when Prefect's database is deleted, one for each
    """
    from tests import visitors

    chance, found, enough = random.Random(seed), Found(), threading.Event()
    with office_at(home) as office:
        names = (CLERK, REVIEWER, LEADER) if accounts else ()
        phones = {name: visitors.with_account(name) for name in names}
        crew = [Officers(office, found, enough, phones) for _ in range(officers)]
        crew[0].log_in()
        for one in crew[1:]:  # another window of the same browser
            for name, client in one.clients.items():
                client.cookies.update(crew[0].clients[name].cookies)
        at_work = [
            threading.Thread(target=one.work, args=(f"甲{place}",))
            for place, one in enumerate(crew)
        ]
        for thread in at_work:
            thread.start()
        for _ in range(kills):
            if found.faults:
                break
            let_them_work(found, chance.randint(0, 3))
            time.sleep(chance.uniform(0, 1))
            what = chance.choice((SERVER, WORKER, BOTH))
            office.kill(what)
            found.kills[what] += 1
        enough.set()
        for thread in at_work:
            thread.join()
        if not found.faults:
            _lose_prefect(office, crew[0], found, points)
    with reading(f"sqlite:///{home / 'register.db'}") as session:
        judge(session, [home], found)
    return found


def let_them_work(found: Found, answers: int) -> None:
    """Until so many more answers were accepted, or for a quarter of a minute."""
    until, patience = found.accepted + answers, time.monotonic() + 15
    while found.accepted < until and time.monotonic() < patience:
        time.sleep(0.02)


def _lose_prefect(office: Office, officer: Officers, found: Found, points: Collection[int]) -> None:
    """Open cases at these points; Prefect's folder deleted: all are back, and can be finished."""
    left = {officer.begin(f"乙{acts}", acts): acts for acts in points}
    assert office.serve is not None
    office.stop()
    shutil.rmtree(office.home / "prefect")
    office.start()
    for number, acts in left.items():
        for position, (who, kind, fields) in enumerate(ACTS[acts:], start=acts + 1):
            officer._act(number, position, kind, fields, who)
        found.back_on_desk += 1


@contextmanager
def reading(url: str) -> Iterator[Any]:
    from sqlmodel import Session, create_engine

    engine = create_engine(url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def judge(session: Any, homes: Sequence[Path], found: Found) -> None:
    """Hold the register against what the officers did, and the files of letters in these homes."""
    from sqlmodel import select

    from models.store.tables import Application, Document, Event

    wanted = ["registered", *(kind for _, kind, _ in ACTS)]
    for row in session.exec(select(Application)):
        events = session.exec(select(Event).where(Event.case_number == row.number)).all()
        kinds = [each.kind for each in sorted(events, key=lambda each: each.position)]
        found.acts += len(kinds)
        if kinds != wanted:
            found.faults.append(f"{row.number} 的办理经过是 {kinds}")
    requests = Counter(session.exec(select(Application.request)))
    found.faults += [f"“{what}”登记了{n}次" for what, n in requests.items() if n > 1]
    serials = defaultdict(list)
    for letter in session.exec(select(Document)):
        found.letters += 1
        serials[letter.series, letter.year].append(letter.serial)
        file = Path("letters") / letter.case_number / f"{letter.number}.docx"
        if not any((home / file).exists() for home in homes):
            found.faults.append(f"缺少文书 {letter.number}")
    for series, given in serials.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            found.faults.append(f"{series} 的序号是 {sorted(given)}")


def main() -> int:
    """Play and print the figures; 1 if there was a fault."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--kills", type=int, default=200)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--accounts", action="store_true", help="officers log in")
    wanted.add_argument("--keep", action="store_true", help="keep the scratch folder")
    asked = wanted.parse_args()
    home = Path(tempfile.mkdtemp(prefix="disclosure-kills-"))
    began = time.monotonic()
    found = play(home, asked.kills, asked.seed, accounts=asked.accounts)
    print(
        json.dumps(
            {
                **found.__dict__,
                "kills": dict(found.kills),
                "seconds": int(time.monotonic() - began),
            },
            ensure_ascii=False,
            indent=1,
        )
    )
    if not asked.keep and not found.faults:
        shutil.rmtree(home)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
