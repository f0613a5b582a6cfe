"""The session's Prefect server, following the test at hand: its register, its day, its clock.

The server is one process for the whole session, and each test has an office of its own, set up by
environment variables of the test's process. What the server's forms are made from, it asks of that
process at each request for one.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import urlopen

from anyio.to_thread import run_sync
from starlette.types import Receive, Scope, Send

FOLLOWED = "TESTS_FOLLOWED"
OURS = "DISCLOSURE_"
WHERE = ("DISCLOSURE_HOME", "DISCLOSURE_DATABASE_URL", "DISCLOSURE_KEY")
MATTERS = ("/input/", "/resume", "/create_flow_run", "/schemas/validate", "/api/deployments/")


class _Settings(BaseHTTPRequestHandler):
    """Tells the settings of this process, and what time it is here."""

    def do_GET(self) -> None:
        from flows import office

        ours = {name: value for name, value in os.environ.items() if name.startswith(OURS)}
        told = json.dumps({"settings": ours, "now": office.now().isoformat()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_told: Any) -> None:
        """Keep quiet."""


@contextmanager
def followed() -> Iterator[str]:
    """The address where this process tells its settings while the block lasts."""
    telling = ThreadingHTTPServer(("127.0.0.1", 0), _Settings)
    threading.Thread(target=telling.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{telling.server_port}"
    finally:
        telling.shutdown()
        telling.server_close()


def follow(address: str) -> None:
    """Take over the settings told there."""
    from flows import office

    with urlopen(address, timeout=60) as answer:
        told = json.load(answer)
    if any(os.environ.get(name) != told["settings"].get(name) for name in WHERE):
        office.close()
    for name in [name for name in os.environ if name.startswith(OURS)]:
        if name not in told["settings"]:
            del os.environ[name]
    os.environ.update(told["settings"])
    away = datetime.fromisoformat(told["now"]) - datetime.now(UTC)
    office.now = lambda: datetime.now(UTC) + away


def following_app() -> Any:
    """The server's application, each form made from what the test at hand has set up."""
    app, address = CREATE(), os.environ[FOLLOWED]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(part in scope["path"] for part in MATTERS):
            await run_sync(follow, address)
        await app(scope, receive, send)

    return answer


if __name__ == "__main__":
    from flows.server import server_process

    CREATE = server_process.create_app
    server_process.create_app = following_app
    server_process._serve(int(sys.argv[1]))
