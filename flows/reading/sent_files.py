"""A file that a unit has sent, opened: which format it is, by what stands in it, not by its name.

A .doc is often a web page, a .xls another workbook: what a file begins with decides. What reads a format
is loaded when a file of it comes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from flows.arguments import LARGEST_FILE, UnreadableFile, content_of
from models.errors import MalformedTables
from models.report_tables.form import Form
from models.report_tables.tables_file import parse
from models.units.sent_report import NotAReport, SentReport, from_data

if TYPE_CHECKING:
    from concurrent.futures import Future

    from models.units.laid_out import LaidOut

R = TypeVar("R")

SUFFIXES: Final = (
    *(".json", ".docx", ".doc", ".wps", ".html", ".htm", ".mht", ".mhtml", ".xlsx", ".xls", ".et"),
    *(".pdf", ".odt", ".ods", ".rtf", ".ofd", ".docm", ".xlsm", ".jpg", ".jpeg", ".png", ".tif"),
    *(".tiff", ".bmp", ".zip", ".rar", ".7z", ".xhtml", ".shtml", ".aspx", ".jsp"),
)
"""What may be somebody's report; of the last ones it is said that they cannot be read."""

MOST_FILES: Final = 20_000  # in one folder: three thousand units, each with several
AHEAD: Final = 16  # files read before the first of them is told
CONVERTING: Final = 120  # seconds
_OLD: Final = b"\xd0\xcf\x11\xe0"
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")


def files_under(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named that may be a report, in order."""
    for path in paths:
        if path.is_dir():
            found = list(islice(filter(_may_be_a_report, path.rglob("*")), MOST_FILES + 1))
            if len(found) > MOST_FILES:
                raise UnreadableFile(str(path), f"目录中的文件超过{MOST_FILES}个，请分开核对")
            yield from sorted(found)
        else:
            yield path


def _may_be_a_report(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and _is_sent(path)


def _is_sent(path: Path) -> bool:
    """Not what an editor or a system puts beside the files: ~$x.docx, .~lock, __MACOSX."""
    hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)
    return not hidden and path.is_file()


def never_opened(paths: Sequence[Path]) -> list[str]:
    """The names of files in the folders named that are of no format of a report (.txt, none): somebody
    may have sent one of them all the same.
    """
    folders = [path for path in paths if path.is_dir()]
    found = (one for folder in folders for one in folder.rglob("*") if _is_sent(one))
    others = (one.name for one in found if one.suffix.lower() not in SUFFIXES)
    return sorted(islice(others, MOST_FILES))


def read_sent(path: Path, name: str, forms: Sequence[Form]) -> SentReport:
    """The report in a file; `name` = how it is called in sentences.

    Raises UnreadableFile for what cannot be opened, NotAReport for what is no report, NoFormForYear.
    """
    content = content_of(path, LARGEST_FILE)
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1024]
    if path.suffix.lower() == ".json" or start.startswith((b'{"', b"{\r", b"{\n", b"{ ")):
        try:
            return from_data(name, parse(content))
        except MalformedTables as fault:
            raise UnreadableFile(name, str(fault)) from None
    if not content.strip(b"\x00 \r\n\t"):
        raise UnreadableFile(name, "文件是空的")
    from models.units.opened_report import sent_report

    return sent_report(name, opened(path, name, content), forms)


def read_ahead(read: Callable[[Path], R], paths: Sequence[Path]) -> Iterator[R]:
    """What `read` makes of each path, in order; some are read ahead, no more are in memory."""
    if len(paths) == 1:
        yield read(paths[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        ahead: deque[Future[R]] = deque()
        for path in paths:
            ahead.append(pool.submit(read, path))
            if len(ahead) > AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def opened(path: Path, name: str, content: bytes) -> LaidOut:
    """A file opened, by what it begins with. UnreadableFile says what cannot be."""
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1024]
    if content.startswith(b"PK"):
        return _packed(path, name, content)
    if b"%PDF-" in start:
        from flows.reading.pdf_file import pdf_file

        return pdf_file(name, content)
    if content.startswith(_OLD) or start.startswith(b"{\\rtf"):
        return _converted(path, name, content)
    if start.startswith(_PICTURES):
        raise UnreadableFile(name, "是图片，无法读取，请报送可编辑的文件")
    if start.startswith((b"Rar!", b"7z\xbc\xaf")):
        raise UnreadableFile(name, "是压缩包，请解压后再核对")
    if b"MIME-Version:" in start and b"multipart/related" in content[:4096]:
        from flows.reading.web_page import saved_archive

        return saved_archive(name, content)
    if (
        start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))
        or b"<table" in content[:200_000].lower()
    ):
        from flows.reading.web_page import web_page

        return web_page(name, content)
    raise UnreadableFile(
        name, "不是能够读取的格式（应为 .docx、.html、.xlsx、.pdf 或者 tables.json）"
    )


def _packed(path: Path, name: str, content: bytes) -> LaidOut:
    from flows.reading.packed import parts_of

    with parts_of(name, content) as packed:
        parts = set(packed.namelist())
    if "word/document.xml" in parts:
        return _document(name, content)
    if "xl/workbook.xml" in parts:
        return _sheets(name, content)
    if "OFD.xml" in parts:
        raise UnreadableFile(name, "是 .ofd 版式文件，无法读取，请报送可编辑的文件")
    if "content.xml" in parts:
        return _converted(path, name, content)
    raise UnreadableFile(name, "是压缩包，请解压后再核对")


def _converted(path: Path, name: str, content: bytes) -> LaidOut:
    """An old format (.doc, .wps, .xls, .et, .odt, .rtf) by way of LibreOffice."""
    import shutil
    import subprocess
    import tempfile

    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        message = f"是旧格式（{path.suffix or '无扩展名'}），本机没有 LibreOffice，请另存为 .docx 或者 .xlsx"
        raise UnreadableFile(name, message)
    suffix = suffix_by_content(content) or path.suffix
    kind = "xlsx" if suffix.lower() in (".xls", ".et", ".ods") else "docx"
    with tempfile.TemporaryDirectory(prefix="disclosure-") as scratch:
        copy = Path(scratch) / f"sent{suffix}"
        copy.write_bytes(content)
        command = [office, f"-env:UserInstallation=file://{scratch}/profile", "--headless"]
        command += ["--convert-to", kind, "--outdir", scratch, str(copy)]
        try:
            subprocess.run(command, capture_output=True, timeout=CONVERTING, check=False)
        except subprocess.TimeoutExpired:
            raise UnreadableFile(name, f"LibreOffice 在{CONVERTING}秒内没有转换完") from None
        made = copy.with_suffix(f".{kind}")
        if not made.is_file():
            raise UnreadableFile(name, "LibreOffice 无法转换，文件可能已损坏，请另存为 .docx")
        converted = content_of(made, LARGEST_FILE)
    return _sheets(name, converted) if kind == "xlsx" else _document(name, converted)


def _document(name: str, content: bytes) -> LaidOut:
    from flows.reading.word_file import word_file

    return word_file(name, content)


def _sheets(name: str, content: bytes) -> LaidOut:
    from flows.reading.sheets import sheets  # who sends no workbook does not wait for openpyxl

    return sheets(name, content)


def suffix_by_content(content: bytes) -> str:
    """Which of the old formats a file is: a .wps is a Word file, and LibreOffice would take its name for
    that of another format. "" where its content does not say.
    """
    if content.startswith(b"{\\rtf"):
        return ".rtf"
    if content.startswith(_OLD):
        for stream, suffix in (("Workbook", ".xls"), ("WordDocument", ".doc")):
            if stream.encode("utf-16-le") in content:
                return suffix
    if content.startswith(b"PK"):
        sheet = b"application/vnd.oasis.opendocument.spreadsheet" in content[:200]
        return ".ods" if sheet else ".odt"
    return ""


__all__ = ["NotAReport", "files_under", "opened", "read_sent"]
