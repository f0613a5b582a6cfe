"""What the door asks of the register: beside the server's own work, a few at once, not for ever.

A register may be locked, or its server away; whoever opened or submitted a form is told, and does
not wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import anyio
import anyio.to_thread

from models.errors import DisclosureError
from models.soundness.clock import WrongDay

AT_ONCE: Final = 8  # more wait their turn, within the same patience
SECONDS: Final = {"opening": 3.0, "judging": 5.0}
"""How long whoever opens a form, or submits one, waits for the register."""

T = TypeVar("T")


class InTime:
    """Asks in threads of their own, each for at most so long (`SECONDS`)."""

    def __init__(self, what: str) -> None:
        self._what, self._at_once = what, anyio.CapacityLimiter(AT_ONCE)

    async def ask(self, do: Callable[[], T]) -> T:
        """What it comes to, or raises; TimeoutError where it takes longer."""
        with anyio.fail_after(SECONDS[self._what]):
            return await anyio.to_thread.run_sync(do, limiter=self._at_once, abandon_on_cancel=True)


def why(fault: BaseException) -> str:
    """Why there was no answer, as an officer is told."""
    if isinstance(fault, WrongDay):
        return fault.to_officers
    return str(fault) if isinstance(fault, DisclosureError) else "登记簿暂无响应"
