"""A sheet that is written plainly is taken apart at once: the same rows as read element by element."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.commands.ledger_markup import MarkedRow, by_elements, rows
from flows.commands.ledger_plain_markup import PlainSheet

_NAMES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXTS = [
    "",
    "甲",
    " 1",
    "&amp;#60;",
    "&#38;lt;",
    "&#x4e2d;&#25991;",
    "&#0060;&#25991;&#8220;&#160;",
    "&#038;#25991;",
    "&amp;#25991;&#127338;",
    "&lt;b&gt;",
    "_x000D_",
    "a\nb",
]
PLAIN_CELLS = [
    '<c r="{at}"/>',
    '<c r="{at}" s="2"/>',
    '<c r="{at}" s="1" t="s"><v>{n}</v></c>',
    '<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>',
    '<c r="{at}"><f>A1+1</f><v>{n}</v></c>',
    '<c r="{at}" t="str"><f t="shared" si="0"/><v>{text}</v></c>',
    '<c r="{at}"><f>B2</f></c>',
    "\n  ",
]
OTHER_CELLS = [
    '<c s="1" r="{at}"><v>{n}</v></c>',
    "<c r='{at}'><v>{n}</v></c>",
    "<c><v>{n}</v></c>",
    '<c r="{at}"><v/></c>',
    '<c r="{at}" t="inlineStr"><is><r><t>{text}</t></r><r><rPr/><t>乙</t></r></is></c>',
    '<c r="{at}" t="inlineStr"><is><t>{text}</t><rPh><t>ka</t></rPh></is></c>',
    '<c r="{at}"><v><![CDATA[{n}]]></v></c>',
    '<c r="{at}"><!-- <row r="9"/> --><v>{n}</v></c>',
    '<c r="{at}"><v>{n}\r\n</v></c>',
    '<c r="{at}"><v>{n}</v><extLst/></c>',
]
PLAIN_ROWS = ['<row r="{n}">{cells}</row>', '<row r="{n}" spans="1:3" hidden="1">{cells}</row>',
              '<row r="{n}"/>', "<row>{cells}</row>", "<row/>\n"]  # fmt: skip
OTHER_ROWS = ["<row r='{n}'>{cells}</row>", '<x:row r="{n}">{cells}</x:row>', "<row r='{n}'/>",
              "<!--<row r='1'/>-->", "<?a <row/> ?>", '<row r="&#49;">{cells}</row>']  # fmt: skip
BEHIND = [
    "",
    '<rowBreaks count="1"><brk id="1"/></rowBreaks>',
    '<mergeCells><mergeCell ref="A1:A2"/></mergeCells>',
]


def cells(shapes: list[str]) -> st.SearchStrategy[str]:
    one = st.builds(
        lambda shape, at, n, text: shape.format(at=at, n=n, text=text),
        st.sampled_from(shapes), st.sampled_from(["A1", "B2", "C3", "AB12"]),
        st.integers(0, 99), st.sampled_from(TEXTS),
    )  # fmt: skip
    return st.lists(one, max_size=5).map("".join)


def sheets(row_shapes: list[str], cell_shapes: list[str]) -> st.SearchStrategy[bytes]:
    row = st.builds(
        lambda shape, n, inside: shape.format(n=n, cells=inside),
        st.sampled_from(row_shapes), st.integers(1, 50), cells(cell_shapes),
    )  # fmt: skip
    return st.builds(
        lambda column, listed, behind: (
            f'<worksheet xmlns="{_NAMES}" xmlns:x="{_NAMES}"><cols>{column}</cols><sheetData>'
            f"{''.join(listed)}</sheetData>{behind}</worksheet>"
        ).encode(),
        st.sampled_from(["", '<col min="2" max="3" hidden="1"/>']),
        st.lists(row, max_size=6),
        st.sampled_from(BEHIND),
    )


def by_one(content: bytes) -> tuple[list[MarkedRow], list[dict[str, str]]]:
    columns: list[dict[str, str]] = []
    return list(by_elements(BytesIO(content), lambda told: columns.append({**told}))), columns


def compared(found: Iterable[MarkedRow]) -> list[tuple[dict[str, str], list[object]]]:
    """What is asked of a row: what a cell without a value is told to have is nothing; of its formula,
    that it is there.
    """
    return [
        (
            {name: told[name] for name in ("r", "hidden") if name in told},
            [(*cell[:3], bool(cell[3]), cell[4]) for cell in listed],
        )
        for told, listed in found
    ]


@given(sheets(PLAIN_ROWS, PLAIN_CELLS))
def test_what_is_written_plainly_is_read_as_element_by_element(content: bytes) -> None:
    columns: list[dict[str, str]] = []
    plain = PlainSheet(lambda told: columns.append({**told}))
    found = list(plain.rows(BytesIO(content)))
    assert plain.plain
    assert (compared(found), columns) == (compared(by_one(content)[0]), by_one(content)[1])


@given(sheets(PLAIN_ROWS + OTHER_ROWS, PLAIN_CELLS + OTHER_CELLS))
def test_whatever_is_written_otherwise_is_read_as_element_by_element(content: bytes) -> None:
    found = rows(lambda: BytesIO(content), lambda _: None)
    assert compared(found) == compared(by_one(content)[0])


def test_a_row_of_another_prefix_before_an_empty_one_is_not_lost() -> None:
    cell = '<x:c r="A1" t="str"><x:v>甲</x:v></x:c>'
    content = (
        f'<worksheet xmlns="{_NAMES}" xmlns:x="{_NAMES}"><sheetData><x:row r="1">{cell}</x:row>'
        '<row r="2"/></sheetData></worksheet>'
    ).encode()
    found = list(rows(lambda: BytesIO(content), lambda _: None))
    assert [[one[4] for one in row.cells] for row in found] == [["甲"], []]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_another_encoding_is_left_to_the_parser(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>'
    content = f'<?xml version="1.0" encoding="{name}"?><w>{row}</w>'.encode(encoding)
    try:
        expected = compared(by_one(content)[0])
    except (ExpatError, LookupError, ValueError) as fault:
        with pytest.raises(type(fault)):
            list(rows(lambda: BytesIO(content), lambda _: None))
    else:
        assert compared(rows(lambda: BytesIO(content), lambda _: None)) == expected != []


@pytest.mark.parametrize(
    "spoilt",
    ["<w><row r='1'></w>", '<w><row r="1"><c r="A1"><v>1</v></c></row>', "<w>&nbsp;</w>",
     '<w><row r="1"><c r="A1"><v>1</is></c></row></w>', '<w><row r="1"><c r="A1"><v>\x01</v></c></row></w>'],
)  # fmt: skip
def test_what_is_no_markup_is_said_to_be_none(spoilt: str) -> None:
    with pytest.raises(ExpatError):
        list(rows(lambda: BytesIO(spoilt.encode()), lambda _: None))


def test_a_sheet_larger_than_what_is_read_at_once_is_read_whole() -> None:
    listed = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>第{n}件：{"某" * 300}</t></is></c></row>'
        for n in range(1, 500)
    )
    content = f"<w><cols/>{listed}{'<x/>' * 400_000}</w>".encode()
    plain = PlainSheet(lambda _: None)
    assert compared(plain.rows(BytesIO(content))) == compared(by_one(content)[0])
    assert plain.plain
