"""A file that is named on the command line to be written: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from flows.installation import files
from models.errors import DisclosureError
from models.words.disk_words import why


class UnwritableFile(DisclosureError):
    """A file named on the command line cannot be written."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"无法写入文件 {path}：{problem}")


def write_file(path: Path, content: bytes) -> Path:
    """Write a file that is named on the command line; where it now stands. UnwritableFile."""
    try:
        return files.written(path, content)
    except OSError as fault:
        raise UnwritableFile(path, why(fault)) from None
