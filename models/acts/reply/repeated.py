"""Was the same already answered to the same applicant? By the register, not by what is typed (36(6)).

不予重复处理 presupposes a reply about the information that stands and reached this applicant. A letter
to somebody else, one that was voided, withdrawn, not sent or came back, and the end of an application
without an answer are none. A reply older than the register is possible, and says where it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from models.case.act import Circumstances, blank
from models.case.case import Case
from models.case.matters import OtherApplication
from models.words.names import among, one_name, one_number

ARTICLE = "（条例第三十六条第六项）"


def not_repeated(
    number: str, on: date | None, kept: str, case: Case, now: Circumstances
) -> Iterator[str]:
    """Why a reply of that number and day is no earlier answer to this applicant; none if it is.

    kept = where a reply from before the register is kept; "" = the register has it
    """
    if blank(number):
        return
    asked = one_number(number)
    known = next((one for one in now.others if one.reply and one_number(one.reply) == asked), None)
    answered = on
    if known is not None:
        answered = known.sent_on or known.closed_on or now.today
        yield from _not_served(known, on, kept, now)
        yield from _not_to_all(known, case)
    elif blank(kept):
        yield (
            f"登记簿中没有答复同一申请人、现在有效的告知书“{number.strip()}”：答复他人的，已经作废、撤回的，"
            f"都不是此前的答复；作出于启用登记簿之前的，请写明存于何处{ARTICLE}"
        )
    elif now.since and on and on >= now.since:
        yield (
            f"登记簿自{now.since}启用，此前答复的日期（{on}）不在其前，应当填写登记簿所载的文号{ARTICLE}"
        )
    if answered and case.received_on and answered > case.received_on:
        yield (
            f"本件收到时（{case.received_on}）尚未作出此前的答复，不是重复申请，可以一并答复{ARTICLE}"
        )


def _not_to_all(known: OtherApplication, case: Case) -> Iterator[str]:
    """Who applies together with others has had no answer before by what was told to these."""
    had = among(known.applicants or (case.applicant,))
    new = [one for one in (case.applicant, *case.co_applicants) if one_name(one) not in had]
    if new:
        yield (
            f"告知书{known.reply}没有答复{'、'.join(new)}，对其不是重复申请；只有一部分人重复申请的，"
            f"仍应答复{ARTICLE}"
        )


def _not_served(
    known: OtherApplication, on: date | None, kept: str, now: Circumstances
) -> Iterator[str]:
    if known.sent_on is None:
        yield f"告知书{known.reply}尚未发出，不是已经作出的答复{ARTICLE}"
    elif known.returned:
        yield f"告知书{known.reply}已经退回，没有送达申请人，不是已经作出的答复{ARTICLE}"
    outcome = now.law.outcomes.get(known.outcome or "")
    if outcome and outcome.family == "other":
        yield (
            f"告知书{known.reply}是终止办理（{outcome.label}），没有就信息作出答复，不是此前的答复{ARTICLE}"
        )
    if on and known.dated and on != known.dated:
        yield f"告知书{known.reply}的日期为{known.dated}，与所填的此前答复的日期（{on}）不符"
    if not blank(kept):
        yield f"告知书{known.reply}在登记簿中，不填“登记簿启用前的答复存于何处”"
