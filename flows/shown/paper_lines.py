"""How a case's papers are shown: in its dossier, above its form, beside its letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from sqlmodel import Session

from flows import office
from letters.letter.words import escaped
from models.case.case import Case
from models.law.workdays import written
from models.neighbours.papers import Material, Papers, enclosures, missing, papers

KILOBYTE, MEGABYTE = 1000, 1_000_000


def papers_url(number: str) -> str:
    """Where a case's papers are: added, looked at, noted."""
    return f"/cases/{quote(number, safe='')}/papers"


def archive_url(number: str) -> str:
    """Where a closed case is bound and handed over to the archive."""
    return f"/cases/{quote(number, safe='')}/archive"


def material_url(number: str, place: int) -> str:
    """Where one material is looked at."""
    return f"{papers_url(number)}/{place}"


def file_url(number: str, place: int) -> str:
    """Where one material's file is given."""
    return f"{material_url(number, place)}/file"


def size_words(size: int) -> str:
    """A size as officers say it."""
    if size < MEGABYTE:
        return f"{max(1, round(size / KILOBYTE))} KB"
    return f"{size / MEGABYTE:.1f} MB"


def file_name(one: Material) -> str:
    """Under which name a material's file is given: its title, and the ending of what it is."""
    types = office.material_rules().types
    return f"{one.title}{types[one.type].ending}" if one.type in types else one.title


def material_lines(number: str, found: Papers) -> Iterator[tuple[str, str]]:
    """A line for each material in the file, and the page that it leads to."""
    rules = office.material_rules()
    for one in found.in_file():
        step = f"，第{one.step}步" if one.step else ""
        letter = f"，{one.letter}" if one.letter else ""
        yield (
            f"材料{one.place}　{rules.label(one.kind)}　{one.title}"
            f"（{size_words(one.size)}{letter}{step}）　{written(one.on)}　{one.officer}",
            material_url(number, one.place),
        )


def note_lines(found: Papers) -> Iterator[str]:
    """A line for each note."""
    for one in found.notes:
        to = f"（给{one.to}）" if one.to else ""
        yield f"{written(one.on)}　{one.officer}{to}：{' '.join(one.words.split())}"


def missing_lines(case: Case, found: Papers) -> list[str]:
    """What the acts of a case ask for and is not filed: a sentence each."""
    rules = office.material_rules()
    return [
        f"第{one.step}步“{one.title}”还没有{'、'.join(map(rules.label, one.kinds))}：{one.reason}"
        for one in missing(case, found, rules)
    ]


def above_form(session: Session, case: Case) -> list[str]:
    """What stands above a case's form: where its papers are, what is missing, the latest note."""
    found = papers(session, case.number)
    lines = [f"**案卷材料**　[存入、查看材料和便签]({papers_url(case.number)})"]
    lines += [f"**材料尚缺**　{escaped(words)}" for words in missing_lines(case, found)]
    if case.draft and (words := enclosed(case, found).sentences()):
        lines += [f"**注意**　{escaped(one)}" for one in words]
    lines += [f"**便签**　{escaped(line)}" for line in list(note_lines(found))[-3:]]
    return lines


def proposed_enclosures(session: Session, number: str) -> str:
    """What the form of a reply proposes as 随附材料: the materials that go out, a line each."""
    found = papers(session, number)
    return "\n".join(one.title for one in enclosures(found, office.material_rules()))


@dataclass(frozen=True)
class Enclosed:
    """The 随附材料 that a letter names, and the materials in the file: which line is which.

    lines = each line with its material, None where no material in the file is called so
    unnamed = materials that go out and stand in no line
    """

    lines: tuple[tuple[str, Material | None], ...] = ()
    unnamed: tuple[Material, ...] = ()

    def sentences(self) -> list[str]:
        """What does not agree, a sentence each; none where what is sent is what the letter names."""
        if not any(one for _, one in self.lines) and not self.unnamed:
            return []  # this office keeps what it sends elsewhere
        told = [
            f"随附材料“{line}”：案卷中没有这个名称的“拟提供的信息”"
            for line, one in self.lines
            if one is None
        ]
        return [
            *told,
            *(
                f"案卷材料{one.place}“{one.title}”拟提供给申请人，随附材料中没有写"
                for one in self.unnamed
            ),
        ]


def enclosed(case: Case, found: Papers) -> Enclosed:
    """The enclosures of a case's reply beside the materials that go out: a line is a material where it
    begins with its title (数量、页数 may follow).
    """
    said = case.draft.particulars.get("attachments", "") if case.draft else ""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    outgoing = list(enclosures(found, office.material_rules()))
    by_line: list[tuple[str, Material | None]] = []
    for line in lines:
        meant = [
            one for one in outgoing if line.strip("《》 ").startswith(one.title.strip("《》 "))
        ]
        best = max(meant, key=lambda one: len(one.title), default=None)
        by_line.append((line, best))
    named = {one.place for _, one in by_line if one}
    return Enclosed(tuple(by_line), tuple(one for one in outgoing if one.place not in named))
