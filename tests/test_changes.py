"""Does every change say what whoever upgrades must know, and do the notes say all of it?"""

from __future__ import annotations

from pathlib import Path

import changes
import pytest
from changes import CHANGES, KINDS, UNRELEASED, BadChange, Change, notes, read, title_of

RELEASES = sorted(path.name for path in CHANGES.iterdir() if path.is_dir())
FILES = sorted(CHANGES.glob("*/*.toml"))
WHOLE = """
on = 2026-11-28
kind = "law"
title = "收到之日不推后"
articles = ["条例31"]
before = "本机关迟延确认的，收到之日跟着推后。"
now = "迟延的仍以送达之日为收到之日。"
affects = "未确认收到的申请。"
upgrade = "看一遍待办清单"
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_change_says_what_it_must(path: Path) -> None:
    change = read(path)
    assert not change.upgrade.endswith("。")  # a sentence of the list of steps
    for words in (change.before, change.now, change.affects):
        assert words.endswith("。"), words
    assert not (change.kind == "law" and not change.articles)


def test_there_is_nothing_else_among_the_changes() -> None:
    assert {UNRELEASED} <= set(RELEASES)
    known = {"README.md", *RELEASES, *(f"{name}.md" for name in RELEASES)}
    assert {path.name for path in CHANGES.iterdir()} == known
    assert {path.suffix for name in RELEASES for path in (CHANGES / name).iterdir()} <= {".toml"}


@pytest.mark.parametrize("name", RELEASES)
def test_the_notes_are_what_the_files_make(name: str) -> None:
    made = notes(title_of(name), changes.changes(CHANGES / name))
    assert made == (CHANGES / f"{name}.md").read_text("utf-8"), "run: python -m tests.changes"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "law"', 'kind = "laws"', "kind"),
        ("on = 2026-11-28", 'on = "soon"', "on"),
        ('affects = "未确认收到的申请。"', "", "affects"),
        ('affects = "未确认收到的申请。"', 'affects = " "', "affects"),
        ("before =", "problem =", "before"),
        ("upgrade =", "steps =", "steps"),
        ('kind = "law"', "kind = law", "line"),
    ],
)
def test_a_change_that_lacks_something_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(WHOLE, "utf-8")
    assert read(path).kind == "law"
    path.write_text(WHOLE.replace(old, new, 1), "utf-8")
    with pytest.raises(BadChange, match=r"a\.toml") as fault:
        read(path)
    assert said in str(fault.value)


def a_change(**more: object) -> Change:
    stated = {"on": "2026-11-28", "kind": "law", "title": "收到之日不推后", "articles": ["条例31"]}
    told = {
        "before": "从前跟着推后，是错的。",
        "now": "现在不推后，照法律的规定。",
        "affects": "在办申请。",
    }
    return Change.model_validate(stated | told | more)


def test_the_steps_of_the_upgrade_come_first_and_every_change_stands_once() -> None:
    found = [
        a_change(kind=kind, title=f"变动：{words}", upgrade="做这个" if kind == "desk" else "")
        for kind, words in KINDS.items()
    ]
    text = notes("0.2.0 的变动", found)
    assert text.index("1. 做这个（变动：办理系统）") < text.index("## 期限和结果")
    for words in KINDS.values():
        assert text.count(f"\n## {words}\n") == 1
        assert text.count(f"### 变动：{words}（条例31）") == 1
    assert "没有其他要做的。" in notes("", [a_change()])
    assert "## 文书" not in notes("", [a_change()])


def test_a_release_takes_over_what_is_unreleased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHANGES", tmp_path)
    (tmp_path / UNRELEASED).mkdir()
    (tmp_path / UNRELEASED / "a.toml").write_text(WHOLE, "utf-8")
    changes.write("0.2.0")
    assert (tmp_path / "0.2.0" / "a.toml").read_text("utf-8") == WHOLE
    assert "收到之日不推后" in (tmp_path / "0.2.0.md").read_text("utf-8")
    assert "收到之日不推后" not in (tmp_path / f"{UNRELEASED}.md").read_text("utf-8")
    with pytest.raises(BadChange, match="已经发行"):
        changes.write("0.2.0")
    (tmp_path / UNRELEASED / "b.toml").write_text(WHOLE.replace("before", "x"), "utf-8")
    with pytest.raises(BadChange):
        changes.write("0.3.0")
    assert not (tmp_path / "0.3.0").exists()
