"""A name with a telephone in one cell (“张三 13812345678”): which is which, where that is certain."""

from __future__ import annotations

import re
from typing import Final

from flows.commands.ledger_cells import NOTHING

IN_NAME: Final = re.compile(
    r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}|\d{15}|\d{17}[\dXx])(?!\d)"
)
"""A telephone or identity number that stands in the name."""
NO_NAME: Final = NOTHING | {
    "匿名", "佚名", "不详", "未知", "不明", "未署名", "未填", "空", "本人", "公民", "自然人", "法人", "个人",
    "群众", "网民", "网友", "市民", "某人", "某某", "见附件", "详见附件", "见附表", "见申请表", "不愿透露",
    "未留姓名", "未留名", "无姓名", "未提供", "未写", "未填写", "未登记", "测试", "test", "Test", "TEST",
}  # fmt: skip
"""What stands in the place of a name where nobody is named: one applies under one's name (29)."""
WITH_AGENT: Final = re.compile(
    r"(?P<name>[^()（）]*[^()（）\s])\s*[(（]\s*(?P<agent>(?:委托|代为|诉讼)?代理(?:人|律师)[:：\s]*[^()（）]{2,40}?)\s*[)）]"
)
"""An applicant, and behind him in brackets who acts for him: 王大海（代理人：刘洋）."""
_NO_LETTERS: Final = re.compile(r"[xX×*＊]{1,6}")
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_NOT_HE: Final = re.compile(
    r"(?:(?:委托|诉讼)?代理(?:人|律师)|[代经]办人|(?:法定)?代表人|负责人|联系人)\s*[:：]?.*"
)
_SETTLED: Final = re.compile(
    r"[^()（）]+[(（]\s*(?P<what>(?:已|申请人)?(?:撤回|撤销|作废|取消|重复|测试|退件|退回)(?:申请|件)?)\s*[)）]"
)
"""What stands behind a name and is no part of it: that the application was withdrawn, or is none."""
LABELLED: Final = re.compile(r"^申请人(?:姓名|名称)?\s*[:：]\s*(?=\S)")
_IDENTITY: Final = re.compile(r"\d{15}|\d{17}[\dXx]")
_CALLED: Final = r"(?:(?:联系)?(?:电话|手机)号?码?|联系方式|[Tt][Ee][Ll]\.?)?"
_BETWEEN: Final = r"[\s,，;；、:：/|—-]*"
_OF_ANOTHER: Final = re.compile("联系人|代理人|办人|委托|法定代表|负责人|收件人")
"""Then the number may be somebody else's, and the words are no name."""
_BRACKETS: Final = ("()", "（）", "[]")
_ALONE: Final = re.compile(
    rf"(?P<name>[^\d]*?\S){_BETWEEN}[(（\[]?{_BETWEEN}{_CALLED}{_BETWEEN}0{_BETWEEN}[)）\]]?"
)
"""A name, and then its telephone, for which a 0 stands here."""


def is_none(name: str) -> bool:
    """Whether what stands there names nobody: 匿名, /, a number."""
    if name in NO_NAME or _NO_LETTERS.fullmatch(name) or _ADDRESS.fullmatch(name):
        return True
    if _NOT_HE.fullmatch(name):
        return True
    return bool(name and not any(map(str.isalpha, name)) and not IN_NAME.search(name))


def settled_beside(name: str) -> str:
    """What a name says behind it of the application, in brackets (撤回, 作废); "" if nothing."""
    found = _SETTLED.fullmatch(name)
    return found["what"] if found else ""


def parted(name: str, contact: str) -> tuple[str, str] | None:
    """The name and the telephone of a cell that holds both; None where it is not certain: an identity
    number, two numbers, words on both sides, another number in the column of contacts.
    """
    numbers = IN_NAME.findall(name)
    if len(numbers) != 1 or _IDENTITY.fullmatch(numbers[0]) or _OF_ANOTHER.search(name):
        return None
    (number,) = numbers
    before, after = name.split(number)
    found = _ALONE.fullmatch(f"{before}0{after}" if before else f"{after}0")
    if found is None or not (contact in NOTHING or contact in ("", number)):
        return None
    alone: str = found["name"].strip()
    whole = all(alone.count(begin) == alone.count(end) for begin, end in _BRACKETS)
    return (alone, number) if whole else None
