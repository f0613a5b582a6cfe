"""Which sheet a letter is written on: the office's own from config/letters, or ours.

A sheet is tried before it is used. One that was changed while the office works and loses a word is not:
the last one that was whole stays, and no act waits for it to be put right.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flows import office
from letters.letter import own_stationery, paper
from letters.letter.words import Letter
from models.errors import ConfigFault
from models.words.disk_words import why

LOG = logging.getLogger(__name__)
FOLDER: Final = "letters"
REPLY: Final = "reply"
"""The sheet of every reply that has none of its own."""
NO_TEXT: Final = frozenset({"service_receipt"})
"""Letters that are a form and nothing else."""
_Known = tuple[tuple[int, int], bytes | None]
_KNOWN: dict[Path, _Known] = {}


def write(letter: Letter) -> bytes:
    """The letter as a .docx, on the office's own sheet where it has one for the kind."""
    sheet = _sheet_of(letter.kind)
    if sheet is None:
        return paper.write(letter)
    try:
        return own_stationery.write(letter, sheet)
    except own_stationery.FAULTS as fault:
        LOG.warning("自备版式不能用于%s，暂用通行版式：%s", letter.number, fault)
        return paper.write(letter)


def check() -> None:
    """ConfigFault for the first sheet in config/letters that could lose a word of a letter."""
    for path in _files():
        _whole(path)


def kinds() -> list[str]:
    """The kinds of letters that may have a sheet of their own."""
    law = office.law()
    return [REPLY, *(one for one in (*law.letters, *law.outcomes) if one not in NO_TEXT)]


def _files() -> Iterator[Path]:
    folder = office.config() / FOLDER
    if folder.is_dir():
        yield from sorted(
            path for path in folder.iterdir() if not path.name.startswith((".", "~$"))
        )


def _sheet_of(kind: str) -> bytes | None:
    law = office.law()
    names = (kind, REPLY) if kind in law.outcomes else (kind,)
    for name in names:
        path = office.config() / FOLDER / f"{name}.docx"
        try:
            stated = path.stat()
        except FileNotFoundError:
            continue
        mark = stated.st_mtime_ns, stated.st_size
        known = _KNOWN.get(path)
        if known is None or known[0] != mark:
            try:
                sheet: bytes | None = _whole(path)
            except ConfigFault as fault:
                sheet = known[1] if known else None
                LOG.warning("自备版式有误，暂按此前的办理：%s", fault)
            known = _KNOWN[path] = mark, sheet
        if known[1] is not None:
            return known[1]
    return None


def _whole(path: Path) -> bytes:
    """A sheet that loses nothing. Raises ConfigFault."""
    name = f"{FOLDER}/{path.name}"
    if path.suffix != ".docx" or path.stem not in kinds():
        expected = (
            "应以文书的标识命名，如 extension.docx（.docx）；只有表格的送达回证不能用自备版式"
        )
        raise ConfigFault(name, path.name, expected)
    try:
        sheet = path.read_bytes()
    except OSError as fault:
        raise ConfigFault(name, path.name, f"不能读取（{why(fault)}）") from None
    own_stationery.checked(name, sheet)
    return sheet
