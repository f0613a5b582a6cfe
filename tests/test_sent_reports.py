"""What units send is read, whatever its format and markup: same cells, same verdicts, every change found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from copy import deepcopy
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import sent_reports
from published_reports import FORMS, NAMES
from sent_reports import as_docx, as_html, as_xlsx, whole
from test_annual_form import LIKE_2021, forms_with
from years import MEASURES, WHOLE, suqian

from flows import office
from flows.__main__ import main
from flows.arguments import UnreadableFile
from flows.reading.sent_files import NotAReport, read_sent, suffix_by_content
from letters.report.report import compose
from letters.report.report_paper import on_paper
from letters.report.tables import Layout
from letters.report.workbook import workbook
from models.report_tables.form import Form, form_for, load_forms
from models.report_tables.table2 import table2
from models.units.cell_figure import cell_figure
from models.units.published import check_tables
from models.units.sent_report import SentReport
from models.year.year_text import YearText

CITY = "suqian_city_2023"
WRITE = {
    "a.docx": as_docx,
    "a.html": lambda data, form=None: as_html(data, form).encode(),
    "a.xlsx": as_xlsx,
    "sheets.xlsx": lambda data, form=None: as_xlsx(data, form, one_sheet=False),
}


def sent(folder: Path, content: bytes | str, file: str) -> SentReport:
    path = folder / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sent(path, file, FORMS)


def cells(data: Any) -> dict[str, Any]:
    """The cells of the three tables, table 二 by item as a list of figures."""
    table2 = {item: row if isinstance(row, list) else [row] for item, row in data["table2"].items()}
    return {"2": table2, "3": data["table3"], "4": data["table4"]}


def verdicts(found: list[Any]) -> dict[str, str]:
    return {one.id: f"{one.verdict}{one.message}" for one in found}


# ── same cells ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", WRITE)
def test_every_published_report_is_judged_as_its_tables_are(
    name: str, file: str, tmp_path: Path
) -> None:
    data = whole(name)
    read = sent(tmp_path, WRITE[file](data), file)
    assert cells(read.data) == cells(data)
    unnamed = ["file.agency"] if name.startswith("unnamed") else []
    assert (read.year, [one.id for one in read.findings]) == (data["year"], unnamed)
    judged = verdicts(read.checks(FORMS))
    assert {i: v for i, v in judged.items() if i not in unnamed} == verdicts(
        check_tables(data, FORMS)
    )


@pytest.mark.parametrize("file", WRITE)
def test_a_report_on_the_form_of_2019_is_read_on_it(file: str, tmp_path: Path) -> None:
    form = form_for(FORMS, 2020)
    data: dict[str, Any] = {"agency": "某市人民政府", "year": 2020, "table4": list(range(15))}
    data["table3"] = {code: [n] * 7 for n, code in enumerate(form.rows)}
    data["table2"] = {
        item: [10 * n + m for m in range(len(group.columns))]
        for n, (group, item) in enumerate(form.items())
    }
    read = sent(tmp_path, WRITE[file](data, form), file)
    assert cells(read.data) == cells(data)
    assert (read.data["format"], read.agency, read.findings) == ("2019", "某市人民政府", ())


def numbered(form: Form, year: int) -> dict[str, Any]:
    """A report in which every cell has a figure of its own: none can be taken for another."""
    figures = iter(range(1000, 2000))
    data: dict[str, Any] = {"agency": "某市人民政府", "year": year}
    data["table3"] = {code: [next(figures) for _ in form.columns] for code in form.rows}
    data["table4"] = [next(figures) for _ in range(15)]
    data["table2"] = {item: [next(figures) for _ in group.columns] for group, item in form.items()}
    return data


@pytest.mark.parametrize("file", WRITE)
def test_every_changed_cell_is_read_as_it_was_changed(file: str, tmp_path: Path) -> None:
    form = form_for(FORMS, 2023)
    data = numbered(form, 2023)
    assert cells(sent(tmp_path, WRITE[file](data, form), file).data) == cells(data)


@pytest.mark.parametrize("file", WRITE)
def test_a_report_on_a_form_to_come_is_read_on_it(file: str, tmp_path: Path) -> None:
    """A form of 2028 that differs in its rows, as config states it: read by it, and judged by it."""
    (tmp_path / "forms").mkdir()
    forms = load_forms(forms_with(tmp_path / "forms", LIKE_2021))
    form = form_for(forms, 2028)
    data = numbered(form, 2028)
    path = tmp_path / file
    made = WRITE[file](data, form)
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    read = read_sent(path, file, forms)
    assert (read.data["format"], read.year, read.findings) == ("2028", 2028, ())
    assert cells(read.data) == cells(data)
    assert "3.4.4" in read.data["table3"]
    assert "3.3.3" not in read.data["table3"]
    assert {one.id: one.ok for one in read.checks(forms)}["table3.rows"]


def our_own() -> tuple[bytes, bytes, dict[str, Any]]:
    """A city's year as we write it: report.docx, tables.xlsx, and the cells of its tables.json."""
    found = suqian()
    facts = tuple(one._replace(on=one.on.replace(year=one.on.year + 1)) for one in WHOLE)
    form = found.tables.form
    tables = replace(found.tables, table2=table2(facts, 2023, form, MEASURES))
    figures = replace(found, tables=tables)
    made = compose(office.agency(), figures, YearText(), date(2024, 1, 20))
    stated = {"table2": tables.table2.figures(), "table4": tables.table4.figures()}
    book = workbook(office.agency().name, tables.table3, [], **stated)
    data = json.loads(json.dumps(stated | {"table3": tables.table3.figures()}))
    return on_paper(made), book, data


def test_through_libreoffice_every_format_has_the_same_cells(tmp_path: Path) -> None:
    """Opened and saved again as every format: each cell of the tables, also of our own report."""
    if shutil.which("soffice") is None and not os.environ.get("CI"):
        pytest.skip("LibreOffice (soffice) is not installed")
    form = form_for(FORMS, 2023)
    data, (paper, book, own) = numbered(form, 2023), our_own()
    (tmp_path / "a.docx").write_bytes(as_docx(data))
    (tmp_path / "own.docx").write_bytes(paper)
    (tmp_path / "b.xlsx").write_bytes(as_xlsx(data))
    (tmp_path / "book.xlsx").write_bytes(book)
    (tmp_path / "new").mkdir()
    for kind, *files in [
        *[
            (k, "a.docx", "own.docx")
            for k in ("docx:MS Word 2007 XML", "html", "pdf", "doc", "odt")
        ],
        ("xlsx", "b.xlsx", "book.xlsx"),
        ("xls", "b.xlsx"),
    ]:
        command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"]
        command += ["--headless", "--convert-to", kind, "--outdir", str(tmp_path / "new")]
        written = [str(tmp_path / file) for file in files]
        subprocess.run([*command, *written], check=True, capture_output=True)
    for old, called in (("a.doc", "a.wps"), ("b.xls", "b.et")):
        (tmp_path / "new" / old).rename(tmp_path / "new" / called)
    found = sorted((tmp_path / "new").iterdir())
    assert [path.suffix for path in found if path.stem in "ab"] == [
        *(".docx", ".html", ".odt", ".pdf", ".wps", ".et", ".xlsx")
    ]
    differing = list[object]()
    for path in found:
        read = read_sent(path, path.name, FORMS)
        if cells(read.data) != cells(data if path.stem in "ab" else own) or read.findings:
            differing.append((path.name, read.findings))
        judged = {i: v for i, v in verdicts(read.checks(FORMS)).items() if "text" not in i}
        due = verdicts(check_tables(data, FORMS)) if path.stem in "ab" else {}
        wrong = {i for i, v in judged.items() if v != due.get(i) and (due or v.startswith("不"))}
        differing += [(path.name, wrong)] if wrong else []
    assert differing == []


# ── cells as they are typed ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "figure", "said"),
    [
        ("4", 4, ""),
        (" 4\u00a0", 4, ""),
        ("4.0", 4, "写作“4.0”，按4核对"),
        ("减4", -4, "写作“减4”，按-4核对"),
        ("减少4", -4, "写作“减少4”，按-4核对"),
        ("－4", -4, "写作“－4”，按-4核对"),
        ("增4", 4, "写作“增4”，按4核对"),
        ("１２", 12, "写作“１２”，按12核对"),
        ("1,008", 1008, "写作“1,008”，按1008核对"),
        ("1，008", 1008, "写作“1，008”，按1008核对"),
        ("1 008", 1008, "写作“1 008”，按1008核对"),
        ("18085\n95", 1808595, ""),
        ("4。", 4, "写作“4。”，按4核对"),
        ("暂无", None, "写的是“暂无”（没有发生的应填0）"),
        ("无。", None, "写的是“无。”（没有发生的应填0）"),
        ("007", 7, "写作“007”，按7核对"),
        ("12件", 12, "写作“12件”，按12核对"),
        ("3（含修订1件）", 3, "写作“3（含修订1件）”，按3核对"),
        ("十二", 12, "写作“十二”，按12核对"),
        ("", None, ""),
        ("\u3000", None, ""),
        ("/", None, "写的是“/”（没有发生的应填0）"),
        ("—", None, "写的是“—”（没有发生的应填0）"),
        ("——", None, "写的是“——”（没有发生的应填0）"),
        ("无", None, "写的是“无”（没有发生的应填0）"),
        ("若干", None, "写的是“若干”，不是数"),
        ("1 2/3", None, "写的是“1 2/3”，不是数"),
        ("9" * 16, None, f"写的是“{'9' * 16}”，数字过长"),
        ("=SUM(A1)", None, "写的是“=SUM(A1)”，不是数"),
    ],
)
def test_a_cell_is_read_as_far_as_it_can_be_and_said(
    typed: str, figure: float | None, said: str
) -> None:
    found = cell_figure(typed)
    assert (found.figure, found.said) == (figure, said)
    assert found.wrong == ("不是数" in said or "过长" in said)


def test_money_may_have_decimals() -> None:
    assert cell_figure("7730.28", money=True) == (7730.28, "", False)
    assert cell_figure("7730.28").said == "写作“7730.28”，按7730.28核对"


@pytest.mark.parametrize("file", [*WRITE, "tables.json"])
def test_an_odd_cell_is_a_finding_and_never_a_refusal(file: str, tmp_path: Path) -> None:
    data = whole("hongze_district_2024")
    form = sent_reports.form_of(data)
    data["table3"]["3.3.7"][0], data["table3"]["3.4.1"][6] = "１", "若干"
    data["table4"][4] = "2.0"
    content = json.dumps(data) if file == "tables.json" else WRITE[file](data, form)
    read = sent(tmp_path, content, file)
    assert read.data["table3"]["3.3.7"][0] == 1  # type: ignore[index]
    assert read.data["table3"]["3.4.1"][6] is None  # type: ignore[index]
    said = [(str(one.verdict), one.message.partition("’")[2]) for one in read.findings]
    assert said == [
        ("存疑", "写作“１”，按1核对"),
        ("不成立", "写的是“若干”，不是数"),
        ("存疑", "写作“2.0”，按2核对"),
    ]


# ── pages of agencies ─────────────────────────────────────────────────────────────────────────


def worded(layout: Layout) -> str:
    """As pasted out of Word: a paragraph, a span and no-break spaces in every cell, split labels."""
    table = sent_reports.table_of(layout)
    table = table.replace("</td>", "</span><o:p></o:p></p></td>")
    table = table.replace('">', '"><p class="MsoNormal"><span style="font-size:10pt">&nbsp;')
    return table.replace("商业企业", "商业<br>企业").replace("社会公益组织", "社会公<br/>益组织")


def wrapped(layout: Layout) -> str:
    """In a table of layout, in another: the page's frame."""
    inner = sent_reports.table_of(layout)
    return (
        f"<table><tr><td>&nbsp;</td><td><table><tr><td>{inner}</td></tr></table></td></tr></table>"
    )


def unclosed(layout: Layout) -> str:
    """Without end tags of rows and cells, and with spans that reach beyond the table."""
    table = sent_reports.table_of(layout).replace("</td>", "").replace("</tr>", "")
    return table.replace("<tr>", "<TR vAlign=top>").replace('rowspan="23"', 'rowspan="40"')


def figures_in_tables(layout: Layout) -> str:
    """Every figure in a table of its own."""
    table = sent_reports.table_of(layout)
    for n in range(200):
        table = table.replace(
            f'colspan="1">{n}<', f'colspan="1"><table><tbody><tr><td>{n}</td></tr></table><'
        )
    return table


def from_word(layout: Layout) -> str:
    """Saved out of Word: conditional sections, rows that only set widths, figures in several spans."""
    table = sent_reports.table_of(layout)
    for digit in "123456789":
        table = table.replace(
            f'colspan="1">{digit}', f'colspan="1"><span lang=EN-US>{digit}</span>'
        )
    row = "<![if !supportMisalignedColumns]><tr height=0><td width=9></td></tr><![endif]>"
    return table.replace("<tr>", "<tr><![odd[x]]>").replace("</table>", f"{row}</table>")


def repeated(layout: Layout) -> str:
    """Nothing merged: what spans rows or columns is written into each of them."""
    width = max(box.column + box.columns for box in layout.boxes)
    rows: list[list[str]] = [[""] * width for _ in range(layout.height)]
    for box in layout.boxes:
        for y in range(box.row, box.row + box.rows):
            for x in range(box.column, box.column + box.columns):
                rows[y][x] = f"<td>{'' if box.text is None else box.text}</td>"
    return f"<table><tr>{'</tr><tr>'.join(''.join(row) for row in rows)}</tr></table>"


def shown_twice(layout: Layout) -> str:
    """With a second, hidden copy for telephones, of other figures, and a script between."""
    table = sent_reports.table_of(layout)
    other = table.replace(">0<", ">9<")
    hidden = f"<div style='display: none'><table><tr><td>手机版</td></tr></table>{other}</div>"
    return f"{hidden}<script>if(a<b)</script>{table}"


def mistyped(layout: Layout) -> str:
    """With the labels as offices mistype them (seen in published reports)."""
    table = sent_reports.table_of(layout)
    for right, seen in (
        ("属于三类内部事务信息", "属于三类内容事务信息"),
        ("只计这一情形", "只计这一情况"),
        ("本年制发件数", "本年制发件数 "),
        ("现行有效件数", "现行有效件数 （历史累计）"),
        ("没有现成信息需要另行制作", "没有现成信息，需要另行制作"),
        ("（七）总计", "(七)总计"),
        (">规章<", ">规章：地方行政规章指省、自治区、直辖市和设区的市的人民政府制定的规章。<"),
        ("4.无正当理由", "４．无正当理由"),
    ):
        table = table.replace(right, seen)
    return table


@pytest.mark.parametrize(
    "markup",
    [worded, wrapped, unclosed, figures_in_tables, from_word, repeated, shown_twice, mistyped],
)
@pytest.mark.parametrize("name", ["hongze_district_2024", CITY])
def test_the_odd_markup_of_agencies_pages_is_read(markup: Any, name: str, tmp_path: Path) -> None:
    data = whole(name)
    frame = "<body><div class=nav><a>首页</a>&gt;<a>年报</a></div><div id=zoom>{}</div>"
    read = sent(tmp_path, as_html(data, table=markup, frame=frame), "page.html")
    assert cells(read.data) == cells(data)
    assert verdicts(read.checks(FORMS)) == verdicts(check_tables(data, FORMS))


def test_a_table_broken_over_two_is_read_on(tmp_path: Path) -> None:
    def broken(layout: Layout) -> str:
        rows = sent_reports.table_of(layout).split("<tr>")
        if len(rows) < 20:
            return "<tr>".join(rows)
        first, rest = "<tr>".join(rows[:20]), "<tr>".join(rows[20:])
        return f"{first}</table><p>— 3 —</p><table><tr>{rest}"

    data = whole(CITY)
    assert cells(sent(tmp_path, as_html(data, table=broken), "a.html").data) == cells(data)


@pytest.mark.parametrize("encoding", ["gb2312", "gbk", "utf-8", "utf-8-sig", "utf-16"])
def test_a_page_in_any_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    data = whole(CITY)
    page = as_html(data).replace('charset="utf-8"', f'charset="{encoding.removesuffix("-sig")}"')
    assert cells(sent(tmp_path, page.encode(encoding), "a.htm").data) == cells(data)


def test_a_page_saved_as_one_file_is_read(tmp_path: Path) -> None:
    from email.message import EmailMessage

    data = whole(CITY)
    message = EmailMessage()
    message.set_content("网页存档")
    message.add_related(as_html(data).encode(), "text", "html", cte="base64")
    saved = b"From: <Saved by Blink>\r\n" + message.as_bytes()
    assert cells(sent(tmp_path, saved, "a.mht").data) == cells(data)


def test_a_doc_that_is_a_page_is_read_as_one(tmp_path: Path) -> None:
    data = whole(CITY)
    assert cells(sent(tmp_path, as_html(data), "报告.doc").data) == cells(data)


def test_a_picture_in_place_of_a_table_is_said_with_its_place(tmp_path: Path) -> None:
    def pictured(layout: Layout) -> str:
        return "<p><img src='./W020240115.png' width=600></p>"

    page = as_html(whole(CITY), table=pictured)
    with pytest.raises(NotAReport, match=r"图片“W020240115\.png”处有图片，可能是表格的图片"):
        sent(tmp_path, page, "a.html")


@pytest.mark.parametrize(
    "frame",
    [
        '<a href="../P0/2024%E5%B9%B4%E6%8A%A5.pdf?v=1">下载</a>',
        '<iframe src="2024年报.pdf"></iframe>',
    ],
)
def test_a_page_that_only_leads_to_the_report_is_said_to(frame: str, tmp_path: Path) -> None:
    page = f"<h1>某市水务局2024年政府信息公开工作年度报告</h1>{frame}"
    with pytest.raises(NotAReport, match=r"所附的 “2024年报\.pdf” 可能是报告，请报送这个文件"):
        sent(tmp_path, page, "a.html")


def test_a_picture_in_place_of_table_two_alone_is_said(tmp_path: Path) -> None:
    def pictured(layout: Layout) -> str:
        is2 = any(box.text == "行政许可" for box in layout.boxes)
        return "<img src='b.png'>" if is2 else sent_reports.table_of(layout)

    read = sent(tmp_path, as_html(whole(CITY), table=pictured), "a.html")
    [found] = read.findings
    assert (found.id, str(found.verdict)) == ("file.picture.表二", "存疑")


def test_the_words_are_read_by_section(tmp_path: Path) -> None:
    data = whole(CITY)
    for file, write in WRITE.items():
        read = sent(tmp_path, write(data), file)
        said = read.data["words"]
        assert isinstance(said, dict)
        assert data["section1_figures"]["narrative"] in said["1"], file
        assert "行政许可" not in said.get("2", ""), file


@pytest.mark.parametrize(
    ("head", "agency", "year"),
    [
        ("<h1>某市水务局2023年政府信息公开工作年度报告</h1>", "某市水务局", 2023),
        ("<h1>2023年某市水务局政府信息公开年报</h1>", "某市水务局", 2023),
        ("<h1>某市水务局</h1><h1>二〇二三年度政府信息公开工作年度报告</h1>", "某市水务局", 2023),
        ("<h1>某市水务局政府信息公开工作年度报告（2023年）</h1>", "某市水务局", 2023),
        ("<h1>某市水务局关于2023年度政府信息公开工作情况的报告</h1>", "某市水务局", 2023),
        ("<title>某市水务局2023年政府信息公开工作年度报告</title>", "某市水务局", 2023),
        (
            "<p>本报告由某市水务局编制，所列数据的统计期限自2023年1月1日起至2023年12月31日止。</p>",
            "某市水务局",
            2023,
        ),
    ],
)
def test_whose_report_it_is_and_of_which_year_is_read_from_its_head(
    head: str, agency: str, year: int, tmp_path: Path
) -> None:
    page = as_html(whole(CITY))
    start, end = page.index("<h2>"), page.index("</h2>") + len("</h2>")
    read = sent(tmp_path, page[:start] + head + page[end:], "a.html")
    assert (read.agency, read.year) == (agency, year)


# ── what cannot be read ───────────────────────────────────────────────────────────────────────


def bomb(path: Path) -> None:
    with (
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open("word/document.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(100):
            part.write(b" " * 1_000_000)


def deep(path: Path) -> None:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    inner = "<w:tbl><w:tr><w:tc>" * 500
    xml = f'<w:document xmlns:w="{name}"><w:body>{inner}'
    with ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", xml)


def entities(path: Path) -> None:
    """A billion laughs."""
    names = "abcdefghij"
    stated = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    body = '<w:document xmlns:w="x"><w:body>&j;</w:body></w:document>'
    xml = f'<!DOCTYPE d [<!ENTITY a "哈哈哈哈">{stated}]>{body}'
    with ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", xml)


HOSTILE = [
    ("a.docx", bomb, "解压后过大（超过 60 MB）"),
    ("a.docx", deep, "嵌套过深"),
    ("a.docx", entities, ""),
    ("a.docx", lambda path: path.write_bytes(b"PK\x03\x04damaged"), "文件已损坏"),
    ("a.html", lambda path: path.write_text("<table><tr><td>" * 5000), "网页中的表格嵌套过深"),
    ("a.html", lambda path: path.write_text("<table><tr><td rowspan=9999 colspan=9999>" * 50), ""),
    ("a.pdf", lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj\n<<"), "PDF "),
    ("a.jpg", lambda path: path.write_bytes(b"\xff\xd8\xff\xe0JFIF"), "是图片，无法读取"),
    ("a.xlsx", lambda path: path.write_bytes(b""), "文件是空的"),
    ("a.docx", lambda path: path.write_bytes(b"hello"), "不是能够读取的格式"),
    ("a.json", lambda path: path.write_text('{"a": ' + "[" * 100_000), "嵌套过深"),
]


@pytest.mark.parametrize(("file", "make", "said"), HOSTILE)
def test_what_cannot_be_read_is_one_sentence(
    file: str, make: Any, said: str, tmp_path: Path
) -> None:
    path = tmp_path / file
    make(path)
    with pytest.raises((UnreadableFile, NotAReport)) as fault:
        read_sent(path, file, FORMS)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), ".doc"),
        (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), ".xls"),
        (b"\xd0\xcf\x11\xe0", ""),
        (b"{\\rtf1", ".rtf"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", ".ods"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text", ".odt"),
    ],
)
def test_an_old_format_is_known_by_its_content_whatever_it_is_called(
    content: bytes, suffix: str
) -> None:
    assert suffix_by_content(content) == suffix


def test_checking_changes_no_data(tmp_path: Path) -> None:
    data = whole(CITY)
    before = deepcopy(data)
    WRITE["a.docx"](data)
    assert data == before


# ── the command ───────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_checked_file_by_file_and_nobody_is_called_late_whose_file_lies_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "各单位"
    folder.mkdir()
    (folder / "宿迁.docx").write_bytes(as_docx(whole(CITY)))
    (folder / "洪泽.html").write_text(as_html(whole("hongze_district_2023")), "utf-8")
    (folder / "某市水务局.jpg").write_bytes(b"\xff\xd8\xff\xe0JFIF")
    (folder / "~$宿迁.docx").write_bytes(b"lock")
    units = tmp_path / "名单.txt"
    units.write_text("宿迁市（全市）\n某市水务局\n某市林业局\n", "utf-8")
    assert main(["check", str(folder), "--json", "--units", str(units)]) == 1
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [(one["file"], one["agency"], one["year"]) for one in lines] == [
        ("宿迁.docx", "宿迁市（全市）", 2023),
        ("某市水务局.jpg", "", None),
        ("洪泽.html", "淮安市洪泽区人民政府", 2023),
    ]
    assert [c["verdict"] for c in lines[1]["checks"]] == ["无法判断"]
    wrong = [c["id"] for c in lines[2]["checks"] if c["verdict"] == "不成立"]
    assert wrong == ["table4.total.行政复议", "table4.total.复议后起诉"]
    assert "未报送" not in told.err
    assert "无法判断：某市水务局报送的文件 某市水务局.jpg 无法认定：是图片" in told.err
    assert "没有读到某市林业局的报告；有1个文件无法认定（某市水务局.jpg），可能是它的" in told.err


def test_who_has_sent_nothing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.docx").write_bytes(as_docx(whole(CITY)))
    (tmp_path / "某局年报.txt").write_text("", "utf-8")
    units = tmp_path / "名单.txt"
    units.write_text("宿迁市（全市）\n某市林业局\n某局\n", "utf-8")
    assert main(["check", str(tmp_path), "--units", str(units)]) == 1
    said = capsys.readouterr().err
    assert "不成立：某市林业局逾期未报送（条例第四十九条）" in said
    assert "无法判断：某局报送的文件 某局年报.txt 不是能够读取的格式" in said


def test_one_unreadable_file_is_one_sentence_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "扫描.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    assert main(["check", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
