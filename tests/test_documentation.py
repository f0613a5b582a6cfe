"""Is everything named in a page, and every page what it is made from? (tests/documentation.py)"""

from __future__ import annotations

import re
from pathlib import Path

import documentation
import pytest
from documentation import PAGES, REFERENCE, ROOT
from drawing import arrows
from histories import CONFIG, LAW

from flows.installation.settings import FORMER, SETTINGS
from models.acts.catalogue import ACTS

SETTING = re.compile(r"DISCLOSURE_[A-Z_]+")
READ = re.compile(r"""(?:environ(?:\.get|\.pop)?|getenv)\s*[\[(]\s*["']DISCLOSURE_""")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = sorted(
    path for room in ("flows", "letters", "models") for path in (ROOT / room).rglob("*.py")
)
WRITTEN = [
    ROOT / "README.md",
    ROOT / "config" / "README.md",
    *sorted((ROOT / ".docs").rglob("*.md")),
]

PLAYED_ELSEWHERE = {
    "applicant_left",  # test_leaving.py: only where several applied
    "extension_drafted",  # test_signoff.py: only where officers are listed
    "received_as_part",  # with the splitting of another application
    "step_undone",  # test_undoing.py: back to where the case stood
    "redecision_undone",  # test_review.py: only after an order that came with a review
}
"""Acts that no situation allows; none of them leads to another stage."""


# ── made, not written ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_it_is_made_from(name: str) -> None:
    made, there = PAGES[name](), (REFERENCE / name).read_text("utf-8")
    assert made == there, "run: python -m tests.documentation"


def test_there_are_no_other_pages_and_the_readme_leads_to_each() -> None:
    assert {path.name for path in REFERENCE.iterdir()} == PAGES.keys()
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {f".docs/reference/{name}" for name in PAGES} <= set(LINK.findall(readme))


def broken(text: str, folder: Path) -> list[str]:
    """The links of a page that lead to nothing here; those to the web are not followed."""
    inside = (to for to in LINK.findall(text) if "://" not in to)
    return [to for to in inside if not (folder / to).exists()]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken(path.read_text("utf-8"), path.parent) == []
    assert broken("[x](no/such.md)", path.parent) == ["no/such.md"]


# ── nothing is left out ─────────────────────────────────────────────────────────────────────────
def unnamed(names: set[str], text: str) -> set[str]:
    """Those of the names that do not stand in a page as what they are."""
    return {name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)}


NAMED: dict[str, set[str]] = {
    "settings.md": {one.name for one in SETTINGS},
    "commands.md": set(documentation.commands()),
    "acts.md": set(ACTS),
    "letters.md": {*LAW.outcomes, *LAW.letters},
    "config.md": {pattern.replace("[0-9]*", "年份") for pattern in documentation.FILES},
}


@pytest.mark.parametrize("page", NAMED)
def test_everything_is_named_in_its_page(page: str) -> None:
    text = (REFERENCE / page).read_text("utf-8")
    assert unnamed(NAMED[page], text) == set()
    one = min(NAMED[page])
    assert unnamed({one}, text.replace(one, "")) == {one}  # left out, it would be missed


def test_every_file_of_config_is_read_by_one_entry() -> None:
    read = [path for pattern in documentation.FILES for path in documentation.files_of(pattern)]
    assert sorted(read) == sorted(CONFIG.rglob("*.toml"))


def test_the_readme_of_config_says_of_every_file_when_it_is_changed() -> None:
    readme = (CONFIG / "README.md").read_text("utf-8")
    told = {name.replace("[0-9]*", "YYYY") for name in documentation.FILES}
    assert unnamed(told, readme) == set()


def unstated(source: str) -> set[str]:
    """The settings that a source names and nobody has stated."""
    return set(SETTING.findall(source)) - {one.name for one in SETTINGS} - set(FORMER)


def test_every_setting_is_stated_and_read_in_one_place() -> None:
    assert unstated('os.environ.get("DISCLOSURE_NEW")') == {"DISCLOSURE_NEW"}
    assert READ.search('os.environ.get("DISCLOSURE_HOME")')
    for path in CODE:
        source = path.read_text("utf-8")
        assert unstated(source) == set(), path
        assert not READ.search(source), path


def test_what_a_setting_holds_unset_and_empty_is_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for one in SETTINGS:
        assert one.default or one.otherwise, one.name
        monkeypatch.delenv(one.name, raising=False)
        assert one.value() == one.default
        monkeypatch.setenv(one.name, "")
        assert one.value() == one.default
        monkeypatch.setenv(one.name, "甲")
        assert one.value() == "甲"


def test_every_act_is_drawn() -> None:
    drawn = {kind for _, kind, _ in arrows()}
    assert ACTS.keys() - drawn == PLAYED_ELSEWHERE


def test_what_is_made_is_not_written_by_hand_as_well() -> None:
    for path in WRITTEN:
        if path.parent != REFERENCE:
            rows = re.findall(r"^\| *`DISCLOSURE_\w+`", path.read_text("utf-8"), re.MULTILINE)
            assert rows == [], path


# ── for whoever changes it ──────────────────────────────────────────────────────────────────────
CRITERIA = """
Code in the open
Bundle policy and source code
Make the codebase reusable and portable
Welcome contributors
Make contributing easy
Maintain version control
Require review of contributions
Document codebase objectives
Document the code
Use plain English
Use open standards
Use continuous integration
Publish with an open license
Make the codebase findable
Use a coherent style
Document codebase maturity
""".strip().splitlines()
"""The Standard for Public Code, version 0.8.0."""

FILE = re.compile(r"`([\w./-]+/[\w.-]+|[\w-]+\.\w+|LICENSE)`")
AT_MOST = 30
ENTRANCE = {"README.md", ".docs/developers.md"}


def rows(text: str, heading: str) -> list[list[str]]:
    """The rows of the table with this heading in its first column."""
    _, _, below = text.partition(f"| {heading} |")
    lines = below.splitlines()[2:]
    kept = lines[: next((n for n, x in enumerate(lines) if not x.startswith("|")), len(lines))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept]


def absent(cells: list[str]) -> list[str]:
    """The files that cells name and that are not there."""
    return [name for cell in cells for name in FILE.findall(cell) if not (ROOT / name).exists()]


def test_a_newcomer_opens_at_most_thirty_files_for_ten_questions() -> None:
    answered = rows((ROOT / ".docs" / "developers.md").read_text("utf-8"), "question")
    assert len(answered) == 10
    assert all(FILE.findall(files) for _, files in answered)
    assert absent([files for _, files in answered]) == []
    assert absent(["`models/no_such.py`"]) == ["models/no_such.py"]
    opened = {name for _, files in answered for name in FILE.findall(files)}
    assert len(opened | ENTRANCE) <= AT_MOST


def test_the_sixteen_criteria_are_judged_each_with_its_files_or_the_reason() -> None:
    judged = rows((ROOT / ".docs" / "public-code.md").read_text("utf-8"), "criterion")
    assert [row[0] for row in judged] == CRITERIA
    for criterion, state, files, reason in judged:
        assert state in ("met", "partly", "not met", "not applicable"), criterion
        assert FILE.findall(files) or state == "not applicable", criterion
        assert reason, criterion
    assert absent([row[2] for row in judged]) == []


def test_every_file_that_the_guide_for_developers_names_is_there() -> None:
    guide = (ROOT / ".docs" / "developers.md").read_text("utf-8")
    named = {name for name in FILE.findall(guide) if "/" in name and not MADE_UP.search(name)}
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert len(named) > AT_MOST


MADE_UP = re.compile("YEAR|KEY|ROOM|NAME")
"""What stands for a name that whoever adds something picks."""
