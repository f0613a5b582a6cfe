"""The year end: report.docx, tables.xlsx and tables.json of a small register, as of a day.

Five applications: carried in; already public; not ours; carried out and closed since; still open.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pdfplumber
import pytest
from databases import empty_register
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from published_reports import FORMS
from sqlalchemy import text
from sqlmodel import select
from whole_years import WHAT, fill

from flows import office
from flows.__main__ import main
from flows.counter.proactive import record_figure
from flows.installation import files
from flows.path import intake, recording
from flows.reading.sent_files import read_sent
from flows.shown.report_files import NotAFolder
from flows.year import annual_report
from flows.year.annual_report import NotYet, Produced
from models.errors import NoFormForYear, UncountableCase
from models.register import register
from models.store.tables import Enquiry, Event
from models.year.year_end import Later

DRAFTER, SIGNER = "陈静", "王建国"
NOT_OURS = {
    "outcome": "not_ours",
    "responsible_agency": "国家知识产权局",
    "responsible_contact": "电话：010-00000000",
    "reasons": "该信息由国家知识产权局制作并保存",
}
PUBLIC = {
    "outcome": "already_public",
    "information": "2022年专利资助名单",
    "whereabouts": "本机关网站政府信息公开专栏",
}
SEEN_ON = "2024-01-31"
SENTENCE = (
    "2023年，我局新收政府信息公开申请4件，上年结转1件，办结3件，结转下年度继续办理2件。"
    "办结的申请中，属于已主动公开信息的1件，不属于本机关负责公开的2件。"
    "全年提供政府信息公开咨询服务3人次。"
)

Day = Callable[[str], None]


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """An empty register, and the day it is: `on("2023-03-02")`."""
    with empty_register(tmp_path, monkeypatch):
        yield lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is not rendered each time: tests/test_picture.py does."""
    monkeypatch.setattr(annual_report, "png", lambda svg: b"\x89PNG" + svg.encode()[:8])


@pytest.fixture
def year(on: Day) -> dict[str, str]:
    """The year 2023 of a small office: what happened → case number; today is the report's day."""
    numbers = {"carried in": receive(on, "2022-12-20", "自然人")}
    close(on, numbers["carried in"], "2023-01-10", NOT_OURS)
    numbers["public"] = receive(on, "2023-03-02", "商业企业")
    close(on, numbers["public"], "2023-03-20", PUBLIC)
    numbers["not ours"] = receive(on, "2023-06-01", "自然人")
    close(on, numbers["not ours"], "2023-06-20", NOT_OURS)
    numbers["open"] = receive(on, "2023-11-01", "其他")
    numbers["carried out"] = receive(on, "2023-12-20", "自然人")
    advise(on, "2023-04-03", 1)
    advise(on, "2023-05-04", 2)
    close(on, numbers["carried out"], "2024-01-08", NOT_OURS)
    on(SEEN_ON)
    fill(2023)
    return numbers


def receive(on: Day, day: str, kind: str) -> str:
    on(day)
    number = intake.receive(
        channel="当面",
        kind=kind,
        applicant="周晓岚",
        request="某某档案",
        arrived_on=date.fromisoformat(day),
        officer=DRAFTER,
    ).number
    perform(number, 1, "received", {"received_on": day})
    return number


def close(on: Day, number: str, sent: str, answer: dict[str, object], recorded: str = "") -> None:
    """Reply on one day; recorded on that day, or later."""
    on(recorded or sent)
    elsewhere = {name: text for name, text in answer.items() if name != "outcome"}
    if answer is NOT_OURS:
        perform(number, 2, "found_elsewhere", elsewhere)
        perform(number, 3, "drafted_unable", answer)
    else:
        perform(number, 2, "found_ours", {})
        perform(number, 3, "drafted_granted", answer)
    perform(number, 4, "approved", {}, "李明")
    perform(number, 5, "signed", {"signed_on": sent}, SIGNER)
    perform(number, 6, "replied", {"delivery": "ems", "sent_on": sent, "proof": "1012345678901"})


def perform(
    number: str, position: int, kind: str, answer: dict[str, object], officer: str = DRAFTER
) -> None:
    done = recording.perform(number, position, kind, dict(answer), officer)
    assert (done.reasons, done.came_late) == ((), False)


def advise(on: Day, day: str, persons: int, recorded: str = "") -> None:
    on(recorded or day)
    enquiry = Enquiry(
        on=date.fromisoformat(day),
        channel="电话",
        persons=persons,
        subject="如何申请",
        officer=DRAFTER,
        recorded_on=office.today(),
        recorded_at=datetime(2024, 1, 1, tzinfo=UTC),
    )
    with office.writing() as session:
        register.enquire(session, enquiry)


def produce(folder: Path, of: int = 2023, as_of: str | None = None) -> Produced:
    return annual_report.produce(of, folder, date.fromisoformat(as_of) if as_of else None)


def bytes_of(made: Produced) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in made.files}


# ── the three files ───────────────────────────────────────────────────────────────────────────


def test_each_application_stands_in_its_cells(year: dict[str, str], tmp_path: Path) -> None:
    made = produce(tmp_path / "out")
    data = json.loads((tmp_path / "out" / "tables.json").read_text(encoding="utf-8"))
    assert data["cells"] == {
        "1": {
            "自然人": [year["not ours"], year["carried out"]],
            "商业企业": [year["public"]],
            "其他": [year["open"]],
        },
        "2": {"自然人": [year["carried in"]]},
        "3.1": {"商业企业": [year["public"]]},
        "3.4.1": {"自然人": [year["carried in"], year["not ours"]]},
        "4": {"自然人": [year["carried out"]], "其他": [year["open"]]},
    }
    assert data["table3"]["3.7"] == [2, 1, 0, 0, 0, 0, 3]
    assert (data["agency"], data["year"], data["format"]) == (office.agency().name, 2023, "2021")
    assert made.failed == ()
    assert all(check["ok"] for check in data["checks"])
    assert [path.name for path in made.files] == [
        *("report.docx", "tables.xlsx", "tables.json"),
        *("report.html", "picture.svg", "picture.png", "cells.html"),
    ]
    assert sorted((tmp_path / "out").iterdir()) == sorted(made.files)


def test_each_of_its_files_is_read_as_the_report_by_the_checker(
    year: dict[str, str], tmp_path: Path
) -> None:
    """A superior's office reads what we send: the workbook's lists of cases are no table 三."""
    made = produce(tmp_path / "out")
    printed = {code: list(row) for code, row in made.table.figures().items()}
    for file in ("report.docx", "tables.xlsx", "report.html"):
        read = read_sent(tmp_path / "out" / file, file, FORMS)
        found = [one.message for one in read.checks(FORMS) if not one.ok]
        assert (read.data["table3"], [*read.findings], found) == (printed, [], []), file


def test_the_report_has_title_heading_sentence_and_table(
    year: dict[str, str], tmp_path: Path
) -> None:
    made = produce(tmp_path / "out")
    document = Document(str(made.files[0]))
    said = [(p.style.name, p.text) for p in document.paragraphs if p.style and p.text]
    form = made.table.form
    assert said[:2] == [
        ("Title", office.agency().name),
        ("Title", "2023年政府信息公开工作年度报告"),
    ]
    assert [text for style, text in said if style == "Heading 1"] == list(form.sections)
    assert ("Body Text", SENTENCE) in said
    assert said[-1] == ("Body Text", "全年我局未收取信息公开处理费。")
    heading = next(style for style in document.styles if style.name == "Heading 1")
    assert heading.element.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    _, table, _ = document.tables
    printed = [[cell.text for cell in row.cells] for row in table.rows]
    assert printed[0][3:] == ["申请人情况"] * 7
    assert printed[1][3:] == ["自然人", *["法人或其他组织"] * 5, "总计"]
    figures = [list(map(str, row)) for row in made.table.figures().values()]
    assert [row[3:] for row in printed[3:]] == figures
    assert printed[3][0] == printed[3][2] == "一、本年新收政府信息公开申请数量"


def test_the_workbook_has_the_same_figures_and_every_case(
    year: dict[str, str], tmp_path: Path
) -> None:
    made = produce(tmp_path / "out")
    book = load_workbook(made.files[1])
    figures = [list(row) for row in made.table.figures().values()]
    printed = [[cell.value for cell in row[3:10]] for row in book["表三"].iter_rows(min_row=4)]
    assert printed == figures
    listed = [[cell.value for cell in row] for row in book["办件清单"].iter_rows(min_row=2)]
    assert ["三（一）", "（一）予以公开", "商业企业", year["public"]] in listed
    assert {row[3] for row in listed} == set(year.values())
    assert {row[1].value for row in book["校验"].iter_rows(min_row=2)} == {"成立"}


def test_channels_and_days_are_counted_from_the_same_cases(
    year: dict[str, str], tmp_path: Path
) -> None:
    found = produce(tmp_path).figures
    assert found.channels == {"当面提交": 4}  # received in 2023
    # 2022-12-20 → 2023-01-10: 14 working days; 03-02 → 03-20: 12; 06-01 → 06-20: 13
    assert found.days == {12: 1, 13: 1, 14: 1}
    assert found.average_days == 13.0
    assert found.advised == {"电话": 3}


def figure(what: str, on: date, amount: int) -> None:
    record_figure.fn(what=what, on=on, amount=amount, officer=DRAFTER)


def test_what_table_two_says_is_asked_of_its_register(on: Day, tmp_path: Path) -> None:
    on(SEEN_ON)
    figure(WHAT["行政许可·decisions"], date(2023, 12, 31), 7)
    figure(WHAT["行政规范性文件·in_force"], date(2022, 12, 31), 10)
    figure(WHAT["行政规范性文件·made"], date(2023, 5, 1), 2)
    made = produce(tmp_path)
    data = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    assert (data["table2"]["行政许可"], data["table2"]["行政规范性文件"]) == (7, [2, 0, 12])
    assert data["table2"]["行政处罚"] is None
    assert "表二：行政处罚·本年处理决定数量" in made.report.missing
    assert any(check.id == "proactive.in_force.行政规范性文件" for check in made.checks)
    table, _, _ = Document(str(made.files[0])).tables
    printed = [[cell.text for cell in dict.fromkeys(row.cells)] for row in table.rows]
    assert ["行政规范性文件", "2", "0", "12"] in printed


def test_only_what_the_year_has_is_said(on: Day, tmp_path: Path) -> None:
    receive(on, "2023-03-02", "自然人")
    close(on, "SQ202300001", "2023-03-20", NOT_OURS)
    on(SEEN_ON)
    made = produce(tmp_path)
    [said] = made.report.sections[2].words
    assert said.text == (
        "2023年，我局新收政府信息公开申请1件，办结1件。"
        "办结的申请中，不属于本机关负责公开的1件。全年提供政府信息公开咨询服务0人次。"
    )


def test_a_year_without_applications_has_its_tables_too(on: Day, tmp_path: Path) -> None:
    on(SEEN_ON)
    fill(2023)
    made = produce(tmp_path)
    assert {figure for row in made.table.figures().values() for figure in row} == {0}
    assert made.failed == ()


def test_on_paper_no_page_is_left_half_empty_and_no_group_of_results_is_parted(
    year: dict[str, str], tmp_path: Path
) -> None:
    programs = [shutil.which(name) for name in ("soffice", "pdftotext")]
    if None in programs and not os.environ.get("CI"):
        pytest.skip("LibreOffice (soffice) and poppler are not installed: no page to look at")
    assert None not in programs, "in CI the page must be seen: install LibreOffice and poppler"
    path = produce(tmp_path / "out").files[0]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    command = ["pdftotext", "-layout", tmp_path / "report.pdf", "-"]
    seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pages = [re.sub(r"\s", "", page) for page in seen.split("\f") if page.strip()]
    [begins] = [n for n, page in enumerate(pages) if "一、本年新收政府信息公开申请数量" in page]
    for first, last in (("1.属于国家秘密", "8.属于行政查询事项"), ("1.信访举报", "5.要求行政机关")):
        [whole] = [page for page in pages if first in page]
        assert last in whole
    [ends] = [page for page in pages if "四、结转下年度继续办理" in page]
    assert "（七）总计" in ends
    assert all("申请人情况" in page for page in {pages[begins], ends})  # the head is repeated
    lowest, high = lowest_words(tmp_path / "report.pdf")
    assert all(bottom > 0.7 * high for bottom in lowest[:-1]), lowest
    assert "三、收到和处理政府信息公开申请情况2023年，我局新收" in "".join(pages)
    assert "六、其他需要报告的事项全年我局未收取信息公开处理费。" in pages[-1]


def lowest_words(paper: Path) -> tuple[list[float], float]:
    """How far down each page is written, above its number; and how high a page is."""
    with pdfplumber.open(paper) as opened:
        high = float(opened.pages[0].height)
        body = [[w["bottom"] for w in one.extract_words()] for one in opened.pages]
        return [max(b for b in bottoms if b < 0.88 * high) for bottoms in body], high


# ── as of a day ───────────────────────────────────────────────────────────────────────────────


def test_the_same_day_gives_the_same_bytes(year: dict[str, str], on: Day, tmp_path: Path) -> None:
    first = bytes_of(produce(tmp_path / "1"))
    with ZipFile(BytesIO(first["report.docx"])) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    on("2024-12-31")
    assert bytes_of(produce(tmp_path / "2", as_of=SEEN_ON)) == first
    assert bytes_of(produce(tmp_path / "1", as_of=SEEN_ON)) == first


def test_an_erratum_recorded_later_is_announced_too(
    year: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    right = {"entries": ["0.applicant_kind"], "value": "商业企业", "reason": "看错"}
    perform(year["open"], 2, "erratum", right, SIGNER)
    assert produce(tmp_path, as_of=SEEN_ON).later == Later(received=0, closed=1)
    assert produce(tmp_path).later == Later(0, 0)


def test_a_closing_recorded_later_is_announced_and_not_known_before(
    year: dict[str, str], on: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bytes_of(produce(tmp_path / "1"))
    close(on, year["open"], "2023-11-28", PUBLIC, recorded="2024-02-05")
    assert bytes_of(produce(tmp_path / "2", as_of=SEEN_ON)) == before
    assert (
        bytes_of(produce(tmp_path / "3", as_of="2024-02-04"))["tables.json"]
        == (before["tables.json"])
    )
    out = str(tmp_path / "2")
    main(["annual-report", "2023", "--out", out, "--as-of", SEEN_ON])
    said = "注意：另有1件的办结（或者勘误）在这一天之后才登记，仍按当时的记载计"
    assert said in capsys.readouterr().err.splitlines()
    since = produce(tmp_path / "4")
    assert since.later == Later(0, 0)
    assert since.table.cases("3.1", "其他") == [year["open"]]
    assert since.table.cases("4", "总计") == [year["carried out"]]
    assert since.figures.outcomes["already_public"] == 2


def test_what_was_registered_later_is_not_known_before_and_said_to_be_left_out(
    year: dict[str, str], on: Day, tmp_path: Path
) -> None:
    before = bytes_of(produce(tmp_path / "1"))
    on("2024-02-05")
    late = intake.receive(
        channel="当面",
        kind="自然人",
        applicant="郑敏",
        request="某某档案",
        arrived_on=date(2023, 12, 29),
        officer=DRAFTER,
    ).number
    perform(late, 1, "received", {"received_on": "2023-12-29"})
    advise(on, "2023-12-29", 4, recorded="2024-02-05")
    again = produce(tmp_path / "2", as_of=SEEN_ON)
    assert bytes_of(again) == before
    assert again.later == Later(received=1, closed=0)
    since = produce(tmp_path / "3")
    assert since.later == Later(0, 0)
    assert late in since.table.cases("1", "自然人")
    assert sum(since.figures.advised.values()) == 7


def test_the_tables_do_not_change_as_open_cases_are_handled(
    year: dict[str, str], on: Day, tmp_path: Path
) -> None:
    before = produce(tmp_path / "1")
    close(on, year["open"], "2024-02-05", PUBLIC)
    since = produce(tmp_path / "2")
    assert since.table == before.table
    assert since.figures == before.figures
    assert since.report.sections == before.report.sections


def test_what_is_carried_out_of_a_year_is_carried_into_the_next(
    year: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2025-01-20")
    this, following = produce(tmp_path / "1"), produce(tmp_path / "2", of=2024)
    assert following.table.cases("2", "总计") == this.table.cases("4", "总计")
    carried = {
        check.id: check for check in following.checks if check.id.startswith("cases.carried")
    }
    assert len(carried) == 7
    assert all(check.ok for check in carried.values())
    assert following.table.figures()["3.4.1"] == (1, 0, 0, 0, 0, 0, 1)


def test_the_first_year_of_the_form_has_no_year_before(on: Day, tmp_path: Path) -> None:
    on("2020-01-20")
    made = produce(tmp_path, of=2019)
    [carried] = [check for check in made.checks if "carried" in check.id]
    assert carried.verdict == "无法判断"
    assert any("carried" in check.id for check in produce(tmp_path, of=2020).checks), (
        "2020 has 2019 before it"
    )


def test_a_row_that_does_not_agree_with_its_events_is_found(
    year: dict[str, str], tmp_path: Path
) -> None:
    with office.writing() as session:
        session.execute(
            text("UPDATE application SET \"row\" = NULL WHERE closed_on < '2023-02-01'")
        )
    with pytest.raises(UncountableCase, match=f"申请 {year['carried in']} 无法计入年报表三"):
        produce(tmp_path / "out")
    assert not (tmp_path / "out").exists()


# ── what cannot be ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("of", "as_of", "said"),
    [
        (2025, None, "2025年在2024年1月31日尚未开始，不能编制该年度的报告"),
        (99999, None, "99999年在2024年1月31日尚未开始"),
        (2023, "2022-12-31", "2023年在2022年12月31日尚未开始"),
        (2023, "2024-02-01", "登记簿的记载只到今天（2024年1月31日），不能按2024年2月1日的记载编制"),
    ],
)
def test_a_year_that_has_not_begun_has_no_report(
    of: int, as_of: str | None, said: str, on: Day, tmp_path: Path
) -> None:
    on(SEEN_ON)
    with pytest.raises(NotYet, match=re.escape(said)):
        produce(tmp_path / "out", of, as_of)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("of", [2018, 0, -1])
def test_a_year_before_the_first_form_has_no_report(of: int, on: Day, tmp_path: Path) -> None:
    on(SEEN_ON)
    with pytest.raises(NoFormForYear):
        produce(tmp_path / "out", of)


def test_a_year_that_is_not_over_says_so_in_head_picture_and_checks(
    on: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on("2023-12-31")
    fill(2023)
    made, said = produce(tmp_path), "2023年尚未结束，统计截至2023年12月31日"
    assert made.report.title == "2023年政府信息公开工作年度报告（统计截至2023年12月31日）"
    assert made.report.preamble[0].text == f"{said}，仅供内部参考，不是正式的年度报告。"
    files = {path.name: path.read_bytes() for path in made.files}
    assert said.encode() in files["picture.svg"]
    assert made.report.title.encode() in files["report.html"]
    head = [p.text for p in Document(str(made.files[0])).paragraphs[:3]]
    assert made.report.title in head
    assert main(["annual-report", "2023", "--out", str(tmp_path)]) == 0
    assert f"存疑：{said}，不是正式的年度报告\n" in capsys.readouterr().err
    on("2024-01-01")
    over = produce(tmp_path)
    assert "截至" not in over.report.title + over.report.preamble[0].text
    assert over.doubtful == ()
    assert produce(tmp_path, as_of="2023-12-31").doubtful


def test_nothing_is_half_written(
    year: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bytes_of(produce(tmp_path / "out"))
    new = files._new

    def full(path: Path) -> int:
        if path.name.startswith("tables.json"):
            raise OSError(28, "No space left on device")
        return new(path)

    monkeypatch.setattr(files, "_new", full)
    with pytest.raises(NotAFolder, match="磁盘已满"):
        annual_report.produce(2022, tmp_path / "out", None)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_file_in_place_of_the_folder_is_said(inside: str, on: Day, tmp_path: Path) -> None:
    on(SEEN_ON)
    (tmp_path / "out").write_text("文件")
    with pytest.raises(NotAFolder, match="无法写入目录"):
        produce(tmp_path / "out" / inside)


def test_the_events_are_left_as_they_are(year: dict[str, str], tmp_path: Path) -> None:
    def every() -> list[dict[str, object]]:
        with office.reading() as session:
            return [event.model_dump() for event in session.exec(select(Event))]

    before = every()
    produce(tmp_path / "out")
    assert every() == before
