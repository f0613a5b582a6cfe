"""What an officer leaves for himself, sealed in a file under the office's folder: for one purpose alone.

What was sealed for another purpose, cannot be opened, or lies behind a link, is not there.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flows import office
from flows.installation import files
from models.errors import WrongKey


def write(path: Path, purpose: str, said: object) -> None:
    """Keep it, in place of what was."""
    sealed = office.sealing().for_purpose(purpose).seal(json.dumps(said, ensure_ascii=False))
    files.written(path, sealed.encode("ascii"), office.home())


def read(path: Path, purpose: str) -> Any:
    """What was kept; None where there is nothing that can be opened."""
    try:
        sealed = files.read(path, office.home()).decode("ascii")
        return json.loads(office.sealing().for_purpose(purpose).open(sealed))
    except (FileNotFoundError, files.Linked, WrongKey, ValueError):
        return None


def mark(words: str) -> str:
    """What stands for words in a file's name, where they would be read by others."""
    return hashlib.sha256(words.encode()).hexdigest()
