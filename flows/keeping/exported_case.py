"""A case of this office as a file that can be given away: a real trouble becomes a test."""

from __future__ import annotations

import json
from random import SystemRandom

from flows import office
from models.register import numbers_meant, register
from models.soundness.anonymised import anonymised


def exported(number: str) -> bytes:
    """The content of the file. Raises NoSuchCase, NotAnonymised."""
    with office.reading() as session:
        number = numbers_meant.number_of(session, number)
        events = register.events(session, number)
        content = anonymised(number, events, office.law(), office.agency(), SystemRandom())
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode()
