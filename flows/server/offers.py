"""Which forms does an officer begin with, and when? Offered in groups; machine flows are not offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from flows.keeping.drafts import Draft
from flows.path import desk
from flows.path.form_fields import USE, Group, Use
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.server.judged_forms import run_id
from flows.shown import lists
from flows.shown.pages import form_url
from models.acts.former_words import form_now

NUMBER: Final = "number"
"""The field of a form that says of which case it is."""


@dataclass(frozen=True)
class Offered:
    """A form that is offered: its name, where it opens, when it is used."""

    name: str
    address: str
    when: str


def form_address(name: str, **given: str) -> str:
    """Where a form to begin with opens, with what is known of it filled in."""
    filled_in = "&".join(f"{field}={quote(value, safe='')}" for field, value in given.items())
    return f"/new/{quote(name, safe='')}" + (f"?{filled_in}" if filled_in else "")


LATEST: Final = "use"
"""In the address of a form: with whatever draft was kept last."""


def draft_address(draft: Draft) -> str:
    """Where a form is gone on with that was not submitted."""
    if draft.form == desk.HANDLE:
        return form_url(draft.number)
    if run := run_id(draft.number):
        return f"{lists.run_url(str(run))}?form"
    given = {NUMBER: draft.number} if draft.number else {}
    return form_address(draft.form, **given, draft=draft.mark or LATEST)


def use_of(name: str) -> Use | None:
    """When officers begin with a form; None for a flow that runs by itself, or that is none."""
    return getattr(flow(name).fn, USE, None) if form_now(name) in OUR_FLOWS else None


def groups() -> list[tuple[Group, list[Offered]]]:
    """The groups in order, with their forms."""
    offered = list(_offered())
    return [(group, [one for use, one in offered if use.group is group]) for group in Group]


def _offered() -> Iterator[tuple[Use, Offered]]:
    for name in OUR_FLOWS:
        if use := use_of(name):
            yield use, Offered(name, form_address(name), use.when)
