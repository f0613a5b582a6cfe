"""One cell of a ledger: the text or the day that it holds, or why it holds none for certain."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final
from unicodedata import normalize

from flows.commands.ledger_values import ExcelDay, Number, Unreadable, Value
from models.agency.ledger_words import MARKS, LedgerWords, plain
from models.case.act import UNPRINTABLE
from models.errors import DisclosureError
from models.words.written_days import (
    Month,
    days_named,
    is_lunar,
    month_alone,
    no_such_day,
    written_day,
    year_last,
)

LONGEST: Final = {
    "登记号": 64, "提交方式": 40, "申请人": 200, "联系方式": 500, "申请内容": 20000, "备注": 20000,
}  # fmt: skip
NOTHING: Final = frozenset({"/", "\\", "-", "--", "—", "——", "无", "暂无"})
"""What a cell says nothing with, where a result, a day or a channel should stand."""
AS_TEXT: Final = re.compile(r"^'(?=\d)")
"""What was typed before figures to keep them a text."""
SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}")
AS_DAY: Final = re.compile(
    r"(?:\d{1,2}-)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:-\d{1,4})?"
    r"|(?:(?:19|20)\d\d年)?\d{1,2}月(?:\d{1,2}日)?|(?:19|20)\d\d/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/(?:19|20)\d\d",
    re.IGNORECASE,
)
"""What Excel makes of a number that may be a day: 2024-1 is saved as Jan-24."""
NOT_SHOWN: Final = re.compile(r"#{2,}")
"""What Excel shows, and saves as text, where a column is too narrow for its number."""
WITHIN: Final = re.compile(r"(?<![A-Za-z0-9.])\d\.\d+[eE]\+\d{1,3}")
SERIAL: Final = re.compile(r"[2-7]\d{4}")
SHORTENED: Final = re.compile(r"\.[123]$")
"""A number that Excel may have cut: 1.20 is kept as 1.2, and 2016.10 as 2016.1."""
ON_WHICH: Final = {"收到日期": "收到申请的", "办结日期": "答复（办结）的"}
SERIALS_BEGIN: Final = date(1899, 12, 30)


WITH_FIGURES: Final = frozenset({"登记号", "联系方式", "申请人", "备注"})
"""Of these numbers with other words beside them are held, too, against the scientific notation."""
AS_SHOWN: Final = frozenset({"登记号", "联系方式"})
"""Of these the figures count that Excel shows: 007, 2024-007."""
NOT_SAVED: Final = "，列太窄，另存时原来的数字没有保存下来；请在原表中加宽这一列，重新另存"
LOST: Final = re.compile("[?？]")
LOST_HOW: Final = "；多半是生僻字在转存时变成了问号，请从原件重新填写"


class Doubtful(DisclosureError):
    """What is wrong with a cell, before its place is known.

    advice = what else is to be said, alike for many rows: what it should be, what to do
    """

    def __init__(self, short: str, advice: str = "") -> None:
        self.short, self.advice = short, advice
        super().__init__(short + advice)


def text_in(name: str, value: Value) -> tuple[str, bool]:
    """A cell's text, and whether something not seen was taken out of it; Doubtful."""
    if not isinstance(value, str):
        return _figures_in(name, value), False
    bare = value.strip()
    plainly = value.isprintable()  # then nothing in it is unseen
    text = bare if plainly else MARKS.sub("", value).strip()
    if text.startswith("'") and name in AS_SHOWN:
        text = AS_TEXT.sub("", text)
    found = None if plainly else UNPRINTABLE.search(text)
    if found:
        raise Doubtful(
            f"“{name}”第{found.start() + 1}个字符是控制字符（U+{ord(found.group()):04X}）"
        )
    if ("e" in text or "E" in text or "ｅ" in text or "Ｅ" in text) and (
        SCIENTIFIC.fullmatch(figures := normalize("NFKC", text))
        or (name in WITH_FIGURES and WITHIN.search(figures))
    ):
        raise _spoilt(name, text)
    if "##" in text and NOT_SHOWN.fullmatch(text):
        raise Doubtful(f"“{name}”是一串#号", NOT_SAVED)
    if "\ufffd" in text:
        raise lost(name, text, "")
    longest = LONGEST.get(name)
    if longest and len(text) > longest:
        raise Doubtful(f"“{name}”有{len(text)}个字，最多{longest}个字")
    return text, text != bare


def _figures_in(name: str, value: ExcelDay | Number | Unreadable) -> str:
    """The text of a cell that holds none, but a number; Doubtful."""
    if isinstance(value, Unreadable):
        raise Doubtful(f"“{name}”{value.why}")
    if isinstance(value, ExcelDay):
        converted = "；如系表格软件自动转换，请把该列设为文本格式"
        raise Doubtful(f"“{name}”是日期（{value.day}）", converted)
    if value.scientific:
        raise _spoilt(name, value.digits)
    return value.shown if name in AS_SHOWN else value.digits


def says_nothing(value: Value, words: LedgerWords) -> bool:
    """Whether a cell of a result or its day says that there is none yet."""
    return isinstance(value, str) and (
        value == "" or value in NOTHING or words.result_of.get(plain(value)) == ""
    )


def day_in_cell(name: str, value: Value) -> tuple[date | Month, str]:
    """A cell's day, and how it was read if it does not say so itself; its month, if that is all that
    it says. Doubtful.
    """
    if isinstance(value, Unreadable):
        raise Doubtful(f"“{name}”{value.why}")
    if isinstance(value, ExcelDay):
        if not value.whole and value.day.day == 1:  # as Excel keeps what was typed as 2016年3月
            return Month(value.day.year, value.day.month), ""
        shown = "只显示年月的日期，按其值" if not value.whole else "只显示月日的日期，按其值"
        return value.day, "" if value.whole and value.with_year else shown
    words = value.digits if isinstance(value, Number) else value
    if isinstance(value, Number) and value.scientific:
        raise _spoilt(name, words)
    if (
        SERIAL.match(words)
        and words.partition(".")[0].isdecimal()
        and len(words.split(".")[0]) == 5
    ):
        serial = value.serial if isinstance(value, Number) else _serial(words)
        if serial:
            return serial, "Excel 的日期序号，按日期"
    day = written_day(words)
    if day is not None:
        return day, ""
    if (alone := month_alone(words)) is not None:
        return _month(name, alone, value), ""
    raise _no_day(name, words)


def _no_day(name: str, words: str) -> Doubtful:
    """Why the words of a cell name no day for certain."""
    if SCIENTIFIC.fullmatch(words):
        return _spoilt(name, words)
    if NOT_SHOWN.fullmatch(words):
        return Doubtful(f"“{name}”是一串#号", NOT_SAVED)
    if is_lunar(words):
        return Doubtful(f"“{name}”（{words}）是农历", "，请换算成公历的日期")
    if no_such_day(words):
        return Doubtful(f"“{name}”写的“{words}”，那个月没有这一天", "，请查明是哪一天")
    if (several := days_named(words)) > 1:
        said = f"“{name}”写有{several}个日期（{'／'.join(words.split())}）"
        return Doubtful(said, f"；请只留{ON_WHICH[name]}那一天，其余的记入备注")
    order = "；看不出哪个是月、哪个是日，请按年、月、日的先后写明" if year_last(words) else ""
    return Doubtful(f"“{name}”应为日期（如 2026-03-02），而不是“{words}”", order)


def _month(name: str, month: Month, value: Value) -> Month:
    if isinstance(value, Number) and SHORTENED.search(value.digits) and month.month == 1:
        raise Doubtful(
            f"“{name}”是数字{value.digits}，可能是{month.year}年1月，也可能是{month.year}年10月"
            "（Excel 去掉了末尾的0），请写明"
        )
    return month


def _spoilt(name: str, text: str) -> Doubtful:
    return Doubtful(
        f"“{name}”是科学计数法（{text}），末尾几位数字已经丢失",
        "；请从原件重新填写，并把该列设为文本格式",
    )


def lost(name: str, text: str, besides: str) -> Doubtful:
    """Characters of a cell were lost; besides = what else can be done."""
    return Doubtful(f"“{name}”中有没有保存下来的字（{text[:20]}）", LOST_HOW + besides)


def _serial(words: str) -> date | None:
    whole = words.partition(".")[0]
    return SERIALS_BEGIN + timedelta(days=int(whole)) if SERIAL.fullmatch(whole) else None
