"""Under which name an act is recorded: one-time codes, good once, wrong ones slowed down."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from flows import office
from flows.__main__ import main
from flows.commands import enrolment
from flows.counter import enquiries, records_correction
from flows.counter.after_closing import withdraw_reply
from flows.installation import settings
from flows.path import forms, intake, recording, signing
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from models.acts.catalogue import ACTS
from models.agency.code_rules import CodeRules
from models.case.personal import CODE
from models.errors import ActRefused
from models.register import codes, register
from models.store.tables import Enquiry, Refusal, SpentCode, WrongCode
from tests.databases import empty_register

RULES = CodeRules()
STEP = timedelta(seconds=RULES.step_seconds)
CLERK, LEADER = "陈静", "王建国"
RECEIVED: dict[str, object] = {"received_on": "2026-03-02"}


class Clock:
    """What time it is, and what an officer's phone shows."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 0, 5, tzinfo=UTC)
        self.secrets: dict[str, str] = {}

    def enrol(self, officer: str) -> None:
        with office.writing() as session:
            self.secrets[officer] = codes.enrol(session, officer, self.now)

    def code(self, officer: str = CLERK, steps: int = 0) -> str:
        return pyotp.TOTP(self.secrets[officer]).at(self.now + steps * STEP)

    def wrong(self, officer: str = CLERK) -> str:
        right = {self.code(officer, steps) for steps in range(-2, 3)}
        return next(code for n in range(9) if (code := f"{n:06d}") not in right)

    def on(self, seconds: float = RULES.step_seconds) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """An empty register with two officers enrolled, and a clock that the test sets."""
    clock = Clock()
    monkeypatch.delenv(settings.CODES.name, raising=False)
    monkeypatch.setattr(office, "now", lambda: clock.now)
    with empty_register(tmp_path, monkeypatch):
        clock.enrol(CLERK)
        clock.enrol(LEADER)
        yield clock


def receive(clock: Clock, code: str | None = None, **other: str) -> str:
    made = intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="张三",
        request="甲",
        arrived_on=None,
        officer=CLERK,
        code=clock.code() if code is None else code,
        **other,
    )
    clock.on()
    return made.number


def spent() -> list[SpentCode]:
    with office.reading() as session:
        return list(session.exec(select(SpentCode).order_by(SpentCode.step)))


def wrong() -> list[WrongCode]:
    with office.reading() as session:
        return list(session.exec(select(WrongCode).order_by(WrongCode.id)))


def case(number: str):
    with office.reading() as session:
        return register.case(session, number)


# ── one act, one code ───────────────────────────────────────────────────────────────────────────
def test_an_act_is_recorded_under_a_right_code(clock: Clock) -> None:
    number = receive(clock)
    done = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, clock.code())
    assert not done.refused
    assert [(one.form, one.officer) for one in spent()] == [
        ("registered", CLERK),
        ("received", CLERK),
    ]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_may_be_one_step_off(clock: Clock, steps: int) -> None:
    clock.on(300)
    receive(clock, clock.code(steps=steps))


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_but_no_more(clock: Clock, steps: int) -> None:
    with pytest.raises(ActRefused, match="动态口令有误"):
        receive(clock, clock.code(steps=steps))


@pytest.mark.parametrize("said", [" {0}{1} ", "{0} {1}", "{0}　{1}"])
def test_how_it_is_typed_is_no_matter(clock: Clock, said: str) -> None:
    code = clock.code()
    receive(clock, said.format(code[:3], code[3:]))
    clock.on(300)
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in clock.code())
    receive(clock, full_width)


def test_a_code_is_good_once(clock: Clock) -> None:
    code = clock.code()
    number = intake_at_once(code)
    done = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code)
    assert done.reasons == ("这个动态口令已经用过；请等验证器显示下一个，再提交",)
    assert case(number).position == 1
    assert len(spent()) == 1


def intake_at_once(code: str) -> str:
    return intake.receive(
        channel="当面提交", kind="自然人", applicant="张三", request="甲", arrived_on=None,
        officer=CLERK, code=code,
    ).number  # fmt: skip


def test_a_code_is_spent_also_by_an_act_that_is_refused(clock: Clock) -> None:
    """It was shown: whoever saw it must not sign with it."""
    number = receive(clock)
    code = clock.code()
    early = recording.perform(number, 1, "received", {"received_on": "2026-03-01"}, CLERK, code)
    assert "早于到件日期" in early.reasons[0]
    again = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code)
    assert "已经用过" in again.reasons[0]
    with pytest.raises(ActRefused, match="请填写申请人"):
        intake.receive(
            channel="当面提交", kind="自然人", applicant=" ", request="甲", arrived_on=None,
            officer=LEADER, code=clock.code(LEADER),
        )  # fmt: skip
    assert [one.officer for one in spent()] == [CLERK, CLERK, LEADER]


@pytest.mark.parametrize(
    "said", ["", "12345", "1234567", "abcdef", "\ud800" * 6, "\x00" * 6, "²²²²²²x"]
)
def test_what_is_no_code_is_asked_for_again_and_is_no_guess(clock: Clock, said: str) -> None:
    with pytest.raises(ActRefused, match="请填写动态口令"):
        receive(clock, said)
    assert not wrong()[-1].guess


def test_each_officer_has_codes_of_their_own(clock: Clock) -> None:
    with pytest.raises(ActRefused, match="动态口令有误"):
        receive(clock, clock.code(LEADER))


@pytest.mark.parametrize("officer", ["李明", "", "陈静\x00", "长" * 90, "\ud800"])
def test_whoever_is_not_enrolled_cannot_sign(clock: Clock, officer: str) -> None:
    number = receive(clock)
    done = recording.perform(number, 1, "received", dict(RECEIVED), officer, clock.code())
    assert done.refused
    assert case(number).position == 1
    assert wrong()[-1].form == "received"


def test_a_code_of_a_replayed_form_is_not_asked_for_twice(clock: Clock) -> None:
    """A run killed after the commit submits the same form once more."""
    number, code = receive(clock), clock.code()
    assert not recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code).refused
    again = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code)
    assert (again.came_late, again.refused) == (True, False)
    first = intake.receive(
        channel="当面提交", kind="自然人", applicant="乙", request="乙", arrived_on=None,
        officer=LEADER, code=clock.code(LEADER), submission="同一次提交",
    )  # fmt: skip
    second = intake.receive(
        channel="当面提交", kind="自然人", applicant="乙", request="乙", arrived_on=None,
        officer=LEADER, code=clock.code(LEADER), submission="同一次提交",
    )  # fmt: skip
    assert first.number == second.number
    assert wrong() == []


def test_a_form_of_its_own_is_signed_too(clock: Clock) -> None:
    asked = {"channel": "电话", "given_on": office.today(), "officer": CLERK}
    with pytest.raises(ActRefused, match="请填写动态口令"):
        enquiries.record_enquiry.fn(**asked)
    with office.reading() as session:
        assert session.exec(select(Enquiry)).all() == []
    enquiries.record_enquiry.fn(**asked, one_time_code=clock.code())
    request = {
        "requester": "张三", "received_on": office.today(), "record": "甲", "error": "乙",
        "evidence": "丙", "officer": LEADER,
    }  # fmt: skip
    with pytest.raises(ActRefused, match="动态口令有误"):
        records_correction.receive_request.fn(**request, one_time_code=clock.wrong(LEADER))
    records_correction.receive_request.fn(**request, one_time_code=clock.code(LEADER))
    assert [one.form for one in wrong()] == ["enquiry", "records_correction"]


def test_what_happens_after_closing_is_signed_too(clock: Clock) -> None:
    number = receive(clock)
    with pytest.raises(ActRefused):
        withdraw_reply.fn(
            number=number, withdrawn_on=office.today(), reason="有误", decided_by=LEADER,
            officer=CLERK, one_time_code=clock.wrong(),
        )  # fmt: skip
    assert wrong()[-1].form == "reply_withdrawn"


def test_a_code_used_twice_at_once_signs_once(clock: Clock) -> None:
    """Two forms, one code, one moment: one act, the other is told."""
    numbers = [receive(clock) for _ in range(4)]
    clock.on(300)
    code, together = clock.code(), Barrier(len(numbers))

    def submit(number: str) -> bool:
        together.wait()
        done = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code)
        return not done.refused

    with ThreadPoolExecutor(len(numbers)) as pool:
        assert sorted(pool.map(submit, numbers)) == [False, False, False, True]
    assert sum(case(number).position == 2 for number in numbers) == 1


def test_guesses_made_at_once_all_count(clock: Clock) -> None:
    numbers = [receive(clock) for _ in range(5)]
    clock.on(300)
    code, together = clock.wrong(), Barrier(len(numbers))

    def guess(number: str) -> str:
        together.wait()
        return recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code).reasons[0]

    with ThreadPoolExecutor(len(numbers)) as pool:
        said = sorted(pool.map(guess, numbers))
    assert sum("动态口令有误" in one for one in said) == RULES.free_attempts
    assert sum("后再试；急需办理的" in one for one in said) == 2


# ── wrong codes ─────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_code_changes_nothing_is_recorded_and_the_form_comes_back(clock: Clock) -> None:
    number = receive(clock)
    before = case(number)
    done = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, clock.wrong())
    assert done.refused
    assert case(number) == before
    kept = wrong()[-1]
    assert (kept.officer, kept.form, kept.case_number, kept.guess) == (
        CLERK, "received", number, True,
    )  # fmt: skip
    assert kept.tried_at == clock.now
    with office.reading() as session:
        assert "动态口令有误" in forms.point(session, before).description
        assert len(session.exec(select(Refusal)).all()) == 1


def tried(clock: Clock, number: str, code: str) -> str:
    done = recording.perform(number, 1, "received", dict(RECEIVED), CLERK, code)
    return "".join(done.reasons)


def test_wrong_codes_slow_down_and_say_so(clock: Clock) -> None:
    number = receive(clock)
    waits = []
    for _ in range(9):
        said = tried(clock, number, clock.wrong())
        waits.append(int(said.partition("；")[2].partition("秒")[0] or 0))
        clock.on(waits[-1])
    assert waits == [0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_during_a_pause_not_even_a_right_code_is_taken_alone(clock: Clock) -> None:
    number = receive(clock)
    for _ in range(RULES.free_attempts):
        tried(clock, number, clock.wrong())
    assert "请在30秒后再试" in tried(clock, number, clock.code())
    clock.on(29)
    assert "请在1秒后再试" in tried(clock, number, clock.wrong())
    clock.on(1)
    assert tried(clock, number, clock.code()) == ""
    # What was tried during the pause did not make it longer.
    assert sum(one.guess for one in wrong()) == RULES.free_attempts


def test_a_stranger_cannot_lock_an_officer_out(clock: Clock) -> None:
    """Two codes in a row are taken also during a pause: nobody guesses twelve digits."""
    number = receive(clock)
    for _ in range(60):
        tried(clock, number, clock.wrong())
        clock.on(10)
    assert "后再试" in tried(clock, number, clock.code())
    backwards = clock.code() + clock.code(steps=-1)
    assert "后再试" in tried(clock, number, backwards)
    assert "后再试" in tried(clock, number, clock.code() * 2)
    assert tried(clock, number, clock.code(steps=-1) + clock.code()) == ""
    assert len(spent()) == 3
    clock.on()
    receive(clock)  # and the pause is over


def test_a_right_code_begins_the_count_anew(clock: Clock) -> None:
    number = receive(clock)
    for _ in range(RULES.free_attempts - 1):
        tried(clock, number, clock.wrong())
    receive(clock)
    assert tried(clock, number, clock.wrong()) == "动态口令有误，本次提交未办理"


@given(st.integers(0, 10_000))
def test_a_pause_never_shrinks_and_never_grows_beyond_its_limit(n: int) -> None:
    assert RULES.pause(n) <= RULES.pause(n + 1)
    assert RULES.pause(n).total_seconds() <= RULES.longest_pause_seconds


def test_guessing_is_hopeless() -> None:
    """The chance to guess one code within a year of trying without a rest is under one in nine."""
    right = 2 * RULES.drift_steps + 1
    a_year = timedelta(days=365).total_seconds() / RULES.longest_pause_seconds
    assert a_year * right / 10**RULES.digits < 1 / 9


# ── enrolment ───────────────────────────────────────────────────────────────────────────────────
def test_a_second_phone_needs_a_revocation_first(clock: Clock) -> None:
    with pytest.raises(codes.AlreadyEnrolled):
        list(enrolment.enrol(CLERK))
    enrolment.revoke(CLERK)
    with pytest.raises(codes.NotEnrolled):
        enrolment.revoke(CLERK)
    with pytest.raises(ActRefused, match="没有登记动态口令"):
        receive(clock)
    assert any("otpauth" not in line for line in enrolment.enrol(CLERK))
    with pytest.raises(ActRefused, match="动态口令有误"):
        receive(clock)  # the old phone


def test_the_secret_is_sealed_in_the_database(clock: Clock) -> None:
    with office.reading() as session:
        kept = session.connection().exec_driver_sql("SELECT secret FROM enrolment").all()
    assert len(kept) == 2
    assert not any(secret in str(kept) for secret in clock.secrets.values())


def test_enrolment_at_the_terminal(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enrol", "李明"]) == 0
    out = capsys.readouterr().out
    assert "▀" in out
    secret = out.partition("手工输入密钥：")[2].split()[0]
    with office.writing() as session:
        what = codes.Signature("李明", pyotp.TOTP(secret).at(clock.now))
        assert codes.sign(session, what, clock.now, RULES) == ""
    assert main(["enrol", "李明"]) == 2
    assert main(["enrol", "李明", "--revoke"]) == 0
    assert main(["enrol", " "]) == 2


def test_the_list_tells_who_can_sign_and_whose_code_was_wrong(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive(clock)
    tried(clock, number, clock.wrong())
    assert main(["enrol"]) == 0
    out = capsys.readouterr().out
    assert f"{CLERK}\t2026-03-02 09:00登记\t2026-03-02 09:00最近一次签署，此后口令有误1次" in out
    assert f"{LEADER}\t2026-03-02 09:00登记\t尚未签署" in out
    for officer in (CLERK, LEADER):
        enrolment.revoke(officer)
    assert main(["enrol"]) == 0
    assert "没有人登记" in capsys.readouterr().out


def test_only_listed_officers_are_enrolled(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = office.agency().model_copy(update={"officers": tuple(_officers())})
    monkeypatch.setattr(office, "agency", lambda: listed)
    with pytest.raises(enrolment.NotListed):
        list(enrolment.enrol("路人"))


def _officers() -> Iterator[object]:
    from models.agency.officers import Officer, Role

    yield Officer(name=CLERK, roles=tuple(Role))


# ── when codes are asked for ────────────────────────────────────────────────────────────────────
def test_codes_are_asked_for_once_somebody_is_enrolled(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signing.codes_on()
    for officer in (CLERK, LEADER):
        enrolment.revoke(officer)
    assert not signing.codes_on()
    monkeypatch.setenv(settings.CODES.name, "on")
    assert signing.codes_on()
    monkeypatch.setenv(settings.CODES.name, "maybe")
    with pytest.raises(settings.BadSetting):
        signing.codes_on()


def test_the_forms_ask_for_the_code_exactly_when_it_is_needed(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = receive(clock)
    for setting, asked in (("on", True), ("off", False)):
        monkeypatch.setenv(settings.CODES.name, setting)
        with office.reading() as session:
            schema = forms.point(session, case(number)).schema
        for tab in schema.get("anyOf", [schema]):
            fields = [name for name in tab["properties"] if name.endswith(CODE)]
            assert bool(fields) == asked, tab["title"]
            assert set(fields) <= set(tab["required"])


def test_a_submitted_form_is_read_with_its_code(clock: Clock) -> None:
    number = receive(clock)
    raw: dict[str, object] = {
        "received.received_on": "2026-03-02",
        "received.officer": CLERK,
        f"received.{CODE}": "123456",
    }
    answer = forms.read(raw, case(number))
    assert (answer.code, answer.officer) == ("123456", CLERK)
    assert CODE not in answer.fields


@pytest.mark.parametrize("name", OUR_FLOWS)
def test_every_form_with_an_officer_is_signed(name: str) -> None:
    parameters = inspect.signature(flow(name).fn).parameters
    assert (CODE in parameters) == ("officer" in parameters)


def test_no_act_has_a_field_of_that_name() -> None:
    assert not any(CODE in act.model_fields for act in ACTS.values())
