"""Advice to enquirers (咨询服务): not an application; counted in persons, by channel (年报 三)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from models.agency.officers import Role, signed_as
from models.case.act import Circumstances, in_future, not_handling, unprintable
from models.errors import ActRefused
from models.register.closed_years import ENQUIRIES, guard
from models.register.register import enquire, officer_faults
from models.store.submissions import became
from models.store.tables import Enquiry

MOST_PERSONS, LONGEST_SUBJECT = 1000, 2000


def advise(session: Session, enquiry: Enquiry, now: Circumstances) -> Enquiry:
    """Record advice that was given; the same submission recorded twice is one enquiry.

    Raises ActRefused with the reasons when it makes no sense.
    """
    known = became(session, Enquiry, enquiry.submission)
    if known:
        return known
    reasons = [*not_handling(now, "登记咨询"), *_faults(enquiry, now), *officer_faults(now)]
    if reasons:
        raise ActRefused(reasons)
    guard(session, enquiry.on.year, ENQUIRIES, "第三部分所计的咨询人次")
    enquiry.officer = signed_as(now.agency.officers, now.officer, (Role.HANDLE,))
    return enquire(session, enquiry)


def _faults(enquiry: Enquiry, now: Circumstances) -> Iterator[str]:
    channels = now.agency.enquiry_channels
    if enquiry.channel not in channels:
        yield f"咨询方式“{enquiry.channel}”应为{'、'.join(channels)}之一"
    yield from in_future("咨询日期", enquiry.on, now)
    if not 1 <= enquiry.persons <= MOST_PERSONS:
        yield f"人次应为1至{MOST_PERSONS}，而不是{enquiry.persons}"
    if len(enquiry.subject) > LONGEST_SUBJECT:
        yield f"“咨询事项”最多{LONGEST_SUBJECT}个字"
    yield from unprintable({"咨询事项": enquiry.subject})
