"""A .docx: its paragraphs, tables and pictures in the order of the text.

Read from the document's XML itself: what was deleted under tracked changes is not there, what was
inserted is; a table within a table, a text box and a content control stand where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from flows.arguments import UnreadableFile
from flows.reading.packed import few_elements, part_of, parts_of
from models.units.laid_out import Block, LaidOut, Paragraph, Picture, grid_of

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT: Final = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_PLAIN: Final = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_PICTURES: Final = frozenset({"blip", "imagedata"})
_GONE: Final = frozenset({"del", "moveFrom", "instrText", "delText", "rPr", "pPr"})
_LARGEST_ACROSS: Final = 200


def word_file(name: str, content: bytes) -> LaidOut:
    """The text of a .docx; UnreadableFile where it is damaged."""
    packed = parts_of(name, content)
    few_elements(name, packed)
    xml = part_of(name, packed, "word/document.xml").replace(_STRICT, _PLAIN)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        raise UnreadableFile(name, "文件已损坏（word/document.xml），或者嵌套过深") from None
    body = root.find(f"{_W}body")
    return LaidOut(tuple(_Reading().blocks(body)) if body is not None else ())


class _Reading:
    """Reads a document from the top; tables are numbered as they come."""

    def __init__(self) -> None:
        self.tables = self.paragraphs = 0

    def blocks(self, parent: etree._Element) -> Iterator[Block]:
        for child in parent:
            match _kind(child):
                case "p":
                    yield from self._paragraph(child)
                case "tbl":
                    yield from self._table(child)
                case "AlternateContent":
                    choice = child.find(f"{_MC}Choice")
                    yield from self.blocks(choice) if choice is not None else ()
                case kind if kind not in _GONE:
                    yield from self.blocks(child)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[Block]:
        self.paragraphs += 1
        place = f"第{self.paragraphs}段"
        boxes: list[etree._Element] = []
        pictures = 0
        words = []
        for kind, node in _runs(paragraph):
            if kind == "text":
                words.append(node.text or "")
            elif kind == "break":
                words.append("\n")
            elif kind == "box":
                boxes.append(node)
            else:
                pictures += 1
        for line in "".join(words).split("\n"):
            yield Paragraph(line, place)
        for box in boxes:
            yield from self.blocks(box)
        if pictures:
            yield Picture(place)

    def _table(self, table: etree._Element) -> Iterator[Block]:
        self.tables += 1
        place = f"第{self.tables}个表格"
        nested: list[Block] = []
        rows: list[list[_Drawn]] = []
        for row in _children(table, "tr"):
            cells, x = [], _before(row)
            for cell in _children(row, "tc"):
                inner = list(self.blocks(cell))
                text = "\n".join(one.text for one in inner if isinstance(one, Paragraph))
                nested += [one for one in inner if not isinstance(one, Paragraph)]
                across = min(_number(cell, "gridSpan", 1), _LARGEST_ACROSS)
                cells.append(_Drawn(text, x, across, _merge(cell)))
                x += across
            rows.append(cells)
        yield grid_of(_spanned(rows), place)
        yield from nested


class _Drawn:
    """A cell as Word states it: merge = "restart", "continue", or "" for none."""

    def __init__(self, text: str, column: int, across: int, merge: str) -> None:
        self.text, self.column, self.across, self.merge = text, column, across, merge
        self.down = 1


def _spanned(rows: list[list[_Drawn]]) -> list[list[tuple[str, int, int]]]:
    """The rows as markup would state them: what continues a cell from above is part of it."""
    above: dict[int, _Drawn] = {}
    stated = []
    for cells in rows:
        kept, now = [], dict[int, _Drawn]()
        for cell in cells:
            first = above.get(cell.column)
            if cell.merge == "continue" and first is not None:
                first.down += 1
                now[cell.column] = first
            else:
                kept.append(cell)
                now[cell.column] = cell
        above = now
        stated.append(kept)
    return [[(cell.text, cell.down, cell.across) for cell in kept] for kept in stated]


def _runs(node: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """What a paragraph holds, in order: text, breaks, text boxes, pictures."""
    for child in node:
        kind = _kind(child)
        if kind in _GONE or _hidden(child):
            continue
        if kind == "t":
            yield "text", child
        elif kind in ("br", "cr"):
            yield "break", child
        elif kind == "txbxContent":
            yield "box", child
        elif kind in _PICTURES:
            yield "picture", child
        elif kind == "AlternateContent":
            choice = child.find(f"{_MC}Choice")
            yield from _runs(choice) if choice is not None else ()
        else:
            yield from _runs(child)


def _hidden(run: etree._Element) -> bool:
    return _kind(run) == "r" and run.find(f"{_W}rPr/{_W}vanish") is not None


def _children(parent: etree._Element, kind: str) -> Iterator[etree._Element]:
    """The rows of a table, the cells of a row: also within content controls and insertions."""
    for child in parent:
        if _kind(child) == kind:
            yield child
        elif _kind(child) in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            yield from _children(child, kind)


def _before(row: etree._Element) -> int:
    """Columns of the grid that a row leaves free at its beginning."""
    found = row.find(f"{_W}trPr/{_W}gridBefore")
    return _whole(found)


def _number(cell: etree._Element, what: str, otherwise: int) -> int:
    found = cell.find(f"{_W}tcPr/{_W}{what}")
    return _whole(found) or otherwise


def _whole(element: etree._Element | None) -> int:
    stated = "" if element is None else element.get(f"{_W}val", "")
    return int(stated) if stated.isdigit() and len(stated) < 6 else 0


def _merge(cell: etree._Element) -> str:
    found = cell.find(f"{_W}tcPr/{_W}vMerge")
    return "" if found is None else found.get(f"{_W}val", "continue")


def _kind(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
