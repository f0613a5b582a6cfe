"""How are words found within a text? By the pairs of neighbouring characters that both have.

A text is taken without blanks, marks and dashes, in half width and small letters; so is what is
looked for, which then is found wherever it stands in one piece. Chinese has no spaces: two
characters are the shortest that mean anything.
"""

from __future__ import annotations

import unicodedata
from typing import Final

SHORTEST: Final = 2


def folded(text: str) -> str:
    """The letters, characters and figures of a text, as they are compared."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def pairs(text: str) -> set[str]:
    """The pairs of neighbours in a folded text."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


def asked(words: str) -> tuple[str, ...]:
    """What is looked for: the words between blanks, each folded; those of one character are none."""
    found = (folded(word) for word in words.split())
    return tuple(dict.fromkeys(word for word in found if len(word) >= SHORTEST))
