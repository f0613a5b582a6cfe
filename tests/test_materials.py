"""The papers of a case: content judged, sealed, kept once; what is recorded of it; what goes, and when.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from databases import empty_register
from histories import CONFIG
from officers import OFFICERS
from papers_examples import FILES, MARKER, bomb, many_parts, packed
from sqlalchemy import text
from sqlmodel import select
from test_register import advance, receive
from test_retention import PERSON

from flows import office
from flows.__main__ import main
from flows.counter import destroying
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.installation import backup, opening, restoring, settings
from flows.keeping import letting_go, material_content, verifying
from flows.papers import sealed_content, store, taking
from flows.papers.judged import NotTaken, title_of
from flows.papers.sealed_content import MAGIC, PIECE, Content, DamagedContent, Sealer
from flows.path.form_fields import By
from flows.shown.candidates import Asked
from flows.shown.search import every
from models.acts.catalogue import ACTS
from models.acts.procedure.supplying import FOUND
from models.acts.reply.serving import AGAIN
from models.agency.material_rules import load_material_rules
from models.errors import ActRefused, ConfigFault, NoSuchCase
from models.neighbours.papers import missing, papers
from models.register import register
from models.store.sealing import Sealing, new_key
from models.store.tables import Entry

CLERK = By("陈静")
SLIP = FILES["png"]
LEDGER = """登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注
旧2019-7,2019-07-01,当面提交,自然人,丁,,某某名单,3.1,2019-07-09,
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    with empty_register(folder, monkeypatch):
        yield folder


def taken(content: bytes, name: str = "扫描件") -> taking.Taken:
    return taking.taken(name, [content])


def filed(number: str, content: bytes, kind: str = "other", **how: object) -> int:
    """File a content with a case; its number there."""
    done = counter.file_all(number, [taken(content)], Filing(kind, **how), CLERK)  # type: ignore[arg-type]
    return done.materials[-1].place


def papers_of(number: str):
    with office.reading() as session:
        return papers(session, number)


def content_of(number: str, place: int = 1) -> bytes:
    one = papers_of(number).material(place)
    assert one is not None
    return store.opened(one.digest).read()


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "materials").rglob("*") if path.is_file()]


# ── sealed content ────────────────────────────────────────────────────────────────────────────
def sealed(content: bytes, sealing: Sealing, pieces: int = 70_001) -> tuple[bytes, str]:
    out = BytesIO()
    sealer = Sealer(out, sealing)
    for at in range(0, len(content), pieces):
        sealer.write(content[at : at + pieces])
    return out, sealer.finish()  # type: ignore[return-value]


def reading(out: BytesIO, digest: str, sealing: Sealing) -> Content:
    return Content(lambda at, n: out.getvalue()[at : at + n], digest, sealing)


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_sealed_in_pieces_opens_whole_and_from_any_place(size: int) -> None:
    sealing, content = Sealing([new_key()]), os.urandom(size)
    out, digest = sealed(content, sealing)
    assert size < 16 or content[:64] not in out.getvalue()  # one byte may be there by chance
    opened = reading(out, digest, sealing)
    assert (opened.size, opened.read()) == (size, content)
    opened.seek(-1, 2)
    assert opened.read(5) == content[-1:]
    sealed_content.whole(opened)


def not_whole(damaged: bytes, digest: str, sealing: Sealing) -> bool:
    try:
        sealed_content.whole(reading(BytesIO(damaged), digest, sealing))
    except DamagedContent:
        return True
    return False


def test_altered_cut_off_exchanged_and_foreign_content_does_not_open() -> None:
    sealing, content = Sealing([new_key()]), os.urandom(2 * PIECE + 10)
    out, digest = sealed(content, sealing)
    front = reading(out, digest, sealing).front.length
    whole, piece = out.getvalue(), PIECE + sealed_content.TAG
    first, second = whole[front : front + piece], whole[front + piece : front + 2 * piece]
    wrong = {
        "altered": whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:],
        "cut off at a piece": whole[: front + 2 * piece],
        "exchanged": whole[:front] + second + first + whole[front + 2 * piece :],
        "no front of ours": b"X" * len(MAGIC) + whole[len(MAGIC) :],
        "front cut off": whole[:30],
    }
    for what, damaged in wrong.items():
        assert not_whole(damaged, digest, sealing), what
    with pytest.raises(DamagedContent, match="换成了另一份"):
        reading(out, "0" * 64, sealing)
    with pytest.raises(sealed_content.WrongKey):
        reading(out, digest, Sealing([new_key()]))


PEAK = """
import resource, sys
from flows.papers import store, taking, sealed_content
from flows import office
office.sealing()
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
piece = bytes(range(256)) * 4096
taking.taken("小", [b"%PDF-1.4 " + piece])
before = peak()
done = taking.taken("大", (b"%PDF-1.4 " if n == 0 else piece for n in range(190)))
sealed_content.whole(store.opened(done.digest))
print(done.size, peak() - before)
"""


def test_200_mb_go_in_and_out_through_little_memory() -> None:
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    size, kilobytes = map(int, done.stdout.split())
    assert size > 198_000_000
    assert kilobytes < 12_000


# ── what is taken ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", FILES)
def test_a_type_is_told_by_the_content_whatever_the_name_says(key: str) -> None:
    assert {one.key for one in office.material_rules().type} == set(FILES)
    assert taken(FILES[key], "发票.exe").type == key
    assert taken(FILES[key], "x.pdf").type == key


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "空文件"),
        (b"MZ\x90\x00" + bytes(100), "不是可以存放的文件格式"),
        (b"\x7fELF" + bytes(100), "不是可以存放的文件格式"),
        (b"PK\x03\x04" + bytes(50), "压缩文件已损坏"),
        (bomb(), "压缩炸弹"),
        (many_parts(), "文件过多"),
    ],
    ids=["empty", "MZ", "ELF", "spoilt", "bomb", "parts"],
)
def test_what_is_not_taken_leaves_nothing(content: bytes, why: str, home: Path) -> None:
    with pytest.raises(NotTaken, match=why):
        taken(content, "报告.pdf")
    assert stored(home) == []


def limited(monkeypatch: pytest.MonkeyPatch, **other: object) -> None:
    rules = office.material_rules().model_copy(update=other)
    monkeypatch.setattr(office, "material_rules", lambda: rules)


def test_one_byte_too_many_is_turned_away_while_it_comes(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    limited(monkeypatch, largest_mb=1)
    assert taken(b"a" * 1_000_000).size == 1_000_000
    asked = []

    def coming() -> Iterator[bytes]:
        for n in range(30):
            asked.append(n)
            yield b"a" * 100_000

    with pytest.raises(NotTaken, match="超过 1 MB"):
        taking.taken("大", coming())
    assert len(asked) == 11
    assert len(stored(home)) == 1


@pytest.mark.parametrize(("parts", "ok"), [(3, True), (4, False)])
def test_unpacked_it_may_have_so_many_parts_and_bytes_and_no_more(
    monkeypatch: pytest.MonkeyPatch, parts: int, ok: bool
) -> None:
    content = packed({f"{n}.txt": os.urandom(20) for n in range(parts)})
    limited(monkeypatch, most_parts=3)
    if ok:
        assert taken(content).type == "zip"
    else:
        with pytest.raises(NotTaken):
            taken(content)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\用户\\申请书.PDF", "申请书"),
        ("报告\u202efdp.exe", "报告fdp"),
        ("a\x00b\n.pdf", "ab"),
        (".pdf", "未命名"),
        ("", "未命名"),
        ("三、2025.3.2 会议", "三、2025.3.2 会议"),
        ("<script>.html", "<script>"),
        ("长" * 300 + ".pdf", "长" * 100),
    ],
)
def test_a_hostile_name_becomes_a_title(name: str, title: str) -> None:
    assert title_of(name, 100) == title


@contextmanager
def clamd(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """A scanner on a socket: what it was sent; it finds EICAR, and answers all else as told."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(path))
        there.listen()

        def serve() -> None:
            while True:
                try:
                    asked, _ = there.accept()
                except OSError:
                    return
                with asked, asked.makefile("rb") as said:
                    assert said.read(10) == b"zINSTREAM\0"
                    content = b""
                    while length := int.from_bytes(said.read(4), "big"):
                        content += said.read(length)
                    heard.append(content)
                    found = b"stream: Eicar-Test-Signature FOUND\0"
                    asked.sendall(found if b"EICAR" in content else answer)

        listening = threading.Thread(target=serve, daemon=True)
        listening.start()
        yield heard
        there.shutdown(socket.SHUT_RDWR)
        listening.join()


def test_a_virus_is_not_taken_nor_anything_while_the_scanner_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    at = tmp_path / "clamd.ctl"
    monkeypatch.setenv(settings.CLAMAV.name, str(at))
    with pytest.raises(NotTaken, match="病毒扫描程序没有回答"):
        taken(SLIP)
    with clamd(at, b"stream: OK\0") as heard:
        assert taken(SLIP).size == len(SLIP)
        assert heard == [SLIP]
        with pytest.raises(NotTaken, match="查出病毒（Eicar-Test-Signature）"):
            taken(b"X5O EICAR test")
    at.unlink()
    with (
        clamd(at, b"INSTREAM size limit exceeded. ERROR\0"),
        pytest.raises(NotTaken, match="size limit exceeded"),
    ):
        taken(FILES["pdf"])
    assert len(stored(home)) == 1


# ── what is recorded ──────────────────────────────────────────────────────────────────────────
def test_what_is_recorded_says_what_it_is_and_nothing_that_is_in_it(home: Path) -> None:
    number = receive()
    with office.reading() as session:
        before = register.row(session, number).model_dump()
    content = FILES["text"]
    assert filed(number, content, "found", step=1) == 1
    with office.reading() as session:
        (entry,) = session.exec(select(Entry)).all()
        assert entry.facts == {
            "material": "found",
            "named": "扫描件",
            "type": "text",
            "digest": taken(content).digest,
            "size": len(content),
            "personal": False,
            "step": 1,
        }
        assert (entry.officer, entry.case_number, entry.register_key) == ("陈静", number, "papers")
        assert register.row(session, number).model_dump() == before
        assert register.case(session, number).position == 1
    assert content_of(number) == content
    everything = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(MARKER.encode() in one for one in everything)
    assert any(json.dumps("扫描件")[1:-1].encode() in one for one in everything)
    assert all(path.stat().st_mode & 0o077 == 0 for path in stored(home))


def test_papers_are_added_before_during_and_after_a_case_and_to_one_from_a_ledger(
    tmp_path: Path,
) -> None:
    during, after, number = receive(), receive(applicant="乙"), "旧2019-7"
    advance(during, steps=3)
    advance(after)
    ledger = tmp_path / "台账.csv"
    ledger.write_text(LEDGER, "utf-8")
    assert main(["import", str(ledger)]) == 0
    for one in (during, after, number):
        filed(one, SLIP, "identity")
        counter.note(one, "已电话告知", "", CLERK)
        found = papers_of(one)
        assert [m.kind for m in found.in_file()] == ["identity"]
        assert [(n.words, n.officer) for n in found.notes] == [("已电话告知", "陈静")]
    with pytest.raises(NoSuchCase):
        filed("SQ209900001", SLIP)
    assert verifying.verify(contents=True).faults == ()


def test_the_same_content_is_kept_once_and_filed_once_in_a_case(home: Path) -> None:
    first, second = receive(), receive(applicant="乙")
    filed(first, SLIP)
    filed(second, SLIP)
    assert len(stored(home)) == 1
    with pytest.raises(ActRefused, match="第1号“扫描件”"):
        filed(first, SLIP)
    assert filed(first, SLIP, "post_receipt") == 2


def test_several_are_recorded_together_or_not_at_all_and_a_page_sent_twice_once() -> None:
    number = receive()
    how, both = Filing("found", title="名单"), [taken(SLIP), taken(FILES["pdf"])]
    for _ in range(2):
        done = counter.file_all(number, both, how, CLERK, "page-1")
        assert [one.title for one in done.materials] == ["名单（1）", "名单（2）"]
    with pytest.raises(ActRefused, match="已经存过"):
        counter.file_all(number, [taken(FILES["gif"]), taken(SLIP)], how, CLERK)
    with pytest.raises(ActRefused, match="只有1步"):
        filed(number, FILES["gif"], step=2)
    with pytest.raises(ActRefused, match="没有“nothing”"):
        filed(number, FILES["gif"], "nothing")
    assert len(papers_of(number).materials) == 2


def test_a_sealed_copy_belongs_to_a_letter_of_the_case(home: Path) -> None:
    number, other = receive(), receive(applicant="乙")
    advance(number)
    with office.reading() as session:
        letter = register.case(session, number).reply_letter()
        assert letter is not None
    with pytest.raises(ActRefused, match="本件没有文号"):
        filed(other, FILES["pdf"], "sealed_copy", letter=letter.number)
    with pytest.raises(ActRefused, match=r"应为 \.pdf"):
        filed(number, FILES["docx"], "sealed_copy", letter=letter.number)
    with pytest.raises(ActRefused, match="请从所属的文书处存入"):
        filed(number, FILES["pdf"], "sealed_copy")
    filed(number, FILES["pdf"], "sealed_copy", letter=letter.number)
    filed(number, FILES["ofd"], "sealed_copy", letter=letter.number)
    found = papers_of(number)
    served = found.sealed_copy(letter.number)
    assert served is not None
    assert (served.type, served.kind, served.digest) == (
        "ofd",
        "sealed_copy",
        taken(FILES["ofd"]).digest,
    )
    counter.withdraw(number, served.place, "传错", CLERK)
    assert papers_of(number).sealed_copy(letter.number).type == "pdf"  # type: ignore[union-attr]


# ── what goes, and when ───────────────────────────────────────────────────────────────────────
def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day.isoformat())


def test_a_withdrawn_material_is_kept_for_its_days_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    number = receive()
    place = filed(number, SLIP)
    with pytest.raises(ActRefused, match="写明撤出的原因"):
        counter.withdraw(number, place, " ", CLERK)
    counter.withdraw(number, place, "传错了件", CLERK)
    with pytest.raises(ActRefused, match="已于2026-03-02撤出"):
        counter.withdraw(number, place, "再撤", CLERK)
    with pytest.raises(ActRefused, match="没有第2号"):
        counter.withdraw(number, 2, "没有", CLERK)
    assert papers_of(number).in_file() == []
    last = date(2026, 3, 2) + timedelta(days=office.material_rules().withdrawn_days)
    for day, there in ((last - timedelta(1), 1), (last, 1), (last + timedelta(1), 0)):
        on(monkeypatch, day)
        list(material_content.let_go())
        assert len(stored(home)) == there
    assert verifying.verify(contents=True).faults == ()
    assert filed(number, SLIP) == 2


def test_what_another_material_shares_stays_when_one_is_withdrawn(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    first, second = receive(), receive(applicant="乙")
    filed(first, SLIP)
    filed(second, SLIP)
    counter.withdraw(first, 1, "传错", CLERK)
    on(monkeypatch, date(2026, 12, 1))
    assert list(material_content.let_go()) == []
    assert content_of(second) == SLIP


@pytest.mark.parametrize("what", ["event SET facts", "entry SET facts"])
def test_while_one_record_cannot_be_read_it_is_named_and_no_material_goes(
    what: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an unreadable case holds would be taken for nobody's; the others are held as before."""
    first, second = receive(), receive(applicant="乙")
    filed(first, SLIP)
    filed(second, FILES["pdf"])
    counter.withdraw(second, 1, "传错", CLERK)
    with office.writing() as session:
        altered = f"UPDATE {what} = '[]' WHERE case_number = :number"
        session.execute(text(altered), {"number": first})
    begins = f"申请 {first}：登记的材料不能核对（"
    (unread,) = (one for one in verifying.verify().faults if one.startswith(begins))
    on(monkeypatch, date(2026, 12, 1))
    assert list(material_content.let_go()) == [f"到期的材料没有删除：{unread}"]
    assert len(stored(home)) == 2


def test_with_the_particulars_goes_what_bears_them_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive(**PERSON)
    advance(number)
    filed(number, SLIP, "identity")
    filed(number, FILES["pdf"], "found")
    on(monkeypatch, date(2036, 3, 3))
    ((_, until),) = destroying.due()
    assert main(["destroy", "--officer", "王建国", "--yes"]) == 0
    assert until == date(2036, 3, 2)
    assert "随个人信息销毁的材料，1份的内容已删除" in capsys.readouterr().out
    assert content_of(number, 2) == FILES["pdf"]
    assert len(stored(home)) == 1
    assert verifying.verify(contents=True).faults == ()
    with pytest.raises(ActRefused, match="已于2036-03-03销毁"):
        filed(number, FILES["gif"], "identity")
    assert filed(number, FILES["gif"], "court") == 3


def test_what_was_stored_and_never_recorded_goes_after_a_day(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(SLIP)
    with store.part() as (out, path):
        out.write(b"half")
        left = path.with_name(f"{'0' * 32}.part")
        shutil.copy(path, left)
    assert len(stored(home)) == 2
    now = office.now()
    for since, there in (
        (timedelta(days=1) - timedelta(minutes=1), 2),
        (timedelta(days=1, minutes=1), 0),
    ):
        monkeypatch.setattr(office, "now", lambda since=since: now + since)
        told = [*letting_go.half_written(office.now()), *material_content.let_go()]
        assert len(stored(home)) == there
    assert told == ["没有写完的文件，1个已删除", "没有存完的材料，1份的内容已删除"]


# ── proofs ────────────────────────────────────────────────────────────────────────────────────
def test_verify_names_the_material_that_is_gone_damaged_or_another(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive()
    for content in (SLIP, FILES["pdf"], FILES["gif"]):
        filed(number, content)
    found = [one.digest for one in papers_of(number).materials]
    paths = [home / "materials" / one[:2] / one for one in found]
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-1] + b"\x00")
    paths[2].write_bytes(paths[1].read_bytes())
    faults = verifying.verify().faults
    assert [fault.partition("：")[0] for fault in faults] == [
        f"申请 {number} 第1号材料",
        f"申请 {number} 第3号材料",
    ]  # opened, not read to the end
    assert main(["verify"]) == 1
    said = capsys.readouterr().out
    assert "不在存放处" in said
    assert f"申请 {number} 第2号材料：材料的内容（摘要 {found[1][:16]}……）已损坏" in said
    assert "换成了另一份内容" in said


def test_a_link_in_the_place_of_a_content_is_not_followed(home: Path, tmp_path: Path) -> None:
    number = receive()
    filed(number, SLIP)
    (path,) = stored(home)
    elsewhere = tmp_path / "elsewhere"
    shutil.copy(path, elsewhere)
    path.unlink()
    path.symlink_to(elsewhere)
    with pytest.raises(OSError, match=r"链接|symbolic"):
        content_of(number)
    path.unlink()
    shutil.rmtree(path.parent)
    path.parent.symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(OSError, match="链接"):
        filed(receive(applicant="乙"), SLIP)


def test_a_backup_holds_the_materials_and_brings_them_back(home: Path, tmp_path: Path) -> None:
    number = receive()
    filed(number, SLIP, "identity")
    (home / "materials" / f"{'1' * 32}.part").write_bytes(b"half")
    made = backup.make(office.engine(), home, office.config(), tmp_path / "b", office.now())
    assert [name for name in made.files if name.startswith("materials/")] == [
        f"materials/{papers_of(number).materials[0].digest[:2]}/{papers_of(number).materials[0].digest}"
    ]
    (path,) = [one for one in stored(home) if not one.name.endswith(".part")]
    path.unlink()
    assert verifying.verify().faults != ()
    office.close()
    where = office.database()
    restoring.restore(tmp_path / "b", where, home, opening.file_of(where))
    assert content_of(number) == SLIP
    assert verifying.verify(contents=True).faults == ()


def opens_under_a_new_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A material is sealed under the key, the key is changed, and the old one is gone: it opens."""
    old, new = os.environ[settings.KEY.name], new_key()
    number = receive(**PERSON)
    filed(number, SLIP)
    office.close()
    monkeypatch.setenv(settings.KEY.name, f"{new},{old}")
    assert main(["rekey"]) == 0
    assert "1份材料已改用现在的密钥" in capsys.readouterr().out
    office.close()
    monkeypatch.setenv(settings.KEY.name, new)
    assert content_of(number) == SLIP


def test_after_a_change_of_key_materials_open_without_the_old_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opens_under_a_new_key(monkeypatch, capsys)
    assert store.reseal(store.store(), office.sealing()) == 0
    assert verifying.verify(contents=True).faults == ()


# ── what is asked for ─────────────────────────────────────────────────────────────────────────
def lacking(number: str) -> list[tuple[int, str]]:
    with office.reading() as session:
        case = register.case(session, number)
        return [
            (one.step, one.title)
            for one in missing(case, papers(session, number), office.material_rules())
        ]


def test_a_reply_that_was_posted_asks_for_its_slip_until_one_is_there() -> None:
    number = receive()
    assert lacking(number) == []
    advance(number)
    with office.reading() as session:
        steps = [step.act.kind for step in register.case(session, number).steps]
    sent = steps.index("replied") + 1
    assert [step for step, _ in lacking(number)] == [sent]
    filed(number, SLIP, "identity")
    filed(number, SLIP, "post_receipt", step=1)  # of another act
    assert [step for step, _ in lacking(number)] == [sent]
    place = filed(number, FILES["gif"], "post_receipt")
    assert lacking(number) == []  # of the case as a whole
    counter.withdraw(number, place, "传错", CLERK)
    assert [step for step, _ in lacking(number)] == [sent]
    filed(number, FILES["pdf"], "service_receipt", step=sent)
    assert lacking(number) == []


# ── from the terminal, and found again ────────────────────────────────────────────────────────
def test_from_the_terminal_papers_are_added_listed_given_back_and_withdrawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive()
    scan = tmp_path / "申请书.exe"
    scan.write_bytes(FILES["pdf"])
    at = ["materials", number]
    by = ["--officer", "陈静"]
    assert main([*at, "--add", str(scan), "--kind", "申请书", *by]) == 0
    assert main([*at, "--note", "已转法制处", *by]) == 0
    assert main(at) == 0
    said = capsys.readouterr()
    assert "材料1　申请书　申请书（1 KB）　2026年3月2日　陈静" in said.out
    assert "便签　2026年3月2日　陈静：已转法制处" in said.out
    assert "共1份材料，1条便签" in said.err
    out = tmp_path / "取出.pdf"
    assert main([*at, "--get", "1", "--out", str(out), *by]) == 0
    assert out.read_bytes() == FILES["pdf"]
    for wrong, why in (
        (["materials"], "请写明申请编号"),
        ([*at, "--get", "1", "--out", str(out)], "已经存在"),
        ([*at, "--get", "2", "--out", str(tmp_path / "x")], "没有第2号"),
        ([*at, "--get", "1"], "--out"),
        ([*at, "--add", str(scan)], "--kind"),
        ([*at, "--add", str(scan), "--kind", "发票"], "没有“发票”"),
        ([*at, "--add", str(tmp_path / "no.pdf"), "--kind", "其他"], "没有存入"),
        (["materials", "SQ209900001"], "SQ209900001"),
        ([*at, "--withdraw", "1"], "写明撤出的原因"),
    ):
        capsys.readouterr()
        assert main(wrong) == 2, wrong
        assert why in capsys.readouterr().err
    assert main([*at, "--withdraw", "1", "--reason", "传错", *by]) == 0
    assert papers_of(number).in_file() == []


def test_a_folder_is_taken_whole_or_not_at_all_and_twice_adds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, other = receive(), receive(applicant="乙")
    folder = tmp_path / "旧材料"
    for path, content in (
        (f"{number}/申请书/正文.pdf", FILES["pdf"]),
        (f"{number}/散页.png", FILES["png"]),
        (f"{other}/送达回证/回证.gif", FILES["gif"]),
        (f"{other}/.DS_Store", b"x"),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    bad = folder / "张三" / "a.pdf"
    bad.parent.mkdir()
    bad.write_bytes(FILES["pdf"])
    (folder / other / "程序.exe").write_bytes(b"MZ\x90\x00" + bytes(99))
    ask = ["materials", "--folder", str(folder), "--officer", "陈静"]
    assert main(ask) == 2
    said = capsys.readouterr().err
    assert "没有存入任何材料" in said
    assert "张三：应为以申请编号命名的目录" in said
    assert f"{number}/散页.png：不知道是哪一种材料" in said
    shutil.rmtree(bad.parent)
    assert main([*ask, "--kind", "其他"]) == 2
    assert f"{other}/程序.exe：不是可以存放的文件格式" in capsys.readouterr().err
    assert papers_of(number).position == papers_of(other).position == 0
    (folder / other / "程序.exe").unlink()
    assert main([*ask, "--kind", "其他"]) == 0
    assert "存入3份，2件申请" in capsys.readouterr().out
    assert [(m.kind, m.title) for m in papers_of(number).materials] == [
        ("other", "散页"),
        ("application", "正文"),
    ]
    assert main([*ask, "--kind", "其他"]) == 0
    assert "存入0份" in capsys.readouterr().out


def test_notes_and_titles_are_found_by_their_words_as_soon_as_they_are_written() -> None:
    number, other = receive(), receive(applicant="乙")

    def meant(words: str) -> list[str]:
        with office.reading() as session:
            return [row.number for row in every(session, Asked(words))]

    assert meant("信访局来电") == []
    counter.note(number, "信访局来电催问", "", CLERK)
    counter.file_all(other, [taken(SLIP, "省高院传票.png")], Filing("court"), CLERK)
    assert meant("信访局来电") == [number]
    assert meant("高院传票") == [other]


def test_where_officers_are_listed_those_who_work_on_cases_add_papers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = receive()
    agency = office.agency().model_copy(update={"officers": OFFICERS})
    monkeypatch.setattr(office, "agency", lambda: agency)
    for one in OFFICERS:
        if one.only_supplies:
            with pytest.raises(ActRefused, match="没有"):
                counter.note(number, "甲", "", By(one.name))
        else:
            counter.note(number, f"{one.name}看过", OFFICERS[0].name, By(one.name))
    with pytest.raises(ActRefused, match="不在办理人员名单中"):
        counter.note(number, "甲", "", By("外人"))
    with pytest.raises(ActRefused, match="“外人”不在办理人员名单中，便签没有存入"):
        counter.note(number, "甲", "外人", By(OFFICERS[0].name))
    with pytest.raises(ActRefused, match="便签没有内容"):
        counter.note(number, " \n", "", By(OFFICERS[0].name))


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('key = "identity"', 'key = "application"', "application 有两行"),
        ('key = "sealed_copy"', 'key = "stamped"', "缺少 sealed_copy"),
        ('kinds = ["correction"]', 'kinds = ["unheard"]', "没有“unheard”"),
        ("largest_mb = 200", "largest_mb = 0", "largest_mb"),
        ('key = "ofd"', 'key = "exe"', "type"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    words = (CONFIG / "materials.toml").read_text("utf-8")
    assert was in words
    (tmp_path / "materials.toml").write_text(words.replace(was, becomes, 1), "utf-8")
    with pytest.raises(ConfigFault, match=said):
        load_material_rules(tmp_path)


def test_every_act_that_asks_for_materials_is_one() -> None:
    for one in office.material_rules().asked:
        assert one.act in ACTS
        assert set(one.ways) <= set(AGAIN)
        assert set(one.results) <= set(FOUND)
