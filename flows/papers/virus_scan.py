"""Is there a virus in it? Asked of ClamAV over its socket (INSTREAM), where the office has one."""

from __future__ import annotations

import socket
import struct
from typing import Final

from flows.installation import settings
from flows.papers.judged import NotTaken
from flows.papers.sealed_content import Content
from models.words.disk_words import why

SECONDS: Final = 120
PIECE: Final = 128 * 1024
_LENGTH: Final = struct.Struct(">I")
AWAY: Final = "病毒扫描程序没有回答（{why}），暂不存入；请稍候再存，或者告知管理员"


def guard(name: str, content: Content) -> None:
    """NotTaken for a virus, and where the scanner that the office has does not answer."""
    where = settings.CLAMAV.value()
    if not where:
        return
    try:
        said = _asked(where, content)
    except OSError as fault:
        raise NotTaken(name, AWAY.format(why=why(fault))) from None
    if said.endswith(" FOUND"):
        found = said.removeprefix("stream: ").removesuffix(" FOUND")
        raise NotTaken(name, f"查出病毒（{found}）")
    if not said.endswith(" OK"):
        raise NotTaken(name, AWAY.format(why=said or "没有结果"))


def _asked(where: str, content: Content) -> str:
    with _connected(where) as there:
        there.sendall(b"zINSTREAM\0")
        content.seek(0)
        try:
            while piece := content.read(PIECE):
                there.sendall(_LENGTH.pack(len(piece)) + piece)
            there.sendall(_LENGTH.pack(0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has said already why it listens no more
        said = b""
        while b"\0" not in said and (more := there.recv(4096)):
            said += more
    return said.split(b"\0")[0].decode("utf-8", "replace").strip()


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        there = socket.socket(socket.AF_UNIX)
        there.settimeout(SECONDS)
        try:
            there.connect(where)
        except OSError:
            there.close()
            raise
        return there
    host, _, port = where.rpartition(":")
    if not port.isdecimal():
        raise OSError(22, f"{settings.CLAMAV.name} 应为套接字的路径，或者 主机:端口")
    return socket.create_connection((host.strip("[]"), int(port)), SECONDS)
