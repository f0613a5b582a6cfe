"""What is shown before the signature is what is printed after it: number and date apart."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from histories import AGENCY, DRAFTER, HEAD, LAW, History, particulars, standing
from test_acts import ready_for

from flows.shown.brief import brief
from letters.letter.facts import letter_of
from letters.letter.preview import DATED, NUMBER, preview, shown
from letters.letter.words import chinese_date, plain_text
from models.acts.catalogue import ACTS
from models.acts.reply.revising import revisable
from models.case.matters import Draft
from models.case.stage import Stage
from models.errors import ActRefused

SIGNED_NUMBER = "沪知公开告〔2026〕7号"
AWKWARD = "第一行*号\n# 第二行，含《文件》（节选）；\n<b>第三行</b>。"


def drafted(outcome: str, **more: object) -> History:
    return ready_for(outcome).draft(outcome, **more)


def in_two_parts() -> History:
    return drafted("granted").usual("another_part").draft("process_information", reasons=AWKWARD)


def printed(history: History) -> str:
    """The text of the letter that signing this draft today issues."""
    history.approved().usual("signed")
    case = history.case
    assert case.draft is not None
    letter = letter_of(case.draft.outcome, case, SIGNED_NUMBER, history.today, LAW, AGENCY)
    return plain_text(letter)


def seen(history: History) -> str:
    """The text of the preview, with the number and the date that signature gives."""
    letter = preview(history.case, LAW, AGENCY, history.today)
    assert letter is not None
    assert (letter.number, letter.signed_on) == (NUMBER, DATED)
    given = replace(letter, number=SIGNED_NUMBER, signed_on=chinese_date(history.today))
    return plain_text(given)


# ── the same words ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("outcome", LAW.outcomes)
def test_every_reply_is_shown_as_it_is_printed(outcome: str) -> None:
    history = drafted(outcome)
    before = seen(history)
    assert printed(history) == before


def test_a_reply_in_parts_is_shown_as_it_is_printed() -> None:
    history = in_two_parts()
    before = seen(history)
    assert "一、关于“名单”" in before
    assert printed(history) == before


def test_what_was_revised_is_shown_and_printed() -> None:
    history = drafted("not_existing").usual("revised")
    before = seen(history)
    assert "（经改稿）" in before
    assert printed(history) == before


# ── the form shows all of it ────────────────────────────────────────────────────────────────────
def as_read(markdown: str) -> str:
    """What a reader sees of Markdown: without emphasis, headings and escapes."""
    text = re.sub(r"(?<!\\)\*\*|^#+ ", "", markdown, flags=re.MULTILINE)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


@pytest.mark.parametrize("outcome", LAW.outcomes)
def test_the_form_shows_every_line_of_the_letter(outcome: str) -> None:
    history = drafted(outcome)
    form = as_read("\n".join(shown(history.case, LAW, AGENCY, history.today)))
    letter = preview(history.case, LAW, AGENCY, history.today)
    assert letter is not None
    lines = [line.strip("　 ") for line in plain_text(letter).splitlines() if line]
    assert [line for line in lines if line not in form] == []


def test_awkward_words_show_as_themselves_and_forge_nothing() -> None:
    history = drafted("internal_affairs", reasons=AWKWARD, discretion="**粗**“某”")
    paragraphs = shown(history.case, LAW, AGENCY, history.today)
    text = as_read("\n".join(paragraphs))
    assert "第一行*号；# 第二行，含《文件》（节选）；<b>第三行</b>" in text
    assert not any("\n" in one or re.search(r"(?<!\\)<", one) for one in paragraphs)
    assert "裁量决定不予公开的理由为：**粗**“某”。" in text


@pytest.mark.parametrize("stage", [Stage.REVIEW, Stage.SECRECY, Stage.SIGNING])
def test_whoever_reviews_clears_or_signs_reads_it_whole(stage: Stage) -> None:
    history = standing(stage)
    assert "".join(as_read(brief(history.case, history.now()))).count("特此告知。") == 1


def test_so_does_whoever_drafts_it_anew_but_not_who_has_still_a_part_to_draft() -> None:
    history = standing(Stage.REVIEW).usual("sent_back")
    assert "特此告知。" in brief(history.case, history.now())
    history = standing(Stage.REVIEW).usual("another_part")
    assert preview(history.case, LAW, AGENCY, history.today) is None
    assert "特此告知。" not in brief(history.case, history.now())
    assert "特此告知。" not in brief(standing(Stage.DISPATCH).case, history.now())


def test_what_cannot_be_a_letter_yet_says_what_it_lacks() -> None:
    history = standing(Stage.REVIEW)
    history.case.draft = Draft("granted", {"information": "名单"}, DRAFTER)
    assert shown(history.case, LAW, AGENCY, history.today) == [
        "**⚠️ 告知书还不能成文**　文书“granted”缺少必须写明的事项：whereabouts"
    ]


# ── whose words they are ────────────────────────────────────────────────────────────────────────
def test_the_officers_words_are_in_bold_and_nothing_else_is() -> None:
    history = drafted("granted", information="名单", whereabouts="随本告知书附送")
    bold = [
        words
        for one in shown(history.case, LAW, AGENCY, history.today)
        for words in re.findall(r"\*\*(.+?)\*\*", one)
    ]
    assert bold == ["名单", "随本告知书附送"]


@pytest.mark.parametrize(
    ("written", "in_bold"),
    [
        ("《文件》（节选）", "**《文件》（节选）**"),  # marks at both ends, marks around
        ("结果如何！", "结果如何！"),  # 。 is not added behind ！: the marked wording would differ
    ],
)
def test_bold_never_changes_the_words(written: str, in_bold: str) -> None:
    history = drafted("granted", information=written)
    paragraph = next(
        one for one in shown(history.case, LAW, AGENCY, history.today) if "申请公开的信息为" in one
    )
    assert f"申请公开的信息为：{in_bold}" in paragraph


# ── revising ────────────────────────────────────────────────────────────────────────────────────
FIXED = {
    *("outcome", "withheld_ground"),
    *("earlier_reply_on", "earlier_reply_number", "earlier_reply_kept"),
    *("noticed_on", "withdrawn_on", "public_interest", "open_by_law", "redaction", "protected"),
}


@pytest.mark.parametrize("outcome", LAW.outcomes)
def test_the_texts_that_the_letter_states_are_each_a_field(outcome: str) -> None:
    history = drafted(outcome)
    assert history.case.draft is not None
    asked = revisable(history.case.draft, LAW)
    stated = {*history.case.draft.particulars, *LAW.outcomes[outcome].requires}
    assert set(asked) == {f"0-{name}" for name in stated - FIXED}
    proposed = ACTS["revised"].proposal(history.case, history.now())
    assert proposed == {key: history.case.draft.particulars[key[2:]] for key in asked}


def test_in_a_reply_in_parts_each_part_has_its_own() -> None:
    history = in_two_parts()
    assert history.case.draft is not None
    asked = revisable(history.case.draft, LAW)
    assert set(asked) == {
        *("0-information", "0-whereabouts"),
        *("1-information", "1-reasons", "1-discretion"),
    }
    assert asked["1-reasons"].title == "第2部分：事实和理由"
    texts = ACTS["revised"].proposal(history.case, history.now())
    history.usual("revised", HEAD, **{**texts, "1-reasons": "须保护内部讨论"})
    assert history.case.draft.parts[0].particulars["reasons"] == "须保护内部讨论"
    assert history.case.draft.particulars == {
        k: v for k, v in particulars("granted").items() if k != "outcome"
    }


def as_it_stands(history: History) -> dict[str, object]:
    return ACTS["revised"].proposal(history.case, history.now())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "没有改动任何文字"),
        ({"0-reasons": " "}, "“事实和理由”是告知书必须写明的事项，不能删去"),
        ({"0-basis": "第十四条"}, "没有“0-basis”这一段文字可以改动"),
        ({"1-reasons": "别处"}, "没有“1-reasons”这一段文字可以改动"),
        ({"0-reasons": "甲" * 5001}, "“事实和理由”最多5000个字"),
        ({"0-reasons": "经\u202e核"}, "第2个字符是不可见的控制字符"),
    ],
)
def test_what_is_no_revision_is_refused(changed: dict[str, str], said: str) -> None:
    history = drafted("process_information")
    reasons = history.refusals("revised", HEAD, **{**as_it_stands(history), **changed})
    assert any(said in one for one in reasons), reasons


def test_who_revises_becomes_a_drafter_and_it_is_reviewed_again() -> None:
    history = standing(Stage.SIGNING)
    history.usual("revised", HEAD, note="统一用语")
    assert history.case.stage is Stage.REVIEW
    assert history.case.draft is not None
    assert history.case.draft.comments == [f"{HEAD}：改稿。统一用语"]
    history.usual("approved", HEAD)  # looked over by the same reviewer: it is not their draft
    with pytest.raises(ActRefused, match=f"起草人（{HEAD}）不能签发"):
        history.usual("signed", HEAD)
    assert history.usual("signed", "第三人").case.stage is Stage.DISPATCH


def test_the_record_tells_what_was_changed_and_to_what() -> None:
    history = drafted("process_information")
    before = history.case
    answer = {**as_it_stands(history), "0-reasons": "须保护内部讨论"}
    act = ACTS["revised"].model_validate(answer)
    assert list(act.said(before, history.now())) == [("事实和理由", "须保护内部讨论")]


def test_a_withdrawal_has_no_words_to_revise() -> None:
    history = drafted("withdrawn", withdrawn_on=date(2026, 3, 2))
    assert "没有承办人拟写的文字可以改动" in "".join(history.refusals("revised", HEAD, texts={}))
