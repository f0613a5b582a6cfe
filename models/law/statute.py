"""config/ as typed, dated, validated values: what the law says, in figures; where each is from.

Loaded once by `load(folder)`; every look-up names the day it is asked for, and a day that no
row covers is an error (`NoRuleInForce`), never the last row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import Field as PydanticField

from models.errors import ConfigFault, NoRuleInForce
from models.law.config_rows import Dated, Row, read_rows, read_toml, rows_in
from models.law.workdays import Calendar

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


COUNTING = 2
"""Raised with every change of the program by which the same facts have another limit (in the change
note of kind "law"): the first sweep then counts every open case again, and tells what moved.
"""

AS_SHIPPED = "出厂设置"
"""What stands for the name of who decided where nobody has."""


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


D = TypeVar("D", bound=Dated)


def _spans(rows: Iterable[tuple[str, D]]) -> dict[str, tuple[tuple[date, date, D], ...]]:
    """First and last day of each row by its key, the later ones first: asked for with every limit."""
    found: dict[str, tuple[tuple[date, date, D], ...]] = {}
    for key, row in rows:
        found[key] = ((row.in_force, row.until or date.max, row), *found.get(key, ()))
    return found


L = TypeVar("L", bound=Lasting)


class Book(dict[str, L], Generic[L]):
    """Rows by key: the latest of each, by which it is called; and those of any day."""

    def __init__(self, rows: Sequence[L], file: str = "") -> None:
        self.rows, self.file = tuple(sorted(rows, key=lambda row: row.in_force)), file
        self._spans = _spans((row.named, row) for row in self.rows)
        super().__init__({row.named: row for row in self.rows})

    def __missing__(self, key: str) -> L:
        raise ConfigFault(
            self.file, f"“{key}”", "登记簿用到它，文件中没有这一行；请补回（可填写 until）"
        )

    def __repr__(self) -> str:
        return repr(self.rows)

    def on(self, key: str, day: date) -> L:
        """The row of this key for that day; NoRuleInForce if there was none yet, or none any more.

        Raises ConfigFault for a key that the file lacks: what is recorded points to it.
        """
        spans = self._spans.get(key, ())
        for first, last, row in spans:
            if first <= day <= last:
                return row
        raise NoRuleInForce(self[key].named, day, min(first for first, _, _ in spans))

    def offered(self, day: date) -> dict[str, L]:
        """The rows that what is done on that day may point to, in the order of the file."""
        covering = {row.named: row for row in self.rows if row.covers(day)}
        return {key: covering[key] for key in self if key in covering}


K = TypeVar("K", bound=Keyed)


class DatedRows(tuple[K, ...]):
    """The rows of a table in the order of its file; of a key and a day the last that covers it."""

    def __init__(self, rows: Iterable[K] = ()) -> None:
        self._spans = _spans((row.key, row) for row in self)

    def on(self, key: str, day: date) -> K:
        """The row of this key in force on that day; NoRuleInForce if there is none."""
        spans = self._spans.get(key, ())
        for first, last, row in spans:
            if first <= day <= last:
                return row
        known = [row.label for _, _, row in spans if isinstance(row, Period)]
        what = known[-1] if known else f"{self[0].what} {key}"
        raise NoRuleInForce(what, day, min((first for first, _, _ in spans), default=None))


@dataclass(frozen=True, kw_only=True)
class Statute:
    """The law as this installation holds it: one immutable value, passed to whoever decides."""

    calendar: Calendar
    periods: DatedRows[Period]
    clock: Book[ClockRule]
    channels: Book[Channel]
    outcomes: Book[Outcome]
    remedies: tuple[Remedy, ...]
    letters: Book[LetterKind]
    choices: DatedRows[Choice]
    figures: DatedRows[Figure]
    review_results: Book[ReviewResult]
    tariffs: tuple[Tariff, ...]
    particulars: dict[str, str]
    alerts: Book[AlertRule]
    notice_from: tuple[int, int]
    soon: int
    supply_days: int

    @cached_property
    def period(self) -> Callable[[str, date], Period]:
        """The period `key` in force on a day (units in the row); NoRuleInForce if there is none."""
        return self.periods.on

    def choice(self, key: str, on: date) -> str:
        """The option chosen for a disputed point, in force on that day."""
        return self.choices.on(key, on).chosen

    def figure(self, key: str, on: date) -> Figure:
        """The figure for what the law leaves open, in force on that day."""
        return self.figures.on(key, on)

    def undecided(self, on: date) -> tuple[str, ...]:
        """The points of practice.toml that nobody of this office has decided: as they were shipped."""
        rows: tuple[Choice | Figure, ...] = (*self.choices, *self.figures)
        return tuple(
            row.label or (row.question if isinstance(row, Choice) else row.key)
            for row in rows
            if row.covers(on) and AS_SHIPPED in row.decided_by
        )

    def practice(self, key: str, on: date) -> str:
        """The option chosen, as an explanation names what no article decides."""
        row = self.choices.on(key, on)
        return f"本机关的选择“{row.label}”：{row.options[row.chosen]}"

    def since(self, key: str) -> date:
        """The first day on which a period was law."""
        return min(row.in_force for row in self.periods if row.key == key)

    def row(self, outcome: str, on: date) -> str:
        """The row of table 三 in which an outcome of that day counts (code, "3.4.1")."""
        found = self.outcomes.on(outcome, on)
        return self.choice(found.row_choice, on) if found.row_choice else found.row

    def receipt_rule(self, channel: str, arrived_on: date) -> ReceiptRule:
        """What fixes the date of receipt of an application that came in this way on that day (31)."""
        row = self.channels.on(channel, arrived_on)
        point = self.disputed(row.receipt_choice, arrived_on)
        chosen: dict[str, ReceiptRule] = {"arrival": "arrival", "confirmation": "confirmation"}
        return chosen[point.chosen] if point else row.received_on

    def disputed(self, key: str, on: date) -> Choice | None:
        """The point, while it was disputed; None on a day when it was not, or is not any more."""
        return next((row for row in self.choices if row.key == key and row.covers(on)), None)

    def tariff(self, standard: Standard, on: date) -> Tariff:
        """The tariff by piece or by page in force on that day (yuan)."""
        rows = [row for row in self.tariffs if row.standard == standard]
        return _in_force(rows, f"收费标准 {standard}", on)

    def remedy(self, kind: RemedyKind, decided_on: date) -> Remedy:
        """The remedy row for a legal basis and the date of the decision (domain: remedies)."""
        rows = [row for row in self.remedies if row.kind == kind]
        return _in_force(rows, f"救济告知 {kind}", decided_on)

    def under(self, **options: str) -> Statute:
        """The same law with other options chosen on disputed points: for tests and what-if."""
        unknown = options.keys() - {row.key for row in self.choices}
        if unknown:
            raise NoRuleInForce(f"争议事项 {'、'.join(sorted(unknown))}", "任何一天")
        changed = DatedRows(
            _choose(row, options[row.key]) if row.key in options else row for row in self.choices
        )
        return replace(self, choices=changed)

    def notice_awaited(self, year: int) -> date:
        """The day of a year from which its next year's holiday notice is asked for."""
        return date(year, *self.notice_from)

    @cached_property
    def _mark(self) -> str:
        rules = (
            COUNTING,
            self.periods,
            self.clock,
            self.choices,
            self.alerts,
            self.calendar.mark(),
        )
        return sha256(repr(rules).encode()).hexdigest()

    def mark(self) -> str:
        """The same for the same rules of counting and alerting: limits need no new look under it."""
        return self._mark

    def with_calendar(self, calendar: Calendar) -> Statute:
        """The same law under another calendar (a new year's notice)."""
        return replace(self, calendar=calendar)


NUMERALS = "〇一二三四五六七八九"
PARAGRAPHED = ("16", "39")  # articles of the 条例 that have 款 where the others cited have 项


@cache
def article_label(article: str) -> str:
    """An article as the statutes cite it: "36(5)" → 条例第三十六条第五项; other sources stand as is."""
    number, _, item = article.partition("(")
    if not number.isdigit():
        return article
    tens, ones = divmod(int(number), 10)
    words = ("" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens]}十") + (
        NUMERALS[ones] if ones else ""
    )
    digit = item.removesuffix(")")
    below = "款" if number in PARAGRAPHED else "项"
    return f"条例第{words}条" + (f"第{NUMERALS[int(digit)]}{below}" if digit.isdigit() else "")


def row_label(code: str) -> str:
    """A row of table 三 as the form prints it: "3.6.1" → 三（六）1; "3.1" → 三（一）."""
    part, *below = code.split(".")
    group, *item = (*below, "")
    words = NUMERALS[int(part)] + (f"（{NUMERALS[int(group)]}）" if group else "")
    return words + "".join(item)


def _in_force(rows: Sequence[D], what: str, on: date) -> D:
    found = [row for row in rows if row.covers(on)]
    if not found:
        raise NoRuleInForce(what, on, min((row.in_force for row in rows), default=None))
    return found[-1]


def _choose(row: Choice, option: str) -> Choice:
    if option not in row.options:
        raise ConfigFault("practice.toml", row.key, f"选项应为 {'、'.join(row.options)} 之一")
    return row.model_copy(update={"chosen": option})


def _in_one_unit(row: Figure) -> Figure:
    if sum(bool(getattr(row, unit)) for unit in UNITS) != 1:
        raise ConfigFault(
            "practice.toml", row.key, "days、years、percent、minutes 应恰填其一，为正整数"
        )
    return row


def _keyed(path: Path, table: str, rows: Sequence[L]) -> Book[L]:
    """The rows by key; ConfigFault where two of one key hold on the same day."""
    book = Book(rows, path.name)
    for earlier, later in combinations(book.rows, 2):
        if earlier.named == later.named and earlier.covers(later.in_force):
            raise ConfigFault(
                path.name, f"[[{table}]]", f"{later.named} 在 {later.in_force} 有两行"
            )
    return book


def _tariffs(path: Path) -> tuple[Tariff, ...]:
    """The tariffs; ConfigFault where the bands are not in order, or the last one has an end."""
    rows = read_rows(path, "tariff", Tariff)
    for n, row in enumerate(rows, 1):
        ends = [band.to or 0 for band in row.bands]
        ordered = len(ends) > 1 and ends[0] > 0 and ends[:-1] == sorted(set(ends[:-1]))
        if not ordered or ends[-1]:
            raise ConfigFault(
                path.name, f"第 {n} 个 [[tariff]] 的 bands", "应逐档递增，末档没有 to"
            )
    return rows


def _alerts(content: Mapping[str, object], path: Path) -> Book[AlertRule]:
    """The alerts by kind of duty; ConfigFault where their days are not positive and in order."""
    rows = rows_in(content, path, "alert", AlertRule)
    for n, row in enumerate(rows, 1):
        days = (*row.before, *row.after)
        ordered = row.after == tuple(sorted(set(row.after)))
        if min(days, default=1) < 1 or not ordered or row.every < 0:
            raise ConfigFault(
                path.name,
                f"第 {n} 个 [[alert]]",
                "before、after 应为正整数，after 应递增，every 不为负",
            )
    return _keyed(path, "alert", rows)


def _pointing(path: Path, rows: Iterable[Outcome | Channel], points: set[str]) -> None:
    """ConfigFault where a row names a point that practice.toml does not have."""
    for row in rows:
        for name in ("row_choice", "suit_choice", "receipt_choice"):
            point = getattr(row, name, "")
            if point and point not in points:
                raise ConfigFault(path.name, f"{row.key} 的 {name}", f"practice.toml 没有 {point}")


def _notice_from(content: Mapping[str, object], path: Path) -> tuple[int, int]:
    """Month and day from which next year's holiday notice is asked for; ConfigFault otherwise."""
    value = content.get("notice_from")
    try:
        day = date.fromisoformat(f"2023-{value}")  # not a leap year: every year has the day
    except ValueError:
        raise ConfigFault(path.name, "notice_from", "应为月-日，如 11-01") from None
    return day.month, day.day


def _days(content: Mapping[str, object], path: Path, key: str) -> int:
    """A number of working days that stands by itself in a file; ConfigFault otherwise."""
    value = content.get(key)
    if not isinstance(value, int) or value < 1:
        raise ConfigFault(path.name, key, "应为正整数，如 5")
    return value


def load(folder: Path) -> Statute:
    """The whole of config/statute, config/workdays, practice.toml and alerts.toml; any fault names
    its place.
    """
    statute = folder / "statute"
    practice_file, alerts_file = folder / "practice.toml", folder / "alerts.toml"
    practice, alerts = read_toml(practice_file), read_toml(alerts_file)
    choices = rows_in(practice, practice_file, "choice", Choice)
    for row in choices:
        _choose(row, row.chosen)
    outcomes_file, letters_file = statute / "outcomes.toml", statute / "letters.toml"
    outcomes = _keyed(
        outcomes_file, "outcome", read_rows(outcomes_file, "outcome", Outcome, continued=True)
    )
    channels_file = statute / "channels.toml"
    channels = read_rows(channels_file, "channel", Channel)
    _pointing(outcomes_file, outcomes.values(), {row.key for row in choices})
    _pointing(channels_file, channels, {row.key for row in choices})
    particulars = read_toml(statute / "particulars.toml").get("particulars")
    if not isinstance(particulars, dict):
        raise ConfigFault("particulars.toml", "[particulars]", "应列出各事项的中文名称")
    return Statute(
        calendar=Calendar.load(folder / "workdays"),
        periods=DatedRows(read_rows(statute / "periods.toml", "period", Period)),
        clock=_keyed(
            statute / "clock.toml",
            "event",
            read_rows(statute / "clock.toml", "event", ClockRule),
        ),
        channels=_keyed(channels_file, "channel", channels),
        outcomes=outcomes,
        remedies=read_rows(statute / "remedies.toml", "remedy", Remedy),
        letters=_keyed(letters_file, "letter", read_rows(letters_file, "letter", LetterKind)),
        choices=DatedRows(choices),
        figures=DatedRows(map(_in_one_unit, rows_in(practice, practice_file, "figure", Figure))),
        review_results=_keyed(
            statute / "review_results.toml",
            "result",
            read_rows(statute / "review_results.toml", "result", ReviewResult),
        ),
        tariffs=_tariffs(statute / "fees.toml"),
        particulars={str(key): str(label) for key, label in particulars.items()},
        alerts=_alerts(alerts, alerts_file),
        notice_from=_notice_from(alerts, alerts_file),
        soon=_days(alerts, alerts_file, "soon"),
        supply_days=_days(alerts, alerts_file, "supply_days"),
    )
