"""What is to be done? The open cases as lists — 待办、即将到期、已逾期、等待他人 — in the UI.

Each list is a page (an artifact, renewed in place: one version, however many acts) and a saved
filter over the runs, by the tags that each case's run bears. All of it is read from the register's
columns for look-up; nothing here decides.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from sqlmodel import Session

from flows import office
from flows.installation.prefect_client import connected
from flows.keeping import letting_go
from flows.shown import alert_page, artifacts, row_words
from flows.shown.pages import form_url, list_url
from letters.letter.words import escaped
from models.acts.former_words import form_now
from models.agency.officers import absence, acting
from models.case.act import Circumstances
from models.case.stage import Stage
from models.duties.limits import Limit, written_limit
from models.errors import CalendarNotPublished
from models.law.workdays import written
from models.register import refused_forms
from models.register.open_lists import Listed, OpenLists, open_lists
from models.store.tables import Application, RefusedForm

HEAD = "| 申请编号 | 申请人 | 环节 | 等待 | 届满日 | 剩余 | 承办人 |\n|---|---|---|---|---|---|---|"
REFUSED_HEAD = "| 表单 | 原因 | 办理人 | 所填内容保留至 |\n|---|---|---|---|"
SHOWN = 200  # rows of a page, the most pressing first
SPAN_SECONDS = 3 * 366 * 24 * 3600  # the UI lists runs of the last week unless it is told otherwise
AT_MOST_EVERY_SECONDS = 1.0
DAY = timedelta(days=1)

TODO, OVERDUE, SOON_DUE, THIS_WEEK, WAITING = "待办", "已逾期", "即将到期", "本周到期", "等待他人"


@dataclass(frozen=True)
class List:
    """One list: key of its page, title, what it is for. Which open cases belong to it: LISTS in
    models/register/open_lists.py, and of one row the functions below.

    {soon} in what it is for = the working days of config/alerts.toml
    """

    key: str
    title: str
    purpose: str


def overdue(row: Application, now: Circumstances) -> bool:
    """Past its last day and not answered (Art. 33)."""
    return row.last_day is not None and row.last_day < now.today


def soon_due(row: Application, now: Circumstances) -> bool:
    """Not overdue, and only a few working days are left."""
    if row.last_day is None or row.last_day < now.today:
        return False
    return now.law.calendar.count(now.today, row.last_day).fewest <= now.law.soon


def soon_until(now: Circumstances) -> date:
    """The last of the last days that are soon, as `soon_due` has it; no later than what the calendar
    knows, for no case has a last day after that.
    """
    calendar, day = now.law.calendar, now.today
    with suppress(CalendarNotPublished):
        while calendar.count(now.today, day + DAY).fewest <= now.law.soon:
            day += DAY
    return day


def this_week(row: Application, now: Circumstances) -> bool:
    """Its last day is in the week of today, Monday to Sunday, and has not passed."""
    sunday = now.today + timedelta(days=6 - now.today.weekday())
    return row.last_day is not None and now.today <= row.last_day <= sunday


def waits(row: Application, now: Circumstances) -> bool:
    """Something is owed by others, and they still have time: a correction, a payment, an opinion …"""
    until = row.waiting_until
    return bool(row.waiting) and (until is None or until >= now.today)


LISTS = (
    List("todo", TODO, "轮到本机关办理的申请，届满日早的在前。"),
    List("due-soon", SOON_DUE, "{soon}个工作日以内到期、尚未答复的申请。"),
    List("overdue", OVERDUE, "已过届满日仍未答复的申请；逾期的仍应答复（第三十三条）。"),
    List(
        "waiting",
        WAITING,
        "等待补正、缴费、征求意见答复、说明理由或者处室提供信息的申请；期限一过即回到待办。",
    ),
)


def tags(row: Application, now: Circumstances) -> list[str]:
    """What officers filter by: number, stage, officer and who stands in for him, whom it waits for, how
    pressing it is.
    """
    found = [row.number, f"环节：{row.stage}"]
    handlers = [row.officer, *acting(now.agency.officers, [row.officer], now.today)]
    found += [f"承办：{name}" for name in dict.fromkeys(handlers)] if row.officer else []
    if row.stage == Stage.CLOSED:
        return found
    found += [WAITING, f"等待：{row.waiting}"] if waits(row, now) else [TODO]
    pressing = ((OVERDUE, overdue), (SOON_DUE, soon_due), (THIS_WEEK, this_week))
    return [*found, *(tag for tag, belongs in pressing if belongs(row, now))]


def title(row: Application) -> str:
    """The run's name: number, masked applicant, stage, last day."""
    words = [row.number, row_words.masked(row.applicant), row.stage, _limit(row)]
    return "　".join(word for word in words if word)


def _limit(row: Application) -> str:
    if row.last_day is None:
        stopped = row.received_on is not None and row.stage != Stage.CLOSED
        return "期限停止计算" if stopped else ""
    return f"限{written_limit(row.last_day, row.provisional)}"


def filtered(*wanted: str) -> str:
    """The address (within the UI) of the runs that bear all these tags."""
    return "/runs?" + "&".join(
        [*(f"tag={quote(tag)}" for tag in wanted), "type=span", f"seconds=-{SPAN_SECONDS}"]
    )


def pages(session: Session, now: Circumstances) -> Iterator[tuple[List, str]]:
    """Each list with its page as Markdown."""
    found = open_lists(session, now.today, soon_until(now), SHOWN)
    refused = refused_forms.unsettled(session)
    for one in LISTS:
        first = list(_refused(refused)) if one.key == LISTS[0].key else []
        yield one, "\n\n".join(_page(one, found, now, first)) + "\n"


def _page(shown: List, found: OpenLists, now: Circumstances, first: Sequence[str]) -> Iterator[str]:
    many, rows = found.many[shown.key], found.first[shown.key]
    yield f"# {shown.title}（{many}件）"
    lists = [
        f"**{one.title}**" if one is shown else f"[{one.title}]({list_url(one.key)})"
        for one in LISTS
    ]
    yield "　".join([*lists, f"[{alert_page.TITLE}]({list_url(alert_page.KEY)})"])
    yield from first
    purpose = shown.purpose.format(soon=now.law.soon)
    yield f"{purpose}　截至{written(now.today)}。点申请编号，打开要填的表单。"
    if rows:
        yield "\n".join([HEAD, *(_line(row, now) for row in rows)])
    else:
        yield "没有这样的申请。"
    if many > SHOWN:
        yield f"共{many}件，这里列出最紧迫的{SHOWN}件；全部见[{shown.title}]({filtered(shown.title)})。"
    if found.officers:
        mine = (f"[{escaped(name)}]({filtered(f'承办：{name}', TODO)})" for name in found.officers)
        yield f"各承办人的待办：{'　'.join(mine)}"


def _refused(forms: Sequence[RefusedForm]) -> Iterator[str]:
    """The forms under Deployments that were refused and wait to be put right: nothing is registered
    of them yet.
    """
    if not forms:
        return
    yield (
        f"**未办成的表单（{len(forms)}张）**　尚未登记。点开后按“填写表单”更正，所填内容都在；"
        "不再办理的，点开后按“取消”。"
    )
    lines = [
        f"| [{escaped(form_now(one.form))}]({run_url(one.run)}) | {escaped(one.reason)} "
        f"| {escaped(one.officer) or '—'} | {letting_go.kept_until(one)} |"
        for one in forms
    ]
    yield "\n".join([REFUSED_HEAD, *lines])


def run_url(run: str) -> str:
    """Where a run's page stands, within the UI."""
    return f"/runs/flow-run/{run}"


def _line(row: Listed, now: Circumstances) -> str:
    last = written_limit(row.last_day, row.provisional) if row.last_day else "—"
    cells = (
        f"[{escaped(row.number)}]({form_url(row.number)})",
        escaped(row_words.masked(row.applicant)),
        row.stage,
        row.waiting or "—",
        last,
        row_words.days_left(Limit(row.last_day), now) if row.last_day else "—",
        escaped(row.officer + standing_in_words(row.officer, now)) or "—",
    )
    return f"| {' | '.join(cells)} |"


def standing_in_words(officer: str, now: Circumstances) -> str:
    """Beside a name: who stands in for him today; "" where he is there."""
    away = absence(now.agency.officers, officer, now.today)
    return f"（{away.deputy}代）" if away else ""


def filters(now: Circumstances) -> list[str]:
    """The usual filters, by name: how pressing, whose, at which stage."""
    stages = [f"环节：{stage}" for stage in Stage]
    officers = [f"承办：{officer.name}" for officer in now.agency.officers]
    return [TODO, SOON_DUE, THIS_WEEK, OVERDUE, WAITING, *officers, *stages]


def save_filters(client: SyncPrefectClient, names: Sequence[str]) -> None:
    """Offer filters by name on the UI's page of runs; again, each is there once."""
    for tag in names:
        span = {"type": "span", "seconds": -SPAN_SECONDS}
        filters = [
            {"object": "flowRun", "property": name, "type": "", "operation": "", "value": value}
            for name, value in (("tag", [tag]), ("range", span))
        ]
        wanted = {"name": tag, "filters": filters}
        client.request("PUT", "/saved_searches/", json=wanted).raise_for_status()


# ── renewing them ──────────────────────────────────────────────────────────────────────────────

_stale = threading.Event()


def outdated() -> None:
    """An act has changed what the lists show: they are renewed soon, once for many acts."""
    _stale.set()


@dataclass(frozen=True)
class _Kept:
    """A list's page: which artifact it is, and what stands on it."""

    page: UUID
    words: str


_kept: dict[str, _Kept] = {}  # by key, as this process has read or written them last
_turn = threading.Lock()


def address(client: SyncPrefectClient, key: str) -> str:
    """Where a list stands just now, within the UI; made, if it is not there."""
    there = _read(client)
    if key not in there:
        renew_afresh(client)
        there = _read(client)
    return f"/artifacts/artifact/{there[key].page}"


def renew(client: SyncPrefectClient) -> None:
    """Bring the pages of all lists in line with the register: those that are to say something else than
    what was read of them or written here last.
    """
    with _turn:
        if not _kept:
            _kept.update(_read(client))
        with office.reading() as session:
            found = list(pages(session, office.circumstances("")))
        for one, words in found:
            if one.key not in _kept or _kept[one.key].words != words:
                _kept[one.key] = _written(client, one, words, _kept.pop(one.key, None))


def renew_afresh(client: SyncPrefectClient) -> None:
    """The same, and first see what others have made of the pages: another worker, or whoever deleted one."""
    with _turn:
        _kept.clear()
    renew(client)


def _written(client: SyncPrefectClient, one: List, words: str, known: _Kept | None) -> _Kept:
    """A page of these words: the one that is known, or else the one that is there, or a new one."""
    if known is None or not artifacts.renewed(client, known.page, words):
        known = _read(client).get(one.key)
        if known is None or not artifacts.renewed(client, known.page, words):
            page = ArtifactCreate(key=one.key, type="markdown", description=one.title, data=words)
            return _Kept(artifacts.made(client, page), words)
    return _Kept(known.page, words)


def _read(client: SyncPrefectClient) -> dict[str, _Kept]:
    """The pages that are there, by key."""
    keys = ArtifactFilter(key=ArtifactFilterKey(any_=[one.key for one in LISTS]))
    found: dict[str, _Kept] = {}
    for one in client.read_artifacts(artifact_filter=keys):
        assert one.id is not None
        found.setdefault(one.key or "", _Kept(one.id, str(one.data)))
    return found


def keep_renewing(stopping: threading.Event) -> None:
    """Renew the lists whenever they are outdated, at most once a second, until told to stop."""
    while not stopping.wait(AT_MOST_EVERY_SECONDS):
        if _stale.is_set():
            _stale.clear()
            try:
                with connected() as client:
                    renew(client)
            except (httpx.HTTPError, *office.REGISTER_FAULTS):  # away: when they are back
                _stale.set()
