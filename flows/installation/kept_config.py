"""A part of config/ in force: read once, and again when a file of it has changed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from flows.installation import config_folder
from models.errors import ConfigFault

LOG = logging.getLogger(__name__)

T = TypeVar("T")
Mark = tuple[tuple[str, int, int], ...]


class Kept(Generic[T]):
    """A part of config/, loaded when it is first asked for and again when a file has changed.

    A change that cannot be loaded is logged, and what was loaded before stays in force until it is
    put right: an office at work does not stop at a slip of the pen.
    """

    def __init__(self, load: Callable[[Path], T], *parts: str) -> None:
        self._load, self._parts = load, parts
        self._loaded: dict[Path, tuple[Mark, T]] = {}
        self._loading = Lock()
        self.fault = ""

    def now(self) -> T:
        """As config/ says it now; ConfigFault if it never could be loaded."""
        folder = config_folder.folder()
        mark = tuple(_marks(folder, self._parts))
        known = self._loaded.get(folder)
        if known is not None and known[0] == mark:
            return known[1]
        with self._loading:
            try:
                made, self.fault = self._load(folder), ""
            except ConfigFault as fault:
                if known is None:
                    raise
                made, self.fault = known[1], str(fault)
                LOG.warning("配置有误，暂按此前读入的办理：%s", fault)
            self._loaded[folder] = mark, made
        return made


def _marks(folder: Path, parts: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """What shows that a file has changed: name, time and size; a file just going away is gone."""
    for part in parts:
        path = folder / part
        with suppress(FileNotFoundError):  # loading says what is missing
            if part.endswith(".toml"):
                yield part, *_mark(path.stat())
                continue
            with os.scandir(path) as there:
                found = {one.name: one for one in there if one.name.endswith(".toml")}
            for name in sorted(found):
                with suppress(FileNotFoundError):
                    yield f"{part}/{name}", *_mark(found[name].stat())


def _mark(stated: os.stat_result) -> tuple[int, int]:
    return stated.st_mtime_ns, stated.st_size
