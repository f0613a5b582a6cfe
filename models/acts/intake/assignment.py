"""Who handles it? The officer in whose name the case stands, and passing it on (Art. 45)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.agency.officers import NAME_LONGEST, Officer, Role, absence
from models.case.act import Act, Circumstances, blank
from models.case.case import Case
from models.case.stage import Stage
from models.law.workdays import written


class Assign(Act):
    """转交承办人: from now on the case is another officer's, in lists, filters and alerts.

    The law's periods run on as before: passing it on inside the agency changes none of them.
    """

    kind: ClassVar[str] = "assigned"
    title: ClassVar[str] = "转交承办人"
    tab: ClassVar[str] = "转交"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset(Stage) - {Stage.CLOSED}
    procedural: ClassVar[bool] = True

    handler: str = Field(title="转交给", max_length=NAME_LONGEST)
    note: str = Field(default="", title="说明", max_length=1000)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"handler": _others(case, now)} if now.agency.officers else {}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return ["请填写转交给谁"] if blank(self.handler) else []

    def _unlisted(self, case: Case, now: Circumstances) -> Iterator[str]:
        if now.agency.officers and self.handler == case.officer:
            yield f"本件已由{self.handler}承办，不必转交"
            return
        yield from super()._unlisted(case, now)

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.officer = self.handler


def _others(case: Case, now: Circumstances) -> dict[str, str]:
    """Whoever else handles cases: name → name, department, and who stands in for him today."""
    return {
        one.name: f"{one.name}（{'，'.join(known)}）" if (known := _known(one, now)) else one.name
        for one in now.agency.officers
        if Role.HANDLE in one.roles and one.name != case.officer
    }


def _known(one: Officer, now: Circumstances) -> list[str]:
    found = [one.department] if one.department else []
    away = absence(now.agency.officers, one.name, now.today)
    return [*found, f"不在岗至{written(away.until)}，由{away.deputy}代理"] if away else found
