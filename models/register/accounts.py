"""Who may log in, who is logged in, and what do wrong logins cost? `session` first; the caller commits.

A password stands here as its argon2id hash (RFC 9106), sealed with the office's key besides; an
invitation and the cookie of a visit as their digests. An unknown name costs what a known one does.
"""

from __future__ import annotations

import hmac
import math
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import Table, delete
from sqlmodel import Session, col, select

from models.agency.account_rules import PASSWORD_LONGEST, AccountRules
from models.agency.officers import NAME_LONGEST
from models.case.act import UNPRINTABLE
from models.errors import DisclosureError
from models.store import many_rows
from models.store.happened import rows
from models.store.tables import Account, Visit, WrongLogin

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of an invitation: nothing that is taken for something else."""
GROUPS, GROUP = 4, 5
SEEN_AGAIN: Final = timedelta(seconds=60)
"""A visit is noted as seen at most so often: a page asks several times a second."""
VOUCHED: Final = "vouched:"
"""What a visit is kept under begins so where a proxy vouches: no digest of a cookie does."""
DIFFERENT: Final = 5
"""A password has at least so many different characters."""

Waits = tuple[int, int]
_WRONG: Table = WrongLogin.__table__  # type: ignore[attr-defined]
_HASHER = PasswordHasher()


def nobodys(hasher: PasswordHasher) -> str:
    """The hash of a password that nobody has: made up, for a real one takes as long as a login."""
    return "$argon2id$v={}$m={},t={},p={}${}${}".format(
        *(ARGON2_VERSION, hasher.memory_cost, hasher.time_cost, hasher.parallelism),
        *(b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32)),
    )


_NOBODYS = nobodys(_HASHER)


class NoAccount(DisclosureError):
    """Somebody without an account is to lose it."""

    def __init__(self, officer: str) -> None:
        self.officer = officer
        super().__init__(f"“{officer}”没有账户")


# ── accounts ────────────────────────────────────────────────────────────────────────────────────


def on(session: Session) -> bool:
    """Whether this office has accounts: as soon as one was ever invited, everybody logs in."""
    return rows(session, _ANYBODY).first() is not None


_ANYBODY = select(Account.officer).limit(1)


def invite(session: Session, officer: str, at: datetime, rules: AccountRules) -> str:
    """Invite an officer to set a password; returns the code, for this one time. An earlier password
    holds until the new one is set.
    """
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    found = session.get(Account, officer, with_for_update=True)
    account = found or Account(officer=officer, invited_at=at, invited_until=at)
    account.invitation = _digest(_said(code))
    account.invited_at, account.invited_until = at, at + rules.invitation_lasts
    account.revoked_at = None
    session.add(account)
    session.flush()
    return code


def invited(session: Session, officer: str, code: str, at: datetime) -> bool:
    """Whether this is the officer's invitation, and still holds."""
    found = session.get(Account, _kept(officer), with_for_update=True)
    known = found.invitation if found and at < found.invited_until else ""
    return hmac.compare_digest(known.encode(), _digest(_said(code)).encode())


def wrong_code(session: Session, officer: str, at: datetime, rules: AccountRules) -> bool:
    """Count a wrong code against an officer's invitation; whether it was the last, which ends it."""
    account = session.get_one(Account, officer, with_for_update=True)
    row = _counted(session, f"invitation:{account.invitation}", at)
    row.wrong, row.last_at = row.wrong + 1, at
    session.add(row)
    ended = row.wrong >= rules.invitation_wrong_codes
    if ended:
        account.invitation = ""
        session.add(account)
    session.flush()
    return ended


def set_password(session: Session, officer: str, password: str, at: datetime) -> None:
    """Take a password in place of any before it: the invitation is used, other visits end."""
    account = session.get_one(Account, officer, with_for_update=True)
    account.password, account.password_set_at = _HASHER.hash(password), at
    account.invitation = ""
    session.add(account)
    end_all(session, officer, at)


def revoke(session: Session, officer: str, at: datetime, *, vouched: bool = False) -> None:
    """Take an account away, and end its visits; raises NoAccount. vouched = whether he comes in by a
    proxy's word: then he has none, and one is kept that is taken away.
    """
    account = session.get(Account, officer, with_for_update=True)
    if account is None and vouched:
        account = Account(officer=officer, invited_at=at, invited_until=at)
    if account is None or account.revoked_at is not None:
        raise NoAccount(officer)
    account.password, account.invitation, account.revoked_at = "", "", at
    session.add(account)
    end_all(session, officer, at)


def accounts(session: Session) -> Sequence[Account]:
    """All accounts, by name."""
    return session.exec(select(Account).order_by(Account.officer)).all()


def revoked(session: Session, officer: str) -> bool:
    """Whether an officer's account was taken away, and not given again."""
    account = session.get(Account, _kept(officer))
    return account is not None and account.revoked_at is not None


def can_log_in(session: Session) -> bool:
    """Whether anybody can come in, or has been invited to."""
    return any(one.revoked_at is None for one in accounts(session))


def password_faults(password: str, officer: str, rules: AccountRules) -> Iterator[str]:
    """Why a password will not do, as sentences."""
    if len(password) < rules.password_shortest:
        yield f"口令至少{rules.password_shortest}个字符"
    if len(password) > PASSWORD_LONGEST:
        yield f"口令最多{PASSWORD_LONGEST}个字符"
    if len(set(password)) < DIFFERENT:
        yield f"口令应至少有{DIFFERENT}个不同的字符"
    if officer and officer in password:
        yield "口令中不能有本人姓名"
    if UNPRINTABLE.search(password):
        yield "口令含有不是文字的字符"


def hash_of(session: Session, officer: str) -> str:
    """The hash of an officer's password; of nobody's where there is none: it takes as long."""
    found = session.get(Account, _kept(officer))
    return found.password if found and found.password else _NOBODYS


def is_password(password: str, hashed: str) -> bool:
    """Whether a password is the one of this hash. Takes about 50 ms and 64 MiB, by design."""
    try:
        return _HASHER.verify(hashed, password[: PASSWORD_LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


# ── wrong logins ────────────────────────────────────────────────────────────────────────────────


def wait(session: Session, officer: str, address: str, at: datetime, rules: AccountRules) -> Waits:
    """Seconds until the next login under this name, and from this address, is looked at."""
    return (
        _wait(session, _of_officer(officer), at, rules, rules.free_attempts),
        _wait(session, _of_address(address), at, rules, rules.address_free_attempts),
    )


def _wait(session: Session, tried: str, at: datetime, rules: AccountRules, free: int) -> int:
    row = session.get(WrongLogin, tried, with_for_update=True)
    if row is None:
        return 0
    left = rules.pause(row.wrong, free) - (at - row.last_at)
    return max(0, math.ceil(left.total_seconds()))


def count(session: Session, officer: str, address: str, at: datetime) -> int:
    """Count an attempt as wrong before it is looked at: of several at once each counts. Returns how
    many came during the pause before it.
    """
    paused = 0
    for tried in (_of_officer(officer), _of_address(address)):
        row = _counted(session, tried, at)
        paused = max(paused, row.paused)
        row.wrong, row.paused, row.last_at = row.wrong + 1, 0, at
        session.add(row)
    session.flush()
    return paused


def _counted(session: Session, tried: str, at: datetime) -> WrongLogin:
    """What was counted so far, locked; begun by whoever comes first of several at once."""
    if row := session.get(WrongLogin, tried, with_for_update=True):
        return row
    nothing_yet = {"tried": tried, "wrong": 0, "paused": 0, "last_at": at}
    many_rows.write_new(session.connection(), _WRONG, [nothing_yet])
    return session.get_one(WrongLogin, tried, with_for_update=True)


def turned_away(session: Session, officer: str, address: str) -> None:
    """Note an attempt that came during a pause, by name and address where there are such."""
    for tried in (_of_officer(officer), _of_address(address)):
        row = session.get(WrongLogin, tried, with_for_update=True)
        if row is not None:
            row.paused += 1
            session.add(row)


def forgive(session: Session, officer: str, address: str) -> None:
    """A login was right: nothing stands against the name, and this one not against the address."""
    for tried, left in ((_of_officer(officer), 0), (_of_address(address), -1)):
        row = session.get(WrongLogin, tried, with_for_update=True)
        if row is not None:
            row.wrong = max(0, row.wrong + left) if left else 0
            session.add(row)


def forget_wrong(session: Session, before: datetime) -> None:
    """Delete what was counted against names and addresses before that moment."""
    session.connection().execute(delete(WrongLogin).where(col(WrongLogin.last_at) < before))


def _of_officer(officer: str) -> str:
    return f"officer:{_kept(officer)}"


def _of_address(address: str) -> str:
    """An address as attempts are counted; of IPv6 its first 64 bits: whoever has one has all the rest."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return f"address:{address}"[:80]
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_network((int(found), 64), strict=False).network_address
    return f"address:{found}"


# ── visits ──────────────────────────────────────────────────────────────────────────────────────


def begin(session: Session, officer: str, address: str, at: datetime) -> str:
    """Begin a visit; returns what its cookie says, for this one time. The officer is in one place at
    a time: `end_all` the others before.
    """
    token = secrets.token_urlsafe(32)
    _begin(session, kept_under(token), officer, address, at)
    return token


def begin_vouched(session: Session, officer: str, address: str, at: datetime) -> Visit:
    """Begin the visit of somebody for whom a proxy vouches: no cookie is its."""
    return _begin(session, f"{VOUCHED}{secrets.token_hex(24)}", officer, address, at)


def kept_under(token: str) -> str:
    """What the visit of a cookie is kept under."""
    return _digest(token) if token else ""


def _begin(session: Session, key: str, officer: str, address: str, at: datetime) -> Visit:
    visit = Visit(token=key, officer=officer, address=address[:64], began_at=at, seen_at=at)
    session.add(visit)
    session.flush()
    return visit


def visiting(session: Session, token: str, at: datetime, rules: AccountRules) -> Visit | None:
    """The visit of a cookie; None if it has ended: by logging out, by its time, with the account."""
    visit = session.get(Visit, kept_under(token))
    return visit if visit is not None and _goes_on(session, visit, at, rules) else None


def vouched_visit(
    session: Session, officer: str, at: datetime, rules: AccountRules
) -> Visit | None:
    """The visit of somebody for whom a proxy vouches, as `visiting`."""
    his = under_way(session, officer, at, rules)
    return next((one for one in his if one.token.startswith(VOUCHED)), None)


def under_way(session: Session, officer: str, at: datetime, rules: AccountRules) -> list[Visit]:
    """The visits of an officer that have not ended in any way."""
    his = select(Visit).where(Visit.officer == officer, col(Visit.ended_at).is_(None))
    return [one for one in session.exec(his) if _goes_on(session, one, at, rules)]


def _goes_on(session: Session, visit: Visit, at: datetime, rules: AccountRules) -> bool:
    if visit.ended_at is not None or revoked(session, visit.officer):
        return False
    return at < min(visit.seen_at + rules.idle, visit.began_at + rules.longest)


def was_open(session: Session, visit: str, officer: str, at: datetime) -> bool:
    """Whether a visit, by what it is kept under (`Visit.token`), was this officer's and had not been
    ended at that moment; nor his account been taken away since.
    """
    found = session.get(Visit, visit)
    if found is None or found.officer != officer or revoked(session, officer):
        return False
    return found.ended_at is None or at <= found.ended_at


def began(session: Session, officer: str, by: datetime) -> datetime | None:
    """When an officer's last visit by some moment began; None if there was none."""
    his = select(Visit.began_at).where(Visit.officer == officer, Visit.began_at <= by)
    return session.exec(his.order_by(col(Visit.began_at).desc())).first()


def seen(session: Session, visit: str, at: datetime) -> None:
    """Note that somebody was at work in a visit, by what it is kept under."""
    found = session.get(Visit, visit, with_for_update=True)
    if found is not None and found.ended_at is None:
        found.seen_at = at
        session.add(found)


def end(session: Session, visit: str, at: datetime) -> str:
    """End a visit, by what it is kept under; returns whose it was, "" if it was none."""
    found = session.get(Visit, visit, with_for_update=True)
    if found is None or found.ended_at is not None:
        return ""
    found.ended_at = at
    session.add(found)
    return found.officer


def end_all(session: Session, officer: str, at: datetime) -> None:
    """End every visit of an officer."""
    open_ones = select(Visit).where(Visit.officer == officer, col(Visit.ended_at).is_(None))
    for visit in session.exec(open_ones.with_for_update()):
        visit.ended_at = at
        session.add(visit)
    session.flush()


def forget_visits(session: Session, before: datetime) -> None:
    """Delete the visits that began before that moment: the log has when they were."""
    session.connection().execute(delete(Visit).where(col(Visit.began_at) < before))


def _digest(words: str) -> str:
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def _said(code: str) -> str:
    """An invitation as it was made: how it is typed is no matter."""
    plain = unicodedata.normalize("NFKC", code).upper()
    return "".join(each for each in plain if each in ALPHABET)


def _kept(words: str) -> str:
    return UNPRINTABLE.sub("\ufffd", words)[:NAME_LONGEST]
