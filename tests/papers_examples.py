"""Small files of every type that a case's papers take, and some that they do not."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pypdfium2
from PIL import Image

MARKER = "暗记㐂材料7391"


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A packed file of these parts."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return made.getvalue()


def picture(kind: str, size: tuple[int, int] = (12, 8)) -> bytes:
    """A picture in one of Pillow's formats."""
    made = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(made, kind)
    return made.getvalue()


def blank_pdf(pages: int = 2) -> bytes:
    """A PDF of empty pages."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    made = BytesIO()
    document.save(made)
    document.close()
    return made.getvalue()


def pdf(content: str, *, catalogue: str = "") -> bytes:
    """A PDF of one page with this content stream, font F1; catalogue = what else stands there."""
    stream = content.encode("latin-1")
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = bytearray(b"%PDF-1.4\n"), []
    for n, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )
    return bytes(made)


SHOWN = "BT /F1 20 Tf 72 700 Td (Annex 1) Tj ET\n"
HIDDEN = "BT /F1 20 Tf 72 600 Td (Zhang San 13800000000) Tj ET\n0 0 0 rg 70 590 320 30 re f\n"
SCRIPTED = "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def bomb() -> bytes:
    """A file that is 60 MB of nothing unpacked."""
    return packed({"a.txt": bytes(60_000_000)})


def many_parts(number: int = 20_001) -> bytes:
    """A packed file that says that it has more parts than are taken."""
    whole = bytearray(packed({"a.txt": b"a"}))
    at = whole.rfind(b"PK\x05\x06")
    struct.pack_into("<2H", whole, at + 8, number, number)
    return bytes(whole)


FILES: dict[str, bytes] = {
    "pdf": blank_pdf(),
    "jpeg": picture("JPEG"),
    "png": picture("PNG"),
    "gif": picture("GIF"),
    "bmp": picture("BMP"),
    "webp": picture("WEBP"),
    "tiff": picture("TIFF"),
    "docx": packed({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<w/>"}),
    "xlsx": packed({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<w/>"}),
    "pptx": packed({"[Content_Types].xml": b"<a/>", "ppt/presentation.xml": b"<w/>"}),
    "ofd": packed({"OFD.xml": b"<ofd/>", "Doc_0/Document.xml": b"<d/>"}),
    "zip": packed({"a.txt": b"a"}),
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "text": f"查档说明：{MARKER}\r\n".encode(),
    "markup": SVG,
    "mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(100),
    "mp3": b"ID3\x04" + bytes(100),
    "wav": b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(100),
}
"""One of each type in config/materials.toml."""
