"""A new request is held against all earlier ones, whoever asked: found, how answered, overturned or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select
from test_ledger import GOOD, as_csv, load

from flows import office
from flows.shown import precedents as shown
from flows.shown.candidates import nearest
from flows.shown.precedents import SAME, differing, precedents, told
from flows.shown.search_index import read_on
from models.case.review_case import ReviewStage
from models.store.tables import Application, Review
from models.words.alike import foremost, likeness
from tests.databases import empty_register
from tests.our_pages import Desk, confirmed, received

PLACES = ("浦东新区", "徐汇区", "嘉定区", "青浦区", "松江区", "宝山区")
SUBJECTS = (
    "专利资助项目的名单和金额",
    "商标侵权案件的行政处罚决定书",
    "知识产权服务机构的备案情况",
    "政府采购合同中软件正版化的验收报告",
    "地理标志产品保护的专家评审意见",
    "专利代理机构年度检查的结果",
    "知识产权质押融资风险补偿资金的使用情况",
    "展会知识产权保护工作的投诉处理记录",
)
YEARS = ("2021", "2022", "2023", "2024")
EVERY = [f"{place}{year}年{subject}" for place, year, subject in product(PLACES, YEARS, SUBJECTS)]


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def loaded(tmp_path: Path, requests: list[str], **more: str) -> list[str]:
    """The numbers of so many earlier applications, of so many persons."""
    rows = [
        GOOD | {"登记号": f"L{n}", "申请人": f"周晓{n}", "申请内容": request} | more
        for n, request in enumerate(requests)
    ]
    load(as_csv(tmp_path, *rows))
    return [row["登记号"] for row in rows]


def altered(request: str, random: Random) -> str:
    """The same in other words: another opening, another order, words left out and put in."""
    place, _, rest = request.partition("20")
    year, _, subject = rest.partition("年")
    opening = random.choice(["请贵局公开", "申请公开", "根据《政府信息公开条例》，申请获取", ""])
    digits = {"1": "二〇二一", "2": "二〇二二", "3": "二〇二三", "4": "二〇二四"}[year[-1]]
    when = random.choice([f"20{year}年", f"20{year}年度", f"{digits}年"])
    what = subject.replace("的", "") if random.random() < 0.5 else subject
    what = what.replace("情况", random.choice(["情况", "有关情况", "信息"]))
    return random.choice([f"{opening}{place}{when}{what}", f"{opening}{when}{place}{what}等材料"])


@pytest.mark.parametrize(
    "asked",
    [
        "2006年度专利资助名单",
        "1998年度专利资助名单",
        "2015、2016、2017、2018、2019年度专利资助名单",
    ],
)
def test_what_is_asked_for_anew_each_year_is_found_whatever_the_year(
    asked: str, tmp_path: Path
) -> None:
    numbers = loaded(tmp_path, [f"{year}年度专利资助名单" for year in range(2003, 2023)])
    with office.reading() as session:
        found = precedents(session, asked, office.circumstances(""), but="L3")
    assert len(found) == shown.MOST
    assert {one.number for one in found} <= {*numbers} - {"L3"}
    assert min(one.percent for one in found) >= 80


def test_nine_in_ten_altered_requests_find_what_was_asked_before(tmp_path: Path) -> None:
    numbers = loaded(tmp_path, EVERY)
    random, now, found = Random(7), office.circumstances(""), 0
    missed, best = list[str](), 0
    with office.reading() as session:
        rows = session.exec(select(Application)).all()
        tried = random.sample(range(len(EVERY)), 60)
        for n in tried:
            asked = altered(EVERY[n], random)
            hits = [one.number for one in precedents(session, asked, now)]
            found += numbers[n] in hits
            by_hand = sorted(
                rows,
                key=lambda row: (
                    near := likeness(asked, row.request),
                    near.same_numbers,
                    near.percent,
                )[1:],
            )[-1]
            best += by_hand.number in hits
            missed += [asked] if numbers[n] not in hits else []
    assert found >= 54, missed
    assert best >= 57, "what a comparison with every request puts first"


def test_the_answer_its_ground_and_what_a_court_said_are_told_and_nobody_is_named(
    tmp_path: Path,
) -> None:
    request = EVERY[0]
    first, second = loaded(tmp_path, [request, f"{request}。"])
    with office.writing() as session:
        row = session.get(Application, second)
        assert row is not None
        row.row = "3.1"
    now = office.circumstances("")
    with office.reading() as session:
        found = precedents(session, f"请公开{request}", now)
    assert [one.number for one in found] == [second, first] or [one.number for one in found] == [
        first, second
    ]  # fmt: skip
    assert all(one.same and one.percent >= SAME for one in found)
    words = "\n".join(told(found))
    assert "以前的答复不一致" in differing(found)
    assert "计入表三的三（一）" in words
    assert "周晓" not in words


def test_a_ledgers_row_differs_from_no_answer_that_is_counted_there(tmp_path: Path) -> None:
    """Of a ledger the row of table 三 is known alone: not held, not ours, destroyed are all 3.4.1."""
    first, second = loaded(tmp_path, [EVERY[0], f"{EVERY[0]}。"])
    with office.writing() as session:
        row = session.get(Application, second)
        assert row is not None
        row.outcome = "not_ours"
    now = office.circumstances("")
    with office.reading() as session:
        found = precedents(session, EVERY[0], now)
    assert {one.number: one.counted for one in found} == {first: True, second: False}
    assert len({one.answer for one in found}) == 2
    assert differing(found) == ""
    said = "\n".join(told(found))
    assert (
        "三（四）1　本机关不掌握：非本机关负责公开（第十条第一款、第三十六条第五项）\n"
        in f"{said}\n"
    )
    assert said.count("第三十六条第五项") == 1
    elsewhere = [replace(one, row="3.1") if one.counted else one for one in found]
    assert f"（{first}）" in differing(elsewhere)


def test_other_years_are_said_and_are_not_the_same(tmp_path: Path) -> None:
    loaded(tmp_path, EVERY[: len(SUBJECTS) * 2])
    with office.reading() as session:
        found = precedents(session, EVERY[0], office.circumstances(""))
    assert found[0].percent == 100
    assert found[0].same_numbers
    other = next(one for one in found if not one.same_numbers)
    assert not other.same
    assert "但年份或者编号不同" in "\n".join(told([other]))
    assert differing([other]) == ""


def test_the_form_and_the_page_of_a_case_show_them(tmp_path: Path) -> None:
    (before,) = loaded(tmp_path, [EVERY[3]])
    number = received("吴某某", request=f"申请公开{EVERY[3]}")
    confirmed(number)
    page = Desk().get(f"/cases/{number}")
    section = page.split('aria-labelledby="precedents"')[1].split("</section>")[0]
    assert before in section
    assert "周晓" not in section
    assert number not in section.replace(before, "")


def test_the_case_itself_is_none_of_its_precedents(tmp_path: Path) -> None:
    (before,) = loaded(tmp_path, [EVERY[3]])
    with office.reading() as session:
        now = office.circumstances("")
        assert [one.number for one in precedents(session, EVERY[3], now)] == [before]
        assert precedents(session, EVERY[3], now, but=before) == []
    assert shown.MOST < shown.CANDIDATES


def test_what_shares_most_words_stands_before_what_came_later_and_shares_fewer(
    tmp_path: Path,
) -> None:
    asked = f"{PLACES[0]}2021年项目{SUBJECTS[4]}"
    numbers = loaded(tmp_path, [EVERY[4], *EVERY[5:]])
    with office.reading() as session:
        read_on(session)
    found = nearest(asked, 40)
    assert found[0] == numbers[0]
    assert 20 <= len(found) <= 40
    assert nearest("鱻", 40) == nearest("", 40) == []


def test_of_many_those_that_have_most_of_the_words_are_compared() -> None:
    others = {str(n): request for n, request in enumerate(EVERY)} | {
        "in numerals": f"申请公开宝山区二〇二三年度{SUBJECTS[6]}"
    }
    assert foremost(f"宝山区2023年{SUBJECTS[6]}", others, 2) == [
        str(EVERY.index(f"宝山区2023年{SUBJECTS[6]}")), "in numerals",
    ]  # fmt: skip
    assert foremost(EVERY[0], {"a": "x", "b": EVERY[0]}, 2) == ["a", "b"]


def test_of_many_answered_alike_what_was_set_right_and_what_differs_is_still_told(
    tmp_path: Path,
) -> None:
    """Of a request made thirteen times the eight last were told of: the one that a court had set right
    and the one that was answered otherwise were earlier.
    """
    many = loaded(tmp_path, [EVERY[0]] * 50)
    with office.writing() as session:
        for place, number in enumerate(many):
            row = session.get(Application, number)
            assert row is not None
            row.received_on = date(2025, 1, 1) + timedelta(days=place)
        other = session.get(Application, many[2])
        assert other is not None
        other.row = "3.1"
        session.add(
            Review(
                number="F1",
                position=1,
                stage=ReviewStage.SETTLED,
                kind="行政复议",
                application=many[1],
                letter="",
                authority="上海市人民政府",
                authority_number="",
                lodged_on=date(2025, 3, 1),
                result="revoked",
            )
        )
    with office.reading() as session:
        found = precedents(session, EVERY[0], office.circumstances(""))
    assert [one.number for one in found] == [*reversed(many[-6:]), many[2], many[1]]
    assert len(found) == shown.MOST
    assert f"（{many[2]}）" in differing(found)
    assert f"{many[1]}的答复经复议或者诉讼被纠正" in differing(found)
