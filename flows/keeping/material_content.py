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
from models.errors import DisclosureError, WrongKey
from models.neighbours import papers
from models.neighbours.papers import Material
from models.soundness.integrity import SPOILT, why_unreadable

LACKING = (NoContent, DamagedContent, WrongKey, OSError)


class _Unreadable(DisclosureError):
    """What a case holds of materials cannot be read: its record was altered by other means."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(f"申请 {number}：登记的材料不能核对（{why}）")


def _kept(session: Session, number: str) -> list[tuple[Material, bool]]:
    """The materials of a case, and whether the content of each is to be there; _Unreadable."""
    try:
        return papers.kept(session, number)
    except SPOILT as fault:
        raise _Unreadable(number, why_unreadable(fault)) from fault


def faults(session: Session, *, contents: bool = False) -> Iterator[str]:
    """What is wrong with the content of materials; contents = read to the end, not opened alone."""
    looked_at: dict[str, str] = {}
    for number in papers.with_papers(session):
        try:
            yield from _of_case(session, number, looked_at, contents=contents)
        except _Unreadable as fault:
            yield str(fault)
        except StoreAway as fault:  # nor will it have the others
            yield f"材料没有核对：{fault}"
            return


def _of_case(
    session: Session, number: str, looked_at: dict[str, str], *, contents: bool
) -> Iterator[str]:
    for one, there in _kept(session, number):
        if not there:
            continue
        if one.digest not in looked_at:
            looked_at[one.digest] = _fault(one, contents=contents)
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
    """Delete what is kept no longer; says how much that was, or why not. Nothing goes while the record
    of one case cannot be read: what it holds would be taken for nobody's.
    """
    try:
        yield from _let_go(store.store())
    except (StoreAway, _Unreadable) as fault:
        yield f"到期的材料没有删除：{fault}"


def _let_go(where: Store) -> Iterator[str]:
    now, today = office.now(), office.today()
    rules = office.material_rules()
    with office.reading() as session:
        every = [one for number in papers.with_papers(session) for one in _kept(session, number)]
    days = rules.withdrawn_days
    wanted = {one.digest for one, there in every if there or _still(one, today, days)}
    known = {one.digest for one, _ in every}
    held = {digest for digest, _ in where.held()}
    over = sorted((known - wanted) & held)
    for digest in over:
        where.remove(digest)
    lost = [*store.untaken(known, where, now)]
    for digest in lost:
        where.remove(digest)
    if over:
        yield f"撤出的、随个人信息销毁的材料，{len(over)}份的内容已删除"
    if lost:
        yield f"没有存完的材料，{len(lost)}份的内容已删除"


def _still(one: Material, today: date, days: int) -> bool:
    """Whether the content of a withdrawn material is kept for a while yet."""
    if one.withdrawn_on is None:
        return False
    return today <= one.withdrawn_on + timedelta(days=days)
