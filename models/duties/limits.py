"""The last day for a reply as lists show it. Who only lists what the register's columns say of it needs no
more: the acts, by which it is counted, are not read for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.law.workdays import PROVISIONAL


@dataclass(frozen=True)
class Limit:
    """The last day for the reply as it can be told: None while stopped, or where it cannot be."""

    last_day: date | None = None
    provisional: bool = False


def written_limit(day: date | None, provisional: bool) -> str:
    """A last day as lists show it: 2027-01-08（暂定）."""
    return f"{day}{PROVISIONAL if provisional else ''}" if day else "无"
