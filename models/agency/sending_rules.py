"""When and how are alerts sent? config/office/sending.toml as validated values."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from models.agency.officers import Officer
from models.errors import CalendarNotPublished
from models.law.config_rows import Row, read_toml, validate_row
from models.law.workdays import DAY, Calendar

CHANNELS = {
    "email": "电子邮件",
    "wecom": "企业微信",
    "dingtalk": "钉钉",
    "feishu": "飞书",
    "webhook": "接口",
    "screen": "办理系统界面",
}
SATURDAY = 5
SCREEN = "screen"  # of whoever has no other


class Hours(Row):
    """Times of day in Shanghai: of the sweep, and between which messages are sent."""

    sweep: time
    from_: time = Field(alias="from")
    until: time

    @model_validator(mode="after")
    def _in_order(self) -> Hours:
        if self.from_ >= self.until:
            raise ValueError("from 应早于 until")
        return self

    def left(self, moment: datetime) -> timedelta:
        """How long it is until messages are not sent any more that day."""
        return datetime.combine(moment.date(), self.until) - moment


class Outbox(Row):
    """How often the outbox is looked at, and how patiently it tries (minutes, seconds)."""

    every_minutes: int = Field(ge=1, le=60)
    further_minutes: int = Field(ge=0, le=480)
    timeout_seconds: int = Field(ge=1, le=60)
    lease_minutes: int = Field(ge=5)
    address: str = Field(default="", pattern=r"^(https?://[!-~]{1,200})?$")
    pauses_minutes: tuple[int, ...]

    @property
    def whole_seconds(self) -> int:
        """How long one message may take as a whole: below the lease, however long a silence may."""
        return 3 * self.timeout_seconds

    def pause(self, attempts: int) -> timedelta | None:
        """How long to wait after so many failed attempts; None = no more of them."""
        if attempts > len(self.pauses_minutes):
            return None
        return timedelta(minutes=self.pauses_minutes[attempts - 1])


class Smtp(Row):
    """The mail server; no host = no mail is sent."""

    host: str
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"]
    user: str
    sender: str

    @model_validator(mode="after")
    def _whole(self) -> Smtp:
        if self.host and "@" not in self.sender:
            raise ValueError("填写 host 的，sender 应为发件人地址")
        return self


class Sending(Row):
    """config/office/sending.toml."""

    hours: Hours
    outbox: Outbox
    smtp: Smtp

    def channels(self, officer: Officer | None) -> dict[str, str]:
        """Where a person is told: channel → address; the screen for whoever has no other."""
        if officer is None:
            return {SCREEN: ""}
        reached = {
            "email": officer.email if self.smtp.host else "",
            "wecom": officer.wecom,
            "dingtalk": officer.dingtalk,
            "feishu": officer.feishu,
            "webhook": officer.webhook,
        }
        return {name: address for name, address in reached.items() if address} or {SCREEN: ""}

    def open_at(self, moment: datetime, calendar: Calendar) -> bool:
        """Whether the office is open: a working day, in office hours (Shanghai time).

        A day of a year whose notice is not out counts as worked where it may be; where not even the
        statutory days are known (models/watch/owed_beside.py tells of it long before), Monday to Friday.
        """
        if not self.hours.from_ <= moment.time() < self.hours.until:
            return False
        day = moment.date()
        try:
            return calendar.reach(day - DAY, 1).day == day
        except CalendarNotPublished:
            return day.weekday() < SATURDAY


def load_sending(folder: Path) -> Sending:
    """config/office/sending.toml; ConfigFault names the field."""
    path = folder / "sending.toml"
    return validate_row(path, "全文", Sending, read_toml(path))
