"""Who is told? The officer of the case, whoever it lies with, and from when on the head (Art. 45)."""

from __future__ import annotations

from collections.abc import Iterator

from models.agency.officers import Role, acting, holding
from models.alerts.alert_rows import AnyAlert
from models.case.act import Circumstances
from models.case.stage import Stage

SUPPLY = "supply"  # an office of our own is to supply records
HOLDING = {
    str(Stage.REVIEW): Role.REVIEW,
    str(Stage.SECRECY): Role.SECRECY,
    str(Stage.SIGNING): Role.SIGN,
}


def recipients(alert: AnyAlert, now: Circumstances) -> tuple[str, ...]:
    """The persons an alert is told to, by name: never nobody.

    Besides the case's officer: those it lies with (review, signature), the office that is to supply
    records, the roles of its row in alerts.toml, and the head of the office from its `escalate` on,
    or where the officer is not (or no longer) listed. Whoever is away that day, by his deputy.
    """
    persons = acting(now.agency.officers, _persons(alert, now), now.today)
    return persons or (now.agency.office,)


def _persons(alert: AnyAlert, now: Circumstances) -> Iterator[str]:
    rule, officers = now.law.alerts[alert.kind], now.agency.officers
    listed = {one.name for one in officers}
    roles = [Role(role) for role in rule.to]
    if alert.officer:
        yield alert.officer
    else:
        roles.append(Role.HANDLE)
    if alert.stage in HOLDING:
        roles.append(HOLDING[alert.stage])
    astray = bool(listed) and bool(alert.officer) and alert.officer not in listed
    if astray or (rule.escalate is not None and alert.left <= rule.escalate):
        roles.append(Role.HEAD)
    if alert.kind == SUPPLY:
        yield from (one.name for one in officers if one.department == alert.whom)
    yield from holding(officers, roles)
