"""The dossier: every act, document and deadline of a case; what may be done, and why not else."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from flows import office
from flows.__main__ import main
from flows.path import intake, recording
from flows.shown.brief import brief
from flows.shown.dossier import Dossier, dossier
from flows.shown.row_words import applicants
from letters.letter.record import Section
from models.acts import catalogue
from models.register import register
from tests.databases import empty_register
from tests.our_pages import lines


@pytest.fixture(autouse=True)
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A case received on 2026-03-02, handed in by an applicant with an awkward name."""
    with empty_register(tmp_path, monkeypatch):
        made = intake.receive(
            channel="当面",
            kind="自然人",
            applicant="张<三>|*",
            request="第一行\n# 第二行",
            arrived_on=None,
            identity="310101199001011234",
            contact="13800000000",
            officer="陈静",
        )
        recording.perform(made.number, 1, "received", {"received_on": "2026-03-02"}, "陈静")
        yield made.number


def _found(number: str):
    with office.reading() as session:
        return dossier(session, number, office.circumstances(""))


def test_the_dossier_tells_acts_documents_limit_and_what_may_be_done(case):
    """Each section has what its heading says, with the articles (Arts. 31, 33)."""
    text = _found(case).text()
    for expected in (
        "确认收到申请",
        "条例第三十一条",
        "收到申请之日：2026年3月2日",
        "提交方式：当面提交\n",
        "沪知公开收〔2026〕1号",
        "3月30日",
        "条例第三十三条",
        "可以办理：属于本机关负责公开",
    ):
        assert expected in text
    assert "不属于" not in text  # forms of other stages are nobody's business here


@pytest.mark.parametrize("kept", [False, True])
def test_a_dossier_read_in_the_terminal_leaves_a_line(
    case: str, kept: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one read on a page does (网络安全法 21(3)); what was not found, none."""
    out = tmp_path / "卷宗.docx"
    assert main(["case", case, *(("--docx", str(out)) if kept else ())]) == 0
    assert "张<三>" in capsys.readouterr().out
    assert lines() == [("命令行", f"{case} 卷宗")]
    assert main(["case", "SQ209900001"]) == 2
    assert len(lines()) == 1


def test_identity_and_contact_stand_in_no_form_of_the_dossier(case, capsys, tmp_path):
    """What identifies the applicant stays in the register."""
    assert main(["case", case, "--docx", str(tmp_path / "a.docx")]) == 0
    paper = "\n".join(one.text for one in Document(str(tmp_path / "a.docx")).paragraphs)
    for words in (capsys.readouterr().out, _found(case).markdown(), paper):
        assert "310101199001011234" not in words
        assert "13800000000" not in words


def test_the_file_says_what_was_done_and_not_what_might_be_done_that_day(case, capsys, tmp_path):
    assert main(["case", case, "--docx", str(tmp_path / "a.docx")]) == 0
    paper = "\n".join(one.text for one in Document(str(tmp_path / "a.docx")).paragraphs)
    assert "下一步" in capsys.readouterr().out
    assert "答复期限" in paper
    assert not [words for words in ("下一步", "不能办理", "不属于“") if words in paper]


def test_hostile_text_shows_as_itself_in_markdown(case):
    """A name or a request forges no heading, table or link in the UI."""
    marked = _found(case).markdown()
    assert "\n# 第二行" not in marked
    assert "张\\<三\\>\\|\\*" in marked


def test_what_an_act_states_stands_below_it_in_markdown(case):
    """A numbered act keeps its number and is no bullet; the limit's working likewise."""
    marked = _found(case).markdown()
    first, second = "1. 2026年3月2日　登记申请", "2. 2026年3月2日　确认收到申请"
    assert f"\n{first.replace('　', ' ')}" in marked
    assert "\n   - 提交方式：当面提交\n" in marked
    assert f"\n{second.replace('　', ' ')}" in marked
    assert "\n1. 2026年3月2日至3月30日" in marked
    assert "- 1" not in marked
    long = Dossier(
        "卷宗", (Section("办理经过", ("10. 发出", "　　发出日期：2026年3月2日", "注意：1. 留存")),)
    )
    assert long.markdown().endswith("\n10. 发出\n    - 发出日期：2026年3月2日\n- 注意：1\\. 留存\n")


def test_all_who_ask_together_stand_on_top_of_the_form(case):
    """As in the dossier and on letters: the first alone is not the applicant."""
    with office.reading() as session:
        one = catalogue.replay(case, register.events(session, case))
    one.co_applicants = ["李四", "王五"]
    assert applicants(one) == "张<三>|*、李四、王五（自然人）"
    assert "**申请人**　张\\<三\\>\\|\\*、李四、王五（自然人）" in brief(
        one, office.circumstances("")
    )


def test_the_docx_has_a_heading_for_each_section(case):
    """一、基本情况 … 五、下一步."""
    from letters.letter.record import record

    found = _found(case)
    content = record("某机关", found.title, found.sections, office.today())
    texts = [one.text for one in Document(BytesIO(content)).paragraphs]
    assert "一、基本情况" in texts
    assert "五、下一步" in texts
