"""Is a figure one of table 四: of a review or a suit, in all or by how it ended?"""

from __future__ import annotations

import re

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import ELSE, TOTAL, Sentence, Subject


def by_review(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """Table 四: the total of a group where it is named last, else a result of the group before."""
    context = sentence.context
    if re.search(rules.NOT_OF_DISCLOSURE, sentence.text[sentence.end :].partition("；")[0]):
        return None if not _group(phrase) else ELSE
    theirs = f"{rules.AS_REVIEWER}|{rules.CARRIED_REVIEWS}"
    if re.search(theirs, phrase) and _group(phrase):
        context.group = ""
        return ELSE
    segment = sentence.text[: sentence.at]
    because = f"{rules.BECAUSE_OF_DISCLOSURE}|{rules.OF_DISCLOSURE}"
    linked = context.linked or bool(re.search(because, segment + after))
    named = _group(phrase)
    group = named[0] if named else context.group
    if named:
        context.group = group
        tail = phrase[named[1] :]
        if re.fullmatch(rules.NAMED_ONE_BY_ONE + rules.FILLER, tail):
            if not linked and re.search(rules.AS_AUTHORITY, phrase):
                context.group = ""
                sentence.turn("else")  # “…，受理60件” is of reviews, too
                return Subject(group, sure=False) if "收到" in phrase else ELSE
            context.linked = linked
            # “区政府作为被告的诉讼9件”: of one agency among those of the report
            of_one = re.search(r"(?:作为|为|以)[^，。；]{0,8}(?:被告|被申请人)", phrase)
            return Subject(group, sure=linked and not of_one)
    if not group:
        if re.fullmatch(rules.NAMED_ONE_BY_ONE + r"(?:其中|\0)*", phrase) and (
            behind := _group(after)
        ):
            return Subject(behind[0], sure=linked)
        return None
    for column, words in rules.REVIEW_RESULTS:
        tail = phrase[named[1] :] if named else phrase
        if re.search(rf"(?:{words}){TOTAL}$", tail) or (
            re.fullmatch(rf"{TOTAL}(?:其中|、|\0)*", tail) and re.match(rf"的?(?:{words})", after)
        ):
            context.linked = context.linked or linked
            return Subject(f"{group}.{column}", sure=linked)
    return None


def _group(phrase: str) -> tuple[str, int] | None:
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
    joined = re.search(r"复议(?:申请|案件)?(?:、|和|及|与|或)(?:提起)?(?:行政)?诉讼$", phrase[:end])
    if name == "suits" and joined and "reviews" in before:
        return "reviews_and_suits", end
    return name, end
