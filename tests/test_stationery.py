"""An office's own stationery: laid out in Word, tried before it is used, refused where it loses a word."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from letter_examples import written

from flows import office
from flows.__main__ import main
from flows.printing import sheets
from letters.letter import own_stationery, paper
from letters.letter.own_stationery import MANY, ONE, starter
from letters.letter.words import Letter
from models.errors import ConfigFault

AGENCY = "上海市知识产权局"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    own = tmp_path / "config"
    shutil.copytree(office.config(), own)
    (own / "letters").mkdir()
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(own))
    sheets._KNOWN.clear()
    yield own
    sheets._KNOWN.clear()


def changed(old: str, new: str, sheet: bytes | None = None) -> bytes:
    """The starter with a paragraph that says something else."""
    document = Document(BytesIO(sheet or starter(AGENCY)))
    hits = [each for each in document.paragraphs if old in each.text]
    assert hits, old
    for each in hits:
        text = each.text.replace(old, new)
        for run in each.runs[1:]:
            run.clear()
        each.runs[0].text = text
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def words_of(docx: bytes) -> list[str]:
    document = Document(BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [each.text for each in document.paragraphs if each.text] + cells


@pytest.mark.parametrize(
    "kind",
    ["fee", "partly_granted", "correction", "consultation_third_party", "receipt", "withdrawn"],
)
def test_every_letter_says_on_an_own_sheet_what_it_says_on_ours(kind: str) -> None:
    letter = written(kind)
    made = own_stationery.write(letter, starter(AGENCY))
    assert words_of(made) == words_of(paper.write(letter))
    assert made == own_stationery.write(Letter.from_json(letter.to_json()), starter(AGENCY))


def test_what_officers_add_in_word_stays_and_a_place_parted_into_runs_is_found() -> None:
    sheet = changed("{{ 主送 }}", "经办人：办公室")
    document = Document(BytesIO(sheet))
    line = document.add_paragraph()
    for part in ("{{ 主", "送 }", "}"):
        line.add_run(part)
    made = BytesIO()
    document.save(made)
    own_stationery.checked("letters/extension.docx", made.getvalue())
    letter = written("extension")
    words = words_of(own_stationery.write(letter, made.getvalue()))
    assert "经办人：办公室" in words
    assert letter.addressee in words


def test_headings_are_set_in_the_fonts_of_headings() -> None:
    made = Document(BytesIO(own_stationery.write(written("fee"), starter(AGENCY))))
    fonts = {
        each.text: re.findall('w:eastAsia="([^"]+)"', each.runs[0]._r.xml)
        for each in made.paragraphs
        if each.text
    }
    assert fonts["一、收费依据和标准"] == ["黑体"]
    assert fonts["特此告知。"] == []


@pytest.mark.parametrize("place", [each for each in (*ONE, *MANY) if each != "机关"])
def test_a_sheet_that_loses_a_part_or_says_it_twice_is_refused_by_name(place: str) -> None:
    for instead in ("（空）", f"{{% if false %}}{{{{ {place} }}}}{{% endif %}}"):
        with pytest.raises(ConfigFault, match=rf"letters/reply\.docx.*{{{{ {place} }}}}"):
            own_stationery.checked("letters/reply.docx", changed(f"{{{{ {place} }}}}", instead))
    document = Document(BytesIO(starter(AGENCY)))
    document.add_paragraph(f"{{{{ {place} }}}}")
    made = BytesIO()
    document.save(made)
    with pytest.raises(ConfigFault, match="应当各有一处，且只有一处"):
        own_stationery.checked("letters/reply.docx", made.getvalue())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{{ 申请人电话 }}", "“申请人电话”不是可以填写的内容；可以写的是机关、文号"),
        ("{{ 文号", "占位的写法有误"),
        ("{{ 文号.__class__.__mro__ }}", "版式"),
    ],
)
def test_what_is_no_place_is_refused_in_words(words: str, said: str) -> None:
    with pytest.raises(ConfigFault, match=re.escape(said)):
        own_stationery.checked("letters/reply.docx", changed("{{ 文号 }}", words))
    with pytest.raises(ConfigFault, match="应为 Word 或者 WPS 存成的"):
        own_stationery.checked("letters/reply.docx", b"PK nothing")


def test_a_value_is_never_an_instruction() -> None:
    letter = replace(written("extension"), addressee="{{ 7*7 }}{% for %}<w:p>&：")
    assert letter.addressee in words_of(own_stationery.write(letter, starter(AGENCY)))


def test_a_letter_of_an_earlier_release_loses_nothing_though_it_notes_no_remedy() -> None:
    letter = written("not_ours")
    assert letter.remedy[1] > letter.remedy[0] > 0
    assert "行政复议" in letter.paragraphs[letter.remedy[0]].text
    old = re.sub(r', "remedy": \[[^]]*\]', "", letter.to_json())
    assert "remedy" not in old
    earlier = Letter.from_json(old)
    assert earlier.remedy == (0, 0)
    assert words_of(own_stationery.write(earlier, starter(AGENCY))) == words_of(paper.write(letter))


def test_an_office_writes_on_its_own_sheet_and_on_the_last_that_was_whole(
    config: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    reply, extension = written("not_ours"), written("extension")
    assert sheets.write(reply) == paper.write(reply)
    own = config / "letters" / "reply.docx"
    assert main(["stationery", "reply", str(own)]) == 0
    own.write_bytes(changed("{{ 主送 }}", "本局专用纸　{{ 主送 }}"))
    sheets.check()
    assert f"本局专用纸　{reply.addressee}" in words_of(sheets.write(reply))
    assert sheets.write(extension) == paper.write(extension)

    own.write_bytes(changed("{{ 救济 }}", "（略）"))
    assert f"本局专用纸　{reply.addressee}" in words_of(sheets.write(reply))
    assert "自备版式有误，暂按此前的办理" in caplog.text
    with pytest.raises(ConfigFault, match=r"letters/reply\.docx.*{{ 救济 }}"):
        sheets.check()

    own.rename(config / "letters" / "letterhead.docx")
    with pytest.raises(ConfigFault, match="应以文书的标识命名"):
        sheets.check()
    assert main(["stationery", "service_receipt", str(own)]) == 2
    assert "service_receipt" in capsys.readouterr().err
