"""How did an application end, by one row of a ledger, or is it open still?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flows.commands.ledger_cells import NOTHING, says_nothing
from flows.commands.ledger_limits import limit_unknown
from flows.commands.ledger_meanings import Meanings
from flows.commands.ledger_months import Days
from flows.commands.ledger_result_words import PARTLY
from flows.commands.ledger_said import Doubting, meant
from flows.commands.ledger_table import Listed
from flows.commands.ledger_told import Told
from models.agency.ledger_words import LedgerWords, plain
from models.case.act import Circumstances
from models.words.written_days import written_day

ENDED: Final = re.compile("撤回|撤销申请|作废|测试|已办结|已答复")
"""What a remark says of an application that is over."""
DAY_IN_RESULT: Final = re.compile(r"20\d\d[年./-]\d{1,2}[月./-]\d{1,2}日?")
MAY_BE_ROW: Final = re.compile(
    "公开|提供|存在|掌握|不属于|非本|秘密|隐私|第三方|内部|过程|案卷|查询|信访|投诉|举报|咨询|重复|反复|出版|处理|制作|加工|补"
    "|缴费|终止|放弃|档案|转"
)
"""What a remark has in it that means a row."""
LONGEST_REASON: Final = 40
NONE: Final = re.compile(
    r"作废|重复登记|登记重复|误登|错登|多登|测试|注销|空号|并入|合并登记|(?:此|本|该)件无效|^无效$|与[^，。；]{1,20}(?:重复|系?同一件)"
    r"|(?:共|含|合计|计|等)(?!1件|一件)[\d一二两三四五六七八九十]+件(?!材料|信息|文件|附件|证据)"
)
"""What a remark says of a row that is no application, or several."""
TAKEN_BACK: Final = re.compile(
    "(?<!复议)(?<!诉讼)(?<!起诉)(?<!未)(?<!不)撤回(?:了|其|申请)*(?!行政|复议|诉讼|起诉|答复|原|决定)"
)
UNSAID: Final = re.compile(r"测试(?:数据|件)?|(?i:test)|\d{1,3}|[?？*]+|未填|空|不详")
_LATER: Final = re.compile(
    r"(?:已|拟|申请)?(?:延期|延长)(?:答复|办理|期限)*[^A-Za-z公开提供存]*\d[^公开提供存]*"
)
"""That the limit was extended, and until when: no result."""
NOT_YET: Final = (
    "；已经答复的，写明结果和办结日期；还没有答复的，办结日期空着，延期至何日写在备注里"
)
TAKEN_AS_CLOSED = "台账未载办理结果，导入时按已办结处理（2019年5月15日前收到）"
IGNORE_STATE = "状态一栏不作数的，删去这一列再导入"


@dataclass(frozen=True)
class Results:
    """Reads how applications ended.

    old_closed = the day on which open rows from before the rules we hold are taken as closed
    """

    meanings: Meanings
    now: Circumstances
    words: LedgerWords
    told: Told
    old_closed: date | None

    def of(
        self, text: dict[str, str], days: Days, listed: Listed, doubtful: Doubting
    ) -> tuple[str | None, date | None]:
        """The row of table 三 and the day of closing; both None for an open application."""
        words = "" if says_nothing(text["办理结果"], self.words) else text["办理结果"]
        day_given = days.closed_on is not None or not says_nothing(
            listed.values.get("办结日期", ""), self.words
        )
        received_on, closed_on = days.received_on, days.closed_on
        if closed_on and received_on and closed_on < received_on:
            doubtful(f"办结日期 {closed_on} 早于收到日期 {received_on}", "办结日期")
        stated = text["办理结果"]
        unsaid = day_given and self.words.result_of.get(plain(stated)) == ""
        if unsaid or _LATER.fullmatch(plain(stated)):
            doubtful(f"办理结果“{stated}”没有说答复了什么", "办理结果", NOT_YET)
            return None, None
        if words:
            of = closed_on or received_on or self.now.today
            result, reasons = {"办理结果": words}, (text["不予公开理由"], text["备注"])
            row = meant(
                "办理结果", result, lambda said: self.meanings.row(said, of, *reasons), doubtful
            )
            if row is not None:
                self._hold_against(row, reasons, of, listed)
                self._hold_against_day(stated, closed_on, listed)
        if bool(words) != day_given:
            lacking = "办结日期" if words else "办理结果"
            doubtful("办理结果和办结日期应同时填写，或同时留空（未办结）", lacking)
        elif words:
            return (None, None) if closed_on is None else (row, closed_on)
        else:
            return self._open(text, days, doubtful)
        return None, None

    def _hold_against(
        self, row: str, reasons: tuple[str, ...], closed_on: date, listed: Listed
    ) -> None:
        """A reason, or a remark, that means another row: 其他, and beside it 信访. What was given in part
        has the reason of its rest.
        """
        if row == PARTLY:
            return
        for reason in reasons:
            if not MAY_BE_ROW.search(reason) or len(reason) > LONGEST_REASON:
                continue  # as nearly every remark
            if TAKEN_BACK.search(reason):
                continue
            other = self.meanings.certainly(reason, closed_on)
            if other not in ("", row, PARTLY):
                where = f"{listed.place}（{reason}）"
                self.told.tell("理由、备注说的是另一种办理结果的，照办理结果导入，请核对", where)

    def _hold_against_day(self, words: str, closed_on: date | None, listed: Listed) -> None:
        """A day that stands in the result itself, and is another than that of closing."""
        said = {day for one in DAY_IN_RESULT.findall(words) if (day := written_day(one))}
        if closed_on is not None and said and closed_on not in said:
            where = f"{listed.place}（{'、'.join(map(str, sorted(said)))}，{closed_on}）"
            self.told.tell("办理结果里写的日期与办结日期不同的，按办结日期导入，请核对", where)

    def _open(
        self, text: dict[str, str], days: Days, doubtful: Doubting
    ) -> tuple[str | None, date | None]:
        """An open application goes on the desk: the law must know its limit."""
        month = days.received_in
        received_on = days.received_on or (month.first if month and month.year else None)
        if received_on is None or received_on > self.now.today:
            return None, None
        fault = limit_unknown(received_on, self.now.law)
        if fault is None:
            return None, None
        if self.old_closed is None:
            doubtful(
                f"尚未办结，但收到日期 {received_on} 的答复期限无法计算：{fault}",
                "办结日期",
                "。已经办结的，请补填办理结果和办结日期；按已办结导入全部这样的行，用 --old-closed"
                " 办结日期，结果计入“其他”并在备注中写明",
            )
            return None, None
        closed_on = max(self.old_closed, received_on)
        text["备注"] = f"{text['备注']}　{TAKEN_AS_CLOSED}".strip()
        return self.meanings.form(closed_on).result_codes[-1], closed_on

    def tell_doubts(self, text: Mapping[str, str], row: str | None, listed: Listed) -> None:
        """What a remark says against the result, or the words of what was applied for: that it is none."""
        if row is None:
            self._tell_ended(text, listed)
        elif found := NONE.search(text["备注"]):
            self.told.tell(f"备注写有“{found[0]}”的，照所写的导入，请核对", listed.place)
        elif not row.startswith("3.6") and (found := TAKEN_BACK.search(text["备注"])):
            self.told.tell(
                f"备注写有“{found[0]}”而办理结果不是的，照所写的导入，请核对", listed.place
            )
        asked = text["申请内容"]
        if asked in NOTHING or UNSAID.fullmatch(asked):
            self.told.tell(
                "申请内容没有写申请的是什么的，照所写的导入，请核对", f"{listed.place}“{asked}”"
            )

    def _tell_ended(self, text: Mapping[str, str], listed: Listed) -> None:
        """An open application whose remark speaks of its end."""
        if found := ENDED.search(text["备注"]):
            self.told.tell(
                f"备注写有“{found[0]}”而没有办理结果的，按未办结导入，请核对", listed.place
            )

    def hold_against_state(
        self, text: Mapping[str, str], listed: Listed, closed_on: date | None, doubtful: Doubting
    ) -> None:
        """A column that says 已办结 or 办理中 must not contradict the result and its day."""
        said = text["办理状态"]
        if not said or (over := self._over(said)) is None:
            return
        given = [
            name
            for name in ("办理结果", "办结日期")
            if not says_nothing(listed.values.get(name, ""), self.words)
        ]
        if over and not given and closed_on is None:
            doubtful(
                f"办理状态是“{said}”，却没有写办理结果、办结日期",
                "办理状态",
                f"；请补填，尚未办结的改正状态；{IGNORE_STATE}",
            )
        if not over and given:
            doubtful(
                f"办理状态是“{said}”，却写有{'、'.join(given)}",
                "办理状态",
                f"；请核对哪一栏对；{IGNORE_STATE}",
            )

    def _over(self, state: str) -> bool | None:
        """Whether a state is that of an application that is closed; None if it says nothing known."""
        if state in NOTHING:
            return None
        known = self.words.state_of
        if plain(state) not in known:
            self.told.tell(
                "没有认出的办理状态，未与办理结果核对（常用的写法，在 config/office/ledger.toml"
                " 的 [states] 补一行）",
                f"“{state[:20]}”",
            )
        return known.get(plain(state))
