"""销毁个人信息: what identifies applicants leaves the register when its period is over.

Nothing is destroyed by itself: the morning's page says what is due, the head of the office decides.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date

from flows.annual_commands import Add


def due() -> list[tuple[str, date]]:
    """The closed cases whose particulars are kept no longer, each with the last day they were."""
    from flows import office
    from models import retention

    with office.reading() as session:
        return list(retention.due(session, office.retention()["particulars"], office.today()))


def owed() -> list[str]:
    """What the morning's page says of it."""
    found = due()
    if not found:
        return []
    return [
        f"{len(found)}件办结申请的个人信息保管期限已满（最早的 {found[0][0]} 于{found[0][1]}届满），"
        "请负责人决定销毁（disclosure destroy）"
    ]


def destroy(number: str, kept_until: date, officer: str, note: str = "", code: str = "") -> None:
    """Destroy the particulars of one case; ActRefused with the reasons."""
    from flows.after_closing import do_once
    from models.retention import DestroyParticulars

    fields: dict[str, object] = {"kept_until": kept_until.isoformat(), "note": note}
    do_once(number, DestroyParticulars.kind, fields, officer, code)


def wipe() -> None:
    """Leave no copy behind in the database's own files."""
    from sqlalchemy import text

    from flows import office

    engine = office.engine()
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for words in (
            ("PRAGMA wal_checkpoint(TRUNCATE)",)
            if sqlite
            else ("VACUUM applicant", "VACUUM refusedanswer")
        ):
            connection.execute(text(words))


def offer(add: Add) -> None:
    """The command `disclosure destroy`."""
    one = add(
        "destroy",
        _destroy,
        "销毁保管期限已满的个人信息（身份证明号码、联系方式、通信地址）；不加 --yes 只列出",
        "disclosure destroy --officer 王建国 --yes",
    )
    one.add_argument("--officer", default="", metavar="姓名", help="决定销毁的负责人")
    one.add_argument("--code", default="", metavar="口令", help="负责人的动态口令（启用后必填）")
    one.add_argument("--note", default="", metavar="说明", help="写入记录的说明，如批准文号")
    one.add_argument("--yes", action="store_true", help="确认销毁，不能恢复")


def _destroy(arguments: argparse.Namespace) -> int:
    found = due()
    for number, until in found:
        print(f"{number}　保管至{until}")
        if arguments.yes:
            destroy(number, until, arguments.officer, arguments.note, arguments.code)
    if arguments.yes and found:
        wipe()
        print(
            f"已销毁{len(found)}件的个人信息；以前的备份里仍有，请按同样的期限处理", file=sys.stderr
        )
    elif found:
        print(f"共{len(found)}件；确认销毁请加 --yes（不能恢复）", file=sys.stderr)
    else:
        print("没有保管期限已满的", file=sys.stderr)
    return 0
