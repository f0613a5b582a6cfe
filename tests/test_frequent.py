"""Who applies most: counted by month, by name however typed, with the pieces that Art. 42 counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from test_ledger import GOOD, as_csv, load

from flows import office
from flows.__main__ import main
from models.register import access_log
from models.register.frequent import frequent
from tests.databases import empty_register
from tests.our_pages import Desk

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def loaded(tmp_path: Path, *counts: tuple[str, str, int]) -> None:
    """So many applications of a name, received on a day."""
    every = [(name, on) for name, on, count in counts for _ in range(count)]
    rows = [
        GOOD | {"登记号": f"F{n}", "申请人": name, "收到日期": on, "办结日期": "2025-12-30"}
        for n, (name, on) in enumerate(every)
    ]
    load(as_csv(tmp_path, *rows))


@pytest.mark.parametrize(
    ("pieces", "reached", "yuan"),
    [
        (10, "未超过免费的10件", 0),
        (11, "已到第11件，每件100元的一档", 100),
        (30, "已到第30件，每件100元的一档", 2000),
        (31, "已到第31件，每件200元的一档", 2200),
        (40, "已到第40件，每件200元的一档", 4000),
        (41, "已到第41件，每件300元的一档", 4300),
    ],
)
def test_the_fullest_month_says_which_pieces_were_reached(
    pieces: int, reached: str, yuan: int, tmp_path: Path
) -> None:
    loaded(
        tmp_path,
        ("周晓岚", "2025-03-03", pieces),
        ("周晓岚", "2025-04-01", 2),
        ("李四", "2025-03-03", 1),
    )
    with office.reading() as session:
        found = frequent(session, date(2025, 1, 1), date(2025, 12, 31), 3, office.law())
    (one,) = found
    assert (one.reached, one.yuan, one.total) == (reached, yuan, pieces + 2)
    assert one.months == {"2025-03": pieces, "2025-04": 2}


def test_the_fee_counts_whole_months_of_a_span_that_begins_or_ends_within_one(
    tmp_path: Path,
) -> None:
    loaded(tmp_path, ("周晓岚", "2025-03-03", 9), ("周晓岚", "2025-03-20", 3))
    with office.reading() as session:
        for since, until, total in ((4, 31, 3), (1, 19, 9), (1, 31, 12)):
            span = (date(2025, 3, since), date(2025, 3, until))
            (one,) = frequent(session, *span, 1, office.law())
            assert (one.total, one.months) == (total, {"2025-03": total})
            assert (one.reached, one.yuan) == ("已到第12件，每件100元的一档", 200)


def test_a_name_is_one_however_it_was_typed_and_each_end_of_the_span_counts(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        ("ＡＢＣ公司", "2025-03-03", 1), ("abc公司", "2025-03-04", 1), ("ABC 公司", "2025-03-05", 1),
    )  # fmt: skip
    with office.reading() as session:
        law = office.law()
        for since, until, total in ((3, 5, 3), (4, 5, 2), (3, 4, 2)):
            span = (date(2025, 3, since), date(2025, 3, until))
            found = frequent(session, *span, 2, law)
            assert [one.total for one in found] == [total], span
        assert frequent(session, date(2025, 3, 3), date(2025, 3, 5), 4, law) == []


def test_the_page_and_the_command_list_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded(tmp_path, ("周晓岚", "2025-03-03", 11))
    page = Desk().get("/frequent?from=2025-01-01&to=2025-12-31&least=11")
    assert "周晓岚" in page
    assert "每件100元的一档，当月合计100元" in page
    assert "周晓岚" not in Desk().get("/frequent?from=2025-01-01&to=2025-12-31&least=12")
    assert "不超过一年" in Desk().get("/frequent?from=2024-01-01&to=2025-12-31", 409)
    assert main(["frequent", "--from", "2025-01-01", "--to", "2025-12-31"]) == 0
    assert "周晓岚\t11件\t2025年3月 11件" in capsys.readouterr().out
    assert main(["frequent", "--from", "2025-02-01", "--to", "2025-01-31"]) == 2
    with office.reading() as session:
        found = access_log.lines(session, *ALWAYS)
    said = [one.what for one in found if "申请较多" in one.what]
    assert [one.rpartition(" ")[2] for one in said] == ["F9、F8、F7、F6、F5"] * 2, (
        "page and command"
    )
