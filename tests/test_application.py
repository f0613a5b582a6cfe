"""The whole path through a real Prefect server: registered, asked again, corrected, closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import office, serve
from flows.asking import ACT
from flows.officer import FormRefused, Officer
from models import register
from models.case import Stage
from tests.databases import empty_register

CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"


@pytest.fixture(scope="module")
def desk(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Our flows on the session's server, the warm worker at work, an empty register."""
    folder = tmp_path_factory.mktemp("office")
    with (
        pytest.MonkeyPatch.context() as environment,
        empty_register(folder, environment),
        serve.at_work(),
    ):
        yield folder


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch):
    """Set today."""
    return lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


def _register(officer: Officer, request: str = "2025年专利资助名单") -> str:
    before = {row.number for row in _rows()}
    run = officer.start(
        "登记申请",
        {
            "channel": "当面提交",
            "arrived_on": "2026-03-02",
            "kind": "自然人",
            "applicant": "张三",
            "request": request,
            "officer": CLERK,
            "identity": "310101199001011234",
            "contact": "13800000000",
        },
    )
    assert run.state.is_completed()
    (number,) = {row.number for row in _rows()} - before
    return number


def _rows():
    with office.reading() as session:
        return list(register.applications(session))


def _case(number: str):
    with office.reading() as session:
        return register.case(session, number)


def _form(officer: Officer, number: str) -> tuple[dict, str]:
    """The schema and the Markdown of the form that waits."""
    run = officer.form(number)
    keys = run.state.state_details.run_input_keyset
    client = officer._client
    schema = json.loads(client.read_flow_run_input(run.id, keys["schema"]))
    return schema, schema["properties"][ACT]["description"]


def test_an_application_goes_from_registration_to_closing_without_leaving_the_desk(desk, on):
    """Arrival to dispatch with one refused answer and one return on the way (Arts. 29-36)."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(REVIEWER) as reviewer, Officer(LEADER) as leader:
        number = _register(clerk)
        assert clerk.form(number).name.startswith(number)

        clerk.submit(number, "received", received_on="2026-03-01")  # before it arrived
        schema, words = _form(clerk, number)
        assert "早于送达日期" in words
        assert _case(number).stage is Stage.CONFIRMING
        clerk.submit(number, "received", received_on="2026-03-02")

        on("2026-03-05")
        schema, words = _form(clerk, number)
        assert "2026-03-30" in words.replace("\\", "")
        tabs = [tab["title"] for tab in schema["definitions"].values()]
        assert tabs == ["本机关", "其他机关", "补正", "延期", "其他"]
        clerk.submit(number, "found_ours")
        clerk.submit(
            number,
            "drafted_granted",
            outcome="granted",
            information="2025年专利资助名单",
            whereabouts="随本告知书附送",
            attachments="2025年专利资助名单",
        )
        reviewer.submit(number, "sent_back", comment="请写明页数")
        clerk.submit(
            number,
            "drafted_granted",
            outcome="granted",
            information="2025年专利资助名单（共3页）",
            whereabouts="随本告知书附送",
        )
        reviewer.submit(number, "approved")

        on("2026-03-09")
        clerk.submit(number, "signed", signed_on="2026-03-09")  # the drafter cannot sign
        _, words = _form(leader, number)
        assert "不能签发" in words
        leader.submit(number, "signed", signed_on="2026-03-09")
        run = clerk.submit(number, "replied", delivery="ems", sent_on="2026-03-09")

    assert run.state.is_completed()
    case = _case(number)
    assert case.stage is Stage.CLOSED
    assert case.row(office.law()) == "3.1"
    assert len(list((desk / "letters" / number).glob("*.docx"))) == 2


def test_an_answer_that_fits_no_tab_is_turned_away_and_changes_nothing(desk, on):
    """A form of another point, or with a field too many, never reaches the case."""
    on("2026-03-02")
    with Officer(CLERK) as clerk:
        number = _register(clerk)
        with pytest.raises(FormRefused):
            clerk.submit(number, "replied", delivery="ems", sent_on="2026-03-02")
        assert _case(number).position == 1
        clerk.submit(number, "received", received_on="2026-03-02")
        assert _case(number).stage is Stage.JURISDICTION


def test_the_submitted_form_leaves_no_identity_or_contact_in_the_run(desk, on):
    """What identifies the applicant is in the register, not in the run's parameters."""
    on("2026-03-02")
    with Officer(CLERK) as clerk:
        number = _register(clerk)
        runs = clerk._client.read_flow_runs()
    assert not any("310101199001011234" in str(run.parameters) for run in runs)
    with office.reading() as session:
        assert register.applicant(session, number).identity == "310101199001011234"
