"""The words of a year's report: what the office writes itself, part by part (年报格式, 一 to 六).

They come from a file of the year, or from the form in the UI; the file goes before the form. A
part that neither has is made from the registers where they can say it, else it is missing and
said to be. `{{ 名称 }}` in a text stands for a figure (letters/report/named_figures.py, or [figures]).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import Field
from sqlmodel import Session, col, select

from models.agency.officers import Role, signed_as
from models.case.act import Circumstances, in_future, not_handling, unprintable
from models.errors import ActRefused, ConfigFault
from models.law.config_rows import Row, read_toml, validate_row
from models.register.closed_years import WORDS, guard
from models.register.register import officer_faults
from models.report_tables.identities import Check
from models.store.submissions import became
from models.store.tables import ReportText

MATTERS: Mapping[str, str] = {
    "proactive_work": "主动公开",
    "on_request": "依申请公开",
    "management": "政府信息管理",
    "platform": "政府信息公开平台建设",
    "oversight": "监督保障",
}
"""The five matters that section 一 must cover, by key (年报格式)."""

SECTIONS: Mapping[str, str] = {
    "preamble": "前言",
    "proactive": "二、主动公开政府信息情况",
    "applications": "三、收到和处理政府信息公开申请情况",
    "reviews": "四、政府信息公开行政复议、行政诉讼情况",
    "problems": "五、存在的主要问题",
    "improvements": "五、改进情况",
    "changes": "六、与上年相比变化较大的原因",
    "other": "六、其他需要报告的事项",
}
"""The other parts, by key."""

PARTS: Mapping[str, str] = {
    "preamble": SECTIONS["preamble"],
    **{key: f"一、总体情况：{label}" for key, label in MATTERS.items()},
    **{key: label for key, label in SECTIONS.items() if key != "preamble"},
}
LONGEST_TEXT = 20_000


class Passage(Row):
    """One item of section 一 in the office's words: its heading, its text, which matters it covers.

    matters = keys or names of MATTERS; heading = as printed, with its stop, or empty
    """

    matters: tuple[str, ...] = ()
    heading: str = ""
    text: str


class YearFile(Row):
    """The file of a year: parts by key, items of section 一, figures by name.

    as_written = section 一 keeps the order of its items, instead of that of the five matters
    """

    as_written: bool = False
    preamble: str | None = None
    overall: tuple[Passage, ...] = ()
    proactive: str | None = None
    applications: str | None = None
    reviews: str | None = None
    problems: str | None = None
    improvements: str | None = None
    changes: str | None = None
    other: str | None = None
    figures: Mapping[str, int | float | str] = Field(default_factory=dict)


@dataclass(frozen=True)
class YearText:
    """The words of a year's report as given; a part that is not in `parts` was not written.

    as_written = section 一 keeps the order of its items (YearFile)
    """

    overall: tuple[Passage, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, int | float | str] = field(default_factory=dict)
    as_written: bool = False

    def covered(self) -> set[str]:
        """The keys of the matters that the items of section 一 cover."""
        return {key for one in self.overall for key in one.matters if one.text.strip()}


def read_year_file(path: Path) -> YearFile | None:
    """The file of a year; None if there is none. ConfigFault names file and field."""
    if not path.is_file():
        return None
    found = validate_row(path, "全文", YearFile, read_toml(path))
    for where, text in _texts(found):
        if faults := [*unprintable({where: text})]:
            raise ConfigFault(path.name, where, faults[0])
    return found.model_copy(
        update={"overall": tuple(_by_key(path, n, one) for n, one in enumerate(found.overall, 1))}
    )


def _texts(found: YearFile) -> Iterator[tuple[str, object]]:
    """Whatever the file has in words, and where."""
    yield from ((key, getattr(found, key)) for key in SECTIONS)
    for n, one in enumerate(found.overall, 1):
        yield f"第 {n} 个 [[overall]]", one.heading + one.text
    for name, figure in found.figures.items():
        yield "[figures]", f"{name}{figure}"


def _by_key(path: Path, n: int, passage: Passage) -> Passage:
    """The same item with its matters as keys."""
    keys = {label: key for key, label in MATTERS.items()} | {key: key for key in MATTERS}
    for matter in passage.matters:
        if matter not in keys:
            expected = f"“{matter}”应为{'、'.join(MATTERS.values())}之一"
            raise ConfigFault(path.name, f"第 {n} 个 [[overall]] 的 matters", expected)
    return passage.model_copy(update={"matters": tuple(keys[one] for one in passage.matters)})


def year_text(file: YearFile | None, recorded: Mapping[str, str]) -> YearText:
    """What was written for a year: the parts of the file, and of the form where the file has none.

    A matter of section 一 that the file covers is not taken from the form.
    """
    file = file or YearFile()
    own = {key: text for key in SECTIONS if (text := getattr(file, key)) is not None}
    overall = list(file.overall)
    covered = {key for one in overall for key in one.matters}
    overall += [
        Passage(matters=(key,), heading=f"{label}。", text=recorded[key])
        for key, label in MATTERS.items()
        if key in recorded and key not in covered
    ]
    parts = {key: text for key, text in recorded.items() if key in SECTIONS} | own
    return YearText(tuple(overall), parts, file.figures, file.as_written)


def written_check(unwritten: Sequence[str]) -> Check:
    """Whether every part has its words; `unwritten` = what the parts without any are called."""
    said = f"待补充：{'、'.join(unwritten)}" if unwritten else "各部分齐全"
    return Check("text.blank", not unwritten, f"文字部分{said}", blank=True)


def recorded_texts(session: Session, year: int, as_of: date) -> dict[str, str]:
    """The parts handed in by the form as of a day: the latest of each."""
    statement = (
        select(ReportText)
        .where(ReportText.year == year, col(ReportText.recorded_on) <= as_of)
        .order_by(col(ReportText.id))
    )
    return {one.part: one.text for one in session.exec(statement)}


def enter_text(session: Session, entry: ReportText, now: Circumstances) -> ReportText:
    """Record the words of one part; the same submission recorded twice is one.

    Raises ActRefused with the reasons when it makes no sense.
    """
    known = became(session, ReportText, entry.submission)
    if known:
        return known
    reasons = [*not_handling(now, "撰写年度报告"), *_faults(entry, now), *officer_faults(now)]
    if reasons:
        raise ActRefused(reasons)
    guard(session, entry.year, WORDS, f"报告的文字（{PARTS[entry.part]}）")
    entry.officer = signed_as(now.agency.officers, now.officer, (Role.HANDLE,))
    session.add(entry)
    session.flush()
    return entry


def _faults(entry: ReportText, now: Circumstances) -> Iterator[str]:
    if entry.part not in PARTS:
        yield f"年度报告没有“{entry.part}”这一部分"
    yield from in_future("报告年度", date(max(entry.year, 1), 1, 1), now)
    if len(entry.text) > LONGEST_TEXT:
        yield f"“文字”最多{LONGEST_TEXT}个字"
    yield from unprintable({"文字": entry.text})
