"""A time given to the applicant: it runs from receipt, and is not too short (Arts. 30, 35)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from histories import LAW, RECEIVED, History, standing

from flows.shown.brief import brief
from letters.letter.preview import notices
from models.acts.catalogue import ACTS
from models.acts.intake.receipt import correction_due, correction_overdue
from models.case.stage import Stage
from models.case.time_given import short_times

DAY = timedelta(days=1)


def asked(kind: str, days: int) -> History:
    return standing(Stage.DRAFTING).usual(kind, days=days)


@pytest.mark.parametrize(("days", "warned"), [(1, True), (4, True), (5, False), (6, False)])
@pytest.mark.parametrize(
    ("kind", "what"), [("correction_requested", "补正"), ("reasons_asked", "说明理由")]
)
def test_a_time_shorter_than_the_figure_is_warned_of(
    kind: str, what: str, days: int, warned: bool
) -> None:
    history = asked(kind, days)
    words = f"所给的{what}期限只有{days}个工作日，短于5个工作日，可能被认为不合理"
    assert any(words in one for one in short_times(history.case, LAW)) == warned
    assert (words in brief(history.case, history.now())) == warned
    before = standing(Stage.DRAFTING)
    answer = before.answer(kind) | {"days": days}
    shown = notices(before.case, ACTS[kind].model_validate(answer), before.now())
    assert (words in shown[0]) == warned


@pytest.mark.parametrize(("kind", "days"), [("correction_requested", 15), ("reasons_asked", 7)])
def test_the_form_proposes_a_time_that_nobody_warns_of(kind: str, days: int) -> None:
    proposed = ACTS[kind].proposal(standing(Stage.DRAFTING).case, standing(Stage.DRAFTING).now())
    assert proposed["days"] == days
    assert short_times(asked(kind, days).case, LAW) == []


def test_what_is_lacking_is_proposed_as_content_unless_an_agent_has_no_authority() -> None:
    history = standing(Stage.JURISDICTION)
    for agent, authority, lacking in (
        ("", "", "content"),
        ("李律师", "", "particulars"),
        ("李律师", "2026-02-28授权委托书", "content"),
    ):
        history.case.agent, history.case.authority = agent, authority
        proposed = ACTS["correction_requested"].proposal(history.case, history.now())
        assert proposed["lacking"] == lacking


def test_a_short_time_is_no_matter_once_it_was_answered() -> None:
    assert short_times(asked("correction_requested", 1).usual("corrected").case, LAW) == []
    assert short_times(asked("reasons_asked", 1).usual("reasons_given").case, LAW) == []


def test_the_time_to_correct_runs_from_receipt_of_the_notice_not_from_sending() -> None:
    history = asked("correction_requested", 10)
    assert correction_due(history.case, LAW) is None
    told = (correction_overdue(history.case, RECEIVED + n * DAY, LAW) for n in (4, 6, 7))
    assert [bool(words) for words in told] == [False, False, True]
    history.today = RECEIVED + 3 * DAY
    due = correction_due(history.usual("correction_delivered").case, LAW)
    assert due == (LAW.calendar.nth_workday(history.today, 10), ())
    assert correction_overdue(history.case, due.day, LAW) is None
    assert f"已于{due}届满" in (correction_overdue(history.case, due.day + DAY, LAW) or "")


def test_a_letter_asks_within_a_time_from_its_receipt() -> None:
    for kind in ("correction_requested", "reasons_asked"):
        before = standing(Stage.DRAFTING)
        act = ACTS[kind].model_validate(before.answer(kind))
        text = "".join(notices(before.case, act, before.now()))
        assert "次日起" in text
        assert "自收到本" in text
        assert "落款" not in text
