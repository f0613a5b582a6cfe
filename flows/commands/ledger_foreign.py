"""A file that is no ledger as it stands, though it may hold one: what it is, and what to do about it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import Final
from zipfile import BadZipFile, ZipFile

OLD_BINARY: Final = b"\xd0\xcf\x11\xe0"
TO_SAVE_AS: Final = "请先另存为 XLSX 或 CSV"
OLD: Final = f"是 Excel 97—2003（.xls）或者 WPS（.et）的旧格式；{TO_SAVE_AS}"
PASSWORD: Final = "文件设有打开密码，无法读取；请在 Excel 或者 WPS 中取消密码后保存，再导入"
PICTURE: Final = "其实是图片；请用当时登记的 Excel、WPS 表格"
PACKED: Final = "是压缩文件，请先解压"
LOCKED: Final = "~$"
IN_HAND: Final = "是 Excel、WPS 打开台账时的临时文件，不是台账；请选文件名不以“~$”开头的"
_WEB: Final = (b"<html", b"<!doctype", b"<table", b"<meta", b"mime-version:", b"from: <saved by")
"""How a page begins, by itself or with its pictures (单个文件网页)."""
_BEGINNINGS: Final[Mapping[bytes, str]] = {
    b"%PDF": "其实是 PDF；请用当时登记的 Excel、WPS 表格",
    b"Rar!": PACKED,
    b"7z\xbc\xaf": PACKED,
    b"\xff\xd8\xff": PICTURE,
    b"\x89PNG": PICTURE,
    b"\x09\x08": OLD,
    b"\x09\x04": OLD,
    b"\x09\x02": OLD,
    b"<?xml": f"是 XML 表格，不是工作簿；{TO_SAVE_AS}",
}
"""How files begin that are no ledger; of an .xls before Excel 97, too."""
_STRICT: Final = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_WORKBOOK: Final = "xl/workbook.xml"
_BEGIN: Final = 1 << 16
_DAMAGED: Final = (BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)


def no_ledger(suffix: str, content: bytes) -> str:
    """What a file is that cannot be read as a ledger, and what to do; "" where it may be one.

    suffix = of its name, in small letters
    """
    begin = content[:256].removeprefix(b"\xef\xbb\xbf")
    if not begin.strip():
        return "是空文件" if not content.strip() else ""
    if content.startswith(OLD_BINARY):  # Office wraps one that has a password so, too
        return PASSWORD if "EncryptedPackage".encode("utf-16-le") in content else OLD
    if begin.lstrip().lower().startswith(_WEB):
        return f"其实是网页，不是工作簿；用 Excel 打开后，{TO_SAVE_AS}"
    for beginning, said in _BEGINNINGS.items():
        if begin.startswith(beginning):
            return said
    if suffix in (".ods", ".numbers", ".xlsb"):
        return TO_SAVE_AS
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    workbook = suffix in (".xlsx", ".xlsm", ".xls", ".et")
    return "其实是文本，不是工作簿；扩展名改为 .csv 再导入" if workbook and _text(content) else ""


def _packed(content: bytes) -> str:
    """What a packed file is, by the names of its parts."""
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            strict = _WORKBOOK in names and _STRICT in packed.open(_WORKBOOK).read(_BEGIN)
    except _DAMAGED:
        return ""  # whoever reads it says so
    if strict:
        return "是“严格 Open XML”格式；请在 Excel 中另存为普通的 XLSX（“Excel 工作簿”）"
    if any(name.startswith("word/") for name in names):
        return "其实是 Word 文档；请把其中的表格复制到 Excel，存为 XLSX"
    if "xl/workbook.bin" in names or "content.xml" in names or _of_numbers(names):
        return TO_SAVE_AS
    return "" if any(name.startswith("xl/") for name in names) else PACKED


def _of_numbers(names: list[str]) -> bool:
    return any(name.startswith("Index/") or name == "Index.zip" for name in names)


def _text(content: bytes) -> bool:
    """Whether a file is a text with something between its fields."""
    some = content[:_BEGIN]
    return b"\x00" not in some and any(one in some for one in (b",", b"\t", b";"))
