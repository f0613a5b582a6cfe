"""Units of units: a district's sum holds its bureaus', a city's the districts'. Is anybody in twice?

A unit that is within another's sum and comes by itself as well would be counted twice: 不成立, by
name. Names that may be of one unit (甲区民政局, 甲区民政局（本级）, 某市甲区民政局), and two units with the
same tables, are 存疑. At every level the whole is the sum of its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from models.report_tables.identities import Check, Verdict
from models.units.unit_report import Unit, sum_of
from models.words.names import one_name

DEEPEST = 6  # levels of administration, and one to spare
SHORTEST = 4  # characters of a name that may be the end of another
_PLACE = re.compile(r"[省市区县州盟旗]")
_WHERE = re.compile(r".*[省市区县州盟旗]")
_OWN_LEVEL = re.compile(r"[(（]?(?:本级|机关|本部|汇总|全[省市区县])[)）]?$")


def nested_of(data: Mapping[str, object]) -> dict[str, object]:
    """The units that a file of tables is the sum of, by name; none for a unit's own report."""
    stated = data.get("units")
    return dict(stated) if isinstance(stated, dict) else {}


def all_names(nested: Mapping[str, object], depth: int = 0) -> Iterator[str]:
    """The names of all units within, at every level."""
    for name, one in nested.items():
        yield name
        if isinstance(one, dict) and depth < DEEPEST:
            yield from all_names(nested_of(one), depth + 1)


def within_others(units: Sequence[Unit]) -> Iterator[Check]:
    """Who is within another's sum, and comes by itself, or within a third's, as well."""
    own = {one_name(unit.name): unit for unit in units}
    ends = {end: unit for unit in units for end in _ends(_bare(unit.name))}
    first: dict[str, Unit] = {}
    for unit in units:
        for name in dict.fromkeys(all_names(unit.nested)):
            key = one_name(name)
            other = own.get(key) or first.get(key)
            if other is not None and other is not unit:
                message = f"{name}已包含在{unit.called}的汇总中，又由{other.called}报送，重复计入"
                yield Check(f"unit.nested.{name}", False, message)
            elif (again := _the_same(name, unit, ends)) is not None:
                message = f"{unit.called}的汇总中的{name}，与{again.called}可能是同一单位，都已计入，请核实"
                yield Check(f"unit.alike.{name}", True, message, short_of=Verdict.DOUBTFUL)
            first.setdefault(key, unit)


def _the_same(name: str, within: Unit, ends: Mapping[str, Unit]) -> Unit | None:
    """The unit that comes by itself and may be one within another's sum, under another name:
    甲区民政局 within it, 某市甲区民政局 or 甲区民政局（本级） by itself; or 民政局 within 甲区's.
    """
    where = _WHERE.match(one_name(within.name))
    for one in (_bare(name), (where.group() if where else "") + _bare(name)):
        for end in _ends(one):
            if (unit := ends.get(end)) is not None and unit is not within:
                bare = _bare(unit.name)
                if bare == one or _lead(bare, one) or _lead(one, bare):
                    return unit
    return None


def _ends(name: str) -> Iterator[str]:
    """A name, and its ends that are long enough to be a name."""
    yield name
    yield from (name[n:] for n in range(1, len(name) - SHORTEST))


def same_again(units: Sequence[Unit]) -> Iterator[Check]:
    """Units whose names may be of one, and units with the same tables."""
    by_end: dict[str, Unit] = {}
    for unit in units:
        bare = _bare(unit.name)
        if (other := by_end.get(bare)) is not None:
            yield _alike(other, unit)
        by_end.setdefault(bare, unit)
    for unit in units:
        bare = _bare(unit.name)
        ends = (bare[n:] for n in range(1, len(bare) - SHORTEST + 1))
        other = next((by_end[end] for end in ends if end in by_end and len(end) > SHORTEST), None)
        if other is not None and other is not unit and _longer(unit, other):
            yield _alike(other, unit)
    yield from _same_tables(units)


def _bare(name: str) -> str:
    return _OWN_LEVEL.sub("", one_name(name))


def _longer(unit: Unit, other: Unit) -> bool:
    """Whether the longer name only says where the other is: 某市＋甲区民政局, and not 甲区＋民政局."""
    return _lead(_bare(unit.name), _bare(other.name))


def _lead(longer: str, shorter: str) -> bool:
    lead = longer.removesuffix(shorter)
    return (
        lead != longer
        and bool(_PLACE.search(shorter[:-1]))
        and bool(re.search(rf"{_PLACE.pattern}$", lead))
    )


def _alike(first: Unit, again: Unit) -> Check:
    message = f"{first.called}与{again.called}可能是同一单位，都已计入，请核实"
    return Check(f"unit.alike.{again.name}", True, message, short_of=Verdict.DOUBTFUL)


def _same_tables(units: Sequence[Unit]) -> Iterator[Check]:
    seen: dict[tuple[object, ...], Unit] = {}
    for unit in units:
        key = (tuple(sorted(unit.table3.items())), unit.table4)
        if not any(figure for row in unit.table3.values() for figure in row):
            continue
        if (other := seen.get(key)) is not None:
            message = (
                f"{other.called}与{unit.called}的表三、表四各格完全相同，请核实是否误报了对方的"
            )
            yield Check(f"unit.same.{unit.name}", True, message, short_of=Verdict.DOUBTFUL)
        seen.setdefault(key, unit)


def same_tables(first: Unit, again: Unit) -> bool:
    return (first.table3, first.table4) == (again.table3, again.table4)


def sum_of_nested(unit: Unit, nested: Mapping[str, object], depth: int = 0) -> Iterator[Check]:
    """At every level each cell of tables 二, 三 and 四 is the sum of the units within."""
    if not nested:
        return
    yield from _sum_of(
        unit.name, {"table2": unit.table2, "table3": unit.table3, "table4": unit.table4}, nested
    )
    for name, one in nested.items():
        if isinstance(one, dict) and depth < DEEPEST and (below := nested_of(one)):
            yield from _sum_of(name, one, below)


def _sum_of(name: str, whole: Mapping[str, object], parts: Mapping[str, object]) -> Iterator[Check]:
    wrong = []
    tables3 = [_rows(one) for one in parts.values()]
    for code, row in _rows(whole).items():
        for n, figure in enumerate(row):
            theirs = sum_of(_figure(one.get(code, ()), n) for one in tables3)
            if figure != theirs:
                wrong.append(f"表三{code}第{n + 1}格为{figure}，所属单位之和为{theirs}")
    wrong += _wrong2(_items(whole), [_items(one) for one in parts.values()])
    fours = [_list(one, "table4") for one in parts.values()]
    for n, figure in enumerate(_list(whole, "table4")):
        theirs = sum_of(_figure(one, n) for one in fours)
        if figure != theirs:
            wrong.append(f"表四第{n + 1}格为{figure}，所属单位之和为{theirs}")
    if wrong:
        message = (
            f"{name}的汇总有{len(wrong)}格不等于所属{len(parts)}个单位之和：{'；'.join(wrong[:3])}"
        )
        yield Check(f"unit.sum.{name}", False, message)


def _wrong2(
    whole: Mapping[str, list[object]], parts: Sequence[Mapping[str, list[object]]]
) -> Iterator[str]:
    """Of table 二 what every unit within states: a blank is not taken for 0."""
    for item, row in whole.items():
        for n, figure in enumerate(row):
            theirs = [one[item][n] if n < len(one.get(item, ())) else None for one in parts]
            if figure is None or None in theirs:
                continue
            added = sum_of(_figures(theirs))
            if sum_of(_figures([figure])) != added:
                yield f"表二{item}第{n + 1}格为{figure}，所属单位之和为{added}"


def _items(one: object) -> dict[str, list[object]]:
    """Table 二 by item; an item of one column may be stated without its list."""
    stated = one.get("table2") if isinstance(one, Mapping) else None
    items = stated if isinstance(stated, Mapping) else {}
    return {
        str(item): list(row) if isinstance(row, list | tuple) else [row]
        for item, row in items.items()
    }


def _rows(one: object) -> dict[str, list[float]]:
    stated = one.get("table3") if isinstance(one, Mapping) else None
    rows = stated if isinstance(stated, Mapping) else {}
    return {str(code): _figures(row) for code, row in rows.items()}


def _list(one: object, name: str) -> list[float]:
    return _figures(one.get(name)) if isinstance(one, Mapping) else []


def _figures(row: object) -> list[float]:
    stated = row if isinstance(row, list | tuple) else []
    return [
        one if isinstance(one, int | float) and not isinstance(one, bool) else 0 for one in stated
    ]


def _figure(row: Sequence[float], n: int) -> float:
    return row[n] if n < len(row) else 0
