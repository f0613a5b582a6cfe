"""What does a row of each table of config/ say? The law's figures and words, each with its days.

Tables: config/statute/*.toml, practice.toml, alerts.toml; read by models/law/statute_files.py.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field as PydanticField

from models.law.config_rows import Dated, Row

Unit = Literal["workday", "day", "month"]
ClockEffect = Literal[
    "start", "halt", "restart", "pause", "resume", "add", "defer", "stop", "reopen"
]
Limit = Literal["statutory", "ordered"]
Standard = Literal["by_piece", "by_page"]
ReceiptRule = Literal["arrival", "confirmation", "handed_on"]
RemedyKind = Literal["review_first", "split", "split_if_taken", "choice", "if_taken", "none"]


class Lasting(Dated):
    """A row that what is recorded points to by its key: it may come and end, but stays in the file.

    Several rows may have one key, each for its own days. Without dates it holds always.
    """

    in_force: date = date.min

    @property
    def named(self) -> str:
        """The key it is pointed to by."""
        return str(getattr(self, "key", "") or getattr(self, "kind", ""))


class Keyed(Dated):
    """A dated row that the law asks for by its key; what = what such a row is."""

    what: ClassVar[str]
    key: str


class Period(Keyed):
    """A statutory period: `days` in `unit` (工作日, 自然日 or 月)."""

    what: ClassVar[str] = "期限"
    label: str
    days: int
    unit: Unit
    article: str
    source: str


class ClockRule(Lasting):
    """What one kind of event does to the limit for the reply, and to which kind of limit.

    moves = the limits it touches: Art. 33's own, or a term set by a court, a review authority, a
    superior (Art. 51)
    """

    kind: str
    label: str
    effect: ClockEffect
    article: str
    moves: tuple[Limit, ...]


class Band(Row):
    """One band of a tariff: up to the piece or page `to` (None = no end), `yuan` for each.

    every, rise = the last band goes up by `rise` yuan with every further `every` pieces
    """

    to: int | None = None
    yuan: int
    every: int = 0
    rise: int = 0


class Tariff(Dated):
    """What information costs by one standard, progressive on the excess (收费办法)."""

    standard: Standard
    label: str
    unit: str
    scope: str
    article: str
    bands: tuple[Band, ...]
    source: str


class Channel(Lasting):
    """A way an application comes in, and what fixes the date of receipt (Art. 31).

    received_on = arrival (送达), confirmation (of both sides, due on the day of arrival), or handed_on
                (to the disclosure office by another of ours, and confirmed)
    receipt_choice = the point of practice.toml that settles it where it is disputed
    oral = whether an application may be made by word of mouth in it (Art. 29)
    """

    key: str
    label: str
    received_on: ReceiptRule
    receipt_choice: str = ""
    oral: bool = False
    article: str
    aliases: tuple[str, ...] = ()


class Outcome(Lasting):
    """A result: its row in table 三, its basis, its letter, its remedy and what it must state.

    key       = the name of its template
    row       = code in table 三 ("3.4.1")
    row_choice = the point of practice.toml that settles a disputed row; its options are row codes
    family    = the tab it is drafted on
    articles  = legal basis ("36(5)": article 36, item 5 of the 条例)
    suit_choice = the point of practice.toml on what is said of a suit that the court may not take
    requires  = particulars without which it cannot be submitted
    asks      = questions that must have been answered before it (fields of its tab)
    secrecy_review = whether its answer passes secrecy review before it is signed (Art. 17): by its
                ground, by giving information (where practice.toml says so), or not at all
    """

    key: str
    row: str
    family: str
    label: str
    letter: str
    articles: tuple[str, ...]
    basis: str
    remedy: RemedyKind
    requires: tuple[str, ...] = ()
    asks: tuple[Literal["public_interest", "open_by_law"], ...] = ()
    row_choice: str = ""
    suit_choice: str = ""
    secrecy_review: Literal["", "ground", "given"] = ""


class Remedy(Dated):
    """The clause that a final letter carries, by legal basis and date of decision.

    online = whether it is served online only with an online channel of review (复议法 22)
    """

    kind: RemedyKind
    clauses: tuple[str, ...]
    online: bool = False
    article: str
    source: str


class LetterKind(Lasting):
    """A letter of the procedure (not a final reply): receipt, correction, extension …

    subject = whose acts issue it: applications, or requests to correct records (Art. 41)
    remedy  = the clause it carries; the letters on the way to the reply carry none
    """

    key: str
    code: str
    label: str
    article: str
    series: str
    subject: Literal["application", "records_correction"] = "application"
    remedy: RemedyKind = "none"


class ReviewResult(Lasting):
    """How a review or a suit can end: at which instance, and its column of table 四.

    column = 尚未审结 for a case sent back to be heard again; 同一审 for a first judgment upheld,
    同原裁判 for one that a retrial leaves as it was
    """

    key: str
    label: str
    column: Literal["结果维持", "结果纠正", "其他结果", "尚未审结", "同一审", "同原裁判"]
    instances: tuple[Literal["复议", "一审", "二审", "再审"], ...]
    article: str


class AlertRule(Lasting):
    """When a kind of duty is told, in working days, and to whom besides its officer.

    before, after  days before and after the last one; every = then each so many (0 = no more)
    escalate       from how many days left the head of the office is told, too; None = never
    """

    kind: str
    label: str
    article: str
    before: tuple[int, ...]
    on_day: bool
    after: tuple[int, ...]
    every: int
    to: tuple[Literal["handle", "review", "secrecy", "head", "sign"], ...]
    escalate: int | None = None
    reason: str


class Choice(Keyed):
    """A point on which the law is unsettled: the options, ours, why, who, when.

    label = its short name, by which an explanation names it where no article decides
    """

    what: ClassVar[str] = "争议事项"
    label: str = ""
    question: str
    options: dict[str, str]
    chosen: str
    article: str
    reason: str
    decided_by: str
    decided_on: date


UNITS = ("days", "years", "percent", "minutes")


class Figure(Keyed):
    """A number that the law leaves open (“合理”): ours, why, who, when.

    One of: days = working days, years, percent, minutes
    """

    what: ClassVar[str] = "数字"
    label: str
    days: int = PydanticField(default=0, ge=0)
    years: int = PydanticField(default=0, ge=0)
    percent: int = PydanticField(default=0, ge=0, le=100)
    minutes: int = PydanticField(default=0, ge=0)
    article: str
    reason: str
    decided_by: str
    decided_on: date

    @property
    def unit(self) -> str:
        """In which of the four it is stated."""
        return next(unit for unit in UNITS if getattr(self, unit))
