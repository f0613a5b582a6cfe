"""归档: a closed case bound into one file, its originals beside it; what the archive has not yet (Art. 45).

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pypdfium2
import pytest
from databases import empty_register
from histories import CONFIG
from papers_examples import blank_pdf, picture
from pikepdf import pdfa
from PIL import Image
from sqlmodel import col, select
from test_register import PATH, receive

from flows import office
from flows.__main__ import main
from flows.archive import folder
from flows.archive.case_file import NotClosed, case_file
from flows.counter import archiving
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.installation import files
from flows.papers import paged_apart, store, taking
from flows.path import recording
from flows.path.form_fields import By
from flows.printing.libreoffice import is_here
from flows.shown.dossier import dossier
from letters.letter.archive_papers import closing
from models.acts.afterwards.archiving import HandToArchive
from models.agency.archive_rules import load_archive_rules
from models.errors import ActRefused, ConfigFault
from models.register import register
from models.store.tables import AccessLine
from models.watch.unarchived import unarchived
from tests.our_pages import CLERK, Desk

BY = By(CLERK)
WHO, MAIL = "周晓岚", "1012345678901"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def closed_case(applicant: str = WHO) -> str:
    """A case whose reply was posted on 2 March 2026."""
    number = receive(applicant=applicant)
    for position, (kind, answer, officer) in enumerate(PATH, 1):
        said = dict(answer) | ({"delivery": "ems", "proof": MAIL} if kind == "replied" else {})
        assert recording.perform(number, position, kind, said, officer).reasons == ()
    return number


def file(number: str, kind: str, name: str, content: bytes) -> None:
    counter.file_all(number, [taking.taken(name, [content])], Filing(kind), BY)


def in_file(number: str, *, particulars: bool = True):
    with office.reading() as session:
        return case_file(session, number, office.circumstances(""), particulars=particulars)


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day.isoformat())


# ── what is in the file, and in which order ─────────────────────────────────────────────────────
def test_every_paper_stands_once_in_the_order_of_config_and_what_is_missing_is_named() -> None:
    number = closed_case()
    file(number, "found", "目录.txt", "目录".encode())
    file(number, "application", "申请表.png", picture("PNG"))
    file(number, "identity", "申请表副本.png", picture("PNG"))
    file(number, "court", "判决书.txt", b"x")
    file(number, "given", "提供的信息.txt", b"y")
    found = in_file(number)
    rules = office.archive_rules()
    assert [(rules.part[one.part].label, one.title) for one in found.papers] == [
        ("答复", "政府信息公开申请告知书"),
        ("答复", "提供的信息"),
        ("申请", "政府信息公开申请登记回执"),
        ("申请", "申请表"),
        ("检索、审批、办理经过", "目录"),
        ("检索、审批、办理经过", "政府信息公开申请办理卷宗"),
        ("复议、诉讼", "判决书"),
    ]
    assert next(one.remark for one in found.papers if one.title == "申请表") == "也存为身份证明"
    assert found.situation == (
        "尚缺：第9步“发出告知书”还没有送达回证、邮寄凭证：送达应当有回证或者邮寄凭证（条例第四十五条）。",
    )
    told = "".join(line for one in found.papers for part in one.sections for line in part.lines)
    assert "下一步" not in [part.heading for one in found.papers for part in one.sections]
    assert "不能办理" not in told
    file(number, "post_receipt", "收据.txt", b"z")
    assert in_file(number).situation == ()


def test_the_sealed_copy_stands_for_its_letter_and_one_that_was_exchanged_is_not_bound() -> None:
    number = closed_case()
    reply = next(one for one in in_file(number).papers if one.title.endswith("告知书"))
    for name, content in (("旧.pdf", blank_pdf(1)), ("新.pdf", blank_pdf(2))):
        taken = [taking.taken(name, [content])]
        counter.file_all(number, taken, Filing("sealed_copy", letter=reply.number), BY)
    found = in_file(number)
    (bound,) = [one for one in found.papers if one.number == reply.number]
    assert bound.copy is not None
    assert (bound.copy.title, bound.remark) == ("新", "盖章件")
    assert [(one.title, why) for one, why in found.replaced] == [
        ("旧", f"{reply.number}已换用另一份盖章件")
    ]
    masked = in_file(number, particulars=False)
    (plain,) = [one for one in masked.papers if one.number == reply.number]
    assert plain.copy is None
    assert masked.replaced == ()


def test_without_particulars_nobody_is_named_and_what_shows_who_he_is_stays_out() -> None:
    number = closed_case()
    file(number, "application", f"{WHO}申请表.txt", b"a")
    file(number, "found", f"{WHO}所问目录.txt", b"b")
    counter.note(number, f"{WHO}来电，电话13800001111", "", BY)
    assert WHO in str(in_file(number))
    found = in_file(number, particulars=False)
    assert WHO not in str(found)
    assert "周**" in str(found)
    assert [one.title for one in found.papers if one.material] == ["周**所问目录"]
    assert found.situation[-2:] == (
        "本卷不含个人信息：姓名已遮盖。",
        "未装订可以看出当事人的材料1份：申请书“第1号”。",
    )


def test_an_open_case_has_no_file_yet() -> None:
    with pytest.raises(NotClosed, match="尚未办结"):
        in_file(receive())


# ── bound ───────────────────────────────────────────────────────────────────────────────────────
def test_the_file_is_one_archival_pdf_with_its_pages_numbered_and_made_again_is_the_same(
    tmp_path: Path,
) -> None:
    if not is_here() and not os.environ.get("CI"):
        pytest.skip("LibreOffice is not installed: nothing is bound")
    number = closed_case()
    file(number, "application", "申请表.png", picture("PNG", (1654, 2339)))
    file(number, "approval", "审批单.docx", closing("局", ["同意"], date(2026, 3, 2)))
    file(number, "found", "图纸.pdf", blank_pdf(3))
    file(number, "found", "明细.zip", folder_zip())
    bound = folder.made(number, particulars=True)
    assert folder.made(number, particulars=True) == bound
    gc.collect()  # what another test left open warns now: the check takes every warning for its own
    assert pdfa.check(pikepdf.open(BytesIO(bound.pdf)), "2b").findings == []

    pages = pypdfium2.PdfDocument(bound.pdf)
    text = ["".join(page.get_textpage().get_text_range().split()) for page in pages]
    marks = [(one.get_title(), one.get_dest().get_index()) for one in pages.get_toc()]
    assert [name.partition("（")[0] for name, _ in marks] == [
        *("封面", "卷内文件目录", "1. 政府信息公开申请告知书", "2. 政府信息公开申请登记回执"),
        *("3. 申请表", "4. 审批单", "5. 图纸", "6. 政府信息公开申请办理卷宗"),
        *("未装订的材料", "卷内备考表"),
    ]
    starts = dict(marks)
    first, last = marks[2][1], starts["未装订的材料"]
    assert [n for n, words in enumerate(text[first:last], 1) if not words.endswith(str(n))] == []
    assert bound.pages == last - first
    drawings = starts["5. 图纸"] - first + 1
    at_page = f"图纸20260302{drawings}-{drawings + 2}查找到的信息"
    assert at_page in text[starts["卷内文件目录"]]
    assert f"6件，{bound.pages}页" in text[0]
    assert "明细" in text[starts["未装订的材料"]]
    assert "尚缺" in text[starts["卷内备考表"]]

    at = folder.written(bound, tmp_path / "out", particulars=True)
    assert at.name == number
    listed = (at / "清单.sha256").read_text("utf-8").splitlines()
    for line in listed:
        digest, _, name = line.partition("  ")
        assert sha256((at / name).read_bytes()).hexdigest() == digest
    assert listed[0].endswith("  案卷.pdf")
    assert len(listed) == 1 + len(bound.originals) == 7  # two letters, four materials
    with pytest.raises(folder.NotWritten, match="已经存在"):
        folder.written(bound, tmp_path / "out", particulars=True)
    packed = BytesIO()
    folder.packed(bound, packed, particulars=True)
    with ZipFile(packed) as package:
        assert package.read(f"{number}/清单.sha256") == (at / "清单.sha256").read_bytes()

    with pytest.MonkeyPatch.context() as patched:  # as where it is killed
        patched.setattr("flows.archive.folder.shutil.rmtree", lambda *_, **__: None)
        patched.setattr(Path, "rename", lambda *_: None)
        folder.written(bound, office.home() / "inside", particulars=True)
    (half,) = (office.home() / "inside").iterdir()
    assert [*files.left_beside(office.home(), office.now() + files.ON_ITS_WAY)] == [half]

    damaged = next(one for one in bound.originals if one.material is not None)
    store.store().remove(damaged.material.digest)
    with pytest.raises(folder.NoContent):
        folder.written(bound, tmp_path / "halves", particulars=True)
    assert list((tmp_path / "halves").iterdir()) == []


def folder_zip() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as package:
        package.writestr("a.txt", "x")
    return made.getvalue()


def test_pictures_and_foreign_pdfs_become_pages_and_what_is_damaged_or_endless_none() -> None:
    clear = BytesIO()
    Image.new("RGBA", (300, 200), (0, 0, 0, 0)).save(clear, "PNG")
    frames, several = [Image.new("L", (100, 100), n * 80) for n in range(3)], BytesIO()
    frames[0].save(several, "TIFF", save_all=True, append_images=frames[1:])
    for kind, content, count in (
        ("png", clear.getvalue(), 1),
        ("tiff", several.getvalue(), 3),
        ("pdf", blank_pdf(3), 3),
        ("pdf", blank_pdf(4), 0),
        ("pdf", b"%PDF-1.7 nothing", 0),
        ("jpeg", picture("JPEG")[:40], 0),
    ):
        taken = taking.taken("x", [content])
        made = paged_apart.paged(store.opened(taken.digest), kind, 100, 3)
        assert len(made) == count, kind
        for page in made:
            with Image.open(BytesIO(page)) as image:
                assert image.format == "JPEG"
                assert image.size[0] <= 1169
                assert kind != "png" or image.getpixel((5, 5)) == 255  # clear is white


# ── handed over ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("day", "receipt", "reason"),
    [
        (date(2026, 3, 1), "档2026-1", "早于办结日期"),
        (date(2026, 3, 2), "档2026-1", ""),
        (date(2026, 3, 9), "档2026-1", ""),
        (date(2026, 3, 10), "档2026-1", "晚于今天"),
        (date(2026, 3, 9), "　", "请填写档案机构的回执号"),
    ],
)
def test_a_file_is_handed_over_once_it_is_closed_and_with_a_receipt(
    day: date, receipt: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = closed_case()
    on(monkeypatch, date(2026, 3, 9))
    if reason:
        with pytest.raises(ActRefused, match=reason):
            archiving.hand_over(number, day, receipt, BY)
        return
    before = in_file(number)
    case = archiving.hand_over(number, day, receipt, BY, to="区档案馆", bound="A" * 64)
    assert case.handed_over is not None
    assert (case.handed_over.on, case.handed_over.bound) == (day, "a" * 64)
    with pytest.raises(ActRefused, match=r"已于.*移交档案"):
        archiving.hand_over(number, day, "又一个", BY)
    assert in_file(number) == before  # the same file again, whenever it is asked for
    with office.reading() as session:
        told = dossier(session, number, office.circumstances(CLERK))
    assert "下一步" not in [part.heading for part in told.sections]
    assert told.sections[-1].lines == (f"2026年3月{day.day}日移交档案（区档案馆，回执档2026-1）",)


def test_a_case_that_is_opened_anew_is_to_be_handed_over_again() -> None:
    number = closed_case()
    archiving.hand_over(number, date(2026, 3, 2), "档2026-1", BY)
    said = {"withdrawn_on": "2026-03-02", "reason": "依据有误", "decided_by": "王建国"}
    recording.perform_now(number, "reply_withdrawn", said, By("王建国"))
    with office.reading() as session:
        assert register.case(session, number).handed_over is None


def test_what_was_closed_in_a_year_and_not_handed_over_is_listed_by_its_day(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    handed, owing = closed_case(), closed_case("李小红")
    receive(applicant="还没有办结")
    archiving.hand_over(handed, date(2026, 3, 2), "档2026-1", BY)
    assert [one.number for one in archiving.closed(2026)] == [handed, owing]
    assert [one.number for one in unarchived(archiving.closed(2026))] == [owing]
    assert archiving.closed(2025) == []
    for day, late in ((date(2027, 6, 30), False), (date(2027, 7, 1), True)):
        on(monkeypatch, day)
        assert main(["archive", "--list", "2026"]) == 0
        said = capsys.readouterr()
        assert said.out.startswith(f"{owing}　李**　")
        assert "应于2027年6月30日前移交" in said.out
        assert ("已过期" in said.out) is late
        assert said.err == "2026年办结2件，已归1件，未归1件\n"


# ── pages and command ───────────────────────────────────────────────────────────────────────────
def read_lines() -> list[str]:
    with office.reading() as session:
        rows = session.exec(select(AccessLine).order_by(col(AccessLine.id)))
        return [row.what for row in rows if "归档" in row.what]


def test_the_page_names_the_papers_hands_over_and_lists_what_is_owed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number, still_open = closed_case(), receive(applicant="王某")
    desk = Desk()
    desk.officer = CLERK
    at = f"/cases/{number}/archive"
    assert f'href="{at}"' in desk.get(f"/cases/{number}")
    assert "/archive" not in desk.get(f"/cases/{still_open}")
    assert 'href="/archive"' in desk.get("/")
    shown = desk.get(at)
    assert "政府信息公开申请办理卷宗" in shown
    assert "归档以前请看" in shown
    assert WHO not in shown
    assert "尚未办结" in desk.get(f"/cases/{still_open}/archive")
    assert number in desk.get("/archive")
    with monkeypatch.context() as nowhere:
        nowhere.setenv("PATH", str(tmp_path / "empty"))
        assert "没有 LibreOffice" in desk.get(at)
        assert "没有 LibreOffice" in desk.get(f"{at}/file", 409)
    assert desk.post(at, handed_on="2026-03-02", receipt=" ").status_code == 409
    assert desk.post(at, handed_on="昨天", receipt="x").status_code == 409
    forged = desk._ask("POST", at, data={"token": "x", "handed_on": "2026-03-02"})
    assert forged.status_code == 403
    assert desk.post(at, handed_on="2026-03-02", receipt="档1").status_code == 303
    assert "已移交档案" in desk.get(f"{at}?done")
    assert "已归 <span" in desk.get("/archive?year=2026")
    assert "2025年办结0件" in desk.get("/archive?year=2025")
    desk.get("/archive/x", 404)
    desk.get("/cases/SQ202600099/archive", 404)
    told = read_lines()
    assert f"{number} 归档案卷的目录" in told
    assert f"{number} 归档案卷" in told


def test_the_command_binds_names_what_it_cannot_and_writes_nothing_by_halves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, still_open = closed_case(), receive(applicant="王某")
    out = tmp_path / "out"
    for asked, why in (
        ([], "请写明申请编号"),
        ([number], "--out"),
        ([number, still_open, "--out", str(out)], "尚未办结"),
        (["SQ202600099", "--out", str(out)], "SQ202600099"),
    ):
        assert main(["archive", *asked]) == 2
        assert why in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert main(["archive", number, "--out", str(out)]) == 2
    assert "没有 LibreOffice" in capsys.readouterr().err
    assert not out.exists()
    left, running = out / f"{folder.BEGUN}a", out / f"{folder.BEGUN}b"
    for one, hours in ((left, 25), (running, 1)):
        one.mkdir(parents=True)
        os.utime(one, (office.now().timestamp() - 3600 * hours,) * 2)
    assert main(["archive", number, "--out", str(out)]) == 2
    told = capsys.readouterr().out
    assert f"{left} 是以前没有装订完的，内有个人信息" in told, "of a command that was killed"
    assert str(running) not in told
    given = [number, "--handed", "2026-03-02", "--receipt", "档1", "--officer", CLERK]
    assert main(["archive", *given]) == 0
    assert "回执档1" in capsys.readouterr().out
    assert main(["archive", *given]) == 0  # the same again is the same act
    given[4] = "档2"
    assert main(["archive", *given]) == 2


@pytest.mark.parametrize(
    ("was", "instead", "why"),
    [
        ('due = "06-30"', 'due = "02-30"', "没有 02-30"),
        ("rest = true", "", "恰有一部分"),
        ('materials = ["given"]', 'materials = ["court"]', "列了两处"),
        ('letters = ["reply"]', 'letters = ["replies"]', "没有 replies"),
        ('due = "06-30"', 'owed = "06-30"', "due"),
    ],
)
def test_a_wrong_row_of_the_rules_is_named(
    was: str, instead: str, why: str, tmp_path: Path
) -> None:
    words = (CONFIG / "archive.toml").read_text("utf-8")
    assert was in words
    (tmp_path / "archive.toml").write_text(words.replace(was, instead), "utf-8")
    with pytest.raises(ConfigFault, match=why):
        load_archive_rules(tmp_path, office.law().letters)


def test_every_kind_of_letter_and_material_has_its_place() -> None:
    rules = office.archive_rules()
    letters = {one for part in rules.part for one in part.letters}
    materials = {one for part in rules.part for one in part.materials}
    beside = {"records_correction"}  # of a register of its own
    assert {*office.law().letters} - beside == letters - {"reply", "supply_request", "dossier"}
    kinds = set(office.material_rules().kinds)
    assert kinds - materials == {"other", "sealed_copy"}
    assert materials | set(rules.identifying) <= kinds
    assert HandToArchive.kind == "handed_to_archive"
