"""Which materials does a case's file take, of what kinds and sizes, and which are asked for? (Art. 45)

config/materials.toml. What was taken before stays as it is when the rules change: kind and type are
recorded with it.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from models.errors import ConfigFault
from models.law.config_rows import Row, read_toml, validate_row

FILE: Final = "materials.toml"
SEALED_COPY: Final = "sealed_copy"
"""The kind under which the sealed or signed copy of a letter is kept."""
MEGABYTE: Final = 1_000_000

TypeKey = Literal[
    "pdf",
    "ofd",
    "jpeg",
    "png",
    "gif",
    "bmp",
    "webp",
    "tiff",
    "docx",
    "xlsx",
    "pptx",
    "ole",
    "zip",
    "text",
    "markup",
    "mp4",
    "mp3",
    "wav",
]
"""The types that content is told apart by (flows/papers/judged.py)."""


class MaterialKind(Row):
    """A kind of material. personal = destroyed with the applicant's particulars; given = goes out to
    the applicant; apart = is not picked from the list of kinds.
    """

    key: str = Field(pattern=r"^[a-z_]{1,30}$")
    label: str = Field(min_length=1, max_length=30)
    personal: bool = False
    given: bool = False
    apart: bool = False


class MaterialType(Row):
    """A type of content. ending = of the file as it is given back; endings = others that are as good;
    shown = on the page as an image, as images of its pages, or not at all.
    """

    key: TypeKey
    label: str
    ending: str = Field(pattern=r"^\.[a-z0-9]{1,5}$")
    endings: tuple[str, ...] = ()
    media: str
    shown: Literal["", "image", "pages"] = ""
    largest_mb: int | None = Field(default=None, ge=1)

    def ending_of(self, name: str) -> str:
        """The ending that a file of this type keeps: its own, where it is one of the type's."""
        own = Path(name).suffix.lower()
        return own if own in self.endings else self.ending


class AskedMaterial(Row):
    """Which materials an act is to have, one of the kinds; ways, results = only where it was done so."""

    act: str
    kinds: tuple[str, ...] = Field(min_length=1)
    ways: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    reason: str


class MaterialRules(Row):
    """All of config/materials.toml; sizes in MB of 1,000,000 bytes."""

    largest_mb: int = Field(ge=1, le=2000)
    largest_batch: int = Field(ge=1, le=500)
    title_longest: int = Field(ge=10, le=300)
    withdrawn_days: int = Field(ge=0)
    unpacked_mb: int = Field(ge=1)
    most_parts: int = Field(ge=1)
    most_times: int = Field(ge=2)
    unpacked_small_mb: int = Field(ge=0)
    blacked_out_mb: int = Field(ge=0, le=200)
    kind: tuple[MaterialKind, ...] = Field(min_length=1)
    asked: tuple[AskedMaterial, ...] = ()
    type: tuple[MaterialType, ...] = Field(min_length=1)

    @cached_property
    def kinds(self) -> dict[str, MaterialKind]:
        """The kinds by key."""
        return {one.key: one for one in self.kind}

    @cached_property
    def types(self) -> dict[str, MaterialType]:
        """The types by key."""
        return {one.key: one for one in self.type}

    @property
    def picked(self) -> dict[str, str]:
        """The kinds that a material is filed under: key → label."""
        return {one.key: one.label for one in self.kind if not one.apart}

    def label(self, kind: str) -> str:
        """What a kind is called; one that is not in the file any more bears its key."""
        return self.kinds[kind].label if kind in self.kinds else kind

    def kind_of(self, words: str) -> MaterialKind | None:
        """The kind that is meant by a key or a label."""
        said = words.strip()
        return next((one for one in self.kind if said in (one.key, one.label)), None)

    def largest(self, type_key: str) -> int:
        """The most bytes that a material of a type may have."""
        own = self.types[type_key].largest_mb if type_key in self.types else None
        return min(own or self.largest_mb, self.largest_mb) * MEGABYTE


def load_material_rules(folder: Path) -> MaterialRules:
    """config/materials.toml; ConfigFault names the field, or the kind that nothing explains."""
    path = folder / FILE
    rules = validate_row(path, "全文", MaterialRules, read_toml(path))
    tables: dict[str, list[str]] = {
        "kind": [one.key for one in rules.kind],
        "type": [one.key for one in rules.type],
    }
    for table, keys in tables.items():
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ConfigFault(FILE, f"[[{table}]]", f"{'、'.join(twice)} 有两行")
    if SEALED_COPY not in rules.kinds:
        raise ConfigFault(FILE, "[[kind]]", f"缺少 {SEALED_COPY}（盖章件）")
    for one in rules.asked:
        if unknown := [kind for kind in one.kinds if kind not in rules.kinds]:
            expected = f"没有“{'、'.join(unknown)}”这一种材料"
            raise ConfigFault(FILE, f"[[asked]] {one.act} 的 kinds", expected)
    return rules
