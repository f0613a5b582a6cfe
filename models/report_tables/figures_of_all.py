"""What does a sentence say of all applications? “45件申请均予以公开”, “申请人均为自然人，共45件”."""

from __future__ import annotations

import re
from typing import Final

from models.report_tables import sentence_rules as rules
from models.report_tables.read_sentence import ELSE, Sentence, Subject

_ALL: Final = (
    r"(?:均|都|全部|全都|一律|已)"
    r"(?:已|已经|被|依法|依规|按期|按时|及时|在?(?:法定|规定|限定)(?:时限|期限|期)内)*+"
)
_OURS: Final = r"(?:(?:政府)?信息公开|依申请公开)?(?:的)?"
_ASKED: Final = rf"(?:{_OURS}申请(?:人|者|主体|件|事项)?(?:身份|类型)?)"
_PEOPLE: Final = r"(?:自然人|公民|(?:商业)?企业|法人(?:或者?|和|及|、)其他组织|法人)"
_SAID_OF: Final = (
    ("disclosed", r"(?:予以|同意|准予|决定|答复|作出)*(?:全部|全文|主动)?公开"),
    ("partly", r"(?:予以)?部分(?:予以)?公开|区分处理"),
    ("refused", r"(?:决定)?不予公开"),
    ("unable", r"无法提供|因?(?:政府)?信息不存在"),
    ("not_handled", r"不予处理"),
    ("closed", r"(?:办结|办理完毕|处理完毕)"),
    ("replied", r"(?:作出|予以|进行)*(?:了)?(?:答复|回复)"),
)
_COUNTED_TOGETHER: Final = re.compile(
    rf"(?P<of>[^，。；：\d]*?)(?:{_ALL})(?:为|是|系|来自|由)(?:于)?(?P<kind>{_PEOPLE})[^，。；：\d]{{0,8}}，$"
)
_GIVEN: Final = r"(?:其中|，|、|答复|依法|可以|准予|全部)*公开"
_TOGETHER: Final = re.compile(r"(?:，|总|一|共|合计|共计|总计|有|计)+")


def by_all(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """A figure of applications of which all are said to be alike; None if it is none.

    One that was given is no more than were given: “45件申请均予以公开” among 25 given is wrong.
    """
    if sentence.context.about == "else":
        return None
    found = _together(sentence, phrase) or _alike(sentence, phrase, after)
    return found or _counted(sentence, phrase, after) or _beside_part(sentence, phrase)


def _counted(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """“2022年共有45件政府信息公开申请”, “依申请公开：45件”."""
    of_ours = re.fullmatch(r"(?:(?:政府)?信息公开|依申请公开)申请", after)
    done = re.search("收|受理|接|办理|办结|答复|处理", phrase)
    if of_ours and not done and re.fullmatch(rf"{rules.WHO}(?:有|共|计|，)*", phrase):
        sentence.turn("disclosure")
        of_more = re.match(rules.AND_OURS, sentence.text[sentence.end + len(after) :])
        of_more = of_more or re.search("全[省市区县州系]|累计", phrase)
        said_so = re.search("全年|本年|共|总|20", phrase)
        return Subject("applied", sure=bool(said_so) and not of_more)
    heads = re.search(
        r"(?:^|[，。；])依申请公开(?:申请|件)?(?:总?数量?|受理|情况)?：$",
        sentence.text[: sentence.at],
    )
    return Subject("on_request", sure=False) if heads and not phrase else None


def _beside_part(sentence: Sentence, phrase: str) -> Subject | None:
    """“公开20件，部分公开5件”: given, beside what was given in part; by itself it may be 主动公开."""
    behind = sentence.text[sentence.end :]
    beside = re.match(r"[，、；](?:予以)?部分(?:予以)?公开\d", behind)
    if beside is None or not re.fullmatch(_GIVEN, phrase):
        return None
    return Subject("granted", sentence.context.about == "disclosure")


def _together(sentence: Sentence, phrase: str) -> Subject | None:
    """“申请人均为自然人，共45件”: of all that came, were carried in, or were closed."""
    if not _TOGETHER.fullmatch(phrase):
        return None
    before = sentence.text[: sentence.at - len(phrase)]
    clauses = re.split("(?<=[。；：，])", before.rstrip("，") + "，")
    said = _COUNTED_TOGETHER.fullmatch("".join(clauses[-2:])) if before.endswith("，") else None
    if said is None:
        return None
    if re.search(rules.FOREIGN, sentence.segment()):
        return ELSE
    plainly = re.fullmatch(rf"(?:其中|{_ASKED}|{rules.FILLED})*+", said["of"])
    part = re.search(rules.PART, sentence.segment()) or re.search(r"\d", sentence.segment())
    closed = re.search("办结|答复|办理|处理", sentence.segment())
    sure = bool(plainly) and not part and sentence.context.sure
    return Subject("handled", sure, "" if closed else "all")


def _alike(sentence: Sentence, phrase: str, after: str) -> Subject | None:
    """“45件申请均予以公开”, “45件均为自然人申请”, “44件由自然人提出”."""
    if not re.fullmatch(
        rf"(?:{rules.FILLER})(?:对|其中|有|另有?|，|、|所有|所收|全部|新收到?的)*", phrase
    ):
        return None
    of_kind = rf"{_ASKED}?(?P<all>{_ALL})?(?:为|是|系|来自|由)(?:于)?(?P<kind>{_PEOPLE})(?:提出|提交|申请)"
    if found := re.match(of_kind, after):
        sentence.told = sentence.end + found.end()
        if found["all"]:
            return Subject("handled", sure=False)
        kind = "自然人" if found["kind"] in ("自然人", "公民") else found["kind"]
        named = {"企业": "商业企业", "法人": "法人或其他组织"}.get(kind, kind)
        known = re.sub("法人.*", "法人或其他组织", named)
        plainly = "申请" in found.group() or "其中" in phrase
        sure = plainly and sentence.context.sure and not sentence.context.part
        return Subject(f"申请人：{known}", sure)
    asked = "(?:申请)?" if re.search("全部|所有", phrase) else "申请"
    for name, words in _SAID_OF:
        if found := re.match(
            rf"{_OURS}{asked}{_ALL}(?:{words})(?![^，。；：]{{0,4}}(?:目录|范围|办理))", after
        ):
            told = sentence.end + found.end()
            if sentence.text[told : told + 1].isdigit():
                continue  # “89件申请已办结86件”
            sentence.told = told
            return Subject(name, sentence.context.about == "disclosure", "part")
    return None
