"""A material's content as it lies in the store: sealed in pieces, so that 200 MB pass through little memory.

Each content has a key of its own (AES-256-GCM); that key, the content's digest and its size stand at
the front, sealed with the office's key (models/store/sealing.py). So a change of the office's key seals
the front anew and nothing else, and content in another's place does not open. Each piece is sealed
with its number and whether it is the last: none can be left out, exchanged or cut off (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár).
"""

from __future__ import annotations

import io
import secrets
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import DisclosureError, WrongKey
from models.store.sealing import Sealing

MAGIC: Final = b"DISCMAT1"
PURPOSE: Final = "material:"
PIECE: Final = 256 * 1024  # bytes of content sealed together
TAG: Final = 16
_FRONT: Final = struct.Struct(">32s32sQ")  # key, digest, size
_LENGTH: Final = struct.Struct(">H")
_LONGEST_FRONT: Final = 1000

ReadAt = Callable[[int, int], bytes]
"""Reads sealed bytes: from where, how many; fewer at the end."""


class DamagedContent(DisclosureError):
    """What lies in the store is not what was put there."""

    def __init__(self, digest: str, problem: str) -> None:
        self.digest, self.problem = digest, problem
        super().__init__(f"材料的内容（摘要 {digest[:16]}……）{problem}")


def _nonce(piece: int, *, last: bool) -> bytes:
    return piece.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


@dataclass(frozen=True)
class Front:
    """What stands at the front: the content's own key, its SHA-256, its size; length = of the front."""

    key: bytes
    digest: str
    size: int
    length: int = 0

    def sealed(self, sealing: Sealing) -> bytes:
        """As it is written: always of the same length."""
        packed = b64encode(_FRONT.pack(self.key, bytes.fromhex(self.digest), self.size))
        token = sealing.for_purpose(PURPOSE).seal(packed.decode("ascii")).encode("ascii")
        return MAGIC + _LENGTH.pack(len(token)) + token


def front_of(read_at: ReadAt, digest: str, sealing: Sealing) -> Front:
    """The front of a content; DamagedContent, WrongKey."""
    head = read_at(0, len(MAGIC) + _LENGTH.size)
    if len(head) != len(MAGIC) + _LENGTH.size or not head.startswith(MAGIC):
        raise DamagedContent(digest, "不是本系统存放的，或者已损坏")
    (length,) = _LENGTH.unpack(head[len(MAGIC) :])
    token = read_at(len(head), min(length, _LONGEST_FRONT))
    if len(token) != length:
        raise DamagedContent(digest, "已损坏")
    try:
        opened = sealing.for_purpose(PURPOSE).open(token.decode("ascii"))
        key, said, size = _FRONT.unpack(b64decode(opened, validate=True))
    except (UnicodeDecodeError, ValueError, struct.error):
        raise DamagedContent(digest, "已损坏") from None
    if said.hex() != digest:
        raise DamagedContent(digest, "换成了另一份内容")
    return Front(key, said.hex(), size, len(head) + length)


class Sealer:
    """Takes content in as it comes, and writes it sealed into a file that can be sought in."""

    def __init__(self, out: BinaryIO, sealing: Sealing) -> None:
        self._out, self._sealing = out, sealing
        self._key = secrets.token_bytes(32)
        self._cipher = AESGCM(self._key)
        self._held, self._pieces, self.size = bytearray(), 0, 0
        self._digest = sha256()
        out.write(bytes(len(Front(self._key, "0" * 64, 0).sealed(sealing))))

    def write(self, content: bytes) -> None:
        """Take in some more."""
        self._digest.update(content)
        self.size += len(content)
        self._held += content
        while len(self._held) > PIECE:
            self._seal(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]

    def finish(self) -> str:
        """Write what is left, and the front; the digest of all of it."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()
        digest = self._digest.hexdigest()
        self._out.seek(0)
        self._out.write(Front(self._key, digest, self.size).sealed(self._sealing))
        return digest

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._pieces, last=last), piece, MAGIC))
        self._pieces += 1


class Content(io.RawIOBase):
    """A content opened: read from any place, a piece at a time in memory. DamagedContent, WrongKey."""

    def __init__(self, read_at: ReadAt, digest: str, sealing: Sealing) -> None:
        self.front = front_of(read_at, digest, sealing)
        self._read_at, self._cipher = read_at, AESGCM(self.front.key)
        self._last = max(self.front.size - 1, 0) // PIECE
        self._place, self._piece, self._opened = 0, -1, b""

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.front.size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise OSError(22, "negative seek")
        self._place = start + offset
        return self._place

    def readinto(self, into: object) -> int:
        view = memoryview(into)  # type: ignore[arg-type]
        if self._place >= self.size:
            return 0
        piece, within = divmod(self._place, PIECE)
        if piece != self._piece:
            self._opened, self._piece = self._open(piece), piece
        part = self._opened[within : within + len(view)]
        view[: len(part)] = part
        self._place += len(part)
        return len(part)

    def _open(self, piece: int) -> bytes:
        sealed = self._read_at(self.front.length + piece * (PIECE + TAG), PIECE + TAG)
        try:
            return self._cipher.decrypt(_nonce(piece, last=piece == self._last), sealed, MAGIC)
        except (InvalidTag, ValueError):
            raise DamagedContent(self.front.digest, "已损坏") from None


def whole(content: Content) -> None:
    """Read a content to its end; DamagedContent where it is not what its digest says."""
    digest, size = sha256(), 0
    content.seek(0)
    while part := content.read(PIECE):
        digest.update(part)
        size += len(part)
    if digest.hexdigest() != content.front.digest or size != content.front.size:
        raise DamagedContent(content.front.digest, "与摘要不符")


__all__ = ["Content", "DamagedContent", "Front", "Sealer", "WrongKey", "front_of", "whole"]
