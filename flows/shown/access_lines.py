"""Who reads what of a person leaves a line (网络安全法 21(3)): at the desk, and at the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from flows import office
from flows.installation.entrance import Caller
from models.register import access_log

TERMINAL = "命令行"
"""Whose reading it is that is done by a command."""


def noted(caller: Caller | None, what: str, numbers: Sequence[str] = ()) -> None:
    """Leave a line of who reads what of a person (网络安全法 21(3)); numbers = of which cases, if many."""
    officer, address = (caller.officer, caller.address) if caller else ("", "")
    with office.writing(clock_goes_back=True) as session:
        access_log.write(
            session,
            "read",
            office.now(),
            officer=officer,
            address=address,
            what=what,
            numbers=numbers,
        )


def noted_in_terminal(what: str, numbers: Sequence[str] = ()) -> None:
    """Leave a line of what somebody at the terminal reads of a person (网络安全法 21(3)); a register that
    nobody can write to here, a copy put away, has no room for one.
    """
    if office.is_only_read():
        return
    noted(Caller(TERMINAL, officer=TERMINAL), what, numbers)
