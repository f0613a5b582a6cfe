"""The sweep: every alert once, however late, however often, and by however many at once.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from databases import empty_register
from histories import CONFIG, LAW
from sqlmodel import Session, col, select

from flows import office
from flows.morning import outbox, sweep
from flows.path import intake, recording
from models.agency.officers import Officer, Role
from models.alerts.alert_rows import AlertRow
from models.alerts.alert_tables import Alert, Moved, Recipient
from models.case.act import Circumstances
from models.law import statute
from models.law.workdays import Calendar
from models.register import register
from models.store.tables import Application

OFFICER = "陈静"
MONDAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def on(environment: pytest.MonkeyPatch, day: date) -> list[str]:
    """The sweep of a day, on that day."""
    environment.setenv("DISCLOSURE_TODAY", day.isoformat())
    return sweep.sweep()


def received(received_on: date = MONDAY, channel: str = "当面") -> str:
    case = intake.receive(
        channel=channel,
        kind="自然人",
        applicant="周晓岚",
        request="某文件",
        arrived_on=received_on,
        identity="310101199001011234",
        contact="13800000000",
        address="上海市某路1号",
        officer=OFFICER,
    )
    act(case.number, "received", received_on=received_on.isoformat())
    return case.number


def act(number: str, kind: str, officer: str = OFFICER, /, **answer: object) -> None:
    with office.reading() as session:
        position = register.case(session, number).position
    assert recording.perform(number, position, kind, answer, officer).reasons == ()


def alerts(number: str, kind: str = "reply") -> list[tuple[int, date, date]]:
    """Threshold, day it should have been told and day it was found, in order."""
    with office.reading() as session:
        rows = session.exec(select(Alert).where(Alert.subject == number, Alert.kind == kind))
        return sorted(((r.left, r.due_on, r.found_on) for r in rows), key=lambda r: (r[1], -r[0]))


def day(number: int, month: int = 3) -> date:
    return date(2026, month, number)


def test_each_threshold_is_found_on_its_day_and_once(environment: pytest.MonkeyPatch) -> None:
    number = received()
    for d in range(3, 32):
        on(environment, day(d))
        on(environment, day(d))
    assert alerts(number) == [
        (10, day(16), day(16)),
        (5, day(23), day(23)),
        (3, day(25), day(25)),
        (1, day(27), day(27)),
        (0, day(30), day(30)),
        (-1, day(31), day(31)),
    ]
    assert alerts(number, "correction_notice") == [(2, day(9), day(9)), (0, day(11), day(11))]


def test_a_late_sweep_finds_what_was_missed_with_both_days(
    environment: pytest.MonkeyPatch,
) -> None:
    number = received()
    on(environment, day(16))
    (line,) = on(environment, day(26))
    assert alerts(number) == [
        (10, day(16), day(16)),
        (5, day(23), day(26)),
        (3, day(25), day(26)),
    ]
    assert line.endswith(
        "还剩2个工作日（条例第三十三条）［补发，原应于2026年3月23日、2026年3月25日提醒］"
    )
    assert "周***" not in line
    assert "周**" in line


def test_a_limit_that_had_run_out_before_it_came_to_be_is_told_once(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("DISCLOSURE_TODAY", "2026-06-10")
    number = received()
    on(environment, day(10, 6))
    assert [(due, found) for _, due, found in alerts(number)] == [(day(10, 6), day(10, 6))]
    on(environment, day(11, 6))
    assert [found for *_, found in alerts(number)] == [day(10, 6), day(11, 6)]


def test_a_correction_starts_the_alerts_of_its_own_limit(environment: pytest.MonkeyPatch) -> None:
    number = received()
    on(environment, day(16))
    environment.setenv("DISCLOSURE_TODAY", "2026-03-17")
    environment.setenv("DISCLOSURE_TODAY", "2026-03-11")
    act(
        number,
        "correction_requested",
        requested_on="2026-03-11",
        delivered_on="2026-03-11",
        unclear="x",
        guidance="y",
        days=5,
    )
    assert on(environment, day(18)) == []
    (line,) = on(environment, day(19))
    assert "补正期限已于2026年3月18日届满" in line
    act(number, "corrected", corrected_on="2026-03-19", request="某文件", late_reason="邮路")
    on(environment, day(3, 4))
    assert alerts(number) == [(10, day(16), day(16)), (10, day(2, 4), day(3, 4))]


def test_the_term_of_a_judgment_starts_alerts_of_its_own(environment: pytest.MonkeyPatch) -> None:
    """Never answered, ordered to answer within 15 working days: until 30 June (Art. 51)."""
    number = received()
    assert "已逾期" in on(environment, day(1, 6))[0]
    environment.setenv("DISCLOSURE_TODAY", "2026-06-08")
    order = {"source": "judgment", "number": "（2026）沪7101行初1号", "holds": "none"}
    act(number, "redecision_ordered", received_on="2026-06-08", term=15, unit="workday", **order)
    assert on(environment, day(8, 6)) == []
    assert on(environment, day(12, 6)) == []
    (line,) = on(environment, day(15, 6))
    assert "答复期限2026年6月30日，还剩10个工作日" in line
    on(environment, day(30, 6))
    (line,) = on(environment, day(1, 7))
    assert "已逾期1个工作日" in line
    told = [(left, due) for left, due, _ in alerts(number) if due >= day(8, 6)]
    assert told[0] == (10, day(15, 6))
    assert told[-2:] == [(0, day(30, 6)), (-1, day(1, 7))]


def test_nothing_is_entered_for_a_day_to_come(environment: pytest.MonkeyPatch) -> None:
    number = received()
    lines = sweep.sweep(day(30))
    assert any("今天到期" in line for line in lines)
    assert alerts(number) == []
    with office.reading() as session:
        row = session.get_one(Application, number)
        assert row.look_on == day(9)


def test_two_sweeps_at_once_find_each_alert_once(environment: pytest.MonkeyPatch) -> None:
    numbers = [received() for _ in range(8)]
    environment.setenv("DISCLOSURE_TODAY", "2026-03-26")
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: sweep.sweep(), range(4)))
    assert said == [said[0]] * 4
    assert all(len(alerts(number)) == 3 for number in numbers)
    with office.reading() as session:
        told = session.exec(select(Recipient)).all()
    assert {one.person for one in told} == {OFFICER}
    assert len(told) == 8 * 5


def test_a_new_notice_moves_the_limits_of_open_cases_and_says_which(
    environment: pytest.MonkeyPatch,
) -> None:
    unknown = LAW.with_calendar(Calendar.load(CONFIG / "workdays", hide=[2026, 2027]))
    environment.setattr(office, "law", lambda: unknown)
    saturday = date(2026, 2, 14)  # a day of work before 春节, as the notice will say
    environment.setenv("DISCLOSURE_TODAY", "2026-02-14")
    moving, staying = received(saturday), received(date(2026, 2, 13))
    on(environment, date(2026, 2, 24))
    with office.reading() as session:
        before = session.get_one(Application, moving)
        assert (before.last_day, before.provisional) == (day(19), True)
    environment.setattr(office, "law", lambda: LAW)
    lines = on(environment, date(2026, 2, 25))
    assert [line for line in lines if "改为" in line] == [
        f"{moving}　周**　待判断公开主体　放假安排、规定或者计算方法有变动，"
        "答复期限由2026年3月19日（暂定）改为2026年3月20日，还剩18个工作日（条例第三十三条）"
    ]
    assert [line for line in on(environment, date(2026, 2, 26)) if "改为" in line] == []
    with office.reading() as session:
        assert [one.case_number for one in session.exec(select(Moved))] == [moving]
        assert session.get_one(Application, moving).last_day == day(20)
        assert session.get_one(Application, staying).provisional is False
    on(environment, day(20))
    assert [left for left, *_ in alerts(moving)] == [10, 5, 3, 1, 0]


def under(environment: pytest.MonkeyPatch, *hidden: int) -> None:
    """From now on the notices of these years are not out."""
    law = LAW.with_calendar(Calendar.load(CONFIG / "workdays", hide=hidden)) if hidden else LAW
    environment.setattr(office, "law", lambda: law)


def moves(number: str) -> list[tuple[str, date | None, date | None]]:
    with office.reading() as session:
        rows = session.exec(select(Moved).where(Moved.case_number == number)).all()
    return [(one.label, one.was, one.last_day) for one in sorted(rows, key=lambda one: one.law)]


def test_each_move_is_listed_and_told_also_there_and_back_again(
    environment: pytest.MonkeyPatch,
) -> None:
    under(environment, 2026, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-02-14")
    number = received(date(2026, 2, 14))
    on(environment, date(2026, 2, 24))
    told = []
    for hidden in ((), (2026, 2027), ()):  # all on one day
        under(environment, *hidden)
        (one,) = sweep.recount(office.circumstances(""))
        told.append(sweep.moved_words(one))
    assert told == [
        f"{number}　答复期限由2026年3月19日（暂定）改为2026年3月20日",
        f"{number}　答复期限由2026年3月20日改为2026年3月19日（暂定）",
        f"{number}　答复期限由2026年3月19日（暂定）改为2026年3月20日",
    ]
    assert moves(number) == [
        ("答复期限", day(19), day(20)),
        ("答复期限", day(20), day(19)),
        ("答复期限", day(19), day(20)),
    ]
    with office.reading() as session:
        told_to = session.exec(select(Recipient).where(Recipient.subject == number)).all()
    assert len([one for one in told_to if one.rule.startswith("moved")]) == 3
    assert sweep.recount(office.circumstances("")) == []


def test_under_a_release_that_counts_otherwise_every_open_case_is_counted_again(
    environment: pytest.MonkeyPatch,
) -> None:
    number = received(date(2026, 2, 14))
    on(environment, date(2026, 2, 24))
    with office.writing() as session:  # as the program counted before it was corrected
        session.get_one(Application, number).last_day = day(19)
    assert sweep.recount(office.circumstances("")) == []
    environment.setattr(statute, "COUNTING", statute.COUNTING + 1)
    environment.setattr(office, "law", lambda: replace(LAW, calendar=LAW.calendar))
    (one,) = sweep.recount(office.circumstances(""))
    assert (one.case_number, one.was, one.last_day) == (number, day(19), day(20))
    assert sweep.recount(office.circumstances("")) == []


def test_two_counts_at_once_list_a_move_once(environment: pytest.MonkeyPatch) -> None:
    under(environment, 2026, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-02-14")
    numbers = [received(date(2026, 2, 14)) for _ in range(5)]
    on(environment, date(2026, 2, 24))
    under(environment)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sweep.recount(office.circumstances("")), range(4)))
    assert [moves(number) for number in numbers] == [[("答复期限", day(19), day(20))]] * 5


def test_the_time_of_others_that_moved_is_listed_and_told_too(
    environment: pytest.MonkeyPatch,
) -> None:
    under(environment, 2026, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-02-02")
    number = received(date(2026, 2, 2))
    had = {"delivered_on": "2026-02-02"}
    asked = had | {"requested_on": "2026-02-02", "unclear": "x", "guidance": "y", "days": 15}
    act(number, "correction_requested", **asked)
    on(environment, date(2026, 2, 3))
    under(environment)
    (line,) = [one for one in on(environment, date(2026, 2, 4)) if "改为" in one]
    assert line == (
        f"{number}　周**　等待补正　放假安排、规定或者计算方法有变动，"
        "补正的期限由2026年3月1日（暂定）改为2026年2月28日，还剩13个工作日（条例第三十条）"
    )
    assert moves(number) == [("补正的期限", day(1), date(2026, 2, 28))]


def test_what_moved_is_listed_also_where_an_act_came_before_the_sweep(
    environment: pytest.MonkeyPatch,
) -> None:
    """A notice was put into config/ by hand: the act's own row is counted by it at once."""
    under(environment, 2026, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-02-14")
    number = received(date(2026, 2, 14))
    on(environment, date(2026, 2, 24))
    under(environment)
    act(number, "found_ours")
    (line,) = [one for one in on(environment, date(2026, 2, 24)) if "改为" in one]
    assert "答复期限由2026年3月19日（暂定）改为2026年3月20日" in line
    assert moves(number) == [("答复期限", day(19), day(20))]


def test_from_november_the_missing_notice_is_asked_for(environment: pytest.MonkeyPatch) -> None:
    under(environment, 2027)
    received()
    assert [one for one in on(environment, date(2026, 10, 30)) if "2027年" in one] == []
    (line,) = [one for one in on(environment, date(2026, 11, 2)) if "2027年" in one]
    assert line.startswith("2027年放假安排尚未录入")
    asked = {d: on(environment, date(2026, 11, d)) for d in range(3, 14)}
    assert [d for d, lines in asked.items() if any("2027年" in one for one in lines)] == [6, 13]


def test_nothing_is_written_where_nothing_more_is_due(environment: pytest.MonkeyPatch) -> None:
    """What is found beside the path every time is entered once; few cases are one transaction."""
    under(environment, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-11-02")
    received(date(2026, 10, 9))
    opened, real = [], office.writing

    def counted() -> AbstractContextManager[Session]:
        opened.append(1)
        return real()

    def find_due() -> int:
        opened.clear()
        sweep.find_due(office.circumstances(""))
        return len(opened)

    def told() -> list[Recipient]:
        asked = select(Recipient).where(col(Recipient.rule).startswith("notice"))
        with office.reading() as session:
            return list(session.exec(asked))

    environment.setattr(office, "writing", counted)
    assert find_due() == 2  # the case, whose limit is near, and the notice
    assert find_due() == 0
    entered = told()
    assert entered
    with real() as session:
        session.delete(entered[0])
    office.close()  # what starts anew looks at all of it
    assert find_due() == 1  # whoever is to know of it, and was not there before
    assert told() == entered
    assert find_due() == 0


def test_what_is_owed_beside_is_looked_for_again_only_where_something_is_other(
    environment: pytest.MonkeyPatch,
) -> None:
    under(environment, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-11-02")
    looks, real = [], sweep.due_beside

    def counted(session: Session, now: Circumstances, at: datetime) -> list[AlertRow]:
        looks.append(now.today)
        return real(session, now, at)

    def looked_again() -> bool:
        looks.clear()
        sweep.find_due(office.circumstances(""))
        return bool(looks)

    environment.setattr(sweep, "due_beside", counted)
    assert looked_again()
    assert not looked_again()
    received(date(2026, 10, 9))
    assert looked_again()
    assert not looked_again()
    environment.setenv("DISCLOSURE_TODAY", "2026-11-03")
    assert looked_again()
    assert not looked_again()
    more = office.agency().model_copy(
        update={"officers": (Officer(name="赵慧", roles=(Role.HEAD,)),)}
    )
    environment.setattr(office, "agency", lambda: more)
    assert looked_again()
    assert not looked_again()
    under(environment)
    assert looked_again()
    assert not looked_again()
    office.close()  # another register may stand there from now on
    assert looked_again()


def test_the_notice_is_asked_for_until_it_is_there(environment: pytest.MonkeyPatch) -> None:
    """From 1 January it is this year's that is missing, and every count is 暂定."""
    under(environment, 2027)
    environment.setenv("DISCLOSURE_TODAY", "2026-12-21")
    received(date(2026, 12, 21))
    weeks = [on(environment, date(2026, 12, 21) + timedelta(n)) for n in range(42)]
    asked = [n for n, lines in enumerate(weeks) if any("2027年放假安排" in one for one in lines)]
    assert len([n for n in asked if n > 11]) >= 4  # n = 11 is 1 January
    assert max(b - a for a, b in pairwise(asked)) <= 10
    (line,) = [one for one in weeks[asked[-1]] if "2027年放假安排" in one]
    assert "现有1件在办申请的期限为暂定" in line
    assert not any("2028年放假安排" in one for lines in weeks for one in lines)


def test_long_before_the_festival_days_end_they_are_asked_for(
    environment: pytest.MonkeyPatch,
) -> None:
    asked = "2029年的法定节日尚未列入"
    assert not any("2029年" in one for one in on(environment, date(2027, 10, 29)))
    (line,) = [one for one in on(environment, date(2027, 11, 1)) if "2029年" in one]
    assert line.startswith(asked)
    later = [on(environment, date(2027, 11, d)) for d in range(2, 31)]
    assert sum(any(one.startswith(asked) for one in lines) for lines in later) == 1


def test_what_was_found_is_sent_also_after_the_calendar_ends(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("DISCLOSURE_TODAY", "2028-11-27")
    number = received(date(2028, 11, 27))
    assert any("答复期限" in line for line in on(environment, date(2028, 12, 29)))
    on(environment, date(2029, 1, 2))
    environment.setattr(office, "moment", lambda: datetime(2029, 1, 2, 10))  # noqa: DTZ001
    shown: list[str] = []
    assert outbox.pending()
    assert outbox.post(shown.append)
    assert any(number in one for one in shown)
