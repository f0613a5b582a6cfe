"""Officers who log in: invited, with a password and a phone; over HTTP, as a browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pyotp
from sqlmodel import col, select

from flows import office
from flows.installation.entrance import LOGIN, LOGOUT, Caller
from flows.server.visits import COOKIE
from models.register import accounts, codes
from models.store.tables import SpentCode

PASSWORD = "a1b2c3d4e5f6"
TOKEN = re.compile('name="token" value="([^"]+)"')


@dataclass
class Phone:
    """An officer's phone: the next code that was not spent yet."""

    officer: str
    secret: str

    def code(self) -> str:
        """A code of a step that is still good and not spent."""
        rules, now = office.agency().codes, office.now()
        totp = pyotp.TOTP(self.secret, digits=rules.digits, interval=rules.step_seconds)
        with office.reading() as session:
            mine = select(col(SpentCode.step)).where(SpentCode.officer == self.officer)
            spent = set(session.exec(mine).all())
        at = totp.timecode(now)
        for step in (at, at + 1, at - 1):
            if step not in spent:
                return totp.generate_otp(step)
        return totp.generate_otp(at)

    def two_codes(self) -> str:
        """Two codes in a row, which nobody guesses: the one before and the present one's."""
        totp = pyotp.TOTP(self.secret)
        step = totp.timecode(office.now())
        return totp.generate_otp(step - 1) + totp.generate_otp(step)


def with_account(officer: str, *, enrolled: bool = True) -> Phone:
    """An officer with a password and an enrolled phone, as if he had been invited before."""
    with office.writing() as session:
        at = office.now()
        accounts.invite(session, officer, at, office.agency().accounts)
        accounts.set_password(session, officer, PASSWORD, at)
        secret = codes.enrol(session, officer, at - timedelta(days=1)) if enrolled else ""
    return Phone(officer, secret)


def token_of(answer: httpx.Response) -> str:
    """The token of the form that a page shows."""
    found = TOKEN.search(answer.text)
    assert found, answer.text
    return found[1]


def log_in(
    client: httpx.Client, officer: str, code: str, password: str = PASSWORD, onward: str = "/"
) -> httpx.Response:
    """Fill in the login's form; the client has the visit's cookie then, if it was right."""
    token = token_of(client.get(LOGIN))
    fields = {"token": token, "officer": officer, "password": password, "code": code}
    return client.post(LOGIN, data=fields | {"next": onward})


def log_out(client: httpx.Client) -> httpx.Response:
    """Press the button."""
    return client.post(LOGOUT, data={"token": token_of(client.get(LOGIN))})


def is_in(client: httpx.Client) -> bool:
    """Whether the client has the cookie of a visit."""
    return COOKIE in client.cookies


def visiting(officer: str = "陈静") -> Caller:
    """An officer in a visit of his, as the doors say who asks."""
    with office.writing() as session:
        accounts.end_all(session, officer, office.now())
        token = accounts.begin(session, officer, "10.0.0.5", office.now())
    return Caller(officer, officer=officer, visit=accounts.kept_under(token), asked=True)
