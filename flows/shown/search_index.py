"""The index by which the register is searched: pairs of characters in a file of its own (FTS5).

It holds nothing that the register does not say, and can be made again at any time. Whatever is
recorded is linked in one order (models/store/evidence.py): before each search the index reads on
from where it was, so that an act is found as soon as it is recorded, in whatever way it came. A
register put back from a backup has another chain at that place: the index begins anew.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from heapq import nlargest
from typing import Any, Final

from sqlmodel import Session, col, select

from flows import office
from flows.installation import files
from models.case.stage import Stage
from models.store.tables import Application, Entry, Event, Link, Review
from models.words.pairs import asked, folded, pairs

LOG = logging.getLogger(__name__)
FORM: Final = "2"
"""What an index of another form is made anew for."""
BATCH: Final = 2000
EVERY_SECONDS, SLICE_SECONDS = 30.0, 0.3
"""How often what was recorded is taken in while nobody searches, and for how long at a time."""
MOST_WAITED: Final = 60.0
"""Seconds to wait for whoever reads the index on at the same moment."""
RARE, COMMON_WEIGHS = 400, 0.02
"""A pair that so many have tells little of what is asked for."""
MOST_PAIRS, ENOUGH_RARE, MOST_PIECES = 48, 4, 16
"""How many pairs of a long text are looked at; below how many rare ones pieces of four are, too."""
EVENTS, REVIEWS, ADDED = "event ", "entry review ", "entry papers "
IN_PAPERS: Final = ("words", "named", "reason", "letter_number")
"""What is found of a case's papers: notes, the titles of materials, why one was withdrawn."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS read_to (form TEXT, seq INTEGER, head BLOB);
CREATE TABLE IF NOT EXISTS found (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT UNIQUE, received_on TEXT, is_open INTEGER,
    officer TEXT, channel TEXT, row TEXT
);
CREATE INDEX IF NOT EXISTS found_received_on ON found (received_on);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    said, content='', detail=none, tokenize='unicode61 remove_diacritics 0'
);
"""


@dataclass(frozen=True)
class Asked:
    """What is looked for. words = all of them occur; since, until = the day of receipt, of arrival
    where receipt is not confirmed yet.

    row = of table 三, or the beginning of one (3.4); is_open = None: open and closed ones
    """

    words: str = ""
    applicant: str = ""
    officer: str = ""
    channel: str = ""
    row: str = ""
    since: date | None = None
    until: date | None = None
    is_open: bool | None = None


@contextmanager
def _index(waits: float = MOST_WAITED) -> Iterator[sqlite3.Connection]:
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
    with _index(min(seconds, MOST_WAITED)) as index:
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
    last = session.exec(select(Link.seq, Link.head).order_by(col(Link.seq).desc()).limit(1)).first()
    found = index.execute("SELECT form, seq, head FROM read_to").fetchone()
    return last is not None and found == (FORM, last[0], bytes(last[1]))


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
    for table in ("read_to", "found"):
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
    """Put these applications into the index as they now are, after all that it has."""
    said = texts(session, numbers)
    columns = (
        col(Application.number),
        col(Application.received_on),
        col(Application.arrived_on),
        col(Application.stage),
        col(Application.officer),
        col(Application.channel),
        col(Application.row),
    )
    rows = {
        row[0]: row
        for some in _some(numbers)
        for row in session.exec(select(*columns).where(col(Application.number).in_(some)))  # type: ignore[call-overload]
    }
    for number in numbers:
        if number not in rows:
            continue
        _, received_on, arrived_on, stage, officer, channel, row = rows[number]
        index.execute("DELETE FROM found WHERE number = ?", (number,))
        shown = (
            number,
            str(received_on or arrived_on),
            stage != Stage.CLOSED,
            officer,
            channel,
            row or "",
        )
        made = index.execute(
            "INSERT INTO found (number, received_on, is_open, officer, channel, row)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            shown,
        )
        words: set[str] = set().union(*map(pairs, said[number]))
        given = (made.lastrowid, " ".join(sorted(words)))
        index.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", given)


def _some(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[at : at + 500] for at in range(0, len(numbers), 500))


def texts(session: Session, numbers: Sequence[str]) -> dict[str, list[str]]:
    """All that the register says of each application in words, folded: numbers of it, of its letters
    and of its reviews; who applied for what; reasons, notes, the titles of its materials.
    """
    found: dict[str, list[str]] = {number: [folded(number)] for number in numbers}
    for some in _some(numbers):
        events = select(Event.case_number, Event.facts, Event.letters)
        for number, facts, letters in session.exec(events.where(col(Event.case_number).in_(some))):
            found[number] += map(folded, _words(facts))
            found[number] += [folded(letter["number"]) for letter in letters]
        added = select(Entry.case_number, Entry.facts).where(Entry.register_key == "papers")
        for number, facts in session.exec(added.where(col(Entry.case_number).in_(some))):
            found[number] += [folded(str(facts[one])) for one in IN_PAPERS if facts.get(one)]
        reviews = select(Review.application, Review.number, Review.authority_number)
        for number, *named in session.exec(reviews.where(col(Review.application).in_(some))):
            found[number] += map(folded, named)
    return found


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


# ── asking ────────────────────────────────────────────────────────────────────────────────────


def candidates(ask: Asked, before: int, most: int) -> list[tuple[int, str]]:
    """The next applications that may be meant, as (place, number), those acted on last first.

    before = the place after which to go on, 0 = from the first. What has all pairs of a word need
    not have the word: whoever shows them looks (flows/shown/search.py).
    """
    grams = set().union(*map(pairs, (*asked(ask.words), *asked(ask.applicant))))
    conditions, values = list[str](), list[object]()

    def where(condition: str, *given: object) -> None:
        conditions.append(condition)
        values.extend(given)

    if grams:
        where("words MATCH ?", " AND ".join(f'"{gram}"' for gram in sorted(grams)))
    for condition, value in (
        ("found.officer = ?", ask.officer),
        ("found.channel = ?", ask.channel),
        ("found.received_on >= ?", ask.since and str(ask.since)),
        ("found.received_on <= ?", ask.until and str(ask.until)),
    ):
        if value:
            where(condition, value)
    if ask.row:
        where("(found.row = ? OR found.row LIKE ?)", ask.row, f"{ask.row}.%")
    if ask.is_open is not None:
        where("found.is_open = ?", ask.is_open)
    if before:
        where("words.rowid < ?" if grams else "found.id < ?", before)
    source = "words CROSS JOIN found ON found.id = words.rowid" if grams else "found"
    place = "words.rowid" if grams else "found.id"
    filtered = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = (
        f"SELECT found.id, found.number FROM {source} {filtered} ORDER BY {place} DESC LIMIT ?"
    )
    with _index() as index:
        return index.execute(statement, (*values, most)).fetchall()


def has_all(said: Iterable[str], words: Iterable[str]) -> bool:
    """Whether each of the folded words occurs in one of the folded texts."""
    there = list(said)
    return all(any(word in text for text in there) for word in words)


def nearest(text: str, most: int) -> list[str]:
    """The applications that share most with a text, by the pairs of characters that few have.

    Of each pair the latest that have it are looked at; where all of its pairs are common, so are
    pieces of four characters. It proposes: how alike they are is for whoever asks to work out.
    """
    told = folded(text)
    every = list(dict.fromkeys(told[at : at + 2] for at in range(len(told) - 1)))
    step = max(1, len(every) // MOST_PAIRS)
    score: dict[int, float] = defaultdict(float)
    with _index() as index:
        rare = sum(_weigh(index, score, (pair,), RARE) < RARE for pair in every[::step])
        if rare < ENOUGH_RARE:
            step = max(2, len(told) // MOST_PIECES)
            for at in range(0, len(told) - 3, step):
                _weigh(index, score, (told[at : at + 2], told[at + 2 : at + 4]), RARE)
        places = nlargest(most, score, key=score.__getitem__)
        marks = ",".join("?" * len(places))
        asked = f"SELECT id, number FROM found WHERE id IN ({marks})"
        numbers = dict(index.execute(asked, places))
    return [numbers[place] for place in places if place in numbers]


def _weigh(
    index: sqlite3.Connection, score: dict[int, float], pairs_: Sequence[str], most: int
) -> int:
    """Add to the score of those that have these pairs: the fewer have them, the more. How many do."""
    words = " AND ".join(f'"{pair}"' for pair in pairs_)
    asked = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"
    places = [place for (place,) in index.execute(asked, (words, most))]
    weight = 1 / (3 + math.log2(1 + len(places))) if len(places) < most else COMMON_WEIGHS
    for place in places:
        score[place] += weight * len(pairs_)
    return len(places)
