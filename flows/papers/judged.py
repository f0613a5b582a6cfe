"""What is a file? By its content, whatever its name says; and what is packed is not too much unpacked."""

from __future__ import annotations

import re
import struct
import unicodedata
from pathlib import PurePosixPath
from typing import Final
from zipfile import ZipFile

from flows.papers.sealed_content import Content
from flows.reading.packed import SPOILT
from models.agency.material_rules import MEGABYTE, MaterialRules
from models.case.act import UNPRINTABLE
from models.errors import DisclosureError

HEAD: Final = 4096
"""So much of the beginning tells most types."""
_PACKED: Final = b"PK\x03\x04"
_BEGINS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
    (b"\xff\xf3", "mp3"),
    (b"\xff\xf2", "mp3"),
)
_RIFF: Final = {b"WEBP": "webp", b"WAVE": "wav"}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKED: Final = re.compile(r"^\s*<|<\s*(?:html|svg|script|body|iframe|!doctype)\b", re.IGNORECASE)
_OFFICE: Final = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_END: Final = b"PK\x05\x06"
_END_RECORD: Final = struct.Struct("<4s4H2LH")
_LARGEST_DIRECTORY: Final = 16 * MEGABYTE
UNNAMED: Final = "未命名"
_BLANKS: Final = re.compile(r"\s+")
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,5}$")


class NotTaken(DisclosureError):
    """A file is not taken among the materials; name = as it is shown, why in a sentence."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"“{name}”没有存入：{why}")


def type_of_head(head: bytes) -> str:
    """The type that the beginning tells; "zip" for whatever is packed, "" for what it does not tell."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    for mark, key in _BEGINS:
        if head.startswith(mark):
            return key
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "mp4"
    if head.startswith(b"BM") and len(head) > 18 and head[6:10] == bytes(4):
        return "bmp"
    if head.startswith(_PACKED):
        return "zip"
    words = _text(head)
    if words is None:
        return ""
    return "markup" if _MARKED.search(words) else "text"


def _text(head: bytes) -> str | None:
    """The beginning as text, in whichever of the usual encodings; None if it is none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        words = head[: len(head) // 2 * 2].decode("utf-16", "replace")
        return None if _CONTROL.search(words) or "\ufffd" in words[:-1] else words
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # a character may be cut off at the end
            try:
                words = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if _CONTROL.search(words) else words
    return None


def type_of(name: str, content: Content, rules: MaterialRules) -> str:
    """The type of a whole content; NotTaken for one that is not taken, or too much unpacked."""
    content.seek(0)
    key = type_of_head(_exactly(content, HEAD))
    if key == "zip":
        key = _packed(name, content, rules)
    if key not in rules.types:
        taken = "、".join(one.label for one in rules.type)
        raise NotTaken(name, f"不是可以存放的文件格式（可以存放：{taken}）")
    if content.size > rules.largest(key):
        most = rules.largest(key) // MEGABYTE
        raise NotTaken(name, f"{rules.types[key].label}最大 {most} MB")
    return key


def _exactly(content: Content, length: int) -> bytes:
    found = b""
    while len(found) < length and (more := content.read(length - len(found))):
        found += more
    return found


def _packed(name: str, content: Content, rules: MaterialRules) -> str:
    """Which packed type it is; NotTaken where it is damaged, or would fill memory and disk."""
    too_much = NotTaken(name, "压缩包里的文件过多，没有展开")
    _guard_directory(name, content, rules, too_much)
    content.seek(0)
    try:
        with ZipFile(content) as packed:
            parts = packed.infolist()
    except SPOILT:
        raise NotTaken(name, "压缩文件已损坏") from None
    if len(parts) > rules.most_parts:
        raise too_much
    unpacked = sum(part.file_size for part in parts)
    small = unpacked <= rules.unpacked_small_mb * MEGABYTE
    if unpacked > rules.unpacked_mb * MEGABYTE:
        raise NotTaken(name, f"展开以后超过 {rules.unpacked_mb} MB")
    if not small and unpacked > content.size * rules.most_times:
        raise NotTaken(name, f"展开以后超过原来的{rules.most_times}倍（疑为压缩炸弹）")
    names = [part.filename for part in parts]
    if "OFD.xml" in names:
        return "ofd"
    if "[Content_Types].xml" in names:
        for folder, key in _OFFICE.items():
            if any(one.startswith(folder) for one in names):
                return key
    return "zip"


def _guard_directory(name: str, content: Content, rules: MaterialRules, too_much: NotTaken) -> None:
    """Turn away a directory of millions of files before it is read."""
    content.seek(max(0, content.size - 65_557))
    tail = _exactly(content, 65_557)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_RECORD.size:
        raise NotTaken(name, "压缩文件已损坏")
    _, _, _, _, parts, length, _, _ = _END_RECORD.unpack_from(tail, at)
    if parts > rules.most_parts or length > _LARGEST_DIRECTORY:
        raise too_much


def title_of(name: str, longest: int) -> str:
    """What a material is called that came under a file's name: no folders, no characters that turn
    the text round or are not seen, no ending.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = UNPRINTABLE.sub("", unicodedata.normalize("NFC", last))
    stem = _ENDING.sub("", _BLANKS.sub(" ", plain).strip())
    return (stem.strip(" .") or UNNAMED)[:longest]
