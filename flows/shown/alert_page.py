"""What the page of alerts shows: what could not be sent, with its text, and the day's digests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlmodel import Session

from flows import office
from letters.letter.words import escaped
from models.agency.sending_rules import CHANNELS, SCREEN
from models.alerts import digests
from models.alerts.alert_tables import Delivery, Digest, Progress
from models.law.workdays import written

KEY, TITLE = "alerts", "提醒"  # of the page
NOTHING = "今天没有要在这里显示的提醒。"
INDENT = "　　"


def page(session: Session, today: date, midnight: datetime) -> str:
    """What could not be sent, then the digests of today and those first shown since midnight, as
    Markdown.

    Whoever reads of a message that did not arrive can pass it on: its text stands below, however
    old it is.
    """
    lines = [f"# 提醒　{written(today)}"]
    failed = [
        (one, digest, answer)
        for one, digest, answer in digests.not_sent(session)
        if one.channel != SCREEN and one.attempts
    ]
    shown = {digest.key: digest for _, digest, _ in failed}
    if failed:
        lines += [
            "## 未送达",
            "| 人员 | 渠道 | 日期 | 次数 | 状态 | 对方的回应 |",
            "|---|---|---|---|---|---|",
        ]
        lines += ["| " + " | ".join(map(escaped, _row(*one))) + " |" for one in failed]
        for digest in shown.values():
            lines += _text(digest, "###")
    for digest in digests.on_screen(session, today, midnight):
        if digest.key not in shown:
            lines += _text(digest, "##")
    return _paragraphs(lines if len(lines) > 1 else [*lines, NOTHING])


def description(today: date) -> str:
    """What the page is called among Prefect's."""
    return f"{written(today)}　{TITLE}"


def unsent() -> Iterator[str]:
    """What is not sent yet or was given up: a line a message, fields apart by tabs, and its text
    below, indented.
    """
    with office.reading() as session:
        for one, digest, answer in digests.not_sent(session):
            yield "\t".join(_row(one, digest, answer))
            yield from (f"{INDENT}{line}" for line in digest.body.splitlines() if line)


def _text(digest: Digest, heading: str) -> list[str]:
    lines = [f"{heading} {escaped(digest.person)}", escaped(digest.title)]
    return lines + [escaped(line) for line in digest.body.splitlines() if line]


def _paragraphs(lines: list[str]) -> str:
    """Lines as Markdown: the rows of a table together, everything else apart."""
    text = ""
    for line in lines:
        text += ("\n" if line.startswith("|") and text.endswith("|") else "\n\n") + line
    return text.strip()


def _row(one: Delivery, digest: Digest, answer: str) -> tuple[str, ...]:
    state = one.progress if one.progress != str(Progress.WAITING) else "稍后再发"
    if one.channel == SCREEN:
        state = "待显示"
    return (one.person, CHANNELS[one.channel], str(digest.day), str(one.attempts), state, answer)
