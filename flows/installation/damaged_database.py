"""Is Prefect's own database whole? A damaged one is set aside: all it held stands in the register.

Imports nothing of Prefect: it is asked before Prefect's server is started, and when its log tells of
damage at work.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from flows.installation.prefect_database import FILE, elsewhere

BESIDE = ("-wal", "-shm")
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ")
TOLD = (b"database disk image is malformed", b"file is not a database")


def set_aside_if_damaged(home: Path) -> str:
    """Move a damaged database of Prefect's out of the way, so that it is made anew; what was done,
    as a sentence, "" if nothing was.
    """
    file = home / FILE
    if elsewhere() or not file.exists():
        return ""
    damage = _damage(file)
    if not damage:
        return ""
    aside = file.with_name(f"{FILE}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    file.rename(aside)
    for suffix in BESIDE:
        beside = file.with_name(FILE + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return (
        f"办理系统的数据库已损坏（{damage}），已移到 {aside}，现按登记簿重新建立：已登记的内容不受影响，"
        "各件申请回到原来的环节；提交后尚未登记的，请核对后重新提交"
    )


def damage_told(log: bytes) -> bool:
    """Whether a server's log says that what it reads of its database is no database."""
    return any(words in log for words in TOLD)


def damaged(home: Path) -> bool:
    """Whether Prefect's database in that folder is damaged; also while its server works with it."""
    file = home / FILE
    return not elsewhere() and file.exists() and bool(_damage(file))


def _damage(file: Path) -> str:
    """What is wrong with an SQLite file; "" if it is whole, or in use so that it cannot be asked."""
    if file.stat().st_size == 0:
        return "文件是空的"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True)) as asked:
            found = str(asked.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as fault:
        name = str(getattr(fault, "sqlite_errorname", ""))
        return str(fault) if name.startswith(DAMAGED) else ""
    return "" if found == "ok" else found.replace("\n", " ")
