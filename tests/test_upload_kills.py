"""A material that is being filed when the power goes is whole, or is not there; fifty on request."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.databases import empty_register, registered
from tests.upload_kills import killed

KILLS = 50 if os.environ.get("DISCLOSURE_KILLS") else 6


def test_killed_while_it_is_filed_a_material_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_register(tmp_path, monkeypatch):
        filed, nothing = killed(registered(), KILLS, seed=7)
        assert filed + nothing == KILLS
