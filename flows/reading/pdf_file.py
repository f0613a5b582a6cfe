"""A PDF with a text layer: its lines as paragraphs, its ruled tables as grids. A scan is said to be one."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Final

from flows.arguments import UnreadableFile
from flows.reading.apart import asked
from models.units.laid_out import Block, Cell, Grid, LaidOut, Paragraph, Picture

SECONDS: Final = 90


def pdf_file(name: str, content: bytes) -> LaidOut:
    """The text of a PDF; UnreadableFile for a scan, a locked or damaged file, or one without end."""
    told = _told(name, content)
    if fault := told.get("fault"):
        raise UnreadableFile(name, f"PDF {fault}")
    blocks = tuple(_block(*each) for each in told["blocks"])
    scanned = "、".join(str(n) for n in told["scanned"])
    if scanned and not any(isinstance(one, Paragraph | Grid) for one in blocks):
        raise UnreadableFile(name, "PDF 是扫描件（没有文字层），无法读取，请报送可编辑的文件")
    unread = [f"第{scanned}页是扫描的图像，没有文字层，没有读取"] if scanned else []
    if not blocks:
        raise UnreadableFile(name, "PDF 中没有文字")
    return LaidOut(blocks, unread=tuple(unread))


def _told(name: str, content: bytes) -> dict[str, Any]:
    """What the process for the pages answers."""
    try:
        answer = asked("flows.reading.pdf_pages", content, SECONDS)
    except subprocess.TimeoutExpired:
        raise UnreadableFile(name, f"PDF 在{SECONDS}秒内没有读完，未读取") from None
    if not answer:
        raise UnreadableFile(name, "PDF 展开后过大，或者已损坏，未读取")
    found: dict[str, Any] = json.loads(answer)
    return found


def _block(kind: str, *rest: Any) -> Block:
    match kind:
        case "text":
            return Paragraph(*rest)
        case "picture":
            return Picture(*rest)
    cells, place = rest
    return Grid(tuple(Cell(*cell) for cell in cells), place)
