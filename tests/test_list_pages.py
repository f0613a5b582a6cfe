"""The lists' pages in Prefect: each is written where it is to say something else, and only then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from flows import office
from flows.shown import lists
from models.case.stage import Stage
from models.store.tables import Application
from tests.databases import empty_register

KEYS = [one.key for one in lists.LISTS]


class Prefect:
    """Its artifacts, behind the calls that lists.py makes."""

    def __init__(self) -> None:
        self.pages: dict[UUID, tuple[str, str]] = {}
        self.asked: list[str] = []
        self.away = False

    def request(
        self, method: str, _path: str, *, json: dict[str, str], path_params: Any = None
    ) -> Any:
        self.asked.append(method)
        if self.away:
            raise httpx.ConnectError("refused")
        if method == "POST":
            made = uuid4()
            self.pages[made] = json["key"], json["data"]
            return SimpleNamespace(json=lambda: {"id": str(made)})
        page = path_params["id"]
        if page not in self.pages:
            asked = httpx.Request(method, "http://desk")
            gone = httpx.Response(404, request=asked)
            raise httpx.HTTPStatusError("", request=asked, response=gone)
        self.pages[page] = self.pages[page][0], json["data"]
        return None

    def read_artifacts(self, *, artifact_filter: Any) -> list[Any]:
        self.asked.append("read")
        return [
            SimpleNamespace(id=page, key=key, data=words)
            for page, (key, words) in self.pages.items()
            if key in artifact_filter.key.any_
        ]

    def renew(self, how: Any = lists.renew) -> list[str]:
        """What was asked of it meanwhile."""
        self.asked.clear()
        how(self)
        return [*self.asked]

    def say(self) -> dict[str, str]:
        """What stands on the pages."""
        assert len(self.pages) == len(KEYS), "one of each"
        return dict(self.pages.values())


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the register says the lists say."""
    said = {key: f"{key}（0件）" for key in KEYS}

    def pages(*_: object) -> Iterator[tuple[lists.List, str]]:
        return ((one, said[one.key]) for one in lists.LISTS)

    monkeypatch.setattr(lists, "pages", pages)
    monkeypatch.setattr(office, "reading", lambda: nullcontext(None))
    lists._kept.clear()
    yield said
    lists._kept.clear()


def test_a_page_is_written_where_it_is_to_say_something_else(words: dict[str, str]) -> None:
    prefect = Prefect()
    assert prefect.renew().count("POST") == len(KEYS)
    assert prefect.say() == words
    assert prefect.renew() == []
    words["overdue"] = "overdue（1件）"
    assert prefect.renew() == ["PATCH"]
    assert prefect.say() == words


def test_a_process_that_begins_finds_the_pages_that_are_there(words: dict[str, str]) -> None:
    prefect = Prefect()
    prefect.renew()
    lists._kept.clear()
    assert prefect.renew() == ["read"]
    assert prefect.say() == words


def test_a_page_that_was_deleted_is_there_again_as_soon_as_it_is_to_say_something_else(
    words: dict[str, str],
) -> None:
    prefect = Prefect()
    prefect.renew()
    prefect.pages.pop(next(page for page, (key, _) in prefect.pages.items() if key == "todo"))
    words["todo"] = "todo（1件）"
    assert prefect.renew() == ["PATCH", "read", "POST"]
    assert prefect.say() == words
    assert prefect.renew() == []


def test_what_another_has_written_or_deleted_is_seen_when_all_is_looked_at_afresh(
    words: dict[str, str],
) -> None:
    prefect = Prefect()
    prefect.renew()
    first, second, *_ = prefect.pages
    prefect.pages[first] = prefect.pages[first][0], "of another worker"
    prefect.pages.pop(second)
    assert prefect.renew() == []
    assert prefect.renew(lists.renew_afresh) == ["read", "PATCH", "read", "POST"]
    assert prefect.say() == words


def test_what_could_not_be_written_for_the_server_was_away_is_written_then(
    words: dict[str, str],
) -> None:
    """Whether it was is not known: nothing is taken for written."""
    prefect = Prefect()
    prefect.renew()
    before, words["todo"] = words["todo"], "todo（1件）"
    prefect.away = True
    with pytest.raises(httpx.ConnectError):
        prefect.renew()
    prefect.away = False
    words["todo"] = before
    assert "PATCH" in prefect.renew()
    assert prefect.say() == words


# ── what stands on them ───────────────────────────────────────────────────────────────────────

BELONGS = {
    "todo": lambda row, now: not lists.waits(row, now),
    "due-soon": lists.soon_due,
    "overdue": lists.overdue,
    "waiting": lists.waits,
}
"""Of one row, as its run is labelled."""


def test_a_list_holds_the_cases_that_are_labelled_so_and_the_most_pressing_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stage, every day round today and round the end of what is soon, and what is waited for."""
    monkeypatch.setattr(lists, "SHOWN", 7)
    with empty_register(tmp_path, monkeypatch):
        now = office.circumstances("")
        days = [None, *(now.today + timedelta(days=n) for n in range(-2, 14))]
        untils = [None, *(now.today + timedelta(days=n) for n in (-1, 0, 1))]
        waits = [("", None), *(("补正", until) for until in untils)]
        rows = [
            some_case(f"旧{n}", [*Stage][n % len(Stage)], day, *waiting)
            for n, (day, waiting) in enumerate(product(days, waits))
        ]
        is_open = [row for row in rows if row.stage != Stage.CLOSED]
        with office.writing() as session:
            session.add_all(rows)
        with office.reading() as session:
            pages = {one.key: words for one, words in lists.pages(session, now)}
            for key, belongs in BELONGS.items():
                mine = sorted(
                    (row for row in map(session.merge, is_open) if belongs(row, now)),
                    key=lambda row: (row.last_day is None, row.last_day or now.today, row.number),
                )
                listed = re.findall(r"\[(旧[0-9]+)\]\(/cases/", pages[key])
                assert listed == [row.number for row in mine[:7]], key
                title = next(one.title for one in lists.LISTS if one.key == key)
                assert f"# {title}（{len(mine)}件）" in pages[key]
                assert (f"共{len(mine)}件，这里列出最紧迫的7件" in pages[key]) is (len(mine) > 7)


@pytest.mark.parametrize("today", ["2028-12-22", "2030-03-04"])
def test_lists_are_there_although_no_notice_of_the_year_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: str
) -> None:
    """An office that has been without notices for years still sees what is overdue."""
    with empty_register(tmp_path, monkeypatch):
        with office.writing() as session:
            session.add(some_case("旧1", Stage.DRAFTING, date(2026, 3, 30), "", None))
        monkeypatch.setenv("DISCLOSURE_TODAY", today)
        with office.reading() as session:
            pages = {
                one.key: words for one, words in lists.pages(session, office.circumstances(""))
            }
    assert "已逾期（1件）" in pages["overdue"]
    assert "即将到期（0件）" in pages["due-soon"]


def some_case(
    number: str, stage: Stage, last_day: date | None, waiting: str, until: date | None
) -> Application:
    """A row of the register, without its acts."""
    return Application(
        number=number,
        position=3,
        stage=str(stage),
        channel="in_person",
        applicant_kind="自然人",
        applicant="张三",
        request="专利资助名单",
        officer="陈静",
        arrived_on=date(2026, 3, 2),
        last_day=last_day,
        waiting=waiting,
        waiting_until=until,
    )
