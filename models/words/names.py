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


def begins(stated: str) -> tuple[str, ...]:
    """The characters that whatever is the same name may begin with: as it is, in full width, in
    another dress of the same dot or a character that nobody sees or a space.
    """
    first = one_name(stated)[:1]
    wide = chr(ord(first) + 0xFEE0) if "!" <= first <= "~" else ""
    dots = DOTS if first == "·" else ""
    return tuple(
        dict.fromkeys(filter(None, (first, wide, *dots, *UNSEEN, " ", "\u00a0", "\u3000")))
    )
