"""登记咨询: advice given by telephone, fax, letter or at the counter; not an application (年报 三)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.path.entering import as_row, enter_once
from flows.path.form_fields import By, Group, Use
from flows.path.start_forms import start_form
from flows.prefect_side.deployments import Listed
from models.neighbours.enquiry import advise
from models.store.tables import Enquiry


@start_form(
    "登记咨询",
    Use(Group.REGISTRATION, "有人来电、来访，只问一件事，当场答复了，没有提出申请"),
)
def record_enquiry(
    channel: Annotated[str, Field(title="方式"), Listed(lambda: office.agency().enquiry_channels)],
    given_on: Annotated[date, Field(title="咨询日期")],
    by: By,
    persons: Annotated[int, Field(title="人次", ge=1)] = 1,
    subject: Annotated[str, Field(title="咨询事项")] = "",
) -> None:
    """登记一次政府信息公开咨询服务，计入年度报告第三部分的“人次”。"""
    now = office.circumstances(by.officer)

    def advise_it(session: Session, submission: str | None) -> Enquiry:
        enquiry = Enquiry(
            submission=submission,
            on=given_on,
            channel=channel,
            persons=persons,
            subject=subject,
            officer=by.officer,
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        return advise(session, enquiry, now)

    enter_once("enquiry", by, advise_it, as_row(Enquiry))
