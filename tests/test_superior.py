"""Many units' tables make the superior's, cell by cell; whoever is late, twice or wrong is named."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from published_reports import FORMS, report

from flows.__main__ import main
from models.errors import NoFormForYear
from models.published import check_tables
from models.superior import Merged, merge

RIGHT = report("shanghai_gov_office_2025") | {"table2": {"规章": [1, 2, 3], "行政许可": 4}}
OTHER = report("suqian_city_2023") | {"year": 2025, "table2": {"规章": [0, 0, 5], "行政许可": 6}}
OLD_ROW = report("hongze_district_2024") | {"year": 2025, "table2": {}}
IN_TIME, LATE = date(2026, 1, 20), date(2026, 2, 1)


def merged(*units: dict[str, Any], expected: tuple[str, ...] = (), on: date = IN_TIME) -> Merged:
    files = [(f"{n}.json", json.dumps(unit).encode()) for n, unit in enumerate(units)]
    return merge(files, "某市", 2025, FORMS, expected, on)


def said(made: Merged) -> dict[str, str]:
    return {check.id: check.message for check in made.checks if check.short_of or not check.ok}


def test_every_cell_is_the_sum_of_the_units() -> None:
    made = merged(RIGHT, OTHER)
    assert said(made) == {}
    for code, row in made.table3.items():
        pairs = zip(RIGHT["table3"][code], OTHER["table3"][code], strict=True)
        assert row == [a + b for a, b in pairs], code
    assert made.table4 == [a + b for a, b in zip(RIGHT["table4"], OTHER["table4"], strict=True)]
    assert made.table2 == {"规章": [1, 2, 8], "行政许可": 10}


def test_the_sum_is_a_report_that_passes() -> None:
    data = json.loads(json.dumps(merged(RIGHT, OTHER).as_data()))
    assert [check.id for check in check_tables(data, FORMS) if not check.ok] == []
    shares = [unit["table3"]["3.1"][0] for unit in data["units"].values()]
    assert sum(shares) == data["table3"]["3.1"][0]
    assert data["units"].keys() == {RIGHT["agency"], OTHER["agency"]}


def test_one_row_for_other_closures_is_added_as_the_last_of_three() -> None:
    unit = deepcopy(OLD_ROW)
    unit["table3"]["3.6"][0] = unit["table3"]["3.6"][6] = 2
    for code in ("3.7", "1"):
        for n in (0, 6):
            unit["table3"][code][n] += 2
    made = merged(RIGHT, unit)
    assert made.table3["3.6.3"][0] == RIGHT["table3"]["3.6.3"][0] + 2
    assert "只列一行，按其中的“其他”计入" in said(made)[f"unit.merged_row.{unit['agency']}"]


@pytest.mark.parametrize(
    ("on", "words"),
    [(IN_TIME, "某局尚未报送"), (LATE, "某局逾期未报送（应于2026-01-31前报送，条例第四十九条）")],
)
def test_who_has_not_reported_is_named(on: date, words: str) -> None:
    made = merged(RIGHT, expected=(RIGHT["agency"], "某局"), on=on)
    assert said(made) == {"unit.missing.某局": words}


def test_who_was_not_asked_is_named() -> None:
    made = merged(RIGHT, OTHER, expected=(RIGHT["agency"],))
    assert list(said(made)) == [f"unit.unasked.{OTHER['agency']}"]


@pytest.mark.parametrize(
    ("change", "words"), [(0, "内容相同，只计一次"), (1, "内容不同，按0.json计入")]
)
def test_who_reported_twice_is_added_once(change: int, words: str) -> None:
    again = deepcopy(RIGHT)
    again["table3"]["1"][0] += change
    made = merged(RIGHT, again)
    assert words in said(made)[f"unit.twice.{RIGHT['agency']}"]
    assert made.table3["1"] == RIGHT["table3"]["1"]


def test_whose_tables_do_not_balance_is_named_with_the_fault() -> None:
    unit = deepcopy(OTHER)
    unit["table3"]["3.1"][0] += 1
    found = said(merged(RIGHT, unit))
    name = f"unit.unbalanced.{OTHER['agency']}"
    assert "的表不平，已按原样计入：‘自然人’列：（一）至（六）各项之和为" in found[name]
    assert "table3.results.自然人" in found, "the sum does not balance either"


@pytest.mark.parametrize(
    ("unit", "check"),
    [
        (RIGHT | {"year": 2024}, f"unit.year.{RIGHT['agency']}"),
        (RIGHT | {"agency": " "}, "unit.unnamed.0.json"),
        (RIGHT | {"table3": 5}, "unit.unreadable.0.json"),
    ],
)
def test_a_report_that_cannot_be_added_is_named(unit: dict[str, Any], check: str) -> None:
    made = merged(unit, OTHER)
    assert list(said(made)) == [check]
    assert made.table3["1"] == OTHER["table3"]["1"]


def test_blanks_of_table_two_are_named() -> None:
    made = merged(
        RIGHT | {"table2": {"规章": [1, None, 3], "行政许可": "22（其中修订16件）"}}, OTHER
    )
    assert "按0计：规章、行政许可" in said(made)[f"unit.table2.{RIGHT['agency']}"]
    assert made.table2 == {"规章": [1, 0, 8], "行政许可": 6}


def test_a_year_without_a_form_has_no_report() -> None:
    with pytest.raises(NoFormForYear):
        merge([], "某市", 2010, FORMS, (), IN_TIME)


def test_the_command_reads_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-02-01")
    units, out = tmp_path / "units", str(tmp_path / "out")
    (units / "b").mkdir(parents=True)
    (units / "a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    (units / "b" / "tables.json").write_text(json.dumps(OTHER), encoding="utf-8")
    command = ["merge", str(units), "--year", "2025", "--out", out, "--agency", "某市"]
    assert main(command) == 0
    assert "已汇总2个单位" in capsys.readouterr().out
    data = json.loads((tmp_path / "out" / "tables.json").read_text(encoding="utf-8"))
    assert data["agency"] == "某市"
    assert main(["check", f"{out}/tables.json"]) == 0
    (units / "units.txt").write_text(f"{RIGHT['agency']}\n某局\n", encoding="utf-8")
    capsys.readouterr()
    assert main(command) == 1
    assert "不成立：某局逾期未报送" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["units", "units/汇总", "units/../units/汇总"])
def test_merging_again_gives_the_same_and_counts_no_earlier_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("units").mkdir()
    Path("units/a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    command = ["merge", str(tmp_path / "units"), "--year", "2025", "--out", out, "--agency", "某市"]
    made = []
    for _ in range(3):
        main(command)
        made.append(Path(out, "tables.json").read_text(encoding="utf-8"))
    assert made[0] == made[1] == made[2]
    assert json.loads(made[2])["table3"]["1"] == RIGHT["table3"]["1"]


def test_an_earlier_sum_elsewhere_is_named_and_not_a_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = tmp_path / "units"
    units.mkdir()
    (units / "a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    (units / "notes.json").write_text('{"某": 1}', encoding="utf-8")
    command = ["merge", str(units), "--year", "2025", "--agency", "某市", "--out"]
    assert main([*command, str(units / "一")]) == 0
    assert "存疑：notes.json：没有表三，不是年度报告的表，未计入" in capsys.readouterr().err
    assert main([*command, str(units / "二")]) == 1
    assert "某市（一/tables.json）是汇总机关自己的表" in capsys.readouterr().err
    data = json.loads((units / "二" / "tables.json").read_text(encoding="utf-8"))
    assert data["table3"]["1"] == RIGHT["table3"]["1"]


def test_a_units_report_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("甲", "乙"):
        (tmp_path / name).mkdir()
        text = json.dumps(RIGHT | {"agency": name})
        (tmp_path / name / "tables.json").write_text(text, encoding="utf-8")
    out = str(tmp_path / "甲")
    assert main(["merge", str(tmp_path), "--year", "2025", "--out", out, "--agency", "某市"]) == 2
    assert "不是某市以前的汇总，不覆盖" in capsys.readouterr().err
    kept = json.loads((tmp_path / "甲" / "tables.json").read_text(encoding="utf-8"))
    assert kept["agency"] == "甲"


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_without_reports_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    (tmp_path / "empty").mkdir()
    given = str(tmp_path / folder)
    assert main(["merge", given, "--year", "2025", "--out", str(tmp_path / "out")]) == 2
    assert given in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
