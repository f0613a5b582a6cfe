"""What a form says at the moment it is opened: in one running office, by a clock that moves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from situations import SITUATIONS

from flows import office
from flows.path import forms
from flows.prefect_side.filled_in import fits
from flows.prefect_side.kept_forms import KeptForm
from flows.prefect_side.one_form import answered_form, form, place
from flows.server import in_time
from models.acts import catalogue
from models.case.act import Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.law.workdays import written
from models.register import refusals, same_applicant
from tests.running_office import RunningOffice, running_office

DAY = date(2026, 3, 2)
OPEN = [name for name in SITUATIONS if not name.startswith(("已办结", "已注销", "台账"))]
HAPPENED = {
    ("received", "received_on"),  # by post without a receipt, the day it was received (Art. 31)
    ("consultation_delivered", "delivered_on"),  # answered: delivered by then at the latest
    ("drafted_other", "noticed_on"),  # the notice was delivered before
    ("answered_together", "sent_on"),  # the other application's letter
}
"""Days proposed that may lie in the past: of what has happened already, not of what is done now."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    with running_office(tmp_path, monkeypatch) as running:
        yield running


# ── days pass ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("situation", OPEN)
def test_whenever_it_is_opened_a_form_is_of_that_day(situation: str, desk: RunningOffice) -> None:
    """Every stage: the day, what is left of the limit, the acts and the dates proposed."""
    case, first = desk.put_up(situation), desk.today
    for days in (0, 1, 9, 40, 400):
        desk.today = first + timedelta(days)
        shown = desk.opened()
        now = _now(case)
        with office.reading() as session:
            wanted = forms.point(session, case)
        assert shown == form(wanted.schema, wanted.description, place(desk.pause))
        assert f"今天是**　{written(desk.today)}" in desk.words()
        assert desk.kept[desk.key].shown == shown  # Prefect will hold an answer against it
        for tab in shown["definitions"].values():
            _proposes_no_day_gone_by(tab, desk.today)
        assert {act.kind for act in catalogue.lawful(case, now)} >= _kinds(shown)
    assert desk.renewed == 4


def _now(case: Case) -> Circumstances:
    with office.reading() as session:
        return same_applicant.informed(session, case, office.circumstances(""))


def _kinds(shown: dict[str, Any]) -> set[str]:
    names = {key for tab in shown["definitions"].values() for key in tab["properties"]}
    return {name.partition(".")[0] for name in names} - {forms.CHOOSE}


def _proposes_no_day_gone_by(tab: dict[str, Any], today: date) -> None:
    for key, entry in tab["properties"].items():
        kind, _, name = key.partition(".")
        if entry.get("format") == "date" and "default" in entry and (kind, name) not in HAPPENED:
            assert date.fromisoformat(entry["default"]) >= today, key


def test_a_form_opened_twice_at_the_same_moment_is_stored_once(desk: RunningOffice) -> None:
    desk.put_up("待起草")
    assert desk.opened() == desk.opened()
    assert desk.renewed == 0


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2026, 3, 27), "还剩1个工作日"),
        (date(2026, 3, 30), "今天到期"),
        (date(2026, 3, 31), "已逾期1个工作日"),
    ],
)
def test_what_is_left_is_counted_to_the_day_of_opening(
    day: date, left: str, desk: RunningOffice
) -> None:
    desk.put_up("待起草")
    desk.today = day
    assert left in desk.words()


def test_the_dispatch_form_proposes_the_day_it_is_opened_not_the_day_of_signing(
    desk: RunningOffice,
) -> None:
    """Submitted unchanged a month later, the reply is late, and recorded so (Art. 33)."""
    desk.put_up("待发出")
    signed = desk.today
    assert desk.field("replied.sent_on")["default"] == signed.isoformat()
    desk.today = signed + timedelta(30)
    assert desk.field("replied.sent_on")["default"] == desk.today.isoformat()


def test_an_outcome_that_became_possible_is_offered(desk: RunningOffice) -> None:
    """The time for correction lapses while the form waits (Art. 30): 3.6.1 is there."""
    desk.put_up("等待补正")
    label = office.law().outcomes["not_corrected"].label
    assert not any(label in words for words in _options(desk))
    desk.today += timedelta(60)
    assert any(label in words for words in _options(desk))


def test_what_an_act_on_another_case_opens_is_on_the_form_of_this_one(desk: RunningOffice) -> None:
    """一并答复: the letter of another application names this one, which can be closed by it (Art. 36)."""
    desk.put_up("另一件待答复，可以一并答复")
    assert not _asks(desk, "answered_together.")
    desk.goes_on("2026-03-10　【乙】本机关", "2026-03-10　【乙】一并答复")
    assert not _asks(desk, "answered_together."), "not signed yet"
    desk.goes_on("2026-03-10　【乙】答复　办理结果＝予以公开（提供）")
    assert _asks(desk, "answered_together.")
    assert desk.kept[desk.key].shown == desk.opened()  # Prefect will hold an answer against it


def _asks(desk: RunningOffice, act: str) -> bool:
    return any(name.startswith(act) for tab in desk.tabs() for name in tab["properties"])


def _options(desk: RunningOffice) -> list[str]:
    return [w for tab in desk.tabs() for e in tab["properties"].values() for w in e.get("enum", ())]


# ── config ──────────────────────────────────────────────────────────────────────────────────────
OFFICERS = """
[[officer]]
name = "{}"
department = "办公室"
roles = ["handle", "review", "secrecy", "head", "sign"]
"""


def test_an_officer_added_while_the_form_waits_is_on_it(desk: RunningOffice) -> None:
    desk.put_up("待发出")
    assert "enum" not in desk.field("replied.officer")
    listed = desk.config / "office" / "officers.toml"
    for names in (["陈静"], ["陈静", "赵慧"]):
        listed.write_text("".join(OFFICERS.format(name) for name in names), "utf-8")
        assert desk.field("replied.officer")["enum"] == names


def test_a_holiday_notice_loaded_while_the_form_waits_moves_its_limit(desk: RunningOffice) -> None:
    desk.put_up("待起草")
    assert "至3月30日" in desk.words()
    notice = desk.config / "workdays" / "2026.toml"
    text = notice.read_text("utf-8")
    rest = '[[papers.holidays]]\nname = "临时放假"\nrest = [2026-03-11, 2026-03-11]\nwork = [2026-04-11]\n\n'
    notice.write_text(text.replace("[[papers.holidays]]", f"{rest}[[papers.holidays]]", 1), "utf-8")
    assert "至3月31日" in desk.words()


def test_a_slip_in_config_is_said_on_the_form_and_what_was_in_force_stays(
    desk: RunningOffice,
) -> None:
    desk.put_up("待发出")
    before = desk.words()
    listed = desk.config / "office" / "officers.toml"
    whole = listed.read_text("utf-8")
    listed.write_text("[[officer]\n", "utf-8")
    assert "配置文件 officers" in desk.words()
    assert "暂按此前读入的规则" in desk.words()
    assert desk.words().endswith(before)
    listed.write_text(whole, "utf-8")
    assert desk.words() == before


# ── where it cannot be made ─────────────────────────────────────────────────────────────────────
def test_with_the_register_locked_the_form_kept_is_shown_and_says_of_when(
    desk: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put_up("待起草")
    if not office.database_url().startswith("sqlite"):
        pytest.skip("SQLite alone locks a whole register")
    desk.today += timedelta(1)
    monkeypatch.setitem(in_time.SECONDS, "opening", 0.3)
    office.close()
    with sqlite3.connect(office.home() / "register.db", timeout=0) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        said = desk.words()
        other.rollback()
    other.close()
    assert "登记簿暂无响应，这张表单还是2026年3月2日9时00分的" in said
    assert f"今天是**　{written(desk.today - timedelta(1))}" in said
    assert desk.renewed == 0
    monkeypatch.setitem(in_time.SECONDS, "opening", 30.0)
    assert "登记簿暂无响应" not in desk.words()
    assert desk.renewed == 1


def test_a_form_of_a_point_that_is_past_says_so(desk: RunningOffice) -> None:
    case = desk.put_up("待起草")
    with office.writing() as session:
        refusals.refuse(session, case, "", "另一处已经办理", "", office.now())
    assert "这张表单已经过时" in desk.words()
    assert desk.renewed == 0


def test_a_form_that_was_answered_and_let_go_says_that_it_is_past_or_is_made_anew(
    desk: RunningOffice,
) -> None:
    case = desk.put_up("待起草")
    whole = desk.opened()
    left = answered_form(desk.pause)
    assert not fits({place(desk.pause): {"approved.officer": "李明"}}, left)
    desk.kept[desk.key] = KeptForm(case.number, left, datetime.now(UTC))
    assert desk.opened() == whole, "answered, and not worked off yet"
    desk.kept[desk.key] = KeptForm(case.number, left, datetime.now(UTC))
    with office.writing() as session:
        refusals.refuse(session, case, "", "另一处已经办理", "", office.now())
    assert "这张表单已经过时" in desk.words()
    assert desk.tabs() == [{"type": "object", "properties": {}, "maxProperties": 0}]


def test_what_is_not_a_form_of_a_case_is_prefects(desk: RunningOffice) -> None:
    desk.put_up("待起草")
    desk.kept.clear()
    with pytest.raises(AssertionError, match="Prefect"):
        desk.opened()


def test_a_form_begun_again_without_an_answer_is_made_for_its_own_place(
    desk: RunningOffice,
) -> None:
    """Put up a second time under another key (asking.py), it is the form of the same point."""
    desk.put_up("待起草")
    shown = desk.kept.pop(desk.key)
    desk.pause = f"{desk.pause}-again-1"
    desk.kept[desk.key] = shown
    assert list(desk.opened()["properties"]) == [place(desk.pause)]
    assert json.dumps(desk.opened()).count(place(desk.pause)) > 1
    assert desk.kept[desk.key].number
    assert Stage.DRAFTING in desk.words()
