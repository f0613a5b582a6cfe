"""Which shares do the words of a report state? “予以公开20件，占总数的43.5%”, and what each is a share of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from models.report_tables import sentence_rules as rules
from models.report_tables.figures_apart import named_in_turn
from models.report_tables.part_figures import Placed
from models.report_tables.read_sentence import JOINED, Sentence, Share, Stated
from models.report_tables.rule_figures import by_rule

_PERCENT: Final = r"\d+(?:\.\d+)?%"
_IS: Final = r"(?:的|比例|比重|比率|比|例|约|大约|近|超过?|逾|达到?|到|了|为|是|：)*"
_SHARE: Final = re.compile(
    rf"(?P<each>分别|依次)?占(?P<of>[^，。；：、（）\d%]*?)(?P<is>{_IS}(?P<in_turn>分别|依次)?{_IS})"
    rf"(?P<figures>{_PERCENT}(?:(?:、|和|及|，){_PERCENT})*)(?P<more>以上|左右|以下|多)?"
)
_RATE: Final = re.compile(
    rf"(?P<of>办结|答复|办复|公开)率(?P<is>{_IS})(?P<figures>{_PERCENT})(?P<more>以上|左右|以下|多)?"
)
_RATES: Final = {"办结": "closed", "答复": "replied", "办复": "replied", "公开": ""}
_ABOUT: Final = "约|左右"
_ROUNDED: Final = f"{_ABOUT}|近|超|逾|以上|以下|多"
_ASIDE: Final = re.compile(r"（[^（）]*）")

# of what: of all, of those that came, of those that were closed
_WORDS_OF_ALL: Final = (
    r"(?:全年|本年度?|年度|总体|总计|全部|所有|申请|受理|收到|接收|收件|办理|办结|办件|答复|处理|结果|决定|依申请公开"
    r"|依申请|(?:政府)?信息公开|已|共|总|数|量|件|案|的|类|各|比例|比重)*"
)
_CAME: Final = "申请|受理|收到|接收|收件"
_CLOSED: Final = "办结|答复|处理|结果|决定"
# between a figure and its share: nothing that is said of something else
_NO_MORE: Final = re.compile(
    r"(?:约|大约|均|案件|申请|数量|件数|其|所|这|以上|上述|、|\0"
    r"|(?P<sum>合计|共计|总计|共|两者|二者|两类|三者|三类|两项|三项))*"
)
_JOINT: Final = "合计|共|总计|两者|二者"
_SHARED: Final = frozenset(rule.name for rule in rules.RULES if rule.subject in ("result", "row"))
_SHARED_TOO: Final = ("disclosed", "carried_", "reviews.", "suits.", "申请人：")


def shares(sentence: Sentence, placed: Sequence[Placed]) -> Iterator[Stated]:
    """Every share that a sentence states of this year's applications and reviews, by what it is of them.

    placed = the figures of the sentence, from the left
    """
    if "%" not in sentence.text:
        return
    kept = replace(sentence.context)
    for found in [*_SHARE.finditer(sentence.text), *_RATE.finditer(sentence.text)]:
        clause = re.split("[，。；：（）、]", sentence.text[: found.start()])[-1]
        if re.search(rules.CHANGED, clause + found["of"]):
            continue
        if not sentence.of_another_year(found.start(), clause):
            told = _by_rate if found.re is _RATE else _told
            yield from told(_Read(sentence, found, placed, clause))
        sentence.context.about, sentence.context.sure = kept.about, kept.sure


class _Read(NamedTuple):
    """A share as it is read: where it was found, and the clause before it."""

    sentence: Sentence
    found: re.Match[str]
    placed: Sequence[Placed]
    clause: str

    def stated(
        self, name: str, counts: Sequence[float], figure: str, *, sure: bool, start: int = -1
    ) -> Stated:
        """The share by what it is of; counts = the figures that it may be (none: those of the tables)."""
        sentence, found = self.sentence, self.found
        words = self.clause[-2:] + found["is"] + (found["more"] or "")
        rounded = re.search(_ROUNDED, words)
        percent = figure.rstrip("%")
        beside = tuple(one.figure for one in self.placed if one.end <= found.start())
        share = Share(
            tuple(counts),
            (1.5 if re.search(_ABOUT, words) else 5.0)
            if rounded
            else 10.0 ** -len(percent.partition(".")[2]),
            _whole(found["of"]) if found.re is _SHARE else "",
            (*sentence.context.counted, *beside),
        )
        start = start if start >= 0 else found.start() - len(self.clause)
        quoted = sentence.read.quoted(start, found.end()).lstrip("、，：； ")
        return Stated(name, float(percent), quoted, not sure or bool(rounded), share=share)


def _whole(words: str) -> str:
    """Of what it is a share: "all", "came", "closed", "" where nothing is said, else the words."""
    if not re.fullmatch(_WORDS_OF_ALL, words):
        return words
    if re.search(_CLOSED, words):
        return "closed"
    return "came" if re.search(_CAME, words) else "all" if words else ""


def _shared(one: Placed) -> bool:
    """Whether a figure is of some of the applications, or of the reviews, of the year."""
    return one.of is not None and all(
        name in _SHARED or name.startswith(_SHARED_TOO) for name in one.of.name.split(JOINED)
    )


def _told(read: _Read) -> Iterator[Stated]:
    sentence, found = read.sentence, read.found
    figures = re.findall(_PERCENT, found["figures"])
    before = _ASIDE.sub(lambda aside: "\0" * len(aside.group()), sentence.text[: found.start()])
    beside = [one for one in read.placed if one.end <= len(before) and before[one.end - 1] != "\0"]
    if len(figures) > 1 or found["each"] or found["in_turn"]:
        yield from _in_turn(read, beside, figures)
        return
    last = beside[-1] if beside else None
    between = before[last.end :] if last else ""
    if last and not re.search("[；%]", between):
        apart = re.search("[，：]", between.rstrip("，（"))
        told = _NO_MORE.fullmatch(read.clause)
        if told and told["sum"] and len(beside) > 1:
            yield from _together(read, beside)
        elif told or not apart:
            if last.of and _shared(last):
                sure = not last.of.hedged and last.of.reach != "part"
                yield read.stated(
                    last.of.name, [last.figure], figures[0], sure=sure, start=last.start
                )
        elif name := _named(read):
            yield read.stated(name, (), figures[0], sure=_of_all(read))
    elif name := _named(read):
        yield read.stated(name, (), figures[0], sure=_of_all(read))


def _of_all(read: _Read) -> bool:
    """Whether a share without a figure is beyond doubt one of all applications of the year."""
    return read.sentence.context.of_all and bool(read.found["of"] or read.found["in_turn"])


def _named(read: _Read) -> str:
    """What a clause without a figure names: “予以公开的占43.5%”."""
    sentence, words = read.sentence, re.sub(r"(?:分别|约|大约|其|均)+$", "", read.clause)
    if not words or sentence.context.about == "else" or re.search(_JOINT, words):
        return ""
    sentence.at = sentence.end = read.found.start()
    subject = by_rule(sentence, words, "")
    one = Placed(0, 0, 0, Stated(subject.name, 0, "", hedged=False)) if subject else None
    if not subject or not one or not subject.sure or subject.reach == "part":
        return ""
    return subject.name if _shared(one) and subject.name != "其他处理之其他" else ""


def _together(read: _Read, beside: Sequence[Placed]) -> Iterator[Stated]:
    """“…20件，部分公开5件，合计占54.3%”: of the last ones together, two or more."""
    names, sums = list[str](), list[float]()
    for one in reversed(beside):
        if one.of is None or not _shared(one):
            break
        names.insert(0, one.of.name)
        sums.append(one.figure + (sums[-1] if sums else 0))
    if len(sums) > 1:
        yield read.stated(JOINED.join(names), sums[1:], read.found["figures"], sure=False)


def _in_turn(read: _Read, beside: Sequence[Placed], figures: Sequence[str]) -> Iterator[Stated]:
    """“…20件、…5件，分别占43.5%、10.9%”; “…、…占比分别为43.5%、10.9%”: if they are as many."""
    sentence, found = read.sentence, read.found
    lead = re.split("[。；：，]", sentence.text[: found.start()].rstrip("，"))[-1]
    last = list(beside[-len(figures) :])
    if not re.search(r"\d", lead):
        names = named_in_turn(lead)
        if len(names) == len(figures) and sentence.context.about == "disclosure":
            for name, figure in zip(names, figures, strict=True):
                yield read.stated(
                    name, (), figure, sure=_of_all(read), start=found.start() - len(lead)
                )
    elif len(last) == len(figures) and _NO_MORE.fullmatch(read.clause):
        for one, figure in zip(last, figures, strict=True):
            if one.of and _shared(one):
                yield read.stated(
                    one.of.name, [one.figure], figure, sure=not one.of.hedged, start=one.start
                )


def _by_rate(read: _Read) -> Iterator[Stated]:
    """“办结率92%”, “不予公开率10.9%”: how it was counted nobody knows, and all in time is no figure."""
    sentence, words, figure = read.sentence, read.clause, read.found["figures"]
    if sentence.context.about != "disclosure" or figure == "100%":
        return
    name = _RATES[read.found["of"]]
    if name and not re.fullmatch(rules.WHO, words):
        return
    if not name and words.endswith(("予以", "部分", "不予")):
        name = {"予以": "granted", "部分": "partly", "不予": "refused"}[words[-2:]]
        name = "disclosed" if re.search("(?:和|及|、|或)部分$", words) else name
    if name:
        yield read.stated(name, (), figure, sure=False)
