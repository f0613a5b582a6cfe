"""What was altered, added or taken out since it was recorded? The register is held against its links.

How they are made: evidence.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlmodel import Session

from models.store.evidence import BATCH, FORM, KINDS, LINKS, Kind, Noted, contents_of, without_link


def faults(session: Session, known_head: str = "") -> Iterator[str]:
    """What was altered, added or taken out since it was recorded, as sentences.

    known_head = a head that was written down earlier: what was recorded up to it must be there.
    """
    connection = session.connection()
    try:
        yield from _broken(connection)
    except (TypeError, ValueError) as fault:
        yield f"登记链不能读取（{fault}）：登记链被改动过"
    for kind in KINDS.values():
        yield from _not_linked(connection, kind)
    yield from _signed_heads(session)
    if known_head and set(known_head) != {"0"} and not _is_there(connection, known_head):
        yield (
            f"登记链中没有校验值 {known_head}：其后的登记被截去，或者登记链被整体改写过，请核对备份"
        )


def _signed_heads(session: Session) -> Iterator[str]:
    """A signed report states the head of its day: the chain must still have it."""
    rows: Table = KINDS["signedreport"].table
    signed = select(rows.c.year, rows.c.edition, rows.c.head).order_by(rows.c.year, rows.c.edition)
    for year, edition, stated in session.connection().execute(signed):
        known = stated and set(stated) != {"0"}  # the first release wrote none
        if known and not _is_there(session.connection(), stated):
            yield (
                f"{year}年度报告（第{edition}次签发）所载的登记链校验值 {stated} 不在登记链中："
                "登记链被整体改写过，请核对备份"
            )


def _broken(connection: Connection) -> Iterator[str]:
    last: dict[str, bytes] = {}
    expected, before = 1, b""
    while batch := connection.execute(
        select(LINKS).where(LINKS.c.seq >= expected).order_by(LINKS.c.seq).limit(BATCH)
    ).all():
        noted = [_noted(one.line, one.place) for one in batch]
        found = _readable(connection, [one for one in noted if one])
        newest = _newest(connection, noted, [one.line for one in batch])
        for one, key in zip(batch, noted, strict=True):
            if one.seq != expected:
                yield f"登记链第{expected}环至第{one.seq - 1}环缺失：有登记被删去"
            if key is None:
                yield f"登记链第{one.seq}环（{one.line} {one.place}）不是本系统所写"
            else:
                if newest.get(one.line, one.seq) == one.seq:  # what was replaced is not there
                    yield from _altered(one, key, found, last)
                yield from _not_joined(one, before)
                last[one.line] = bytes(one.digest)
            expected, before = one.seq + 1, bytes(one.head)


def _newest(
    connection: Connection, noted: Sequence[Noted | None], lines: Sequence[str]
) -> dict[str, int]:
    """The last link of each of these lines whose row may be replaced."""
    pairs = zip(noted, lines, strict=True)
    renewed = {line for key, line in pairs if key is not None and KINDS[key[0]].renewed}
    if not renewed:
        return {}
    statement = (
        select(LINKS.c.line, func.max(LINKS.c.seq))
        .where(LINKS.c.line.in_(renewed))
        .group_by(LINKS.c.line)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def _readable(connection: Connection, noted: Sequence[Noted]) -> dict[Noted, bytes]:
    """Their content; what cannot be read as its column says has none that any digest is of."""
    try:
        return contents_of(connection, noted)
    except (TypeError, ValueError):
        if len(noted) == 1:
            return {noted[0]: b""}
        half = len(noted) // 2
        return _readable(connection, noted[:half]) | _readable(connection, noted[half:])


def _noted(line: str, place: str) -> Noted | None:
    """The row that a link is about; None if it cannot be about any."""
    kind = KINDS.get(line.partition(" ")[0])
    if kind is None:
        return None
    try:
        return kind.name, kind.parsed(line, place)
    except ValueError:
        return None


def _altered(
    one: Any, key: Noted, found: Mapping[Noted, bytes], last: Mapping[str, bytes]
) -> Iterator[str]:
    kind = KINDS[key[0]]
    what = kind.said(dict(zip(kind.key, key[1], strict=True)))
    content = found.get(key)
    if content is None:
        yield f"{what}：已被删去（登记链第{one.seq}环）"
    elif sha256(last.get(one.line, b"") + content).digest() != bytes(one.digest):
        yield f"{what}：与登记时不符（登记链第{one.seq}环）"


def _not_joined(one: Any, before: bytes) -> Iterator[str]:
    if one.form != FORM:
        yield f"登记链第{one.seq}环（第{one.form}式）不是本版本所写，或者被改动过"
    if sha256(before + bytes(one.digest)).digest() != bytes(one.head):
        yield f"登记链第{one.seq}环与前一环不相连：登记链被改动过"


def _not_linked(connection: Connection, kind: Kind) -> Iterator[str]:
    """Rows that are there without having been recorded by an act."""
    for key in without_link(connection, kind):
        row = dict(zip(kind.key, key, strict=True))
        yield f"{kind.said(row)}：不在登记链上，不是经本系统登记的"


def _is_there(connection: Connection, known_head: str) -> bool:
    try:
        wanted = bytes.fromhex(known_head)
    except ValueError:
        return False
    return connection.execute(select(LINKS.c.seq).where(LINKS.c.head == wanted)).first() is not None
