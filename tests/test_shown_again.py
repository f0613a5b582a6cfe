"""What a form was answered with is shown at an address of its own: going back sends nothing again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.server import shown_again
from tests.databases import empty_register
from tests.our_pages import Desk

FORM = "/new/登记咨询"
ODD = {"field.persons": "不是数字", "field.channel": "电话", "field.given_on": "2026-03-02"}


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def refused(desk: Desk, **fields: str) -> str:
    """Where a form leads that was turned away."""
    answer = desk.sent("POST", FORM, data={"token": "", **fields})
    assert (answer.status_code, answer.text) == (303, "")
    return str(answer.headers["location"])


def test_a_form_turned_away_leads_to_its_page_that_can_be_gone_back_to() -> None:
    desk = Desk()
    desk.officer = "陈静"
    desk.get(FORM)
    where = refused(desk, **ODD)
    assert where.startswith("/new/%E7%99%BB%E8%AE%B0%E5%92%A8%E8%AF%A2?shown=")
    page = desk.get(where, 409)
    assert 'value="不是数字"' in page
    assert desk.get(where, 409) == page, "as often as one goes back"
    assert (
        desk.sent("GET", where).headers["content-security-policy"].startswith("script-src 'self'")
    )


def test_it_is_kept_for_its_officer_and_his_browser_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    desk.officer = "陈静"
    desk.get(FORM)
    where = refused(desk, **ODD)
    desk.officer = "李明"
    assert "不是数字" not in desk.get(where)
    desk.officer = "陈静"
    cookies, desk.cookies = desk.cookies, type(desk.cookies)()
    assert 'value="不是数字"' not in desk.get(where), "another browser"
    desk.cookies = cookies
    desk.get(where, 409)
    monkeypatch.setattr(shown_again, "KEPT_SECONDS", -1)
    assert 'value="不是数字"' not in desk.get(refused(desk, **ODD)), "its time is over"


def test_the_oldest_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_again, "MOST", 1)
    desk = Desk()
    desk.get(FORM)
    first, second = refused(desk, **ODD), refused(desk, **ODD)
    assert 'value="不是数字"' not in desk.get(first)
    assert 'value="不是数字"' in desk.get(second, 409)


def test_what_a_script_sends_is_answered_as_it_is() -> None:
    desk = Desk()
    desk.get(FORM)
    answer = desk.sent("POST", FORM, data=ODD, headers={"accept": "*/*"})
    assert answer.status_code == 409
    assert 'value="不是数字"' in answer.text
