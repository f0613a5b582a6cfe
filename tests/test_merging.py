"""Several applications, one letter; one application, several parts; several applicants (§3.3)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import DRAFTER, HEAD, LAW, RECEIVED, History, particulars, standing
from letter_examples import PARTICULARS, case_for, written
from sqlmodel import select

from flows import office
from flows.path import intake, recording
from letters.letter.facts import letter_of
from letters.letter.words import Letter, Style, plain_text
from models.acts.afterwards.merging import AnsweredTogether, JoinAnswer
from models.acts.afterwards.splitting import Split
from models.case.matters import Draft, Part
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.deadline import ClockEvent
from models.law.mixed_reply import counted_outcome
from models.register import filed_letters, register, same_applicant
from models.report_tables.form import form_for, load_forms
from models.report_tables.table3 import table3
from models.store.tables import Application, Document
from models.year import year_end

ON = date(2026, 3, 2)
GOLDEN = Path(__file__).parent / "golden" / "parts.txt"


def body(letter: Letter) -> str:
    return "\n".join(each.text for each in letter.paragraphs)


def words(history: History) -> Letter:
    """The reply as it stands drafted."""
    draft = history.case.draft
    assert draft is not None
    return letter_of(
        draft.outcome, history.case, "沪知公开告〔2026〕5号", ON, LAW, history.now().agency
    )


# ── one application, several parts ──────────────────────────────────────────────────────────────
def in_parts(first: str, *others: str, counted: str = "before") -> History:
    """A reply drafted in parts, each with its outcome."""
    history = standing(Stage.DRAFTING).draft(first)
    for n, outcome in enumerate(others, 2):
        history.usual(
            "another_part",
            answered="2025年度资助名单" if n == 2 else "",
            remaining=f"第{n}项材料",
            counted=counted,
            counted_reason="该项是申请的主要内容",
        )
        history.draft(outcome)
    return history


def closed(history: History) -> History:
    return history.usual("approved", HEAD).usual("signed", HEAD).usual("replied")


@pytest.mark.parametrize(
    ("outcomes", "row"),
    [
        (["granted", "already_public"], "3.1"),
        (["granted", "not_ours"], "3.2"),
        (["not_existing", "granted"], "3.2"),
        (["partly_granted", "not_existing"], "3.2"),
        (["granted", "process_information"], "3.2"),
        (["granted", "not_ours", "petition"], "3.2"),
    ],
)
def test_a_reply_that_gives_something_and_refuses_something_counts_once_as_partly(
    outcomes: list[str], row: str
) -> None:
    history = closed(in_parts(*outcomes))
    assert history.case.row(LAW) == row
    for option in ("precedence", "officer"):
        assert history.case.row(LAW.under(mixed_negative_row=option)) == row


@pytest.mark.parametrize(
    ("outcomes", "counted", "officer", "precedence"),
    [
        (["not_existing", "process_information"], "before", "3.4.1", "3.3.6"),
        (["not_existing", "process_information"], "next", "3.3.6", "3.3.6"),
        (["petition", "not_ours"], "before", "3.5.1", "3.4.1"),
        (["petition", "not_ours"], "next", "3.4.1", "3.4.1"),
        (["needs_processing", "not_existing"], "before", "3.4.2", "3.4.2"),
        (["petition", "public_publication", "not_existing"], "before", "3.5.1", "3.4.1"),
    ],
)
def test_where_nothing_is_given_the_row_is_the_officers_or_by_precedence(
    outcomes: list[str], counted: str, officer: str, precedence: str
) -> None:
    history = closed(in_parts(*outcomes, counted=counted))
    assert history.case.row(LAW.under(mixed_negative_row="officer")) == officer
    assert history.case.row(LAW.under(mixed_negative_row="precedence")) == precedence


def test_one_outcome_alone_is_its_own_row() -> None:
    for outcome in LAW.outcomes:
        assert counted_outcome([outcome], 0, False, ON, LAW) == outcome


def test_the_letter_answers_part_by_part() -> None:
    letter = words(in_parts("granted", "process_information", "not_ours"))
    headings = [each.text for each in letter.paragraphs if each.style is Style.HEADING]
    assert headings == [
        "一、关于“2025年度资助名单”",
        "二、关于“第2项材料”",
        "三、关于“第3项材料”",
    ]
    text = body(letter)
    assert text.count("本机关于2026年3月2日收到您提出的政府信息公开申请") == 1
    for basis in ("第三十六条第二项", "第十六条第二款", "第三十六条第五项"):
        assert text.count(basis) == 1
    assert "如对本告知书中不予公开的内容不服" in text
    assert "如对本告知书的其他内容不服" in text


def test_a_reply_in_parts_reads_as_agreed() -> None:
    parts = [
        Part(f"第{n}项：{item}", outcome, dict(PARTICULARS[outcome]), "王某")
        for n, item, outcome in (
            (2, "专利资助政策调整的请示", "process_information"),
            (3, "商标注册档案", "not_ours"),
        )
    ]
    draft = Draft("granted", dict(PARTICULARS["granted"]), "王某", item="第1项：资金分配方案")
    draft.parts = parts
    text = plain_text(written("granted", case_for("granted", draft=draft)))
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_parts_that_all_leave_the_choice_carry_one_clause() -> None:
    text = body(words(in_parts("granted", "not_existing")))
    assert text.count("向上海市人民政府申请行政复议") == 1
    assert "如不服本告知书" in text


def test_a_part_with_headings_of_its_own_has_them_one_step_lower() -> None:
    letter = words(in_parts("partly_granted", "not_existing"))
    lower = [each.text for each in letter.paragraphs if each.style is Style.SUBHEADING]
    assert lower == ["（一）予以公开的内容", "（二）不予公开的内容及理由"]


def test_a_long_part_is_quoted_below_its_heading() -> None:
    history = standing(Stage.DRAFTING).draft("granted")
    history.usual("another_part", answered="甲" * 41, remaining="乙").draft("not_existing")
    texts = [each.text for each in words(history).paragraphs]
    assert "一、关于申请内容的第一部分" in texts
    assert f"这一部分申请的内容为：“{'甲' * 41}”。" in texts


@pytest.mark.parametrize("name", ["answered", "remaining"])
def test_each_part_says_what_it_answers(name: str) -> None:
    history = standing(Stage.REVIEW)
    with pytest.raises(ActRefused, match="部分"):
        history.usual("another_part", **{name: " "})


def test_the_officers_choice_of_another_row_has_a_reason() -> None:
    with pytest.raises(ActRefused, match="请填写选择的理由"):
        standing(Stage.REVIEW).usual("another_part", counted="next")


def test_whoever_drafted_a_part_does_not_sign() -> None:
    history = standing(Stage.REVIEW).usual("another_part")
    history.act("drafted_unable", HEAD, **particulars("not_existing")).usual("approved", "他人")
    for drafter in (DRAFTER, HEAD):
        with pytest.raises(ActRefused, match="不能签发自己起草"):
            history.usual("signed", drafter)
    assert history.usual("signed", "第三人").case.stage is Stage.DISPATCH


def test_a_draft_sent_back_is_drafted_anew_in_all_its_parts() -> None:
    history = in_parts("granted", "not_ours").usual("sent_back", HEAD).draft("granted")
    assert history.case.draft is not None
    assert history.case.draft.outcomes == ("granted",)


def test_a_withdrawal_while_a_part_is_missing_ends_all_of_it() -> None:
    history = standing(Stage.REVIEW).usual("another_part").draft("withdrawn")
    assert history.case.draft is not None
    assert history.case.draft.outcomes == ("withdrawn",)
    with pytest.raises(ActRefused, match=r"没有其他部分可以答复.*条例第三十六条"):
        history.usual("another_part")


# ── partly corrected (edge 7) ───────────────────────────────────────────────────────────────────
def partly_corrected() -> History:
    history = standing(Stage.CORRECTION)
    history.today = date(2026, 3, 5)
    return history.usual(
        "corrected",
        request="2025年度专利资助名单",
        rest="与资助有关的全部材料",
        rest_reasons="没有名称、文号或者其他特征描述",
    ).usual("found_ours")


@pytest.mark.parametrize(
    ("outcome", "answered", "mixed"),
    [("granted", "3.1", "3.2"), ("process_information", "3.3.6", "3.3.6")],
)
def test_what_stays_unclear_is_told_with_the_rest_and_counts_once(
    outcome: str, answered: str, mixed: str
) -> None:
    history = partly_corrected().draft(outcome)
    text = body(words(history))
    assert "二、关于“与资助有关的全部材料”" in text
    assert "补正后的申请内容仍不明确" in text
    assert "2026-03" not in text
    closed(history)
    assert history.case.row(LAW.under(partly_corrected_row="answered")) == answered
    assert history.case.row(LAW.under(partly_corrected_row="mixed")) == mixed


def test_a_correction_of_which_nothing_is_clear_is_still_unclear_as_a_whole() -> None:
    history = partly_corrected().draft("still_unclear")
    assert history.case.draft is not None
    assert history.case.draft.parts == []
    assert closed(history).case.row(LAW) == "3.4.3"


def test_the_unclear_part_and_its_reasons_come_together() -> None:
    history = standing(Stage.CORRECTION)
    with pytest.raises(ActRefused, match=r"仍不明确的部分和理由（条例第三十条）"):
        history.usual("corrected", rest="其余材料")


# ── several applicants (edge 19) ────────────────────────────────────────────────────────────────
def test_joint_applicants_are_one_application_in_the_first_ones_column() -> None:
    history = History()
    history.case.stage = Stage.CONFIRMING
    history.case.position = 0
    history.events.clear()
    history.usual("registered", applicant="张三", co_applicants="李四\n\n王五\n")
    history.usual("received").usual("found_ours").draft("granted")
    case = history.case
    assert (case.applicant, case.co_applicants) == ("张三", ("李四", "王五"))
    assert case.applicant_kind == "自然人"
    letter = words(history)
    assert letter.addressee == "张三、李四、王五："
    assert "收到各位申请人提出的" in body(letter)
    assert "您" not in body(letter)


# ── in the register ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def receive(request: str = "某文件", **changed: Any) -> str:
    asked = {
        "channel": "当面提交",
        "kind": "自然人",
        "applicant": "周晓岚",
        "request": request,
        "arrived_on": RECEIVED,
        "identity": "310101199001011234",
        "officer": DRAFTER,
    }
    return intake.receive(**(asked | changed)).number


def perform(number: str, kind: str, officer: str = DRAFTER, **answer: object) -> recording.Recorded:
    with office.reading() as session:
        position = register.case(session, number).position
    return recording.perform(number, position, kind, answer, officer)


def done(number: str, kind: str, officer: str = DRAFTER, **answer: object) -> recording.Recorded:
    found = perform(number, kind, officer, **answer)
    assert found.reasons == ()
    return found


def drafting(request: str = "某文件", **changed: Any) -> str:
    number = receive(request, **changed)
    done(number, "received", received_on="2026-03-02")
    done(number, "found_ours")
    return number


def proposed(act: type[JoinAnswer | AnsweredTogether], number: str) -> dict[str, object]:
    with office.reading() as session:
        case = register.case(session, number)
        now = same_applicant.informed(session, case, office.circumstances(""))
    return act.proposal(case, now)


def answer(number: str) -> None:
    for kind, officer, fields in (
        ("drafted_granted", DRAFTER, particulars("granted")),
        ("approved", HEAD, {}),
        ("signed", HEAD, {"signed_on": "2026-03-02"}),
        (
            "replied",
            DRAFTER,
            {"delivery": "ems", "sent_on": "2026-03-02", "proof": "1012345678901"},
        ),
    ):
        done(number, kind, officer, **fields)


def lines(year: int = 2026) -> dict[str, str | None]:
    with office.reading() as session:
        found = year_end.case_lines(session, year, office.today(), LAW)
        return {line.number: line.row for line in found}


def test_one_letter_answers_three_applications_and_counts_three(
    empty: pytest.MonkeyPatch,
) -> None:
    lead, second, third = drafting("甲文件"), drafting("乙文件"), drafting("丙文件\n及附件")
    listed = str(proposed(JoinAnswer, lead)["together"])
    assert listed.splitlines() == [
        f"{second}　2026-03-02　乙文件",
        f"{third}　2026-03-02　丙文件 及附件",
    ]
    assert perform(second, "answered_together", lead=lead, outcome="granted").refused
    done(lead, "answers_joined", together=listed)
    answer(lead)
    for number, outcome in ((second, "granted"), (third, "not_existing")):
        assert proposed(AnsweredTogether, number)["lead"] == lead
        done(number, "answered_together", lead=lead, outcome=outcome, sent_on="2026-03-02")
    assert lines() == {lead: "3.1", second: "3.1", third: "3.4.1"}
    with office.reading() as session:
        letters = [d for n in (lead, second, third) for d in filed_letters.documents(session, n)]
        replies = [d for d in letters if d.series == "reply"]
    assert [d.case_number for d in replies] == [lead]
    text = body(Letter.from_json(replies[0].letter))
    for number, request in ((lead, "甲文件"), (second, "乙文件"), (third, "丙文件 及附件")):
        assert f"（申请编号：{number}）" in text
        assert f"“{request}”" in text
    assert "上述各件申请，现一并答复。" in text


def test_only_the_same_applicants_open_applications_are_answered_together(
    empty: pytest.MonkeyPatch,
) -> None:
    lead = drafting("甲文件")
    others = [
        drafting("乙文件", applicant="吴某"),
        drafting("丙文件", identity="310101198505055678"),  # the same name, another person
        receive("丁文件"),  # not received yet
    ]
    assert (
        "没有同一申请人待答复的其他申请" in perform(lead, "answers_joined", together="").reasons[0]
    )
    drafting("戊文件")
    for number in others:
        found = perform(lead, "answers_joined", together=f"{number}　2026-03-02　乙文件")
        assert "不是同一申请人待答复的申请" in found.reasons[0]


def test_a_reply_not_yet_sent_closes_no_other_application(empty: pytest.MonkeyPatch) -> None:
    lead, second = drafting("甲文件"), drafting("乙文件")
    done(lead, "answers_joined", together=f"{second}　2026-03-02　乙文件")
    done(lead, "drafted_granted", **particulars("granted"))
    done(lead, "approved", HEAD)
    closing = {"lead": lead, "outcome": "granted", "sent_on": "2026-03-02"}
    assert "没有已签发" in perform(second, "answered_together", **closing).reasons[0]
    done(lead, "signed", HEAD, signed_on="2026-03-02")
    assert "尚未发出" in perform(second, "answered_together", **closing).reasons[0]
    done(lead, "replied", delivery="ems", sent_on="2026-03-02", proof="1012345678901")
    done(second, "answered_together", **closing)
    with office.reading() as session:
        limit = register.case(session, second).deadline(LAW)
    assert limit is not None
    assert limit.timely


def test_the_day_proposed_is_the_one_on_which_the_letter_left(empty: pytest.MonkeyPatch) -> None:
    lead, second = drafting("甲文件"), drafting("乙文件")
    done(lead, "answers_joined", together=f"{second}　2026-03-02　乙文件")
    done(lead, "drafted_granted", **particulars("granted"))
    done(lead, "approved", HEAD)
    done(lead, "signed", HEAD, signed_on="2026-03-02")
    empty.setenv("DISCLOSURE_TODAY", "2026-03-05")
    assert proposed(AnsweredTogether, second)["sent_on"] == date(2026, 3, 5)  # not sent yet
    done(lead, "replied", delivery="ems", sent_on="2026-03-03", proof="1012345678901")
    assert proposed(AnsweredTogether, second)["sent_on"] == date(2026, 3, 3)
    closing = {"lead": lead, "outcome": "granted"}
    wrong = perform(second, "answered_together", **closing, sent_on="2026-03-04")
    assert f"申请编号为{lead}的申请的告知书于2026-03-03发出，不是2026-03-04" in wrong.reasons
    done(second, "answered_together", **closing, sent_on="2026-03-03")
    with office.reading() as session:
        assert register.case(session, second).answered_in == lead


def test_splitting_makes_applications_that_come_in_and_go_out_one_to_one(
    empty: pytest.MonkeyPatch,
) -> None:
    number = receive("甲、乙、丙三项")
    done(number, "received", received_on="2026-03-02")
    made = done(number, "split", kept="甲项", others="乙项\n \n 丙项\n").begotten
    assert made == ("SQ202600002", "SQ202600003")
    with office.reading() as session:
        cases = [register.case(session, one) for one in (number, *made)]
        persons = [register.applicant(session, one) for one in made]
        receipts = [filed_letters.documents(session, one) for one in made]
        assert all(row.model_dump() == columns for row, columns in register.rebuilt(session, LAW))
    assert [case.request for case in cases] == ["甲项", "乙项", "丙项"]
    assert {case.stage for case in cases} == {Stage.JURISDICTION}
    assert {case.received_on for case in cases} == {RECEIVED}
    assert {case.deadline(LAW).last_day for case in cases} == {date(2026, 3, 30)}  # type: ignore[union-attr]
    assert [case.split_from for case in cases] == ["", number, number]
    assert {person.identity for person in persons} == {"310101199001011234"}
    assert [[d.kind for d in found] for found in receipts] == [["receipt"], ["receipt"]]
    for one in (number, *made):
        done(one, "found_ours")
        answer(one)
    forms = load_forms(office.config() / "annual")
    with office.reading() as session:
        table = table3(
            year_end.case_lines(session, 2026, office.today(), LAW), 2026, form_for(forms, 2026)
        )
    assert table.figures()["1"][-1] == table.figures()["3.1"][-1] == 3


def test_parts_of_a_corrected_application_count_from_the_correction(
    empty: pytest.MonkeyPatch,
) -> None:
    number = receive("三项")
    done(number, "received", received_on="2026-03-02")
    done(
        number,
        "correction_requested",
        requested_on="2026-03-02",
        unclear="甲",
        guidance="乙",
        days=9,
    )
    empty.setenv("DISCLOSURE_TODAY", "2026-03-12")
    done(number, "corrected", corrected_on="2026-03-12", request="甲、乙两项")
    (part,) = done(number, "split", kept="甲项", others="乙项").begotten
    with office.reading() as session:
        whole, other = register.case(session, number), register.case(session, part)
    assert whole.deadline(LAW) == other.deadline(LAW)
    assert other.received_on == RECEIVED
    assert (
        "补正只能一次性告知"
        in perform(
            part,
            "correction_requested",
            requested_on="2026-03-12",
            unclear="甲",
            guidance="乙",
            days=9,
        ).reasons[0]
    )


def test_splitting_is_refused_where_it_is_for_fees_only() -> None:
    history = standing(Stage.JURISDICTION)
    history.law = LAW.under(split_parts="fee_only")
    assert "拆分只用于计算收费" in str(Split.barred(history.case, history.now()))
    history.law = LAW.under(split_parts="registered")
    assert Split.barred(history.case, history.now()) is None


def test_splitting_comes_before_consulting_extending_and_charging() -> None:
    history = standing(Stage.JURISDICTION).usual("extended")
    with pytest.raises(ActRefused, match=r"不再拆分登记（条例第四十二条）"):
        history.usual("split")


@pytest.mark.parametrize(
    ("answer_", "says"), [({"others": " \n"}, "至少列出一项"), ({"kept": " "}, "保留的内容")]
)
def test_a_split_names_what_is_kept_and_what_is_not(answer_: dict[str, object], says: str) -> None:
    with pytest.raises(ActRefused, match=says):
        standing(Stage.JURISDICTION).usual("split", **answer_)


def test_the_receipts_of_parts_are_numbered_in_the_same_series(empty: pytest.MonkeyPatch) -> None:
    number = receive("两项")
    done(number, "received", received_on="2026-03-02")
    done(number, "split", kept="甲项", others="乙项")
    with office.reading() as session:
        found = session.exec(select(Document).where(Document.series == "receipt")).all()
        rows = session.exec(select(Application)).all()
    assert sorted(d.serial for d in found) == [1, 2]
    assert len(rows) == 2


def test_a_part_is_on_the_same_clock_as_the_whole() -> None:
    history = standing(Stage.JURISDICTION)
    act = Split(kept="甲", others="乙")
    ((_, received),) = act.begets(history.case)
    received.apply(part := History().case, RECEIVED, DRAFTER)
    assert part.clock == [ClockEvent("received", RECEIVED)]
