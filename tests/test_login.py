"""A real server behind its login, over HTTP, websockets, and in a browser (headless Chromium)."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from playwright.sync_api import Page, expect, sync_playwright

from flows import office
from flows.installation import office_secret
from flows.installation.front_door import Entrance
from flows.path import intake, recording
from flows.prefect_side.routes import SOCKET, routes
from flows.server import server_process
from flows.shown.dossier import dossier
from flows.shown.pages import applicant_url, draft_url, letter_url
from tests.databases import empty_register

LOGIN = "office:correct-horse-battery"
CONTACT = "暗记13800000000"
LOG = Path(os.environ["PREFECT_HOME"]) / "server.log"  # of the session's server
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@dataclass(frozen=True)
class Opened:
    """A server that asks for the login, and a case with a letter and a draft."""

    address: str
    number: str
    letter: str
    home: Path


@pytest.fixture(scope="module")
def opened(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A second server, on a copy of the session's database: its migrations are done."""
    home, port = tmp_path_factory.mktemp("behind"), server_process.free_port()
    prefect, entrance = home / "desk", Entrance(login=LOGIN)
    prefect.mkdir()
    with (
        closing(sqlite3.connect(Path(os.environ["PREFECT_HOME"]) / "prefect.db")) as old,
        closing(sqlite3.connect(prefect / "prefect.db")) as new,
    ):
        old.backup(new)
    with pytest.MonkeyPatch.context() as environment, empty_register(home, environment):
        number, letter = _case()
        for name, value in server_process.environment(prefect, port, entrance).items():
            environment.setenv(name, value)
        with server_process.running(prefect, port, entrance) as address:
            yield Opened(address, number, letter, home)


def _case() -> tuple[str, str]:
    number = intake.receive(
        channel="当面", kind="自然人", applicant="张三", request="甲", arrived_on=None,
        contact=CONTACT, officer="陈静",
    ).number  # fmt: skip
    draft = {"outcome": "not_existing", "search": "检索公文系统，未找到"}
    steps: tuple[tuple[str, dict[str, object]], ...] = (
        ("received", {"received_on": "2026-03-02"}),
        ("found_ours", {}),
        ("drafted_unable", dict(draft)),
    )
    for position, (kind, answer) in enumerate(steps, 1):
        assert not recording.perform(number, position, kind, answer, "陈静").refused
    return number, "沪知公开收〔2026〕1号"


def _basic() -> httpx.BasicAuth:
    return httpx.BasicAuth(*LOGIN.split(":", 1))


def test_no_route_of_the_api_answers_without_the_login(opened: Opened) -> None:
    with httpx.Client(base_url=opened.address, timeout=30) as stranger:
        asked = [
            (one.method, one.path.replace("{", "").replace("}", ""))
            for one in routes()
            if one.method != SOCKET and one.path.startswith("/api/")
        ]
        answered = {
            (method, path)
            for method, path in asked
            if stranger.request(method, path, json={}).status_code != 401
        }
    assert answered == {("GET", "/api/health"), ("GET", "/api/ready")}
    assert ("POST", "/api/flow_runs/id:uuid/resume") in asked


def test_our_pages_answer_to_the_login_alone(opened: Opened) -> None:
    pages = [
        letter_url(opened.number, opened.letter),
        draft_url(opened.number),
        applicant_url(opened.number),
    ]
    for path in pages:
        refused = httpx.get(opened.address + path)
        assert (refused.status_code, CONTACT in refused.text) == (401, False)
        assert refused.headers["www-authenticate"].startswith("Basic")
        assert httpx.get(opened.address + path, auth=_basic()).status_code == 200
    with httpx.Client(base_url=opened.address, auth=_basic()) as known:
        assert known.post("/api/flow_runs/filter", json={}).status_code == 200
    written = opened.home / "letters" / opened.number / f"{opened.letter}.docx"
    assert httpx.get(opened.address + pages[0], auth=_basic()).content == written.read_bytes()


def test_no_event_is_told_to_a_person(opened: Opened) -> None:
    address = opened.address.replace("http:", "ws:") + "/api/events/out"

    async def told(token: str | None, **how: Any) -> str:
        try:
            async with websockets.connect(address, subprotocols=["prefect"], **how) as socket:
                await socket.send(json.dumps({"type": "auth", "token": token}))
                return str(json.loads(await asyncio.wait_for(socket.recv(), 10))["type"])
        except (websockets.ConnectionClosed, websockets.InvalidStatus) as closed:
            return type(closed).__name__

    secret = os.environ[office_secret.SETTING]
    assert asyncio.run(told(secret)) == "auth_success"
    for token in (None, "", "office:wrong", LOGIN):
        assert asyncio.run(told(token)) != "auth_success"
    assert asyncio.run(told(secret, origin="http://evil.example")) == "InvalidStatus"


def test_the_login_stands_in_no_command_line_and_no_log(opened: Opened) -> None:
    running = [_read(path) for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert any(server_process.PROGRAM.encode() in line for line in running)
    assert not any(LOGIN.encode() in line for line in running)
    kept = [path for path in opened.home.rglob("*") if path.is_file()]
    assert any(path.name == "server.log" for path in kept)
    assert not [path.name for path in kept if LOGIN.encode() in path.read_bytes()]


def _read(path: Path) -> bytes:
    """A process's command line; nothing if it has just ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


# ── in the browser ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A browser that has never been here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(accept_downloads=True).new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def test_an_officer_logs_in_once_and_opens_letters_from_the_dossier(
    opened: Opened, page: Page
) -> None:
    with office.reading() as session:
        found = dossier(session, opened.number, office.circumstances(""))
    body = {"type": "markdown", "key": "case-login", "data": found.markdown()}
    office_itself = {"Authorization": office_secret.header(os.environ[office_secret.SETTING])}
    made = httpx.post(f"{opened.address}/api/artifacts/", json=body, headers=office_itself)
    made.raise_for_status()

    page.goto(opened.address)
    page.locator("input[type=password]").fill(LOGIN)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    assert "/v2" not in page.url  # the interface that can resume
    page.goto(f"{opened.address}/artifacts/artifact/{made.json()['id']}")
    for link, name in (
        (letter_url(opened.number, opened.letter), f"{opened.letter}.docx"),
        (draft_url(opened.number), f"{opened.number}（稿）.docx"),
    ):
        with page.expect_download() as download:
            page.locator(f"a[href='{link}']").click()
        assert download.value.suggested_filename == name
        assert Path(download.value.path()).read_bytes().startswith(b"PK")
    with page.context.expect_page() as tab:
        page.locator(f"a[href='{applicant_url(opened.number)}']").click()
    expect(tab.value.locator("body")).to_contain_text(CONTACT)


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
