"""Do the words of a report say what its tables say? Each figure found in them, judged.

不成立 only where the sentence speaks of this year's applications for disclosure, or in the tables' own
words, as a whole; 存疑 where it may be of a part, is rounded, or its subject is only likely
(models/report_tables/text_figures.py finds the figures).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from models.report_tables import sentence_rules as rules
from models.report_tables.figures_apart import GROUPS
from models.report_tables.form import Form, FormRow
from models.report_tables.identities import Check, Verdict
from models.report_tables.read_sentence import JOINED, Stated
from models.report_tables.share_checks import share_checks
from models.report_tables.text_figures import stated

Allowed = Mapping[str, tuple[float, ...]]

LABELS = {
    "received": "收到申请件数",
    "applied": "申请件数",
    "handled": "办理申请件数",
    "replied": "答复申请件数",
    "on_request": "依申请公开件数",
    "closed": "办结件数",
    "carried_in": "上年结转件数",
    "carried_out": "结转下年度件数",
    "carried": "结转件数",
    "granted": "予以公开件数",
    "partly": "部分公开件数",
    "refused": "不予公开件数",
    "unable": "无法提供件数",
    "not_handled": "不予处理件数",
    "no_longer_handled": "不再处理件数",
    "other": "其他处理件数",
    "disclosed": "予以公开和部分公开件数",
    "already_public": "已主动公开件数",
    "not_ours": "非本机关职责件数",
    "advised": "咨询服务人次",
    "reviews": "行政复议件数",
    "suits": "行政诉讼件数",
    "suits_direct": "未经复议直接起诉件数",
    "suits_after": "复议后起诉件数",
    "reviews_and_suits": "行政复议和行政诉讼件数",
    "fees": "信息处理费金额",
}
MEASURES = {
    "made": "本年制发件数",
    "repealed": "本年废止件数",
    "in_force": "现行有效件数",
    "decisions": "本年处理决定数量",
    "collected": "本年收费金额",
}
APPLICANTS = "申请人："  # begins the name of a kind of applicant
ALWAYS = ("received", "closed")


def text_checks(
    paragraphs: Iterable[str],
    allowed: Allowed,
    year: int | None = None,
    beside: str = "表格、登记簿",
) -> list[Check]:
    """Each figure that the words state, against the tables and registers: `allowed` by name.

    year = the report's: what is said of another is not compared; beside = where `allowed` is from
    """
    found: dict[str, list[Stated]] = {}
    known = {rule.name for rule in rules.RULES} | set(LABELS)
    further = [name for name in allowed if name not in known and "." not in name]
    shares = list[Stated]()
    for one in stated(paragraphs, further, year):
        if one.share:
            shares.append(one)
        elif all(name in allowed for name in one.name.split(JOINED)):
            found.setdefault(one.name, []).append(one)
    checks = [_judged(name, those, _right(name, allowed), beside) for name, those in found.items()]
    called = {one.name: _named(one.name) for one in shares}
    checks += share_checks(shares, allowed, called, beside)
    silent = [name for name in ALWAYS if name in allowed and name not in found]
    checks += [
        Check(f"text.{name}", True, f"文字部分没有写明{_named(name)}", short_of=Verdict.UNJUDGED)
        for name in silent
    ]
    return sorted(checks, key=lambda check: check.id)


def _right(name: str, allowed: Allowed) -> tuple[float, ...]:
    """What may stand for one name, or for some that are counted together."""
    if JOINED not in name:
        return allowed[name]
    return (sum(allowed[one][0] for one in name.split(JOINED)),)


def _judged(name: str, those: list[Stated], right: tuple[float, ...], beside: str) -> Check:
    wrong = [one for one in those if not _fits(one, right)]
    figures = "或者".join(dict.fromkeys(f"{value:.15g}" for value in right))
    if not wrong:
        message = f"文字部分的{_named(name)}（{those[0].sentence}）与{beside}一致"
        return Check(f"text.{name}", True, message)
    certain = [one for one in wrong if not one.hedged and not _unexplained(one, right)]
    quoted = "、".join(dict.fromkeys(f"“{one.sentence}”" for one in certain or wrong))
    message = f"文字部分写{quoted}，{beside}为{figures}"
    if certain:
        return Check(f"text.{name}", False, message)
    rounded = any(one.hedged for one in wrong)
    why = "文字为约数或者只说其中一部分" if rounded else "没有说明是否含上年结转"
    if any(one.reach == "all" for one in wrong) and not rounded:
        why = "没有说明是收到的还是办结的"
    message += f"（{why}，请核实）"
    return Check(f"text.{name}", True, message, short_of=Verdict.DOUBTFUL)


def _fits(one: Stated, right: tuple[float, ...]) -> bool:
    """Whether a figure is one that may stand, or of a part, not more than there are."""
    if one.reach == "part":
        return one.figure <= max(right)
    if one.reach == "all":
        return one.figure in right[:2]
    return one.figure in (right[:1] if one.reach else right)


def _unexplained(one: Stated, right: tuple[float, ...]) -> bool:
    """Whether it is 新收 and 上年结转 together, or what was closed, without saying so, and without saying
    otherwise.
    """
    return one.reach in ("unsaid", "all") and one.figure in right


def _named(name: str) -> str:
    if JOINED in name:
        return (
            "、".join(_named(one).removesuffix("件数") for one in name.split(JOINED)) + "共计件数"
        )
    if name in LABELS:
        return LABELS[name]
    group, _, column = name.partition(".")
    if group == "表二":
        item, _, measure = column.rpartition(".")
        return f"“{item}”{MEASURES.get(measure, '')}"
    if column:
        return f"{LABELS.get(group, group)}中的“{column}”"
    return f"“{name.removeprefix(APPLICANTS)}”件数"


def allowed_by(
    form: Form,
    totals: Mapping[str, float],
    reviews: list[float] | None,
    kinds: Mapping[str, tuple[float, float]] | None = None,
    table2: Mapping[tuple[str, str], float] | None = None,
) -> dict[str, tuple[float, ...]]:
    """What the words may state, by the totals of table 三 (by row) and the figures of table 四.

    kinds = 新收 and 上年结转 by kind of applicant; table2 = figures by item and measure
    """
    received, carried_in = totals[form.code("received")], totals[form.code("carried_in")]
    closed, carried_out = totals[form.code("results")], totals[form.code("carried_out")]
    results = [row for row in form.row if row.kind == "result"]
    groups = dict.fromkeys((row.code.split(".")[1] for row in results), 0.0)
    for row in results:
        groups[row.code.split(".")[1]] += totals[row.code]
    by_group = dict(zip(GROUPS, groups.values(), strict=True))
    other, unhandled = by_group["other"], by_group["not_handled"]
    # “不再处理” stands in the labels of two rows of （六）, and is said of （五）, too
    no_longer = sum(totals[row.code] for row in results if "不再处理" in row.label)
    disclosed = by_group["granted"] + by_group["partly"]
    found: dict[str, tuple[float, ...]] = {
        "received": (received, received + carried_in),
        "applied": (received, received + carried_in),
        "closed": (closed,),
        "handled": (received + carried_in, received, closed),
        "replied": (closed, closed - other, closed - other - unhandled),
        "on_request": (received, received + carried_in, closed, by_group["granted"], disclosed),
        "carried_in": (carried_in,),
        "carried_out": (carried_out,),
        "carried": (carried_in, carried_out),
        **{name: (value,) for name, value in by_group.items()},
        **{words: (totals[row.code],) for row in results if (words := _words_of(row))},
        "disclosed": (disclosed,),
        "no_longer_handled": (no_longer, unhandled),
        "其他处理之其他": (other, totals.get("3.6.3", other)),
    }
    if kinds is not None:
        of = {kind: (new, new + old) for kind, (new, old) in kinds.items()}
        others = [kinds[kind] for kind in form.organisation_kinds]
        together = tuple(map(sum, zip(*others, strict=True)))
        of[form.organisations] = (together[0], sum(together))
        found |= {f"{APPLICANTS}{kind}": figures for kind, figures in of.items()}
    if reviews is not None:
        found |= _of_reviews(form, reviews)
    found |= {f"表二.{item}.{key}": (value,) for (item, key), value in (table2 or {}).items()}
    return found


def _of_reviews(form: Form, figures: Sequence[float]) -> dict[str, tuple[float, ...]]:
    """Table 四 by group and column; 行政诉讼 = both groups of suits together, or one of them."""
    values = iter(figures)
    names = ("reviews", "suits_direct", "suits_after")
    of = {
        name: {column: next(values) for column in group.columns}
        for name, group in zip(names, form.review, strict=False)
    }
    found: dict[str, tuple[float, ...]] = {}
    for name, cells in of.items():
        *columns, total = cells
        found[name] = (cells[total],)
        found |= {f"{name}.{column}": (cells[column],) for column in columns}
    direct, after = of["suits_direct"], of["suits_after"]
    for column in direct:
        key = "suits" if column == total else f"suits.{column}"
        found[key] = (direct[column] + after[column], direct[column], after[column])
    both = found["reviews"][0] + found["suits"][0]
    found["reviews_and_suits"] = (both,)
    return found


def _words_of(row: FormRow) -> str:
    """The label of a row in a group, without its number; "" for 3.其他, which says nothing."""
    words = row.label.partition(".")[2] if row.group else ""
    return "" if words == "其他" else words
