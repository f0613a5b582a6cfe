"""What goes out to the applicant is looked through: is there text under what was blacked out? (Art. 37)"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows import office
from flows.papers import pdf_apart, store
from models.agency.material_rules import MEGABYTE
from models.neighbours.papers import Material


def under_boxes(added: Iterable[Material]) -> list[str]:
    """What the PDFs among these that go out still have under black boxes, as sentences."""
    rules, told = office.material_rules(), list[str]()
    for one in added:
        kind = rules.kinds.get(one.kind)
        if one.type == "pdf" and kind is not None and kind.given:
            told += _under(one, rules.blacked_out_mb * MEGABYTE)
    return told


def _under(one: Material, largest: int) -> Iterator[str]:
    if one.size > largest:
        yield f"“{one.title}”超过 {largest // MEGABYTE} MB，没有检查黑框下面有没有文字"
        return
    found = pdf_apart.covered(store.opened(one.digest))
    if found is None:
        yield f"“{one.title}”无法检查黑框下面有没有文字（有密码，或者已损坏）"
        return
    for each in found:
        yield (
            f"“{one.title}”第{each.page}页的遮盖下面还有文字，复制、另存就能看到：{each.text}。"
            "请重新遮盖（先转成图片），撤出这一份"
        )
