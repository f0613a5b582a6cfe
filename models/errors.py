"""The named exceptions: what must not happen, with its data, in a sentence for an officer."""

from __future__ import annotations

from datetime import date


class DisclosureError(Exception):
    """Root of the exceptions below; the command line turns them into one sentence and exit 2."""


class ConfigFault(DisclosureError):
    """A file under config/ does not say what it must."""

    def __init__(self, file: str, where: str, expected: str) -> None:
        self.file, self.where, self.expected = file, where, expected
        super().__init__(f"配置文件 {file} 的 {where} 有误：{expected}")


class NoRuleInForce(DisclosureError):
    """No row of a dated table covers the day asked for; `since` = the first day that one does."""

    def __init__(self, rule: str, on: date | str, since: date | None = None) -> None:
        self.rule, self.on, self.since = rule, on, since
        early = isinstance(on, date) and since is not None and on < since
        why = f"自{since}起才有规定" if early else "请管理员在配置中补充该日期适用的一行"
        super().__init__(f"{on} 这一天没有生效的规定：{rule}（{why}）")


class KeyMissing(DisclosureError):
    """Personal data is to be read or written on a connection that was given no key."""

    def __init__(self) -> None:
        super().__init__("没有加密密钥，不能读写个人信息（身份证明号码、联系方式、通信地址）")


class WrongKey(DisclosureError):
    """What is sealed was not sealed with any of the keys at hand, or was altered."""

    def __init__(self) -> None:
        super().__init__(
            "加密密钥与登记簿不符，个人信息无法解密；请恢复原来的密钥（它不在数据库中，须单独备份）"
        )


class ImpossibleHistory(DisclosureError):
    """The events of a case cannot have happened in this order."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class RecordedByNewer(DisclosureError):
    """What is recorded was recorded by a newer version of this program."""

    def __init__(self, kind: str, version: int) -> None:
        self.kind, self.version = kind, version
        super().__init__(
            f"登记簿中的事项“{kind}”是由更新的版本登记的（第{version}版），"
            "本版本不能读取；请改用当时的版本或者更新的版本"
        )


class Unreadable(DisclosureError):
    """The facts of a recorded act are not what any version of it wrote."""

    def __init__(self, kind: str, version: int, where: str) -> None:
        self.kind, self.version, self.where = kind, version, where
        super().__init__(
            f"登记簿中的事项“{kind}”（第{version}版）不能读取：{where}；登记内容可能已被改动，请核对备份"
        )


class ActRefused(DisclosureError):
    """The law, or plain sense, does not allow this act now; `reasons` are whole sentences."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("；".join(reasons))


class NoSuchCase(DisclosureError):
    """The register has no case of this number."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(f"登记簿中没有编号为“{number}”的申请")


class NotRegistered(DisclosureError):
    """A neighbouring register has no case of this number."""

    def __init__(self, register: str, number: str) -> None:
        self.register, self.number = register, number
        super().__init__(f"“{register}”登记簿中没有编号为“{number}”的记载")


class Superseded(DisclosureError):
    """Another act was recorded at this position of the case's history first."""

    def __init__(self, number: str, position: int) -> None:
        self.number, self.position = number, position
        super().__init__(f"{number} 的这一步（第 {position} 步）已由他人办理，请按最新情况办理")


class NoSuchLetter(DisclosureError):
    """There is no template of this name under letters/templates/."""

    def __init__(self, template: str) -> None:
        self.template = template
        super().__init__(f"没有名为“{template}”的文书模板（letters/templates/）")


class FactMissing(DisclosureError):
    """A letter says something that the case does not tell: the fact is absent, or None."""

    def __init__(self, template: str, fact: str) -> None:
        self.template, self.fact = template, fact
        super().__init__(f"文书“{template}”缺少必须写明的事项：{fact}")


class TemplateFault(DisclosureError):
    """A template of a letter is wrongly written: it does not say what every letter must."""

    def __init__(self, template: str, why: str) -> None:
        self.template, self.why = template, why
        super().__init__(f"文书模板“{template}”有误：{why}")


class CalendarNotPublished(DisclosureError):
    """Working days of a year are asked for whose holiday notice is not out, or not in config/."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"{year}年的节假日安排尚未公布或者未录入，无法计算工作日")


class PeriodNotPositive(DisclosureError):
    """A period in working days has at least one day."""

    def __init__(self, days: int) -> None:
        self.days = days
        super().__init__(f"期限至少为1个工作日，现为{days}个")


class NoFormForYear(DisclosureError):
    """No form of the annual report under config/annual/ covers this report year."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"没有适用于 {year} 年度报告的表格格式（请管理员在配置中补充）")


class UncountableCase(DisclosureError):
    """A case that table 三 has no place for: a column, a row or a date that cannot be."""

    def __init__(self, number: str, why: str) -> None:
        self.number, self.why = number, why
        super().__init__(f"申请 {number} 无法计入年报表三：{why}")


class NotAsCounted(DisclosureError):
    """A cell is to be listed from a register that is no longer the one its cases were counted in."""

    def __init__(self) -> None:
        super().__init__("计数之后登记簿有变动，所列申请与计数不是同一时点的，请重新编制")


class UncountableReview(DisclosureError):
    """A review or suit that table 四 has no place for."""

    def __init__(self, number: str, why: str) -> None:
        self.number, self.why = number, why
        super().__init__(f"复议诉讼案件 {number} 无法计入年报表四：{why}")


class WrongPreviousYear(DisclosureError):
    """A table 三 was given as last year's that is of another year."""

    def __init__(self, year: int, previous: int) -> None:
        self.year, self.previous = year, previous
        super().__init__(
            f"核对 {year} 年度的上年结转，应使用 {year - 1} 年度而不是 {previous} 年度的表三"
        )


class MalformedTables(DisclosureError):
    """A `tables.json` that cannot be read as tables: `where` and what was `expected` there."""

    def __init__(self, where: str, expected: str) -> None:
        self.where, self.expected = where, expected
        super().__init__(f"{where}：{expected}")


class RegisterInUse(DisclosureError):
    """A simulated year is to be written into a register that is not empty."""

    def __init__(self) -> None:
        super().__init__(
            "登记簿中已有记载，不能写入模拟数据；请用 DISCLOSURE_HOME（或者 "
            "DISCLOSURE_DATABASE_URL）指定一个空的登记簿"
        )


class NotSimulable(DisclosureError):
    """A year that cannot be simulated: it has not begun, or has too few or too many cases."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"无法模拟：{why}")


class TextFault(DisclosureError):
    """A part of the annual report's text asks for a figure that there is none of."""

    def __init__(self, part: str, problem: str) -> None:
        self.part, self.problem = part, problem
        super().__init__(f"年度报告“{part}”的文字有误：{problem}")


class YearSigned(ActRefused):
    """What a signed report counts would change without a recorded correction."""

    def __init__(self, year: int, what: str, signed: str) -> None:
        self.year, self.what = year, what
        super().__init__(
            [
                f"{year}年度报告已{signed}，该年度已经封账：本次登记将改变{what}。确需更正的，请先办理"
                "“更正已签发的年度报告”并写明理由，再登记本事项（条例第五十条）"
            ]
        )


UNCOMPUTABLE = (CalendarNotPublished, NoRuleInForce, ImpossibleHistory)
"""What the rules cannot compute: a day beyond their data, or acts in an impossible order."""
