"""One row of a ledger: what it says of an application, or everything that is doubtful about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Final, Protocol

from flows.commands.ledger_file import Listed, Told
from flows.commands.ledger_sheets import ExcelDay, Number, Unreadable, Value
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.agency.ledger_words import MARKS, LedgerWords, Meaning, plain
from models.case.act import UNPRINTABLE, Act, Circumstances
from models.case.stage import ApplicantKind
from models.errors import DisclosureError, NoFormForYear
from models.law.deadline import ClockEvent, deadline
from models.report_tables.form import Form, form_for
from models.words.written_days import day_in, month_and_day, written_day

NEEDED = ("登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期")
LONGEST = {
    "登记号": 64, "提交方式": 40, "申请人": 200, "联系方式": 500, "申请内容": 20000, "备注": 20000,
}  # fmt: skip
COLUMNS = (*NEEDED, "提交方式", "联系方式", "备注")
DAYS: Final = ("收到日期", "办结日期")
WORDS: Final = ("申请人类别", "提交方式", "办理结果")
"""Columns of one word: of a cell that cannot be read, nothing more is said."""
NOTHING: Final = frozenset({"/", "\\", "-", "--", "—", "——", "无", "暂无"})
"""What a cell says nothing with, where a result, a day or a channel should stand."""
ENDED: Final = re.compile("撤回|撤销申请|作废|测试|已办结|已答复")
"""What a remark says of an application that is over."""
TAKEN_AS_CLOSED = "台账未载办理结果，导入时按已办结处理（2019年5月15日前收到）"
NUMBERING: Final = re.compile(r"^\d{1,2}[-.、](?=\D)")
AS_TEXT: Final = re.compile(r"^'(?=\d)")
"""What was typed before figures to keep them a text."""
PLACEHOLDER: Final = re.compile(r"\{[年月表]\}")
NOT_A_NUMBER = re.compile(r"[\s/\\]|^\.")
ORNAMENT = re.compile(r"\(区分.*?\)|\([一二三四五六七八九十]+\)|\d+[.、]|[\s\"'“”‘’:\-—/]")
"""What a label may be written without: the remark, numbering, blanks, quotation marks, dashes."""
ENDING: Final = re.compile(r"[。.,;;、!]+$")
NUMBERED: Final = re.compile(
    r"(?:(?P<code>3\.[1-6](?:\.\d)?)|(?:三[、,.]?)?\((?P<group>[一二三四五六])\)\.?(?P<nth>\d)?)"
    r"[.、,:\-—]*(?P<rest>(?:[^\d.].*)?)"
)
"""A result that begins with its place in table 三."""
SENT_ON: Final = re.compile(
    r"[,;、](?:并|已|已经|请|建议|依法)*(?:告知|建议|请|可)(?:其|申请人)?(?:可以?)?向.{1,40}"
)
"""What a result may end with: whom the applicant was told to ask."""
BRACKETED: Final = re.compile(r"(?P<whole>[^()\[\]]+)[(\[](?P<part>[^()\[\]]+)[)\]]")
DASHED: Final = re.compile(r"(?P<whole>[^:\-—,、/]+)[:\-—,、/]+(?P<part>.+)")
"""A result that says its kind, and then its ground."""
SAYS_NOTHING: Final = re.compile(
    r"^(?:经(?:检索|查询|核实|核查|审查|查找|查)|(?:书面|依法)?(?:告知|答复)(?:申请人|其)?|(?:所|其)?申请的?(?=信息|政府)"
    r"|(?:该|此)|系|属于?|涉及|依法|已经?(?=答复|告知))[,:、]?"
)
"""What a result may begin with, and which says nothing of it; what is left must be known."""
IN_NAME: Final = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}|\d{17}[\dXx])(?!\d)")
"""A telephone or identity number that stands in the name."""
SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}")
WITHIN = re.compile(r"(?<![A-Za-z0-9.])\d\.\d+[eE]\+\d{1,3}")
SERIAL: Final = re.compile(r"[2-7]\d{4}")
SHORTENED: Final = re.compile(r"\.[123]$")
"""A number that Excel may have cut: 1.20 is kept as 1.2."""
SERIALS_BEGIN: Final = date(1899, 12, 30)


@dataclass(frozen=True)
class LedgerRow:
    """One row of a ledger, checked: what it says of one application."""

    place: str
    sheet: str
    line: int
    number: str
    received_on: date
    channel: str
    kind: ApplicantKind
    applicant: str
    contact: str
    request: str
    row: str | None
    closed_on: date | None
    note: str

    def acts(self) -> tuple[Act, ...]:
        """The acts that the row says were done."""
        registered = Register(
            channel=self.channel,
            arrived_on=self.received_on,
            applicant_kind=self.kind,
            applicant=self.applicant,
            request=self.request,
        )
        received = ImportedReceipt(received_on=self.received_on, note=self.note)
        if self.row is None or self.closed_on is None:
            return registered, received
        return registered, received, ImportedResult(row=self.row, closed_on=self.closed_on)

    def said(self) -> int:
        """What it says, in short: two rows that say the same have the same, wherever they stand."""
        day = (self.received_on, self.closed_on, self.row)
        who = (self.number, self.kind, self.applicant, self.contact)
        return hash((day, who, self.channel, self.request, self.note))

    def person(self) -> dict[str, str | None]:
        """Who applied, as far as a ledger tells: the columns of `Applicant`."""
        reached = {"contact": self.contact, "identity": "", "address": ""}
        return {"case_number": self.number, "intake": None} | reached


@dataclass(frozen=True)
class Doubt:
    """Why a row cannot be loaded; column = where, if it is one."""

    sheet: str
    line: int
    problem: str
    column: str = ""


class Doubtful(DisclosureError):
    """What is wrong with a cell, before its place is known."""


class Doubting(Protocol):
    """Notes a doubt about the row, and the column it is about."""

    def __call__(self, problem: str, column: str = "") -> None: ...


class Meant(Protocol):
    """What a word means; Doubtful if nothing certain."""

    def __call__(self, words: str, /) -> str: ...


@dataclass
class Checking:
    """How rows are read: by these forms, on this day, with these words.

    old_closed = the day on which open rows from before the rules we hold are taken as closed
    prefix = put before every 登记号; {年}, {月} and {表} in it are those of receipt, and the sheet
    year = of days that are written without one; None = the one that the sheet is of
    named = names that hold a number are taken as they are
    """

    forms: tuple[Form, ...]
    now: Circumstances
    words: LedgerWords
    told: Told = field(default_factory=Told)
    old_closed: date | None = None
    prefix: str = ""
    year: int | None = None
    named: bool = False

    def row(self, listed: Listed) -> LedgerRow | list[Doubt]:
        """What a row says, or all doubts about it."""
        doubts: list[Doubt] = []
        if listed.fault:
            return [Doubt(listed.sheet, listed.line, listed.fault)]

        def doubtful(problem: str, column: str = "") -> None:
            if column not in WORDS or all(one.column != column for one in doubts):
                doubts.append(Doubt(listed.sheet, listed.line, problem, column))

        text = {name: self._text(name, listed, doubtful) for name in COLUMNS if name not in DAYS}
        for name in ("登记号", "申请人", "申请内容"):
            if not text[name] and not any(one.column == name for one in doubts):
                doubtful(f"“{name}”为空", name)
        if not self.named and (found := IN_NAME.search(text["申请人"])):
            doubtful(
                f"“申请人”中有电话或者证件号码（{found[0][:3]}……），请移到“联系方式”；"
                "照原样导入全部这样的行，加 --names-as-they-are",
                "申请人",
            )
        received_on = self._day("收到日期", listed, doubtful)
        closed_on = self._day("办结日期", listed, doubtful, received_on)
        number = self._number(text["登记号"], listed.sheet, received_on, doubtful)
        kind = self._meant("申请人类别", text, self._kind, doubtful)
        channel = self._meant("提交方式", text, self._channel, doubtful)
        row, closed_on = self._result(text, received_on, closed_on, listed, doubtful)
        self._tell_unsaid(text, listed, closed=row is not None)
        if doubts or received_on is None or kind is None or channel is None:
            return doubts
        return LedgerRow(
            place=listed.place,
            sheet=listed.sheet,
            line=listed.line,
            number=number,
            received_on=received_on,
            channel=channel,
            kind=ApplicantKind(kind),
            applicant=text["申请人"],
            contact=text["联系方式"],
            request=text["申请内容"],
            row=row,
            closed_on=closed_on,
            note=text["备注"],
        )

    def _tell_unsaid(self, text: Mapping[str, str], listed: Listed, *, closed: bool) -> None:
        """What is taken for want of a word: a channel that is not said, an open application whose remark
        speaks of its end.
        """
        if not text["提交方式"] and "提交方式" in listed.values:
            self.told.tell(f"没有写提交方式的，按“{self.unsaid_channel}”", listed.place)
        if not closed and (found := ENDED.search(text["备注"])):
            self.told.tell(
                f"备注写有“{found[0]}”而没有办理结果的，按未办结导入，请核对", listed.place
            )

    @cached_property
    def unsaid_channel(self) -> str:
        """The channel of an application of which none is said."""
        return self.now.law.channels[self._channel("")].label

    # ── cells ─────────────────────────────────────────────────────────────────────────────────

    def _text(self, name: str, listed: Listed, doubtful: Doubting) -> str:
        try:
            text, unseen = _text(name, listed.values.get(name, ""))
        except Doubtful as fault:
            doubtful(str(fault), name)
            return ""
        if unseen:
            self.told.tell("去除看不见的字符", f"{listed.place}{name}")
        return text

    def _day(
        self, name: str, listed: Listed, doubtful: Doubting, since: date | None = None
    ) -> date | None:
        value = listed.values.get(name, "")
        if isinstance(value, str):
            value = MARKS.sub("", value).strip()
        if name == "办结日期" and self._says_nothing(value):
            return None
        try:
            day, how = self._without_year(name, value, listed, since) or _day(name, value)
        except Doubtful as fault:
            doubtful(str(fault), name)
            return None
        if how:
            self.told.tell(how, f"{listed.place}{name} {day}")
        if day > self.now.today:
            doubtful(f"{name} {day} 晚于今天（{self.now.today}）", name)
        return day

    def _without_year(
        self, name: str, value: Value, listed: Listed, since: date | None
    ) -> tuple[date, str] | None:
        """A day that is written without its year, in the year that was asked for or that the sheet is
        of; one of closing is the first such day since receipt. None if it is no such day; Doubtful.
        """
        words = value.digits if isinstance(value, Number) else value
        if not isinstance(words, str) or (found := month_and_day(words)) is None:
            return None
        if isinstance(value, Number) and SHORTENED.search(words):
            raise Doubtful(
                f"“{name}”是数字{words}，可能是{found[0]}月{found[1]}日，也可能是{found[0]}月"
                f"{found[1]}0日（Excel 去掉了末尾的0），请写明"
            )
        year = self.year or listed.year
        if year is None:
            raise Doubtful(
                f"“{name}”（{words}）没有年份；工作表名、表题没有写明是哪一年的，"
                "加 --year 年份，如 --year 2024"
            )
        day = day_in(year, *found)
        if day and since and day < since and name == "办结日期":
            day = day_in(year + 1, *found)
        if day is None:
            raise Doubtful(f"“{name}”（{words}）不是{year}年的一天")
        return day, f"没有年份的日期，按{day.year}年"

    def _says_nothing(self, value: Value) -> bool:
        """Whether a cell of a result or its day says that there is none yet."""
        return isinstance(value, str) and (
            value == "" or value in NOTHING or self.words.result_of.get(plain(value)) == ""
        )

    def _number(self, stated: str, sheet: str, received_on: date | None, doubtful: Doubting) -> str:
        year, month = (f"{received_on:%Y}", f"{received_on:%m}") if received_on else ("", "")
        said = {"{年}": year, "{月}": month, "{表}": sheet}
        number = PLACEHOLDER.sub(lambda found: said[found[0]], self.prefix) + stated
        if NOT_A_NUMBER.search(number):
            doubtful(f"登记号“{number}”不能用作编号（不得含空白、斜杠，不得以点开头）", "登记号")
        elif len(number) > LONGEST["登记号"] >= len(stated):
            doubtful(f"登记号加上前缀有{len(number)}个字，最多{LONGEST['登记号']}个字", "登记号")
        return number

    def _meant(
        self, name: str, text: Mapping[str, str], of: Meant, doubtful: Doubting
    ) -> str | None:
        try:
            return of(text[name])
        except Doubtful as fault:
            doubtful(str(fault), name)
            return None

    def _kind(self, words: str) -> str:
        if words in list(ApplicantKind):
            return words
        meant = self.words.kind_of.get(plain(words))
        if meant is None and plain(words) in list(ApplicantKind):
            return plain(words)
        if meant is None:
            meant = self._kind_in_parts(NUMBERING.sub("", plain(words)))
        if meant is None:
            raise Doubtful(
                f"申请人类别“{words}”应为{'、'.join(ApplicantKind)}之一{_to_add('kinds')}"
            )
        kind = _one("申请人类别", words, meant, {str(one): "" for one in ApplicantKind}, "kinds")
        self.told.tell(f"申请人类别“{words}”按“{kind}”")
        return kind

    def _kind_in_parts(self, words: str) -> Meaning | None:
        """What a kind means that says it twice, 公民（自然人）, or ever more closely: 法人-商业企业."""
        if words in list(ApplicantKind):
            return words
        if words in self.words.kind_of:
            return self.words.kind_of[words]
        if parts := BRACKETED.fullmatch(words):
            both = {str(self.words.kind_of.get(one, one)) for one in parts.groups()}
            return both.pop() if len(both) == 1 else None
        whole, mark, part = words.rpartition("-")
        inner = self._kind_in_parts(part) if mark else None
        outer = self._kind_in_parts(whole) if isinstance(inner, str) else None
        return inner if outer is not None and inner in _each(outer) else None

    def _channel(self, words: str) -> str:
        words = "" if words in NOTHING else words
        key = self._channels.get(plain(words))
        if key is not None:
            return key
        meant = self.words.channel_of.get(plain(words))
        labels = {channel.label: "" for channel in self.now.law.channels.values()}
        if meant is None:
            raise Doubtful(f"提交方式“{words}”应为{'、'.join(labels)}之一{_to_add('channels')}")
        label = _one("提交方式", words, meant, labels, "channels")
        self.told.tell(f"提交方式“{words}”按“{label}”")
        return self._channels[plain(label)]

    @cached_property
    def _channels(self) -> dict[str, str]:
        """Every way to write a channel that channels.toml knows, and its key."""
        return {
            plain(words): key
            for key, channel in self.now.law.channels.items()
            for words in (key, channel.label, *channel.aliases)
        }

    # ── the result ────────────────────────────────────────────────────────────────────────────

    def _result(
        self,
        text: dict[str, str],
        received_on: date | None,
        closed_on: date | None,
        listed: Listed,
        doubtful: Doubting,
    ) -> tuple[str | None, date | None]:
        """The row of table 三 and the day of closing; both None for an open application."""
        words = "" if self._says_nothing(text["办理结果"]) else text["办理结果"]
        day_given = closed_on is not None or not self._says_nothing(
            listed.values.get("办结日期", "")
        )
        if bool(words) != day_given:
            doubtful("办理结果和办结日期应同时填写，或同时留空（未办结）", "办理结果")
            return None, None
        if closed_on and received_on and closed_on < received_on:
            doubtful(f"办结日期 {closed_on} 早于收到日期 {received_on}", "办结日期")
        if day_given:
            if closed_on is None:
                return None, None
            row = self._meant(
                "办理结果", {"办理结果": words}, lambda said: self._row(said, closed_on), doubtful
            )
            return row, closed_on
        return self._open(text, received_on, doubtful)

    def _open(
        self, text: dict[str, str], received_on: date | None, doubtful: Doubting
    ) -> tuple[str | None, date | None]:
        """An open application goes on the desk: the law must know its limit."""
        if received_on is None or received_on > self.now.today:
            return None, None
        fault = self._limit_unknown(received_on)
        if fault is None:
            return None, None
        if self.old_closed is None:
            doubtful(
                f"尚未办结，但收到日期 {received_on} 的答复期限无法计算：{fault}。已经办结的，"
                "请补填办理结果和办结日期；按已办结导入全部这样的行，用 --old-closed 办结日期，"
                "结果计入“其他”并在备注中写明",
                "办结日期",
            )
            return None, None
        closed_on = max(self.old_closed, received_on)
        text["备注"] = f"{text['备注']}　{TAKEN_AS_CLOSED}".strip()
        return self._form(closed_on).result_codes[-1], closed_on

    def _limit_unknown(self, received_on: date) -> str | None:
        try:
            deadline([ClockEvent("received", received_on)], self.now.law)
        except DisclosureError as fault:
            return str(fault)
        return None

    def _form(self, closed_on: date) -> Form:
        """The form whose rows a result is one of; for years before any form, the oldest."""
        try:
            return form_for(self.forms, closed_on.year)
        except NoFormForYear:
            return self.forms[0] if closed_on.year < self.forms[0].first_year else self.forms[-1]

    def _row(self, words: str, closed_on: date) -> str:
        """The row of table 三 that a ledger's result means: its code, its label as written, or what
        ledger.toml says.
        """
        form = self._form(closed_on)
        if words in form.row_of:
            return words
        if code := self._labels(form).get(plain_label(words)):
            return code
        codes = self._said(plain(words), form)
        if not codes:
            raise Doubtful(
                f"办理结果“{words}”不是表三的行；应为行次（如 3.4.1）或该行的名称{_to_add('results')}"
            )
        labels = {code: form.rows[form.row_of[code]].full_label for code in form.row_of}
        code = _one("办理结果", words, codes, labels, "results")
        self.told.tell(f"办理结果“{words}”按 {code} {labels[code]}")
        return code

    def _said(self, words: str, form: Form) -> Meaning:
        """The rows that a result in several words means: 不予公开（商业秘密）, 3.4.1 信息不存在, （四）1,
        经检索不存在; "" if none, or if its parts say different things.
        """
        words = ENDING.sub("", words)
        if meant := self.words.result_of.get(words):
            return _in_form(form, meant)
        if (sent_on := SENT_ON.search(words)) and sent_on.end() == len(words):
            return self._said(words[: sent_on.start()], form)
        if code := self._labels(form).get(plain_label(words)):
            return code
        if numbered := NUMBERED.fullmatch(words):
            code, rest = _code(numbered, form), ENDING.sub("", numbered["rest"])
            return code if not rest or code in _each(self._said(rest, form)) else ""
        for split in (BRACKETED, DASHED):
            if parts := split.fullmatch(words):
                return self._narrowed(parts["whole"], parts["part"], form)
        bare = SAYS_NOTHING.sub("", words)
        return self._said(bare, form) if bare != words and bare else ""

    def _narrowed(self, whole: str, part: str, form: Form) -> Meaning:
        """What a result means that says first the kind and then the ground, if they agree."""
        ground = _each(self._said(part, form))
        of = {
            code for code, row in form.rows.items() if plain_label(row.group) == plain_label(whole)
        }
        found = [code for code in ground if code in of | set(_each(self._said(whole, form)))]
        return found[0] if len(found) == 1 else tuple(found)

    def _labels(self, form: Form) -> dict[str, str]:
        found = self._by_form.get(form.key)
        if found is None:
            found = self._by_form[form.key] = codes(form)
        return found

    @cached_property
    def _by_form(self) -> dict[str, dict[str, str]]:
        return {}


def _to_add(table: str) -> str:
    return f"；常用的写法，在 config/office/ledger.toml 的 [{table}] 补一行即可"


def _in_form(form: Form, meant: Meaning) -> Meaning:
    """The rows that a word means, as the form of the year has them: 3.6.1 is 3.6 where that is all."""
    several = (meant,) if isinstance(meant, str) else meant
    known = [code if code in form.row_of else code.rpartition(".")[0] for code in several]
    kept = tuple(dict.fromkeys(form.row_of[code] for code in known if code in form.row_of))
    return (kept[0] if len(kept) == 1 else kept) or meant


def _each(meant: Meaning) -> tuple[str, ...]:
    return tuple(one for one in ((meant,) if isinstance(meant, str) else meant) if one)


def _code(numbered: re.Match[str], form: Form) -> str:
    """The row that a numbering names: 3.4.1, （四）1; "" if there is none."""
    code = numbered["code"] or f"3.{'一二三四五六'.index(numbered['group']) + 1}"
    code += f".{numbered['nth']}" if numbered["nth"] else ""
    return form.row_of.get(code, "")


def _one(name: str, words: str, meant: Meaning, known: Mapping[str, str], table: str) -> str:
    """What a word means, if it means but one thing that there is."""
    if isinstance(meant, str) and meant in known:
        return meant
    several = [one for one in ((meant,) if isinstance(meant, str) else meant) if one in known]
    if not several:
        raise Doubtful(f"ledger.toml [{table}] 中“{words}”的意思（{meant}）不存在，请改正")
    listed = "、".join(f"{one} {known[one]}".strip() for one in several)
    raise Doubtful(
        f"{name}“{words}”可能是{listed}；请逐行填写，或者在 config/office/ledger.toml 的"
        f" [{table}] 写明是哪一种"
    )


def codes(form: Form) -> dict[str, str]:
    """The results of a form by label, with and without the label of their group."""
    results = [form.rows[code] for code in form.result_codes]
    return {plain_label(words): r.code for r in results for words in (r.label, r.group + r.label)}


def plain_label(label: str) -> str:
    """A label without its ornaments, in half-width characters where there are any."""
    return ORNAMENT.sub("", plain(label))


# ── texts and days ────────────────────────────────────────────────────────────────────────────


def _text(name: str, value: Value) -> tuple[str, bool]:
    """A cell's text, and whether something not seen was taken out of it; Doubtful."""
    if isinstance(value, Unreadable):
        raise Doubtful(f"“{name}”{value.why}")
    if isinstance(value, ExcelDay):
        raise Doubtful(f"“{name}”是日期（{value.day}）；如系表格软件自动转换，请把该列设为文本格式")
    if isinstance(value, Number):
        if value.scientific:
            raise Doubtful(_spoilt(name, value.digits))
        return value.digits, False
    plainly = value.isprintable()  # then nothing in it is unseen
    text = (value if plainly else MARKS.sub("", value)).strip()
    if name in ("登记号", "联系方式"):
        text = AS_TEXT.sub("", text)
    found = None if plainly else UNPRINTABLE.search(text)
    if found:
        raise Doubtful(
            f"“{name}”第{found.start() + 1}个字符是控制字符（U+{ord(found.group()):04X}）"
        )
    if ("e" in text or "E" in text) and (
        SCIENTIFIC.fullmatch(text)
        or (name in ("登记号", "联系方式", "申请人") and WITHIN.search(text))
    ):
        raise Doubtful(_spoilt(name, text))
    longest = LONGEST.get(name)
    if longest and len(text) > longest:
        raise Doubtful(f"“{name}”有{len(text)}个字，最多{longest}个字")
    return text, text != value.strip()


def _spoilt(name: str, text: str) -> str:
    return (
        f"“{name}”是科学计数法（{text}），末尾几位数字已经丢失；"
        "请从原件重新填写，并把该列设为文本格式"
    )


def _day(name: str, value: Value) -> tuple[date, str]:
    """A cell's day, and how it was read if it does not say so itself; Doubtful."""
    if isinstance(value, Unreadable):
        raise Doubtful(f"“{name}”{value.why}")
    if isinstance(value, ExcelDay):
        return value.day, "" if value.whole else "只显示年月的日期，按其值"
    words = value.digits if isinstance(value, Number) else value
    if isinstance(value, Number) and value.scientific:
        raise Doubtful(_spoilt(name, words))
    if (
        SERIAL.match(words)
        and words.partition(".")[0].isdecimal()
        and len(words.split(".")[0]) == 5
    ):
        serial = value.serial if isinstance(value, Number) else _serial(words)
        if serial:
            return serial, "Excel 的日期序号，按日期"
    day = written_day(words)
    if day is None:
        if SCIENTIFIC.fullmatch(words):
            raise Doubtful(_spoilt(name, words))
        raise Doubtful(f"“{name}”应为日期（如 2026-03-02），而不是“{words}”")
    return day, ""


def _serial(words: str) -> date | None:
    return SERIALS_BEGIN + timedelta(days=int(words)) if SERIAL.fullmatch(words) else None
