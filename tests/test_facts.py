"""The letters of a case: complete, each in its golden words, and not to be forged by any value.

After a change of wording: GOLDEN=write pytest tests/test_facts.py, and read the difference.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from letter_examples import (
    AGENCY,
    DATED,
    KINDS,
    LAW,
    NOTICES,
    PARTICULARS,
    RECEIVED,
    ROOT,
    case_for,
    written,
)
from pydantic import ValidationError

from letters.letter.facts import letter_of
from letters.letter.office_forms import FORMS
from letters.letter.words import Letter, Style, chinese_date, passage, plain_text
from models.acts import catalogue
from models.acts.reply.outcome import DraftReply
from models.agency.agency import Agency
from models.agency.wording import Addressed
from models.case.matters import Draft, Extension, Part
from models.case.stage import ApplicantKind
from models.errors import ConfigFault, FactMissing, NoSuchLetter
from models.law.deadline import ClockEvent
from models.soundness.pointed_to import agree

GOLDEN = Path(__file__).parent / "golden" / "letters"
TEMPLATES = ROOT / "letters" / "templates"

TABS = {
    act.family: act
    for act in catalogue.ACTS.values()
    if issubclass(act, DraftReply) and act is not DraftReply
}


def body(letter: Letter) -> str:
    return "\n".join(each.text for each in letter.paragraphs)


# ── closed world ───────────────────────────────────────────────────────────────────────────────


def test_every_letter_has_its_template_and_every_template_its_letter():
    templates = {path.stem for path in TEMPLATES.glob("*.j2")}
    letters = {
        name
        for name in templates
        if not name.startswith(("_", "report_")) and "." not in name  # pages name their file type
    }
    assert letters == {*LAW.letters, *LAW.outcomes, *FORMS}


def test_every_outcome_has_its_tab_and_every_tab_an_outcome():
    assert set(TABS) == {row.family for row in LAW.outcomes.values()}


def test_every_remedy_clause_is_worded_and_every_wording_is_a_clause():
    facts = dict.fromkeys(
        (
            "you",
            "called",
            "authorities",
            "court",
            "online_review",
            "review",
            "suit",
            "suit_after_review",
        ),
        "甲",
    )
    used = {clause for row in LAW.remedies for clause in row.clauses}
    source = (TEMPLATES / "_remedy.j2").read_text(encoding="utf-8")
    assert set(re.findall(r'^  "(\w+)":', source, re.M)) == used
    for clause in used:
        assert len(passage("_remedy", facts | {"clauses": (clause,)})) == 1


def test_every_ground_of_refusal_is_worded_and_every_wording_is_a_ground():
    source = (TEMPLATES / "_grounds.j2").read_text(encoding="utf-8")
    refused = {key for key, row in LAW.outcomes.items() if row.family == "refused"}
    assert set(re.findall(r'^  "(\w+)": \{', source, re.M)) == refused


@pytest.mark.parametrize("key", LAW.outcomes)
def test_what_an_outcome_requires_is_asked_on_its_tab_and_stands_in_its_letter(key):
    outcome = LAW.outcomes[key]
    assert set(outcome.requires) <= set(TABS[outcome.family].model_fields)
    assert set(outcome.requires) <= set(LAW.particulars)
    marks = dict(PARTICULARS[key])
    days = iter(date(2026, 3, day) for day in range(16, 20))
    for name in outcome.requires:
        marks[name] = next(days).isoformat() if name.endswith("_on") else f"〖{name}〗"
    if "withheld_ground" in outcome.requires:
        marks["withheld_ground"] = "internal_affairs"
    text = body(written(key, case_for(key, draft=Draft(key, marks, "王某"))))
    for name in outcome.requires:
        if name == "withheld_ground":
            assert LAW.outcomes["internal_affairs"].basis in text
        elif name.endswith("_on"):
            assert chinese_date(marks[name]) in text
        else:
            assert text.count(marks[name]) == 1


@pytest.mark.parametrize(
    ("key", "name"), [(key, name) for key, row in LAW.outcomes.items() for name in row.requires]
)
@pytest.mark.parametrize("nothing", ["absent", "blank"])
def test_a_letter_without_what_it_must_state_is_refused(key, name, nothing):
    particulars = dict(PARTICULARS[key])
    del particulars[name]
    if nothing == "blank":
        particulars[name] = " \n "
    with pytest.raises(FactMissing) as missing:
        written(key, case_for(key, draft=Draft(key, particulars, "王某")))
    assert missing.value.fact == name


def test_a_letter_that_we_do_not_have_is_refused():
    with pytest.raises(NoSuchLetter):
        letter_of("no_such", case_for("receipt"), "甲〔2026〕1号", DATED, LAW, AGENCY)


@pytest.mark.parametrize("key", LAW.outcomes)
def test_a_reply_names_the_articles_it_rests_on(key):
    text = body(written(key))
    assert LAW.outcomes[key].basis in text
    assert ("《中华人民共和国政府信息公开条例》" in text) == bool(LAW.outcomes[key].basis)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        *((key, "reasons") for key in ("special_inquiry", "not_existing", "repeated")),
        *((key, "reasons") for key in ("public_publication", "not_corrected", "fee_unpaid")),
        ("withdrawn", "reasons"),
        ("endangers_security", "ground"),
        ("third_party_rights", "unasked"),
        ("third_party_rights", "inseparable"),
        ("third_party_rights", "discretion"),
        ("partly_granted", "ground"),
        ("partly_granted", "unasked"),
        ("not_existing", "responsible_agency"),
        ("not_ours", "responsible_contact"),
        ("petition", "proper_channel"),
        ("reconfirmation", "earlier_reply_number"),
    ],
)
def test_what_an_officer_adds_stands_in_the_letter_too(key, name):
    added = {"responsible_contact": "电话"} | PARTICULARS[key] | {name: "〖补充〗"}
    assert "〖补充〗" in body(written(key, case_for(key, draft=Draft(key, added, "王某"))))


# ── the words ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_reads_as_agreed(kind):
    golden, text = GOLDEN / f"{kind}.txt", plain_text(written(kind))
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_letter_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_well_punctuated(kind):
    for paragraph in body(written(kind)).splitlines():
        assert not re.search("[。；，：、]{2}|。”。|[ \t{}]|None", paragraph)
        if not re.match(
            "[一二三四]、|申请编号：|收到申请之日：|提交方式：|申请公开的内容：", paragraph
        ):
            assert paragraph.endswith(("。", "登记情况如下：", "具体如下："))


@pytest.mark.parametrize(("kind", "you"), [("自然人", "您"), ("商业企业", "贵单位")])
def test_a_person_and_an_organisation_are_each_addressed_properly(kind, you):
    text = body(written("granted", case_for("granted", applicant_kind=kind)))
    assert f"收到{you}提出的" in text
    assert ("您" in text) == (you == "您")


def test_a_receipt_states_number_day_channel_and_limit():
    text = body(written("receipt", case_for("receipt", form_wanted="纸质，邮寄")))
    for stated in ("SQ202600012", "2026年3月2日", "当面提交", "20个工作日内，即在2026年3月30日前"):
        assert stated in text
    assert "获取信息的方式：纸质，邮寄" in text
    assert "暂定" not in text


def test_a_receipt_of_an_oral_application_says_who_wrote_it_down():
    assert "口头提出" not in body(written("receipt", case_for("receipt")))
    text = body(written("receipt", case_for("receipt", written_by="陈静")))
    assert "提交方式：当面提交（口头提出，由陈静代为填写）" in text


def test_a_limit_in_a_year_without_a_notice_is_said_to_be_provisional():
    received = date(2026, 12, 10)
    case = case_for("receipt", received_on=received, clock=[ClockEvent("received", received)])
    assert "为暂定日期" in body(written("receipt", case, received))


def test_a_correction_says_what_how_and_by_when_and_what_follows_otherwise():
    text = body(written("correction"))
    for stated in (
        "没有写明所需材料的名称",
        "请写明所需材料的名称或者文号；不知道名称、文号的",
        "请您自收到本告知书次日起10个工作日内，将补正内容当面提交、邮寄至下列联系地址，或者通过原提交渠道提交；可以使用所附的补正申请表。",
        "视为放弃申请，本机关不再处理",
        "自本机关收到补正的申请之日起计算",
    ):
        assert stated in text


def test_a_correction_has_a_form_to_correct_on():
    letter = written("correction")
    assert letter.attachments == ("补正申请表",)
    assert letter.form_title == "补正申请表"
    form = dict(letter.form)
    assert form["申请编号"] == "SQ202600012"
    assert form["补正告知书文号"] == letter.number
    assert "没有写明所需材料的名称" in form["需要补正的事项"]
    assert form["补正后申请的内容"].startswith("（名称、文号、形成时间")
    assert "□邮寄" in form["获取信息的方式"]


def test_a_late_correction_notice_does_not_promise_a_new_limit():
    late = date(2026, 3, 20)  # the 14th working day; practice.toml: no_restart
    case = case_for("correction")
    assert case.correction is not None
    case.correction.requested_on = late
    case.clock[-1] = ClockEvent("correction_requested", late, days=10)
    assert "自本机关收到补正的申请之日起计算" not in body(written("correction", case, late))


def test_an_extension_states_reason_consent_and_the_new_last_day():
    text = body(written("extension"))
    for stated in (
        "检索和审查的工作量较大",
        "负责人同意",
        "20个工作日",
        "不能在原答复期限（2026年3月30日届满）内予以答复",
        "延长至2026年4月28日（含当日）",
    ):
        assert stated in text
    assert "本机关已于" not in text  # told by this very letter


OPEN = "征求意见结束后，延长后的答复期限继续计算"


@pytest.mark.parametrize(
    ("told", "delivered", "answered", "named"),
    [
        (date(2026, 4, 1), date(2026, 3, 12), None, ""),  # its time ends on 2 April
        (date(2026, 4, 2), date(2026, 3, 12), None, ""),
        (date(2026, 4, 3), date(2026, 3, 12), None, "2026年5月11日"),
        (date(2026, 4, 3), None, None, ""),  # the day of delivery may still be recorded
        (date(2026, 3, 25), date(2026, 3, 12), date(2026, 3, 24), "2026年4月28日"),
        (date(2026, 3, 25), None, date(2026, 3, 24), "2026年4月28日"),
    ],
)
def test_an_extension_promises_no_date_that_an_open_consultation_can_move(
    told: date, delivered: date | None, answered: date | None, named: str
) -> None:
    case = case_for("extension")
    asked = ClockEvent(
        "consultation_started",
        date(2026, 3, 10),
        party="third_party",
        ref="1",
        delivered_on=delivered,
    )
    case.clock = [ClockEvent("received", date(2026, 3, 2)), asked]
    case.clock += [ClockEvent("consultation_ended", answered, ref="1")] if answered else []
    case.clock.append(ClockEvent("extended", told, days=10))
    text = body(letter_of("extension", case, "1", told, LAW, AGENCY))
    assert ("，延长至" in text) is bool(named)
    assert (OPEN in text) is not bool(named)
    assert f"，延长至{named}（含当日）。" in text or not named
    assert ("原答复期限（" in text) is (answered is not None)  # nor an old last day that can move


def test_a_reply_tells_of_correction_consultation_and_extension():
    case = case_for("still_unclear")
    case.clock += [
        ClockEvent("consultation_started", date(2026, 3, 13), party="third_party", ref="甲"),
        ClockEvent("consultation_started", date(2026, 3, 16), party="other_agency", ref="乙"),
        ClockEvent("consultation_ended", date(2026, 3, 20), ref="甲"),
        ClockEvent("extended", date(2026, 3, 26), days=10),
    ]
    case.extension = Extension(date(2026, 3, 26), 10, "甲", "李某某")
    opening = written("still_unclear", case).paragraphs[0].text
    assert "于2026年3月12日收到补正后的申请，申请公开的内容为" in opening
    assert "2026年3月13日至2026年3月20日依法征求了第三方的意见" in opening
    assert "其他机关" not in opening  # not over yet
    assert "已于2026年3月26日告知您延长答复期限" in opening
    later = written("still_unclear", case, date(2026, 4, 10)).paragraphs[0].text
    assert "2026年3月16日发函征求其他机关的意见，没有送达的记录" in later  # nobody was asked
    case.clock[-3] = case.clock[-3]._replace(delivered_on=date(2026, 3, 17))
    later = written("still_unclear", case, date(2026, 4, 10)).paragraphs[0].text
    assert "2026年3月16日至2026年4月8日依法征求了其他机关的意见" in later  # its lapse


@pytest.mark.parametrize(
    ("handed", "stated"),
    [("张三", ""), (" 张 三", ""), ("李四", "李四"), ("其妻王某", "其妻王某")],
)
def test_a_service_receipt_names_him_who_took_it_only_if_he_is_another(handed, stated):
    case = case_for("service_receipt")
    assert case.handover is not None
    case.handover = replace(case.handover, person=handed)
    form = dict(written("service_receipt", case).form)
    assert form["代收人及其关系"] == stated
    assert form["受送达人"] == "张三"
    assert form["收到日期"] == "　　　年　　月　　日　　时"  # for his own hand
    assert "收件人" not in form


def test_partial_disclosure_lists_what_is_given_and_what_is_withheld():
    letter = written("partly_granted")
    headings = [each.text for each in letter.paragraphs if each.style is Style.HEADING]
    assert headings == ["一、予以公开的内容", "二、不予公开的内容及理由"]
    assert letter.attachments == (
        "《2025年度专利代理机构检查情况通报》正文",
        "《检查结果一览表》",
    )
    assert "第十六条第二款、第三十六条第三项" in body(letter)
    assert "第三十六条第二项、第三十七条的规定，本机关决定予以部分公开" in body(letter)


# ── remedies ───────────────────────────────────────────────────────────────────────────────────


def remedies_of(kind: str, dated: date, **agency: str) -> str:
    case = case_for(kind, received_on=date(2022, 1, 4))
    return body(written(kind, case, dated, **agency))


def test_a_refusal_from_2024_sends_to_review_first():
    text = remedies_of("process_information", date(2024, 1, 1))
    assert "您应当先自收到本告知书之日起60日内向上海市人民政府申请行政复议" in text
    assert "对行政复议决定不服的，可以自收到行政复议决定书之日起15日内依法向人民法院" in text
    assert "6个月" not in text
    assert "国家知识产权局" not in text


def test_a_refusal_before_2024_leaves_the_choice_and_two_authorities():
    text = remedies_of("process_information", date(2023, 12, 31))
    assert "60日内向上海市人民政府或者国家知识产权局申请行政复议" in text
    assert "6个月内直接向上海铁路运输法院提起行政诉讼" in text
    assert "应当先" not in text


def test_partial_disclosure_from_2024_has_a_clause_for_each_part():
    text = remedies_of("partly_granted", date(2024, 1, 1))
    assert "如对本告知书中不予公开的内容不服" in text
    assert "应当先" in text
    assert "如对本告知书的其他内容不服" in text
    assert "6个月内直接向" in text


def test_administrative_inquiries_need_no_review_first_though_they_stand_among_the_refusals():
    text = remedies_of("special_inquiry", date(2025, 5, 31))
    assert "应当先" not in text
    assert "6个月内直接向" in text


def test_what_the_court_may_not_take_is_told_without_promising_a_suit():
    text = remedies_of("special_inquiry", date(2025, 6, 1))
    assert "可以自收到本告知书之日起60日内向上海市人民政府申请行政复议" in text
    assert "依法可以提起行政诉讼的，也可以自收到本告知书之日起6个月内向上海铁路运输法院" in text
    assert "直接向" not in text


@pytest.mark.parametrize(
    "kind", [*(kind for kind in NOTICES if LAW.letters[kind].remedy == "none"), "withdrawn"]
)
def test_a_letter_of_the_procedure_carries_no_remedy(kind):
    text = body(written(kind))
    if kind == "fee":  # says that there is none yet (收费办法 7)
        text = text.replace("不能单独就该决定申请行政复议或者提起行政诉讼", "")
        text = text.replace("投诉、举报，申请行政复议或者提起行政诉讼", "")
    assert not re.search("行政复议|行政诉讼", text)


def test_a_fee_is_not_to_be_challenged_by_itself_but_with_what_follows_from_not_paying():
    last = written("fee").paragraphs[-2].text
    assert "不能单独就该决定申请行政复议或者提起行政诉讼；可以在缴费期满后" in last
    assert "就本机关不再处理该申请的决定，依照该条例第五十一条的规定" in last
    assert "缴费期限内" not in last


# ── as the office chose ──

CHOSEN = {
    "reply": "政府信息公开申请答复书",
    "petition": "政府信息公开申请函告",
    "receipt": "政府信息公开申请收件回执",
    "correction": "政府信息公开申请补正通知书",
    "reasons": "说明理由告知单",
    "extension": "政府信息公开延期答复决定书",
    "deferral": "政府信息公开延迟答复决定书",
    "fee": "政府信息公开信息处理费收费通知书",
    "fee_refund": "政府信息公开信息处理费退费通知书",
    "consultation_third_party": "权利人意见征询单",
    "consultation_agency": "政府信息公开征求意见书",
    "consultation_told": "征求意见情况通知",
    "third_party_told": "公开权利人信息通知书",
    "records_correction": "更正政府信息答复书",
    "service_receipt": "文书送达回证",
}
SECOND = AGENCY.model_copy(
    update={
        "titles": CHOSEN,
        "addressed": Addressed(person="申请人", unit="贵方单位", persons="诸位", units="各单位"),
        "note": "lines",
        "contact_person": "陈静",
    }
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_written_under_another_set_of_titles_and_forms_of_address(kind):
    plain = case_for(kind)
    if plain.draft:
        plain.draft.particulars = {
            name: text.replace("本告知书", "文") for name, text in plain.draft.particulars.items()
        }
    made = letter_of(kind, plain, "文号", DATED, LAW, SECOND)
    title = CHOSEN.get(kind, CHOSEN["reply"])
    assert made.title == title
    text = every_word(made)
    for its in re.findall("收到本(.{1,5}?)(?:次日|之日)|不服(?:从)?本(.{1,4}?)，", text):
        assert title.endswith(its[0] or its[1])
    assert "告知书" not in text or kind == "deferral"
    assert not re.search("您|贵单位", text)
    assert "联系人：陈静" in made.contact or kind == "service_receipt"
    first = letter_of(kind, plain, "文号", DATED, LAW, AGENCY)
    assert len(first.paragraphs) == len(made.paragraphs)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("service_receipt", "送达文书：政府信息公开申请答复书（沪知公开告〔2026〕5号）"),
        ("not_corrected", "补正通知书已于2026年3月5日送达申请人"),
        ("fee_unpaid", "信息处理费收费通知书已于2026年1月20日送达申请人"),
        ("correction", "自收到本通知书次日起10个工作日内"),
        ("granted", "如不服本答复书，申请人可以自收到本答复书之日起60日内"),
        ("petition", "如不服本函告，申请人可以自收到本函告之日起60日内"),
        ("third_party_told", "如不服本通知书，贵方单位可以自收到本通知书之日起60日内"),
        ("consultation_third_party", "自收到本征询单之日起15个工作日内"),
        ("consultation_agency", "自收到本征求意见书之日起15个工作日内"),
        ("consultation_agency", "特此征求意见，请予回复。"),
    ],
)
def test_what_refers_to_a_letter_follows_its_title(kind, said):
    assert said in every_word(letter_of(kind, case_for(kind), "文号", DATED, LAW, SECOND))


def test_a_letter_of_several_results_bears_the_title_of_replies():
    case = case_for("petition")
    assert case.draft is not None
    case.draft.item = "查处的请求"
    case.draft.parts = [Part("名单", "granted", PARTICULARS["granted"])]
    made = letter_of("petition", case, "文号", DATED, LAW, SECOND)
    assert made.title == CHOSEN["reply"]
    assert "如不服本答复书" in body(made)


def test_an_office_without_the_new_keys_writes_as_it_did():
    stated = AGENCY.model_dump(exclude={"titles", "addressed", "note", "contact_person", "hand_in"})
    old = Agency.model_validate(stated)
    made = letter_of("receipt", case_for("receipt"), "文号", RECEIVED, LAW, old)
    assert made.title == "政府信息公开申请登记回执"
    assert made.contact == (
        "联系处室：上海市知识产权局政务公开办公室",
        "联系电话：021-00000000",
        "联系地址：上海市浦东新区世博村路300号",
        "邮政编码：200125",
    )


def test_the_note_in_one_line_stands_in_round_brackets():
    who = AGENCY.model_copy(update={"note": "one_line", "contact_person": "陈静"})
    made = letter_of("receipt", case_for("receipt"), "文号", RECEIVED, LAW, who)
    assert made.contact == (
        "（联系处室：上海市知识产权局政务公开办公室，联系人：陈静，电话：021-00000000；"
        "地址：上海市浦东新区世博村路300号，邮编：200125）",
    )


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ({"replies": "答复书"}, "没有这样的文书"),
        ({"reply": "政府信息公开申请答复"}, "应以下列之一结尾"),
        ({"reply": ""}, "应以下列之一结尾"),
        ({"reply": "答复书 "}, "应以下列之一结尾"),
    ],
)
def test_a_title_that_no_letter_can_bear_is_refused_at_start(titles, said):
    with pytest.raises(ConfigFault, match=said):
        agree(LAW, AGENCY.model_copy(update={"titles": titles}))
    agree(LAW, SECOND)


@pytest.mark.parametrize("words", ["", " ", "你", "你们", " 您"])
def test_nobody_is_addressed_by_nothing_or_as_du(words):
    with pytest.raises(ValidationError, match="称谓不能为空"):
        Addressed(person=words)


# ── who is addressed ───────────────────────────────────────────────────────────────────────────

TO_OTHERS = ("consultation_third_party", "consultation_agency", "third_party_told")


def every_word(letter: Letter) -> str:
    """All that a letter says, but for what an officer or the applicant wrote into it."""
    return "\n".join((letter.addressee, body(letter), *map("：".join, letter.form)))


@pytest.mark.parametrize("applicant_kind", list(ApplicantKind))
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in TO_OTHERS])
def test_a_person_is_addressed_as_one_and_a_unit_as_a_unit(kind, applicant_kind):
    case = case_for(kind, applicant_kind=applicant_kind, applicant="甲乙")
    if kind == "not_corrected" and case.draft:
        case.draft.particulars["excuse"] = "在外地出差，但是可以邮寄"
    text = every_word(written(kind, case))
    wrong = "贵单位" if applicant_kind is ApplicantKind.NATURAL_PERSON else "您"
    assert wrong not in text
    assert not re.search("你|贵方|各位", text)


@pytest.mark.parametrize("applicant_kind", list(ApplicantKind))
@pytest.mark.parametrize("others", [("李四", "王五"), ("甲公司", "乙中心"), ("甲公司", "李四")])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in TO_OTHERS])
def test_several_who_apply_together_are_addressed_as_several(kind, applicant_kind, others):
    case = case_for(kind, applicant_kind=applicant_kind, co_applicants=others)
    text = every_word(written(kind, case))
    if kind == "otherwise_closed":  # addressed to who took the place of the one that is no more
        assert f"本机关于2026年3月2日收到{'、'.join(('张三', *others))}提出的" in text
        return
    person = applicant_kind is ApplicantKind.NATURAL_PERSON
    called = "各位申请人" if person else "各申请人"  # 各位 is for persons
    assert not re.search("您|你|贵", text)
    assert called in text or not re.search("申请人(?!：)|提出", body(written(kind, case)))
    assert ("各位" in text) <= person


@pytest.mark.parametrize("applicant_kind", list(ApplicantKind))
@pytest.mark.parametrize("kind", TO_OTHERS)
def test_what_is_written_to_others_does_not_depend_on_the_applicant(kind, applicant_kind):
    case = case_for(kind, applicant_kind=applicant_kind, co_applicants=("甲公司", "李四"))
    assert written(kind, case) == written(kind)


@pytest.mark.parametrize(
    ("applicant_kind", "you"), [("自然人", "您"), ("商业企业", "贵单位"), ("其他", "贵单位")]
)
def test_no_letter_goes_to_an_applicant_who_is_no_more(applicant_kind, you):
    letter = written(
        "otherwise_closed", case_for("otherwise_closed", applicant_kind=applicant_kind)
    )
    assert letter.addressee == "张三的近亲属张小三："
    assert "收到张三提出的政府信息公开申请" in letter.paragraphs[0].text
    assert f"现告知{you}：本机关对该政府信息公开申请终止办理。" in body(letter)
    assert f"{you}提出" not in body(letter)


def test_an_heir_cannot_forge_a_paragraph():
    draft = Draft("otherwise_closed", {"reasons": "甲", "recipient": FORGED}, "王某")
    plain = written("otherwise_closed")
    hostile = written("otherwise_closed", case_for("otherwise_closed", draft=draft))
    assert len(hostile.paragraphs) == len(plain.paragraphs)
    assert "甲<w:p>{{ 7*7 }}" in hostile.addressee


def test_an_excuse_is_stated_and_its_absence_too():
    assert "您逾期未作补正。本机关没有收到您对逾期理由的说明。" in body(written("not_corrected"))
    case = case_for("not_corrected")
    assert case.draft is not None
    case.draft.particulars["excuse"] = "在外地出差，但是可以邮寄"
    text = body(written("not_corrected", case))
    assert "您说明的理由为：在外地出差，但是可以邮寄。本机关认为不是正当理由。" in text
    assert "没有收到" not in text


@pytest.mark.parametrize("kind", ["granted", "process_information", "partly_granted"])
def test_the_online_channel_of_review_is_told_when_there_is_one(kind):
    assert "在线提出" not in body(written(kind, online_review=""))
    told = remedies_of(kind, DATED, online_review="掌上复议")
    assert "申请行政复议的，可以通过掌上复议在线提出。" in told


# ── hostile values ─────────────────────────────────────────────────────────────────────────────

FORGED = "甲<w:p>{{ 7*7 }}{% raw %}\n一、伪造的标题\r\n\x01二、\u2028特此告知。\u202e\x07乙"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (key, name)
        for key, row in LAW.outcomes.items()
        for name in TABS[row.family].model_fields
        if name not in ("outcome", "withheld_ground", "attachments", "recipient", "protected")
        and not name.endswith("_on")
    ],
)
def test_no_particular_can_forge_a_paragraph(key, name):
    filled = {"responsible_contact": "电话"} | PARTICULARS[key]
    plain = written(key, case_for(key, draft=Draft(key, filled | {name: "甲"}, "王某")))
    hostile = written(key, case_for(key, draft=Draft(key, filled | {name: FORGED}, "王某")))
    assert [each.style for each in hostile.paragraphs] == [each.style for each in plain.paragraphs]
    changed = [
        (before.text, after.text)
        for before, after in zip(plain.paragraphs, hostile.paragraphs, strict=True)
        if before != after
    ]
    assert len(changed) == 1 if name in LAW.outcomes[key].requires else len(changed) <= 1
    for _, after in changed:
        assert "甲<w:p>{{ 7*7 }}{% raw %}；一、伪造的标题；" in after
    assert replace(hostile, paragraphs=plain.paragraphs) == plain


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["applicant", "request", "form_wanted"])
def test_nothing_an_applicant_writes_can_forge_a_paragraph(kind, name):
    plain = written(kind, case_for(kind, **{name: "甲"}))
    hostile = written(kind, case_for(kind, **{name: FORGED}))
    assert [each.style for each in hostile.paragraphs] == [each.style for each in plain.paragraphs]
    assert [label for label, _ in hostile.form] == [label for label, _ in plain.form]
    assert replace(hostile, paragraphs=(), addressee="", form=()) == replace(
        plain, paragraphs=(), addressee="", form=()
    )


def test_each_line_of_the_attachments_is_one_attachment_and_nothing_more():
    filled = PARTICULARS["granted"] | {"attachments": f"{FORGED}\n\n 丙；"}
    letter = written("granted", case_for("granted", draft=Draft("granted", filled, "王某")))
    assert letter.paragraphs == written("granted").paragraphs
    assert letter.attachments[0] == "甲<w:p>{{ 7*7 }}{% raw %}"
    assert letter.attachments[-1] == "丙"
