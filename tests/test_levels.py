"""Units of units, in any format: nobody is in twice, every level is the sum of its parts."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from published_reports import FORMS
from sent_reports import as_docx, as_html, as_xlsx, whole

from flows.__main__ import main
from models.units.superior import Merged, merge

DAY = date(2024, 1, 20)


def unit(name: str, more: int = 0) -> dict[str, Any]:
    """A report on 2023 that balances; `more` = so many more applications, all granted."""
    data = deepcopy(whole("hongze_district_2024")) | {"agency": name, "year": 2023}
    del data["section1_figures"]
    for code in ("1", "3.1", "3.7"):
        data["table3"][code][0] += more
        data["table3"][code][6] += more
    return data


def merged(*units: dict[str, Any], agency: str = "某市人民政府", **more: Any) -> Merged:
    files = [(f"{n}.json", json.dumps(one).encode()) for n, one in enumerate(units)]
    return merge(files, agency, 2023, FORMS, more.get("expected", ()), DAY)


def said(made: Merged) -> dict[str, str]:
    """What is said of units and sums, beside whether all have reported."""
    found = {c.id: str(c.verdict) for c in made.checks if c.verdict != "成立"}
    return {i: v for i, v in found.items() if i != "merge.complete"}


def district(name: str, *units: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(merged(*units, agency=name).as_data()))


def three_levels() -> list[dict[str, Any]]:
    first = district("甲区人民政府", unit("甲区民政局", 1), unit("甲区水务局", 2))
    return [first, district("乙县人民政府", unit("乙县民政局", 3)), unit("某市水务局", 4)]


def test_three_levels_are_added_up_and_every_name_is_kept() -> None:
    made = merged(*three_levels())
    assert said(made) == {}
    assert made.table3["1"][6] == sum(95 + n for n in (1, 2, 3, 4))
    units = made.as_data()["units"]
    assert isinstance(units, dict)
    assert set(units["甲区人民政府"]["units"]) == {"甲区民政局", "甲区水务局"}
    again = merged(json.loads(json.dumps(made.as_data())), agency="某省人民政府")
    assert said(again) == {}


def test_a_unit_inside_a_district_and_by_itself_is_named() -> None:
    made = merged(*three_levels(), unit("甲区水务局", 2))
    assert said(made) == {"unit.nested.甲区水务局": "不成立"}


def test_a_unit_inside_two_districts_is_named() -> None:
    other = district("乙县人民政府", unit("甲区水务局", 2), unit("乙县民政局", 3))
    assert said(merged(three_levels()[0], other)) == {"unit.nested.甲区水务局": "不成立"}


@pytest.mark.parametrize("level", ["top", "below"])
@pytest.mark.parametrize("change", [1, -1])
def test_a_level_that_is_not_the_sum_of_its_parts_is_named(level: str, change: int) -> None:
    whole_city = json.loads(json.dumps(merged(*three_levels()).as_data()))
    place = (
        whole_city if level == "top" else whole_city["units"]["甲区人民政府"]["units"]["甲区民政局"]
    )
    for code, by in (("3.1", change), ("3.4.1", -change)):
        place["table3"][code][0] += by
        place["table3"][code][6] += by
    named = "某市人民政府" if level == "top" else "甲区人民政府"
    assert said(merged(whole_city, agency="某省人民政府")) == {f"unit.sum.{named}": "不成立"}


@pytest.mark.parametrize(("item", "n"), [("行政许可", 0), ("行政规范性文件", 2)])
def test_table_two_of_a_level_is_the_sum_of_its_parts(item: str, n: int) -> None:
    whole_city = json.loads(json.dumps(merged(*three_levels()).as_data()))
    table2 = whole_city["units"]["甲区人民政府"]["units"]["甲区民政局"]["table2"]
    if isinstance(table2[item], list):
        table2[item][n] += 1
    else:
        table2[item] += 1
    assert said(merged(whole_city, agency="某省人民政府")) == {"unit.sum.甲区人民政府": "不成立"}
    if isinstance(table2[item], list):
        table2[item][n] = None
    else:
        table2[item] = None
    assert said(merged(whole_city, agency="某省人民政府")) == {}


@pytest.mark.parametrize(
    ("within", "alone", "alike"),
    [
        ("甲区民政局", "某市甲区民政局", True),
        ("甲区民政局", "甲区民政局（本级）", True),
        ("某市甲区民政局", "甲区民政局", True),
        ("民政局", "甲区民政局", True),
        ("甲区民政局", "乙区民政局", False),
        ("甲区民政局", "民政局", False),
        ("甲区民政局", "某市民政局", False),
    ],
)
def test_a_unit_in_a_sum_that_may_be_one_by_itself_is_doubtful(
    within: str, alone: str, *, alike: bool
) -> None:
    made = merged(district("甲区人民政府", unit(within, 1), unit("甲区水务局", 2)), unit(alone, 3))
    assert said(made) == ({f"unit.alike.{within}": "存疑"} if alike else {})


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("甲区民政局", "甲区民政局（本级）", True),
        ("甲区民政局", "某市甲区民政局", True),
        ("某市甲区民政局", "甲区民政局", True),
        ("甲区民政局", "乙区民政局", False),
        ("某市民政局", "某市甲区民政局", False),
        ("甲区民政局", "甲区财政局", False),
    ],
)
def test_names_that_may_be_of_one_unit_are_doubtful(one: str, other: str, alike: bool) -> None:
    found = said(merged(unit(one, 1), unit(other, 2)))
    assert found == (
        {f"unit.alike.{other if one != '某市甲区民政局' else one}": "存疑"} if alike else {}
    )


def test_two_units_with_the_same_tables_are_doubtful_unless_all_are_0() -> None:
    assert said(merged(unit("甲局"), unit("乙局"))) == {"unit.same.乙局": "存疑"}
    noughts = []
    for name in ("甲局", "乙局"):
        data = unit(name)
        data["table3"] = {code: [0] * 7 for code in data["table3"]}
        data["table4"] = [0] * 15
        noughts.append(data)
    assert said(merged(*noughts)) == {}


def test_reports_of_any_format_are_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "各单位"
    folder.mkdir()
    (folder / "a.docx").write_bytes(as_docx(unit("甲县水务局", 1)))
    (folder / "a.html").write_text(as_html(unit("甲县水务局", 1)), "utf-8")
    (folder / "b.html").write_text(as_html(unit("乙县水务局", 2)), "utf-8")
    (folder / "c.xlsx").write_bytes(as_xlsx(unit("丙县水务局", 3)))
    (folder / "d.json").write_text(json.dumps(unit("丁县水务局", 4)), "utf-8")
    (folder / "戊县水务局.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "units.txt").write_text(
        "甲县水务局\n乙县水务局\n丙县水务局\n丁县水务局\n戊县水务局\n", "utf-8"
    )
    out = tmp_path / "汇总"
    arguments = ["merge", str(folder), "--year", "2023", "--out", str(out), "--agency", "某市"]
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert "已汇总4个单位" in told.out
    assert "报送了两份" not in told.err
    assert "戊县水务局.jpg：无法读取，未计入：是图片，无法读取" in told.err
    assert "戊县水务局报送的文件 戊县水务局.jpg 未能计入" in told.err
    assert "未报送" not in told.err
    made = json.loads((out / "tables.json").read_text("utf-8"))
    assert made["table3"]["1"][6] == sum(95 + n for n in (1, 2, 3, 4))
