"""Who came, who was turned away, who read what of a person? Lines that stay (网络安全法 21(3)).

`session` first; the caller commits. A line is never changed; only when its time is over (config/
retention.toml, at least six months) is it deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.agency.officers import NAME_LONGEST
from models.case.act import UNPRINTABLE
from models.store.tables import AccessLine

KINDS: Final = {
    "login": "登录",
    "login_failed": "登录未成",
    "single_sign_on": "单点登录",
    "logout": "退出",
    "invited": "邀请",
    "password_set": "设置口令",
    "revoked": "注销账户",
    "read": "查阅",
}
"""What a line can be about → as it is listed."""
LONGEST: Final = 200
"""Characters of what a line is about (the register's column)."""
FORM_OPENED: Final = " 办理表单"
"""After a case's number: that somebody read its form."""


def write(
    session: Session,
    kind: str,
    at: datetime,
    *,
    officer: str = "",
    address: str = "",
    what: str = "",
    numbers: Sequence[str] = (),
) -> None:
    """Add a line; what was typed as a name may be anything, and is kept as far as it can be.

    numbers = the cases that a list showed: as many lines as name them all
    """
    assert kind in KINDS
    for words in _with_all(what, numbers):
        session.add(
            AccessLine(
                at=at,
                kind=kind,
                officer=_kept(officer, NAME_LONGEST),
                address=_kept(address, 64),
                what=_kept(words, LONGEST),
            )
        )


def _with_all(what: str, numbers: Sequence[str]) -> Iterator[str]:
    """What was read with the numbers of all cases, none of them cut: line by line, each saying what."""
    line = what
    for number in numbers:
        longer = f"{what} {number}" if line == what else f"{line}、{number}"
        if len(longer) > LONGEST and line != what:
            yield line
            longer = f"{what} {number}"
        line = longer
    yield line


def lines(session: Session, since: datetime, until: datetime) -> Sequence[AccessLine]:
    """The lines from one moment to another (excluded), in order."""
    found = select(AccessLine).where(AccessLine.at >= since, AccessLine.at < until)
    return session.exec(found.order_by(col(AccessLine.at), col(AccessLine.id))).all()


def forms_opened(
    session: Session, since: datetime, until: datetime
) -> Iterator[tuple[str, str, datetime]]:
    """Which case's form was opened from one moment to another (excluded), by whom and when, in order."""
    found = select(AccessLine.what, AccessLine.officer, AccessLine.at).where(
        AccessLine.at >= since, AccessLine.at < until, col(AccessLine.what).endswith(FORM_OPENED)
    )
    for what, who, at in session.exec(found.order_by(col(AccessLine.at), col(AccessLine.id))):
        yield what.removesuffix(FORM_OPENED), who, at


def let_go(session: Session, before: datetime) -> int:
    """Delete what is older; returns how many lines that were."""
    gone = session.connection().execute(delete(AccessLine).where(col(AccessLine.at) < before))
    return gone.rowcount


def _kept(words: str, longest: int) -> str:
    return UNPRINTABLE.sub("\ufffd", words)[:longest]
