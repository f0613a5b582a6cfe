"""How is what was recorded written, so that it can be digested? Form 1, which never changes: whatever is
linked was digested so, and is held against it for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import repeat
from json.encoder import encode_basestring
from operator import is_
from typing import Any

from pydantic_core import to_json

from models.store import many_rows

_ONE_SPELLING = frozenset({str, bool, type(None)})
_AS_IT_IS = frozenset({str, int, bool, dict, list, type(None)})
_WRITING = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def row_written(row: Mapping[str, Any], letters: list[list[str]]) -> bytes:
    """A row's content as it is digested: form 1, which never changes."""
    stated = {n: said if type(said) in _AS_IT_IS else _plain(said) for n, said in row.items()}
    stated["words"] = letters
    return _WRITING.encode(stated).encode()


def columns_written(stated: many_rows.Columns) -> Iterator[bytes]:
    """As `row_written` writes them, byte for byte, rows that are told column by column; without letters.
    What is one value for several rows is written once.
    """
    many = max(map(len, stated.values()))
    parts, varied = list[str](), list[list[str]]()
    for name in sorted([*stated, "words"]):
        said = stated.get(name) or [[]] * many
        if all(map(is_, said, repeat(said[0]))):  # one value for all
            parts.append(f'"{name}":{_value_written(said[0]).replace("%", "%%")}')
        else:
            parts.append(f'"{name}":%s')
            varied.append(_column_written(said))
    form = "{" + ",".join(parts) + "}"
    rows = zip(*varied, strict=True) if varied else repeat((), many)
    return ((form % one).encode() for one in rows)


def _column_written(said: Sequence[Any]) -> list[str]:
    held = [*said]  # it is gone through twice
    texts = {*map(type, held)} == {str}
    return [*many_rows.once(encode_basestring if texts else _value_written, held)]


def _value_written(said: Any) -> str:
    """One value of a row. What pydantic writes is the same, in a third of the time, of all but numbers
    with a fraction and what JSON does not have.
    """
    if type(said) is str:
        return encode_basestring(said)
    if type(said) is date:
        return f'"{said.isoformat()}"'
    if type(said) is dict and _ONE_SPELLING.issuperset(map(type, said.values())):
        return to_json({name: said[name] for name in sorted(said)}).decode()
    return _WRITING.encode(said if type(said) in _AS_IT_IS else _plain(said))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return in_utc(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return sha256(value).hexdigest() if isinstance(value, bytes) else value


def in_utc(moment: datetime) -> datetime:
    """A moment without its zone: SQLite keeps none, and all of them are UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
