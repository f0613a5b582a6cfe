"""The kind of an applicant of whom a ledger says none: decided once by the office, never guessed.

Table 三 counts by it (年报 三). What a name says for certain goes first (公司, 律师事务所: ledger.toml
[names]); a name that may be of several kinds, or is none of the kind decided, is asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from flows.commands.ledger_cells import Doubtful
from models.agency.ledger_words import LedgerWords
from models.case.stage import ApplicantKind

OPTION: Final = "--applicant-kind"
UNDECIDED: Final = (
    f"由公开机构定一次，没有写的都是哪一类，加 {OPTION}，如 {OPTION} 自然人："
    "名称说明是公司、律师事务所的仍按名称，说不准的逐件问"
)
SAY_WHICH: Final = "；请写明申请人类别（没有这一列的，加一列“申请人类别”，其余各行可以空着）"
UNSAID: Final = "原表未记申请人类别"
"""How the remark of an application begins to say that its kind was decided for the whole ledger."""
LONGEST_NAME: Final = 4
_SEVERAL: Final = re.compile(r"[、,，;；/和及与\s]+")
_MORE: Final = re.compile(r"等?[一二三四五六七八九十百\d]+[人位名]$|等(?:人)?$")
_REMARK: Final = re.compile(r"[(（][^()（）]*[)）]|[*＊×xX某]")
_FOREIGN: Final = re.compile(r"[A-Za-z .'·•・\-]+")
_PARTS: Final = re.compile("[·•・]")


@dataclass(frozen=True)
class Decided:
    """What the office decided of the applicants of whom no kind is said."""

    kind: str
    words: LedgerWords

    def of(self, name: str) -> tuple[str, str]:
        """The kind of an applicant by his name, and how it is told; Doubtful where it is to be asked."""
        meant = self.words.kind_of_name(name)
        if isinstance(meant, str) and meant:
            if meant not in set(ApplicantKind):
                raise Doubtful(f"ledger.toml [names] 中的意思（{meant}）不存在，请改正")
            return meant, f"没有写申请人类别的，名称说明是“{meant}”"
        if meant:
            several = "、".join(meant)
            raise Doubtful(f"没有写申请人类别，按其名称可能是{several}", SAY_WHICH)
        person = self.kind == ApplicantKind.NATURAL_PERSON
        if looks_like_a_person(name) != person:
            unlike = "其名称不像个人的姓名" if person else "其名称像是个人的姓名"
            raise Doubtful(f"没有写申请人类别，{unlike}，不能按“{self.kind}”", SAY_WHICH)
        return self.kind, f"没有写申请人类别的，按“{self.kind}”（{OPTION}）"


def looks_like_a_person(name: str) -> bool:
    """Whether a name may be that of a person, or of several: two to four characters, a name with its
    dot (阿依古丽·买买提), Latin letters.
    """
    bare = _MORE.sub("", _REMARK.sub("", name).strip())
    parts = [one for one in _SEVERAL.split(bare) if one]
    return bool(_FOREIGN.fullmatch(bare)) or (bool(parts) and all(map(_one_person, parts)))


def _one_person(name: str) -> bool:
    pieces = _PARTS.split(name)
    longest = LONGEST_NAME if len(pieces) == 1 else 2 * LONGEST_NAME
    return all(0 < len(one) <= longest and not re.search(r"\d", one) for one in pieces)
