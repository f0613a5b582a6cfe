"""`disclosure rekey`: seals all that is sealed with the key in use, and tries every value of it.

Nobody else may have the register open meanwhile: an office that was started with the old key would
go on sealing with it. Only when every value opens with the new key alone may the old one go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BindParameter,
    Connection,
    NullPool,
    Text,
    bindparam,
    create_engine,
    make_url,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from flows.installation import keys, postgresql_connections, prefect_schema
from flows.installation.prefect_database import FILE, elsewhere
from models.errors import DisclosureError, WrongKey
from models.store.sealing import MARK, Sealing, is_sealed
from models.store.tables import KeyProof

FINISHED = ("COMPLETED", "CANCELLED")
_SEALED = re.compile(re.escape(MARK) + r"gAAAA[\w=-]+")


class Unopened(WrongKey):
    """Values in the register that none of the keys at hand opens."""

    def __init__(self, places: list[str]) -> None:
        self.places = places
        more = f"等{len(places)}处" if len(places) > 3 else ""
        DisclosureError.__init__(
            self,
            f"登记簿中有加密的内容用现有的密钥打不开（{'、'.join(places[:3])}{more}）：更换密钥时漏了旧密钥的，"
            "请把旧密钥写回密钥文件，放在新密钥下面；否则请从备份恢复",
        )


@dataclass(frozen=True)
class Renewed:
    """What a change of key came to: values sealed anew, and forms that still need the old key."""

    values: int
    waiting: int


def renew(session: Session, sealing: Sealing, prefect: Path, register: URL) -> Renewed:
    """Seal everything with the key in use, and open each value with that key alone.

    prefect = the folder of Prefect's database, unless a setting names another, or it is beside the
    register, whose address is `register`: what was submitted and is not yet recorded is in it. The
    caller commits, and has the register alone. Raises Unopened: nothing is changed.
    """
    guard(session, sealing)
    keys.renew(session, sealing)
    session.flush()
    guard(session, sealing.in_use())
    values = sum(1 for _ in _values(session.connection()))
    return Renewed(values, waiting(prefect, sealing.in_use(), register))


def guard(session: Session, sealing: Sealing) -> None:
    """Open every sealed value of the register. Raises Unopened naming where some do not open."""
    places: dict[str, None] = {}
    for place, value in _values(session.connection()):
        if not sealing.opens(value):
            places[place] = None
    if places:
        raise Unopened(list(places))


def _values(connection: Connection) -> Iterator[tuple[str, str]]:
    """Every sealed value as it is stored, with its table and the key of its row."""
    for table, columns in keys.sealed_columns().items():
        key = list(table.primary_key.columns)
        asked: list[Any] = [*key, *(type_coerce(one, Text) for one in columns)]
        for row in connection.execute(select(*asked)):
            for value in filter(is_sealed, row[len(key) :]):
                yield f"{table.name} {'/'.join(map(str, row[: len(key)]))}", value
    for proof in connection.scalars(select(col(KeyProof.proof))):
        yield "keyproof", proof


def waiting(prefect: Path, sealing: Sealing, register: URL) -> int:
    """How many forms were submitted, are not yet recorded, and do not open with this key."""
    url, file = elsewhere(), prefect / FILE
    if url:
        where = make_url(url)
        driver = "postgresql+psycopg" if where.get_backend_name() == "postgresql" else "sqlite"
        forms = _forms(where.set(drivername=driver), where.render_as_string(hide_password=True))
    elif file.exists():
        to_read = {"mode": "ro", "uri": "true"}
        forms = _forms(URL.create("sqlite", database=file.as_uri(), query=to_read), str(file))
    else:
        forms = []
    if (beside := prefect_schema.forms_at(register)) is not None:
        forms += _forms(beside, beside.render_as_string(hide_password=True))
    return sum(not all(map(sealing.opens, _SEALED.findall(form))) for form in forms)


def _forms(where: URL, shown: str) -> list[str]:
    """What was submitted and is not done, in a database of Prefect's; shown = what it is called."""
    asked = "SELECT CAST(parameters AS TEXT) FROM flow_run WHERE"
    ended = "coalesce(CAST(state_type AS TEXT), '') NOT IN :finished"
    if where.get_backend_name() == "postgresql":
        engine = postgresql_connections.for_once(where, hide_parameters=True)
    else:
        engine = create_engine(where, poolclass=NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            finished: BindParameter[Any] = bindparam("finished", FINISHED, expanding=True)
            return list(connection.scalars(text(f"{asked} {ended}").bindparams(finished)))
    except DBAPIError as fault:
        raise keys.UnreadableForms(shown, str(fault.orig).partition("\n")[0]) from None
