"""Histories at random: answers that an officer might give, and a machine that plays them."""

from __future__ import annotations

import pickle
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from random import Random
from typing import Any

from histories import ANSWERS, DRAFTER, HEAD, LAW, particulars, reworded, usual_officer
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from models.acts import catalogue
from models.acts.afterwards.erratum import entries, wrong_entries
from models.acts.afterwards.undoing import last_step
from models.acts.catalogue import ACTS
from models.acts.reply.outcome import DraftReply
from models.case.act import Act, Circumstances, RegisterAct
from models.case.case import UNDO, Case
from models.case.stage import ApplicantKind, Stage
from models.law.deadline import Deadline
from models.law.statute import Statute
from models.register.counted_in_table3 import lines
from models.report_tables.identities import checks
from models.report_tables.table3 import Table3

DAY = timedelta(days=1)
BEGIN, END = date(2024, 1, 2), date(2026, 9, 30)  # what is pending then ends within the calendars
NAMES_AN_ARTICLE = re.compile("第[一二三四五六七八九十]+条")
NAMES = ("张三", "李四", "某某科技有限公司")
OFFERED = [act.kind for act in catalogue.OFFERED if act.stages]
SEEDS = st.integers(0, 2**32)


def random_answer(
    act: type[RegisterAct[Any]], case: Any, now: Circumstances, chance: Random
) -> dict[str, object]:
    """An answer an officer might give: the form's proposals, with other options, days and dates."""
    answer: dict[str, object] = dict(ANSWERS.get(act.kind, {}))
    options = act.options(case, now)
    if issubclass(act, DraftReply):
        answer = particulars(chance.choice(list(options["outcome"]) or [*LAW.outcomes]))
    answer |= {k: v for k, v in act.proposal(case, now).items() if v not in ("", 0)}
    answer |= reworded(case, now) if act.kind == "revised" else {}
    for name, choices in options.items():
        if choices and name != "outcome":
            answer[name] = chance.choice(list(choices))
    for name, field in act.model_fields.items():
        if field.annotation is date and chance.random() < 0.2:
            answer[name] = now.today + chance.randint(-12, 1) * DAY
        elif field.annotation is date:
            answer.setdefault(name, now.today)
    for name in MAY_BE_NEEDED & act.model_fields.keys():
        if chance.random() < 0.8:
            answer[name] = f"（{name}）"
    if "days" in act.model_fields and chance.random() < 0.5:
        answer["days"] = chance.randint(1, 25)
    if act.kind == "deferred":
        answer["reply_by"] = now.law.calendar.reach(now.today, chance.randint(20, 70)).day
    if act.kind == "redecision_ordered":
        answer["term"] = chance.choice([0, 0, 10, 30])
    return answer


MAY_BE_NEEDED = {"late_reason", "delay", "handed_to", "counted_reason"}


def arrival(today: date, chance: Random, n: int) -> dict[str, Any]:
    """What is registered of an application that comes in."""
    return {
        "channel": chance.choice([*LAW.channels, "in_person", "online"]),
        "arrived_on": today - chance.choice([0, 0, 0, 1, 3]) * DAY,
        "applicant_kind": chance.choice(["自然人", "商业企业"]),
        "applicant": chance.choice(NAMES),
        "request": f"第{n + 1}份名单",
    }


BEGUN = ("received", "found_ours")
SENT = ("approved", "secrecy_cleared", "signed", "third_party_told", "replied")
PAID = ("fee_noticed", "fee_notice_delivered", "fee_paid")
ASKED = ("consultation_started", "consultation_delivered", "consultation_ended")
COURSES: tuple[tuple[str, ...], ...] = (
    (),
    (*BEGUN, "drafted_granted", *SENT, "letter_returned", "served_again", "letter_received"),
    (*BEGUN, *ASKED, "drafted_granted", *SENT, "reply_withdrawn"),
    ("received", "correction_requested", "corrected", "found_ours", "drafted_unable", *SENT),
    (*BEGUN, "fee_noticed", "fee_notice_delivered", "fee_objected", "fee_paid", "drafted_granted"),
    (*BEGUN, "fee_noticed", "fee_cancelled", "extended", "drafted_refused", *SENT),
    (*BEGUN, *PAID, "drafted_granted", *SENT, "redecision_ordered", "fee_noticed", "fee_cancelled"),
    ("received", "fee_noticed", "drafted_other", *SENT, "reply_withdrawn", "fee_paid"),
    ("received", "correction_requested", "drafted_other", *SENT, "reply_withdrawn", "corrected"),
    (*("received", "fee_noticed", "drafted_other", *SENT), "redecision_ordered", *PAID),
    (*BEGUN, "reasons_asked", "reasons_given", "deferred", "drafted_granted", *SENT),
    ("received", "split", "found_ours", "drafted_partly_granted", *SENT, "redecision_ordered"),
    (*BEGUN, "answers_joined", "drafted_granted", *SENT),
)
"""Courses that lead where chance seldom does; of each a beginning, and then whatever happens."""

STANDING_STILL = {Stage.JURISDICTION: False, Stage.DRAFTING: False, Stage.FEE: True}
"""Whether the clock stands still where a case stands; a late notice to correct does not stop it."""

COURSE_ANSWERS: dict[str, dict[str, object]] = {
    "received": {"delay": "系统故障"},
    "consultation_ended": {"view": "object", "reasonable": "no"},
    "fee_noticed": {"before": 10},
    "reasons_given": {"reasonable": "yes"},
}


class Histories(RuleBasedStateMachine):
    """Some applicants, one officer who may err, and time that passes."""

    law: Statute

    def __init__(self) -> None:
        super().__init__()
        self.today, self.steps, self.done = BEGIN, 0, Counter[str]()
        self.stood: dict[tuple[str, int], bytes] = {}

    # what a register does ─────────────────────────────────────────────────────────────────────
    def arrive(self, answer: dict[str, Any]) -> str:
        raise NotImplementedError

    def perform(self, case: Case, kind: str, answer: dict[str, object], officer: str) -> list[str]:
        """Submit an answer; the reasons for which it is refused, or none."""
        raise NotImplementedError

    def numbers(self) -> list[str]:
        raise NotImplementedError

    def case(self, number: str) -> Case:
        raise NotImplementedError

    def informed(self, case: Case, officer: str) -> Circumstances:
        raise NotImplementedError

    # what happens ─────────────────────────────────────────────────────────────────────────────
    @rule(seed=SEEDS, acts_done=st.integers(0, 30))
    def an_application_comes_and_is_handled(self, seed: int, acts_done: int) -> None:
        chance = self.chance(seed)
        number = self.arrive(arrival(self.today, chance, len(self.numbers())))
        course = chance.choice(COURSES)
        if "answers_joined" in course:
            self.answer_together(number, course, chance)
        else:
            self.usual(number, course[: chance.randint(0, len(course))], chance)
        self.handle(number, acts_done, chance)

    @rule(seed=SEEDS, acts_done=st.integers(1, 30))
    @precondition(lambda self: self.numbers())
    def an_application_is_handled_further(self, seed: int, acts_done: int) -> None:
        chance = self.chance(seed)
        self.handle(chance.choice(self.numbers()), acts_done, chance)

    @rule(seed=SEEDS)
    @precondition(lambda self: self.numbers())
    def something_was_recorded_wrongly(self, seed: int) -> None:
        chance = self.chance(seed)
        case = self.case(chance.choice(self.numbers()))
        entry = chance.choice(entries(case))
        wrong = wrong_entries(case, entry.title, entry.place + 1, self.law)
        value = f"{entry.value}（更正）"
        if entry.is_day:
            value = str(self.today - chance.randint(-1, 40) * DAY)
        elif entry.name == "applicant_kind":
            value = str(chance.choice([*ApplicantKind]))
        answer: dict[str, object] = {"entries": wrong, "value": value, "reason": "核对原件"}
        self.submit(case, "erratum", answer, HEAD)

    def answer_together(self, first: str, course: tuple[str, ...], chance: Random) -> None:
        """One letter for the application and others of the same applicant."""
        same = self.case(first).applicant
        others = [self.arrive(arrival(self.today, chance, n) | {"applicant": same}) for n in (1, 2)]
        for number in others:
            self.usual(number, ("received", "found_ours"), chance)
        self.usual(first, course, chance)
        for number in others:
            self.usual(number, ("answered_together",), chance)

    def chance(self, seed: int) -> Random:
        """Randomness that is the same each time, and another at every step."""
        self.steps += 1
        return Random(seed * 1000 + self.steps)

    def usual(self, number: str, kinds: tuple[str, ...], chance: Random) -> None:
        """The usual answer to one act after another, as far as they are lawful then."""
        for kind in kinds:
            self.time_passes(chance)
            case, act = self.case(number), ACTS[kind]
            now = self.informed(case, usual_officer(act, case.stage))
            dates = [name for name, field in act.model_fields.items() if field.annotation is date]
            answer = dict.fromkeys(dates, now.today) | ANSWERS.get(kind, {})
            answer |= {k: v for k, v in act.proposal(case, now).items() if v != ""}
            answer |= COURSE_ANSWERS.get(kind, {})
            if act in catalogue.lawful(case, now):
                self.submit(case, kind, answer, now.officer)

    def time_passes(self, chance: Random) -> None:
        self.today = min(self.today + chance.choice([0, 0, 0, 0, 1, 1, 2, 5, 15]) * DAY, END)

    def handle(self, number: str, acts_done: int, chance: Random) -> None:
        """So many acts on one application, most of them lawful, some days apart."""
        for _ in range(acts_done):
            self.time_passes(chance)
            case = self.case(number)
            officer = chance.choice([DRAFTER, HEAD])
            now = self.informed(case, officer)
            offered = catalogue.lawful(case, now)
            if not offered or chance.random() < 0.1:
                self.try_anything(case, now, chance)
                continue
            act = self.chosen(offered, chance)
            self.submit(case, act.kind, random_answer(act, case, now, chance), officer)
            if chance.random() < 0.08:
                self.time_passes(chance)
                self.undo(number)

    def undo(self, number: str) -> None:
        """The last step is undone by whoever did it, or refused; undone, all stands as before it."""
        case = self.case(number)
        place = last_step(case)
        reasons = self.submit(case, UNDO, {"step": place + 1}, case.steps[place].officer)
        if reasons:
            assert len(reasons) == 1
            assert "条例第四十五条" in reasons[0]
            return
        self.done[UNDO] += 1
        before, after = pickle.loads(self.stood[number, place]), self.case(number)
        assert what_stands(after) == what_stands(before)
        assert after.deadline(self.law) == before.deadline(self.law)

    def chosen(self, offered: list[type[Act]], chance: Random) -> type[Act]:
        """One of the acts offered: often one that leads on, sometimes the one done least."""
        onward = [act for act in offered if act.kind in ONWARD]
        which = chance.random()
        if which < 0.3:
            act = min(offered, key=lambda act: self.done[act.kind])
        else:
            act = chance.choice(onward if onward and which < 0.7 else offered)
        self.done[act.kind] += 1
        return act

    def try_anything(self, case: Case, now: Circumstances, chance: Random) -> None:
        """An act that is not offered is refused, with the one reason that names its article."""
        kind = chance.choice(OFFERED)
        if ACTS[kind] not in catalogue.lawful(case, now):
            answer = random_answer(ACTS[kind], case, now, chance)
            reasons = self.submit(case, kind, answer, now.officer)
            assert len(reasons) == 1
            assert NAMES_AN_ARTICLE.search(reasons[0]), reasons

    def submit(self, case: Case, kind: str, answer: dict[str, object], officer: str) -> list[str]:
        """Submit an answer: recorded as one act, or refused, and then nothing has changed."""
        before, position = pickle.dumps(case), case.position
        self.stood[case.number, position] = before
        reasons = self.perform(case, kind, answer, officer)
        after = self.case(case.number)
        if reasons:
            assert pickle.loads(before) == after
            assert all(reason and "\n" not in reason for reason in reasons)
        else:
            assert after.position == position + 1
            self.the_limit_is_sound(after)
        return reasons

    def the_limit_is_sound(self, case: Case) -> None:
        """There is a limit, or a reason for none; one that is settled ends on a working day."""
        limit = case.deadline(self.law)
        if limit is None:
            assert case.received_on is None
            return
        assert limit.suspended == (limit.last_day is None)
        order = case.redecisions[-1] if case.redecisions else None
        term = order and (order.days or order.until)  # of the decision: no fee stops it
        if case.stage in STANDING_STILL and not (term and case.stage is Stage.FEE):
            assert limit.suspended == (STANDING_STILL[case.stage] and not self.void(case, limit))
        if limit.last_day and not limit.provisional:
            assert self.law.calendar.is_workday(limit.last_day)
        if case.stage is Stage.CLOSED and case.received_on:
            assert limit.replied_on == case.closed_on

    def void(self, case: Case, limit: Deadline) -> bool:
        """Whether a fee was told of on the day on which a late reply was withdrawn: of one day the notice
        counts before the reply and its withdrawal (models/law/clock_events.py), when the limit was over.
        It stops nothing (收费办法), and the officer is told so.
        """
        if case.stage is not Stage.FEE or case.fee is None or not case.first_replies:
            return False
        if case.fee.noticed_on != case.first_replies[-1].withdrawn_on:
            return False
        told = [one for one in limit.warnings if "期限不停止、不重新计算" in one]
        assert limit.suspended == (not told)
        return bool(told)

    # what always holds ────────────────────────────────────────────────────────────────────────
    def tables(self) -> Iterator[Table3]:
        raise NotImplementedError

    def teardown(self) -> None:
        before = None
        results: dict[str, int] = {}
        for table in self.tables():
            failed = [one.message for one in checks(table, before) if not one.ok]
            assert not failed
            for number in chain.from_iterable(
                table.cases(code, table.form.total) for code in table.form.result_codes
            ):
                results[number] = results.get(number, 0) + 1
            before = table
        assert set(results.values()) <= {1}
        for number in self.numbers():
            counted = [line for line in lines(self.case(number), self.law) if line.closed_on]
            assert sum(line.number in results for line in counted) == len(counted)
            closed = self.case(number).stage is Stage.CLOSED
            if closed and self.case(number).received_on and not counted:
                assert self.law.choice("withdrawn_count", self.today) == "dropped"
        super().teardown()


RECORD = ("position", "steps", "last_act")


def what_stands(case: Case) -> dict[str, Any]:
    """All of a case but the record of its steps."""
    return {name: value for name, value in vars(case).items() if name not in RECORD}


ONWARD = {
    *("received", "found_ours", "found_elsewhere", "corrected", "fee_paid", "approved"),
    *("secrecy_cleared", "signed"),
    *("replied", "third_party_told", "drafted_granted", "drafted_partly_granted"),
    *("drafted_refused", "drafted_unable", "drafted_not_handled", "drafted_other"),
    *("answers_joined", "answered_together", "deferred"),
}
"""The acts by which a case comes nearer to its end."""
