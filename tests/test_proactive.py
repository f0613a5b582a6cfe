"""Table 二: recorded facts, their figures, what is in force, blanks; the form for them (年报 二)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from hypothesis import given
from hypothesis import strategies as st
from published_reports import FORMS
from sqlmodel import select
from whole_years import WHAT
from years import MEASURES, ROOT, WHOLE, fact

from flows import office
from flows.counter.proactive import named, record_figure
from models.errors import ActRefused, ConfigFault
from models.neighbours import proactive
from models.report_tables.form import form_for
from models.report_tables.measures import load_measures
from models.report_tables.table2 import Fact, Table2, proactive_checks, recordable, table2
from models.store.tables import ProactiveFigure

TODAY = "2024-01-31"
DOCUMENTS = "行政规范性文件"


def table(*facts: Fact, year: int = 2022) -> Table2:
    return table2(sorted(facts), year, form_for(FORMS, year), MEASURES)


def documents(*facts: Fact, year: int = 2022) -> list[object]:
    """本年制发件数, 本年废止件数, 现行有效件数 of 行政规范性文件."""
    found = table(*facts, year=year).figures()[DOCUMENTS]
    assert isinstance(found, list)
    return list(found)


# ── figures ───────────────────────────────────────────────────────────────────────────────────


def test_the_whole_table_of_a_year() -> None:
    found = table(*WHOLE)
    assert found.figures() == {
        "规章": [0, 0, 0],
        "行政规范性文件": [1, 2, 11],
        "行政许可": 7,
        "行政处罚": 0,
        "行政强制": 0,
        "行政事业性收费": 59237.2449,
    }
    assert found.blanks() == []


def test_what_nobody_recorded_is_blank_and_not_zero() -> None:
    assert len(table().blanks()) == 10
    assert table(fact("行政许可", "decisions", 0)).figures()["行政许可"] == 0
    last_year = fact("行政许可", "decisions", 5, "2021-06-01")
    assert table(last_year).figures()["行政许可"] is None


def test_where_the_documents_in_force_were_counted_a_year_without_new_ones_has_none() -> None:
    assert documents(fact(DOCUMENTS, "in_force", 12, "2020-12-31")) == [0, 0, 12]
    assert documents(fact(DOCUMENTS, "made", 1)) == [1, None, None]


def test_what_is_in_force_follows_from_the_last_count() -> None:
    history = (
        fact(DOCUMENTS, "in_force", 10, "2020-12-31"),
        fact(DOCUMENTS, "made", 3, "2021-05-01"),
        fact(DOCUMENTS, "repealed", 1, "2022-02-01"),
        fact(DOCUMENTS, "made", 2, "2022-03-01"),
        fact(DOCUMENTS, "made", 9, "2023-03-01"),
    )
    assert documents(*history, year=2021) == [3, 0, 13]
    assert documents(*history, year=2022) == [2, 1, 14]
    counted = (*history, fact(DOCUMENTS, "in_force", 20, "2022-02-15"))
    assert documents(*counted, year=2022) == [2, 1, 22]  # what was made after the count is added


def test_a_mistake_is_put_right_by_the_difference() -> None:
    wrong = fact("行政许可", "decisions", 70)
    assert table(wrong, fact("行政许可", "decisions", -63)).figures()["行政许可"] == 7


def test_the_form_of_2019_counts_projects_of_the_year_before() -> None:
    found = table(
        fact("行政许可", "projects", 40, "2019-12-31"),
        fact("行政许可", "projects_change", -2, "2020-05-01"),
        fact("行政许可", "decisions", 900, "2020-12-31"),
        fact("规章", "public_total", 5, "2019-12-31"),
        fact("规章", "published", 1, "2020-03-01"),
        fact("规章", "made", 1, "2020-03-01"),
        fact("政府集中采购", "purchases", 3, "2020-03-01"),
        fact("政府集中采购", "spent", 1234_50, "2020-03-01"),
        year=2020,
    ).figures()
    assert found["行政许可"] == [40, -2, 900]
    assert found["规章"] == [1, 1, 6]
    assert found["政府集中采购"] == [3, 1234.5]


AMOUNTS = st.lists(st.tuples(st.sampled_from(["made", "repealed"]), st.integers(0, 50)), max_size=9)


@given(st.integers(0, 500), AMOUNTS, AMOUNTS)
def test_years_lead_from_one_to_the_next(
    start: int, first: list[tuple[str, int]], second: list[tuple[str, int]]
) -> None:
    facts = [
        fact(DOCUMENTS, "in_force", start, "2020-12-31"),
        *(fact(DOCUMENTS, measure, n, "2021-06-01") for measure, n in first),
        *(fact(DOCUMENTS, measure, n, "2022-06-01") for measure, n in second),
    ]
    _, check = proactive_checks(table(*facts), table(*facts, year=2021))
    assert check.ok
    assert documents(*facts)[2] == start + sum(
        n if measure == "made" else -n for measure, n in (*first, *second)
    )


def test_a_count_that_contradicts_the_register_fails_the_check() -> None:
    facts = (
        fact(DOCUMENTS, "in_force", 10, "2021-12-31"),
        fact(DOCUMENTS, "made", 3),
        fact(DOCUMENTS, "in_force", 12, "2022-12-31"),
    )
    _, found = proactive_checks(table(*facts), table(*facts, year=2021))
    assert (found.ok, found.id) == (False, f"proactive.in_force.{DOCUMENTS}")
    assert found.message == (
        f"表二‘{DOCUMENTS}’：上年现行有效10件，加本年制发3件，减本年废止0件，"
        "等于13件，而表中现行有效为12件"
    )
    assert len(proactive_checks(table(*facts), None)) == 1
    _, holds = proactive_checks(table(*facts[:2]), table(*facts[:2], year=2021))
    assert holds.ok


def test_a_blank_fails_the_check_and_says_where() -> None:
    [found] = proactive_checks(table(*WHOLE[:-1]), None)
    assert (found.ok, found.id) == (False, "proactive.blank")
    fee = "行政事业性收费·本年收费金额（单位：万元）"
    assert found.message == f"表二有1格空白：{fee}（没有的登记为0）"
    [whole] = proactive_checks(table(*WHOLE), None)
    assert whole.ok


# ── config ────────────────────────────────────────────────────────────────────────────────────


def test_every_column_of_every_form_has_its_measure_and_every_measure_a_column() -> None:
    used = {key for form in FORMS for group in form.proactive for key in group.measures}
    assert used <= MEASURES.keys()
    stocks = {MEASURES[key].of for key in used} - {""}
    flows_of = {key for one in MEASURES.values() for key in one.gains + one.losses}
    assert used | stocks | flows_of == MEASURES.keys()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('key = "x"\nlabel = "x"\ncounts = "end"\ngains = ["y"]', "没有“y”这种数字"),
        ('key = "x"\nlabel = "x"\ncounts = "before"', "应写明 of"),
        ('key = "x"\nlabel = "x"\ncounts = "month"', "counts"),
    ],
)
def test_a_fault_of_the_file_is_named(row: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "measures.toml").write_text(f"[[measure]]\n{row}\n", encoding="utf-8")
    with pytest.raises(ConfigFault, match=said):
        load_measures(tmp_path)


# ── the register and its form ─────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", TODAY)
        yield


def record(what: str, amount: float, **changed: Any) -> str:
    asked = {"on": date(2023, 12, 31), "officer": "陈静"}
    return record_figure.fn(what=WHAT[what], amount=amount, **(asked | changed))


def known(year: int, as_of: str = TODAY) -> dict[str, object]:
    with office.reading() as session:
        facts = proactive.facts(session, year, date.fromisoformat(as_of))
    return dict(table2(facts, year, form_for(FORMS, year), MEASURES).figures())


def test_the_form_offers_what_the_forms_of_the_report_ask_for() -> None:
    offered = list(named())
    assert "行政规范性文件：制发（制作）件数" in offered
    assert "行政事业性收费：收费金额（元）" in offered
    assert not any("上一年" in one for one in offered)
    assert len(offered) == len(recordable(FORMS, MEASURES))


def test_what_was_recorded_is_counted_as_of_the_day_it_was_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record("行政许可·decisions", 9487)
    record("行政事业性收费·collected", 75_450_000.5)
    assert known(2023)["行政许可"] == 9487
    assert known(2023)["行政事业性收费"] == 7545.00005
    monkeypatch.setenv("DISCLOSURE_TODAY", "2024-02-05")
    record("行政许可·decisions", -1, note="更正重复统计1件")
    assert known(2023)["行政许可"] == 9487
    assert known(2023, "2024-02-05")["行政许可"] == 9486


@pytest.mark.parametrize(
    ("what", "amount", "changed", "said"),
    [
        ("行政许可·decisions", 1.5, {}, "件数应为整数"),
        ("行政事业性收费·collected", 0.001, {}, "金额最多写到分"),
        ("行政许可·decisions", -3, {}, "请在说明中写明更正什么"),
        ("规章·in_force", -3, {"note": "更正"}, "不能是负数"),
        ("规章·made", 1, {"on": date(2024, 2, 1)}, "晚于今天"),
        ("规章·made", 1, {"note": "第一行\x00"}, "控制字符"),
        ("行政许可·decisions", 1e20, {}, "过大"),
    ],
)
def test_what_makes_no_sense_is_refused(
    what: str, amount: float, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(ActRefused, match=said):
        record(what, amount, **changed)
    with office.reading() as session:
        assert session.exec(select(ProactiveFigure)).all() == []


@pytest.mark.parametrize(
    ("item", "measure", "said"),
    [
        ("行政强制", "made", "“行政强制”登记的应为.*、处理决定数量"),
        ("章程", "made", "表二没有“章程”"),
    ],
)
def test_an_item_has_only_its_own_figures(item: str, measure: str, said: str) -> None:
    now = office.circumstances("陈静")
    entry = ProactiveFigure(
        on=date(2023, 1, 1), item=item, measure=measure, amount=1, officer="陈静",
        recorded_on=now.today, recorded_at=office.now(),
    )  # fmt: skip
    with pytest.raises(ActRefused, match=said), office.writing() as session:
        proactive.enter_figure(session, entry, now, recordable(FORMS, MEASURES))


def test_the_same_submission_is_one_fact() -> None:
    now = office.circumstances("陈静")
    for _ in range(2):
        entry = ProactiveFigure(
            submission="one", on=date(2023, 1, 1), item="行政许可", measure="decisions", amount=1,
            officer="陈静", recorded_on=now.today, recorded_at=office.now(),
        )  # fmt: skip
        with office.writing() as session:
            proactive.enter_figure(session, entry, now, recordable(FORMS, MEASURES))
    assert known(2023)["行政许可"] == 1


def test_the_measures_stand_in_the_settings() -> None:
    assert load_measures(ROOT / "config" / "annual") == office.annual_rules().measures
