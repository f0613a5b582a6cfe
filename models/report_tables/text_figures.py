"""Which figures do the words of a report state, and of what? Every one, with its subject.

A sentence is read from the left: what a figure is of, in which year, of which part and by which unit
(models/report_tables/sentence_rules.py). What is plainly of something else is not found at all; what
becomes of those found is models/report_tables/text_checks.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.report_tables import sentence_rules as rules
from models.words.written_numbers import Plain, plain

GROUPS = ("granted", "partly", "refused", "unable", "not_handled", "other")
IN_A_ROW = ("disclosed", *GROUPS[2:])

_COUNTED = "件次|件|起|宗|份|项|条|个|部|次"
_FIGURE = re.compile(
    rf"(?<![\d.])(?P<figure>\d+(?:\.\d+)?)(?P<myriad>万)?(?P<more>余|多)?(?:(?P<unit>{_COUNTED})(?!人|性|案件?组)"
    r"|(?=[，。；：、（）和及]|$))"
)
_ANY = re.compile(r"\d+(?:\.\d+)?")
_STOP = "，。；：（）"
_WIDE = str.maketrans(",;:()", "，；：（）")
_ASIDE = re.compile(r"（[^（）\d]*）")
_YEAR = re.compile(r"(?<![比较与和\d])(20\d\d)年")
_IN_A_ROW = re.compile(r"(?<![\d/])\d+(?:/\d+){4,5}(?![\d/])")
_BEHIND = {
    "kind": r"(?:的|提出|提交|类|申请人?|政府|信息公开|共|计|为|有|数量|：)*",
    "carried": rf"(?:信息公开|依申请公开|{rules.FILLED})*+",
}
_TOTAL = r"(?:总计|共计|合计|总数|总量|数量|件数|总|共|计|数|为|有|是|达|了|的|各|均|分别|：)*"
_HEADING = re.compile(r"\s*(?:[（(]?[一二三四五六七八九]+[）)、是]|\d{1,2}[.．、])[^\d，]{2,30}$")
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
        r"(?:非|不属于?)本(?:行政)?(?:机关|单位|局|部门)[^，。；：、（）\d]{0,12}?"
        r"(?:的|信息|申请|案件|共|计|为|有){0,4}(\d+)(?:件|起|宗)"
    ),
    "advised": re.compile(r"(?:受理|咨询)服务(?:共|计|为)?(\d+)人次"),
}
_WITH_CARRIED = re.compile(r"^(?:[（，](?:其中)?)?(?:含|包括|其中)[^。；]{0,12}(?:结转|转结)")
_CARRIED_APART = re.compile(r"^[，、；](?:上一?年度?(?:结转|转结)|(?:结转|转结)上)")


class Stated(NamedTuple):
    """A figure that a sentence states; hedged = rounded, of a part, or its subject only likely.

    reach = of what came in: "new" = it must be 新收 alone, "unsaid" = nothing says whether 上年结转 is in it
    """

    name: str
    figure: float
    sentence: str
    hedged: bool
    reach: str = ""


class _Subject(NamedTuple):
    """What a figure is of; sure = beyond doubt. Without a name it is of something else."""

    name: str = ""
    sure: bool = True
    reach: str = ""


_ELSE = _Subject()


@dataclass
class _Context:
    """What the sentences before were about: "disclosure", "else" or ""; which document, which suits.

    sure = it was said in so many words; linked = reviews and suits are of disclosure;
    last = what the figure before was of;
    part = figures are of a part of the applications
    """

    about: str = ""
    sure: bool = False
    linked: bool = False
    group: str = ""
    document: str = ""
    last: str = ""
    part: bool = False


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
        context = _Context(about, asked, linked=in_section4)
        asked = _heads_applications(paragraph)
        for sentence in re.split(r"(?<=。)|\n", paragraph):
            context.part = False
            context.group = context.document = context.last = ""
            context.linked = in_section4 or context.linked
            if _heads_applications(sentence):
                context.about, context.sure = "disclosure", True
            yield from _Sentence(plain(sentence), context, rows, year).figures()


def _heads_applications(line: str) -> bool:
    """Whether a line is a heading, “（二）依申请公开情况”: what follows is of applications."""
    return bool(_HEADING.match(line)) and bool(re.search(rules.OF_DISCLOSURE, line))


def _label(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^，。；：、（中“及和\d]){re.escape(name)}[”’]?")


class _Sentence:
    """One sentence, read from the left; the context is left as the next one finds it."""

    def __init__(
        self,
        read: Plain,
        context: _Context,
        rows: Sequence[tuple[str, re.Pattern[str]]],
        year: int | None,
    ) -> None:
        self.read, self.context, self.rows, self.year, self.at = read, context, rows, year, 0
        wide = read.text.translate(_WIDE)
        self.text = _ASIDE.sub(lambda aside: "\0" * len(aside.group()), wide)
        years = [int(found[1]) for found in _YEAR.finditer(self.text)]
        self.years = years if year is None else []
        self.end = self.told = 0  # of the figure that is read; of the words that told what it is

    def figures(self) -> Iterator[Stated]:
        yield from self._of_registers()
        yield from self._noughts()
        yield from self._rows_of_figures()
        before = 0
        for found in _FIGURE.finditer(self.text):
            stops = (self.text.rfind(stop, 0, found.start()) for stop in _STOP)
            start = max(before, min(self.told, found.start()), max(stops) + 1)
            own = [m.end() for m in _ANY.finditer(self.text, start, found.start())]
            phrase = self.text[start : found.start()]
            before = found.end()
            if found["unit"] is None and own and self._is_year_or_day(phrase):
                continue
            yield from self._figure(found, start, phrase)

    def _is_year_or_day(self, phrase: str) -> bool:
        return phrase.endswith(("第", "〔", "号"))

    # ── one figure ──

    def _figure(self, found: re.Match[str], start: int, phrase: str) -> Iterator[Stated]:
        context, after = self.context, self._after(found.end())
        self.at, self.end = found.span()
        if re.search(rules.CHANGE, phrase) or self._of_another_year(found.start(), phrase):
            return
        about = context.about, context.sure, context.part
        if self._by_attribute(found.end() + len(after)):
            self._turn("else")
        subject = self._subject(phrase, after, found)
        context.last = subject.name or "else"
        if self._within_brackets(found.start()):
            context.about, context.sure, context.part = about
        if (re.match(rules.AMONG_THEM, after) and self._a_part(subject)) or (
            subject.name == "carried_in" and re.match(rules.CARRIED_AND_DONE, after)
        ):
            context.part = True
        if not subject.name:
            return
        scale = 10_000 if found["myriad"] else 1
        figure = round(float(found["figure"]) * scale, 2)
        hedged = not subject.sure or bool(found["more"] or found["myriad"])
        hedged |= bool(re.search(rf"(?:{rules.ROUNDED})$", phrase))
        hedged |= bool(re.search(rules.ROUNDED_AFTER, after))
        hedged |= bool(re.search(rules.UNSURE, phrase))
        hedged |= bool(re.search(rules.SO_FAR, phrase)) and not self._in_a_year()
        end = found.end() if phrase.strip("\0") else found.end() + len(after)
        quoted = self.read.quoted(start, min(end, len(self.text))).lstrip("、，：； ")
        yield Stated(subject.name, figure, quoted, hedged, subject.reach)

    def _a_part(self, subject: _Subject) -> bool:
        """Whether “…5件中，” names some of the applications, and not those of the year."""
        some = not subject.name or subject.name.startswith(("carried", "申请人"))
        return some or subject.reach == "new"

    def _by_attribute(self, end: int) -> bool:
        """Whether the sentence counts papers by 公开属性, and has not come to applications since."""
        papers = re.search(rules.BY_ATTRIBUTE, self.text[: self.at])
        return papers is not None and "信息公开申请" not in self.text[papers.end() : end]

    def _in_a_year(self) -> bool:
        return bool(re.search(r"全年|本年|20\d\d年", self.text[: self.at]))

    def _after(self, end: int) -> str:
        """What stands behind a figure, to the next stop or figure."""
        found = re.match(rf"[^{_STOP}\d、]*", self.text[end:])
        return found.group() if found else ""

    def _within_brackets(self, at: int) -> bool:
        return self.text.rfind("（", 0, at) > self.text.rfind("）", 0, at)

    def _of_another_year(self, at: int, phrase: str) -> bool:
        """Whether the figure is of another year than the report's, by the words before it."""
        clause = self.text[:at][max(self.text.rfind("；", 0, at), 0) :]
        if re.search(rules.OTHER_YEAR, phrase):
            return True
        if re.search(rules.OTHER_YEAR, re.split("，", clause)[0]) and not _YEAR.search(clause):
            return True
        said = [int(found[1]) for found in _YEAR.finditer(self.text[:at])]
        if not said:
            return False
        this = self.year or max(self.years, default=said[-1])
        into = said[-1] == this + 1 and re.search(r"结转|转入|继续办理", phrase)
        out_of = said[-1] == this - 1 and re.search(rules.CARRIED_FROM, phrase)
        return said[-1] != this and not (into or out_of)

    # ── what it is of ──

    def _subject(self, phrase: str, after: str, found: re.Match[str]) -> _Subject:
        for judged in (self._by_review, self._by_document, self._by_decision):
            if subject := judged(phrase, after):
                return subject
        if subject := self._by_rule(phrase, after):
            return subject
        if subject := self._by_verb(phrase, after, self.text[found.end() :]):
            return subject
        if re.search(rules.FOREIGN, phrase + after):
            self._turn("else")
        return _ELSE

    def _turn(self, about: str, *, sure: bool = True) -> None:
        self.context.about, self.context.sure = about, sure

    def _by_rule(self, phrase: str, after: str) -> _Subject | None:
        """A row, a group of rows, a kind of applicant, a carry-over, by the words beside it."""
        foreign = bool(re.search(rules.FOREIGN, phrase))
        for name, pattern in self.rows:
            if found := re.search(rf"(?P<words>{pattern.pattern}){rules.FILLER}$", phrase):
                return self._ruled(rules.Rule(name, "", "row"), phrase[: found.start()], after)
        for rule in rules.RULES:
            filler = _BEHIND.get(rule.subject, rules.FILLER)
            found = re.search(rf"(?P<words>{rule.words}){filler}$", phrase)
            if found is None:
                continue
            rest = phrase[: found.start()]
            if rule.subject == "kind" and not self._is_kind(phrase, found):
                continue
            if rule.subject == "result" and (row := self._row_before(rest)):
                return row
            if foreign and re.search(rules.FOREIGN, rest):
                self._turn("else")
                return _ELSE
            if self.context.about == "else" and not re.search(rules.OF_DISCLOSURE, rest):
                return _ELSE
            return self._ruled(rule, rest, after)
        return self._by_rule_behind(phrase, after)

    def _row_before(self, rest: str) -> _Subject | None:
        """“过程性信息不予公开5件”: the row is named, and then its group: it is of the row."""
        for rule in (one for one in rules.RULES if one.subject == "row"):
            if found := re.search(rf"(?:{rule.words})(?:的|类|决定|依法|告知|，)*$", rest):
                return self._ruled(rule, rest[: found.start()], "") if found.group() else None
        return None

    def _is_kind(self, phrase: str, found: re.Match[str]) -> bool:
        """A kind of applicant: 申请 stands with it, or the sentence is of applications."""
        if re.search(rules.ANYBODY, phrase[: found.start()]):
            return False
        asked = "申请" in phrase[found.end("words") :] or re.search(
            rules.WHO_ASKED, self._segment()
        )
        return bool(asked) or self.context.about == "disclosure"

    def _by_rule_behind(self, phrase: str, after: str) -> _Subject | None:
        """“5件结转下年度”, “2件予以公开”: the words behind the figure, where none stand before it."""
        if not re.fullmatch(
            rules.FILLER + r"(?:其中|另有?|尚有?|仍有?|剩余|其余|有|、|还有)*", phrase
        ):
            return None
        for rule in rules.RULES:
            if not rule.after or rule.subject == "kind":
                continue
            before = r"(?:的|申请|案件|因|属于?|为|已|作出|被|是|由于|正常|按程序|\0)*"
            lead = before + (rules.WHY_CARRIED if rule.subject == "carried" else "")
            if told := re.match(rf"{lead}(?:{rule.words})", after):
                self.told = self.end + told.end()
                if self.context.about == "else":
                    return _ELSE
                return self._ruled(rule, "", after)
        return None

    def _ruled(self, rule: rules.Rule, rest: str, after: str) -> _Subject:
        context = self.context
        if rule.name == "其他处理之其他" and context.last not in rules.BEFORE_OTHER:
            of_a_kind = context.last.startswith("申请人：") and not rest.strip("、\0")
            return _Subject("申请人：其他") if of_a_kind else _ELSE
        part = bool(re.search(rules.PART, rest)) and not re.search(rules.WHOLE, rest)
        of_some = context.part or bool(re.search(rules.AMONG_SOME, self._segment()))
        sure = not part and (not of_some or rule.subject == "carried")
        sure = sure and rule.subject != "pending" and not self._after_another_matter()
        if context.last == "else" and "申请" not in self.text[: self.at]:
            sure = False
        if rule.subject in ("result", "row"):
            sure = sure and not re.search(r"自然人|法人|企业", rest)
            sure = sure and not re.search(rules.NOT_RESULTS, rest)
        if rule.subject == "kind":
            within = re.search(
                r"予以公开|部分公开|不予公开|无法提供|不予处理|处理|办结|结转|答复",
                self._segment(),
            )
            sure = sure and not within
        if rule.subject == "carried" and re.search(r"资金|项目|经费|事项", rest + after):
            return _ELSE
        if rule.subject == "carried" and context.about != "disclosure":
            sure = sure and not rest.strip("、\0")
        if re.search(rules.FOREIGN, after) and rule.subject != "row":
            return _ELSE
        return _Subject(rule.name, sure)

    def _after_another_matter(self) -> bool:
        """Whether the sentence began with some other matter: “建议提案答复公开审查中，不予公开6件”."""
        lead = re.split(r"\d", self._segment())[0].rpartition("，")[0]
        return bool(re.search(rules.FOREIGN, lead)) and not re.search(rules.OF_DISCLOSURE, lead)

    def _segment(self) -> str:
        """The sentence so far, from the last semicolon on: set by the figure that is read."""
        return self.text[self.text.rfind("；", 0, self.at) + 1 : self.at]

    def _by_verb(self, phrase: str, after: str, rest: str) -> _Subject | None:
        """Received, answered, closed: the verb, what it is done to, and who does it."""
        verb, found = _last_verb(phrase)
        if found is None:
            return self._without_verb(phrase, after)
        who, what = phrase[: found.start()], phrase[found.end() :]
        plainly = bool(re.search(rules.OF_DISCLOSURE, what + after)) or bool(
            re.search(rules.OF_DISCLOSURE, who)
        )
        if re.search(r"转办|转送|移送|撤销|撤回", what + after) or not (
            plainly or _is_bare(what, after)
        ):
            if not plainly:
                self._turn("else")
            return _ELSE
        if re.search(rules.PART, phrase) and not re.search(rules.WHOLE, phrase):
            self.context.part = True
            return _Subject(self._counted(verb), sure=False) if plainly else _ELSE
        reach = _reach(verb, found.group(), rest)
        if not plainly:
            return self._done_to_them(verb, who, what + after, reach)
        self._turn("disclosure")
        sure = not ("其中" in who and verb in ("new", "received", "closed"))
        by = re.sub(rf"(?:通过|以)[^，；]*?(?:{rules.WHOLE})", "", who)
        sure = sure and bool(re.fullmatch(rules.WHOM_OR_WHO, by))
        named = list(re.finditer(rules.OF_DISCLOSURE, what))
        tail = what[named[-1].end() :] if named else ""
        sure = sure and bool(re.fullmatch(rf"(?:[表书]|公开)*+{rules.FILLER}", tail))
        return _Subject(self._counted(verb), sure, reach)

    def _done_to_them(self, verb: str, who: str, whom: str, reach: str) -> _Subject:
        """“办结46件”, “收到申请45件”: of disclosure where the sentence, or the one before, was."""
        asked, known = "申请" in whom, bool(re.fullmatch(rules.WHO, who))
        if re.search(rules.FOREIGN, who) and not asked:
            self._turn("else")
            return _ELSE
        if self.context.about == "else":
            return _ELSE
        if not asked and (self.context.about != "disclosure" or not known):
            return _ELSE
        if self.context.about != "disclosure" or not known:
            self._turn("disclosure", sure=known)
        sure = known and self.context.sure and not self._turned_aside()
        sure = sure and (asked or not self._of_a_part())
        sure = sure and not ("其中" in who and verb in ("new", "received", "closed"))
        return _Subject(self._counted(verb), sure, reach)

    def _of_a_part(self) -> bool:
        """Whether the sentence so far, without what it says in brackets, is of a part."""
        said = re.sub(r"（[^（）]*）", "", self._segment())
        of_some = bool(re.search(rules.AMONG_SOME, said))
        return of_some or bool(re.search(rules.PART, said) and not re.search(rules.WHOLE, said))

    def _counted(self, verb: str) -> str:
        return "received" if verb == "new" else verb

    def _turned_aside(self) -> bool:
        """Whether a clause without a figure stands between, that may be of something else."""
        segment = self.text[: self.at]
        clauses = re.split("[，；。：]", segment)[:-1]
        if not clauses:
            return False
        last = clauses[-1]
        silent = not re.search(r"\d", last) and len(last) > 6
        return silent and not re.search(r"申请|信息公开|答复|其中", last)

    def _without_verb(self, phrase: str, after: str) -> _Subject | None:
        """“依申请公开政府信息4项”, “政府信息公开申请8件”, “申请8件”."""
        disclosure = re.search(rules.OF_DISCLOSURE, phrase)
        if behind := self._done_behind(phrase, after):
            return behind
        if disclosure is None:
            if re.search(rf"(?:{rules.PART}).{{0,6}}申请{rules.FILLER}$", phrase):
                self.context.part = True
                return _ELSE
            if self.context.last in ("carried_in", "carried") and re.fullmatch(
                rules.AND_THOSE, phrase
            ):
                return _Subject("handled", sure=False)
            if self.context.about == "disclosure" and re.fullmatch(
                rf"{rules.WHO}申请{rules.FILLER}", phrase
            ):
                return _Subject("applied", self.context.sure and "其中" not in phrase)
            if re.search(rf"[^\0]申请{rules.FILLER}$", phrase) and not re.fullmatch(
                rules.WHOM_OR_WHO, phrase
            ):
                self._turn("else")
                return _ELSE
            return None
        if self.context.about == "else" and "信息公开申请" not in phrase:
            return _ELSE
        if not re.fullmatch(rules.FILLER, phrase[disclosure.end() :]):
            return None
        if re.search(rules.PART, phrase) and not re.search(rules.WHOLE, phrase):
            self.context.part = True
            return _ELSE
        if re.search(rules.FOREIGN, phrase[: disclosure.start()] + after):
            return _ELSE
        self._turn("disclosure")
        return _Subject("on_request")

    def _done_behind(self, phrase: str, after: str) -> _Subject | None:
        """“46件政府信息公开申请按期办结”: what was done stands behind the figure."""
        if not re.fullmatch(rf"(?:{rules.FILLED}|有|{rules.WHO})*+", phrase):
            return None
        for verb, words in rules.VERBS:
            if found := re.match(rf"{rules.DONE_BEHIND}(?:{words})", after):
                self._turn("disclosure")
                self.told = self.end + found.end()
                return _Subject(
                    self._counted(verb), sure=bool(re.search("全年|本年|共|总", phrase))
                )
        return None

    # ── reviews and suits ──

    def _by_review(self, phrase: str, after: str) -> _Subject | None:
        """Table 四: the total of a group where it is named last, else a result of the group before."""
        context = self.context
        segment = self.text[: self.at]
        because = f"{rules.BECAUSE_OF_DISCLOSURE}|{rules.OF_DISCLOSURE}"
        linked = context.linked or bool(re.search(because, segment + after))
        named = self._group(phrase)
        group = named[0] if named else context.group
        if named:
            context.group = group
            tail = phrase[named[1] :]
            if re.fullmatch(rules.NAMED_ONE_BY_ONE + rules.FILLER, tail):
                if not linked and re.search(rules.AS_AUTHORITY, phrase):
                    context.group = ""
                    return _Subject(group, sure=False) if "收到" in phrase else _ELSE
                context.linked = linked
                return _Subject(group, sure=linked)
        if not group:
            if re.fullmatch(rules.NAMED_ONE_BY_ONE + r"(?:其中|\0)*", phrase) and (
                behind := self._group(after)
            ):
                return _Subject(behind[0], sure=linked)
            return None
        for column, words in rules.REVIEW_RESULTS:
            tail = phrase[named[1] :] if named else phrase
            if re.search(rf"(?:{words}){_TOTAL}$", tail) or (
                re.fullmatch(rf"{_TOTAL}(?:其中|、|\0)*", tail)
                and re.match(rf"的?(?:{words})", after)
            ):
                context.linked = context.linked or linked
                return _Subject(f"{group}.{column}", sure=linked)
        return None

    def _group(self, phrase: str) -> tuple[str, int] | None:
        """The group of table 四 that is named last in a phrase, and where its name ends."""
        found = [
            (one.end(), one.start(), name)
            for name, words in (
                ("suits_after", rules.SUITS_AFTER),
                ("suits_direct", rules.SUITS_DIRECT),
                ("reviews", rules.REVIEWS),
                ("suits", rules.SUITS),
            )
            for one in re.finditer(words, phrase)
        ]
        if not found:
            return None
        end, start, name = max(found, key=lambda one: (one[0], -one[1]))
        before = [other for _, at, other in found if at < start]
        joined = re.search(
            r"复议(?:申请|案件)?(?:、|和|及|与|或)(?:提起)?(?:行政)?诉讼$", phrase[:end]
        )
        if name == "suits" and joined and "reviews" in before:
            return "reviews_and_suits", end
        return name, end

    # ── table 二 ──

    def _by_document(self, phrase: str, after: str) -> _Subject | None:
        context = self.context
        named = None
        for item, words in rules.DOCUMENTS:
            if found := list(re.finditer(words, phrase)):
                named = (item, found[-1])
                break
        behind = next((i for i, words in rules.DOCUMENTS if re.match(rf"(?:{words})", after)), None)
        item = named[0] if named else behind or context.document
        if not item:
            return None
        if not named and not behind and re.search(rules.OF_DISCLOSURE, phrase):
            return None
        phrase = phrase.replace("清理废止", "废止").replace("制定发布", "制定")
        done = None
        for measure, words in rules.DONE_TO_DOCUMENTS:
            if re.search(words, phrase):
                done = measure
                break
        tail = re.split("|".join(words for _, words in rules.DOCUMENTS), phrase)[-1]
        if done is None or re.search(rules.NOT_MADE, phrase):
            if named or behind:
                context.document = item
                self._turn("else")
                return _ELSE
            return None
        verbs = "|".join(words for _, words in rules.DONE_TO_DOCUMENTS)
        if (
            not re.fullmatch(rf"(?:{verbs}|文件|其中|新|和|并|、|{rules.FILLED})*+", tail)
            and not behind
        ):
            return None
        context.document = item
        if named or behind:
            self._turn("else")
        return _Subject(f"表二.{item}.{done}", sure=not re.search(rules.PART, phrase))

    def _by_decision(self, phrase: str, after: str) -> _Subject | None:
        for item, words in rules.DECISIONS:
            pattern = rules.DECIDED.format(item=words)
            if found := re.search(rf"(?:{pattern}){_TOTAL}$", phrase):
                self._turn("else")
                if re.search(rules.NOT_THE_NUMBER, phrase.replace("信息公开", "")):
                    return _ELSE
                before = self.text[: self.at]
                sure = bool(re.search(rules.SURELY_DECIDED, found.group()))
                sure = sure or bool(re.search(rules.DECIDED_BEFORE, before))
                return _Subject(
                    f"表二.{item}.decisions", sure and not re.search(rules.PART, phrase)
                )
            if re.match(rf"(?:的)?{words}(?:处理)?决定", after) and not re.search(
                rules.NOT_THE_NUMBER, phrase
            ):
                self._turn("else")
                return _Subject(f"表二.{item}.decisions", True)
        return None

    # ── what has a place of its own ──

    def _of_registers(self) -> Iterator[Stated]:
        """Enquiries, outcomes beside the rows, and fees."""
        for name, pattern in _OUTCOMES.items():
            for found in pattern.finditer(self.text):
                quoted = self.read.quoted(*found.span())
                hedged = name == "advised" and "信息公开" not in self.text[: found.start()]
                yield Stated(name, float(found[1]), quoted, hedged)
        for found in _FEES.finditer(self.text):
            amount = float(found[1]) * (10_000 if found[2] else 1)
            segment = self.text[: found.start()].rpartition("；")[2]
            tariff = re.search(r"每|标准|减免|应收|退还", segment + found.group())
            hedged = "其中" in segment or bool(tariff)
            yield Stated("fees", round(amount, 2), self.read.quoted(*found.span()), hedged)
        for found in _CHARGES.finditer(self.text):
            figure = float(found[1]) if found[2] else round(float(found[1]) / 10_000, 6)
            if not self._of_another_year(found.start(), found.group()):
                quoted = self.read.quoted(*found.span())
                yield Stated("表二.行政事业性收费.collected", figure, quoted, hedged=True)
        for found in _NO_FEE.finditer(self.text):
            yield Stated("fees", 0, self.read.quoted(*found.span()), hedged=False)

    def _noughts(self) -> Iterator[Stated]:
        """What a sentence says has not happened."""
        for name, words in rules.NOUGHTS:
            for found in re.finditer(words, self.text):
                if not self._of_another_year(found.start(), found.group()):
                    quoted = self.read.quoted(*found.span())
                    hedged = name != "received" or bool(re.search(rules.PART, self.text))
                    yield Stated(name, 0, quoted, hedged)

    def _rows_of_figures(self) -> Iterator[Stated]:
        for found in _IN_A_ROW.finditer(self.text):
            figures = found.group().split("/")
            names = GROUPS if len(figures) == len(GROUPS) else IN_A_ROW
            for name, figure in zip(names, figures, strict=True):
                yield Stated(name, float(figure), self.read.quoted(*found.span()), hedged=False)


def _last_verb(phrase: str) -> tuple[str, re.Match[str] | None]:
    """The last verb of a phrase that says what was done to applications, and which it is."""
    verb, last = "", None
    for name, words in rules.VERBS:
        for found in re.finditer(words, phrase):
            if last is None or found.start() >= last.end():
                verb, last = name, found
    return verb, last


def _is_bare(what: str, after: str) -> bool:
    """Whether nothing is said of what it was done to, or no more than 申请."""
    behind = re.fullmatch(r"(?:的|份|政府|信息|公开|申请|件|\0)*+[中里]?", after)
    return bool(behind) and bool(re.fullmatch(rules.FILLER, what))


def _reach(verb: str, words: str, rest: str) -> str:
    """What a figure of what came in holds, as far as its words, and those after it, say."""
    if verb not in ("new", "received") or "收办" in words or _WITH_CARRIED.search(rest):
        return ""
    return "new" if verb == "new" or _CARRIED_APART.search(rest) else "unsaid"
