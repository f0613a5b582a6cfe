"""Is the content of every material there and whole, and what goes when its time is over? (Art. 45)

Content goes with the particulars of the applicant where it bears them, some weeks after it was
withdrawn, and after a day where it came to belong to no material. What several materials share goes
with the last of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import Session

from flows import office
from flows.papers import store
from flows.papers.sealed_content import DamagedContent, whole
from flows.papers.store import NoContent, Store, StoreAway
from models.errors import WrongKey
from models.neighbours.papers import Material, kept_digests

LACKING = (NoContent, DamagedContent, WrongKey, OSError)


def faults(session: Session, *, contents: bool = False) -> Iterator[str]:
    """What is wrong with the content of materials; contents = read to the end, not opened alone."""
    looked_at: dict[str, str] = {}
    for number, one, there in kept_digests(session):
        if not there:
            continue
        if one.digest not in looked_at:
            try:
                looked_at[one.digest] = _fault(one, contents=contents)
            except StoreAway as fault:  # nor will it have the others
                yield f"材料没有核对：{fault}"
                return
        if said := looked_at[one.digest]:
            yield f"申请 {number} 第{one.place}号材料：{said}"


def _fault(one: Material, *, contents: bool) -> str:
    try:
        content = store.opened(one.digest)
        if content.size != one.size:
            return f"大小与登记的不符（登记{one.size}字节，存放的{content.size}字节）"
        if contents:
            whole(content)
    except StoreAway:
        raise
    except LACKING as fault:
        return str(fault)
    return ""


def move_in() -> Iterator[str]:
    """Put into the bucket what lies under the office's folder still; says how much that was, or why not."""
    try:
        moved = store.store().move_in()
    except OSError as fault:
        yield f"材料没有移入存放处：{fault}"
        return
    if moved:
        yield f"目录中的材料，{moved}份的内容已移入桶中"


def let_go() -> Iterator[str]:
    """Delete what is kept no longer; says how much that was, or why not."""
    try:
        yield from _let_go(store.store())
    except StoreAway as fault:
        yield f"到期的材料没有删除：{fault}"


def _let_go(where: Store) -> Iterator[str]:
    now, today = office.now(), office.today()
    rules = office.material_rules()
    with office.reading() as session:
        every = list(kept_digests(session))
    days = rules.withdrawn_days
    wanted = {one.digest for _, one, there in every if there or _still(one, today, days)}
    known = {one.digest for _, one, _ in every}
    held = {digest for digest, _ in where.held()}
    over = sorted((known - wanted) & held)
    for digest in over:
        where.remove(digest)
    lost = [*store.untaken(known, where, now)]
    for digest in lost:
        where.remove(digest)
    for path in store.abandoned_parts(now):
        path.unlink(missing_ok=True)
    if over:
        yield f"撤出的、随个人信息销毁的材料，{len(over)}份的内容已删除"
    if lost:
        yield f"没有存完的材料，{len(lost)}份的内容已删除"


def _still(one: Material, today: date, days: int) -> bool:
    """Whether the content of a withdrawn material is kept for a while yet."""
    if one.withdrawn_on is None:
        return False
    return today <= one.withdrawn_on + timedelta(days=days)
