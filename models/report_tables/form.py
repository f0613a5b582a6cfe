"""The national form of the annual report (条例第五十条): its rows and columns, to the letter.

One form a file, `config/annual/form_*.toml`, each with the report years it holds for: whole, or what
differs from another. A year that no form covers is an error, never the nearest form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from models.errors import ConfigFault, NoFormForYear
from models.law.config_rows import read_toml
from models.report_tables.measures import Measure, load_measures

RowKind = Literal["received", "carried_in", "result", "results", "carried_out"]


@dataclass(frozen=True)
class FormRow:
    """A row of table 三.

    code   = "3.4.1"
    kind   = what it counts: 本年新收, 上年结转, 一项办理结果, 办理结果总计, 结转下年度
    group  = label of its group (（四）无法提供), "" if it stands alone
    takes  = rows of the other form that are one row here
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    code: str
    kind: RowKind
    label: str
    group: str = ""
    takes: tuple[str, ...] = ()

    @property
    def full_label(self) -> str:
        """The label with that of its group: “（四）无法提供 1.本机关不掌握相关政府信息”."""
        return f"{self.group} {self.label}" if self.group else self.label

    @property
    def ordinal(self) -> str:
        """How the row is referred to in a sentence: 一, 三（七）, 三（四）1."""
        if self.group:
            return f"三{_bracketed(self.group)}{self.label.partition('.')[0]}"
        if self.label.startswith("（"):
            return f"三{_bracketed(self.label)}"
        return self.label.partition("、")[0]

    @property
    def called(self) -> str:
        """How the row is named in a list: 三（四）1　无法提供：本机关不掌握相关政府信息."""
        said = (self.group, _REMARK.sub("", self.label))
        words = [_NUMBERING.sub("", one) for one in said if one]
        return f"{self.ordinal}　{'：'.join(words)}"


@dataclass(frozen=True)
class ReviewGroup:
    """A group of table 四 (行政复议, 未经复议直接起诉 …): its last column is the total."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    key: str
    heading: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ProactiveGroup:
    """A block of table 二: an item of Article 20, its columns, and what is counted in them.

    measures = for each column, which kind of figure it is (config/annual/measures.toml)
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    article: str
    columns: tuple[str, ...]
    measures: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """The form of the annual report in one version; labels are the official ones, to the letter."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    key: str
    notice: str
    title: str
    first_year: int
    source: str
    sections: tuple[str, ...]
    corner: str
    applicants: str
    organisations: str
    person: str
    organisation_kinds: tuple[str, ...]
    total: str
    results: str
    row: tuple[FormRow, ...]
    review: tuple[ReviewGroup, ...]
    proactive: tuple[ProactiveGroup, ...]
    proactive_content: str
    last_year: int | None = None
    file: str = field(default="", compare=False)
    measures: Mapping[str, Measure] = field(default_factory=dict, compare=False)

    def covers(self, year: int) -> bool:
        """Whether the report on that year is made on this form."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The six kinds of applicant: the columns that hold cases."""
        return (self.person, *self.organisation_kinds)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The seven columns of table 三, the total last."""
        return (*self.kinds, self.total)

    @cached_property
    def rows(self) -> dict[str, FormRow]:
        """The rows of table 三 by code, from the top."""
        return {row.code: row for row in self.row}

    @cached_property
    def result_codes(self) -> tuple[str, ...]:
        """The codes of the single results: what （七）总计 adds up."""
        return tuple(row.code for row in self.row if row.kind == "result")

    @cached_property
    def row_of(self) -> dict[str, str]:
        """Where each result is counted: its own row, or the row that takes it."""
        own = {code: code for code in self.result_codes}
        return own | {taken: row.code for row in self.row for taken in row.takes}

    def items(self) -> Iterator[tuple[ProactiveGroup, str]]:
        """The items of table 二, from the top, each with its block."""
        return ((group, item) for group in self.proactive for item in group.items)

    def code(self, kind: RowKind) -> str:
        """The code of the one row of that kind (any but `result`)."""
        return next(row.code for row in self.row if row.kind == kind)


def _bracketed(label: str) -> str:
    return label.partition("）")[0] + "）"


_NUMBERING = re.compile(r"^(?:（[一二三四五六七]）|[一二三四]、|\d+\.)")
_REMARK = re.compile(r"（区分[^）]*）$")
"""What stands behind a row's words on the form for whoever counts by it."""
_FORM = TypeAdapter(Form)
_SINGLE: tuple[RowKind, ...] = ("received", "carried_in", "results", "carried_out")


def load_forms(folder: Path) -> tuple[Form, ...]:
    """Every form under `folder` (config/annual), oldest first; ConfigFault names file and place."""
    forms = [_read(path) for path in folder.glob("form_*.toml")]
    if not forms:
        raise ConfigFault(f"{folder.name}/form_*.toml", "全文", "至少应有一种年度报告格式")
    forms.sort(key=lambda form: form.first_year)
    for earlier, later in pairwise(forms):
        if earlier.covers(later.first_year):
            raise ConfigFault(earlier.file, "last_year", f"与 {later.file} 的适用年度重叠")
    measures = load_measures(folder)
    for form in forms:
        for key in (key for group in form.proactive for key in group.measures):
            if key not in measures:
                raise ConfigFault(form.file, "[[proactive]]", f"没有“{key}”这种数字")
    return tuple(replace(form, measures=measures) for form in forms)


def load_form(folder: Path, year: int) -> Form:
    """The form for the report on `year`; NoFormForYear if none covers it."""
    return form_for(load_forms(folder), year)


def form_for(forms: tuple[Form, ...], year: int) -> Form:
    """The one of `forms` for the report on `year`; NoFormForYear if none covers it."""
    for form in forms:
        if form.covers(year):
            return form
    raise NoFormForYear(year)


def form_nearest(forms: tuple[Form, ...], year: int) -> Form:
    """The form whose rows a result of a year is one of: the oldest for years before any form, the
    newest after all of them.
    """
    try:
        return form_for(forms, year)
    except NoFormForYear:
        return forms[0] if year < forms[0].first_year else forms[-1]


def _stated(path: Path) -> dict[str, object]:
    """What a file states of its form: the whole, or what differs from the one it is `like`.

    A row with a code of the other form takes its place, a new one stands `after` another, and those
    `without` are gone. ConfigFault where there is no such form, or no such row.
    """
    stated = read_toml(path)
    like, without = stated.pop("like", None), stated.pop("without", [])
    if like is None:
        return stated
    base = read_toml(path.with_name(str(like)))
    rows = [row for row in _rows(base) if row.get("code") not in _listed(without)]
    for row in _rows(stated):
        codes = [one.get("code") for one in rows]
        after = row.pop("after", None)
        if row.get("code") in codes:
            rows[codes.index(row["code"])] = row
        elif after in codes:
            rows.insert(codes.index(after) + 1, row)
        else:
            raise ConfigFault(
                path.name, "[[row]]", f"{row.get('code')} 应写明 after（{like} 的行次）"
            )
    base.pop("last_year", None)
    return base | stated | {"row": rows}


def _rows(stated: Mapping[str, object]) -> list[dict[str, object]]:
    return [dict(row) for row in _listed(stated.get("row")) if isinstance(row, dict)]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _read(path: Path) -> Form:
    try:
        form = _FORM.validate_python(_stated(path) | {"file": path.name})
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigFault(path.name, place, first["msg"]) from None
    if len(form.rows) != len(form.row):
        raise ConfigFault(path.name, "[[row]]", "行次 code 不得重复")
    for kind in _SINGLE:
        if sum(row.kind == kind for row in form.row) != 1:
            raise ConfigFault(path.name, "[[row]]", f"应恰有一行 kind = {kind}")
    if any(len(group.columns) != len(group.measures) for group in form.proactive):
        raise ConfigFault(path.name, "[[proactive]]", "每一栏 columns 应有一种数字 measures")
    if len(set(form.columns)) != len(form.columns):
        raise ConfigFault(path.name, "organisation_kinds", "各列名称不得重复")
    return form
