"""The calendar of limits: a month on a page, and a file that other programs subscribe to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from histories import HEAD, particulars

from flows import office
from flows.path import recording
from flows.path.form_fields import By
from flows.shown.limits_calendar import entries, limits
from letters.pages.calendar_file import Entry, calendar_file
from tests.our_pages import CLERK, TOKEN, Desk, at, confirmed, done, received

AT = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)


def test_each_limit_stands_on_its_day(desk: Desk) -> None:
    mine, others = received("张三"), received("李四", officer="钱七")
    confirmed(mine)
    confirmed(others)
    at(mine, waiting="补正", waiting_until=date(2026, 3, 17))
    page = desk.get("/calendar?month=2026-03")
    assert "2026年3月" in page
    cell = page.split('<span class="day">30</span>')[1].split("</td>")[0]
    assert (mine in cell, others in cell) == (True, True)
    assert "等补正" in page.split('<span class="day">17</span>')[1].split("</td>")[0]
    assert "张三" not in page
    with office.reading() as session:
        now = office.circumstances("钱七")
        found = limits(session, now, date(2026, 3, 1), mine=True)
    assert {on: [one.number for one in those] for on, those in found.items.items()} == {
        date(2026, 3, 30): [others]
    }


def test_a_feed_has_an_officers_limits_and_no_names(desk: Desk) -> None:
    mine, others = received("欧阳修"), received("李四", officer="钱七")
    confirmed(mine)
    confirmed(others)
    at(mine, provisional=True, waiting="补正", waiting_until=date(2026, 3, 17))
    with office.reading() as session:
        found = list(entries(session, office.circumstances(CLERK)))
    assert [(one.on, one.title, one.sure) for one in found] == [
        (date(2026, 3, 30), f"答复期限　{mine}（暂定）", False),
        (date(2026, 3, 17), f"等补正　{mine}", True),
    ]
    assert "欧阳修" not in unfolded(calendar_file("期限", found, AT))


def test_a_limit_moves_goes_and_comes_back_in_a_feed_under_the_same_uid(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Extended, answered, and to be answered anew by a court's order: no limit is left behind."""
    confirmed(number := received("欧阳修"))

    def feed() -> dict[str, tuple[date, int]]:
        with office.reading() as session:
            found = list(entries(session, office.circumstances(CLERK)))
        written = unfolded(calendar_file("期限", found, AT))
        for one in found:
            part = written.split(f"UID:{one.uid}\r\n")[1].split("END:VEVENT")[0]
            assert f"\r\nSEQUENCE:{one.revision}\r\n" in part
            assert f"\r\nDTSTART;VALUE=DATE:{one.on:%Y%m%d}\r\n" in part
        assert written.count("BEGIN:VEVENT") == len(found)
        assert "CANCELLED" not in written
        return {one.uid: (one.on, one.revision) for one in found}

    uid = f"{number}-reply@disclosure"
    assert feed() == {uid: (date(2026, 3, 30), 2)}
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-20")
    done(number, "found_ours")
    done(
        number,
        "extended",
        HEAD,
        days=20,
        reasons="需要检索的档案较多",
        consented_by=HEAD,
        told_on="2026-03-20",
    )
    assert feed() == {uid: (date(2026, 4, 28), 4)}
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-04-20")
    done(number, "drafted_unable", **particulars("not_existing"))
    done(number, "approved", HEAD)
    done(number, "signed", HEAD, signed_on="2026-04-20")
    assert feed() == {uid: (date(2026, 4, 28), 7)}
    done(number, "replied", delivery="ems", sent_on="2026-04-20", proof="1012345678901")
    assert feed() == {}
    assert number not in desk.get("/calendar?month=2026-04&whose=all")
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-11-02")
    order: dict[str, object] = {
        "number": "（2026）沪03行终12号",
        "term": 15,
        "unit": "workday",
        "holds": "no",
        "received_on": "2026-11-02",
        "source": "judgment",
    }
    recording.perform_now(number, "redecision_ordered", order, By(CLERK))
    assert feed() == {uid: (date(2026, 11, 23), 9)}
    assert number in desk.get("/calendar?month=2026-11&whose=all")


def test_the_month_stays_that_one_pages_to(desk: Desk) -> None:
    """Whoever asked for his address in May, or for everybody's limits, was back in March."""
    desk.officer = CLERK
    page = desk.get("/calendar?month=2026-05")
    assert 'href="/calendar?month=2026-05&whose=all">看全部的' in page
    everybodys = desk.get("/calendar?month=2026-05&whose=all")
    assert 'href="/calendar?month=2026-05">只看我的' in everybodys
    address = "/calendar?month=2026-05&whose=all"
    assert 'action="/calendar?month=2026-05&amp;whose=all"' in everybodys
    token = TOKEN.search(everybodys)
    assert token
    answer = desk._ask("POST", address, data={"token": token[1], "feed": "renew"}).text
    said = ("2026年5月", "只看我的", "订阅地址（只显示这一次")
    assert [one in answer for one in said] == [True, True, True]


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "1900-02", "2026-13", "%00", "2026-3-1"])
def test_a_month_that_no_limit_is_in_is_this_one(month: str, desk: Desk) -> None:
    assert "2026年3月" in desk.get(f"/calendar?month={month}")


@pytest.mark.parametrize("month", ["2005-01", "2031-05"])
def test_a_month_of_which_no_holidays_are_known_shows_its_weekends(month: str, desk: Desk) -> None:
    page = desk.get(f"/calendar?month={month}")
    assert f"{month[:4]}年{int(month[5:])}月" in page


def unfolded(written: bytes) -> str:
    return written.decode().replace("\r\n ", "")


def test_the_file_is_as_the_standard_has_it() -> None:
    """RFC 5545: CRLF, lines of 75 octets at most, text escaped, a day that ends with the next."""
    words = "答复，期限;一,二\\三" * 6
    one = Entry("1@disclosure", date(2026, 12, 31), words, "甲\n乙", sure=False)
    written = calendar_file("期限", [one], AT)
    *lines, end = written.split(b"\r\n")
    assert end == b""
    assert max(map(len, lines)) <= 75
    for line in lines:
        assert line.decode(), "no character is cut"
    whole = unfolded(written).splitlines()
    assert (whole[0], whole[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    said = dict(line.split(":", 1) for line in whole)
    assert said["DTSTART;VALUE=DATE"] == "20261231"
    assert said["DTEND;VALUE=DATE"] == "20270101"
    assert said["DTSTAMP"] == "20260302T010203Z"
    assert said["SUMMARY"] == "答复，期限\\;一\\,二\\\\三" * 6
    assert said["DESCRIPTION"] == "甲\\n乙"
    assert said["STATUS"] == "TENTATIVE"


def test_a_calendar_without_entries_has_a_part_all_the_same() -> None:
    """RFC 5545, 3.6: one component at least; a strict reader takes no other."""
    whole = unfolded(calendar_file("期限", [], AT))
    assert whole.count("BEGIN:") == whole.count("END:") == 3
    assert "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD" in whole
    assert "VEVENT" not in whole
