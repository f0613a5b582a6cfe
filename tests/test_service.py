"""Replies that nobody knows to have been received; the post's list of a day, all of it or nothing.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from databases import empty_register
from histories import CONFIG
from openpyxl import Workbook
from sqlalchemy import event
from sqlmodel import select
from test_register import PATH, receive

from flows import office
from flows.__main__ import main
from flows.arguments import UnreadableFile
from flows.counter import service
from flows.counter.service import BadRows, take_sheet
from flows.morning import sweep
from flows.path import recording
from flows.path.form_fields import By
from flows.reading.post_sheet import rows_of
from models.acts.afterwards.delivery import remedy_days
from models.agency.post_words import load_post_words
from models.alerts.alert_tables import Alert
from models.errors import ConfigFault
from models.register import register
from models.watch import unserved
from tests.our_pages import CLERK, TOKEN, Desk, part

BY = By(CLERK)
HEAD = "邮件号,签收日期,签收人,投递结果"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def sent(mail: str, applicant: str = "周晓岚", delivery: str = "ems") -> str:
    """A reply posted today under a number of the post."""
    number = receive(applicant=applicant)
    for position, (kind, answer, officer) in enumerate(PATH, 1):
        said = dict(answer)
        if kind == "replied":
            said |= {"delivery": delivery, "proof": mail}
            said |= {"handed_to": applicant} if delivery == "in_person" else {}
        assert recording.perform(number, position, kind, said, officer).reasons == ()
    return number


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", day.isoformat())


def sheet(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *rows)).encode("gb18030")


def take(*rows: str, head: str = HEAD) -> service.Became:
    return take_sheet("清单.csv", sheet(*rows, head=head), BY)


def waiting() -> list[tuple[str, bool]]:
    return [(one.number, one.returned_on is not None) for one in service.waiting()]


def test_a_list_is_recorded_in_one_go_by_the_acts_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = sent("1012345678901"), sent("1012345678902"), sent("EM 3 cn")
    handed = sent("回证1号", delivery="in_person")
    assert {number for number, _ in waiting()} == {first, second, third}
    assert handed not in dict(waiting())
    on(monkeypatch, date(2026, 3, 9))
    done = take(
        "1012345678901,2026/3/5,张三,妥投",
        "1012345678902,2026年3月6日,,查无此人",
        "em3cn,,,在途",
    )
    assert done.sentence == "登记收到1件，退回1件，1行尚在途中"
    assert waiting() == [(second, True), (third, False)]
    with office.reading() as session:
        days = remedy_days(register.case(session, first), office.law())
        assert days is not None
        assert days.had == date(2026, 3, 5)
        (back,) = register.case(session, second).served
        assert (back.what, back.note) == ("returned", "查无此人（邮件号1012345678902）")
    again = take("1012345678901,2026-03-05,张三,妥投", "1012345678902,2026-03-06,,退回")
    assert again.sentence == "登记收到0件，退回0件，2行此前已经登记"


def test_replies_are_looked_into_again_only_where_something_was_recorded_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, asked = sent("1012345678901"), sent("1012345678902"), list[str]()
    assert dict(waiting()) == {first: False, second: False}
    event.listen(office.engine(), "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert dict(waiting()) == {first: False, second: False}
    assert not [one for one in asked if "facts" in one]
    on(monkeypatch, date(2026, 3, 9))
    take("1012345678901,2026-03-05,张三,妥投")
    assert dict(waiting()) == {second: False}
    take("1012345678902,2026-03-06,,查无此人")
    assert dict(waiting()) == {second: True}
    monkeypatch.setattr(unserved, "KEPT", 0)
    assert dict(waiting()) == {second: True}


def test_one_bad_row_stops_all_and_every_bad_row_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sent("1012345678901"), sent("1012345678902")
    on(monkeypatch, date(2026, 3, 9))
    with pytest.raises(BadRows) as said:
        take(
            "1012345678901,2026-03-05,张三,妥投",
            "9999,2026-03-05,李四,妥投",
            "1012345678902,2026-03-01,王五,妥投",
            "1012345678902,昨天,王五,妥投",
            ",2026-03-05,王五,妥投",
            "1012345678902,2026-03-05,,丢了",
            "1012345678901,2026-03-05,张三,妥投",
            "",
        )
    assert [line.partition("：")[0] for line in said.value.problems] == [
        "第3行",
        "第5行",
        "第6行",
        "第7行",
        "第8行",
        f"第4行（{second}）",
    ]
    assert "早于发出日期" in said.value.problems[-1]
    assert dict(waiting()).keys() == {first, second}
    with pytest.raises(BadRows, match="晚于今天"):
        take("1012345678901,2026-03-10,张三,妥投")
    assert take("1012345678901,2026-03-09,张三,妥投").received == (first,)


def test_a_number_that_two_letters_bear_is_asked_about() -> None:
    sent("1012345678901")
    sent("1012345678901")
    with pytest.raises(BadRows, match="有几件告知书"):
        take("1012345678901,2026-03-02,张三,妥投")


@pytest.mark.parametrize(
    ("head", "row", "state", "reason"),
    [
        ("运单号,日期,签收人,退回", "1,2026-03-05,张三,", "received", ""),
        ("运单号,日期,签收人,退回", "1,2026-03-05,张三,否", "received", ""),
        ("运单号,日期,签收人,退回", "1,2026-03-05,,是", "returned", "是"),
        ("运单号,日期,签收人,退回原因", "1,2026-03-05,,迁移新址不明", "returned", "迁移新址不明"),
        ("单号,日期", "1,20260305", "received", ""),
        ("邮件号码,妥投时间,状态", "1,2026-03-05 10:21:00,已签收", "received", ""),
        ("邮件号码,投递时间,状态", "1,2026.3.5,拒收", "returned", "拒收"),
    ],
)
def test_the_usual_ways_of_writing_are_read(head: str, row: str, state: str, reason: str) -> None:
    (found,) = rows_of("x.csv", sheet(row, head=head), office.post_words())
    assert (found.fault, found.state, found.reason) == ("", state, reason)
    assert found.on == date(2026, 3, 5)


def test_a_workbook_with_a_title_and_days_is_read_and_what_is_none_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = sent("1012345678901")
    on(monkeypatch, date(2026, 3, 9))
    book, made = Workbook(), BytesIO()
    page = book.active
    assert page is not None
    page.append(["中国邮政 投递清单"])
    page.append(["序号", "邮件号", "签收日期", "签收人", "投递结果"])
    page.append([1, 1012345678901, date(2026, 3, 4), "张三", "妥投"])
    book.save(made)
    assert take_sheet("清单.xlsx", made.getvalue(), BY).received == (number,)
    for content, why in ((b"a,b\n1,2\n", "没有找到"), (b"\xff\xfe\xfa\x00", "不是")):
        with pytest.raises(UnreadableFile, match=why):
            take_sheet("x.csv", content, BY)


def alerts() -> list[tuple[int, date]]:
    with office.reading() as session:
        found = session.exec(select(Alert).where(Alert.kind == "service"))
        return sorted((-one.left, one.due_on) for one in found)


def test_what_is_not_known_to_be_received_is_told_after_7_15_and_30_working_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = sent("1012345678901")
    for day, told in (
        (date(2026, 3, 10), []),
        (date(2026, 3, 11), [7]),
        (date(2026, 3, 12), [7]),
        (date(2026, 3, 23), [7, 15]),
        (date(2026, 4, 13), [7, 15]),
        (date(2026, 4, 14), [7, 15, 30]),
        (date(2026, 6, 1), [7, 15, 30]),
    ):
        on(monkeypatch, day)
        sweep.sweep()
        assert [left for left, _ in alerts()] == told, day
    on(monkeypatch, date(2026, 6, 2))
    take("1012345678901,2026-06-01,张三,妥投")
    assert not any(number in line for line in sweep.sweep())


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 6, 9), [7, 15, 30]),  # the 7th working day is 90 days ago
        (date(2026, 6, 10), [15, 30]),
        (date(2026, 7, 13), [30]),
        (date(2026, 7, 14), []),
    ],
)
def test_what_was_to_be_told_more_than_ninety_days_ago_is_not_made_up_for(
    day: date, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = sent("1012345678901")
    on(monkeypatch, day)
    lines = sweep.sweep()
    assert [left for left, _ in alerts()] == told
    assert [line for line in lines if "尚未登记申请人收到" in line] == [
        line for line in lines if line.startswith(number)
    ]
    assert waiting() == [(number, False)]


def test_a_returned_letter_comes_back_to_the_to_do_until_it_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = sent("1012345678901")
    desk = Desk()
    desk.officer = "陈静"
    on(monkeypatch, date(2026, 3, 9))
    assert number not in part(desk.get("/"), "back")
    at = "/service"
    token = TOKEN.search(desk.get(at))
    assert token is not None
    rows = sheet("1012345678901,2026-03-06,,查无此人")
    answer = desk._ask("POST", at, data={"token": token[1]}, files={"files": ("清单.csv", rows)})
    assert answer.status_code == 200, answer.text
    assert "退回1件" in answer.text
    assert "查无此人（邮件号1012345678901）" in answer.text
    bench = desk.get("/")
    assert number in part(bench, "back")
    wrong = desk._ask(
        "POST",
        at,
        data={"token": token[1]},
        files={"files": ("清单.csv", sheet("9,2026-03-05,,妥投"))},
    )
    assert wrong.status_code == 409
    assert "第2行：没有以邮件号 9 发出的告知书" in wrong.text
    forged = desk._ask("POST", at, data={"token": "x"}, files={"files": ("清单.csv", rows)})
    assert forged.status_code == 409
    recording.perform_now(
        number,
        "served_again",
        {"sent_on": "2026-03-09", "delivery": "ems", "proof": "1012345678999"},
        BY,
    )
    assert number not in part(desk.get("/"), "back")
    assert waiting() == [(number, False)]
    assert desk._ask("GET", "/service/x").status_code == 404


def test_the_command_lists_and_takes_a_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = sent("1012345678901")
    assert main(["service"]) == 0
    said = capsys.readouterr()
    assert f"{number}　" in said.out
    assert "邮政特快专递（1012345678901）" in said.out
    listed = tmp_path / "清单.csv"
    listed.write_bytes(sheet("1012345678901,2026-03-02,张三,妥投"))
    assert main(["service", "--sheet", str(listed), "--officer", CLERK]) == 0
    assert "登记收到1件" in capsys.readouterr().out
    assert main(["service", "--sheet", str(tmp_path / "no.csv")]) == 2


def test_a_wrong_row_of_the_words_is_named(tmp_path: Path) -> None:
    words = (CONFIG / "office" / "post.toml").read_text("utf-8")
    (tmp_path / "post.toml").write_text(words.replace("signer =", "signers ="), "utf-8")
    with pytest.raises(ConfigFault, match="应恰有"):
        load_post_words(tmp_path)
