"""How long is what identifies an applicant kept, and how is it destroyed? (个人信息保护法 19, 47)

The periods stand in config/retention.toml. Destroying is an act: the head of the office does it once
the period is over, and the register keeps who did, when, and that there was something.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal, get_args

from pydantic import Field as PydanticField

from models.agency.officers import Role
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ConfigFault
from models.law.config_rows import Dated, read_rows

Key = Literal["desk", "forms", "drafts", "aside", "particulars", "access"]
IN_DAYS: tuple[Key, ...] = ("desk", "forms", "drafts", "aside", "access")
LOG_DAYS = 184
"""Half a year at the longest: logs are kept no less than six months (网络安全法 21(3))."""


class Keep(Dated):
    """How long something is kept after a case is closed, a form refused, or data set aside: years,
    or days; and why.

    told_days = so many days before it goes this is told, where it goes by itself
    """

    key: Key
    label: str
    years: int = PydanticField(default=0, ge=0)
    days: int = PydanticField(default=0, ge=0)
    told_days: int = PydanticField(default=14, ge=1)
    article: str
    reason: str
    decided_by: str
    decided_on: date

    def last_day(self, since: date) -> date:
        """The last day on which it is kept."""
        year = since.year + self.years
        leap = (since.month, since.day) == (2, 29)
        last = date(year, 2, 28) if leap and not isleap(year) else since.replace(year=year)
        return date.fromordinal(last.toordinal() + self.days)


def load_retention(folder: Path) -> dict[str, Keep]:
    """config/retention.toml; ConfigFault where a period is missing, or says nothing."""
    path = folder / "retention.toml"
    rows = {row.key: row for row in read_rows(path, "keep", Keep)}
    for key in get_args(Key):
        if key not in rows:
            raise ConfigFault(path.name, "[[keep]]", f"缺少 {key}")
    for row in rows.values():
        if bool(row.years) == bool(row.days):
            raise ConfigFault(path.name, f"{row.key} 的 years、days", "应恰填其一，为正整数")
    for key in IN_DAYS:
        if not rows[key].days:
            raise ConfigFault(path.name, f"{key} 的 days", "应为正整数")
    if rows["access"].days < LOG_DAYS:
        least = f"网络日志应留存不少于六个月，不得少于{LOG_DAYS}天（网络安全法第二十一条第三项）"
        raise ConfigFault(path.name, "access 的 days", least)
    return {str(key): row for key, row in rows.items()}


class DestroyParticulars(Act):
    """销毁个人信息: identity, contact and address of the applicant leave the register."""

    kind: ClassVar[str] = "particulars_destroyed"
    title: ClassVar[str] = "销毁个人信息"
    tab: ClassVar[str] = "销毁"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CLOSED})
    role: ClassVar[Role] = Role.HEAD

    kept_until: date = PydanticField(title="保管期限届满之日")
    note: str = PydanticField(default="", title="说明", max_length=1000)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.particulars_destroyed_on is not None:
            return f"个人信息已于{case.particulars_destroyed_on}销毁（条例第四十五条）"
        return None

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        if now.today <= self.kept_until:
            return [
                f"保管期限至{self.kept_until}届满，届满之前不得销毁（条例第四十五条、个人信息保护法第十九条）"
            ]
        return []

    def not_undone(self) -> str:
        return "个人信息已经销毁"

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.particulars_destroyed_on = on
