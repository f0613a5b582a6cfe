"""Keeps personal data unreadable without a key that is not in the database.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` package. The key is the caller's; it
travels with the database connection (`keyed`), so that each register is read with its own. The column
that is kept so: models/store/sealed_text.py.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import KeyMissing, WrongKey

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Engine

MARK = "sealed:"
"""How a sealed value begins: what does not begin so was never sealed."""


class Sealing:
    """Seals with the first of its keys and opens with any of them: so keys are changed.

    keys = Fernet keys, the one in use first, earlier ones after it. ValueError if one is no key.
    """

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        if not keys:
            raise ValueError
        self._keys = tuple(keys)
        self._cipher = MultiFernet([Fernet(key) for key in keys])

    def in_use(self) -> Sealing:
        """The key that seals, without those that only open."""
        return Sealing(self._keys[:1])

    def for_purpose(self, purpose: str) -> Sealing:
        """With keys derived from these for one purpose: neither opens what the other sealed."""
        return Sealing([_derived(key, purpose) for key in self._keys])

    def seal(self, words: str) -> str:
        """The words, unreadable; nothing stays nothing."""
        if not words:
            return words
        return MARK + self._cipher.encrypt(words.encode("utf-8", "surrogatepass")).decode("ascii")

    def open(self, sealed: str) -> str:
        """The words again; what was never sealed as it is. WrongKey if it was by another key."""
        if not is_sealed(sealed):
            return sealed
        try:
            opened = self._cipher.decrypt(sealed.removeprefix(MARK))
        except InvalidToken:
            raise WrongKey from None
        return opened.decode("utf-8", "surrogatepass")

    def opens(self, words: str) -> bool:
        """Whether these words are sealed, and by one of our keys."""
        try:
            return is_sealed(words) and bool(self.open(words))
        except WrongKey:
            return False


def _derived(key: str | bytes, purpose: str) -> bytes:
    secret = base64.urlsafe_b64decode(key)
    made = HKDF(hashes.SHA256(), 32, None, purpose.encode("utf-8")).derive(secret)
    return base64.urlsafe_b64encode(made)


def new_key() -> str:
    """A fresh key, in letters."""
    return Fernet.generate_key().decode("ascii")


def is_sealed(words: str) -> bool:
    """Whether a value is sealed."""
    return words.startswith(MARK)


_KEYED = "disclosure_sealing"


def keyed(engine: Engine, sealing: Sealing) -> Engine:
    """The same engine, reading and writing sealed columns with these keys."""
    setattr(engine.dialect, _KEYED, sealing)
    return engine


def sealing_of(dialect: Dialect) -> Sealing:
    """The keys that an engine was given; KeyMissing if it has none."""
    found = getattr(dialect, _KEYED, None)
    if not isinstance(found, Sealing):
        raise KeyMissing
    return found
