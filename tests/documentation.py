"""The reference pages, made from what they describe: nothing in them is written by hand.

    python -m tests.documentation      # writes .docs/reference/ anew, after a change

tests/test_documentation.py makes them in memory and compares; it also holds that every setting,
command, act, letter and file of config/ stands in one.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")] if str(ROOT / "tests") not in sys.path else []

from drawing import arrows, mermaid  # noqa: E402
from histories import CONFIG, LAW  # noqa: E402

from flows.__main__ import parser  # noqa: E402
from flows.installation.settings import SETTINGS  # noqa: E402
from flows.prefect_side.our_flows import OUR_FLOWS  # noqa: E402
from letters.letter.words import usual_title  # noqa: E402
from models.acts.afterwards.retention import Keep  # noqa: E402
from models.acts.catalogue import ACTS  # noqa: E402
from models.agency.account_rules import AccountRules  # noqa: E402
from models.agency.agency import Agency, OtherAgency  # noqa: E402
from models.agency.archive_rules import ArchivePart, ArchiveRules  # noqa: E402
from models.agency.code_rules import CodeRules  # noqa: E402
from models.agency.desk_words import Pattern  # noqa: E402
from models.agency.material_rules import (  # noqa: E402
    AskedMaterial,
    MaterialKind,
    MaterialRules,
    MaterialType,
)
from models.agency.officers import Officer, Role  # noqa: E402
from models.agency.sending_rules import Sending  # noqa: E402
from models.case.act import Act, RegisterAct  # noqa: E402
from models.case.stage import Stage  # noqa: E402
from models.law import notices, statute  # noqa: E402
from models.law.citing import article_label  # noqa: E402
from models.neighbours.papers import PAPERS  # noqa: E402
from models.neighbours.publication import PUBLICATIONS  # noqa: E402
from models.neighbours.records_correction import RECORDS  # noqa: E402
from models.neighbours.review_acts import REVIEWS  # noqa: E402
from models.rehearsal.mix import Mix  # noqa: E402
from models.report_tables.annual_rules import Jump  # noqa: E402
from models.report_tables.form import Form  # noqa: E402
from models.report_tables.measures import Measure  # noqa: E402
from models.year.year_text import YearFile  # noqa: E402

REFERENCE = ROOT / ".docs" / "reference"
NOTE = "<!-- 由 python -m tests.documentation 写出，不要手改 -->"

Rows = Iterable[Iterable[object]]


def table(head: Iterable[str], rows: Rows) -> str:
    """A table in Markdown; what would break a cell is written so that it does not."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    cells = [[re.sub(r"\s*\n\s*", " ", cell).replace("|", "\\|") for cell in row] for row in lines]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def page(title: str, *parts: str) -> str:
    """A whole page."""
    return "\n\n".join([NOTE, f"# {title}", *parts]) + "\n"


# ── settings ────────────────────────────────────────────────────────────────────────────────────
def settings_page() -> str:
    """Every environment variable: flows/installation/settings.py."""
    rows = ((f"`{one.name}`", one.meaning, one.otherwise or f"`{one.default}`") for one in SETTINGS)
    return page(
        "设置（环境变量）",
        "服务和命令行的每个命令都要在同样的设置下运行。空值等于没有设置。",
        table(("变量", "含义", "没有设置时"), rows),
    )


# ── commands ────────────────────────────────────────────────────────────────────────────────────
def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command by the words that are typed, those of a command with several ways included."""
    return dict(_under("disclosure", parser()))


def _under(
    words: str, one: argparse.ArgumentParser
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    ways = [a for a in one._actions if isinstance(a, argparse._SubParsersAction)]
    if not ways:
        yield words, one
    for way in ways:
        for name, below in way.choices.items():
            yield from _under(f"{words} {name}", below)


def commands_page() -> str:
    """What `--help` says of every command."""
    return page(
        "命令",
        "每个命令都有 `--help`。退出码：0 完成；1 有不成立之处（表、经过、核验）；2 输入有误，附一句说明。",
        *(_command(words, one) for words, one in sorted(commands().items())),
    )


def _command(words: str, one: argparse.ArgumentParser) -> str:
    options = [
        (f"`{_typed(action)}`", "是" if _must(action) else "", action.help or "")
        for action in one._actions
        if not isinstance(action, argparse._HelpAction)
    ]
    example = str(one.epilog).removeprefix("示例：")
    said = [f"## {words}", f"{one.description}。", f"```sh\n{example}\n```"]
    return "\n\n".join([*said, *([table(("参数", "必填", "含义"), options)] if options else [])])


def _typed(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else str(action.metavar or action.dest)
    return f"{'、'.join(action.option_strings)} {value}".strip()


def _must(action: argparse.Action) -> bool:
    return action.required if action.option_strings else action.nargs not in ("?", "*")


# ── config ──────────────────────────────────────────────────────────────────────────────────────
FILES: Mapping[str, Mapping[str, Any]] = {
    "statute/periods.toml": {"period": statute.Period},
    "statute/clock.toml": {"event": statute.ClockRule},
    "statute/outcomes.toml": {"outcome": statute.Outcome},
    "statute/letters.toml": {"letter": statute.LetterKind},
    "statute/particulars.toml": {},
    "statute/channels.toml": {"channel": statute.Channel},
    "statute/remedies.toml": {"remedy": statute.Remedy},
    "statute/review_results.toml": {"result": statute.ReviewResult},
    "statute/fees.toml": {"tariff": statute.Tariff},
    "practice.toml": {"choice": statute.Choice, "figure": statute.Figure},
    "alerts.toml": {"alert": statute.AlertRule},
    "retention.toml": {"keep": Keep},
    "materials.toml": {
        "": MaterialRules,
        "kind": MaterialKind,
        "asked": AskedMaterial,
        "type": MaterialType,
    },
    "archive.toml": {"": ArchiveRules, "part": ArchivePart},
    "office/agency.toml": {"": Agency},
    "office/agencies.toml": {"agency": OtherAgency},
    "office/officers.toml": {"officer": Officer},
    "office/codes.toml": {"": CodeRules},
    "office/accounts.toml": {"": AccountRules},
    "office/sending.toml": {"": Sending},
    "office/ledger.toml": {},
    "office/post.toml": {},
    "workdays/[0-9]*.toml": {"": notices.Notice},
    "workdays/statutory.toml": {"": notices.Statutory},
    "workdays/arrangement.toml": {"": notices.Arrangement},
    "annual/form_*.toml": {"": Form},
    "annual/measures.toml": {"measure": Measure},
    "annual/jumps.toml": {"jump": Jump},
    "annual/example_2022.toml": {"": YearFile},
    "simulation.toml": {"": Mix},
    "desk_words/prefect_*.toml": {"pattern": Pattern},
}
"""Every file of config/, and what reads each of its tables ("" = the file as a whole)."""

ELSEWHERE = {"others", "officers", "codes", "file", "measures", "kind", "asked", "type", "part"}
"""Fields of a whole file that another file fills in."""

COMMON = {
    "key": "标识，程序和登记簿以此指向这一行",
    "label": "名称，办事人员看到的",
    "article": "依据的条文",
    "in_force": "生效之日",
    "until": "截止之日（含当日）；不填＝至今有效",
    "source": "出处",
    "reason": "理由",
    "decided_by": "由谁决定",
    "decided_on": "何时决定",
    "confirmed_by": "由谁核对",
    "confirmed_on": "何时核对",
}
"""What columns that stand in many files hold; the others are explained in their own file."""

KINDS = {"string": "文字", "integer": "整数", "number": "数", "boolean": "是否", "object": "各项"}
SHORT = 40
MANY = 60


def files_of(pattern: str) -> list[Path]:
    """The files of config/ that a pattern names, oldest first."""
    return sorted(CONFIG.glob(pattern))


def config_page() -> str:
    """Every file of config/ with its own explanation and its columns."""
    return page(
        "配置文件",
        "写错了，任何命令都会指出是哪个文件、哪一项。"
        "带 `in_force`（生效）、`until`（截止，含当日）的行按日期取用。"
        "何时修改哪个文件，见 [config/README.md](../../config/README.md)。",
        *(_file(pattern, tables) for pattern, tables in FILES.items()),
    )


def _file(pattern: str, tables: Mapping[str, Any]) -> str:
    path = files_of(pattern)[0]
    content = tomllib.loads(path.read_text("utf-8"))
    head, beside = _heading(path), _beside(path)
    shown = [f"## {pattern.replace('[0-9]*', '年份')}", *([head] if head else [])]
    for name, model in tables.items():
        rows = content if not name else content.get(name, [])
        shown += _columns(
            f"[[{name}]]" if name else "", TypeAdapter(model).json_schema(), rows, beside
        )
    loose = {k: v for k, v in content.items() if "" not in tables and k not in tables}
    if loose:
        rows = [(f"`{k}`", _example(v)) for k, v in loose.items()]
        shown.append(table(("项", "现在的值"), rows))
    return "\n\n".join(shown)


def _heading(path: Path) -> str:
    """What a file says of itself before its first entry."""
    said: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        said.append(f"> {line.lstrip('# ').rstrip()}")
    return "\n".join(said)


def _beside(path: Path) -> dict[str, str]:
    """What a file says of a column on the line where it first stands."""
    found = re.findall(r"^(\w+) *= .*?[^#]# *(.+)$", path.read_text("utf-8"), re.MULTILINE)
    return dict(reversed(found))


def _columns(
    name: str, schema: Mapping[str, Any], rows: Any, beside: Mapping[str, str]
) -> list[str]:
    """A table's columns, and those of the tables within it."""
    within = schema.get("$defs", {})
    return list(_one(name, schema, within, rows if isinstance(rows, list) else [rows], beside))


def _one(
    name: str,
    schema: Mapping[str, Any],
    within: Mapping[str, Any],
    rows: list[Any],
    beside: Mapping[str, str],
) -> Iterator[str]:
    lines: list[tuple[str, ...]] = []
    below: list[str] = []
    for column, told in schema["properties"].items():
        if not name and column in ELSEWHERE:
            continue
        values = [row[column] for row in rows if column in row]
        kind, inner = _kind(told, within)
        if inner is not None:
            deeper = [x for v in values for x in (v if isinstance(v, list) else [v])]
            here = f"{name.strip('[]')}.{column}".strip(".")
            many = told.get("type") == "array"
            title = f"[[{here}]]" if many else f"[{here}]"
            below += list(_one(title, inner, within, deeper, beside))
        must = "是" if column in schema.get("required", ()) else ""
        example = "" if inner is not None or not values else _example(values[0])
        said = beside.get(column) or ("" if kind == "时间" else COMMON.get(column, ""))
        lines.append((f"`{column}`", kind, must, example, said))
    head = ("项", "写什么", "必填", "例", "说明")
    yield (f"`{name}`\n\n" if name else "") + table(head, lines)
    yield from below


def _kind(told: Mapping[str, Any], within: Mapping[str, Any]) -> tuple[str, Any]:
    """What is to be written, and the schema of the table that stands there, if one does."""
    if "$ref" in told:
        named = within[told["$ref"].rpartition("/")[2]]
        if "enum" in named:
            return _kind(named, within)
        return (
            "一个表" if "properties" in named else "文字"
        ), named if "properties" in named else None
    if "anyOf" in told:  # a value, or nothing
        return _kind(next(one for one in told["anyOf"] if one.get("type") != "null"), within)
    if "enum" in told or "const" in told:
        values = told.get("enum", [told.get("const")])
        return "、".join(f"`{one}`" if one else "不填" for one in values) + "之一", None
    if told.get("type") == "array":
        inner = told.get("items") or told["prefixItems"][0]
        kind, named = _kind(inner, within)
        return ("若干个表" if named else f"若干项{kind}"), named
    if told.get("type") == "string" and told.get("format"):
        return {"date": "日期", "time": "时间"}[told["format"]], None
    return KINDS[told.get("type", "string")], None


def _example(value: object) -> str:
    if isinstance(value, dict):
        named = "、".join(f"`{key}`" for key in list(value)[:MANY])
        return named if len(value) <= MANY else f"{named} 等"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "、".join(f"`{key}`" for key in value[0])
    words = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    words = {"True": "true", "False": "false"}.get(words, words)
    return words if len(words) <= SHORT else f"{words[:SHORT]}……"


# ── letters and outcomes ────────────────────────────────────────────────────────────────────────
def letters_page() -> str:
    """Every letter and every outcome, with its template."""
    outcomes = (
        (
            *(f"`{row.key}`", row.label, row.row, row.basis, row.letter, f"`{row.remedy}`"),
            "、".join(LAW.particulars[name].partition("（")[0] for name in row.requires),
            _template(row.key),
        )
        for row in LAW.outcomes.values()
    )
    on_the_way = (
        (
            *(f"`{row.key}`", row.label, usual_title(row.key)),
            *(article_label(row.article), row.code),
            *(_issued(row.key), f"`{row.series}`", _template(row.key)),
        )
        for row in LAW.letters.values()
    )
    return page(
        "文书和办理结果",
        "模板在 `letters/templates/`，样张在 `tests/golden/letters/`。办理结果的标识就是其模板的名称。"
        f"答复的通行标题为“{usual_title('')}”；各种标题、称谓、附注的写法由本机关在 agency.toml 的 "
        "[titles]、[addressed]、note 中选定。",
        "## 办理结果和答复",
        table(
            ("标识", "名称", "表三", "依据（条例）", "文书", "救济", "必须写明", "样张"), outcomes
        ),
        "## 办理过程中的文书",
        table(
            ("标识", "名称", "通行标题", "依据", "文书", "由哪一步发出", "文号系列", "样张"),
            on_the_way,
        ),
    )


def _template(key: str) -> str:
    folder = ROOT / "tests" / "golden"
    found = [folder / "letters" / f"{key}.txt", *sorted((folder / "records").glob("*.txt"))]
    sample = found[0] if found[0].exists() else found[1]
    assert (ROOT / "letters" / "templates" / f"{key}.j2").exists(), key
    return f"[{key}](../../{sample.relative_to(ROOT)})"


def _issued(key: str) -> str:
    """The acts that always issue it; what depends on the answer has none stated."""
    titles = [act.title for act in (*ACTS.values(), *RECORDS.acts.values()) if act.letter == key]
    return "、".join(titles)


# ── acts ────────────────────────────────────────────────────────────────────────────────────────
def acts_page() -> str:
    """Every act at every stage, what it asks for, and the path drawn from what they do."""
    beside = {one.label: one.acts for one in (REVIEWS, RECORDS, PUBLICATIONS, PAPERS)}
    return page(
        "办理的各步和各环节",
        "由 `models/acts/catalogue.py` 所列的各步写出。",
        "## 一件申请的路径",
        "每条线是一步：从哪个环节到哪个环节。由测试实际办理各种情形得出；不改变环节的各步见下表。",
        f"```mermaid\n{mermaid(arrows())}\n```",
        "## 各步在哪个环节可以办理",
        "○ 可以办理（条件见各步）；● 办理后到下一环节。职责：办理人员名单（`officers.toml`）中谁可以办理。",
        _matrix(),
        "## 另行填写的表单",
        "不在申请自己的表单上，而从“新办”填写，见 [每张表单怎样填](../officers.md)。",
        table(("表单", "程序"), ((name, f"`{where}`") for name, where in OUR_FLOWS.items())),
        "## 各步填写什么",
        *(_asked(act) for act in ACTS.values()),
        *(
            part
            for label, acts in beside.items()
            for part in (f"## {label}", *(_asked(act) for act in acts.values()))
        ),
    )


def _matrix() -> str:
    moves = {(before, kind) for before, kind, after in arrows() if before != after}
    rows = (
        (
            *(f"{act.title}（{act.tab}）", f"`{kind}`", article_label(act.article)),
            *_marks(act, moves),
            "、".join(role.label for role in Role if role in _roles(act)),
        )
        for kind, act in ACTS.items()
    )
    return table(("步骤（标签）", "标识", "依据", *Stage, "职责"), rows)


def _roles(act: type[Act]) -> set[Role]:
    return {role for stage in act.stages for role in act.roles_at(stage)}


def _marks(act: type[Act], moves: set[tuple[str, str]]) -> Iterator[str]:
    for stage in Stage:
        here = stage in act.stages
        yield ("●" if (str(stage), act.kind) in moves else "○") if here else ""


def _asked(act: type[RegisterAct[Any]]) -> str:
    fields = [
        (f.title or name, f"`{name}`", "是" if f.is_required() else "", f.description or "")
        for name, f in act.model_fields.items()
    ]
    head = f"### {act.title}\n\n`{act.kind}`，{article_label(act.article)}"
    if act.letter in LAW.letters:
        head += f"，发出{LAW.letters[act.letter].label}"
    return f"{head}。" + (
        "\n\n" + table(("项", "标识", "必填", "说明"), fields) if fields else "没有要填的项。"
    )


# ── the pages ───────────────────────────────────────────────────────────────────────────────────
PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "config.md": config_page,
    "letters.md": letters_page,
    "acts.md": acts_page,
}


def write() -> None:
    """Write every page; what is no page any more goes."""
    REFERENCE.mkdir(exist_ok=True)
    for path in REFERENCE.iterdir():
        if path.name not in PAGES:
            path.unlink()
    for name, made in PAGES.items():
        (REFERENCE / name).write_text(made(), "utf-8")


if __name__ == "__main__":
    write()
