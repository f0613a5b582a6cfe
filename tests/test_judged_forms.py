"""What is said at the door to an answer that cannot be recorded: in its request, with nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from histories import ANSWERS, usual_officer
from situations import SITUATIONS

from flows import office
from flows.commands import robot_officer
from flows.server import in_time
from models.acts.catalogue import ACTS
from models.acts.reply.signoff import DELIVERY
from models.case.stage import Stage
from models.law.workdays import written
from models.register import codes, refusals, register
from models.words.days_told import told
from tests.running_office import RunningOffice, running_office

CLERK = "陈静"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    with running_office(tmp_path, monkeypatch) as running:
        yield running


def as_shown(desk: RunningOffice, kind: str, who: str = CLERK, **fields: object) -> dict[str, Any]:
    """One tab as it is filled in when it is opened, with these fields besides."""
    tab = next(
        tab for tab in desk.tabs() if any(k.startswith(f"{kind}.") for k in tab["properties"])
    )
    given = {key: e["default"] for key, e in tab["properties"].items() if "default" in e}
    return given | {f"{kind}.{name}": value for name, value in (fields | {"officer": who}).items()}


def refused(desk: RunningOffice) -> int:
    """How many refusals the register has kept of this point."""
    with office.reading() as session:
        return refusals.so_far(session, register.case(session, desk.number))


# ── accepted and turned away ────────────────────────────────────────────────────────────────────
def test_what_can_be_recorded_goes_on(desk: RunningOffice) -> None:
    desk.put_up("待发出")
    answer = as_shown(desk, "replied", delivery="邮政特快专递", proof="1234567890123")
    assert desk.checked(answer) == []
    assert desk.submitted(answer) == ""
    assert desk.reached == [{"run_input": {f"act-{desk.pause}": answer}}]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_day_before_signing_or_to_come_is_turned_away_and_nothing_is_kept(
    days: int, desk: RunningOffice
) -> None:
    """The day before, the day itself, the day after (Art. 33)."""
    desk.put_up("待发出")
    day = desk.today + timedelta(days)
    answer = as_shown(
        desk, "replied", delivery="邮政特快专递", proof="1234567890123", sent_on=day.isoformat()
    )
    why = {-1: "早于签发日期", 0: "", 1: "晚于今天"}[days]
    found = desk.submitted(answer)
    assert (why in found) if why else found == ""
    assert [words for words in desk.checked(answer) if why and why in words] == [found][: bool(why)]
    assert len(desk.reached) == (0 if why else 1)
    assert refused(desk) == 0


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_while_the_clock_is_behind_the_register_nothing_is_taken(
    days: int, desk: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day before the last record, the day itself, the day after: said in the open dialog."""
    desk.put_up("待发出")
    answer = as_shown(desk, "replied", delivery="邮政特快专递", proof="1234567890123")
    last = office.today()
    monkeypatch.setattr(office, "day_is_fixed", lambda: False)
    with office.writing():
        pass  # the clock itself has recorded now
    monkeypatch.setattr(office, "day_of_clock", lambda: last + timedelta(days))
    found = desk.submitted(answer)
    if days < 0:
        assert found.startswith(f"系统日期倒退了：今天是 {written(last + timedelta(days))}，")
        assert "请告知管理员校正" in found
        assert "disclosure" not in found
        assert found.endswith("没有提交。所填内容都在，请稍候再提交一次")
    else:
        assert found == ""
    assert len(desk.reached) == (0 if days < 0 else 1)
    assert refused(desk) == 0


def test_every_reason_stands_in_the_open_dialog(desk: RunningOffice) -> None:
    desk.put_up("待发出")
    answer = as_shown(desk, "replied", delivery=DELIVERY["in_person"], sent_on="2026-12-31")
    (said,) = desk.checked(answer)
    assert [words in said for words in ("晚于今天", "请填写签收人")] == [True, True]
    assert desk.submitted(answer) == said


@pytest.mark.parametrize(
    "situation", [name for name in SITUATIONS if not name.startswith(("已办结", "已注销", "台账"))]
)
def test_an_act_that_is_barred_is_turned_away_with_the_reason_of_the_act(
    situation: str, desk: RunningOffice
) -> None:
    """Every stage: what the door says is what the act says."""
    desk.put_up(situation)
    for kind, why in SITUATIONS[situation][1].items():
        if kind not in ACTS:
            continue
        act = ACTS[kind]
        with office.reading() as session:
            stage = register.case(session, desk.number).stage
        if stage not in act.stages:
            continue
        answer = _something(act)
        who = usual_officer(act, stage)
        found = desk.submitted({f"{kind}.{k}": v for k, v in (answer | {"officer": who}).items()})
        assert told([why]) in found, (kind, found)
    assert desk.reached == []


def _something(act: type[Any]) -> dict[str, object]:
    usual = {int: 1, date: "2026-03-02"}
    return {
        name: usual.get(field.annotation, "填写")
        for name, field in act.model_fields.items()
        if field.is_required() and name != "texts"  # it has a field for each
    }


# ── time passes while the dialog is open ────────────────────────────────────────────────────────
def test_what_is_submitted_after_midnight_is_judged_by_the_new_day(desk: RunningOffice) -> None:
    """Opened on the last day to extend, submitted the day after (Art. 33)."""
    desk.put_up("待起草")
    desk.today = date(2026, 3, 30)
    answer = _extension(desk)
    assert desk.submitted(answer) == ""
    desk.today = date(2026, 3, 31)
    assert "答复期限已于2026年3月30日届满" in desk.submitted(answer)


def _standing(desk: RunningOffice) -> tuple[Any, Any]:
    with office.reading() as session:
        return register.case(session, desk.number), office.circumstances("王主任")


def _extension(desk: RunningOffice) -> dict[str, Any]:
    found = ACTS["extended"].proposal(*_standing(desk)) | {"reasons": "材料较多，需逐份核对"}
    usual = {name: value for name, value in found.items() if value not in (None, "")}
    usual |= {name: value for name, value in ANSWERS["extended"].items() if name not in found}
    answer = robot_officer.filled(desk.number, "extended", usual, "王主任")
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in answer.items()}


def test_an_answer_to_a_point_that_is_past_is_left_to_prefect_to_turn_away(
    desk: RunningOffice,
) -> None:
    """It says that somebody else came first (looks.py); no reason of ours would be true."""
    case = desk.put_up("待发出")
    answer = as_shown(desk, "replied", delivery="当面送达")
    with office.writing() as session:
        refusals.refuse(session, case, "", "另一处已经办理", "", office.now())
    assert desk.submitted(answer) == ""


def test_a_form_kept_of_an_earlier_day_is_renewed_before_prefect_checks_the_answer(
    desk: RunningOffice,
) -> None:
    """Over the API, where nobody opened it: the outcome that has become possible fits (Art. 30)."""
    desk.put_up("等待补正")
    put_up = desk.kept[desk.key]
    desk.today += timedelta(60)
    kind = "drafted_other"
    label = office.law().outcomes["not_corrected"].label
    words = next(
        one
        for tab in desk.tabs()
        for one in tab["properties"].get(f"{kind}.outcome", {}).get("enum", ())
        if label in one
    )
    told = (desk.today - timedelta(60)).isoformat()
    answer = as_shown(desk, kind, outcome=words, noticed_on=told)
    renewed, desk.kept[desk.key] = desk.kept[desk.key], put_up
    assert desk.submitted(answer) == ""
    assert desk.kept[desk.key].shown == renewed.shown


# ── codes ───────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def phone(desk: RunningOffice, monkeypatch: pytest.MonkeyPatch) -> pyotp.TOTP:
    """陈静 signs with her phone, at a moment that stands still."""
    moment = office.now()
    monkeypatch.setattr(office, "now", lambda: moment)
    with office.writing() as session:
        secret = codes.enrol(session, CLERK, moment)
    return pyotp.TOTP(secret)


def test_a_code_is_looked_at_last_and_spent_by_the_flow_alone(
    desk: RunningOffice, phone: pyotp.TOTP
) -> None:
    desk.put_up("待发出")
    code = phone.at(office.now())
    late = desk.today + timedelta(1)
    asked = {"delivery": "邮政特快专递", "proof": "1234567890123", "one_time_code": code}
    for _ in range(3):  # a reason of the act's, whatever the code
        assert "晚于今天" in desk.submitted(as_shown(desk, "replied", sent_on=str(late), **asked))
    for _ in range(2):
        assert desk.submitted(as_shown(desk, "replied", **asked)) == ""
    with office.writing() as session:
        what = codes.Signature(CLERK, code, "replied", desk.number)
        assert codes.sign(session, what, office.now(), office.agency().codes) == ""
    assert "已经用过" in desk.submitted(as_shown(desk, "replied", **asked))


def test_a_wrong_code_is_turned_away_and_each_guess_counts(
    desk: RunningOffice, phone: pyotp.TOTP
) -> None:
    """Guessing at the door leads to the same pauses as guessing in the flow."""
    desk.put_up("待发出")
    wrong = f"{(int(phone.at(office.now())) + 1) % 1000000:06}"
    answer = as_shown(
        desk, "replied", delivery="邮政特快专递", proof="1234567890123", one_time_code=wrong
    )
    assert desk.checked(answer) == []  # what is only checked is no attempt
    found = [desk.submitted(answer) for _ in range(6)]
    assert "动态口令有误" in found[0]
    assert "秒后再试" in found[-1]
    with office.reading() as session:
        (signer,) = codes.signers(session)
    assert signer.wrong_since > 1
    assert desk.reached == []


# ── what is not judged ──────────────────────────────────────────────────────────────────────────
def test_picking_a_procedural_act_is_no_act(desk: RunningOffice) -> None:
    desk.put_up("待起草")
    assert desk.submitted({"choose.procedure": ACTS["extended"].title}) == ""


def test_a_template_is_left_to_prefect_to_fill_in(desk: RunningOffice) -> None:
    desk.put_up("待发出")
    asked = {"__prefect_kind": "jinja", "template": "{{ 1 }}"}
    assert desk.submitted(as_shown(desk, "replied", delivery=asked)) == ""


def test_a_field_written_as_json_is_judged_as_it_reads(desk: RunningOffice) -> None:
    desk.put_up("待发出")
    asked = {"__prefect_kind": "json", "value": '"2026-12-31"'}
    answer = as_shown(
        desk, "replied", delivery="邮政特快专递", proof="1234567890123", sent_on=asked
    )
    assert "晚于今天" in desk.submitted(answer)


def test_with_the_register_locked_it_is_said_and_the_form_is_still_there(
    desk: RunningOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put_up("待发出")
    if not office.database_url().startswith("sqlite"):
        pytest.skip("SQLite alone locks a whole register")
    answer = as_shown(desk, "replied", delivery="邮政特快专递", proof="1234567890123")
    office.close()
    with sqlite3.connect(office.home() / "register.db", timeout=0) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with monkeypatch.context() as soon:
            soon.setitem(in_time.SECONDS, "judging", 0.3)
            said = desk.submitted(answer)
        other.rollback()
    other.close()
    assert "没有提交。所填内容都在" in said
    assert desk.reached == []
    with office.reading() as session:
        assert register.case(session, desk.number).stage is Stage.DISPATCH
