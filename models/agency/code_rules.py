"""The figures of one-time codes: config/office/codes.toml."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from models.law.config_rows import Row


class CodeRules(Row):
    """How codes are made, how far a phone's clock may be off, and how wrong ones slow down.

    digits         length of a code          step_seconds  how long one is shown
    drift_steps    steps before and after now that count as well (RFC 6238, 5.2)
    free_attempts  wrong codes without a pause; after them the pause doubles with each
    """

    digits: int = Field(default=6, ge=6, le=8)
    step_seconds: int = Field(default=30, ge=1, le=120)
    drift_steps: int = Field(default=1, ge=0, le=2)
    free_attempts: int = Field(default=3, ge=1, le=10)
    first_pause_seconds: int = Field(default=30, ge=1)
    longest_pause_seconds: int = Field(default=900, ge=60)

    def pause(self, wrong: int) -> timedelta:
        """How long to wait after so many wrong codes in a row."""
        over = wrong - self.free_attempts
        if over < 0:
            return timedelta()
        doubled = self.first_pause_seconds * 2 ** min(over, 30)
        return timedelta(seconds=min(doubled, self.longest_pause_seconds))
