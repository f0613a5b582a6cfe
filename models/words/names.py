"""Are two names, or two numbers, the same? However they are typed: in full or half width, with spaces,
characters that nobody sees, or one of the dots that look alike.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

UNSEEN: Final = re.compile("[\u00ad\u180e\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
"""Soft hyphen, zero-width characters, variation selectors: what is copied along from web pages."""
DOTS: Final = str.maketrans(dict.fromkeys("•‧∙⋅・･・᛫●", "·"))
"""The dots within a name (阿依古丽·买买提) that are told apart by nobody."""


def one_name(stated: str) -> str:
    """The normal form of a name or number: half width, no spaces, nothing unseen, one kind of dot."""
    seen = UNSEEN.sub("", unicodedata.normalize("NFKC", UNSEEN.sub("", stated)))
    return "".join(seen.translate(DOTS).split())


def same_name(one: str, other: str) -> bool:
    """Whether two names or numbers are the same, however they are typed."""
    return one == other or one_name(one) == one_name(other)
