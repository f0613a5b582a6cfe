"""登记申请: how an application gets into the register, from the form in the UI or the terminal."""

from __future__ import annotations

from datetime import date

from flows import office
from flows.path.recording import parsed, take_in
from models.acts.intake.receipt import Register
from models.case.case import Case
from models.case.personal import kept_as
from models.errors import ActRefused
from models.store.tables import Applicant


def receive(
    *,
    channel: str,
    kind: str,
    applicant: str,
    request: str,
    arrived_on: date | None,
    identity: str = "",
    contact: str = "",
    address: str = "",
    form_wanted: str = "",
    co_applicants: str = "",
    written_by: str = "",
    agent: str = "",
    authority: str = "",
    officer: str = "",
    code: str = "",
    submission: str | None = None,
) -> Case:
    """Register one application (Art. 29); ActRefused says what is missing or wrong.

    channel may be the key, the label or a usual name; arrived_on defaults to today; the same
    `submission` (any unique text) received twice is one application. Identity, contact, address
    and code may come sealed, as the server passes them on.
    """
    asked: dict[str, object] = {
        "channel": channel_named(channel),
        "arrived_on": arrived_on or office.today(),
        "applicant_kind": kind,
        "applicant": applicant,
        "request": request,
        "form_wanted": form_wanted,
        "co_applicants": co_applicants,
        "written_by": written_by,
        "agent": agent,
        "authority": authority,
    }
    act = parsed(Register.kind, asked)
    assert isinstance(act, Register)
    person = person_of(submission, identity=identity, contact=contact, address=address)
    return take_in(act, person, officer, code)


def channel_named(words: str) -> str:
    """The channel of that key, label or usual name (Art. 29); ActRefused if there is none."""
    channels = office.law().channels
    for key, row in channels.items():
        if words and words in (key, row.label, *row.aliases):
            return key
    known = "、".join(row.label for row in channels.values())
    raise ActRefused([f"提交方式“{words}”应为{known}之一"])


def person_of(submission: str | None, **particulars: str) -> Applicant:
    """Who applied, as a form says it: what the server sealed on its way in, opened again."""
    sealing = office.sealing()
    opened = {name: sealing.open(words) for name, words in particulars.items()}
    return Applicant(case_number="", intake=submission, **kept_as(opened))
