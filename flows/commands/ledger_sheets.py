"""A ledger's file, sheet by sheet, of whatever kind it is; nothing is judged here."""

from __future__ import annotations

from pathlib import Path

from flows.arguments import UnreadableFile, content_of
from flows.commands.ledger_csv import rows, text_of
from flows.commands.ledger_foreign import IN_HAND, LOCKED, no_ledger
from flows.commands.ledger_values import BadLedger, Sheet
from flows.commands.ledger_workbook import workbook


def sheets(path: Path) -> list[Sheet]:
    """The sheets of a ledger's file; BadLedger for what is none, with what to do about it."""
    if not path.is_file():
        raise BadLedger(path.name, None, "文件不存在")
    try:
        content = content_of(path)
    except UnreadableFile as fault:
        raise BadLedger(path.name, None, f"无法读取（{fault.problem}）") from None
    if path.name.startswith(LOCKED):
        raise BadLedger(path.name, None, IN_HAND)
    as_workbook = path.suffix.lower() in (".xlsx", ".xlsm", ".et", ".xls")
    if said := no_ledger(path.suffix.lower(), content):
        raise BadLedger(path.name, None, said)
    if as_workbook or content.startswith(b"PK\x03\x04"):
        return workbook(path, content)
    text = text_of(path, content)
    return [Sheet("", False, True, lambda: rows(path, text))]
