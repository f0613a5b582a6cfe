"""What identifies or reaches an applicant, and so is kept sealed (个人信息保护法 28, 51).

The one list: the forms, the register's table and the server that takes the forms all ask here. The
applicant's name is not in it: the register and the letters are kept by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PARTICULARS: Final = {
    "identity": "身份证明号码",
    "contact": "联系方式",
    "address": "通信地址",
}
"""Column of the register, and name of the field in a form → the field's title."""

FURTHER: Final = {
    "credit_code": ("统一社会信用代码", "identity"),
    "contact_person": ("联系人", "contact"),
    "email": ("电子邮箱", "contact"),
    "postcode": ("邮政编码", "address"),
}
"""What a form asks apart: name of the field → its title, and the column that keeps it with the rest."""

ASKED: Final = {
    "identity": PARTICULARS["identity"],
    "credit_code": FURTHER["credit_code"][0],
    "contact": PARTICULARS["contact"],
    "contact_person": FURTHER["contact_person"][0],
    "email": FURTHER["email"][0],
    "address": PARTICULARS["address"],
    "postcode": FURTHER["postcode"][0],
}
"""All that a form asks of a person, in its order: name of the field → its title."""

REQUIRED_29: Final = "条例第二十九条要求写明；没有写明的先行登记，告知补正"
TOLD: Final = {
    "identity": f"个人填写。{REQUIRED_29}",
    "credit_code": f"法人、其他组织填写。{REQUIRED_29}",
    "contact": f"电话等。{REQUIRED_29}",
    "contact_person": "法人、其他组织填写",
    "address": "邮寄答复的填写",
}
"""What is said beneath a field: what the law asks for is marked (Art. 29)."""

CODE: Final = "one_time_code"
"""The field in which an officer signs: good once, and nobody's to read either."""

SEALED: Final = frozenset({*ASKED, CODE})
"""The names under which a submitted form holds what Prefect must not see."""


def kept_as(stated: Mapping[str, str]) -> dict[str, str]:
    """What is said of a person, as the register's columns keep it: each thing asked apart stands on a
    line of its own under its title; a credit code alone stands as it is, as any identity does.
    """
    found = {name: stated.get(name, "").strip() for name in PARTICULARS}
    for name, (title, column) in FURTHER.items():
        if words := stated.get(name, "").strip():
            alone = column == "identity" and not found[column]
            line = words if alone else f"{title}：{words}"
            found[column] = "\n".join(filter(None, (found[column], line)))
    return found


def taken_apart(kept: Mapping[str, str], *, organisation: bool) -> dict[str, str]:
    """What the register's columns keep of a person, as a form asks it: `kept_as` the other way round.

    An identity of an organisation that bears no title is its credit code.
    """
    found: dict[str, str] = {}
    for column in PARTICULARS:
        apart = {title: name for name, (title, of) in FURTHER.items() if of == column}
        rest = []
        for line in kept.get(column, "").splitlines():
            title, _, words = line.partition("：")
            if title in apart and words and apart[title] not in found:
                found[apart[title]] = words
            else:
                rest.append(line)
        found[column] = "\n".join(rest)
    if organisation and found["identity"] and "credit_code" not in found:
        found["credit_code"] = found.pop("identity")
    return {name: words for name, words in found.items() if words}
