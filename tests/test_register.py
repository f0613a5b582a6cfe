"""The register: events are the truth, one act is one transaction, numbers have no gaps.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from threading import Barrier
from typing import Any, TypeVar

import pytest
from databases import empty_register
from sqlalchemy import text
from sqlmodel import col, select

from flows import office
from flows.keeping import verifying
from flows.path import forms, intake, recording
from flows.path.form_fields import By
from models.acts.catalogue import replay
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.case.stage import Stage
from models.errors import ActRefused, ConfigFault, ImpossibleHistory, NoSuchCase
from models.register import numbers_meant, refusals, register
from models.store.tables import Applicant, Application, Document, Event, Refusal
from models.words.days_told import told

ROOT = Path(__file__).resolve().parents[1]
DRAFTER, REVIEWER, SIGNER = "陈静", "李明", "王建国"
ELSEWHERE = {
    "responsible_agency": "国家知识产权局",
    "responsible_contact": "电话：010-00000000",
    "reasons": "该信息由国家知识产权局制作并保存",
}
PATH: list[tuple[str, dict[str, object], str]] = [
    ("received", {"received_on": "2026-03-02"}, DRAFTER),
    ("found_elsewhere", dict(ELSEWHERE), DRAFTER),
    ("drafted_unable", {"outcome": "not_ours", **ELSEWHERE}, DRAFTER),
    ("sent_back", {"comment": "请核对联系方式"}, REVIEWER),
    ("drafted_unable", {"outcome": "not_ours", **ELSEWHERE}, DRAFTER),
    ("approved", {"comment": ""}, REVIEWER),
    ("signed", {"signed_on": "2026-03-02"}, SIGNER),
    ("replied", {"delivery": "ems", "sent_on": "2026-03-02", "proof": "1012345678901"}, DRAFTER),
]
"""From receipt to closing: what is submitted at each position, and by whom."""

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def receive(**changed: Any) -> str:
    asked = {
        "channel": "当面提交",
        "kind": "自然人",
        "applicant": "周晓岚",
        "request": "某商标注册申请的全部档案材料",
        "arrived_on": date(2026, 3, 2),
        "officer": DRAFTER,
    }
    return intake.receive(**(asked | changed)).number


def advance(number: str, *, steps: int = len(PATH)) -> None:
    """Take a case through the first `steps` acts of the path."""
    for position, (kind, answer, officer) in enumerate(PATH[:steps], 1):
        done = recording.perform(number, position, kind, dict(answer), officer)
        assert (done.reasons, done.came_late) == ((), False)


def submitting(number: str, position: int, by: str = "") -> Callable[[], recording.Recorded]:
    """Submit what the path says for a position, when called."""
    kind, answer, officer = PATH[position - 1]
    return lambda: recording.perform(number, position, kind, dict(answer), by or officer)


def row(number: str) -> dict[str, Any]:
    with office.reading() as session:
        found = session.get(Application, number)
        assert found is not None
        return found.model_dump()


def stored(model: type[T]) -> list[T]:
    with office.reading() as session:
        return list(session.exec(select(model)))


def at_once(*doings: Callable[[], T]) -> list[T]:
    """Do things in threads that start at the same moment."""
    together = Barrier(len(doings))

    def start(doing: Callable[[], T]) -> T:
        together.wait()
        return doing()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(start, doings))


# ── events are the truth ──────────────────────────────────────────────────────────────────────


def test_every_register_row_is_what_its_events_add_up_to() -> None:
    for steps in range(len(PATH) + 1):
        advance(receive(), steps=steps)
    with office.reading() as session:
        found = [
            (r.model_dump(), columns) for r, columns in register.rebuilt(session, office.law())
        ]
    assert len(found) == len(PATH) + 1
    assert [r["stage"] for r, _ in found] == [
        *(Stage.CONFIRMING, Stage.JURISDICTION, Stage.DRAFTING, Stage.REVIEW, Stage.DRAFTING),
        *(Stage.REVIEW, Stage.SIGNING, Stage.DISPATCH, Stage.CLOSED),
    ]
    assert all(r == columns for r, columns in found)


def test_a_spoilt_row_is_written_anew_from_the_events() -> None:
    number = receive()
    advance(number)
    before = row(number)
    with office.writing() as session:
        session.execute(
            text("UPDATE application SET stage = '待起草', closed_on = NULL, applicant = '谁'")
        )
    assert row(number) != before
    with office.writing() as session:
        assert register.rebuild(session, office.law()) == 1
    assert row(number) == before
    with office.writing() as session:
        assert register.rebuild(session, office.law()) == 0


def test_an_act_leaves_the_earlier_events_as_they_are() -> None:
    number = receive()
    seen: list[dict[str, Any]] = []
    for position, (kind, answer, officer) in enumerate(PATH, 1):
        recording.perform(number, position, kind, dict(answer), officer)
        with office.reading() as session:
            events = [event.model_dump() for event in register.events(session, number)]
        assert events[: len(seen)] == seen
        assert [event["position"] for event in events] == list(range(position + 1))
        seen = events


def test_a_missing_event_is_not_passed_over() -> None:
    number = receive()
    advance(number, steps=4)
    with office.reading() as session:
        events = list(register.events(session, number))
    with pytest.raises(ImpossibleHistory, match="第 2 步缺失"):
        replay(number, events[:2] + events[3:])


def test_every_event_says_who_when_and_under_which_article() -> None:
    number = receive()
    advance(number)
    with office.reading() as session:
        events = register.events(session, number)
    assert [event.officer for event in events] == [DRAFTER, *(officer for _, _, officer in PATH)]
    assert {event.recorded_on for event in events} == {date(2026, 3, 2)}
    assert [event.article for event in events] == (
        ["29", "31", "36(5)", "36", "45", "36", "45", "45", "33"]
    )


def test_a_number_that_nobody_has_is_said() -> None:
    with pytest.raises(NoSuchCase, match="SQ202699999"):
        recording.perform("SQ202699999", 1, "received", {"received_on": "2026-03-02"}, DRAFTER)


# ── one act, one transaction ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("position", range(1, len(PATH) + 1))
def test_the_same_answer_twice_is_one_act(position: int) -> None:
    number = receive()
    advance(number, steps=position)
    kind, answer, officer = PATH[position - 1]
    letters, before = stored(Document), row(number)
    again = recording.perform(number, position, kind, dict(answer), officer)
    assert again.came_late
    assert (again.reasons, again.case.position) == ((), position + 1)
    assert row(number) == before
    assert len(stored(Event)) == position + 1
    assert stored(Document) == letters
    assert stored(Refusal) == []


def test_of_two_officers_at_the_same_form_one_is_recorded_and_the_other_told() -> None:
    for _ in range(5):
        number = receive()
        advance(number, steps=2)
        first, second = at_once(
            submitting(number, 3, by=DRAFTER), submitting(number, 3, by=REVIEWER)
        )
        assert sorted([first.came_late, second.came_late]) == [False, True]
        winner = REVIEWER if first.came_late else DRAFTER
        with office.reading() as session:
            events = register.events(session, number)
        assert [event.kind for event in events[3:]] == ["drafted_unable"]
        assert events[3].officer == winner


def test_of_two_different_acts_at_the_same_point_one_is_recorded() -> None:
    for _ in range(5):
        number = receive()
        advance(number, steps=5)
        approved, sent_back = at_once(
            lambda n=number: recording.perform(n, 6, "approved", {}, REVIEWER),
            lambda n=number: recording.perform(n, 6, "sent_back", {"comment": "再改"}, SIGNER),
        )
        assert approved.came_late != sent_back.came_late
        assert row(number)["stage"] == (Stage.DRAFTING if approved.came_late else Stage.SIGNING)
        assert row(number)["position"] == 7


def test_a_signature_given_twice_at_once_takes_one_document_number() -> None:
    for _ in range(5):
        number = receive()
        advance(number, steps=6)
        at_once(*[submitting(number, 7)] * 2)
    assert serials("reply") == [1, 2, 3, 4, 5]


def test_what_fails_while_an_act_is_recorded_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = receive()
    advance(number, steps=6)
    before = row(number)

    def fails(*_: object) -> None:
        raise RuntimeError("电源中断")

    with monkeypatch.context() as broken:
        broken.setattr(recording, "letter_of", fails)
        with pytest.raises(RuntimeError):
            recording.perform(number, 7, "signed", {"signed_on": "2026-03-02"}, SIGNER)
    assert row(number) == before
    assert serials("reply") == []
    assert not submitting(number, 7)().came_late
    assert serials("reply") == [1]


def test_a_process_killed_inside_a_transaction_leaves_no_trace() -> None:
    number = receive()
    advance(number, steps=6)
    before = row(number)
    killed = python(f"""
        import os
        from flows.path import recording
        recording.letter_of = lambda *_: os.kill(os.getpid(), 9)
        recording.perform({number!r}, 7, "signed", {{"signed_on": "2026-03-02"}}, {SIGNER!r})
    """)
    assert killed.wait() == -9
    assert row(number) == before
    assert not submitting(number, 7)().came_late
    assert serials("reply") == [1]


def test_letters_can_be_written_again_to_the_byte() -> None:
    number = receive()
    advance(number)
    folder = office.home() / "letters" / number
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(written) == 2
    for path in folder.iterdir():
        path.unlink()
    recording.write_letters(number)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written


@pytest.mark.parametrize("left", [0, 3000, -1])
def test_a_letter_that_the_disk_did_not_keep_whole_is_named_and_written_again(left: int) -> None:
    """Cut off, or with a byte turned; by the case's run, or the next morning where it is closed."""
    number = receive()
    advance(number)
    path = next((office.home() / "letters" / number).iterdir())
    whole = path.read_bytes()
    turned = len(whole) // 2
    torn = whole[:left] if left >= 0 else whole[:turned] + b"?" + whole[turned + 1 :]
    path.write_bytes(torn)
    assert recording.damaged_letters() == [f"文书 {path.stem} 的文件不完整：{path}"]
    recording.write_missing_letters(number)
    assert path.read_bytes() == whole
    path.write_bytes(torn)
    assert list(recording.mended_letters()) == [
        f"文书 {path.stem} 的文件不完整，已按登记簿重新写出"
    ]
    assert path.read_bytes() == whole
    assert recording.damaged_letters() == []


def test_an_old_letter_is_read_through_once_in_thirty_mornings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten years of letters are too many to be read each day; a young one is read every morning."""
    number = receive()
    advance(number)
    path = next((office.home() / "letters" / number).iterdir())
    whole, written = path.read_bytes(), datetime(2026, 3, 2, 9, tzinfo=UTC)
    mended = []
    for days in (*range(1, 31), *range(100, 130)):
        path.write_bytes(whole[:3000])
        os.utime(path, (written.timestamp(), written.timestamp()))
        monkeypatch.setattr(office, "today", lambda days=days: written.date() + timedelta(days))
        if list(recording.mended_letters()):
            mended.append(days)
            assert path.read_bytes() == whole
    assert mended[:30] == list(range(1, 31))
    assert len(mended) == 31


def python(code: str) -> subprocess.Popen[bytes]:
    """Another process of this installation."""
    return subprocess.Popen([sys.executable, "-c", dedent(code)], cwd=ROOT)


# ── numbers ───────────────────────────────────────────────────────────────────────────────────


def serials(series: str, year: int = 2026) -> list[int]:
    return sorted(d.serial for d in stored(Document) if (d.series, d.year) == (series, year))


def test_case_numbers_have_no_gaps_and_no_reuse_when_many_arrive_at_once() -> None:
    found = at_once(*[receive] * 12)
    assert sorted(found) == [f"SQ2026{serial:05d}" for serial in range(1, 13)]


def test_document_numbers_have_no_gaps_and_no_reuse_when_many_sign_at_once() -> None:
    numbers = [receive() for _ in range(8)]
    for number in numbers:
        advance(number, steps=6)
    at_once(*(submitting(number, 7) for number in numbers))
    assert serials("reply") == list(range(1, 9))
    assert serials("receipt") == list(range(1, 9))
    assert len({document.number for document in stored(Document)}) == 16


def test_numbers_have_no_gaps_when_processes_race() -> None:
    numbers = [receive() for _ in range(8)]
    racers = [
        python(f"""
            from flows.path import intake, recording
            for number in {numbers[start::2]!r}:
                recording.perform(number, 1, "received", {{"received_on": "2026-03-02"}}, "陈静")
                intake.receive(
                    channel="当面", kind="其他", applicant="甲", request="乙", arrived_on=None
                )
        """)
        for start in (0, 1)
    ]
    assert [racer.wait() for racer in racers] == [0, 0]
    assert serials("receipt") == list(range(1, 9))
    expected = [f"SQ2026{n:05d}" for n in range(1, 17)]
    assert sorted(r.number for r in stored(Application)) == expected


def test_a_number_allotted_in_a_transaction_that_is_rolled_back_is_given_back() -> None:
    receive()
    with office.writing() as session:
        assert register.allot(session, register.APPLICATION_SERIES, 2026) == 2
        session.rollback()
    assert receive() == "SQ202600002"


def test_each_year_and_each_series_counts_from_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert receive(arrived_on=date(2025, 12, 31)) == "SQ202500001"
    assert receive() == "SQ202600001"
    advance("SQ202600001")
    assert (serials("receipt"), serials("reply")) == ([1], [1])
    monkeypatch.setenv("DISCLOSURE_TODAY", "2027-01-04")
    later = receive(arrived_on=date(2027, 1, 4))
    recording.perform(later, 1, "received", {"received_on": "2027-01-04"}, DRAFTER)
    assert serials("receipt", 2027) == [1]


def test_a_number_that_a_ledger_has_given_is_not_given_again() -> None:
    with office.writing() as session:
        register.take_over(
            session,
            [
                (Applicant(case_number=number), (asked(), ImportedReceipt(received_on=TODAY)))
                for number in ("SQ202600001", "SQ202600002", "SQ202600004")
            ],
            office.circumstances("台账导入"),
            office.now(),
        )
    assert [receive(), receive()] == ["SQ202600003", "SQ202600005"]


def with_codes(folder: Path, monkeypatch: pytest.MonkeyPatch, **codes: str) -> None:
    """The office under a config/ of its own, in which these series bear these 代字."""
    if not folder.exists():
        shutil.copytree(ROOT / "config", folder)
    path = folder / "office" / "agency.toml"
    words = path.read_text(encoding="utf-8")
    for series, code in codes.items():
        words = re.sub(rf'(?m)^{series} = ".*"$', f'{series} = "{code}"', words)
    path.write_text(words, encoding="utf-8")
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(folder))
    office.close()


def written() -> list[str]:
    return sorted((d.number for d in stored(Document)), key=lambda one: (one[:2], len(one), one))


def test_series_of_one_code_are_counted_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_codes(tmp_path / "own", monkeypatch, receipt="沪信公开", reply="沪信公开")
    for _ in range(3):
        advance(receive())
    assert written() == [f"沪信公开〔2026〕{n}号" for n in range(1, 7)]
    assert (serials("receipt"), serials("reply")) == ([1, 3, 5], [2, 4, 6])
    assert verifying.verify().faults == ()


def test_numbers_of_one_code_have_no_twin_when_many_sign_and_arrive_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_codes(tmp_path / "own", monkeypatch, receipt="沪信公开", reply="沪信公开")
    numbers = [receive() for _ in range(8)]
    for number in numbers[:4]:
        advance(number, steps=6)
    signing = [submitting(number, 7) for number in numbers[:4]]
    at_once(*signing, *(submitting(number, 1) for number in numbers[4:]))
    assert written() == [f"沪信公开〔2026〕{n}号" for n in range(1, 13)]


def test_an_agency_takes_one_code_for_all_and_leaves_it_again_within_a_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    advance(receive())
    advance(receive())
    with_codes(own, monkeypatch, receipt="沪知公开告")
    advance(receive())
    with_codes(own, monkeypatch, receipt="沪知公开收")
    advance(receive())
    assert written() == [
        *(f"沪知公开告〔2026〕{n}号" for n in range(1, 6)),
        *(f"沪知公开收〔2026〕{n}号" for n in (1, 2, 5)),
    ]
    assert verifying.verify().faults == ()
    with office.writing() as session:
        session.execute(text("DELETE FROM document WHERE number = '沪知公开收〔2026〕5号'"))
    assert any("没有保存的内容" in fault for fault in verifying.verify().faults)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ({"reply": ""}, "reply 应写机关代字（不留空"),
        ({"reply": " "}, "reply 应写机关代字"),
        ({"reply": "沪知公开告〔2026〕"}, "reply 应写机关代字"),
        ({"review": "SQ{year}{serial:05d}"}, "review 有误：与 case_number 相同"),
        ({"review": "GZ{year}{serial:03d}"}, "records_correction 有误：与 review 相同"),
    ],
)
def test_a_code_that_would_give_no_number_or_one_twice_is_refused_in_words(
    codes: dict[str, str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_codes(tmp_path / "own", monkeypatch, **codes)
    with pytest.raises(ConfigFault, match=re.escape(words)):
        office.agency()


TODAY = date(2026, 3, 2)


def asked() -> Register:
    return Register(
        channel="in_person",
        arrived_on=TODAY,
        applicant_kind="自然人",
        applicant="周晓岚",
        request="某商标注册申请的全部档案材料",
    )


# ── what is taken over ────────────────────────────────────────────────────────────────────────


def test_what_is_taken_over_adds_up_like_what_was_recorded() -> None:
    result = ImportedResult(row="3.4.1", closed_on=date(2026, 3, 2))
    with office.writing() as session:
        register.take_over(
            session,
            [
                (Applicant(case_number="旧1"), (asked(), ImportedReceipt(received_on=TODAY))),
                (
                    Applicant(case_number="旧2", contact="电话"),
                    (asked(), ImportedReceipt(received_on=TODAY), result),
                ),
            ],
            office.circumstances("台账导入"),
            office.now(),
        )
    with office.reading() as session:
        assert numbers_meant.known(session, ["旧1", "旧2", "旧3"]) == {"旧1", "旧2"}
        assert register.applicant(session, "旧2").contact == "电话"
        for r, columns in register.rebuilt(session, office.law()):
            assert r.model_dump() == columns
    assert (row("旧2")["row"], row("旧2")["stage"]) == ("3.4.1", Stage.CLOSED)
    recording.perform("旧1", 2, "found_ours", {}, DRAFTER)
    assert row("旧1")["stage"] == Stage.DRAFTING


# ── one submission, one application ───────────────────────────────────────────────────────────


def test_the_same_submission_taken_in_twice_is_one_application() -> None:
    first, again = receive(submission="run-1"), receive(submission="run-1")
    other = receive(submission="run-2")
    assert (first, again, other) == ("SQ202600001", "SQ202600001", "SQ202600002")


def test_the_same_submission_taken_in_at_once_is_one_application() -> None:
    for n in range(5):
        found = at_once(*[lambda n=n: receive(submission=f"run-{n}")] * 3)
        assert len(set(found)) == 1
    assert len(stored(Application)) == len(stored(Applicant)) == 5
    assert sorted(r.number for r in stored(Application))[-1] == "SQ202600005"


def test_an_application_that_is_refused_takes_no_number() -> None:
    with pytest.raises(ActRefused, match="到件日期"):
        receive(arrived_on=date(2026, 3, 3))
    assert receive() == "SQ202600001"


@pytest.mark.parametrize("field", ["applicant", "request", "contact", "identity", "address"])
@pytest.mark.parametrize("character", ["\x00", "\ud800", "\u202e"])
def test_what_no_register_can_hold_is_refused_by_name(field: str, character: str) -> None:
    with pytest.raises(ActRefused, match=r"第2个字符是不可见的控制字符|含有不是文字的字符"):
        receive(**{field: f"甲{character}"})
    assert stored(Application) == []


def test_the_officers_name_must_be_one_that_can_be_kept() -> None:
    with pytest.raises(ActRefused, match="“办理人”最多60个字"):
        receive(officer="陈" * 61)
    number = receive(officer="陈" * 60)
    done = recording.perform(number, 1, "received", {"received_on": "2026-03-02"}, "陈\x00" * 40)
    assert len(done.reasons) == 2
    assert row(number)["position"] == 1


# ── refusals ──────────────────────────────────────────────────────────────────────────────────


def test_a_refused_answer_is_kept_with_its_reason_and_changes_nothing() -> None:
    number = receive()
    before = row(number)
    for attempt, day in enumerate(("2026-03-03", "2026-03-01", "明天")):
        done = recording.perform(number, 1, "received", {"received_on": day}, DRAFTER)
        assert done.reasons
        with office.reading() as session:
            case = register.case(session, number)
            last = refusals.last(session, case)
            assert refusals.so_far(session, case) == attempt + 1
        assert last is not None
        assert (last.attempt, last.reason) == (attempt, told(done.reasons))
        assert (last.officer, last.kind) == (DRAFTER, "received")
    assert row(number) == before
    assert serials("receipt") == []


def test_what_another_form_is_refused_leaves_the_cases_own_form_as_it_is() -> None:
    """Whoever has the case's form before him is not asked once more for what somebody else's form, an
    order to answer again or a correction of the register, was refused.
    """
    number = receive()
    with office.reading() as session:
        before = forms.key(session, register.case(session, number))
    with pytest.raises(ActRefused):
        recording.perform_now(number, "erratum", {"entries": ["没有这一项"]}, By(DRAFTER, ""))
    with office.reading() as session:
        assert forms.key(session, register.case(session, number)) == before
    assert stored(Refusal) == []


def test_refusals_belong_to_their_point() -> None:
    number = receive()
    recording.perform(number, 1, "received", {"received_on": "2026-03-03"}, DRAFTER)
    advance(number, steps=1)
    with office.reading() as session:
        case = register.case(session, number)
        assert refusals.last(session, case) is None
        assert len(session.exec(select(Refusal)).all()) == 1


def test_a_senseless_answer_that_comes_late_is_not_held_against_the_next_point() -> None:
    number = receive()
    advance(number, steps=1)
    late = recording.perform(number, 1, "received", {"received_on": "明天"}, DRAFTER)
    assert (late.came_late, late.reasons) == (True, ())
    assert stored(Refusal) == []


def test_refusals_at_once_are_all_kept() -> None:
    number = receive()
    at_once(*[lambda: recording.perform(number, 1, "received", {}, DRAFTER)] * 4)
    with office.reading() as session:
        found = session.exec(select(Refusal).order_by(col(Refusal.attempt))).all()
    assert [refusal.attempt for refusal in found] == [0, 1, 2, 3]


def test_any_answer_at_all_is_recorded_or_refused() -> None:
    number = receive()
    for kind, answer in (
        ("\x00" * 100, {}),
        ("received", {"received_on": ["2026-03-02"]}),
        ("received", {"received_on": "2026-03-02", "\x00": "\ud800"}),
        ("imported_result", {"row": "3.1", "closed_on": "2026-03-02"}),
        ("found_ours", {"note": "\x00"}),
        ("approved", {"comment": "甲" * 3000}),
    ):
        done = recording.perform(number, 1, kind, dict(answer), "甲\x00" * 99)
        assert done.reasons
    assert len(stored(Refusal)) == 6
    assert row(number)["position"] == 1
