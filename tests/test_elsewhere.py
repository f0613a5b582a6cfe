"""What a page of another program can do in an officer's browser (headless Chromium): nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium

LOG = Path(os.environ["PREFECT_HOME"]) / "server.log"  # of the session's server


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A browser that has never been here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(accept_downloads=True).new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def test_a_page_elsewhere_cannot_use_the_officers_browser(prefect_server: str, page: Page) -> None:
    """Without a login, on loopback: a body without Content-Type needs no leave of CORS."""
    write = """async ([address, name]) => {
        const body = new Blob([JSON.stringify({name, value: 1})]);
        try {
            await fetch(address + '/api/variables/', {method: 'POST', mode: 'no-cors', body});
        } catch (refused) {}
    }"""

    def asked_for() -> int:  # what a person may not ask is said
        return LOG.read_text("utf-8").count("请求 POST /api/variables/")

    before = asked_for()
    with _elsewhere() as evil:
        page.goto(evil)
        page.evaluate(write, [prefect_server, "from_elsewhere"])
        frame = f"document.body.innerHTML = '<iframe src=\"{prefect_server}/\"></iframe>'"
        with page.expect_event("framenavigated", lambda one: one.parent_frame) as framed:
            page.evaluate(frame)
        assert framed.value.url == "chrome-error://chromewebdata/"
    assert asked_for() == before, "the doors, which come first, did not let it in"
    page.goto(f"{prefect_server}/api/health")
    page.evaluate(write, [prefect_server, "from_here"])
    assert asked_for() == before + 1


class _elsewhere:  # noqa: N801
    """A page of another program on this machine."""

    class Blank(BaseHTTPRequestHandler):
        """An empty page."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><body></body></html>")

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    def __enter__(self) -> str:
        self.served = ThreadingHTTPServer(("127.0.0.1", 0), self.Blank)
        threading.Thread(target=self.served.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.served.server_port}/"

    def __exit__(self, *_: Any) -> None:
        self.served.shutdown()
