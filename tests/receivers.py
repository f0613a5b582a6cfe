"""A real mail server and a real HTTP receiver on loopback, and what they were sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port


@dataclass
class Mailbox:
    """What a mail server took; `answer` = what it says to a recipient (250 = takes it), and to those
    who are `unknown` that they are.
    """

    port: int
    unknown: tuple[str, ...] = ()
    answer: str = "250 OK"
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 no such user"
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailbox]:
    """An SMTP server on a free port; options as aiosmtpd's `SMTP` takes them."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def dripping(beginning: bytes) -> Iterator[int]:
    """The port of a service that says a byte ten times a second, and never comes to an end."""
    stopping = threading.Event()

    class Drip(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                for byte in beginning + b"x" * 1000:
                    self.request.sendall(bytes([byte]))
                    if stopping.wait(0.1):
                        return

    with ThreadingTCPServer(("127.0.0.1", 0), Drip) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield int(running.server_address[1])
        finally:
            stopping.set()
            running.shutdown()
            thread.join()


@dataclass
class Receiver:
    """What an HTTP service was sent; it answers `status` and `body`, after `silence` seconds."""

    url: str
    status: int = 200
    body: Any = field(default_factory=dict)
    silence: float = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def receiver(**answers: Any) -> Iterator[Receiver]:
    """An HTTP service on a free port."""
    port = free_port()
    kept = Receiver(f"http://127.0.0.1:{port}/hook?key=geheim", **answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            kept.got.append(json.loads(content))
            kept.paths.append(self.path)
            time.sleep(kept.silence)
            said = kept.body if isinstance(kept.body, str) else json.dumps(kept.body)
            self.send_response(kept.status)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield kept
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
