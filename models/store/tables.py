"""The tables of the register, and the words their columns may hold.

The events are the truth; an `Application` row is what they add up to and can be rebuilt
(models/register/register.py). Nothing is ever deleted.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlmodel import Field, SQLModel

from models.store.sealed_text import SealedText


class Table(SQLModel):
    """A table of the register. What would judge its rows is made when one is judged, which is never:
    rows are made of what was judged before, and no command waits for it at its start.
    """

    model_config = {"defer_build": True}


class Event(Table, table=True):
    """One act, as recorded: never changed, never deleted; (case, position) is unique.

    version = of the act's facts (models/case/recorded.py);
    on = the legal date it took effect; recorded_on / recorded_at = when it was entered;
    letters = the letters it issued: kind, number, dated.
    """

    case_number: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    kind: str = Field(max_length=40)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    on: date = Field(sa_column_kwargs={"name": "effective_on"})
    recorded_on: date = Field(index=True)
    recorded_at: datetime
    officer: str = Field(max_length=60)
    article: str = Field(max_length=60)
    facts: dict[str, Any] = Field(default={}, sa_column=Column(JSON, nullable=False))
    letters: list[dict[str, str]] = Field(default=[], sa_column=Column(JSON, nullable=False))


class Application(Table, table=True):
    """The register row of an application as it stands: derived from its events, for look-up.

    by_history = how table 三 counts it is asked of its events (models/register/counted_in_table3.py)

    What the law computes stands here as computed with the calendar and rules of the last act or
    sweep, for lists to filter by; whoever decides computes it from the events again:
    last_day, provisional = the limit for the reply (models/duties/duties.py), also of a closed case
    waiting, waiting_until = what others owe it: "" | 补正 | 缴费 | 意见 | 材料 | 说明理由, and how long
    look_on = no alert is due before this day; None = none is (the sweep moves it on)
    """

    __table_args__ = (Index("application_by_history", "number"),)  # of those that are: few

    number: str = Field(primary_key=True, max_length=64)
    position: int
    stage: str = Field(max_length=10, index=True)
    channel: str = Field(max_length=40)
    applicant_kind: str = Field(max_length=10)
    applicant: str = Field(max_length=200, index=True)
    request: str = Field(sa_column=Column(Text, nullable=False))
    officer: str = Field(max_length=60)
    arrived_on: date
    received_on: date | None = Field(default=None, index=True)
    received_recorded_on: date | None = None
    closed_on: date | None = Field(default=None, index=True)
    closed_recorded_on: date | None = None
    outcome: str | None = Field(default=None, max_length=40)
    row: str | None = Field(default=None, max_length=8)
    by_history: bool = Field(default=False)
    last_day: date | None = Field(default=None, index=True)
    provisional: bool = False
    waiting: str = Field(default="", max_length=10)
    waiting_until: date | None = None
    look_on: date | None = Field(default=None, index=True)

    @property
    def untimed(self) -> bool:
        """Whether nobody can say whether its limit was kept."""
        return untimed(self.row, self.outcome)


def untimed(row: str | None, outcome: str | None) -> bool:
    """Whether a result is a ledger's, which tells no steps: an extension, a correction, a pause would
    have moved the limit, and nobody can say whether it was kept.
    """
    return row is not None and outcome is None


_BY_HISTORY = {"sqlite": "by_history = 1", "postgresql": "by_history"}


def _index_few(table: Any, connection: Connection, **_: object) -> None:
    """Index by history those alone that are counted so. How each database says that is told to it when
    its table is made: to tell it here would load what SQLAlchemy has for both, at every start.
    """
    (index,) = (one for one in table.indexes if one.name == "application_by_history")
    dialect = connection.dialect.name
    index.dialect_options[dialect]["where"] = text(_BY_HISTORY[dialect])


event.listen(Application.__table__, "before_create", _index_few)  # type: ignore[attr-defined]


class Applicant(Table, table=True):
    """What identifies and reaches the applicant: kept apart from the events, never in Prefect.

    Sealed in the database (models/store/sealing.py); the columns are those of models/case/personal.py.
    intake = the submission it came with: the same one taken in twice is one application.
    """

    case_number: str = Field(primary_key=True, max_length=64)
    intake: str | None = Field(default=None, unique=True, max_length=64)
    identity: str = Field(default="", sa_column=Column(SealedText, nullable=False))
    contact: str = Field(default="", sa_column=Column(SealedText, nullable=False))
    address: str = Field(default="", sa_column=Column(SealedText, nullable=False))


class KeyProof(Table, table=True):
    """A sealed word that only the right key opens: a wrong key is noticed before anything else."""

    id: int = Field(default=1, primary_key=True)
    proof: str = Field(sa_column=Column(Text, nullable=False))


class Document(Table, table=True):
    """A numbered letter: its wording is kept, so that the file can be written again.

    A voided letter keeps its number; the reason stands with it.
    """

    __table_args__ = (Index("document_of_case", "case_number", "position"),)

    series: str = Field(primary_key=True, max_length=20)
    year: int = Field(primary_key=True)
    serial: int = Field(primary_key=True)
    number: str = Field(max_length=80, unique=True)
    case_number: str = Field(max_length=64)
    position: int
    kind: str = Field(max_length=40)
    letter: str = Field(sa_column=Column(Text, nullable=False))
    voided_on: date | None = None
    void_reason: str = Field(default="", sa_column=Column(Text, nullable=False))


class Link(Table, table=True):
    """One row that was recorded, linked to the one before it: evidence that nothing was altered.

    line, place  what was recorded (models/store/evidence.py): `event SQ202600001`, `3`
    form         how its content was written down to be digested
    digest       SHA-256 of its content over its predecessor's in the line
    head         SHA-256 of the digest over the head before it: one for the whole register
    """

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    line: str = Field(max_length=100)
    place: str = Field(max_length=80)
    form: int = 1
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))

    __table_args__ = (UniqueConstraint("line", "place"), Index("link_in_line", "line", "seq"))


class Series(Table, table=True):
    """The last serial given out in a numbering series and year: no gaps, no reuse."""

    series: str = Field(primary_key=True, max_length=20)
    year: int = Field(primary_key=True)
    last: int


class Refusal(Table, table=True):
    """An answer that recorded no act: the same point is asked again, with the reason on top.

    kind = the act refused; `choose:<act>` where a procedural act was picked (reason is empty)
    """

    case_number: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    kind: str = Field(max_length=40)
    reason: str = Field(sa_column=Column(Text, nullable=False))
    officer: str = Field(default="", max_length=60)
    recorded_at: datetime


class Enquiry(Table, table=True):
    """Advice given by telephone, fax, letter or at the counter: not an application (年报 三).

    submission = the form it came with: the same one recorded twice is one enquiry.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission: str | None = Field(default=None, unique=True, max_length=64)
    on: date = Field(sa_column_kwargs={"name": "given_on"}, index=True)
    channel: str = Field(max_length=40)
    persons: int = 1
    subject: str = Field(default="", sa_column=Column(Text, nullable=False))
    officer: str = Field(default="", max_length=60)
    recorded_on: date
    recorded_at: datetime


class ProactiveFigure(Table, table=True):
    """One fact that table 二 counts: rules made, decisions taken, fees collected (年报 二).

    on = the day it happened, or was counted; item = 规章, 行政许可 …; measure = key of
    measures.toml; amount = pieces, or fen (1/100 yuan) of money; note = title, number, reason.
    Never changed: a mistake is entered again with the difference. submission as in `Enquiry`.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission: str | None = Field(default=None, unique=True, max_length=64)
    on: date = Field(sa_column_kwargs={"name": "effective_on"}, index=True)
    item: str = Field(max_length=40)
    measure: str = Field(max_length=20)
    amount: int = Field(sa_column=Column(BigInteger, nullable=False))
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    officer: str = Field(default="", max_length=60)
    recorded_on: date
    recorded_at: datetime


class ReportText(Table, table=True):
    """A part of a year's report in the office's own words, as handed in by the form (年报 一 to 六).

    part = key of models/year/year_text.py; a later one replaces an earlier one, which stays.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission: str | None = Field(default=None, unique=True, max_length=64)
    year: int = Field(index=True)
    part: str = Field(max_length=20)
    text: str = Field(sa_column=Column(Text, nullable=False))
    officer: str = Field(default="", max_length=60)
    recorded_on: date
    recorded_at: datetime


class SignedReport(Table, table=True):
    """The report of a year as it was signed: from then on the year is closed (register/closed_years.py).

    edition = 1, and one more each time it is signed again after a correction
    tables = the text of its tables.json (without the checks), compressed; digest = its SHA-256
    head = of the chain of all that was recorded when it was signed (models/store/evidence.py)
    """

    year: int = Field(primary_key=True)
    edition: int = Field(primary_key=True)
    digest: str = Field(max_length=64)
    head: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    tables: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    officer: str = Field(max_length=60)
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    recorded_on: date
    recorded_at: datetime


class YearCorrection(Table, table=True):
    """That a closed year is to be corrected, and why; without it nothing it counts may change.

    number = of the application, review or suit, or which of those that have none (咨询, 表二 …).
    It stands until the report is signed again: edition = the one corrected.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission: str | None = Field(default=None, unique=True, max_length=64)
    year: int = Field(index=True)
    edition: int
    number: str = Field(default="", max_length=64)
    reason: str = Field(sa_column=Column(Text, nullable=False))
    officer: str = Field(max_length=60)
    recorded_on: date
    recorded_at: datetime


class VerdictOverruled(Table, table=True):
    """A person's verdict on a check of a year's report, in place of what was found, and why.

    finding = the check's message as it was judged: of another finding it says nothing
    """

    id: int | None = Field(default=None, primary_key=True)
    submission: str | None = Field(default=None, unique=True, max_length=64)
    year: int = Field(index=True)
    check_id: str = Field(max_length=100)
    finding: str = Field(sa_column=Column(Text, nullable=False))
    verdict: str = Field(max_length=10)
    reason: str = Field(sa_column=Column(Text, nullable=False))
    officer: str = Field(max_length=60)
    recorded_on: date
    recorded_at: datetime


class Entry(Table, table=True):
    """One act in a neighbouring register (review, records_correction, publication), as recorded.

    Like an `Event`: never changed, never deleted. submission = the form it came with: the same
    one submitted twice is one act.
    """

    register_key: str = Field(primary_key=True, max_length=20)
    case_number: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    submission: str | None = Field(default=None, unique=True, max_length=64)
    kind: str = Field(max_length=40)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    on: date = Field(sa_column_kwargs={"name": "effective_on"})
    recorded_on: date = Field(index=True)
    recorded_at: datetime
    officer: str = Field(max_length=60)
    article: str = Field(max_length=60)
    facts: dict[str, Any] = Field(default={}, sa_column=Column(JSON, nullable=False))


class Review(Table, table=True):
    """A review or suit as it stands (Art. 51; table 四): derived from its entries.

    application, letter = what it is about; authority_number = its number there (案号)
    result = key of review_results.toml, the latest; effective_on = no further appeal from then
    """

    number: str = Field(primary_key=True, max_length=64)
    position: int
    stage: str = Field(max_length=10, index=True)
    kind: str = Field(max_length=20)
    application: str = Field(max_length=64, index=True)
    letter: str = Field(max_length=80)
    authority: str = Field(max_length=100)
    authority_number: str = Field(max_length=100)
    lodged_on: date = Field(index=True)
    result: str | None = Field(default=None, max_length=40)
    decided_on: date | None = None
    effective_on: date | None = None
    redecision_ordered: bool = False
    redecided_on: date | None = None


class RecordsCorrection(Table, table=True):
    """A request to correct a record about oneself as it stands (Art. 41): not in table 三."""

    number: str = Field(primary_key=True, max_length=64)
    position: int
    stage: str = Field(max_length=10, index=True)
    requester: str = Field(max_length=200)
    record: str = Field(sa_column=Column(Text, nullable=False))
    received_on: date = Field(index=True)
    decided_on: date | None = None
    result: str | None = Field(default=None, max_length=20)


class Publication(Table, table=True):
    """The screening of what was given on request, by application number (Art. 44)."""

    number: str = Field(primary_key=True, max_length=64)
    position: int
    stage: str = Field(max_length=10, index=True)
    finding: str = Field(max_length=20)
    screened_on: date
    published_on: date | None = None
    place: str = Field(default="", sa_column=Column(Text, nullable=False))


class RefusedAnswer(Table, table=True):
    """What was typed in a refused form, so that the next one has it filled in: nothing is lost."""

    case_number: str = Field(primary_key=True, max_length=64)
    position: int = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    fields: dict[str, Any] = Field(default={}, sa_column=Column(JSON, nullable=False))


class RefusedForm(Table, table=True):
    """What was typed in a form under Deployments that was refused: kept until it is done or given
    up, whatever becomes of its run in Prefect.

    submission = what its run is known by      run = the run in which it is asked again now
    asked = how often that run has to ask it   fields = all that was typed but the code, sealed
    settled_at = done, or given up: nothing that was typed is left of it then
    """

    submission: str = Field(primary_key=True, max_length=64)
    run: str = Field(max_length=64)
    form: str = Field(max_length=60)
    asked: int
    reason: str = Field(sa_column=Column(Text, nullable=False))
    officer: str = Field(default="", max_length=60)
    fields: str = Field(default="", sa_column=Column(SealedText, nullable=False))
    refused_at: datetime
    settled_at: datetime | None = Field(default=None, index=True)


class Enrolment(Table, table=True):
    """The secret that an officer's phone shares with us, sealed; revoked, nothing is left of it."""

    officer: str = Field(primary_key=True, max_length=60)
    secret: str = Field(sa_column=Column(SealedText, nullable=False))
    enrolled_at: datetime
    revoked_at: datetime | None = None


class SpentCode(Table, table=True):
    """A one-time code that was used: good once, by its officer and its time step.

    form = what was signed with it: the kind of an act, or the name of a form of its own
    """

    officer: str = Field(primary_key=True, max_length=60)
    step: int = Field(primary_key=True)
    spent_at: datetime
    form: str = Field(max_length=60)
    case_number: str = Field(default="", max_length=64)


class WrongCode(Table, table=True):
    """An attempt to sign that failed: who was named, when, on which form, and why.

    guess = a wrong code, which makes the next attempt wait longer; anything else does not
    """

    __table_args__ = (Index("wrong_code_of_officer", "officer", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    officer: str = Field(max_length=60)
    tried_at: datetime
    form: str = Field(max_length=60)
    case_number: str = Field(default="", max_length=64)
    guess: bool
    reason: str = Field(max_length=200)


class Account(Table, table=True):
    """Under what an officer logs in: a password (its argon2id hash, sealed besides), and the
    invitation to set one.

    invitation = SHA-256 of the code given to the officer; "" once it was used
    revoked, nothing is left of either
    """

    officer: str = Field(primary_key=True, max_length=60)
    invitation: str = Field(default="", max_length=64)
    invited_at: datetime
    invited_until: datetime
    password: str = Field(default="", sa_column=Column(SealedText, nullable=False))
    password_set_at: datetime | None = None
    revoked_at: datetime | None = None


class Visit(Table, table=True):
    """An officer in one browser, from logging in to logging out; token = SHA-256 of the cookie, or
    `vouched:` and anything where a proxy vouches for him.
    """

    token: str = Field(primary_key=True, max_length=64)
    officer: str = Field(max_length=60, index=True)
    address: str = Field(max_length=64)
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class WrongLogin(Table, table=True):
    """How often in a row a login failed under a name, or from an address, and when last; and how
    often the code given with an invitation was wrong.

    tried = `officer:陈静`, `address:10.0.0.5`, `invitation:` and its SHA-256
    paused = attempts since, during the pause: they were not looked at
    """

    tried: str = Field(primary_key=True, max_length=80)
    wrong: int
    paused: int = 0
    last_at: datetime = Field(index=True)


class AccessLine(Table, table=True):
    """Who came, left, was turned away, or read what identifies a person: never changed, and deleted
    only when its time is over (网络安全法 21(3); config/retention.toml).

    kind = key of models/register/access_log.py; what = the page, case or letter
    """

    __table_args__ = (Index("access_line_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    kind: str = Field(max_length=20)
    officer: str = Field(default="", max_length=60)
    address: str = Field(default="", max_length=64)
    what: str = Field(default="", max_length=200)
