"""A year that an office began within is compared with none, until it is stated to be whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register

from flows import office
from flows.__main__ import main
from flows.commands import ledger
from flows.path import intake, recording
from flows.year.annual_report import gathered

CLERK, LEADER = "陈静", "王建国"


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DISCLOSURE_CODES", "off")
    with empty_register(tmp_path, monkeypatch):
        yield


def answer(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that comes and is answered on one day."""
    monkeypatch.setenv("DISCLOSURE_TODAY", day)
    number = intake.receive(
        channel="当面提交", kind="自然人", applicant="张三", request=f"{day}的名单",
        arrived_on=None, officer=CLERK,
    ).number  # fmt: skip
    steps: tuple[tuple[str, str, dict[str, str]], ...] = (
        (CLERK, "received", {"received_on": day}),
        (CLERK, "found_ours", {}),
        (CLERK, "drafted_unable", {"outcome": "not_existing", "search": "检索公文系统，未找到"}),
        (LEADER, "approved", {}),
        (LEADER, "signed", {"signed_on": day}),
        (CLERK, "replied", {"delivery": "ems", "sent_on": day, "proof": "1012345678901"}),
    )
    for position, (who, kind, facts) in enumerate(steps, 1):
        done = recording.perform(number, position, kind, dict(facts), who)
        assert not done.refused, done.reasons


def uncompared() -> str:
    with office.reading() as session:
        return gathered(session, 2025, office.today()).uncompared


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("2023-12-29", ""),
        ("2024-01-31", ""),
        ("2024-02-01", "登记簿2024年2月1日开始登记，"),
        ("2024-07-01", "登记簿2024年7月1日开始登记，"),
    ],
)
def test_an_office_that_began_within_the_year_before(
    first: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (first, "2024-11-04", "2025-03-03"):
        answer(day, monkeypatch)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-01-08")
    unstated = "自哪一天起是完整的，还没有写明，不与上年比较。"
    assert uncompared() == (said + unstated if said else "")
    assert ledger.keep_complete_since(date(2024, 1, 1), CLERK)
    assert uncompared() == ""


def test_whoever_makes_the_report_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in ("2024-07-01", "2025-03-03"):
        answer(day, monkeypatch)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-01-08")
    main(["annual-report", "2025", "--out", str(tmp_path / "out")])
    told = (
        "注意：登记簿2024年7月1日开始登记，自哪一天起是完整的，还没有写明，不与上年比较。"
        "由维护人员用 disclosure import --complete-since 日期 写明以后，就有比较。"
    )
    assert told in capsys.readouterr().err
    picture = (tmp_path / "out" / "picture.svg").read_text("utf-8")
    assert "不与上年比较" in picture
    assert "disclosure" not in picture
    assert main(["import", "--complete-since", "2024-01-01"]) == 0
    main(["annual-report", "2025", "--out", str(tmp_path / "out")])
    assert "complete-since" not in capsys.readouterr().err
    assert "不与上年比较" not in (tmp_path / "out" / "picture.svg").read_text("utf-8")
