"""What a department is asked to look for, and its answer; plain HTML, which works without a script."""

from __future__ import annotations

from collections.abc import Mapping

from letters.picture.markup import marked_up


def page(facts: Mapping[str, object]) -> str:
    """The page of everything that is wanted of one department."""
    return marked_up("supply.html.j2", facts)


def guide_page(facts: Mapping[str, object]) -> str:
    """The page of the guide that is written for departments."""
    return marked_up("supply_guide.html.j2", facts)
