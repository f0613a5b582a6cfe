"""A worker that runs each stretch in a Python of its own (DISCLOSURE_WORKER=process).

Slower by some seconds a form, and what one stretch does to its process no other sees. Which flow is
run, that process looks up in our own list; it is told the run, and nothing of what Prefect keeps of
the deployment. `python -m flows.prefect_side.worker_apart RUN` is that process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from typing_extensions import override

from flows.installation import starter
from flows.installation.prefect_client import connected
from flows.prefect_side import our_flows, worker
from flows.prefect_side.worker import DeskWorker
from models.errors import DisclosureError

LOST = 75  # how it ends when server or register was away: as `sysexits.h` has it, try again later


class StretchBroke(DisclosureError):
    """The process of a stretch ended otherwise than by coming to its next form, or its end."""

    def __init__(self, code: int, said: str) -> None:
        self.code = code
        super().__init__(said or f"办理进程意外结束（退出码 {code}）")


class WorkerApart(DeskWorker):
    """Runs each stretch in a process of its own."""

    type = "disclosure-process"
    lost = "没有办完"

    @override
    def _connected(self, flow: Flow[..., Any], flow_run: FlowRun) -> BaseException | None:
        command = [sys.executable, "-m", __name__, str(flow_run.id)]
        apart = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with apart:
            assert apart.stderr is not None
            said = apart.stderr.read()
        if apart.returncode == 0:
            return None
        return StretchBroke(apart.returncode, said.strip().rpartition("\n")[2])


def run(which: UUID) -> int:
    """Run one stretch of a run; LOST if server or register was away meanwhile."""
    threading.Thread(target=_follow_to_the_end, daemon=True).start()
    with connected() as client:
        flow_run = client.read_flow_run(which)
        assert flow_run.deployment_id is not None
        named = client.read_deployment(flow_run.deployment_id).name
    lost = worker._stretch(our_flows.flow(named), flow_run)
    if lost is None:
        return 0
    sys.stderr.write(f"{worker.told_in_brief(lost)}\n")
    return LOST


def _follow_to_the_end() -> None:
    """A killed worker closes our stdin: stop, for what is not yet recorded begins anew with it."""
    starter.until_gone()
    os._exit(LOST)


if __name__ == "__main__":
    sys.exit(run(UUID(sys.argv[1])))
