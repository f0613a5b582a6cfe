"""未提交的草稿: what was typed survives until it is submitted, given up, or a day has passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from flows import office
from flows.keeping import drafts
from flows.server.offers import draft_address
from tests.databases import TODAY, empty_register
from tests.our_pages import CLERK, Desk, part, received

SECRET = "暗记310101199001011234"
TYPED = {"field.applicant": "欧阳文静", "field.request": "一\n二", "field.identity": SECRET}
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
FORM = "/new/登记申请"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with empty_register(tmp_path, monkeypatch):
        yield Desk()


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    at = [AT]
    monkeypatch.setattr(office, "now", lambda: at[0])

    def pass_(time: timedelta) -> None:
        at[0] += time

    return pass_


def keep(desk: Desk, page: str = FORM, **typed: str) -> httpx.Response:
    return desk.post(page, keep="script", **typed)


def test_what_is_typed_is_offered_again_after_everything_was_closed(
    desk: Desk, moment: Callable[[timedelta], None]
) -> None:
    assert keep(desk, **TYPED).status_code == 204
    assert "未提交的草稿" in desk.get(FORM)
    assert "欧阳文静" not in desk.get(FORM), "not before it is asked for"
    listed = part(desk.get("/"), "drafts")
    assert "登记申请" in listed
    assert "3月2日10:00" in listed
    desk = Desk()  # another server, another browser
    page = desk.get(f"{FORM}?draft=use")
    assert 'value="欧阳文静"' in page
    assert "一\n二</textarea>" in page
    assert SECRET in page
    assert office.home().joinpath("register.db").exists()


@pytest.mark.parametrize(
    ("passed", "there"),
    [
        (timedelta(hours=24) - timedelta(seconds=1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
    ],
)
def test_a_draft_is_kept_for_a_day(
    desk: Desk, moment: Callable[[timedelta], None], passed: timedelta, there: bool
) -> None:
    keep(desk, **TYPED)
    moment(passed)
    assert ("未提交的草稿" in desk.get(FORM)) is there
    assert len(list(drafts.over())) == (not there)
    assert bool(list((office.home() / drafts.FOLDER).iterdir())) is there


def test_it_lies_sealed_and_without_the_code(desk: Desk) -> None:
    keep(desk, **TYPED, **{"field.one_time_code": "123456"})
    (file,) = (office.home() / drafts.FOLDER).iterdir()
    content = file.read_bytes()
    assert SECRET.encode() not in content
    assert "欧阳文静".encode() not in content
    assert file.stat().st_mode & 0o077 == 0
    (draft,) = drafts.of("")
    assert draft.fields == {n.removeprefix("field."): v for n, v in TYPED.items()}


def test_a_draft_is_its_officers_alone(desk: Desk) -> None:
    desk.officer = CLERK
    keep(desk, **TYPED)
    assert "未提交的草稿" in desk.get(FORM)
    desk.officer = "李明"
    assert "未提交的草稿" not in desk.get(FORM)
    assert not part(desk.get("/"), "drafts")
    assert "欧阳文静" not in desk.get(f"{FORM}?draft=use")


def test_what_was_submitted_leaves_no_draft_and_none_comes_after_it(desk: Desk) -> None:
    keep(desk, **TYPED)
    shown = desk.get(FORM)
    given = {
        **TYPED, "field.channel": "当面提交", "field.arrived_on": TODAY, "field.kind": "自然人",
        "field.officer": CLERK,
    }  # fmt: skip
    assert desk.post_as(shown, FORM, **given).status_code == 303
    assert drafts.of("") == []
    assert desk.post_as(shown, FORM, keep="script", **given).status_code == 204
    assert drafts.of("") == [], "what was on its way when the form was submitted"


def test_what_was_turned_away_is_kept_as_well(desk: Desk) -> None:
    late = {"field.channel": "当面提交", "field.arrived_on": "2026-03-03", "field.kind": "自然人"}
    answer = desk.post(FORM, **TYPED, **late, **{"field.officer": CLERK})
    assert answer.status_code == 409
    assert drafts.of("")[0].fields["applicant"] == "欧阳文静"


def test_what_does_not_fit_a_form_is_written_in_no_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.post(FORM, **TYPED)
    assert "欧阳文静" not in caplog.text
    assert SECRET not in caplog.text


def test_without_a_script_a_button_keeps_it_and_another_gives_it_up(desk: Desk) -> None:
    answer = desk.post(FORM, keep="page", **TYPED)
    assert answer.status_code == 200
    assert "已存为草稿" in answer.text
    assert 'value="欧阳文静"' in answer.text
    assert desk.post(FORM, keep="drop").status_code == 200
    assert drafts.of("") == []


def test_each_case_has_a_draft_of_its_own(desk: Desk) -> None:
    first, second = received(), received()
    page = f"/new/勘误?number={first}"
    keep(desk, page=page, **{"field.number": first, "field.reason": "核对原件"})
    assert "未提交的草稿" in desk.get(page)
    assert "未提交的草稿" not in desk.get(f"/new/勘误?number={second}")
    address = draft_address(drafts.of("")[0])
    assert "核对原件</textarea>" in desk.get(address)


def test_nobody_fills_the_disk_with_drafts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 1)
    assert keep(desk, **TYPED).status_code == 204
    assert keep(desk, page="/new/登记咨询", **{"field.subject": "甲"}).status_code == 507
    assert keep(desk, **TYPED).status_code == 204, "in place of the one before"
    monkeypatch.setattr(drafts, "LARGEST", 10)
    assert keep(desk, **TYPED).status_code == 507
