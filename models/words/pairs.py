"""How are words found within a text? By the pairs of neighbouring characters that both have.

A text is taken without blanks, marks and dashes, in half width and small letters; so is what is
looked for, which then is found wherever it stands in one piece. Chinese has no spaces: two
characters are the shortest that mean anything.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SHORTEST: Final = 2
LONG: Final = 6
_OF_A_NAME, _LONGEST_NAME = 2, 4  # family and given name; characters of both
IN_FIGURES: Final = re.compile("[0-9a-z]{4,}")
"""Figures and Latin letters: of these there are few, and their pairs occur everywhere."""


def folded(text: str) -> str:
    """The letters, characters and figures of a text, as they are compared."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def pairs(text: str) -> set[str]:
    """The pairs of neighbours in a folded text."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


def grams(text: str) -> set[str]:
    """What a folded text is found by: its pairs, and pieces of four of its figures and Latin letters."""
    return pairs(text) | {piece for run in IN_FIGURES.findall(text) for piece in _fours(run)}


def sought(word: str) -> set[str]:
    """By which of these a folded word is looked for: whatever has the word has them all. Of a long
    one every other pair is enough to find few that have it not.
    """
    found, at = set[str](), 0
    for run in IN_FIGURES.finditer(word):
        found |= _sparse(word[at : run.start() + 1]) | _fours(run[0])
        at = run.end() - 1
    return found | _sparse(word[at:])


def _sparse(text: str) -> set[str]:
    every = [text[at : at + 2] for at in range(len(text) - 1)]
    return {*every[::2], *every[-1:]} if len(text) >= LONG else {*every}


def _fours(run: str) -> set[str]:
    return {run[at : at + 4] for at in range(len(run) - 3)}


def asked(words: str) -> tuple[str, ...]:
    """What is looked for: the words between blanks, each folded; those of one character are none."""
    found = (folded(word) for word in _between_blanks(words))
    return tuple(dict.fromkeys(word for word in found if len(word) >= SHORTEST))


def too_short(words: str) -> str:
    """The first of the words by which nothing is found, it has but one character; "" if there is none."""
    found = (word for word in _between_blanks(words) if len(folded(word)) < SHORTEST)
    return next(found, "")


def _between_blanks(words: str) -> list[str]:
    """The words; characters that stand apart are one, and so is a name written apart: 张 伟, 周 晓岚."""
    found = list[str]()
    apart = [len(folded(word)) for word in words.split()]
    if len(apart) == _OF_A_NAME and 1 in apart and 0 not in apart and sum(apart) <= _LONGEST_NAME:
        return ["".join(words.split())]
    alone = False
    for word in words.split():
        single = len(folded(word)) == 1
        if single and alone:
            found[-1] += word
        else:
            found.append(word)
        alone = single
    return found
