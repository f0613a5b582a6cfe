"""`disclosure worker`: one more worker for an office at work, here or on another machine.

Which run which worker has in hand, the register's PostgreSQL knows (flows/prefect_side/in_hand.py): any
number of them may be started and killed at any time. The year's report, the morning and the alerts stay
with the office's own worker, for they write files there, or send.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

import httpx

from flows import office
from flows.installation import office_secret, settings
from flows.prefect_side.our_flows import AT_HOME, OUR_FLOWS
from flows.server import clocks, serve, server_process, watch
from flows.server.garbage import collected_apart
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
AGAIN_SECONDS: Final = 1.0
OURS: Final[Mapping[str, str]] = {
    name: where for name, where in OUR_FLOWS.items() if name not in AT_HOME
}
"""What such a worker runs."""


class CannotShare(DisclosureError):
    """Something that several workers need is not there."""


class NotThisOffice(DisclosureError):
    """The server does not know the secret: it is another office's, or was started without."""

    def __init__(self, server: str) -> None:
        self.server = server
        super().__init__(
            f"{server} 不认 {settings.OFFICE_SECRET.name}：办理系统须以同样的密语启动，再启动执行程序"
        )


def work() -> int:
    """Work until Ctrl-C, or until told to stop; waits for an office that is not up."""
    serve.end_when_told()
    server, secret = server_address(), guarded()
    office.check_config()
    os.environ |= environment(server, secret)
    name = f"disclosure-{socket.gethostname()}-{os.getpid()}"
    with contextlib.suppress(KeyboardInterrupt), collected_apart():
        until_known(server, secret)
        parts = (
            watch.Part("执行程序", partial(serve.working, ours=OURS, beside=name)),
            watch.Part("清单更新", serve.renewing_lists),
            watch.Part("查询索引", serve.reading_index),
        )
        with watch.at_work(parts) as at_work:
            print(f"执行程序已就绪，为 {server} 办理。按 Ctrl-C 停止。", flush=True)
            checks = (*(part.see_to for part in at_work), clocks.see_to)
            watch.mind(checks, serve.MIND_SECONDS)
    print("已停止。", flush=True)
    return 0


def guarded() -> str:
    """The secret, once everything is there that several workers need; CannotShare, ClocksDiffer
    otherwise.
    """
    if office.database().get_backend_name() != "postgresql":
        raise CannotShare(
            "登记簿在 SQLite 上的，一个 disclosure serve 就够了；要几个执行程序、几台服务器的，先把登记簿"
            f"放到 PostgreSQL（{settings.DATABASE.name}）"
        )
    secret = office_secret.agreed()
    if not secret:
        raise CannotShare(
            f"请设 {settings.OFFICE_SECRET.name}：办理系统的各部分以同一密语启动，才能互认"
        )
    office.guard_seals()
    office.guard_clock()
    clocks.guard()
    return secret


def server_address() -> str:
    """The office's address, without the slash at its end."""
    told = settings.SERVER.value()
    if not told:
        return f"http://{office.entrance().reached_at}:{office.port()}"
    url = httpx.URL(told)
    if url.scheme not in ("http", "https") or not url.host:
        raise settings.BadSetting(settings.SERVER.name, told, "应为地址，如 http://10.0.0.5:4200")
    return told.rstrip("/")


def environment(server: str, secret: str) -> dict[str, str]:
    """As the office's own worker has it, of a server that may be elsewhere."""
    found = server_process.environment(office.home() / "prefect", office.port(), secret=secret)
    return found | {"PREFECT_API_URL": f"{server}/api"}


def until_known(server: str, secret: str) -> None:
    """Wait until the office is up; NotThisOffice where it does not know us."""
    bearing = {"Authorization": office_secret.header(secret)}
    told = False
    with httpx.Client(headers=bearing, timeout=10) as client:  # certificates are read once
        while True:
            try:
                said = client.get(f"{server}/api/admin/version")
            except httpx.TransportError:
                said = None
            if said is not None and said.status_code == HTTPStatus.OK:
                return
            if said is not None and said.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise NotThisOffice(server)
            if not told:
                print(f"等待 {server} 的办理系统启动……", flush=True)
                told = True
            time.sleep(AGAIN_SECONDS)
