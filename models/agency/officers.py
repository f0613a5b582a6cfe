"""Who may do what? The officers of this agency and their roles: config/office/officers.toml.

No officer listed (training, the demo): everybody may do everything. Once one is listed, only
those listed act, each within their roles. The law asks for a system of 审核 (Art. 45) and of
保密审查 (Art. 17), and for the head's consent to an extension (Art. 33); who holds which role is
for the agency to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict, Field

from models.errors import ConfigFault
from models.law.config_rows import Row, read_toml, validate_row

NAME_LONGEST = 60


class Role(StrEnum):
    """What an officer may be entrusted with; one officer may hold several."""

    HANDLE = "handle"
    REVIEW = "review"
    SECRECY = "secrecy"
    HEAD = "head"
    SIGN = "sign"
    SUPPLY = "supply"
    MAINTAIN = "maintain"

    @property
    def label(self) -> str:
        """The role as officers say it."""
        return LABELS[self]


LABELS = {
    Role.HANDLE: "承办",
    Role.REVIEW: "审核",
    Role.SECRECY: "保密审查",
    Role.HEAD: "公开机构负责人",
    Role.SIGN: "签发",
    Role.SUPPLY: "提供材料",
    Role.MAINTAIN: "维护",
}
NOBODYS = frozenset({Role.SUPPLY, Role.MAINTAIN})
"""Roles that nobody has to hold: whoever handles a case can supply records, and what is maintained is
so from the terminal; no act asks for the second, it shows the pages of maintenance.
"""


PLAIN = r"[^\s@<>(),;:\\\"\[\]]{1,64}@[^\s@.,<>]+(\.[^\s@.,<>]+)+"
ADDRESS = re.compile(rf"{PLAIN}|[^@<>,\x00-\x1f\x7f]*<{PLAIN}>")
"""An e-mail address as it stands in the head of a message, with or without a name before it."""


class Absence(Row):
    """Days on which an officer is away, both included, and who stands in for him."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    since: date = Field(alias="from")
    until: date = Field(alias="to")
    deputy: str = Field(min_length=1)

    def covers(self, day: date) -> bool:
        """Whether he is away on a day."""
        return self.since <= day <= self.until


class Officer(Row):
    """One officer: name as in the forms, roles, and where alerts may reach them ("" = not there)."""

    name: str = Field(min_length=1, max_length=NAME_LONGEST, pattern=r"^\S.*\S$|^\S$")
    department: str = ""
    roles: tuple[Role, ...] = Field(min_length=1)
    email: str = ""
    wecom: str = ""
    dingtalk: str = ""
    feishu: str = ""
    webhook: str = ""
    away: tuple[Absence, ...] = ()

    @property
    def only_supplies(self) -> bool:
        """Whether he may do nothing but say what his department found (请处室提供)."""
        return set(self.roles) == {Role.SUPPLY}


def load_officers(path: Path) -> tuple[Officer, ...]:
    """The officers, in the order of the file; ConfigFault names file, row and field.

    A name stands once. Every role but `NOBODYS` is held by somebody, or cases would come to a stand.
    """
    content = read_toml(path)
    rows = content.pop("officer", [])
    if content or not isinstance(rows, list):
        raise ConfigFault(path.name, "全文", "只应有若干个 [[officer]]")
    officers = tuple(
        validate_row(path, f"第 {n} 个 [[officer]]", Officer, raw) for n, raw in enumerate(rows, 1)
    )
    names = [one.name for one in officers]
    for n, one in enumerate(officers, 1):
        if one.name in names[: n - 1]:
            raise ConfigFault(path.name, f"第 {n} 个 [[officer]] 的 name", f"{one.name}已经列出")
        wrong = [said for said in one.email.split(",") if not ADDRESS.fullmatch(said.strip(" "))]
        if one.email and wrong:
            said = "".join(one if one.isprintable() else "·" for one in wrong[0])
            expected = f"“{said}”不是电子邮件地址，应如 chenjing@example.cn；几个的用逗号隔开"
            raise ConfigFault(path.name, f"第 {n} 个 [[officer]] 的 email", expected)
    _check_absences(path, officers)
    vacant = [one for one in Role if one not in NOBODYS and not holding(officers, (one,))]
    if officers and vacant:
        missing = "、".join(f"{role.label}（{role}）" for role in vacant)
        raise ConfigFault(path.name, "roles", f"每项职责至少应有一人，现无人负责：{missing}")
    return officers


def _check_absences(path: Path, officers: Sequence[Officer]) -> None:
    """ConfigFault for days that are none, two deputies on one day, or a deputy who cannot be one."""
    listed = {one.name: one for one in officers}
    for n, one in enumerate(officers, 1):
        for away in one.away:
            deputy = listed.get(away.deputy)
            others = [each for each in one.away if each is not away]
            said = ""
            if away.until < away.since:
                said = f"结束日期（{away.until}）早于开始日期（{away.since}）"
            elif any(each.since <= away.until and away.since <= each.until for each in others):
                said = f"{away.since}至{away.until}与另一段不在岗的日期重叠"
            elif deputy is None or deputy is one:
                said = f"代理人“{away.deputy}”应为名单中的另一人"
            elif any(each.since <= away.until and away.since <= each.until for each in deputy.away):
                said = f"代理人{deputy.name}在{away.since}至{away.until}之间也不在岗"
            elif deputy.only_supplies and not (
                one.only_supplies and one.department == deputy.department
            ):
                said = f"代理人{deputy.name}只提供材料，不能代理其他职责，也不能代理其他处室"
            if said:
                raise ConfigFault(path.name, f"第 {n} 个 [[officer]] 的 away", said)


class Deputy(Officer):
    """An officer on a day on which he stands in for others: their roles are his besides his own.

    own = his own roles; absent = for whom he stands in
    """

    own: tuple[Role, ...]
    absent: tuple[Officer, ...]


def on_duty(officers: Sequence[Officer], day: date) -> tuple[Officer, ...]:
    """The officers as they work on a day. Whoever is away keeps his rights: nobody is locked out by a
    line that was forgotten; what waits, and alerts, go to his deputy (`acting`).
    """
    absent: dict[str, list[Officer]] = {}
    for one in officers:
        for away in one.away:
            if away.covers(day):
                absent.setdefault(away.deputy, []).append(one)
    return tuple(_deputy(one, absent[one.name]) if one.name in absent else one for one in officers)


def _deputy(one: Officer, absent: Sequence[Officer]) -> Deputy:
    roles = dict.fromkeys((*one.roles, *(role for other in absent for role in other.roles)))
    return Deputy.model_construct(
        **dict(one) | {"roles": tuple(roles), "own": one.roles, "absent": tuple(absent)}
    )


def acting(officers: Sequence[Officer], names: Iterable[str], day: date) -> tuple[str, ...]:
    """Who acts on a day for those named: whoever is away, by his deputy."""
    deputies = {one.name: away.deputy for one in officers for away in one.away if away.covers(day)}
    return tuple(dict.fromkeys(deputies.get(name, name) for name in names))


def absence(officers: Sequence[Officer], name: str, day: date) -> Absence | None:
    """The days off, with a deputy, within which an officer is on a day; None where he is there."""
    his = (away for one in officers if one.name == name for away in one.away)
    return next((away for away in his if away.covers(day)), None)


def standing_in(officers: Sequence[Officer], deputy: str, day: date) -> dict[str, date]:
    """For whom an officer stands in on a day, and until when; by name, in the order of the list."""
    return {
        one.name: away.until
        for one in officers
        for away in one.away
        if deputy and away.deputy == deputy and away.covers(day)
    }


def acted_for(
    officers: Sequence[Officer], name: str, roles: Iterable[Role], handler: str = ""
) -> tuple[str, ...]:
    """For whom an officer does what these roles may do: those he stands in for, where it is the case
    of one of them (handler), or where his own roles would not do.
    """
    me = next((one for one in officers if one.name == name), None)
    if not isinstance(me, Deputy):
        return ()
    asked = frozenset(roles)
    own = not asked.isdisjoint(me.own)
    return tuple(
        one.name
        for one in me.absent
        if not asked.isdisjoint(one.roles) and (not own or one.name == handler)
    )


def by_whom(officer: str, absent: str) -> str:
    """Who did something, and for whom: 李明（代陈静）; within what a register keeps of a name."""
    said = f"{officer}（代{absent}）" if absent else officer
    return (
        said
        if len(said) <= NAME_LONGEST or not absent
        else f"{officer[: NAME_LONGEST - 5]}（代他人）"
    )


def signed_as(officers: Sequence[Officer], name: str, roles: Iterable[Role]) -> str:
    """Under what name an officer signs what the register keeps no facts of: the year's report, its
    figures and words, advice given. Whoever stands in for another says for whom.
    """
    return by_whom(name, "、".join(acted_for(officers, name, roles)))


def holding(officers: Sequence[Officer], roles: Iterable[Role]) -> tuple[str, ...]:
    """The names of those who hold one of the roles, in the order of the list."""
    asked = frozenset(roles)
    return tuple(one.name for one in officers if not asked.isdisjoint(one.roles))


def maintains(officers: Sequence[Officer], name: str) -> bool:
    """Whether the pages of maintenance are shown to an officer; where nobody is listed, or nobody has
    to log in (name = ""), to everybody.
    """
    return not officers or not name or name in holding(officers, (Role.MAINTAIN,))


def not_entitled(
    officers: Sequence[Officer], name: str, roles: Iterable[Role], what: str
) -> str | None:
    """Why this officer may not do `what`, as a sentence; None if they may, or nobody is listed."""
    entitled = holding(officers, roles)
    if not officers or name in entitled:
        return None
    others = f"，请由{'、'.join(entitled)}办理"
    if all(name != one.name for one in officers):
        return f"“{name}”不在办理人员名单中，不能办理“{what}”{others}（条例第四十五条）"
    asked = "、".join(role.label for role in roles)
    return f"{name}没有“{asked}”的职责，不能办理“{what}”{others}（条例第四十五条）"
