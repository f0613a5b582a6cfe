"""A Word document as PDF, by a LibreOffice that works in a process of its own and stays.

Started when first needed, it ends with whoever started it. It is given one document at a time, for a
bounded time; what hangs is ended, and the next document finds a new one. Nothing is waited for here
that the law's path needs: an act writes its .docx and asks for no PDF.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from flows.printing import pdf_same
from flows.printing.libreoffice_apart import LIBRARIES
from models.errors import DisclosureError

STARTING: Final = 120
"""Seconds within which it is at work: it makes its profile first."""
MAKING: Final = 60
"""Seconds for one document."""
NONE_HERE: Final = "本机没有 LibreOffice，做不出 PDF；请下载 .docx，用 Word 或者 WPS 打印"
_PROGRAM: Final = "flows.printing.libreoffice_apart"
_OFFICES: Final = ("soffice", "libreoffice")
_FOLDERS: Final = ("/usr/lib/libreoffice/program", "/usr/lib64/libreoffice/program")
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "XDG_DATA_HOME", "PYTHONPATH", "TMPDIR")


class NoPdf(DisclosureError):
    """A document could not be made into a PDF here; its .docx is as good as before."""


class NoLibreOffice(NoPdf):
    """There is no LibreOffice on this machine."""

    def __init__(self) -> None:
        super().__init__(NONE_HERE)


class _Gone(Exception):
    """It ended by itself, before it was asked or while it worked."""


def pdf_of(docx: bytes, *, dated: date, archival: bool = False) -> bytes:
    """A Word document as PDF, made by the one LibreOffice of this process.

    dated = the day that the PDF names as its own; archival = PDF/A-2b
    Raises NoLibreOffice, NoPdf.
    """
    return _SHARED.pdf(docx, dated=dated, archival=archival)


class Printer:
    """The one LibreOffice of a process, for whichever thread asks; a new one where the last is gone."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._office: LibreOffice | None = None

    def pdf(self, docx: bytes, *, dated: date, archival: bool = False) -> bytes:
        """As `pdf_of`."""
        if not self._turn.acquire(timeout=STARTING):
            raise NoPdf("正在排版其他文书，请稍候再打开 PDF；急用的请下载 .docx")
        try:
            try:
                return self._made(docx, dated=dated, archival=archival)
            except _Gone:  # while nobody looked: memory was short, say
                return self._made(docx, dated=dated, archival=archival)
        except _Gone:
            raise NoPdf("LibreOffice 两次中途退出，没有做出 PDF；请下载 .docx") from None
        finally:
            self._turn.release()

    def end(self) -> None:
        """End it, once what it has in hand is done."""
        with self._turn:
            self._end()

    def _made(self, docx: bytes, *, dated: date, archival: bool) -> bytes:
        if self._office is None:
            self._office = LibreOffice()
        try:
            return self._office.pdf(docx, dated=dated, archival=archival)
        except _Gone:
            self._end()
            raise
        except NoPdf:
            if not self._office.alive:
                self._end()
            raise

    def _end(self) -> None:
        if self._office is not None:
            self._office.end()
        self._office = None


class LibreOffice:
    """One LibreOffice at work, for one caller: the same documents in the same order give the same bytes.

    Raises NoLibreOffice, NoPdf where it does not start.
    """

    def __init__(self) -> None:
        from flows.printing.fonts import fontconfig  # Word: who only asks for NoPdf does not wait

        found = program()
        self._scratch = Path(tempfile.mkdtemp(prefix="disclosure-pdf-"))
        (self._scratch / "fonts.conf").write_text(fontconfig(), "utf-8")
        self._process = self._started(found)
        try:
            self._answer(STARTING)
        except (_Gone, NoPdf):
            self.end()
            raise NoPdf("LibreOffice 没有启动，做不出 PDF；请下载 .docx，并告知管理员") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def alive(self) -> bool:
        """Whether it is still at work."""
        return self._process.poll() is None

    def pdf(self, docx: bytes, *, dated: date, archival: bool = False) -> bytes:
        """A Word document as PDF. Raises NoPdf."""
        asked = json.dumps({"size": len(docx), "archival": archival}).encode("ascii")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(asked + b"\n" + docx)
            self._process.stdin.flush()
        except OSError:
            raise _Gone from None
        return pdf_same.dated(self._answer(MAKING), sha256(docx).hexdigest()[:32], dated)

    def end(self) -> None:
        """End it, and take away what it wrote."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what it never read
                pipe.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _started(self, found: Path) -> subprocess.Popen[bytes]:
        """The process, which is told nothing of this office: no key and no secret."""
        known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", _PROGRAM, str(found), str(self._scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=known
            | {
                "TZ": "UTC",
                "SAL_USE_VCLPLUGIN": "svp",
                "FONTCONFIG_FILE": str(self._scratch / "fonts.conf"),
            },
            start_new_session=True,
        )

    def _answer(self, seconds: float) -> bytes:
        """What it says next; ended where it says nothing for so long."""
        assert self._process.stdout is not None
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            self._process.kill()

        timer = threading.Timer(seconds, give_up)
        timer.start()
        try:
            head = self._process.stdout.readline()
            said = json.loads(head) if head.endswith(b"\n") else {}
            content = self._process.stdout.read(said.get("size", 0))
        finally:
            timer.cancel()
        if said and "fault" not in said and len(content) == said["size"]:
            return content
        if hung.is_set():
            self._process.wait()
            words = (
                f"LibreOffice 在{seconds:.0f}秒内没有做出 PDF，已经结束，下次重新启动；请下载 .docx"
            )
            raise NoPdf(words)
        if "fault" in said:
            raise NoPdf("LibreOffice 打不开这份文书，没有做出 PDF；请下载 .docx")
        raise _Gone


def is_here() -> bool:
    """Whether there is a LibreOffice to make PDFs with."""
    try:
        program()
    except NoLibreOffice:
        return False
    return True


def program() -> Path:
    """The folder of LibreOffice's library. Raises NoLibreOffice."""
    found = [Path(at).resolve().parent for name in _OFFICES if (at := shutil.which(name))]
    for folder in (*found, *map(Path, _FOLDERS if found else ())):
        if any((folder / name).is_file() for name in LIBRARIES):
            return folder
    raise NoLibreOffice


_SHARED: Final = Printer()
atexit.register(_SHARED.end)
