"""The texts that cells share are read without a tree: the same as openpyxl reads them."""

from __future__ import annotations

from io import BytesIO
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.reader.strings import read_string_table

from flows.commands.ledger_strings import shared_strings

NAMES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = [
    "<t>登记号 a</t>",
    "<t/>",
    '<t xml:space="preserve"> 第1件\n </t>',
    "<t>_x005F_x000D_</t>",
    "<r><t>&lt;&#30331;&amp;</t></r>",
    '<r><rPr><strike/><sz val="11"/></rPr><t>作废</t></r>',
    '<r><rPr><strike val="0"/></rPr><t xml:space="preserve"> 乙 </t></r>',
    "<r><t/></r>",
    '<rPh sb="0" eb="1"><t>denji</t></rPh>',
    '<phoneticPr fontId="1" type="noConversion"/>',
    "\n  ",
]


def table(strings: list[list[str]], names: str = NAMES) -> bytes:
    held = "".join(f"<si>{''.join(parts)}</si>\n" for parts in strings)
    return f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{names}">{held}</sst>'.encode()


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=4), max_size=6))
def test_the_same_texts_as_openpyxl_reads(strings: list[list[str]]) -> None:
    written = table(strings)
    found, _ = shared_strings(BytesIO(written))
    assert found == read_string_table(BytesIO(written))


def test_a_text_has_its_runs_and_no_reading_and_some_are_struck() -> None:
    whole = ["<t>登记号</t>", PARTS[8], PARTS[9]]
    in_part = ["<r><t>张三</t></r>", PARTS[5]]
    written = table([whole, in_part, ["<r><t>李四</t></r>", PARTS[6]], []])
    assert shared_strings(BytesIO(written)) == (["登记号", "张三作废", "李四 乙 ", ""], {1})


def test_strings_of_another_namespace_are_none() -> None:
    written = table([["<t>甲</t>"]], "http://example.org")
    assert shared_strings(BytesIO(written)) == ([], frozenset())


def test_what_is_no_markup_is_told() -> None:
    with pytest.raises(ExpatError):
        shared_strings(BytesIO(table([["<t>甲</t>"]])[:-3]))
