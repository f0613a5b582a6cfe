"""Under whose name and code an act is recorded: one transaction for the code and the act.

DISCLOSURE_CODES = on or off; unset, codes are asked for as soon as an officer is enrolled.

Where officers log in (models/register/accounts.py), it is the door that says whose a form is: it
puts a pass in the field 办理人, sealed with the office's key and good for that form alone, as it was
submitted within that visit. A code was given at the login, and is given again only for what
config/office/accounts.toml names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.installation import settings
from models.case.personal import CODE
from models.errors import ActRefused, WrongKey
from models.register import accounts, codes
from models.register.codes import Signature
from models.store.sealing import Sealing, is_sealed

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


class NotLoggedIn(ActRefused):
    """A form bears nobody's pass, though officers log in here: it counts as no answer."""

    def __init__(self) -> None:
        super().__init__(["这张表单不是登录后在办理系统提交的，没有办理；请登录后重新提交"])


Code = Annotated[str, Field(title=TITLE)]
"""The field of a form in which the officer signs; left out of forms while no codes are asked for, and
as `field` says it otherwise."""


LOGGED_IN: ContextVar[str] = ContextVar("logged_in", default="")
"""The officer of the visit in which the form at hand was submitted; "" from the terminal."""

SUBMITTED_AT: ContextVar[Callable[[], datetime] | None] = ContextVar("submitted_at", default=None)
"""The moment at which the door took the form at hand; None = it is at the door now."""

FORMS: dict[str, frozenset[str]] = {
    "登记申请": frozenset({"registered"}),
    "登记咨询": frozenset({"enquiry"}),
    "登记复议诉讼": frozenset({"review"}),
    "复议诉讼进展": frozenset({"review"}),
    "复议诉讼结果": frozenset({"review"}),
    "登记更正申请": frozenset({"records_correction"}),
    "办理更正申请": frozenset({"records_correction"}),
    "审核签发更正申请": frozenset({"records_correction"}),
    "转主动公开审查": frozenset({"publication"}),
    "登记主动公开": frozenset({"publication"}),
    "补登送达": frozenset(
        {
            *("letter_received", "letter_returned", "served_again", "reply_bounced"),
            *("consultation_delivered", "consultation_returned", "consultation_ended"),
        }
    ),
    "撤回答复": frozenset({"reply_withdrawn"}),
    "责令重新答复": frozenset({"redecision_ordered"}),
    "勘误": frozenset({"erratum"}),
    "撤销刚才一步": frozenset({"step_undone"}),
    "登记表二数字": frozenset({"proactive_figure"}),
    "年度报告文字": frozenset({"report_text"}),
    "签发年度报告": frozenset({"report_signed"}),
    "更正已签发的年度报告": frozenset({"report_corrected"}),
    "人工核定勾稽结论": frozenset({"check_overruled"}),
}
"""The forms to begin with, and what each is signed as (`Signature.form`)."""


def pass_of(officer: str, form: str, visit: str) -> str:
    """What the door writes in the field 办理人 of a form: whose it is, that it is this form, in which
    visit it was submitted (models/register/accounts.py), and when.
    """
    said = [officer, form, visit, office.now().isoformat()]
    return PASS + _passes().seal(json.dumps(said, ensure_ascii=False))


PASS = "visit:"
PASS_HOLDS = timedelta(minutes=10)
"""A form is submitted so soon after its pass was put in, at most: the clocks of door and Prefect may
differ, and Prefect's database may keep it waiting."""

Moment = Callable[[], datetime]


def _passes() -> Sealing:
    """What passes are sealed with: nothing else is, so that nothing sealed otherwise is a pass."""
    return office.sealing().for_purpose(PASS)


def submitter(said: str, form: str, submitted: Moment | None = None) -> str:
    """Who submitted a form: whom its pass is of, where officers log in; otherwise whoever it names.

    form = as `pass_of` was told; submitted = tells when the form was (desk.submitted_at), now unless
    given: a pass that is used again later, or after its visit has ended, is none. Raises NotLoggedIn.
    """
    with office.reading() as session:
        if not office.officers_log_in(session):
            return office.agency().listed_name(said)
    try:
        mark, _, sealed = said.partition(PASS)
        opened = json.loads(_passes().open(sealed)) if not mark and is_sealed(sealed) else None
        match opened:
            case [str() as officer, known, str() as visit, str() as put] if known == form:
                if _was_his(officer, visit, datetime.fromisoformat(put), submitted or office.now):
                    return officer
    except (WrongKey, ValueError):
        raise NotLoggedIn from None
    raise NotLoggedIn


def _was_his(officer: str, visit: str, put: datetime, submitted: Moment) -> bool:
    """Whether a form was submitted when its pass was put in, in a visit that was open then."""
    at = submitted()
    with office.reading() as session:
        return abs(at - put) <= PASS_HOLDS and accounts.was_open(session, visit, officer, at)


def form_of_point(number: str, key: str) -> str:
    """How a pass calls the form of a case's point (forms.Point.key)."""
    return f"{number}/{key}"


@contextmanager
def logged_in(officer: str, at: Moment | None = None) -> Iterator[None]:
    """Within the block, what is signed was submitted by this officer's visit, where officers log in,
    and at that moment: a code that was right when the door took it stays right until the act is done.

    at = asked only if there is something to sign; None = it is being submitted now
    """
    with office.reading() as session:
        by = LOGGED_IN.set(officer if office.officers_log_in(session) else "")
    moment = SUBMITTED_AT.set(at)
    try:
        yield
    finally:
        SUBMITTED_AT.reset(moment)
        LOGGED_IN.reset(by)


def shown_for(session: Session, *kinds: str) -> bool:
    """Whether a form that is signed as one of these has a field for the code."""
    return shown(session)(kinds)


def shown(session: Session) -> Callable[[Iterable[str]], bool]:
    """As `shown_for`, for many forms: whether officers log in, and sign with codes, is asked once."""
    if not office.officers_log_in(session):
        asked = asked_for(session)
        return lambda _: asked
    return lambda kinds: settings.CODES.value() != "off" and again(kinds)


def again(kinds: Iterable[str]) -> bool:
    """Whether one of these is signed with a code though its officer is logged in."""
    return not set(office.agency().accounts.code_again).isdisjoint(kinds)


def codes_on() -> bool:
    """Whether acts are signed with codes in this office now."""
    with office.reading() as session:
        return asked_for(session)


def asked_for(session: Session) -> bool:
    """As `codes_on`, in a session at hand."""
    value = settings.CODES.value()
    if value not in ("", "on", "off"):
        raise settings.BadSetting(settings.CODES.name, value, "应为 on 或 off")
    return value == "on" or (value == "" and bool(codes.enrolled(session)))


def sign(session: Session, what: Signature) -> str:
    """Spend the officer's code in this transaction; "" if it holds or none is asked for.

    The code may come sealed, as the server passes it on.
    """
    if not _asked(session, what):
        return ""
    opened = replace(what, code=office.sealing().open(what.code))
    taken = SUBMITTED_AT.get() is not None
    return codes.sign(session, opened, moment(), office.agency().codes, taken=taken)


def moment() -> datetime:
    """When the door took the form at hand; now, while it is at the door."""
    return (SUBMITTED_AT.get() or office.now)()


def _asked(session: Session, what: Signature) -> bool:
    """Whether this is signed with a code: what its officer has just signed of the same kind, in this
    visit of his, needs none (one code for a batch).
    """
    officer = LOGGED_IN.get()
    if not officer or officer != what.officer:
        return asked_for(session)
    if settings.CODES.value() == "off" or not again([what.form]):
        return False
    at = moment()
    since = at - timedelta(seconds=office.agency().accounts.code_holds_seconds)
    began = accounts.began(session, officer, at)
    return began is None or not codes.signed_since(session, officer, what.form, max(since, began))


def would_sign(what: Signature) -> str:
    """Why a code would not sign, if it would not or none is asked for; a right one is not spent."""
    with office.writing() as session:
        if not _asked(session, what):
            return ""
        opened = replace(what, code=office.sealing().open(what.code))
        return codes.would_sign(session, opened, moment(), office.agency().codes)


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


def field(*, batch: bool = False) -> dict[str, Any]:
    """The field as a form of the desk has it; batch = one code is enough for several."""
    told = hint()
    if batch:
        minutes = office.agency().accounts.code_holds_seconds // 60
        told += f"。{minutes}分钟内刚签过同类事项的，不必再填"
    return {"title": TITLE, "type": "string", "description": told}


def required_or_left_out(name: str, form: dict[str, Any]) -> dict[str, Any]:
    """A flow's own form: its officer must sign, or is not asked to (Code has a default for that)."""
    if CODE not in form["properties"]:
        return form
    properties = {name: entry for name, entry in form["properties"].items() if name != CODE}
    with office.reading() as session:
        shown, batch = shown_for(session, *FORMS.get(name, ())), office.officers_log_in(session)
    if not shown:
        return {**form, "properties": properties}
    last = max(entry.get("position", 0) for entry in properties.values()) + 1
    properties[CODE] = field(batch=batch) | {"position": last}
    must = [] if batch else [CODE]
    return {**form, "properties": properties, "required": [*form.get("required", []), *must]}
