"""先例: the same or the like asked before, whoever asked, and how it was answered (36, 51).

The index of the search finds the candidates, by the rarest words that they share with the request;
their likeness decides. An officer sees how they were answered, by which ground, and what
became of it in review or court; who asked is named nowhere. It proposes, he decides.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import bindparam
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from flows.installation import files
from flows.shown.brief import label
from flows.shown.candidates import nearest
from flows.shown.hints import plain
from flows.shown.pages import page_url
from flows.shown.row_words import masked
from flows.shown.search_index import read_on
from models.case.act import Circumstances
from models.case.stage import Stage
from models.law.citing import row_label
from models.law.workdays import written
from models.store.happened import objects
from models.store.tables import Application, Review
from models.words.alike import Likeness, foremost, likeness

LOG = logging.getLogger(__name__)
MOST: Final = 8
CANDIDATES: Final = 300
COMPARED: Final = 40
"""How many earlier applications share enough words to be read, and how many different requests of
theirs are compared.
"""
SAME: Final = 85
"""Percent of likeness, with the same years and numbers, from which two requests ask for the same."""
PATIENCE: Final = 0.5
"""Seconds that a form waits for the index to be read on."""
LONGEST: Final = 120
CORRECTED: Final = "结果纠正"


class Asked(NamedTuple):
    """What is looked at of an earlier application."""

    number: str
    request: str
    applicant: str
    received_on: date | None
    arrived_on: date
    closed_on: date | None
    stage: str
    outcome: str | None
    row: str | None


ASKED_FOR: Final = tuple(getattr(Application, name) for name in Asked._fields)


@dataclass(frozen=True)
class Precedent:
    """An earlier application for the same or the like.

    answer = how it was answered, with its articles, "" while it is open; row = of table 三, counted =
    that is all that is known of the answer (a ledger's)
    contested = what reviews and suits came to; overturned = whether one of them set the reply right
    """

    number: str
    page: str
    percent: int
    same_numbers: bool
    request: str
    received_on: date | None
    closed_on: date | None
    answer: str
    contested: str = ""
    overturned: bool = False
    row: str = ""
    counted: bool = False

    @property
    def same(self) -> bool:
        """Whether it asked for the same."""
        return self.same_numbers and self.percent >= SAME


def precedents(
    session: Session, request: str, now: Circumstances, but: str = "", most: int = MOST
) -> list[Precedent]:
    """Earlier applications for what a request asks for, the likest first, the latest of those first.

    but = the application that asks; from which likeness on is the office's choice (practice.toml)
    """
    alike = now.law.figure("alike", now.today).percent
    try:
        read_on(session, PATIENCE)
        numbers = [one for one in nearest(request, CANDIDATES) if one != but]
    except (sqlite3.DatabaseError, files.Linked) as damaged:
        # the index is made anew soon
        LOG.warning("查询索引不可用，没有列出先例：%s", damaged)
        return []
    asked = sql_select(*ASKED_FOR).where(col(Application.number).in_(numbers))
    rows = [Asked(*row) for row in session.execute(asked)]
    near = {
        words: likeness(request, words)
        for words in foremost(request, {row.request: row.request for row in rows}, COMPARED)
    }
    like = [row for row in rows if row.request in near and near[row.request].percent >= alike]
    contested = _contested(session, [row.number for row in like], now)
    found = [
        _precedent(row, near[row.request], contested.get(row.number, []), now)
        for row in sorted(
            like,
            key=lambda row: (
                near[row.request].same_numbers,
                near[row.request].percent,
                row.received_on or row.arrived_on,
                row.number,
            ),
            reverse=True,
        )
    ]
    return _told_of(found, most)


def _told_of(found: Sequence[Precedent], most: int) -> list[Precedent]:
    """So many of them, in their order: of many that are as like, a reply that was set right, and each
    answer that differs, is told of, however many were answered alike since.
    """
    set_right = [one for one in found if one.overturned]
    answered = {one.answer: one for one in reversed(found) if one.same and one.answer}
    first = [*set_right[: most // 2], *answered.values(), *found]
    kept = set([*dict.fromkeys(one.number for one in first)][:most])
    return [one for one in found if one.number in kept]


def differing(found: Sequence[Precedent]) -> str:
    """That the same was answered in different ways, or a reply to it was set right; "" if not."""
    answers: dict[str, list[str]] = {}
    same = [one for one in found if one.same and one.answer]
    for one in same:
        alike = (other.answer for other in same if other.row == one.row and not other.counted)
        answer = next(alike, one.answer) if one.counted else one.answer
        answers.setdefault(answer, []).append(one.number)
    said = []
    if len(answers) > 1:
        each = "；".join(f"{answer}（{'、'.join(numbers)}）" for answer, numbers in answers.items())
        said.append(f"相同的信息，以前的答复不一致：{each}")
    if set_right := [one.number for one in found if one.overturned]:
        said.append(f"{'、'.join(set_right)}的答复经复议或者诉讼被纠正，不能照搬")
    return "。".join(said)


def _precedent(
    row: Asked,
    near: Likeness,
    contested: Sequence[tuple[str, bool]],
    now: Circumstances,
) -> Precedent:
    closed = row.stage == Stage.CLOSED
    outcome = now.law.outcomes.get(row.outcome or "")
    answer = label(row.outcome, now) if row.outcome and outcome else ""
    counted = f"计入表三的{row_label(row.row)}" if row.row else "已注销"
    words = " ".join(row.request.split()).replace(row.applicant, masked(row.applicant))
    return Precedent(
        number=row.number,
        page=page_url(row.number),
        percent=near.percent,
        same_numbers=near.same_numbers,
        request=words if len(words) <= LONGEST else f"{words[:LONGEST]}……",
        received_on=row.received_on,
        closed_on=row.closed_on,
        answer=(answer or counted) if closed else "",
        contested="；".join(said for said, _ in contested),
        overturned=any(corrected for _, corrected in contested),
        row=row.row or "",
        counted=not answer,
    )


def _contested(
    session: Session, numbers: Sequence[str], now: Circumstances
) -> dict[str, list[tuple[str, bool]]]:
    """What became of the replies in review and court: in words, and whether it set them right."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for row in objects(session, _REVIEWED, {"numbers": numbers}) if numbers else ():
        result = now.law.review_results.get(row.result or "")
        said = f"{row.kind}：{result.label if result else row.stage}"
        corrected = bool(result and result.column == CORRECTED) or row.redecision_ordered
        found.setdefault(row.application, []).append((said, corrected))
    return found


_REVIEWED = (
    select(Review)
    .where(col(Review.application).in_(bindparam("numbers", expanding=True)))
    .order_by(Review.number)
)


def told(found: Sequence[Precedent]) -> Iterator[str]:
    """The same as paragraphs, for a form's help: the warning first."""
    if warning := differing(found):
        yield f"**注意**　{warning}。请说明理由，或者统一答复"
    for one in found:
        numbers = "" if one.same_numbers else "，但年份或者编号不同"
        answer = (
            f"{written(one.closed_on)}答复：{one.answer}"
            if one.answer and one.closed_on
            else "尚未答复"
        )
        after = f"；{one.contested}" if one.contested else ""
        yield (
            f"**先例**　{one.number}（相同{one.percent}%{numbers}）：“{plain(one.request)}”，"
            f"{answer}{after}"
        )
