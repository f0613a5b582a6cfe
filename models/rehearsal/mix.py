"""What is a simulated year made of? config/simulation.toml: weights, shares, invented words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

from pydantic import Field

from models.case.stage import ApplicantKind
from models.errors import ConfigFault
from models.law.config_rows import Row, read_toml, validate_row
from models.law.statute import Statute
from models.report_tables.measures import Measure, load_measures
from models.year.year_text import PARTS


class Applicants(Row):
    """A kind of applicant (a column of table 三), how frequent, and invented names of that kind."""

    kind: ApplicantKind
    weight: float = Field(gt=0)
    names: tuple[str, ...] = Field(min_length=1)


class Weighted(Row):
    """An outcome or a channel by key, and how frequent."""

    key: str
    weight: float = Field(gt=0)


class WeightedResult(Weighted):
    """A result of a review or suit at one instance (复议, 一审, 二审)."""

    instance: str


class Rates(Row):
    """Shares of the cases to which something happens, 0 to 1 (what of: config/simulation.toml)."""

    correction: float = Field(ge=0, le=1)
    consultation: float = Field(ge=0, le=1)
    objection: float = Field(ge=0, le=1)
    extension: float = Field(ge=0, le=1)
    fee_paid: float = Field(ge=0, le=1)
    sent_back: float = Field(ge=0, le=1)
    overdue: float = Field(ge=0, le=1)
    recorded_late: float = Field(ge=0, le=1)
    reply_withdrawn: float = Field(ge=0, le=1)
    review: float = Field(ge=0, le=1)
    direct_suit: float = Field(ge=0, le=1)
    suit_after_review: float = Field(ge=0, le=1)
    appeal: float = Field(ge=0, le=1)
    redecision: float = Field(ge=0, le=1)
    enquiries: float = Field(ge=0, le=1)


class Texts(Row):
    """Invented words of the acts besides the particulars of the letters."""

    requests: tuple[str, ...] = Field(min_length=1)
    enquiry: str
    unclear: str
    guidance: str
    third_party: str
    third_party_information: str
    third_party_why: str
    third_party_reasons: str
    extension: str
    excess: str
    sent_back: str
    withdrawn: str
    complaint: str
    delay: str


class Staff(Row):
    """Who acts: drafters, one who reviews, one who reviews for secrecy, one who signs."""

    drafters: tuple[str, ...] = Field(min_length=1)
    reviewer: str
    secrecy: str
    signer: str


class Frequent(Protocol):
    @property
    def weight(self) -> float: ...


F = TypeVar("F", bound=Frequent)


class Amounts(Row):
    """A measure of table 二 (config/annual/measures.toml), and the range of its invented amounts.

    In pieces, or in yuan where the measure is money.
    """

    measure: str
    fewest: int = Field(ge=0)
    most: int = Field(ge=0)


class Mix(Row):
    """The make-up of a simulated year; words = the parts of the report (models/year/year_text.py)."""

    source: str
    applicant: tuple[Applicants, ...] = Field(min_length=1)
    outcome: tuple[Weighted, ...] = Field(min_length=1)
    channel: tuple[Weighted, ...] = Field(min_length=1)
    review_result: tuple[WeightedResult, ...] = Field(min_length=1)
    proactive: tuple[Amounts, ...]
    words: dict[str, str]
    rates: Rates
    particulars: dict[str, str]
    texts: Texts
    staff: Staff

    def an_applicant(self, chance: Random) -> tuple[str, str]:
        """Kind and name of somebody who applies."""
        kind = _one_of(self.applicant, chance)
        return str(kind.kind), chance.choice(kind.names)

    def an_outcome(self, chance: Random) -> str:
        """An outcome (key of outcomes.toml)."""
        return _one_of(self.outcome, chance).key

    def a_channel(self, chance: Random) -> str:
        """A channel (key of channels.toml)."""
        return _one_of(self.channel, chance).key

    def a_result(self, instance: str, chance: Random) -> str:
        """A result of a review or suit (key of review_results.toml) that this instance can give."""
        rows = [row for row in self.review_result if row.instance == instance]
        return _one_of(rows, chance).key

    def an_amount(self, measure: Measure, chance: Random) -> int:
        """An amount of a measure of table 二: in pieces, or in fen where it is money."""
        row = next(row for row in self.proactive if row.measure == measure.key)
        return chance.randint(row.fewest, row.most) * (100 if measure.money else 1)


def _one_of(rows: Sequence[F], chance: Random) -> F:
    return chance.choices(rows, [row.weight for row in rows])[0]


def load_mix(folder: Path, law: Statute) -> Mix:
    """config/simulation.toml; ConfigFault names the place of a key that nobody else knows."""
    path, measures = folder / "simulation.toml", load_measures(folder / "annual")
    mix = validate_row(path, "全文", Mix, read_toml(path))
    amounts = {row.measure for row in mix.proactive}
    for where, stated, known in (
        ("[[outcome]]", {row.key for row in mix.outcome}, law.outcomes.keys()),
        ("[[channel]]", {row.key for row in mix.channel}, law.channels.keys()),
        ("[[review_result]]", {row.key for row in mix.review_result}, law.review_results.keys()),
        ("[particulars]", mix.particulars.keys(), law.particulars.keys()),
        ("[[proactive]]", amounts, measures.keys()),
        ("[words]", mix.words.keys(), PARTS.keys()),
    ):
        if unknown := sorted(stated - known):
            raise ConfigFault(path.name, where, f"没有这样的标识：{'、'.join(unknown)}")
    for instance in ("复议", "一审", "二审"):
        if not any(row.instance == instance for row in mix.review_result):
            raise ConfigFault(path.name, "[[review_result]]", f"缺少{instance}的结果")
    lacking = {one.key for one in measures.values() if not one.of} - amounts
    if lacking or any(row.fewest > row.most for row in mix.proactive):
        expected = f"缺少{'、'.join(sorted(lacking))}" if lacking else "fewest 不能大于 most"
        raise ConfigFault(path.name, "[[proactive]]", expected)
    return mix
