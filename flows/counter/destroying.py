"""销毁个人信息: what identifies applicants leaves the register when its period is over.

Nothing is destroyed by itself: the morning's page says what is due, the head of the office decides.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from flows import office
from flows.path.form_fields import By
from flows.path.recording import perform_now
from models.acts.afterwards.retention import DestroyParticulars
from models.register import past_keeping


def due() -> list[tuple[str, date]]:
    """The closed cases whose particulars are kept no longer, each with the last day they were."""
    with office.reading() as session:
        return list(past_keeping.due(session, office.retention()["particulars"], office.today()))


def owed() -> list[str]:
    """What the morning's page says of it."""
    found = due()
    if not found:
        return []
    return [
        f"{len(found)}件办结申请的个人信息保管期限已满（最早的 {found[0][0]} 于{found[0][1]}届满），"
        "请公开机构负责人决定，由管理员销毁"
    ]


def destroy(number: str, kept_until: date, officer: str, note: str = "", code: str = "") -> None:
    """Destroy the particulars of one case; ActRefused with the reasons."""
    fields: dict[str, object] = {"kept_until": kept_until.isoformat(), "note": note}
    perform_now(number, DestroyParticulars.kind, fields, By(officer, code))


def wipe() -> None:
    """Leave no copy behind in the database's own files."""
    engine = office.engine()
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for words in (
            ("PRAGMA wal_checkpoint(TRUNCATE)",)
            if sqlite
            else ("VACUUM applicant", "VACUUM refusedanswer")
        ):
            connection.execute(text(words))
