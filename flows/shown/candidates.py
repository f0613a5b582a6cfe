"""Which applications may be meant by what is looked for, or ask for the like? The index proposes them.

Whoever shows them looks at each (search.py, precedents.py): what has all pairs of a word need not have
the word. How the index is made: search_index.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from typing import Final

from flows.shown.search_index import DAY, IN_NAME, IN_NUMBER, IN_REQUEST, LIKE, mark, opened
from models.words.alike import tokens
from models.words.pairs import asked, folded, sought

MOST_TERMS, FEW, NUMBERS, FEWEST = 400, 5, 2, 20
"""How many characters of a request are looked at, how many of its words are looked up, how many years and
other numbers among them, and of how few cases that have so many of them those with one fewer are added.
"""
BETWEEN, UNLIKE = 0.6, 1.5
"""A pair that is so much rarer than its neighbours stands between two words; pairs of which one is
not so much more frequent than the other are of one word.
"""
LOOK: Final = 2000
"""To look at one case costs as much as to go through so many of a pair's: of a common pair there are
hundreds of thousands."""
APART: Final = 4
"""Pairs of one word that stand nearer than this say the same."""
ELSEWHERE: Final = 1 << 46
"""Added to the place of what has the words elsewhere than in its number, name or request."""


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
    pairs of the words, only these are looked up at first; by all of them, whatever comes after.
    """
    every = _grams(ask.words)
    with opened() as index:
        rare = [] if but or before else _rare(index, ask.words, every, most // 4)
        return index.execute(*_statement(ask, rare or every, but, before, most)).fetchall()


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
            mark(what, value)
            for what, value in (
                ("officer", ask.officer),
                ("channel", ask.channel),
                ("row", ask.row),
            )
            if value
        ),
    ]
    if ask.is_open is not None:
        terms.append(mark("open", str(ask.is_open)))
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
    for the same has many of them, however it is put. A year is none of those that it must have: the same
    is asked for anew each year. It proposes: how alike they are is for whoever asks to work out.
    """
    with opened() as index:
        words, places = _rarest(index, request), dict[int, None]()
        fewest = max(1, min(2, sum(not _is_number(one) for one in words)))
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
    found = {one: often[one] for one in asked if one in often and _is_number(one)}
    for word in _words_of(said, often):
        apart = list[str]()
        for term in sorted(word, key=lambda one: (often[one], one)):
            if all(
                {*term[1:]}.isdisjoint(other[1:]) and often[term] > UNLIKE * often[other]
                for other in apart
            ):
                apart.append(term)
        found |= {term: often[term] for term in apart}
    rarest = sorted(found, key=lambda one: (found[one], one))
    further = [*filter(_is_number, rarest)][NUMBERS:]
    return [one for one in rarest if one not in further][:FEW]


def _is_number(term: str) -> bool:
    """Whether a term of the index is a year or another number."""
    return term[1:].isdecimal()


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
