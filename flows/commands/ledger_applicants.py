"""Who applied, by one row of a ledger: is it a name, and of what kind is he?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flows.commands.ledger_cells import LOST, NOTHING, Doubtful, lost
from flows.commands.ledger_meanings import Meanings
from flows.commands.ledger_names import (
    IN_NAME,
    LABELLED,
    WITH_AGENT,
    is_none,
    parted,
    settled_beside,
)
from flows.commands.ledger_said import Doubting, meant
from flows.commands.ledger_table import Listed
from flows.commands.ledger_told import Told
from flows.commands.ledger_unsaid_kinds import LONGEST_NAME, UNSAID, Decided
from models.agency.ledger_words import LedgerWords

IN_LINES: Final = (
    "；是一个名称的，去掉换行，是几个人的，用“、”隔开；照原样导入的，加 --names-as-they-are"
)
NOT_IN_NAME: Final = (
    "；作废、测试的，删去这一行，撤回、重复的，写在办理结果里；照原样导入的，加 --names-as-they-are"
)


@dataclass(frozen=True)
class Applicants:
    """Reads who applied.

    named = names that hold a number are taken as they are
    decided = the kind of the applicants of whom none is said, where their names do not tell
    """

    meanings: Meanings
    words: LedgerWords
    told: Told
    named: bool
    decided: str

    def name(self, text: dict[str, str], listed: Listed, doubtful: Doubting) -> None:
        """What is doubtful about a name; a telephone in it goes where it belongs."""
        if self.named:
            return
        self._part_agent(text, listed)
        name = text["申请人"] = LABELLED.sub("", text["申请人"])
        if LOST.search(name):
            fault = lost("申请人", name, "；照原样导入的，加 --names-as-they-are")
            doubtful(fault.short, "申请人", fault.advice)
        elif len(lines := name.split("\n")) > 1:
            doubtful(f"“申请人”分成几行（{'／'.join(lines)[:40]}）", "申请人", IN_LINES)
        elif is_none(name):
            advice = "；请补填，照原样导入的，加 --names-as-they-are"
            doubtful(f"“申请人”写的“{name}”不是姓名、名称", "申请人", advice)
        elif beside := settled_beside(name):
            doubtful(f"“申请人”（{name}）后面写有“{beside}”", "申请人", NOT_IN_NAME)
        elif found := IN_NAME.search(name):
            self._part_name(text, found[0], listed, doubtful)

    def _part_agent(self, text: dict[str, str], listed: Listed) -> None:
        """Who acts for the applicant, named in brackets behind him, is no part of his name (29)."""
        if (found := WITH_AGENT.fullmatch(text["申请人"])) is None:
            return
        text["申请人"] = found["name"]
        text["备注"] = f"{text['备注']}　{found['agent']}".strip()
        self.told.tell(
            "申请人后面括号里写有代理人的，已分开，代理人记入备注（照原样导入的，加 --names-as-they-are）",
            listed.place,
        )

    def _part_name(
        self, text: dict[str, str], number: str, listed: Listed, doubtful: Doubting
    ) -> None:
        """A telephone that stands in the name goes where it belongs, if that is certain."""
        parts = parted(text["申请人"], text["联系方式"])
        if parts is None:
            doubtful(
                f"“申请人”中有电话或者证件号码（{number[:3]}……）",
                "申请人",
                "，请移到“联系方式”；照原样导入全部这样的行，加 --names-as-they-are",
            )
            return
        text["申请人"], text["联系方式"] = parts
        self.told.tell(
            "姓名和电话写在一格的，已分开：电话作为联系方式（照原样导入的，加 --names-as-they-are）",
            listed.place,
        )

    def kind(self, text: dict[str, str], listed: Listed, doubtful: Doubting) -> str | None:
        """The kind of an applicant; where none is said, as the office has decided."""
        said = listed.values.get("申请人类别", "")
        unsaid = isinstance(said, str) and (said == "" or said in NOTHING)
        if not self.decided or not unsaid:
            name = text["申请人"]
            return meant("申请人类别", text, lambda said: self.meanings.kind(said, name), doubtful)
        if not text["申请人"]:  # that is asked for
            return None
        try:
            kind, how = self._by_decision.of(text["申请人"])
        except Doubtful as fault:
            doubtful(fault.short, "申请人类别", fault.advice)
            return None
        self.told.tell(how, listed.place)
        text["备注"] = f"{text['备注']}　{UNSAID}，导入时按{kind}".strip()
        return kind

    def hold_against_name(self, kind: str, name: str, listed: Listed) -> None:
        """A kind that is written stands; that the name is of another, is told: table 三 counts by it."""
        if len(name) <= LONGEST_NAME:
            return
        like = self.meanings.by_name(name)
        if like and like != kind:
            self.told.tell(
                "申请人类别与名称不像同一类，按所写的导入，请核对",
                f"{listed.place}写“{kind}”，名称像“{like}”",
            )

    @cached_property
    def _by_decision(self) -> Decided:
        return Decided(self.decided, self.words)
