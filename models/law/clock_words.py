"""How is an officer told what an event did to the limit? Each sentence, written when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.law.citing import article_label
from models.law.clock_events import ClockEvent
from models.law.pauses import OpenCause
from models.law.rules import ClockRule
from models.law.statute import Statute
from models.law.workdays import Reach, written


# ── what is still open ──────────────────────────────────────────────────────────────────────────
def provisional_limit(awaited: Sequence[int], last: date) -> str:
    """That the last day may move when the notices of these years are out."""
    return (
        f"{'、'.join(map(str, awaited))}年的放假安排尚未公布，"
        f"答复期限届满日{written(last)}为暂定：公布后只会推后，不会提前"
    )


def provisional_term(due: Reach) -> str:
    """The same of the time that the applicant has."""
    return (
        f"{'、'.join(map(str, due.awaits))}年的放假安排尚未公布，"
        f"所给期限（{written(due.day)}）为暂定：公布后只会提前，不会推后"
    )


def waiting(notice: ClockEvent, rule: ClockRule, days: int | None, due: Reach | None) -> str:
    """A correction or a payment that is waited for, and until when."""
    whose = "收费办法所定的缴费期限" if rule.article == "42" else "所给期限"
    served = "" if notice.delivered_on else "（送达尚未登记，暂自通知之日起算）"
    allowed = f"；{whose}{days}个工作日，至{due.written}{served}" if due else ""
    return f"{rule.label}，期限停止计算{allowed}"


# ── what came too late ──────────────────────────────────────────────────────────────────────────
def replied_late(replied_on: date, last: date, provisional: bool) -> str:
    """That the reply was sent after the last day (Art. 33)."""
    limit = f"{'暂定的' if provisional else ''}答复期限届满日{written(last)}"
    return f"答复于{written(replied_on)}发出，晚于{limit}（条例第三十三条）"


def late_correction(on: date, days: int, latest: Reach, stops: bool, law: Statute) -> str:
    """That the applicant was asked to correct after the working days that Art. 30 gives."""
    effect = "期限仍停止计算" if stops else "期限不停止、不重新计算"
    return (
        f"补正告知（{written(on)}）晚于收到申请之日起第{days}个工作日"
        f"（{latest.written}，条例第三十条），程序有瑕疵；{effect}"
        f"（{law.practice('late_correction_notice', on)}）"
    )


def corrected_twice(on: date) -> str:
    """That he may be asked to correct once (Art. 30)."""
    return f"{written(on)}再次要求补正无效，期限照常计算：补正应当一次性告知（条例第三十条）"


def past_term(on: date, rule: ClockRule, due: date) -> str:
    """That the correction or the payment came after the time given."""
    whose = "收费办法" if rule.article == "42" else article_label(rule.article)
    return (
        f"{written(on)}{rule.label}，已过所给的期限（{written(due)}）；"
        f"有正当理由的方可继续办理（{whose}）"
    )


# ── how the limit began anew, or went on ────────────────────────────────────────────────────────
def restarted(stopped: ClockRule, rule: ClockRule, told_before: str, on: date, law: Statute) -> str:
    """That a correction or a payment began the limit anew; told_before = 延期, 延迟答复 or nothing."""
    whose = "依照收费办法" if rule.article == "42" else ""
    why = ""
    if told_before:
        stands = law.choice("extension_after_restart", on) == "stands"
        why = f"，此前告知的{told_before}{'仍然有效' if stands else '随之失效'}"
        why += f"（{law.practice('extension_after_restart', on)}）"
    return f"{stopped.label}后期限停止计算，{rule.label}后{whose}重新计算{why}"


def went_on(event: ClockEvent, rule: ClockRule, law: Statute) -> str:
    """That after our own withdrawal neither begins it anew (Art. 33)."""
    return (
        f"{written(event.on)}{rule.label}：此前自行撤回过答复，期限不重新计算，继续计算剩余的期限"
        f"（{law.practice('restart_after_withdrawal', event.on)}）"
    )


def still_asked(on: date, rule: ClockRule, ones: Sequence[OpenCause], law: Statute) -> str:
    """What of one kind was still waited for then, and whether that goes on stopping the count."""
    goes_on = ones[0].goes_on(rule.article, on, law)
    effect = "继续不计入期限" if goes_on.so else "不再扣除"
    return (
        f"{written(on)}{rule.label}时{type(ones[0]).called(ones)}尚未结束："
        f"其后等待答复的时间{effect}（{goes_on.by}）"
    )


def run_again(why: str, event: ClockEvent, rule: ClockRule, days: int) -> str:
    """That a reply is owed again, and its term: `days` working days, or up to the day named."""
    term = f"{'所定的' if event.days else ''}{days}个工作日"
    if event.until:
        term = f"所定的期限至{written(event.until)}"
    return f"{why}；{rule.label}，期限重新计算，{term}"
