"""Which figures are of some that were counted before them, and not of the whole year?

“上年结转3件，其中予以公开2件”, “自然人申请70件，其中无法提供20件”, “部分公开9件，其中过程性信息5件”: what
stands behind a figure that is not of all may be a part of it, as long as it is no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import JOINED, Sentence, Stated

_ALL: Final = frozenset({"received", "handled", "replied", "closed", "applied", "on_request"})
_CAME: Final = frozenset({"received", "handled", "applied"})
_GIVEN: Final = frozenset({"granted", "partly", "disclosed"})
_SUBJECTS: Final = {rule.name: rule.subject for rule in reversed(rules.RULES)}
_DONE: Final = frozenset({"closed", "replied"})
_AMONG: Final = re.compile(r"[^，。；：（）\d]{0,10}(?:[，（：、]?其中|[中里][，：]?)|的?，分别")


class Placed(NamedTuple):
    """A figure and the words before it, from where to where; of = what it states of the tables."""

    start: int
    end: int
    figure: float
    of: Stated | None


def parted(sentence: Sentence, placed: Sequence[Placed]) -> list[Placed]:
    """The figures of a sentence, those that may be of some alone hedged."""
    found = list(placed)
    for n, head in enumerate(found):
        for at in _members(sentence, found, n):
            of = found[at].of
            if of and _is_part(of, head.of):
                found[at] = found[at]._replace(of=of._replace(hedged=True))
    return found


def _members(sentence: Sentence, placed: Sequence[Placed], n: int) -> range:
    """Which figures are counted in the one at n: behind “其中”, or together as many as it."""
    head, end = placed[n], _end_of(sentence, placed[n])
    sums, most = list[float](), 0
    for one in placed[n + 1 :]:
        if one.end > end or (sums[-1] if sums else 0) + one.figure > head.figure:
            break
        sums.append((sums[-1] if sums else 0) + one.figure)
    theirs = head.of is not None and head.of.name in _CAME and head.of.hedged
    if _AMONG.match(sentence.text, head.end) or theirs:
        most = len(sums)
    elif head.figure > 0 and head.figure in sums:
        most = sums.index(head.figure) + 1
        carried = head.of is not None and head.of.name.startswith("carried")
        most = most if most > 1 or carried else 0
    return range(n + 1, n + 1 + most)


def _end_of(sentence: Sentence, head: Placed) -> int:
    """Where what is said of a figure ends: at the next semicolon, or the bracket's end."""
    opened = sentence.text[head.end : head.end + 1] == "（"
    stops = [sentence.text.find(stop, head.end) for stop in ("；", "。", *("）" * opened))]
    return min((at for at in stops if at >= 0), default=len(sentence.text))


def _is_part(one: Stated, head: Stated | None) -> bool:
    """Whether what is named can be of some of the head's alone: a result of those carried in, of a kind."""
    subject = _SUBJECTS.get(one.name.split(JOINED)[0], "")
    name = head.name if head else ""
    if name in _ALL:  # “公安机关收到申请468件，予以公开92件”: it may be of others, and so may they
        return bool(head and head.hedged and name in _CAME) and subject in ("result", "row")
    if name in _GIVEN:
        return subject == "row"
    of = _SUBJECTS.get(name.split(JOINED)[0], "")
    if of in ("result", "row", "part"):
        return False
    if of == "carried":
        return subject in ("result", "row", "kind") or one.name in _DONE
    return subject in ("result", "row") or (
        name.startswith(("reviews", "suits")) and subject == "kind"
    )
