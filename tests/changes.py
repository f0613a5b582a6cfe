"""Release notes, made from the change files: one file a change, `.docs/changes/unreleased/NAME.toml`.

    python -m tests.changes            # .docs/changes/unreleased.md, anew
    python -m tests.changes 0.2.0      # at a release: the files move to 0.2.0/, the notes are 0.2.0.md

What a file holds is explained in .docs/changes/README.md; tests/test_changes.py holds files and notes.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

CHANGES = Path(__file__).resolve().parents[1] / ".docs" / "changes"
UNRELEASED = "unreleased"
NOTE = "<!-- 由 python -m tests.changes 写出，不要手改 -->"
KINDS = {
    "law": "期限和结果",
    "letters": "文书",
    "desk": "办理系统",
    "report": "年度报告",
    "keeping": "安装和维护",
    "code": "程序",
}

Kind = Literal["law", "letters", "desk", "report", "keeping", "code"]


class Change(BaseModel):
    """One change, as whoever upgrades reads it.

    before   what was wrong or lacking        now      how it is
    affects  which periods, cases or papers, or that none are
    upgrade  what is to be done before or after upgrading; "" = nothing
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    on: date
    kind: Kind
    title: str = Field(min_length=4, max_length=60)
    articles: tuple[str, ...] = ()
    before: str = Field(min_length=10)
    now: str = Field(min_length=10)
    affects: str = Field(min_length=4)
    upgrade: str = ""


class BadChange(ValueError):
    """A change file says what it must not, or not what it must."""


def read(path: Path) -> Change:
    """One change; BadChange names the file and the field."""
    try:
        return Change.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as fault:
        raise BadChange(f"{path.name}: {fault}") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadChange(f"{path.name}: {place}: {first['msg']}") from None


def changes(folder: Path) -> list[Change]:
    """The changes of a folder, the earliest first."""
    return sorted(map(read, sorted(folder.glob("*.toml"))), key=lambda one: one.on)


def notes(title: str, found: Iterable[Change]) -> str:
    """The release notes: what is to be done at the upgrade, then every change by kind."""
    told = list(found)
    steps = [
        f"{n}. {one.upgrade}（{one.title}）"
        for n, one in enumerate((x for x in told if x.upgrade), 1)
    ]
    lines = [
        NOTE,
        f"# {title}",
        "## 升级",
        "先照 [安装和维护](../install.md#升级) 备份、升级。此外：",
    ]
    lines.append("\n".join(steps) if steps else "没有其他要做的。")
    for kind, words in KINDS.items():
        of_kind = [one for one in told if one.kind == kind]
        lines += [f"## {words}"] if of_kind else []
        for one in of_kind:
            law = f"（{'、'.join(one.articles)}）" if one.articles else ""
            lines.append(f"### {one.title}{law}")
            lines.append(f"- 从前：{one.before}\n- 现在：{one.now}\n- 影响：{one.affects}")
    return "\n\n".join(lines) + "\n"


def title_of(name: str) -> str:
    """What the notes of a folder are headed."""
    return "上一发行版以来的变动" if name == UNRELEASED else f"{name} 的变动"


def write(name: str = UNRELEASED) -> None:
    """Write the notes of a folder; a release takes over what is unreleased."""
    folder, waiting = CHANGES / name, CHANGES / UNRELEASED
    if name != UNRELEASED:
        if folder.exists():
            raise BadChange(f"{name} 已经发行")
        changes(waiting)  # all of them can be read, or none is moved
        folder.mkdir()
        for path in waiting.glob("*.toml"):
            path.rename(folder / path.name)
        write()
    text = notes(title_of(name), changes(folder))
    folder.with_name(f"{name}.md").write_text(text, "utf-8")


if __name__ == "__main__":
    write(*sys.argv[1:2])
