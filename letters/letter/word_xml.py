"""A letter's paragraphs and tables as Word writes them, and the file they stand in.

What all letters of an agency share, page, styles, letterhead, is made once (`Blank`) and kept as it is
packed; a letter adds its own words. Lengths are twips.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZipFile

DOCUMENT: Final = "word/document.xml"
ABOUT: Final = "docProps/core.xml"
MADE: Final = date(1980, 1, 1)
TITLE, SUBJECT = "\ue000", "\ue001"
"""What stands in a blank where a letter's own title and number belong; no text of ours has them."""
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_DEFLATED, _VERSION, _UNICODE = 8, 20, 0x800
_DAY: Final = (1 << 5) | 1  # 1980-01-01, as a packed file writes it


def paragraph(
    text: str,
    style: str = "",
    *,
    keep_next: bool = False,
    keep_lines: bool = False,
    new_page: bool = False,
    before: int | None = None,
    after: int | None = None,
    left: int | None = None,
    first: int | None = None,
    side: str = "",
    line: int | None = None,
    size: int | None = None,
) -> str:
    """A paragraph; before, after = space over and under it, left, first = how far in it and its first
    line stand, side = to which it is set, line = its height where that is fixed, size = of its
    characters in half points.
    """
    spaces = _set(before=before, after=after, line=line)
    spaces += ' w:lineRule="exact"' if line is not None else ""
    hanging = -first if first is not None and first < 0 else None
    places = _set(left=left, hanging=hanging, firstLine=None if hanging else first)
    return (
        "<w:p><w:pPr>"
        + (f'<w:pStyle w:val="{style}"/>' if style else "")
        + ("<w:keepNext/>" if keep_next else "")
        + ("<w:keepLines/>" if keep_lines else "")
        + ("<w:pageBreakBefore/>" if new_page else "")
        + (f"<w:spacing{spaces}/>" if spaces else "")
        + (f"<w:ind{places}/>" if places else "")
        + (f'<w:jc w:val="{side}"/>' if side else "")
        + f"</w:pPr>{_run(text, size)}</w:p>"
    )


def _set(**values: int | None) -> str:
    return "".join(f' w:{name}="{value}"' for name, value in values.items() if value is not None)


def _run(text: str, size: int | None = None) -> str:
    """Text whose “”, — and … take the Chinese font."""
    if not text:
        return ""
    sized = f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else ""
    kept = ' xml:space="preserve"' if text != text.strip() or "  " in text else ""
    return (
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/>{sized}</w:rPr>'
        f"<w:t{kept}>{escape(text)}</w:t></w:r>"
    )


def table(rows: Sequence[tuple[int, Sequence[str]]], columns: Sequence[int]) -> str:
    """A table with lines; rows = the least height and the texts of each, columns = their widths."""
    grid = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in columns)
    body = "".join(
        f'<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="{height}" w:hRule="atLeast"/></w:trPr>'
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{wide}"/><w:vAlign w:val="center"/></w:tcPr>'
            f"{paragraph(text)}</w:tc>"
            for text, wide in zip(texts, columns, strict=True)
        )
        + "</w:tr>"
        for height, texts in rows
    )
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:type="auto" w:w="0"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" '
        'w:lastRow="0" w:noHBand="0" w:noVBand="1" w:val="04A0"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def boxes(characters: str, wide: int) -> str:
    """A row of red boxes so wide and high, a character in each: a postcode on an envelope."""
    edge = "".join(
        f'<w:{side} w:val="single" w:sz="8" w:space="0" w:color="FF0000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{wide}"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraph(one.strip(), side='center', line=wide - 40)}</w:tc>"
        for one in characters
    )
    grid = f'<w:gridCol w:w="{wide}"/>' * len(characters)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:type="dxa" w:w="{wide * len(characters)}"/>'
        f'<w:tblBorders>{edge}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr>"
        f'<w:trHeight w:val="{wide}" w:hRule="exact"/></w:trPr>{cells}</w:tr></w:tbl>'
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One file within a packed file, as it is packed."""

    name: bytes
    checked: int
    size: int
    content: bytes

    @classmethod
    def of(cls, name: str, content: bytes) -> _Part:
        packing = zlib.compressobj(wbits=-15)
        packed = packing.compress(content) + packing.flush()
        return cls(name.encode("ascii"), zlib.crc32(content), len(content), packed)


class Blank:
    """A sheet that is laid out and has no words yet; made from a .docx once, filled many times."""

    def __init__(self, docx: bytes) -> None:
        with ZipFile(BytesIO(docx)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        text = parts[DOCUMENT].decode("utf-8")
        split = text.rindex("<w:sectPr>")
        self._over, self._under = text[:split], text[split:]
        self._about = parts[ABOUT].decode("utf-8")
        self._parts = [
            None if name in (DOCUMENT, ABOUT) else _Part.of(name, content)
            for name, content in parts.items()
        ]
        self._own = [name for name in parts if name in (DOCUMENT, ABOUT)]

    def filled(self, body: str, title: str, subject: str, dated: date) -> bytes:
        """The .docx with these paragraphs and tables; the same bytes for the same words."""
        about = self._about.replace(TITLE, escape(title)).replace(SUBJECT, escape(subject))
        own = {
            DOCUMENT: f"{self._over}{body}{self._under}",
            ABOUT: about.replace(f"{MADE.isoformat()}T", f"{dated.isoformat()}T"),
        }
        names = iter(self._own)
        return _packed(
            [one or _Part.of(name := next(names), own[name].encode("utf-8")) for one in self._parts]
        )


def _packed(parts: Sequence[_Part]) -> bytes:
    """A packed file (ZIP) of these parts, under a fixed time."""
    made, listed = bytearray(), bytearray()
    for one in parts:
        known = (_DEFLATED, 0, _DAY, one.checked, len(one.content), one.size, len(one.name), 0)
        listed += _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, 0, *known, 0, 0, 0, 0, len(made))
        listed += one.name
        made += _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, *known) + one.name + one.content
    end = (0, 0, len(parts), len(parts), len(listed), len(made), 0)
    return bytes(made + listed + _END.pack(b"PK\x05\x06", *end))
