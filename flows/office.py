"""This installation: settings, database session, output folder, today().

The only place that asks the clock. What each setting means stands in installation/settings.py.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlmodel import Session

from flows.installation import config_folder, keys, moved_away, opening, settings, upgrading
from flows.installation.entrance import Entrance, UnknownHost
from flows.installation.kept_config import Kept
from flows.installation.locks import RegisterBusy
from flows.installation.opening import (
    DatabaseFailed,
    LostRegister,
    NoDatabase,
    Opened,
    UnusableAddress,
    said,
)
from flows.installation.settings import Setting
from models.acts.afterwards.retention import Keep, load_retention
from models.agency import agency as agencies
from models.agency.agency import Agency
from models.agency.archive_rules import FILE as ARCHIVE
from models.agency.archive_rules import ArchiveRules, load_archive_rules
from models.agency.desk_words import DeskWords, load_desk_words
from models.agency.ledger_words import FILE as LEDGER_WORDS
from models.agency.ledger_words import LedgerWords, load_ledger_words
from models.agency.material_rules import FILE as MATERIALS
from models.agency.material_rules import MaterialRules, load_material_rules
from models.agency.officers import Officer, on_duty
from models.agency.post_words import FILE as POST_WORDS
from models.agency.post_words import PostWords, load_post_words
from models.agency.sending_rules import Sending, load_sending
from models.alerts import alert_tables
from models.case.act import Circumstances
from models.errors import ConfigFault
from models.law import statute_files
from models.law.statute import Statute
from models.register import accounts
from models.soundness import clock, pointed_to
from models.soundness.pointed_to import Lacking
from models.store import evidence, tables
from models.store.sealing import Sealing
from models.words.disk_words import why

if TYPE_CHECKING:
    from models.report_tables.annual_rules import AnnualRules

LOG = logging.getLogger(__name__)
SHANGHAI = ZoneInfo("Asia/Shanghai")
SUSPENDED = "5min"
CLOCKS_DIFFER = timedelta(seconds=5)  # at most, of the machines of one office
LONGEST_SETTING = 1000  # characters of what is read from the file that a setting names
SHIPPED = config_folder.SHIPPED
TABLES = (tables, alert_tables)  # every table is known before a database is opened


REGISTER_FAULTS = (
    DatabaseFailed,
    NoDatabase,
    LostRegister,
    RegisterBusy,
    upgrading.NewerRegister,
    moved_away.MovedAway,
    clock.WrongDay,
    DBAPIError,
    NoConnectionFree,
)
"""What the register raises when it is away, or cannot do what it is asked to."""

_ITS_ANSWER = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
_NO_RIGHTS = "42501"  # of PostgreSQL
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


def register_away(fault: BaseException | None) -> bool:
    """Whether the register or its disk could not be used just now: locked, gone, full. What was
    to be recorded is not, and can be later.
    """
    if isinstance(fault, DatabaseFailed):
        fault = fault.__cause__ or fault
    if isinstance(fault, OSError):
        return fault.errno in _NO_ROOM
    if isinstance(fault, DBAPIError) and getattr(fault.orig, "sqlstate", None) == _NO_RIGHTS:
        return True  # taken from us meanwhile: whoever keeps the database gives them back
    return isinstance(fault, REGISTER_FAULTS) and not isinstance(fault, _ITS_ANSWER)


_AS_OF: ContextVar[date | None] = ContextVar("as_of", default=None)


@contextmanager
def as_of(day: date) -> Iterator[None]:
    """Within the block, what is done is done as of the day on which its officer submitted it, though
    the day, or a year, ended before it was come to: he was shown that day as today.
    """
    before = _AS_OF.set(day)
    try:
        yield
    finally:
        _AS_OF.reset(before)


def today() -> date:
    """Today, for what is done now: the clock's day, or that of its submission (`as_of`). Called in
    this room alone.
    """
    return _AS_OF.get() or day_of_clock()


def day_of_clock() -> date:
    """The day in Shanghai, or the one that DISCLOSURE_TODAY fixes, or the first line of the file
    that DISCLOSURE_TODAY_FILE names: a training office moves on by it.
    """
    setting, fixed = settings.TODAY, settings.TODAY.value()
    if not fixed and settings.TODAY_FILE.value():
        setting, fixed = settings.TODAY_FILE, _first_line(settings.TODAY_FILE)
    if not fixed:
        return datetime.now(SHANGHAI).date()
    try:
        return date.fromisoformat(fixed)
    except ValueError:
        raise settings.BadSetting(setting.name, fixed, "应为日期，如 2026-03-02") from None


def _first_line(setting: Setting) -> str:
    """What stands in the first line of the file that a setting names."""
    file = setting.value()
    try:
        with Path(file).open(encoding="utf-8") as opened:
            return opened.readline(LONGEST_SETTING).strip()
    except (OSError, UnicodeDecodeError):
        raise settings.BadSetting(setting.name, file, "文件无法读取") from None


def now() -> datetime:
    """The moment of recording, in UTC: for the record only, never for a legal date."""
    return datetime.now(UTC)


def day_of(instant: datetime) -> date:
    """The day in Shanghai of an instant; while today is fixed, that is every instant's day."""
    return day_of_clock() if day_is_fixed() else instant.astimezone(SHANGHAI).date()


def home() -> Path:
    """The folder everything is written to."""
    folder = _resolved(Path(settings.HOME.value() or Path.home() / ".disclosure").absolute())
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        problem = f"应为可以写入的目录（{why(fault)}）"
        raise settings.BadSetting(settings.HOME.name, str(folder), problem) from None
    return folder


@lru_cache(maxsize=8)
def _resolved(named: Path) -> Path:
    """Where a folder is, asked once: every session of the register asks for it."""
    return named.resolve()


def config() -> Path:
    """The folder config/: beside the code, or where DISCLOSURE_CONFIG says."""
    return config_folder.folder()


def port() -> int:
    """The port the desk listens on."""
    value = settings.PORT.value()
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise settings.BadSetting(settings.PORT.name, value, "应为 1 至 65535 的端口号")
    return int(value)


def entrance() -> Entrance:
    """Where the desk listens (DISCLOSURE_LISTEN, an IP address; loopback unless it says otherwise)
    and under which names it is reached (DISCLOSURE_HOSTS).
    """
    listen, hosts = settings.LISTEN.value(), settings.HOSTS.value()
    names = tuple(name for part in hosts.split(",") if (name := part.strip().lower()))
    try:
        return Entrance(listen, names)
    except UnknownHost as fault:
        raise settings.BadSetting(settings.HOSTS.name, hosts, str(fault)) from None
    except ValueError:
        expected = "应为本机的一个 IP 地址，如 127.0.0.1；0.0.0.0 为全部地址"
        raise settings.BadSetting(settings.LISTEN.name, listen, expected) from None


def _sound_law(folder: Path) -> Statute:
    """The law as the files state it; ConfigFault where the register needs a row that they lack."""
    made = statute_files.load(folder)
    _none_lacking(lambda session: pointed_to.of_law(session, made))
    return made


def _sound_agency(folder: Path) -> Agency:
    made = agencies.load_agency(folder / "office")
    _none_lacking(lambda session: pointed_to.of_agency(session, made))
    return made


def _rules_of_the_report(folder: Path) -> AnnualRules:
    from models.report_tables.annual_rules import AnnualRules

    return AnnualRules.load(folder / "annual")


def _none_lacking(asked: Callable[[Session], Lacking | None]) -> None:
    """Asked of a register that is open: while the office works, as files change under it."""
    register = _registers.get(_address()) if _registers else None
    if register is None:
        return
    with Session(register.engine) as session:
        found = asked(session)
    if found is not None:
        raise found.fault()


def _has_all_points() -> None:
    """ConfigFault where an office's own practice.toml lacks a point that this release asks it for."""
    own, shipped = (
        {
            "choice": {row.key for row in found.choices},
            "figure": {f"{row.key}（{row.unit}）" for row in found.figures},
        }
        for found in (law(), statute_files.load(SHIPPED))
    )
    for kind, asked in shipped.items():
        if missing := sorted(asked - own[kind]):
            expected = (
                "本版本要求写明而没有；请从随附的 config/practice.toml 抄入，按本机关的做法核对"
            )
            raise ConfigFault("practice.toml", f"[[{kind}]] {'、'.join(missing)}", expected)


def check_config() -> None:
    """Before the office opens: ConfigFault where config/ is short of what the register points to, or
    an office's own is older than the code.
    """
    with reading() as session:
        found = pointed_to.of_law(session, law()) or pointed_to.of_agency(session, agency())
    if found is not None:
        raise found.fault()
    _has_all_points()
    pointed_to.agree(law(), agency())
    desk_words()


_law = Kept(_sound_law, "statute", "workdays", "practice.toml", "alerts.toml")
_annual_rules = Kept(_rules_of_the_report, "annual")
_agency = Kept(_sound_agency, "office")
_retention = Kept(load_retention, "retention.toml")
_sending = Kept(lambda folder: load_sending(folder / "office"), "office")
_material_rules = Kept(lambda folder: load_material_rules(_own(folder, MATERIALS)), MATERIALS)
_archive_rules = Kept(
    lambda folder: load_archive_rules(_own(folder, ARCHIVE), law().letters), ARCHIVE
)
_desk_words = Kept(lambda folder: load_desk_words(_desk_words_of(folder)), "desk_words")


def law() -> Statute:
    """The law as config/ states it, loaded once, and again when a file of it was changed."""
    return _law.now()


def annual_rules() -> AnnualRules:
    """The forms of the annual report and what table 二 counts, as config/ states them now."""
    return _annual_rules.now()


def agency() -> Agency:
    """This agency and its officers, as config/ states them now."""
    return _agency.now()


def sending() -> Sending:
    """When and how alerts are sent, as config/ states it now."""
    return _sending.now()


def retention() -> dict[str, Keep]:
    """How long what is kept, as config/ states it now."""
    return _retention.now()


def material_rules() -> MaterialRules:
    """Which materials a file takes, as config/ states it now: the office's own, or the shipped ones."""
    return _material_rules.now()


def archive_rules() -> ArchiveRules:
    """How a file is bound, as config/ states it now: the office's own, or the shipped ones."""
    return _archive_rules.now()


def _own(folder: Path, file: str) -> Path:
    """An office's own folder, where it has such a file; the one that comes with the code."""
    return folder if (folder / file).is_file() else SHIPPED


def post_words() -> PostWords:
    """What the post's lists call things: this office's own words, or those that come with the code."""
    folder = config() if (config() / "office" / POST_WORDS).is_file() else SHIPPED
    return load_post_words(folder / "office")


def ledger_words() -> LedgerWords:
    """What earlier ledgers call things: this office's own words, or those that come with the code."""
    folder = config() if (config() / "office" / LEDGER_WORDS).is_file() else SHIPPED
    return load_ledger_words(folder / "office")


def desk_words() -> dict[str, DeskWords]:
    """What Prefect's pages say in Chinese, by version, as config/ states it now."""
    return _desk_words.now()


def _desk_words_of(folder: Path) -> Path:
    """An office's own words, or those that come with the code."""
    own = folder / "desk_words"
    return own if own.is_dir() else SHIPPED / "desk_words"


def config_faults() -> list[str]:
    """What was changed in config/ and cannot be loaded: what was loaded before stays in force."""
    every = (_law, _annual_rules, _agency, _sending, _retention, _material_rules, _desk_words)
    return sorted({kept.fault for kept in every if kept.fault})


def moment() -> datetime:
    """Today at the present time of day in Shanghai: whether the office is open."""
    return datetime.combine(today(), datetime.now(SHANGHAI).time())


def midnight() -> datetime:
    """When today began in Shanghai, as `now()` would have told it."""
    time_of_day = moment() - datetime.combine(moment().date(), time())
    return now() - time_of_day


def circumstances(officer: str) -> Circumstances:
    """What an act done now by this officer is judged by."""
    day, here = today(), agency()
    if any(one.away for one in here.officers):
        here = here.model_copy(update={"officers": on_duty(here.officers, day)})
    return Circumstances(day, officer, law(), here)


def officers() -> tuple[Officer, ...]:
    """The officers as they work today: whoever stands in for another has his roles, too."""
    return on_duty(agency().officers, today())


def database_url() -> str:
    """SQLite under `home()` unless DISCLOSURE_DATABASE_URL says otherwise; with our driver."""
    return database().render_as_string(hide_password=False)


def _address() -> str:
    """The register's address in the words in which it is set."""
    return settings.DATABASE.value() or f"sqlite:///{home() / 'register.db'}"


_registers: dict[str, Opened] = {}
_named: dict[tuple[str, str], Opened] = {}  # by the settings as they are, where they say it whole
_opening = Lock()


def _register() -> Opened:
    """The register that the settings name now; what it lacks is made when it is first opened."""
    folder = settings.HOME.value()
    said = settings.DATABASE.value(), folder
    if (known := _named.get(said)) is not None:
        return known
    words = _address()
    with _opening:
        if words not in _registers:
            _registers[words] = opening.opened(database(), home())
        if folder.startswith(os.sep):
            _named[said] = _registers[words]
        return _registers[words]


def database() -> URL:
    """Where the register is, taken apart."""
    try:
        return opening.address(_address())
    except UnusableAddress as fault:
        raise settings.BadSetting(settings.DATABASE.name, fault.shown, fault.expected) from None


def is_only_read() -> bool:
    """Whether the register is a file that this process may read and not write."""
    file = opening.file_of(database())
    return file is not None and opening.read_only(file)


def engine() -> Engine:
    """The register's database itself, for whoever copies it whole."""
    return _register().engine


def alone(doing: str) -> AbstractContextManager[None]:
    """Nobody else in the register while a block lasts; RegisterBusy, naming them, otherwise."""
    return _register().alone(doing)


def officers_log_in(session: Session) -> bool:
    """Whether whoever uses this office logs in under his own name: there are accounts, or a proxy
    vouches for him.
    """
    return accounts.on(session) or bool(agency().accounts.single_sign_on_header)


def sealing() -> Sealing:
    """What personal data is sealed with in this installation; WrongKey if the register says that
    it is not what it was sealed with before.
    """
    _register()
    return keys.sealing(home())


def guard_seals() -> None:
    """Open every sealed value with this installation's keys. Raises Unopened naming the rows."""
    from flows.installation import rekeying

    with reading() as session:
        rekeying.guard(session, keys.sealing(home()))


def guard_clock() -> None:
    """Refuse a day before the last one on which something was recorded, or ahead of the database's on
    PostgreSQL; WrongDay.
    """
    with reading() as session:
        clock.guard(session, day_of_clock(), fixed=day_is_fixed())


def day_is_fixed() -> bool:
    """Whether today is a day that a setting names, not the clock's."""
    return bool(settings.TODAY.value() or settings.TODAY_FILE.value())


def close() -> None:
    """Let go of every database; the next session opens its own anew."""
    with _opening:
        for one in _registers.values():
            one.close()
        _named.clear()
        _registers.clear()


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads."""
    engine = _register().engine
    if engine.dialect.name == "postgresql":  # one state of the register, however often it is asked
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with said(DatabaseFailed), Session(engine) as session:
        yield session


@contextmanager
def writing(*, clock_goes_back: bool = False) -> Iterator[Session]:
    """A session that is one transaction: committed at the end, rolled back on any error.

    WrongDay where today is before the last day recorded on, unless that is what is recorded, or ahead.
    On PostgreSQL a process that is suspended in between keeps nobody from recording for longer than
    SUSPENDED: the transaction is ended there.
    """
    day, fixed = day_of_clock(), day_is_fixed()
    engine = _register().writes
    with (
        said(DatabaseFailed),
        evidence.Recording(engine, expire_on_commit=False) as session,
        session.begin(),
        evidence.linked(session),
    ):
        if engine.dialect.name == "postgresql":
            limit = f"SET LOCAL idle_in_transaction_session_timeout = '{SUSPENDED}'"
            session.connection().exec_driver_sql(limit)
        if not clock_goes_back:
            clock.advance(session, day, fixed=fixed)
        yield session
