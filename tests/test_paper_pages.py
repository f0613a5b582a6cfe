"""A case's papers on pages of ours: added, looked at, withdrawn, noted; and nothing of theirs runs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from databases import empty_register
from papers_examples import FILES, HIDDEN, MARKER, SCRIPTED, SHOWN, SVG, pdf
from PIL import Image
from sqlmodel import select
from test_register import advance

from flows import office
from flows.path import forms
from flows.shown import pages
from flows.shown.paper_lines import above_form
from models.case.stage import Stage
from models.neighbours.papers import papers
from models.register import register
from models.store.tables import Entry
from tests.our_pages import CLERK, TOKEN, Desk, confirmed, done, lines, received

BOUNDARY = "a1b2c3"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with empty_register(tmp_path, monkeypatch):
        one = Desk()
        one.officer = CLERK
        yield one


def add(desk: Desk, number: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    """Send files as a browser does: the page's own fields first."""
    at = f"/cases/{number}/papers"
    shown = desk.get(at)
    once = re.search('name="once" value="([^"]+)"', shown)
    token = TOKEN.search(shown)
    assert once is not None
    assert token is not None
    data = {"token": token[1], "once": once[1], "kind": "found", "step": "0", **fields}
    sent = [("files", (name, BytesIO(content), "text/plain")) for name, content in files]
    return desk._ask("POST", at, data=data, files=sent)


def stored() -> list[str]:
    folder = office.home() / "materials"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def found(number: str):
    with office.reading() as session:
        return papers(session, number)


def content(desk: Desk, path: str) -> httpx.Response:
    return desk._ask("GET", path)


def test_several_files_are_added_listed_shown_and_saved_and_each_reading_leaves_a_line(
    desk: Desk,
) -> None:
    number = received()
    answer = add(
        desk, number, ("../名单.exe", FILES["pdf"]), ("身份证.png", FILES["png"]), step="1"
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/cases/{number}/papers?done"
    page = desk.get(f"/cases/{number}/papers?done")
    assert "已存入" in page
    assert "名单" in page
    assert "第1步" in page
    assert [(m.place, m.title, m.officer) for m in found(number).materials] == [
        (1, "名单", CLERK),
        (2, "身份证", CLERK),
    ]
    shown = desk.get(f"/cases/{number}/papers/2")
    image = f"/cases/{number}/papers/2/file?shown=1"
    assert f'src="{image}"' in shown
    assert content(desk, image).headers["content-disposition"] == "inline"
    saved = content(desk, f"/cases/{number}/papers/1/file")
    assert saved.content == FILES["pdf"]
    assert saved.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%E5%90%8D%E5%8D%95.pdf"
    )
    whole = desk.get(f"/cases/{number}/papers/1")
    assert "共2页" in whole
    drawn = content(desk, f"/cases/{number}/papers/1/pages/2")
    assert Image.open(BytesIO(drawn.content)).size == (1100, 1557)
    assert desk._ask("GET", f"/cases/{number}/papers/1/pages/3").status_code == 404
    read = [what for _, what in lines()]
    for what in ("案卷材料", "第1号材料", "第2号材料"):
        assert f"{number} {what}" in read
    assert "案卷材料（2份）" in desk.get(f"/cases/{number}")
    assert MARKER not in desk.get(f"/cases/{number}")


@pytest.mark.parametrize(
    ("name", "hostile"),
    [("a.svg", SVG), ("a.html", b"<html><script>alert(1)</script>"),
     ("a.pdf", pdf(SHOWN, catalogue=SCRIPTED)),
     ("b.png", b"<svg onload=alert(1)>"), ("c.txt", FILES["text"])],
)  # fmt: skip
def test_nothing_of_a_file_runs_in_the_browser(desk: Desk, name: str, hostile: bytes) -> None:
    number = received()
    assert add(desk, number, (name, hostile)).status_code == 303
    for path in ("file", "file?shown=1"):
        given = content(desk, f"/cases/{number}/papers/1/{path}")
        assert given.content == hostile
        assert given.headers["content-disposition"].startswith("attachment")
        assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert given.headers["x-content-type-options"] == "nosniff"
        assert "html" not in given.headers["content-type"]
        assert "svg" not in given.headers["content-type"]
    page = desk._ask("GET", f"/cases/{number}/papers/1")
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    if name == "a.pdf":
        drawn = content(desk, f"/cases/{number}/papers/1/pages/1")
        assert drawn.headers["content-type"] == "image/png"
        assert drawn.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_what_another_page_sends_is_not_taken(desk: Desk) -> None:
    number = received()
    at = f"/cases/{number}/papers"
    for token in ("", "forged"):
        sent = desk._ask(
            "POST",
            at,
            data={"token": token, "kind": "found"},
            files={"files": ("a.png", FILES["png"])},
        )
        assert sent.status_code == 403
        assert "没有提交" in sent.text
    first = desk._ask("POST", at, files={"files": ("a.png", FILES["png"])})  # no field before it
    assert first.status_code == 403
    for fields in ({"words": "甲"}, {"words": "甲", "token": "forged"}):
        assert desk._ask("POST", f"{at}/note", data=fields).status_code == 403
    assert stored() == []
    assert found(number).position == 0


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def test_an_upload_that_breaks_off_or_is_no_form_leaves_nothing(desk: Desk) -> None:
    number = received()

    def ask(body: bytes, kind: str = f"multipart/form-data; boundary={BOUNDARY}") -> httpx.Response:
        return asked_with(desk, "POST", f"/cases/{number}/papers", kind, body)

    token = TOKEN.search(desk.get(f"/cases/{number}/papers"))
    assert token is not None
    ours = part("token", token[1].encode())
    begun = part("files", FILES["png"], '; filename="a.png"')
    for body, kind, status in (
        (ours + begun, None, 400),
        (ours + begun[:-20], None, 400),
        (b"nonsense", None, 400),
        (ours + begun, "text/plain", 403),
        (ours + begun, "multipart/form-data", 403),
        (ours + part("words", b"a" * 30_000) + b"--" + BOUNDARY.encode() + b"--\r\n", None, 413),
    ):
        told = ask(body, kind) if kind else ask(body)
        assert told.status_code == status, (body[:60], kind)
        assert "没有存入" in told.text or "不能读取" in told.text
    assert stored() == []
    end = b"--" + BOUNDARY.encode() + b"--\r\n"
    none = ask(ours + part("files", b"", '; filename=""') + end)
    assert (none.status_code, "没有选择文件" in none.text) == (409, True)
    whole = ours + part("kind", b"found") + begun + end
    assert ask(whole).status_code == 303
    assert len(stored()) == 1


def asked_with(desk: Desk, method: str, path: str, kind: str, body: bytes) -> httpx.Response:
    """A request whose body is what it is, in pieces of 50 bytes."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 50):
            yield body[at : at + 50]

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies=desk.cookies
        ) as client:
            return await client.request(
                method, path, content=pieces(), headers={"content-type": kind}
            )

    return asyncio.run(once())


def test_of_several_those_that_can_be_taken_are_and_the_others_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = received()
    rules = office.material_rules().model_copy(update={"largest_batch": 3, "largest_mb": 1})
    monkeypatch.setattr(office, "material_rules", lambda: rules)
    told = add(
        desk, number, ("病毒.exe", b"MZ\x90\x00" + bytes(90)), ("好的.png", FILES["png"]),
        ("大.txt", b"a" * 1_000_001), ("多一份.png", FILES["gif"]),
    )  # fmt: skip
    assert told.status_code == 409
    assert "已存入1份" in told.text
    assert "“病毒”没有存入：不是可以存放的文件格式" in told.text
    assert "“大”没有存入：超过 1 MB" in told.text
    assert "“多一份.png”没有存入：一次最多上传3份" in told.text
    assert [one.title for one in found(number).materials] == ["好的"]
    kind = add(desk, number, ("a.gif", FILES["gif"]), kind="")
    assert kind.status_code == 409
    assert len(found(number).materials) == 1


def test_a_page_sent_twice_is_recorded_once(desk: Desk) -> None:
    number = received()
    at = f"/cases/{number}/papers"
    shown = desk.get(at)
    once = re.search('name="once" value="([^"]+)"', shown)
    token = TOKEN.search(shown)
    assert once is not None
    assert token is not None
    data = {"token": token[1], "once": once[1], "kind": "found"}
    for _ in range(2):
        sent = desk._ask("POST", at, data=data, files={"files": ("a.png", FILES["png"])})
        assert sent.status_code == 303, sent.text
    noted = {**data, "words": "已电话告知"}
    for _ in range(2):
        assert desk._ask("POST", f"{at}/note", data=noted).status_code == 303
    other = desk._ask("POST", at, data=data, files={"files": ("b.gif", FILES["gif"])})
    assert other.status_code == 303  # another file from the same page is another material
    assert (len(found(number).materials), len(found(number).notes)) == (2, 1)


def test_notes_and_withdrawals_move_nothing_and_are_there_after_closing(desk: Desk) -> None:
    number = received()
    advance(number)
    at = f"/cases/{number}/papers"
    with office.reading() as session:
        before = register.row(session, number).model_dump()
        position = register.case(session, number).position
    assert before["stage"] == str(Stage.CLOSED)
    assert add(desk, number, ("回证.png", FILES["png"]), kind="service_receipt").status_code == 303
    assert desk.post(f"{at}/note", at, words="当事人来电\n<b>催办</b>", to="").status_code == 303
    page = desk.get(at)
    assert "&lt;b&gt;催办&lt;/b&gt;" in page
    assert desk.post(f"{at}/withdraw", at, place="1", reason="").status_code == 409
    assert desk.post(f"{at}/withdraw", at, place="1", reason="传错").status_code == 303
    assert "撤出：传错" in desk.get(at)
    assert desk._ask("GET", f"{at}/1").status_code == 404
    assert desk._ask("GET", f"{at}/1/file").status_code == 404
    with office.reading() as session:
        assert register.row(session, number).model_dump() == before
        assert register.case(session, number).position == position
    assert "便签　2026年3月2日　" in desk.get(f"/cases/{number}")


def test_a_note_to_a_colleague_stands_on_his_bench_for_two_weeks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = received()
    at = f"/cases/{number}/papers"
    assert desk.post(f"{at}/note", at, words="请先看第三页", to="李明").status_code == 303
    assert "请先看第三页" not in desk.get("/")
    desk.officer = "李明"
    for day, there in (("2026-03-16", True), ("2026-03-17", False)):
        monkeypatch.setenv("DISCLOSURE_TODAY", day)
        assert ("请先看第三页" in desk.get("/")) == there


def test_where_nobody_logs_in_the_officer_is_asked(desk: Desk) -> None:
    desk.officer = ""
    number = received()
    at = f"/cases/{number}/papers"
    assert 'name="officer"' in desk.get(at)
    assert "请填写办理人" in add(desk, number, ("a.png", FILES["png"])).text
    assert desk.post(f"{at}/note", at, words="甲").status_code == 409
    assert add(desk, number, ("a.png", FILES["png"]), officer=CLERK).status_code == 303
    assert desk.post(f"{at}/note", at, words="甲", officer=CLERK).status_code == 303


def test_text_under_black_boxes_is_shown_when_a_file_is_to_go_out(desk: Desk) -> None:
    number = received()
    clean = add(desk, number, ("附件一.pdf", pdf(SHOWN)), kind="given")
    assert clean.status_code == 303
    black = add(desk, number, ("附件二.pdf", pdf(SHOWN + HIDDEN)), kind="given")
    assert black.status_code == 200
    assert "“附件二”第1页的遮盖下面还有文字" in black.text
    assert "Zhang" in black.text
    assert "13800000000" in black.text
    assert "Annex" not in black.text
    assert "13800000000" in desk.get(f"/cases/{number}/papers/2")
    assert "遮盖下面" not in desk.get(f"/cases/{number}/papers/1")
    assert add(desk, number, ("档案.pdf", pdf(HIDDEN)), kind="found").status_code == 303


def test_the_sealed_copy_is_what_a_letter_is_served_as(desk: Desk) -> None:
    number = received()
    advance(number)
    with office.reading() as session:
        letter = register.case(session, number).reply_letter()
        assert letter is not None
    word = "wordprocessingml.document"
    assert str(pages._letter(number, letter.number).media_type).endswith(word)
    sent = add(
        desk, number, ("盖章.pdf", FILES["pdf"]), kind="sealed_copy", letter=letter.number,
        title=f"告知书（{letter.number}）",
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    led = pages._letter(number, letter.number).headers["location"]
    assert content(desk, led).content == FILES["pdf"]
    as_written = pages._letter(number, letter.number, as_written=True)
    assert str(as_written.media_type).endswith(word)
    with office.reading() as session:
        (entry,) = session.exec(select(Entry)).all()
        assert entry.kind == "sealed_copy_taken"
        assert entry.facts["digest"] == found(number).materials[0].digest
    page = desk.get(f"/cases/{number}/papers")
    assert "原稿" in page


def test_the_form_leads_to_the_papers_and_proposes_what_goes_out(desk: Desk) -> None:
    number = received()
    confirmed(number)
    done(number, "found_ours")
    add(desk, number, ("专利资助名单.pdf", FILES["pdf"]), kind="given")
    desk.post(f"/cases/{number}/papers/note", f"/cases/{number}/papers", words="请先问法制处")
    with office.reading() as session:
        point = forms.point(session, register.case(session, number))
    assert f"[存入、查看材料和便签](/cases/{number}/papers)" in point.description
    assert "请先问法制处" in point.description
    (drafting,) = [
        tab for tab in point.schema["anyOf"] if "drafted_granted.attachments" in tab["properties"]
    ]
    assert drafting["properties"]["drafted_granted.attachments"]["default"] == "专利资助名单"
    draft = {
        "outcome": "granted", "information": "名单", "whereabouts": "随本告知书附送",
    }  # fmt: skip
    done(number, "drafted_granted", **draft, attachments="《专利资助名单》（3页）\n另一份")
    page = desk.get(f"/cases/{number}/papers")
    assert '《专利资助名单》（3页）　<span class="good">材料1</span>' in page
    assert '另一份　<span class="late">案卷中没有' in page
    with office.reading() as session:
        told = above_form(session, register.case(session, number))
    assert any("随附材料“另一份”" in line for line in told)


def test_what_is_missing_stands_on_the_case_and_above_its_form(desk: Desk) -> None:
    number = received()
    advance(number)
    page = desk.get(f"/cases/{number}")
    assert "还没有送达回证、邮寄凭证" in page
    add(desk, number, ("凭证.png", FILES["png"]), kind="post_receipt")
    assert "还没有送达回证" not in desk.get(f"/cases/{number}")
    assert "材料1　邮寄凭证　凭证" in desk.get(f"/cases/{number}")


def test_a_case_that_is_not_there_has_no_papers(desk: Desk) -> None:
    for path in ("", "/1", "/1/file", "/1/pages/1", "/x", "/1/x"):
        assert desk._ask("GET", f"/cases/SQ209900001/papers{path}").status_code == 404
    number = received()
    for path in ("/1", "/0/file", "/1/pages/1", "/999999999999/file", "/１"):
        assert desk._ask("GET", f"/cases/{number}/papers{path}").status_code == 404
    assert desk._ask("DELETE", f"/cases/{number}/papers").status_code == 404


def test_the_same_content_picked_twice_is_filed_once_and_said(desk: Desk) -> None:
    number = received()
    twice = add(desk, number, ("甲.txt", b"one"), ("乙.txt", b"one"), ("丙.txt", b"two"))
    assert "“乙”没有存入：与“甲”内容相同" in twice.text
    assert "已存入2份" in twice.text
    assert [one.title for one in found(number).materials] == ["甲", "丙"]
