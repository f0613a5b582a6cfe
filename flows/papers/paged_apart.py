"""A scan or PDF as pages for the bound file, in a process of its own with bounded memory and time.

The content on stdin; its type, the dots per inch and the most pages as arguments; on stdout each page
as a JPEG, its length before it. What a page shows is all that is bound: no script, no form and no font
of a foreign PDF comes into a file that is kept for good (PDF/A).
"""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from flows.papers.sealed_content import Content
from flows.reading.apart import asked, bounded

SECONDS: Final = 300
MEMORY: Final = 4_000_000_000
LARGEST: Final = 200_000_000
"""Bytes of a content that is made into pages."""
LIKE_PICTURES: Final = frozenset({"jpeg", "png", "gif", "bmp", "webp", "tiff"})
PAGED: Final = frozenset({"pdf", *LIKE_PICTURES})
"""The types of content that have pages (config/materials.toml)."""
_LENGTH: Final = struct.Struct(">I")
_A4: Final = (8.27, 11.69)  # inches
_QUALITY: Final = 80
_TALLEST: Final = 20_000
_MOST_DOTS: Final = 200_000_000
_COLOURED: Final = 12  # shades by which the channels of a grey page may differ
_PROGRAM: Final = "flows.papers.paged_apart"


def paged(content: Content, kind: str, dots_per_inch: int, most: int) -> list[bytes]:
    """The pages as JPEGs; none for what has no pages, is locked, damaged, too large or too long."""
    if kind not in PAGED or content.size > LARGEST:
        return []
    content.seek(0)
    try:
        said = asked(_PROGRAM, content.read(), SECONDS, kind, str(dots_per_inch), str(most))
    except subprocess.TimeoutExpired:
        return []
    return list(_taken_apart(said))


def _taken_apart(said: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(said):
        (length,) = _LENGTH.unpack_from(said, place)
        place += _LENGTH.size
        yield said[place : place + length]
        place += length


# ── in the process of its own ─────────────────────────────────────────────────────────────────
def _of_pdf(content: bytes, dots: int, most: int) -> Iterator[bytes]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    if len(document) > most:
        return
    for n in range(len(document)):
        page = document[n]
        width, height = page.get_size()
        inches = max(width, height) / 72
        scale = dots / 72 * min(1.0, _A4[1] / inches if inches else 1.0)
        scale = min(scale, _TALLEST / max(width, height, 1))
        yield _jpeg(page.render(scale=scale, may_draw_forms=False).to_pil())
        page.close()


def _of_picture(content: bytes, kind: str, dots: int, most: int) -> Iterator[bytes]:
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = _MOST_DOTS // 2  # twice as many are an error
    with Image.open(BytesIO(content), formats=[kind.upper()]) as opened:
        frames = getattr(opened, "n_frames", 1) if kind == "tiff" else 1
        if frames > most:
            return
        for n, frame in enumerate(ImageSequence.Iterator(opened)):
            if n == frames:
                break
            page: Any = ImageOps.exif_transpose(frame)
            if page.mode in ("RGBA", "LA", "PA", "P"):
                clear = page.convert("RGBA")
                page = Image.new("RGB", clear.size, "white")
                page.paste(clear, mask=clear.getchannel("A"))
            page.thumbnail((round(_A4[1] * dots), round(_A4[1] * dots)))
            yield _jpeg(page)


def _jpeg(page: Any) -> bytes:
    """The page as a JPEG, in grey where nothing on it is coloured."""
    made = BytesIO()
    page = page.convert("L" if _is_grey(page) else "RGB")
    page.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()


def _is_grey(page: Any) -> bool:
    from PIL import ImageChops

    if page.mode in ("1", "L", "I", "I;16"):
        return True
    small = page.convert("RGB").reduce(max(1, min(page.size) // 400))
    red, green, blue = small.split()
    differ: list[Any] = [
        ImageChops.difference(one, other) for one, other in ((red, green), (green, blue))
    ]
    return all(one.getextrema()[1] <= _COLOURED for one in differ)


def main() -> int:
    import pypdfium2
    from PIL import Image

    bounded(MEMORY, SECONDS)
    kind, dots, most = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    content = sys.stdin.buffer.read()
    made = _of_pdf(content, dots, most) if kind == "pdf" else _of_picture(content, kind, dots, most)
    try:
        pages = list(made)
    except (
        pypdfium2.PdfiumError,
        Image.DecompressionBombError,
        MemoryError,
        ValueError,
        OSError,
        SyntaxError,
    ):  # SyntaxError: as Pillow says of a damaged PNG
        return 1
    for page in pages:
        sys.stdout.buffer.write(_LENGTH.pack(len(page)) + page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
