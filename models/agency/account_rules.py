"""Who may log in, how long for, and what wrong passwords cost: config/office/accounts.toml."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

from pydantic import Field, field_validator, model_validator

from models.law.config_rows import Row

PASSWORD_LONGEST = 128


class AccountRules(Row):
    """The figures of passwords, invitations and visits (from logging in to logging out).

    invitation_wrong_codes  so many wrong one-time codes end an invitation
    free_attempts, address_free_attempts  wrong logins without a pause, under one name and from one
                  address; after them the pause doubles with each
    code_again    kinds of acts, and names of forms, that are signed with a code besides
    code_holds_seconds  so long one code is enough for more of the same kind
    proxies       addresses whose X-Forwarded-… are believed, and whose single sign-on is
    single_sign_on_logout  where whoever came in by it logs out; "" = is not told
    """

    password_shortest: int = Field(default=10, ge=8, le=64)
    invitation_hours: int = Field(default=72, ge=1, le=720)
    invitation_wrong_codes: int = Field(default=10, ge=1, le=100)
    idle_minutes: int = Field(default=60, ge=1, le=1440)
    longest_hours: int = Field(default=12, ge=1, le=168)
    free_attempts: int = Field(default=5, ge=1, le=20)
    address_free_attempts: int = Field(default=20, ge=1, le=1000)
    first_pause_seconds: int = Field(default=5, ge=1)
    longest_pause_seconds: int = Field(default=900, ge=60)
    code_again: tuple[str, ...] = ("signed", "reply_withdrawn", "erratum", "report_signed")
    code_holds_seconds: int = Field(default=300, ge=0, le=3600)
    proxies: tuple[str, ...] = ()
    single_sign_on_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    single_sign_on_logout: str = Field(default="", pattern=r"^(https?://[!-~]+|/[!-~]*)?$")

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_address(one)) for one in named)

    @model_validator(mode="after")
    def _from_somewhere(self) -> AccountRules:
        if self.single_sign_on_header and not self.proxies:
            raise ValueError("填了 single_sign_on_header 的，须填 proxies")
        return self

    @property
    def invitation_lasts(self) -> timedelta:
        return timedelta(hours=self.invitation_hours)

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def longest(self) -> timedelta:
        return timedelta(hours=self.longest_hours)

    def pause(self, wrong: int, free: int) -> timedelta:
        """How long to wait after so many wrong logins in a row, of which so many are free."""
        over = wrong - free
        if over < 0:
            return timedelta()
        doubled = self.first_pause_seconds * 2 ** min(over, 30)
        return timedelta(seconds=min(doubled, self.longest_pause_seconds))
