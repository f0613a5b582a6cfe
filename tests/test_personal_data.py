"""Identity, contact and address: through the whole path, then looked for in every byte kept.

Prefect's database (with -wal, -shm and free pages), its other files and its log; our register's
file, and the store of materials, with a scan of an identity card; what the tests themselves logged.
A word of the request, which Prefect does keep, is looked for the same way, so that the search is
known to find what is there.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows import office
from flows.commands.robot_officer import FormRefused, Officer
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.installation import office_secret
from flows.papers import store, taking
from flows.path.form_fields import By
from flows.server import serve
from models.case.personal import PARTICULARS
from models.register import register
from models.store.sealing import MARK
from tests.databases import empty_register
from tests.desks import clear_desk

IDENTITY = Filing("identity")
CLERK, LEADER = "陈静", "王建国"
MARKERS = {name: f"暗记{place}㐂{name}7391" for place, name in enumerate(PARTICULARS)}
TODAY = "2025-03-03"  # its numbers are not those of other tests on the same server
KEPT = "公开记㐂request7391"


@pytest.fixture(scope="module")
def desk(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Our flows on the session's server, the warm worker at work, an empty register."""
    folder = tmp_path_factory.mktemp("sealed")
    with (
        pytest.MonkeyPatch.context() as environment,
        empty_register(folder, environment),
    ):
        environment.setenv("DISCLOSURE_TODAY", TODAY)
        clear_desk()
        with serve.at_work():
            yield folder


def ways(words: str) -> Iterator[bytes]:
    """The words as a file may hold them: UTF-8, UTF-16, escaped as in JSON, escaped twice."""
    escaped = json.dumps(words)[1:-1]
    for one in (words, escaped, escaped.upper(), json.dumps(escaped)[1:-1]):
        yield from (one.encode("utf-8"), one.encode("utf-16-le"), one.encode("utf-16-be"))
    yield from (
        words.encode("gb18030"),
        "".join(f"\\x{byte:02x}" for byte in words.encode()).encode(),
    )


def found(words: str, *folders: Path) -> list[str]:
    """The files below these folders that hold the words, in whatever way."""
    looked_for = list(ways(words))
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(
        path.name for path in files if any(way in path.read_bytes() for way in looked_for)
    )


def registration(**other: Any) -> dict[str, Any]:
    return {
        "channel": "当面提交",
        "arrived_on": TODAY,
        "kind": "自然人",
        "applicant": "张三",
        "request": f"2025年专利资助名单 {KEPT}",
        "officer": CLERK,
        **MARKERS,
        **other,
    }


def correction(**other: Any) -> dict[str, Any]:
    return {
        "requester": "张三",
        "received_on": TODAY,
        "record": "出生年份",
        "error": "有误",
        "evidence": "户口簿",
        "officer": CLERK,
        **MARKERS,
        **other,
    }


def handled(number: str, clerk: Officer, leader: Officer) -> None:
    """From receipt to dispatch, with a refused answer on the way."""
    clerk.submit(number, "contact_tried", tried_on=TODAY, how="电话", result="无人接听")
    with pytest.raises(FormRefused):
        clerk.submit(number, "received", received_on="2025-03-02")
    clerk.submit(number, "received", received_on=TODAY)
    clerk.submit(number, "found_ours")
    clerk.submit(number, "drafted_unable", outcome="not_existing", search="检索公文系统，未找到")
    leader.submit(number, "approved")
    leader.submit(number, "signed", signed_on=TODAY)
    clerk.submit(number, "replied", delivery="ems", sent_on=TODAY, proof="1012345678901")


def test_nothing_that_identifies_or_reaches_an_applicant_is_kept_in_clear(
    desk: Path, prefect_server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    prefect = Path(os.environ["PREFECT_HOME"])
    with Officer(CLERK) as clerk, Officer(LEADER) as leader:
        assert clerk.start("登记申请", registration()).state.is_completed()
        # Forms that are refused: by the flow, and by the server at once.
        assert clerk.start("登记申请", registration(applicant=" ")).state.is_paused()
        assert clerk.start(
            "登记申请", registration(identity="\x1b" + MARKERS["identity"])
        ).state.is_paused()
        assert clerk.start("登记更正申请", correction()).state.is_completed()
        assert clerk.start("登记更正申请", correction(error=" ")).state.is_paused()
        with office.reading() as session:
            (number,) = [row.number for row in register.applications(session)]
        sent_to_the_api(prefect_server, clerk)
        handled(number, clerk, leader)
    scan = "、".join(MARKERS.values()).encode()
    filed = counter.file_all(number, [taking.taken("身份证", [scan])], IDENTITY, By(CLERK))
    assert store.opened(filed.materials[0].digest).read() == scan
    with office.reading() as session:
        person = register.applicant(session, number)
        assert {name: getattr(person, name) for name in PARTICULARS} == MARKERS
        (raw,) = session.connection().exec_driver_sql(
            f"SELECT identity, contact, address FROM applicant WHERE case_number = '{number}'"
        )
        assert all(words.startswith(MARK) for words in raw)

    assert any(name.startswith("prefect.db") for name in found(KEPT, prefect))
    for marker in MARKERS.values():
        assert found(marker, prefect, desk) == []
        assert marker not in caplog.text


def sent_to_the_api(address: str, clerk: Officer) -> None:
    """Every other way in which a form's content can get to Prefect."""
    deployment = clerk._client.read_deployment_by_name("登记申请/登记申请")
    as_the_office = {"Authorization": office_secret.header(os.environ[office_secret.SETTING])}
    with httpx.Client(base_url=f"{address}/api", timeout=30, headers=as_the_office) as api:
        here = f"/deployments/{deployment.id}"
        as_json = {"__prefect_kind": "json", "value": json.dumps(registration())}
        one = {"__prefect_kind": "json", "value": json.dumps(MARKERS["identity"])}
        for parameters in (registration(identity=one), registration(arrived_on="昨天"), as_json):
            api.post(f"{here}/create_flow_run", json={"parameters": parameters})
        template = {"__prefect_kind": "jinja", "template": MARKERS["identity"]}
        said = api.post(f"{here}/create_flow_run", json={"parameters": {"identity": template}})
        assert said.status_code == 422
        paused = {"state": {"type": "SCHEDULED", "name": "Later"}}
        body = {"flow_id": str(deployment.flow_id), "parameters": MARKERS, **paused}
        made = api.post("/flow_runs/", json=body)
        assert made.status_code == 201
        run = made.json()["id"]
        assert MARKERS["contact"] not in str(made.json())
        api.patch(f"/flow_runs/{run}", json={"parameters": MARKERS}).raise_for_status()
        assert api.post(f"/flow_runs/{run}/resume", json={"run_input": {"act": MARKERS}}).is_success
        assert api.delete(f"/flow_runs/{run}").status_code == 409  # it holds what was submitted
        ended = {"state": {"type": "CANCELLED"}, "force": True}
        api.post(f"/flow_runs/{run}/set_state", json=ended).raise_for_status()
        api.delete(f"/flow_runs/{run}").raise_for_status()
        api.patch(here, json={"parameters": MARKERS}).raise_for_status()
        api.patch(here, json={"parameters": {}}).raise_for_status()
        schema = {"type": "object", "properties": {"identity": {"type": "integer"}}}
        said = api.post("/ui/schemas/validate", json={"schema": schema, "values": MARKERS})
        assert MARKERS["identity"] not in said.text
        api.post("/flow_runs/filter", content=json.dumps(MARKERS).encode() + b"}")
