"""A result as offices write it: said of 我局, with asides (延期), in several pieces (部分公开，部分不存在).

What one piece means is known by table 三 and config/office/ledger.toml; here is only how the pieces
stand together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from models.agency.ledger_words import Meaning

Said = Callable[[str], Meaning]
"""What words mean by themselves; "" if nothing known."""
PARTLY: Final = "3.2"
GIVEN: Final = "3.1"
_REFUSED: Final = ("3.3", "3.4")
"""An application of which one part is given, and another is none of the office's or not given, is
（二）部分公开 alone: “区分处理的，只计这一情形，不计其他情形” (table 三).
"""
_OURS: Final = re.compile(
    r"[我本](?:行政机关|单位|部门|委员会|办公室|办事处|街道办|街道|政府|[局厅委办镇乡院所区县市府])(?!级)"
)
_ASIDE: Final = (
    r"已?(?:延期|延长)(?:答复|办理)?(?:期限)?|(?:经|已)?补正后|(?:提供)?(?:复印件|电子[版件档]|纸质[版件]?)|(?:已|按期|按时)?(?:邮寄|寄出|送达|领取)"
    r"|已?(?:电话|短信|当面|口头|书面|邮件|网上)?(?:告知|答复|沟通|回复)(?:申请人)?"
    r"|已?告知其?(?:网址|链接|(?:获取|查询)(?:方式|途径|渠道))|[^,;、()]{0,12}[〔\[]\d{4}[〕\]]\d+号"
)
ASIDES: Final = re.compile(rf"(?:[,;、](?:{_ASIDE})|\((?:{_ASIDE})\))$")
"""What a result may end with, and which says nothing of it: that it was late, how it went out."""
MASKED: Final = re.compile(
    r"^(部分.*?)[,;、(](?:已|并|对)?(?:隐去|遮盖|遮挡|屏蔽|涂去|抹去|删去|隐藏|打码|去标识化)[^,;、()]{0,16}\)?$"
)
"""That something was masked in what was given in part: it says no more than 部分公开."""
LET_GO: Final = re.compile(
    r"^(?:(?:已?(?:要求|通知|告知)?(?:申请人)?补正|补正通知|发补正通知书?)[,:、])?(?:申请人)?(?P<what>.*未.+?)"
    r"(?:[,、]?(?:按|依法)?视为(?:放弃|撤回)(?:申请)?)?$"
)
"""An applicant who did not do what he was asked to: 补正，申请人未补正，视为放弃."""
ELSEWHERE: Final = re.compile(
    r"(?:已?告知|建议|请)(?:其|申请人)?(?:可以?)?(?:另行)?向(?!本|我|原|上级)(?P<whom>.{2,30}?)(?:另行)?(?:提出)?申请(?:公开|获取)?"
)
"""Whom the applicant was told to ask, and nothing else: the office has it not, or it is not its own."""
ORDINAL: Final = re.compile(r"^[一二三四五六七八九十][、.](?=.)")
"""A numbering of the office's own."""
_GROUND_FIRST: Final = re.compile(
    r"(?:因|由于)?(?P<part>.{2,}?)的?,?(?P<whole>(?:依法)?(?:不予公开|不公开|不予提供|无法提供|不予处理))"
)
_BETWEEN: Final = re.compile(r"[,;、()\[\]+/:—\-]+|(?<=开)(?:和|及|并|且)")
_OF_PART: Final = re.compile(
    r"^(?:另外?|其中|其余|其他|剩余|一)?的?(?:部分)?的?(?:内容|信息|事项)?(?:为|系|因|属于?)?(?=.)"
)
_OF_PARTS_OF: Final = re.compile("部分(?:内容|信息|事项)")


def ours(words: str) -> str:
    """The same, said of 本机关: 不属于我局职责 is 不属于本机关职责."""
    return _OURS.sub("本机关", words)


def ground_first(words: str) -> tuple[str, str] | None:
    """The kind and the ground of a result that says its ground first: 过程性信息不予公开."""
    found = _GROUND_FIRST.fullmatch(words)
    return (found["whole"].removeprefix("依法"), found["part"]) if found else None


def in_parts(words: str, said: Said) -> Meaning:
    """What a result in several pieces means; "" where they are not all known. 部分公开 where one says so;
    where none does, and one gives what another refuses, it is to be asked.
    """
    pieces = [one for one in _BETWEEN.split(_OF_PARTS_OF.sub("部分", words)) if one]
    if len(pieces) < 2:
        return ""
    codes = [tuple(_piece(one, said)) for one in pieces]
    partly = any(one == (PARTLY,) for one in codes)
    if not all(codes) or any(_other(code) for one in codes for code in one):
        return ""
    if partly:
        return PARTLY
    every = dict.fromkeys(code for one in codes for code in one)
    return (PARTLY, *every) if GIVEN in every and len(every) > 1 else ""


def _piece(words: str, said: Said) -> Iterator[str]:
    """The rows that a piece means, by itself or without what says of which part it is."""
    meant = said(words) or said(_OF_PART.sub("", words))
    yield from (meant,) if isinstance(meant, str) and meant else meant


def _other(code: str) -> bool:
    """Whether a row says neither that information was given nor that it was not."""
    return code not in (PARTLY, GIVEN) and not code.startswith(_REFUSED)
