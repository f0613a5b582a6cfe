"""What was submitted and is not yet recorded cannot be deleted with its run: it is said at the door."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.server.schemas.states import StateType
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.commands.robot_officer import Officer
from flows.path import desk as handling
from flows.prefect_side.kept_forms import Kind, Run
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.server import held_runs, in_time
from flows.server.held_runs import HeldRuns
from flows.server.upkeep import CLOCKED
from models.register import refusals
from tests.desks import delete_run, empty_office
from tests.running_office import RunningOffice, running_office
from tests.test_desk import CLERK, new_case

FORMS = sorted(OUR_FLOWS.keys() - CLOCKED - {handling.HANDLE})
UNENDED = sorted(set(StateType) - held_runs.ENDED)


class Deleting:
    """The UI deleting, before Prefect: these runs would go."""

    def __init__(self, *runs: Run) -> None:
        self.runs, self.gone = runs, list[Any]()
        self.app = HeldRuns(self._prefect, self._doomed)

    def one(self, kind: str = "flow_runs") -> str:
        """Delete one: "" if Prefect was asked to, or why it was not."""
        return self._asked("DELETE", f"/api/{kind}/{uuid4()}")

    def many(self, kind: str = "flow_runs") -> str:
        return self._asked("POST", f"/api/{kind}/bulk_delete", {kind: {"id": {"any_": ["x"]}}})

    def form(self, key: str) -> str:
        """Delete a form put up in a run, or its answer."""
        return self._asked("DELETE", f"/api/flow_runs/{uuid4()}/input/{key}")

    def _asked(self, method: str, path: str, body: object = None) -> str:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path, json=body)

        answer = asyncio.run(once())
        assert answer.status_code in (204, 409)
        return "" if answer.status_code == 204 else str(answer.json()["detail"])

    async def _doomed(self, kind: Kind, asked: UUID | dict[str, Any]) -> Sequence[Run]:
        assert kind in ("flow_runs", "flows", "deployments")
        assert isinstance(asked, UUID) or asked[kind]
        return self.runs

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        self.gone.append(json.loads(body) if body else scope["path"])
        await JSONResponse(None, 204)(scope, receive, send)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    with running_office(tmp_path, monkeypatch) as running:
        yield running


# ── forms to begin with ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_not_done_is_not_deleted_and_one_that_is_may_go(form: str) -> None:
    for state in StateType:
        for way in (Deleting.one, Deleting.many):
            asked = Deleting(Run(form, f"{form}-SQ1", state))
            said = way(asked)
            assert ("尚未办完" in said and f"{form}-SQ1" in said) == (state in UNENDED)
            assert len(asked.gone) == (0 if state in UNENDED else 1)


@pytest.mark.parametrize("key", ["suspended-3-0-response", "suspended-3-0-schema"])
@pytest.mark.parametrize("form", [handling.HANDLE, *FORMS])
def test_a_form_or_its_answer_is_not_taken_out_of_a_run_that_goes_on(form: str, key: str) -> None:
    for state in StateType:
        asked = Deleting(Run(form, f"{form}-SQ1", state))
        said = asked.form(key)
        assert ("尚未办结" in said and f"{form}-SQ1" in said) == (state in UNENDED)
        assert len(asked.gone) == (0 if state in UNENDED else 1)
    assert Deleting(Run("别的", "别的", StateType.RUNNING)).form(key) == ""


def test_of_several_none_goes_while_one_is_held() -> None:
    ended = Run("登记申请", "登记 SQ1", StateType.COMPLETED)
    asked = Deleting(ended, Run("登记咨询", "登记咨询", StateType.RUNNING))
    said = asked.many()
    assert "登记咨询" in said
    assert "SQ1" not in said
    assert asked.gone == []


def test_what_is_deleted_in_bulk_reaches_prefect_as_it_was_asked() -> None:
    asked = Deleting(Run("登记申请", "登记 SQ1", StateType.COMPLETED))
    assert asked.many() == ""
    assert asked.gone == [{"flow_runs": {"id": {"any_": ["x"]}}}]


def test_what_the_clock_starts_had_nothing_submitted_and_may_go_once_it_failed() -> None:
    for form in CLOCKED:
        for state, stays in ((StateType.RUNNING, True), (StateType.FAILED, False)):
            assert bool(Deleting(Run(form, form, state)).one()) == stays


def test_runs_that_are_not_ours_are_prefects() -> None:
    assert Deleting(Run("别的流程", "别的", StateType.RUNNING)).one() == ""


# ── cases ───────────────────────────────────────────────────────────────────────────────────────
def of_case(number: str, *answered: str, state: StateType = StateType.CANCELLED) -> Deleting:
    return Deleting(Run(handling.HANDLE, number, state, number, answered))


def test_the_run_of_a_case_under_way_is_not_deleted(desk: RunningOffice) -> None:
    case = desk.put_up("待起草")
    for state in UNENDED:
        assert "尚未办结" in of_case(case.number, state=state).one()


@pytest.mark.parametrize(
    ("answered", "stays"),
    [
        ((), False),
        (("{now}",), True),
        (("{now}-again-1",), True),
        (("0-0",), False),
        (("{next}",), False),
    ],
)
def test_an_ended_run_goes_unless_the_answer_in_it_is_still_to_be_recorded(
    answered: tuple[str, ...], stays: bool, desk: RunningOffice
) -> None:
    """Cancelled by mistake it starts again within the minute, and records it then."""
    case = desk.put_up("待起草")
    position, _, attempt = desk.pause.partition("-")
    points = {"now": desk.pause, "next": f"{int(position) + 1}-{attempt}"}
    asked = of_case(case.number, *(one.format(**points) for one in answered))
    assert ("尚未登记" in asked.one()) == stays
    with office.writing() as session:
        refusals.refuse(session, case, "", "说明", "", office.now())
    assert asked.one() == "", "refused: what was typed is in the register"


def test_the_run_of_a_closed_or_unknown_case_may_go(desk: RunningOffice) -> None:
    case = desk.put_up("已办结，邮寄")
    assert of_case(case.number, f"{case.position}-0").one() == ""
    assert of_case("SQ999900001", "1-0").one() == ""


def test_while_the_register_does_not_answer_nothing_is_deleted(
    desk: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = desk.put_up("待起草")
    if not office.database_url().startswith("sqlite"):
        pytest.skip("SQLite alone locks a whole register")
    office.close()
    with sqlite3.connect(office.home() / "register.db", timeout=0) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setitem(in_time.SECONDS, "judging", 0.3)
        asked = of_case(case.number, desk.pause)
        assert "没有删除" in asked.one()
        other.rollback()
    other.close()
    assert asked.gone == []


# ── what goes with it ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("way", [Deleting.one, Deleting.many])
def test_a_flow_of_ours_is_not_deleted_and_takes_no_run_with_it(
    way: Callable[[Deleting, str], str],
) -> None:
    assert "不能删除" in way(Deleting(Run("登记申请")), "flows")
    assert way(Deleting(Run("别的流程")), "flows") == ""


def test_a_form_under_deployments_is_not_deleted_while_one_submitted_waits_for_its_start() -> None:
    waiting = Run("登记申请", "登记申请", StateType.SCHEDULED)
    assert "尚未办完" in Deleting(waiting).one("deployments")
    assert Deleting().one("deployments") == ""


# ── on a server ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def client(
    prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SyncPrefectClient]:
    with (
        empty_office(tmp_path_factory.mktemp("office")),
        get_client(sync_client=True) as client,
    ):
        yield client


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(PrefectHTTPStatusError) as turned_away:
        do()
    assert turned_away.value.response.status_code == 409
    return str(turned_away.value.response.json()["detail"])


def test_prefect_is_not_asked_to_delete_what_is_held(client: SyncPrefectClient) -> None:
    number = new_case()
    with Officer(CLERK) as clerk:
        run = clerk.form(number)
    chosen = {"flow_runs": {"id": {"any_": [str(run.id)]}}}
    assert "尚未办结" in refused(lambda: client.delete_flow_run(run.id))
    assert "尚未办结" in refused(
        lambda: client.request("POST", "/flow_runs/bulk_delete", json=chosen)
    )
    assert "不能删除" in refused(
        lambda: client.request("DELETE", "/flows/{id}", path_params={"id": run.flow_id})
    )
    later = office.now() + timedelta(hours=1)
    offered = client.read_deployment_by_name("登记咨询/登记咨询")
    body = {"type": "SCHEDULED", "state_details": {"scheduled_time": later.isoformat()}}
    made = client.request(
        "POST",
        "/deployments/{id}/create_flow_run",
        path_params={"id": offered.id},
        json={"state": body, "enforce_parameter_schema": False},
    ).json()
    assert "尚未办完" in refused(lambda: client.delete_deployment(offered.id))
    assert client.read_flow_run(UUID(made["id"])).state_type == StateType.SCHEDULED
    delete_run(client, UUID(made["id"]))
    delete_run(client, run.id)
