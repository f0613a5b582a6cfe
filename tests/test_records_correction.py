"""Records about oneself that are wrong (Art. 41): another kind of case, its letter L28.

After a change of wording: GOLDEN=write pytest tests/test_records_correction.py, and read the
difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from sqlmodel import col, select

from flows import office
from flows.counter import records_correction
from flows.counter.records_correction import Step
from letters.letter.records_letter import records_letter
from letters.letter.words import Letter, plain_text
from models.agency.agency import load_agency
from models.agency.officers import Officer, Role
from models.errors import ActRefused, FactMissing, NotRegistered
from models.law.statute_files import load
from models.neighbours.records_correction import (
    RECORDS,
    REQUIRED,
    RESULTS,
    ApproveAnswer,
    RecordsCase,
    RecordsStage,
    SendAnswerBack,
)
from models.register import neighbour, register
from models.store.tables import Applicant, Document, Entry, RecordsCorrection

ROOT = Path(__file__).resolve().parents[1]
LAW = load(ROOT / "config")
AGENCY = load_agency(ROOT / "config" / "office")
GOLDEN = ROOT / "tests" / "golden" / "records"
DATED = date(2026, 3, 20)
FORGED = "甲<w:p>{{ 7*7 }}{% raw %}\n一、伪造的标题\n\u202e乙"
ANSWERS: dict[str, dict[str, str]] = {
    "corrected": {"action": "已将专利代理师资格登记中的出生年份由1978年更正为1987年"},
    "transferred": {
        "agency": "国家知识产权局",
        "contact": "北京市海淀区西土城路6号，政府信息公开办公室",
    },
    "directed": {
        "agency": "上海市市场监督管理局",
        "contact": "上海市徐汇区大木桥路1号，政府信息公开办公室",
    },
    "refused": {"reasons": "所附证据为他人的身份证件，不能证明该记录不准确"},
}
REQUEST = RecordsCase(
    "GZ2026001",
    requester="张三",
    received_on=date(2026, 3, 2),
    record="专利代理师资格登记表（编号2019-0312）中的出生年份",
    error="登记为1978年，应为1987年",
    evidence="身份证复印件",
)


def letter(result: str, **changed: Any) -> Letter:
    case = replace(REQUEST, result=result, **(ANSWERS[result] | changed))
    number = f"{AGENCY.series['records']}〔2026〕1号"
    return records_letter(case, number, DATED, LAW, AGENCY)


def body(found: Letter) -> str:
    return "\n".join(paragraph.text for paragraph in found.paragraphs)


# ── the letter ─────────────────────────────────────────────────────────────────────────────────


def test_every_result_is_worked_and_worded():
    assert set(ANSWERS) == set(RESULTS) == set(REQUIRED)
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(RESULTS)


@pytest.mark.parametrize("result", RESULTS)
def test_the_letter_reads_as_agreed(result):
    golden, text = GOLDEN / f"{result}.txt", plain_text(letter(result))
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("result", "name"), [(result, name) for result, names in REQUIRED.items() for name in names]
)
def test_a_letter_without_what_it_must_state_is_not_written(result, name):
    with pytest.raises(FactMissing):
        letter(result, **{name: ""})


def test_only_a_refusal_tells_the_remedies():
    for result in RESULTS:
        assert ("申请行政复议" in body(letter(result))) == (result == "refused")


def test_an_organisation_is_addressed_as_one():
    assert "贵单位" in body(letter("refused", is_person=False))
    assert "您" not in body(letter("refused", is_person=False))


@pytest.mark.parametrize("name", ["record", "error", "requester"])
def test_nothing_a_requester_writes_can_forge_a_paragraph(name):
    plain, hostile = letter("corrected"), letter("corrected", **{name: FORGED})
    assert [each.style for each in hostile.paragraphs] == [each.style for each in plain.paragraphs]
    assert "{{ 7*7 }}" in plain_text(hostile)


# ── the register ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def receive(**changed: Any) -> str:
    asked = {
        "requester": "张三",
        "received_on": date(2026, 3, 2),
        "record": REQUEST.record,
        "error": REQUEST.error,
        "evidence": REQUEST.evidence,
        "officer": "陈静",
        "identity": "310101198701011234",
        "contact": "13800000000",
    }
    return records_correction.receive_request.fn(**(asked | changed))


def decide(number: str, result: str = "corrected", **changed: Any) -> str:
    """Drafted, reviewed and signed."""
    answers = {"decided_on": date(2026, 3, 2), **ANSWERS.get(result, {}), **changed}
    day = answers.pop("decided_on")
    draft(number, result, **answers)
    settle(number, Step.APPROVE, "李明")
    return settle(number, Step.SIGN, "赵慧", day)


def draft(number: str, result: str = "corrected", **answers: Any) -> str:
    answers = {**ANSWERS.get(result, {}), **answers}
    if "contact" in answers:  # in the form under a name of its own: it is nobody's personal data
        answers["agency_contact"] = answers.pop("contact")
    return records_correction.decide_request.fn(
        number=number, result=RESULTS[result], officer="陈静", **answers
    )


def settle(number: str, step: Step, officer: str, on: date | None = None, words: str = "") -> str:
    return records_correction.settle_request.fn(
        number=number, step=step, officer=officer, on=on, words=words
    )


def stage_of(number: str) -> RecordsStage:
    with office.reading() as session:
        return neighbour.state(session, RECORDS, number).stage


def test_a_request_is_received_decided_and_told_by_letter(desk, tmp_path):
    number = receive()
    assert number == "GZ2026001"
    decide(number)
    with office.reading() as session:
        case = neighbour.state(session, RECORDS, number)
        filed = session.exec(select(Document)).one()
        person = register.applicant(session, number)
    assert (case.stage, case.result) == (RecordsStage.DECIDED, "corrected")
    assert filed.number == "沪知公开更〔2026〕1号"
    assert (tmp_path / "letters" / number / f"{filed.number}.docx").is_file()
    assert "已将专利代理师资格登记" in filed.letter
    assert person.identity == "310101198701011234"
    with pytest.raises(ActRefused, match="“已办结”环节"):
        decide(number)


def test_the_letter_is_shown_before_it_is_issued_and_reviewed_as_a_reply_is(desk):
    told: list[list[str]] = []
    desk.setattr(
        "flows.counter.records_correction.answer",
        lambda *asked: told.append(list(asked[2])) or asked[0],
    )
    number = receive()
    draft(number)
    assert any("本机关已对上述记录予以更正" in line for line in told[-1])
    with pytest.raises(ActRefused, match="起草人（陈静）不能审核自己起草的答复（条例第四十五条）"):
        settle(number, Step.APPROVE, "陈静")
    with pytest.raises(ActRefused, match="处于“待审核”环节"):
        settle(number, Step.SIGN, "赵慧", date(2026, 3, 2))
    with pytest.raises(ActRefused, match="请写明修改意见"):
        settle(number, Step.BACK, "李明")
    settle(number, Step.BACK, "李明", words="请写明更正的字段")
    assert stage_of(number) is RecordsStage.RECEIVED
    assert "李明：请写明更正的字段" in told[-1]
    draft(number)
    settle(number, Step.APPROVE, "李明", words="同意")
    assert any("本机关已对上述记录予以更正" in line for line in told[-1])
    with pytest.raises(
        ActRefused, match="起草人（陈静）不能签发自己起草的告知书（条例第四十五条）"
    ):
        settle(number, Step.SIGN, "陈静", date(2026, 3, 2))
    with pytest.raises(ActRefused, match="请填写“告知日期”"):
        settle(number, Step.SIGN, "赵慧")
    with office.reading() as session:
        assert session.exec(select(Document)).all() == []
    settle(number, Step.SIGN, "赵慧", date(2026, 3, 2))
    assert stage_of(number) is RecordsStage.DECIDED


def test_a_voided_letter_keeps_its_number_and_the_request_is_answered_anew(desk, tmp_path):
    number = receive()
    decide(number)
    with pytest.raises(ActRefused, match="请写明作废原因，登记簿须载明（条例第四十五条）"):
        settle(number, Step.VOID, "赵慧")
    settle(number, Step.VOID, "赵慧", words="更正的字段写错")
    assert stage_of(number) is RecordsStage.RECEIVED
    decide(number, "refused")
    with office.reading() as session:
        first, second = session.exec(select(Document).order_by(col(Document.serial))).all()
    assert (first.void_reason, str(first.voided_on)) == ("更正的字段写错", "2026-03-02")
    assert (second.serial, second.voided_on) == (2, None)
    files = sorted(path.name for path in (tmp_path / "letters" / number).glob("*.docx"))
    assert files == ["沪知公开更〔2026〕1号（作废）.docx", "沪知公开更〔2026〕2号.docx"]


def test_where_officers_are_listed_each_acts_within_their_roles(desk):
    listed = [
        Officer(name="陈静", roles=(Role.HANDLE,)),
        Officer(name="李明", roles=(Role.REVIEW,)),
        Officer(name="赵慧", roles=(Role.SIGN,)),
    ]
    now = replace(
        office.circumstances("陈静"),
        agency=AGENCY.model_copy(update={"officers": tuple(listed)}),
    )
    case = replace(REQUEST, stage=RecordsStage.REVIEW, drafted_by="陈静")
    assert "没有“审核”的职责" in ApproveAnswer().refusals(case, now)[0]
    assert ApproveAnswer().refusals(case, replace(now, officer="李明")) == []
    back = SendAnswerBack(comment="改")
    case.stage = RecordsStage.SIGNING
    assert "没有“签发”的职责" in back.refusals(case, replace(now, officer="李明"))[0]
    assert back.refusals(case, replace(now, officer="赵慧")) == []


def test_what_was_decided_in_one_act_before_stays_as_it_was():
    case = replace(REQUEST, stage=RecordsStage.RECEIVED, position=1)
    facts = {"result": "corrected", "decided_on": "2026-03-20", **ANSWERS["corrected"]}
    old = Entry(
        register_key=RECORDS.key,
        case_number=case.number,
        position=1,
        kind="decided",
        on=DATED,
        recorded_on=DATED,
        recorded_at=office.now(),
        officer="陈静",
        article="41",
        facts=facts | {"agency": "", "contact": "", "reasons": ""},
    )
    RECORDS.apply(case, old)
    assert (case.stage, case.result, case.decided_on) == (RecordsStage.DECIDED, "corrected", DATED)
    new = RECORDS.acts["decided"].model_validate(old.facts)
    assert (
        "不能办理“办理更正申请”" in new.refusals(replace(REQUEST), office.circumstances("陈静"))[0]
    )


def test_what_identifies_the_requester_stays_out_of_the_entries(desk):
    number = receive()
    with office.reading() as session:
        (entry,) = neighbour.entries(session, RECORDS, number)
    assert "310101198701011234" not in str(entry.facts)
    assert "13800000000" not in str(entry.facts)


def test_a_request_is_no_application_and_has_its_own_numbers(desk):
    receive()
    receive()
    with office.reading() as session:
        assert register.applications(session) == []
        numbers = session.exec(
            select(RecordsCorrection.number).order_by(col(RecordsCorrection.number))
        ).all()
    assert numbers == ["GZ2026001", "GZ2026002"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"evidence": "　"}, "请填写证据（条例第四十一条）"),
        ({"record": ""}, "请填写要求更正的记录"),
        ({"received_on": date(2026, 3, 3)}, "晚于今天"),
        ({"requester": "甲" * 201}, "最多200个字"),
        ({"identity": "1\x00"}, "控制字符"),
        ({"officer": "甲" * 61}, "“办理人”最多60个字"),
    ],
)
def test_a_request_that_lacks_something_is_refused_and_nothing_is_written(desk, changed, words):
    with pytest.raises(ActRefused, match=words):
        receive(**changed)
    with office.reading() as session:
        assert session.exec(select(Applicant)).all() == []
    assert receive() == "GZ2026001"


@pytest.mark.parametrize(
    ("result", "changed", "words"),
    [
        ("corrected", {"action": ""}, "请填写“更正情况”"),
        ("transferred", {"agency": ""}, "请填写“有权更正的机关”"),
        ("directed", {"contact": " "}, "请填写“该机关的联系方式”"),
        ("refused", {"reasons": ""}, "请填写“理由”"),
        ("corrected", {"decided_on": date(2026, 3, 1)}, "早于收到日期"),
        ("corrected", {"decided_on": date(2026, 3, 3)}, "晚于今天"),
    ],
)
def test_a_decision_without_what_its_letter_must_state_is_refused(desk, result, changed, words):
    number = receive()
    with pytest.raises(ActRefused, match=words):
        decide(number, result, **changed)
    left = RecordsStage.SIGNING if "decided_on" in changed else RecordsStage.RECEIVED
    assert stage_of(number) is left
    with office.reading() as session:
        assert session.exec(select(Document)).all() == []
    if left is RecordsStage.SIGNING:
        settle(number, Step.BACK, "赵慧", words="日期有误")
    decide(number, result)  # the number of the letter was not used up
    with office.reading() as session:
        assert session.exec(select(Document)).one().serial == 1


def test_an_unknown_number_is_said_to_be_unknown(desk):
    with pytest.raises(NotRegistered, match="“GZ2026009”"):
        decide("GZ2026009")


def test_the_rows_equal_their_rebuild_from_the_entries(desk):
    decide(receive(), "directed")
    receive()
    with office.reading() as session:
        pairs = list(neighbour.rebuilt(session, RECORDS))
    assert len(pairs) == 2
    assert all(row.model_dump() == columns for row, columns in pairs)
