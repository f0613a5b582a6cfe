"""The files of an annual report: their names, what each holds, where the desk keeps and shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from flows import office
from flows.installation import files
from models.errors import DisclosureError
from models.words.disk_words import why


class NotAFolder(DisclosureError):
    """The output folder named is a file, or cannot be made."""

    def __init__(self, out: Path, problem: str) -> None:
        self.out, self.problem = out, problem
        super().__init__(f"无法写入目录 {out}：{problem}")


class ReportFile(NamedTuple):
    """One of the files: what it is, in words for the office, and its media type."""

    content: str
    media: str


FILES = {
    "report.docx": ReportFile(
        "年度报告全文（Word、WPS）",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "tables.xlsx": ReportFile(
        "表二、表三、表四，校验，各数字的清单",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "tables.json": ReportFile("各表数据，供汇总和核对", "application/json"),
    "report.html": ReportFile("年度报告网页，可直接发布", "text/html"),
    "picture.svg": ReportFile("一图读懂（矢量图）", "image/svg+xml"),
    "picture.png": ReportFile("一图读懂（图片）", "image/png"),
    "cells.html": ReportFile("各数字所计的案件（内部核对，不公开）", "text/html"),
}


def folder(year: int) -> Path:
    """Where the desk keeps the report of a year."""
    return office.home() / "reports" / str(year)


def url(year: int, name: str) -> str:
    """Where a file of the year's report can be opened (flows/shown/pages.py)."""
    return f"/reports/{year}/{name}"


def written(out: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write all the files, or none: each beside its place first, then all are put in theirs; where one
    cannot be, those before it are again what they were.
    """
    ours = office.home() if out.is_relative_to(office.home()) else None
    scratch: dict[Path, Path] = {}
    try:
        for name, content in contents.items():
            scratch[out / name] = files.beside(out / name, content, ours)
        with _as_before(list(scratch), ours):
            for path, beside in scratch.items():
                beside.replace(path)
            files.settle(out)
    except OSError as fault:
        raise NotAFolder(out, why(fault)) from None
    finally:
        for beside in scratch.values():
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    return tuple(scratch)


@contextmanager
def _as_before(paths: Sequence[Path], ours: Path | None) -> Iterator[None]:
    """Where what is done fails, the files hold again what they held."""
    held = {path: path.read_bytes() for path in paths if path.is_file()}
    try:
        yield
    except OSError:
        for path in paths:
            with suppress(OSError):  # the first fault is told
                if path in held:
                    files.written(path, held[path], ours)
                else:
                    path.unlink(missing_ok=True)
        with suppress(OSError):  # what was taken back does not come again once the power goes
            files.settle(paths[0].parent)
        raise
