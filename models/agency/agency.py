"""Who we are, and which other agencies there are: config/office as typed, dated values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from models.agency.account_rules import AccountRules
from models.agency.code_rules import CodeRules
from models.agency.officers import Officer, load_officers
from models.agency.wording import Addressed
from models.errors import ConfigFault, NoRuleInForce
from models.law.config_rows import Dated, Row, read_rows, read_toml, validate_row
from models.words.names import same_name


class Confirmed(Dated):
    """What somebody of this agency has to have checked, by name and day, before a letter says it."""

    source: str
    confirmed_by: str = ""
    confirmed_on: date | None = None

    @property
    def confirmed(self) -> bool:
        return bool(self.confirmed_by.strip()) and self.confirmed_on is not None


class ReviewAuthority(Confirmed):
    """Where an administrative review may be applied for (复议法 24; before 2024: 12)."""

    names: tuple[str, ...]


class Court(Confirmed):
    """The court with jurisdiction over suits against this agency (行诉法 18)."""

    name: str


PRINTED = {
    **{"name": "机关名称", "office": "联系处室", "address": "地址", "postcode": "邮政编码"},
    **{"contact_person": "联系人", "hand_in": "补正内容的提交方式"},
    **{"phone": "电话", "online_review": "在线复议渠道", "fee_payment": "缴费方式"},
}
"""What letters print of the agency: field → its name for the officer."""
PENDING = ("待确认", "待填写", "待核对", "待定", "示例")


def _noughts(phone: str) -> bool:
    """Whether a number was never filled in: its digits after the area code are all 0."""
    digits = "".join(each for each in phone.rpartition("-")[2] if each.isdigit())
    return not digits.strip("0")


def _pending(printed: Iterable[tuple[str, str]]) -> Iterator[str]:
    for label, words in printed:
        if any(mark in words for mark in PENDING) or (label == "电话" and _noughts(words)):
            yield f"{label}“{words}”尚待确认或者填写"


def not_filled_in(agency: Agency) -> str | None:
    """Why no letter at all may go out; None if nothing that it prints waits to be filled in (45)."""
    found = agency.unfilled()
    if not found:
        return None
    return (
        f"本机关资料中有尚待填写的内容，不能写入文书：{'；'.join(found)}。"
        "请管理员先填写（条例第四十五条）"
    )


def not_confirmed(agency: Agency, day: date) -> str | None:
    """Why no letter that tells remedies may go out as of that day; None if all is confirmed (45)."""
    found = agency.unconfirmed(day)
    if not found:
        return None
    return (
        f"本机关资料中有未经确认的内容，不能写入告知书：{'；'.join(found)}。"
        "请核对后由管理员写明由谁、何时确认（条例第四十五条）"
    )


class OtherAgency(Row):
    """Another agency: the words of its remit, why it is responsible, how to reach it."""

    name: str
    remit: tuple[str, ...]
    reason: str
    contact: str


class Agency(Row):
    """This agency: names, address, numbering series, review authorities and court by date.

    officers = those who may act, each within their roles; none listed = everybody
    calls_itself = 我局, 我委 …; disclosure_rules = local rules the annual report is made under
    hand_in = how an applicant hands in a correction: 将补正内容……; note = how the 附注 stands
    titles = of letters, by key (reply = of every reply), where another is chosen than the usual
    sample = an agency to show and to train with: nothing of it has to be confirmed
    """

    sample: bool = False
    name: str
    calls_itself: str
    office: str
    disclosure_rules: tuple[str, ...]
    address: str
    postcode: str
    phone: str
    website: str
    online_review: str
    fee_payment: str
    hand_in: str = "当面提交或者邮寄至下列联系地址"
    contact_person: str = ""
    note: Literal["lines", "one_line"] = "lines"
    titles: dict[str, str] = Field(default_factory=dict)
    addressed: Addressed = Addressed()
    case_number: str
    series: dict[str, str]
    numbers: dict[str, str]
    enquiry_channels: tuple[str, ...]
    review_authority: tuple[ReviewAuthority, ...]
    court: tuple[Court, ...]
    others: tuple[OtherAgency, ...] = ()
    officers: tuple[Officer, ...] = ()
    codes: CodeRules = CodeRules()
    accounts: AccountRules = AccountRules()

    def listed_name(self, typed: str) -> str:
        """The officer that is meant, as he is listed; as it was typed where none is."""
        meant = (one.name for one in self.officers if same_name(one.name, typed))
        return next(meant, typed.strip())

    def review_authorities(self, decided_on: date) -> tuple[str, ...]:
        """The review authorities for a decision of that day."""
        for row in self.review_authority:
            if row.covers(decided_on):
                return row.names
        raise NoRuleInForce("复议机关", decided_on)

    def court_on(self, decided_on: date) -> str:
        """The court for a decision of that day."""
        for row in self.court:
            if row.covers(decided_on):
                return row.name
        raise NoRuleInForce("管辖法院", decided_on)

    def unconfirmed(self, day: date) -> tuple[str, ...]:
        """What a letter of that day would print that nobody of this agency has confirmed, in words.

        Review authority and court without name and day of who checked them; whatever still says
        that it is to be confirmed or filled in; a telephone number of noughts.
        """
        if self.sample:
            return ()
        named: list[tuple[str, str, Confirmed]] = [
            *(("复议机关", "、".join(one.names), one) for one in self.review_authority),
            *(("管辖法院", one.name, one) for one in self.court),
        ]
        found = [
            f"{what}“{name}”还没有写明由谁、何时确认"
            for what, name, one in named
            if one.covers(day) and not one.confirmed
        ]
        found += _pending((what, name) for what, name, one in named if one.covers(day))
        return (*found, *self.unfilled())

    def unfilled(self, among: Iterable[str] = PRINTED) -> tuple[str, ...]:
        """What every letter prints of the agency that still says it is to be filled in, in words.

        among = the fields asked about
        """
        if self.sample:
            return ()
        return tuple(_pending((PRINTED[key], getattr(self, key)) for key in among))

    def document_number(self, series: str, year: int, serial: int) -> str:
        """文号: 机关代字〔year〕serial号, without 第 and without leading zeros (GB/T 9704)."""
        if series not in self.series:
            raise ConfigFault("agency.toml", "[series]", f"缺少文号系列 {series}")
        return f"{self.series[series]}〔{year}〕{serial}号"

    def counted_together(self, series: str) -> tuple[str, ...]:
        """The series that share this one's 代字, and so its serials; in a fixed order."""
        code = self.series.get(series)
        if code is None:
            return (series,)
        return tuple(sorted(name for name, same in self.series.items() if same == code))

    def new_case_number(self, year: int, serial: int) -> str:
        """申请编号 by the agency's own pattern."""
        return self.case_number.format(year=year, serial=serial)

    def new_number(self, register: str, year: int, serial: int) -> str:
        """登记号 of a neighbouring register (review, records_correction) by the agency's pattern."""
        if register not in self.numbers:
            raise ConfigFault("agency.toml", "[numbers]", f"缺少登记号 {register}")
        return self.numbers[register].format(year=year, serial=serial)


def _check_numbers(path: Path, agency: Agency) -> None:
    for name, code in agency.series.items():
        if not code.strip() or code != code.strip() or "〔" in code:
            expected = f"{name} 应写机关代字（不留空，不含年份、序号），如 沪知公开告"
            raise ConfigFault(path.name, "[series]", expected)
    patterns = {"case_number": agency.case_number, **agency.numbers}
    named: dict[str, str] = {}
    for name, pattern in patterns.items():
        if "{serial" not in pattern or "{year" not in pattern:
            raise ConfigFault(path.name, name, "应含 {year} 和 {serial}")
        if other := named.get(pattern):
            raise ConfigFault(path.name, name, f"与 {other} 相同，编号会重复；应当各写各的")
        named[pattern] = name


def load_agency(folder: Path) -> Agency:
    """config/office: agency.toml, agencies.toml, officers.toml, codes.toml, accounts.toml; ConfigFault
    names file and field.
    """
    path = folder / "agency.toml"
    agency = validate_row(path, "全文", Agency, read_toml(path))
    if shared := sorted(agency.series.keys() & {"application", *agency.numbers}):
        expected = f"{'、'.join(shared)} 已是登记号的系列，文号的系列不得同名"
        raise ConfigFault(path.name, "[series]", expected)
    _check_numbers(path, agency)
    others = read_rows(folder / "agencies.toml", "agency", OtherAgency)
    officers = load_officers(folder / "officers.toml")
    path = folder / "codes.toml"
    codes = validate_row(path, "全文", CodeRules, read_toml(path))
    path = folder / "accounts.toml"
    accounts = validate_row(path, "全文", AccountRules, read_toml(path))
    found = {"others": others, "officers": officers, "codes": codes, "accounts": accounts}
    return agency.model_copy(update=found)
