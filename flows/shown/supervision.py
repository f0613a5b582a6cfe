"""督办清单: what is soon overdue, overdue, or was answered late, in the UI and as .xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from flows import office
from flows.installation import files
from flows.shown.row_words import masked
from letters.letter.words import escaped
from letters.report.supervision import HEAD, row, summary, supervision_workbook
from models.errors import DisclosureError
from models.law.workdays import written
from models.watch.supervision import Concern, Listed, by_officer, by_stage, supervised
from models.words.disk_words import why

SHOWN = 200  # of each list in the UI; the workbook has them all
ARTIFACT = "supervision"


class UnwritableList(DisclosureError):
    """The workbook cannot be written where it was asked for."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"无法写入文件 {path}：{problem}")


def listed(since: date | None = None) -> list[Listed]:
    """The lists as of today, applicants masked; since = of 逾期已办 (default: this year's first day)."""
    now = office.circumstances("")
    with office.reading() as session:
        found = supervised(session, now, since or now.today.replace(month=1, day=1))
    return [replace(one, applicant=masked(one.applicant)) for one in found]


def write(path: Path, found: Sequence[Listed], within: Path | None = None) -> Path:
    """Write the lists as a workbook; within = the folder of ours in which it lies (files.py)."""
    content = supervision_workbook(office.agency().name, office.today(), found)
    try:
        files.written(path, content, within)
    except OSError as fault:
        raise UnwritableList(path, why(fault)) from None
    return path


def show() -> Path:
    """Bring the lists in the UI up to date, and write the day's workbook; where it is."""
    from prefect.artifacts import create_markdown_artifact  # the command line writes none

    found, today = listed(), office.today()
    path = write(office.home() / "supervision" / f"督办清单-{today}.xlsx", found, office.home())
    words = f"{markdown(found)}\n\n完整清单：`{path}`"
    create_markdown_artifact(words, key=ARTIFACT, description=f"{written(today)}　督办清单")
    return path


def markdown(found: Sequence[Listed]) -> str:
    """The lists as an officer reads them in the UI."""
    if not found:
        return "没有需要督办的申请。"
    parts = [
        _table(("承办人", *Concern), summary(by_officer(found))),
        _table(("环节", *Concern), summary(by_stage(found))),
    ]
    for concern in Concern:
        mine = [one for one in found if one.concern is concern]
        if not mine:
            continue
        parts += [
            f"## {concern}（{len(mine)}件）",
            _table(HEAD, [row(one) for one in mine[:SHOWN]]),
        ]
        if len(mine) > SHOWN:
            parts.append(f"其余{len(mine) - SHOWN}件见清单文件。")
    return "\n\n".join(parts)


def text(found: Sequence[Listed]) -> str:
    """The lists for the command line: a line a case, fields apart by tabs."""
    return "\n".join("\t".join(map(str, (one.concern, *row(one)))).rstrip("\t") for one in found)


def _table(head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell) if n == 1 else escaped(str(cell)) for cell in line) + " |"
        for n, line in enumerate(lines)
    )
