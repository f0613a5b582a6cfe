"""How are the days of a row written: of receipt, and of closing? As a day, without a year, as a month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from flows.commands.ledger_cells import SHORTENED, Doubtful, day_in_cell, says_nothing
from flows.commands.ledger_limits import limit_unknown
from flows.commands.ledger_months import NO_YEAR, Days, Stated, settled
from flows.commands.ledger_said import Doubting
from flows.commands.ledger_table import Listed
from flows.commands.ledger_told import Told
from flows.commands.ledger_values import ExcelDay, Number, Value
from models.agency.ledger_words import MARKS, LedgerWords
from models.case.act import Circumstances
from models.words.written_days import (
    Month,
    compact_day,
    day_in,
    month_alone,
    month_and_day,
    other_weekday,
    short_year,
)

FIRST_YEAR: Final = 2003
"""The first local rules on applications for information came into force (Guangzhou, 1 January 2003);
an earlier day is what Excel makes of an empty cell, or a slip.
"""

UNLIKELY: Final = 183
"""Days between receipt and closing, beyond which a year may have been mistyped."""
LONG_AFTER: Final = "收到以后半年多才办结的，照所写的导入，请核对日期"
OTHER_YEAR: Final = "日期与工作表写明的年份不符的，照所写的导入，请核对日期"
OTHER_NUMBER: Final = "收到日期与登记号中的年份不符的，照所写的导入，请核对日期"
NUMBERED_YEAR: Final = re.compile(r"\D{0,12}(20[0-4]\d)(?=\D|\d{2,4}$)")
"""The year that a number begins with: 〔2024〕3号, 2024-001."""


@dataclass(frozen=True)
class DaysOfRows:
    """Reads the days of each row, on this day, with these words.

    year = of days that are written without one; None = the one that the sheet is of
    month_only = first, last: the day that stands for a month, where a day is known by that alone
    """

    now: Circumstances
    words: LedgerWords
    told: Told
    year: int | None
    month_only: str

    def of(self, listed: Listed, doubtful: Doubting) -> Days:
        """The days of receipt and of closing; of those known by their month, as was decided."""
        received = self._day("收到日期", listed, doubtful)
        since = received.first if isinstance(received, Month) and received.year else received
        closed = self._day("办结日期", listed, doubtful, since if isinstance(since, date) else None)
        days = settled({"收到日期": received, "办结日期": closed}, self.month_only, self.now.today)
        if self._must_be_found(days.received_in) and self._is_open(listed):
            doubtful(
                f"尚未办结，收到日期只写到月（{days.received_in}）",
                "收到日期",
                "；答复期限自收到之日起算，请查明是哪一天",
            )
            return days
        for short, column, advice in days.asked:
            doubtful(short, column, advice)
        for how, column in days.how:
            self.told.tell(how, f"{listed.place}{column}")
        self._tell_unlikely(days, listed)
        return days

    def _tell_unlikely(self, days: Days, listed: Listed) -> None:
        """A year that was mistyped is a day like any other: what stands beside it speaks against it."""
        received, closed, of = days.received_on, days.closed_on, listed.year
        if received is None:
            return
        if closed is not None and (closed - received).days > UNLIKELY:
            self.told.tell(LONG_AFTER, f"{listed.place}（{received}，{closed}）")
        if of is not None and (
            not of - 1 <= received.year <= of or (closed is not None and closed.year < of)
        ):
            self.told.tell(OTHER_YEAR, f"{listed.place}（{received}，工作表是{of}年的）")
        number = listed.values.get("登记号", "")
        found = NUMBERED_YEAR.match(number) if isinstance(number, str) else None
        if found and not int(found[1]) - (received.month == 12) <= received.year <= int(found[1]):
            self.told.tell(OTHER_NUMBER, f"{listed.place}（{number}，{received}）")

    def _is_open(self, listed: Listed) -> bool:
        """Whether a row states no result, and no day of closing."""
        stated = (listed.values.get(name, "") for name in ("办理结果", "办结日期"))
        return all(says_nothing(one, self.words) for one in stated)

    def _must_be_found(self, month: Month | None) -> bool:
        """Whether the limit of an application that is open since this month can be counted."""
        if month is None or not month.year or month.first > self.now.today:
            return False
        return limit_unknown(month.first, self.now.law) is None

    def _day(
        self, name: str, listed: Listed, doubtful: Doubting, since: date | None = None
    ) -> Stated:
        value = listed.values.get(name, "")
        if isinstance(value, ExcelDay) and value.whole and value.with_year:  # it says so itself
            return self._in_time(name, value.day, doubtful)
        if isinstance(value, str):
            value = MARKS.sub("", value).strip()
        if name == "办结日期" and says_nothing(value, self.words):
            return None
        try:
            found, how = self._without_year(name, value, listed, since) or day_in_cell(name, value)
        except Doubtful as fault:
            doubtful(fault.short, name, fault.advice)
            return None
        if isinstance(found, Month):
            return self._of_year(found, listed, since)
        if isinstance(value, str) and (is_said := other_weekday(value, found)):
            doubtful(f"“{name}”（{value}）那一天是{is_said}", name, "，请核对日期")
        if how:
            self.told.tell(how, f"{listed.place}{name} {found}")
        if isinstance(value, ExcelDay) and not value.with_year:
            self._hold_against_year(name, found, listed, doubtful)
        return self._in_time(name, found, doubtful)

    def _in_time(self, name: str, found: date, doubtful: Doubting) -> date:
        """A day; doubtful where it has not come yet, or no ledger can have it."""
        if found > self.now.today:
            doubtful(f"{name} {found} 晚于今天（{self.now.today}）", name)
        if found.year < FIRST_YEAR:
            doubtful(f"{name} {found} 早于{FIRST_YEAR}年，那时还没有依申请公开，请核对", name)
        return found

    @staticmethod
    def _hold_against_year(name: str, day: date, listed: Listed, doubtful: Doubting) -> None:
        """A day that is shown without its year has the one in which it was typed: in January that of
        the year after, where nobody sees it.
        """
        of, later = listed.year, name == "办结日期"
        if of is not None and not of <= day.year <= of + later:
            doubtful(
                f"“{name}”只显示{day.month}月{day.day}日，其值却是 {day}，与工作表写明的{of}年不符",
                name,
                "，请核对，并把年份显示出来",
            )

    def _of_year(self, month: Month, listed: Listed, since: date | None) -> Month:
        """A month in its year, if it says none: as a day without one."""
        year = self.year or listed.year
        if month.year or year is None:
            return month
        later = since is not None and Month(year, month.month) < (since.year, since.month)
        return Month(year + 1 if later else year, month.month)

    def _without_year(
        self, name: str, value: Value, listed: Listed, since: date | None
    ) -> tuple[date, str] | None:
        """A day that is written without its year, in the year that was asked for or that the sheet is
        of; one of closing is the first such day since receipt. None if it is no such day; Doubtful.
        """
        words = value.digits if isinstance(value, Number) else value
        if isinstance(words, str) and (short := short_year(words)):
            stated = listed.year or (since.year if since and name == "办结日期" else None)
            return self._of_short_year(name, words, short, stated)
        if isinstance(words, str) and (compact := compact_day(words)):
            return self._of_six_figures(
                name, words, compact, listed.year or (since.year if since else None)
            )
        if not isinstance(words, str) or (found := month_and_day(words)) is None:
            return None
        if isinstance(value, Number) and SHORTENED.search(words):
            raise Doubtful(
                f"“{name}”是数字{words}，可能是{found[0]}月{found[1]}日，也可能是{found[0]}月"
                f"{found[1]}0日（Excel 去掉了末尾的0），请写明"
            )
        year = self.year or listed.year
        if year is None:
            raise Doubtful(f"“{name}”（{words}）没有年份", NO_YEAR)
        day = day_in(year, *found)
        if day and since and day < since and name == "办结日期":
            day = day_in(year + 1, *found)
        if day is None:
            raise Doubtful(f"“{name}”（{words}）不是{year}年的一天")
        return day, f"没有年份的日期，按{day.year}年"

    def _of_six_figures(
        self, name: str, words: str, day: date, stated: int | None
    ) -> tuple[date, str] | None:
        """A day of six figures (240304) where the sheet is of that year, or of one beside it; None where
        it is a month (201003, in 2010). Doubtful.
        """
        of, month = self.year or stated, month_alone(words)
        if of is not None and abs(day.year - of) <= 1:
            return day, "年份只写两位的日期，按20××年"
        if month is None:
            raise Doubtful(f"“{name}”（{words}）的年份只有两位", "，请写四位（如 2024.3.4）")
        if of is None and month.year <= self.now.today.year:
            raise Doubtful(f"“{name}”（{words}）可能是{month}，也可能是{day}", "，请写明")
        return None

    def _of_short_year(
        self, name: str, words: str, short: tuple[int, int, int], stated: int | None
    ) -> tuple[date, str]:
        """A day whose year has two figures (24.3.4): certain where 年 is written, or where the sheet
        is of that year, or of one beside it (carried in, answered later). Doubtful.
        """
        year = 2000 + short[0]
        of = self.year or stated
        found = day_in(year, *short[1:])
        if found is None or not ("年" in words or (of is not None and abs(year - of) <= 1)):
            raise Doubtful(f"“{name}”（{words}）的年份只有两位", "，请写四位（如 2024.3.4）")
        return found, "年份只写两位的日期，按20××年"
