"""Accounts, visits and what wrong logins cost, in the register; and who did and read what.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from databases import empty_register, registered
from histories import CONFIG
from pydantic import ValidationError

from flows import office
from flows.__main__ import main
from flows.commands import enrolment
from flows.keeping import letting_go, verifying
from flows.shown import trail
from models.acts.afterwards.retention import LOG_DAYS, load_retention
from models.agency.account_rules import AccountRules
from models.agency.agency import load_agency
from models.agency.officers import Officer, Role
from models.errors import ConfigFault
from models.register import access_log, accounts, codes
from models.store.tables import Account, Visit

RULES = AccountRules()
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CLERK, LEADER = "陈静", "王建国"
PASSWORD, HERE = "correct horse battery", "10.0.0.5"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def invited(officer: str = CLERK, at: datetime = NOW) -> str:
    with office.writing() as session:
        return accounts.invite(session, officer, at, RULES)


def holds(code: str, at: datetime = NOW, officer: str = CLERK) -> bool:
    with office.writing() as session:
        return accounts.invited(session, officer, code, at)


def with_password(officer: str = CLERK) -> None:
    invited(officer)
    with office.writing() as session:
        accounts.set_password(session, officer, PASSWORD, NOW)


def begun(officer: str = CLERK) -> str:
    with office.writing() as session:
        return accounts.begin(session, officer, HERE, NOW)


def visiting(token: str, at: datetime = NOW) -> str | None:
    with office.reading() as session:
        found = accounts.visiting(session, token, at, RULES)
        return found.officer if found else None


# ── invitation and password ─────────────────────────────────────────────────────────────────────
def test_an_invitation_holds_until_it_is_used_or_over() -> None:
    code = invited()
    assert re.fullmatch(r"([2-9A-HJKMNP-Z]{5}-){3}[2-9A-HJKMNP-Z]{5}", code)
    over = NOW + RULES.invitation_lasts
    assert [holds(code, at) for at in (over - SECOND, over, over + SECOND)] == [True, False, False]
    assert holds(f" {code.lower().replace('-', ' ')}　")
    assert not holds(code, officer=LEADER)
    assert not holds("")
    with office.writing() as session:
        accounts.set_password(session, CLERK, PASSWORD, NOW)
    assert not holds(code)
    assert not holds("")


def test_a_second_invitation_ends_the_first_and_the_old_password_holds_until_a_new_one() -> None:
    with_password()
    first, second = invited(), invited()
    assert (holds(first), holds(second)) == (False, True)
    with office.reading() as session:
        assert accounts.is_password(PASSWORD, accounts.hash_of(session, CLERK))


@pytest.mark.usefixtures("as_in_an_office")
def test_neither_password_nor_code_nor_cookie_stands_in_the_database(home: Path) -> None:
    code = invited()
    with office.writing() as session:
        accounts.set_password(session, CLERK, PASSWORD, NOW)
        again = accounts.invite(session, CLERK, NOW, RULES)
    token = begun()
    with office.engine().connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM account").all())
        stored += str(connection.exec_driver_sql("SELECT * FROM visit").all())
    for secret in (PASSWORD, code, code.replace("-", ""), again, token, "$argon2"):
        assert secret not in stored
    with office.reading() as session:
        hashed = session.get_one(Account, CLERK).password
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.usefixtures("as_in_an_office")
def test_nobodys_password_is_right_and_takes_as_long() -> None:
    invited()
    with office.reading() as session:
        for name in (CLERK, "无此人", "", "\ud800", "长" * 99):
            hashed = accounts.hash_of(session, name)
            assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
            assert not accounts.is_password(PASSWORD, hashed)
            assert not accounts.is_password("", hashed)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("a1b2c3d4e", "至少10个字符"),
        ("a1b2c3d4e5", None),
        ("abcdabcdabcd", "至少有5个不同"),
        ("abcdeabcde", None),
        ("长长的口令句子很好记", None),
        (f"{CLERK}的好记口令句子很长", "本人姓名"),
        ("a1b2c3d4e5\x00", "不是文字"),
        ("a1b2c3" * 21 + "xy", None),
        ("a1b2c3" * 21 + "xyz", "最多128个字符"),
    ],
)
def test_a_password_is_long_enough_and_no_name(password: str, said: str | None) -> None:
    found = list(accounts.password_faults(password, CLERK, RULES))
    assert (said in "；".join(found)) if said else found == []


def test_so_many_wrong_codes_end_an_invitation_and_no_later_one() -> None:
    def wrong() -> bool:
        with office.writing() as session:
            return accounts.wrong_code(session, CLERK, NOW, RULES)

    first = invited()
    assert not any(wrong() for _ in range(RULES.invitation_wrong_codes - 1))
    assert holds(first)
    second = invited()
    assert not any(wrong() for _ in range(RULES.invitation_wrong_codes - 1))
    assert holds(second)
    assert wrong()
    assert not holds(second)


# ── visits ──────────────────────────────────────────────────────────────────────────────────────
def test_a_visit_ends_when_nobody_is_at_work_and_at_the_latest_after_its_longest() -> None:
    with_password()
    token = begun()
    idle = NOW + RULES.idle
    assert [visiting(token, at) for at in (NOW, idle - SECOND, idle)] == [CLERK, CLERK, None]
    at = NOW
    while at < NOW + RULES.longest - RULES.idle:
        at += RULES.idle - SECOND
        with office.writing() as session:
            accounts.seen(session, accounts.kept_under(token), at)
    longest = NOW + RULES.longest
    assert [visiting(token, one) for one in (longest - SECOND, longest)] == [CLERK, None]


def test_logging_out_ends_one_visit_a_new_password_and_revoking_end_all() -> None:
    with_password()
    first, second = begun(), begun()
    with office.writing() as session:
        assert accounts.end(session, accounts.kept_under(first), NOW) == CLERK
        assert accounts.end(session, accounts.kept_under(first), NOW) == ""
        assert accounts.end(session, "", NOW) == ""
    assert (visiting(first), visiting(second)) == (None, CLERK)
    with office.writing() as session:
        accounts.set_password(session, CLERK, PASSWORD, NOW)
    assert visiting(second) is None
    third = begun()
    with office.writing() as session:
        accounts.revoke(session, CLERK, NOW)
    assert visiting(third) is None
    with office.reading() as session:
        assert not accounts.is_password(PASSWORD, accounts.hash_of(session, CLERK))
    with pytest.raises(accounts.NoAccount), office.writing() as session:
        accounts.revoke(session, CLERK, NOW)


def test_what_a_proxy_vouches_for_is_a_visit_that_no_cookie_opens() -> None:
    with office.writing() as session:
        visit = accounts.begin_vouched(session, LEADER, HERE, NOW).token

    def at_work(at: datetime) -> bool:
        with office.reading() as session:
            return accounts.vouched_visit(session, LEADER, at, RULES) is not None

    assert visiting(visit) is None
    over = NOW + RULES.idle
    assert [at_work(at) for at in (NOW, over - SECOND, over)] == [True, True, False]
    with office.writing() as session:
        accounts.end(session, visit, NOW)
    assert not at_work(NOW)


def test_whoever_never_had_an_account_is_revoked_where_a_proxy_vouches() -> None:
    for vouched in (False, True):
        if not vouched:
            with pytest.raises(accounts.NoAccount), office.writing() as session:
                accounts.revoke(session, LEADER, NOW)
            continue
        with office.writing() as session:
            visit = accounts.begin_vouched(session, LEADER, HERE, NOW).token
            accounts.revoke(session, LEADER, NOW, vouched=True)
            assert accounts.revoked(session, LEADER)
            assert accounts.vouched_visit(session, LEADER, NOW, RULES) is None
            assert not accounts.was_open(session, visit, LEADER, NOW)
    with pytest.raises(accounts.NoAccount), office.writing() as session:
        accounts.revoke(session, LEADER, NOW, vouched=True)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "a" * 9999])
def test_what_is_no_cookie_of_ours_is_nobody(token: str) -> None:
    assert visiting(token) is None


# ── wrong logins ────────────────────────────────────────────────────────────────────────────────
def waits(name: str = CLERK, address: str = HERE, at: datetime = NOW) -> tuple[int, int]:
    with office.writing() as session:
        return accounts.wait(session, name, address, at, RULES)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("2001:db8:1:2::1", True), ("2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:3::1", False), ("2001:db8:1:1:ffff::", False), ("10.0.0.5", False),
    ],
)  # fmt: skip
def test_whoever_has_a_network_of_ipv6_is_one_address(other: str, same: bool) -> None:
    with office.writing() as session:
        for n in range(RULES.address_free_attempts):
            accounts.count(session, f"某人{n}", f"2001:db8:1:2:{n + 1:x}::7", NOW)
    assert (waits("别人", other)[1] > 0) is same


def test_an_ipv4_address_is_one_however_it_is_written() -> None:
    with office.writing() as session:
        for n in range(RULES.address_free_attempts):
            accounts.count(session, f"某人{n}", "::ffff:10.0.0.5", NOW)
    assert waits("别人", "10.0.0.5")[1] > 0
    assert waits("别人", "10.0.0.6")[1] == 0


def wrongly(name: str = CLERK, address: str = HERE, at: datetime = NOW) -> int:
    with office.writing() as session:
        return accounts.count(session, name, address, at)


def test_after_the_free_ones_each_wrong_login_doubles_the_pause() -> None:
    pauses = []
    for _ in range(14):
        wrongly()
        pauses.append(waits()[0])
    assert pauses == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert waits(at=NOW + 899 * SECOND)[0] == 1
    assert waits(at=NOW + 900 * SECOND)[0] == 0
    assert waits(LEADER, "10.0.0.6") == (0, 0)


def test_an_address_pauses_whatever_names_it_tries() -> None:
    for n in range(RULES.address_free_attempts):
        assert waits("下一个")[1] == 0
        wrongly(f"某人{n}")
    assert waits("下一个") == (0, 5)
    assert waits("下一个", "10.0.0.6") == (0, 0)


def test_a_right_login_clears_the_name_and_takes_one_from_the_address() -> None:
    for n in range(RULES.address_free_attempts):
        wrongly(f"某人{n}")
    wrongly(CLERK)
    with office.writing() as session:
        accounts.forgive(session, CLERK, HERE)
    assert waits() == (0, 5), "an account of one's own does not clear guesses under other names"


def test_wrong_logins_at_once_all_count() -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: wrongly(), range(8)))
    assert waits()[0] == 40


def test_attempts_during_a_pause_are_told_with_the_next_one() -> None:
    for _ in range(5):
        wrongly()
    with office.writing() as session:
        for _ in range(3):
            accounts.turned_away(session, CLERK, HERE)
            accounts.turned_away(session, "没见过的名字", "没见过的地址")
    assert wrongly(at=NOW + 60 * SECOND) == 3
    assert wrongly(at=NOW + 90 * SECOND) == 0


# ── the terminal ────────────────────────────────────────────────────────────────────────────────
def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


def test_the_first_invitation_says_that_everybody_logs_in_from_now_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "没有人有账户" in said(capsys, "accounts")
    first = said(capsys, "invite", CLERK)
    assert "自现在起，办理系统须登录" in first
    assert "扫描动态口令" in first
    code = re.search(r"邀请码：(\S+)", first)
    assert code
    assert holds(code[1], office.now())
    with office.writing() as session:
        codes.enrol(session, LEADER, NOW)
    second = said(capsys, "invite", LEADER)
    assert "自现在起" not in second
    assert "仍用原来的" in second
    listed = said(capsys, "accounts").splitlines()
    assert ["尚未设置口令" in line for line in listed] == [True, True]
    assert "没有登记动态口令" in next(line for line in listed if line.startswith(CLERK))


def test_an_account_is_revoked_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with_password()
    token = begun()
    said(capsys, "accounts", "--revoke", CLERK)
    assert visiting(token) is None
    assert "注销" in said(capsys, "accounts")
    assert "没有账户" in said(capsys, "accounts", "--revoke", CLERK, code=2)
    with office.reading() as session:
        assert accounts.on(session), "whoever had accounts does not fall back to none"
        assert not accounts.can_log_in(session)


def test_only_an_officer_of_the_list_is_invited(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = (Officer(name=LEADER, roles=tuple(Role)),)
    agency = office.agency().model_copy(update={"officers": listed})
    monkeypatch.setattr(office, "agency", lambda: agency)
    assert "不在办理人员名单中" in said(capsys, "invite", CLERK, code=2)
    assert "姓名不能为空" in said(capsys, "invite", " ", code=2)
    said(capsys, "invite", LEADER)


def test_whoever_replaces_a_password_in_the_database_is_found() -> None:
    with_password()
    assert verifying.verify().faults == ()
    with office.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE account SET password = 'x'")
    assert "账户" in "".join(verifying.verify().faults)


# ── the log ─────────────────────────────────────────────────────────────────────────────────────
def line(kind: str, at: datetime, **more: str) -> None:
    with office.writing() as session:
        access_log.write(session, kind, at, **more)


def test_the_log_has_acts_and_reading_from_day_to_day(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "now", lambda: NOW)
    number = registered()
    midnight = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # of 2 March in Shanghai
    line("login_failed", midnight - SECOND, officer="早一秒", address=HERE)
    line("login", midnight, officer=CLERK, address=HERE)
    line("read", NOW, officer=CLERK, address=HERE, what=f"{number} 联系方式")
    line("login_failed", midnight + timedelta(days=1), officer="晚一天", address=HERE)
    line("login_failed", NOW + SECOND, officer="=cmd()", address=HERE)
    for name in ("log.csv", "log.xlsx"):
        said(capsys, "log", "--from", "2026-03-02", "--to", "2026-03-02", "--out", str(home / name))
    with (home / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        list(trail.HEAD),
        ["2026-03-02 00:00:00", CLERK, "登录", "", HERE],
        ["2026-03-02 09:00:00", "", "登记申请", number, ""],
        ["2026-03-02 09:00:00", CLERK, "查阅", f"{number} 联系方式", HERE],
        ["2026-03-02 09:00:01", "'=cmd()", "登录未成", "", HERE],
    ]
    sheet = openpyxl.load_workbook(home / "log.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[5]][:3] == ["2026-03-02 09:00:01", "=cmd()", "登录未成"]
    assert sheet["B5"].data_type == "s"
    wrong = said(
        capsys, "log", "--from", "2026-03-02", "--to", "2026-03-02", "--out", "x.pdf", code=2
    )
    assert ".csv 或者 .xlsx" in wrong


def test_every_table_with_a_moment_and_an_officer_is_in_the_log() -> None:
    """Whoever adds a table of what officers record lists it here, too."""
    from models.store import evidence

    recorded = {kind.model for kind in evidence.KINDS.values() if "officer" in kind.content}
    assert recorded == {*trail.RECORDED, *(trail.Event, trail.Entry)}


def test_lines_go_when_their_time_is_over_and_not_a_day_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days, midnight = office.retention()["access"].days, office.midnight()
    monkeypatch.setattr(office, "midnight", lambda: midnight)
    first = midnight - timedelta(days=days)
    for at in (first - SECOND, first, first + SECOND):
        line("login", at, officer=CLERK, address=HERE)
    assert list(letting_go.log_of_access()) == [f"登录和查阅的记录保管{days}天，届满的1条已删除"]
    assert list(letting_go.log_of_access()) == []
    with office.reading() as session:
        assert len(access_log.lines(session, first - SECOND, office.now())) == 2


@pytest.mark.parametrize(("days", "refused"), [(LOG_DAYS - 1, True), (LOG_DAYS, False)])
def test_the_log_is_kept_for_six_months_at_least(tmp_path: Path, days: int, refused: bool) -> None:
    words = (CONFIG / "retention.toml").read_text("utf-8").replace("days = 400", f"days = {days}")
    (tmp_path / "retention.toml").write_text(words, "utf-8")
    if refused:
        with pytest.raises(ConfigFault, match="不少于六个月"):
            load_retention(tmp_path)
    else:
        assert load_retention(tmp_path)["access"].days == days


def test_what_was_counted_against_a_login_and_old_visits_are_forgotten() -> None:
    with_password()
    begun()
    wrongly(at=office.midnight() - timedelta(days=2))
    with office.writing() as session:
        session.get_one(Visit, session.exec(accounts.select(Visit.token)).one()).began_at = (
            office.midnight() - timedelta(days=500)
        )
    list(letting_go.log_of_access())
    with office.reading() as session:
        assert session.exec(accounts.select(Visit)).all() == []
        assert session.exec(accounts.select(accounts.WrongLogin)).all() == []


# ── the figures ─────────────────────────────────────────────────────────────────────────────────
def test_the_shipped_figures_are_those_of_the_code() -> None:
    assert load_agency(CONFIG / "office").accounts == RULES


@pytest.mark.parametrize(
    "wrong",
    [{"password_shortest": 7}, {"proxies": ("proxy",)}, {"single_sign_on_header": "X-User"},
     {"single_sign_on_header": "X User", "proxies": ("10.0.0.1",)}, {"idle": 5}],
)  # fmt: skip
def test_a_figure_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AccountRules.model_validate(wrong)


def test_an_invitation_leaves_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with office.reading() as session:
        assert trail.trail(session, date(2026, 1, 1), date(2026, 12, 31)) == []
    list(enrolment.invite(CLERK))
    with office.reading() as session:
        (found,) = trail.trail(session, date(2020, 1, 1), date(2030, 12, 31))
    assert found[1:4] == (CLERK, "邀请", "")
