"""Which steps leave the limit where it is? Late, doubled, or under rules not yet in force.

Each says, as a sentence, why an event that would move the limit is without effect; None if it has.
run = the run that was counted until then; passed = its last day, if that is over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from models.law.clock_events import ClockEvent
from models.law.fees import payment_term
from models.law.rules import ClockRule
from models.law.statute import Statute
from models.law.walk import Run
from models.law.workdays import written
from models.words.sentence import Sentence


def void_stopped(event: ClockEvent, rule: ClockRule, since: date, by: ClockRule) -> Sentence:
    """Told while no limit runs: since that day, by a notice to correct or to pay."""
    none = "；延期无效" if rule.effect == "add" else ""
    return Sentence(
        lambda: (
            f"{written(event.on)}{rule.label}，是在{written(since)}{by.label}、"
            f"期限停止计算之后：不影响期限{none}"
        )
    )


def void_ordered(event: ClockEvent, rule: ClockRule) -> Sentence:
    """Told while a term runs that a decision has set (Art. 51)."""
    return Sentence(
        lambda: (
            f"{written(event.on)}{rule.label}，不推迟责令答复的决定所定的期限：该期限不是条例"
            "第三十三条规定的期限，决定也没有写明可以推迟"
        )
    )


def void_fee(event: ClockEvent, passed: date | None, law: Statute) -> Sentence | None:
    """Told to pay a fee (Art. 42, 收费办法): within the limit; none runs until the payment."""
    if payment_term(event.on, law) is None:
        return Sentence(
            lambda: (
                f"{written(event.on)}送达收费通知时，收费办法尚未施行"
                f"（自{written(law.since('fee_payment'))}起施行），不能据以收费，期限不停止、不重新计算"
            )
        )
    if passed is None:
        return None
    return Sentence(
        lambda: (
            f"{written(event.on)}送达收费通知时答复期限已于{written(passed)}届满，"
            "期限不停止、不重新计算（收费办法：收费通知应当在申请处理期限内发出）"
        )
    )


def void_extension(
    event: ClockEvent, run: Run, passed: date | None, law: Statute
) -> Sentence | None:
    """Extended (Art. 33): once, at most 20 working days, told before the limit ends."""
    before = run.extended_before
    if before is not None:
        return _again(
            event,
            lambda: (
                f"：已于{written(before)}告知延期，自行撤回答复不使期限可以再次延长"
                "（条例第三十三条）"
            ),
        )
    if run.told_on is not None:
        most = law.period("extension", event.on).days
        if law.choice("second_extension", event.on) == "once":
            return _again(event, lambda: f"（{law.practice('second_extension', event.on)}）")
        if run.added + (event.days or 0) > most:
            return _again(
                event, lambda: f"：延长答复期限合计不得超过{most}个工作日（条例第三十三条）"
            )
    if passed is None:
        return None
    return Sentence(
        lambda: (
            f"{written(event.on)}告知延期时答复期限已于{written(passed)}届满，"
            "延期无效（条例第三十三条）"
        )
    )


def _again(event: ClockEvent, why: Callable[[], str]) -> Sentence:
    return Sentence(lambda: f"{written(event.on)}再次告知延期无效，期限照常计算{why()}")


def void_deferral(event: ClockEvent, run: Run, passed: date | None) -> Sentence | None:
    """Put off to a reasonable later day (Art. 35), told once, before the limit ends."""
    if run.deferred_on is not None:
        return Sentence(
            lambda: f"{written(event.on)}再次告知延迟无效：合理期限已经确定并告知（条例第三十五条）"
        )
    if passed is None:
        return None
    return Sentence(
        lambda: (
            f"{written(event.on)}告知延迟答复时答复期限已于{written(passed)}届满，"
            "延迟无效（条例第三十五条）"
        )
    )
