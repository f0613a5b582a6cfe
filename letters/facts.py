"""The facts that a letter states, from a case: what its template writes (条例第三十至四十二条)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from letters.words import Letter, compose, passage
from models.agency import Agency
from models.case import ApplicantKind
from models.consultation import PARTY_LABEL, Consultation, consultation_end, lapses
from models.errors import FactMissing
from models.history import Case
from models.receipt import correction_due
from models.remedy import RemedyClauses, remedy
from models.statute import Period, Statute, Unit

UNITS: Final[Mapping[Unit, str]] = {"workday": "个工作日", "day": "日", "month": "个月"}

_FINAL: Final = "。；;，,"
_JOINING: Final = (*_FINAL, "：", ":", "、", "！", "？")

Facts = dict[str, object]


def letter_of(
    kind: str, case: Case, number: str, dated: date, law: Statute, agency: Agency
) -> Letter:
    """The letter `kind` of a case, after the act that issues it: under this number, of this date.

    kind = a key of letters.toml (receipt, correction, extension) or of outcomes.toml (the reply).
    Raises FactMissing when the case does not tell what the letter must state.
    """
    facts = _case(case, law, dated) | {
        "agency": agency.model_dump(),
        "number": number,
        "decided_on": dated,
    }
    facts |= _reply(kind, case, law, agency, dated) if kind in law.outcomes else _notice(case, law)
    if kind == "extension":
        facts["extended_on"] = None  # told by this letter, not before it
    return compose(kind, facts)


def _case(case: Case, law: Statute, dated: date) -> Facts:
    """What every letter may say of the application and its course."""
    return {
        "case_number": case.number,
        "applicant": case.applicant,
        "you": _you(case),
        "received_on": case.received_on,
        "request": case.request,
        "corrected_on": case.correction.corrected_on if case.correction else None,
        "extended_on": case.extension.told_on if case.extension else None,
        "consulted": tuple(_consulted(case, law, dated)),
        **_correction(case, law),
    }


def _you(case: Case) -> str:
    """How the applicant is addressed."""
    return "您" if case.applicant_kind in ("", ApplicantKind.NATURAL_PERSON) else "贵单位"


def _consulted(case: Case, law: Statute, dated: date) -> Iterator[Facts]:
    """The consultations that are over: by the answer, at the latest by lapse (Arts. 32-34)."""
    answers = {event.ref: event.on for event in case.clock if event.kind == "consultation_ended"}
    for event in case.clock:
        if event.kind != "consultation_started" or event.party is None:
            continue
        answer = answers.get(event.ref)
        one = Consultation(event.ref, event.party, event.on, event.delivered_on, answer)
        ended = consultation_end(one, law)
        if ended <= dated and (answer or lapses(one, law)):
            whom = PARTY_LABEL[one.party]
            yield {"whom": whom, "started_on": one.sent, "ended_on": ended}


def _correction(case: Case, law: Statute) -> Facts:
    """The correction asked for (Art. 30): what, how, and by when."""
    asked = case.correction
    if asked is None:
        return {}
    reached = law.calendar.reach(asked.requested_on, asked.days)
    return {
        "unclear": _line(asked.unclear),
        "guidance": _line(asked.guidance),
        "correction_requested_on": asked.requested_on,
        "correction_days": asked.days,
        "correction_due": correction_due(case, law),
        "correction_provisional": reached.provisional,
    }


def _notice(case: Case, law: Statute) -> Facts:
    """What the letters of the procedure say besides: channel, limit, extension (Arts. 31, 33)."""
    limit = case.deadline(law)
    channel = law.channels.get(case.channel)
    facts: Facts = {
        "channel": channel.label if channel else None,
        "form_wanted": _line(case.form_wanted),
        "limit": limit.last_day if limit else None,
        "provisional": limit is not None and limit.provisional,
        "suspended": limit is not None and limit.suspended,
        "remedy": (),
    }
    if case.received_on:
        facts["reply_days"] = law.period("reply", case.received_on).days
    if case.extension:
        facts["extension_days"] = case.extension.days
        facts["extension_reasons"] = _line(case.extension.reasons)
    return facts


def _reply(kind: str, case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """What a reply says: its basis, the particulars of the draft, the remedy (Art. 36)."""
    outcome = law.outcomes[kind]
    particulars = case.draft.particulars if case.draft else {}
    stated = {name: _line(text) for name, text in particulars.items() if _line(text)}
    for name in outcome.requires:
        if name not in stated:
            raise FactMissing(kind, name)
    ground = stated.get("withheld_ground")
    if ground is not None and ground not in law.outcomes:
        raise FactMissing(kind, "withheld_ground")
    withheld = law.outcomes[ground] if ground else None
    clauses = remedy(outcome, dated, law, agency, withheld)
    return {
        **stated,
        "outcome": kind,
        "basis": outcome.basis,
        "withheld_basis": withheld.basis if withheld else None,
        "attachments": tuple(map(_line, _lines(particulars.get("attachments", "")))),
        "remedy": _remedy_words(clauses, case),
        **(_fee(stated, law) if kind == "fee_unpaid" else {}),
    }


def _fee(stated: Mapping[str, str], law: Statute) -> Facts:
    """The time to pay, counted from the day after the notice was received (收费办法)."""
    noticed = date.fromisoformat(stated["noticed_on"])
    period = law.period("fee_payment", noticed)
    due = law.calendar.reach(noticed, period.days).day
    return {"fee_period": _length(period), "fee_due": due}


def _remedy_words(clauses: RemedyClauses, case: Case) -> tuple[str, ...]:
    """The paragraphs on remedies, in the words of templates/_remedy.j2."""
    return passage(
        "_remedy",
        {
            "you": _you(case),
            "clauses": clauses.clauses,
            "review": _length(clauses.review),
            "suit": _length(clauses.suit),
            "suit_after_review": _length(clauses.suit_after_review),
            "authorities": "或者".join(clauses.authorities),
            "court": clauses.court,
            "online_review": clauses.online_review,
        },
    )


def _length(period: Period) -> str:
    """A period as a letter writes it: 60日, 6个月, 20个工作日."""
    return f"{period.days}{UNITS[period.unit]}"


def _lines(text: str) -> Iterator[str]:
    """The lines of an officer's text that say something."""
    return (line.strip() for line in text.splitlines() if line.strip())


def _line(text: str) -> str:
    """An officer's text as one paragraph, without its final mark; lines are joined by “；”."""
    joined = ""
    for line in _lines(text):
        joined += line if not joined or joined.endswith(_JOINING) else f"；{line}"
    return joined.rstrip(_FINAL)
