"""`disclosure import`: an existing ledger (台账), CSV or XLSX, into the register; all rows or none.

Everything that is doubtful about it is found before anything is loaded; meanwhile its rows are kept
packed, some ten times smaller than they are. A row that the register has already, and says
otherwise, is put right by an act (勘误), if that is asked for (flows/commands/ledger_corrections.py).
"""

from __future__ import annotations

import pickle
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import normalize

from sqlmodel import Session

from flows import office
from flows.commands.ledger_corrections import Differing, difference, put_right
from flows.commands.ledger_doubts import DoubtfulLedger
from flows.commands.ledger_file import tables
from flows.commands.ledger_rows import NEEDED, Checking
from flows.commands.ledger_said import Doubt, DoubtfulRow, LedgerRow
from flows.commands.ledger_table import Table
from flows.commands.ledger_told import Told
from flows.commands.ledger_values import BadLedger
from flows.path.form_fields import By
from flows.path.signing import signed
from models.acts.afterwards.erratum import Erratum
from models.agency.ledger_words import LedgerWords
from models.case.act import Circumstances
from models.duties import projection
from models.errors import DisclosureError
from models.law.workdays import written
from models.register import complete_since, numbers_meant, register
from models.register.codes import Signature
from models.report_tables.form import Form
from models.year.year_figures import Tables, tables_of_years

OFFICER = "台账导入"
NOBODY = By(OFFICER, "")
BATCH = 500
SHORTEST_ALIKE: Final = 4
ALIKE: Final = "除登记号外各栏都相同的，都导入了，请核对是不是登记了两遍"


@dataclass(frozen=True)
class Asked:
    """How a ledger is to be loaded.

    old_closed  the day on which open rows from before the rules we hold are taken as closed
    prefix      put before every 登记号; {年}, {月}, {表} = of receipt, the name of the sheet
    hidden      hidden rows and sheets, too
    correct     rows that the register has otherwise are put right, for this reason
    year        of days that are written without one; None = the one that the sheet is of
    columns     what the ledger calls a column, besides ledger.toml: (登记簿的列, 台账的表头)
    named       names that hold a telephone or identity number are taken as they are
    month_only  first, last: which day stands for a month, where a day is known by that alone
    kind        of the applicants of whom the ledger says none, where their names do not tell
    """

    old_closed: date | None = None
    prefix: str = ""
    hidden: bool = False
    correct: str = ""
    year: int | None = None
    columns: tuple[tuple[str, str], ...] = ()
    named: bool = False
    month_only: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Imported:
    """How many rows were added, how many the register had already; and what is to be told of them.

    sheets = rows by sheet, where there are several; corrected = known ones that were put right
    """

    added: int
    known: int
    corrected: int = field(default=0, compare=False)
    sheets: dict[str, int] = field(default_factory=dict, compare=False)
    told: tuple[str, ...] = field(default=(), compare=False)
    years: dict[int, Tables] = field(default_factory=dict, compare=False)


class _Tried(Exception):
    """A ledger was loaded to see what it gives; nothing of it is to stay."""

    def __init__(self, done: Imported) -> None:
        self.done = done


@dataclass
class _Ledger:
    """A ledger's file, and how its rows are read."""

    path: Path
    tables: list[Table]
    checking: Checking
    hidden: bool

    def rows(self) -> Iterator[LedgerRow | DoubtfulRow]:
        for table in self.tables:
            listed = table.rows(self.checking.told, hidden=self.hidden)
            yield from map(self.checking.row, listed)


def import_ledger(
    path: Path,
    forms: tuple[Form, ...],
    progress: Callable[[int, int], None],
    asked: Asked = Asked(),
    by: By = NOBODY,
) -> Imported:
    """Load a ledger in one transaction; importing it again adds nothing.

    by = who puts right what the register has otherwise. Raises BadLedger; DoubtfulLedger with all
    that is doubtful about its rows.
    """
    checked = _checked(path, forms, asked)
    differing = checked.differing

    def load(session: Session) -> Imported:
        put_right(session, differing, asked.correct, by.officer)
        return _load(session, checked, len(differing), progress)

    if differing:
        return signed(Signature(*by, Erratum.kind), load, lambda _: None)
    with office.writing() as session:
        return load(session)


def try_ledger(
    path: Path,
    forms: tuple[Form, ...],
    progress: Callable[[int, int], None],
    asked: Asked = Asked(),
) -> Imported:
    """What loading a ledger would give, with the tables of each year that it touches; nothing stays."""
    checked = _checked(path, forms, asked)
    years = [year for year in sorted(checked.years) if any(form.covers(year) for form in forms)]
    try:
        with office.writing() as session:
            done = _load(session, checked, 0, progress)
            rules, law, today = office.annual_rules(), office.law(), office.today()
            found = tables_of_years(session, years, today, law, rules) if years else {}
            raise _Tried(replace(done, years=found))  # noqa: TRY301 — takes all of it back
    except _Tried as tried:
        return tried.done


def read(
    path: Path,
    forms: tuple[Form, ...],
    now: Circumstances,
    words: LedgerWords,
    asked: Asked = Asked(),
) -> Iterator[LedgerRow]:
    """The rows of a ledger; DoubtfulLedger with all that is doubtful about them."""
    ledger = _opened(path, forms, now, words, asked)
    doubts: list[Doubt] = []
    sound = [row for row in ledger.rows() if _sound(row, doubts)]
    if doubts:
        raise DoubtfulLedger(path, doubts, ledger.tables)
    return (row for row in sound if isinstance(row, LedgerRow))


def _sound(row: LedgerRow | DoubtfulRow, doubts: list[Doubt]) -> bool:
    if isinstance(row, DoubtfulRow):
        doubts += row.doubts
    return isinstance(row, LedgerRow)


def _opened(
    path: Path, forms: tuple[Form, ...], now: Circumstances, words: LedgerWords, asked: Asked
) -> _Ledger:
    told = Told()
    words = words.with_columns(asked.columns)
    needed = [name for name in NEEDED if not (asked.kind and name == "申请人类别")]
    found = tables(path, needed, words, told, hidden=asked.hidden)
    how = asked.old_closed, asked.prefix, asked.year, asked.named, asked.month_only, asked.kind
    checking = Checking(forms, now, words, told, *how)
    if any("提交方式" not in table.places for table in found):
        told.tell(f"没有“提交方式”一列的，各件按“{checking.unsaid_channel}”")
    return _Ledger(path, found, checking, asked.hidden)


# ── the first reading ─────────────────────────────────────────────────────────────────────────


@dataclass
class _Checked:
    """What the reading found: its rows (in packed batches), in which years, and which differ."""

    ledger: _Ledger
    count: int = 0
    packed: list[bytes] = field(default_factory=list)
    sheets: Counter[str] = field(default_factory=Counter)
    years: set[int] = field(default_factory=set)
    differing: list[Differing] = field(default_factory=list)

    def keep(self, batch: list[LedgerRow], today: date) -> None:
        self.count += len(batch)
        self.packed.append(zlib.compress(pickle.dumps([*map(tuple, batch)]), 1))
        self.sheets.update(row.sheet for row in batch)
        for first, last in {(r.received_on.year, (r.closed_on or today).year) for r in batch}:
            self.years |= {first, last, *range(first, last)}

    def batches(self) -> Iterator[list[LedgerRow]]:
        unpacked = (pickle.loads(zlib.decompress(one)) for one in self.packed)
        return ([*map(LedgerRow._make, batch)] for batch in unpacked)


class _Seen(NamedTuple):
    """The row that had a number first: where it stands, and what it says in short."""

    sheet: str
    place: str
    number: str
    received_on: date | None
    said: int

    @classmethod
    def of(cls, row: LedgerRow | DoubtfulRow, *, alone: bool) -> _Seen:
        """alone = the ledger has no other sheet, whose row may say the same"""
        said = 0 if alone else row.said()
        return cls(row.sheet, row.place, row.number, row.received_on, said)


def _checked(path: Path, forms: tuple[Form, ...], asked: Asked) -> _Checked:
    """Read a ledger for all that is doubtful about it; DoubtfulLedger."""
    now = office.circumstances(OFFICER)
    ledger = _opened(path, forms, now, office.ledger_words(), asked)
    found, doubts, seen = _Checked(ledger), list[Doubt](), dict[str, _Seen]()
    alone = len(ledger.tables) == 1

    alike = dict[int, str]()

    def tell_alike(row: LedgerRow) -> None:
        """A row that says the same as one before, but for its number: it may have been listed twice."""
        if len(row.request) < SHORTEST_ALIKE:
            return
        before = alike.setdefault(row.besides_number(), row.place)
        if before != row.place:
            ledger.checking.told.tell(ALIKE, f"{row.place}同{before}")

    def unseen() -> Iterator[LedgerRow]:
        for row in ledger.rows():
            sound = isinstance(row, LedgerRow)
            doubts.extend(() if isinstance(row, LedgerRow) else row.doubts)
            key = normalize("NFKC", row.number)
            first = seen.get(key)
            if first is None:
                if key:
                    seen[key] = _Seen.of(row, alone=alone)
                if isinstance(row, LedgerRow):
                    tell_alike(row)
                    yield row
            elif first.sheet == row.sheet or first.said != row.said():
                doubts.append(_twice(row, first))
            elif sound:
                told = f"{row.place}同{first.place}"
                ledger.checking.told.tell("别的工作表中各栏都相同的行，只导入一次", told)

    with office.reading() as session:
        rows = unseen()
        while batch := list(islice(rows, BATCH)):
            found.keep(batch, now.today)
            written = {row.number: {row.number, *_widths(row.number)} for row in batch}
            known = numbers_meant.known(session, list(chain(*written.values())))
            doubts += _of_other_width(batch, written, known)
            found.differing += _differing(session, batch, known, now)
    for one in found.differing:
        if not asked.correct or not one.can_be_put_right:
            doubts.append(Doubt(one.row.sheet, one.row.line, one.short, "", one.advice))
    if doubts:
        order = [table.sheet.name for table in ledger.tables]
        doubts.sort(key=lambda one: (order.index(one.sheet), one.line))
        raise DoubtfulLedger(path, doubts, ledger.tables, ledger.checking.told.lines())
    if not found.count:
        told = "；".join(ledger.checking.told.lines())
        raise BadLedger(path.name, None, f"没有可以导入的行{'；' if told else ''}{told}")
    return found


def _twice(row: LedgerRow | DoubtfulRow, first: _Seen) -> Doubt:
    short = f"登记号“{row.number}”与{first.place}重复"
    if row.number != first.number:
        short = f"登记号“{row.number}”与{first.place}的“{first.number}”只是全角、半角不同"
    return Doubt(row.sheet, row.line, short, "登记号", _prefixed(row, first))


def _of_other_width(
    batch: Sequence[LedgerRow], written: Mapping[str, set[str]], known: set[str]
) -> Iterator[Doubt]:
    """Those of these rows whose number the register has, written in characters of the other width.

    written = each number as it may be written; known = those of them that the register has
    """
    for row in batch:
        others = written[row.number] & known - {row.number}
        if others and row.number not in known:
            short = f"登记号“{row.number}”与登记簿中的“{min(others)}”只是全角、半角不同"
            yield Doubt(row.sheet, row.line, short, "登记号", "；是同一件的，照登记簿写")


def _widths(number: str) -> tuple[str, str]:
    """A number in half and in full width."""
    half = normalize("NFKC", number)
    return half, half.translate(_WIDE)


_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def _prefixed(row: LedgerRow | DoubtfulRow, first: _Seen) -> str:
    """What would tell two rows of one number apart, by where they stand and when they came."""
    other_year = other_month = False
    if row.received_on is not None and first.received_on is not None:
        here, there = row.received_on, first.received_on
        other_year = here.year != there.year
        other_month = not other_year and here.month != there.month
    if row.sheet != first.sheet and other_month:
        return "；编号每月、每个单位从头编的，加 --prefix {年}{月}- 或者 --prefix {表}-"
    if row.sheet != first.sheet:
        return "；编号每年、每个单位从头编的，加 --prefix {年}- 或者 --prefix {表}-"
    if other_year:
        return "；编号每年从头编的，加 --prefix {年}-"
    if other_month:
        return "；编号每月从头编的，加 --prefix {年}{月}-"
    return "；是同一件（几个人提出、分几次答复、登记了两遍）的，合为一行；是两件的，各写一个编号"


def _differing(
    session: Session, batch: Sequence[LedgerRow], known: set[str], now: Circumstances
) -> Iterator[Differing]:
    """Those of these rows that the register has otherwise; known = the numbers that it has."""
    there = [row.number for row in batch if row.number in known]
    cases = register.cases(session, there) if there else {}
    persons = register.applicants(session, there) if there else {}
    for row in batch:
        if row.number in cases:
            one = difference(row, cases[row.number], persons[row.number].contact, now)
            if one is not None:
                yield one


# ── the second ────────────────────────────────────────────────────────────────────────────────


def _load(
    session: Session, checked: _Checked, corrected: int, progress: Callable[[int, int], None]
) -> Imported:
    now, ledger = office.circumstances(OFFICER), checked.ledger
    limits = projection.Limits(now.law)
    done = added = 0
    for batch in checked.batches():
        known = numbers_meant.known(session, [row.number for row in batch])
        new = [row for row in batch if row.number not in known]
        if new:
            stated = ((row.person(), row.acts()) for row in new)
            register.take_over(session, stated, now, office.now(), limits)
        done, added = done + len(batch), added + len(new)
        progress(done, checked.count)
    sheets = dict(checked.sheets) if len(ledger.tables) > 1 else {}
    told = tuple(ledger.checking.told.lines())
    return Imported(added, done - added, corrected, sheets, told)


class NotYetComplete(DisclosureError):
    """A register is said to be complete from a day to come."""

    def __init__(self, since: date, today: date) -> None:
        super().__init__(f"登记簿完整的起始日期 {written(since)} 晚于今天（{written(today)}）")


def keep_complete_since(since: date, by: str) -> bool:
    """Keep from which day on the register is complete; False if it is kept already.

    Raises NotYetComplete for a day to come.
    """
    if since > office.today():
        raise NotYetComplete(since, office.today())
    with office.writing() as session:
        return complete_since.record(session, since, by or OFFICER, office.today(), office.now())
