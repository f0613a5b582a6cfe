"""Pages and pictures from templates: like letters/letter/words.py, but every value is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from models.words.days_told import told

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def marked_up(template: str, facts: Mapping[str, object]) -> str:
    """What a template of markup makes of the facts; a fact that is absent is an error."""
    return _environment().get_template(template).render(dict(facts))


def safe(markup: str) -> Markup:
    """Markup that one of our own templates has made, to stand in another as it is."""
    return Markup(markup)


@cache
def _environment() -> SandboxedEnvironment:
    made = SandboxedEnvironment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["written"] = _written
    return made


def _written(day: object) -> str:
    """A day of a sentence: 2026年3月2日; in a cell of a table it stands as it is."""
    return told([str(day)])
