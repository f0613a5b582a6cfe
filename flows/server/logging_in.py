"""Who may begin a visit? Name, password and one-time code together; one answer for all that is wrong.

What a wrong login costs is counted before it is looked at, so that of several at once each counts,
whether its name is known or not; nobody learns which of the three was wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from flows import office
from models.agency.officers import NAME_LONGEST
from models.register import access_log, accounts, codes

WRONG: Final = "姓名、口令或者动态口令有误，没有登录"
PAUSED: Final = (
    "登录有误的次数较多，请在{wait}秒后再试；急需登录的，请等验证器换过一次，"
    "把前后两个动态口令连在一起填写（共{digits}位）"
)
NOT_INVITED: Final = "姓名或者邀请码有误，或者邀请码已经用过、过期；请管理员重新邀请"
WRONG_CODE: Final = "动态口令有误，请填写验证器中本人名下现在显示的数字"
ENDED: Final = "动态口令有误的次数太多，邀请码已经作废；请管理员重新邀请"
TWO: Final = 2
"""So many codes in a row nobody guesses."""
ELSEWHERE: Final = "此前别处的登录同时退出"
LOGIN: Final = "login"
"""As what a code is spent that was given at a login."""


@dataclass(frozen=True)
class Outcome:
    """What a login came to: the cookie of a new visit, or why there is none.

    invited = whether the invitation holds, so that its form may be shown again
    """

    token: str = ""
    said: str = ""
    invited: bool = False


@contextmanager
def _writing() -> Iterator[Session]:
    """A transaction; logging in waits for no clock that was put right."""
    with office.writing(clock_goes_back=True) as session:
        yield session


def log_in(officer: str, password: str, code: str, address: str) -> Outcome:
    """Begin a visit if all three are right; the code is asked for whatever acts are signed with."""
    agency = office.agency()
    officer = agency.listed_name(officer)
    with _writing() as session:
        steps = codes.fitting(session, officer, code, office.now(), agency.codes)
        held = _held(session, officer, address, doubled=len(steps) == TWO)
        if held.said:
            return held
        waits = accounts.wait(session, officer, address, office.now(), agency.accounts)
        paused = accounts.count(session, officer, address, office.now())
        hashed = accounts.hash_of(session, officer)
    right = accounts.is_password(password, hashed)
    listed = not agency.officers or any(one.name == officer for one in agency.officers)
    with _writing() as session:
        at = office.now()
        steps = codes.fitting(session, officer, code, at, agency.codes)
        enough = len(steps) >= (TWO if any(waits) else 1)
        note = _during(paused)
        if not (right and listed and enough):
            _failed(session, at, officer, address, note)
            return Outcome(said=WRONG)
        codes.spend(session, officer, steps, at, LOGIN)
        accounts.forgive(session, officer, address)
        return Outcome(token=_begun(session, officer, address, at, note))


def _begun(session: Session, officer: str, address: str, at: datetime, note: str) -> str:
    """A visit begins, and any before it ends: the officer is in one place. Returns its cookie."""
    before = accounts.under_way(session, officer, at, office.agency().accounts)
    elsewhere = ELSEWHERE if before else ""
    accounts.end_all(session, officer, at)
    said = "，".join(filter(None, (note, elsewhere)))
    access_log.write(session, "login", at, officer=officer, address=address, what=said)
    return accounts.begin(session, officer, address, at)


def _held(session: Session, officer: str, address: str, *, doubled: bool) -> Outcome:
    """Why a login is not looked at now, if it is not: too many were wrong. Where two codes in a row
    fit, which nobody guesses, it is looked at though others guessed under the name, or from what is
    everybody's address (a proxy that is not named in accounts.toml).
    """
    agency = office.agency()
    wait = max(accounts.wait(session, officer, address, office.now(), agency.accounts))
    if doubled or not wait:
        return Outcome()
    accounts.turned_away(session, officer, address)
    return Outcome(said=PAUSED.format(wait=wait, digits=2 * agency.codes.digits))


def _during(paused: int) -> str:
    """What a line tells of the attempts that came during the pause before it."""
    return f"停顿期间另有{paused}次" if paused else ""


def _failed(session: Session, at: datetime, officer: str, address: str, *what: str) -> None:
    """Leave a line of a login that was wrong."""
    said = "，".join(filter(None, what))
    access_log.write(session, "login_failed", at, officer=officer, address=address, what=said)


def invited(officer: str, invitation: str, address: str) -> str:
    """Why an invitation does not hold, counted as a login would be; "" if it does."""
    officer = office.agency().listed_name(officer)
    with _writing() as session:
        held = _held(session, officer, address, doubled=False)
        if held.said:
            return held.said
        accounts.count(session, officer, address, office.now())
        if accounts.invited(session, officer, invitation, office.now()):
            accounts.forgive(session, officer, address)
            return ""
        _failed(session, office.now(), officer, address, "邀请码")
        return NOT_INVITED


def enrolled(officer: str) -> bool:
    """Whether an officer's phone shares a secret with us already."""
    with office.reading() as session:
        return officer in codes.enrolled(session)


@dataclass(frozen=True)
class Chosen:
    """What an officer chose on being invited: password (twice), the secret shown, its first code."""

    officer: str
    invitation: str
    password: str
    again: str
    secret: str
    code: str


def choose(chosen: Chosen, address: str) -> Outcome:
    """Take a password, and the phone where it is not enrolled yet, and begin a visit: all that a login
    asks was just given. Counted as a login is; nothing else is looked at unless the invitation holds.
    """
    rules, officer = office.agency().accounts, chosen.officer.strip()[:NAME_LONGEST]
    with _writing() as session:
        at = office.now()
        steps = _steps(session, officer, chosen, at)
        held = _held(session, officer, address, doubled=len(steps) == TWO)
        if held.said:  # the form, which is ours, was given to whoever had the invitation
            return replace(held, invited=accounts.invited(session, officer, chosen.invitation, at))
        note = _during(accounts.count(session, officer, address, at))
        if not accounts.invited(session, officer, chosen.invitation, at):
            _failed(session, at, officer, address, "邀请码", note)
            return Outcome(said=NOT_INVITED)
        faults = list(accounts.password_faults(chosen.password, officer, rules))
        if chosen.password != chosen.again:
            faults.append("两次输入的口令不同")
        if not chosen.code:
            faults.append("请填写动态口令")
        if faults:
            accounts.forgive(session, officer, address)
            return Outcome(said="；".join(faults), invited=True)
        if not steps:
            ended = accounts.wrong_code(session, officer, at, rules)
            _failed(session, at, officer, address, "动态口令", "邀请码作废" if ended else "", note)
            return Outcome(said=ENDED if ended else WRONG_CODE, invited=not ended)
        if officer not in codes.enrolled(session):
            codes.enrol(session, officer, at, chosen.secret)
        codes.spend(session, officer, steps, at, LOGIN)
        accounts.forgive(session, officer, address)
        accounts.set_password(session, officer, chosen.password, at)
        access_log.write(session, "password_set", at, officer=officer, address=address, what=note)
        return Outcome(token=_begun(session, officer, address, at, note))


def _steps(session: Session, officer: str, chosen: Chosen, at: datetime) -> tuple[int, ...]:
    """The time steps of the code, by the phone that is enrolled or else by the secret just shown."""
    rules = office.agency().codes
    if officer in codes.enrolled(session):
        return codes.fitting(session, officer, chosen.code, at, rules)
    return codes.right_for(chosen.secret, chosen.code, at, rules) if chosen.secret else ()


def log_out(visit: str, address: str) -> None:
    """End a visit, by what it is kept under."""
    with _writing() as session:
        officer = accounts.end(session, visit, office.now())
        if officer:
            access_log.write(session, "logout", office.now(), officer=officer, address=address)
