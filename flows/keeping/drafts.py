"""What was typed in a form and not submitted: kept for a day, and offered again as 未提交的草稿.

It lies sealed in a file of its own under the office's folder, one for each officer, form and case, and
of a form that is of no case one for each page on which it was begun: a second registration takes
nothing of the first. A page that was closed, a visit that ended, a server that was killed lose nothing
of it. The one-time code is not in it. A form that was submitted leaves none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from flows import office
from flows.keeping import sealed_file
from models.acts import former_words
from models.case.personal import CODE

FOLDER: Final = "drafts"
PURPOSE: Final = "draft:"
ENDING: Final = ".draft"
LARGEST: Final = 200_000
"""Characters of what is kept: a form with the longest request has a tenth of it."""
MOST, MOST_OF_ONE = 500, 50
"""Drafts of an office, and of one officer, at a time: no more are kept, so that nobody fills its disk
with them, or takes the room of the others.
"""


@dataclass(frozen=True)
class Draft:
    """What was typed, by whom, in which form (of which case, "" for none), begun and last kept when.

    mark = of the page on which it was begun, where the form is of no case
    """

    officer: str
    form: str
    number: str
    at: datetime
    fields: Mapping[str, str]
    begun: datetime
    mark: str = ""

    @property
    def when(self) -> str:
        """When it was last kept, as a page says it."""
        return _said(self.at)

    @property
    def since(self) -> str:
        """When it was begun, as a page says it."""
        return _said(self.begun)


def _said(moment: datetime) -> str:
    at = moment.astimezone(office.SHANGHAI)
    return f"{at.month}月{at.day}日{at:%H:%M}"


def keep(officer: str, form: str, number: str, fields: Mapping[str, str], mark: str = "") -> bool:
    """Keep what is typed in a form so far, in place of what was; whether there was room for it."""
    typed = {name: words for name, words in fields.items() if name != CODE and words}
    if not typed or sum(map(len, typed.values())) > LARGEST:
        return False
    path = _path(officer, form, number, mark)
    if not path.exists() and not _room(officer):
        return False
    now, before = office.now(), _read(path)
    begun = before.begun if before else now
    _write(path, Draft(officer, form, number, now, typed, begun, mark))
    return True


def taken_up(draft: Draft, mark: str) -> Draft:
    """A draft that is gone on with on another page: from now on it is that page's."""
    known = replace(draft, mark=mark)
    _write(_path(draft.officer, draft.form, draft.number, mark), known)
    drop(draft.officer, draft.form, draft.number, draft.mark)
    return known


def _write(path: Path, draft: Draft) -> None:
    times = [draft.at.isoformat(), draft.fields, draft.begun.isoformat()]
    said = [draft.officer, draft.form, draft.number, *times, draft.mark]
    sealed_file.write(path, PURPOSE, said)


def kept(officer: str, form: str, number: str) -> Draft | None:
    """What an officer left in a form of Prefect's; None if he left nothing, or too long ago."""
    found = (_read(_path(officer, name, number)) for name in former_words.forms(form))
    return next(filter(None, found), None)


def drop(officer: str, form: str, number: str, mark: str = "") -> None:
    """It was submitted, or is not wanted any more."""
    named = {_path(officer, name, number, mark) for name in former_words.forms(form)}
    for path in named & {*_all()}:
        path.unlink(missing_ok=True)


def of(officer: str) -> list[Draft]:
    """All that an officer left, the latest first."""
    found = [draft for path in _all() if (draft := _read(path)) and draft.officer == officer]
    return sorted(found, key=lambda draft: draft.at, reverse=True)


def of_form(officer: str, form: str, number: str) -> list[Draft]:
    """Those that an officer left in one form, of one case or of none, the latest first."""
    return [one for one in of(officer) if (one.form, one.number) == (form, number)]


def over() -> Iterator[str]:
    """Delete what is kept no longer; says how many that were."""
    old = [path for path in _all() if _read(path) is None]
    for path in old:
        path.unlink(missing_ok=True)
    if old:
        yield f"未提交的草稿保留24小时，届满的{len(old)}份已删除"


def _all() -> Iterator[Path]:
    """Where drafts are; none where another folder is linked in their place: it is not ours to clear."""
    folder = office.home() / FOLDER
    return iter(()) if folder.is_symlink() else folder.glob(f"*{ENDING}")


def _path(officer: str, form: str, number: str, mark: str = "") -> Path:
    whose = json.dumps([officer, form, number, *([mark] if mark else [])], ensure_ascii=False)
    return office.home() / FOLDER / f"{sealed_file.mark(officer)}-{sealed_file.mark(whose)}{ENDING}"


def _room(officer: str) -> bool:
    """Whether one draft more may be kept for an officer."""
    names = [path.name for path in _all()]
    his = sum(name.startswith(sealed_file.mark(officer)) for name in names)
    return len(names) < MOST and his < MOST_OF_ONE


def _read(path: Path) -> Draft | None:
    """A draft as it was kept; None where its time is over, or it cannot be opened."""
    match sealed_file.read(path, PURPOSE):
        case [officer, form, number, at, fields, *more]:  # earlier ones do not say when begun
            moment = datetime.fromisoformat(at)
            begun = datetime.fromisoformat(more[0]) if more else moment
            mark, form = "".join(more[1:2]), former_words.form_now(form)
            holds = timedelta(days=office.retention()["drafts"].days)
            if office.now() - moment <= holds:
                return Draft(officer, form, number, moment, fields, begun, mark)
    return None
