"""What must hold at the end of the year, each read from the events by itself."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator

from prefect.client.schemas.objects import StateType
from sqlmodel import Session, select

from flows import office
from flows.installation import backup
from flows.keeping import verifying
from flows.path import forms, recording
from flows.printing import sheets
from models.acts import catalogue
from models.alerts import digests
from models.alerts.alert_tables import Alert, Recipient
from models.case.stage import Stage
from models.register import register
from models.report_tables.identities import checks
from models.store.tables import Applicant, Application, Document, Entry, Event, Refusal
from models.year.year_figures import tables_of
from tests.office_year import happenings
from tests.office_year.by_hand import (
    Count,
    Told,
    Unpublished,
    cells_of,
    due_today,
    forbidden,
    is_plain,
    last_day,
    row_of,
)
from tests.office_year.world import Office, cells


def faults(one: Office) -> list[str]:
    """Everything that does not hold, as sentences."""
    found = list(one.surprises)
    with office.reading() as session:
        for look in (
            *(accepted_is_recorded, arrivals_are_registered, numbers, letters, limits, rows),
            *(on_the_desk, forms_offer_what_the_law_allows, forms_offered, told, tables),
            *(cells_by_hand, alerts_by_hand, ledger_is_in, papers_are_filed, backups_are_sound),
        ):
            found += [f"{look.__name__}: {fault}" for fault in look(one, session)]
    found += [f"verify: {fault}" for fault in verifying.verify(contents=True).faults]
    found += [f"verify: {fault}" for fault in recording.damaged_letters()]
    return [*found, *(f"personal: {fault}" for fault in personal(one))]


def _told(session: Session) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = defaultdict(list)
    statement = select(Event).order_by(Event.case_number, Event.position)  # type: ignore[arg-type]
    for event in session.exec(statement):
        out = tuple(one["number"] for one in event.letters)
        found[event.case_number].append(Told(event.kind, event.on, event.facts, out))
    return found


def accepted_is_recorded(one: Office, session: Session) -> Iterator[str]:
    """An answer that was taken is an act at its place, once, or was refused with its reason."""
    at = {(e.case_number, e.position): e.kind for e in session.exec(select(Event))}
    refused = {(r.case_number, r.position) for r in session.exec(select(Refusal))}
    for said in one.accepted:
        place = said.number, said.position
        if at.get(place) != said.kind and place not in refused:
            yield f"{said.number} 第{said.position}步 {said.kind} 收下了，没有登记"


def arrivals_are_registered(one: Office, session: Session) -> Iterator[str]:
    taken = Counter(row.intake for row in session.exec(select(Applicant)) if row.intake)
    for submission in one.arrived:
        if taken[submission] != 1:
            yield f"{submission} 登记了{taken[submission]}次"
    if one.arriving:
        yield f"{len(one.arriving)} 张登记表没有登记"


def numbers(_one: Office, session: Session) -> Iterator[str]:
    """Of each series and year, 1 to n; no number twice."""
    by_series: dict[tuple[str, int], list[int]] = defaultdict(list)
    for letter in session.exec(select(Document)):
        by_series[letter.series, letter.year].append(letter.serial)
    for series, given in by_series.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"{series}: {sorted(given)}"


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


def limits(one: Office, session: Session) -> Iterator[str]:
    """The last day of every open case of a plain course, counted by another hand."""
    count = Count(one.config / "workdays")
    told = _told(session)
    for row in session.exec(select(Application)):
        if row.stage == Stage.CLOSED or not is_plain(told[row.number]):
            continue
        try:
            expected = last_day(told[row.number], count)
        except Unpublished:
            continue
        if expected != row.last_day and expected is not None:
            yield f"{row.number} 期限 {row.last_day}，另一种算法得 {expected}"


def rows(_one: Office, session: Session) -> Iterator[str]:
    """The row of every case answered once, told by hand."""
    fixed, told = _fixed_rows(), _told(session)
    for row in session.exec(select(Application)):
        expected = row_of(told[row.number], fixed) if is_plain(told[row.number]) else None
        if expected and row.stage == Stage.CLOSED and row.row != expected:
            yield f"{row.number} 列入 {row.row}，应为 {expected}"


def _fixed_rows() -> dict[str, str]:
    folder = office.config() / "statute" / "outcomes.toml"
    listed = tomllib.loads(folder.read_text("utf-8"))["outcome"]
    return {row["key"]: row["row"] for row in listed if "row_choice" not in row}


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


def forms_offer_what_the_law_allows(_one: Office, session: Session) -> Iterator[str]:
    """Each open case's form has a tab for every act that is lawful now, and no other."""
    for row in session.exec(select(Application)):
        if row.stage == Stage.CLOSED:
            continue
        case = register.case(session, row.number)
        now = recording.same_applicant.informed(session, case, office.circumstances(case.officer))
        shown = forms.point(session, case).schema
        titles = {tab["title"] for tab in shown.get("anyOf", [shown])}
        lawful = {act.tab for act in catalogue.lawful(case, now) if not act.procedural}
        lawful &= {act.tab for act in catalogue.tabs(case, now)}
        if "返回" not in titles and not lawful <= titles:
            yield f"{row.number} 的表单没有 {lawful - titles}"


def forms_offered(one: Office, session: Session) -> Iterator[str]:
    """No form of the year offered what the law forbade where the case stood, by another hand; the
    form after a receipt asks whose the information is (10).
    """
    told = _told(session)
    for shown in one.offered:
        before = told[shown.number][: shown.position]
        if not is_plain(before) or not before or len(before) < shown.position:
            continue
        for kind in sorted(forbidden(before) & shown.kinds):
            yield f"{shown.number} {shown.day} 第{shown.position}步的表单不该有 {kind}"
        if before[-1].kind == "received" and shown.first and "found_ours" not in shown.kinds:
            yield f"{shown.number} {shown.day} 第{shown.position}步的表单没有 found_ours"


def cells_by_hand(one: Office, session: Session) -> Iterator[str]:
    """Every case of a plain course stands in the cells of table 三 where another hand counts it."""
    rows = _fixed_rows()
    table = tables_of(session, one.year, one.day, office.law(), office.annual_rules()).table3
    leaves = {"1", "2", "4", *table.form.result_codes}
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for (code, column), numbers_there in cells(table).items():
        for number in numbers_there:
            if code in leaves and column != table.form.total:
                found[number].add((code, column))
    told = _told(session)
    for number, history in told.items():
        drafts = [each for each in history if each.kind.startswith("drafted_")]
        if not is_plain(history) or (drafts and row_of(history, rows) is None and _closed(history)):
            continue
        expected = cells_of(str(history[0].facts["applicant_kind"]), history, rows, one.year)
        if found[number] != expected:
            yield f"{number} 计在 {sorted(found[number])}，应在 {sorted(expected)}"


def _closed(history: list[Told]) -> bool:
    return any(each.kind == "replied" for each in history)


def alerts_by_hand(one: Office, session: Session) -> Iterator[str]:
    """Whatever is owed for a reply on the last day was found, and told to its officer."""
    count, told = Count(one.config / "workdays"), _told(session)
    listed = tomllib.loads((one.config / "alerts.toml").read_text("utf-8"))["alert"]
    before = next(each["before"] for each in listed if each["kind"] == "reply")
    for row in session.exec(select(Application)):
        history = told[row.number]
        if row.stage == Stage.CLOSED or not is_plain(history):
            continue
        try:
            last = last_day(history, count)
            due = last is not None and due_today(last, one.day, before, count)
        except Unpublished:
            continue
        asked = select(Alert).where(Alert.subject == row.number, Alert.kind == "reply")
        found = session.exec(asked.where(Alert.last_day == last, Alert.due_on == one.day)).all()
        if due and len(found) != 1:
            yield f"{row.number} 今天应提醒一次答复期限 {last}，登记了{len(found)}次"
        for alert in found:
            key = (alert.subject, alert.rule, alert.version)
            people = session.exec(
                select(Recipient).where(
                    Recipient.subject == key[0],
                    Recipient.rule == key[1],
                    Recipient.version == key[2],
                )
            ).all()
            if not people or not all(each.digest or each.moot_on for each in people):
                yield f"{row.number} 的提醒没有送到任何人"


def ledger_is_in(one: Office, session: Session) -> Iterator[str]:
    """The earlier register was loaded whole, once."""
    there = session.exec(select(Application.number)).all()
    found = [number for number in there if number.startswith("旧")]
    expected = happenings.ROWS if one.imported is not None else 0
    if len(found) != expected:
        yield f"台账应有{expected}件，登记了{len(found)}件"


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


def told(one: Office, session: Session) -> Iterator[str]:
    """Nobody is owed an alert any more, and no message was sent twice but where the power went
    between the sending and the note that it was sent.
    """
    for person, owed in digests.untold(session).items():
        yield f"{person} 还有{len(owed)}项提醒没有汇总"
    for (key, channel), times in one.sent.items():
        if times > 1 and key not in one.cut_while_sending:
            yield f"{key}（{channel}）发送了{times}次"


def tables(one: Office, session: Session) -> Iterator[str]:
    """Table 三 balances, and is as of each earlier day what it was on that day."""
    law, rules = office.law(), office.annual_rules()
    table = tables_of(session, one.year, one.day, law, rules).table3
    yield from (check.message for check in checks(table) if not check.ok)
    for then, found in one.tables_then.items():
        if cells(tables_of(session, one.year, then, law, rules).table3) != found:
            yield f"截至{then}的表三变了"


def personal(one: Office) -> Iterator[str]:
    """What identifies a person stands nowhere in clear: not on disk, not at the desk."""
    files = [path for path in one.home.rglob("*") if path.is_file()]
    held = {str(path.relative_to(one.home)): path.read_bytes() for path in files}
    shown = repr([one.desk.runs, one.desk.pages, one.desk.forms]).encode()
    for marker in one.markers:
        for name, content in {**held, "办理系统": shown}.items():
            if marker.encode() in content:
                yield f"{marker} 在 {name} 中"
