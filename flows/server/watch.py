"""Is each part of the office still at work? One that stopped is started again, and it is said.

The worker, the lists and the clock are threads: whatever ends one of them, nobody would see it. The
main thread asks each of them once a minute. One that cannot be kept going ends the office with a
sentence, rather than leaving half of it running.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

import httpx

from flows import office
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
TRIES = 5
"""So often in a row a part is started again: found stopped each time, it cannot be kept going."""

Alive = Callable[[], bool]


class SeenTo(Protocol):
    """What is seen to once a minute."""

    def see_to(self) -> Iterable[str]:
        """What was put right, as sentences."""


class OfficeBroken(DisclosureError):
    """A part of the office stops again as soon as it is started."""

    def __init__(self, part: str, tries: int) -> None:
        self.part, self.tries = part, tries
        super().__init__(f"{part}连续{tries}次启动后又停止，办理系统无法继续运行；原因见上面的日志")


class CheckBroke(DisclosureError):
    """A check of the minute left by what is no absence of server or register: a fault of ours."""

    def __init__(self, how: BaseException) -> None:
        self.how = how
        super().__init__(
            f"每分钟的检查意外中断（{type(how).__name__}），办理系统停止；原因见上面的日志"
        )


class Part:
    """One part of the office: what it is called, and how it is begun (until the context ends)."""

    def __init__(self, label: str, begin: Callable[[], AbstractContextManager[Alive]]) -> None:
        self.label, self._begin = label, begin
        self._stack, self._tries = ExitStack(), 0
        self._alive: Alive = lambda: False

    def start(self) -> None:
        """Begin it."""
        self._alive = self._stack.enter_context(self._begin())

    def see_to(self) -> Iterator[str]:
        """Start it again if it has stopped; OfficeBroken if that does not help."""
        if self._alive():
            self._tries = 0
            return
        if self._tries == TRIES:
            raise OfficeBroken(self.label, TRIES)
        self._tries += 1
        self.stop()
        self.start()
        yield f"{self.label}已停止工作，现已重新启动"

    def stop(self) -> None:
        """End it."""
        self._stack.close()


@contextmanager
def at_work(parts: Iterable[Part]) -> Iterator[tuple[Part, ...]]:
    """The parts at work while the block lasts, stopped in the opposite order."""
    with ExitStack() as stack:
        begun = []
        for part in parts:
            part.start()
            stack.callback(part.stop)
            begun.append(part)
        yield tuple(begun)


def mind(
    checks: Iterable[Callable[[], Iterable[str]]], seconds: float, times: int | None = None
) -> None:
    """Do every check once in so many seconds, and say what it put right; until Ctrl-C (or so often).

    What one check cannot do for want of server or register is said, and done the next time; the
    others are done all the same.
    """
    done = 0
    while times is None or done < times:
        time.sleep(seconds)
        done += 1
        for check in checks:
            _done(check)


def _done(check: Callable[[], Iterable[str]]) -> None:
    """One check. CheckBroke where it would end the office without a word: SystemExit(0) did."""
    try:
        for line in check():
            LOG.warning(line)
    except httpx.HTTPError as away:
        LOG.warning("服务器暂无响应，下一分钟再检查：%s", away)
    except office.REGISTER_FAULTS as away:
        LOG.warning("登记簿暂时不能使用，下一分钟再检查：%s", away)
    except (KeyboardInterrupt, DisclosureError):
        raise
    except BaseException as fault:
        LOG.exception("每分钟的检查意外中断")
        raise CheckBroke(fault) from fault
