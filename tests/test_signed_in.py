"""Whose form is it? Where officers log in, the pass that the door puts in says so, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import empty_register
from sqlmodel import select
from visitors import visiting, with_account

from flows import office
from flows.installation.entrance import CALLER, NAMELESS, OFFICE, Caller
from flows.path import forms, intake, recording, signing
from flows.path.signing import NotLoggedIn
from flows.path.start_forms import is_form
from flows.prefect_side.deployments import form_of
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.server import signed_in
from flows.server.begun_forms import rehearsed
from models.acts.catalogue import ACTS
from models.agency.account_rules import AccountRules
from models.case.case import Case
from models.case.personal import CODE
from models.errors import ActRefused
from models.register import accounts, codes, register
from models.register.codes import Signature
from models.store.tables import SpentCode

CLERK, LEADER = "陈静", "王建国"
NOW = datetime(2026, 3, 2, 1, 0, 5, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """An empty register in which the clerk has an account; time stands still unless it is moved."""
    at = [NOW]
    monkeypatch.delenv("DISCLOSURE_CODES", raising=False)
    monkeypatch.setattr(office, "now", lambda: at[0])
    with empty_register(tmp_path, monkeypatch):
        yield at


def drafted() -> str:
    """A case that waits for its signature."""
    number = intake.receive(
        channel="当面提交", kind="自然人", applicant="张三", request="甲", arrived_on=None,
        officer=CLERK,
    ).number  # fmt: skip
    steps: tuple[tuple[str, dict[str, object]], ...] = (
        ("received", {"received_on": "2026-03-02"}),
        ("found_ours", {}),
        ("drafted_unable", {"outcome": "not_existing", "search": "检索公文系统，未找到"}),
        ("approved", {}),
    )
    for position, (kind, answer) in enumerate(steps, 1):
        who = CLERK if kind != "approved" else "李明"
        assert not recording.perform(number, position, kind, dict(answer), who).refused
    return number


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def point(number: str) -> forms.Point:
    with office.reading() as session:
        return forms.point(session, register.case(session, number))


def pass_of(officer: str, form: str) -> str:
    return signing.pass_of(officer, form, visiting(officer).visit)


# ── the pass ────────────────────────────────────────────────────────────────────────────────────
def test_a_pass_says_whose_a_form_is(home: list[datetime]) -> None:
    with_account(CLERK)
    assert signing.submitter(pass_of(CLERK, "甲/0-0"), "甲/0-0") == CLERK


@pytest.mark.parametrize(
    "said",
    ["", CLERK, LEADER, "sealed:", "sealed:gAAAAAforged", "[]", '["visit", "王建国", "甲/0-0"]'],
)
def test_what_is_no_pass_is_no_answer(home: list[datetime], said: str) -> None:
    with_account(CLERK)
    with pytest.raises(NotLoggedIn, match="没有办理"):
        signing.submitter(said, "甲/0-0")


def test_a_pass_is_good_for_its_form_alone(home: list[datetime]) -> None:
    with_account(CLERK)
    mine, visit = pass_of(CLERK, "甲/0-0"), visiting().visit
    for other in ("甲/0-1", "甲/1-0", "乙/0-0", "", "登记申请"):
        with pytest.raises(NotLoggedIn):
            signing.submitter(mine, other)
    passes = office.sealing().for_purpose(signing.PASS)
    at = office.now().isoformat()
    lists = (
        *(["", "甲/0-0", visit, at], [CLERK, "甲/0-0"], [CLERK, "甲/0-0", visit], [CLERK]),
        *([CLERK, "甲/0-0", visit, "昨天"], [CLERK, "甲/0-0", "", at], [CLERK, "甲/0-0", visit, 5]),
    )
    for sealed in (*(json.dumps(one, ensure_ascii=False) for one in lists), "5", '{"a": 1}'):
        with pytest.raises(NotLoggedIn):
            signing.submitter(signing.PASS + passes.seal(sealed), "甲/0-0")


def whose(one_pass: str, at: datetime) -> str | None:
    """Who submitted 登记申请 under a pass at that moment; None = nobody who is logged in."""
    try:
        return signing.submitter(one_pass, "登记申请", lambda: at)
    except NotLoggedIn:
        return None


def test_a_pass_is_good_for_the_submission_that_it_was_put_in(home: list[datetime]) -> None:
    """Whoever has the office's secret may read it in Prefect's database, and use it again."""
    with_account(CLERK)
    mine, began = pass_of(CLERK, "登记申请"), home[0]
    for seconds, good in ((-601, False), (-600, True), (0, True), (600, True), (601, False)):
        assert whose(mine, began + timedelta(seconds=seconds)) == (CLERK if good else None), seconds


def test_a_pass_ends_with_its_visit(home: list[datetime]) -> None:
    """What was submitted before is still done, however late the worker comes to it."""
    with_account(CLERK)
    caller = visiting()
    mine = signing.pass_of(CLERK, "登记申请", caller.visit)
    ended = home[0] + timedelta(seconds=30)
    with office.writing() as session:
        accounts.end(session, caller.visit, ended)
    home[0] = ended + timedelta(hours=5)
    for seconds, good in ((-1, True), (0, True), (1, False)):
        assert whose(mine, ended + timedelta(seconds=seconds)) == (CLERK if good else None), seconds
    with_account(LEADER)
    other = signing.pass_of(CLERK, "登记申请", visiting(LEADER).visit)
    with pytest.raises(NotLoggedIn):
        signing.submitter(other, "登记申请")
    fresh = pass_of(CLERK, "登记申请")
    assert signing.submitter(fresh, "登记申请") == CLERK
    with office.writing() as session:
        accounts.revoke(session, CLERK, office.now())
    with pytest.raises(NotLoggedIn):
        signing.submitter(fresh, "登记申请")


def test_nothing_that_is_sealed_otherwise_is_a_pass(home: list[datetime]) -> None:
    """An applicant's contact is sealed with the same key, and whoever types it may read it sealed."""
    with_account(CLERK)
    typed = office.sealing().seal(json.dumps([LEADER, "甲/0-0"], ensure_ascii=False))
    for forged in (typed, signing.PASS + typed):
        with pytest.raises(NotLoggedIn):
            signing.submitter(forged, "甲/0-0")
    assert not office.sealing().opens(pass_of(CLERK, "甲/0-0").removeprefix(signing.PASS))


def test_no_name_but_that_of_the_visit_goes_through(home: list[datetime]) -> None:
    with_account(CLERK)
    forged, clerk = pass_of(LEADER, "甲/5-0"), visiting()
    for answer in (
        {"approved.officer": forged, "signed.signed_on": "2026-03-02"},
        {"choose.procedure": "补正", "choose.officer": forged},
    ):
        assert forged not in signed_in.with_pass(answer, clerk, "甲/5-0").values()
    given = signed_in.with_pass({"approved.officer": forged}, clerk, "甲/5-0")
    assert signing.submitter(given["approved.officer"], "甲/5-0") == CLERK


def test_without_accounts_whoever_is_named_is_taken(home: list[datetime]) -> None:
    assert signing.submitter(f" {CLERK} ", "甲/0-0") == CLERK


# ── a case's form ───────────────────────────────────────────────────────────────────────────────
def test_the_officer_of_the_visit_is_recorded_whatever_the_form_says(home: list[datetime]) -> None:
    number = drafted()
    with_account(CLERK)
    at = point(number)
    typed = {"sent_back.reason": "有误", "sent_back.officer": LEADER}
    given = signed_in.with_pass(typed, visiting(), signing.form_of_point(number, at.key))
    answer = forms.read(given, case(number), at.key)
    assert (answer.kind, answer.officer) == ("sent_back", CLERK)
    with pytest.raises(NotLoggedIn):
        forms.read(dict(typed), case(number), at.key)
    with pytest.raises(NotLoggedIn):
        forms.read(given, case(number), "0-0")


def test_his_form_shows_himself_alone(home: list[datetime]) -> None:
    number = drafted()
    with_account(CLERK)
    shown = signed_in.shown_to({"definitions": {"tab0": point(number).schema["anyOf"][0]}}, CLERK)
    (field,) = [
        entry
        for name, entry in shown["definitions"]["tab0"]["properties"].items()
        if name.endswith(".officer")
    ]
    assert (field["enum"], field["default"]) == ([CLERK], CLERK)
    assert signed_in.shown_to({"properties": {"officer": {}}}, "") == {
        "properties": {"officer": {}}
    }


def test_a_choice_of_act_names_nobody(home: list[datetime]) -> None:
    chosen = {"choose.procedure": "延期"}
    assert signed_in.with_pass(chosen, Caller(CLERK, officer=CLERK), "甲/0-0") == chosen
    assert signed_in.with_pass({}, Caller(CLERK, officer=CLERK), "甲/0-0") == {}
    two = {"signed.signed_on": "2026-03-02", "approved.note": ""}
    assert signed_in.with_pass(two, Caller(CLERK, officer=CLERK), "甲/0-0") == two


def test_who_is_behind_a_request() -> None:
    assert signed_in.officer_of({CALLER: Caller(CLERK, officer=CLERK, asked=True)}) == CLERK
    assert signed_in.officer_of({CALLER: Caller("未具名")}) == ""
    assert signed_in.officer_of({CALLER: OFFICE}) == ""
    assert signed_in.caller_of({}) == Caller(NAMELESS)


# ── codes ───────────────────────────────────────────────────────────────────────────────────────
def code_fields(number: str) -> dict[str, bool]:
    """The acts of a form that ask for a code, and whether it must be filled in."""
    schema = point(number).schema
    return {
        name.partition(".")[0]: name in tab["required"]
        for tab in schema.get("anyOf", [schema])
        for name in tab["properties"]
        if name.endswith(CODE)
    }


def test_a_code_is_asked_for_again_where_config_says_alone(home: list[datetime]) -> None:
    number = drafted()
    assert code_fields(number) == {}
    with_account(CLERK)
    assert code_fields(number) == {"signed": False}


def signs(officer: str, form: str, code: str = "", at: datetime | None = None) -> str:
    with signing.logged_in(officer, at and (lambda: at)), office.writing() as session:
        return signing.sign(session, Signature(officer, code, form))


def test_what_is_signed_again_needs_a_code_and_one_is_enough_for_a_batch(
    home: list[datetime],
) -> None:
    phone = with_account(LEADER)
    visiting(LEADER)
    holds = office.agency().accounts.code_holds_seconds
    assert signs(LEADER, "received") == ""
    assert "请填写动态口令" in signs(LEADER, "signed")
    assert "有误" in signs(LEADER, "signed", "000000")
    assert signs(LEADER, "signed", phone.code()) == ""
    began = home[0]
    for seconds, asked in ((1, False), (holds, False), (holds + 1, True)):
        home[0] = began + timedelta(seconds=seconds)
        assert bool(signs(LEADER, "signed")) is asked, seconds
    home[0] = began
    assert "请填写动态口令" in signs(LEADER, "erratum"), "of another kind"
    assert "请填写动态口令" in signs(LEADER, "reply_withdrawn")


def test_a_code_for_a_batch_is_of_the_visit_in_which_it_was_given(home: list[datetime]) -> None:
    phone = with_account(LEADER)
    assert "请填写动态口令" in signs(LEADER, "signed"), "in no visit at all"
    visiting(LEADER)
    assert signs(LEADER, "signed", phone.code()) == ""
    home[0] += timedelta(seconds=1)
    assert signs(LEADER, "signed") == ""
    visiting(LEADER)
    assert "请填写动态口令" in signs(LEADER, "signed"), "logged in again"


def test_a_code_that_was_right_at_the_door_is_right_however_late_the_act_is_done(
    home: list[datetime],
) -> None:
    """The register was away, or the machine began anew, between the door and the act."""
    phone = with_account(LEADER)
    visiting(LEADER)
    rules, began = office.agency().codes, home[0]
    code, batch = phone.code(), timedelta(seconds=office.agency().accounts.code_holds_seconds)
    late = timedelta(seconds=rules.step_seconds * (rules.drift_steps + 2))
    home[0] = began + late
    assert "有误" in signs(LEADER, "signed", code), "submitted only now"
    assert signs(LEADER, "signed", code, began) == ""
    home[0] = began + batch + late
    visiting(LEADER)  # he has come back meanwhile
    assert signs(LEADER, "signed", "", began + batch) == "", "submitted within the batch"
    assert "请填写动态口令" in signs(LEADER, "signed", "", began + batch + timedelta(seconds=1))
    assert "已经用过" in signs(LEADER, "erratum", code, began), "but good once"


def test_the_code_of_the_login_signs_nothing(home: list[datetime]) -> None:
    phone = with_account(LEADER)
    with office.writing() as session:
        steps = codes.fitting(session, LEADER, phone.code(), NOW, office.agency().codes)
        codes.spend(session, LEADER, steps, NOW, "login")
    assert "请填写动态口令" in signs(LEADER, "signed")


def test_in_the_terminal_every_act_is_signed_as_before(home: list[datetime]) -> None:
    phone = with_account(CLERK)

    def receive(code: str) -> str:
        return intake.receive(
            channel="当面提交", kind="自然人", applicant="张三", request="甲", arrived_on=None,
            officer=CLERK, code=code,
        ).number  # fmt: skip

    with pytest.raises(ActRefused, match="请填写动态口令"):
        receive("")
    assert receive(phone.code())


# ── the forms to begin with ─────────────────────────────────────────────────────────────────────
BEGUN = [name for name in OUR_FLOWS if is_form(flow(name))]
ADVICE = {"channel": "电话", "given_on": "2026-03-02"}


def test_every_form_says_what_it_is_signed_as() -> None:
    assert set(signing.FORMS) == set(BEGUN)


def test_what_asks_for_a_code_again_is_an_act_or_a_form() -> None:
    known = set(ACTS) | set().union(*signing.FORMS.values())
    assert set(AccountRules().code_again) <= known


@pytest.mark.parametrize("name", BEGUN)
def test_a_form_takes_a_pass_and_shows_a_code_where_config_says(
    home: list[datetime], name: str
) -> None:
    with_account(CLERK)
    made = form_of(flow(name))
    assert "enum" not in made["properties"]["officer"]
    again = name in ("撤回答复", "勘误", "签发年度报告")
    assert (CODE in made["properties"]) is again
    assert CODE not in made.get("required", [])
    shown = signed_in.shown_to(made, CLERK)
    assert shown["properties"]["officer"]["enum"] == [CLERK]


def test_a_form_is_judged_under_the_pass(home: list[datetime]) -> None:
    with_account(CLERK)
    shown = form_of(flow("登记咨询"))
    given = signed_in.form_with_pass(ADVICE | {"officer": LEADER}, visiting(), "登记咨询", shown)
    assert rehearsed("登记咨询", given, with_code=True) == ""
    for forged in (LEADER, pass_of(CLERK, "登记申请"), ""):
        said = rehearsed("登记咨询", ADVICE | {"officer": forged}, with_code=True)
        assert "请登录后重新提交" in said
    with office.reading() as session:
        assert session.exec(select(SpentCode)).all() == []


def test_a_form_without_an_officer_is_as_it_is() -> None:
    caller = Caller(CLERK, officer=CLERK)
    given = signed_in.form_with_pass({"year": 2025}, caller, "年度报告", {"properties": {}})
    assert given == {"year": 2025}


def test_a_secret_of_another_office_is_none(home: list[datetime]) -> None:
    from models.store.sealing import Sealing, new_key

    with_account(CLERK)
    said = json.dumps([CLERK, "甲/0-0", visiting().visit, office.now().isoformat()])
    for sealing, good in ((office.sealing(), True), (Sealing([new_key()]), False)):
        forged = signing.PASS + sealing.for_purpose(signing.PASS).seal(said)
        if good:
            assert signing.submitter(forged, "甲/0-0") == CLERK
            continue
        with pytest.raises(NotLoggedIn):
            signing.submitter(forged, "甲/0-0")
