"""The year's end on pages of ours: all figures of table 二 at once, and where the report stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.counter.proactive import record_figure
from flows.server import what_became, year_pages
from flows.server.offers import form_address
from flows.server.what_became import Became
from tests.databases import empty_register
from tests.our_pages import CLERK, Desk, Ended, part

FIELD = re.compile('name="(f\\.[^"]+)" value="([^"]*)"')


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An office in January of the year after; what it submits is done by the flow itself."""
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", "2026-01-12")
        monkeypatch.setattr(year_pages, "became_of", lambda run: Became("done", str(run)))
        yield Desk()


def figure(what: str, amount: float, on: date = date(2025, 12, 31)) -> None:
    record_figure.fn(what=what, on=on, amount=amount, officer=CLERK, note="")


def fields(page: str) -> dict[str, str]:
    return {name.removeprefix("f."): value for name, value in FIELD.findall(page)}


def submitted(desk: Desk) -> list[dict[str, Any]]:
    return [one["parameters"] for one in desk.taken]


def test_every_figure_of_the_form_has_a_field_with_last_years_beside_it(desk: Desk) -> None:
    figure("行政许可：处理决定数量", 7, date(2024, 12, 31))
    figure("行政许可：处理决定数量", 9)
    page = desk.get("/year/2025/figures")
    found = fields(page)
    assert len(found) == 10, "as many as the form has to fill in"
    assert found["行政许可|decisions"] == "9"
    assert found["规章|made"] == ""
    assert ">本年收费金额（元）</th>" in page
    assert "万元" not in page
    assert re.search(r'aria-label="行政许可　本年处理决定数量">.*?quiet">7</td>', page, re.DOTALL)


def test_one_submit_records_what_is_lacking_to_each_figure(desk: Desk) -> None:
    figure("行政许可：处理决定数量", 9)
    figure("行政处罚：处理决定数量", 5)
    figure("规章：现行有效件数（清点）", 3)
    typed = {
        "f.行政许可|decisions": "12",
        "f.行政处罚|decisions": "4",
        "f.行政强制|decisions": "0",
        "f.规章|in_force": "3",
        "f.行政事业性收费|collected": "1,234.5",
    }
    answer = desk.post("/year/2025/figures", officer=CLERK, **typed)
    assert "已登记4个数字" in answer.text
    asked = {one["what"]: one for one in submitted(desk)}
    assert {what: one["amount"] for what, one in asked.items()} == {
        "行政许可：处理决定数量": 3.0,
        "行政处罚：处理决定数量": -1.0,
        "行政强制：处理决定数量": 0.0,
        "行政事业性收费：收费金额（元）": 1234.5,
    }
    assert {one["on"] for one in asked.values()} == {"2025-12-31"}
    assert asked["行政处罚：处理决定数量"]["note"] == "按全年合计更正：原登记合计5，应为4"
    keys = [one["idempotency_key"] for one in desk.taken]
    assert len(set(keys)) == 4


def test_what_is_no_number_is_said_at_its_field_and_nothing_is_recorded(desk: Desk) -> None:
    typed = {
        "f.行政许可|decisions": "七",
        "f.行政处罚|decisions": "-1",
        "f.行政强制|decisions": "1",
    }
    answer = desk.post("/year/2025/figures", officer=CLERK, **typed)
    assert answer.status_code == 409
    assert "应为数字" in answer.text
    assert "不能是负数" in answer.text
    assert fields(answer.text)["行政强制|decisions"] == "1"
    assert submitted(desk) == []


def test_what_is_refused_is_named_at_its_field_and_the_rest_is_recorded(desk: Desk) -> None:
    typed = {"f.行政许可|decisions": "1.5", "f.行政处罚|decisions": "1"}
    answer = desk.post("/year/2025/figures", officer=CLERK, **typed)
    assert "件数应为整数" in answer.text
    assert "已登记1个数字" in answer.text
    assert [one["what"] for one in submitted(desk)] == ["行政处罚：处理决定数量"]


def test_the_same_again_records_nothing(desk: Desk) -> None:
    figure("行政许可：处理决定数量", 9)
    answer = desk.post("/year/2025/figures", officer=CLERK, **{"f.行政许可|decisions": "9"})
    assert "没有要登记的" in answer.text
    assert submitted(desk) == []


def test_in_the_year_itself_it_is_as_of_today(desk: Desk) -> None:
    desk.post("/year/2026/figures", officer=CLERK, **{"f.行政许可|decisions": "2"})
    assert submitted(desk)[0]["on"] == "2026-01-12"
    assert "截至2026年1月12日的合计" in desk.get("/year/2026/figures")
    desk.get("/year/2006/figures", 404)


def test_the_years_page_says_what_is_missing_and_leads_there(desk: Desk) -> None:
    page = desk.get("/year/2025")
    assert "尚未签发" in page
    assert "待补充" in part(page, "words")
    assert "还有" in part(page, "figures")
    assert "校验" in part(page, "made")
    assert 'href="/new/%E7%AD%BE%E5%8F%91%E5%B9%B4%E5%BA%A6%E6%8A%A5%E5%91%8A?year=2025"' in page
    assert page == desk.get("/year"), "of the year before, unless another is asked for"
    assert "尚未结束" in desk.get("/year/2026")
    failing = re.search(r'href="([^"]*%E4%BA%BA%E5%B7%A5%E6%A0%B8%E5%AE%9A[^"]*)"', page)
    assert failing
    form = desk.get(failing[1].replace("&amp;", "&"))
    assert ">proactive.blank</textarea>" in form


@pytest.mark.parametrize(
    ("form", "given", "told", "words"),
    [
        (
            "签发年度报告",
            {"year": 2025},
            r"2025年度报告已签发（第1次）",
            "2025年度报告已签发（第1次）",
        ),
        ("年度报告", {"year": 0}, "# 2025年度报告：有1处不成立\n\n- 不成立：甲", "：有1处不成立"),
        ("登记表二数字", {"on": "2025-12-31"}, "# 行政许可　数字\n\n- 12件", "行政许可　数字"),
    ],
)
def test_a_form_of_the_year_says_what_became_of_it_and_leads_back_to_the_year(
    desk: Desk,
    form: str,
    given: dict[str, object],
    told: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(what_became, "connected", Ended(form, "甲", told, given))
    page = desk.get(f"/begun/{UUID(int=7)}")
    assert f"{words}</strong>" in page
    assert '<a class="button" href="/year/2025">2025年度报告</a>' in page
    assert "再办一张" not in page


def test_its_forms_lead_back_to_the_year_and_a_sealed_one_is_not_signed_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'href="/year/2025">返回' in desk.get("/new/签发年度报告?year=2025")
    assert 'href="/new">返回' in desk.get("/new/签发年度报告")
    sign = f'href="{form_address("签发年度报告", year="2025")}"'
    assert f"{sign}>签发</a>" in desk.get("/year/2025")
    monkeypatch.setattr(year_pages, "_state", lambda *_: {"words": "封存完好", "good": True})
    assert sign not in desk.get("/year/2025")


def test_the_words_stand_beside_the_figures_they_may_name(desk: Desk) -> None:
    page = desk.get("/new/年度报告文字?year=2025&part=五、存在的主要问题")
    assert "{{ 新收 }}</dt><dd>0" in page
    assert '<option value="五、存在的主要问题" selected>' in page
