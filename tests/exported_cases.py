"""Reads a case that an office exported (`disclosure export-case`), and replays it under today's code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from histories import AGENCY, LAW

from models.soundness.anonymised import FORMAT, digest, standings

FOLDER = Path(__file__).parent / "exported"


class NotAsExported(Exception):
    """A file is no exported case, or was altered since."""


@dataclass(frozen=True)
class Exported:
    """A case: its acts as they were recorded, and where it stood after each."""

    events: Sequence[Mapping[str, Any]]
    stood: Sequence[Mapping[str, Any]]
    practice: Mapping[str, str]

    def stands(self) -> list[dict[str, Any]]:
        """Where it stands after each act under today's code, by the choices of its office."""
        law = LAW.under(**{key: self.practice[key] for key in self.practice})
        return [*standings(self.events, law, AGENCY)]


def read(path: Path) -> Exported:
    """The case in a file. Raises NotAsExported."""
    content = json.loads(path.read_text("utf-8"))
    if content.get("format") != FORMAT or content.get("digest") != digest(content):
        raise NotAsExported(path)
    return Exported(content["events"], content["stood"], content["practice"])
