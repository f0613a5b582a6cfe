"""`disclosure move`: the register, whole, into another database; verified before it counts.

The tables are made and filled in one transaction of the other database (a file under another name, of
SQLite), held against the register row by row, and verified as the register is. Only then it is kept,
and only then the register is marked as moved (moved_away.py): at every moment before, it is the office's,
and nothing was altered in it. Killed in between, the command is given again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from flows.installation import (
    copying,
    locks,
    moved_away,
    opening,
    prefect_schema,
    register_lease,
    row_streams,
    upgrading,
)
from flows.installation.moved_away import Mark, shown
from flows.progress import progress
from models.errors import DisclosureError
from models.migrations import HEAD, MARK
from models.store import evidence
from models.store.sealing import Sealing, keyed

DOING: Final = "移动登记簿"
Faults = Callable[[Session], Sequence[str]]
"""All that does not hold of a register, as `disclosure verify` says it."""


class NotMoved(DisclosureError):
    """The register cannot be moved there; it is as it was, and so is what is there."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"登记簿没有移动，未作任何改动：{problem}")


class NotMarked(DisclosureError):
    """The register was moved, and could not be marked as moved: both would be opened."""

    def __init__(self, to: str, problem: str) -> None:
        self.to, self.problem = to, problem
        super().__init__(
            f"登记簿已移到 {to}，原来的还没有写上移走的标记（{problem}）："
            "请排除后再运行一次同样的命令，在此以前不要启动办理系统"
        )


class NotBack(DisclosureError):
    """A register that was moved cannot be taken back into use."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"没有退回，未作任何改动：{problem}")


@dataclass(frozen=True)
class Moved:
    """to = as it is to be set; rows = by table; head = of the chain; faults = the register's own, which
    were there before
    """

    to: str
    rows: dict[str, int]
    head: str
    faults: tuple[str, ...]


def move(
    engine: Engine, source: URL, target: URL, home: Path, day: date, key: Sealing, faults: Faults
) -> Moved:
    """Move the register behind `engine`, whose address is `source`, into the empty database `target`.

    The caller has the register alone. Raises NotMoved, NotMarked, RegisterBusy, OfficeElsewhere.
    """
    _guard_places(source, target)
    with (
        register_lease.held(source, opening.file_of(source), home),
        _one_state(engine) as here,
    ):
        if waiting := prefect_schema.in_motion(here):
            raise NotMoved(
                f"停止时有{waiting}个流程正在执行，提交了而没有登记的表单不随登记簿移去：请启动办理系统，办完再停止；"
                "不能启动的，先 disclosure backup，再 disclosure restore，之后可以移，这几张须重新填写"
            )
        known = tuple(faults(Session(here)))
        if _is_there(target):
            holds = _the_same(here, target)
        else:
            holds = _filled(here, target, key, lambda session: _judged(faults(session), known))
        moved = Moved(shown(target), row_streams.count(here), evidence.head(Session(here)), known)
        with opening.said(lambda problem: NotMarked(moved.to, problem)):
            moved_away.write(here, Mark(moved.to, day.isoformat(), holds))
            here.commit()
    return moved


def back(source: URL, target: URL, home: Path, day: date) -> Mark:
    """Take the register at `source` into use again, from where it was moved to; that one is marked.

    Raises NotBack where something was recorded there since, or it is not there.
    """
    for where in (source, target):
        file = opening.file_of(where)
        if file is not None and not file.is_file():
            raise NotBack(f"没有 {file}")
    with (
        locks.alone(locks.of_register(home, opening.file_of(source)), DOING),
        opening.said(NotBack),
        _alone_in(source) as mine,
        _alone_in(target) as its,
    ):
        mark = moved_away.found(mine)
        if mark is None:
            raise NotBack("这份登记簿没有移走过")
        if mark.to != shown(target):
            raise NotBack(f"它移到的是 {mark.to}，不是 {shown(target)}")
        if upgrading.marks(its) != [HEAD] or row_streams.digest(its) != mark.holds:
            raise NotBack(
                f"{mark.to} 中的登记簿在移去以后又有登记或者登录，或者不在那里；"
                "要换回来的，在那里用 disclosure move --to 移到新的地方"
            )
        moved_away.write(its, Mark(shown(source), day.isoformat(), mark.holds))
        its.commit()
        moved_away.take_off(mine)
        mine.commit()
    return mark


@contextmanager
def _alone_in(where: URL) -> Iterator[Connection]:
    engine = opening.engine_of(where)
    try:
        with engine.execution_options(writes=True).connect() as connection:
            _guard_connections(connection)
            yield connection
    finally:
        engine.dispose()


def _guard_places(source: URL, target: URL) -> None:
    mine, its = opening.file_of(source), opening.file_of(target)
    if mine is not None and opening.read_only(mine):
        raise NotMoved("登记簿是只读的，不能写上移走的标记")
    if target.get_backend_name() == "sqlite" and its is None:
        raise NotMoved("应写明新的文件，如 sqlite:////srv/disclosure/data/register.db")
    if its is not None and not its.parent.is_dir():
        raise NotMoved(f"目录 {its.parent} 不存在")
    if its is not None and its.exists() and not its.is_file():
        raise NotMoved(f"{its} 不是文件，请写明新的文件")
    same = shown(source) == shown(target)
    if mine is not None and its is not None and its.exists():
        same = mine.samefile(its)
    if same:
        raise NotMoved(f"登记簿就在 {shown(target)}")


@contextmanager
def _one_state(engine: Engine) -> Iterator[Connection]:
    """The register as of one moment, which nobody opens or writes to meanwhile."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with opening.said(NotMoved), engine.connect() as connection:
        _guard_connections(connection)
        yield connection


def _guard_connections(connection: Connection) -> None:
    """On PostgreSQL: whoever opens the register now waits until this transaction ends; RegisterBusy
    where somebody has it open.
    """
    if connection.dialect.name != "postgresql":
        return
    if inspect(connection).has_table(MARK.name):
        connection.execute(text(f"LOCK TABLE {MARK.name} IN ACCESS EXCLUSIVE MODE"))
    locks.guard_connections(connection, DOING)


def _is_there(target: URL) -> bool:
    """Whether something is in the other database already."""
    file = opening.file_of(target)
    if file is not None:
        return file.exists() and file.stat().st_size > 0
    with _reached(target) as there:
        if there.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
            raise NotMoved(f"数据库 {shown(target)} 的编码须是 UTF8（createdb -E UTF8）")
        if inspect(there).get_table_names():
            return True
        if (schema := prefect_schema.holding_tables(there)) is not None:
            raise NotMoved(
                f"{shown(target)} 的 schema {schema} 中已有 Prefect 的表，是别的登记簿留下的，"
                "里面的表单会与这一份的混在一起；请另建一个空的数据库"
            )
        return False


def _the_same(here: Connection, target: URL) -> str:
    """What is there is this register, put there by a move that was ended before it was done."""
    with _reached(target) as there:
        try:
            if upgrading.marks(there) == [HEAD] and moved_away.found(there) is None:
                return _compared(here, there)
        except (row_streams.NotTheSame, upgrading.SpoiltMark):
            pass
    raise NotMoved(f"{shown(target)} 中已有内容，请另建一个空的数据库")


@contextmanager
def _reached(target: URL) -> Iterator[Connection]:
    """The other database; a file only to be looked at."""
    file = opening.file_of(target)
    if file is None:
        engine = opening.engine_of(target)
    else:
        to_read = {"uri": "true", "mode": "ro"}
        engine = create_engine(target.set(database=f"file:{quote(str(file))}", query=to_read))
    try:
        with (
            opening.said(lambda problem: NotMoved(f"{shown(target)}：{problem}")),
            engine.connect() as there,
        ):
            yield there
    finally:
        engine.dispose()


def _filled(here: Connection, target: URL, key: Sealing, judge: Callable[[Session], None]) -> str:
    """Make the register there; the digest of what it holds. Nothing is there if it does not hold."""
    told: list[str] = []

    def fill(there: Connection) -> None:
        upgrading.make(there)
        with _rows_done(here) as counted:
            row_streams.copy(here, there, counted)
        row_streams.continue_numbers(here, there)
        told.append(_compared(here, there))
        keyed(there.engine, key)
        judge(Session(there))

    try:
        file = opening.file_of(target)
        if file is None:
            _in_postgresql(target, fill)
        else:
            copying.whole(file, lambda path: _in_file(path, fill))
    except (row_streams.Unfit, row_streams.NotTheSame) as fault:
        raise NotMoved(str(fault)) from None
    except copying.NotCopied as fault:
        raise NotMoved(fault.problem) from None
    except IntegrityError as fault:
        raise NotMoved(f"{shown(target)} 不接受其中的行（{fault.orig}）") from None
    return told[0]


def _in_postgresql(target: URL, fill: Callable[[Connection], None]) -> None:
    with _reached(target) as there:
        upgrading.latched(there)
        if inspect(there).get_table_names():  # another was quicker
            raise NotMoved(f"{shown(target)} 中已有内容，请另建一个空的数据库")
        fill(there)
        there.exec_driver_sql("ANALYZE")
        there.commit()


def _in_file(path: Path, fill: Callable[[Connection], None]) -> None:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, hide_parameters=True)
    with engine.begin() as there:
        fill(there)


def _compared(here: Connection, there: Connection) -> str:
    with _rows_done(here) as counted:
        return row_streams.compared(here, there, counted)


@contextmanager
def _rows_done(here: Connection) -> Iterator[row_streams.Counted]:
    every = sum(row_streams.count(here).values())
    with progress(DOING) as advance:
        yield lambda done: advance(done, every)


def _judged(found: Sequence[str], known: Sequence[str]) -> None:
    """NotMoved where the verification finds there what it did not find before."""
    if tuple(found) != tuple(known):
        other = next(iter({*found} ^ {*known}), "次序不同")
        raise NotMoved(f"核验的结果与原来不同（{other}）")
