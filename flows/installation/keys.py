"""The key that seals personal data in this installation, and the proof that it is the right one.

DISCLOSURE_KEY (keys separated by commas), or the file DISCLOSURE_KEY_FILE names (one a line), or
`key` under DISCLOSURE_HOME, made at first use for its owner alone. The first key seals, all open:
a key is changed by putting a new one in front (`disclosure rekey` then seals everything with it).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from flows.installation import settings
from models.errors import DisclosureError, WrongKey
from models.store import evidence
from models.store.sealed_text import SealedText
from models.store.sealing import Sealing, keyed, new_key
from models.store.tables import KeyProof

PROOF = "disclosure"
OWNER_ALONE = 0o600
LONGEST = 10_000  # characters of the file: of two hundred keys
NO_FILE = (
    "没有这个文件。从未用过的，用 disclosure new-key 生成一个，写入其中；用过的，从备份恢复原来的"
)


class BadKey(DisclosureError):
    """The key, or the file it should be in, is no key; what it says is never shown."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"加密密钥（{where}）有误：{problem}")


class UnreadableForms(DisclosureError):
    """What was submitted and is not yet recorded cannot be looked through."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"无法查看 {where} 中已提交而未登记的表单（{problem}），未作任何改动")


class LostKey(WrongKey):
    """The register holds sealed personal data, and the key is not where it was."""

    def __init__(self, path: Path) -> None:
        self.path = path
        DisclosureError.__init__(
            self,
            f"登记簿中已有加密的个人信息，而加密密钥 {path} 不见了；请从备份恢复原来的密钥"
            "（不另造新密钥，以免旧的个人信息再也打不开）",
        )


def sealing(home: Path) -> Sealing:
    """The keys as the settings name them; a first key is made where none is named or kept."""
    named = settings.KEY.value()
    if named:
        return _of(named.split(","), f"环境变量 {settings.KEY.name}")
    file = settings.KEY_FILE.value()
    path = Path(file) if file else home / "key"
    if not file and not path.exists():
        _make(path)
    try:
        with path.open(encoding="ascii") as opened:
            words = opened.read(LONGEST + 1)
    except FileNotFoundError:
        raise BadKey(str(path), NO_FILE) from None
    except (OSError, UnicodeDecodeError):
        raise BadKey(str(path), "文件无法读取") from None
    if len(words) > LONGEST:
        raise BadKey(str(path), "文件过大")
    return _of(words.split(), str(path))


def opened(engine: Engine, home: Path) -> Engine:
    """The register, readable with this installation's keys; WrongKey if they are not its own.

    A register without personal data yet takes the key as its own.
    """
    with Session(engine) as session:
        proof = session.get(KeyProof, 1)
    if proof is not None and not at_hand(home):
        raise LostKey(home / "key")
    keys = sealing(home)
    if proof is None:
        proof = _adopt(engine, keys)
    keys.open(proof.proof)
    return keyed(engine, keys)


def renew(session: Session, keys: Sealing) -> int:
    """Seal everything with the key in use now, and link it as it is sealed now; returns how many rows
    that were.
    """
    renewed = 0
    for table, columns in sealed_columns().items():
        key = list(table.primary_key.columns)
        for row in session.connection().execute(select(*key, *columns)).all():
            session.connection().execute(
                update(table)
                .where(*(one == value for one, value in zip(key, row, strict=False)))
                .values(dict(zip(columns, row[len(key) :], strict=True)))
            )
            renewed += 1
    session.connection().execute(update(KeyProof).values(proof=keys.seal(PROOF)))
    evidence.relink(session.connection())
    return renewed


def sealed_columns() -> dict[Table, list[Column[Any]]]:
    """The columns of the register that are sealed, by table."""
    found: dict[Table, list[Column[Any]]] = {}
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedText):
                found.setdefault(table, []).append(column)
    return found


def at_hand(home: Path) -> bool:
    """Whether there is a key without making one."""
    return bool(settings.KEY.value() or settings.KEY_FILE.value()) or (home / "key").exists()


def _of(keys: list[str], where: str) -> Sealing:
    try:
        return Sealing([key.strip() for key in keys if key.strip()])
    except ValueError:
        raise BadKey(where, "应为一个或者几个 Fernet 密钥（32字节，URL 安全的 Base64）") from None


def _make(path: Path) -> None:
    """A new key in a file of its own; whoever comes second finds the first one's."""
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(scratch, path)  # fails if there is one: never replaced
    except FileExistsError:
        return
    finally:
        scratch.unlink()


def _adopt(engine: Engine, keys: Sealing) -> KeyProof:
    """Note in the register that this is its key, and seal what an earlier version kept in clear;
    or find that another process just did.
    """
    try:
        with Session(keyed(engine, keys), expire_on_commit=False) as session, session.begin():
            proof = KeyProof(id=1, proof=keys.seal(PROOF))
            session.add(proof)
            session.flush()
            renew(session, keys)
    except IntegrityError:
        with Session(engine, expire_on_commit=False) as session:
            return session.scalars(select(KeyProof)).one()
    return proof
