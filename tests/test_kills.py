"""Two kills at random moments while officers, logged in, work: nothing lost, nothing doubled.

More of them, with figures: python -m tests.kills --kills 200 --seed 1 --accounts
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import kills

KILLS, SEED = 2, 5


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="需要 /proc（Linux）")
@pytest.mark.skipif(
    not (os.environ.get("CI") or os.environ.get("DISCLOSURE_KILLS")),
    reason="杀进程试验需数分钟：设 DISCLOSURE_KILLS=1 时运行",
)
@pytest.mark.timeout(1500)
def test_nothing_is_lost_or_doubled_when_processes_are_killed(tmp_path: Path) -> None:
    found = kills.play(tmp_path, KILLS, SEED, officers=1, accounts=True)
    assert found.faults == []
    assert sum(found.kills.values()) == KILLS
    assert found.back_on_desk == len(kills.ACTS)
    assert found.accepted > 0
