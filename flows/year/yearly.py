"""年度报告: the flow that makes a year's report, and its page in the UI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from pydantic import Field

from flows import office
from flows.path.form_fields import Group, Use, Year, used
from flows.shown import report_files
from flows.year.annual_report import Produced, produce
from letters.letter.words import escaped


@flow(name="年度报告", flow_run_name="年度报告")
@used(Use(Group.YEAR, "编制一年的年度报告：六部分文字、表格、勾稽校验和台账，随时可以再编"))
def yearly(
    year: Annotated[Year, Field(description="0 表示上一年")] = 0,
) -> list[str]:
    """编制政府信息公开工作年度报告（条例第四十九条、第五十条），按登记簿今天的记载。"""
    asked = year or office.today().year - 1
    made = produce(asked, report_files.folder(asked), None)
    create_markdown_artifact(
        "\n".join(_told(asked, made)), key="annual-report", description=f"{asked}年度报告"
    )
    return [str(path) for path in made.files]


def _told(year: int, made: Produced) -> Iterator[str]:
    """What became of the report, for its page in the UI: what fails, what is missing, its files."""
    yield f"# {year}年度报告：{_verdict(made)}\n"
    for check in made.failed:
        yield f"- 不成立：{escaped(check.message)}　{escaped('、'.join(check.cases))}"
    for check in made.doubtful:
        yield f"- {check.verdict}：{escaped(check.message)}"
    for one in made.differences:
        yield f"- 与已签发的报告不同：{escaped(one.sentence)}"
    for what in made.report.missing:
        yield f"- 待补充：{escaped(what)}"
    if made.note:
        yield f"- 注意：{escaped(made.note)}"
    yield f"\n文件在 {escaped(str(made.files[0].parent))}：\n\n| 文件 | 内容 |\n|---|---|"
    for path in made.files:
        link = f"[{path.name}]({report_files.url(year, path.name)})"
        yield f"| {link} | {report_files.FILES[path.name].content} |"


def _verdict(made: Produced) -> str:
    """What stands above the report: all holds only where nothing is blank in print."""
    if made.failed:
        return f"有{len(made.failed)}处不成立"
    if made.report.missing:
        return f"没有不成立的，仍有{len(made.report.missing)}处待补充"
    return "勾稽关系全部成立"
