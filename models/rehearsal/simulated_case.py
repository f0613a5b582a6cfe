"""How does a simulated application fare? Act by act through the real rules, day by day.

A course is a generator: it yields the day on which it wants to go on, and is resumed on that day.
Every act is judged as an officer's would be (`refusals`); one that is refused is a fault of the
course, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from random import Random

from models.acts import catalogue
from models.acts.catalogue import ACTS
from models.acts.intake.receipt import correction_due
from models.acts.procedure.fee_owed import fee_due
from models.acts.reply.given_or_kept import FOUND
from models.acts.reply.outcome import DraftReply, must_state
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.review_case import ReviewCase, ReviewKind, ReviewStage
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.workdays import DAY
from models.neighbours.review_acts import REVIEWS, Lodge
from models.register.register import stamp
from models.rehearsal.mix import Mix
from models.store.tables import Applicant, Document, Entry, Event

Course = Generator[date, None, None]
Words = Callable[[str, Case, str, date], str]  # kind of letter, case, number, date → its wording
Serial = Callable[[str, int], int]

DRAFTS = {act.family: kind for kind, act in ACTS.items() if issubclass(act, DraftReply)}
CORRECTED_FIRST = ("still_unclear", "not_corrected")
TEN_O_CLOCK = time(2, tzinfo=UTC)  # in Shanghai: the moment of recording, for the record only


@dataclass
class Office:
    """The office as it is on a day: what acts are judged by, and what it gives out.

    serial   the next number of a series in a year        words  wording of a letter; None: not kept
    """

    now: Circumstances
    mix: Mix
    chance: Random
    serial: Serial
    words: Words | None

    @property
    def today(self) -> date:
        return self.now.today

    def after(self, workdays: int, since: date | None = None) -> date:
        """The working day that many after today, or after `since`."""
        return self.now.law.calendar.reach(since or self.today, workdays).day

    def happens(self, rate: float) -> bool:
        return self.chance.random() < rate


@dataclass
class SimulatedCase:
    """One application: what the register will hold of it.

    arrives, received_on = the days it comes in and counts as received; outcome = how it is to end
    """

    office: Office
    arrives: date
    received_on: date
    channel: str
    outcome: str
    case: Case = field(default_factory=lambda: Case(""))
    events: list[Event] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    contests: list[ReviewCase] = field(default_factory=list)
    applicant: Applicant = field(default_factory=lambda: Applicant(case_number=""))
    drafter: str = ""

    def course(self) -> Course:
        """From arrival to the reply, and what may come after."""
        self._arrive()
        yield from self._received()
        yield from self._handled()
        yield from self._contested()

    # from arrival to the decision whose it is ─────────────────────────────────────────────────
    def _arrive(self) -> None:
        office, mix = self.office, self.office.mix
        year = self.received_on.year
        number = office.now.agency.new_case_number(year, office.serial("application", year))
        kind, name = mix.an_applicant(office.chance)
        self.drafter = office.chance.choice(mix.staff.drafters)
        self.case.number = self.applicant.case_number = number
        self.act(
            "registered",
            channel=self.channel,
            arrived_on=self.arrives,
            applicant_kind=kind,
            applicant=name or "某某",
            request=office.chance.choice(mix.texts.requests),
        )

    def _received(self) -> Course:
        late = self.office.happens(self.office.mix.rates.recorded_late)
        if late:
            yield self._days(1, 6)
        delay = self.office.mix.texts.delay if late else ""
        self.act("received", received_on=self.received_on, delay=delay)

    def _handled(self) -> Course:
        """What the outcome presupposes in law, the reply, and a reply given anew."""
        rates, outcome = self.office.mix.rates, self.outcome
        yield self._days(1, 3)
        if outcome == "withdrawn":
            yield from self._replied(outcome, withdrawn_on=self.office.today)
            return
        if outcome in CORRECTED_FIRST or self.office.happens(rates.correction):
            yield from self._correction()
        if outcome == "not_corrected":
            yield from self._replied(outcome)
            return
        if self.outcome == "not_ours":
            self.act("found_elsewhere", **self._stated("found_elsewhere"))
        elif outcome == "fee_unpaid" or self._drafting(outcome) != DRAFTS["other"]:
            self.act("found_ours")
        match outcome:
            case "fee_unpaid":
                if not (yield from self._fee_unpaid()):
                    outcome = "granted"
            case "excessive":
                yield from self._reasons_asked()
            case "third_party_rights":
                yield from self._consultation(objects=True, reasonable=True)
            case "granted" | "partly_granted":
                yield from self._detours()
        if self.office.happens(rates.extension) and self._lawful("extended"):
            self.act(
                "extended",
                told_on=self.office.today,
                days=self.office.chance.choice((10, 15, 20)),
                reasons=self.office.mix.texts.extension,
                consented_by=self.office.mix.staff.reviewer,
            )
        yield from self._replied(outcome)
        if self.office.happens(rates.reply_withdrawn):
            yield from self._given_anew()

    def _correction(self) -> Course:
        texts = self.office.mix.texts
        self.act(
            "correction_requested",
            requested_on=self.office.today,
            unclear=texts.unclear,
            guidance=texts.guidance,
            days=15,
        )
        yield self._days(1, 2)
        self.act("correction_delivered", delivered_on=self.office.today)
        due = correction_due(self.case, self.office.now.law)
        assert due is not None
        if self.outcome == "not_corrected":
            yield self.office.after(self.office.chance.randint(3, 8), due.day)
            return
        yield min(self._days(2, 14), due.day)
        self.act("corrected", corrected_on=self.office.today, request=self.case.request)
        yield self._days(1, 2)

    def _detours(self) -> Course:
        """What may be needed before information is given."""
        rates, office = self.office.mix.rates, self.office
        if office.happens(rates.fee_paid) and self._fee_can_be_asked():
            self._notice_fee()
            yield self._days(2, 15)
            proposed = ACTS["fee_paid"].proposal(self.case, office.now)
            self.act("fee_paid", **proposed)
            yield self._days(1, 2)
        if office.happens(rates.consultation):
            yield from self._consultation(objects=office.happens(rates.objection), reasonable=False)

    def _consultation(self, *, objects: bool, reasonable: bool) -> Course:
        texts, law = self.office.mix.texts, self.office.now.law
        self.act(
            "consultation_started",
            party="third_party",
            name=texts.third_party,
            information=texts.third_party_information,
            why=texts.third_party_why,
            sent_on=self.office.today,
        )
        yield self._days(1, 3)
        self.act("consultation_delivered", ref="1", delivered_on=self.office.today)
        allowed = law.period("consultation", self.office.today).days
        yield self._days(2, allowed)
        self.act(
            "consultation_ended",
            ref="1",
            answered_on=self.office.today,
            view="object" if objects else "agree",
            reasons=texts.third_party_why if objects else "",
            reasonable="" if not objects else "yes" if reasonable else "no",
        )
        yield self._days(1, 3)

    def _fee_can_be_asked(self) -> bool:
        """Fees are asked only under a tariff in force (收费办法, since 2021)."""
        today = self.office.today
        return any(row.covers(today) for row in self.office.now.law.tariffs)

    def _notice_fee(self) -> None:
        self.act(
            "fee_noticed",
            noticed_on=self.office.today,
            delivered_on=self.office.today,
            excess=self.office.mix.texts.excess,
            standard="by_page",
            pages=self.office.chance.randint(31, 300),
            payment=self.office.now.agency.fee_payment,
        )

    def _fee_unpaid(self) -> Generator[date, None, bool]:
        """Whether a fee was asked and not paid in time."""
        if not self._fee_can_be_asked():
            return False
        self._notice_fee()
        assert self.case.fee is not None
        due = fee_due(self.case.fee, self.office.now.law)
        assert due is not None
        yield self.office.after(self.office.chance.randint(1, 3), due.day)
        return True

    def _reasons_asked(self) -> Course:
        counts = self.office.mix.particulars["counts"]
        self.act(
            "reasons_asked",
            asked_on=self.office.today,
            delivered_on=self.office.today,
            counts=counts,
            days=7,
        )
        yield self.office.after(8)

    # the reply ────────────────────────────────────────────────────────────────────────────────
    def _drafting(self, outcome: str) -> str:
        return DRAFTS[self.office.now.law.outcomes[outcome].family]

    def _replied(self, outcome: str, **stated: object) -> Course:
        """Drafted, reviewed, signed and sent, in time unless it is overdue."""
        rates, staff = self.office.mix.rates, self.office.mix.staff
        target = self._target()
        yield self._by(target, 0, 8)
        self._draft(outcome, stated)
        if self.office.happens(rates.sent_back):
            comment = self.office.mix.texts.sent_back
            self.act("sent_back", staff.reviewer, comment=comment)
            yield self._by(target, 0, 2)
            self._draft(outcome, stated)
        yield self._by(target, 0, 1)
        self.act(
            "approved",
            staff.reviewer,
            **ACTS["approved"].proposal(self.case, self.office.now),
        )
        if self.case.stage is Stage.SECRECY:
            yield self._by(target, 0, 1)
            self.act("secrecy_cleared", staff.secrecy)
        yield self._by(target, 0, 1)
        self.act("signed", staff.signer, signed_on=self.office.today)
        yield self._by(target, 0, 2)
        yield from self._sent()

    def _sent(self) -> Course:
        while self._lawful("third_party_told"):
            proposed = ACTS["third_party_told"].proposal(self.case, self.office.now)
            reasons = self.office.mix.texts.third_party_reasons
            self.act("third_party_told", **{**proposed, "reasons": reasons})
        sent_on = self.office.today
        if self.office.happens(self.office.mix.rates.recorded_late):
            yield self._days(1, 8)
        self.act("replied", delivery="ems", sent_on=sent_on, proof=f"演练邮件{self.case.number}")

    def _target(self) -> date | None:
        """The last day for the reply; None where none is kept, or it is overdue this time."""
        limit = self.case.deadline(self.office.now.law)
        last = limit.last_day if limit else None
        if last is None or last < self.office.today:
            return None
        if self.office.happens(self.office.mix.rates.overdue):
            return self.office.after(self.office.chance.randint(1, 10), last)
        return last

    def _by(self, target: date | None, fewest: int, most: int) -> date:
        """Some working days from now, by the target."""
        day = self._days(fewest, most)
        return max(self.office.today, min(day, target or day))

    def _draft(self, outcome: str, stated: Mapping[str, object]) -> None:
        kind, law = self._drafting(outcome), self.office.now.law
        act = ACTS[kind]
        proposed = act.proposal(self.case, self.office.now)
        answer = {**self._stated(kind), **proposed, **stated, "outcome": outcome}
        ground = self.office.mix.particulars["withheld_ground"]
        of_part = ground if outcome == "partly_granted" else ""
        answer |= {name: FOUND[name] for name in law.outcomes[of_part or outcome].asks}
        needed = {name for name, one in act.model_fields.items() if one.is_required()}
        needed |= {*must_state(outcome, of_part, law), *law.outcomes[of_part or outcome].asks}
        needed |= stated.keys() | proposed.keys()
        if outcome == "repeated":
            answer |= self._earlier_reply()
            needed |= self._earlier_reply().keys()
        self.act(kind, **{name: answer[name] for name in needed})

    def _earlier_reply(self) -> dict[str, object]:
        """A reply of last year, from before this register."""
        year = (self.case.received_on or self.arrives).year - 1
        number = self.office.now.agency.document_number("reply", year, 1)
        return {
            "earlier_reply_on": date(year, 6, 30),
            "earlier_reply_number": number,
            "earlier_reply_kept": f"{year}年度政府信息公开申请卷宗",
        }

    def _stated(self, kind: str) -> dict[str, object]:
        return {
            name: words
            for name, words in self.office.mix.particulars.items()
            if name in ACTS[kind].model_fields
        }

    def _given_anew(self) -> Course:
        """Withdrawn by ourselves, and answered again."""
        yield self._days(2, 15)
        self.act(
            "reply_withdrawn",
            withdrawn_on=self.office.today,
            reason=self.office.mix.texts.withdrawn,
            decided_by=self.office.mix.staff.reviewer,
        )
        yield self._days(1, 5)
        if self.case.stage is Stage.DRAFTING:
            yield from self._replied("granted")

    # after the reply ──────────────────────────────────────────────────────────────────────────
    def _contested(self) -> Course:
        rates, today = self.office.mix.rates, self.office.today
        if self.case.stage is not Stage.CLOSED:
            return
        if self.office.happens(rates.review):
            yield today + self.office.chance.randint(10, 55) * DAY
            yield from self._reviewed()
        elif self.office.happens(rates.direct_suit) and self._suit_allowed():
            yield today + self.office.chance.randint(20, 150) * DAY
            yield from self._sued(ReviewKind.DIRECT_SUIT)

    def _suit_allowed(self) -> bool:
        """Whether no review must come first (复议法 23: what is refused under Arts. 14-16)."""
        kind = self.office.now.law.outcomes[self.case.outcome or self.outcome].remedy
        return kind == "choice"

    def _reviewed(self) -> Course:
        contest = self._lodged(ReviewKind.REVIEW)
        yield self.office.today + self.office.chance.randint(25, 85) * DAY
        if self._decided(contest):
            yield from self._decided_anew(contest)
        elif self.office.happens(self.office.mix.rates.suit_after_review):
            yield self.office.today + self.office.chance.randint(5, 14) * DAY
            yield from self._sued(ReviewKind.SUIT_AFTER_REVIEW, contest.number)

    def _sued(self, kind: ReviewKind, after_review: str = "") -> Course:
        contest = self._lodged(kind, after_review)
        yield self.office.today + self.office.chance.randint(60, 170) * DAY
        ordered = self._decided(contest)
        if contest.stage is ReviewStage.JUDGED:
            yield self.office.today + 14 * DAY
            if self.office.happens(self.office.mix.rates.appeal):
                self.enter(contest, "appealed", appealed_on=self.office.today, appellant="原告")
                yield self.office.today + self.office.chance.randint(30, 90) * DAY
                ordered = self._decided(contest)
            else:
                self.enter(contest, "took_effect", took_effect_on=self.office.today)
        if ordered:
            yield from self._decided_anew(contest)

    def _lodged(self, kind: ReviewKind, after_review: str = "") -> ReviewCase:
        now, agency = self.office.now, self.office.now.agency
        lodged_on = self.office.today
        authority = (
            agency.review_authorities(lodged_on)[0]
            if kind is ReviewKind.REVIEW
            else agency.court_on(lodged_on)
        )
        serial = self.office.serial(REVIEWS.key, lodged_on.year)
        contest = REVIEWS.begin(agency.new_number(REVIEWS.key, lodged_on.year, serial))
        self.contests.append(contest)
        letter = self.case.reply_letter()
        self.enter(
            contest,
            Lodge.kind,
            review_kind=str(kind),
            application=self.case.number,
            letter_number=letter.number if letter else "",
            complaint=self.office.mix.texts.complaint,
            lodged_on=lodged_on,
            authority=authority,
            authority_number=f"（{now.today.year}）{'复' if kind is ReviewKind.REVIEW else '行初'}"
            f"{serial}号",
            after_review=after_review,
        )
        return contest

    def _decided(self, contest: ReviewCase) -> bool:
        """Record the result; whether it orders a new reply."""
        result = self.office.mix.a_result(contest.instance, self.office.chance)
        corrects = self.office.now.law.review_results[result].column == "结果纠正"
        redecision = corrects and self.office.happens(self.office.mix.rates.redecision)
        today = self.office.today
        self.enter(
            contest,
            "decided",
            result=result,
            decided_on=today,
            received_on=today,
            redecision=redecision,
        )
        return contest.ordered is not None

    def _decided_anew(self, contest: ReviewCase) -> Course:
        self.act(
            "redecision_ordered",
            received_on=self.office.today,
            source="review" if contest.kind == ReviewKind.REVIEW else "judgment",
            number=contest.authority_number,
            review=contest.number,
            unit="workday",
            holds="no",
        )
        yield self._days(2, 8)
        yield from self._replied("granted")
        letter = self.case.reply_letter()
        assert letter is not None
        self.enter(
            contest,
            "redecided",
            redecided_on=self.office.today,
            letter_number=letter.number,
        )

    # recording ────────────────────────────────────────────────────────────────────────────────
    def _days(self, fewest: int, most: int) -> date:
        """So many working days from today; 0 = today."""
        workdays = self.office.chance.randint(fewest, most)
        return self.office.after(workdays) if workdays else self.office.today

    def _lawful(self, kind: str) -> bool:
        act = ACTS[kind]
        return self.case.stage in act.stages and not act.barred(self.case, self.office.now)

    def act(self, kind: str, officer: str = "", /, **answer: object) -> None:
        """One act, judged and recorded today; ActRefused if the course did what is not lawful."""
        now = replace(self.office.now, officer=officer or self.drafter)
        made = ACTS[kind].model_validate(answer)
        if reasons := made.refusals(self.case, now):
            raise ActRefused([f"模拟的申请 {self.case.number}：{one}" for one in reasons])
        event = Event(
            case_number=self.case.number,
            position=self.case.position,
            letters=[],
            **stamp(made, now, datetime.combine(now.today, TEN_O_CLOCK)),
        )
        catalogue.take_effect(self.case, made, event)
        self.events.append(event)
        for letter in made.letters(self.case):
            self._issue(letter, made, event, now)

    def _issue(self, letter: str, made: Act, event: Event, now: Circumstances) -> None:
        dated, reply = made.letter_on(now.today), letter == "reply"
        series = "reply" if reply else now.law.letters.on(letter, dated).series
        serial = self.office.serial(series, dated.year)
        number = now.agency.document_number(series, dated.year, serial)
        kind = self.case.draft.outcome if reply and self.case.draft else letter
        if self.office.words is not None:
            words = self.office.words(kind, self.case, number, dated)
            self.documents.append(
                Document(
                    series=series,
                    year=dated.year,
                    serial=serial,
                    number=number,
                    case_number=self.case.number,
                    position=event.position,
                    kind=kind,
                    letter=words,
                )
            )
        catalogue.issued(self.case, event, letter, number, dated)

    def enter(self, contest: ReviewCase, kind: str, /, **answer: object) -> None:
        """One act on a review or suit, judged and recorded today."""
        now = replace(self.office.now, officer=self.drafter)
        made = REVIEWS.acts[kind].model_validate(answer)
        if reasons := made.refusals(contest, now):
            raise ActRefused([f"模拟的案件 {contest.number}：{one}" for one in reasons])
        entry = Entry(
            register_key=REVIEWS.key,
            case_number=contest.number,
            position=contest.position,
            **stamp(made, now, datetime.combine(now.today, TEN_O_CLOCK)),
        )
        REVIEWS.apply(contest, entry)
        self.entries.append(entry)
