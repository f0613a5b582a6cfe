"""Is a share that the words of a report state one of its tables' figures? “予以公开20件，占总数的43.5%”."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from models.report_tables import sentence_rules as rules
from models.report_tables.figures_apart import GROUPS
from models.report_tables.identities import Check, Verdict
from models.report_tables.read_sentence import JOINED, Share, Stated

Allowed = Mapping[str, tuple[float, ...]]

_OTHERS: Final = "其他处理之其他"
_WHOLES: Final = {
    "came": ("received", "handled"),
    "closed": ("closed", "replied"),
    "all": ("closed", "received", "handled"),
    "": ("closed", "received", "handled"),
}
"""By what the words say: of how many it is. It may be meant of those that were answered, too."""


def share_checks(
    those: Sequence[Stated], allowed: Allowed, named: Mapping[str, str], beside: str
) -> Iterator[Check]:
    """A check for each name of which shares are stated; those of something that no table has are not judged.

    named = what each name is called
    """
    found: dict[str, list[_Known]] = {}
    for one in those:
        if one.share and all(name in allowed for name in one.name.split(JOINED)):
            wholes = _wholes(one.name, one.share, allowed)
            if wholes:
                meant = _meant(one.name, one.share, allowed)
                found.setdefault(one.name, []).append(_Known(one, one.share, wholes, meant))
    for name, known in found.items():
        yield _judged(name, known, _counts(name, allowed), named[name], beside)


class _Known(NamedTuple):
    """A share, the wholes that its words name, the likeliest first, and those that may be meant beside."""

    one: Stated
    share: Share
    wholes: list[float]
    meant: list[float]

    def fits(self, wholes: Sequence[float], counts: Sequence[float]) -> bool:
        """Whether it is the share of one of the counts in one of the wholes, rounded or cut off."""
        most = self.share.step + 1e-9
        return any(
            abs(100 * count / whole - self.one.figure) < most
            for count in (*self.share.counts, *counts)
            for whole in wholes
        )


def _wholes(name: str, share: Share, allowed: Allowed) -> list[float]:
    """Of how many it is a share, by its words; none where nobody knows of what."""
    group = name.partition(".")[0]
    if group in ("reviews", "suits", "suits_direct", "suits_after"):
        named = list(allowed[group]) if share.whole in _WHOLES else []
    elif share.whole in _WHOLES:
        named = [figure for one in _WHOLES[share.whole] for figure in allowed.get(one, ())]
    else:
        named = [figure for one in _groups_in(share.whole) for figure in allowed.get(one, ())]
    return [figure for figure in dict.fromkeys(named) if figure > 0]


def _meant(name: str, share: Share, allowed: Allowed) -> list[float]:
    """Of how many else it may be: those answered, those that the words stated, the group of a row."""
    if share.whole not in _WHOLES:
        return []
    closed = allowed["closed"][0]
    answered = [*allowed["replied"], *(closed - figure for figure in allowed.get(_OTHERS, ()))]
    groups = [] if name in GROUPS else [figure for one in GROUPS for figure in allowed[one]]
    found = [*answered, *allowed["received"], *share.beside, *groups]
    return [figure for figure in found if figure > 0]


def _groups_in(words: str) -> Iterator[str]:
    """Which result, row or kind the words name that say of what it is a share."""
    for rule in rules.RULES:
        told = re.search(rule.words, words) if rule.subject in ("result", "row", "kind") else None
        if told and told.group():
            yield rule.name
            return


def _judged(
    name: str, known: Sequence[_Known], counts: Sequence[float], called: str, beside: str
) -> Check:
    wrong = [each for each in known if not each.fits(each.wholes, counts)]
    # where nothing is said of what, it may be of any that can be meant
    wrong = [each for each in wrong if each.share.whole or not each.fits(each.meant, counts)]
    if not wrong:
        message = f"文字部分的{called}所占比例（{known[0].one.sentence}）与{beside}一致"
        return Check(f"text.share.{name}", True, message)
    certain = [each for each in wrong if not each.one.hedged and not each.fits(each.meant, counts)]
    told = (certain or wrong)[0]
    count = (*told.share.counts, *counts)[0]
    right = "、".join(
        f"{whole:.15g}件中的{count:.15g}件占{100 * count / whole:.1f}%" for whole in told.wholes[:2]
    )
    quoted = "、".join(dict.fromkeys(f"“{each.one.sentence}”" for each in certain or wrong))
    message = f"文字部分写{quoted}，按{beside}，{right}"
    if certain:
        return Check(f"text.share.{name}", False, message)
    message += "（文字为约数，或者没有写明是占什么的比例，请核实）"
    return Check(f"text.share.{name}", True, message, short_of=Verdict.DOUBTFUL)


def _counts(name: str, allowed: Allowed) -> tuple[float, ...]:
    """How many the tables have of what is named, all of them that are counted together."""
    if JOINED in name:
        return (sum(allowed[one][0] for one in name.split(JOINED)),)
    return allowed[name]
