"""The path of an application with codes on, through a real Prefect server: every act is signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlmodel import select

from flows import office
from flows.commands.robot_officer import FormRefused, Officer
from flows.installation import settings
from flows.path import desk, signing
from flows.server import serve
from models.case.personal import CODE
from models.case.stage import Stage
from models.register import codes, register
from models.store.sealing import MARK
from models.store.tables import SpentCode, WrongCode
from tests.databases import empty_register
from tests.desks import clear_desk

CLERK, LEADER = "陈静", "王建国"
TODAY = "2024-03-04"  # its numbers are not those of other tests on the same server


class Phones:
    """The officers' phones; each code asked of one is of a new time step."""

    def __init__(self) -> None:
        self.now = datetime(2024, 3, 4, 1, 0, 5, tzinfo=UTC)
        with office.writing() as session:
            self.secrets = {who: codes.enrol(session, who, self.now) for who in (CLERK, LEADER)}

    def of(self, officer: str) -> Officer:
        def code() -> str:
            self.now += timedelta(seconds=30)
            return pyotp.TOTP(self.secrets[officer]).at(self.now)

        return Officer(officer, code)


@pytest.fixture(scope="module")
def phones(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    """Our flows on the session's server, codes asked for, and a clock that the phones move on."""
    folder = tmp_path_factory.mktemp("signed")
    with pytest.MonkeyPatch.context() as environment, empty_register(folder, environment):
        environment.setenv("DISCLOSURE_TODAY", TODAY)
        environment.delenv(settings.CODES.name, raising=False)
        phones = Phones()
        environment.setattr(office, "now", lambda: phones.now)
        environment.setattr(desk, "submitted_at", lambda: phones.now)  # Prefect's clock is another
        clear_desk()
        with serve.at_work():
            yield phones


def _rows() -> list[str]:
    with office.reading() as session:
        return [row.number for row in register.applications(session)]


ASKED = {
    "channel": "当面提交", "arrived_on": TODAY, "kind": "自然人", "applicant": "张三",
    "request": "2023年专利资助名单", "officer": CLERK,
}  # fmt: skip


def test_every_act_on_the_path_is_signed(phones: Phones) -> None:
    with phones.of(CLERK) as clerk, phones.of(LEADER) as leader:
        form = clerk._client.read_deployment_by_name("登记申请/登记申请").parameter_openapi_schema
        assert CODE in form["required"]
        assert form["properties"][CODE]["title"] == signing.TITLE
        assert clerk.start("登记申请", ASKED).state.is_completed()
        (number,) = _rows()

        clerk.submit(number, "received", received_on=TODAY)
        run = clerk.form(number)
        keys = run.state.state_details.run_input_keyset
        schema = json.loads(clerk._client.read_flow_run_input(run.id, keys["schema"]))
        for tab in schema["definitions"].values():
            named = [key for key in tab["required"] if key.endswith(".officer")]
            assert [key.replace("officer", CODE) for key in named] == [
                key for key in tab["required"] if key.endswith(CODE)
            ]
        clerk.submit(number, "found_ours")
        clerk.submit(
            number, "drafted_unable", outcome="not_existing", search="检索公文系统，未找到"
        )
        leader.submit(number, "approved")
        leader.submit(number, "signed", signed_on=TODAY)
        run = clerk.submit(number, "replied", delivery="ems", sent_on=TODAY, proof="1012345678901")
        assert run.state.is_completed()
    with office.reading() as session:
        assert register.case(session, number).stage is Stage.CLOSED
        by = [one.officer for one in session.exec(select(SpentCode).order_by(SpentCode.spent_at))]
        assert by == [event.officer for event in register.events(session, number)]
        assert session.exec(select(WrongCode)).all() == []


def test_a_form_signed_wrongly_is_turned_away_and_a_missing_code_never_gets_in(
    phones: Phones,
) -> None:
    with phones.of(CLERK) as clerk:
        before = set(_rows())
        clerk.start("登记申请", ASKED)
        (number,) = set(_rows()) - before
        with Officer(CLERK) as unsigned, pytest.raises(FormRefused):
            unsigned.submit(number, "received", received_on=TODAY)
        with (
            Officer(CLERK, lambda: "000000") as guessing,
            pytest.raises(FormRefused, match="动态口令有误"),
        ):
            guessing.submit(number, "received", received_on=TODAY)
        with office.reading() as session:
            assert register.case(session, number).position == 1
        clerk.submit(number, "received", received_on=TODAY)
        with office.reading() as session:
            assert register.case(session, number).position == 2


def test_no_code_stands_in_prefect_in_clear(phones: Phones) -> None:
    with phones.of(CLERK) as clerk:
        before = set(_rows())
        run = clerk.start("登记申请", ASKED | {"applicant": " "})  # refused: its form is kept
        assert run.state.is_paused()
        assert set(_rows()) == before
        kept = clerk._client.read_flow_run(run.id).parameters
        assert kept["officer"] == CLERK
        assert kept[CODE].startswith(MARK)
