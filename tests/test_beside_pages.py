"""Pages beside the path: what is to be screened, with ticks; a review with its buttons; words previewed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from officers import OFFICERS
from test_publication import GRANTED, PARTLY, closed

from flows import office
from flows.counter import publication, reviews
from flows.counter.reviews import Step
from flows.path import signing
from flows.server import screening_pages, sent_forms
from flows.server.what_became import Became
from models.neighbours.publication import FINDINGS
from tests.databases import TODAY, empty_register
from tests.our_pages import CLERK, Desk, lines, part, received

WORDS = "/new/年度报告文字?year=2025&part=五、存在的主要问题"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setattr(
            "flows.server.year_pages.became_of", lambda run: Became("done", str(run))
        )
        yield Desk()


def submitted(desk: Desk) -> list[dict[str, Any]]:
    return [one["parameters"] for one in desk.taken]


# ── what is to be screened ──────────────────────────────────────────────────────────────────────
def test_what_is_ticked_is_submitted_form_by_form(desk: Desk) -> None:
    first, second, third = closed(GRANTED), closed(PARTLY), closed(GRANTED)
    assert 'href="/screening">转主动公开（3）</a>' in desk.get("/")
    page = part(desk.get("/screening"), "lines")
    assert [n in page for n in (first, second, third)] == [True] * 3
    assert "予以公开" in page
    assert "2025年专利资助名单" in page
    answer = desk.post(
        "/screening", officer=CLERK, finding="not_fit", screened_on=TODAY, reason="涉及个人",
        **{f"pick.{first}": "yes", f"pick.{third}": "yes", f"proposed.{third}": "yes"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert "2件已登记" in part(answer.text, "became")
    common = {"finding": FINDINGS["not_fit"], "screened_on": TODAY, "reason": "涉及个人"}
    assert submitted(desk) == [
        {"number": first, **common, "proposed": False, "officer": CLERK},
        {"number": third, **common, "proposed": True, "officer": CLERK},
    ]
    assert len({one["idempotency_key"] for one in desk.taken}) == 2


def test_what_is_refused_is_named_and_stops_none_of_the_others(desk: Desk) -> None:
    good, bad = closed(GRANTED), received()
    answer = desk.post(
        "/screening", officer=CLERK, finding="fit", screened_on=TODAY,
        **{f"pick.{bad}": "yes", f"pick.{good}": "yes"},
    )  # fmt: skip
    assert answer.status_code == 409
    assert "1件已登记，1件没有登记" in answer.text
    assert "没有以予以公开或者部分公开办结" in part(answer.text, "became")
    assert [one["number"] for one in submitted(desk)] == [good]
    assert re.search(rf'name="pick.{good}"[^>]*checked', answer.text)


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"finding": ""}, screening_pages.NO_FINDING),
        ({"finding": "另外"}, screening_pages.NO_FINDING),
        ({"officer": " "}, screening_pages.NOBODY),
        ({"token": "x"}, sent_forms.STALE),
    ],
)
def test_what_is_lacking_is_said_and_nothing_is_submitted(
    desk: Desk, lacking: dict[str, str], said: str
) -> None:
    number = closed(GRANTED)
    typed = {"officer": CLERK, "finding": "not_fit", "screened_on": TODAY, "reason": "理由甲"}
    answer = desk.post("/screening", **{f"pick.{number}": "yes", **typed, **lacking})
    assert answer.status_code == 409
    assert said in answer.text
    assert "理由甲</textarea>" in answer.text, "what was typed stands there"
    assert submitted(desk) == []
    none = desk.post("/screening", **typed)
    assert screening_pages.NONE_PICKED in none.text


def test_who_may_not_screen_is_told_so_for_each(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = closed(GRANTED)
    agency = office.agency().model_copy(update={"officers": OFFICERS})
    monkeypatch.setattr(office, "agency", lambda: agency)
    asked = {f"pick.{number}": "yes", "finding": "fit", "screened_on": TODAY, "officer": CLERK}
    assert f"{CLERK}没有“审核”的职责" in desk.post("/screening", **asked).text
    assert submitted(desk) == []


def test_codes_without_accounts_are_for_one_form_each(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = closed(GRANTED)
    monkeypatch.setattr(signing, "asked_for", lambda _: True)
    assert screening_pages.APART in desk.get("/screening")
    assert number not in desk.get("/screening")


def test_what_was_found_fit_stands_with_its_last_day_until_it_is_published(desk: Desk) -> None:
    number = closed(GRANTED)
    publication.screen.fn(
        number=number, finding=FINDINGS["fit"], screened_on=office.today(), officer=CLERK
    )
    page = desk.get("/screening")
    assert "都已审查" in page
    waiting = part(page, "publish")
    assert "2026-03-30" in waiting, "20 working days"
    assert f"number={number}" in waiting
    publication.publish.fn(
        number=number, published_on=office.today(), place="门户网站", officer=CLERK
    )
    assert number not in desk.get("/screening")


# ── a review or a suit ──────────────────────────────────────────────────────────────────────────
def lodged(number: str, **changed: Any) -> None:
    asked = {"kind": "行政复议", "application": number, "letter": "", "lodged_on": office.today(),
             "authority": "上海市人民政府", "authority_number": "沪府复〔2026〕1号",
             "officer": CLERK}  # fmt: skip
    reviews.lodge_review.fn(**(asked | changed))


def test_everything_of_a_review_stands_on_one_page_with_what_may_happen_next(desk: Desk) -> None:
    case = closed(GRANTED)
    lodged(case)
    (number,) = set(re.findall(r'href="/reviews/([^"]+)"', desk.get("/reviews")))
    page = desk.get(f"/reviews/{number}")
    assert all(words in page for words in ("上海市人民政府 沪府复〔2026〕1号", "审理中", case))
    assert f'href="/cases/{case}"' in page
    assert "登记复议诉讼案件（" in part(page, "done")
    assert f"?number={number}" in page
    for may in ("登记结果", "登记进展", "注销登记", "登记复议后的起诉"):
        assert f">{may}</a>" in page, may
    for why in ("登记上诉：", "登记再审：", "登记重新答复："):
        assert why in page, why
    assert (lines()[-1][1]) == f"{number} 复议诉讼"
    assert f'href="/reviews/{number}"' in desk.get(f"/cases/{case}")
    assert "没有编号为" in desk.get("/reviews/FS1", 404)


def test_its_forms_know_it_and_offer_only_what_its_stage_allows(desk: Desk) -> None:
    lodged(closed(GRANTED))
    (number,) = set(re.findall(r'href="/reviews/([^"]+)"', desk.get("/reviews")))
    page = desk.get(f"/new/复议诉讼进展?number={number.lower()}&step={Step.VOID}")
    assert f'<input type="hidden" name="field.number" value="{number}">' in page
    assert "沪府复〔2026〕1号</dd>" in page, "its facts stand beside it"
    assert f'<option value="{Step.VOID}" selected>' in page
    assert f'<option value="{Step.APPEAL}"' not in page
    assert f'href="/reviews/{number}"' in page
    result = desk.get(f"/new/复议诉讼结果?number={number}")
    assert "维持原行政行为" in result
    assert "驳回诉讼请求" not in result, "a court's"
    assert "没有编号为" in desk.get("/new/复议诉讼结果?number=FS9")
    reviews.record_course.fn(
        number=number, step=Step.VOID, on=office.today(), words="登记有误", officer=CLERK
    )
    closed_form = desk.get(f"/new/复议诉讼结果?number={number}")
    assert "现在不能提交" in closed_form
    assert number in desk.get("/reviews").partition("已审结、已注销")[2]


def test_the_reply_that_is_ordered_stands_first_with_its_last_day(desk: Desk) -> None:
    for n in "12":
        lodged("", letter=f"外来〔2025〕{n}号", authority_number=n)
    numbers = re.findall(r'href="/reviews/([^"]+)"', desk.get("/reviews"))
    assert len(numbers) == 2
    reviews.record_result.fn(
        number=numbers[-1], result="结果纠正　撤销或者部分撤销", decision="决定1号",
        decided_on=office.today(), received_on=office.today(), redecision=True, officer=CLERK,
    )  # fmt: skip
    again = re.findall(r'href="/reviews/([^"]+)"', desk.get("/reviews"))
    assert again[0] == numbers[-1]
    assert "2026-03-30" in desk.get("/reviews")
    page = desk.get(f"/reviews/{numbers[-1]}")
    assert "重新答复届满日" in page
    assert "撤销或者部分撤销（结果纠正）" in page


# ── the year's words ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("本年新收 {{ 新收 }} 件。\r\n<b>改进", "本年新收 0 件。"),
        ("本年 {{ 新受 }}", "没有“新受”这个数字"),
        ("", ""),
    ],
)
def test_words_are_shown_as_they_would_be_printed(desk: Desk, text: str, shown: str) -> None:
    given = {"field.year": "2025", "field.part": "五、存在的主要问题", "field.text": text}
    answer = desk.post("/new/年度报告文字", page=WORDS, look="page", **given)
    assert answer.status_code == 200
    seen = part(answer.text, "preview")
    assert shown in seen
    assert "<b>" not in seen
    assert submitted(desk) == []
    assert desk.get("/year/2025").count("待补充") >= 1, "nothing is recorded"


def test_words_of_no_year_say_so(desk: Desk) -> None:
    answer = desk.post("/new/年度报告文字", look="page", **{"field.text": "甲"})
    assert "请先填写报告年度" in part(answer.text, "preview")
