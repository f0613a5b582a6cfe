"""How far a long command is: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """advance(done, total), shown on stderr if it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005 — nobody looks
        return
    from rich.console import Console  # only a terminal waits for it
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
