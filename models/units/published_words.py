"""Do the words of a report that was published say what its tables do?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models.report_tables.form import Form
from models.report_tables.identities import Check, Verdict
from models.report_tables.tables_file import PublishedTables, or_0
from models.report_tables.text_checks import allowed_by, text_checks
from models.report_tables.text_figures import stated


def words_checks(tables: PublishedTables, words: Mapping[str, object]) -> list[Check]:
    """What the report says in words, by section, against its tables."""
    allowed, otherwise = (_allowed(tables, missing) for missing in (0.0, 1.0))
    allowed = {name: right for name, right in allowed.items() if right == otherwise[name]}
    said = list(_paragraphs(words, tables.form))
    return [*text_checks(said, allowed, tables.year, "表格"), *_fees(tables, said)]


def _allowed(tables: PublishedTables, missing: float) -> dict[str, tuple[float, ...]]:
    """What the words may state; `missing` = for each figure of a row that the file does not have."""
    row = (missing,) * len(tables.form.columns)
    totals = {code: float(or_0(tables.table3.get(code, row)[-1])) for code in tables.form.rows}
    reviews = None if tables.table4 is None else [float(or_0(one)) for one in tables.table4]
    return allowed_by(tables.form, totals, reviews, _kinds(tables, row), _figures2(tables))


def _fees(tables: PublishedTables, said: Sequence[str]) -> Iterator[Check]:
    """信息处理费 is one of the 行政事业性收费: the words cannot state more than all of them."""
    kinds = ((item, key) for group, item in tables.form.items() for key in group.measures)
    money = next((pair for pair in kinds if pair[1] == "collected"), None)
    collected = tables.table2.figure(*money) if money else None
    if money is None or collected is None:
        return
    all_of = collected * tables.form.measures[money[1]].scale
    for one in stated(said, (), tables.year):
        if one.name == "fees" and not one.hedged and one.figure > all_of:
            message = (
                f"文字部分写“{one.sentence}”，多于表二‘{money[0]}’的{all_of:.15g}元"
                "（信息处理费属于行政事业性收费，请核实）"
            )
            yield Check("text.fees", True, message, short_of=Verdict.DOUBTFUL)
            return


def _paragraphs(words: Mapping[str, object], form: Form) -> Iterator[str]:
    """The words as paragraphs, each section below its title."""
    for key, text in words.items():
        if isinstance(text, str):
            if key.isdigit() and 0 < int(key) <= len(form.sections):
                yield form.sections[int(key) - 1]
            yield from text.splitlines()


def _figures2(tables: PublishedTables) -> dict[tuple[str, str], float]:
    """The figures of table 二 by item and measure, as far as they are known."""
    stated = tables.table2
    return {
        (item, key): float(figure)
        for group, item in stated.form.items()
        for key in group.measures
        if (figure := stated.figure(item, key)) is not None
    }


def _kinds(tables: PublishedTables, missing: tuple[float, ...]) -> dict[str, tuple[float, float]]:
    """新收 and 上年结转 by kind of applicant; `missing` = in place of a row that is not there."""
    rows = (
        tables.table3.get(tables.form.code(each), missing) for each in ("received", "carried_in")
    )
    new, old = ([float(or_0(one)) for one in row] for row in rows)
    return {kind: (n, o) for kind, n, o in zip(tables.form.kinds, new, old, strict=False)}
