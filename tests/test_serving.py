"""How a reply is served, and when it counts as served (Art. 45; 复议法 22; 民诉法 89, 91, 94, 95)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import played
import pytest
from histories import AGENCY, DRAFTER, LAW, POSTED
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel
from test_consulting import Office, only
from test_letters_life import office

from letters.letter.facts import letter_of
from letters.letter.words import Letter, plain_text
from models.acts.afterwards.delivery import had_on, remedy_days, served_lines
from models.acts.catalogue import ACTS, replay
from models.acts.reply.serving import AGAIN, DELIVERY, NEEDED, ONLINE, SIGNED
from models.acts.reply.serving import POSTED as BY_POST
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import same_applicant
from models.register.counted_in_table3 import counted
from models.store.sealing import Sealing, keyed, new_key

ON = date(2026, 3, 2)
REFUSED = "拒绝签收，居民委员会王某到场见证，留置于其住所"


def dispatched(**answer: object) -> Office:
    """A signed reply, sent on 2 March in this way."""
    return office(Stage.DISPATCH).usual("replied", **answer)


def refused(**answer: object) -> list[str]:
    at = office(Stage.DISPATCH)
    asked = {"sent_on": ON, **answer}
    return at.refusals("replied", **asked)


# ── what a way of service needs ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("way", BY_POST)
def test_what_is_posted_has_its_number_or_the_reason_why_it_has_none(way: str) -> None:
    assert "请填写邮件号；没有邮件号的，请写明原因" in only(refused(delivery=way))
    assert "邮件号" in only(refused(delivery=way, proof=" "))
    assert refused(delivery=way, proof=POSTED) == []
    assert refused(delivery=way, proof="邮局未给回单，以收寄清单为凭") == []


@pytest.mark.parametrize("way", SIGNED)
def test_what_is_signed_for_names_who_signed(way: str) -> None:
    assert "请填写签收人" in only(refused(delivery=way))
    assert refused(delivery=way, handed_to="张三") == []


def test_what_is_left_behind_says_why_and_who_witnessed_it() -> None:
    assert "拒收事由和见证人" in only(refused(delivery="left"))
    assert refused(delivery="left", refusal=REFUSED) == []
    said = only(refused(delivery="in_person", handed_to="张三", refusal=REFUSED))
    assert said == "“拒收事由、见证人”只在留置送达时填写"


def test_public_notice_is_for_what_could_not_be_served_otherwise() -> None:
    assert "public_notice" not in DELIVERY
    at = office(Stage.CLOSED).usual("letter_returned")
    asked = {"sent_on": ON, "delivery": "public_notice"}
    assert "请写明公告载体" in only(at.refusals("served_again", **asked))
    assert at.refusals("served_again", **asked, proof="本机关门户网站") == []


def test_every_way_that_needs_something_is_a_way_and_the_form_asks_for_it() -> None:
    assert NEEDED.keys() <= AGAIN.keys()
    for kind, ways in (("replied", DELIVERY), ("served_again", AGAIN)):
        fields = ACTS[kind].model_fields
        at = office(Stage.DISPATCH if kind == "replied" else Stage.CLOSED)
        needed = ACTS[kind].needs(at.case, at.now())["delivery"]
        assert needed == {way: NEEDED[way] for way in ways if way in NEEDED}
        assert {name for names in needed.values() for name in names} <= fields.keys()


# ── online (复议法 22) ─────────────────────────────────────────────────────────────────────────
def without_channel(at: Office) -> Office:
    at.agency = at.agency.model_copy(update={"online_review": ""})
    return at


@pytest.mark.parametrize("way", ONLINE)
@pytest.mark.parametrize("kind", ["replied", "served_again"])
def test_nothing_is_served_online_without_an_online_channel_of_review(kind: str, way: str) -> None:
    at = office(Stage.DISPATCH if kind == "replied" else Stage.CLOSED)
    asked = {"sent_on": ON, "delivery": way}
    assert at.refusals(kind, **asked) == []
    said = only(without_channel(at).refusals(kind, **asked))
    assert "应当同时告知在线申请行政复议的渠道" in said
    assert "请管理员填写在线复议渠道后重新签发" in said
    assert "行政复议法第二十二条第二款" in said
    assert at.refusals(kind, **(asked | {"delivery": "ems", "proof": POSTED})) == []


@pytest.mark.parametrize(
    ("signed", "now", "told", "says"),
    [
        ("一网通办", "一网通办", True, ""),
        ("", "一网通办", False, "请重新签发"),
        ("旧平台", "一网通办", False, "请重新签发"),
        ("一网通办", "", None, "本机关尚未设定"),
    ],
)
@pytest.mark.parametrize("way", ONLINE)
def test_the_letter_that_goes_out_online_names_the_channel_there_is(
    signed: str, now: str, told: bool | None, says: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed under one setting and sent under another: looked at again when it is sent."""
    engine = keyed(create_engine("sqlite://"), Sealing([new_key()]))
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        monkeypatch.setattr(played, "AGENCY", AGENCY.model_copy(update={"online_review": signed}))
        play = played.Played(session)
        for line in ("收到", "起草　办理结果＝予以公开（提供）", "审核通过", "签发"):
            play.line(f"2026-03-02　{line}")
        monkeypatch.setattr(played, "AGENCY", AGENCY.model_copy(update={"online_review": now}))
        case = play.case()
        informed = same_applicant.informed(session, case, play.now("李起草"))
        assert informed.told_online is told
        sent = ACTS["replied"].model_validate({"sent_on": date(2026, 3, 2), "delivery": way})
        assert says in "；".join(sent.refusals(case, informed))
        assert bool(sent.refusals(case, informed)) is bool(says)


def test_a_letter_that_tells_no_remedy_needs_no_channel_of_review() -> None:
    at = without_channel(office(Stage.DRAFTING))
    at.draft("withdrawn").approved()
    at.usual("signed", "王主任")
    assert at.refusals("replied", sent_on=ON, delivery="email") == []


@pytest.mark.parametrize(
    ("signed", "needs"), [(date(2023, 12, 31), False), (date(2024, 1, 1), True)]
)
def test_the_channel_is_due_from_the_day_the_revised_law_is_in_force(
    signed: date, needs: bool
) -> None:
    for kind in ("choice", "if_taken", "review_first", "split", "split_if_taken"):
        assert LAW.remedy(kind, signed).online is needs
    assert LAW.remedy("none", signed).online is False


# ── bounced ────────────────────────────────────────────────────────────────────────────────────
def test_a_mail_that_bounced_was_not_sent_and_the_limit_runs_on() -> None:
    at = dispatched(delivery="email").on(date(2026, 3, 3))
    before = at.case.deadline(LAW)
    assert before is not None
    assert before.replied_on == ON
    at.usual("reply_bounced")
    case = at.case
    assert (case.stage, case.closed_on, case.row(LAW)) == (Stage.DISPATCH, None, None)
    limit = case.deadline(LAW)
    assert limit is not None
    assert (limit.replied_on, limit.last_day) == (None, date(2026, 3, 30))
    assert case.reply_letter() is not None  # the same letter under the same number
    assert [one.result.on for one in counted(case, LAW)] == [None]
    at.on(date(2026, 3, 31)).usual("replied")
    late = at.case.deadline(LAW)
    assert late is not None
    assert late.timely is False
    assert [one.result.on for one in counted(at.case, LAW)] == [date(2026, 3, 31)]
    assert served_lines(at.case) == [
        "2026年3月2日　电子邮件，退信：550 用户不存在",
        "2026年3月31日　邮政特快专递",
    ]
    assert replay(at.case.number, at.events) == at.case


def test_only_what_went_by_mail_or_platform_can_bounce_and_only_while_nothing_else_is_known() -> (
    None
):
    with pytest.raises(ActRefused, match="没有退信可以登记"):
        dispatched().usual("reply_bounced")
    at = dispatched(delivery="online").usual("letter_received")
    with pytest.raises(ActRefused, match="已经登记过送达情况"):
        at.usual("reply_bounced")
    at = dispatched(delivery="email")
    asked = {"bounced_on": ON, "reason": " "}
    assert only(at.refusals("reply_bounced", **asked)) == "请写明退信提示"
    early = {"bounced_on": date(2026, 3, 1), "reason": "甲"}
    assert "早于发出日期" in only(at.refusals("reply_bounced", **early))
    with pytest.raises(ActRefused, match="请登记“退信”"):
        at.usual("letter_returned")


# ── when it counts as had ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("way", DELIVERY)
def test_the_applicant_has_what_was_signed_for_or_left_behind_on_its_day(way: str) -> None:
    given = {name: REFUSED if name == "refusal" else "张三" for name in NEEDED.get(way, ())}
    at = dispatched(delivery=way, **given)
    assert had_on(at.case, LAW) == (ON if way in (*SIGNED, "left") else None)


def test_what_an_earlier_release_recorded_as_passed_on_says_nothing_of_receipt() -> None:
    at = office(Stage.DISPATCH)
    old = ACTS["replied"].model_validate({"delivery": "agency", "sent_on": "2026-03-02"})
    old.apply(at.case, ON, DRAFTER)
    assert at.case.stage is Stage.CLOSED
    assert had_on(at.case, LAW) is None


@pytest.mark.parametrize(
    ("noticed", "had"),
    [
        (date(2021, 12, 31), date(2022, 3, 1)),  # 60 days
        (date(2022, 1, 1), date(2022, 2, 7)),  # 30 days end on 31 January, in the holiday
        (date(2026, 3, 3), date(2026, 4, 2)),
        (date(2026, 3, 4), date(2026, 4, 3)),
        (date(2026, 3, 5), date(2026, 4, 7)),  # ends on Saturday 4 April, Qingming to the 6th
    ],
)
def test_a_public_notice_is_served_when_its_days_have_passed(noticed: date, had: date) -> None:
    at = office(Stage.CLOSED)
    at.case.served = [replace_way(at, noticed)]
    assert had_on(at.case, LAW) == had
    days = remedy_days(at.case, LAW)
    assert days is not None
    assert days.had == had


def replace_way(at: Office, on: date):
    at.usual("served_again", delivery="public_notice", proof="本机关门户网站")
    return replace(at.case.served[-1], on=on)


def test_the_receipt_of_what_was_left_behind_says_why_and_who_saw_it() -> None:
    at = dispatched(delivery="left", refusal=REFUSED)
    assert [one.kind for one in at.case.letters][-1] == "service_receipt"
    receipt = dict(letter_of("service_receipt", at.case, "甲〔2026〕1号", ON, LAW, at.agency).form)
    assert receipt["送达方式"] == "留置送达"
    assert receipt["拒收事由、见证人"] == REFUSED
    assert receipt["送达日期"] == "2026年3月2日"
    assert receipt["受送达人签章"] == ""
    again = office(Stage.CLOSED).usual("letter_returned")
    again.usual("served_again", delivery="left", refusal=REFUSED)
    assert again.case.letters[-1].kind == "service_receipt"
    assert had_on(again.case, LAW) == ON


@pytest.mark.parametrize(
    "later", [{"reply": "政府信息公开答复书", "correction": "政府信息补正通知书"}, {}]
)
def test_a_letter_before_is_called_as_it_was_on_its_day(
    later: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office chose other titles since: what went out keeps its own (送达回证, 不再处理)."""
    engine = keyed(create_engine("sqlite://"), Sealing([new_key()]))
    SQLModel.metadata.create_all(engine)
    first = {"reply": "信息公开答复意见书", "correction": "信息公开补正告知单"}
    with Session(engine) as session:
        monkeypatch.setattr(played, "AGENCY", AGENCY.model_copy(update={"titles": first}))
        play = played.Played(session)
        for line in (
            "2026-03-02　收到",
            "2026-03-02　【乙】收到",
            "2026-03-03　【乙】补正　补正期限＝5；送达日期＝2026-03-03",
            "2026-03-10　起草　办理结果＝予以公开（提供）",
            "2026-03-10　审核通过",
            "2026-03-10　签发",
        ):
            play.line(line)
        monkeypatch.setattr(played, "AGENCY", AGENCY.model_copy(update={"titles": later}))
        play.line("2026-03-11　送达回证")
        lapsed = "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"
        play.line(f"2026-03-12　【乙】起草　办理结果＝{lapsed}；告知书送达日期＝2026-03-03")
        for line in ("审核通过", "签发"):
            play.line(f"2026-03-12　【乙】{line}")
        receipt, reply = (plain_text(Letter.from_json(one.letter)) for one in play.documents[-2:])
    assert "送达文书｜信息公开答复意见书（" in receipt
    assert "信息公开补正告知单已于2026年3月3日送达您" in reply
    assert later.get("reply", "政府信息公开申请告知书") in reply
