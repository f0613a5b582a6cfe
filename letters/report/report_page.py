"""The annual report as a page: report.html, one file ready to publish, accessible and printable."""

from __future__ import annotations

from letters.picture.markup import marked_up, safe
from letters.report.page_tables import PageTable, page_table
from letters.report.report import Report, Section


def page(report: Report, svg: str, seal: str = "") -> str:
    """report.html: the six sections and, at the end, the year in one picture.

    seal = what its signature vouches for (letters/report/report.py), small below all of it
    """
    return marked_up(
        "report.html.j2",
        {
            "report": report,
            "seal": seal,
            "sections": [
                (section, _table(section, n)) for n, section in enumerate(report.sections)
            ],
            "picture": safe(svg),
        },
    )


def _table(section: Section, n: int) -> PageTable | None:
    return page_table(section.table, f"t{n + 1}", section.caption) if section.table else None
