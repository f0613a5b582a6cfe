"""The key of an installation: made once, for its owner alone; a wrong or lost one is said."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from databases import empty_register
from sqlalchemy import create_engine
from sqlalchemy.exc import StatementError
from sqlmodel import Session, SQLModel, select

from flows import intake, keys, office
from flows.__main__ import main
from models import register
from models.case import Applicant, KeyProof
from models.errors import KeyMissing, WrongKey
from models.sealing import Sealing, new_key

CONTACT = "电话：一三八〇〇〇〇"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty register with a key of its own in its folder."""
    monkeypatch.delenv(keys.KEY, raising=False)
    monkeypatch.delenv(keys.KEY_FILE, raising=False)
    with empty_register(tmp_path, monkeypatch):
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
    monkeypatch.setenv(keys.KEY, new_key())
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
    monkeypatch.setenv(keys.KEY_FILE, str(named))
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
