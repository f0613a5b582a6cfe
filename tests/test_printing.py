"""Letters on paper: PDF by LibreOffice, which may hang, die or not be there.

One LibreOffice serves all these tests; without it they are skipped, but not in CI.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pdfplumber
import pytest
from databases import TODAY as TODAY_WORDS
from databases import empty_register
from docx import Document
from docx.shared import Mm
from letter_examples import written
from openpyxl import load_workbook
from test_doors import asked, lines, logged_in
from test_register import PATH, receive

from flows import office
from flows.__main__ import main
from flows.installation.entrance import Entrance
from flows.path import recording
from flows.printing import fonts, libreoffice, of_day
from flows.printing.libreoffice import LibreOffice, NoLibreOffice, NoPdf, Printer
from flows.shown.pages import as_pdf, letter_url
from letters.letter import envelopes, post_list
from letters.letter.envelopes import Envelope, Sender
from letters.letter.paper import write
from models.register import filed_letters
from tests.our_pages import Desk

DAY = date(2026, 3, 27)
TODAY = date.fromisoformat(TODAY_WORDS)
EXTENSION = write(written("extension"))


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    if not libreoffice.is_here() and not os.environ.get("CI"):
        pytest.skip("LibreOffice (soffice) is not installed: nothing can be laid out")
    made = Printer()
    yield made
    made.end()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return "".join(page.extract_text() for page in opened.pages).replace(" ", "")


def nothing_here() -> Path:
    raise NoLibreOffice


def replied(**stated: str) -> str:
    """The number of a case whose reply was sent."""
    number = receive(**{"applicant": "周晓岚"} | stated)
    for position, (kind, answer, officer) in enumerate(PATH, 1):
        assert recording.perform(number, position, kind, dict(answer), officer).reasons == ()
    return number


def test_a_letter_is_the_same_pdf_each_time_and_bears_the_letters_day(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_SMTP_PASSWORD", "secret-of-ours")
    kinds = [(docx, archival) for docx in (EXTENSION, write(written("fee"))) for archival in (0, 1)]

    def all_of(office: LibreOffice) -> list[bytes]:
        return [office.pdf(docx, dated=DAY, archival=bool(kept)) for docx, kept in kinds]

    with LibreOffice() as one, LibreOffice() as another:
        first, again = all_of(one), all_of(another)
        told = Path(f"/proc/{one._process.pid}/environ").read_bytes()
    assert first == again
    assert "延长20个工作日" in text_of(first[0])
    with pdfplumber.open(BytesIO(first[1])) as opened:
        assert opened.metadata["CreationDate"] == "D:20260327000000Z'"
        assert len(opened.pages) == 1
    assert b"<pdfaid:part>2</pdfaid:part>" in first[1]
    assert b"<xmp:CreateDate>2026-03-27T00:00:00Z<" in first[1]
    assert b"pdfaid" not in first[0]
    assert b"FONTCONFIG_FILE" in told
    assert b"secret-of-ours" not in told


def test_one_that_died_is_replaced_and_one_that_hangs_is_ended(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = printer.pdf(EXTENSION, dated=DAY)
    process, scratch = printer._office._process, printer._office._scratch
    process.kill()
    assert printer.pdf(EXTENSION, dated=DAY) == first
    assert printer._office._process is not process
    assert not scratch.exists()

    process, scratch = printer._office._process, printer._office._scratch
    os.kill(process.pid, signal.SIGSTOP)
    monkeypatch.setattr(libreoffice, "MAKING", 0.3)
    with pytest.raises(NoPdf, match="内没有做出 PDF，已经结束，下次重新启动"):
        printer.pdf(EXTENSION, dated=DAY)
    assert process.poll() is not None
    assert not scratch.exists()
    monkeypatch.setattr(libreoffice, "MAKING", 60)
    assert printer.pdf(EXTENSION, dated=DAY) == first
    with pytest.raises(NoPdf, match="打不开这份文书"):
        printer.pdf(EXTENSION[:2000], dated=DAY)
    assert printer.pdf(EXTENSION, dated=DAY)


def test_it_ends_with_whoever_started_it_though_killed(printer: Printer, tmp_path: Path) -> None:
    starts = (
        "import sys, time\n"
        "from flows.printing.libreoffice import LibreOffice\n"
        "made = LibreOffice()\n"
        "print(made._process.pid, made._scratch, flush=True)\n"
        "time.sleep(600)"
    )
    one = subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE, text=True)
    assert one.stdout is not None
    pid, scratch = one.stdout.readline().split()
    assert Path(scratch).is_dir()
    one.kill()
    one.communicate()
    ended = time.monotonic() + 30
    while Path(scratch).exists() and time.monotonic() < ended:
        time.sleep(0.05)
    assert not Path(scratch).exists()
    assert (
        not (Path("/proc") / pid / "cmdline").exists()
        or b"libreoffice_apart" not in (Path("/proc") / pid / "cmdline").read_bytes()
    )


def test_what_stands_in_for_a_font_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(*names: str) -> list[str]:
        fonts.stand_ins.cache_clear()
        monkeypatch.setattr(fonts, "_installed", lambda: frozenset(names))
        told = fonts.substituted()
        fonts.stand_ins.cache_clear()
        return told

    standard = ("仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体")
    assert here(*standard) == []
    assert here(*standard[1:], "FangSong") == ["本机没有“仿宋_GB2312”，以“FangSong”代替"]
    assert here(*standard[:3], "宋体") == ["本机没有“楷体_GB2312”，也没有可以代替的中文字体"]
    assert here("Noto Serif CJK SC", "Noto Sans CJK SC")[2] == (
        "本机没有“黑体”，以“Noto Sans CJK SC”代替"
    )


def test_a_letter_is_opened_as_pdf_from_the_cases_page_and_that_is_noted(
    printer: Printer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "_SHARED", printer)
    number = replied()
    with office.reading() as session:
        letters = [one.number for one in filed_letters.documents(session, number)]
    page = Desk().get(f"/cases/{number}")
    for one in letters:
        assert f'href="{as_pdf(letter_url(number, one))}"' in page
    said = asked(Entrance(), as_pdf(letter_url(number, letters[-1])), visitor=logged_in)
    assert (said.status_code, said.headers["content-type"]) == (200, "application/pdf")
    assert said.headers["content-disposition"].startswith('inline; filename="letter.pdf"')
    assert "周晓岚" in text_of(said.content)
    assert lines()[-1] == ("read", "陈静", f"{number} 文书 {letters[-1]}")

    assert main(["print", number, "--letter", letters[-1], "--out", str(home / "out")]) == 0
    (kept,) = (home / "out").iterdir()
    assert kept.name == f"{letters[-1]}.pdf"
    assert text_of(kept.read_bytes()) == text_of(said.content)
    assert lines()[-1] == ("read", "命令行", f"{number} 文书")


def test_the_days_letters_are_one_pdf_for_both_sides_with_envelopes_and_the_posts_list(
    printer: Printer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "_SHARED", printer)
    number = replied(address="上海市某路1号\n邮政编码：200125")
    other = replied(applicant="=吴某", address="北京市某胡同2号 100088")
    with office.reading() as session:
        letters = of_day.letters_of(session, TODAY)
        posted = of_day.envelopes_of(session, letters)
        assert of_day.letters_of(session, TODAY - timedelta(days=1)) == []
    assert [one.case_number for one in letters] == [number, number, other, other]
    first = [one.number for one in letters if one.case_number == number]
    assert [(one.name, one.address, one.postcode) for one in posted] == [
        ("周晓岚", "上海市某路1号", "200125"),
        ("=吴某", "北京市某胡同2号 100088", "100088"),
    ]
    assert posted[0].numbers == tuple(first)

    page = Desk().get(f"/print?on={TODAY}")
    assert "4份" in page
    assert f'href="/print/{TODAY}/{quote("文书.pdf")}"' in page
    assert main(["print", "--on", TODAY.isoformat(), "--out", str(home / "out")]) == 0
    made = {path.name: path.read_bytes() for path in (home / "out").iterdir()}
    assert sorted(made) == sorted(
        f"{stem}-{TODAY}.{ending}"
        for stem, ending in (
            ("文书", "pdf"), ("信封", "pdf"), ("信封", "docx"), ("大宗邮件清单", "xlsx")
        )
    )  # fmt: skip
    with pdfplumber.open(BytesIO(made[f"文书-{TODAY}.pdf"])) as opened:
        begins = [
            n for n, one in enumerate(opened.pages, 1) if "申请编号" in one.extract_text()[:400]
        ]
    assert len(begins) >= 4
    assert all(n % 2 for n in begins), begins
    with pdfplumber.open(BytesIO(made[f"信封-{TODAY}.pdf"])) as opened:
        assert len(opened.pages) == 2
        size = (float(opened.pages[0].width), float(opened.pages[0].height))
        assert [round(side / Mm(1).pt) for side in size] == [220, 110]
        words = opened.pages[0].extract_text().replace(" ", "")
    assert "200125" in words.replace("\n", "")
    assert "周晓岚收" in words.replace("　", "")
    rows = list(load_workbook(BytesIO(made[f"大宗邮件清单-{TODAY}.xlsx"])).active.values)
    assert rows[3][:4] == ("序号", "邮件号", "收件人", "收件地址")
    assert rows[5][:5] == ("2", None, "=吴某", "北京市某胡同2号 100088", "100088")
    assert lines()[-1] == ("read", "命令行", f"{TODAY} 大宗邮件清单.xlsx {number}、{other}")


def test_what_the_register_does_not_know_of_an_address_is_left_to_be_written() -> None:
    to = Envelope("某公司", "", "", ("甲〔2026〕1号",))
    assert to.lacking == "地址、邮编"
    made = post_list.write([to], Sender("甲局", "某路1号", "200000"), DAY)
    row = list(load_workbook(BytesIO(made)).active.values)[4]
    assert row == ("1", None, "某公司", None, None, "甲〔2026〕1号", "地址、邮编待填")
    for code, shown in (("200125", "200125"), ("2001", ""), ("", "")):
        envelope = Envelope("某公司", "某路", code, ("甲〔2026〕1号",))
        document = Document(BytesIO(envelopes.write([envelope], Sender("甲局", "", ""), DAY)))
        (boxes,) = document.tables
        assert "".join(cell.text for cell in boxes.rows[0].cells) == shown
        assert len(boxes.columns) == 6


def test_without_libreoffice_one_sentence_is_said_and_the_word_file_is_as_before(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libreoffice, "program", nothing_here)
    number = replied()
    with office.reading() as session:
        letter = filed_letters.documents(session, number)[0].number
    said = asked(Entrance(), as_pdf(letter_url(number, letter)))
    assert (said.status_code, said.text) == (503, libreoffice.NONE_HERE)
    assert (
        asked(Entrance(), letter_url(number, letter)).content
        == (home / "letters" / number / f"{letter}.docx").read_bytes()
    )
    assert main(["print", number, "--out", str(home / "out")]) == 2
    assert capsys.readouterr().err.strip() == f"disclosure：{libreoffice.NONE_HERE}"
    assert not (home / "out").exists()
    assert main(["print", "--on", TODAY.isoformat(), "--out", str(home / "out")]) == 0
    assert capsys.readouterr().err.strip() == libreoffice.NONE_HERE
    assert len(list((home / "out").iterdir())) == 2
