"""The pictures of the guide: few are out of date, all are light and small."""

from __future__ import annotations

from pathlib import Path

import picture_words
import pytest
from picture_words import FOLDER, out_of_date, shown, taken
from PIL import Image, ImageStat

LARGEST, ALL_TOGETHER, LIGHT = 120_000, 4_000_000, 200
STALE = 0.1
"""How much of them may show earlier words until they are taken anew: a word is changed in a minute, and
the pictures are taken in ten.
"""


@pytest.fixture(autouse=True)
def _an_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path))


def test_most_pictures_show_todays_words() -> None:
    """`python -m tests.pictures stale` takes those anew that do not."""
    assert taken().keys() == {path.stem for path in FOLDER.glob("*.png")}
    stale = out_of_date()
    assert len(stale) <= STALE * len(taken()), stale


@pytest.mark.parametrize("picture", ["received", "stage-fee"])
def test_a_picture_becomes_out_of_date_with_a_word_on_it(
    picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shown(picture)
    assert shown(picture) == before
    monkeypatch.setattr(picture_words, "OFFICER_TITLE", "另一个词")
    monkeypatch.setitem(picture_words.STAGES, "fee", "等待别的")
    assert shown(picture) != before


def test_pictures_are_light_and_small() -> None:
    """Light enough to be printed; few enough bytes for a slow line."""
    sizes = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) < ALL_TOGETHER
    dark = []
    for path in (FOLDER / f"{name}.png" for name in taken()):
        with Image.open(path) as picture:
            if ImageStat.Stat(picture.convert("L")).mean[0] < LIGHT:
                dark.append(path.stem)
    assert dark == []
