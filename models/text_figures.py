"""Do the words of a report say what its tables say? Every figure a sentence states, compared.

Only sentences whose meaning is certain are read (受理……件, 办结……件, 不予公开……件, 收取……元). A figure
that is rounded (约、余、超过), or of a part of the agency (代表……、其中), cannot be decided by
arithmetic: it is 存疑 where it differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from models.annual_form import Form
from models.identities import Check, Verdict

Allowed = Mapping[str, tuple[float, ...]]

_GAP = r"[^，。；：、（）\d]"
_END = r"(?:件|(?=[，。；、（]|$))"
LABELS = {
    "received": "收到申请件数",
    "closed": "办结件数",
    "carried_in": "上年结转件数",
    "carried_out": "结转下年度件数",
    "granted": "予以公开件数",
    "partly": "部分公开件数",
    "refused": "不予公开件数",
    "unable": "无法提供件数",
    "not_handled": "不予处理件数",
    "other": "其他处理件数",
    "reviews": "行政复议件数",
    "suits": "行政诉讼件数",
    "fees": "信息处理费金额",
}
PATTERNS = {
    "received": rf"(?:受理|收到|收办|新收|接收){_GAP}{{0,20}}?(\d+){_END}",
    "closed": rf"办结{_GAP}{{0,12}}?(\d+){_END}",
    "carried_in": rf"上年度?结转{_GAP}{{0,14}}?(\d+)(?!\d)",
    "carried_out": rf"转下一?年度?{_GAP}{{0,8}}?(\d+)件",
    "granted": rf"(?<!不)予以公开{_GAP}{{0,4}}?(\d+)件",
    "partly": rf"部分公开{_GAP}{{0,4}}?(\d+)件",
    "refused": rf"不予公开{_GAP}{{0,4}}?(\d+)件",
    "unable": rf"无法提供{_GAP}{{0,4}}?(\d+)件",
    "not_handled": rf"不予处理{_GAP}{{0,4}}?(\d+)件",
    "other": r"其他处理(?:（[^）]*）)?(\d+)件",
    "reviews": r"行政复议(?:案件)?(\d+)件",
    "suits": r"行政诉讼(?:案件)?(\d+)件",
    "fees": r"(?<!未)收取[^。；]{0,20}?处理费[^。；]*?(\d+(?:\.\d+)?)元",
}
_READ = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
_NO_FEE = re.compile(r"未收取[^。；]{0,20}?处理费|没有收取[^。；]{0,20}?处理费")
_HEDGE = re.compile(r"约|超过|近\d|余件|多件|左右|万|代表|其中")
GROUPS = ("granted", "partly", "refused", "unable", "not_handled", "other")
ALWAYS = ("received", "closed")


class Stated(NamedTuple):
    """A figure that a sentence states; hedged = rounded, or of a part only."""

    name: str
    figure: float
    sentence: str
    hedged: bool


def stated(paragraphs: Iterable[str]) -> Iterator[Stated]:
    """Every figure that the paragraphs state of applications, reviews and fees."""
    for sentence in (s for each in paragraphs for s in re.split(r"(?<=。)|\n", each)):
        for name, pattern in _READ.items():
            for found in pattern.finditer(sentence):
                before = re.split(r"[；。]", sentence[: found.start()])[-1]
                hedged = bool(_HEDGE.search(before + found.group() + sentence[found.end() :][:2]))
                yield Stated(name, float(found.group(1)), found.group(), hedged)
        for found in _NO_FEE.finditer(sentence):
            yield Stated("fees", 0, found.group(), hedged=False)


def text_checks(paragraphs: Iterable[str], allowed: Allowed) -> list[Check]:
    """Each figure that the words state, against the tables and registers: `allowed` by name."""
    found: dict[str, list[Stated]] = {}
    for one in stated(paragraphs):
        if one.name in allowed:
            found.setdefault(one.name, []).append(one)
    checks = [_judged(name, those, allowed[name]) for name, those in found.items()]
    silent = [name for name in ALWAYS if name in allowed and name not in found]
    checks += [
        Check(f"text.{name}", True, f"文字部分没有写明{LABELS[name]}", short_of=Verdict.UNJUDGED)
        for name in silent
    ]
    return sorted(checks, key=lambda check: check.id)


def _judged(name: str, those: list[Stated], right: tuple[float, ...]) -> Check:
    wrong = [one for one in those if one.figure not in right]
    figures = "或者".join(dict.fromkeys(f"{value:g}" for value in right))
    if not wrong:
        message = f"文字部分的{LABELS[name]}（{those[0].sentence}）与表格、登记簿一致"
        return Check(f"text.{name}", True, message)
    quoted = "、".join(dict.fromkeys(f"“{one.sentence}”" for one in wrong))
    message = f"文字部分写{quoted}，表格、登记簿为{figures}"
    if all(one.hedged for one in wrong):
        message += "（文字为约数或者只说其中一部分，请核实）"
        return Check(f"text.{name}", True, message, short_of=Verdict.DOUBTFUL)
    return Check(f"text.{name}", False, message)


def allowed_by(
    form: Form, totals: Mapping[str, float], reviews: list[float] | None
) -> dict[str, tuple[float, ...]]:
    """What the words may state, by the totals of table 三 (by row) and the figures of table 四."""
    received, carried_in = totals[form.code("received")], totals[form.code("carried_in")]
    results = [row for row in form.row if row.kind == "result"]
    groups = dict.fromkeys((row.code.split(".")[1] for row in results), 0.0)
    for row in results:
        groups[row.code.split(".")[1]] += totals[row.code]
    found = {
        "received": (received, received + carried_in),
        "closed": (totals[form.code("results")],),
        "carried_in": (carried_in,),
        "carried_out": (totals[form.code("carried_out")],),
        **{name: (value,) for name, value in zip(GROUPS, groups.values(), strict=True)},
    }
    if reviews is not None:
        ends, at = [], 0
        for group in form.review:
            at += len(group.columns)
            ends.append(reviews[at - 1])
        found |= {"reviews": (ends[0],), "suits": (sum(ends[1:]),)}
    return found
