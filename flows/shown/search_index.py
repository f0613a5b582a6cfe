"""The index by which the register is searched: pairs of characters in a file of its own (FTS5).

It holds nothing that the register does not say, and can be made again at any time. Whatever is
recorded is linked in one order (models/store/evidence.py): before each search the index reads on
from where it was, so that an act is found as soon as it is recorded, in whatever way it came. A
register put back from a backup has another chain at that place: the index begins anew. It is the
same on SQLite and on PostgreSQL, whose own trigrams know no word of two characters; where several
machines work on one PostgreSQL, each has its own and reads on by itself, and none waits for another.
(Pairs as `text[]` under GIN were measured on 300,000 cases: as fast, and each act would write there.)

A case's place is made of its day of receipt, so that what was received last is found first without
sorting, and a span of days is a span of places. A case that is acted on gets a new place.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from sqlmodel import Session, col, select

from flows import office
from flows.installation import files
from models.case.stage import Stage
from models.register import recorded_since
from models.store.tables import Application, Entry, Event, Link, Review
from models.words.alike import tokens
from models.words.pairs import folded, grams

LOG = logging.getLogger(__name__)
FORM: Final = "5"
"""What an index of another form is made anew for."""
BATCH: Final = 2000
EVERY_SECONDS, SLICE_SECONDS = 30.0, 0.3
"""How often what was recorded is taken in while nobody searches, and for how long at a time."""
MOST_WAITED: Final = 60.0
"""Seconds to wait for whoever reads the index on at the same moment."""
EVENTS, REVIEWS, ADDED = "event ", "entry review ", "entry papers "
IN_PAPERS: Final = ("words", "named", "reason", "letter_number")
"""What is found of a case's papers: notes, the titles of materials, why one was withdrawn."""
IN_NUMBER, IN_NAME, IN_REQUEST, LIKE = "k", "n", "q", "p"
"""Before the pairs of the number, of who applied, of what was asked for first of all; and before
those by which requests are held against each other."""
DAY: Final = 1 << 24
"""How many places a day of receipt has."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS read_to (form TEXT, seq INTEGER, head BLOB);
CREATE TABLE IF NOT EXISTS found (id INTEGER PRIMARY KEY, number TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS day (day INTEGER PRIMARY KEY, last INTEGER);
CREATE TABLE IF NOT EXISTS often (term TEXT PRIMARY KEY, cases INTEGER) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    said, content='', detail=none, columnsize=0, tokenize='ascii'
);
"""


@contextmanager
def opened(waits: float = MOST_WAITED) -> Iterator[sqlite3.Connection]:
    """The index, made where there is none; waits = seconds, for whoever writes to it."""
    folder = files.folder_of_ours(office.home() / "search")
    with closing(
        sqlite3.connect(folder / "index.db", timeout=waits, isolation_level=None)
    ) as index:
        index.execute("PRAGMA synchronous=NORMAL")
        if index.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone() is None:
            index.execute("PRAGMA journal_mode=WAL")
            index.executescript(_TABLES)
        yield index


# ── reading on ────────────────────────────────────────────────────────────────────────────────


def read_on(session: Session, seconds: float = float("inf")) -> bool:
    """Take into the index what was recorded since; whether it has all of it after so many seconds."""
    until = time.monotonic() + seconds
    with opened(min(seconds, MOST_WAITED)) as index:
        if _is_read(session, index):
            return True
        while True:
            try:
                index.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as held:
                if held.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                return False  # another reads it on just now
            try:
                more = _batch(session, index)
            except BaseException:
                index.execute("ROLLBACK")
                raise
            index.execute("COMMIT")
            if not more:
                return True
            if time.monotonic() > until:
                return False


def keep_read(stopping: threading.Event) -> None:
    """Read on again and again until told to stop, a slice at a time: the first search after a start,
    or after a large import, need not wait for it.
    """
    pause = 0.0
    while not stopping.wait(pause):
        pause = EVERY_SECONDS
        try:
            with office.reading() as session:
                pause = EVERY_SECONDS if read_on(session, SLICE_SECONDS) else SLICE_SECONDS
        except office.REGISTER_FAULTS as away:
            LOG.warning("查询索引稍后再建：%s", type(away).__name__)
        except files.Linked as linked:
            LOG.warning("查询索引稍后再建：%s", linked.words)
        except sqlite3.DatabaseError as damaged:
            LOG.warning("查询索引损坏，重新建立：%s", damaged)
            discard()


def discard() -> None:
    """Do away with the index: it holds nothing that the register does not say."""
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (office.home() / "search" / name).unlink(missing_ok=True)


def _is_read(session: Session, index: sqlite3.Connection) -> bool:
    """Whether nothing was recorded since: nobody has to wait for the index then."""
    seq, head = recorded_since.end(session)
    found = index.execute("SELECT form, seq, head FROM read_to").fetchone()
    return bool(seq) and found == (FORM, seq, head)


def _batch(session: Session, index: sqlite3.Connection) -> bool:
    """Take in the next links of the chain; whether there may be more."""
    at = _read_to(session, index)
    statement = select(Link.seq, Link.line, Link.head).where(Link.seq > at)
    links = session.exec(statement.order_by(col(Link.seq)).limit(BATCH)).all()
    if not links:
        return False
    _take_in(session, index, _numbers(session, [line for _, line, _ in links]))
    last, _, head = links[-1]
    index.execute("DELETE FROM read_to")
    index.execute("INSERT INTO read_to VALUES (?, ?, ?)", (FORM, last, bytes(head)))
    return len(links) == BATCH


def _read_to(session: Session, index: sqlite3.Connection) -> int:
    """The last link taken in; 0, and the index empty, where the chain is another since."""
    found = index.execute("SELECT form, seq, head FROM read_to").fetchone()
    if found is None:
        return 0
    form, seq, head = found
    there = session.get(Link, seq)
    if form == FORM and there is not None and bytes(there.head) == head:
        return int(seq)
    for table in ("read_to", "found", "day", "often"):
        index.execute(f"DELETE FROM {table}")
    index.execute("INSERT INTO words(words) VALUES ('delete-all')")
    return 0


def _numbers(session: Session, lines: Sequence[str]) -> list[str]:
    """The applications that these lines of the chain are about, a review's being its own's."""
    numbers = dict.fromkeys(line.removeprefix(EVENTS) for line in lines if line.startswith(EVENTS))
    numbers |= dict.fromkeys(line.removeprefix(ADDED) for line in lines if line.startswith(ADDED))
    reviews = [line.removeprefix(REVIEWS) for line in lines if line.startswith(REVIEWS)]
    if reviews:
        of = select(Review.application).where(col(Review.number).in_(reviews))
        numbers |= dict.fromkeys(session.exec(of))
    return list(numbers)


def _take_in(session: Session, index: sqlite3.Connection, numbers: Sequence[str]) -> None:
    """Put these applications into the index as they now are, each at the end of its day."""
    said = texts(session, numbers)
    found: list[Any] = [
        row
        for some in _some(numbers)
        for row in session.exec(select(*SHOWN).where(col(Application.number).in_(some)))  # type: ignore[call-overload]
    ]
    days = {row.number: (row.received_on or row.arrived_on).toordinal() for row in found}
    last = dict(index.execute("SELECT day, last FROM day"))
    taken = []
    for row in found:
        day = days[row.number]
        last[day] = last.get(day, -1) + 1
        taken.append((day * DAY + last[day], row))
    taken.sort(
        key=lambda one: one[0]
    )  # in the order of places, or each would be a segment of its own
    often = Counter[str]()
    said_of = []
    for place, row in taken:
        like = like_terms(row.request)
        often.update(like)
        said_of.append((place, " ".join(sorted(_terms(row, said[row.number]) | like))))
    index.executemany("DELETE FROM found WHERE number = ?", [(one.number,) for _, one in taken])
    index.executemany("INSERT INTO found VALUES (?, ?)", [(at, one.number) for at, one in taken])
    index.executemany("INSERT INTO words (rowid, said) VALUES (?, ?)", said_of)
    kept = "ON CONFLICT (term) DO UPDATE SET cases = cases + excluded.cases"
    index.executemany(f"INSERT INTO often VALUES (?, ?) {kept}", often.items())
    told = {day: last[day] for day in days.values()}
    index.executemany("INSERT OR REPLACE INTO day VALUES (?, ?)", told.items())


def _terms(row: Any, said: Sequence[str]) -> set[str]:
    """By what an application is found: the pairs of its words, and what it is narrowed by."""
    terms: set[str] = set().union(*map(grams, said))
    for before, words in (
        (IN_NUMBER, row.number),
        (IN_NAME, row.applicant),
        (IN_REQUEST, row.number),
        (IN_REQUEST, row.applicant),
        (IN_REQUEST, row.request),
    ):
        terms |= {before + one for one in grams(folded(words))}
    terms |= {mark("officer", row.officer), mark("channel", row.channel)}
    terms.add(mark("open", str(row.stage != Stage.CLOSED)))
    parts = (row.row or "").split(".")
    return terms | {mark("row", ".".join(parts[: n + 1])) for n in range(len(parts))}


def mark(what: str, value: str) -> str:
    """The term under which whatever has this value stands."""
    return "x" + sha256(f"{what} {value}".encode()).hexdigest()[:12]


def like_terms(request: str) -> set[str]:
    """By what a request is held against others: its numbers, and the pairs of its characters, without
    what every request says. What stands beside a number is another in another order.
    """
    said = tokens(request)
    together = {f"{one}{other}" for one, other in pairwise(said) if not _numbers_in(one, other)}
    return {f"{LIKE}{one}" for one in {*together, *filter(str.isdecimal, said)}}


def _numbers_in(*said: str) -> bool:
    return any(map(str.isdecimal, said))


SHOWN: Final = (
    col(Application.number),
    col(Application.received_on),
    col(Application.arrived_on),
    col(Application.stage),
    col(Application.officer),
    col(Application.channel),
    col(Application.row),
    col(Application.applicant),
    col(Application.request),
)


def _some(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[at : at + 500] for at in range(0, len(numbers), 500))


def texts(session: Session, numbers: Sequence[str]) -> dict[str, list[str]]:
    """All that the register says of each application in words, folded: numbers of it, of its letters
    and of its reviews; who applied for what; reasons, notes, the titles of its materials. None of the
    codes that nobody sees (`RegisterAct.coded`).
    """
    found: dict[str, list[str]] = {number: [folded(number)] for number in numbers}
    for some in _some(numbers):
        events = select(Event.case_number, Event.kind, Event.facts, Event.letters)
        for number, kind, facts, letters in session.exec(
            events.where(col(Event.case_number).in_(some))
        ):
            found[number] += map(folded, _words(_legible(kind, facts)))
            found[number] += [folded(letter["number"]) for letter in letters]
        added = select(Entry.case_number, Entry.facts).where(Entry.register_key == "papers")
        for number, facts in session.exec(added.where(col(Entry.case_number).in_(some))):
            found[number] += [folded(str(facts[one])) for one in IN_PAPERS if facts.get(one)]
        reviews = select(Review.application, Review.number, Review.authority_number)
        for number, *named in session.exec(reviews.where(col(Review.application).in_(some))):
            found[number] += map(folded, named)
    return found


def _legible(kind: str, facts: Mapping[str, Any]) -> list[Any]:
    from models.acts.catalogue import ACTS  # not loaded where there is nothing to read

    return list(ACTS[kind].legible(facts)) if kind in ACTS else [*facts.values()]


def _words(facts: Any) -> Iterator[str]:
    """Every text within the facts of an act."""
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, dict):
        for value in facts.values():
            yield from _words(value)
    elif isinstance(facts, list):
        for value in facts:
            yield from _words(value)
