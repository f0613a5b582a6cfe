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
    "57014": "超过了数据库限定的每条语句的时间，没有做完，请数据库管理员放宽（statement_timeout）",
}
_SAID: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r'database "(.+)" does not exist', "那里没有数据库 {}，请先建立"),
        (r'role "(.+)" does not exist', "那里没有用户 {}"),
        (r"authentication failed|no password supplied", "用户名或者口令不对"),
        (r"no pg_hba\.conf entry", "数据库服务器不接受这台机器、这个用户的连接（pg_hba.conf）"),
        (r"too many clients|remaining connection slots", POSTGRESQL_WORDS["53300"]),
        (
            r"is starting up|is shutting down|in recovery mode",
            "数据库服务器正在启动或者停止，请稍后再试",
        ),
        (r"translate host name|resolve host|Name or service", "找不到地址中的主机，请检查主机名"),
        (r"permission denied for (.+)", "数据库的用户没有权限（{}），请数据库管理员授权"),
        (
            r"refused|timeout|timed out|No route|unreachable|No such file|server closed|SSL negotiation",
            "数据库服务器没有回答，请检查地址、端口和数据库服务器",
        ),
    )
)
"""What PostgreSQL says in English of a connection that does not come about, or of rights that lack."""
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
    known = POSTGRESQL_WORDS.get(state) or _of_postgresql(fault.orig) or _lacking(fault.orig)
    return known or _first_line(fault.orig)


def of_sqlite(fault: sqlite3.Error) -> str:
    """The same of SQLite's own fault."""
    name = str(getattr(fault, "sqlite_errorname", ""))
    for code, words in SQLITE_WORDS.items():
        if name.startswith(code):
            return words
    return _lacking(fault) or _first_line(fault)


def _of_postgresql(fault: object) -> str:
    """What its sentence means; "" where we do not know it."""
    told = _first_line(fault)
    for pattern, words in _SAID:
        if found := pattern.search(told):
            return words.format(*found.groups())
    return ""


def _lacking(fault: object) -> str:
    """That the register has not what every register has; "" where it is not that."""
    found = _LACKS.search(str(fault))
    if found is None:
        return ""
    part = _PARTS[found["what"] or found["other"]]
    return f"登记簿中没有{part} {found['name'] or found['named']}，可能已损坏，{_FROM_BACKUP}"


def _first_line(fault: object) -> str:
    return str(fault).strip().partition("\n")[0]
