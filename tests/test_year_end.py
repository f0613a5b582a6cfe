"""The database groups a register's cases into the same cells as counting them one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register
from histories import LAW
from published_reports import FORMS
from sqlalchemy import event, text

from flows import office
from flows.commands.simulate import simulate
from models.errors import NotAsCounted, UncountableCase
from models.report_tables.blocks import Block, CaseList, none_twice, same_blocks, together
from models.report_tables.form import form_for
from models.report_tables.identities import checks
from models.report_tables.table3 import table3
from models.year import year_end

YEAR = 2024


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A simulated year, with replies given anew and withdrawals counted by their history."""
    with pytest.MonkeyPatch.context() as environment:
        folder = tmp_path_factory.mktemp("year")
        with empty_register(folder, environment):
            environment.setenv("DISCLOSURE_TODAY", "2025-03-01")
            simulate(YEAR, 120, 5, letters=False, advance=lambda *_: None)
            yield folder


@pytest.mark.parametrize("year", [2023, 2024, 2025])
@pytest.mark.parametrize("as_of", ["2023-12-30", "2024-06-30", "2025-01-05", "2025-03-01"])
def test_grouped_by_the_database_as_counted_one_by_one(home: Path, year: int, as_of: str) -> None:
    form, known = form_for(FORMS, year), date.fromisoformat(as_of)
    with office.reading() as session:
        grouped = year_end.table(session, year, known, LAW, form)
        one_by_one = table3(year_end.case_lines(session, year, known, LAW), year, form)
        assert grouped.figures() == one_by_one.figures()
        for code in form.rows:
            for column in form.columns:
                assert sorted(one_by_one.cases(code, column)) == list(grouped.cases(code, column))


def test_figures_are_counted_without_a_list_and_are_their_lengths(home: Path) -> None:
    known = date(2025, 3, 1)
    with office.reading() as session:
        asked: list[str] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append(said[2]))
        forms = {year: form_for(FORMS, year) for year in (YEAR, YEAR - 1)}
        both = year_end.tables(session, forms, known, LAW)
        assert all(check.ok for check in checks(both[YEAR], both[YEAR - 1]))
        figures = {year: table.figures() for year, table in both.items()}
        counted = len(asked)
        assert not [said for said in asked if "_agg(" in said or "group_concat(" in said]
        for year, form in forms.items():
            lines = year_end.case_lines(session, year, known, LAW)
            one_by_one = table3(lines, year, form)
            assert figures[year] == one_by_one.figures()
            for code in form.rows:
                for column in form.columns:
                    cell = both[year].cases(code, column)
                    assert len(list(cell)) == len(cell)
                    assert list(cell) == sorted(one_by_one.cases(code, column))
        listing = [s for s in asked[counted:] if "_agg(" in s or "group_concat(" in s]
        assert len(listing) == 1


def test_what_will_be_listed_is_read_as_it_is_counted(home: Path) -> None:
    known, form = date(2025, 3, 1), form_for(FORMS, YEAR)
    with office.reading() as session:
        later = year_end.table(session, YEAR, known, LAW, form)
        asked: list[str] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append(said[2]))
        at_once = year_end.tables(session, {YEAR: form}, known, LAW, listed=True)[YEAR]
        counted = len(asked)
        lists = [list(at_once.cases(c, column)) for c in form.rows for column in form.columns]
        assert len(asked) == counted, "nothing is asked for any more"
        assert any(lists)
        assert lists == [list(later.cases(c, column)) for c in form.rows for column in form.columns]
        assert at_once.figures() == later.figures()


def test_a_list_that_is_not_as_long_as_counted_is_refused(home: Path) -> None:
    form = form_for(FORMS, YEAR)
    with office.reading() as session:
        table = year_end.table(session, YEAR, date(2025, 3, 1), LAW, form)
        session.execute(text('UPDATE application SET "row" = \'3.1\' WHERE "row" IS NOT NULL'))
        with pytest.raises(NotAsCounted):
            list(table.cases("3.7", "总计"))
        session.rollback()


def test_a_list_is_of_the_state_that_was_counted(home: Path) -> None:
    with office.reading() as session:
        table = year_end.table(session, YEAR, date(2025, 3, 1), LAW, form_for(FORMS, YEAR))
        session.rollback()
        with pytest.raises(NotAsCounted):
            list(table.cases("1", "总计"))


def test_its_identities_are_those_of_the_lists(home: Path) -> None:
    tables, listed = [], []
    with office.reading() as session:
        for year in (YEAR, YEAR - 1):
            form, known = form_for(FORMS, year), date(2025, 3, 1)
            tables.append(year_end.table(session, year, known, LAW, form))
            listed.append(table3(year_end.case_lines(session, year, known, LAW), year, form))
        assert checks(*tables) == checks(*listed)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('"row" = NULL', "没有办理结果"),
        ("\"row\" = '3.9'", "不是表三的行"),
        ("applicant_kind = '机关'", "不是表三的列"),
        ("closed_on = '2024-01-01'", "早于收到日期"),
    ],
)
def test_a_case_that_fits_no_cell_is_named(home: Path, change: str, said: str) -> None:
    with office.reading() as session:
        form = form_for(FORMS, YEAR)
        number = year_end.table(session, YEAR, date(2025, 3, 1), LAW, form).cases("3.1", "总计")[7]
        session.execute(text(f"UPDATE application SET {change} WHERE number = '{number}'"))
        with pytest.raises(UncountableCase, match=f"申请 {number} .*{said}"):
            year_end.table(session, YEAR, date(2025, 3, 1), LAW, form)


def test_a_cell_is_its_list() -> None:
    cell = CaseList([Block(2, "b\x1fd"), Block(0, ""), Block(1, "a")])
    assert (len(cell), list(cell), cell[0], cell[1:]) == (3, ["a", "b", "d"], "a", ["b", "d"])
    assert cell == ["a", "b", "d"]
    assert cell != ["a", "b"]
    assert cell != "abd"
    assert "d" in cell
    assert repr(cell) == "['a', 'b', 'd']"


def test_blocks_are_compared_without_being_opened() -> None:
    one, other = (Block(10**9, name) for name in ("x", "y"))  # opened, they would not be so many
    whole = together([CaseList([one]), CaseList([other])])
    assert len(whole) == 2 * 10**9
    assert same_blocks(whole, CaseList([other, one]))
    assert not same_blocks(whole, CaseList([one, one]))
    assert none_twice([CaseList([one]), CaseList([other])])
    assert not none_twice([CaseList([one]), whole])
    assert together([CaseList([Block(1, "a")]), ["b", "a"]]) == ["a", "b", "a"]
