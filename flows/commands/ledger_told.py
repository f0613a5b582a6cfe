"""What is told of a ledger to the one who imports it: what, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

SHOWN: Final = 12
TO_CHECK: Final = "请核对"


@dataclass
class Told:
    """What was left out, changed or taken otherwise than written: what → where, as far as shown."""

    found: dict[str, list[str]] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def tell(self, what: str, where: str = "", most: int = SHOWN) -> None:
        self.count[what] = self.count.get(what, 0) + 1
        places = self.found.setdefault(what, [])
        if where and len(places) < most:
            places.append(where)

    def lines(self) -> Iterator[str]:
        """One sentence for each kind of thing, with its places; first what is to be looked at."""
        for what, places in sorted(self.found.items(), key=lambda one: TO_CHECK not in one[0]):
            more = f"等{self.count[what]}处" if self.count[what] > len(places) else ""
            yield f"{what}：{'、'.join(places)}{more}" if places else what
