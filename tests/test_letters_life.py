"""What becomes of a letter: extended for, voided, withdrawn, handed over, returned, received."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from databases import empty_register
from histories import DRAFTER, HEAD, LAW, History, standing
from test_consulting import Office, only

from flows.installation.files import beside
from flows.keeping import letting_go
from flows.path import intake, recording
from flows.path.form_fields import By
from flows.path.recording import perform_now
from letters.letter.words import Letter
from models.acts.afterwards.delivery import (
    calendar_end,
    had_on,
    remedy_days,
    remedy_sentence,
    served_lines,
)
from models.acts.catalogue import lawful, replay
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.statute import Statute
from models.register import filed_letters, register
from models.register.counted_in_table3 import counted
from models.store.tables import Application


def office(stage: Stage, law: Statute = LAW) -> Office:
    """A case at that stage, on 2 March."""
    found = Office()
    usual = standing(stage)
    found.case, found.events, found.law = usual.case, usual.events, law
    return found


# ── extension (Art. 33; edge cases 8, 9, 13) ───────────────────────────────────────────────────


def test_an_extension_is_told_on_the_last_day_and_not_after_it():
    at = office(Stage.DRAFTING).on(date(2026, 3, 31))
    with pytest.raises(ActRefused, match="答复期限已于2026-03-30届满"):
        at.usual("extended")
    at.on(date(2026, 3, 30)).usual("extended")
    assert at.last_day() == date(2026, 4, 28)


def test_a_second_extension_is_refused_unless_practice_allows_a_total_of_twenty():
    at = office(Stage.DRAFTING)
    at.usual("extended", days=10)
    with pytest.raises(ActRefused, match="不得再次延期（条例第三十三条）"):
        at.usual("extended", days=10)
    assert at.last_day() == date(2026, 4, 14)
    at.law = LAW.under(second_extension="total")
    assert "合计最长不超过20个工作日" in only(at.refusals("extended", **_extension(11)))
    at.usual("extended", days=10)
    assert at.last_day() == date(2026, 4, 28)
    with pytest.raises(ActRefused, match="不得再次延期"):
        at.usual("extended", days=1)


def _extension(days: int) -> dict[str, object]:
    return {"told_on": date(2026, 3, 2), "days": days, "reasons": "甲", "consented_by": HEAD}


def test_an_extension_needs_the_consent_of_the_head_of_the_disclosure_office():
    at = office(Stage.DRAFTING)
    assert "负责人同意" in only(at.refusals("extended", **(_extension(10) | {"consented_by": " "})))


def test_a_correction_after_an_extension_starts_afresh_and_one_new_extension_is_possible():
    at = office(Stage.DRAFTING)
    at.usual("extended", days=20).usual("correction_requested").on(date(2026, 3, 12))
    at.usual("corrected").usual("found_ours")
    assert at.last_day() == date(2026, 4, 10)
    at.usual("extended", days=5)
    assert at.last_day() == date(2026, 4, 17)


def test_a_late_correction_notice_leaves_the_extension_in_force():
    at = office(Stage.DRAFTING)
    at.usual("extended", days=20).on(date(2026, 3, 16)).usual("correction_requested")
    at.on(date(2026, 3, 20)).usual("corrected").usual("found_ours")
    assert at.last_day() == date(2026, 4, 28)
    with pytest.raises(ActRefused, match="不得再次延期"):
        at.usual("extended", days=5)


# ── sending and handing over (edge cases 2, 3; 国办公开办函〔2016〕235号) ──────────────────────────


def test_a_reply_signed_in_time_and_handed_over_a_day_late_is_late():
    at = office(Stage.SIGNING).on(date(2026, 3, 30))
    at.usual("signed", HEAD).on(date(2026, 3, 31))
    at.usual("replied", delivery="in_person", handed_to="张三")
    found = at.case.deadline(LAW)
    assert found is not None
    assert (found.last_day, found.timely) == (date(2026, 3, 30), False)


def test_a_reply_posted_on_the_last_day_is_in_time_whenever_it_arrives():
    at = office(Stage.SIGNING).on(date(2026, 3, 30))
    at.usual("signed", HEAD).usual("replied", delivery="ems").on(date(2026, 4, 3))
    at.usual("letter_received")
    found = at.case.deadline(LAW)
    assert found is not None
    assert found.timely is True


def test_what_is_handed_over_is_signed_for_by_name_and_has_one_receipt():
    at = office(Stage.DISPATCH)
    sent = {"delivery": "in_person", "sent_on": at.today}
    assert "签收人" in only(at.refusals("replied", **sent))
    at.usual("replied", delivery="in_person", handed_to="张三")
    assert [one.kind for one in at.case.letters] == ["receipt", "reply", "service_receipt"]
    before = office(Stage.DISPATCH)
    before.usual("receipt_made_out", place="本机关接待室")
    assert "receipt_made_out" not in {act.kind for act in lawful(before.case, before.now())}
    before.usual("replied", delivery="in_person", handed_to="张三")
    assert [one.kind for one in before.case.letters] == ["receipt", "reply", "service_receipt"]


def test_what_is_posted_needs_no_receipt_of_ours():
    at = office(Stage.DISPATCH).usual("replied", delivery="ems")
    assert [one.kind for one in at.case.letters] == ["receipt", "reply"]


# ── voided before it is sent (edge case 43) ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("again", "stage"), [("drafting", Stage.DRAFTING), ("signing", Stage.SIGNING)]
)
def test_a_signed_letter_that_is_wrong_is_voided_and_its_number_stays(again, stage):
    at = office(Stage.DISPATCH)
    assert "作废原因" in only(at.refusals("letter_voided", reason=" ", again=again))
    at.usual("receipt_made_out").usual("letter_voided", again=again)
    assert at.case.stage is stage
    assert at.case.reply_letter() is None
    voided = [one.kind for one in at.case.letters if one.voided_on]
    assert voided == ["reply", "service_receipt"]
    if again == "drafting":
        at.draft("granted").usual("approved", HEAD)
    at.usual("signed", HEAD).usual("replied")
    numbers = [one.number for one in at.case.letters if one.kind == "reply"]
    assert len(set(numbers)) == 2
    assert [one.row for one in _results(at)] == ["3.1"]


def test_a_letter_that_was_sent_is_not_voided_but_withdrawn():
    at = office(Stage.CLOSED)
    with pytest.raises(ActRefused, match="已办结"):
        at.usual("letter_voided")
    at.usual("reply_withdrawn")
    assert at.case.stage is Stage.DRAFTING
    assert at.case.letters[-1].voided_on == at.today


# ── withdrawn after it was sent (edge case 43) ─────────────────────────────────────────────────


def _results(at: History, law: Statute = LAW):
    return [one.result for one in counted(at.case, law)]


def reissued(first: date, second: date, outcome: str = "not_existing") -> Office:
    """Received 2 March, granted on `first`, withdrawn next day, answered anew on `second`."""
    at = office(Stage.SIGNING).on(first)
    at.usual("signed", HEAD).usual("replied")
    at.on(date.fromordinal(first.toordinal() + 1)).usual("reply_withdrawn")
    at.on(second).draft(outcome).usual("approved", HEAD).usual("signed", HEAD).usual("replied")
    return at


def test_a_reply_given_anew_in_the_same_year_counts_once_by_the_last_result():
    at = reissued(date(2026, 3, 20), date(2026, 4, 2))
    assert [(one.on, one.row) for one in _results(at)] == [(date(2026, 4, 2), "3.4.1")]
    first = LAW.under(reissued_reply_count="first")
    assert [(one.on, one.row) for one in _results(at, first)] == [(date(2026, 3, 20), "3.1")]


@pytest.mark.parametrize("option", ["final", "first"])
def test_what_an_earlier_year_has_counted_stays(option):
    at = reissued(date(2026, 12, 30), date(2027, 1, 15))
    law = LAW.under(reissued_reply_count=option)
    assert [(one.on, one.row) for one in _results(at, law)] == [(date(2026, 12, 30), "3.1")]


def test_the_new_reply_has_its_own_limit_or_the_first_one_as_practice_says():
    for option, last in (("fresh", date(2026, 4, 21)), ("original", date(2026, 3, 30))):
        at = office(Stage.SIGNING, LAW.under(withdrawn_reply_limit=option)).on(date(2026, 3, 20))
        at.usual("signed", HEAD).usual("replied").on(date(2026, 3, 23)).usual("reply_withdrawn")
        assert at.last_day() == last


def test_withdrawing_states_reason_and_who_decided():
    at = office(Stage.CLOSED)
    asked = {"withdrawn_on": at.today, "reason": "甲", "decided_by": HEAD}
    assert "撤回的理由" in only(at.refusals("reply_withdrawn", **(asked | {"reason": " "})))
    assert "签发人" in only(at.refusals("reply_withdrawn", **(asked | {"decided_by": " "})))


def test_what_an_earlier_ledger_closed_has_no_letter_to_withdraw_or_serve():
    at = office(Stage.CLOSED)
    at.case.letters = []
    for kind in ("reply_withdrawn", "letter_returned", "served_again", "letter_received"):
        with pytest.raises(ActRefused, match="本件没有可以"):
            at.usual(kind)


# ── returned, sent again, received (edge case 42) ──────────────────────────────────────────────


def test_a_returned_letter_leaves_the_day_it_was_posted_and_the_closing():
    at = office(Stage.CLOSED).on(date(2026, 3, 20))
    at.usual("letter_returned").on(date(2026, 3, 24)).usual("served_again")
    at.on(date(2026, 3, 27)).usual("letter_received")
    assert at.case.stage is Stage.CLOSED
    assert at.case.closed_on == date(2026, 3, 2)
    found = at.case.deadline(LAW)
    assert found is not None
    assert found.timely is True
    assert had_on(at.case, LAW) == date(2026, 3, 27)


def test_the_time_for_remedies_runs_from_actual_receipt_and_is_unknown_before():
    at = office(Stage.CLOSED)
    assert remedy_days(at.case, LAW) is None
    at.on(date(2026, 8, 4)).usual("letter_received")
    found = remedy_days(at.case, LAW)
    assert found is not None
    assert (found.review.day, found.suit.day) == (date(2026, 10, 8), date(2027, 2, 4))


def test_who_takes_the_letter_by_hand_has_it_that_day():
    at = office(Stage.DISPATCH).usual("replied", delivery="in_person", handed_to="张三")
    assert had_on(at.case, LAW) == at.today
    with pytest.raises(ActRefused, match="已登记申请人于2026-03-02收到"):
        at.usual("letter_received")


def test_handing_a_returned_letter_over_makes_out_a_receipt_for_the_same_number():
    at = office(Stage.CLOSED).on(date(2026, 3, 20)).usual("letter_returned")
    asked = {"sent_on": at.today, "delivery": "in_person"}
    assert "签收人" in only(at.refusals("served_again", **asked))
    at.usual("served_again", delivery="in_person", handed_to="张三")
    assert at.case.letters[-1].kind == "service_receipt"
    assert at.case.reply_letter() is not None
    assert had_on(at.case, LAW) == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("letter_returned", {"returned_on": date(2026, 3, 1), "reason": "甲"}),
        ("served_again", {"sent_on": date(2026, 3, 1), "delivery": "ems", "proof": "1"}),
        ("letter_received", {"received_on": date(2026, 3, 1)}),
    ],
)
def test_nothing_comes_back_or_arrives_before_it_was_sent(kind, answer):
    assert "早于发出日期" in only(office(Stage.CLOSED).refusals(kind, **answer))


@pytest.mark.parametrize(
    ("start", "key", "last"),
    [
        (date(2026, 8, 31), "suit", date(2027, 3, 1)),  # no 31 February; the 28th is a Sunday
        (date(2026, 3, 2), "administrative_review", date(2026, 5, 6)),  # 1 May is a holiday
        (date(2026, 3, 3), "suit", date(2026, 9, 3)),
        (date(2026, 8, 4), "administrative_review", date(2026, 10, 8)),
        (date(2026, 3, 2), "reply", date(2026, 3, 30)),
    ],
)
def test_a_period_ends_on_its_day_and_never_on_a_day_of_rest(start, key, last):
    assert calendar_end(start, LAW.period(key, start), LAW).day == last


def test_the_history_of_a_letter_is_replayed_with_its_numbers():
    at = reissued(date(2026, 3, 20), date(2026, 4, 2))
    again = replay(at.case.number, at.events)
    assert [one.number for one in again.letters] == [one.number for one in at.case.letters]
    assert again == at.case


def test_only_facts_of_service_can_be_added_to_a_closed_case_by_any_officer():
    at = office(Stage.CLOSED)
    kinds = {act.kind for act in lawful(at.case, at.now(DRAFTER))}
    assert {"letter_returned", "served_again", "letter_received", "reply_withdrawn"} <= kinds
    assert not {"replied", "signed", "extended", "consultation_started"} & kinds


# ── in the register ────────────────────────────────────────────────────────────────────────────

PATH: list[tuple[str, dict[str, object], str]] = [
    ("received", {"received_on": "2026-03-02"}, DRAFTER),
    ("found_ours", {}, DRAFTER),
    ("drafted_unable", {"outcome": "not_existing", "search": "检索公文系统，未找到"}, DRAFTER),
    ("approved", {}, HEAD),
    ("signed", {"signed_on": "2026-03-02"}, HEAD),
]


@pytest.fixture
def number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A case in the register whose reply is signed."""
    with empty_register(tmp_path, monkeypatch):
        found = intake.receive(
            channel="当面提交",
            kind="自然人",
            applicant="张三",
            request="2025年专利资助名单",
            arrived_on=date(2026, 3, 2),
            officer=DRAFTER,
        ).number
        for step in PATH:
            perform(found, *step)
        yield found


def perform(number: str, kind: str, answer: dict[str, object], officer: str = DRAFTER) -> None:
    with recording.office.reading() as session:
        position = register.case(session, number).position
    done = recording.perform(number, position, kind, dict(answer), officer)
    assert (done.reasons, done.came_late) == ((), False)


def documents(number: str) -> list[tuple[str, date | None]]:
    with recording.office.reading() as session:
        found = filed_letters.documents(session, number)
        return [(one.number, one.voided_on) for one in found]


def row(number: str) -> Application:
    with recording.office.reading() as session:
        for found, columns in register.rebuilt(session, LAW):
            assert found.model_dump() == columns
        found = session.get(Application, number)
        assert found is not None
        return found


def files(number: str) -> list[str]:
    folder = recording.office.home() / "letters" / number
    return sorted(path.name for path in folder.iterdir())


def test_a_voided_number_is_not_used_again_and_its_file_says_that_it_is_void(number: str) -> None:
    perform(number, "letter_voided", {"reason": "印制有误", "again": "signing"})
    perform(number, "signed", {"signed_on": "2026-03-02"}, HEAD)
    perform(
        number, "replied", {"delivery": "ems", "sent_on": "2026-03-02", "proof": "1012345678901"}
    )
    today = date(2026, 3, 2)
    assert documents(number) == [
        ("沪知公开收〔2026〕1号", None),
        ("沪知公开告〔2026〕1号", today),
        ("沪知公开告〔2026〕2号", None),
    ]
    assert files(number) == [
        "沪知公开告〔2026〕1号（作废）.docx",
        "沪知公开告〔2026〕2号.docx",
        "沪知公开收〔2026〕1号.docx",
    ]
    assert (row(number).row, row(number).stage) == ("3.4.1", Stage.CLOSED)


def test_a_voided_letter_that_a_power_cut_left_as_it_was_is_taken_away(number: str) -> None:
    """Nobody is to send it: where both stand, the one that is not marked goes."""
    perform(number, "letter_voided", {"reason": "印制有误", "again": "signing"})
    folder = recording.office.home() / "letters" / number
    marked = folder / "沪知公开告〔2026〕1号（作废）.docx"
    (folder / "沪知公开告〔2026〕1号.docx").write_bytes(marked.read_bytes())
    recording.write_missing_letters(number)
    assert files(number) == [marked.name, "沪知公开收〔2026〕1号.docx"]


def test_what_a_power_cut_left_beside_a_whole_letter_goes_the_day_after(number: str) -> None:
    """Every later act writes a voided letter once more; cut there, no run of the case would see it."""
    perform(number, "letter_voided", {"reason": "印制有误", "again": "signing"})
    there, folder = files(number), recording.office.home() / "letters" / number
    marked = folder / "沪知公开告〔2026〕1号（作废）.docx"
    left = beside(marked, marked.read_bytes()[:3000], recording.office.home())
    assert files(number) == sorted([*there, left.name])
    written = datetime.fromtimestamp(left.stat().st_mtime, UTC)
    day, second = timedelta(days=1), timedelta(seconds=1)
    assert list(letting_go.half_written(written + day)) == []  # it may be on its way yet
    assert left.exists()
    assert list(letting_go.half_written(written + day + second)) == ["没有写完的文件，1个已删除"]
    assert files(number) == there


def test_a_withdrawn_reply_is_replaced_by_one_that_says_so(number: str) -> None:
    perform(
        number, "replied", {"delivery": "ems", "sent_on": "2026-03-02", "proof": "1012345678901"}
    )
    withdrawn = {"withdrawn_on": "2026-03-02", "reason": "检索有遗漏", "decided_by": HEAD}
    for _ in range(2):  # a run that is run again finds it done
        assert perform_now(number, "reply_withdrawn", withdrawn, By(DRAFTER)).position == 8
    perform(number, *PATH[2])
    perform(number, *PATH[3])
    perform(number, *PATH[4])
    with recording.office.reading() as session:
        letter = Letter.from_json(filed_letters.documents(session, number)[-1].letter)
    assert (
        "本机关曾于2026年3月2日作出答复（沪知公开告〔2026〕1号），因检索有遗漏，现予撤销，"
        "重新答复如下。"
    ) in letter.paragraphs[0].text
    assert row(number).closed_on is None
    perform(
        number, "replied", {"delivery": "ems", "sent_on": "2026-03-02", "proof": "1012345678901"}
    )
    assert row(number).row == "3.4.1"


def test_facts_of_service_are_recorded_on_a_closed_case_once(number: str) -> None:
    perform(
        number, "replied", {"delivery": "ems", "sent_on": "2026-03-02", "proof": "1012345678901"}
    )
    returned = {"returned_on": "2026-03-02", "reason": "查无此人"}
    for _ in range(2):
        assert perform_now(number, "letter_returned", returned, By(DRAFTER)).position == 8
    early = {"received_on": "2026-03-01"}
    with pytest.raises(ActRefused, match="早于发出日期"):
        perform_now(number, "letter_received", early, By(DRAFTER))
    case = perform_now(number, "letter_received", {"received_on": "2026-03-02"}, By(HEAD))
    assert remedy_sentence(case, LAW) == (
        "申请人于2026年3月2日收到；行政复议期限至2026年5月6日，直接起诉期限至2026年9月2日"
        "（复议前置的，应当先申请复议）"
    )


def test_the_officer_reads_what_became_of_a_reply() -> None:
    at = office(Stage.CLOSED).on(date(2026, 3, 20))
    at.usual("letter_returned").usual("served_again", proof="1234").usual("letter_received")
    assert served_lines(at.case) == [
        "2026年3月2日　邮政特快专递",
        "2026年3月20日　退回（查无此人）",
        "2026年3月20日　重新送达（邮政挂号信，1234）",
        "2026年3月20日　申请人实际收到",
    ]
