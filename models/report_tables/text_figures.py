"""Which figures do the words of a report state, and of what? Every one, with its subject.

A sentence is read from the left: what a figure is of, in which year, of which part and by which unit
(models/report_tables/sentence_rules.py). What is plainly of something else is not found at all; what
becomes of those found is models/report_tables/text_checks.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from models.report_tables import sentence_rules as rules
from models.report_tables.document_figures import by_decision, by_document
from models.report_tables.figures_apart import (
    ended_alike,
    in_turn,
    noughts,
    of_registers,
    rows_of_figures,
)
from models.report_tables.figures_of_all import by_all
from models.report_tables.part_figures import Placed, parted
from models.report_tables.read_sentence import ELSE, Context, Sentence, Stated, Subject
from models.report_tables.review_figures import by_review
from models.report_tables.rule_figures import by_rule
from models.report_tables.share_figures import shares
from models.report_tables.verb_figures import by_verb
from models.words.written_numbers import plain

_COUNTED = "件次|件|起|宗|份|项|条|个|部|次"
_FIGURE = re.compile(
    rf"(?<![\d.])(?P<figure>\d+(?:\.\d+)?)(?P<myriad>万)?(?P<more>余|多)?(?:(?P<unit>{_COUNTED})(?!人|性|案件?组|单位|部门|机关|地区|问题|方面|[县市区]|乡镇|街道|[科处]室|工作日|月|小时|百分点|环节)"
    r"|(?=[，。；：、（）和及]|$))"
)
_ANY = re.compile(r"\d+(?:\.\d+)?")
_HEADS_LIST = re.compile(r"依申请公开(?:申请|件)?(?:总?数量?|受理|情况)?|其中|.{0,6}情况")
_STOP = "，。；：（）"
_HEADING = re.compile(r"\s*(?:[（(]?[一二三四五六七八九]+[）)、是]|\d{1,2}[.．、])[^\d，]{2,30}$")


def stated(
    paragraphs: Iterable[str], further: Iterable[str] = (), year: int | None = None
) -> Iterator[Stated]:
    """Every figure that the paragraphs state of the tables, and of enquiries and fees.

    further = rows of table 三 by their labels, beside those that the rules know; year = the report's
    """
    rows = [(name, _label(name)) for name in further]
    in_section4 = asked = False  # asked = the heading before says that it is of applications
    for paragraph in paragraphs:
        heading = len(paragraph) < 40 and re.match(r"\s*[一二三四五六]、", paragraph)
        if heading:
            in_section4 = "复议" in paragraph or "诉讼" in paragraph
        about = "disclosure" if asked else ""
        context = Context(about, asked, linked=in_section4)
        asked = _heads_applications(paragraph)
        for sentence in re.split(r"(?<=。)|\n", paragraph):
            context.part = context.theirs = False
            context.group = context.document = context.last = ""
            context.linked = in_section4 or context.linked
            if _heads_applications(sentence):
                context.about, context.sure = "disclosure", True
            elif _heads_another_matter(sentence):
                context.about, context.sure = "else", True
            yield from _figures(Sentence(plain(sentence), context, rows, year))


def _heads_applications(line: str) -> bool:
    """Whether a line is a heading, “（二）依申请公开情况”: what follows is of applications."""
    return bool(_HEADING.match(line)) and bool(re.search(rules.OF_DISCLOSURE, line))


def _heads_another_matter(sentence: str) -> bool:
    """Whether a sentence begins with what it is of, and that is none: “行政复议：收到20件，办结18件”."""
    head = re.match(r"\s*([^，。；：、\d]{2,12})[：:]", sentence)
    if head is None:
        return False
    another = re.search(f"{rules.FOREIGN}|复议|诉讼", head[1])
    return another is not None and not re.search("公开|申请", head[1])


def _label(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^，。；：、（中“及和\d]){re.escape(name)}[”’]?")


def _figures(sentence: Sentence) -> Iterator[Stated]:
    yield from of_registers(sentence)
    yield from noughts(sentence)
    yield from rows_of_figures(sentence)
    yield from in_turn(sentence)
    yield from ended_alike(sentence)
    before, placed = 0, list[Placed]()
    for found in _FIGURE.finditer(sentence.text):
        stops = (sentence.text.rfind(stop, 0, found.start()) for stop in _STOP)
        start = max(before, min(sentence.told, found.start()), max(stops) + 1)
        aside = sentence.text[found.end() : found.end() + 1] == "\0"  # “受理：120件（行政许可）”
        if start == found.start() and sentence.text[start - 1 : start] == "：" and not aside:
            start = _before_colon(sentence.text, start - 1, before)
        own = [m.end() for m in _ANY.finditer(sentence.text, start, found.start())]
        phrase = sentence.text[start : found.start()]
        before = found.end()
        if found["unit"] is None and own and _is_year_or_day(phrase):
            continue
        one = _figure(sentence, found, start, phrase)
        placed.append(Placed(start, found.end(), float(found["figure"]), one))
    placed = parted(sentence, placed)
    yield from (one.of for one in placed if one.of)
    yield from shares(sentence, placed)
    sentence.context.counted += tuple(one.figure for one in placed)


def _before_colon(text: str, colon: int, least: int) -> int:
    """Where what a figure is of begins, which stands before a colon: “收到申请：45件”."""
    start = max(least, *(text.rfind(stop, 0, colon) + 1 for stop in _STOP))
    return colon + 1 if _HEADS_LIST.fullmatch(text[start:colon]) else start


def _is_year_or_day(phrase: str) -> bool:
    return phrase.endswith(("第", "〔", "号"))


def _figure(sentence: Sentence, found: re.Match[str], start: int, phrase: str) -> Stated | None:
    context, after = sentence.context, _after(sentence, found.end())
    sentence.at, sentence.end = found.span()
    if re.search(f"{rules.CHANGE}|{rules.ON_AVERAGE}", phrase) or sentence.of_another_year(
        found.start(), phrase
    ):
        return None
    about = context.about, context.sure, context.part
    if _by_attribute(sentence, found.end() + len(after)):
        sentence.turn("else")
    subject = _subject(sentence, phrase, after, found)
    context.last = subject.name or "else"
    if _within_brackets(sentence, found.start()):
        context.about, context.sure, context.part = about
    who = re.sub("(?:收到|受理|接收|办理)的?$", "", phrase)
    if re.match(rules.AMONG_THEM, after) and re.search(rules.OF_AN_AGENCY, who):
        sentence.turn_to_others()  # “区政府办收到的128件中，办结125件”
    if (re.match(rules.AMONG_THEM, after) and _a_part(sentence, subject)) or (
        subject.name == "carried_in"
        and re.match(rules.CARRIED_AND_DONE, sentence.text[sentence.end :])
    ):
        context.part = True
    if not subject.name:
        return None
    scale = 10_000 if found["myriad"] else 1
    figure = round(float(found["figure"]) * scale, 2)
    hedged = not subject.sure or bool(found["more"] or found["myriad"])
    # “准予公开的信息153条” are pieces of information, “予以公开申请20条” applications
    pieces = found["unit"] == "条" and phrase.endswith(("信息", "公开类"))
    hedged |= pieces and subject.name != "on_request"
    hedged |= bool(re.search(rf"(?:{rules.ROUNDED})$", phrase))
    hedged |= bool(re.search(rules.ROUNDED_AFTER, after))
    hedged |= bool(re.search(rules.UNSURE, phrase) or re.search(rules.SO_LONG, sentence.segment()))
    hedged |= bool(re.search(rules.SO_FAR, phrase)) and not _in_a_year(sentence)
    end = found.end() if phrase.strip("\0") else found.end() + len(after)
    quoted = sentence.read.quoted(start, min(end, len(sentence.text))).lstrip("、，：； ")
    return Stated(subject.name, figure, quoted, hedged, subject.reach)


def _a_part(sentence: Sentence, subject: Subject) -> bool:
    """Whether “…5件中，” names some of the applications, and not those of the year."""
    some = not subject.name or subject.name.startswith(("carried", "申请人"))
    return some or subject.reach == "new"


def _by_attribute(sentence: Sentence, end: int) -> bool:
    """Whether the sentence counts papers by 公开属性, and has not come to applications since."""
    papers = re.search(rules.BY_ATTRIBUTE, sentence.text[: sentence.at])
    return papers is not None and "信息公开申请" not in sentence.text[papers.end() : end]


def _in_a_year(sentence: Sentence) -> bool:
    return bool(re.search(r"全年|本年|20\d\d年", sentence.text[: sentence.at]))


def _after(sentence: Sentence, end: int) -> str:
    """What stands behind a figure, to the next stop or figure."""
    found = re.match(rf"[^{_STOP}\d、]*", sentence.text[end:])
    return found.group() if found else ""


def _within_brackets(sentence: Sentence, at: int) -> bool:
    return sentence.text.rfind("（", 0, at) > sentence.text.rfind("）", 0, at)


def _subject(sentence: Sentence, phrase: str, after: str, found: re.Match[str]) -> Subject:
    for judged in (by_review, by_document, by_decision, by_all, by_rule):
        if subject := judged(sentence, phrase, after):
            return subject
    if subject := by_verb(sentence, phrase, after, sentence.text[found.end() :]):
        return subject
    if re.search(rules.FOREIGN, phrase + after):
        sentence.turn("else")
    return ELSE
