"""How is a letter served, and what must be known of it before that can be recorded? (Art. 45)

By hand, entrusted or passed on it counts from the day it was signed for, by post from the day it was
posted (国办公开办函〔2016〕235号); left behind where it is refused, from that day (民诉法 89); by public
notice only after the days of the notice (民诉法 95). Online service comes with an online channel of
review (复议法 22).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from models.agency.remedy import remedy_of_parts
from models.case.act import Circumstances, blank
from models.case.case import Case

IN_PERSON, LEFT, PUBLIC_NOTICE = "in_person", "left", "public_notice"
DELIVERY = {
    IN_PERSON: "当面送达（送达回证）",
    "ems": "邮政特快专递",
    "registered_post": "邮政挂号信",
    "online": "网上平台",
    "email": "电子邮件",
    "agency": "机关内部转交",
    "entrusted": "委托送达",
    LEFT: "留置送达",
}
AGAIN = {**DELIVERY, PUBLIC_NOTICE: "公告送达"}
SIGNED = (IN_PERSON, "agency", "entrusted")  # the day on which it was signed for
REFUSED = ("拒签", "拒收", "拒绝")
RECEIPTED = (IN_PERSON, LEFT)  # with a 送达回证 of ours
POSTED = ("ems", "registered_post")
ONLINE = ("online", "email")
NEEDED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(SIGNED, ("handed_to",)),
    **dict.fromkeys((*POSTED, PUBLIC_NOTICE), ("proof",)),
    LEFT: ("refusal",),
}
"""What a way of service makes necessary: fields of the acts that serve a letter."""
PROOF = "邮寄的必填：邮件号，没有的写明原因；公告的必填：公告载体"
REFUSAL = (
    "留置送达的必填：拒收的情况和到场的基层组织、单位代表姓名，或者拍照、录像的情况"
    "（民事诉讼法第八十九条）"
)


def not_for_him(case: Case, handed_to: str) -> Iterator[str]:
    """That an agent who has no authority cannot sign for the applicant (民法典 165)."""
    if case.unauthorised and handed_to.strip() == case.agent:
        yield f"代理人（{case.agent}）没有委托手续，不能代申请人签收（条例第二十九条）"


def way_faults(way: str, handed_to: str, proof: str, refusal: str) -> Iterator[str]:
    """What is missing for a letter to have been served in that way."""
    if way == IN_PERSON and blank(handed_to):
        yield "当面送达的，请填写签收人"
    elif way in SIGNED and blank(handed_to):
        yield (
            f"{AGAIN[way]}的，以收件人签收之日为准（国办公开办函〔2016〕235号）："
            "请填写签收人，“发出日期”填写签收之日"
        )
    if way in SIGNED and any(word in handed_to for word in REFUSED):
        yield "拒绝签收的不是当面送达：请改选“留置送达”，写明拒收事由和见证人（民事诉讼法第八十九条）"
    if way in POSTED and blank(proof):
        yield f"{AGAIN[way]}的，请填写邮件号；没有邮件号的，请写明原因"
    if way == PUBLIC_NOTICE and blank(proof):
        yield "公告送达的，请写明公告载体"
    if way == LEFT and blank(refusal):
        yield (
            "留置送达的，请写明拒收事由和见证人，或者拍照、录像记录送达过程的情况"
            "（民事诉讼法第八十九条）"
        )
    elif way != LEFT and not blank(refusal):
        yield "“拒收事由、见证人”只在留置送达时填写"


def online_channel_missing(case: Case, way: str, signed_on: date, now: Circumstances) -> str | None:
    """Why a reply cannot be served online: no online channel of review to go with it (复议法 22)."""
    set_up = bool(now.agency.online_review)
    if way not in ONLINE or case.draft is None or (set_up and now.told_online is not False):
        return None
    rows = now.law.outcomes
    parts = [
        (rows[outcome], rows.get(stated.get("withheld_ground", "")))
        for outcome, stated in case.draft.stated
    ]
    if not remedy_of_parts(parts, signed_on, now.law, now.agency).online:
        return None
    if set_up:
        return (
            f"以{AGAIN[way]}送达的，应当同时告知在线申请行政复议的渠道，告知书签发时所写的不是现在的渠道："
            "请重新签发，或者改用其他方式送达（行政复议法第二十二条第二款）"
        )
    return (
        f"以{AGAIN[way]}送达的，应当同时告知在线申请行政复议的渠道，本机关尚未设定：请管理员填写"
        "在线复议渠道后重新签发，或者改用其他方式送达（行政复议法第二十二条第二款）"
    )
