"""Are two names the same? However they are typed: full or half width, with or without spaces."""

from __future__ import annotations

import unicodedata


def one_name(stated: str) -> str:
    """The name in half width and without spaces."""
    return "".join(unicodedata.normalize("NFKC", stated).split())
