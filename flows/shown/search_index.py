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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import islice, pairwise
from typing import Any, Final

from sqlmodel import Session, col, select

from flows import office
from flows.installation import files
from models.case.stage import Stage
from models.store.tables import Application, Entry, Event, Link, Review
from models.words.alike import tokens
from models.words.pairs import asked, folded, grams, sought

LOG = logging.getLogger(__name__)
FORM: Final = "4"
"""What an index of another form is made anew for."""
BATCH: Final = 2000
EVERY_SECONDS, SLICE_SECONDS = 30.0, 0.3
"""How often what was recorded is taken in while nobody searches, and for how long at a time."""
MOST_WAITED: Final = 60.0
"""Seconds to wait for whoever reads the index on at the same moment."""
MOST_TERMS, FEW, FEWEST = 400, 5, 20
"""How many characters of a request are looked at, how many of its words are looked up, and of how few
cases that have so many of them those with one fewer are added.
"""
BETWEEN, UNLIKE = 0.6, 1.5
"""A pair that is so much rarer than its neighbours stands between two words; pairs of which one is
not so much more frequent than the other are of one word.
"""
EVENTS, REVIEWS, ADDED = "event ", "entry review ", "entry papers "
IN_PAPERS: Final = ("words", "named", "reason", "letter_number")
"""What is found of a case's papers: notes, the titles of materials, why one was withdrawn."""
LOOK: Final = 2000
"""To look at one case costs as much as to go through so many of a pair's: of a common pair there are
hundreds of thousands."""
APART: Final = 4
"""Pairs of one word that stand nearer than this say the same."""
IN_NUMBER, IN_NAME, IN_REQUEST, LIKE = "k", "n", "q", "p"
"""Before the pairs of the number, of who applied, of what was asked for first of all; and before
those by which requests are held against each other."""
DAY: Final = 1 << 24
"""How many places a day of receipt has."""
ELSEWHERE: Final = 1 << 46
"""Added to the place of what has the words elsewhere than in its number, name or request."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS read_to (form TEXT, seq INTEGER, head BLOB);
CREATE TABLE IF NOT EXISTS found (id INTEGER PRIMARY KEY, number TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS day (day INTEGER PRIMARY KEY, last INTEGER);
CREATE TABLE IF NOT EXISTS often (term TEXT PRIMARY KEY, cases INTEGER) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    said, content='', detail=none, columnsize=0, tokenize='ascii'
);
"""


@dataclass(frozen=True)
class Asked:
    """What is looked for. words = all of them occur; since, until = the day of receipt, of arrival
    where receipt is not confirmed yet.

    number = a part of it; row = of table 三, or the beginning of one (3.4); is_open = None: open and
    closed ones; by_relevance = what has the words in its number, name or request comes first; stage,
    due_before = where it stands, and the limit ends before that day: the register alone knows these
    """

    words: str = ""
    applicant: str = ""
    number: str = ""
    officer: str = ""
    channel: str = ""
    row: str = ""
    since: date | None = None
    until: date | None = None
    is_open: bool | None = None
    by_relevance: bool = False
    stage: str = ""
    due_before: date | None = None


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
    terms |= {_mark("officer", row.officer), _mark("channel", row.channel)}
    terms.add(_mark("open", str(row.stage != Stage.CLOSED)))
    parts = (row.row or "").split(".")
    return terms | {_mark("row", ".".join(parts[: n + 1])) for n in range(len(parts))}


def _mark(what: str, value: str) -> str:
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


def candidates(ask: Asked, after: int, most: int) -> list[tuple[int, str]]:
    """The next applications that may be meant, as (place, number), those received last first.

    after = the place after which to go on, 0 = from the first. What has all pairs of a word need
    not have the word: whoever shows them looks (flows/shown/search.py).
    """
    first = [IN_REQUEST + gram for gram in _grams(ask.words)]
    if not ask.by_relevance or not first:
        return _listed(ask, "", after, most)
    both = f"({_all(first)})"
    found = [] if after >= ELSEWHERE else _listed(ask, f"AND {both}", after, most)
    if len(found) < most:
        rest = _listed(ask, f"NOT {both}", max(after - ELSEWHERE, 0), most - len(found))
        found += [(place + ELSEWHERE, number) for place, number in rest]
    return found


def _listed(ask: Asked, but: str, before: int, most: int) -> list[tuple[int, str]]:
    """The same of those that have, or have not, what `but` says. Where few cases will have a few rare
    pairs of the words, only these are looked up; if they are not so few, all.
    """
    every = _grams(ask.words)
    with _index() as index:
        rare = [] if but else _rare(index, ask.words, every, most // 4)
        if rare:
            found = index.execute(*_statement(ask, rare, but, before, most)).fetchall()
            if len(found) < most:
                return found
        return index.execute(*_statement(ask, every, but, before, most)).fetchall()


def _rare(index: sqlite3.Connection, words: str, every: Sequence[str], few: int) -> list[str]:
    """Of the pairs of these words those by which they are found soonest, if no more than a few cases
    will have them; else none. How often each occurs is known of requests.
    """
    marks = ",".join("?" * len(every))
    had = f"SELECT substr(term, 2), cases FROM often WHERE term IN ({marks})"
    often = dict(index.execute(had, [LIKE + gram for gram in every]))
    (cases,) = index.execute("SELECT SUM(last + 1) FROM day").fetchone()
    if not often or not cases:
        return []
    left, through, found = float(cases), 0, list[str]()
    best, least = list[str](), float(sum(often.get(gram, cases) for gram in every))
    for gram, alone in _rarest_first(words, often):
        found.append(gram)
        through += often[gram]
        left *= min(often[gram] / cases, 1) ** (1 if alone else 0.5)
        if left <= few and through + LOOK * left < least:
            best, least = [*found], through + LOOK * left
    return best


def _rarest_first(words: str, often: Mapping[str, int]) -> Iterator[tuple[str, bool]]:
    """The pairs whose number is known, the rarest of each word first, and whether it is this one: what
    else a word says goes with it, the less the nearer it stands.
    """
    further = list[str]()
    for word in asked(words):
        known = sorted((one for one in sought(word) if one in often), key=often.__getitem__)
        apart = list[str]()
        for one in known:
            if all(abs(word.find(one) - word.find(other)) >= APART for other in apart):
                apart.append(one)
        yield from ((one, True) for one in apart[:1])
        further += apart[1:]
    yield from ((one, False) for one in sorted(further, key=often.__getitem__))


def _statement(
    ask: Asked, grams: Sequence[str], but: str, before: int, most: int
) -> tuple[str, tuple[object, ...]]:
    """What the index is asked, in SQL, and with which values."""
    terms = [
        *grams,
        *(IN_NAME + gram for gram in _grams(ask.applicant)),
        *(IN_NUMBER + gram for gram in sought(folded(ask.number))),
        *(
            _mark(what, value)
            for what, value in (
                ("officer", ask.officer),
                ("channel", ask.channel),
                ("row", ask.row),
            )
            if value
        ),
    ]
    if ask.is_open is not None:
        terms.append(_mark("open", str(ask.is_open)))
    place = "words.rowid" if terms else "found.id"
    conditions, values = list[str](), list[object]()
    if terms:
        conditions, values = ["words MATCH ?"], [f"({_all(terms)}) {but}".strip()]
    if ask.since:
        conditions.append(f"{place} >= ?")
        values.append(ask.since.toordinal() * DAY)
    ends = [(ask.until.toordinal() + 1) * DAY] if ask.until else []
    if ends := [*ends, *([before] if before else [])]:
        conditions.append(f"{place} < ?")
        values.append(min(ends))
    source = "words CROSS JOIN found ON found.id = words.rowid" if terms else "found"
    filtered = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = (
        f"SELECT found.id, found.number FROM {source} {filtered} ORDER BY {place} DESC LIMIT ?"
    )
    return statement, (*values, most)


def _grams(words: str) -> list[str]:
    return sorted(set().union(*map(sought, asked(words))))


def _all(terms: Iterable[str]) -> str:
    return " AND ".join(f'"{term}"' for term in terms)


def has_all(said: Iterable[str], words: Iterable[str]) -> bool:
    """Whether each of the folded words occurs in one of the folded texts."""
    there = list(said)
    return all(any(word in text for text in there) for word in words)


def nearest(request: str, most: int) -> list[str]:
    """The applications whose requests share most words with one, those received last first: what asks
    for the same has many of them, however it is put. It proposes: how alike they are is for whoever
    asks to work out.
    """
    with _index() as index:
        words, places = _rarest(index, request), dict[int, None]()
        fewest = max(1, min(2, len(words)))
        for enough in range(len(words), fewest - 1, -1):
            listed = index.execute(
                "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?",
                (_at_least(enough, words), most),
            )
            places |= dict.fromkeys(place for (place,) in listed)
            if len(places) >= FEWEST:
                break
        return _standing(index, places, most)


def _at_least(enough: int, terms: Sequence[str]) -> str:
    """What has so many of these terms, as the index is asked for it."""
    if enough == 1:
        return f"({' OR '.join(map(_all, zip(terms)))})"
    if enough == len(terms):
        return f"({_all(terms)})"
    first, *rest = terms
    return f'(("{first}" AND {_at_least(enough - 1, rest)}) OR {_at_least(enough, rest)})'


def _rarest(index: sqlite3.Connection, request: str) -> list[str]:
    """Of each word of a request the pair that says most, the rarest words first.

    Where one word ends and the next begins stands a pair by chance, rarer than both: it says nothing.
    Pairs of one word are as frequent as each other, and one says all that they say.
    """
    said = tokens(request)[:MOST_TERMS]
    asked = [f"{LIKE}{one}" for one in said if one.isdecimal()]
    asked += [f"{LIKE}{one}{other}" for one, other in pairwise(said)]
    marks = ",".join("?" * len(asked))
    had = f"SELECT term, cases FROM often WHERE term IN ({marks})"
    often: dict[str, int] = dict(index.execute(had, asked))
    found = {one: often[one] for one in asked if one in often and one[1:].isdecimal()}
    for word in _words_of(said, often):
        apart = list[str]()
        for term in sorted(word, key=lambda one: (often[one], one)):
            if all(
                {*term[1:]}.isdisjoint(other[1:]) and often[term] > UNLIKE * often[other]
                for other in apart
            ):
                apart.append(term)
        found |= {term: often[term] for term in apart}
    return sorted(found, key=lambda one: (found[one], one))[:FEW]


def _words_of(said: Sequence[str], often: Mapping[str, int]) -> Iterator[list[str]]:
    """The pairs of each word of a request: between those that stand between two words."""
    terms = [f"{LIKE}{one}{other}" for one, other in pairwise(said)]
    cases = [0, *(often.get(term, 0) for term in terms), 0]
    word = list[str]()
    beside_each = zip(terms, cases[:-2], cases[1:-1], cases[2:], strict=True)
    for term, before, here, after in beside_each:
        beside = [one for one in (before, after) if one]
        if here and (not beside or here >= BETWEEN * min(beside)):
            word.append(term)
        elif word:
            yield word
            word = []
    if word:
        yield word


def _standing(index: sqlite3.Connection, places: Iterable[int], most: int) -> list[str]:
    """The applications that stand at the first of these places; those acted on since left theirs."""
    numbers = list[str]()
    at = iter(places)
    while len(numbers) < most and (some := list(islice(at, most))):
        marks = ",".join("?" * len(some))
        found = dict(index.execute(f"SELECT id, number FROM found WHERE id IN ({marks})", some))
        numbers += [found[place] for place in some if place in found]
    return numbers[:most]
