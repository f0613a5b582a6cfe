"""The files of an annual report: their names, what each holds, where the desk keeps and shows them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from flows import office


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
    """Where a file of the year's report can be opened (flows/pages.py)."""
    return f"/reports/{year}/{name}"
