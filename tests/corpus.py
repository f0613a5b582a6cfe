"""What each release recorded, kept for ever: histories that today's code must read and count alike.

    python -m tests.corpus 0.2.0        # once, at a release: writes tests/releases/0.2.0.jsonl

A file is written by the code of its release and never edited (tests/releases/DIGESTS holds it).
One line is one register: how disputed points were decided, its events, entries and letters as
stored, and what they added up to then. tests/test_releases.py replays them under today's code;
what has come to be counted otherwise since, on purpose, stands in tests/releases/changed.toml.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from histories import AGENCY, CONFIG, DRAFTER, LAW  # noqa: E402
from played import AT, Played, lines  # noqa: E402
from situations import SITUATIONS, reached  # noqa: E402
from sqlalchemy import create_engine  # noqa: E402
from sqlmodel import Session, SQLModel, select  # noqa: E402

from letters.letter.words import Letter, plain_text  # noqa: E402
from models.case.act import Circumstances  # noqa: E402
from models.errors import ActRefused  # noqa: E402
from models.law.statute import Statute  # noqa: E402
from models.law.workdays import Calendar  # noqa: E402
from models.neighbours.publication import PUBLICATIONS, Publish, Screen  # noqa: E402
from models.neighbours.records_correction import RECORDS, DecideRequest, ReceiveRequest  # noqa: E402
from models.neighbours.review_acts import REVIEWS  # noqa: E402
from models.register import neighbour, register  # noqa: E402
from models.register.neighbour import Neighbour  # noqa: E402
from models.store.sealing import Sealing, keyed, new_key  # noqa: E402
from models.store.tables import Application, Document, Entry, Event  # noqa: E402

RELEASES = HERE / "releases"
DIGESTS = RELEASES / "DIGESTS"
NEIGHBOURS: tuple[Neighbour[Any], ...] = (REVIEWS, RECORDS, PUBLICATIONS)
FEE = "收费　数量、频次明显超过合理范围的情况＝一次68页；收费标准＝按量；按量：提供信息的页数＝68"
ASKED = "请处室提供　处室＝规划发展处；需要检索、提供的材料＝项目名单；最迟何日提供＝2026-03-09"
DRAFTED = "起草　办理结果＝予以公开（提供）"
MORE = {  # acts that neither a situation nor a worked case needs
    "收费有异议，撤销收费": f"2026-03-02　收到\n2026-03-04　{FEE}\n2026-03-05　通知送达\n"
    "2026-03-06　收费异议\n2026-03-09　撤销收费\n2026-03-10　答复　办理结果＝予以公开（提供）",
    "处室答复，转交他人，改稿": f"2026-03-02　收到\n2026-03-02　本机关\n2026-03-03　{ASKED}\n"
    f"2026-03-05　处室答复\n2026-03-05　转交\n2026-03-06　{DRAFTED}\n2026-03-06　审核通过\n"
    "2026-03-09　改稿",
    "勘误": "2026-03-02　收到\n2026-03-04　勘误",
}
SENT = "2026-03-02　收到\n2026-03-10　答复　办理结果＝"


@dataclass
class Recorded:
    """One register of a release.

    practice, unpublished  the options chosen on disputed points; years without a notice
    events, entries, documents  the rows as they were stored
    rows    what the events of each application added up to: its register row, limit and letters
    states  what the entries of each number of a neighbouring register added up to
    texts   how each letter reads, by its number
    """

    name: str
    practice: dict[str, str] = field(default_factory=dict)
    unpublished: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def law(self) -> Statute:
        """Today's law, with the options and the calendar under which this was recorded."""
        law = LAW.under(**self.practice)
        hidden = tuple(self.unpublished)
        return law.with_calendar(Calendar.load(CONFIG / "workdays", hide=hidden)) if hidden else law


def plain(value: Any) -> Any:
    """A value as it stands in the file."""
    return json.loads(json.dumps(value, default=_text, ensure_ascii=False))


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def added_up(events: list[Event], law: Statute) -> dict[str, Any]:
    """What the events of one application add up to, as far as anybody else relies on it."""
    case = register.catalogue.replay(events[0].case_number, events)
    limit = case.deadline(law)
    return {
        "row": plain(register.columns(case, law)),
        "limit": plain(limit and [limit.last_day, limit.provisional, limit.suspended]),
        "letters": [[one.kind, one.number, plain(one.voided_on)] for one in case.letters],
    }


def read(path: Path) -> Iterator[Recorded]:
    """The registers of a release, in the order of its file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Recorded(**json.loads(line))


def rows(table: type[Any], stored: list[dict[str, Any]]) -> list[Any]:
    """The rows of a table as the database would hand them out."""
    days = {"on": date, "recorded_on": date, "recorded_at": datetime, "voided_on": date}
    return [
        table(**{k: days[k].fromisoformat(v) if k in days and v else v for k, v in one.items()})
        for one in stored
    ]


def kept(session: Session, recorded: Recorded) -> Recorded:
    """The same with all that a register holds, and what it adds up to under this code."""
    by_case: dict[str, list[Event]] = {}
    for event in session.exec(select(Event).order_by(Event.case_number, Event.position)):
        by_case.setdefault(event.case_number, []).append(event)
        recorded.events.append(plain(event.model_dump()))
    for entry in session.exec(
        select(Entry).order_by(Entry.register_key, Entry.case_number, Entry.position)
    ):
        recorded.entries.append(plain(entry.model_dump()))
    for document in session.exec(select(Document).order_by(Document.number)):
        recorded.documents.append(plain(document.model_dump()))
        recorded.texts[document.number] = plain_text(Letter.from_json(document.letter))
    for number, events in by_case.items():
        recorded.rows[number] = added_up(events, recorded.law)
    for one in NEIGHBOURS:
        for state in neighbour.states(session, one):
            recorded.states[state.number] = plain(one.columns(state))
    return recorded


def histories(session: Session) -> Iterator[Recorded]:
    """The situations and worked cases of the tests, each in an empty register of its own."""
    for name in SITUATIONS:
        reached(session, name)
        yield Recorded(f"情形：{name}")
    for n, worked in enumerate(_worked_cases()):
        recorded = Recorded(
            f"案例{worked['number']}之{n}：{worked['name']}",
            worked.get("practice", {}),
            list(worked.get("unpublished", ())),
        )
        play = Played(session, recorded.law)
        for line in lines(worked["given"]):
            play.line(line)
        yield recorded
    for name, given in MORE.items():
        play = Played(session)
        for line in lines(given):
            play.line(line)
        yield Recorded(f"其他：{name}")
    for row in LAW.outcomes.values():
        if row.family != "imported" and not _needs_more(session, row.label):
            yield Recorded(f"结果：{row.label}")
        else:
            session.rollback()
    _beside(session)
    yield Recorded("更正申请、转主动公开")


def _worked_cases() -> list[dict[str, Any]]:
    text = (HERE / "cases" / "edge_cases.toml").read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = tomllib.loads(text)["case"]
    return cases


def _needs_more(session: Session, label: str) -> bool:
    """Whether an outcome cannot be answered with at once (the worked cases have those)."""
    play = Played(session)
    try:
        for line in lines(SENT + label):
            play.line(line)
    except ActRefused:
        return True
    return False


def _beside(session: Session) -> None:
    """A request for correction (41) decided, and an answer screened and published (44)."""
    now = Circumstances(date(2026, 3, 20), DRAFTER, LAW, AGENCY)
    day = date(2026, 3, 2)
    asked = ReceiveRequest(
        requester="张三", received_on=day, record="登记表", error="应为1987年", evidence="身份证"
    )
    decided = DecideRequest(result="refused", decided_on=now.today, reasons="证据不能证明")
    case = RECORDS.begin("GZ2026001")
    for act in (asked, decided):
        neighbour.enter(session, RECORDS, case, act, now, AT)
    play = Played(session)
    for line in lines(f"{SENT}予以公开（提供）"):
        play.line(line)
    screening = PUBLICATIONS.begin(play.numbers["甲"][0])
    for step in (
        Screen(finding="fit", screened_on=now.today),
        Publish(published_on=now.today, place="本机关门户网站"),
    ):
        neighbour.enter(session, PUBLICATIONS, screening, step, now, AT)


def write(path: Path) -> int:
    """Record a release; how many registers it holds. Never over a file that is there."""
    count = 0
    with path.open("x", encoding="utf-8") as file:
        engine = keyed(create_engine("sqlite://"), Sealing([new_key()]))
        SQLModel.metadata.create_all(engine)
        with Session(engine) as session:
            for recorded in histories(session):
                held = kept(session, recorded)
                if session.exec(select(Application).limit(1)).first() or held.entries:
                    file.write(json.dumps(asdict(held), ensure_ascii=False) + "\n")
                    count += 1
                session.rollback()
    return count


def digest(path: Path) -> str:
    """SHA-256 of a file, as DIGESTS states it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Record the release named on the command line."""
    parser = argparse.ArgumentParser(description="记录一个发行版所登记的经过，此后不再改动")
    parser.add_argument("release", help="版本号，如 0.2.0")
    path = RELEASES / f"{parser.parse_args().release}.jsonl"
    count = write(path)
    with DIGESTS.open("a", encoding="utf-8") as file:
        file.write(f"{digest(path)}  {path.name}\n")
    print(f"{path.name}：{count} 个登记簿")


if __name__ == "__main__":
    main()
