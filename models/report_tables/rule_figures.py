"""What is a figure of, by the words beside it? A row, a group of rows, a kind of applicant, a carry-over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import ELSE, JOINED, Context, Sentence, Subject

_GRANTED = next(rule for rule in rules.RULES if rule.name == "granted")
_CARRIED_IN = next(rule for rule in rules.RULES if rule.name == "carried_in")
_PARTLY_IN = re.compile(r"[（，](?:其中|含|包括|包含)+(?:予以)?部分(?:予以)?公开")
_BARE = rf"(?<![\u4e00-\u9fff])(?:公开|(?:全部|全文)(?:予以)?(?:公开)?){rules.AND}$"
"""“公开和部分公开25件”: beside 部分公开 it is 予以公开."""
_BEHIND = {
    "kind": r"(?:的|提出|提交|类|申请人?|政府|信息公开|共|计|为|有|数量|数|：)*",
    "carried": rf"(?:信息公开|依申请公开|{rules.FILLED})*+",
}


_PEOPLE = r"(?:个人|自然人|公民)(?:申请|提出)?[的共计有为：]*\d+(?![\d人名户个家])"
_BESIDE = dict.fromkeys(("单位", "组织", "机构"), _PEOPLE) | {
    "个人": r"申请|其中|总计|合计|(?:单位|组织|法人)[共计有为：]*\d"
}
"""What stands in the same sentence, where the word by itself may be of anything."""


def by_rule(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """A row, a group of rows, a kind of applicant, a carry-over, by the words beside it."""
    foreign = bool(re.search(rules.FOREIGN, phrase))
    for name, pattern in sentence.rows:
        if found := re.search(rf"(?P<words>{pattern.pattern}){rules.FILLER}$", phrase):
            rule = rules.Rule(name, "", "row")
            return _together(sentence, rule, phrase[: found.start()], found.group(), after)
    if re.search(rf"(?:{rules.BOTH})(?:政府|{rules.OF_DISCLOSURE})*{rules.FILLER}$", phrase):
        context = sentence.context
        return ELSE if context.about == "else" else Subject("handled", context.of_all)
    for rule in rules.RULES:
        filler = _BEHIND.get(rule.subject, rules.FILLER)
        found = re.search(rf"(?P<words>{rule.words}){filler}$", phrase)
        if found is None:
            continue
        rest = phrase[: found.start()]
        if rule.subject == "kind" and not _is_kind(sentence, phrase, found):
            continue
        if rule.subject == "result" and (row := _row_before(sentence, rest)):
            return row
        if foreign and re.search(rules.FOREIGN, rest):
            sentence.turn("else")
            return ELSE
        if sentence.context.about == "else" and not re.search(rules.OF_DISCLOSURE, rest):
            return ELSE
        # “2021年结转至2022年的5件” in the report of 2022
        into = rule.name == "carried_out" and f"{sentence.year}年" in found["words"]
        with_partly = _PARTLY_IN.match(sentence.text, sentence.end)
        if "公开类" in found["words"] and "非公开" in sentence.text[sentence.end :]:
            with_partly = with_partly or found  # “公开类18件，非公开类20件”
        if rule.name == "granted" and with_partly:
            return Subject("disclosed", sure=False)  # “予以公开25件（含部分公开5件）”
        return _together(sentence, _CARRIED_IN if into else rule, rest, found.group(), after)
    return _by_rule_behind(sentence, phrase, after)


def _row_before(sentence: Sentence, rest: str) -> Subject | None:
    """“过程性信息不予公开5件”: the row is named, and then its group: it is of the row."""
    for rule in (one for one in rules.RULES if one.subject == "row"):
        if found := re.search(rf"(?:{rule.words})(?:的|类|决定|依法|告知|，|、|而)*$", rest):
            return _ruled(sentence, rule, rest[: found.start()], "") if found.group() else None
    if re.search(rf"(?:{rules.PRIVATE.words})(?:的|而|，|、)*$", rest):
        return Subject(rules.PRIVATE.name, sure=False, reach="part")
    return None


def _is_kind(sentence: Sentence, phrase: str, found: re.Match[str]) -> bool:
    """A kind of applicant: 申请 stands with it, or the sentence is of applications."""
    if re.search(rules.ANYBODY, phrase[: found.start()]):
        return False
    beside, behind = _BESIDE.get(found["words"]), sentence.text[sentence.end - 1 :]
    if beside and not (re.search(beside, sentence.text) and re.match(r"[件份宗起项\d]", behind)):
        return False
    of_these = re.match(
        r".[^，。；]*?(?:为|是|系)[^，。；\d]*申请", behind
    )  # “单位3件为信用修复申请”
    if beside and of_these and not re.search(rules.OF_DISCLOSURE, of_these.group()):
        return False
    asked = "申请" in phrase[found.end("words") :] or re.search(rules.WHO_ASKED, sentence.segment())
    return bool(asked) or sentence.context.about == "disclosure"


def _by_rule_behind(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """“5件结转下年度”, “2件予以公开”: the words behind the figure, where none stand before it."""
    if not re.fullmatch(
        rules.FILLER
        + r"(?:其中|对|另有?|尚有?|仍有?|剩余|其余|有|、|还有|截[至止]到?|20\d\d年|年?(?:底|末)|12月31日)*",
        phrase,
    ):
        return None
    for rule in rules.RULES:
        if not rule.after or rule.subject == "kind":
            continue
        before = r"(?:的|申请|案件|因|属于?|为|已|作出|被|是|由于|正常|按程序|\0)*"
        lead = before + (rules.WHY_CARRIED if rule.subject == "carried" else "")
        # what is carried to a year stands behind the year's number, too
        behind = sentence.behind() if rule.subject == "carried" else after
        if told := re.match(rf"{lead}(?:{rule.words})", behind):
            sentence.told = sentence.end + told.end()
            if sentence.context.about == "else":
                return ELSE
            further = _further(behind[told.end() :])
            return _ruled(sentence, rule, "", after, further) if further is not None else ELSE
    return None


def _together(sentence: Sentence, rule: rules.Rule, rest: str, words: str, after: str) -> Subject:
    """One that is named before a figure, with those that stand before it and are counted with it."""
    further: list[rules.Rule] = []
    if rule.name == "partly" and (bare := re.search(_BARE, rest)):
        further, rest = [_GRANTED], rest[: bare.start()]
    while found := _joined_to(rest):
        one, rest = found
        further.append(one)
    if further and re.search(rules.EACH, words):
        return ELSE
    if re.search(rf"(?:公开|提供|处理|存在){rules.AND}$", rest):
        return ELSE  # counted with something that is not known: 主动公开和部分公开
    return _ruled(sentence, rule, rest, after, further)


def _joined_to(rest: str) -> tuple[rules.Rule, str] | None:
    """The one before “和”, at the end of these words, and what stands before it."""
    for one in rules.RULES:
        if one.subject in ("result", "row") and (
            found := re.search(rf"(?:{one.words}){rules.AND}$", rest)
        ):
            return one, rest[: found.start()]
    return None


def _further(behind: str) -> list[rules.Rule] | None:
    """Those that stand behind a first one and are counted with it; None = nobody knows which they are."""
    found: list[rules.Rule] = []
    while joined := re.match(rules.AND, behind):
        rest = behind[joined.end() :]
        told = [
            (one, match)
            for one in rules.RULES
            if one.subject in ("result", "row") and (match := re.match(f"(?:{one.words})", rest))
        ]
        if not told:
            return None
        found.append(told[0][0])
        behind = rest[told[0][1].end() :]
    return found


def _ruled(
    sentence: Sentence,
    rule: rules.Rule,
    rest: str,
    after: str,
    further: Sequence[rules.Rule] = (),
) -> Subject:
    context = sentence.context
    if any(one.subject != rule.subject for one in further):
        return ELSE
    if rule.name == "其他处理之其他" and context.last not in rules.BEFORE_OTHER:
        of_a_kind = context.last.startswith("申请人：") and not rest.strip("、\0")
        return Subject("申请人：其他") if of_a_kind else ELSE
    if rule.name == "其他处理之其他" and _of_the_rest(sentence, after):
        return ELSE
    if rule.subject != "kind" and re.search(rules.OF_AN_AGENCY, rest):
        sentence.turn_to_others()
    for_a_reason = bool(re.search(rules.FOR_A_REASON, rest))
    sure = _of_all(sentence, rule, rest)
    if rule.subject in ("result", "row"):
        sure = _of_no_some(sentence, rest, for_a_reason) and sure
    if rule.subject == "kind":
        sure = sure and _of_a_whole_kind(sentence, rest)
    if rule.subject == "carried" and re.search(r"资金|项目|经费|事项", rest + after):
        return ELSE
    if rule.subject == "carried":
        sure = sure and _of_ours(context, rest)
    if re.search(rules.FOREIGN, after) and rule.subject != "row":
        return ELSE
    of_the_rest = rule.name == context.last == "其他处理之其他"  # “撤回11件，其他2件”
    some = rule.subject == "part" or of_the_rest or for_a_reason
    reach = "part" if some else ""
    return Subject(JOINED.join([one.name for one in reversed(further)] + [rule.name]), sure, reach)


def _of_all(sentence: Sentence, rule: rules.Rule, rest: str) -> bool:
    """Whether the words before do not say that a figure is of a part, or may be of another matter."""
    context = sentence.context
    part = bool(re.search(rules.PART, rest)) and not re.search(rules.WHOLE, rest)
    of_some = context.part or bool(re.search(rules.AMONG_SOME, sentence.segment()))
    sure = not part and not sentence.of_others and (not of_some or rule.subject == "carried")
    sure = sure and rule.subject != "pending" and not _after_another_matter(sentence)
    if context.last == "else" and "申请" not in sentence.text[: sentence.at]:
        sentence.turn_to_some()  # “互动平台公开272件、部分公开20件、不公开20件”
        sure = False
    withdrawn = rule.name == "其他处理之其他" and rule.subject == "part"
    return sure and not (withdrawn and context.group)  # of reviews, cases are withdrawn, too


def _of_no_some(sentence: Sentence, rest: str, for_a_reason: bool) -> bool:
    """Whether the words before a result name no applications: “疫情类申请予以公开12件” does."""
    if not for_a_reason and not re.fullmatch(rules.OF_NO_SOME, rest):
        sentence.turn_to_some()
    named = rf"自然人|法人|企业|{rules.NOT_RESULTS}|{rules.BY_GROUND}"
    return not sentence.of_some and not re.search(named, rest)


def _of_a_whole_kind(sentence: Sentence, rest: str) -> bool:
    """Whether a kind of applicant is meant whole, of all that came: by 办理 all may be meant that ended."""
    within = r"予以公开|部分公开|不予公开|无法提供|不予处理|处理|办结|结转|答复"
    return not (
        re.search(rules.SOME_OF_A_KIND, rest)
        or re.search(within, sentence.segment())
        or sentence.context.last == "handled"
    )


def _of_ours(context: Context, rest: str) -> bool:
    """Whether what was carried over are the report's applications: not “区公安分局新收申请97件，上年结转4件”,
    nor “新增行政复议6件，上年结转2件”.
    """
    if context.about != "disclosure":
        return not rest.strip("、\0")
    return not context.last or (context.sure and not context.last.startswith(("reviews", "suits")))


def _of_the_rest(sentence: Sentence, after: str) -> bool:
    """Whether “其他5件” are those that were not named, and no row: “除上述外，其他5件”, “其他5件为…”."""
    return bool(re.match("为|是|系", after)) or "除" in sentence.segment()


def _after_another_matter(sentence: Sentence) -> bool:
    """Whether the sentence began with some other matter: “建议提案答复公开审查中，不予公开6件”."""
    lead = re.split(r"\d", sentence.segment())[0].rpartition("，")[0]
    return bool(re.search(rules.FOREIGN, lead)) and not re.search(rules.OF_DISCLOSURE, lead)
