"""From Submit to the next form: our warm worker against stock `flow.serve()`, in one run.

    python -m tests.benchmarks.submit_to_next_form [--suspended 1000] [--submits 40] [--history 200]
                                                   [--postgres]

So many other cases wait at their forms meanwhile. Last, on our worker alone: the same act again and
again on one case, new, and with so many acts in its history already; and how long an officer waits
until his answer is taken, or turned away with the reason.

Starts a Prefect server of its own in a scratch folder, register and Prefect both on SQLite, or both
on PostgreSQL. An answer counts from the moment it is sent to the moment the server has the next
form (the state's own timestamp), so it includes the act, its letters and the commit. Prints a
table; nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from flows import office  # noqa: E402
from flows.server import server_process  # noqa: E402
from models.case.case import Case  # noqa: E402
from tests import postgresql  # noqa: E402

if TYPE_CHECKING:
    from flows.commands.robot_officer import Officer

STOCK = 5
TOYS = {"count": "tests.toy_flows.count"}
CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"

# Who answers which form, from receipt to dispatch; after the last one there is no next form.
ACTS: tuple[tuple[str, str, dict[str, object]], ...] = (
    (CLERK, "received", {"received_on": "2026-03-02"}),
    (CLERK, "found_ours", {}),
    (
        CLERK,
        "drafted_granted",
        {"outcome": "granted", "information": "资助名单", "whereabouts": "随本告知书附送"},
    ),
    (REVIEWER, "approved", {}),
    (LEADER, "signed", {"signed_on": "2026-03-02"}),
)
# The doors let nobody touch automations; stock `serve()` only looks for old ones when it begins.
SERVE = """
from prefect import serve
from prefect.client.orchestration import PrefectClient
from prefect.deployments.runner import EntrypointType

from flows.path.application import handle
from tests.toy_flows import count

async def none(self, resource_id):
    return None

PrefectClient.delete_resource_owned_automations = none
by_module = {"entrypoint_type": EntrypointType.MODULE_PATH}
serve(handle.to_deployment("办理申请", **by_module), count.to_deployment("count", **by_module))
"""


def registered(request: str, applicant: str = "张三") -> Case:
    """An invented application, handed in at the counter."""
    from flows.path import intake

    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant=applicant,
        request=request,
        arrived_on=date(2026, 3, 2),
        identity="310101199001011234",
        contact="13800000000",
    )


def application(submits: int) -> list[float]:
    """The real path: seconds for each of so many acts on invented applications."""
    from flows.commands.robot_officer import Officer
    from flows.path import desk

    took: list[float] = []
    for place in count():
        case = registered(f"第{place}批专利资助名单")
        desk.put_on_desk(case)
        for name, kind, fields in ACTS:
            with Officer(name) as officer:
                officer.form(case.number)
                sent = time.time()
                run = officer.submit(case.number, kind, **fields)
            assert run.state is not None
            assert run.state.is_paused(), (case.number, run.state)
            took.append(run.state.timestamp.timestamp() - sent)
            if len(took) == submits:
                return took
    raise AssertionError


@dataclass
class Waits:
    """How long the server took to answer each Submit, taken or turned away, in seconds."""

    taken: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def of(self, officer: Officer) -> None:
        """Listen to what this officer sends from now on."""
        sent: dict[httpx.Request, float] = {}

        def answered(response: httpx.Response) -> None:
            if response.request.url.path.endswith("/resume"):
                accepted = json.loads(response.read())["status"] == "ACCEPT"
                took = time.perf_counter() - sent.pop(response.request)
                (self.taken if accepted else self.refused).append(took)

        hooks = officer._client._client.event_hooks
        hooks["request"].append(lambda request: sent.setdefault(request, time.perf_counter()))
        hooks["response"].append(answered)


def one_case(submits: int, history: int, waits: Waits) -> list[float]:
    """So many attempts to reach the applicant of one case that has so many acts already."""
    from flows.commands.robot_officer import FormRefused, Officer
    from flows.path import desk, recording

    case = registered(f"{history}步之后的名单")
    tried: dict[str, object] = {"tried_on": "2026-03-02", "how": "电话", "result": "无人接听"}
    for _ in range(history):
        done = recording.perform(case.number, case.position, "contact_tried", tried, CLERK)
        assert not done.refused, done.reasons
        case = done.case
    desk.put_on_desk(case)
    took: list[float] = []
    with Officer(CLERK) as officer:
        waits.of(officer)
        while len(took) < submits:
            officer.form(case.number)
            with suppress(FormRefused):
                officer.submit(case.number, "contact_tried", **(tried | {"tried_on": "2026-12-31"}))
            sent = time.time()
            run = officer.submit(case.number, "contact_tried", **tried)
            assert run.state is not None
            assert run.state.is_paused(), (case.number, run.state)
            took.append(run.state.timestamp.timestamp() - sent)
    return took


def toy(submits: int) -> list[float]:
    """A flow that only asks: what the worker and the server cost by themselves."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import StateType

    from flows.prefect_side.one_form import place_of

    took: list[float] = []
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name("count/count")
        run = client.create_flow_run_from_deployment(found.id, parameters={"questions": submits})
        while len(took) <= submits:
            before, sent = run.state_id, time.time()
            if run.state_type is StateType.PAUSED:
                client.resume_flow_run(run.id, run_input={place_of(run): {"said.n": 1}})
            while run.state_id == before or not (
                run.state and (run.state.is_paused() or run.state.is_final())
            ):
                time.sleep(0.05)
                run = client.read_flow_run(run.id)
            assert run.state is not None
            assert run.state.is_paused() or len(took) == submits, run.state
            took.append(run.state.timestamp.timestamp() - sent)
            time.sleep(0.3)  # nobody answers faster
    return took[1:]


def fill(cases: int) -> None:
    """So many applications, each at its first form: what the desk is like when it is full."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import StateDetails
    from prefect.input import keyset_from_paused_state
    from prefect.states import Suspended

    from flows import office
    from flows.path import desk, forms
    from flows.prefect_side.one_form import form, place
    from flows.shown import lists
    from models.register import register

    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(f"{desk.HANDLE}/{desk.HANDLE}")
        for number in range(cases):
            case = registered(f"第{number}份备案材料", applicant="李四")
            with office.reading() as session:
                row, point = register.row(session, case.number), forms.point(session, case)
            waiting = Suspended(pause_key=point.key)
            keyset = keyset_from_paused_state(waiting)
            waiting.state_details = StateDetails(
                pause_key=point.key, pause_reschedule=True, run_input_keyset=keyset
            )
            run = client.create_flow_run_from_deployment(
                deployment.id,
                parameters={"number": case.number},
                name=lists.title(row),
                tags=lists.tags(row, office.circumstances("")),
                state=waiting,
            )
            shown = form(point.schema, point.description, place(point.key))
            client.create_flow_run_input(run.id, keyset["schema"], json.dumps(shown))


SUBJECTS: dict[str, Callable[[int], list[float]]] = {"办理申请": application, "只问不办": toy}


@contextmanager
def databases(scratch: Path, *, postgres: bool) -> Iterator[None]:
    """Where register and Prefect keep what they hold: files, or a PostgreSQL of its own."""
    os.environ.pop("DISCLOSURE_DATABASE_URL", None)
    if not postgres:
        yield
        return
    with postgresql.running(scratch) as server:
        os.environ["DISCLOSURE_DATABASE_URL"] = server.database("register")
        prefect = server.database("prefect").replace("postgresql:", "postgresql+asyncpg:")
        os.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = prefect
        yield
        office.close()


@contextmanager
def stock_serve() -> Iterator[None]:
    """`serve()` in a process of its own, as Prefect's documentation has it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_LOGGING_LEVEL": "ERROR"}
    serving = subprocess.Popen(
        [sys.executable, "-c", SERVE], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(30)


def main() -> None:
    """Measure both and print the table."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--suspended", type=int, default=0, help="cases that wait meanwhile")
    wanted.add_argument("--submits", type=int, default=20)
    wanted.add_argument("--history", type=int, default=200, help="acts of the long case")
    wanted.add_argument("--postgres", action="store_true", help="not SQLite but PostgreSQL")
    asked = wanted.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="disclosure-bench-") as scratch,
        databases(Path(scratch), postgres=asked.postgres),
    ):
        prefect, port = Path(scratch) / "prefect", server_process.free_port()
        os.environ |= {
            "DISCLOSURE_HOME": scratch,
            "DISCLOSURE_TODAY": "2026-03-02",
            **server_process.environment(prefect, port),
        }
        office.guard_seals()  # opens the register before the server does, as `serve` does
        with server_process.running(prefect, port):
            from flows.prefect_side.deployments import Deployment, ensure_deployments
            from flows.prefect_side.our_flows import OUR_FLOWS
            from flows.server import serve

            asyncio.run(ensure_deployments([Deployment(*toy) for toy in TOYS.items()]))
            asyncio.run(serve._deploy())
            fill(asked.suspended)
            with serve.at_work(ours={**OUR_FLOWS, **TOYS}):
                time.sleep(2)  # the lists are drawn
                warm = {name: measure(asked.submits) for name, measure in SUBJECTS.items()}
                waits = {acts: Waits() for acts in (0, asked.history)}
                aged = {acts: one_case(asked.submits, acts, waits[acts]) for acts in waits}
            with stock_serve():
                time.sleep(15)  # it registers its deployments, in place of ours
                stock = {name: measure(STOCK) for name, measure in SUBJECTS.items()}
            log = (prefect / "server.log").read_text(errors="replace")
    print(f"{asked.suspended} other cases suspended")
    print("Submit → next form, seconds          n  median     p95     p99     max")
    for name in SUBJECTS:
        for who, took in (("warm worker", warm[name]), ("stock serve()", stock[name])):
            print(f"{name}  {who:<24}", *_figures(took))
    for acts, took in aged.items():
        print(f"一件申请  {f'after {acts} acts':<24}", *_figures(took))
        print(f"    {'answer taken':<30}", *_figures(waits[acts].taken))
        print(f"    {'answer turned away':<30}", *_figures(waits[acts].refused))
    print(f"“database is locked” in the server's log: {log.count('database is locked')}")


def _figures(took: list[float]) -> tuple[str, ...]:
    hundredths = statistics.quantiles(took, n=100, method="inclusive")
    shown = (statistics.median(took), hundredths[94], hundredths[98], max(took))
    return (f"{len(took):>3}", *(f"{seconds:7.2f}" for seconds in shown))


if __name__ == "__main__":
    main()
