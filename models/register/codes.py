"""Who acted? One-time codes (TOTP, RFC 6238) under which officers sign; `session` first.

Prefect's server knows one login for all, so each act is signed in its form. A code is good once.
Wrong ones are kept and make the next attempt wait; yet nobody can lock an officer out: two codes
in a row, which nobody guesses, are taken also during a pause.
"""

from __future__ import annotations

import hmac
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import pyotp
from sqlmodel import Session, col, select

from models.agency.code_rules import CodeRules
from models.agency.officers import NAME_LONGEST
from models.case.act import UNPRINTABLE
from models.errors import DisclosureError
from models.store.happened import rows
from models.store.tables import Enrolment, SpentCode, WrongCode


@dataclass(frozen=True)
class Signature:
    """Who signs, with what code, and what: the kind of an act or the name of a form."""

    officer: str
    code: str = ""
    form: str = ""
    case_number: str = ""


class NotEnrolled(DisclosureError):
    """An officer has no codes to be revoked."""

    def __init__(self, officer: str) -> None:
        self.officer = officer
        super().__init__(f"“{officer}”没有登记动态口令")


class AlreadyEnrolled(DisclosureError):
    """An officer has codes already; a second phone would sign in the same name."""

    def __init__(self, officer: str) -> None:
        self.officer = officer
        super().__init__(f"“{officer}”已经登记动态口令；更换手机的，先用 --revoke 注销")


def new_secret() -> str:
    """What a phone is to share with us (RFC 4226: 160 bits)."""
    return pyotp.random_base32()


def enrol(session: Session, officer: str, at: datetime, secret: str = "") -> str:
    """Give an officer a secret for the phone, a new one unless it was shown already; returns it, for
    this one time.
    """
    found = session.get(Enrolment, officer, with_for_update=True)
    if found is not None and found.revoked_at is None:
        raise AlreadyEnrolled(officer)
    secret = secret or new_secret()
    session.merge(Enrolment(officer=officer, secret=secret, enrolled_at=at))
    return secret


def revoke(session: Session, officer: str, at: datetime) -> None:
    """Take an officer's codes away; what was signed with them stays."""
    found = session.get(Enrolment, officer, with_for_update=True)
    if found is None or found.revoked_at is not None:
        raise NotEnrolled(officer)
    found.secret, found.revoked_at = "", at


def enrolled(session: Session) -> list[str]:
    """The officers who can sign."""
    return sorted(rows(session, _ENROLLED).scalars())


_ENROLLED = select(Enrolment.officer).where(col(Enrolment.revoked_at).is_(None))


@dataclass(frozen=True)
class Signer:
    """One officer who can sign: since when, last when, and how often the code was wrong since."""

    officer: str
    enrolled_at: datetime
    last_signed_at: datetime | None
    wrong_since: int


def signers(session: Session) -> list[Signer]:
    """Those who can sign, by name."""
    found = []
    for name in enrolled(session):
        enrolment = session.get_one(Enrolment, name)
        last = _last_signed(session, name)
        wrong = len(_wrong_in_a_row(session, name))
        found.append(Signer(name, enrolment.enrolled_at, last, wrong))
    return found


def for_phone(officer: str, secret: str, agency: str, rules: CodeRules) -> str:
    """The address in the QR code: what an authenticator needs to know (otpauth://)."""
    return _totp(secret, rules).provisioning_uri(name=officer, issuer_name=agency)


def sign(
    session: Session, what: Signature, at: datetime, rules: CodeRules, *, taken: bool = False
) -> str:
    """Spend the code; "" if it is right, or why not, as a sentence. Either way it is recorded.

    at = when it was submitted; taken = it would have signed then (`would_sign`): what somebody has
    guessed since does not hold it up.

    To be committed with the act it signs, or alone if it was wrong. The officer's row is locked until
    then: of several attempts at once each counts.
    """
    steps, wrong = _examined(session, what, at, rules, taken=taken)
    for step in steps:
        session.add(
            SpentCode(
                officer=_kept(what.officer),
                step=step,
                spent_at=at,
                form=_kept(what.form),
                case_number=what.case_number,
            )
        )
    session.flush()
    return wrong


def would_sign(session: Session, what: Signature, at: datetime, rules: CodeRules) -> str:
    """Whether a code would sign now: "" if so, or why not. A right one stays good, for the act
    itself is still to come; a wrong one is recorded as `sign` does, for a guess is a guess.
    """
    return _examined(session, what, at, rules)[1]


def fitting(
    session: Session, officer: str, code: str, at: datetime, rules: CodeRules
) -> tuple[int, ...]:
    """The time steps of a code that is right and not spent, one or two; () if it is not. Nothing is
    recorded: what a wrong one costs is the caller's to say (models/register/accounts.py).
    """
    enrolment = session.get(Enrolment, _kept(officer), with_for_update=True)
    said = _digits(code)
    whole = len(said) in (rules.digits, 2 * rules.digits) and said.isascii() and said.isdigit()
    if enrolment is None or enrolment.revoked_at is not None or not whole:
        return ()
    steps = _steps(enrolment.secret, said, at, rules)
    spent = any(session.get(SpentCode, (enrolment.officer, step)) for step in steps)
    return () if spent else tuple(steps)


def spend(session: Session, officer: str, steps: Iterable[int], at: datetime, form: str) -> None:
    """Spend the code of these steps: it is good once."""
    for step in steps:
        session.add(SpentCode(officer=officer, step=step, spent_at=at, form=form))
    session.flush()


def signed_since(session: Session, officer: str, form: str, since: datetime) -> bool:
    """Whether the officer has signed the same kind of thing since then."""
    found = select(SpentCode).where(
        SpentCode.officer == officer, SpentCode.form == form, SpentCode.spent_at >= since
    )
    return session.exec(found).first() is not None


def right_for(secret: str, code: str, at: datetime, rules: CodeRules) -> tuple[int, ...]:
    """The time step of one code of a secret that is not enrolled yet; () if it is wrong."""
    said = _digits(code)
    if len(said) != rules.digits or not (said.isascii() and said.isdigit()):
        return ()
    return tuple(_steps(secret, said, at, rules))


def _examined(
    session: Session, what: Signature, at: datetime, rules: CodeRules, *, taken: bool = False
) -> tuple[list[int], str]:
    """The time steps of a code that is right, or none and why it is not, which is recorded."""
    what = replace(what, officer=_kept(what.officer), form=_kept(what.form))
    enrolment = session.get(Enrolment, what.officer, with_for_update=True)
    if enrolment is None or enrolment.revoked_at is not None:
        return [], _wrong(session, what, at, f"“{what.officer}”没有登记动态口令，不能签署")
    said = _digits(what.code)
    fitting = len(said) in (rules.digits, 2 * rules.digits) and said.isascii() and said.isdigit()
    if not fitting:
        asked = f"请填写动态口令：{what.officer}的验证器现在显示的{rules.digits}位数字"
        return [], _wrong(session, what, at, asked)
    steps = _steps(enrolment.secret, said, at, rules)
    wait = _wait(session, what.officer, at, rules, taken=taken)
    if wait and not (steps and len(said) == 2 * rules.digits):
        return [], _wrong(session, what, at, _paused(wait, rules))
    if not steps:
        more = _more(session, what.officer, rules)
        wrong = f"动态口令有误，本次提交未办理{more}"
        return [], _wrong(session, what, at, wrong, guess=True)
    if any(session.get(SpentCode, (what.officer, step)) for step in steps):
        used = "这个动态口令已经用过；请等验证器显示下一个，再提交"
        return [], _wrong(session, what, at, used)
    return steps, ""


def _digits(code: str) -> str:
    """The digits of what was typed; full-width ones and spaces are no fault."""
    return "".join(c for c in unicodedata.normalize("NFKC", code) if not c.isspace())


def _totp(secret: str, rules: CodeRules) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=rules.digits, interval=rules.step_seconds)


def _steps(secret: str, said: str, at: datetime, rules: CodeRules) -> list[int]:
    """The time steps whose codes these are, one or two in a row; [] if they are none."""
    totp = _totp(secret, rules)
    now, drift = totp.timecode(at), rules.drift_steps
    first, second = said[: rules.digits], said[rules.digits :]
    found: list[int] = []
    for step in range(now - drift - bool(second), now + drift + 1):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), first.encode())
        if second:
            right &= hmac.compare_digest(totp.generate_otp(step + 1).encode(), second.encode())
        if right:  # the earliest that fits, so that one code is one step
            found = found or [step, step + 1][: 1 + bool(second)]
    return found


def _last_signed(session: Session, officer: str) -> datetime | None:
    return session.exec(
        select(SpentCode.spent_at)
        .where(SpentCode.officer == officer)
        .order_by(col(SpentCode.spent_at).desc())
    ).first()


def _wrong_in_a_row(session: Session, officer: str) -> list[WrongCode]:
    """The wrong codes since the officer last signed, the latest first."""
    last = _last_signed(session, officer)
    statement = select(WrongCode).where(WrongCode.officer == officer, col(WrongCode.guess))
    if last is not None:
        statement = statement.where(WrongCode.tried_at > last)
    return list(session.exec(statement.order_by(col(WrongCode.id).desc())))


def _wait(
    session: Session, officer: str, at: datetime, rules: CodeRules, *, taken: bool = False
) -> int:
    """Seconds until a single code is taken again; 0 = now."""
    wrong = _wrong_in_a_row(session, officer)
    if taken:
        wrong = [one for one in wrong if one.tried_at <= at]
    if not wrong:
        return 0
    passed = at - wrong[0].tried_at
    return max(0, math.ceil((rules.pause(len(wrong)) - passed).total_seconds()))


def _more(session: Session, officer: str, rules: CodeRules) -> str:
    """What one more wrong code leads to, if it leads to a pause."""
    pause = rules.pause(len(_wrong_in_a_row(session, officer)) + 1)
    return f"；{pause.seconds}秒后才能再试" if pause else ""


def _paused(wait: int, rules: CodeRules) -> str:
    return (
        f"动态口令连续有误，请在{wait}秒后再试；急需办理的，请等验证器换过一次，"
        f"把前后两个口令连在一起填写（共{2 * rules.digits}位）"
    )


def _wrong(
    session: Session, what: Signature, at: datetime, reason: str, *, guess: bool = False
) -> str:
    session.add(
        WrongCode(
            officer=what.officer,
            tried_at=at,
            form=what.form,
            case_number=what.case_number,
            guess=guess,
            reason=reason[:200],
        )
    )
    session.flush()
    return reason


def _kept(words: str) -> str:
    """As much of what was named as can be stored: it may be anything."""
    return UNPRINTABLE.sub("\ufffd", words)[:NAME_LONGEST]
