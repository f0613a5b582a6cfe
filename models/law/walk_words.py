"""How is an officer told how the working days of a run went? Each sentence, written when it is read.

since = what the days are counted from: the label of the run's first event, or the end of a pause
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from models.law.pauses import OpenCause, Pause, told
from models.law.statute import Statute
from models.law.workdays import written

KEPT: Final = 1_024
"""Sentences without a day of their own: few differ, and each limit has some."""


# ── days used up ────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=KEPT)
def only_rest(since: str) -> str:
    """That there were days, but no working day among them."""
    return f"自{since}次日起只有休息日，没有用去工作日"


@lru_cache(maxsize=KEPT)
def used_up(since: str, days: int, first: bool) -> str:
    """Working days of the reply's until something stopped it; first = none of them was used before."""
    return f"自{since}次日起{'已' if first else '又'}用{days}个工作日"


@lru_cache(maxsize=KEPT)
def ran_out(since: str, days: int, whole: bool) -> str:
    """That what was left is over; whole = nothing was used before."""
    return f"自{since}次日起，{'第' if whole else '剩余的'}{days}个工作日届满"


def extension_used(told_on: date, days: int, _whole: bool) -> str:
    """Working days of the extension until something stopped it."""
    return f"{written(told_on)}告知延期，延长的期限已用{days}个工作日"


def extension_ran_out(told_on: date, days: int, whole: bool) -> str:
    """That what was left of the extension is over; whole = nothing was used before."""
    return f"{written(told_on)}告知延期，{'延长' if whole else '延长的期限剩余'}{days}个工作日"


# ── days not counted ────────────────────────────────────────────────────────────────────────────
def pause_over(name: str) -> str:
    """What the days after a pause are counted from."""
    return f"{name}结束"


def not_counted(pause: Pause, days: int, cut: bool, nothing_left: bool, law: Statute) -> str:
    """That the days of a pause are not counted; cut = it was not over when the limit was stopped."""
    span = "此前" if cut else "所需"
    free = f"{span}的{days}个工作日不计入期限" if days else "其间没有工作日，期限不变"
    if nothing_left:
        free += f"；{pause.causes[0].begun}当日即届满日，期限止于{pause.time}结束之时"
    return f"{told(pause, law)}，{free}"


def too_late(pause: Pause, limit: date) -> str:
    """That a pause began after the limit was over."""
    return f"{written(pause.sent)}{pause.name}时答复期限已于{written(limit)}届满，不再扣除"


def with_practice(words: str, key: str, on: date, law: Statute) -> str:
    """Words with the option of this office that they follow."""
    return f"{words}（{law.practice(key, on)}）"


# ── where the limit ends otherwise ──────────────────────────────────────────────────────────────
def over_on_rest_day(pause: Pause, day: date, law: Statute) -> str:
    """That nothing was left when a pause was over, on a day off."""
    words = f"{pause.time}结束之日是休息日，没有剩余的工作日"
    return with_practice(words, "pause_over_on_rest_day", day, law)


def ended_early(last: date, start: date, law: Statute) -> str:
    """That our own withdrawal of a reply is no way to twenty new days (Art. 33)."""
    words = f"自行撤回答复后的期限止于{written(last)}"
    return with_practice(words, "withdrawn_reply_limit", start, law)


def put_off(told_on: date, until: date, later: Sequence[OpenCause], law: Statute) -> str:
    """That a later day was told (Art. 35), and what has put it off since."""
    since = (f"；其后又{one.name}（{one.puts_off(told_on, law).by}）" for one in later)
    return f"{written(told_on)}告知延迟至{written(until)}答复{''.join(dict.fromkeys(since))}"
