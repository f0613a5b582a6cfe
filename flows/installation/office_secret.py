"""The secret by which the office knows itself: of one start, in nobody's hands, unless other workers
share one that it was set.

Prefect's own login inside, which its API asks of everybody. Worker, clock and lists bear it, and so
do the commands typed on this machine by the office's own user, who alone can read where it is kept.
Persons never do: what they may ask is put to Prefect for them (flows/server/persons.py).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flows.installation import files, settings

FILE: Final = "office-secret"
USER: Final = "office"
BYTES: Final = 32
SHORTEST: Final = 32
SETTING: Final = "PREFECT_SERVER_API_AUTH_STRING"


def new() -> str:
    """Another secret, as Prefect takes it."""
    return f"{USER}:{secrets.token_urlsafe(BYTES)}"


def shared(words: str) -> str:
    """The one that an office and its other workers share, of the words that both were set."""
    return f"{USER}:{words}"


def agreed() -> str:
    """What the office and its other workers know each other by (DISCLOSURE_OFFICE_SECRET); "" where
    there are none. Raises BadSetting.
    """
    words = settings.OFFICE_SECRET.value()
    if not words:
        return ""
    if not fit(words):
        expected = "应为至少32个英文字母、数字或符号，没有空格"
        raise settings.BadSetting(settings.OFFICE_SECRET.name, "…", expected)
    return shared(words)


def fit(words: str) -> bool:
    """Whether words can be such a secret."""
    return len(words) >= SHORTEST and words.isascii() and words.isprintable() and " " not in words


def keep(secret: str, prefect: Path) -> None:
    """Leave it in Prefect's folder for the commands of this office, in place of that of before."""
    files.written(prefect / FILE, secret.encode("ascii"))


def kept(prefect: Path) -> str:
    """That of the office at work here; "" if there is none."""
    try:
        return (prefect / FILE).read_text("ascii")
    except FileNotFoundError:
        return ""


def header(secret: str) -> str:
    """How it is borne, as an Authorization."""
    return f"Basic {base64.b64encode(secret.encode()).decode('ascii')}"


def borne(authorization: str, secret: str) -> bool:
    """Whether a request bears it."""
    return bool(secret) and hmac.compare_digest(authorization.encode(), header(secret).encode())


def cipher(secret: str, purpose: str) -> Fernet:
    """What seals for a purpose of this start: every server that shares the secret opens it. Without a
    secret, nobody else does.
    """
    if not secret:
        return Fernet(Fernet.generate_key())
    key = HKDF(SHA256(), BYTES, salt=None, info=purpose.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
