"""The key of an installation: made once, for its owner alone; a wrong or lost one is said."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from databases import empty_register
from schemas import ASKED
from sqlalchemy import create_engine, text
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel, select

from flows import office
from flows.__main__ import main
from flows.installation import keys, rekeying, settings
from flows.installation.prefect_database import ELSEWHERE
from flows.path import intake
from models.errors import KeyMissing, WrongKey
from models.register import codes, register
from models.store.sealing import Sealing, new_key
from models.store.tables import Applicant, Enrolment, KeyProof

ON_POSTGRESQL = ASKED.startswith("postgresql")
CONTACT = "电话：一三八〇〇〇〇"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty register with a key of its own in its folder."""
    monkeypatch.delenv(settings.KEY.name, raising=False)
    monkeypatch.delenv(settings.KEY_FILE.name, raising=False)
    with empty_register(tmp_path, monkeypatch, made=False):
        yield tmp_path


def registered() -> str:
    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="张三",
        request="甲",
        arrived_on=office.today(),
        contact=CONTACT,
    ).number


def contact_of(number: str) -> str:
    office.close()
    with office.reading() as session:
        return register.applicant(session, number).contact


def test_the_key_is_made_at_first_use_for_its_owner_alone(home: Path) -> None:
    number = registered()
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600
    made = (home / "key").read_text()
    assert contact_of(number) == CONTACT
    assert (home / "key").read_text() == made
    assert [path.name for path in home.glob("key*")] == ["key"]


def test_a_lost_key_is_said_and_not_replaced(home: Path) -> None:
    number = registered()
    kept = (home / "key").read_text()
    (home / "key").unlink()
    with pytest.raises(WrongKey, match="请从备份恢复原来的密钥"):
        contact_of(number)
    with pytest.raises(WrongKey):
        office.sealing()  # as the server does, before it takes a form
    assert not (home / "key").exists()
    (home / "key").write_text(kept)
    assert contact_of(number) == CONTACT


def test_a_key_of_another_register_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = registered()
    monkeypatch.setenv(settings.KEY.name, new_key())
    with pytest.raises(WrongKey):
        contact_of(number)


@pytest.mark.parametrize(
    "words", ["", "password", "ключ", "7jI-b_Igq2XVUBBGR9iuf0IB-1UcuCqZ-p36Ebisnq"]
)
def test_what_is_no_key_is_said_and_never_shown(home: Path, words: str) -> None:
    registered()
    office.close()
    (home / "key").write_text(words)
    with pytest.raises(keys.BadKey) as said:
        registered()
    assert not words or words not in str(said.value)


def test_a_key_file_that_is_named_is_made_by_command_and_never_by_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named = home / "named"
    monkeypatch.setenv(settings.KEY_FILE.name, str(named))
    with pytest.raises(keys.BadKey, match="disclosure new-key"):
        registered()
    assert not named.exists()
    assert main(["new-key"]) == 0
    named.write_text(capsys.readouterr().out)
    assert contact_of(registered()) == CONTACT


def test_a_key_is_changed_by_putting_a_new_one_in_front(home: Path) -> None:
    number = registered()
    old, new = (home / "key").read_text().strip(), new_key()
    (home / "key").write_text(f"{new}\n{old}\n")
    assert contact_of(number) == CONTACT
    with office.writing() as session:
        assert keys.renew(session, office.sealing()) == 1
    (home / "key").write_text(new)
    assert contact_of(number) == CONTACT


def test_what_an_earlier_version_kept_in_clear_is_sealed_at_first_opening(home: Path) -> None:
    number = registered()
    with office.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE applicant SET contact = '{CONTACT}'")
        session.delete(session.exec(select(KeyProof)).one())
    assert contact_of(number) == CONTACT
    with office.reading() as session:
        (kept,) = session.connection().exec_driver_sql("SELECT contact FROM applicant").one()
    assert CONTACT not in kept


def test_without_a_key_nothing_is_written_in_clear() -> None:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Applicant(case_number="1", contact=CONTACT))
        with pytest.raises(StatementError) as refused:
            session.flush()
    assert isinstance(refused.value.orig, KeyMissing)


def test_the_same_words_are_never_sealed_the_same() -> None:
    sealing = Sealing([new_key()])
    assert sealing.seal(CONTACT) != sealing.seal(CONTACT)
    assert sealing.open(sealing.seal(CONTACT)) == CONTACT
    assert sealing.seal("") == ""


def test_altered_it_does_not_open() -> None:
    sealing = Sealing([new_key()])
    sealed = sealing.seal(CONTACT)
    altered = sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:]
    with pytest.raises(WrongKey):
        sealing.open(altered)
    assert not sealing.opens(altered)


# ── a change of key ───────────────────────────────────────────────────────────────────────────


def put_in_front(home: Path) -> tuple[str, str]:
    """A new key in front of the old one; the old one, the new one."""
    office.close()
    old, new = (home / "key").read_text().strip(), new_key()
    (home / "key").write_text(f"{new}\n{old}\n")
    return old, new


def test_after_a_change_of_key_everything_opens_without_the_old_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Codes, too: the secrets of the officers' phones were left with the old key."""
    number = registered()
    with office.writing() as session:
        secret = codes.enrol(session, "陈静", office.now())
    _, new = put_in_front(home)
    assert main(["rekey"]) == 0
    assert "旧密钥可以从密钥文件中去掉" in capsys.readouterr().out
    (home / "key").write_text(new)
    assert contact_of(number) == CONTACT
    with office.reading() as session:
        assert session.exec(select(Enrolment.secret)).one() == secret
    office.guard_seals()


def test_the_key_is_not_changed_under_an_office_that_works_with_the_old_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three officers register, then all goes on: nothing was sealed half by one, half by another."""
    numbers = [registered()]
    at_work = [
        Process(
            "import sys\nfrom datetime import date\nfrom flows.path import intake\n"
            "for line in sys.stdin:\n"
            f"    case = intake.receive(channel='当面提交', kind='自然人', applicant='张三',"
            f" request='甲', arrived_on=date(2026, 3, 2), contact={CONTACT!r})\n"
            "    print(case.number, flush=True)\n"
        )
        for _ in range(3)
    ]
    numbers += [one.ask() for one in at_work]
    old, new = put_in_front(home)
    assert main(["rekey"]) == 2
    said = capsys.readouterr().err
    assert all(str(one.process.pid) in said for one in at_work) or ON_POSTGRESQL
    assert "不能更换密钥，未作任何改动" in said
    numbers += [one.ask() for one in at_work]
    for one in at_work:
        one.end()
    assert main(["rekey"]) == 0
    (home / "key").write_text(new)
    assert len({*numbers}) == 7
    assert {contact_of(number) for number in numbers} == {CONTACT}
    with office.reading() as session:
        stored = session.connection().exec_driver_sql("SELECT contact FROM applicant").all()
    assert not any(Sealing([old]).opens(value) for (value,) in stored)


class Process:
    """An office's process that does something once for every line."""

    def __init__(self, script: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )

    def ask(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(60) == 0


def test_a_row_of_a_key_that_is_gone_is_found_at_the_start_and_stops_a_change_of_key(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The proof alone opens: what was sealed since with the old key does not."""
    first, second = registered(), registered()
    strange = Sealing([new_key()]).seal(CONTACT)
    with office.writing() as session:
        session.connection().exec_driver_sql(
            f"UPDATE applicant SET contact = '{strange}' WHERE case_number = '{second}'"
        )
    with pytest.raises(rekeying.Unopened, match=f"applicant {second}") as said:
        office.guard_seals()
    assert said.value.places == [f"applicant {second}"]
    put_in_front(home)
    assert main(["rekey"]) == 2
    assert f"applicant {second}" in capsys.readouterr().err
    assert contact_of(first) == CONTACT
    old = (home / "key").read_text().split()[1]
    with office.reading() as session:
        stored = session.connection().exec_driver_sql(
            f"SELECT contact FROM applicant WHERE case_number = '{first}'"
        )
        assert Sealing([old]).opens(stored.one()[0])  # nothing was changed


@pytest.mark.parametrize(
    ("state", "needed"), [("SCHEDULED", 1), ("FAILED", 1), ("COMPLETED", 0), ("CANCELLED", 0)]
)
def test_a_form_that_waits_to_be_recorded_keeps_the_old_key_needed(
    home: Path, capsys: pytest.CaptureFixture[str], state: str, needed: int
) -> None:
    registered()
    old, new = put_in_front(home)
    (home / "prefect").mkdir()
    submitted(f"sqlite:///{home / 'prefect' / 'prefect.db'}", state, old, new)
    assert main(["rekey"]) == needed
    said = capsys.readouterr().out
    assert ("有1份表单已经提交、尚未登记" in said) is bool(needed)
    assert ("旧密钥可以从密钥文件中去掉" in said) is (needed == 0)


@pytest.mark.parametrize(("state", "needed"), [("SCHEDULED", 1), ("COMPLETED", 0)])
def test_it_does_so_in_a_database_of_prefects_that_is_elsewhere(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    needed: int,
) -> None:
    registered()
    old, new = put_in_front(home)
    theirs, driver = f"sqlite:///{home / 'theirs.db'}", ("sqlite:", "sqlite+aiosqlite:")
    if office.engine().dialect.name == "postgresql":
        theirs, driver = office.database_url(), ("+psycopg:", "+asyncpg:")
    submitted(theirs, state, old, new)
    monkeypatch.setenv(ELSEWHERE[0], theirs.replace(*driver, 1))
    assert main(["rekey"]) == needed
    assert ("有1份表单已经提交、尚未登记" in capsys.readouterr().out) is bool(needed)


def test_where_that_database_does_not_answer_the_key_is_not_changed(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    put_in_front(home)
    monkeypatch.setenv(ELSEWHERE[0], "postgresql+asyncpg://x:geheim@127.0.0.1:1/prefect")
    assert main(["rekey"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "未作任何改动" in said
    assert "geheim" not in said


def submitted(url: str, state: str, *sealed_with: str) -> None:
    """What a database of Prefect's holds of forms that were submitted, one sealed with each key."""
    engine = create_engine(url)
    with engine.begin() as there:
        there.execute(text("CREATE TABLE flow_run (state_type TEXT, parameters TEXT)"))
        for key in sealed_with:
            contact = Sealing([key]).seal(CONTACT)
            form = json.dumps({"contact": contact, "request": "sealed:甲"})
            there.execute(
                text("INSERT INTO flow_run VALUES (:state, :form)"), {"state": state, "form": form}
            )
    engine.dispose()
