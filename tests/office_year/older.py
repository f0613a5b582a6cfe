"""Old code to new in mid-year: the register is as the release before left it, and is brought up.

What the earlier release did not know is taken out of the register, so that the next to open it goes
through the revisions, with a backup, as an office does that installs a new release over its own.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, redirect_stderr
from io import StringIO
from typing import TYPE_CHECKING

from flows import office
from flows.installation import copying
from models.migrations import HEAD

if TYPE_CHECKING:
    from tests.office_year.world import Office

BEFORE = "0004"
STAGE = ("待判断公开主体", "待判断权属")  # as it is called today, and as it was before 0006
LATER = ("account", "visit", "wronglogin", "accessline")
"""The tables that came with 0005; without a server nobody logs in, and they are empty."""


def new_release(one: Office) -> None:
    """The office works by the earlier release until today; from now on by this one."""
    office.close()
    with closing(sqlite3.connect(one.home / "office" / "register.db")) as register:
        for table in LATER:
            (rows,) = register.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert not rows, table
            register.execute(f"DROP TABLE {table}")
        register.execute("UPDATE application SET stage = ? WHERE stage = ?", STAGE[::-1])
        register.execute("UPDATE alembic_version SET version_num = ?", (BEFORE,))
        register.commit()
        before = _held(register)
    with redirect_stderr(StringIO()), office.reading():
        pass  # whoever comes first brings it up, and is told so
    office.close()
    with closing(sqlite3.connect(one.home / "office" / "register.db")) as register:
        (mark,) = register.execute("SELECT version_num FROM alembic_version").fetchone()
        after = _held(register)
    if mark != HEAD or after != before:
        one.surprises.append(f"{one.day} 升级后登记簿是 {mark}，{before} 变为 {after}")
    kept = [*(one.home / "office" / copying.BACKUPS).glob(f"upgrade-from-{BEFORE}-*")]
    if not kept:
        one.surprises.append(f"{one.day} 升级前没有备份")
    one.note(f"a new release: {before}")


def _held(register: sqlite3.Connection) -> dict[str, int]:
    """How much the register holds of what is never deleted."""
    return {
        table: register.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("event", "entry", "document", "applicant", "link", "alert", "digest")
    }
