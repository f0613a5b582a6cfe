"""One word per idea: an earlier word stands in no form, letter, list, guide, setting or command."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from documentation import parser
from played import TABS, Played, _field
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel

from flows.arguments import stage
from models.acts import former_words
from models.acts.catalogue import ACTS
from models.store.sealing import Sealing, keyed, new_key

ROOT = Path(__file__).parents[1]
TERMS = tomllib.loads((ROOT / "tests/cases/terms.toml").read_text("utf-8"))["term"]
WHERE = {
    "flows": (".py", ".js"),
    "models": (".py",),
    "letters": (".py", ".j2", ".js"),
    "config": (".toml", ".md"),
    ".docs": (".md",),
}
FORMER = "models/acts/former_words.py"
NOTES = ".docs/changes/"  # the history of the words themselves


def pages() -> Iterator[tuple[str, str]]:
    """What officers, applicants and maintainers read, by its file."""
    for folder, kinds in WHERE.items():
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in kinds and name != FORMER and not name.startswith(NOTES):
                yield name, path.read_text("utf-8")
    yield "README.md", (ROOT / "README.md").read_text("utf-8")


PAGES = dict(pages())


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term["keep"])
def test_an_earlier_word_stands_nowhere(term: dict[str, Any]) -> None:
    old, spared = re.compile(term["old"]), term.get("except", {})
    found = [
        f"{name}:{n}: {line.strip()[:80]}"
        for name, text in PAGES.items()
        if name not in spared
        for n, line in enumerate(text.splitlines(), 1)
        if old.search(line)
    ]
    assert found == [], f"现在的说法：{term['keep']}"
    needless = [name for name in spared if not old.search(PAGES.get(name, ""))]
    assert needless == [], "不再需要的例外"


FOR_OFFICERS = (
    "bench",
    "head",
    "materials",
    "officers",
    "papers",
    "signing",
    "starting",
    "today",
    "troubles",
)
"""The pages of the guide for those who handle applications; installing has its own."""


def test_no_page_for_officers_names_a_command_or_a_file_of_the_installation() -> None:
    """Whoever cannot type it is told whom to turn to. Comments of templates nobody reads there."""
    shown = {
        path.name: re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        for path in sorted((ROOT / "letters" / "templates").glob("*.j2"))
    }
    shown |= {name: (ROOT / ".docs" / f"{name}.md").read_text("utf-8") for name in FOR_OFFICERS}
    technical = re.compile(r"\bdisclosure [a-z]+|[a-z_]+\.toml\b|config/|DISCLOSURE_[A-Z]+")
    found = {name: technical.findall(text) for name, text in shown.items()}
    assert {name: words for name, words in found.items() if words} == {}
    assert len(shown) > 80


def test_fields_tabs_and_stages_of_earlier_releases_are_still_understood() -> None:
    for (kind, name), title in former_words.FIELDS.items():
        assert title != ACTS[kind].model_fields[name].title
        assert _field(ACTS[kind], title) == name
    for kind, tab in former_words.TABS.items():
        assert tab != ACTS[kind].tab
        assert TABS[tab] == TABS[ACTS[kind].tab] == kind
    for was, is_now in former_words.STAGES.items():
        assert stage(was) == stage(is_now) == is_now


def test_a_line_in_the_words_of_earlier_releases_still_plays() -> None:
    engine = keyed(create_engine("sqlite://"), Sealing([new_key()]))
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        play = Played(session)
        for line in (
            "2026-03-02　收到　送达日期＝2026-03-02",
            "2026-03-10　起草　办理结果＝予以公开（提供）；经办人＝李起草",
            "2026-03-10　审核通过",
            "2026-03-10　签发",
            "2026-03-11　发出　送出日期＝2026-03-11",
        ):
            play.line(line)
        assert str(play.case().closed_on) == "2026-03-11"


def test_every_argument_of_every_command_says_what_it_is() -> None:
    def silent(command: argparse.ArgumentParser) -> Iterator[str]:
        for action in command._actions:
            if isinstance(action, argparse._SubParsersAction):
                for one in action.choices.values():
                    yield from silent(one)
            elif not action.help:
                yield f"{command.prog} {action.option_strings or action.metavar}"

    assert list(silent(parser())) == []


def test_help_says_its_headings_once_with_a_chinese_colon(
    capsys: pytest.CaptureFixture[str],
) -> None:
    top = parser().format_help()
    assert "\n命令：\n    demo" in top
    assert "\n选项：\n" in top
