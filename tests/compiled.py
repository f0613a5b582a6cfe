"""What SQLAlchemy has put in words for one register of the tests, for those that come after it.

Each test opens a register of its own, and with it an engine that knows no statement yet: putting them
in words again costs a tenth of what such a test does.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import URL, Dialect, Engine
from typing_extensions import override

from flows.installation import opening


class Compiled(dict[tuple[Any, ...], Any]):
    """Statements of every register so far, each put in words once, for connections that are alike.

    The dialect itself stays what it is: SQLAlchemy keeps it in caches that outlive the engine.
    """

    @override
    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(self._alike(key), default)

    @override
    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(self._alike(key), value)

    @staticmethod
    def _alike(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *statement = key
        return alike(dialect), *statement


_ALIKE: WeakKeyDictionary[Dialect, tuple[Any, tuple[Any, ...]]] = WeakKeyDictionary()


def alike(dialect: Any) -> tuple[Any, ...]:
    """What is compiled seals with the key of its register, and reads JSON as its engine does."""
    seals = getattr(dialect, "disclosure_sealing", None)
    known = _ALIKE.get(dialect)
    if known is None or known[0] is not seals:
        read = dialect._json_deserializer, dialect._json_serializer, seals and seals._keys
        known = _ALIKE[dialect] = seals, (dialect.name, dialect.driver, *read)
    return known[1]


STATEMENTS = Compiled()


def shared(patch: pytest.MonkeyPatch) -> None:
    """A register opened from now on goes on with what was compiled for those before."""
    engine_of = opening.engine_of

    def sharing(where: URL) -> Engine:
        made = engine_of(where)
        made.update_execution_options(compiled_cache=STATEMENTS)
        return made

    patch.setattr(opening, "engine_of", sharing)
