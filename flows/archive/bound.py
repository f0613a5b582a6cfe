"""The file of a case as one PDF/A-2b: cover, contents with page numbers, every paper, 备考表; bookmarks.

What is ours is set by LibreOffice with its fonts in it; what is foreign is bound as pictures of its
pages (flows/papers/paged_apart.py). The same file gives the same bytes: no clock, no chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Final, Protocol

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Page, Pdf, Stream
from PIL import Image

from flows import office
from flows.archive.case_file import CaseFile, Paper, material_name, original_name
from flows.papers import paged_apart, store
from flows.papers.sealed_content import PIECE, DamagedContent
from flows.papers.store import NoContent, StoreAway
from flows.printing.libreoffice import NoLibreOffice, NoPdf
from flows.shown.paper_lines import size_words
from letters.letter import archive_papers
from letters.letter.archive_papers import ContentsLine, UnboundLine
from letters.letter.paper import write
from letters.letter.record import record
from models.agency.archive_rules import ArchiveRules
from models.errors import DisclosureError
from models.neighbours.papers import Material

A4: Final = (595.3, 841.9)  # points
DOCX: Final = ".docx"
_NUMBER: Final = "/PageNumber"
COVER, CONTENTS, UNBOUND, CLOSING = "封面", "卷内文件目录", "未装订的材料", "卷内备考表"
WHY_NOT: Final = "格式不能制成页面"
BROKEN: Final = "有密码、损坏或者页数过多，不能制成页面"


class TooManyPages(DisclosureError):
    """A file has more pages than are bound in one."""

    def __init__(self, number: str, most: int) -> None:
        super().__init__(
            f"{number} 的案卷超过{most}页，没有制作；请把大件材料的上限调低（config/archive.toml 的 "
            "most_pages），使其列为未装订的材料，或者调高 most_pages_in_all"
        )


class Printing(Protocol):
    """What makes a Word document a PDF (flows/printing/libreoffice.py)."""

    def pdf(self, docx: bytes, *, dated: date, archival: bool = False) -> bytes:
        """As PDF/A where archival; NoPdf."""


@dataclass(frozen=True)
class Original:
    """What lies among the originals: under which name; its bytes, or the material it is."""

    name: str
    content: bytes = b""
    material: Material | None = None

    def pieces(self) -> Iterator[bytes]:
        """Its content, piece by piece. Raises NoContent, DamagedContent."""
        if self.material is None:
            yield self.content
            return
        opened = store.opened(self.material.digest)
        while piece := opened.read(PIECE):
            yield piece


@dataclass(frozen=True)
class Bound:
    """A file as it was bound: the PDF, its numbered pages, what was not bound, the originals."""

    number: str
    pdf: bytes
    pages: int
    papers: int
    unbound: tuple[UnboundLine, ...]
    originals: tuple[Original, ...]
    missing: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the PDF."""
        return sha256(self.pdf).hexdigest()


@dataclass(frozen=True)
class _Set:
    """A paper with its pages: a PDF of ours, or pictures."""

    paper: Paper
    pdf: Pdf | None = None
    pictures: tuple[bytes, ...] = ()

    @property
    def count(self) -> int:
        return len(self.pdf.pages) if self.pdf is not None else len(self.pictures)


def bind(file: CaseFile, printing: Printing, rules: ArchiveRules) -> Bound:
    """Bind the file. Raises NoLibreOffice, TooManyPages; NoContent, DamagedContent where a material is
    not what was filed.
    """
    sets, unbound = list[_Set](), list[UnboundLine]()
    originals, left = list[Original](), rules.most_pages_in_all
    for paper in file.papers:
        n = len(originals) + 1
        mine = _originals(paper, n)
        originals += mine
        made, why = _paged(paper, printing, file, rules)
        if made is None:
            assert paper.material is not None
            unbound.append(_unbound(paper.material, paper.title, mine[0], why))
            continue
        left -= made.count
        if left < 0:
            raise TooManyPages(file.number, rules.most_pages_in_all)
        sets.append(made)
    for one, why in file.replaced:
        original = Original(material_name(len(originals) + 1, one), material=one)
        originals.append(original)
        unbound.append(_unbound(one, one.title, original, why))
    pdf, pages = _assembled(file, sets, unbound, printing)
    return Bound(
        file.number, pdf, pages, len(sets), tuple(unbound), tuple(originals), file.situation
    )


def _originals(paper: Paper, n: int) -> list[Original]:
    """What the paper is made from: what came in or back as it is, our own words as .docx."""
    found = []
    if paper.material is not None:
        found.append(Original(material_name(n, paper.material), material=paper.material))
    if paper.letter is not None:
        apart = paper if paper.copy is None else replace(paper, name=f"{paper.name}（原稿）")
        found.append(Original(original_name(n + len(found), apart, DOCX), write(paper.letter)))
    return found


def _unbound(one: Material, title: str, original: Original, why: str) -> UnboundLine:
    kinds = office.material_rules()
    type_label = kinds.types[one.type].label if one.type in kinds.types else one.type
    what = f"{type_label}，{size_words(one.size)}；{why}"
    return UnboundLine(kinds.label(one.kind), title, what, original.name, one.digest)


# ── pages of each paper ───────────────────────────────────────────────────────────────────────
def _paged(
    paper: Paper, printing: Printing, file: CaseFile, rules: ArchiveRules
) -> tuple[_Set | None, str]:
    """The paper's pages; None and why, where a material cannot be pages. A letter whose sealed copy
    cannot is bound in its words.
    """
    if paper.material is not None:
        made, why = _material(paper, paper.material, printing, rules)
        if made is not None or paper.letter is None:
            return made, why
        paper = replace(paper, material=None, remark=f"盖章件{why}，见原件；此为原稿")
    if paper.letter is not None:
        docx = write(paper.letter)
    else:
        docx = record(file.agency, f"{paper.title}　{file.number}", paper.sections, file.dated)
    return _Set(paper, _opened(printing.pdf(docx, dated=file.dated, archival=True))), ""


def _material(
    paper: Paper, one: Material, printing: Printing, rules: ArchiveRules
) -> tuple[_Set | None, str]:
    if one.type == "docx":
        try:
            made = printing.pdf(store.opened(one.digest).read(), dated=one.on, archival=True)
        except NoLibreOffice:
            raise
        except NoPdf:
            return None, BROKEN
        return _Set(paper, _opened(made)), ""
    if one.type not in paged_apart.PAGED:
        return None, WHY_NOT
    content = store.opened(one.digest)
    pictures = paged_apart.paged(content, one.type, rules.dots_per_inch, rules.most_pages)
    return (_Set(paper, pictures=tuple(pictures)), "") if pictures else (None, BROKEN)


def _opened(pdf: bytes) -> Pdf:
    return pikepdf.open(BytesIO(pdf))


# ── put together ──────────────────────────────────────────────────────────────────────────────
def _assembled(
    file: CaseFile, sets: Sequence[_Set], unbound: Sequence[UnboundLine], printing: Printing
) -> tuple[bytes, int]:
    """The whole PDF, and how many of its pages are numbered."""
    total = sum(one.count for one in sets)

    def ours(docx: bytes) -> Pdf:
        return _opened(printing.pdf(docx, dated=file.dated, archival=True))

    counts = ("共有文件", f"{len(sets)}件，{total}页")
    cover = ours(archive_papers.cover(file.agency, (*file.cover, counts), file.dated))
    contents = ours(archive_papers.contents(file.agency, list(_lines(sets)), file.dated))
    closing = ours(archive_papers.closing(file.agency, _closing(file, sets, unbound), file.dated))
    out, marks = Pdf.new(), list[tuple[str, int]]()
    for name, pdf in ((COVER, cover), (CONTENTS, contents)):
        marks.append((name, len(out.pages)))
        _add(out, pdf)
    first = len(out.pages)
    for n, one in enumerate(sets, 1):
        marks.append((f"{n}. {_named(one.paper)}", len(out.pages)))
        if one.pdf is not None:
            _add(out, one.pdf)
        for picture in one.pictures:
            out.pages.append(_picture(out, picture))
    numbers = ours(archive_papers.page_numbers(total, file.dated))
    for n in range(total):
        _number(out, out.pages[first + n], numbers.pages[n])
    if unbound:
        marks.append((UNBOUND, len(out.pages)))
        _add(out, ours(archive_papers.unbound(file.agency, unbound, file.dated)))
    marks.append((CLOSING, len(out.pages)))
    _add(out, closing)
    intents = cover.make_indirect(cover.Root.OutputIntents)
    out.Root.OutputIntents = out.copy_foreign(intents)
    return _saved(out, file, marks), total


def _named(paper: Paper) -> str:
    return f"{paper.title}（{paper.number}）" if paper.number else paper.title


def _lines(sets: Sequence[_Set]) -> Iterator[ContentsLine]:
    page = 1
    for one in sets:
        paper, last = one.paper, page + one.count - 1
        where = f"{page}" if page == last else f"{page}-{last}"
        yield ContentsLine(paper.by, paper.number, paper.title, paper.on, where, paper.remark)
        page = last + 1


def _closing(
    file: CaseFile, sets: Sequence[_Set], unbound: Sequence[UnboundLine]
) -> tuple[str, ...]:
    total = sum(one.count for one in sets)
    beside = f"另有{len(unbound)}份材料未装订，列于前页。" if unbound else ""
    return (f"本卷共{len(sets)}件，{total}页。{beside}", *file.situation)


def _add(out: Pdf, pdf: Pdf) -> None:
    """Its pages, without what belongs to the document that they were."""
    for page in pdf.pages:
        for name in ("/StructParents", "/Annots", "/Tabs"):
            if name in page.obj:
                del page.obj[name]
    out.pages.extend(pdf.pages)


def _picture(out: Pdf, jpeg: bytes) -> Page:
    """A sheet of A4, upright or not, with a picture as large as it was scanned, or as it fits."""
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        (width, height), grey = image.size, image.mode == "L"
    sheet = A4 if height >= width else A4[::-1]
    dots = office.archive_rules().dots_per_inch
    scale = min(72 / dots, sheet[0] / width, sheet[1] / height)
    wide, high = width * scale, height * scale
    left, below = (sheet[0] - wide) / 2, (sheet[1] - high) / 2
    stream = Stream(
        out,
        jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    drawn = f"q {wide:.2f} 0 0 {high:.2f} {left:.2f} {below:.2f} cm /Scan Do Q"
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, *sheet]),
        Resources=Dictionary(XObject=Dictionary(Scan=stream)),
        Contents=Stream(out, drawn.encode("ascii")),
    )
    return Page(out.make_indirect(page))


def _number(out: Pdf, page: Page, sheet: Page) -> None:
    """The number of a page, at its upper outer corner. Under a name of its own: pikepdf's is random."""
    _, _, right, top = map(float, page.mediabox)
    shared = page.obj.get("/Resources", Dictionary())
    resources = Dictionary(dict(shared.items()))
    drawn = resources.get("/XObject", Dictionary())
    number = out.copy_foreign(sheet.as_form_xobject())
    resources.XObject = Dictionary(dict(drawn.items()) | {_NUMBER: number})
    page.obj.Resources = resources
    page.contents_add(b"q\n", prepend=True)
    placed = f"\nQ q 1 0 0 1 {right - A4[0]:.2f} {top - A4[1]:.2f} cm {_NUMBER} Do Q"
    page.contents_add(placed.encode("ascii"))


def _saved(out: Pdf, file: CaseFile, marks: Sequence[tuple[str, int]]) -> bytes:
    title = f"{dict(file.cover)['案卷题名']}"
    with out.open_outline() as outline:
        outline.root.extend(OutlineItem(name, place) for name, place in marks)
    out.Root.Lang = "zh-CN"
    with out.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
        about["dc:title"] = title
        about["dc:creator"] = [file.agency]
        about["pdfaid:part"], about["pdfaid:conformance"] = "2", "B"
        about["xmp:CreateDate"] = about["xmp:ModifyDate"] = f"{file.dated}T00:00:00+08:00"
    made = BytesIO()
    out.save(made, deterministic_id=True, min_version="1.7", fix_metadata_version=False)
    return made.getvalue()


__all__ = ["Bound", "DamagedContent", "NoContent", "NoLibreOffice", "NoPdf", "StoreAway", "bind"]
