"""`disclosure serve`: everything an office needs, in one command: server, UI, worker, scheduler."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx

from flows import office
from flows.installation import (
    files,
    locks,
    office_secret,
    opening,
    prefect_messaging,
    prefect_schema,
    register_lease,
    settings,
)
from flows.installation.entrance import Entrance
from flows.prefect_side import farewell
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.server import guarded_entrance, server_process, watch
from flows.server.garbage import collected_apart
from flows.shown.pages import list_url
from models.agency.agency import Agency

LOG = logging.getLogger(__name__)
AGAIN_SECONDS = 1.0
MIND_SECONDS = 60.0
STOP_SECONDS = 30.0
PATIENCE_SECONDS = 120.0  # for a server that nobody here keeps going
TODO = "todo"

T = TypeVar("T")


def serve() -> int:
    """Run the office until Ctrl-C, then stop everything; says where the UI is when it is ready."""
    end_when_told()
    print("正在启动办理系统……", flush=True)
    office.check_config()
    check_sheets()
    check_store()
    prefect, port = office.home() / "prefect", office.port()
    with collected_apart(), _opened(prefect, port, tell_waiting) as (address, kept, parts):
        print(f"办理系统已就绪：{address}", flush=True)
        print(f"待办清单：{address}{list_url(TODO)}（请存为书签）", flush=True)
        told = (*_to_confirm(office.agency(), office.today()), *_undecided(office.today()))
        for line in (*_doors(office.entrance()), *told, *bucket()):
            print(line, flush=True)
        print("在浏览器中打开后，从“新办”中的“登记申请”开始。按 Ctrl-C 停止。", flush=True)
        with (
            contextlib.suppress(KeyboardInterrupt),
            watch.at_work([watch.Part("定时器", clock)]) as timed,
        ):
            checks = (kept.see_to, *(part.see_to for part in (*parts, *timed)), *checks_of_office())
            watch.mind(checks, MIND_SECONDS)
    farewell.say_no_more()
    print("已停止。", flush=True)
    return 0


def end_when_told() -> None:
    """From now on, being told to stop is Ctrl-C: what is open is closed in good order."""
    for one in (signal.SIGTERM, signal.SIGINT):  # a shell's background job ignores the latter
        signal.signal(one, signal.default_int_handler)


def check_sheets() -> None:
    """ConfigFault for an own sheet that could lose a word of a letter (config/letters)."""
    from flows.printing import sheets  # Word: what else is wrong is said first

    sheets.check()


def check_store() -> None:
    """BadSetting where the setting names no bucket."""
    from flows.papers import store

    store.store()


def bucket() -> Iterator[str]:
    """Why materials cannot be reached, as whoever starts the office is to know."""
    from flows.papers import store

    try:
        store.store().reach()
    except store.StoreAway as fault:
        yield str(fault)


def _patiently(do: Callable[[], T], kept: server_process.Kept | None = None) -> T:
    """What is asked of server and register, asked again while they are away: as long as the server
    is kept going, or for PATIENCE_SECONDS where nobody keeps it. Raises what it raised last.
    """
    from flows.prefect_side.worker import server_away

    patience = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return do()
        except (httpx.HTTPError, *office.REGISTER_FAULTS) as fault:
            served = not isinstance(fault, httpx.HTTPError) or server_away(fault)
            lost = served and (isinstance(fault, httpx.HTTPError) or office.register_away(fault))
            if not lost or (kept is None and time.monotonic() > patience):
                raise
            if kept is not None:
                kept.fail_if_broken()
            LOG.warning("服务或者登记簿暂无响应，稍后重试：%s", fault)
            time.sleep(AGAIN_SECONDS)


@contextmanager
def clock() -> Iterator[watch.Alive]:
    """The scheduler at work while the block lasts."""
    from flows.morning import schedule

    made = schedule.scheduler()
    made.start()
    try:
        yield lambda: schedule.awake(made)
    finally:
        made.shutdown(wait=False)


def checks_of_office() -> tuple[Callable[[], Iterable[str]], ...]:
    """What is seen to once a minute beside the parts of the process: what Prefect holds of the office,
    that every open case has its run, and materials where the setting says.
    """
    from flows.keeping import material_content
    from flows.server.desk_check import DeskCheck
    from flows.server.upkeep import Dossiers, Upkeep

    return (
        Upkeep().see_to_all,
        DeskCheck().see_to,
        Dossiers().see_to,
        material_content.move_in,
    )


def _to_confirm(agency: Agency, today: date) -> Iterator[str]:
    """What of agency.toml nobody has confirmed, as whoever starts the office is to know."""
    if agency.sample:
        yield f"本机关资料（{agency.name}）为示例，只供演示、培训：正式使用前请逐项核对 agency.toml。"
    for line in agency.unconfirmed(today):
        yield f"待确认：{line}（agency.toml 的 confirmed_by、confirmed_on）；确认以前不能签发告知书。"


def _undecided(today: date) -> Iterator[str]:
    """How many points of practice.toml are as they were shipped; none for an agency of the show."""
    found = () if office.agency().sample else office.law().undecided(today)
    if found:
        yield (
            f"practice.toml 有{len(found)}项做法为出厂设置，待本机关决定：{'、'.join(found[:5])}"
            f"{'等' if len(found) > 5 else ''}；决定后写明 decided_by、decided_on。"
        )


def _doors(entrance: Entrance) -> Iterator[str]:
    """Who can get in, as whoever starts the office is to know."""
    with office.reading() as session:
        log_in = office.officers_log_in(session)
    if log_in:
        yield "须登录：每位办理人以本人的姓名、口令和动态口令登录。"
    else:
        yield "没有账户，不须登录：只供演示、培训，本机的任何人都可以办理。"
        yield "正式使用前请先邀请办理人：disclosure invite 姓名"
    if not entrance.only_here:
        yield f"已向网络开放（{entrance.listen}）。口令未经加密传送，请在前面设置 HTTPS 反向代理。"


def tell_waiting(seconds: float) -> None:
    """Say once in a while that the first start takes its time."""
    if int(seconds) and int(seconds) % 10 == 0 and seconds % 1 < 0.25:
        print(f"　仍在启动（{int(seconds)}秒；首次启动需建立数据库，约15至60秒）……", flush=True)


@contextmanager
def office_open(
    prefect: Path, port: int, *, told: server_process.Told = server_process.quiet
) -> Iterator[str]:
    """Server, deployments and worker at work while the block lasts; yields the address."""
    with _opened(prefect, port, told) as (address, _, _):
        yield address


@contextmanager
def _opened(
    prefect: Path, port: int, told: server_process.Told
) -> Iterator[tuple[str, server_process.Kept, tuple[watch.SeenTo, ...]]]:
    """As `office_open`, with what is to be watched: the server and the parts of this process.

    The settings are put into the environment before Prefect is imported for the first time.
    """
    where = office.database()
    with locks.office(office.home()), contextlib.ExitStack() as stack:
        office.guard_seals()  # a lost or wrong key is said before anything is started
        office.guard_clock()
        guarded_entrance.guard()
        own = register_lease.held(where, opening.file_of(where), office.home())
        leases = stack.enter_context(own)
        kept = stack.enter_context(kept_server(prefect, port, told))
        parts = stack.enter_context(at_work(kept))
        yield kept.address, kept, (*parts, *leases)


@contextmanager
def kept_server(
    prefect: Path, port: int, told: server_process.Told
) -> Iterator[server_process.Kept]:
    """The Prefect server of this machine behind our doors, while the block lasts; what was done to its
    tables is said. Servers that start at the same moment make them one after the other.
    """
    entrance, where, messaging = (
        office.entrance(),
        office.database(),
        prefect_messaging.environment(),
    )
    for line in files.closed(office.home()):
        print(line, flush=True)
    with contextlib.ExitStack() as stack:
        with register_lease.starting(where):
            placed = prefect_schema.place(where, prefect, office.home(), _kept_no_longer)
            for line in placed.told:
                print(line, flush=True)
            kept_days = office.retention()["desk"].days
            secret = office_secret.agreed() or office_secret.new()
            office_secret.keep(secret, prefect)
            os.environ |= server_process.environment(prefect, port, entrance, kept_days, secret)
            more = placed.settings | messaging
            keeping = server_process.keeping(prefect, port, entrance, waiting=told, more=more)
            kept = stack.enter_context(keeping)
        yield kept


def _kept_no_longer(day: date) -> bool:
    """Whether what was set aside on that day has had its time."""
    return office.retention()["aside"].last_day(day) < office.today()


@contextmanager
def at_work(
    kept: server_process.Kept | None = None, ours: Mapping[str, str] = OUR_FLOWS
) -> Iterator[tuple[watch.Part, ...]]:
    """Our flows on a server that is up: deployments, every open case on the desk, a worker.

    ours = what the worker runs, by name
    """
    from flows.path import desk, righting
    from flows.server.upkeep import Upkeep

    _patiently(lambda: asyncio.run(_deploy()), kept)
    _patiently(_filters, kept)
    _patiently(lambda: list(Upkeep().see_to_all()), kept)
    _patiently(lambda: righting.put_right(grace=desk.NO_GRACE), kept)
    worker = watch.Part("执行程序", partial(working, ours=ours))
    index = watch.Part("查询索引", reading_index)
    with watch.at_work([worker, watch.Part("清单更新", renewing_lists), index]) as parts:
        yield parts


def _filters() -> None:
    from flows.installation.prefect_client import connected
    from flows.shown import lists

    with connected() as client:
        lists.save_filters(client, lists.filters(office.circumstances("")))


def renewing_lists() -> AbstractContextManager[watch.Alive]:
    """The lists of open cases renewed in a thread while the block lasts."""
    from flows.shown import lists

    return _beside(lists.keep_renewing, "lists")


def reading_index() -> AbstractContextManager[watch.Alive]:
    """The index of the search read on in a thread while the block lasts."""
    from flows.shown import search_index

    return _beside(search_index.keep_read, "index")


@contextmanager
def _beside(work: Callable[[threading.Event], None], name: str) -> Iterator[watch.Alive]:
    """Work that goes on in a thread until it is told to stop, at the end of the block."""
    stopping = threading.Event()
    thread = threading.Thread(target=work, args=(stopping,), name=name)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        stopping.set()
        thread.join()


def offer() -> None:
    """Offer the forms anew on a server that is up: whether they are signed has changed."""
    asyncio.run(_offer())


async def _offer() -> None:
    from flows.prefect_side.deployments import Deployment, ensure_deployments

    wanted = [Deployment(name, entrypoint) for name, entrypoint in OUR_FLOWS.items()]
    await ensure_deployments(wanted)


async def _deploy() -> None:
    from flows.prefect_side.lost_runs import put_back_lost_runs

    await _offer()
    await put_back_lost_runs(before=datetime.now(UTC))


@contextmanager
def working(
    pool: str | None = None, ours: Mapping[str, str] = OUR_FLOWS, *, beside: str = ""
) -> Iterator[watch.Alive]:
    """The worker at work in a thread of this process while the block lasts; ours = what it runs;
    beside = what it is called where it works beside the office's own.
    """
    from flows.prefect_side.lost_runs import POOL

    loop = asyncio.new_event_loop()
    task = loop.create_task(_work(pool or POOL, ours, beside))

    def work() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(_settle())

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()
    try:
        yield thread.is_alive
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(task.cancel)
        thread.join(STOP_SECONDS)
        if thread.is_alive():  # it waits for the register: what it has in hand begins anew
            LOG.warning("执行程序未能及时停下，未完的流程将在下次启动时重新办理")
        else:
            loop.close()


def _warm_worker() -> bool:
    """Whether runs are done in the warm worker (default) or by a stock process worker."""
    value = settings.WORKER.value()
    if value not in ("warm", "process"):
        raise settings.BadSetting(settings.WORKER.name, value, "应为 warm 或 process")
    return value == "warm"


async def _work(pool: str, ours: Mapping[str, str], beside: str) -> None:
    """A worker, and another when it gives up (the server was away too long); until cancelled.

    Whatever the one before left in motion starts again: nobody else has it in hand.
    """
    from flows.prefect_side.lost_runs import put_back_lost_runs
    from flows.prefect_side.worker import WORKER, DeskWorker
    from flows.prefect_side.worker_apart import WorkerApart

    kind = DeskWorker if _warm_worker() else WorkerApart
    while True:
        worker = kind(work_pool_name=pool, name=beside or WORKER, ours=ours, beside=bool(beside))
        one = asyncio.create_task(worker.start(printer=lambda *_: None))
        try:
            await asyncio.wait([one])
        finally:  # cancelled ourselves
            one.cancel()
            await asyncio.wait([one])
        fault = None if one.cancelled() else one.exception()
        LOG.warning("执行程序停止，即将重新启动：%s", fault)
        await asyncio.sleep(AGAIN_SECONDS)
        with contextlib.suppress(httpx.HTTPError):  # not up yet: the next worker finds out, too
            await put_back_lost_runs(before=datetime.now(UTC), pool=pool)


async def _settle() -> None:
    """End what the worker left running in its loop (open connections of Prefect's client)."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for one in left:
        one.cancel()
    await asyncio.gather(*left, return_exceptions=True)
