"""Working days against the notices, two independent libraries, and every receipt date replayed."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import CalendarNotPublished, ConfigFault, PeriodNotPositive
from models.law.arrangement import Option, plausible
from models.law.notices import read_arrangement, read_notices, read_statutory
from models.law.workdays import ASSUMED_REST, ASSUMED_WORK, Calendar, Named

FOLDER = Path(__file__).parents[1] / "config" / "workdays"
CALENDAR = Calendar.load(FOLDER, hide=[2027])  # as it stood before the notice of 2027
DAY = timedelta(days=1)
YEARS = range(2018, 2027)
PERIODS = (7, 15, 20, 40, 60)
EXTENDED = date(2020, 1, 31)  # first day of the extension of 2020-01-27, foreseen by nobody


def days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def year_of(year: int) -> list[date]:
    return days(date(year, 1, 1), date(year, 12, 31))


def before_notice(year: int) -> Calendar:
    """The calendar as it stood before the notice of `year` came out."""
    return Calendar.load(FOLDER, hide=range(year, 2030))


# ── tables ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("received", "expected"),  # the 1st, 7th, 15th, 20th, 40th working day
    [
        ("2022-12-30", "2023-01-03 2023-01-11 2023-01-28 2023-02-02 2023-03-02"),
        ("2022-12-31", "2023-01-03 2023-01-11 2023-01-28 2023-02-02 2023-03-02"),
        ("2023-01-19", "2023-01-20 2023-02-02 2023-02-14 2023-02-21 2023-03-21"),
        ("2024-02-09", "2024-02-18 2024-02-26 2024-03-07 2024-03-14 2024-04-12"),
        ("2025-09-28", "2025-09-29 2025-10-14 2025-10-24 2025-10-31 2025-11-28"),
        ("2025-12-05", "2025-12-08 2025-12-16 2025-12-26 2026-01-05 2026-02-02"),
        ("2025-12-31", "2026-01-04 2026-01-12 2026-01-22 2026-01-29 2026-03-04"),
        ("2026-02-13", "2026-02-14 2026-03-02 2026-03-12 2026-03-19 2026-04-17"),
        ("2026-03-02", "2026-03-03 2026-03-11 2026-03-23 2026-03-30 2026-04-28"),
        ("2026-04-30", "2026-05-06 2026-05-13 2026-05-25 2026-06-01 2026-06-30"),
        ("2026-09-18", "2026-09-20 2026-09-29 2026-10-15 2026-10-22 2026-11-19"),
        ("2026-10-03", "2026-10-08 2026-10-15 2026-10-27 2026-11-03 2026-12-01"),
    ],
)
def test_the_day_of_receipt_never_counts(received: str, expected: str) -> None:
    start = date.fromisoformat(received)
    for n, day in zip((1, 7, 15, 20, 40), expected.split(), strict=True):
        assert CALENDAR.nth_workday(start, n) == date.fromisoformat(day)
        assert CALENDAR.reach(start, n) == (date.fromisoformat(day), ())


@pytest.mark.parametrize(
    ("year", "workdays", "net"),  # net = weekdays off less weekend days worked: the statutory days
    [
        (2018, 250, 11),
        (2019, 250, 11),
        (2020, 249, 13),  # 春节延长：1月31日增休，2月1日的调休上班取消
        (2021, 250, 11),
        (2022, 249, 11),
        (2023, 249, 11),
        (2024, 251, 11),
        (2025, 248, 13),  # 放假办法2024年修订：除夕、5月2日
        (2026, 248, 13),
    ],
)
def test_a_year_has_as_many_days_off_as_the_law_gives(year: int, workdays: int, net: int) -> None:
    worked = [day for day in year_of(year) if CALENDAR.is_workday(day)]
    assert len(worked) == workdays
    weekdays_off = sum(day.weekday() < 5 and not CALENDAR.is_workday(day) for day in year_of(year))
    assert weekdays_off - sum(day.weekday() >= 5 for day in worked) == net


def test_every_day_in_lieu_is_made_up_for() -> None:
    statutory = read_statutory(FOLDER).years
    unbalanced = {}
    for year, notice in read_notices(FOLDER).items():
        for holiday in notice.holidays():
            off = sum(day.weekday() < 5 for day in holiday.rest_days())
            owed = off - sum(len(statutory[year][name]) for name in holiday.name.split("、"))
            if owed != len(holiday.work):
                unbalanced[year, holiday.name] = owed - len(holiday.work)
    assert unbalanced == {
        (2020, "春节"): 2  # 延长假期的1月31日、2月1日不补班
    }


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_two_libraries(year: int) -> None:
    other = holidays.China(years=year)
    for day in year_of(year):
        worked = CALENDAR.is_workday(day)
        assert worked == chinese_calendar.is_workday(day), day
        assert worked == other.is_working_day(day), day


def test_the_festivals_of_unpublished_years_agree_with_a_library() -> None:
    for year, festivals in read_statutory(FOLDER).years.items():
        listed = holidays.China(years=year)
        for name, festival in festivals.items():
            for day in festival:
                assert day in listed, (year, name, day)
    assert read_statutory(FOLDER).years[2027]["春节"] == tuple(
        days(date(2027, 2, 5), date(2027, 2, 8))
    )


# ── sentences ───────────────────────────────────────────────────────────────────────────────────
def test_new_years_eve_2024_is_a_working_day() -> None:
    assert CALENDAR.is_workday(date(2024, 2, 9))


def test_december_follows_the_next_years_notice() -> None:
    assert CALENDAR.is_workday(date(2018, 12, 29))
    assert not CALENDAR.is_workday(date(2018, 12, 31))
    assert [paper.number for paper in CALENDAR.papers(2019)] == [
        "国办发明电〔2018〕15号",
        "国办发明电〔2019〕3号",
    ]


def test_hiding_a_notice_hides_the_december_before() -> None:
    hidden = before_notice(2019)
    assert hidden.is_workday(date(2018, 12, 28))
    for day in days(date(2018, 12, 29), date(2018, 12, 31)):
        with pytest.raises(CalendarNotPublished) as unknown:
            hidden.is_workday(day)
        assert unknown.value.year == 2019
    assert hidden.reach(date(2018, 12, 3), 20) == (date(2018, 12, 29), (2019,))
    assert (hidden.last_year, hidden.published(2019), hidden.papers(2019)) == (2018, False, ())


def test_an_amendment_replaces_the_same_holiday() -> None:
    assert CALENDAR.worked_weekends(date(2019, 4, 20), date(2019, 5, 10)) == [
        (date(2019, 4, 28), "劳动节"),
        (date(2019, 5, 5), "劳动节"),
    ]
    assert not CALENDAR.is_workday(date(2020, 2, 1))
    assert CALENDAR.is_workday(date(2020, 2, 3))


def test_a_file_without_papers_is_there_and_not_published(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "workdays")
    (folder / "2027.toml").write_text('year = 2027\nversion = "2026-11-23"\npapers = []\n', "utf-8")
    empty = Calendar.load(folder)
    assert (empty.published(2027), empty.papers(2027)) == (False, ())
    assert empty.version(2027) == "2026-11-23"
    assert empty.reach(date(2026, 12, 4), 20) == CALENDAR.reach(date(2026, 12, 4), 20)


def test_2027_is_not_published() -> None:
    assert not CALENDAR.published(2027)
    assert (CALENDAR.first_year, CALENDAR.last_year) == (2018, 2026)
    with pytest.raises(CalendarNotPublished) as unknown:
        CALENDAR.nth_workday(date(2026, 12, 4), 20)
    assert unknown.value.year == 2027
    assert CALENDAR.nth_workday(date(2026, 12, 3), 20) == date(2026, 12, 31)
    assert CALENDAR.reach(date(2026, 12, 3), 20) == (date(2026, 12, 31), ())
    assert CALENDAR.reach(date(2026, 12, 4), 20) == (date(2027, 1, 4), (2027,))
    assert CALENDAR.reach(date(2026, 12, 4), 20).provisional


def test_years_outside_the_data_are_an_error() -> None:
    early, late = date(2017, 12, 30), date(2028, 12, 1)
    for ask in (
        lambda: CALENDAR.is_workday(early),
        lambda: CALENDAR.nth_workday(early, 5),
        lambda: CALENDAR.reach(early, 5),
        lambda: CALENDAR.between(early, date(2018, 3, 1)),
        lambda: CALENDAR.rest_days(early, date(2018, 3, 1)),
        lambda: CALENDAR.version(2017),
    ):
        with pytest.raises(CalendarNotPublished) as unknown:
            ask()
        assert unknown.value.year == 2017
    assert CALENDAR.nth_workday(date(2017, 12, 31), 1) == date(2018, 1, 2)
    with pytest.raises(CalendarNotPublished) as unknown:
        CALENDAR.reach(late, 40)
    assert unknown.value.year == 2029
    assert CALENDAR.reach(late, 15).provisional


def test_a_period_has_at_least_one_day() -> None:
    for ask in (CALENDAR.nth_workday, CALENDAR.reach):
        with pytest.raises(PeriodNotPositive):
            ask(date(2026, 3, 2), 0)


def test_days_off_are_named_for_the_explanation() -> None:
    assert CALENDAR.rest_days(date(2026, 9, 18), date(2026, 9, 27)) == [
        (date(2026, 9, 19), "周末"),
        (date(2026, 9, 25), "中秋节"),
        (date(2026, 9, 26), "中秋节"),
        (date(2026, 9, 27), "中秋节"),
    ]
    assert CALENDAR.worked_weekends(date(2026, 9, 18), date(2026, 10, 10)) == [
        Named(date(2026, 9, 20), "国庆节"),
        Named(date(2026, 10, 10), "国庆节"),
    ]


def test_assumed_days_say_so() -> None:
    span = date(2027, 1, 25), date(2027, 2, 14)
    named = dict(CALENDAR.rest_days(*span))
    assert named[date(2027, 2, 5)] == "春节"  # by law
    assert named[date(2027, 2, 9)] == "春节" + ASSUMED_REST
    assert [name for _, name in CALENDAR.worked_weekends(*span)] == ["春节" + ASSUMED_WORK] * 2


def test_the_last_working_day_by_a_day() -> None:
    assert CALENDAR.last_workday_by(date(2026, 10, 7)) == date(2026, 9, 30)
    assert CALENDAR.last_workday_by(date(2026, 10, 10)) == date(2026, 10, 10)
    assert CALENDAR.last_workday_by(date(2027, 1, 31)) == date(2027, 1, 29)  # 30、31日上班与否未定


# ── what a notice may still change ──────────────────────────────────────────────────────────────
def ways(year: int) -> list[tuple[str, tuple[Option, ...]]]:
    festivals = read_statutory(FOLDER).years[year]
    return [(one.name, one.options) for one in plausible(year, festivals, read_arrangement(FOLDER))]


def test_every_notice_is_one_of_the_plausible_arrangements() -> None:
    unforeseen = []
    for year in YEARS:
        options = {frozenset(name.split("、")): some for name, some in ways(year)}
        holidays_of_year = read_notices(FOLDER)[year].holidays()
        assert len(holidays_of_year) == len(options)
        for holiday in holidays_of_year:
            off = {day for day in holiday.rest_days() if day.weekday() < 5}
            if not any(
                (set(way.off), set(way.work)) == (off, set(holiday.work))
                for way in options[frozenset(holiday.name.split("、"))]
            ):
                unforeseen.append((year, holiday.name))
    assert unforeseen == [
        (2019, "劳动节"),  # 2019-03-22 事后调整：逢周三原只放当日
        (2020, "春节"),  # 2020-01-27 事后延长
    ]


@pytest.mark.parametrize("year", [2019, 2022, 2024, 2026, 2027])
def test_reach_is_the_earliest_day_over_all_plausible_arrangements(year: int) -> None:
    hidden = before_notice(year)
    festivals = read_statutory(FOLDER).years[year]
    statutory = {day for one in festivals.values() for day in one}
    known = {day for day in year_of(year - 1) if CALENDAR.is_workday(day)}
    if year == 2019:  # what the notice of 2019 changed in December 2018, undone
        known = known - {date(2018, 12, 29)} | {date(2018, 12, 31)}
    arrangements = []
    for chosen in product(*(options for _, options in ways(year)[:2])):  # 元旦、春节
        off = {day for way in chosen for day in way.off} | statutory
        work = {day for way in chosen for day in way.work}
        weekdays = {day for day in year_of(year) if day.weekday() < 5}
        arrangements.append(sorted((known | weekdays | work) - off))
    for start in days(date(year - 1, 11, 20), date(year, 2, 20))[::3]:
        for n in (1, 7, 20, 26):
            earliest = min([d for d in open_days if d > start][n - 1] for open_days in arrangements)
            assert hidden.reach(start, n).day == earliest, (start, n)


@pytest.fixture(scope="module")
def replays() -> list[tuple[date, int, date, bool, date]]:
    """Each receipt of 2018-2025 with the next notices hidden: (start, n, answer, agreed, true).

    `agreed` = up to the answer all plausible arrangements have as many working days.
    """
    found = []
    for year in range(2018, 2026):
        hidden = before_notice(year + 1)
        for start in year_of(year):
            for n in PERIODS:
                true, answer = CALENDAR.nth_workday(start, n), hidden.reach(start, n)
                if not answer.provisional:
                    assert answer.day == true, (start, n)
                    continue
                count = hidden.count(start, answer.day)
                found.append((start, n, answer.day, count.fewest == count.most, true))
    return found


def test_a_provisional_day_is_never_later_than_the_true_one(
    replays: list[tuple[date, int, date, bool, date]],
) -> None:
    assert len(replays) > 1500
    assert [one for one in replays if one[2] > one[4]] == []


def test_a_provisional_day_is_no_earlier_than_it_must_be(
    replays: list[tuple[date, int, date, bool, date]],
) -> None:
    gaps: Counter[int] = Counter()
    for start, n, day, agreed, true in replays:
        gap = CALENDAR.between(day, true)
        if true >= EXTENDED and start < EXTENDED and true.year == 2020:
            assert gap <= 2, (start, n)  # the two days of the extension
            continue
        if agreed:
            assert day == true, (start, n)
        gaps[gap] += 1
    assert max(gaps) == 1  # one make-up day may come before 春节, or may not
    assert gaps[0] > 0.9 * gaps.total()


def test_a_whole_unpublished_year_stays_on_the_safe_side() -> None:
    for year in range(2020, 2027):
        hidden = before_notice(year)
        for start in days(date(year - 1, 11, 1), date(year, 9, 30))[::5]:
            for n in (20, 60, 100, 150, 200):
                true = CALENDAR.reach(start, n)
                assert hidden.reach(start, n).day <= true.day, (start, n)


def test_two_unpublished_years_in_a_row_are_answered() -> None:
    hidden = before_notice(2025)
    answer = hidden.reach(date(2024, 12, 2), 300)
    assert answer.awaits == (2025, 2026)
    assert answer.day <= CALENDAR.nth_workday(date(2024, 12, 2), 300)


def test_a_year_missing_in_the_middle_is_a_gap() -> None:
    holed = Calendar.load(FOLDER, hide=[2022])
    assert holed.is_workday(date(2023, 1, 28))
    assert not holed.is_workday(date(2023, 1, 2))
    with pytest.raises(CalendarNotPublished):
        holed.between(date(2021, 12, 1), date(2023, 2, 1))
    assert holed.reach(date(2022, 12, 20), 20).awaits == (2022,)


# ── invariants ──────────────────────────────────────────────────────────────────────────────────
KNOWN = st.dates(date(2018, 1, 1), date(2025, 6, 30))
PROVISIONAL = st.dates(date(2026, 10, 1), date(2027, 12, 31))
LENGTH = st.integers(1, 120)


@given(KNOWN, LENGTH, LENGTH)
def test_periods_add_up(start: date, a: int, b: int) -> None:
    one_by_one = CALENDAR.nth_workday(CALENDAR.nth_workday(start, a), b)
    assert one_by_one == CALENDAR.nth_workday(start, a + b)


@given(KNOWN, LENGTH)
def test_the_nth_day_is_a_workday_with_n_workdays_up_to_it(start: date, n: int) -> None:
    day = CALENDAR.nth_workday(start, n)
    assert CALENDAR.is_workday(day)
    assert CALENDAR.between(start, day) == n
    assert CALENDAR.count(start, day) == (n, n)
    assert len(CALENDAR.rest_days(start, day)) == (day - start).days - n


@given(KNOWN, LENGTH)
def test_stepping_day_by_day_gives_the_same(start: date, n: int) -> None:
    day, left = start, n
    while left:
        day += DAY
        left -= CALENDAR.is_workday(day)
    assert CALENDAR.nth_workday(start, n) == day


@given(PROVISIONAL, LENGTH, LENGTH)
def test_provisional_parts_are_never_later_than_the_whole(start: date, a: int, b: int) -> None:
    whole = CALENDAR.reach(start, a + b).day
    assert CALENDAR.reach(CALENDAR.reach(start, a).day, b).day <= whole


@given(PROVISIONAL, LENGTH)
def test_a_provisional_answer_explains_itself(start: date, n: int) -> None:
    day = CALENDAR.reach(start, n).day
    rest = [named.day for named in CALENDAR.rest_days(start, day)]
    assert (day - start).days - len(rest) == n == CALENDAR.used(start, day)
    assert day not in rest
    assert CALENDAR.used(start, day - DAY) == n - 1
    for worked, _ in CALENDAR.worked_weekends(start, day):
        assert worked.weekday() >= 5
        assert worked not in rest


@given(PROVISIONAL)
def test_the_last_working_day_by_a_day_is_certain(day: date) -> None:
    last = CALENDAR.last_workday_by(day)
    assert last <= day
    assert CALENDAR.count(last - DAY, last) == (1, 1)


# ── broken files ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("file", "was", "becomes", "where"),
    [
        ("2026.toml", "version =", "verison =", "version"),
        ("2026.toml", "year = 2026", "year = 2025", "year"),
        ("2026.toml", "2026-04-06]", "2026-04-31]", "全文"),
        ("2026.toml", "2026-04-06]", '"6 April"]', "papers.0.holidays.2.rest.1"),
        ("2026.toml", "work = [2026-01-04]", "work = [2025-11-30]", "papers.0.元旦"),
        ("2026.toml", "work = [2026-01-04]", "work = [2026-01-05]", "papers.0.元旦.work"),
        ("2026.toml", "work = [2026-01-04]", "work = [2026-01-03]", "元旦"),
        ("2026.toml", "rest = [2026-01-01, 2026-01-03]", "rest = [2026-01-03, 2026-01-01]", "rest"),
        ("2026.toml", "rest = [2026-04-04", "rest = [2026-02-23", "清明节"),
        (
            "2026.toml",
            "rest = [2026-06-19, 2026-06-21]",
            "rest = [2026-06-20, 2026-06-21]",
            "端午节",
        ),
        ("2026.toml", "work = [2026-01-04]", "work = [2026-01-04]\nlunch = 1", "lunch"),
        ("2024.toml", "rest = [2024-01-01", "rest = [2023-12-31", ""),
        ("2023.toml", "rest = [2022-12-31", "rest = [2022-10-01", "元旦"),
        ("statutory.toml", "2027-04-05", "2028-04-05", "years.2027.清明节"),
        ("statutory.toml", "2027-05-01, 2027-05-02", "2027-05-01", "years.2027"),
        ("statutory.toml", "[years.2022]", "[years.2032]", "years.2032"),
        ("arrangement.toml", 'festivals = ["春节"]', 'festivals = ["重阳节"]', "春节"),
        ("arrangement.toml", 'begins = "first_day"', 'begins = "any"', "rule"),
    ],
)
def test_a_broken_file_is_named_with_its_field(
    tmp_path: Path, file: str, was: str, becomes: str, where: str
) -> None:
    folder = tmp_path / "workdays"
    shutil.copytree(FOLDER, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert was in text
    (folder / file).write_text(text.replace(was, becomes, 1), encoding="utf-8")
    if not where:  # another day of rest in December: lawful
        assert not Calendar.load(folder).is_workday(date(2023, 12, 31))
        return
    with pytest.raises(ConfigFault) as fault:
        Calendar.load(folder)
    assert fault.value.file == file
    assert where in fault.value.where
