"""A real trouble becomes a test: a case without anybody's name, that runs as the original did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from databases import empty_register
from exported_cases import FOLDER, Exported, NotAsExported, read
from histories import AGENCY, LAW
from played import Played
from situations import SITUATIONS, reached

from flows import office
from flows.__main__ import main
from models.acts import catalogue
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.register import register
from models.soundness import anonymised, masked, moved_days
from models.store.tables import Applicant

NUMBER = "SQ202500001"
SAID = (
    *("欧阳锋", "慕容复", "上官婉儿", "310101199001011234", "13912345678", "张江路88号", "令狐冲"),
    *("某某精密仪器公司", "2025-09", "李起草", "王主任", "沪知", "ouyang@example.cn", NUMBER),
    *("二〇二五", "10月", "青藤专利", "诸葛"),
)
"""Whoever and whatever is named in the case below, and must not be found in the file."""
OVER_A_HOLIDAY = """
2025-09-22　收到　申请人姓名或名称＝欧阳锋；申请内容＝青藤专利资助2025年10月名单，电话13912345678，张江路88号
2025-09-24　补正　不明确之处＝欧阳锋（310101199001011234）所称的青藤专利是哪一件；如何补正＝请致电诸葛
2025-09-29　收到补正　补正后的申请内容＝慕容复的青藤专利，ouyang@example.cn
2025-09-29　本机关
2025-10-10　征求意见　征求对象＝第三方；对象的姓名或名称＝某某精密仪器公司；\
征求意见的信息＝上官婉儿的合同；为什么征求其意见＝令狐冲所述
"""


def given(session: Any) -> None:
    play = Played(session)
    for line in OVER_A_HOLIDAY.strip().splitlines():
        play.line(line)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    with empty_register(folder, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", "2025-10-13")
        with office.writing() as session:
            given(session)
            person = session.get_one(Applicant, NUMBER)
            person.identity, person.contact = "310101199001011234", "13912345678"
            person.address = "张江路88号"
        yield folder


def export(home: Path, number: str = NUMBER) -> Path:
    path = home.parent / "样例.json"
    assert main(["export-case", number, "--anonymised", "--out", str(path)]) == 0
    return path


def days(exported: Exported) -> list[date]:
    return sorted({date.fromisoformat(row["on"]) for row in exported.events})


def test_nothing_of_the_original_is_in_the_file(home: Path) -> None:
    words = export(home).read_text("utf-8")
    assert [one for one in SAID if one in words] == []
    assert "样例人1" in words


def test_it_runs_as_the_original_did_over_its_own_holidays(home: Path) -> None:
    exported = read(export(home))
    with office.reading() as session:
        original = register.events(session, NUMBER)
        case = register.case(session, NUMBER)
    assert exported.stands() == exported.stood
    assert [row["kind"] for row in exported.events] == [one.kind for one in original]
    before, now = sorted({one.on for one in original}), days(exported)
    between = LAW.calendar.between
    spans = zip(pairwise(before), pairwise(now), strict=True)
    assert all(between(a, b) == between(c, d) for (a, b), (c, d) in spans)
    assert not {*before} & {*now}
    limit = case.deadline(office.law())
    assert limit is not None
    assert exported.stood[-1]["stage"] == str(case.stage)
    assert exported.stood[-1]["steps"] == [step.working_days for step in limit.steps]


def test_two_persons_stay_two_and_one_stays_one(home: Path) -> None:
    facts = [row["facts"] for row in read(export(home)).events]
    who, whom = facts[0]["applicant"], facts[-1]["name"]
    assert len(who) == len("欧阳锋")
    assert len(whom) == len("某某精密仪器公司")
    assert len(facts[0]["request"]) == len(
        "青藤专利资助2025年10月名单，电话13912345678，张江路88号"
    )
    assert "电话" in facts[0]["request"]


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_can_be_exported_whoever_is_named_in_its_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A marker in every text that an officer can write freely is found in none."""
    marker = "张三丰13912345678"
    with empty_register(tmp_path, monkeypatch), office.writing() as session:
        play = reached(session, name)
        number = play.numbers["甲"][0]
        events = [*register.events(session, number)]
        session.expunge_all()
    marked = 0
    for event in events:
        before = catalogue.replay(number, [one for one in events if one.position < event.position])
        now = Circumstances(event.recorded_on, event.officer, play.law, AGENCY)
        free = [*written_freely(catalogue.act_of(event), before, now, event.facts)]
        event.facts = event.facts | {name: f"{event.facts[name]}{marker}" for name in free}
        marked += len(free)
    assert marked
    found = anonymised.anonymised(number, events, play.law, AGENCY, Random(1))
    text = json.dumps(found, ensure_ascii=False)
    assert "张三丰" not in text
    assert "13912345678" not in text
    assert [*anonymised.standings(found["events"], play.law, AGENCY)] == found["stood"]


def written_freely(
    act: Act, case: Case, now: Circumstances, facts: dict[str, Any]
) -> Iterator[str]:
    """The fields into which an officer wrote words of his own: long ones, without a list."""
    for name, stated in type(act).model_json_schema()["properties"].items():
        long, value = stated.get("maxLength", 0) > 100, facts.get(name)
        if long and value and name not in type(act).options(case, now) and "\t" not in value:
            yield name


def test_a_file_that_was_altered_is_not_taken(home: Path) -> None:
    path = export(home)
    path.write_text(path.read_text("utf-8").replace("样例人1", "样例人9"), encoding="utf-8")
    with pytest.raises(NotAsExported):
        read(path)


def test_without_another_span_of_days_nothing_is_exported(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(moved_days, "ways", lambda *_: iter(()))
    path = home.parent / "nothing.json"
    assert main(["export-case", NUMBER, "--anonymised", "--out", str(path)]) == 2
    assert "找不到另一段日期" in capsys.readouterr().err
    assert not path.exists()


def test_what_could_still_be_found_is_not_exported(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The search is by itself: a mask that lets a name through is noticed."""
    real = masked.Mask._filler

    def leaky(mask: masked.Mask, words: str) -> str:
        mask.hidden.add(words)
        return real(mask, words) if masked.DAY.search(words) else words

    monkeypatch.setattr(masked.Mask, "_filler", leaky)
    path = home.parent / "nothing.json"
    assert main(["export-case", NUMBER, "--anonymised", "--out", str(path)]) == 2
    assert "仍能找到" in capsys.readouterr().err
    assert not path.exists()


def test_a_case_that_is_not_there_and_no_wish_for_a_mask_are_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(home.parent / "nothing.json")
    assert main(["export-case", "SQ9", "--anonymised", "--out", path]) == 2
    with pytest.raises(SystemExit) as ended:
        main(["export-case", NUMBER, "--out", path])
    assert ended.value.code == 2
    assert "--anonymised" in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_what_offices_exported_still_runs_as_it_did(path: Path) -> None:
    exported = read(path)
    assert exported.stands() == exported.stood


def test_the_order_and_kind_of_days_is_kept_or_there_is_no_way() -> None:
    given_days = [date(2025, 9, 26), date(2025, 9, 28), date(2025, 10, 9), date(2025, 10, 12)]
    moved = next(moved_days.ways(given_days, LAW.calendar, Random(3)))
    calendar = LAW.calendar
    for one, other in pairwise(given_days):
        assert calendar.between(one, other) == calendar.between(moved[one], moved[other])
    assert all(calendar.is_workday(one) == calendar.is_workday(moved[one]) for one in given_days)
    wrong = {**moved, given_days[-1]: moved[given_days[-1]] + moved_days.DAY}
    assert not moved_days.alike(given_days, wrong, calendar)
