"""What works behind Prefect's server looks for work every five seconds, not four times a second.

Prefect does there what has time: it marks a form as ready, a worker as gone, and takes away what is kept
no longer. It is told of what is put up for it; what it looks for by itself falls due once in a while.
Whether something was called off again it asks ten times a second; Prefect calls nothing off. All that was
a good part of what an office takes of a core while nobody works. With a Redis all is as Prefect has it:
other servers work there, too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from docket import Docket, Worker
from prefect.server.api import background_workers, server
from typing_extensions import override

LEFT_OUT: Final = (Worker.__init__, Worker._worker_loop, Worker._cancellation_listener)
"""What is replaced here, and what relies on it: to be read again when it changes."""
LOOKED_EVERY: Final = timedelta(seconds=5)
SIGNS_OF_LIFE_EVERY: Final = timedelta(seconds=60)  # of the one that works there, to nobody else


class Calm(Worker):
    """Does what is put up for it, and is asked to call off nothing."""

    def __init__(self, docket: Docket, **given: Any) -> None:
        every = {"minimum_check_interval": LOOKED_EVERY, "scheduling_resolution": LOOKED_EVERY}
        super().__init__(docket, **every | given)

    @override
    async def _cancellation_listener(self) -> None:
        session = self._processing_session
        assert session is not None
        session.cancellation_ready.set()
        await session.stopping.wait()


class Quiet(Docket):
    """Where it is put up."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"heartbeat_interval": SIGNS_OF_LIFE_EVERY} | given)


def look_seldom() -> None:
    """From now on, for this process; once, before the server begins."""
    for where, name, ours in (
        (background_workers, "Worker", Calm),
        (server, "Docket", Quiet),
    ):
        assert issubclass(ours, getattr(where, name)), name
        setattr(where, name, ours)
