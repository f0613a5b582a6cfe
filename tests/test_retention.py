"""What identifies applicants is destroyed when its period is over, by an act, and leaves no trace.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from databases import empty_register
from histories import CONFIG
from test_register import advance, receive

from flows import office
from flows.__main__ import main
from flows.counter import destroying
from flows.installation import files, prefect_database, settings
from flows.keeping import letting_go, verifying
from flows.server import server_process
from models.acts.afterwards.retention import load_retention
from models.case.personal import PARTICULARS
from models.errors import ActRefused, ConfigFault
from models.register import register
from models.store.tables import RefusedForm

MARKER = "310101198701011234"
PERSON = {"identity": MARKER, "contact": "13800000000", "address": "世博村路300号"}
LAST = "2036-03-02"  # ten years after the closing of 2026-03-02


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with empty_register(tmp_path, monkeypatch):
        yield tmp_path


def closed() -> str:
    number = receive(**PERSON)
    advance(number)
    return number


def held(number: str) -> dict[str, str]:
    with office.reading() as session:
        person = register.applicant(session, number)
        return {name: getattr(person, name) for name in PARTICULARS}


def sealed(number: str) -> list[bytes]:
    """What stands in the database for the particulars, as it is stored."""
    with office.engine().connect() as connection:
        row = connection.exec_driver_sql(
            f"SELECT identity, contact, address FROM applicant WHERE case_number = '{number}'"
        ).one()
    return [value.encode() for value in row]


def test_nothing_is_due_on_the_last_day_it_is_due_on_the_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = closed()
    for day, due in ((LAST, []), ("2036-03-03", [(number, date(2036, 3, 2))])):
        monkeypatch.setenv("DISCLOSURE_TODAY", day)
        assert destroying.due() == due
    (line,) = destroying.owed()
    assert number in line
    assert "王" not in line
    assert main(["destroy"]) == 0  # lists only
    assert held(number) == PERSON
    assert f"{number}　保管至2036年3月2日" in capsys.readouterr().out


def test_an_act_before_the_period_is_over_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    number = closed()
    monkeypatch.setenv("DISCLOSURE_TODAY", LAST)
    with pytest.raises(ActRefused, match="保管期限至2036-03-02届满"):
        destroying.destroy(number, date(2036, 3, 2), "王建国")
    assert held(number) == PERSON


def test_an_open_case_is_never_due(monkeypatch: pytest.MonkeyPatch) -> None:
    number = receive(**PERSON)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2060-01-01")
    assert destroying.due() == []
    assert held(number) == PERSON


def test_destroyed_they_are_nowhere_and_the_record_of_it_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = closed()
    stored = [*sealed(number), MARKER.encode()]
    if office.engine().dialect.name == "sqlite":
        assert all(hits(home, one) for one in stored[:3])
    monkeypatch.setenv("DISCLOSURE_TODAY", "2036-03-03")
    assert main(["destroy", "--officer", "王建国", "--note", "沪档〔2036〕5号", "--yes"]) == 0
    assert held(number) == dict.fromkeys(PARTICULARS, "")
    with office.reading() as session:
        case = register.case(session, number)
    assert case.particulars_destroyed_on == date(2036, 3, 3)
    assert case.applicant == "周晓岚"  # the name stays with the file
    assert case.steps[-1].act.note == "沪档〔2036〕5号"
    assert case.steps[-1].officer == "王建国"
    assert verifying.verify().faults == ()
    assert main(["backup", str(home / "copy")]) == 0
    for one in stored:
        assert hits(home, one) == []
    assert destroying.due() == []
    with pytest.raises(ActRefused, match="个人信息已于2036-03-03销毁"):
        destroying.destroy(number, date(2036, 3, 2), "李明")
    with office.writing() as session:  # from an old backup, say
        register.applicant(session, number).contact = PERSON["contact"]
    assert verifying.verify().faults == (
        f"申请 {number}：个人信息已于2036年3月3日销毁，登记簿里却仍有",
    )


def hits(folder: Path, marker: bytes) -> list[str]:
    """The files under a folder that hold these bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if marker in path.read_bytes()]


def test_a_leap_day_ends_on_the_twenty_eighth() -> None:
    keep = load_retention(CONFIG)["particulars"]
    assert keep.last_day(date(2024, 2, 29)) == date(2034, 2, 28)
    assert keep.model_copy(update={"years": 4}).last_day(date(2024, 2, 29)) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('key = "desk"', 'key = "particulars"', "缺少 desk"),
        ('key = "aside"', 'key = "desk"', "缺少 aside"),
        ("days = 90", "years = 1", "forms 的 days"),
        ("days = 365", "days = -1", "aside|第 3 个"),
        ("days = 60", "days = 0", "应恰填其一"),
        ("days = 60", "days = 60\nyears = 1", "应恰填其一"),
        ("days = 60", "years = 1", "desk 的 days"),
        ("years = 10", "years = -1", "particulars|第 4 个"),
    ],
)
def test_a_period_that_says_nothing_is_refused(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    text = (CONFIG / "retention.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "retention.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigFault, match=fault):
        load_retention(tmp_path)


def test_prefect_lets_go_of_ended_runs_after_the_days_of_config(tmp_path: Path) -> None:
    days = office.retention()["desk"].days
    settings = server_process.environment(tmp_path, 4200, kept_days=days)
    assert settings["PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"] == "events,flow_runs"
    assert settings["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"] == str(60 * 86400)


def test_the_file_of_prefect_shrinks_when_a_quarter_of_it_is_empty(tmp_path: Path) -> None:
    file = tmp_path / prefect_database.FILE
    there = sqlite3.connect(file)
    there.execute("CREATE TABLE kept (words TEXT)")
    there.execute("CREATE TABLE gone (words TEXT)")
    there.executemany("INSERT INTO kept VALUES (?)", [("甲" * 1000,)] * 10_000)
    there.executemany("INSERT INTO gone VALUES (?)", [("乙" * 1000,)] * 10_000)
    there.commit()
    assert list(prefect_database.compact(tmp_path)) == []
    before = file.stat().st_size
    there.execute("DELETE FROM gone")
    there.commit()
    there.close()
    (line,) = prefect_database.compact(tmp_path)
    assert "腾出" in line
    assert file.stat().st_size < before * 2 / 3
    assert list(prefect_database.compact(tmp_path)) == []


def test_events_that_an_earlier_release_had_prefect_keep_are_deleted(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / prefect_database.FILE)) as there, there:
        for name in ("flow_run", *prefect_database.EVENTS):
            there.execute(f"CREATE TABLE {name} (words TEXT)")
            there.executemany(f"INSERT INTO {name} VALUES (?)", [("张三",)] * 3)
    (line,) = prefect_database.compact(tmp_path)
    assert "从前留下的3条运行事件" in line
    with closing(sqlite3.connect(tmp_path / prefect_database.FILE)) as there:
        left = [
            there.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("flow_run", *prefect_database.EVENTS)
        ]
    assert left == [3, 0, 0]
    assert list(prefect_database.compact(tmp_path)) == []


def test_a_file_that_cannot_be_read_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    (tmp_path / prefect_database.FILE).write_bytes(b"\x00broken" * 1000)
    assert list(prefect_database.compact(tmp_path)) == []


# ── what goes by itself ──────────────────────────────────────────────────────────────────────────


def stamped(days_ago: int) -> str:
    """As what was set aside so many days ago is named."""
    noon = datetime.combine(office.today(), time(4), UTC)  # in Shanghai
    return f"{noon - timedelta(days=days_ago):%Y%m%dT%H%M%S}"


@pytest.fixture
def real_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fixed day is the day of every moment: nothing would ever grow old."""
    monkeypatch.delenv(settings.TODAY.name)


@pytest.mark.usefixtures("real_day")
@pytest.mark.parametrize(
    ("days_ago", "left", "said"),
    [(350, True, None), (351, True, "届满后自动删除"), (365, True, "届满后自动删除"),
     (366, False, "届满，已删除")],
)  # fmt: skip
@pytest.mark.parametrize(
    "name",
    [
        "backups/upgrade-from-unmarked-{}Z",
        "backups/before-restore-{}.123456Z",
        "backups/prefect-3.8.8-{}Z",
        "prefect/prefect.db.damaged-{}123456",
    ],
)
def test_what_was_set_aside_goes_the_day_after_its_last(
    home: Path, name: str, days_ago: int, *, left: bool, said: str | None
) -> None:
    aside = home / name.format(stamped(days_ago))
    if "damaged" in name:
        aside.parent.mkdir()
        aside.write_text(MARKER)
    else:
        aside.mkdir(parents=True)
        (aside / "register.db").write_text(MARKER)
    others = [home / "backups" / "张三手工备份", home / "backups" / f"mine-{stamped(999)}Z"]
    for other in others:
        other.mkdir(parents=True)
    told = list(letting_go.set_aside())
    assert [aside.name in line and (said or "") in line for line in told] == [True] * bool(said)
    assert aside.exists() is left
    assert bool(hits(home, MARKER.encode())) is left
    assert all(other.exists() for other in others)
    assert list(letting_go.set_aside()) == (told if left else [])


def test_whatever_was_half_written_goes_and_nothing_else(home: Path, tmp_path: Path) -> None:
    """Files of every kind, folders with all in them, links and not what they lead to."""
    stranger = tmp_path.parent / f"{tmp_path.name}-stranger"
    stranger.mkdir()
    (stranger / "theirs.part").write_text(MARKER)
    names = ["letters/SQ1/甲.docx", "reports/2025/年度报告.docx", "supervision/督办清单.xlsx"]
    names += ["drafts/a.draft", "materials/0", "backups/b/register.db", "restoring/register.db"]
    for name in names:
        whole = home / name
        whole.parent.mkdir(parents=True, exist_ok=True)
        for path in (whole, whole.with_name(f"{whole.name}.part")):
            path.write_text(MARKER)
    (home / "restoring").rename(home / "restoring.part")
    (home / "link.part").symlink_to(stranger)
    (home / "letters" / "elsewhere").symlink_to(stranger)
    later = datetime.now(UTC) + timedelta(days=1, minutes=1)
    assert list(letting_go.half_written(later)) == ["没有写完的文件，8个已删除"]
    assert [str(path) for path in home.rglob("*.part") if "elsewhere" not in path.parts] == []
    assert all((home / name).exists() for name in names[:-1])
    assert (stranger / "theirs.part").read_text() == MARKER
    assert list(letting_go.half_written(later)) == []


def test_what_was_half_written_and_cannot_be_deleted_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "甲.docx.part").write_text(MARKER)
    monkeypatch.setattr(files, "take_away", lambda path: path.rmdir())  # fails: it is a file
    (line,) = letting_go.half_written(datetime.now(UTC) + timedelta(days=2))
    assert line.startswith(f"{home / '甲.docx.part'} 没有写完，无法删除（")
    assert "Not a directory" not in line


@pytest.mark.usefixtures("real_day")
def test_a_form_that_nobody_put_right_is_kept_to_its_last_day() -> None:
    for days_ago, over in ((89, False), (90, False), (91, True)):
        refused_at = datetime.combine(office.today(), time(4)) - timedelta(days=days_ago)
        form = RefusedForm(
            submission="甲", run="", form="登记申请", asked=1, reason="", refused_at=refused_at
        )
        assert letting_go.over(form) is over
        assert letting_go.kept_until(form) == office.today() + timedelta(days=90 - days_ago)
