"""Which fonts the paper is laid out with here: those that GB/T 9704 names, or what stands in for one.

The fonts are the machine's (fontconfig); none may be passed on with this program. What stands in is
chosen by name, the same each time, and can be told to whoever prints.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

from letters.letter.stationery import (
    HEADING_FONT,
    NUMBER_FONT,
    STAND_INS,
    SUBHEADING_FONT,
    TEXT_FONT,
    TITLE_FONT,
)

SECONDS: Final = 20
_SONG: Final = (
    *("Noto Serif CJK SC", "Source Han Serif SC", "思源宋体", "AR PL UMing CN"),
    *("Noto Sans CJK SC", "Source Han Sans SC", "思源黑体", "WenQuanYi Micro Hei"),
)
_HEI: Final = (
    *("Noto Sans CJK SC", "Source Han Sans SC", "思源黑体", "WenQuanYi Zen Hei"),
    *("WenQuanYi Micro Hei", "Noto Serif CJK SC"),
)
FREE: Final[Mapping[str, tuple[str, ...]]] = {
    TEXT_FONT: ("FandolFang R", "FandolFang", *_SONG),
    TITLE_FONT: _SONG,
    HEADING_FONT: _HEI,
    SUBHEADING_FONT: ("FandolKai", "AR PL UKai CN", *_SONG),
    NUMBER_FONT: ("FandolSong", *_SONG),
}
"""What may be installed anywhere and comes nearest, after what Word and WPS bring (`STAND_INS`)."""


@cache
def stand_ins() -> dict[str, str]:
    """For each font of the standard the one that is used here: itself, or what stands in for it; ""
    where nothing named does, and LibreOffice takes what it finds.
    """
    here = _installed()
    return {
        name: next((one for one in (name, *known.split(","), *FREE[name]) if one in here), "")
        for name, known in STAND_INS.items()
    }


def substituted() -> list[str]:
    """What is printed in another font than GB/T 9704 names, a sentence each; none where all are here."""
    return [
        f"本机没有“{name}”，以“{used}”代替"
        if used
        else f"本机没有“{name}”，也没有可以代替的中文字体"
        for name, used in stand_ins().items()
        if used != name
    ]


def fontconfig() -> str:
    """The machine's font settings, and above them what stands in for what."""
    rules = "".join(
        f'<match target="pattern"><test name="family"><string>{escape(name)}</string></test>'
        f'<edit name="family" mode="assign" binding="strong"><string>{escape(used)}</string></edit>'
        "</match>"
        for name, used in stand_ins().items()
        if used and used != name
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f'<fontconfig>{rules}<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        "</fontconfig>"
    )


def _installed() -> frozenset[str]:
    """The families of the machine's fonts, under all their names."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    try:
        said = subprocess.run(
            [program, ":", "family"], capture_output=True, timeout=SECONDS, check=False
        ).stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return frozenset()
    return frozenset(name.strip() for line in said.splitlines() for name in line.split(","))
