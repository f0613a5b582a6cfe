"""What goes by itself when its time is over: forms nobody put right, and data that was set aside.

The periods stand in config/retention.toml. Both are told beforehand: a form's day stands in the
list 待办, a folder's on the morning's page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flows import office
from flows.installation import files
from flows.installation.copying import BACKUPS
from models.law.workdays import written
from models.register import access_log, accounts
from models.store.tables import RefusedForm
from models.words.disk_words import why

STAMPED = re.compile(
    r"(?:upgrade-from-.+|before-restore|prefect-.+)-(\d{8}T\d{6})(?:\.\d+)?Z"
    r"|prefect\.db\.damaged-(\d{8}T\d{6})\d*(?:-wal|-shm)?"
)
"""How what was set aside is named, and when; anything else in these folders is none of ours."""


def kept_until(form: RefusedForm) -> date:
    """The last day on which what was typed in a refused form is kept."""
    refused = form.refused_at.replace(tzinfo=form.refused_at.tzinfo or UTC)
    return office.retention()["forms"].last_day(office.day_of(refused))


def over(form: RefusedForm) -> bool:
    """Whether it is kept no longer."""
    return kept_until(form) < office.today()


def log_of_access() -> Iterator[str]:
    """Delete the lines of who came and read what whose time is over, and what was counted against
    those who logged in wrongly before yesterday; says how many lines went.
    """
    kept = office.retention()["access"]
    yesterday = office.midnight() - timedelta(days=1)
    with office.writing() as session:
        gone = access_log.let_go(session, office.midnight() - timedelta(days=kept.days))
        accounts.forget_wrong(session, yesterday)
        accounts.forget_visits(session, office.midnight() - timedelta(days=kept.days))
    if gone:
        yield f"登录和查阅的记录保管{kept.days}天，届满的{gone}条已删除"


def set_aside() -> Iterator[str]:
    """Delete what was set aside and is kept no longer; says what went, and what goes soon."""
    told = timedelta(days=office.retention()["aside"].told_days)
    for path, until in _kept():
        named = f"{path.parent.name}/{path.name}"
        if until < office.today():
            yield _deleted(path, named, until)
        elif until <= office.today() + told:
            yield f"{named} 保管至{written(until)}，届满后自动删除；还需要的，请移到别处"


def half_written(at: datetime) -> Iterator[str]:
    """Delete what a killed process or a power cut left beside its place, anywhere in the office's folder
    (letters, reports, lists, materials, copies, drafts), a day after it was last written on; says how
    many that were.
    """
    gone = 0
    for path in files.left_beside(office.home(), at - files.ON_ITS_WAY):
        try:
            files.take_away(path)
            gone += 1
        except OSError as fault:
            yield f"{path} 没有写完，无法删除（{why(fault)}），请手工删除"
    if gone:
        yield f"没有写完的文件，{gone}个已删除"


def _kept() -> list[tuple[Path, date]]:
    """What was set aside, each with the last day on which it is kept."""
    found = []
    for folder in (BACKUPS, "prefect"):
        for path in sorted((office.home() / folder).glob("*")):
            if match := STAMPED.fullmatch(path.name):
                moment = datetime.strptime(f"{match[1] or match[2]}+0000", "%Y%m%dT%H%M%S%z")
                until = office.retention()["aside"].last_day(office.day_of(moment))
                found.append((path, until))
    return found


def _deleted(path: Path, named: str, until: date) -> str:
    try:
        files.take_away(path)
    except OSError as fault:
        return f"{named} 的保管期限至{written(until)}届满，无法删除（{why(fault)}），请手工删除"
    return f"{named} 的保管期限至{written(until)}届满，已删除"
