"""The forms of the neighbouring registers through a real Prefect server, as an officer sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from desks import empty_office

from flows import office
from flows.commands.robot_officer import FormRefused, Officer
from models.neighbours.records_correction import RECORDS
from models.neighbours.review_acts import REVIEWS
from models.register import neighbour

CLERK = "陈静"


@pytest.fixture(scope="module")
def clerk(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Officer]:
    """An officer at the desk: our flows on the session's server, an empty register."""
    with empty_office(tmp_path_factory.mktemp("neighbours")), Officer(CLERK) as officer:
        yield officer


def fill_in(clerk: Officer, form: str, **answers: Any) -> Any:
    """Submit a form and wait for the end of its run."""
    return clerk.start(form, {"officer": CLERK, **answers})


def test_a_review_is_lodged_and_decided_from_its_forms(clerk):
    run = fill_in(
        clerk,
        "登记复议诉讼",
        kind="行政复议",
        lodged_on="2026-02-02",
        letter="沪知公开告〔2026〕1号",
    )
    assert run.state.is_completed()
    assert run.name == "FS2026001　复议诉讼登记"
    run = fill_in(
        clerk,
        "复议诉讼结果",
        number="FS2026001",
        result="结果纠正　撤销或者部分撤销",
        decided_on="2026-02-27",
        received_on="2026-03-02",
        redecision=True,
    )
    assert run.state.is_completed()
    with office.reading() as session:
        case = neighbour.state(session, REVIEWS, "FS2026001")
        (first, *_) = neighbour.entries(session, REVIEWS, "FS2026001")
    assert case.ordered is not None
    assert first.submission is not None  # the run it came with: run again, it is the same act


def test_what_cannot_be_recorded_is_turned_away_at_the_door_and_leaves_no_run(clerk):
    asked = {"number": "SQ9", "finding": "适合转为主动公开", "screened_on": "2026-03-02"}
    before = len(clerk._client.read_flow_runs())
    with pytest.raises(FormRefused, match="没有编号为“SQ9”的申请"):
        clerk.start("转主动公开审查", asked | {"officer": "李明"}, insist=False)
    assert len(clerk._client.read_flow_runs()) == before


def test_what_cannot_be_recorded_is_asked_again_with_a_sentence_and_writes_nothing(clerk):
    run = fill_in(
        clerk, "转主动公开审查", number="SQ9", finding="适合转为主动公开", screened_on="2026-03-02"
    )
    assert run.state.is_paused()
    assert run.name == "转主动公开审查　未办成：登记簿中没有编号为“SQ9”的申请"


def test_what_identifies_the_requester_does_not_stay_in_prefect(clerk):
    run = fill_in(
        clerk,
        "登记更正申请",
        requester="张三",
        received_on="2026-03-02",
        record="登记表中的出生年份",
        error="应为1987年",
        evidence="身份证",
        identity="310101198701011234",
    )
    assert run.state.is_completed()
    assert run.parameters == {}
    run = fill_in(
        clerk,
        "办理更正申请",
        number="GZ2026001",
        result="予以更正",
        action="已更正为1987年",
    )
    assert run.state.is_completed()
    with office.reading() as session:
        assert neighbour.state(session, RECORDS, "GZ2026001").result == "corrected"
