"""What a letter of this office is called: the title it chose, else the template's own."""

from __future__ import annotations

from collections.abc import Iterable

from letters.letter.words import usual_title
from models.agency.agency import Agency
from models.agency.wording import REPLY, called, short
from models.law.statute import Statute


def title_of(kind: str, law: Statute, agency: Agency) -> str:
    """The title of a letter (key of letters.toml or outcomes.toml), as config/office chose it."""
    chosen = agency.titles.get(kind)
    if chosen is None and kind in law.outcomes:
        chosen = agency.titles.get(REPLY)
    return chosen or usual_title("" if kind == REPLY else kind)


def naming(
    kind: str, law: Statute, agency: Agency, borne: Iterable[tuple[str, str]] = ()
) -> dict[str, object]:
    """How the letter calls itself and those before it: title, called (告知书 …), and by their keys
    the letters of the procedure that it may name (补正告知书 …).

    borne = the titles of the letters that went out, by kind; what did not is called as it would be
    """
    title = title_of(kind, law, agency)
    went_out = dict(borne)
    before = {
        key: short(went_out.get(key) or title_of(key, law, agency)) for key in ("correction", "fee")
    }
    return {"title": title, "called": called(title), "named_before": before}
