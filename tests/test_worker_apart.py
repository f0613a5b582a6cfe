"""Each stretch in a process of its own (DISCLOSURE_WORKER=process): of our flows alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType

from flows.commands.robot_officer import Officer
from flows.prefect_side.our_flows import OUR_FLOWS
from tests.desks import empty_office
from tests.test_attacks import ADVICE, CLERK, FORM, changed, enquiries, evil

__all__ = ["evil"]  # a fixture


def test_a_worker_apart_runs_ours_alone(
    evil: Callable[[], bool],
    prefect_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISCLOSURE_WORKER", "process")
    with (
        empty_office(tmp_path),
        changed(FORM, entrypoint="evil_module.main", infra_overrides='{"command": "touch x"}'),
        Officer(CLERK) as clerk,
    ):
        assert clerk.start(FORM, ADVICE).state_type is StateType.COMPLETED
        assert enquiries() == 1
        assert not evil()
    assert FORM in OUR_FLOWS
