"""Prefect's own database, made by one version of Prefect: another's is set aside and made anew.

What a version has migrated the one before it cannot open, and forms put up under one version were
seen to be refused by the next. Nothing is lost: the desk is made from the register, whose open
cases come back at the point where they stand.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from flows.installation import files
from flows.installation.copying import BACKUPS
from models.errors import DisclosureError

FILE, MARK = "prefect.db", "made-by"
ELSEWHERE = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
"""Settings under which Prefect keeps its database in another place, the one that goes first first."""

PUT_BACK = "未办结的申请由登记簿重新放回原来的环节；清单和卷宗的地址（/desk/…）不变"
EVENTS = ("events", "event_resources")
"""Tables of what Prefect's server tells of runs: nothing is written there any more (NOT_NEEDED)."""

IN_MOTION = ("SCHEDULED", "PENDING", "RUNNING")
WORTH_BYTES, WORTH_SHARE = 16_000_000, 4  # empty: worth the while from 16 MB and a quarter of it
REMEDIES = (
    ("Can't locate revision identified by", "是由另一版本的 Prefect 建立的"),
    ("database disk image is malformed", "已损坏"),
    ("file is not a database", "已损坏"),
    ("disk I/O error", "无法读写"),
)
"""What the server's log says of its database, and what that means."""


def elsewhere() -> str:
    """The address that such a setting gives; "" where the database is the file in our own folder."""
    return next(filter(None, map(os.environ.get, ELSEWHERE)), "")


class OtherPrefect(DisclosureError):
    """Prefect's database is a server's, of another version of Prefect, and not ours to set aside."""

    def __init__(self, made_by: str, installed: str) -> None:
        self.made_by, self.installed = made_by, installed
        named = next(filter(os.environ.get, ELSEWHERE))
        super().__init__(
            f"{named} 所指的数据库是 Prefect {made_by} 用过的，现在安装的是 {installed}；"
            "请为它另建一个空的数据库并改用其地址，未办结的申请会由登记簿重新放回"
        )


def renew(prefect: Path, home: Path) -> Iterator[str]:
    """Set Prefect's database aside if another version made it; says so. For before it starts.

    prefect = its folder. Raises OtherPrefect where the database is elsewhere.
    """
    installed, made_by = version("prefect"), _made_by(prefect)
    if made_by not in ("", installed):
        if elsewhere():
            raise OtherPrefect(made_by, installed)
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = home / BACKUPS / f"prefect-{made_by}-{moment}"
        yield f"Prefect 的数据库是另一版本（{made_by}）建立的，现在安装的是 {installed}：移到 {aside}"
        unfinished = in_motion(prefect / FILE)
        aside.parent.mkdir(parents=True, exist_ok=True)
        prefect.rename(aside)
        yield PUT_BACK
        if unfinished:
            yield f"停止时有{unfinished}个流程正在执行：刚提交而未登记的表单请重新填写"
    prefect.mkdir(parents=True, exist_ok=True)
    if made_by != installed:
        files.written(prefect / MARK, f"{installed}\n".encode("ascii"))


def compact(prefect: Path) -> Iterator[str]:
    """Give back what ended runs have left empty in Prefect's file, and the events that earlier releases
    had it keep; says so. For before it starts.
    """
    file = prefect / FILE
    if elsewhere() or not file.exists():
        return
    with closing(sqlite3.connect(file)) as there:
        try:
            if gone := _without_events(there):
                yield f"办理系统的数据库中从前留下的{gone}条运行事件不再使用，已删除"
            empty, pages, size = (
                int(there.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("freelist_count", "page_count", "page_size")
            )
            if empty * size < WORTH_BYTES or empty * WORTH_SHARE < pages:
                return
            there.execute("VACUUM")
        except sqlite3.DatabaseError:
            return  # damaged, or held by another: whoever opens it next says so
    yield f"办理系统的数据库已整理，腾出{empty * size // 1_000_000}兆字节"


def _without_events(there: sqlite3.Connection) -> int:
    """Delete the events of runs; returns how many there were."""
    asked = "SELECT count(*) FROM sqlite_master WHERE name IN (?, ?)"
    if there.execute(asked, EVENTS).fetchone()[0] < len(EVENTS):
        return 0
    counts = [there.execute(f"DELETE FROM {name}").rowcount for name in EVENTS]
    there.commit()
    return counts[0]


def remedy(log: Path, start: int) -> str:
    """What to do about what the server's log says since byte `start`; nothing if it says nothing."""
    with log.open("rb") as file:
        file.seek(start)
        words = file.read().decode("utf-8", "replace")
    for sign, meaning in REMEDIES:
        if sign in words:
            return (
                f"Prefect 的数据库（{log.parent / FILE}）{meaning}：把 {log.parent} 整个移到别处再启动，"
                "未办结的申请会由登记簿重新放回原来的环节"
            )
    return ""


def _made_by(prefect: Path) -> str:
    """The version of Prefect that made its database; "" if there is none, or it can be this one."""
    mark, file = prefect / MARK, prefect / FILE
    if mark.exists():
        return mark.read_text("ascii").strip()
    if not file.exists() or _revision(file) in _known():
        return ""
    return "不明"


def _revision(file: Path) -> str:
    """The revision that a database of Prefect is at; "" if it says none."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as there:
        try:
            found = there.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError:
            return "?"
    return str(found[0]) if found else ""


def _known() -> set[str]:
    """The revisions that the installed Prefect knows; "" for a database just begun."""
    found = find_spec("prefect")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "server/database/_migrations/versions/sqlite"
    texts = (path.read_text("utf-8") for path in folder.glob("*.py"))
    marks = (re.search(r'^revision = "(\w+)"', text, re.MULTILINE) for text in texts)
    return {"", *(mark[1] for mark in marks if mark)}


def in_motion(file: Path) -> int:
    """How many runs were under way when the server stopped; 0 if that cannot be read."""
    marks = ",".join("?" * len(IN_MOTION))
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as there:
        try:
            asked = f"SELECT count(*) FROM flow_run WHERE state_type IN ({marks})"
            return int(there.execute(asked, IN_MOTION).fetchone()[0])
        except sqlite3.DatabaseError:
            return 0
