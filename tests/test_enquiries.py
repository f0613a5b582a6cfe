"""Enquiries (咨询): recorded by channel, in persons; not applications (年报 三)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from sqlmodel import select

from flows import office
from flows.counter.enquiries import record_enquiry
from flows.prefect_side.deployments import form_of
from models.errors import ActRefused
from models.neighbours.enquiry import advise
from models.store.tables import Enquiry
from models.year import year_end


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def record(channel: str, **changed: Any) -> None:
    asked = {"given_on": date(2026, 3, 2), "officer": "陈静"}
    record_enquiry.fn(channel=channel, **(asked | changed))


def enquiries() -> list[Enquiry]:
    with office.reading() as session:
        return list(session.exec(select(Enquiry)))


def enquiry(**changed: Any) -> Enquiry:
    asked = {
        "on": date(2026, 3, 2),
        "channel": "电话",
        "officer": "陈静",
        "recorded_on": office.today(),
        "recorded_at": office.now(),
    }
    return Enquiry(**(asked | changed))


def advised(given: Enquiry) -> Enquiry:
    now = office.circumstances(given.officer)
    with office.writing() as session:
        return advise(session, given, now)


def test_the_form_offers_the_channels_of_the_settings():
    shown = form_of(record_enquiry)["properties"]["channel"]["enum"]
    assert shown == list(office.agency().enquiry_channels)
    assert {"电话", "传真", "信函", "现场接待", "网络"} <= set(office.agency().enquiry_channels)


def test_persons_are_counted_by_channel_and_the_channels_add_up(monkeypatch):
    record("电话")
    record("电话", persons=2, subject="怎样提出申请")
    record("现场接待", persons=3)
    record("信函", given_on=date(2025, 12, 31))
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-03")
    record("传真", given_on=date(2026, 3, 2))
    with office.reading() as session:
        known = {
            day: year_end.advised_by_channel(session, 2026, day)
            for day in (date(2026, 3, 2), date(2026, 3, 3))
        }
        total = year_end.persons_advised(session, 2026, date(2026, 3, 3))
    assert known[date(2026, 3, 2)] == {"电话": 3, "现场接待": 3}
    assert known[date(2026, 3, 3)] == {"电话": 3, "现场接待": 3, "传真": 1}
    assert total == 7


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"channel": "心灵感应"}, "应为电话、传真、信函、现场接待、网络、其他之一"),
        ({"on": date(2026, 3, 3)}, "晚于今天（2026-03-02）"),
        ({"persons": 0}, "人次应为1至1000，而不是0"),
        ({"persons": -3}, "而不是-3"),
        ({"subject": "甲" * 2001}, "最多2000个字"),
        ({"subject": "甲\u202e乙"}, "控制字符"),
        ({"officer": "甲" * 61}, "“办理人”最多60个字"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence_and_not_recorded(changed, words):
    with pytest.raises(ActRefused, match=words):
        advised(enquiry(**changed))
    assert enquiries() == []


def test_the_same_form_submitted_twice_is_one_enquiry():
    first = advised(enquiry(submission="run-1", persons=2))
    again = advised(enquiry(submission="run-1", persons=2))
    assert first.id == again.id
    assert [found.persons for found in enquiries()] == [2]
    advised(enquiry(submission="run-2"))
    assert len(enquiries()) == 2
