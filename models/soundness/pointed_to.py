"""Does config/ still have every row that what is recorded points to? (45)

A channel or an outcome that is used no more gets an end (`until`); its row stays, or the cases that
have it could not be read any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from models.agency.agency import Agency
from models.agency.wording import check_titles
from models.case.stage import Stage
from models.errors import ConfigFault
from models.law.statute import Statute
from models.store.tables import Application, Document, Event, Review, Series

SHOWN = 3
KINDS_OF_DRAFTS = "drafted_%"
USED_WITHOUT_ROW = ("application", "publication")


class Lacking(NamedTuple):
    """A key that config/ lacks: file, key, how many rows point to it, and some of them."""

    file: str
    key: str
    times: int
    some: tuple[str, ...]

    def fault(self) -> ConfigFault:
        shown = "、".join(self.some) + ("等" if self.times > len(self.some) else "")
        return ConfigFault(
            self.file,
            f"“{self.key}”",
            f"登记簿中有{self.times}处用到它（{shown}），不能删去；"
            "不再使用的，保留这一行并填写 until（最后使用的一天）",
        )


Asked = tuple[str, Iterable[str], Any]


def of_law(session: Session, law: Statute) -> Lacking | None:
    """The first key of config/statute that the register holds and the files lack; None if none."""
    channels, outcomes = "channels.toml", "outcomes.toml"
    still_open = select(Application.number).where(col(Application.stage) != str(Stage.CLOSED))
    drafts = select(Event.case_number, Event.facts["outcome"].as_string()).where(
        col(Event.kind).like(KINDS_OF_DRAFTS), col(Event.case_number).in_(still_open)
    )
    closed = select(Application.number, Application.outcome)
    reviews = select(Review.number, Review.result)
    letters = select(Document.number, Document.kind)
    asked: tuple[Asked, ...] = (
        (channels, law.channels, select(Application.number, Application.channel)),
        (outcomes, law.outcomes, closed.where(col(Application.outcome).is_not(None))),
        (outcomes, law.outcomes, drafts),
        ("review_results.toml", law.review_results, reviews.where(col(Review.result).is_not(None))),
        ("letters.toml", {*law.letters, *law.outcomes}, letters),
    )
    found = (_unknown(session, *one) for one in asked)
    return next((one for one in found if one is not None), None)


def of_agency(session: Session, agency: Agency) -> Lacking | None:
    """The first series of numbers that was used and agency.toml lacks; None if there is none."""
    known = {*USED_WITHOUT_ROW, *agency.series, *agency.numbers}
    return _unknown(session, "agency.toml", known, select(Series.series, Series.series))


def _unknown(session: Session, file: str, known: Iterable[str], statement: Any) -> Lacking | None:
    held = statement.subquery()
    where, key = held.c
    found = session.exec(
        select(key, func.count(), func.min(where)).where(key.not_in(list(known))).group_by(key)
    ).first()
    if found is None:
        return None
    wrong, count, _ = found
    some = session.exec(select(where).where(key == wrong).order_by(where).limit(SHOWN))
    return Lacking(file, str(wrong), int(count), tuple(map(str, some)))


def agree(law: Statute, agency: Agency) -> None:
    """ConfigFault where a letter has no series of numbers in agency.toml: before its first issue;
    or where a title is chosen for no letter, or one that it cannot call itself by.
    """
    check_titles(agency.titles, law)
    for row in law.letters.rows:
        if row.series not in agency.series:
            expected = f"文书“{row.label}”（letters.toml）用到它，应写明机关代字"
            raise ConfigFault("agency.toml", f"[series] 的 {row.series}", expected)
    if "reply" not in agency.series:
        raise ConfigFault("agency.toml", "[series] 的 reply", "答复的告知书用到它，应写明机关代字")
