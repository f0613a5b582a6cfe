"""What the register's database says when it cannot do something, in words for whoever keeps it."""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

LOCKED_SECONDS: Final = 30
_FROM_BACKUP: Final = "请停止使用，从备份恢复（disclosure restore）"
DAMAGED: Final = f"登记簿文件已损坏，{_FROM_BACKUP}"
_TAKEN: Final = f"登记簿被其他程序占用超过{LOCKED_SECONDS}秒，请稍后再试"
SQLITE_WORDS: Final = {
    "SQLITE_FULL": "磁盘已满，请腾出空间",
    "SQLITE_BUSY": _TAKEN,
    "SQLITE_LOCKED": _TAKEN,
    "SQLITE_READONLY": "登记簿是只读的，只能查看，不能登记",
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": "登记簿文件已损坏或者不是登记簿，请从备份恢复（disclosure restore）",
    "SQLITE_IOERR": "读写磁盘出错，请检查磁盘",
    "SQLITE_CANTOPEN": "登记簿文件无法打开，请检查目录是否存在、有无权限",
}
POSTGRESQL_WORDS: Final = {
    "53100": "数据库服务器的磁盘已满，请腾出空间",
    "53300": "数据库服务器的连接数已满，请稍后再试",
    "55P03": _TAKEN,
    "25006": "登记簿是只读的，只能查看，不能登记",
}
_LACKS: Final = re.compile(
    r"no such (?P<what>table|column): (?P<name>\S+)"
    r'|(?P<other>relation|column) "?(?P<named>[^"\s]+)"? does not exist'
)
_PARTS: Final = {"table": "表", "relation": "表", "column": "列"}


def problem(fault: DBAPIError) -> str:
    """What went wrong, as whoever keeps the register can act on it."""
    if fault.connection_invalidated:
        return "数据库服务器没有回答，或者连接已断开，请检查数据库服务器"
    if isinstance(fault.orig, sqlite3.Error):
        return of_sqlite(fault.orig)
    state = str(getattr(fault.orig, "sqlstate", None) or "")
    return POSTGRESQL_WORDS.get(state) or _lacking(fault.orig) or _first_line(fault.orig)


def of_sqlite(fault: sqlite3.Error) -> str:
    """The same of SQLite's own fault."""
    name = str(getattr(fault, "sqlite_errorname", ""))
    for code, words in SQLITE_WORDS.items():
        if name.startswith(code):
            return words
    return _lacking(fault) or _first_line(fault)


def _lacking(fault: object) -> str:
    """That the register has not what every register has; "" where it is not that."""
    found = _LACKS.search(str(fault))
    if found is None:
        return ""
    part = _PARTS[found["what"] or found["other"]]
    return f"登记簿中没有{part} {found['name'] or found['named']}，可能已损坏，{_FROM_BACKUP}"


def _first_line(fault: object) -> str:
    return str(fault).strip().partition("\n")[0]
