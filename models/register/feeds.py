"""Whose calendar of limits does an address show? Each officer's feed has a secret of its own (45).

A calendar program cannot log in: whoever knows the secret reads the feed, which names no applicant.
The register keeps its digest alone; a new secret takes the place of the one before, and an officer
whose account was taken away has none.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from models.register import accounts
from models.store.tables import Entry

FEED = "feed"
RENEWED, ENDED = "feed_renewed", "feed_ended"


def renew(session: Session, officer: str, today: date, at: datetime) -> str:
    """Give an officer's feed a new secret, which is told this once."""
    secret = secrets.token_urlsafe(24)
    _record(session, officer, RENEWED, {"secret": _digest(secret)}, today, at)
    return secret


def end(session: Session, officer: str, today: date, at: datetime) -> None:
    """Let an officer's feed be read no more."""
    if has(session, officer):
        _record(session, officer, ENDED, {}, today, at)


def has(session: Session, officer: str) -> bool:
    """Whether an officer has a feed."""
    return officer in _kept(session)


def officer_of(session: Session, secret: str) -> str:
    """Whose feed a secret opens; "" if it opens none."""
    asked = _digest(secret)
    found = [
        officer for officer, kept in _kept(session).items() if hmac.compare_digest(kept, asked)
    ]
    return next((one for one in found if not accounts.revoked(session, one)), "")


def _kept(session: Session) -> dict[str, str]:
    """The digest of each officer's secret as it was last given."""
    asked = select(Entry).where(Entry.register_key == FEED).order_by(col(Entry.position))
    found: dict[str, str] = {}
    for one in session.exec(asked):
        found[one.case_number] = one.facts.get("secret", "")
    return {officer: digest for officer, digest in found.items() if digest}


def _record(
    session: Session, officer: str, kind: str, facts: dict[str, str], today: date, at: datetime
) -> None:
    before = select(Entry.position).where(Entry.register_key == FEED, Entry.case_number == officer)
    session.add(
        Entry(
            register_key=FEED,
            case_number=officer,
            position=len(session.exec(before).all()),
            kind=kind,
            on=today,
            recorded_on=today,
            recorded_at=at,
            officer=officer,
            article="45",
            facts=facts,
        )
    )
    session.flush()


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
