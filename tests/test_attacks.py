"""What an attacker tries who reaches the desk: no code but ours runs, and no door but ours opens.

On a real server. A person is whoever the doors let in without the office's secret: on loopback any
account of the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import websockets
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Scheduled
from sqlmodel import select

from flows import office
from flows.commands.robot_officer import Officer, at_rest
from flows.installation import office_secret
from flows.path.desk import HANDLE
from flows.prefect_side.one_form import place_of
from flows.prefect_side.our_flows import NotOurs, flow
from flows.prefect_side.routes import SOCKET, Route, Whose, routes
from flows.server import persons
from flows.server.persons import DEEPEST, LARGEST, Refused, unwrapped
from models.register import register
from models.store.tables import Enquiry
from tests.desks import empty_office
from tests.waiting import pauses

CLERK = "陈静"
PATIENCE = 60.0
FORM = "登记咨询"
MARK = "TESTS_EVIL_WAS_IMPORTED"
ADVICE = {"channel": "电话", "given_on": "2026-03-02", "officer": CLERK}


@pytest.fixture(scope="module")
def desk(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with empty_office(tmp_path_factory.mktemp("attacked")) as folder:
        yield folder


@pytest.fixture(scope="module")
def person(desk: Path, prefect_server: str) -> Iterator[httpx.Client]:
    """Somebody without the secret, at the API."""
    with httpx.Client(base_url=prefect_server, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def client(desk: Path) -> Iterator[SyncPrefectClient]:
    """The office itself."""
    with get_client(sync_client=True) as client:
        yield client


def filled(route: Route) -> str:
    """The path of a route with something in each of its places."""
    made = route.path
    for place in ("{id:uuid}", "{schedule_id:uuid}"):
        made = made.replace(place, str(uuid4()))
    return "/".join("x" if part.startswith("{") else part for part in made.split("/"))


def asked(person: httpx.Client, method: str, path: str, body: Any = None) -> httpx.Response:
    return person.request(method, path, json=body if body is not None else {})


def refusal(answer: httpx.Response) -> str:
    """Why a person was turned away; fails if he was not."""
    assert answer.status_code == 403, answer.text
    return str(answer.json()["detail"])


# ── every route × a person ──────────────────────────────────────────────────────────────────────
CLOSED = [one for one in routes() if one.whose is not Whose.OFFICERS]


@pytest.mark.parametrize("route", [one for one in CLOSED if one.method != SOCKET], ids=str)
def test_no_route_that_is_not_a_persons_answers_to_him(route: Route, person: httpx.Client) -> None:
    answer = asked(person, route.method, filled(route))
    assert answer.status_code == 403
    assert route.method == "HEAD" or "没有执行" in refusal(answer)


@pytest.mark.parametrize("route", [one for one in routes() if one.whose is Whose.OFFICERS], ids=str)
def test_each_route_that_is_a_persons_is_asked_of_prefect_or_judged(
    route: Route, person: httpx.Client
) -> None:
    answer = asked(person, route.method, filled(route))
    assert answer.status_code != 401
    assert answer.status_code < 500
    if answer.status_code == 403:
        assert "没有执行" not in answer.text or "/input/" in route.path


@pytest.mark.parametrize("route", [one for one in CLOSED if one.method == SOCKET], ids=str)
@pytest.mark.parametrize("token", [None, "", "office:wrong", "x" * 1000])
def test_no_websocket_opens_without_the_secret(
    route: Route, token: str | None, person: httpx.Client
) -> None:
    """Prefect asks there for it itself, in the first message."""
    address = str(person.base_url).replace("http:", "ws:").rstrip("/") + filled(route)

    async def told(**how: Any) -> str:
        try:
            async with websockets.connect(address, **how) as socket:
                await socket.send(json.dumps({"type": "auth", "token": token}))
                return str(json.loads(await asyncio.wait_for(socket.recv(), 10)).get("type"))
        except (websockets.ConnectionClosed, websockets.InvalidStatus) as closed:
            return type(closed).__name__

    prefect = [websockets.Subprotocol("prefect")]
    assert asyncio.run(told()) in ("InvalidStatus", "ConnectionClosedError")
    assert asyncio.run(told(subprotocols=prefect)) in ("InvalidStatus", "ConnectionClosedError")


def test_the_secret_is_told_to_nobody(person: httpx.Client) -> None:
    secret = os.environ[office_secret.SETTING]
    for path in ("/ui-settings", "/api/admin/version", "/api/health", "/", "/api/flows/filter"):
        told = person.get(path)
        assert secret not in told.text
        assert office_secret.header(secret) not in str(told.headers)
    assert person.get("/ui-settings").json()["auth"] is None
    assert person.get("/api/admin/settings").json() == persons.SHOWN_SETTINGS


def test_another_secret_is_no_secret(person: httpx.Client) -> None:
    for wrong in ("office:wrong", "office:", ":", os.environ[office_secret.SETTING] + "x"):
        auth = {"Authorization": office_secret.header(wrong)}
        answer = person.post("/api/variables/filter", json={}, headers=auth)
        assert "没有执行" in refusal(answer)


def test_what_is_refused_stands_in_the_log_without_what_was_sent(person: httpx.Client) -> None:
    log = Path(os.environ["PREFECT_HOME"]) / "server.log"
    before = len(log.read_text("utf-8"))
    asked(person, "DELETE", "/api/variables/name/张三丰")
    asked(person, "POST", "/api/张三丰", {"name": "张三丰"})
    said = log.read_text("utf-8")[before:]
    assert "请求 DELETE /api/variables/name/{name:str}" in said
    assert "请求 POST （未列出的地址）" in said
    assert "张三丰" not in said


# ── nothing runs but ours ───────────────────────────────────────────────────────────────────────
@contextmanager
def changed(name: str, **columns: object) -> Iterator[None]:
    """A deployment as it is changed in Prefect's database, past every door."""
    flow_id = "SELECT id FROM flow WHERE name = ?"
    names = ", ".join(columns)
    to = ", ".join(f"{column} = ?" for column in columns)
    where = f"name = ? AND flow_id = ({flow_id})"
    with database() as opened:
        chosen = f"SELECT {names} FROM deployment WHERE {where}"
        before = opened.execute(chosen, (name, name)).fetchone()
        update = f"UPDATE deployment SET {to} WHERE {where}"
        opened.execute(update, (*columns.values(), name, name))
        try:
            yield
        finally:
            opened.execute(update, (*before, name, name))


@pytest.fixture
def evil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], bool]]:
    """A module that notes that it was imported, and ends whoever imports it; whether it was."""
    noted = tmp_path / "imported"
    (tmp_path / "evil_module.py").write_text(
        f"open({str(noted)!r}, 'w').close()\nraise SystemExit(3)\n", "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}")
    yield noted.exists
    assert "evil_module" not in sys.modules


def until(client: SyncPrefectClient, run: UUID, there: Callable[[FlowRun], bool]) -> FlowRun:
    patience = time.monotonic() + PATIENCE
    for pause in pauses():
        if there(now := client.read_flow_run(run)):
            return now
        assert time.monotonic() < patience, now.state
        time.sleep(pause)
    raise AssertionError


def enquiries() -> int:
    with office.reading() as session:
        return len(session.exec(select(Enquiry)).all())


STATED = [
    {"entrypoint": "evil_module.main"},
    {"entrypoint": "os.system"},
    {"entrypoint": "evil_module.py:main", "path": "."},
    {"pull_steps": json.dumps([{"evil_module.main": {"requires": "x"}}]), "entrypoint": "x.y"},
    {"infra_overrides": json.dumps({"command": "touch x", "env": {"PYTHONSTARTUP": "x"}})},
    {"parameters": json.dumps({"__prefect_kind": "jinja", "template": "{{ 1 }}"})},
]


@pytest.mark.parametrize("stated", STATED, ids=str)
def test_whatever_a_deployment_states_our_flow_runs(
    stated: dict[str, object], evil: Callable[[], bool], client: SyncPrefectClient
) -> None:
    """Changed in Prefect's database, where no door stands: what is run is looked up by its name."""
    before = enquiries()
    with changed(FORM, **stated), Officer(CLERK) as clerk:
        run = clerk.start(FORM, ADVICE)
    assert run.state_type is StateType.COMPLETED
    assert enquiries() == before + 1
    assert not evil()


def test_what_is_none_of_ours_is_refused_and_not_imported(
    evil: Callable[[], bool], client: SyncPrefectClient
) -> None:
    """As it could be put there by whoever has the secret, or the database."""
    home = client.read_deployment_by_name(f"{FORM}/{FORM}")
    made = client.create_deployment(
        flow_id=client.create_flow_from_name("evil"),
        name="evil",
        entrypoint="evil_module.main",
        work_pool_name=home.work_pool_name,
        enforce_parameter_schema=False,
    )
    run = client.create_flow_run_from_deployment(made)
    ended = until(client, run.id, lambda now: now.state_type is StateType.FAILED)
    assert ended.state is not None
    assert ended.state.message == str(NotOurs("evil"))
    assert not evil()
    client.delete_deployment(made)
    with Officer(CLERK) as clerk:  # and the worker is at work
        assert clerk.start(FORM, ADVICE).state_type is StateType.COMPLETED


@pytest.mark.parametrize("name", ["evil", "os", "", "flows.path.application.handle", "登记申请 "])
def test_by_no_other_name_is_anything_found(name: str) -> None:
    with pytest.raises(NotOurs):
        flow(name)


# ── a form to begin with is its fields ──────────────────────────────────────────────────────────
def deployment(client: SyncPrefectClient, name: str = FORM) -> str:
    return f"/api/deployments/{client.read_deployment_by_name(f'{name}/{name}').id}"


def test_of_what_is_sent_with_a_form_nothing_but_its_fields_arrives(
    person: httpx.Client, client: SyncPrefectClient
) -> None:
    sent = {
        "parameters": ADVICE,
        "name": "别的名字",
        "tags": ["别的标签"],
        "labels": {"a": "b"},
        "context": {"a": "b"},
        "state": {"type": "COMPLETED", "message": "x"},
        "empirical_policy": {"retries": 9},
        "infrastructure_document_id": None,
        "work_queue_name": "别的队列",
        "enforce_parameter_schema": False,
        "idempotency_key": "办理/2026",
        "job_variables": {},
    }
    made = asked(person, "POST", f"{deployment(client)}/create_flow_run", sent)
    assert made.status_code == 201, made.text
    assert made.json()["name"] == FORM, "as the form is called, from the first moment on"
    run = client.read_flow_run(UUID(made.json()["id"]))
    assert run.idempotency_key == f"{persons.BY_PERSONS}办理/2026"
    assert "别的标签" not in run.tags
    assert run.name != "别的名字"
    assert run.work_queue_name == "default"
    assert "a" not in run.labels
    assert not run.job_variables
    assert not run.context
    again = asked(person, "POST", f"{deployment(client)}/create_flow_run", sent)
    assert again.json()["id"] == str(run.id)
    until(client, run.id, lambda now: now.state_type is StateType.COMPLETED)


CHANGING: list[tuple[dict[str, Any], str]] = [
    ({"parameters": ADVICE, "job_variables": {"command": "id"}}, "不能改动运行设置"),
    ({"parameters": ADVICE, "parent_task_run_id": str(uuid4())}, "不能改动运行设置"),
    ({"parameters": ADVICE | {"evil": 1}}, "表单没有这几项：evil"),
    ({"parameters": {"__prefect_kind": "jinja", "template": "{{ 1 }}"}}, "逐项填写"),
    (
        {"parameters": ADVICE | {"subject": {"__prefect_kind": "workspace_variable"}}},
        "逐项填写",
    ),
    (
        {"parameters": ADVICE | {"subject": {"__prefect_kind": "jinja", "template": "x"}}},
        "逐项填写",
    ),
    (
        {
            "parameters": ADVICE,
            "state": {"state_details": {"scheduled_time": "2999-01-01T00:00:00Z"}},
        },
        "立即办理",
    ),
]
"""What an officer sends with a form to have it run in another way, and why it is refused."""


@pytest.mark.parametrize(("sent", "why"), CHANGING)
def test_what_would_change_how_a_form_is_run_is_refused(
    sent: dict[str, Any], why: str, person: httpx.Client, client: SyncPrefectClient
) -> None:
    before = enquiries()
    assert why in refusal(asked(person, "POST", f"{deployment(client)}/create_flow_run", sent))
    assert enquiries() == before


def test_only_the_forms_are_begun(person: httpx.Client, client: SyncPrefectClient) -> None:
    handling = {"parameters": {"number": "SQ202600001"}}
    path = f"{deployment(client, HANDLE)}/create_flow_run"
    assert "自己开始" in refusal(asked(person, "POST", path, handling))
    unknown = f"/api/deployments/{uuid4()}/create_flow_run"
    assert "没有这张办理表单" in refusal(asked(person, "POST", unknown, {"parameters": {}}))
    home = client.read_deployment_by_name(f"{FORM}/{FORM}")
    twin = client.create_deployment(flow_id=client.create_flow_from_name("evil"), name=FORM)
    path = f"/api/deployments/{twin}/create_flow_run"
    assert "没有这张办理表单" in refusal(asked(person, "POST", path, {"parameters": ADVICE}))
    client.delete_deployment(twin)
    capitals = f"/api/deployments/{str(home.id).upper()}/create_flow_run"
    assert "没有执行" in refusal(asked(person, "POST", capitals, {"parameters": ADVICE}))


# ── a run is given up, and nothing else is done to it ───────────────────────────────────────────
STATES = ["COMPLETED", "CANCELLED", "CANCELLING", "CRASHED", "SCHEDULED", "RUNNING", "PENDING"]


@pytest.mark.parametrize("state", STATES)
def test_the_run_of_a_case_is_set_to_nothing(
    state: str, person: httpx.Client, client: SyncPrefectClient
) -> None:
    with Officer(CLERK) as clerk:
        run = clerk.form(case())
        path = f"/api/flow_runs/{run.id}"
        sent = {"state": {"type": state}, "force": True}
        assert "没有取消" in refusal(asked(person, "POST", f"{path}/set_state", sent))
        assert client.read_flow_run(run.id).state_id == run.state_id


def case() -> str:
    """The number of an open case, registered the first time."""
    with office.reading() as session:
        found = [row.number for row in register.applications(session, is_open=True)]
    if found:
        return str(found[0])
    with Officer(CLERK) as clerk:
        clerk.start("登记申请", REGISTRATION)
    return case()


REGISTRATION = {
    "channel": "当面提交",
    "arrived_on": "2026-03-02",
    "kind": "自然人",
    "applicant": "张三",
    "request": "2025年专利资助名单",
    "officer": CLERK,
    "contact": "13800000000",
}


def test_a_form_that_was_refused_is_given_up(
    person: httpx.Client, client: SyncPrefectClient
) -> None:
    with Officer(CLERK) as clerk:
        run = clerk.start("登记申请", REGISTRATION | {"applicant": " "})
    assert run.state_type is StateType.PAUSED
    path = f"/api/flow_runs/{run.id}/set_state"
    assert "没有取消" in refusal(asked(person, "POST", path, {"state": {"type": "COMPLETED"}}))
    asked(person, "POST", path, {"state": {"type": "CANCELLING"}}).raise_for_status()
    until(client, run.id, lambda now: now.state_type is StateType.CANCELLED)


def test_what_was_answered_is_not_read_written_or_deleted(person: httpx.Client) -> None:
    with Officer(CLERK) as clerk:
        run = clerk.form(case())
    assert run.state is not None
    key = run.state.state_details.pause_key
    at = f"/api/flow_runs/{run.id}/input"
    assert person.get(f"{at}/suspended-{key}-schema").status_code == 200
    assert "不能另行读取" in refusal(person.get(f"{at}/suspended-{key}-response"))
    forged = {"key": f"suspended-{key}-response", "value": "[1,2,3]"}
    for method, path, body in (
        ("POST", at, forged),
        ("POST", f"{at}/filter", {"prefix": ""}),
        ("DELETE", f"{at}/suspended-{key}-schema", {}),
    ):
        assert "没有执行" in refusal(asked(person, method, path, body))


def test_a_template_is_no_answer(person: httpx.Client) -> None:
    """Prefect would carry it out: in a field, and in place of the whole form."""
    with Officer(CLERK) as clerk:
        run = clerk.form(case())
    for said in ({"__prefect_kind": "jinja", "template": "{{ 1 }}"}, {"__prefect_kind": "x"}):
        for answer in ({place_of(run): said}, {place_of(run): {"received.officer": said}}, said):
            sent = {"run_input": answer}
            answered = asked(person, "POST", f"/api/flow_runs/{run.id}/resume", sent)
            assert "逐项填写" in refusal(answered)


def wrapped(value: object, times: int) -> object:
    """A value in so many wrappings that Prefect takes off."""
    for _ in range(times):
        value = {"__prefect_kind": "json", "value": json.dumps(value)}
    return value


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_what_is_wrapped_is_seen_as_the_flow_would_see_it(times: int) -> None:
    typed = {"approved.note": "", "approved.officer": "王建国"}
    assert unwrapped({"place": wrapped(typed, times)}) == {"place": typed}
    inside = {"approved.note": wrapped("甲", times), "n": [wrapped(1, times)]}
    assert unwrapped(wrapped(inside, times)) == {"approved.note": "甲", "n": [1]}


@pytest.mark.parametrize("times", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "said",
    [
        {"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"},
        {"__prefect_kind": "workspace_variable", "variable_name": "x"},
        {"__prefect_kind": "none"},
        {"__prefect_kind": "json", "value": {"a": 1}},
    ],
)
def test_what_prefect_would_carry_out_is_refused_however_it_is_wrapped(
    said: object, times: int
) -> None:
    with pytest.raises(Refused, match="逐项填写"):
        unwrapped({"place": wrapped({"approved.note": said}, times)})


def test_wrapping_without_end_is_refused() -> None:
    deep: object = "甲"
    for _ in range(2 * DEEPEST):
        deep = {"__prefect_kind": None, "value": deep}
    with pytest.raises(Refused, match="不能读取"):
        unwrapped(deep)
    with pytest.raises(Refused, match="不能读取"):
        unwrapped({"__prefect_kind": "json", "value": "{"})


# ── what is too large, or no form's ─────────────────────────────────────────────────────────────
def test_what_is_too_large_is_refused_and_its_sender_told(person: httpx.Client) -> None:
    path = f"/api/flow_runs/{uuid4()}/resume"
    fits = json.dumps({"run_input": {"x": ""}}).encode()
    full = fits[:-3] + b"x" * (LARGEST - len(fits)) + fits[-3:]
    assert len(full) == LARGEST
    assert person.post(path, content=full).json()["status"] == "ABORT"
    assert person.post(path, content=full + b" ").status_code == 413

    def streamed() -> Iterator[bytes]:  # without a length
        for _ in range(20):
            yield b"x" * (LARGEST // 10)

    told = person.post(path, content=streamed())
    assert (told.status_code, "过大" in told.json()["detail"]) == (413, True)


NO_REQUEST = [
    b"[1,2,3]",
    b'"x"',
    b"{",
    b"\xff\xfe",
    b'{"x": NaN}',
    b"[" * 400_000,
    b'{"x":' * DEEPEST + b"1" + b"}" * DEEPEST,
]


@pytest.mark.parametrize("sent", NO_REQUEST)
def test_what_is_no_request_of_the_pages_is_refused(sent: bytes, person: httpx.Client) -> None:
    for path in (f"/api/flow_runs/{uuid4()}/resume", "/api/flow_runs/filter"):
        told = person.post(path, content=sent)
        assert (told.status_code, "不能读取" in told.json()["detail"]) == (400, True)


def test_a_form_that_is_sent_along_is_not_carried_out(person: httpx.Client) -> None:
    """Its patterns could hold the server up, its references reach wherever the server does."""
    with _listening() as (address, reached):
        for schema in (
            {"$ref": address},
            {"properties": {"x": {"$ref": f"{address}x"}}},
            {"properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}},
        ):
            began = time.monotonic()
            body = {"schema": schema, "values": {"x": "a" * 40 + "!"}}
            told = asked(person, "POST", "/api/ui/schemas/validate", body)
            assert told.json() == {"valid": True, "errors": []}
            assert time.monotonic() - began < 5
        assert reached == []


@contextmanager
def _listening() -> Iterator[tuple[str, list[str]]]:
    """A server of another program: its address, and what was asked of it."""
    reached: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    served = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{served.server_port}/", reached
    finally:
        served.shutdown()
        served.server_close()


# ── poison: what is put into Prefect's database past every door ─────────────────────────────────
@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """Prefect's own, as whoever has the machine writes to it."""
    file = Path(os.environ["PREFECT_HOME"]) / "prefect.db"
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as opened:
        yield opened


def forged(run: FlowRun, value: str) -> None:
    """An answer to the form at which a run waits, as if somebody had given it."""
    assert run.state is not None
    key = f"suspended-{run.state.state_details.pause_key}-response"
    with database() as opened:
        given = (str(uuid4()), key, value, str(run.id))
        opened.execute(
            "INSERT INTO flow_run_input (id, key, value, flow_run_id) VALUES (?, ?, ?, ?)", given
        )


HERE = "{here}"
FORGED = [
    "[1,2,3]",
    "null",
    '"x"',
    "7",
    "not JSON",
    "{}",
    '{"elsewhere": {"received.officer": "陈静"}}',
    f'{{"{HERE}": {{}}, "elsewhere": {{}}}}',
    f'{{"{HERE}": [1, 2]}}',
    f'{{"{HERE}": {{"received.officer": {{"a": 1}}}}}}',
    f'{{"{HERE}": {{"received.officer": "{"x" * 10_000_000}"}}}}',
    "[" * 100_000,
]


@pytest.mark.parametrize("value", FORGED, ids=lambda value: value[:40])
def test_a_forged_answer_counts_as_none(value: str, client: SyncPrefectClient) -> None:
    with Officer(CLERK) as clerk:
        run = clerk.form(case())
        forged(run, value.replace(HERE, place_of(run)))
        client.set_flow_run_state(run.id, Scheduled(), force=True)
        again = until(client, run.id, lambda now: now.state_id != run.state_id and at_rest(now))
    assert again.state_type is StateType.PAUSED, again.state
    assert place_of(again) != place_of(run)
    with office.reading() as session:
        assert register.case(session, case()).position == 1


def test_after_all_of_them_the_case_goes_on(client: SyncPrefectClient) -> None:
    with Officer(CLERK) as clerk:
        clerk.submit(case(), "received", received_on="2026-03-02")
    with office.reading() as session:
        assert register.case(session, case()).position == 2


IMPOSSIBLE: list[dict[str, Any]] = [
    {"evil": 1},
    ADVICE | {"evil": {"$block": "x"}},
    ADVICE | {"persons": "viele"},
    ADVICE | {"given_on": [1, 2, 3]},
    {name: value for name, value in ADVICE.items() if name != "channel"},
    ADVICE | {"subject": {"a": [1]}},
]


@pytest.mark.parametrize("parameters", IMPOSSIBLE, ids=str)
def test_parameters_that_were_accepted_and_are_none_are_asked_again(
    parameters: dict[str, Any], client: SyncPrefectClient
) -> None:
    before = enquiries()
    home = client.read_deployment_by_name(f"{FORM}/{FORM}")
    later = Scheduled(scheduled_time=office.now() + timedelta(hours=1))
    run = client.create_flow_run_from_deployment(home.id, parameters=ADVICE, state=later)
    with database() as opened:
        put = (json.dumps(parameters), str(run.id))
        opened.execute("UPDATE flow_run SET parameters = ? WHERE id = ?", put)
    client.set_flow_run_state(run.id, Scheduled(), force=True)
    waits = until(client, run.id, at_rest)
    assert waits.state_type is StateType.PAUSED, waits.state
    assert "不符合这张表单" in waits.name
    assert enquiries() == before
    with Officer(CLERK) as clerk:
        assert clerk.answer_again(waits, dict(ADVICE)).state_type is StateType.COMPLETED
    assert enquiries() == before + 1


def test_a_forged_answer_to_a_form_asked_again_is_asked_again(client: SyncPrefectClient) -> None:
    with Officer(CLERK) as clerk:
        run = clerk.start("登记申请", REGISTRATION | {"applicant": " "})
        forged(run, json.dumps({place_of(run): REGISTRATION | {"arrived_on": "昨天", "evil": 1}}))
        client.set_flow_run_state(run.id, Scheduled(), force=True)
        again = until(client, run.id, lambda now: now.state_id != run.state_id and at_rest(now))
        assert again.state_type is StateType.PAUSED, again.state
        assert "不符合这张表单" in again.name
        assert clerk.answer_again(again, dict(REGISTRATION)).state_type is StateType.COMPLETED
