"""The office stops, and its server with it: what Prefect's client still had to send reaches nobody.

Its threads would say so in English, event by event, below our last line. Nothing of ours is in it: what
was recorded stands in the register.
"""

from __future__ import annotations

import logging
from typing import Final

_SENDERS: Final = (
    "prefect.events.clients",
    "prefect._internal.concurrency",
    "EventsWorker",
    "APILogWorker",
)


def say_no_more() -> None:
    """Let nothing more be said of what could not be sent; for a process that is about to end."""
    for name in _SENDERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
