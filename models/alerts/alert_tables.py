"""The tables of alerts: what was owed to be told, to whom it was told, and every attempt to.

An alert is a fact under a key (subject, rule, version of the deadline): found twice, by two sweeps
at once or after a machine was off, it is there once. Nothing here names the applicant, and
nothing is ever deleted.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from models.store.tables import Table

MOVING = {
    "": "reply",
    "补正": "correction",
    "缴费": "fee",
    "意见": "opinion",
    "说明理由": "reasons",
}
"""What may move: "" = the limit for the reply, else what others owe; and the kind of its duty."""


class Progress(StrEnum):
    """How far a message on one channel is; the value is what the officer reads."""

    WAITING = "待发送"
    SENT = "已送达"
    SHOWN = "多次未送达，请另行告知"
    MOOT = "事项已办，不再发送"
    HANDED_ON = "已不在名单，转告负责人"


class Alert(Table, table=True):
    """One alert: a threshold of one duty (config/alerts.toml) that was reached.

    subject  case number, or what else it is about     rule     kind, ref and threshold: reply-3
    version  the last day it counts to (ISO)            left     working days before it; < 0 after
    due_on   the day it should be told                  found_on the day a sweep found it: both are kept
    last_day, provisional  of the duty                  officer  who handled the case then
    """

    subject: str = Field(primary_key=True, max_length=64)
    rule: str = Field(primary_key=True, max_length=120)
    version: str = Field(primary_key=True, max_length=10)
    kind: str = Field(max_length=40, index=True)
    ref: str = Field(default="", max_length=64)
    left: int
    last_day: date
    provisional: bool = False
    due_on: date
    found_on: date = Field(index=True)
    found_at: datetime
    officer: str = Field(default="", max_length=60)
    stage: str = Field(default="", max_length=10)
    whom: str = Field(default="", sa_column=Column(Text, nullable=False))


class Recipient(Table, table=True):
    """To whom an alert is to be told, and in which digest it was (None = not yet).

    moot_on = the day it was found that there is nothing to tell any more: the case went on before
    """

    __table_args__ = (Index("recipient_untold", "digest", "moot_on"),)

    subject: str = Field(primary_key=True, max_length=64)
    rule: str = Field(primary_key=True, max_length=120)
    version: str = Field(primary_key=True, max_length=10)
    person: str = Field(primary_key=True, max_length=60)
    digest: str | None = Field(default=None, max_length=80)
    moot_on: date | None = None


class Digest(Table, table=True):
    """All that one person is told on one day, in one message: key = day/serial/person.

    serial = 0 for the day's; further ones only for what cannot wait for the next working day
    """

    key: str = Field(primary_key=True, max_length=80)
    person: str = Field(max_length=60)
    day: date = Field(index=True)
    serial: int
    alerts: int
    title: str = Field(max_length=200)
    body: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime


class Delivery(Table, table=True):
    """One digest on one channel. Not before `next_at` is it tried again; `attempts` were begun."""

    __table_args__ = (Index("delivery_due", "progress", "next_at"),)

    digest: str = Field(primary_key=True, max_length=80)
    channel: str = Field(primary_key=True, max_length=20)
    person: str = Field(max_length=60)
    progress: str = Field(default=str(Progress.WAITING), max_length=20)
    attempts: int = 0
    next_at: datetime
    sent_at: datetime | None = None


class Attempt(Table, table=True):
    """One attempt to send: written before it is made; without an end, nobody knows what came of it.

    accepted = the service itself said that it took the message; answer = what it said
    """

    digest: str = Field(primary_key=True, max_length=80)
    channel: str = Field(primary_key=True, max_length=20)
    number: int = Field(primary_key=True)
    begun_at: datetime
    ended_at: datetime | None = None
    accepted: bool = False
    answer: str = Field(default="", sa_column=Column(Text, nullable=False))


class Moved(Table, table=True):
    """A limit that a new notice or rule moved, and when that was found.

    law = by which count: its number, the mark of its rules, and where it is the time of others
    what they owe (models/duties/duties.py): 3/0f3a…/补正
    """

    case_number: str = Field(primary_key=True, max_length=64)
    law: str = Field(primary_key=True, max_length=64)
    found_on: date = Field(index=True)
    was: date | None = None
    last_day: date | None = None
    was_provisional: bool = False
    provisional: bool = False

    @property
    def what(self) -> str:
        """What moved, a key of MOVING."""
        return what_moved(self.law)

    @property
    def ref(self) -> str:
        """Its name among the moves of a case: the number of the count, and what moved."""
        return f"{self.law.partition('/')[0]}/{self.what}".rstrip("/")

    @property
    def label(self) -> str:
        """What moved, as an officer reads it."""
        return moved_label(self.ref)


def what_moved(law: str) -> str:
    """What moved, a key of MOVING, by which count and rules."""
    return "".join(law.split("/")[2:])


def moved_what(ref: str) -> str:
    """What moved, by the name of a move: a key of MOVING."""
    return ref.partition("/")[2]


def moved_label(ref: str) -> str:
    """What moved, as an officer reads it."""
    what = moved_what(ref)
    return f"{what}的期限" if what else "答复期限"


class Swept(Table, table=True):
    """How far the sweep is: law = the mark of the rules that the register rows were computed by;
    counts = how often all of them were counted again; morning = the last day of a whole sweep.
    """

    name: str = Field(primary_key=True, max_length=20)
    mark: str = Field(max_length=64)
    day: date
