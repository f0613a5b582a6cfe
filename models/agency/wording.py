"""What an office calls its letters and whom it writes to: titles and forms of address, as it chose.

A letter refers to itself by the end of its title (本告知书, 本函), so that title and text agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import field_validator

from models.errors import ConfigFault
from models.law.config_rows import Row
from models.law.statute import Statute

REPLY: Final = "reply"
ASKING: Final = "征求意见书"
OPENINGS: Final = ("政府信息公开申请", "政府信息公开")
NAMES: Final = (
    *("告知书", "答复书", "通知书", "决定书", "意见书", "征求书", "征询书", "函告", "告知单"),
    *("征询单", "办理单", "协办单", "回执", "收件证明", "回证", "通知", "函", "证明"),
)
"""How a title may end; what the letter then calls itself."""


def called(title: str) -> str:
    """What a letter calls itself: 政府信息公开申请答复书 → 答复书; empty if its title ends in none.

    征求第三方意见书 is no 意见书, which is what comes back: 征求意见书.
    """
    found = next((name for name in NAMES if title.endswith(name)), "")
    return ASKING if found == "意见书" and "征求" in title else found


def short(title: str) -> str:
    """A letter as another names it: 政府信息公开申请补正告知书 → 补正告知书."""
    opening = next((one for one in OPENINGS if title.startswith(one)), "")
    rest = title.removeprefix(opening)
    return rest if rest != called(title) else title


class Addressed(Row):
    """How letters address a person, an organisation, several who apply together (units: the first of
    them is an organisation).
    """

    person: str = "您"
    unit: str = "贵单位"
    persons: str = "各位申请人"
    units: str = "各申请人"

    @field_validator("*")
    @classmethod
    def polite(cls, words: str) -> str:
        """Nobody is addressed by nothing, or as 你."""
        if not words.strip() or words != words.strip() or "你" in words:
            raise ValueError("称谓不能为空，不能用“你”")
        return words


def check_titles(titles: Mapping[str, str], law: Statute) -> None:
    """ConfigFault where a title is of no letter, or of a kind that no letter can call itself by."""
    for key, title in titles.items():
        if key not in {REPLY, *law.letters, *law.outcomes}:
            expected = "没有这样的文书；名称见 letters.toml、outcomes.toml 的 key，答复为 reply"
            raise ConfigFault("agency.toml", f"[titles] 的 {key}", expected)
        if title != title.strip() or not called(title):
            expected = f"“{title}”应以下列之一结尾，文书据以自称：{'、'.join(NAMES)}"
            raise ConfigFault("agency.toml", f"[titles] 的 {key}", expected)
