"""What is a figure of, by the verb? Applications received, answered, closed, carried over."""

from __future__ import annotations

import re

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import ELSE, Sentence, Subject

_WITH_CARRIED = re.compile(r"^(?:[（，](?:其中)?)?(?:含|包括|其中)[^。；]{0,12}(?:结转|转结)")
_CARRIED_APART = re.compile(r"^[，、；](?:上一?年度?(?:结转|转结)|(?:结转|转结)上)")


def by_verb(sentence: Sentence, phrase: str, after: str, rest: str) -> Subject | None:
    """Received, answered, closed: the verb, what it is done to, and who does it."""
    verb, found = _last_verb(phrase)
    if found is None:
        return _without_verb(sentence, phrase, after)
    who, what = phrase[: found.start()], phrase[found.end() :]
    plainly = bool(re.search(rules.OF_DISCLOSURE, what + after)) or bool(
        re.search(rules.OF_DISCLOSURE, who)
    )
    if re.search(r"转办|转送|移送|撤销|撤回", what + after) or not (
        plainly or _is_bare(what, after)
    ):
        if not plainly:
            sentence.turn("else")
        return ELSE
    if re.search(rules.PART, phrase) and not re.search(rules.WHOLE, phrase):
        sentence.context.part = True
        return Subject(_counted(verb), sure=False) if plainly else ELSE
    by = re.sub(rf"(?:通过|以)[^，；]*?(?:{rules.WHOLE})", "", who)
    if re.search(rules.NOT_BY_ITSELF, by):
        return ELSE
    reach = _reach(verb, found.group(), rest)
    of_more = bool(re.match(rules.AND_OURS, rest[len(after) :]))
    of_more = of_more or bool(re.search(rules.OF_MANY, who))
    if "其中" in sentence.segment()[-len(phrase) - 3 :] and re.search(rules.OF_AN_AGENCY, who):
        sentence.turn_to_others()  # “其中，区住建委新收142件、上年结转8件”
    in_time = re.search("按期|按时", who) and re.search(rules.NOT_IN_TIME, sentence.segment())
    of_more = of_more or sentence.of_others or bool(re.search(rules.WITHIN_THE_YEAR, who))
    of_the_rest = "实际" in who and re.search(rules.LEFT_OUT, sentence.segment())
    of_more = of_more or bool(in_time or of_the_rest)
    sentence.context.part = sentence.context.part or of_more
    if not plainly:
        done = _done_to_them(sentence, verb, who, what + after, reach)
        return done._replace(sure=done.sure and not of_more)
    sentence.turn("disclosure")
    sure = not of_more and not ("其中" in who and verb in ("new", "received", "closed"))
    sure = sure and bool(re.fullmatch(rules.WHOM_OR_WHO, by))
    named = list(re.finditer(rules.OF_DISCLOSURE, what))
    tail = what[named[-1].end() :] if named else what
    if re.search(rules.SAID_OF_THEM, tail):
        return ELSE
    sure = sure and bool(re.fullmatch(rf"(?:[表书]|公开)*+{rules.FILLER}", tail))
    return Subject(_counted(verb), sure, reach)


def _done_to_them(sentence: Sentence, verb: str, who: str, whom: str, reach: str) -> Subject:
    """“办结46件”, “收到申请45件”: of disclosure where the sentence, or the one before, was."""
    asked, known = "申请" in whom, bool(re.fullmatch(rules.WHO, who))
    if re.search(rules.FOREIGN, who) and not asked:
        sentence.turn("else")
        return ELSE
    if sentence.context.about == "else":
        return ELSE
    if not asked and (sentence.context.about != "disclosure" or not known):
        return ELSE
    if sentence.context.about != "disclosure" or not known:
        sentence.turn("disclosure", sure=known)
    sure = known and sentence.context.sure and not _turned_aside(sentence)
    sure = sure and (asked or not _of_a_part(sentence))
    sure = sure and not ("其中" in who and verb in ("new", "received", "closed"))
    return Subject(_counted(verb), sure, reach)


def _of_a_part(sentence: Sentence) -> bool:
    """Whether the sentence so far, without what it says in brackets, is of a part."""
    said = re.sub(r"（[^（）]*）", "", sentence.segment())
    of_some = bool(re.search(f"{rules.AMONG_SOME}|{rules.OF_MANY}", said))
    return of_some or bool(re.search(rules.PART, said) and not re.search(rules.WHOLE, said))


def _turned_aside(sentence: Sentence) -> bool:
    """Whether a clause without a figure stands between, that may be of something else."""
    segment = sentence.text[: sentence.at]
    clauses = re.split("[，；。：]", segment)[:-1]
    if not clauses:
        return False
    last = clauses[-1]
    silent = not re.search(r"\d", last) and len(last) > 6
    return silent and not re.search(r"申请|信息公开|答复|其中", last)


def _without_verb(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """“依申请公开政府信息4项”, “政府信息公开申请8件”, “申请8件”."""
    disclosure = re.search(rules.OF_DISCLOSURE, phrase)
    if behind := _done_behind(sentence, phrase, after):
        return behind
    if disclosure is None:
        if re.fullmatch(rules.IN_ALL, sentence.segment()) and phrase:
            of_ours = sentence.context.about == "disclosure" and not sentence.context.part
            return Subject("handled", sure=False) if of_ours else ELSE
        if re.search(rf"(?:{rules.PART}).{{0,6}}申请{rules.FILLER}$", phrase):
            sentence.context.part = True
            return ELSE
        if sentence.context.last in ("carried_in", "carried") and re.fullmatch(
            rules.AND_THOSE, phrase
        ):
            return Subject("handled", sure=False)
        if sentence.context.about == "disclosure" and re.fullmatch(
            rf"{rules.WHO}申请{rules.FILLER}", phrase
        ):
            of_more = re.search("其中|全[省市区县州系]", phrase)
            return Subject("applied", sentence.context.sure and not of_more)
        if re.search(rf"[^\0]申请{rules.FILLER}$", phrase) and not re.fullmatch(
            rules.WHOM_OR_WHO, phrase
        ):
            sentence.turn("else")
            return ELSE
        return None
    if sentence.context.about == "else" and "信息公开申请" not in phrase:
        return ELSE
    if not re.fullmatch(rules.FILLER, phrase[disclosure.end() :]):
        return None
    if re.search(rules.PART, phrase) and not re.search(rules.WHOLE, phrase):
        sentence.context.part = True
        return ELSE
    if re.search(rules.FOREIGN, phrase[: disclosure.start()] + after):
        return ELSE
    sentence.turn("disclosure")
    sorted_out = phrase.rstrip("共计有为").endswith("公开类")  # papers are, too
    asked = re.match(r"申请(?:书|表|件)?(?:数?量|总数|件数)", phrase[disclosure.end() :])
    return Subject("applied" if asked else "on_request", sure=not sorted_out)


def _done_behind(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """“46件政府信息公开申请按期办结”: what was done stands behind the figure."""
    if not re.fullmatch(rf"(?:{rules.FILLED}|有|{rules.WHO})*+", phrase):
        return None
    for verb, words in rules.VERBS:
        if found := re.match(rf"{rules.DONE_BEHIND}(?:{words})", after):
            sentence.turn("disclosure")
            sentence.told = sentence.end + found.end()
            return Subject(_counted(verb), sure=bool(re.search("全年|本年|共|总", phrase)))
    return None


def _counted(verb: str) -> str:
    return "received" if verb == "new" else verb


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
