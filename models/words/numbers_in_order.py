"""In which order do numbers of applications stand? As a person counts: 1, 2, 10; 2024-9 before 2024-10."""

from __future__ import annotations

import re
from typing import Final

_FIGURES: Final = re.compile("([0-9]+)")


def in_order(number: str) -> tuple[tuple[str, int], ...]:
    """What a number is sorted by: its words as words, its figures as numbers."""
    words_and_figures = iter((*_FIGURES.split(number), "0"))
    return tuple(
        (words, int(figures))
        for words, figures in zip(words_and_figures, words_and_figures, strict=True)
    )
