"""Do the clocks of a city agree? Each machine's is held against that of PostgreSQL, which all share.

What a server accepts at a moment, a worker whose clock is behind would not begin before its own comes to
it; one ahead would take for lost what others have just begun. So none is started whose clock is off, and
one that goes off is said once a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text

from flows import office
from models.errors import DisclosureError

NONE = timedelta()


class ClocksDiffer(DisclosureError):
    """This machine's clock is not that of the database's server."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead
        seconds = abs(round(ahead.total_seconds()))
        way, most = "快" if ahead > NONE else "慢", round(office.CLOCKS_DIFFER.total_seconds())
        super().__init__(
            f"本机的时间比数据库服务器{way}{seconds}秒：几台机器的时间须一致（相差不到{most}秒），"
            "请校正本机或者数据库服务器的时间（如用 chrony）"
        )


def guard() -> None:
    """ClocksDiffer where this machine's is off by more than office.CLOCKS_DIFFER."""
    if abs(ahead := _ahead()) > office.CLOCKS_DIFFER:
        raise ClocksDiffer(ahead)


def see_to() -> Iterator[str]:
    """The same, as a sentence, of one that is at work."""
    if abs(ahead := _ahead()) > office.CLOCKS_DIFFER:
        yield str(ClocksDiffer(ahead))


def _ahead() -> timedelta:
    """By how much at least this machine's clock is ahead of the database's; negative = behind. The time
    that asking takes is not counted.
    """
    if office.database().get_backend_name() != "postgresql":
        return NONE
    with office.reading() as session:
        connection = session.connection()
        before = office.now()
        there: datetime = connection.scalar(text("SELECT clock_timestamp()"))
        after = office.now()
    if before > there:
        return before - there
    return min(after - there, NONE)
