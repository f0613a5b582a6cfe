"""The picture as PNG, by resvg; Chinese is drawn with the fonts in letters/fonts, not the system's."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import resvg_py

FAMILY: Final = "Noto Sans CJK SC"
_FONTS: Final = Path(__file__).parent.parent / "fonts"
ZOOM = 1.5
"""1620 pixels wide: sharp on a telephone, under half a megabyte. Tests that look at none paint less."""


def png(svg: str) -> bytes:
    """The PNG of an SVG, ZOOM times its size in pixels; the same bytes for the same picture.

    Where a name holds a character that our fonts lack, the system's fonts are asked as well.
    """
    unknown = set(re.sub(r"\s", "", svg)) - _glyphs()
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=[str(_FONTS / name) for name in ("Regular.otf", "Bold.otf")],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        skip_system_fonts=not unknown,
        zoom=ZOOM,
    )


@cache
def _glyphs() -> frozenset[str]:
    return frozenset((_FONTS / "glyphs.txt").read_text(encoding="utf-8"))
