"""Where config/ is, for whatever asks the law and nothing of the register: it starts at once.

flows/office.py is the installation itself, with its database and its clock; a command that needs
neither does not load them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flows.installation import settings

if TYPE_CHECKING:
    from models.law.statute import Statute

SHIPPED = Path(__file__).resolve().parents[2] / "config"
"""The config/ that comes with the code."""


def folder() -> Path:
    """The folder config/: beside the code, or where DISCLOSURE_CONFIG says."""
    named = settings.CONFIG.value()
    return Path(named) if named else SHIPPED


def law() -> Statute:
    """The law as config/ states it now; ConfigFault names file and place."""
    from models.law import statute_files

    return statute_files.load(folder())
