"""送达: the post's list of deliveries taken in one go, each row by the act that records it (Art. 45).

All of it or nothing: every row that cannot be recorded is named, and none is then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows import office
from flows.path import recording
from flows.path.form_fields import By
from flows.reading.post_sheet import Row, rows_of
from models.acts.afterwards.delivery import RecordReceived, RecordReturned
from models.errors import DisclosureError
from models.register import register
from models.watch.unserved import Sent, mail_number, sent, unserved

SHOWN = 30


class BadRows(DisclosureError):
    """Rows of a list that cannot be recorded: nothing is."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        more = f"\n……共{len(self.problems)}行" if len(self.problems) > SHOWN else ""
        super().__init__(
            "投递清单没有登记，请更正后再交：\n" + "\n".join(self.problems[:SHOWN]) + more
        )


@dataclass(frozen=True)
class Became:
    """What became of a list: how many were recorded as received, as returned; how many stood already,
    how many are still on their way.
    """

    received: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    there: int = 0
    pending: int = 0

    @property
    def sentence(self) -> str:
        said = [f"登记收到{len(self.received)}件", f"退回{len(self.returned)}件"]
        said += [f"{self.there}行此前已经登记"] if self.there else []
        said += [f"{self.pending}行尚在途中"] if self.pending else []
        return "，".join(said)


def waiting() -> list[Sent]:
    """The replies that are not known to have been received, what came back first."""
    with office.reading() as session:
        return unserved(session, office.law(), office.today())


def take_sheet(name: str, content: bytes, by: By) -> Became:
    """Record what a list of the post says. Raises BadRows, UnreadableFile; ActRefused for who or code."""
    rows = rows_of(name, content, office.post_words())
    with office.reading() as session:
        every = list(sent(session, office.law(), office.today()))
    acts: list[recording.Asked] = []
    became = {"received": list[str](), "returned": list[str]()}
    there = pending = 0
    problems = list[str]()
    seen = set[str]()
    for row in rows:
        if row.fault:
            problems.append(f"第{row.line}行：{row.fault}")
            continue
        if row.state == "pending":
            pending += 1
            continue
        found = _meant(row, every)
        if isinstance(found, str):
            problems.append(f"第{row.line}行：{found}")
        elif mail_number(row.mail) in seen:
            problems.append(f"第{row.line}行：邮件号 {row.mail} 在清单中不止一行")
        elif _stands(row, found):
            there += 1
        else:
            acts.append(_act(row, found))
            became[row.state].append(found.number)
        seen.add(mail_number(row.mail))
    problems += _refused(rows, acts, by)
    if problems:
        raise BadRows(problems)
    if acts:
        recording.perform_all(acts, by, RecordReceived.kind)
    return Became(tuple(became["received"]), tuple(became["returned"]), there, pending)


def _meant(row: Row, every: Sequence[Sent]) -> Sent | str:
    """The reply that was sent under a number of the post; why none is."""
    asked = mail_number(row.mail)
    exact = [one for one in every if asked and asked in _numbers(one.proof)]
    if len(exact) == 1:
        return exact[0]
    if exact:
        numbers = "、".join(one.number for one in exact)
        return f"邮件号 {row.mail} 有几件告知书（{numbers}），请逐件登记"
    return f"没有以邮件号 {row.mail} 发出的告知书（一年以内发出的）"


def _numbers(proof: str) -> set[str]:
    """The numbers that stand in a proof, each whole: 邮件号1012…，EMS; and all of it as one."""
    parts = re.findall(r"[0-9A-Z]+", mail_number(proof))
    return {mail_number(proof), *parts}


def _stands(row: Row, one: Sent) -> bool:
    """Whether it is recorded already, as the list says it."""
    if row.state == "received":
        return one.had is not None and one.had == row.on
    return one.returned_on is not None and one.returned_on == row.on


def _act(row: Row, one: Sent) -> recording.Asked:
    if row.state == "returned":
        said: dict[str, object] = {
            "returned_on": str(row.on),
            "reason": f"{row.reason or '邮件退回'}（邮件号{row.mail}）",
        }
        return recording.Asked(one.number, RecordReturned.kind, said, row.line)
    signer = f"，{row.signer}签收" if row.signer else ""
    said = {"received_on": str(row.on), "proof": f"邮件号{row.mail}{signer}"}
    return recording.Asked(one.number, RecordReceived.kind, said, row.line)


def _refused(rows: Sequence[Row], acts: Sequence[recording.Asked], by: By) -> Iterator[str]:
    """Every row whose act cannot be recorded, with the reasons."""
    with office.reading() as session:
        for asked in acts:
            case = register.case(session, asked.number)
            reasons = recording.judged(session, case, asked.kind, asked.answer, by.officer)
            if reasons:
                yield f"第{asked.place}行（{asked.number}）：{'；'.join(reasons)}"
