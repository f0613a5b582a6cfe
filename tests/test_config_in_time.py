"""config/ changes over the years: what is recorded stays readable, and a new form needs no code.

A row that is used no more gets an end; what it meant before stands. What the register points to
and a file lacks is said with the key and the cases.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register
from histories import CONFIG
from published_reports import report
from test_published import RIGHT
from test_register import PATH, advance, receive

from flows import office
from flows.__main__ import main
from flows.path import recording
from flows.server import serve
from models.errors import ActRefused, ConfigFault, NoRuleInForce
from models.law.statute_files import load
from models.register import register
from models.report_tables.form import form_for, load_forms
from models.report_tables.identities import checks
from models.report_tables.table3 import table3
from models.soundness.pointed_to import agree
from models.units.published import check_tables
from models.year.year_end import case_lines

Edit = Callable[[str, str, str], None]
Day = Callable[[str], None]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Day:
    return lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Change one place of a file in a copy of config/, which this office works with."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    before_2028(folder)
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(folder))

    def change(file: str, old: str, new: str) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")

    with empty_register(tmp_path, monkeypatch):
        yield change


def before_2028(folder: Path) -> None:
    """Take out what holds from 2028 on, once config/ states it: the tests state their own."""
    (folder / "annual" / "form_2028.toml").unlink(missing_ok=True)
    for name in ("annual/form_2021.toml", "statute/outcomes.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        text = re.sub(r"(?m)^(last_year = 2027|until = 2027-12-31)\n", "", text)
        rows = re.split(r"(?m)^(?=\[\[outcome\]\])", text)
        kept = "".join(row for row in rows if "in_force = 2028-01-01\n" not in row)
        (folder / name).write_text(kept, encoding="utf-8")


FAX = '[[channel]]\nkey = "fax"\n'
NOT_OURS = '[[outcome]]\nkey = "not_ours"\nrow = "3.4.1"\n'


def started_anew() -> None:
    """The office as it starts again: nothing that was loaded before stands."""
    office.close()
    copy = office.config().with_name("config at the next start")
    shutil.copytree(office.config(), copy)
    os.environ["DISCLOSURE_CONFIG"] = str(copy)


def fax() -> str:
    return receive(channel="传真")


# ── a row ends ──────────────────────────────────────────────────────────────────────────────────


def test_a_channel_that_ends_is_offered_no_more_and_its_cases_stay(edit: Edit, on: Day) -> None:
    number = fax()
    edit("statute/channels.toml", FAX, f"{FAX}until = 2026-03-02\n")
    with office.reading() as session:
        assert register.case(session, number).channel == "fax"
    assert main(["case", number]) == 0
    assert fax()  # the last day
    on("2026-03-03")
    assert receive(channel="传真", arrived_on=date(2026, 3, 2))  # came on the last day
    with pytest.raises(ActRefused, match="2026-03-03不能以“传真”提交申请"):
        receive(channel="传真", arrived_on=date(2026, 3, 3))
    on("2027-03-04")  # a year and more after it ended, it is in no list
    with pytest.raises(ActRefused, match="“提交方式”应从所列选项中选择"):
        receive(channel="传真", arrived_on=date(2026, 3, 2))


def test_a_channel_changes_what_fixes_the_receipt_from_a_day_on(edit: Edit) -> None:
    row = '\nlabel = "传真"\nreceived_on = "{}"\narticle = "31(3)"\n'
    path = office.config() / "statute" / "channels.toml"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(FAX)
    rest = "[[channel]]" + rest.partition("[[channel]]")[2] if "[[channel]]" in rest else ""
    before, after = (FAX + dates + row.format(rule) for dates, rule in (
        ("until = 2027-12-31", "confirmation"), ("in_force = 2028-01-01", "arrival"),
    ))  # fmt: skip
    path.write_text(head + before + "\n" + after + "\n" + rest, encoding="utf-8")
    law = office.law()
    last, first = date(2027, 12, 31), date(2028, 1, 1)
    assert law.receipt_rule("fax", last) == "confirmation"
    assert law.receipt_rule("fax", first) == "arrival"


def test_two_rows_of_one_key_on_one_day_are_a_fault(edit: Edit) -> None:
    path = office.config() / "statute" / "channels.toml"
    edit("statute/channels.toml", FAX, f"{FAX}until = 2027-12-31\n")
    again = FAX + 'in_force = 2027-12-31\nlabel = "传真"\nreceived_on = "arrival"\narticle = "31"\n'
    path.write_text(path.read_text(encoding="utf-8") + "\n" + again, encoding="utf-8")
    with pytest.raises(ConfigFault, match="fax 在 2027-12-31 有两行"):
        load(office.config())


# ── a row is taken out ──────────────────────────────────────────────────────────────────────────


def test_a_row_that_cases_point_to_cannot_be_taken_out(
    edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    number = fax()
    edit("statute/channels.toml", 'key = "fax"', 'key = "telefax"')
    started_anew()
    with pytest.raises(ConfigFault, match=f"“fax” 有误：登记簿中有1处用到它（{number}），不能删去"):
        office.check_config()
    assert main(["case", number]) == 2  # in a sentence, not a traceback
    assert "登记簿中有1处用到它" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "key"), [("figure", "correction_time"), ("choice", "restart_after_withdrawal")]
)
def test_an_offices_own_practice_that_lacks_a_point_of_this_release_is_named_at_the_start(
    kind: str, key: str, edit: Edit
) -> None:
    office.check_config()
    edit("practice.toml", f'key = "{key}"', f'key = "{key}_of_another_release"')
    started_anew()
    named = f"{key}（days）" if kind == "figure" else key
    with pytest.raises(ConfigFault, match=re.escape(f"[[{kind}]] {named} 有误：本版本要求写明")):
        office.check_config()


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("percent = 5", "correction_time（days） 有误：本版本要求写明"),  # in another unit
        ("days = 0", "correction_time 有误：days、years、percent、minutes 应恰填其一"),
        ("days = 15\nyears = 1", "correction_time 有误：days、years、percent、minutes 应恰填其一"),
    ],
)
def test_a_figure_is_stated_in_its_own_unit_alone(stated: str, said: str, edit: Edit) -> None:
    edit("practice.toml", '表单提议给申请人几个工作日"\ndays = 15', f'x"\n{stated}')
    started_anew()
    with pytest.raises(ConfigFault, match=re.escape(said)):
        office.check_config()


def test_a_running_office_goes_on_with_what_it_had(edit: Edit) -> None:
    number = fax()
    edit("statute/channels.toml", 'key = "fax"', 'key = "telefax"')
    assert office.law().channels["fax"].label == "传真"
    assert main(["case", number]) == 0
    assert any("“fax”" in fault for fault in office.config_faults())


def test_an_outcome_of_a_draft_counts_as_pointed_to(edit: Edit) -> None:
    number = receive()
    advance(number, steps=3)
    edit("statute/outcomes.toml", 'key = "not_ours"', 'key = "not_theirs"')
    started_anew()
    with office.reading():
        pass  # the register is open
    with pytest.raises(ConfigFault, match=f"“not_ours” 有误：登记簿中有1处用到它（{number}）"):
        office.law()


def test_serve_does_not_start_without_a_row_that_is_needed(edit: Edit) -> None:
    fax()
    edit("statute/channels.toml", 'key = "fax"', 'key = "telefax"')
    started_anew()
    with pytest.raises(ConfigFault, match="“fax”"):
        serve.serve()


def test_a_letter_without_its_series_is_refused_before_its_first_issue(edit: Edit) -> None:
    law, agency = office.law(), office.agency()
    agree(law, agency)
    for key in agency.series:
        short = agency.model_copy(
            update={"series": {k: v for k, v in agency.series.items() if k != key}}
        )
        with pytest.raises(ConfigFault, match=f"series\\] 的 {key} 有误"):
            agree(law, short)


# ── an outcome moves to another row; a third form ───────────────────────────────────────────────


def form_2028(edit: Edit) -> None:
    """The form of 2021 with one new row, from 2028; and an outcome that is counted there."""
    folder = office.config() / "annual"
    text = (folder / "form_2021.toml").read_text(encoding="utf-8")
    new = '[[row]]\ncode = "3.4.4"\nkind = "result"\ngroup = "（四）无法提供"\nlabel = "4.非本机关"\n\n'
    later = text.replace('key = "2021"', 'key = "2028"', 1)
    later = later.replace("first_year = 2021", "first_year = 2028", 1)
    later = later.replace('[[row]]\ncode = "3.5.1"', f'{new}[[row]]\ncode = "3.5.1"', 1)
    later = later.replace(
        'notice = "国办公开办函〔2021〕30号"', 'notice = "国办公开办函〔2028〕1号"', 1
    )
    (folder / "form_2028.toml").write_text(later, encoding="utf-8")
    edit("annual/form_2021.toml", "first_year = 2021", "first_year = 2021\nlast_year = 2027")
    path = office.config() / "statute" / "outcomes.toml"
    rows = path.read_text(encoding="utf-8").partition(NOT_OURS)
    row = NOT_OURS + rows[2].partition("[[outcome]]")[0]
    moved = NOT_OURS.replace("3.4.1", "3.4.4") + "in_force = 2028-01-01\n\n"  # what differs
    ended = row.replace(NOT_OURS, NOT_OURS + "until = 2027-12-31\n")
    path.write_text(rows[0] + ended + moved + rows[2][len(row) - len(NOT_OURS) :], "utf-8")


def test_an_outcome_that_moves_states_only_what_differs(edit: Edit) -> None:
    form_2028(edit)
    outcomes = load(office.config()).outcomes
    before, after = (outcomes.on("not_ours", date(year, 1, 4)) for year in (2027, 2028))
    assert (before.row, before.until, after.row, after.until) == (
        "3.4.1", date(2027, 12, 31), "3.4.4", None,
    )  # fmt: skip
    same = {"row", "until", "in_force"}
    assert before.model_dump(exclude=same) == after.model_dump(exclude=same)


def test_a_form_of_2028_with_one_new_row_needs_no_code(edit: Edit, on: Day, tmp_path: Path) -> None:
    form_2028(edit)
    on("2027-12-31")
    advance_on("2027-12-31")
    on("2028-01-04")
    advance_on("2028-01-04")
    forms = load_forms(office.config() / "annual")
    with office.reading() as session:
        for year, row in ((2027, "3.4.1"), (2028, "3.4.4")):
            form = form_for(forms, year)
            counted = case_lines(session, year, date(2029, 1, 10), office.law())
            table = table3(counted, year, form)
            assert table.figures()[row][0] == 1
            assert [check for check in checks(table) if not check.ok] == []
    on("2029-01-10")
    out = tmp_path / "report"
    assert main(["annual-report", "2028", "--out", str(out)]) == 1  # blanks of table 二 only
    assert '"3.4.4": [1, 0, 0, 0, 0, 0, 1]' in (out / "tables.json").read_text(encoding="utf-8")
    assert "4.非本机关" in (out / "report.html").read_text(encoding="utf-8")


def advance_on(day: str) -> None:
    number = receive(arrived_on=date.fromisoformat(day))
    for position, (kind, answer, officer) in enumerate(PATH, 1):
        dated = {k: day if v == "2026-03-02" else v for k, v in answer.items()}
        done = recording.perform(number, position, kind, dated, officer)
        assert done.reasons == ()


@pytest.mark.parametrize("stated", [{}, {"year": 2020, "format": "2019", "table2": None}])
def test_earlier_reports_are_judged_as_before_beside_a_third_form(
    edit: Edit, stated: dict[str, object]
) -> None:
    data = report(RIGHT) | stated
    before = check_tables(data, load_forms(CONFIG / "annual"))
    assert [check for check in before if not check.ok] == []
    form_2028(edit)
    assert check_tables(data, load_forms(office.config() / "annual")) == before


def test_a_day_that_no_row_covers_is_an_error(edit: Edit) -> None:
    edit("statute/channels.toml", FAX, f"{FAX}in_force = 2020-01-01\nuntil = 2027-12-31\n")
    channels = load(office.config()).channels
    assert channels.on("fax", date(2020, 1, 1)).key == "fax"
    assert channels.on("fax", date(2027, 12, 31)).key == "fax"
    for day in (date(2019, 12, 31), date(2028, 1, 1)):
        with pytest.raises(NoRuleInForce):
            channels.on("fax", day)
        assert "fax" not in channels.offered(day)
