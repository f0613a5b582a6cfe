"""未提交的草稿 on the bench: which form of which case is half filled in, and of whom it tells.

Each is shown to whoever typed it alone; of a person it says no more than the other lists do.
"""

from __future__ import annotations

from typing import Final

from flows.keeping.drafts import Draft
from flows.path.form_fields import OFFICER
from flows.shown.row_words import masked
from models.acts.catalogue import ACTS

NAME: Final = "applicant"
"""The field that names a person; shown masked."""
MATTERS: Final = ("request", "subject", "records", "reason")
"""Fields that say what it is about."""
SHORT: Final = 16
"""Characters of what is asked for that are shown."""


def told(draft: Draft) -> str:
    """What a draft is of: the tab of a case's form, of whom, what is asked for, and how much is there."""
    fields = {name.rpartition(".")[2]: words for name, words in draft.fields.items()}
    tabs = {kind for name in draft.fields if (kind := name.partition(".")[0]) in ACTS}
    said = [ACTS[kind].title for kind in ACTS if kind in tabs]
    said += [masked(words) for words in [fields.get(NAME, "").strip()] if words]
    said += [_short(words) for name in MATTERS if (words := fields.get(name, ""))]
    filled_in = [name for name in fields if name != OFFICER]
    return "，".join([*said, f"已填{len(filled_in)}项"])


def _short(words: str) -> str:
    line = " ".join(words.split())
    return f"“{line}”" if len(line) <= SHORT else f"“{line[:SHORT]}……”"
