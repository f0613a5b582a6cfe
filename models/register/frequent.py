"""Who applies most, month by month, and which pieces of the fee by piece have they reached? (35, 42).

By name, however it was typed: one name may be two persons, which the officer looks up. Counted by the
legal day of receipt, as the fee by piece counts (收费办法 4).
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.errors import NoRuleInForce
from models.law.fees import BY_PIECE, by_piece
from models.law.statute import Statute
from models.store.tables import Application
from models.words.names import one_name


@dataclass(frozen=True)
class Frequent:
    """Somebody who applies often: his name, his applications by month, the numbers of the latest.

    most = of his months the fullest, each counted whole; reached = what the fee by piece has come to in
    it, in words; yuan = what the pieces of that month come to
    """

    name: str
    total: int
    months: Mapping[str, int]
    latest: tuple[str, ...]
    most: int
    reached: str
    yuan: int


SHOWN = 5


def frequent(
    session: Session, since: date, until: date, least: int, law: Statute
) -> list[Frequent]:
    """Those with so many applications or more within a span, the most first. The fee counts whole
    months, also those of which the span has a part (收费办法 4).
    """
    whole = (since.replace(day=1), until.replace(day=monthrange(until.year, until.month)[1]))
    asked = select(
        col(Application.number), col(Application.applicant), col(Application.received_on)
    ).where(col(Application.received_on).between(*whole), Application.applicant != "")
    found: dict[str, list[tuple[date, str, str]]] = {}
    for number, name, on in session.exec(asked):
        if on is not None:
            found.setdefault(one_name(name).casefold(), []).append((on, number, name))
    often = [
        _frequent(within, sorted(those), law)
        for those in found.values()
        if len(within := sorted(one for one in those if since <= one[0] <= until)) >= least
    ]
    return sorted(often, key=lambda one: (-one.total, one.name))


def _frequent(
    those: list[tuple[date, str, str]], whole: list[tuple[date, str, str]], law: Statute
) -> Frequent:
    months = Counter(f"{on:%Y-%m}" for on, _, _ in those)
    pieces = Counter(f"{on:%Y-%m}" for on, _, _ in whole)
    full, most = max(pieces.items(), key=lambda one: (one[1], one[0]))
    last = max(on for on, _, _ in whole if f"{on:%Y-%m}" == full)
    reached, yuan = _reached(most, last, law)
    latest = tuple(number for _, number, _ in reversed(those[-SHOWN:]))
    return Frequent(those[-1][2], len(those), dict(months), latest, most, reached, yuan)


def _reached(pieces: int, on: date, law: Statute) -> tuple[str, int]:
    """The last leg that so many pieces of a month have come to, and what all of them cost."""
    try:
        fee = by_piece(0, pieces, on, law)
    except NoRuleInForce:
        return "当时没有信息处理费的标准", 0
    last = fee.legs[-1]
    if not last.yuan:
        return f"未超过免费的{law.tariff(BY_PIECE, on).bands[0].to}件", 0
    return f"已到第{pieces}件，每件{last.yuan}元的一档", fee.amount
