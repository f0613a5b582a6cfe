"""What must hold at the end of the year, each read from the events by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from prefect.client.schemas.objects import StateType
from sqlmodel import Session, select

from flows import office
from flows.installation import backup
from flows.keeping import verifying
from flows.path import forms, recording
from flows.printing import sheets
from models.case.stage import Stage
from models.register import register
from models.store.tables import Applicant, Application, Document, Entry, Event, Refusal
from tests.office_year.signed_year import signed_year_stands
from tests.office_year.validators_of_alerts import (
    alerts_by_hand,
    messages,
    moves_are_told,
    notice_is_asked_for,
)
from tests.office_year.validators_of_law import (
    called_as_they_went_out,
    cells_by_hand,
    forms_offer_what_the_law_allows,
    forms_offered,
    limits,
    objections,
    rows,
    tables,
    words,
)
from tests.office_year.world import Office


def faults(one: Office) -> list[str]:
    """Everything that does not hold, as sentences."""
    found = list(one.surprises)
    with office.reading() as session:
        for look in (
            *(accepted_is_recorded, arrivals_are_registered, numbers, letters, limits, rows),
            *(on_the_desk, forms_offer_what_the_law_allows, forms_offered, messages, tables),
            *(cells_by_hand, alerts_by_hand, ledger_is_in, papers_are_filed, backups_are_sound),
            *(in_order_of_days, kept_by_the_disk, signed_year_stands, moves_are_told),
            *(notice_is_asked_for, words, called_as_they_went_out, objections),
        ):
            found += [f"{look.__name__}: {fault}" for fault in look(one, session)]
    checked = verifying.verify(contents=True).faults
    found += [f"verify: {fault}" for fault in (*checked, *recording.damaged_letters())]
    return [*found, *(f"personal: {fault}" for fault in personal(one))]


def accepted_is_recorded(one: Office, session: Session) -> Iterator[str]:
    """An answer that was taken is an act at its place, once, as of the day on which it was submitted,
    or was refused with its reason.
    """
    at = {(e.case_number, e.position): e for e in session.exec(select(Event))}
    refused = {(r.case_number, r.position) for r in session.exec(select(Refusal))}
    for said in one.accepted:
        place = said.number, said.position
        event = at.get(place)
        if place in refused or (
            event and event.kind == said.kind and event.recorded_on == said.day
        ):
            continue
        if event is None or event.kind != said.kind:
            yield f"{said.number} 第{said.position}步 {said.kind} 收下了，没有登记"
        else:
            then = event.recorded_on
            yield f"{said.number} 第{said.position}步 于{said.day}提交，登记在{then}"


def arrivals_are_registered(one: Office, session: Session) -> Iterator[str]:
    taken = Counter(row.intake for row in session.exec(select(Applicant)) if row.intake)
    for submission in one.arrived:
        if taken[submission] != 1:
            yield f"{submission} 登记了{taken[submission]}次"
    if one.arriving:
        yield f"{len(one.arriving)} 张登记表没有登记"


def in_order_of_days(_one: Office, session: Session) -> Iterator[str]:
    """What was recorded later was not recorded on an earlier day, but for what was submitted before."""
    last: dict[str, Event] = {}
    for event in session.exec(select(Event).order_by(Event.case_number, Event.position)):  # type: ignore[arg-type]
        before = last.get(event.case_number)
        if before and event.recorded_on < before.recorded_on:
            yield f"{event.case_number} 第{event.position}步登记在前一步之前（{event.recorded_on}）"
        last[event.case_number] = event


def kept_by_the_disk(one: Office, _session: Session) -> Iterator[str]:
    """Every letter and backup that is there was waited for: the power may go now."""
    for path in sorted({*one.disk.unsynced, *one.disk.renamed}):
        if (path.endswith(".docx") or "/backup-" in path) and Path(path).exists():
            yield f"{path.removeprefix(str(one.home))} 没有等磁盘写完"


def numbers(_one: Office, session: Session) -> Iterator[str]:
    """Under each 代字, of each year: 1 to n; no number twice."""
    by_code: dict[tuple[str, int], list[int]] = defaultdict(list)
    for letter in session.exec(select(Document)):
        code, _, rest = letter.number.partition("〔")
        by_code[code, letter.year].append(int(rest.partition("〕")[2].removesuffix("号")))
    for code, given in by_code.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"{code}: {sorted(given)}"


def letters(_one: Office, session: Session) -> Iterator[str]:
    """Each letter has its file, to the byte what the register says; and no file is without one."""
    known = set()
    for letter in session.exec(select(Document)):
        path = recording._path(letter)
        known.add(path)
        words = recording.Letter.from_json(letter.letter)
        if not path.exists():
            yield f"{letter.number} 没有文件"
        elif path.read_bytes() != sheets.write(words):
            yield f"{letter.number} 的文件不是登记簿所载的"
    for path in (office.home() / "letters").rglob("*"):
        if path.is_file() and path not in known:
            yield f"{path.name} 不属于任何文书"


def on_the_desk(one: Office, session: Session) -> Iterator[str]:
    """Every open case has one run, which waits for its officer at its point; a closed one none."""
    at: dict[str, list[str]] = defaultdict(list)
    for run in one.desk.runs.values():
        if run.state_type in (StateType.PAUSED, StateType.SCHEDULED, StateType.RUNNING):
            assert run.state is not None
            at[str(run.parameters["number"])].append(run.state.state_details.pause_key or "")
    for row in session.exec(select(Application)):
        if row.stage == Stage.CLOSED:
            if at.get(row.number):
                yield f"{row.number} 已办结，仍在办理系统上：{at[row.number]}"
            continue
        key = forms.key(session, register.case(session, row.number))
        if at.get(row.number) != [key]:
            yield f"{row.number} 应在 {key}，实在 {at.get(row.number)}"


def ledger_is_in(one: Office, session: Session) -> Iterator[str]:
    """The earlier register was loaded whole, once."""
    there = {*session.exec(select(Application.number)).all()}
    wanted = {*one.ledger}
    if one.imported is not None and not wanted <= there:
        yield f"台账的{sorted(wanted - there)}没有登记"
    if one.imported is None and wanted & there:
        yield f"台账没有导入，却登记了{sorted(wanted & there)}"


def papers_are_filed(one: Office, session: Session) -> Iterator[str]:
    """What was handed in is in the file of its case, once."""
    filed = Counter(
        (entry.submission or "").partition(".")[0] for entry in session.exec(select(Entry))
    )
    for paper in one.papers:
        if filed[paper] != 1:
            yield f"{paper} 存入了{filed[paper]}次"


def backups_are_sound(one: Office, _session: Session) -> Iterator[str]:
    """What was said to be backed up can be restored: whole, as it was."""
    for folder in one.backups:
        try:
            backup.read(folder)
        except backup.UnsoundBackup as fault:
            yield str(fault)


def personal(one: Office) -> Iterator[str]:
    """What identifies a person stands nowhere in clear: not on disk, not at the desk."""
    files = [path for path in one.home.rglob("*") if path.is_file()]
    held = {str(path.relative_to(one.home)): path.read_bytes() for path in files}
    shown = repr([one.desk.runs, one.desk.pages, one.desk.forms]).encode()
    for marker in one.markers:
        for name, content in {**held, "办理系统": shown}.items():
            if marker.encode() in content:
                yield f"{marker} 在 {name} 中"
