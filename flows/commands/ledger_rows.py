"""One row of a ledger: what it says of an application, or everything that is doubtful about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Final, NamedTuple, Protocol

from flows.commands.ledger_cells import (
    LONGEST,
    LOST,
    NOTHING,
    SHORTENED,
    Doubtful,
    day_in_cell,
    lost,
    text_in,
)
from flows.commands.ledger_file import Listed, Told
from flows.commands.ledger_meanings import Meanings
from flows.commands.ledger_months import NO_YEAR, Days, Stated, settled
from flows.commands.ledger_names import IN_NAME, is_none, parted
from flows.commands.ledger_sheets import ExcelDay, Number, Value
from flows.commands.ledger_unsaid_kinds import LONGEST_NAME, UNSAID, Decided
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.agency.ledger_words import MARKS, LedgerWords, plain
from models.case.act import Act, Circumstances
from models.case.stage import ApplicantKind
from models.errors import DisclosureError
from models.law.deadline import ClockEvent, deadline
from models.report_tables.form import Form
from models.words.written_days import Month, day_in, month_and_day, other_weekday, short_year

NEEDED = ("登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期")
COLUMNS = (*NEEDED, "提交方式", "联系方式", "备注", "办理状态", "不予公开理由")
DAYS: Final = ("收到日期", "办结日期")
TEXTS: Final = tuple(name for name in COLUMNS if name not in DAYS)
WORDS: Final = ("申请人类别", "提交方式", "办理结果")
"""Columns of one word: of a cell that cannot be read, nothing more is said."""
ENDED: Final = re.compile("撤回|撤销申请|作废|测试|已办结|已答复")
"""What a remark says of an application that is over."""
TAKEN_AS_CLOSED = "台账未载办理结果，导入时按已办结处理（2019年5月15日前收到）"
PLACEHOLDER: Final = re.compile(r"\{[年月表]\}")
NOT_A_NUMBER = re.compile(r"[\s/\\]|^\.")
FIRST_YEAR: Final = 2003
"""The first local rules on applications for information came into force (Guangzhou, 1 January 2003);
an earlier day is what Excel makes of an empty cell, or a slip.
"""
IN_LINES: Final = (
    "；是一个名称的，去掉换行，是几个人的，用“、”隔开；照原样导入的，加 --names-as-they-are"
)
IGNORE_STATE = "状态一栏不作数的，删去这一列再导入"
word_in: Final = lru_cache(maxsize=256)(text_in)
"""Of a column of one word: few are written, and they come again."""


class LedgerRow(NamedTuple):
    """One row of a ledger, checked: what it says of one application."""

    place: str
    sheet: str
    line: int
    number: str
    received_on: date
    channel: str
    kind: ApplicantKind
    applicant: str
    contact: str
    request: str
    row: str | None
    closed_on: date | None
    note: str

    def acts(self) -> tuple[Act, ...]:
        """The acts that the row says were done."""
        registered = Register(
            channel=self.channel,
            arrived_on=self.received_on,
            applicant_kind=self.kind,
            applicant=self.applicant,
            request=self.request,
        )
        received = _received(self.received_on, self.note)
        if self.row is None or self.closed_on is None:
            return registered, received
        return registered, received, _result(self.row, self.closed_on)

    def said(self) -> int:
        """What it says, in short: two rows that say the same have the same, wherever they stand."""
        day = (self.received_on, self.closed_on, self.row)
        who = (self.number, self.kind, self.applicant, self.contact)
        return hash((day, who, self.channel, self.request, self.note))

    def person(self) -> dict[str, str | None]:
        """Who applied, as far as a ledger tells: the columns of `Applicant`."""
        reached = {"contact": self.contact, "identity": "", "address": ""}
        return {"case_number": self.number, "intake": None} | reached


@lru_cache(maxsize=2048)
def _received(on: date, note: str) -> ImportedReceipt:
    """Many rows say the same of their receipt, and of their result."""
    return ImportedReceipt(received_on=on, note=note)


@lru_cache(maxsize=2048)
def _result(row: str, closed_on: date) -> ImportedResult:
    return ImportedResult(row=row, closed_on=closed_on)


@dataclass(frozen=True)
class Doubt:
    """Why a row cannot be loaded; column = where, if it is one.

    advice = what else is to be said, alike for many rows: what it should be, what to do
    """

    sheet: str
    line: int
    short: str
    column: str = ""
    advice: str = ""

    @property
    def problem(self) -> str:
        """All that is said of it."""
        return self.short + self.advice


@dataclass(frozen=True)
class DoubtfulRow:
    """A row that cannot be loaded; number = "" where it is not known for certain."""

    place: str
    sheet: str
    line: int
    number: str
    received_on: date | None
    doubts: tuple[Doubt, ...]
    values: Mapping[str, Value]

    def said(self) -> int:
        """What it says, in short, as LedgerRow.said."""
        return hash(tuple(self.values.items()))


class Doubting(Protocol):
    """Notes a doubt about the row, and the column it is about."""

    def __call__(self, short: str, column: str = "", advice: str = "") -> None: ...


class Meant(Protocol):
    """What a word means; Doubtful if nothing certain."""

    def __call__(self, words: str, /) -> str: ...


@dataclass
class Checking:
    """How rows are read: by these forms, on this day, with these words.

    old_closed = the day on which open rows from before the rules we hold are taken as closed
    prefix = put before every 登记号; {年}, {月} and {表} in it are those of receipt, and the sheet
    year = of days that are written without one; None = the one that the sheet is of
    named = names that hold a number are taken as they are
    month_only = first, last: the day that stands for a month, where a day is known by that alone
    decided = the kind of the applicants of whom none is said, where their names do not tell
    """

    forms: tuple[Form, ...]
    now: Circumstances
    words: LedgerWords
    told: Told = field(default_factory=Told)
    old_closed: date | None = None
    prefix: str = ""
    year: int | None = None
    named: bool = False
    month_only: str = ""
    decided: str = ""

    def row(self, listed: Listed) -> LedgerRow | DoubtfulRow:
        """What a row says, or all doubts about it."""
        doubts: list[Doubt] = []

        def doubtful(short: str, column: str = "", advice: str = "") -> None:
            if column not in WORDS or all(one.column != column for one in doubts):
                doubts.append(Doubt(listed.sheet, listed.line, short, column, advice))

        def refused(number: str = "", received_on: date | None = None) -> DoubtfulRow:
            where = listed.place, listed.sheet, listed.line
            return DoubtfulRow(*where, number, received_on, tuple(doubts), listed.values)

        if listed.fault:
            doubtful(listed.fault)
            if listed.displaced:
                return refused()

        values = listed.values
        text = {
            name: self._text(name, listed, doubtful) if values.get(name, "") != "" else ""
            for name in TEXTS
        }
        text["登记号"] = "" if text["登记号"] in NOTHING else text["登记号"]
        for name in ("登记号", "申请人", "申请内容"):
            if not text[name] and not any(one.column == name for one in doubts):
                doubtful(f"“{name}”为空", name)
        if not self.named and LOST.search(text["申请人"]):
            fault = lost("申请人", text["申请人"], "；照原样导入的，加 --names-as-they-are")
            doubtful(fault.short, "申请人", fault.advice)
        elif not self.named and len(lines := text["申请人"].split("\n")) > 1:
            doubtful(f"“申请人”分成几行（{'／'.join(lines)[:40]}）", "申请人", IN_LINES)
        elif not self.named and is_none(text["申请人"]):
            advice = "；请补填，照原样导入的，加 --names-as-they-are"
            doubtful(f"“申请人”写的“{text['申请人']}”不是姓名、名称", "申请人", advice)
        elif not self.named and (found := IN_NAME.search(text["申请人"])):
            self._part_name(text, found[0], listed, doubtful)
        days = self._days(listed, doubtful)
        received_on = days.received_on
        number = self._number(text["登记号"], listed.sheet, received_on, doubtful)
        kind = self._kind(text, listed, doubtful)
        channel = self._meant("提交方式", text, self._meanings.channel, doubtful)
        row, closed_on = self._result(text, days, listed, doubtful)
        self._tell_unsaid(text, listed, closed=row is not None)
        self._hold_against_state(text, listed, closed_on, doubtful)
        if doubts or received_on is None or kind is None or channel is None:
            certain = received_on is not None or not PLACEHOLDER.search(self.prefix)
            return refused(number if text["登记号"] and certain else "", received_on)
        text["备注"] = "　".join(filter(None, [text["备注"], days.told]))
        if len(text["申请人"]) > LONGEST_NAME:
            self._hold_against_name(kind, text["申请人"], listed)
        return LedgerRow(
            place=listed.place,
            sheet=listed.sheet,
            line=listed.line,
            number=number,
            received_on=received_on,
            channel=channel,
            kind=ApplicantKind(kind),
            applicant=text["申请人"],
            contact=text["联系方式"],
            request=text["申请内容"],
            row=row,
            closed_on=closed_on,
            note=text["备注"],
        )

    def _kind(self, text: dict[str, str], listed: Listed, doubtful: Doubting) -> str | None:
        """The kind of an applicant; where none is said, as the office has decided."""
        said = listed.values.get("申请人类别", "")
        unsaid = isinstance(said, str) and (said == "" or said in NOTHING)
        if not self.decided or not unsaid:
            name = text["申请人"]
            return self._meant(
                "申请人类别", text, lambda said: self._meanings.kind(said, name), doubtful
            )
        if not text["申请人"]:  # that is asked for
            return None
        try:
            kind, how = self._by_decision.of(text["申请人"])
        except Doubtful as fault:
            doubtful(fault.short, "申请人类别", fault.advice)
            return None
        self.told.tell(how, listed.place)
        text["备注"] = f"{text['备注']}　{UNSAID}，导入时按{kind}".strip()
        return kind

    def _hold_against_name(self, kind: str, name: str, listed: Listed) -> None:
        """A kind that is written stands; that the name is of another, is told: table 三 counts by it."""
        like = self._meanings.by_name(name)
        if like and like != kind:
            self.told.tell(
                "申请人类别与名称不像同一类，按所写的导入，请核对",
                f"{listed.place}写“{kind}”，名称像“{like}”",
            )

    @cached_property
    def _by_decision(self) -> Decided:
        return Decided(self.decided, self.words)

    def _tell_unsaid(self, text: Mapping[str, str], listed: Listed, *, closed: bool) -> None:
        """What is taken for want of a word: a channel that is not said, an open application whose remark
        speaks of its end.
        """
        if not text["提交方式"] and "提交方式" in listed.values:
            self.told.tell(f"没有写提交方式的，按“{self.unsaid_channel}”", listed.place)
        if not closed and (found := ENDED.search(text["备注"])):
            self.told.tell(
                f"备注写有“{found[0]}”而没有办理结果的，按未办结导入，请核对", listed.place
            )

    def _hold_against_state(
        self, text: Mapping[str, str], listed: Listed, closed_on: date | None, doubtful: Doubting
    ) -> None:
        """A column that says 已办结 or 办理中 must not contradict the result and its day."""
        said = text["办理状态"]
        if not said or (over := self._over(said)) is None:
            return
        given = [
            name
            for name in ("办理结果", "办结日期")
            if not self._says_nothing(listed.values.get(name, ""))
        ]
        if over and not given and closed_on is None:
            doubtful(
                f"办理状态是“{said}”，却没有写办理结果、办结日期",
                "办理状态",
                f"；请补填，尚未办结的改正状态；{IGNORE_STATE}",
            )
        if not over and given:
            doubtful(
                f"办理状态是“{said}”，却写有{'、'.join(given)}",
                "办理状态",
                f"；请核对哪一栏对；{IGNORE_STATE}",
            )

    def _over(self, state: str) -> bool | None:
        """Whether a state is that of an application that is closed; None if it says nothing known."""
        if state in NOTHING:
            return None
        known = self.words.state_of
        if plain(state) not in known:
            self.told.tell(
                "没有认出的办理状态，未与办理结果核对（常用的写法，在 config/office/ledger.toml"
                " 的 [states] 补一行）",
                f"“{state[:20]}”",
            )
        return known.get(plain(state))

    @cached_property
    def unsaid_channel(self) -> str:
        """The channel of an application of which none is said."""
        return self.now.law.channels[self._meanings.channel("")].label

    @cached_property
    def _meanings(self) -> Meanings:
        return Meanings(self.forms, self.now.law, self.words, self.told)

    # ── cells ─────────────────────────────────────────────────────────────────────────────────

    def _text(self, name: str, listed: Listed, doubtful: Doubting) -> str:
        """The text of a cell that says something."""
        try:
            read = word_in if name in WORDS else text_in
            text, unseen = read(name, listed.values[name])
        except Doubtful as fault:
            doubtful(fault.short, name, fault.advice)
            return ""
        if unseen:
            self.told.tell("去除看不见的字符", f"{listed.place}{name}")
        return text

    def _part_name(
        self, text: dict[str, str], number: str, listed: Listed, doubtful: Doubting
    ) -> None:
        """A telephone that stands in the name goes where it belongs, if that is certain."""
        parts = parted(text["申请人"], text["联系方式"])
        if parts is None:
            doubtful(
                f"“申请人”中有电话或者证件号码（{number[:3]}……）",
                "申请人",
                "，请移到“联系方式”；照原样导入全部这样的行，加 --names-as-they-are",
            )
            return
        text["申请人"], text["联系方式"] = parts
        self.told.tell(
            "姓名和电话写在一格的，已分开：电话作为联系方式（照原样导入的，加 --names-as-they-are）",
            listed.place,
        )

    def _days(self, listed: Listed, doubtful: Doubting) -> Days:
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
        return days

    def _is_open(self, listed: Listed) -> bool:
        """Whether a row states no result, and no day of closing."""
        stated = (listed.values.get(name, "") for name in ("办理结果", "办结日期"))
        return all(map(self._says_nothing, stated))

    def _must_be_found(self, month: Month | None) -> bool:
        """Whether the limit of an application that is open since this month can be counted."""
        if month is None or not month.year or month.first > self.now.today:
            return False
        return self._limit_unknown(month.first) is None

    def _day(
        self, name: str, listed: Listed, doubtful: Doubting, since: date | None = None
    ) -> Stated:
        value = listed.values.get(name, "")
        if isinstance(value, ExcelDay) and value.whole and value.with_year:  # it says so itself
            return self._in_time(name, value.day, doubtful)
        if isinstance(value, str):
            value = MARKS.sub("", value).strip()
        if name == "办结日期" and self._says_nothing(value):
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
            return self._of_short_year(name, words, short, listed.year)
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

    def _says_nothing(self, value: Value) -> bool:
        """Whether a cell of a result or its day says that there is none yet."""
        return isinstance(value, str) and (
            value == "" or value in NOTHING or self.words.result_of.get(plain(value)) == ""
        )

    def _number(self, stated: str, sheet: str, received_on: date | None, doubtful: Doubting) -> str:
        number = self._prefixed(sheet, received_on) + stated if self.prefix else stated
        if NOT_A_NUMBER.search(number):
            said = f"登记号“{number}”不能用作编号（不得含空白、斜杠，不得以点开头）"
            doubtful(said, "登记号", "；用“查找和替换”去掉整列的空格，把斜杠换成“-”")
        elif len(number) > LONGEST["登记号"] >= len(stated):
            doubtful(f"登记号加上前缀有{len(number)}个字，最多{LONGEST['登记号']}个字", "登记号")
        return number

    def _prefixed(self, sheet: str, received_on: date | None) -> str:
        year, month = (f"{received_on:%Y}", f"{received_on:%m}") if received_on else ("", "")
        said = {"{年}": year, "{月}": month, "{表}": sheet}
        return PLACEHOLDER.sub(lambda found: said[found[0]], self.prefix)

    def _meant(
        self, name: str, text: Mapping[str, str], of: Meant, doubtful: Doubting
    ) -> str | None:
        try:
            return of(text[name])
        except Doubtful as fault:
            doubtful(fault.short, name, fault.advice)
            return None

    # ── the result ────────────────────────────────────────────────────────────────────────────

    def _result(
        self, text: dict[str, str], days: Days, listed: Listed, doubtful: Doubting
    ) -> tuple[str | None, date | None]:
        """The row of table 三 and the day of closing; both None for an open application."""
        words = "" if self._says_nothing(text["办理结果"]) else text["办理结果"]
        day_given = days.closed_on is not None or not self._says_nothing(
            listed.values.get("办结日期", "")
        )
        received_on, closed_on = days.received_on, days.closed_on
        if closed_on and received_on and closed_on < received_on:
            doubtful(f"办结日期 {closed_on} 早于收到日期 {received_on}", "办结日期")
        if words:
            of = closed_on or received_on or self.now.today
            meant, reason = {"办理结果": words}, text["不予公开理由"]
            row = self._meant(
                "办理结果", meant, lambda said: self._meanings.row(said, of, reason), doubtful
            )
        if bool(words) != day_given:
            lacking = "办结日期" if words else "办理结果"
            doubtful("办理结果和办结日期应同时填写，或同时留空（未办结）", lacking)
        elif words:
            return (None, None) if closed_on is None else (row, closed_on)
        else:
            return self._open(text, days, doubtful)
        return None, None

    def _open(
        self, text: dict[str, str], days: Days, doubtful: Doubting
    ) -> tuple[str | None, date | None]:
        """An open application goes on the desk: the law must know its limit."""
        month = days.received_in
        received_on = days.received_on or (month.first if month and month.year else None)
        if received_on is None or received_on > self.now.today:
            return None, None
        fault = self._limit_unknown(received_on)
        if fault is None:
            return None, None
        if self.old_closed is None:
            doubtful(
                f"尚未办结，但收到日期 {received_on} 的答复期限无法计算：{fault}",
                "办结日期",
                "。已经办结的，请补填办理结果和办结日期；按已办结导入全部这样的行，用 --old-closed"
                " 办结日期，结果计入“其他”并在备注中写明",
            )
            return None, None
        closed_on = max(self.old_closed, received_on)
        text["备注"] = f"{text['备注']}　{TAKEN_AS_CLOSED}".strip()
        return self._meanings.form(closed_on).result_codes[-1], closed_on

    def _limit_unknown(self, received_on: date) -> str | None:
        try:
            deadline([ClockEvent("received", received_on)], self.now.law)
        except DisclosureError as fault:
            return str(fault)
        return None
