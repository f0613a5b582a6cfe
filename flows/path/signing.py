"""Under whose name and code an act is recorded: one transaction for the code and the act.

DISCLOSURE_CODES = on or off; unset, codes are asked for as soon as an officer is enrolled.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.installation import settings
from models.case.personal import CODE
from models.errors import ActRefused
from models.register import codes
from models.register.codes import Signature

TITLE = "动态口令"

REHEARSING: ContextVar[bool] = ContextVar("rehearsing", default=False)
"""Whether a form to begin with is only tried at the door: judged to the end, and nothing done."""

T = TypeVar("T")


def hint() -> str:
    """What to type there, as the form says it."""
    digits = office.agency().codes.digits
    return f"手机验证器中本人名下现在显示的{digits}位数字；每个口令只能用一次"


class Rehearsed(Exception):
    """A form to begin with could be recorded, signed as it says; it was only tried."""

    def __init__(self, what: Signature) -> None:
        self.what = what
        super().__init__(what.form)


Code = Annotated[str, Field(title=TITLE)]
"""The field of a form in which the officer signs; left out of forms while no codes are asked for, and
as `field` says it otherwise."""


def codes_on() -> bool:
    """Whether acts are signed with codes in this office now."""
    with office.reading() as session:
        return asked_for(session)


def asked_for(session: Session) -> bool:
    """As `codes_on`, in a session at hand."""
    value = settings.CODES.value()
    if value not in ("", "on", "off"):
        raise office.BadSetting(settings.CODES.name, value, "应为 on 或 off")
    return value == "on" or (value == "" and bool(codes.enrolled(session)))


def sign(session: Session, what: Signature) -> str:
    """Spend the officer's code in this transaction; "" if it holds or none is asked for.

    The code may come sealed, as the server passes it on.
    """
    if not asked_for(session):
        return ""
    opened = replace(what, code=office.sealing().open(what.code))
    return codes.sign(session, opened, office.now(), office.agency().codes)


def would_sign(what: Signature) -> str:
    """Why a code would not sign, if it would not or none is asked for; a right one is not spent."""
    with office.writing() as session:
        if not asked_for(session):
            return ""
        opened = replace(what, code=office.sealing().open(what.code))
        return codes.would_sign(session, opened, office.now(), office.agency().codes)


def signed(what: Signature, do: Callable[[Session], T], known: Callable[[Session], T | None]) -> T:
    """Do an act under the officer's code, in one transaction; what is `known` already is not redone
    and needs no second code.

    Raises ActRefused: for the code, with nothing done; or as `do` does, and the code is spent.
    While rehearsing, Rehearsed with nothing done, or ActRefused as `do` does, the code untouched.
    """
    if REHEARSING.get():
        with office.writing() as session:
            if known(session) is None:
                do(session)
            raise Rehearsed(what)
    try:
        with office.writing() as session:
            found = known(session)
            if found is not None:
                return found
            wrong = sign(session, what)
            if not wrong:
                return do(session)
    except ActRefused:
        spend(what)
        raise
    raise ActRefused([wrong])


def spend(what: Signature) -> None:
    """Spend a code whose act was refused: it was shown, and is good once."""
    with office.writing() as session:
        sign(session, what)


def field() -> dict[str, Any]:
    """The field as a form of the desk has it."""
    return {"title": TITLE, "type": "string", "description": hint()}


def required_or_left_out(form: dict[str, Any]) -> dict[str, Any]:
    """A flow's own form: its officer must sign, or is not asked to (Code has a default for that)."""
    if CODE not in form["properties"]:
        return form
    properties = {name: entry for name, entry in form["properties"].items() if name != CODE}
    if not codes_on():
        return {**form, "properties": properties}
    last = max(entry.get("position", 0) for entry in properties.values()) + 1
    properties[CODE] = field() | {"position": last}
    return {**form, "properties": properties, "required": [*form.get("required", []), CODE]}
