"""LibreOffice itself, in a process of its own (LibreOfficeKit): documents in, PDFs out, until stdin ends.

A line of JSON and a .docx on stdin; a line of JSON and a PDF on stdout. It ends when whoever started it
is gone, in whatever it is, and leaves nothing on the disk.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

LIBRARIES: Final = ("libmergedlo.so", "libsofficeapp.so")
# The places of LibreOfficeKit.h's functions behind nSize: a published order that is only added to.
_LOAD, _ERROR = 4, 3
_SAVE, _DESTROY = 2, 1
_ARCHIVAL: Final = b'{"SelectPdfVersion":{"type":"long","value":"2"}}'
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


class _Office:
    """The library's one office, with a profile of its own: no macro runs, no link is followed."""

    def __init__(self, program: Path, scratch: Path) -> None:
        settings = scratch / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_PROFILE, "utf-8")
        found = next(path for name in LIBRARIES if (path := program / name).is_file())
        hook = ctypes.CDLL(str(found)).libreofficekit_hook_2
        hook.restype, hook.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
        self._kit = hook(bytes(program), (scratch / "profile").as_uri().encode())
        if not self._kit:
            raise RuntimeError("LibreOffice does not start")
        self._scratch = scratch

    def pdf(self, docx: bytes, *, archival: bool) -> bytes:
        """A document as PDF; b"" where it cannot be opened or written."""
        text, pointer = ctypes.c_char_p, ctypes.c_void_p
        source, made = self._scratch / "letter.docx", self._scratch / "letter.pdf"
        source.write_bytes(docx)
        try:
            load = _function(self._kit, _LOAD, pointer, pointer, text, text)
            document = load(self._kit, source.as_uri().encode(), b"Batch=true")
            if not document:
                return b""
            try:
                save = _function(document, _SAVE, ctypes.c_int, pointer, text, text, text)
                how = _ARCHIVAL if archival else None
                done = save(document, made.as_uri().encode(), b"pdf", how)
            finally:
                _function(document, _DESTROY, None, pointer)(document)
            return made.read_bytes() if done and made.is_file() else b""
        finally:
            source.unlink()
            made.unlink(missing_ok=True)


def _function(of: int, place: int, result: Any, *arguments: Any) -> Any:
    """A function of an object of the library, by its place in the object's table."""
    table = ctypes.cast(of, ctypes.POINTER(ctypes.c_void_p))[0]
    assert table is not None
    at = ctypes.cast(table, ctypes.POINTER(ctypes.c_void_p))[place]
    assert at is not None
    return ctypes.CFUNCTYPE(result, *arguments)(at)


def _asked(source: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each document, and whether it is to be kept for good."""
    while head := source.readline():
        said = json.loads(head)
        content = source.read(said["size"])
        if len(content) < said["size"]:
            return
        yield content, said["archival"]


def _follow_to_the_end(starter: int, scratch: Path) -> None:
    """Whoever started us may be killed while LibreOffice works, or hangs."""
    while os.getppid() == starter:
        time.sleep(1)
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(1)


def main() -> int:
    program, scratch = Path(sys.argv[1]), Path(sys.argv[2])
    os.umask(0o077)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what LibreOffice prints is no answer
    following = threading.Thread(
        target=_follow_to_the_end, args=(os.getppid(), scratch), daemon=True
    )
    following.start()
    office = _Office(program, scratch)

    def tell(**said: object) -> None:
        answers.write(json.dumps(said).encode("ascii") + b"\n")

    tell(size=0)
    answers.flush()
    for docx, archival in _asked(sys.stdin.buffer):
        made = office.pdf(docx, archival=archival)
        if made:
            tell(size=len(made))
            answers.write(made)
        else:
            tell(fault="unreadable")
        answers.flush()
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)  # the library's own end takes seconds, and has nothing left to keep


if __name__ == "__main__":
    sys.exit(main())
