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
from datetime import date
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from databases import empty_register
from letter_examples import written
from test_doors import asked, lines, logged_in
from test_register import PATH, receive

from flows import office
from flows.__main__ import main
from flows.installation.front_door import Entrance
from flows.path import recording
from flows.printing import fonts, libreoffice
from flows.printing.libreoffice import LibreOffice, NoLibreOffice, NoPdf, Printer
from flows.shown.pages import as_pdf, letter_url
from letters.letter.paper import write
from models.register import register
from tests.our_pages import Desk

DAY = date(2026, 3, 27)
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


def replied() -> str:
    """The number of a case whose reply was sent."""
    number = receive(applicant="周晓岚")
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
        assert len(opened.pages) == 2
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
        letters = [one.number for one in register.documents(session, number)]
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


def test_without_libreoffice_one_sentence_is_said_and_the_word_file_is_as_before(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libreoffice, "program", nothing_here)
    number = replied()
    with office.reading() as session:
        letter = register.documents(session, number)[0].number
    said = asked(Entrance(), as_pdf(letter_url(number, letter)))
    assert (said.status_code, said.text) == (503, libreoffice.NONE_HERE)
    assert (
        asked(Entrance(), letter_url(number, letter)).content
        == (home / "letters" / number / f"{letter}.docx").read_bytes()
    )
    assert main(["print", number, "--out", str(home / "out")]) == 2
    assert capsys.readouterr().err.strip() == f"disclosure：{libreoffice.NONE_HERE}"
    assert not (home / "out").exists()
