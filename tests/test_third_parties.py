"""Every third party × what he was asked about × what is answered: asked, delivered, told? (15, 32).

Two companies are asked, each about its own contract; whatever became of either letter is tried with
whatever the reply does with either contract. What must follow is said here once more, in the words
of the law, and compared with what can be drafted, signed and sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product

import pytest
from histories import HEAD, History, particulars
from letter_examples import AGENCY, LAW
from played import Played
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel

from letters.letter.facts import letter_of
from letters.letter.words import plain_text
from models.acts.catalogue import ACTS
from models.acts.procedure.withholding import untold
from models.case.stage import Stage
from models.errors import ActRefused
from models.store.sealing import Sealing, keyed, new_key

ENGINE = keyed(create_engine("sqlite://"), Sealing([new_key()]))
SQLModel.metadata.create_all(ENGINE)

SENT, HAD, ANSWERED = date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 9)
LAPSE, AFTER = (
    date(2026, 3, 26),
    date(2026, 3, 27),
)  # the 15th working day from delivery, and the next
NAMES = {"1": "甲公司", "2": "乙公司"}
ITEMS = {"1": "合同甲", "2": "合同乙"}


@dataclass(frozen=True)
class Course:
    """What became of a letter; `agrees`, `objects`, `open` as the law reads it on the day AFTER."""

    name: str
    returned: bool = False
    delivered: bool = False
    view: str = ""
    reasons: str = ""
    reasonable: str = ""

    @property
    def open(self) -> bool:
        """Not answered, and not silent either: who has not had the letter was not asked (32)."""
        return not self.view and not self.delivered and not self.returned

    @property
    def not_agreeing(self) -> bool:
        """Objected, wholly or in part, or could not be reached: Art. 15 asks for his consent."""
        return self.view in ("object", "partly") or self.returned

    @property
    def carries(self) -> bool:
        """A refusal for his sake may rest on it: heard, no consent, not unreasonable (15, 32)."""
        return not self.open and self.view != "agree" and self.reasonable != "no"


COURSES = (
    Course("未送达"),
    Course("退回无法联系", returned=True),
    Course("送达后沉默", delivered=True),
    Course("同意", delivered=True, view="agree"),
    Course("不表态", delivered=True, view="none"),
    Course("理由合理", delivered=True, view="object", reasons="工艺", reasonable="yes"),
    Course("理由不合理", delivered=True, view="object", reasonable="no"),
    Course("部分同意、理由合理", delivered=True, view="partly", reasons="报价", reasonable="yes"),
    Course("部分同意、理由不合理", delivered=True, view="partly", reasonable="no"),
)
PAIRS = list(product(COURSES, COURSES))
pairs = pytest.mark.parametrize(("one", "two"), PAIRS, ids=lambda each: each.name)


def asked(one: Course, two: Course) -> History:
    """Both asked on SENT; whatever became of the letters is recorded; it is the day after the lapse."""
    history = History().usual("received").usual("found_ours")
    history.today = SENT
    for ref in ("1", "2"):
        history.usual("consultation_started", name=NAMES[ref], information=ITEMS[ref])
    for ref, course in (("1", one), ("2", two)):
        history.today = HAD
        if course.delivered:
            history.usual("consultation_delivered", ref=ref)
        if course.returned:
            history.usual("consultation_returned", ref=ref)
    for ref, course in (("1", one), ("2", two)):
        history.today = ANSWERED
        if course.view:
            answer = {"view": course.view, "reasons": course.reasons}
            history.usual("consultation_ended", ref=ref, reasonable=course.reasonable, **answer)
    history.today = AFTER
    return history


def sent(history: History, told: set[str]) -> None:
    """From the draft to its dispatch: those of `told` must be told first, and nobody else can be."""
    history.usual("approved", HEAD).usual("signed", HEAD)
    assert {one.ref for one in untold(history.case)} == told
    answer = history.answer("replied")
    if told:
        assert (
            "应当先书面告知该第三方（条例第三十二条）" in history.refusals("replied", **answer)[0]
        )
    for ref in ("1", "2"):
        tell = {"ref": ref, "told_on": history.today, "content": "合同", "reasons": "公共资金"}
        grounds = {ground: history.refusals("third_party_told", ground=ground, **tell)
                   for ground in ("public_interest", "unreasonable")}  # fmt: skip
        if ref not in told:
            assert grounds["public_interest"]
            continue
        assert not grounds["public_interest"]
        one = history.case.opinion(ref)
        assert one is not None
        assert (not grounds["unreasonable"]) == (one.reasonable == "no")
        history.act("third_party_told", ground="public_interest", **tell)
    history.usual("replied")
    assert history.case.stage is Stage.CLOSED


def letter(history: History) -> str:
    draft = history.case.draft
    assert draft is not None
    made = letter_of(draft.outcome, history.case, "文号", history.today, LAW, AGENCY)
    return plain_text(made)


def refusals(history: History, outcome: str, **answer: object) -> list[str]:
    ground = str(answer.get("withheld_ground", ""))
    tab = {"granted": "granted", "partly_granted": "partly_granted"}.get(outcome, "refused")
    return history.refusals(f"drafted_{tab}", **(particulars(outcome, ground) | answer))


@pairs
def test_all_is_given(one: Course, two: Course) -> None:
    """Both contracts: neither may still be open; whoever did not agree is told."""
    history = asked(one, two).draft("granted", information="合同甲、合同乙")
    history.usual("approved", HEAD)
    unheard = [each for each in (one, two) if each.open]
    signing = history.refusals("signed", HEAD, signed_on=history.today)
    assert bool(signing) == bool(unheard), signing
    if unheard:
        assert "不能决定公开（条例第三十二条" in signing[0]
        return
    history.usual("sent_back", HEAD).draft("granted", information="合同甲、合同乙")
    sent(history, {ref for ref, each in (("1", one), ("2", two)) if each.not_agreeing})


@pairs
def test_one_is_kept_for_its_owners_sake_and_the_other_given(one: Course, two: Course) -> None:
    """Contract 甲 withheld, 乙 given: 甲's own course carries it, 乙's own course opens it."""
    history = asked(one, two)
    answer = {
        "withheld_ground": "third_party_rights",
        "information": "合同乙",
        "withheld": "合同甲",
        "protected": "1",
    }
    found = refusals(history, "partly_granted", **answer)
    assert bool(found) == (not one.carries), found
    if found:
        return
    history.draft("partly_granted", **answer).usual("approved", HEAD)
    signing = history.refusals("signed", HEAD, signed_on=history.today)
    assert bool(signing) == two.open
    if two.open:
        return
    history.usual("sent_back", HEAD).draft("partly_granted", **answer)
    sent(history, {"2"} if two.not_agreeing else set())
    words = letter(history)
    assert "乙公司" not in words
    assert ("甲公司：" in words) == (not one.returned)
    assert ("未能送达，没有取得其意见" in words) == one.returned


@pairs
def test_nobody_named_those_who_can_are_protected(one: Course, two: Course) -> None:
    """The officer names nobody: a judged or absent objection protects nobody, one that stands does."""
    history = asked(one, two)
    answer = {"withheld_ground": "third_party_rights", "information": "批复", "withheld": "合同"}
    found = refusals(history, "partly_granted", **answer)
    assert bool(found) == (not one.carries and not two.carries)
    if found or one.open or two.open:
        return
    history.draft("partly_granted", **answer)
    sent(
        history,
        {ref for ref, each in (("1", one), ("2", two)) if each.not_agreeing and not each.carries},
    )


@pytest.mark.parametrize(("redaction", "told"), [("other", set[str]()), ("personal", {"1", "2"})])
def test_what_is_redacted_of_persons_is_kept_for_nobody_who_was_asked(
    redaction: str, told: set[str]
) -> None:
    """Identity numbers and addresses go without asking; whoever objected to the rest is told (15, 32)."""
    objects = Course("理由合理", delivered=True, view="object", reasons="工艺", reasonable="yes")
    history = asked(objects, objects)
    withheld = "登记表所载自然人的身份证号码、住址"
    answer = {"withheld_ground": "third_party_rights", "information": "批复", "withheld": withheld}
    history.draft("partly_granted", **answer, redaction=redaction)
    sent(history, told)


@pairs
def test_all_is_refused_for_their_sake(one: Course, two: Course) -> None:
    """Both contracts refused: each by its own owner's course, and with a reason for the whole."""
    history = asked(one, two)
    answer: dict[str, object] = {"information": "合同甲、合同乙", "protected": "1、2"}
    partly = [each for each in (one, two) if each.view == "partly"]
    found = refusals(history, "third_party_rights", **answer, inseparable="不能分开")
    assert bool(found) == (not one.carries or not two.carries)
    if found:
        return
    assert bool(refusals(history, "third_party_rights", **answer)) == bool(partly)
    history.draft("third_party_rights", **answer, inseparable="不能分开")
    sent(history, set())


@pairs
def test_all_is_refused_and_nobody_named(one: Course, two: Course) -> None:
    """An objection carries its own item along, not one whose owner agrees or objects in vain."""
    found = refusals(asked(one, two), "third_party_rights", inseparable="不能分开")
    settled = [each for each in (one, two) if not each.open]
    allowed = any(each.carries for each in settled) and all(each.carries for each in settled)
    assert bool(found) == (not allowed), found


@pairs
def test_one_is_kept_on_another_ground_and_the_other_given(one: Course, two: Course) -> None:
    """Contract 甲 withheld as process information: no opinion carries it; 乙's opens its own."""
    history = asked(one, two)
    answer = {"information": "合同乙", "withheld": "合同甲", "protected": "1"}
    history.draft("partly_granted", **answer).usual("approved", HEAD)
    assert bool(history.refusals("signed", HEAD, signed_on=history.today)) == two.open
    if two.open:
        return
    history.usual("sent_back", HEAD).draft("partly_granted", **answer)
    sent(history, {"2"} if two.not_agreeing else set())


@pairs
def test_in_parts_each_part_has_its_own(one: Course, two: Course) -> None:
    """乙's contract given in one part, 甲's refused for its sake in another: nobody is named."""
    if not one.carries or two.open:
        return
    history = asked(one, two).draft("granted", information="合同乙")
    history.usual("another_part", answered="合同乙", remaining="合同甲")
    answer = {"information": "合同甲", "inseparable": "不能分开"}
    assert not refusals(history, "third_party_rights", **answer)
    history.draft("third_party_rights", **answer)
    sent(history, {"2"} if two.not_agreeing else set())


CHANGES = (
    {"view": "agree"},
    {"view": "object", "reasonable": "no"},
    {"view": "object", "reasons": "另有说明", "reasonable": "yes"},
)


@pytest.mark.parametrize("stage", ["signed", "replied"])
@pytest.mark.parametrize("outcome", ["third_party_rights", "partly_granted"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_refusal_falls_with_the_objection_that_carried_it(
    change: dict[str, str], outcome: str, stage: str
) -> None:
    """Whoever changes his mind, or is judged anew, before the reply is signed or sent."""
    objects = Course("理由合理", delivered=True, view="object", reasons="工艺", reasonable="yes")
    history = asked(objects, objects)
    ground = {"withheld_ground": "third_party_rights"} if outcome == "partly_granted" else {}
    history.draft(outcome, protected="1、2", **ground).usual("approved", HEAD)
    if stage == "replied":
        history.usual("signed", HEAD)
    answer = history.answer(stage)
    assert history.refusals(stage, HEAD, **answer) == []
    history.usual("consultation_ended", ref="2", **change)
    found = history.refusals(stage, HEAD, **answer)
    assert bool(found) == (change["view"] == "agree" or change.get("reasonable") == "no"), found


@pytest.mark.parametrize(("day", "may"), [(LAPSE, False), (AFTER, True)])
@pytest.mark.parametrize("signs", ["today", "in arrears"])
def test_silence_allows_a_release_from_the_day_after_the_lapse(
    day: date, may: bool, signs: str
) -> None:
    """Also if it is signed later under an earlier date: the decision is of the day it bears."""
    silent = Course("送达后沉默", delivered=True)
    history = asked(silent, silent)
    history.today = AFTER if signs == "in arrears" else day
    history.draft("granted").usual("approved", HEAD)
    assert (history.refusals("signed", HEAD, signed_on=day) == []) is may


def test_without_any_delivery_recorded_no_day_is_late_enough() -> None:
    history = asked(COURSES[0], COURSES[0])
    history.today = date(2026, 12, 1)
    history.draft("granted").usual("approved", HEAD)
    assert "尚未登记送达" in history.refusals("signed", HEAD, signed_on=history.today)[0]


# ── answered in one letter ──────────────────────────────────────────────────────────────────────
CONTRACT = (
    "征求对象＝第三方；对象的姓名或名称＝甲公司；征求意见的信息＝合同甲；为什么征求其意见＝商业秘密"
)
JOINED = [
    "2026-03-02　收到　申请内容＝2025年度名单",
    "2026-03-02　【乙】收到　申请内容＝合同甲",
    "2026-03-03　本机关",
    f"2026-03-03　【乙】征求意见　{CONTRACT}",
]
SIGNED_FOR_BOTH = [
    "2026-03-10　一并答复",
    "2026-03-10　起草　办理结果＝{}",
    "2026-03-10　审核通过",
    "2026-03-10　签发",
]


@pytest.mark.parametrize(
    ("opinion", "outcome", "refused"),
    [
        ("", "予以公开（提供）", True),  # still awaited
        ("不同意公开；不同意的理由是否合理＝理由不合理", "予以公开（提供）", True),
        ("同意公开一部分，其余不同意；不同意的理由是否合理＝理由不合理", "予以公开（提供）", True),
        ("同意公开", "予以公开（提供）", False),
        ("不同意公开；不同意的理由是否合理＝理由不合理", "属于四类过程性信息", False),
    ],
)
def test_an_objection_protects_in_whichever_letter_its_application_is_answered(
    opinion: str, outcome: str, refused: bool
) -> None:
    said = [
        "2026-03-04　【乙】意见书送达　送达日期＝2026-03-04",
        f"2026-03-05　【乙】登记意见　意见＝{opinion}",
    ]
    lines = [*JOINED, *(said if opinion else said[:1]), *(SIGNED_FOR_BOTH)]
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines[:-1]:
            play.line(line.format(outcome))
        if refused:
            with pytest.raises(ActRefused, match="单独答复"):
                play.line(lines[-1])
        else:
            play.line(lines[-1])


@pytest.mark.parametrize(
    ("said", "signed_on", "refused"),
    [
        ([], "2026-03-25", True),  # the last of the 15 working days from 4 March
        ([], "2026-03-26", False),
        (["2026-03-20　【乙】登记意见　意见＝同意公开"], "2026-03-19", True),
        (["2026-03-20　【乙】登记意见　意见＝同意公开"], "2026-03-20", False),
    ],
)
def test_a_letter_for_both_bears_no_day_on_which_an_opinion_was_still_awaited(
    said: list[str], signed_on: str, refused: bool
) -> None:
    drafted = [
        line.format("予以公开（提供）").replace("03-10", "03-26") for line in SIGNED_FOR_BOTH
    ]
    lines = [*JOINED, "2026-03-04　【乙】意见书送达　送达日期＝2026-03-04", *said, *drafted[:-1]]
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines:
            play.line(line)
        signed = f"{drafted[-1]}　签发日期＝{signed_on}"
        if refused:
            with pytest.raises(ActRefused, match="单独答复"):
                play.line(signed)
        else:
            play.line(signed)


def test_an_objection_that_comes_after_the_signature_stops_the_letter_too() -> None:
    agreed = [
        "2026-03-04　【乙】意见书送达　送达日期＝2026-03-04",
        "2026-03-05　【乙】登记意见　意见＝同意公开",
        *(line.format("予以公开（提供）") for line in SIGNED_FOR_BOTH),
    ]
    with Session(ENGINE) as session:
        play = Played(session)
        for line in (*JOINED, *agreed):
            play.line(line)
        changed = "收到意见之日＝2026-03-11；意见＝不同意公开；不同意的理由是否合理＝理由不合理"
        play.line(f"2026-03-11　【乙】登记意见　{changed}")
        with pytest.raises(ActRefused, match="单独答复"):
            play.line("2026-03-12　发出")


# ── asked twice ─────────────────────────────────────────────────────────────────────────────────
ASKED = "征求对象＝第三方；对象的姓名或名称＝{}；征求意见的信息＝{}；为什么征求其意见＝商业秘密"


@pytest.mark.parametrize(
    ("name", "information", "corrected", "told_first"),
    [
        ("甲公司", "合同甲", False, False),
        ("甲公司", " 合同甲\u3000", False, False),
        ("甲公司", "合同乙", False, True),  # about something else: the objection stands
        ("乙公司", "合同甲", False, True),  # somebody else
        ("甲公司", "合同乙", True, False),  # what was asked before the correction is past
    ],
)
def test_what_the_same_party_says_later_of_the_same_takes_the_place_of_its_objection(
    name: str, information: str, corrected: bool, told_first: bool
) -> None:
    correction = ["2026-03-06　补正　送达日期＝2026-03-06", "2026-03-09　收到补正"]
    lines = [
        "2026-03-02　收到　申请内容＝合同甲",
        f"2026-03-03　征求意见　{ASKED.format('甲公司', '合同甲')}",
        "2026-03-04　意见书送达",
        "2026-03-05　登记意见　意见＝不同意公开；不同意的理由是否合理＝理由不合理",
        *(correction if corrected else []),
        f"2026-03-09　征求意见　{ASKED.format(name, information)}",
        "2026-03-09　意见书送达",
        "2026-03-10　登记意见　意见＝同意公开",
        "2026-03-10　本机关",
        "2026-03-11　起草　办理结果＝予以公开（提供）",
        "2026-03-11　审核通过",
        "2026-03-11　签发",
    ]
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines:
            play.line(line)
        if told_first:
            with pytest.raises(ActRefused, match="甲公司"):
                play.line("2026-03-11　发出")
            play.line("2026-03-11　告知第三方")
        play.line("2026-03-11　发出")


@pytest.mark.parametrize("kind", ["drafted_granted", "drafted_partly_granted", "drafted_refused"])
def test_whose_information_it_is_is_asked_only_where_somebody_was_asked(kind: str) -> None:
    nobody = History().usual("received").usual("found_ours")
    assert "protected" not in ACTS[kind].questions(nobody.case, nobody.now())
    somebody = asked(COURSES[0], COURSES[0])
    found = ACTS[kind].questions(somebody.case, somebody.now())
    assert "protected" in found
    assert "third_party_view" not in found  # written as recorded, never typed


def test_an_objection_made_after_a_correction_stands_from_its_very_day() -> None:
    lines = [
        "2026-03-02　收到　申请内容＝合同",
        "2026-03-03　补正　送达日期＝2026-03-03",
        "2026-03-04　收到补正",
        f"2026-03-04　征求意见　{ASKED.format('甲公司', '合同甲')}",
        "2026-03-04　意见书送达",
        "2026-03-05　登记意见　意见＝不同意公开；不同意的理由是否合理＝理由不合理",
        f"2026-03-06　征求意见　{ASKED.format('甲公司', '合同乙')}",
        "2026-03-06　意见书送达",
        "2026-03-09　登记意见　意见＝同意公开",
        "2026-03-09　本机关",
        "2026-03-10　起草　办理结果＝予以公开（提供）",
        "2026-03-10　审核通过",
        "2026-03-10　签发",
    ]
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines:
            play.line(line)
        with pytest.raises(ActRefused, match="甲公司"):
            play.line("2026-03-10　发出")
