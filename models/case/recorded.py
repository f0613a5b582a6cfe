"""How is what an earlier version recorded read today? Brought forward, and never judged again (45).

What was recorded happened. The limits of a form (how long, how many, what is required) judge what
is about to be recorded, never what is. When an act's fields change their meaning, the act's
`version` goes up by one, and a small function beside its fields, `upcast_v1_v2`, brings the facts
of the older version forward; tests/releases/ holds what every release has recorded, and a test
reads all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.fields import FieldInfo

from models.agency.officers import by_whom as named_for
from models.case.act import A
from models.errors import RecordedByNewer, Unreadable

ACTED_FOR = "acted_for"
"""Under which key of its facts an act bears for whom it was done (models/agency/officers.py)."""
BLANK: dict[Any, Any] = {str: "", bool: False, tuple: (), list: [], dict: {}}
_RECORDED = ConfigDict(extra="ignore")
REMEMBERED = 4096
"""Acts kept as they were read last: the same events are replayed for each form, line and message."""


def read(act: type[A], facts: Mapping[str, Any], version: int) -> A:
    """The act that was recorded with these facts under a version of it.

    Raises RecordedByNewer where this program is older than the record, Unreadable where the facts
    are no longer what any version wrote (damage, or an upcast that was forgotten).
    """
    if version > act.version:
        raise RecordedByNewer(act.kind, version)
    kinds = tuple(map(type, facts.values()))  # 1 and true are alike, and say different things
    try:
        return cast("A", _remembered(act, version, tuple(facts.items()), kinds))
    except TypeError:  # something in it can be changed: it is nobody else's
        return _read(act, facts, version)


@lru_cache(maxsize=REMEMBERED)
def _remembered(
    act: type[A], version: int, facts: tuple[tuple[str, Any], ...], _kinds: tuple[type, ...]
) -> A:
    """The act that these facts are, the same one each time; TypeError where it could be changed."""
    made = _read(act, dict(facts), version)
    hash(tuple(vars(made).values()))
    return made


def _read(act: type[A], facts: Mapping[str, Any], version: int) -> A:
    forward = dict(facts)
    for older in range(version, act.version):
        forward = getattr(act, f"upcast_v{older}_v{older + 1}")(forward)
    try:
        said = _as_recorded(act).model_validate(forward)
    except ValidationError as fault:
        where = "、".join(sorted({str(one["loc"][0]) for one in fault.errors() if one["loc"]}))
        raise Unreadable(act.kind, version, where) from fault
    return cast("A", act.model_construct(said.model_fields_set, **said.__dict__))


@cache
def _as_recorded(act: type[BaseModel]) -> type[BaseModel]:
    """The fields of an act without the limits of its form.

    What was not asked then, and is required now, was left blank; a day or a figure cannot be.
    """
    fields: dict[str, Any] = {
        name: (field.annotation, _default(field)) for name, field in act.model_fields.items()
    }
    return create_model(f"Recorded{act.__name__}", __config__=_RECORDED, **fields)


def _default(field: FieldInfo) -> Any:
    if not field.is_required():
        return field.get_default(call_default_factory=True)
    kind = field.annotation
    if type(None) in get_args(kind):
        return None
    return BLANK.get(get_origin(kind) or kind, ...)


def by_whom(officer: str, facts: Mapping[str, Any]) -> str:
    """Who did what was recorded, and for whom: 李明（代陈静）."""
    return named_for(officer, facts.get(ACTED_FOR, ""))
