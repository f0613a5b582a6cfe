"""The register proves that nothing recorded was altered, added or taken out (45).

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from hypothesis import given
from hypothesis import strategies as st
from schemas import ASKED
from sqlalchemy import Table, Text, cast, create_engine, delete, insert, inspect, text
from sqlmodel import SQLModel, col, select
from test_register import advance, receive

from flows import office
from flows.__main__ import main
from flows.commands.simulate import simulate
from flows.installation import copying, settings
from flows.keeping import verifying
from flows.morning import sweep
from flows.path import recording
from models.alerts import moved_limits
from models.alerts.noted import note
from models.migrations.versions.r0001_as_landed import SCHEMA
from models.register import codes
from models.soundness.integrity import TITLES
from models.store import altered, evidence, many_rows
from models.store.digested import columns_written, row_written
from models.store.sealed_text import SealedText
from models.store.sealing import new_key
from models.store.tables import Applicant, Document, Enquiry, Event, Link, SignedReport

LEDGER = """登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注
旧-1,2025-03-03,当面提交,自然人,张三,,专利资助名单,3.1,2025-03-10,
旧-2,2026-02-24,当面提交,自然人,李四,,检查通报,,,
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def tamper(*statements: str) -> None:
    """What somebody does to the database by other means than ours."""
    engine = create_engine(office.database_url())
    with engine.begin() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount != 0, statement
    engine.dispose()


def found(head: str = "") -> tuple[str, ...]:
    return verifying.verify(head).faults


def links() -> list[str]:
    """The lines of the chain, one of each link."""
    with office.reading() as session:
        return list(session.exec(select(Link.line).order_by(col(Link.seq))))


def closed(applicant: str = "周晓岚") -> str:
    number = receive(applicant=applicant)
    advance(number)
    return number


def a_year() -> None:
    """A register with something of everything in it, a simulated year."""
    simulate(2025, 30, 7, letters=True, advance=lambda *_: None)


# ── whatever is recorded is linked ──────────────────────────────────────────────────────────────


def test_an_empty_register_holds() -> None:
    assert verifying.verify() == verifying.Verified((), "0" * 64)


def test_a_case_an_enquiry_and_a_ledger_are_linked_as_they_are_recorded(home: Path) -> None:
    closed()
    file = home / "台账.csv"
    file.write_text(LEDGER, encoding="utf-8")
    assert main(["import", str(file)]) == 0
    ours = ["event SQ202600001", "applicant SQ202600001", *["event SQ202600001"] * 8]
    theirs = [*["event 旧-1"] * 3, *["event 旧-2"] * 2, "applicant 旧-1", "applicant 旧-2"]
    assert links() == ours + theirs
    assert found() == ()


KEPT: dict[type[SQLModel], dict[str, Any]] = {
    Event: {
        "position": 1,
        "kind": "imported_receipt",
        "version": 1,
        "effective_on": date(2024, 3, 4),
        "recorded_on": date(2026, 3, 2),
        "recorded_at": datetime(2026, 3, 2, 1, 2, 3, 45, tzinfo=UTC),
        "officer": "台账导入",
        "article": "31",
        "facts": {"note": "“备注”\n=1+1", "received_on": "2024-03-04", "none": None, "n": 3},
        "letters": [],
    },
    Applicant: {"intake": None, "identity": "", "contact": "021-00000000 “甲”", "address": ""},
}


@pytest.mark.parametrize("model", KEPT)
def test_rows_written_by_the_thousand_are_kept_and_digested_as_those_written_singly(
    model: type[SQLModel],
) -> None:
    """As the columns have them, and so that what was digested is what is read again."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    rows = [{"case_number": f"旧-{n}", **KEPT[model]} for n in range(3)]
    with office.writing() as session:
        connection = session.connection()
        connection.execute(insert(table), rows[:1])
        written = many_rows.write(connection, table, many_rows.columns_of(rows[1:], list(rows[1])))
        evidence.link_written(session, [(model, written)])
        found = connection.execute(select(table).order_by(table.c.case_number)).all()
        assert [{**one._mapping} | {"case_number": ""} for one in found[1:]] == [
            {**found[0]._mapping} | {"case_number": ""}
        ] * 2
        plain = [column for column in table.c if not isinstance(column.type, SealedText)]
        as_text = select(*(cast(one, Text) for one in plain if one.name != "case_number"))
        assert len(set(connection.execute(as_text).all())) == 1
        assert [said for said in altered.faults(session) if "旧-0" not in said] == []


VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
FACTS = st.dictionaries(
    st.text(),
    st.recursive(VALUES, lambda one: st.lists(one) | st.dictionaries(st.text(), one), max_leaves=5),
)


@given(
    st.lists(st.tuples(st.text(), st.integers(0), st.dates(), st.datetimes(), FACTS), max_size=4)
)
def test_rows_written_together_are_digested_byte_for_byte_as_one_by_one(
    stated: list[tuple[str, int, date, datetime, dict[str, Any]]],
) -> None:
    """The chain of a register that is there already was made one by one."""
    names = ("case_number", "position", "effective_on", "recorded_at", "facts")
    rows = [dict(zip(names, one, strict=True)) for one in stated * 2]
    singly = [row_written(row, []) for row in rows]
    if rows:
        assert list(columns_written(many_rows.columns_of(rows, names))) == singly
    assert all(b'"words":[]' in one for one in singly)


def test_a_ledger_may_bring_numbers_that_ours_have_not_come_to_yet(home: Path) -> None:
    receive()
    file = home / "台账.csv"
    file.write_text(LEDGER.replace("旧-1", "SQ202600003").replace("旧-2", "SQ202600004"), "utf-8")
    assert main(["import", str(file)]) == 0
    assert found() == ()
    tamper("UPDATE series SET last = 0 WHERE series = 'application'")
    assert found() == ("编号系列 application（2026年，至0）：有没有发过的第1号",)


def test_a_simulated_year_holds_with_reviews_figures_words_and_enquiries() -> None:
    a_year()
    kinds = {line.partition(" ")[0] for line in links()}
    assert kinds == {"event", "entry", "enquiry", "proactivefigure", "reporttext", "applicant"}
    assert found() == ()


def test_every_table_that_is_linked_is_listed_and_keeps_its_columns() -> None:
    """A column that comes later needs a second form: form 1 digests what it has for ever."""
    held = {name: (*kind.key, *kind.content) for name, kind in evidence.KINDS.items()}
    for name, columns in held.items():
        assert set(columns) <= set(evidence.KINDS[name].table.columns.keys())
    assert held["event"] == (
        *("case_number", "position", "kind", "version", "effective_on", "recorded_on"),
        *("recorded_at", "officer", "article", "facts", "letters"),
    )


def test_what_is_rolled_back_leaves_no_link() -> None:
    number = receive()

    def broken_off() -> None:
        with office.writing() as session:
            day = date(2026, 3, 2)
            given = Enquiry(on=day, channel="电话", recorded_on=day, recorded_at=office.now())
            session.add(given)
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert links() == [f"event {number}", f"applicant {number}"]
    assert found() == ()


def test_a_refused_answer_leaves_no_link() -> None:
    number = receive()
    assert recording.perform(number, 1, "replied", {}, "陈静").reasons
    assert found() == ()


# ── twenty ways to tamper ───────────────────────────────────────────────────────────────────────

COLUMNS = (
    "case_number, kind, version, effective_on, recorded_on, recorded_at, officer, article,"
    " facts, letters"
)
CASE = "case_number = 'SQ202600001'"
WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "收到日期改早": (
        (f"UPDATE event SET effective_on = '2026-02-27' WHERE {CASE} AND position = 1",),
        "申请 SQ202600001 1：与登记时不符",
    ),
    "登记日期改早": (
        (f"UPDATE event SET recorded_on = '2026-02-27' WHERE {CASE} AND position = 3",),
        "申请 SQ202600001 3：与登记时不符",
    ),
    "登记时刻": (
        (f"UPDATE event SET recorded_at = '2026-02-27 09:00:00' WHERE {CASE} AND position = 0",),
        "申请 SQ202600001 0：与登记时不符",
    ),
    "办理人": (
        (f"UPDATE event SET officer = '他人' WHERE {CASE} AND position = 7",),
        "申请 SQ202600001 7：与登记时不符",
    ),
    "依据的条款": (
        (f"UPDATE event SET article = '14' WHERE {CASE} AND position = 5",),
        "申请 SQ202600001 5：与登记时不符",
    ),
    "版本": (
        (f"UPDATE event SET version = 0 WHERE {CASE} AND position = 2",),
        "申请 SQ202600001 2：与登记时不符",
    ),
    "答复的理由": (
        (
            f"UPDATE event SET facts = (SELECT facts FROM event WHERE {CASE} AND position = 2)"
            f" WHERE {CASE} AND position = 5",
        ),
        "申请 SQ202600001 5：与登记时不符",
    ),
    "文书的日期": (
        (f"UPDATE event SET letters = '[]' WHERE {CASE} AND position = 7",),
        "申请 SQ202600001 7：与登记时不符",
    ),
    "文书的内容": (
        (
            "UPDATE document SET letter = REPLACE(letter, '国家知识产权局', '某局') WHERE series = 'reply'",
        ),
        "申请 SQ202600001 7：与登记时不符",
    ),
    "删去最后一步": (
        (f"DELETE FROM event WHERE {CASE} AND position = 8",),
        "申请 SQ202600001 8：已被删去",
    ),
    "删去中间一步": (
        (f"DELETE FROM event WHERE {CASE} AND position = 4",),
        "申请 SQ202600001：登记的事项不能重新推演",
    ),
    "删去整件申请": (
        (
            f"DELETE FROM event WHERE {CASE}",
            "DELETE FROM application WHERE number = 'SQ202600001'",
            f"DELETE FROM applicant WHERE {CASE}",
            f"DELETE FROM document WHERE {CASE}",
        ),
        "编号系列 application（2026年，至2）：缺第1号",
    ),
    "删去整件申请和它的登记链": (
        (
            f"DELETE FROM event WHERE {CASE}",
            "DELETE FROM application WHERE number = 'SQ202600001'",
            f"DELETE FROM applicant WHERE {CASE}",
            f"DELETE FROM document WHERE {CASE}",
            "DELETE FROM link WHERE line IN ('event SQ202600001', 'applicant SQ202600001')",
        ),
        "登记链第1环至第10环缺失",
    ),
    "加一步": (
        (
            f"INSERT INTO event (position, {COLUMNS})"
            f" SELECT 9, {COLUMNS} FROM event WHERE {CASE} AND position = 8",
        ),
        "申请 SQ202600001 9：不在登记链上",
    ),
    "登记簿的行": (
        ("UPDATE application SET outcome = 'granted', row = '3.1' WHERE number = 'SQ202600001'",),
        "申请 SQ202600001：与登记的事项不符（办理结果 应为 not_ours，载为 granted；表三的行 应为 三（四）1",
    ),
    "登记簿的行不见了": (
        ("DELETE FROM application WHERE number = 'SQ202600001'",),
        "申请 SQ202600001：有登记的事项，登记簿中没有这一件",
    ),
    "申请人一行不见了": (
        (f"DELETE FROM applicant WHERE {CASE}",),
        "申请 SQ202600001：申请人的身份、联系方式一行不见了",
    ),
    "文书改属他人": (
        ("UPDATE document SET case_number = 'SQ202600002', position = 1 WHERE series = 'reply'",),
        "不属于任何申请、案件的任何一步",
    ),
    "文书不见了": (
        (f"DELETE FROM document WHERE {CASE} AND series = 'reply'",),
        "没有保存的内容",
    ),
    "编号多发": (
        ("UPDATE series SET last = last + 1 WHERE series = 'reply'",),
        "编号系列 reply（2026年，至2）：缺第2号",
    ),
    "编号倒退": (
        ("UPDATE series SET last = 1 WHERE series = 'application'",),
        "有没有发过的第2号",
    ),
    "登记链的一环": (
        ("UPDATE link SET head = digest WHERE seq = 5",),
        "登记链第5环与前一环不相连",
    ),
    "登记链上的名称": (
        ("UPDATE link SET line = 'event SQ202699999' WHERE seq = 10",),
        "申请 SQ202699999 8：已被删去",
    ),
    "登记链的格式": (
        ("UPDATE link SET form = 2 WHERE seq = 5",),
        "登记链第5环（第2式）不是本版本所写，或者被改动过",
    ),
    "文书标为作废": (
        (f"UPDATE document SET voided_on = '2026-03-02', void_reason = '误' WHERE {CASE}",),
        "：作废与否与登记的事项不符",
    ),
    "编号系列不见了": (
        ("DELETE FROM series WHERE series = 'reply'",),
        "编号系列 reply（2026年）：有已发的文书，没有这一系列的登记",
    ),
    "不是本系统所写的一环": (
        ("UPDATE link SET line = 'others' WHERE seq = 10",),
        "登记链第10环（others 8）不是本系统所写",
    ),
    "文书的种类": (
        (f"UPDATE document SET kind = 'receipt' WHERE {CASE} AND series = 'reply'",),
        "种类载为 receipt，其内容是 not_ours",
    ),
    "申请人的联系方式": (
        (f"UPDATE applicant SET contact = '13800000000' WHERE {CASE}",),
        "申请人的个人信息 SQ202600001：与登记时不符（登记链第2环）",
    ),
    "另一申请人的联系方式，加密的原样": (
        (
            "UPDATE applicant SET contact = (SELECT contact FROM applicant WHERE case_number ="
            f" 'SQ202600002') WHERE {CASE}",
        ),
        "申请人的个人信息 SQ202600001：与登记时不符",
    ),
    "申请人的信息清空": (
        ("UPDATE applicant SET contact = '' WHERE case_number = 'SQ202600002'",),
        "申请人的个人信息 SQ202600002：与登记时不符",
    ),
    "冒名登记动态口令": (
        (
            "INSERT INTO enrolment (officer, secret, enrolled_at)"
            " VALUES ('王建国', 'sealed:AAAA', '2026-03-02 09:00:00')",
        ),
        "动态口令的登记 王建国：不在登记链上",
    ),
}


UNREADABLE: dict[str, tuple[str, str]] = {
    "事项": ("UPDATE event SET facts = '{' WHERE position = 2", "申请 SQ202600001 2：与登记时不符"),
    "文书清单": (
        "UPDATE event SET letters = '[1]' WHERE position = 7",
        "申请 SQ202600001 7：与登记时不符",
    ),
    "文书清单残缺": (
        "UPDATE event SET letters = '[' WHERE position = 7",
        "申请 SQ202600001 7：与登记时不符",
    ),
    "日期": (
        "UPDATE event SET effective_on = '昨天' WHERE position = 2",
        "申请 SQ202600001：登记的事项不能重新推演",
    ),
    "登记簿的行": (
        "UPDATE application SET received_on = '昨天' WHERE number = 'SQ202600001'",
        "申请 SQ202600001：登记簿的行不能读取",
    ),
    "最后一号": (
        "UPDATE series SET last = '七' WHERE series = 'reply'",
        "编号系列 reply（2026年）：最后一号不能读取（七）",
    ),
    "校验值": ("UPDATE link SET digest = '七' WHERE seq = 3", "登记链不能读取"),
}


@pytest.mark.skipif(ASKED != "", reason="only SQLite takes any text for a date, a number or JSON")
@pytest.mark.parametrize("what", UNREADABLE)
def test_what_can_no_longer_be_read_is_named_like_the_rest(what: str) -> None:
    closed()
    statement, expected = UNREADABLE[what]
    office.close()
    tamper(statement)
    assert any(expected in one for one in found()), found()


def test_a_chain_made_anew_no_longer_has_the_head_of_a_signed_report() -> None:
    a_year()
    with office.writing() as session:
        stated = evidence.head(session)
        session.add(signed_report(stated))
    assert found() == ()
    with office.writing() as session:  # by somebody who knows how links are made
        session.exec(delete(Link))
        session.connection().execute(
            text("UPDATE event SET article = '14' WHERE case_number = 'SQ202500001'")
        )
        evidence.link_all(session.connection())
    assert found() == (
        f"2025年度报告（第1次签发）所载的登记链校验值 {stated} 不在登记链中："
        "登记链被整体改写过，请核对备份",
    )


def signed_report(head: str) -> SignedReport:
    return SignedReport(
        **{"year": 2025, "edition": 1, "digest": "0" * 64, "head": head, "tables": b""},
        **{"officer": "王建国", "recorded_on": date(2026, 3, 2), "recorded_at": office.now()},
    )


def test_a_simulated_letter_that_was_withdrawn_is_marked_as_void() -> None:
    simulate(2025, 60, 7, letters=True, advance=lambda *_: None)
    with office.reading() as session:
        assert session.exec(select(Document).where(col(Document.voided_on).is_not(None))).first()
    assert found() == ()


@pytest.mark.parametrize("way", WAYS)
def test_tampering_is_named(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    closed()
    receive(applicant="另一人", contact="021-12345678")
    assert found() == ()
    statements, expected = WAYS[way]
    office.close()
    tamper(*statements)
    assert any(expected in one for one in found()), found()
    assert main(["verify"]) == 1
    assert expected in capsys.readouterr().out


def test_a_column_is_compared_as_the_database_holds_it() -> None:
    """An undamaged register read back by another connection holds: zones, JSON, bytes."""
    a_year()
    office.close()
    assert found() == ()


def test_the_end_cut_off_is_found_by_the_head_that_was_written_down() -> None:
    first = closed()
    early = verifying.verify().head
    receive(applicant="另一人")
    late = verifying.verify().head
    assert found(early) == ()
    assert found(late) == ()
    tamper(
        "DELETE FROM event WHERE case_number = 'SQ202600002'",
        "DELETE FROM application WHERE number = 'SQ202600002'",
        "DELETE FROM applicant WHERE case_number = 'SQ202600002'",
        "DELETE FROM link WHERE line IN ('event SQ202600002', 'applicant SQ202600002')",
        "UPDATE series SET last = 1 WHERE series = 'application'",
    )
    assert first == "SQ202600001"
    assert found() == ()  # nothing in the register itself can show it
    assert found(early) == ()
    assert found(late) == (
        f"登记链中没有校验值 {late}：其后的登记被截去，或者登记链被整体改写过，请核对备份",
    )


def test_the_command_says_that_all_holds_and_the_head(capsys: pytest.CaptureFixture[str]) -> None:
    closed()
    assert main(["verify"]) == 0
    said = capsys.readouterr()
    assert said.out == f"登记链校验值 {verifying.verify().head}\n"
    assert said.err == "登记簿核验无误\n"


def test_a_register_of_the_first_release_is_linked_when_it_is_brought_up(home: Path) -> None:
    """What it held before stands as it was found; what changes from then on is noticed."""
    closed()
    receive(applicant="另一人")
    engine = create_engine(office.database_url())
    office.close()
    with engine.begin() as connection:  # as the first release would have left it
        database = inspect(connection)
        for name in database.get_table_names():
            if name not in SCHEMA.tables:
                connection.execute(text(f"DROP TABLE {name}"))
                continue
            there = {one["name"] for one in database.get_columns(name)}
            for column in there - set(SCHEMA.tables[name].columns.keys()):
                connection.execute(text(f"ALTER TABLE {name} DROP COLUMN {column}"))
    engine.dispose()
    assert found() == ()
    assert (home / copying.BACKUPS).exists()
    assert links()[10:] == ["applicant SQ202600001", "applicant SQ202600002"]
    tamper(f"UPDATE event SET officer = '他人' WHERE {CASE} AND position = 7")
    assert any("申请 SQ202600001 7：与登记时不符" in one for one in found())
    tamper("UPDATE applicant SET contact = 'x' WHERE case_number = 'SQ202600002'")
    assert any("申请人的个人信息 SQ202600002：与登记时不符" in one for one in found())


# ── what is sealed: replaced by acts and by a change of key, by nobody else ────────────────────────


def test_a_change_of_key_links_what_it_sealed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    closed()
    early = verifying.verify().head
    first = new_key()
    monkeypatch.setenv(settings.KEY.name, f"{first},{os.environ[settings.KEY.name]}")
    office.close()
    assert main(["rekey"]) == 0
    assert found(early) == ()
    assert links()[-1:] == ["applicant SQ202600001"]
    monkeypatch.setenv(settings.KEY.name, first)
    office.close()
    assert found(early) == ()
    other = office.sealing().seal("13900000000")  # by somebody who has the key
    tamper(f"UPDATE applicant SET contact = '{other}' WHERE {CASE}")
    assert found() == ("申请人的个人信息 SQ202600001：与登记时不符（登记链第11环）",)


def test_whoever_signs_is_linked_with_every_enrolment() -> None:
    with office.writing() as session:
        codes.enrol(session, "王建国", office.now())
    with office.writing() as session:
        codes.revoke(session, "王建国", office.now())
    with office.writing() as session:
        codes.enrol(session, "王建国", office.now())
    assert links() == ["enrolment 王建国"] * 3
    assert found() == ()
    tamper("UPDATE enrolment SET revoked_at = '2026-03-02 09:00:00'")
    assert found() == ("动态口令的登记 王建国：与登记时不符（登记链第3环）",)


# ── what the law computes of an open case ─────────────────────────────────────────────────────────

ALTERED = {
    "last_day": "UPDATE application SET last_day = '2026-12-31' WHERE number = 'SQ202600001'",
    "waiting": "UPDATE application SET waiting = '补正' WHERE number = 'SQ202600001'",
    "waiting_until": "UPDATE application SET waiting_until = '2026-12-31' WHERE number = 'SQ202600001'",
    "provisional": "UPDATE application SET provisional = NOT provisional WHERE number = 'SQ202600001'",
}


@pytest.mark.parametrize("column", ALTERED)
def test_a_computed_column_is_held_against_the_events_once_the_sweep_has_counted(
    column: str,
) -> None:
    advance(receive(), steps=2)
    tamper(ALTERED[column])
    assert found() == ()  # by which rules it was computed is not known yet
    sweep.sweep()
    assert found() == ()  # counted again by the present ones, whatever stood there
    tamper(ALTERED[column])
    (fault,) = found()
    assert fault.startswith(f"申请 SQ202600001：与登记的事项不符（{TITLES[column]} 应为 ")


def test_under_new_rules_computed_columns_may_differ_until_the_sweep_counts_again() -> None:
    advance(receive(), steps=2)
    sweep.sweep()
    with office.writing() as session:
        note(session, moved_limits.LAW, "other rules", office.today())
    tamper(ALTERED["last_day"])
    assert found() == ()
    sweep.sweep()
    assert found() == ()
