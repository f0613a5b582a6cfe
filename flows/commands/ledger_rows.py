"""One row of a ledger: what it says of an application, or everything that is doubtful about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Final

from flows.commands.ledger_applicants import Applicants
from flows.commands.ledger_boxes import chosen
from flows.commands.ledger_cells import AS_DAY, LONGEST, NOTHING, Doubtful, text_in
from flows.commands.ledger_days import DaysOfRows
from flows.commands.ledger_meanings import Meanings
from flows.commands.ledger_results import Results
from flows.commands.ledger_said import Doubt, DoubtfulRow, Doubting, LedgerRow, meant
from flows.commands.ledger_table import Listed
from flows.commands.ledger_told import Told
from flows.commands.ledger_values import Value
from models.agency.ledger_words import LedgerWords
from models.case.act import Circumstances
from models.case.stage import ApplicantKind
from models.report_tables.form import Form

NEEDED = ("登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期")
COLUMNS = (*NEEDED, "提交方式", "联系方式", "备注", "办理状态", "不予公开理由")
DAYS: Final = ("收到日期", "办结日期")
TEXTS: Final = tuple(name for name in COLUMNS if name not in DAYS)
WORDS: Final = ("申请人类别", "提交方式", "办理结果")
"""Columns of one word: of a cell that cannot be read, nothing more is said."""
PLACEHOLDER: Final = re.compile(r"\{[年月表]\}")
NOT_A_NUMBER = re.compile(r"[\s/\\]|^\.")
_SEVERAL: Final = re.compile(r"\d号?(?:[、，,；;~～]|和|及|至|到)第?(?=\S*\d)")
"""Two numbers or more, or from one to another: 2024-001至2024-003."""


@lru_cache(maxsize=256)
def word_in(name: str, value: Value) -> tuple[str, bool]:
    """The text of a column of one word: few are written, and they come again. As `text_in`."""
    text, unseen = text_in(name, value)
    return chosen(name, text), unseen


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
        self._applicants.name(text, listed, doubtful)
        days = self._days.of(listed, doubtful)
        received_on = days.received_on
        number = self._number(text["登记号"], listed.sheet, received_on, doubtful)
        kind = self._applicants.kind(text, listed, doubtful)
        channel = meant("提交方式", text, self._meanings.channel, doubtful)
        row, closed_on = self._results.of(text, days, listed, doubtful)
        if not text["提交方式"] and "提交方式" in values:
            self.told.tell(f"没有写提交方式的，按“{self.unsaid_channel}”", listed.place)
        self._results.tell_doubts(text, row, listed)
        self._results.hold_against_state(text, listed, closed_on, doubtful)
        if doubts or received_on is None or kind is None or channel is None:
            certain = received_on is not None or not PLACEHOLDER.search(self.prefix)
            return refused(number if text["登记号"] and certain else "", received_on)
        text["备注"] = "　".join(filter(None, [text["备注"], days.told]))
        self._applicants.hold_against_name(kind, text["申请人"], listed)
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

    @cached_property
    def unsaid_channel(self) -> str:
        """The channel of an application of which none is said."""
        return self.now.law.channels[self._meanings.channel("")].label

    @cached_property
    def _meanings(self) -> Meanings:
        return Meanings(self.forms, self.now.law, self.words, self.told)

    @cached_property
    def _applicants(self) -> Applicants:
        return Applicants(self._meanings, self.words, self.told, self.named, self.decided)

    @cached_property
    def _days(self) -> DaysOfRows:
        return DaysOfRows(self.now, self.words, self.told, self.year, self.month_only)

    @cached_property
    def _results(self) -> Results:
        return Results(self._meanings, self.now, self.words, self.told, self.old_closed)

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

    def _number(self, stated: str, sheet: str, received_on: date | None, doubtful: Doubting) -> str:
        number = self._prefixed(sheet, received_on) + stated if self.prefix else stated
        if AS_DAY.fullmatch(stated):
            said = f"登记号“{stated}”像是表格软件把编号改成的日期"
            doubtful(said, "登记号", "；请按原件重新填写，并把该列设为文本格式")
        elif NOT_A_NUMBER.search(number):
            said = f"登记号“{number}”不能用作编号（不得含空白、斜杠，不得以点开头）"
            doubtful(said, "登记号", "；用“查找和替换”去掉整列的空格，把斜杠换成“-”")
        elif _SEVERAL.search(stated):
            said = f"登记号“{stated}”像是几个编号"
            doubtful(said, "登记号", "；一行只能是一件：是几件的，请一件一行，各写一个编号")
        elif len(number) > LONGEST["登记号"] >= len(stated):
            doubtful(f"登记号加上前缀有{len(number)}个字，最多{LONGEST['登记号']}个字", "登记号")
        return number

    def _prefixed(self, sheet: str, received_on: date | None) -> str:
        year, month = (f"{received_on:%Y}", f"{received_on:%m}") if received_on else ("", "")
        said = {"{年}": year, "{月}": month, "{表}": sheet}
        return PLACEHOLDER.sub(lambda found: said[found[0]], self.prefix)
