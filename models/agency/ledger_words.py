"""What an earlier ledger calls things: its columns, kinds of applicant, channels and results.

config/office/ledger.toml: an office completes it once, and its ledgers are read by it. A word that
may mean several things stands with all of them, and is asked about until one is left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Final, Literal

from models.errors import ConfigFault
from models.law.citing import row_code
from models.law.config_rows import Row, read_toml, validate_row

FILE: Final = "ledger.toml"
Meaning = str | tuple[str, ...]
"""What a word means; several = it has to be asked which."""

MARKS: Final = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202d\u2060-\u2064\u2066-\u2069\ufeff]"
)
"""What is not seen, and does not turn a text round (U+202E does)."""
_IN_HEAD: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*★☆※:]|必填项?|选填|^\d+[.、]|\s")
_IN_WORD: Final = re.compile(r"\s")
_SEVERAL: Final = re.compile(r"[、,;+/及和或与()]")
_OTHER_STEP: Final = re.compile(
    "应|拟|预计|截止|期限|到期|超期|逾期|复议|诉讼|延期|延长|补正|第三方|征求|送达|签收"
    "|收到(?:答复|告知|决定|回复|复函)|代理|经办|承办|审批|审核|领导|收费|缴费|用途|获取|法定|时限|拼音|回执|退回"
    "|(?:科室|处室|部门|单位)收|(?:答复|告知|决定|通知|回复)书?(?:编|文|流水|登记)?号|(?:信函?|邮件|快[递件])(?:编|单|流水)?号"
)
"""What a head is about that is another step, or another person: it is asked, never guessed."""


class LedgerWords(Row):
    """The words of ledgers. `alike`: heads by their parts ("申请*内容"), for a column that no head
    names; `kinds`: as table 三's columns; `names`: of which of these an applicant is, by the parts of
    his name ("*公司"), where no kind is said; `channels`: labels of channels.toml,
    for words as they are or for their parts ("*网站");
    `results`: row codes of table 三, "" = not closed yet; `states`: 已办结, 未办结, "" = neither.
    """

    columns: Mapping[str, tuple[str, ...]]
    alike: Mapping[str, tuple[str, ...]] = {}
    kinds: Mapping[str, Meaning]
    channels: Mapping[str, Meaning]
    results: Mapping[str, Meaning]
    states: Mapping[str, Literal["已办结", "未办结", ""]] = {}
    names: Mapping[str, Meaning] = {}

    @cached_property
    def column_of(self) -> dict[str, str]:
        """The column that a head means, by the head as `head` leaves it."""
        named = {head(word): name for name, words in self.columns.items() for word in words}
        return named | {head(name): name for name in self.columns}

    def rank(self, column: str, named: str) -> int:
        """How far down a column's names one stands; 0 = the register's own."""
        return [head(one) for one in (column, *self.columns.get(column, ()))].index(named)

    def with_columns(self, named: Iterable[tuple[str, str]]) -> LedgerWords:
        """The same, with these heads besides: (column, head). They mean it and nothing else."""
        columns = {name: list(heads) for name, heads in self.columns.items()}
        for column, said in named:
            for heads in columns.values():
                heads[:] = [one for one in heads if head(one) != head(said)]
            columns.setdefault(column, []).insert(0, said)
        said_so = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(said_so | {"columns": columns})

    @staticmethod
    def of_another_step(named: str) -> bool:
        """Whether a head is about another step, or another person: what stands below it is not taken."""
        return bool(_OTHER_STEP.search(named))

    def column_like(self, named: str) -> str | None:
        """The column that a head means by its parts, where no head names it; None if none, or if it
        may be several.
        """
        if not named or named in self.column_of or _OTHER_STEP.search(named):
            return None
        found = [name for name, parts in self._alike.items() if parts.fullmatch(named)]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _alike(self) -> dict[str, re.Pattern[str]]:
        return {name: _any_of(words) for name, words in self.alike.items()}

    def kind_of_name(self, name: str) -> Meaning:
        """Of which kind an applicant is by his name, as the longest of `names` that it is like says; "" if
        it is like none.
        """
        bare = plain(name)
        if not bare.endswith(self._ends_of_names):  # as nearly every person's
            return ""
        like = [(len(words), meant) for words, parts, meant in self._names if parts.fullmatch(bare)]
        return max(like, key=itemgetter(0))[1] if like else ""

    @cached_property
    def _names(self) -> list[tuple[str, re.Pattern[str], Meaning]]:
        return [(words, _any_of([words]), meant) for words, meant in self.names.items()]

    @cached_property
    def _ends_of_names(self) -> tuple[str, ...]:
        return tuple({head(words.rpartition("*")[2]) for words in self.names})

    @cached_property
    def kind_of(self) -> dict[str, Meaning]:
        return _by_plain(self.kinds)

    def channel_like(self, word: str) -> Meaning:
        """What a channel means by its parts (*政务服务网), as the longest that it is like says; "" if it is
        like none, or names several (网上、邮寄).
        """
        if _SEVERAL.search(word):
            return ""
        like = [
            (len(words), meant) for words, parts, meant in self._channels if parts.fullmatch(word)
        ]
        return max(like, key=itemgetter(0))[1] if like else ""

    @cached_property
    def _channels(self) -> list[tuple[str, re.Pattern[str], Meaning]]:
        parted = [(words, meant) for words, meant in self.channels.items() if "*" in words]
        return [(words, _any_of([words]), meant) for words, meant in parted]

    @cached_property
    def channel_of(self) -> dict[str, Meaning]:
        return _by_plain(self.channels)

    @cached_property
    def result_of(self) -> dict[str, Meaning]:
        return {words: _codes(meaning) for words, meaning in _by_plain(self.results).items()}

    @cached_property
    def state_of(self) -> dict[str, bool | None]:
        """Whether a state is that of a closed application; None = it says neither."""
        over = {"已办结": True, "未办结": False, "": None}
        return {plain(word): over[meant] for word, meant in self.states.items()}


def head(words: str) -> str:
    """The head of a column without stars, remarks in brackets, blanks, numbering and 必填."""
    return _IN_HEAD.sub("", unicodedata.normalize("NFKC", MARKS.sub("", words)))


@lru_cache(maxsize=4096)
def plain(words: str) -> str:
    """A word without blanks, in half width where there is one."""
    return _IN_WORD.sub("", unicodedata.normalize("NFKC", words))


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Any of these heads; * stands for whatever may be there."""
    parts = [".*".join(re.escape(head(part)) for part in word.split("*")) for word in words]
    return re.compile("|".join(parts) or "(?!)")


def each_of(meaning: Meaning) -> tuple[str, ...]:
    """All that a word may mean, one by one; of "" nothing."""
    return tuple(filter(None, (meaning,) if isinstance(meaning, str) else meaning))


def _by_plain(words: Mapping[str, Meaning]) -> dict[str, Meaning]:
    return {plain(word): meaning for word, meaning in words.items()}


def _codes(meaning: Meaning) -> Meaning:
    """The rows of table 三 that are meant, by their codes, where they are written as 三（四）1."""
    return row_code(meaning) if isinstance(meaning, str) else tuple(map(row_code, meaning))


def load_ledger_words(folder: Path) -> LedgerWords:
    """config/office/ledger.toml; ConfigFault names the field."""
    path = folder / FILE
    words = validate_row(path, "全文", LedgerWords, read_toml(path))
    for name, heads in words.columns.items():
        for other, theirs in words.columns.items():
            shared = {head(one) for one in heads} & {head(one) for one in (other, *theirs)}
            if name != other and shared:
                raise ConfigFault(
                    FILE, "[columns]", f"“{'、'.join(shared)}”不能既是{name}又是{other}"
                )
    return words
