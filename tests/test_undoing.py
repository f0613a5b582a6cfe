"""The last step is taken back by one more act, until somebody else acted, a number was allotted or ten
minutes passed (Art. 45): the case stands where it stood, and nothing is lost from the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from histories import DRAFTER, HEAD, LAW, History, particulars, standing
from histories_at_random import what_stands

from flows import office
from flows.path import forms, recording
from flows.path.form_fields import By
from flows.shown.dossier import dossier
from models.acts import catalogue
from models.acts.afterwards.undoing import Undo, last_step
from models.alerts.due_alerts import read
from models.case.case import UNDO, Case
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.dated_rows import DatedRows
from models.neighbours import publication
from models.neighbours.publication import Screen
from models.register import filed_letters, register
from models.register.counted_in_table3 import lines
from models.register.open_cases import letters_returned, open_cases
from models.soundness import integrity
from models.year import year_end
from tests.databases import empty_register
from tests.our_pages import CLERK, confirmed, done, received

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def undone(history: History, officer: str = "") -> History:
    place = last_step(history.case)
    return history.act(UNDO, officer or history.case.steps[place].officer, step=place + 1)


# ── the case stands where it stood ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (Stage.CONFIRMING, "contact_tried"),
        (Stage.CONFIRMING, "entry_struck"),
        (Stage.JURISDICTION, "found_ours"),
        (Stage.JURISDICTION, "found_elsewhere"),
        (Stage.JURISDICTION, "records_asked"),
        (Stage.CORRECTION, "correction_delivered"),
        (Stage.CORRECTION, "corrected"),
        (Stage.FEE, "fee_paid"),
        (Stage.FEE, "fee_cancelled"),
        (Stage.DRAFTING, "drafted_granted"),
        (Stage.DRAFTING, "assigned"),
        (Stage.REVIEW, "approved"),
        (Stage.REVIEW, "revised"),
        (Stage.SECRECY, "secrecy_cleared"),
        (Stage.SIGNING, "sent_back"),
        (Stage.DISPATCH, "letter_voided"),
        (Stage.DISPATCH, "replied"),
        (Stage.CLOSED, "letter_returned"),
        (Stage.CLOSED, "reply_withdrawn"),
        (Stage.CLOSED, "redecision_ordered"),
    ],
)
def test_undone_the_case_its_limit_and_its_count_are_as_before(stage: Stage, kind: str) -> None:
    history = standing(stage)
    before = catalogue.replay(history.case.number, history.events)
    undone(history.usual(kind))
    after = history.case
    assert what_stands(after) == what_stands(before)
    assert after.deadline(LAW) == before.deadline(LAW)
    assert lines(after, LAW) == lines(before, LAW)
    assert after.position == before.position + 2
    assert [step.act.kind for step in after.steps][-2:] == [kind, UNDO]
    assert after.steps[-2].undone
    assert catalogue.replay(after.number, history.events) == after
    assert history.usual(kind).case.stage is not None  # it can be done again, rightly


def test_one_step_after_another_may_be_undone() -> None:
    history = standing(Stage.JURISDICTION)
    before = catalogue.replay(history.case.number, history.events)
    history.usual("found_ours").draft("granted")
    undone(undone(history, DRAFTER), DRAFTER)
    assert what_stands(history.case) == what_stands(before)
    assert last_step(history.case) == 1


def test_what_is_put_right_later_counts_without_what_was_undone() -> None:
    history = History(date(2026, 3, 2), "other_office").usual("contact_tried")
    undone(history).usual("received")
    history.act("erratum", HEAD, entries=("0.applicant",), value="张珊", reason="核对信封")
    assert (history.case.applicant, history.case.contacts) == ("张珊", [])
    [reason] = history.refusals("erratum", HEAD, entries=("1.tried_on",), value="2026-02-27",
                                reason="核对信封")  # fmt: skip
    assert "没有这一步" in reason


# ── until when, and by whom ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("after", "open_still"),
    [(10 * MINUTE - SECOND, True), (10 * MINUTE, True), (10 * MINUTE + SECOND, False)],
)
def test_until_ten_minutes_have_passed(after: timedelta, *, open_still: bool) -> None:
    history = standing(Stage.DRAFTING)
    at = history.case.steps[-1].recorded_at
    assert at is not None
    reason = Undo.barred(history.case, replace(history.now(), moment=at + after))
    if open_still:
        assert reason is None
    else:
        assert reason is not None
        assert "登记已满10分钟，不能撤销；登记有误的，办理勘误（条例第四十五条）" in reason


def test_the_minutes_are_the_offices_own() -> None:
    history = standing(Stage.DRAFTING)
    at = history.case.steps[-1].recorded_at
    assert at is not None
    row = LAW.figure("undo", history.today).model_copy(update={"minutes": 3})
    history.law = replace(LAW, figures=DatedRows((*LAW.figures, row)))
    assert Undo.barred(history.case, replace(history.now(), moment=at + 3 * MINUTE)) is None
    late = Undo.barred(history.case, replace(history.now(), moment=at + 3 * MINUTE + SECOND))
    assert "登记已满3分钟" in str(late)


@pytest.mark.parametrize(
    ("officer", "why"),
    [("李起草", None), ("李 起草\u200b", None), ("王主任", "是李起草办理的，只能由本人撤销")],
)
def test_by_whoever_did_it(officer: str, why: str | None) -> None:
    found = Undo.barred(standing(Stage.DRAFTING).case, standing(Stage.DRAFTING).now(officer))
    assert (why in str(found)) if why else found is None


def test_not_once_somebody_else_has_acted_though_that_was_undone() -> None:
    history = standing(Stage.REVIEW).usual("approved")
    undone(history)
    [reason] = history.refusals(UNDO, DRAFTER, step=4)
    assert "第4步“予以公开”之后，王主任已经办理过本件，不能撤销" in reason


@pytest.mark.parametrize(
    ("stage", "why"),
    [
        (Stage.CONFIRMING, "第1步“登记申请”不能撤销：登记时已经编了申请编号"),
        (Stage.JURISDICTION, r"第2步“确认收到申请”已经编了文号（沪知公开〔2026〕1号），不能撤销"),
        (Stage.CORRECTION, "第3步“告知补正”已经编了文号"),
        (Stage.DISPATCH, r"已经编了文号（.*），不能撤销；文书有误的，作废后重新制作"),
    ],
)
def test_not_where_a_number_was_allotted(stage: Stage, why: str) -> None:
    history = standing(stage)
    officer = history.case.steps[-1].officer
    [reason] = history.refusals(UNDO, officer, step=len(history.case.steps))
    assert re.search(why, reason), reason


def test_what_has_another_way_back_is_led_there() -> None:
    put_right = standing(Stage.DRAFTING).usual("erratum", HEAD)
    assert "勘误有误的，再办理一次勘误" in str(Undo.barred(put_right.case, put_right.now(HEAD)))
    ordered = standing(Stage.CLOSED).usual("redecision_ordered", review="FY202600001")
    assert "随复议诉讼案件FY202600001登记的" in str(Undo.barred(ordered.case, ordered.now()))
    divided = standing(Stage.JURISDICTION).usual("split")
    assert "拆分出的申请已经编了申请编号" in str(Undo.barred(divided.case, divided.now()))


def test_only_the_last_step() -> None:
    history = standing(Stage.REVIEW)
    [reason] = history.refusals(UNDO, DRAFTER, step=3)
    assert reason.startswith("第3步不是最后一步，最后一步是第4步")


def test_an_order_struck_out_with_its_review_is_the_last_step_again_once_what_followed_is_undone() -> (
    None
):
    history = standing(Stage.CLOSED).usual("redecision_ordered", review="FY202600001")
    undone(history.usual("assigned")).usual("redecision_undone")
    assert history.case.stage is Stage.CLOSED


# ── alerts ──────────────────────────────────────────────────────────────────────────────────────
def test_a_duty_is_as_old_as_it_was() -> None:
    history = standing(Stage.DISPATCH)
    since = read(history.case.number, history.events, LAW).duties
    history.today += timedelta(days=7)
    undone(history.usual("replied"))
    assert read(history.case.number, history.events, LAW).duties == since


# ── in the register ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    with empty_register(tmp_path, monkeypatch):
        yield lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """The clock goes on."""
    now = office.now

    def goes_on(by: timedelta) -> None:
        monkeypatch.setattr(office, "now", lambda: now() + by)

    return goes_on


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def undo(number: str, officer: str = CLERK) -> Case:
    fields = {"step": last_step(case(number)) + 1}
    return recording.perform_now(number, UNDO, dict(fields), By(officer))


def drafted(number: str) -> None:
    confirmed(number)
    done(number, "found_ours")
    draft = {"outcome": "already_public", "information": "名单", "whereabouts": "本机关网站"}
    done(number, "drafted_granted", **draft)


def closed(number: str) -> None:
    drafted(number)
    done(number, "approved", HEAD)
    done(number, "signed", HEAD, signed_on=office.today())
    done(number, "replied", sent_on=office.today(), delivery="ems", proof="1012345678901")


def test_it_is_one_act_more_and_the_register_proves_itself(on: Callable[[str], None]) -> None:
    number = received()
    drafted(number)
    before = case(number)
    done(number, "assigned", handler="赵敏")
    assert undo(number).officer == before.officer
    again = recording.perform_now(number, UNDO, {"step": 5}, By(CLERK))  # the run is run again
    assert again.position == before.position + 2
    with office.reading() as session:
        assert list(integrity.faults(session, office.law(), office.agency())) == []
        told = dossier(session, number, office.circumstances("")).text()
        row = register.row(session, number)
    assert re.search(r"\n  5\. .*　已撤销\n", told)
    assert told.count("已撤销") == 1
    assert "撤销的步骤：第5步" in told
    assert (row.officer, row.stage) == (before.officer, str(Stage.REVIEW))


@pytest.mark.parametrize(("after", "taken"), [(10 * MINUTE - SECOND, True), (11 * MINUTE, False)])
def test_the_minutes_run_from_the_moment_it_was_recorded(
    on: Callable[[str], None], later: Callable[[timedelta], None], after: timedelta, *, taken: bool
) -> None:
    number = received()
    drafted(number)
    later(after)
    if taken:
        assert undo(number).stage is Stage.DRAFTING
    else:
        with pytest.raises(ActRefused, match="登记已满10分钟"):
            undo(number)


def test_the_form_comes_back_with_what_was_typed(on: Callable[[str], None]) -> None:
    number = received()
    drafted(number)
    found = undo(number)
    with office.reading() as session:
        point = forms.point(session, found)
    assert point.description.startswith("刚才的“予以公开”已撤销，所填内容还在表单上。")
    first = point.schema["anyOf"][0]["properties"]
    assert first["drafted_granted.whereabouts"]["default"] == "本机关网站"


def test_undone_across_midnight_a_report_as_of_the_day_before_counts_what_was_known(
    on: Callable[[str], None],
) -> None:
    on("2025-12-31")
    number = received()
    done(number, "received", received_on=office.today())
    done(number, "found_ours")
    draft = {"outcome": "already_public", "information": "名单", "whereabouts": "本机关网站"}
    done(number, "drafted_granted", **draft)
    done(number, "approved", HEAD)
    done(number, "signed", HEAD, signed_on=office.today())
    done(number, "replied", sent_on=office.today(), delivery="ems", proof="1012345678901")

    def results(as_of: date) -> list[date | None]:
        with office.reading() as session:
            found = year_end.case_lines(session, 2025, as_of, office.law())
        return [one.closed_on for one in found]

    then = date(2025, 12, 31)
    assert results(then) == [then]
    on("2026-01-01")
    assert undo(number).stage is Stage.DISPATCH
    assert results(then) == [then]
    assert results(date(2026, 1, 1)) == [None]


def test_a_fee_that_was_undone_was_not_collected(on: Callable[[str], None]) -> None:
    number = received()
    confirmed(number)
    done(number, "found_ours")
    done(number, "fee_noticed", excess="一个月内11件", standard="by_piece", before=10,
         before_reason="另有10件在启用登记簿以前提出", payment="扫码", noticed_on=office.today())  # fmt: skip
    done(number, "fee_paid", amount=100, paid_on=office.today())

    def paid() -> int:
        with office.reading() as session:
            year = office.today().year
            return year_end.fees_of(session, year, office.today(), office.law()).paid

    assert paid() == 100
    assert undo(number).stage is Stage.FEE
    assert paid() == 0


def test_a_letter_whose_voiding_was_undone_stands_again_with_its_file(
    on: Callable[[str], None],
) -> None:
    number = received()
    drafted(number)
    done(number, "approved", HEAD)
    done(number, "signed", HEAD, signed_on=office.today())
    [reply] = [one for one in case(number).letters if one.kind == "reply"]
    folder = office.home() / "letters" / number
    done(number, "letter_voided", reason="落款有误", again="signing")
    assert (folder / f"{reply.number}（作废）.docx").exists()
    undo(number)
    assert {path.name for path in folder.glob(f"{reply.number}*")} == {f"{reply.number}.docx"}
    with office.reading() as session:
        assert filed_letters.documents(session, number)[-1].voided_on is None


def test_what_came_back_is_still_on_the_list_once_the_step_after_it_is_undone(
    on: Callable[[str], None],
) -> None:
    number, sent = received("甲"), received("乙")
    drafted(number)
    done(number, "sent_back", HEAD, comment="请补充理由")
    done(number, "assigned", handler="赵敏")
    undo(number)
    closed(sent)
    done(sent, "letter_returned", returned_on=office.today(), reason="查无此人")
    done(sent, "letter_received", received_on=office.today())
    undo(sent)
    with office.reading() as session:
        [one] = open_cases(session)
        returned = letters_returned(session, office.today())
    assert (one.act, one.by) == ("sent_back", HEAD)
    assert [(back.row.number, back.act) for back in returned] == [(sent, "letter_returned")]


def test_not_once_another_application_or_register_rests_on_it(on: Callable[[str], None]) -> None:
    first, second = received(request="甲"), received(request="乙")
    closed(first)
    confirmed(second)
    done(second, "found_ours")
    reply = case(first).reply_letter()
    assert reply is not None
    done(second, "drafted_not_handled", outcome="repeated", earlier_reply_on=reply.dated,
         earlier_reply_number=reply.number, reasons="与前次相同")  # fmt: skip
    with pytest.raises(ActRefused, match=f"之后已经办理了申请{second}的"):
        undo(first)


def test_not_once_what_was_given_is_screened_for_everybody(on: Callable[[str], None]) -> None:
    number = received()
    confirmed(number)
    done(number, "found_ours")
    done(number, "drafted_granted", **particulars("granted"))
    done(number, "approved", HEAD)
    done(number, "signed", HEAD, signed_on=office.today())
    done(number, "replied", sent_on=office.today(), delivery="ems", proof="1012345678901")
    fit = recording.filled(Screen, {"finding": "fit", "screened_on": office.today()})
    with office.writing() as session:
        publication.decide(session, number, fit, office.circumstances(HEAD), office.now())
    with pytest.raises(ActRefused, match="之后已经办理了转主动公开审查，不能撤销"):
        undo(number)
