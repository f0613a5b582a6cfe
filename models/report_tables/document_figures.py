"""Is a figure one of table 二: of documents made or repealed, or of decisions?"""

from __future__ import annotations

import re

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import ELSE, TOTAL, Sentence, Subject


def by_document(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """Of documents made, repealed, in force: 规章, 行政规范性文件."""
    context = sentence.context
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
    phrase = re.sub(r"以本(?:机关|单位|局|委|部门)名义", "", phrase)
    phrase = phrase.replace("清理废止", "废止").replace("制定发布", "制定")
    done = None
    for measure, words in rules.DONE_TO_DOCUMENTS:
        if re.search(words, phrase):
            done = measure
            break
    tail = re.split("|".join(words for _, words in rules.DOCUMENTS), phrase)[-1]
    if done is None or re.search(f"{rules.NOT_MADE}|{rules.BY_OTHERS}", phrase):
        if named or behind:
            context.document = item
            context.theirs = bool(re.search("库|收录|汇编", phrase))
            sentence.turn("else")
            return ELSE
        return None
    verbs = "|".join(words for _, words in rules.DONE_TO_DOCUMENTS)
    if (
        not re.fullmatch(rf"(?:{verbs}|文件|其中|新|和|并|、|{rules.FILLED})*+", tail)
        and not behind
    ):
        return None
    context.document = item
    if named or behind:
        sentence.turn("else")
    cleared = "清理" in sentence.text[: sentence.at - len(phrase)]  # which may be of others, too
    meant = bool(cleared or re.search(rules.OF_OTHERS_TOO, phrase) or _added_to(phrase))
    meant = context.theirs = meant or (context.theirs and not named and not behind)
    # “新制定4件，修订2件” are 制发 together, or the first alone
    amended = done == "made" and re.search(rules.AMENDED, sentence.text)
    return Subject(f"表二.{item}.{done}", sure=not (meant or amended))


def _added_to(phrase: str) -> bool:
    """Whether 新增 is said of what somewhere was added to: “专栏新增规范性文件12条”."""
    documents = "|".join(words for _, words in rules.DOCUMENTS)
    before, added, _ = phrase.partition("新增")
    return bool(added) and not re.fullmatch(rules.WHO, re.sub(rf"(?:{documents})$", "", before))


def by_decision(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """Of decisions: 行政许可, 行政处罚, 行政强制."""
    for item, words in rules.DECISIONS:
        pattern = rules.DECIDED.format(item=words)
        if found := re.search(rf"(?:{pattern}){TOTAL}$", phrase):
            sentence.turn("else")
            if re.search(rules.NOT_THE_NUMBER, phrase.replace("信息公开", "")):
                return ELSE
            before = sentence.text[: sentence.at]
            sure = bool(re.search(rules.SURELY_DECIDED, found.group()))
            sure = sure or bool(re.search(rules.DECIDED_BEFORE, before))
            of_others = (
                sentence.context.last == "else" and not sure
            )  # “公示行政许可9条、行政处罚4条”
            if of_others and re.search(rules.NOT_THE_NUMBER, sentence.segment()):
                return ELSE
            of_more = re.match(rules.AND_OURS, sentence.text[sentence.end :])
            sure = sure and not of_more and not re.search(rules.PART, phrase)
            # “作出较大数额罚款行政处罚决定6件” are some of them
            by_whom = rf"{rules.WHOM_OR_WHO}(?:立案|查处|并)*"
            sure = sure and bool(re.fullmatch(by_whom, phrase[: found.start()]))
            return Subject(f"表二.{item}.decisions", sure)
        if re.match(rf"(?:的)?{words}(?:处理)?决定", after) and not re.search(
            rules.NOT_THE_NUMBER, phrase
        ):
            sentence.turn("else")
            return Subject(f"表二.{item}.decisions", True)
    return None
