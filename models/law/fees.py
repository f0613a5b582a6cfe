"""What does an application cost? By piece or by page, progressive on the excess (Art. 42, 收费办法).

Free of charge as a rule; one standard for an application, never both (收费办法 3). By piece: the
applications of one applicant in one calendar month to this agency, so that the eleventh pays for
the eleventh only (收费办法 4). By page: one side up to A4 is a page, applications are not added up
(收费办法 5).

Nobody has a right to relief: that of the old Regulation (2007, 28(2), for economic hardship) was not
taken over into 42, and 收费办法 has none. 42 says "may": an agency that takes nothing gives no notice,
or withdraws the one it gave (acts/procedure).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from models.law.rules import Band, Period, Tariff
from models.law.statute import Statute
from models.law.workdays import Reach

METHOD = "《政府信息公开信息处理费管理办法》（国办函〔2020〕109号）"
BY_PIECE: Final = "by_piece"
BY_PAGE: Final = "by_page"


@dataclass(frozen=True)
class Leg:
    """One leg of the computation: pieces or pages `first` to `last` at `yuan` each."""

    first: int
    last: int
    yuan: int
    unit: str

    @property
    def units(self) -> int:
        return self.last - self.first + 1

    @property
    def amount(self) -> int:
        """Yuan."""
        return self.units * self.yuan

    @property
    def words(self) -> str:
        """第11件至第30件，20件×100元＝2000元."""
        which = f"第{self.first}{self.unit}"
        if self.last > self.first:
            which += f"至第{self.last}{self.unit}"
        if not self.yuan:
            return f"{which}，不收费"
        return f"{which}，{self.units}{self.unit}×{self.yuan}元＝{self.amount}元"


@dataclass(frozen=True)
class Fee:
    """What an application costs, and how it comes about."""

    tariff: Tariff
    legs: tuple[Leg, ...]

    @property
    def amount(self) -> int:
        """Yuan."""
        return sum(leg.amount for leg in self.legs)

    @property
    def words(self) -> tuple[str, ...]:
        """The computation, leg by leg."""
        return tuple(leg.words for leg in self.legs)


def by_piece(before: int, pieces: int, on: date, law: Statute) -> Fee:
    """The fee of an application that counts as `pieces`, after `before` others of the month.

    before = applications of the same applicant received earlier in the same calendar month
    """
    return _fee(law.tariff(BY_PIECE, on), before, pieces)


def by_page(pages: int, on: date, law: Statute) -> Fee:
    """The fee of an application answered with so many pages (one side up to A4 is a page)."""
    return _fee(law.tariff(BY_PAGE, on), 0, pages)


def payment_term(noticed_on: date, law: Statute) -> Period | None:
    """The time to pay that a notice of that day gives; None while the 收费办法 was not in force.

    By the rules of its day, which it must state: what is in force when it arrives changes nothing.
    """
    since = law.since("fee_payment")
    return law.period("fee_payment", noticed_on) if noticed_on >= since else None


def payment_due(noticed_on: date, delivered_on: date, law: Statute) -> Reach | None:
    """The last day to pay, counted from the day after the notice was received (收费办法 6).

    The latest that it may be: the applicant's time is not over before.
    """
    term = payment_term(noticed_on, law)
    return law.calendar.latest(delivered_on, term.days) if term else None


def rate_words(tariff: Tariff) -> str:
    """The rates as the notice states them, from the free ones to the last band."""
    free, *others = tariff.bands
    said, first = [f"{free.to}{tariff.unit}以下（含{free.to}{tariff.unit}）的，不收费"], free.to
    for band in others:
        start = f"{(first or 0) + 1}"
        until = f"至{band.to}{tariff.unit}（含{band.to}{tariff.unit}）" if band.to else ""
        part = f"{start}{until or f'{tariff.unit}以上'}的部分"
        price = f"{band.yuan}元/{tariff.unit}"
        if band.every:
            tail = f"以{band.every}{tariff.unit}为一档，首档{price}，每增加一档提高{band.rise}元"
            said.append(f"{part}，{tail}/{tariff.unit}")
        else:
            said.append(f"{part}，{price}")
        first = band.to
    return "；".join(said)


def _fee(tariff: Tariff, before: int, units: int) -> Fee:
    legs = []
    for first, last, yuan in _steps(tariff.bands):
        if first > before + units:
            break
        low, high = max(first, before + 1), before + units
        if last is not None:
            high = min(high, last)
        if low <= high:
            legs.append(Leg(low, high, yuan, tariff.unit))
    return Fee(tariff, tuple(legs))


def _steps(bands: tuple[Band, ...]) -> Iterator[tuple[int, int | None, int]]:
    """(first, last, yuan) of every step, without end where the last band keeps rising."""
    first = 1
    for band in bands[:-1]:
        assert band.to is not None
        yield first, band.to, band.yuan
        first = band.to + 1
    top = bands[-1]
    if not top.every:
        yield first, None, top.yuan
        return
    yuan = top.yuan
    while True:
        yield first, first + top.every - 1, yuan
        first, yuan = first + top.every, yuan + top.rise
