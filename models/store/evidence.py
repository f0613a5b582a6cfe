"""Has anything recorded been altered, or taken out, since? The register can prove that not (45).

Whatever is recorded and never changed is linked, in the transaction that records it, to what was
recorded before: per case, and over the whole register. Whoever alters, adds or removes a row by
other means breaks a link; whoever cuts off the end, or makes all links anew, no longer has the
head that stands in the signed reports, the backups and the morning's page.

What is kept sealed (an applicant's particulars, the secret under which an officer signs) is linked
as it is sealed, and again whenever an act or a change of key replaces it: the digests say nothing
of what was typed, and stay when it is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from hashlib import sha256
from itertools import islice
from operator import gt
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Result,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    event,
    func,
    inspect,
    literal,
    select,
    text,
    tuple_,
    type_coerce,
)
from sqlalchemy import String as Words
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, SQLModel

from models.store import many_rows
from models.store.digested import columns_written, in_utc, row_written
from models.store.sealed_text import SealedText
from models.store.tables import (
    Account,
    Applicant,
    Document,
    Enquiry,
    Enrolment,
    Entry,
    Event,
    Link,
    ProactiveFigure,
    ReportText,
    SignedReport,
    VerdictOverruled,
    YearCorrection,
)

FORM = 1
BATCH = 500
LATCH = 0x6C696E6B  # one links at a time, on PostgreSQL
NOTED = "recorded, not linked yet"
_ACT = ("kind", "version", "effective_on", "recorded_on", "recorded_at", "officer", "article")
_WHO = ("officer", "recorded_on", "recorded_at")


@dataclass(frozen=True)
class Kind:
    """A table whose rows are recorded and never changed, or (renewed) only by what is linked again.

    line, place  the columns that name a row's line, and its place in it: together its key; a row
                 that is renewed is a line by itself, and its place in it counts from 0
    content      the columns that are digested besides, sealed as they are; what form 1 has, it has
                 for ever
    """

    label: str
    model: type[SQLModel]
    line: tuple[str, ...]
    place: tuple[str, ...]
    content: tuple[str, ...]
    renewed: bool = False

    @property
    def table(self) -> Table:
        return _table(self.model)

    @cached_property
    def name(self) -> str:
        return self.table.name

    @cached_property
    def key(self) -> tuple[str, ...]:
        return (*self.line, *self.place)

    @property
    def letters(self) -> bool:
        """Whether letters are issued by it: their wording is part of its content."""
        return self.model in (Event, Entry)

    def named(self, key: Sequence[Any]) -> tuple[str, str]:
        """The name of the line that the row of this key belongs to, and its place there."""
        ends = len(self.line)
        return " ".join((self.name, *map(str, key[:ends]))), " ".join(map(str, key[ends:]))

    def parsed(self, line: str, place: str) -> tuple[Any, ...]:
        """The key of the row that a link is about, as its table has it."""
        places = [] if self.renewed else place.split(" ")
        words = [*line.split(" ", len(self.line))[1:], *places]
        return tuple(self._typed(name, said) for name, said in zip(self.key, words, strict=True))

    def _typed(self, name: str, said: str) -> Any:
        return int(said) if isinstance(self.table.c[name].type, Integer) else said

    def said(self, row: Mapping[str, Any]) -> str:
        """What a fault calls it."""
        return f"{self.label} {' '.join(str(row[one]) for one in self.key)}".strip()


def _table(model: type[SQLModel]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def _kind(label: str, model: type[SQLModel], line: str, place: str, *content: str) -> Kind:
    return Kind(label, model, tuple(line.split()), tuple(place.split()), content, not place)


KINDS: dict[str, Kind] = {
    one.name: one
    for one in (
        _kind("申请", Event, "case_number", "position", *_ACT, "facts", "letters"),
        _kind("案件", Entry, "register_key case_number", "position", *_ACT, "submission", "facts"),
        _kind("咨询", Enquiry, "", "id", "given_on", "channel", "persons", "subject", "officer"),
        _kind(
            "表二数字",
            ProactiveFigure,
            "",
            "id",
            *("effective_on", "item", "measure", "amount", "note", *_WHO),
        ),
        _kind("报告文字", ReportText, "", "id", "year", "part", "text", *_WHO),
        _kind("签发", SignedReport, "", "year edition", "digest", "head", "tables", "note", *_WHO),
        _kind("更正", YearCorrection, "", "id", "year", "edition", "number", "reason", *_WHO),
        _kind(
            "人工核定",
            VerdictOverruled,
            "",
            "id",
            *("year", "check_id", "finding", "verdict", "reason", *_WHO),
        ),
        _kind(
            "申请人的个人信息",
            Applicant,
            "case_number",
            "",
            *("intake", "identity", "contact", "address"),
        ),
        _kind("动态口令的登记", Enrolment, "officer", "", "secret", "enrolled_at", "revoked_at"),
        _kind(
            "账户",
            Account,
            "officer",
            "",
            *("invitation", "invited_at", "invited_until"),
            *("password", "password_set_at", "revoked_at"),
        ),
    )
}
KIND_OF: dict[type, Kind] = {one.model: one for one in KINDS.values()}
LINKS = _table(Link)
Noted = tuple[str, tuple[Any, ...]]


# ── linking ─────────────────────────────────────────────────────────────────────────────────────


class Recording(Session):
    """A session in which something is recorded: whatever it writes is noted, to be linked."""


@event.listens_for(Recording, "after_flush")
def _note_recorded(flushed: Session, _context: object) -> None:
    note(flushed, flushed.new)
    note(flushed, (one for one in flushed.dirty if _replaced(flushed, one)))


@contextmanager
def linked(session: Recording) -> Iterator[Session]:
    """Link whatever is recorded in this session, last of all in its transaction."""
    yield session
    session.flush()
    link_noted(session)


def _replaced(session: Session, row: object) -> bool:
    kind = KIND_OF.get(type(row))
    return kind is not None and kind.renewed and session.is_modified(row)


def note(session: Session, rows: Iterable[object]) -> None:
    """Remember which of these rows are to be linked at the end of this transaction."""
    recorded = ((KIND_OF[type(one)], one) for one in rows if type(one) in KIND_OF)
    keys = [(kind.name, tuple(getattr(one, at) for at in kind.key)) for kind, one in recorded]
    session.info.setdefault(NOTED, []).extend(sorted(keys))


def link_written(
    session: Session, written: Iterable[tuple[type[SQLModel], many_rows.Columns]]
) -> None:
    """Link rows that were just written by the thousand: new to the register, with all of their lines,
    without letters, told by all their columns as they are kept. They are not read again, for nobody
    else has written them.
    """
    link_noted(session)
    connection = session.connection()
    _latched(connection)
    found = [(KIND_OF[model], stated) for model, stated in written]
    for kind, stated in sorted(found, key=lambda one: one[0].renewed):
        wanted = {name: stated[name] for name in (*kind.key, *kind.content)}
        keys = list(zip(*(stated[name] for name in kind.key), strict=True))
        if any(map(gt, keys, islice(keys, 1, None))):
            order = sorted(range(len(keys)), key=keys.__getitem__)
            wanted = {name: [said[at] for at in order] for name, said in wanted.items()}
        _link_begun(connection, kind, wanted)


def _link_begun(connection: Connection, kind: Kind, stated: many_rows.Columns) -> None:
    """Append rows of one kind, told column by column, all of whose lines begin among them."""
    many = len(stated[kind.key[0]])
    lines = _joined_words([[kind.name] * many, *(stated[name] for name in kind.line)])
    places = ["0"] * many if kind.renewed else _joined_words([stated[name] for name in kind.place])
    seq, head = _end(connection)
    digests, heads = list[bytes](), list[bytes]()
    before, digest = "", b""
    for line, content in zip(lines, columns_written(stated), strict=True):
        digest = sha256(digest + content if line == before else content).digest()
        head = sha256(head + digest).digest()
        before = line
        digests.append(digest)
        heads.append(head)
    made = {
        "seq": range(seq + 1, seq + 1 + many),
        "line": lines,
        "place": places,
        "form": [FORM] * many,
        "digest": digests,
        "head": heads,
    }
    many_rows.write_columns(connection, LINKS, made)


def _joined_words(columns: Sequence[Sequence[Any]]) -> list[str]:
    """Columns as `Kind.named` joins what a row states in each."""
    if len(columns) == 1:
        return list(map(str, columns[0]))
    return list(map(" ".join, zip(*(map(str, one) for one in columns), strict=True)))


def link_noted(session: Session) -> None:
    """Link what was noted so far."""
    noted = dict.fromkeys(session.info.pop(NOTED, []))
    if noted:
        link(session.connection(), sorted(noted, key=lambda one: KINDS[one[0]].renewed))


def _latched(connection: Connection) -> None:
    """Nobody else appends until this transaction ends; SQLite has but one that writes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:latch)"), {"latch": LATCH})


def link(connection: Connection, noted: Sequence[Noted]) -> None:
    """Append these rows to the chain, in this order, as the database now holds them."""
    _latched(connection)
    seq, head = _end(connection)
    last: dict[str, tuple[bytes, int]] = {}
    for batch in _batches(noted):
        contents = contents_of(connection, batch)
        named = [KINDS[name].named(key) for name, key in batch]
        last |= _lasts(connection, batch, named, last)
        places, digests, heads = list[str](), list[bytes](), list[bytes]()
        for (name, key), (line, at) in zip(batch, named, strict=True):
            before, turn = last.get(line, (b"", 0))
            digest = sha256(before + contents[name, key]).digest()
            last[line] = digest, turn + 1
            head = sha256(head + digest).digest()
            places.append(str(turn) if KINDS[name].renewed else at)
            digests.append(digest)
            heads.append(head)
        made = {
            "seq": range(seq + 1, seq + 1 + len(batch)),
            "line": [line for line, _ in named],
            "place": places,
            "form": [FORM] * len(batch),
            "digest": digests,
            "head": heads,
        }
        many_rows.write_columns(connection, LINKS, made)
        seq += len(batch)


def link_all(connection: Connection) -> None:
    """Link all that a register of the first release holds, in the order it was recorded in."""
    noted: list[tuple[datetime, Noted]] = []
    for kind in KINDS.values():
        if kind.renewed:
            continue
        columns = [kind.table.c[one] for one in (*kind.key, "recorded_at")]
        for *key, moment in connection.execute(select(*columns)):
            noted.append((in_utc(moment), (kind.name, tuple(key))))
    if noted:
        link(connection, [one for _, one in sorted(noted)])
    link_renewed(connection)


def link_renewed(connection: Connection) -> None:
    """Link the particulars that have no link yet, as they are found; asked while a register is
    brought up, which lacks the tables of later revisions.
    """
    there = inspect(connection).get_table_names()
    kinds = [kind for kind in KINDS.values() if kind.renewed and kind.name in there]
    noted = [(kind.name, key) for kind in kinds for key in without_link(connection, kind)]
    if noted:
        link(connection, noted)


def relink(connection: Connection) -> None:
    """Link all particulars again: they were sealed with another key."""
    noted = [
        (kind.name, tuple(key))
        for kind in KINDS.values()
        if kind.renewed
        for key in connection.execute(select(*_key(kind)).order_by(*_key(kind)))
    ]
    if noted:
        link(connection, noted)


def _end(connection: Connection) -> tuple[int, bytes]:
    found = connection.execute(_LAST).first()
    return (found.seq, found.head) if found else (0, b"")


_LAST = select(LINKS.c.seq, LINKS.c.head).order_by(LINKS.c.seq.desc()).limit(1)
_ENDS = (
    select(func.max(LINKS.c.seq))
    .where(LINKS.c.line.in_(bindparam("lines", expanding=True)))
    .group_by(LINKS.c.line)
)
_LASTS = select(LINKS.c.line, LINKS.c.digest, LINKS.c.place).where(LINKS.c.seq.in_(_ENDS))


def _lasts(
    connection: Connection,
    noted: Sequence[Noted],
    named: Sequence[tuple[str, str]],
    known: Mapping[str, object],
) -> dict[str, tuple[bytes, int]]:
    """The digest of what was recorded before in each line of these rows that has something; and how
    often a row was that is renewed.
    """
    places = [(KINDS[name], *there) for (name, _), there in zip(noted, named, strict=True)]
    asked = {line: kind for kind, line, _ in places}
    begun = {line for kind, line, place in places if place == "0" and kind.letters}
    lines = list(asked.keys() - begun - known.keys())
    if not lines:
        return {}
    found = connection.execute(_LASTS, {"lines": lines})
    return {
        line: (bytes(digest), int(place) + 1 if asked[line].renewed else 0)
        for line, digest, place in found
    }


def _batches(noted: Sequence[Noted]) -> Iterator[Sequence[Noted]]:
    return (noted[at : at + BATCH] for at in range(0, len(noted), BATCH))


def contents_of(connection: Connection, noted: Sequence[Noted]) -> dict[Noted, bytes]:
    """The content of rows as the database holds them; those that are not there are not here."""
    found: dict[Noted, bytes] = {}
    for name in sorted({one for one, _ in noted}):
        kind = KINDS[name]
        keys = [key for of, key in noted if of == name]
        rows = [dict(one) for one in _as_held(connection, kind, keys).mappings()]
        letters = _letters(connection, rows) if kind.letters else {}
        for row in rows:
            key = tuple(row[one] for one in kind.key)
            worded = letters.get((row["case_number"], row["position"])) if letters else None
            found[name, key] = row_written(row, worded or [])
    return found


def _as_held(connection: Connection, kind: Kind, keys: list[tuple[Any, ...]]) -> Result[Any]:
    """Rows of these keys; mostly it is one."""
    if len(keys) == 1:
        wanted = {f"key_{at}": value for at, value in enumerate(keys[0])}
        return connection.execute(_one_of(kind.name), wanted)
    return connection.execute(_held_of(kind).where(_keyed(kind, keys)))


def _held_of(kind: Kind) -> Select[Any]:
    return select(*(_as_kept(kind.table.c[one]) for one in (*kind.key, *kind.content)))


@cache
def _one_of(name: str) -> Select[Any]:
    kind = KINDS[name]
    wanted = [one == bindparam(f"key_{at}") for at, one in enumerate(_key(kind))]
    return _held_of(kind).where(*wanted)


def _as_kept(column: Column[Any]) -> ColumnElement[Any]:
    """A column as the database holds it: what is sealed is not opened."""
    if not isinstance(column.type, SealedText):
        return column
    return type_coerce(column, Text).label(column.name)


def _key(kind: Kind) -> list[Column[Any]]:
    return [kind.table.c[one] for one in kind.key]


def _keyed(kind: Kind, keys: list[tuple[Any, ...]]) -> ColumnElement[bool]:
    columns = _key(kind)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _letters(
    connection: Connection, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, int], list[list[str]]]:
    """The letters that each act issued: their numbers, and the digests of their words."""
    cases = sorted({row["case_number"] for row in rows})
    found: dict[tuple[str, int], list[list[str]]] = {}
    for one in connection.execute(_LETTERS, {"cases": cases}):
        words = sha256(one.letter.encode()).hexdigest()
        found.setdefault((one.case_number, one.position), []).append([one.number, words])
    return found


DOCUMENTS = _table(Document).c
_LETTERS = (
    select(DOCUMENTS.case_number, DOCUMENTS.position, DOCUMENTS.number, DOCUMENTS.letter)
    .where(DOCUMENTS.case_number.in_(bindparam("cases", expanding=True)))
    .order_by(DOCUMENTS.number)
)


def head(session: Session) -> str:
    """The head of the chain as it stands (64 hexadecimal digits); all zeros for an empty one."""
    return (_end(session.connection())[1] or bytes(32)).hex()


def without_link(connection: Connection, kind: Kind) -> list[tuple[Any, ...]]:
    """The keys of the rows that are in no link."""
    line, place = _joined(kind, (kind.name,), kind.line), _joined(kind, (), kind.place)
    statement = (
        select(*_key(kind))
        .outerjoin(LINKS, (LINKS.c.line == line) & (LINKS.c.place == place))
        .where(LINKS.c.seq.is_(None))
        .order_by(*_key(kind))
    )
    return [tuple(row) for row in connection.execute(statement)]


def _joined(kind: Kind, first: Sequence[str], names: Sequence[str]) -> ColumnElement[str]:
    """Words and columns in one piece, blanks between them, as `Kind.named` writes; the
    first place where there is none.
    """
    if not first and not names:
        return literal("0")
    parts: list[ColumnElement[str]] = [
        *(literal(one) for one in first),
        *(cast(kind.table.c[one], Words) for one in names),
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.concat(" ").concat(part)
    return joined
