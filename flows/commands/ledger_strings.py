"""The texts that cells of a workbook share, as its markup has them; no tree is built.

openpyxl makes several objects of each; a ledger as Excel writes it has most of its texts there.
"""

from __future__ import annotations

from itertools import chain
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl.xml.constants import SHEET_MAIN_NS

from flows.commands.ledger_plain_markup import Attributes

STRIKE: Final = "strike"
OFF: Final = ("0", "false")
_STRING: Final = f"{SHEET_MAIN_NS}}}si"
_WITHIN, _PART, _RUN = 1, 2, 3  # how deep within a string
_UNDERLINE: Final = "x005F_"
"""What shields an underline in a text; openpyxl takes it out."""


def shared_strings(source: IO[bytes]) -> tuple[list[str], frozenset[int]]:
    """The shared strings, without their readings (拼音); and which of them, counted from 0, have runs that
    are struck through. ExpatError.
    """
    reading = _Strings()
    reading.parser.ParseFile(source)
    return reading.found, frozenset(reading.struck)


class _Strings:
    """Takes what the parser tells of them."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.struck = set[int]()
        self.depth = 0
        self.part = ""
        self.words: list[list[str]] = []  # the string's own text, then that of each run
        self.parser: Any = expat.ParserCreate(None, "}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end

    def begin(self, tag: str, told: Attributes) -> None:
        if self.depth == 0:
            if tag == _STRING:
                self.depth, self.words = _WITHIN, [[]]
            return
        self.depth += 1
        name = tag.rpartition("}")[2]
        self.parser.CharacterDataHandler = None
        if self.depth == _PART:
            self.part = name
            if name == "r":
                self.words.append([])
            elif name == "t":
                self.hear(0)
        elif self.depth == _RUN and self.part == "r" and name == "t":
            self.hear(-1)
        if name == STRIKE and told.get("val") not in OFF:
            self.struck.add(len(self.found))

    def hear(self, at: int) -> None:
        """What stands between the marks from here on is the text of the string, or of a run."""
        self.words[at] = []
        self.parser.CharacterDataHandler = self.words[at].append

    def end(self, _: str) -> None:
        if self.depth == 0:
            return
        self.parser.CharacterDataHandler = None
        self.depth -= 1
        if self.depth == 0:
            self.found.append("".join(chain.from_iterable(self.words)).replace(_UNDERLINE, ""))
