"""Thousands of random histories, lawful and unlawful: what must hold, always holds.

One machine plays them on cases alone; a smaller one on the SQLite register, through
flows/recording.py, with reviews, suits and publication beside. More of both: DISCLOSURE_HISTORIES=20
(twenty times as many, at random).
"""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from random import Random
from typing import Any

from histories import AGENCY, ANSWERS, CONFIG, DRAFTER, HEAD, LAW, particulars
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flows import office, recording
from models import acts, register
from models.act import Act, Circumstances, RegisterAct
from models.acts import ACTS
from models.annual import Table3, table3
from models.annual_form import form_for, load_forms
from models.case import Event, Stage
from models.counted import lines
from models.errors import ActRefused
from models.history import Case, OtherApplication
from models.identities import checks
from models.outcome import DraftReply
from models.statute import Statute

DAY = timedelta(days=1)
AT = office.now()
FORMS = load_forms(CONFIG / "annual")
BEGIN, END = date(2024, 1, 2), date(2026, 9, 30)  # what is pending then ends within the calendars
NAMES_AN_ARTICLE = re.compile("第[一二三四五六七八九十]+条")
NAMES = ("张三", "李四", "某某科技有限公司")
OFFERED = [kind for kind, act in ACTS.items() if act.stages and kind != "registered"]
TIMES = int(os.environ.get("DISCLOSURE_HISTORIES", "1"))
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


class Histories(RuleBasedStateMachine):
    """Some applicants, one officer who may err, and time that passes."""

    law: Statute

    def __init__(self) -> None:
        super().__init__()
        self.today, self.steps = BEGIN, 0

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
    @rule(seed=SEEDS, acts_done=st.integers(0, 25))
    def an_application_comes_and_is_handled(self, seed: int, acts_done: int) -> None:
        chance = self.chance(seed)
        number = self.arrive(arrival(self.today, chance, len(self.numbers())))
        self.handle(number, acts_done, chance)

    @rule(seed=SEEDS, acts_done=st.integers(1, 25))
    @precondition(lambda self: self.numbers())
    def an_application_is_handled_further(self, seed: int, acts_done: int) -> None:
        chance = self.chance(seed)
        self.handle(chance.choice(self.numbers()), acts_done, chance)

    @rule(seed=SEEDS)
    def one_letter_answers_several(self, seed: int) -> None:
        chance = self.chance(seed)
        first, *others = [self.arrive(arrival(self.today, chance, n)) for n in range(3)]
        for number in (first, *others):
            self.usual(number, ("received", "found_ours"))
        self.usual(first, ("answers_joined", "drafted_granted", "approved", "signed", "replied"))
        for number in others:
            self.usual(number, ("answered_together",))

    @rule(days=st.integers(1, 25))
    def time_passes(self, days: int) -> None:
        self.today = min(self.today + days * DAY, END)

    def chance(self, seed: int) -> Random:
        """Randomness that is the same each time, and another at every step."""
        self.steps += 1
        return Random(seed * 1000 + self.steps)

    def usual(self, number: str, kinds: tuple[str, ...]) -> None:
        """The usual answer to one act after another."""
        for kind in kinds:
            case, act = self.case(number), ACTS[kind]
            now = self.informed(case, HEAD if kind == "signed" else DRAFTER)
            dates = [name for name, field in act.model_fields.items() if field.annotation is date]
            answer = dict.fromkeys(dates, now.today) | ANSWERS.get(kind, {})
            answer |= {k: v for k, v in act.proposal(case, now).items() if v != ""}
            if act in acts.lawful(case, now):
                self.submit(case, kind, answer, now.officer)

    def handle(self, number: str, acts_done: int, chance: Random) -> None:
        """So many acts on one application, most of them lawful, some days apart."""
        for _ in range(acts_done):
            self.today = min(self.today + chance.choice([0, 0, 0, 1, 1, 2, 5, 20]) * DAY, END)
            case = self.case(number)
            officer = chance.choice([DRAFTER, HEAD])
            now = self.informed(case, officer)
            offered = acts.lawful(case, now)
            if not offered or chance.random() < 0.1:
                self.try_anything(case, now, chance)
                continue
            onward = [act for act in offered if act.kind in ONWARD]
            act = chance.choice(onward if onward and chance.random() < 0.5 else offered)
            self.submit(case, act.kind, random_answer(act, case, now, chance), officer)

    def try_anything(self, case: Case, now: Circumstances, chance: Random) -> None:
        """An act that is not offered is refused, with the one reason that names its article."""
        kind = chance.choice(OFFERED)
        if ACTS[kind] not in acts.lawful(case, now):
            answer = random_answer(ACTS[kind], case, now, chance)
            reasons = self.submit(case, kind, answer, now.officer)
            assert len(reasons) == 1
            assert NAMES_AN_ARTICLE.search(reasons[0]), reasons

    def submit(self, case: Case, kind: str, answer: dict[str, object], officer: str) -> list[str]:
        """Submit an answer: recorded as one act, or refused, and then nothing has changed."""
        before, position = pickle.dumps(case), case.position
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
        if limit.last_day and not limit.provisional:
            assert self.law.calendar.is_workday(limit.last_day)
        if case.stage is Stage.CLOSED and case.received_on:
            assert limit.replied_on == case.closed_on

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


ONWARD = {
    *("received", "found_ours", "found_elsewhere", "corrected", "fee_paid", "approved", "signed"),
    *("replied", "third_party_told", "drafted_granted", "drafted_partly_granted"),
    *("drafted_refused", "drafted_unable", "drafted_not_handled", "drafted_other"),
    *("answers_joined", "answered_together", "deferred"),
}
"""The acts by which a case comes nearer to its end."""


class PureHistories(Histories):
    """Without a register: cases, and the events that made them, under any of the law's options."""

    @initialize(seed=SEEDS)
    def options_are_chosen(self, seed: int) -> None:
        chance = Random(seed)
        self.law = LAW.under(**{row.key: chance.choice([*row.options]) for row in LAW.choices})
        self.cases: dict[str, Case] = {}
        self.events: dict[str, list[Event]] = {}

    def numbers(self) -> list[str]:
        return list(self.cases)

    def case(self, number: str) -> Case:
        return self.cases[number]

    def informed(self, case: Case, officer: str) -> Circumstances:
        others = [one for one in self.cases.values() if one.applicant == case.applicant]
        told = tuple(as_other(one) for one in others if one.number != case.number)
        return Circumstances(self.today, officer, self.law, AGENCY, told)

    def arrive(self, answer: dict[str, Any]) -> str:
        number = f"SQ{self.today.year}{len(self.cases) + 1:05d}"
        self.cases[number], self.events[number] = Case(number), []
        now = Circumstances(self.today, DRAFTER, self.law, AGENCY)
        self.happened(self.cases[number], ACTS["registered"].model_validate(answer), now)
        return number

    def perform(self, case: Case, kind: str, answer: dict[str, object], officer: str) -> list[str]:
        now = self.informed(case, officer)
        try:
            act = recording.parsed(kind, answer)
        except ActRefused as refusal:
            return list(refusal.reasons)
        reasons = act.refusals(case, now)
        if not reasons:
            self.happened(case, act, now)
            for each in act.begets(case):
                part = Case(f"{case.number}-{len(self.cases)}")
                self.cases[part.number], self.events[part.number] = part, []
                for begun in each:
                    self.happened(part, begun, now)
        return reasons

    def happened(self, case: Case, act: Act, now: Circumstances) -> None:
        """As models/register.py records it."""
        position = case.position
        event = Event(case_number=case.number, position=position, **register.stamp(act, now, AT))
        acts.apply(case, event)
        for n, kind in enumerate(act.letters(case)):
            acts.issued(case, event, kind, f"{case.number}-{position}-{n}", act.letter_on(now))
        self.events[case.number].append(event)

    def tables(self) -> Iterator[Table3]:
        for year in range(BEGIN.year, self.today.year + 1):
            told = [line for case in self.cases.values() for line in lines(case, self.law)]
            yield table3(told, year, form_for(FORMS, year))

    def teardown(self) -> None:
        for number, case in getattr(self, "cases", {}).items():
            assert acts.replay(number, self.events[number]) == case
        super().teardown()


def as_other(case: Case) -> OtherApplication:
    """What the register tells of an application to the others of its applicant."""
    letter = case.reply_letter()
    return OtherApplication(
        case.number,
        str(case.stage),
        case.received_on,
        case.closed_on,
        case.request,
        reply=letter.number if letter else "",
        answers=tuple(one.number for one in case.together),
    )


def much(examples: int, steps: int) -> settings:
    """A fixed, reproducible selection; or many more at random, on request."""
    return settings(
        max_examples=examples * TIMES,
        stateful_step_count=steps,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def test_whatever_happens_the_law_is_kept() -> None:
    run_state_machine_as_test(PureHistories, settings=much(60, 25))
