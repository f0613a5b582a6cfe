"""Do the words of a report say what its tables say? Every figure a sentence states, compared.

Only what is certain is read: 受理……件, 予以公开……件, a row of table 三 by its label, 收取……元 …; what no
pattern places is not judged. A figure that is rounded (约、余、超过), or of a part (代表……、其中……、
网络申请……), cannot be decided by arithmetic: it is 存疑 where it differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from models.report_tables.form import Form, FormRow
from models.report_tables.identities import Check, Verdict
from models.words.written_numbers import Plain, plain

Allowed = Mapping[str, tuple[float, ...]]

_OTHER = "复议|诉讼|应诉|起诉|咨询|信访|举报|投诉|建议|提案|意见|补正|服务|留言|来信|热线|许可"
_CHANGE = "增加|减少|增长|下降|同比|比上年|比去年"
_GAP = rf"(?:(?!{_OTHER}|{_CHANGE})[^，。；：、（）\d])"
_PIECES = "(?:件|起|宗)"
_END = rf"(?:{_PIECES}|(?=[，。；、（]|$))"
_FEW = rf"(?:的|信息|申请|案件|共|计|为|有){{0,4}}(\d+){_PIECES}"
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
    "disclosed": "予以公开和部分公开件数",
    "already_public": "已主动公开件数",
    "not_ours": "非本机关职责件数",
    "advised": "咨询服务人次",
    "reviews": "行政复议件数",
    "suits": "行政诉讼件数",
    "fees": "信息处理费金额",
}
PATTERNS = {
    "received": rf"(?:受理|收到|收办|新收|接收){_GAP}{{0,20}}?(\d+){_END}",
    "closed": rf"办结{_GAP}{{0,12}}?(\d+){_END}",
    "carried_in": rf"上一?年度?结转{_GAP}{{0,14}}?(\d+)(?![\d.]|人次|元)",
    "carried_out": rf"转下一?年度?{_GAP}{{0,8}}?(\d+){_PIECES}",
    "granted": rf"(?<!不)予以公开{_GAP}{{0,4}}?(\d+){_PIECES}",
    "partly": rf"部分公开{_GAP}{{0,4}}?(\d+){_PIECES}",
    "refused": rf"不予公开{_GAP}{{0,4}}?(\d+){_PIECES}",
    "unable": rf"无法提供{_GAP}{{0,4}}?(\d+){_PIECES}",
    "not_handled": rf"不予处理{_GAP}{{0,4}}?(\d+){_PIECES}",
    "other": rf"其他处理(?:（[^）]*）)?(\d+){_PIECES}",
    "already_public": rf"已经?主动公开(?:的?(?:政府)?信息)?的(?:申请)?(?:共|计|为|有)?(\d+){_PIECES}",
    "not_ours": rf"(?:非|不属于?)本(?:行政)?(?:机关|单位|局|部门)[^，。；：、（）\d]{{0,12}}?{_FEW}",
    "advised": r"(?:受理|咨询)服务(?:共|计|为)?(\d+)人次",
    "reviews": rf"行政复议(?:案件|申请)?(?:共|计|为)?(\d+){_PIECES}",
    "suits": rf"行政诉讼(?:案件|应诉通知书?)?(?:共|计|为)?(\d+){_PIECES}",
    "fees": r"(?<!未收取)信息(?:公开)?(?:信息)?处理费[^。；]*?(\d+(?:\.\d+)?)(万?)元",
}
_READ = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
_NO_FEE = re.compile(r"未收取[^。；]{0,20}?处理费|没有收取[^。；]{0,20}?处理费")
_IN_A_ROW = re.compile(r"(?<![\d/])\d+(?:/\d+){4,5}(?![\d/])")
_ROUNDED = re.compile(r"约|超过|近\d|余|多件|左右|数\d|几\d|万(?!元)|代表")
_OF_A_PART = re.compile(r"自然人|法人|网络|网上|网站|信函|邮寄|当面|现场|电话|传真|邮件")
_OF_WHAT_CAME = re.compile(r"收到|新收|新增|接到")
_OF_A_TARIFF = re.compile(r"每|标准|减免|应收|退还")
_RESULT = re.compile(r"予以公开|部分公开|不予公开|无法提供|处理|办结|结转")
_WITH_CARRIED = re.compile(r"^(?:件|起|宗)?(?:[（，](?:其中)?)?(?:含|包括|其中)[^。；]{0,12}结转")
_CARRIED_APART = re.compile(r"^(?:件|起|宗)?[，、；]上一?年度?结转")
GROUPS = ("granted", "partly", "refused", "unable", "not_handled", "other")
APPLICANTS = "申请人："  # begins the name of a kind of applicant
IN_A_ROW = ("disclosed", *GROUPS[2:])
ALWAYS = ("received", "closed")


class Stated(NamedTuple):
    """A figure that a sentence states; hedged = rounded, or of a part only.

    reach = of 受理: "new" = it must be 新收 alone, "unsaid" = nothing says whether 上年结转 is in it
    """

    name: str
    figure: float
    sentence: str
    hedged: bool
    reach: str = ""


def stated(paragraphs: Iterable[str], further: Iterable[str] = ()) -> Iterator[Stated]:
    """Every figure that the paragraphs state of applications, reviews and fees.

    further = names to be read by their own words: rows of table 三, kinds of applicant
    """
    patterns = _READ | {name: _labelled(name.removeprefix(APPLICANTS)) for name in further}
    for sentence in (s for each in paragraphs for s in re.split(r"(?<=。)|\n", each)):
        read = plain(sentence)
        for name, pattern in patterns.items():
            for found in pattern.finditer(read.text):
                if one := _stated(name, found, read):
                    yield one
        for found in _NO_FEE.finditer(read.text):
            yield Stated("fees", 0, read.quoted(*found.span()), hedged=False)
        for found in _IN_A_ROW.finditer(read.text):
            figures = found.group().split("/")
            names = GROUPS if len(figures) == len(GROUPS) else IN_A_ROW
            for name, figure in zip(names, figures, strict=True):
                yield Stated(name, float(figure), read.quoted(*found.span()), hedged=False)


def _labelled(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^，。；：、（中“及和]){re.escape(label)}”?{_FEW}")


def _stated(name: str, found: re.Match[str], read: Plain) -> Stated | None:
    """What a pattern has found; None if it speaks of something else."""
    text, end = read.text, found.end()
    segment = re.split(r"[；。]", text[: found.start()])[-1]
    clause = re.split(r"[，、]", segment)[-1]
    if name in ("received", "closed") and re.search(_OTHER, clause):
        return None
    hedged = bool(_ROUNDED.search(segment + found.group() + text[end:][:2]))
    hedged |= _of_a_part(name, segment, clause, found.group())
    unit = 10_000 if name == "fees" and found.group(2) else 1
    figure = round(float(found.group(1)) * unit, 2)
    reach = _reach(found.group(), text[found.end(1) :]) if name == "received" else ""
    return Stated(name, figure, read.quoted(*found.span()), hedged, reach)


def _of_a_part(name: str, segment: str, clause: str, words: str) -> bool:
    """Whether a figure may be of less than the year's: by what stands before it."""
    if name.startswith(APPLICANTS):
        return bool(_RESULT.search(segment))
    match name:
        case "advised":
            return "信息公开" not in segment
        case "reviews" | "suits":
            return "其中" in segment or bool(_OF_WHAT_CAME.search(clause))
        case "fees":
            return "其中" in segment or bool(_OF_A_TARIFF.search(segment + words))
        case "received" | "closed" | "carried_in" | "carried_out":
            return "其中" in segment
        case _:
            return bool(_OF_A_PART.search(segment))


def _reach(words: str, rest: str) -> str:
    """What a figure of what came in holds, as far as its words, and those after it, say."""
    if "收办" in words or _WITH_CARRIED.search(rest):
        return ""
    return "new" if "新收" in words or _CARRIED_APART.search(rest) else "unsaid"


def text_checks(paragraphs: Iterable[str], allowed: Allowed) -> list[Check]:
    """Each figure that the words state, against the tables and registers: `allowed` by name."""
    found: dict[str, list[Stated]] = {}
    further = [name for name in allowed if name not in LABELS]
    for one in stated(paragraphs, further):
        if one.name in allowed:
            found.setdefault(one.name, []).append(one)
    checks = [_judged(name, those, allowed[name]) for name, those in found.items()]
    silent = [name for name in ALWAYS if name in allowed and name not in found]
    checks += [
        Check(f"text.{name}", True, f"文字部分没有写明{_label(name)}", short_of=Verdict.UNJUDGED)
        for name in silent
    ]
    return sorted(checks, key=lambda check: check.id)


def _judged(name: str, those: list[Stated], right: tuple[float, ...]) -> Check:
    wrong = [one for one in those if one.figure not in (right[:1] if one.reach else right)]
    figures = "或者".join(dict.fromkeys(f"{value:.15g}" for value in right))
    if not wrong:
        message = f"文字部分的{_label(name)}（{those[0].sentence}）与表格、登记簿一致"
        return Check(f"text.{name}", True, message)
    quoted = "、".join(dict.fromkeys(f"“{one.sentence}”" for one in wrong))
    message = f"文字部分写{quoted}，表格、登记簿为{figures}"
    if all(one.hedged or _unexplained(one, right) for one in wrong):
        rounded = any(one.hedged for one in wrong)
        why = "文字为约数或者只说其中一部分" if rounded else "没有说明是否含上年结转"
        message += f"（{why}，请核实）"
        return Check(f"text.{name}", True, message, short_of=Verdict.DOUBTFUL)
    return Check(f"text.{name}", False, message)


def _unexplained(one: Stated, right: tuple[float, ...]) -> bool:
    """Whether it is 新收 and 上年结转 together, without saying so, and without saying otherwise."""
    return one.reach == "unsaid" and one.figure in right


def _label(name: str) -> str:
    return LABELS.get(name, f"“{name.removeprefix(APPLICANTS)}”件数")


def allowed_by(
    form: Form,
    totals: Mapping[str, float],
    reviews: list[float] | None,
    kinds: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, tuple[float, ...]]:
    """What the words may state, by the totals of table 三 (by row) and the figures of table 四.

    kinds = 新收 and 上年结转 by kind of applicant
    """
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
        **{words: (totals[row.code],) for row in results if (words := _words_of(row))},
    }
    found["disclosed"] = (found["granted"][0] + found["partly"][0],)
    if kinds is not None:
        of = {kind: (new, new + old) for kind, (new, old) in kinds.items()}
        others = [kinds[kind] for kind in form.organisation_kinds]
        together = tuple(map(sum, zip(*others, strict=True)))
        of[form.organisations] = (together[0], sum(together))
        found |= {f"{APPLICANTS}{kind}": figures for kind, figures in of.items()}
    if reviews is not None:
        ends, at = [], 0
        for group in form.review:
            at += len(group.columns)
            ends.append(reviews[at - 1])
        found |= {"reviews": (ends[0],), "suits": (sum(ends[1:]),)}
    return found


def _words_of(row: FormRow) -> str:
    """The label of a row in a group, without its number; "" for 3.其他, which says nothing."""
    words = row.label.partition(".")[2] if row.group else ""
    return "" if words == "其他" else words
