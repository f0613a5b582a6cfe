"""汇总: the `tables.json` of many units, found in a folder, into the superior's report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from flows import office
from flows.arguments import UnreadableFile
from models.errors import MalformedTables
from models.superior import Merged, made_by, merge
from models.tables_file import parse

UNITS = "units.txt"


def merge_folder(
    folder: Path,
    year: int,
    out: Path,
    agency: str = "",
    units: Path | None = None,
    advance: Callable[[int, int], None] = lambda *_: None,
) -> Merged:
    """Add up every .json under `folder`; `units` (or units.txt there) lists who owes a report.

    Writes `out`/tables.json. Raises UnreadableFile for a folder without a file, or where a unit's
    report stands in that place; NoFormForYear.
    """
    if not folder.is_dir():
        raise UnreadableFile(str(folder), "应为存放各单位 tables.json 的目录")
    superior = agency or office.agency().name
    target = out / "tables.json"
    paths = [path for path in sorted(folder.rglob("*.json")) if path.resolve() != target.resolve()]
    if not paths:
        raise UnreadableFile(str(folder), "目录中没有 .json 文件")
    if target.resolve().is_relative_to(folder.resolve()) and target.exists():
        _not_a_units(target, superior)
    rules = office.annual_rules()
    files = _contents(paths, folder, advance)
    expected = _expected(units or folder / UNITS, must=units is not None)
    made = merge(files, superior, year, rules.forms, expected, office.today())
    try:
        out.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".part")
        text = json.dumps(made.as_data(), ensure_ascii=False, indent=1)
        beside.write_text(text + "\n", encoding="utf-8")
        beside.replace(target)
    except OSError as fault:
        raise UnreadableFile(str(out), f"无法写入（{fault.strerror}）") from None
    return made


def _contents(
    paths: list[Path], folder: Path, advance: Callable[[int, int], None]
) -> Iterator[tuple[str, bytes]]:
    for n, path in enumerate(paths, 1):
        try:
            content = path.read_bytes()
        except OSError as fault:
            raise UnreadableFile(str(path), fault.strerror or "无法读取") from None
        yield str(path.relative_to(folder)), content
        advance(n, len(paths))


def _not_a_units(target: Path, superior: str) -> None:
    """UnreadableFile if what would be written over is not an earlier sum of the superior's."""
    try:
        data = parse(target.read_bytes())
    except (OSError, MalformedTables) as fault:
        raise UnreadableFile(str(target), f"无法认定是以前的汇总，不覆盖：{fault}") from None
    if not made_by(superior, data) or "units" not in data:
        raise UnreadableFile(str(target), f"不是{superior}以前的汇总，不覆盖，请另选 --out 目录")


def _expected(path: Path, *, must: bool) -> list[str]:
    """The units that owe a report, one a line."""
    if not must and not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UnreadableFile(str(path), "应为 UTF-8 文本，每行一个单位名称") from None
    return [line.strip() for line in lines if line.strip()]
