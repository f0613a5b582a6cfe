"""report.html: the same report as a page that can be published, read aloud and printed."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest
from published_reports import FORMS
from years import WHOLE, figures, seed, suqian

import letters.report.cells_page
from flows import office
from letters.picture.picture import picture
from letters.report.cells_page import cells_page
from letters.report.report import Report, compose
from letters.report.report_page import page
from models.report_tables.form import form_for
from models.report_tables.table4 import ReviewLine
from models.year.year_figures import YearFigures
from models.year.year_text import YearText

DAY = date(2023, 1, 31)
VOID = {"meta", "col", "rect", "circle", "line", "stop", "link"}


class Element:
    """One element of a page: its attributes, its text, where it stands."""

    def __init__(
        self, tag: str, attributes: dict[str, str | None], inside: tuple[str, ...]
    ) -> None:
        self.tag, self.attributes, self.inside, self.text = tag, attributes, inside, ""


class Reader(HTMLParser):
    """All elements of a page in their order; an element that is not closed is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), tuple(one.tag for one in self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), tuple(one.tag for one in self.open)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one.text += data

    def all(self, tag: str) -> list[Element]:
        return [one for one in self.elements if one.tag == tag]


def composed(found: YearFigures, text: YearText | None = None, name: str = "") -> Report:
    agency = office.agency()
    named = agency.model_copy(update={"name": name or agency.name})
    return compose(named, found, text or YearText(), DAY)


def read(found: YearFigures, text: YearText | None = None, name: str = "") -> Reader:
    agency = office.agency()
    named = agency.model_copy(update={"name": name or agency.name})
    return Reader(page(composed(found, text, name), picture(named, found, None, DAY)))


def test_the_page_has_the_language_the_titles_and_the_picture() -> None:
    made = read(seed())
    assert made.all("html")[0].attributes["lang"] == "zh-CN"
    assert made.all("title")[0].text == "上海市知识产权局2022年政府信息公开工作年度报告"
    assert [one.text for one in made.all("h2")] == list(form_for(FORMS, 2022).sections)
    assert len(made.all("h1")) == 1
    assert [one.inside[-1] for one in made.all("svg")] == ["figure"]


def test_links_lead_to_places_of_the_page_and_nothing_is_fetched() -> None:
    made = read(seed())
    ids = [one.attributes["id"] for one in made.elements if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    links = [str(one.attributes["href"]) for one in made.all("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert not any({"src", "srcset"} & one.attributes.keys() for one in made.elements)
    assert not {"script", "link", "iframe", "img"} & {one.tag for one in made.elements}


@pytest.mark.parametrize("year", [2019, 2022])
def test_every_figure_names_its_heads(year: int) -> None:
    made = read(figures(year))
    heads = {str(one.attributes["id"]): one.text for one in made.all("th")}
    assert all(one.attributes["scope"] for one in made.all("th"))
    for cell in made.all("td"):
        named = str(cell.attributes["headers"]).split()
        assert len(named) >= 2
        assert set(named) <= heads.keys()


def heard(made: Reader) -> dict[str, str]:
    """What a screen reader says before each figure → the figure."""
    heads = {one.attributes["id"]: one.text for one in made.all("th")}
    return {
        "，".join(heads[one] for one in str(cell.attributes["headers"]).split()): cell.text
        for cell in made.all("td")
    }


def test_a_figure_is_read_with_what_it_is_a_figure_of() -> None:
    made = heard(read(suqian()))
    assert made["申请人情况，自然人，一、本年新收政府信息公开申请数量"] == "3402"
    assert (
        made["申请人情况，法人或其他组织，商业企业，三、本年度办理结果，（四）无法提供，"
             "1.本机关不掌握相关政府信息"] == "74"
    )  # fmt: skip
    assert made["申请人情况，总计，三、本年度办理结果，（七）总计"] == "3486"
    assert made["行政诉讼，复议后起诉，总计"] == "0"
    assert made["行政复议，结果维持"] == "0"


def test_table_two_is_read_block_by_block_and_a_blank_as_one() -> None:
    made = heard(read(figures(facts=WHOLE[:-1])))
    assert made["第二十条第（一）项，现行有效件数，行政规范性文件"] == "11"
    assert made["第二十条第（六）项，本年处理决定数量，行政处罚"] == "0"
    assert made["第二十条第（八）项，本年收费金额（单位：万元），行政事业性收费"] == "未填写"


def test_the_page_says_word_for_word_what_the_paper_says() -> None:
    report = composed(seed())
    said = [one.text for one in read(seed()).all("p")]
    assert said == [
        f"【待补充】{words.text}" if words.missing else words.heading + words.text
        for words in (*report.preamble, *(w for s in report.sections for w in s.words))
    ]


def test_whom_to_turn_to_is_marked_as_missing_where_nobody_wrote_it() -> None:
    agency = office.agency().model_copy(update={"phone": ""})
    made = compose(agency, seed(), YearText(), DAY)
    shown = Reader(page(made, picture(agency, seed(), None, DAY))).all("p")
    marked = [one.text for one in shown if one.attributes.get("class") == "missing"]
    assert marked[0] == "【待补充】前言：对报告有疑问的联系处室、地址、邮政编码、电话"


def test_what_people_wrote_is_text_and_not_markup() -> None:
    hostile = '<img src=x onerror="alert(1)">&</p><script>x</script>'
    made = read(seed(), YearText(parts={"other": hostile}), name="甲&<b>乙局")
    assert hostile in [one.text for one in made.all("p")]
    assert made.all("h1")[0].text.startswith("甲&<b>乙局")
    assert not made.all("script")


# ── which cases a figure counts ───────────────────────────────────────────────────────────────


def test_every_figure_leads_to_its_cases() -> None:
    tables = suqian().tables
    made = Reader(cells_page("某局", tables))
    lists = {one.attributes["id"]: one.text for one in made.all("section")}
    leads = {
        "，".join(one.text for one in made.all("th") if one.attributes["id"] in heads): link
        for cell, link in figure_links(made)
        for heads in [str(cell.attributes["headers"]).split()]
    }
    found = lists[
        leads[f"申请人情况，法人或其他组织，商业企业，{ENDED}，1.本机关不掌握相关政府信息"]
    ]
    numbers = tables.table3.cases("3.4.1", "商业企业")
    assert "（74件）" in found
    assert all(number in found for number in numbers)
    counted = [kind for code in tables.form.rows for kind in tables.form.columns
               if tables.table3.cases(code, kind)]  # fmt: skip
    assert len(lists) == len(set(leads.values())) == len(counted)
    for row, code in ((ENDED_IN_ALL, "3.7"), ("一、本年新收政府信息公开申请数量", "1")):
        for column in ("总计", "法人或其他组织，商业企业"):
            numbers = tables.table3.cases(code, column.rpartition("，")[2])
            found = lists[leads[f"申请人情况，{column}，{row}"]]
            assert f"（{len(numbers)}件）" in found
            assert set(numbers[:900]) <= set(re.split(r"[、\s]", found))


ENDED = "三、本年度办理结果，（四）无法提供"
ENDED_IN_ALL = "三、本年度办理结果，（七）总计"


def test_a_figure_of_table_two_leads_to_what_was_recorded() -> None:
    made = Reader(cells_page("某局", figures(facts=WHOLE).tables))
    [in_force] = [one for one in made.all("section") if "行政规范性文件　现行" in one.text]
    assert "2021-12-31　现行有效件数（清点）：12、2022-06-01　制发（制作）件数：1" in in_force.text
    assert in_force.attributes["id"] in {link for _, link in figure_links(made)}


def figure_links(made: Reader) -> list[tuple[Element, str]]:
    """The figures that are links, each with the anchor it leads to."""
    found, cell = [], None
    for one in made.elements:
        if one.tag == "td":
            cell = one
        if one.tag == "a" and cell is not None and one.inside[-1] == "td":
            found.append((cell, str(one.attributes["href"]).removeprefix("#")))
    return found


def test_a_long_list_is_cut_and_says_where_the_rest_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters.report.cells_page, "SHOWN", 3)
    [first, *_] = Reader(cells_page("某局", seed().tables)).all("section")
    assert "SQ0、SQ1、SQ2……仅列前3件，其余见 tables.xlsx 的清单" in first.text


def test_reviews_are_listed_too_and_a_year_of_nothing_lists_nothing() -> None:
    day = date(2022, 5, 5)
    reviews = (ReviewLine("FS<1>", "行政复议", day, day, "结果维持"),)
    one, total = Reader(cells_page("某局", figures(reviews=reviews).tables)).all("section")
    assert "行政复议　结果维持（1件）" in one.text
    assert "行政复议　总计（1件）" in total.text
    assert "FS<1>" in one.text
    assert "FS<1>" in total.text
    assert Reader(cells_page("某局", figures().tables)).all("section") == []
