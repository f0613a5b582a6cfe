"""Who applied before, offered on the page of registration: found by name or number, filled in by a press.

Names are shown to whoever may register, and once it stands in the log; without a script by the button
查找, with ours as soon as the field is left (letters/pages/earlier.js).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flows import office
from flows.installation.entrance import Caller
from flows.shown.access_lines import noted
from flows.shown.brief import label
from flows.shown.pages import page_url
from models.acts.intake.receipt import Register
from models.agency.officers import holding
from models.case.act import Circumstances
from models.errors import NoSuchCase
from models.register import earlier_applicants
from models.register.earlier_applicants import Earlier
from models.store.tables import Application

LOOK, USE, FRAGMENT = "look", "use", "script"
"""What is pressed on the page: look for applicants, use what is known; a script asks for a part of it."""
BY: Final = ("applicant", "identity", "credit_code")
"""The fields by which an applicant is looked for."""
NOT_YOURS: Final = "查找以前的申请人由承办人办理"
NOBODY: Final = "以前没有登记过这样的申请人。"
TOO_SHORT: Final = "请先填写申请人姓名（两个字以上）、身份证明号码或者统一社会信用代码，再查找"
USED: Final = "已按{number}填入空着的各项，已填的没有改；请与这次的申请表核对"
SHORT: Final = 40


@dataclass(frozen=True)
class Line:
    """An earlier application: number, its page, when it came, what it asks, how it ended."""

    number: str
    page: str
    on: str
    request: str
    became: str


@dataclass(frozen=True)
class Person:
    """An applicant of before, with his applications; use = by which of them he is filled in."""

    name: str
    kind: str
    known_by: str
    use: str
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True)
class Looked:
    """What was found, or why nothing is shown."""

    persons: tuple[Person, ...] = ()
    more: bool = False
    said: str = ""


def may_look(officer: str) -> bool:
    """Whether an officer registers applications, and so may see who applied."""
    officers = office.officers()
    return not officers or not officer or officer in holding(officers, (Register.role,))


def looked(caller: Caller, said: Mapping[str, str]) -> Looked:
    """Those whom the fields of the form may mean; a line in the log says who saw which cases.

    Raises what the register does when it is away (office.REGISTER_FAULTS): nothing is shown then.
    """
    if not may_look(caller.officer):
        return Looked(said=NOT_YOURS)
    name, *numbers = (said.get(field, "").strip() for field in BY)
    number = next(filter(None, reversed(numbers)), "")
    with office.reading() as session:
        now = office.circumstances(caller.officer)
        found = earlier_applicants.offered(session, name, number)
        persons = tuple(_person(one, now) for one in found.persons)
    if not persons:
        enough = earlier_applicants.is_enough(name, number)
        return Looked(said=NOBODY if enough else TOO_SHORT)
    noted(caller, f"登记时查找申请人 {len(found.numbers)}件", found.numbers)
    return Looked(persons, found.more)


def used(caller: Caller, said: Mapping[str, str], number: str) -> tuple[dict[str, str], str]:
    """The form with what is known of the applicant of a case where it is empty, and what to say of it."""
    if not may_look(caller.officer):
        return dict(said), NOT_YOURS
    try:
        with office.reading() as session:
            known = earlier_applicants.filled_in(session, number)
    except NoSuchCase as fault:
        return dict(said), str(fault)
    noted(caller, f"{number} 联系方式（登记时填入）")
    who = {name: words for name, words in known.items() if name in ("applicant", "kind")}
    typed = {name: words for name, words in said.items() if words.strip()}
    return {**said, **known, **typed, **who}, USED.format(number=number)


def _person(one: Earlier, now: Circumstances) -> Person:
    lines = tuple(_line(case, now) for case in one.cases)
    return Person(one.applicant, one.kind, one.known_by, one.number, lines, one.total)


def _line(case: Application, now: Circumstances) -> Line:
    request = " ".join(case.request.split())
    shown = request if len(request) <= SHORT else f"{request[:SHORT]}……"
    became = label(case.outcome, now) if case.outcome else case.stage
    return Line(case.number, page_url(case.number), str(case.arrived_on), shown, became)
