"""What a report needs besides its cases before it can be signed: the words, and table 二."""

from __future__ import annotations

from datetime import date

from flows import office
from flows.counter.proactive import named, record_figure
from flows.year import annual_report

WORDS = """
problems = "公开的主动性有待提高。"
improvements = "加强培训。"

[[overall]]
matters = ["主动公开", "政府信息管理", "政府信息公开平台建设"]
heading = "主动公开、管理和平台建设。"
text = "按规定公开政府信息，维护网站专栏。"
"""

WHAT = {f"{item}·{key}": words for words, (item, key) in named().items()}
"""What table 二 has recorded, as its form says it, by item and measure."""


def fill(year: int, officer: str = "陈静") -> None:
    """Write the words of a year's report and record a 0 for all that its table 二 asks for."""
    path = annual_report.text_file(year)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(WORDS, encoding="utf-8")
    rules, end = office.annual_rules(), min(office.today(), date(year, 12, 31))
    for group in rules.form(year).proactive:
        for key in group.measures:
            measure = rules.measures[key]
            on = {"year": end, "end": date(year, 1, 1), "before": date(year - 1, 12, 31)}
            for item in group.items:
                name = f"{item}·{measure.of or key}"
                record_figure.fn(what=WHAT[name], on=on[measure.counts], amount=0, officer=officer)
