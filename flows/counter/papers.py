"""What is added to a case's papers: materials, sealed copies, notes; and what is withdrawn (Art. 45).

The content is in the store before it is recorded, so that nothing recorded is without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from flows import office
from flows.papers.taking import Taken
from flows.path.entering import enter_once
from flows.path.form_fields import By
from models.agency.material_rules import SEALED_COPY
from models.errors import ActRefused
from models.neighbours.papers import (
    PAPERS,
    AddMaterial,
    AddNote,
    PaperAct,
    Papers,
    TakeSealedCopy,
    WithdrawMaterial,
    file_papers,
    papers,
)
from models.store.submissions import became
from models.store.tables import Entry


@dataclass(frozen=True)
class Filing:
    """Under what files are filed together: the kind's key; the act they belong to, 0 = the whole case;
    a title, "" = each by its file's name; the letter whose sealed copy it is, "" = none.
    """

    kind: str
    step: int = 0
    title: str = ""
    letter: str = ""


def file_all(
    number: str, taken: Sequence[Taken], how: Filing, by: By, submission: str | None = None
) -> Papers:
    """Record files that are in the store as materials of a case, all or none; ActRefused, NoSuchCase.

    submission = what the page is known by: sent twice, it is recorded once
    """
    rules = office.material_rules()
    if how.kind not in rules.kinds:
        raise ActRefused([f"没有“{how.kind}”这一种材料"])
    if how.letter and len(taken) != 1:
        raise ActRefused(["盖章件一次存入一份，一份文书对应一个文件"])
    kind = rules.kinds[SEALED_COPY if how.letter else how.kind]
    if how.letter and taken[0].type not in ("pdf", "ofd", "jpeg", "png", "tiff"):
        raise ActRefused(["盖章件应为 .pdf、.ofd，或者盖章后的扫描图片"])
    if kind.apart and not how.letter:
        raise ActRefused([f"“{kind.label}”请从所属的文书处存入"])
    acts: list[PaperAct] = []
    for n, one in enumerate(taken, 1):
        several = f"（{n}）" if len(taken) > 1 else ""
        title = how.title.strip()[: rules.title_longest - len(several)]
        said = {
            "material": kind.key,
            "named": f"{title}{several}" if title else one.title,
            "type": one.type,
            "digest": one.digest,
            "size": one.size,
            "personal": kind.personal,
            "step": how.step,
        }
        acts.append(
            TakeSealedCopy(**said, letter_number=how.letter) if how.letter else AddMaterial(**said)
        )
    return recorded(number, acts, by, submission)


def note(number: str, words: str, to: str, by: By, submission: str | None = None) -> Papers:
    """Write a note to the file, or to a colleague; ActRefused, NoSuchCase."""
    listed = {one.name for one in office.agency().officers}
    if to and listed and to not in listed:
        raise ActRefused([f"“{to}”不在办理人员名单中，便签没有存入"])
    if len(words.strip()) > NOTE_LONGEST:
        raise ActRefused([f"便签最多{NOTE_LONGEST}个字"])
    return recorded(number, [AddNote(words=words, to=to)], by, submission)


NOTE_LONGEST = 5000


def withdraw(number: str, place: int, reason: str, by: By, submission: str | None = None) -> Papers:
    """Take a material out of the file, with the reason; ActRefused, NoSuchCase."""
    return recorded(number, [WithdrawMaterial(place=place, reason=reason[:500])], by, submission)


def recorded(
    number: str, acts: Sequence[PaperAct], by: By, submission: str | None = None
) -> Papers:
    """Record acts on a case's papers in one transaction, under the officer's code."""
    now, at = office.circumstances(by.officer), office.now()

    def file_it(session: Session, known_by: str | None) -> Papers:
        return file_papers(session, number, acts, now, at, known_by)

    def known(session: Session, known_by: str | None) -> Papers | None:
        entry = became(session, Entry, f"{known_by}.0") if known_by else None
        return papers(session, entry.case_number) if entry else None

    return enter_once(PAPERS.key, by, file_it, known, submission)
