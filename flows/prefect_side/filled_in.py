"""What was submitted, as Prefect takes it: filled in from its templates, and held against a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect.utilities.schema_tools.hydration import HydrationContext, hydrate
from prefect.utilities.schema_tools.validation import validate


def filled_in(submitted: Mapping[str, Any]) -> dict[str, Any]:
    """What Prefect makes of what was submitted; what it cannot fill in is left as its own mark."""
    found: dict[str, Any] = hydrate(dict(submitted), HydrationContext())
    return found


def fits(submitted: Mapping[str, Any], shown: dict[str, Any]) -> bool:
    """Whether a form as it is kept takes this."""
    return not validate(filled_in(submitted), shown)
