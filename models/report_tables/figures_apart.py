"""Which figures have a place of their own? Enquiries, fees, noughts in words, figures in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import Sentence, Stated

GROUPS = ("granted", "partly", "refused", "unable", "not_handled", "other")
IN_A_ROW = ("disclosed", *GROUPS[2:])
_IN_A_ROW = re.compile(r"(?<![\d/])\d+(?:/\d+){4,5}(?![\d/])")
_IN_TURN = re.compile(
    r"(?P<names>[^，。；：\d]{4,80}?)(?:分别|依次)(?:为|是|有|达)?"
    r"(?P<figures>\d+(?:件|宗|起)?(?:(?:、|和|，)\d+(?:件|宗|起)?)+)"
)
_BESIDE_PART = re.compile(r"(?:其中|答复|结果|，|：)*公开(?:类)?(?=、(?:予以)?部分公开)")
_ENDED_ALIKE = re.compile(
    r"(?P<group>复议|诉讼)(?:案件|申请|案|共|计|，|：)*(?P<figure>\d+)(?:件|起|宗)，(?:结果)?(?:均|全部|都)(?:为|被|获)*"
    r"(?P<result>维持|纠正)"
)
_FEES = re.compile(r"(?<!未收取)信息(?:公开)?(?:信息)?处理费[^。；]*?(\d+(?:\.\d+)?)(万?)元")
_CHARGES = re.compile(
    r"(?:(?<=收取)|(?<=征收)|(?<=^)|(?<=[，。；、年]))行政事业性收费"
    r"(?:项目|总?金额|总额|收入|共|计|合计|总计|为|：)*(\d+(?:\.\d+)?)(万?)元"
)
_NO_FEE = re.compile(r"未收取[^。；]{0,20}?处理费|没有收取[^。；]{0,20}?处理费")
_OUTCOMES = {
    "already_public": re.compile(
        r"已经?主动公开(?:的?(?:政府)?信息)?的(?:申请)?(?:共|计|为|有)?(\d+)(?:件|起|宗)"
    ),
    "not_ours": re.compile(
        r"(?<!不存在或)(?<!不存在和)(?<!不存在及)(?:非|不属于?)本(?:行政)?(?:机关|单位|局|部门)"
        r"(?:(?!不存在)[^，。；：、（）\d]){0,12}?"
        r"(?:的|信息|申请|案件|共|计|为|有){0,4}(\d+)(?:件|起|宗)"
    ),
    "advised": re.compile(r"(?:受理|咨询)服务(?:共|计|为)?(\d+)人次"),
}


def of_registers(sentence: Sentence) -> Iterator[Stated]:
    """Enquiries, outcomes beside the rows, and fees."""
    for name, pattern in _OUTCOMES.items():
        for found in pattern.finditer(sentence.text):
            quoted = sentence.read.quoted(*found.span())
            hedged = name == "advised" and "信息公开" not in sentence.text[: found.start()]
            yield Stated(name, float(found[1]), quoted, hedged)
    for found in _FEES.finditer(sentence.text):
        amount = float(found[1]) * (10_000 if found[2] else 1)
        segment = sentence.text[: found.start()].rpartition("；")[2]
        tariff = re.search(r"每|标准|减免|应收|退还", segment + found.group())
        hedged = "其中" in segment or bool(tariff)
        yield Stated("fees", round(amount, 2), sentence.read.quoted(*found.span()), hedged)
    for found in _CHARGES.finditer(sentence.text):
        figure = float(found[1]) if found[2] else round(float(found[1]) / 10_000, 6)
        if not sentence.of_another_year(found.start(), found.group()):
            quoted = sentence.read.quoted(*found.span())
            yield Stated("表二.行政事业性收费.collected", figure, quoted, hedged=True)
    for found in _NO_FEE.finditer(sentence.text):
        yield Stated("fees", 0, sentence.read.quoted(*found.span()), hedged=False)


def noughts(sentence: Sentence) -> Iterator[Stated]:
    """What a sentence says has not happened."""
    for name, words in rules.NOUGHTS:
        for found in re.finditer(words, sentence.text):
            if not sentence.of_another_year(found.start(), found.group()):
                quoted = sentence.read.quoted(*found.span())
                hedged = name != "received" or bool(re.search(rules.PART, sentence.text))
                yield Stated(name, 0, quoted, hedged)
    if all_of := re.search(rules.ALL_OF_A_KIND, sentence.text):
        people = all_of["kind"] in ("自然人", "公民")
        name = "申请人：法人或其他组织" if people else "申请人：自然人"
        of_these = sentence.context.about != "else" and "申请" in sentence.text
        if of_these and not sentence.of_another_year(all_of.start(), all_of.group()):
            yield Stated(name, 0, sentence.read.quoted(*all_of.span()), hedged=True)


def ended_alike(sentence: Sentence) -> Iterator[Stated]:
    """Reviews or suits of which all ended in one way: “行政复议8件，均维持”."""
    for found in _ENDED_ALIKE.finditer(sentence.text):
        if not sentence.of_another_year(found.start(), found.group()):
            group = "reviews" if found["group"] == "复议" else "suits"
            column = f"结果{found['result']}"
            quoted = sentence.read.quoted(*found.span())
            yield Stated(f"{group}.{column}", float(found["figure"]), quoted, hedged=True)


def in_turn(sentence: Sentence) -> Iterator[Stated]:
    """Several rows and then their figures: “予以公开、部分公开分别为20件、5件”, if they are as many."""
    for found in _IN_TURN.finditer(sentence.text):
        names = named_in_turn(found["names"])
        figures = re.findall(r"\d+", found["figures"])
        if len(names) != len(figures) or sentence.context.about == "else":
            continue
        if sentence.of_another_year(found.start("figures"), found["names"]):
            continue
        hedged = bool(re.search(rules.PART, found["names"]))
        for name, figure in zip(names, figures, strict=True):
            yield Stated(name, float(figure), sentence.read.quoted(*found.span()), hedged)


def named_in_turn(words: str) -> list[str]:
    """The results and rows that are named one after the other: “公开、部分公开、不予公开”."""
    bare = _BESIDE_PART.match(words)
    names, at = ["granted"] if bare else list[str](), bare.end() if bare else 0
    while at < len(words):
        told = _named_at(words, at)
        if told:
            names.append(told[0])
        at += told[1] if told else 1
    return names


def _named_at(names: str, at: int) -> tuple[str, int] | None:
    """The result or row that is named there, and how long its name is."""
    for rule in rules.RULES:
        found = re.match(rule.words, names[at:]) if rule.subject in ("result", "row") else None
        if found and found.group():
            return rule.name, found.end()
    return None


def rows_of_figures(sentence: Sentence) -> Iterator[Stated]:
    """Several rows of table 三 with a stroke between: 1/2/3/4/5."""
    for found in _IN_A_ROW.finditer(sentence.text):
        figures = found.group().split("/")
        names = GROUPS if len(figures) == len(GROUPS) else IN_A_ROW
        for name, figure in zip(names, figures, strict=True):
            yield Stated(name, float(figure), sentence.read.quoted(*found.span()), hedged=False)
