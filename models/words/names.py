"""Are two names, or two numbers, the same? However they are typed: in full or half width, with spaces,
characters that nobody sees, or marks that look alike. What is stated stays as it is stated; this is the
one form in which names and numbers are compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache
from typing import Final

UNSEEN: Final = "\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphen and zero-width characters: what is copied along from web pages."""
DOTS: Final = "•‧∙⋅・･᛫●"
"""The dots that look like the one within a name (阿依古丽·买买提)."""
BRACKETS: Final = str.maketrans("[]【】［］〖〗", "〔〕〔〕〔〕〔〕")
"""What is typed in place of the brackets around the year of a document number."""
KEPT: Final = 50_000  # names whose normal form is kept in memory: the same are asked again

_UNSEEN: Final = re.compile(f"[{UNSEEN}\ufe00-\ufe0f]")
_DOTS: Final = str.maketrans(dict.fromkeys(DOTS, "·"))


@lru_cache(maxsize=KEPT)
def one_name(stated: str) -> str:
    """The normal form of a name or number: half width, no spaces, nothing unseen, one kind of dot."""
    seen = unicodedata.normalize("NFKC", _UNSEEN.sub("", stated))
    bare = "".join(_UNSEEN.sub("", seen).translate(_DOTS).split())
    return bare if bare == seen else one_name(bare)  # what stood apart may now be one character


def one_number(stated: str) -> str:
    """The normal form of a document number: besides, one kind of brackets around its year."""
    return one_name(stated).translate(BRACKETS)


def same_name(one: str, other: str) -> bool:
    """Whether two names or numbers are the same, however they are typed."""
    return one == other or one_name(one) == one_name(other)


def among(names: Iterable[str]) -> Container[str]:
    """These names in their normal form: `one_name(x) in among(…)`."""
    return {one_name(name) for name in names}


LOOKED_AT: Final = 3
"""Of so many characters a beginning is looked for: of 王 there are many, of 王小明 few."""
_APART: Final = (
    ("\t", "!"),
    ("\x85", "\xae"),
    ("\u1680", "\u1681"),
    ("\u180e", "\u180f"),
    ("\u2000", "\u2010"),
    ("\u2028", "\u2030"),
    ("\u205f", "\u2061"),
    ("\u3000", "\u3001"),
    ("\ufe00", "\ufe10"),
    ("\ufeff", "\uff00"),
)
"""What may stand between two characters and is not seen, from and below: spaces, zero width, variants."""
_DRESSES: Final = ((0x2E80, 0x2FE0), (0xF900, 0xFB00), (0xFF00, 0xFFF0), (0x2F800, 0x2FA20))
"""Where other dresses of a character stand: radicals as PDFs are copied, compatibility, full width."""

Span = tuple[str, str]
"""From the first of two texts, to below the second, in the order of their characters' numbers."""


@lru_cache(maxsize=1)
def _dresses() -> dict[str, str]:
    """All other dresses of a character, by the character: full width, a radical, another dot."""
    found = {"·": DOTS}
    for start, end in _DRESSES:
        for one in map(chr, range(start, end)):
            plain = unicodedata.normalize("NFKC", one)
            if plain != one and len(plain) == 1:
                found[plain] = found.get(plain, "") + one
    return found


def begins(stated: str, looked_at: int = LOOKED_AT) -> list[Span]:
    """Within which spans whatever is the same name stands: by its first characters, each as it is or
    in another dress, and, where they are typed apart, by what stands between them.
    """
    heads, found = [""], list(_APART)
    for at, one in enumerate(one_name(stated)[:looked_at]):
        if at:
            found += [(head + low, head + high) for head in heads for low, high in _APART]
        base = unicodedata.normalize("NFD", one)[0]  # é may be typed as e and a mark
        if base != one:
            found += [_from(head + dress) for head in heads for dress in _worn(base)]
        heads = [head + dress for head in heads for dress in _worn(one)]
    return [*found, *(_from(head) for head in heads if head)]


def _worn(one: str) -> str:
    return one + _dresses().get(one, "")


def _from(head: str) -> Span:
    """All that begins with these characters."""
    return head, head[:-1] + chr(ord(head[-1]) + 1)
