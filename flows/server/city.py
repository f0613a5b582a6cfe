"""`disclosure server`, `disclosure scheduler`: what `disclosure serve` does in one, each by itself on the
machines of a city; its workers are `disclosure worker` (worker_beside.py).

Any number of servers, behind a proxy that asks each for /api/health: what they share is the register's
PostgreSQL, with Prefect's tables in it, Redis for what Prefect's servers tell each other, and the office's
secret, under which a visit and a form of one are good at every other. What is done once in an office (the
morning, the alerts, the year's report, the minute's checks) is the scheduler's: who holds the lease is at
work, and every other waits to take over.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flows import office
from flows.installation import locks, opening, prefect_messaging, register_lease, settings
from flows.server import clocks, guarded_entrance, serve, watch, worker_beside
from flows.server.garbage import collected_apart
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
LOCK: Final = "server.lock"
AGAIN_SECONDS: Final = 5.0


class ServerRuns(DisclosureError):
    """A server works with this home already."""

    def __init__(self, holders: list[str]) -> None:
        self.holders = holders
        who = "、".join(holders) or "进程号无从得知"
        super().__init__(
            f"{office.home()} 的服务器已经在运行（进程 {who}）：同一台机器再起一台的，另设 "
            f"{settings.HOME.name}、{settings.PORT.name}"
        )


def server() -> int:
    """Be one of the office's servers until Ctrl-C, or until told to stop."""
    serve.end_when_told()
    secret = worker_beside.guarded()
    if not prefect_messaging.are_several():
        raise worker_beside.CannotShare(
            f"请设 {settings.REDIS.name}：几台服务器之间由 Redis 互传消息；只要一台的，用 disclosure serve"
        )
    from flows.installation.redis_claim import Claim  # what speaks to Redis takes its time to load

    print("正在启动服务器……", flush=True)
    office.check_config()
    serve.check_sheets()
    serve.check_store()
    home, port = office.home(), office.port()
    with collected_apart(), locks.only(home / LOCK, ServerRuns):
        guarded_entrance.guard()
        one_redis = Claim(secret)
        one_redis.wait()
        with serve.kept_server(home / "prefect", port, serve.tell_waiting) as kept:
            print(f"服务器已就绪：{kept.address}", flush=True)
            for line in serve.bucket():
                print(line, flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                checks = (kept.see_to, clocks.see_to, one_redis.see_to)
                watch.mind(checks, serve.MIND_SECONDS)
    print("已停止。", flush=True)
    return 0


def scheduler() -> int:
    """Do what is done once in an office, as soon as nobody else does, until Ctrl-C."""
    serve.end_when_told()
    address, secret = worker_beside.server_address(), worker_beside.guarded()
    office.check_config()
    serve.check_store()
    os.environ |= worker_beside.environment(address, secret)
    with contextlib.suppress(KeyboardInterrupt), collected_apart(), _on_duty() as leases:
        worker_beside.until_known(address, secret)
        with (
            serve.at_work() as parts,
            watch.at_work([watch.Part("定时器", serve.clock)]) as timed,
        ):
            print(f"定时程序已就绪，为 {address} 值班。按 Ctrl-C 停止。", flush=True)
            ours: tuple[watch.SeenTo, ...] = (*leases, *parts, *timed)
            seen_to = [one.see_to for one in ours]
            checks = (*seen_to, clocks.see_to, *serve.checks_of_office())
            watch.mind(checks, serve.MIND_SECONDS)
    print("已停止。", flush=True)
    return 0


@contextmanager
def _on_duty() -> Iterator[tuple[register_lease.Lease, ...]]:
    """The lease of the office, waited for as long as another has it."""
    where, told = office.database(), False
    with contextlib.ExitStack() as stack:
        while True:
            held = register_lease.held(where, opening.file_of(where), office.home())
            try:
                leases = stack.enter_context(held)
            except register_lease.OfficeElsewhere as other:
                if not told:
                    print(f"已有一处在值班（{'、'.join(other.holders)}），等待接替……", flush=True)
                told = True
                time.sleep(AGAIN_SECONDS)
            except opening.NoDatabase as away:
                LOG.warning("%s；稍后再试", away)
                time.sleep(AGAIN_SECONDS)
            else:
                break
        yield leases
