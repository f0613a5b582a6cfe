"""What is looked for is found, and nothing else: against every case of an invented year, one by one."""

from __future__ import annotations

import csv
import html
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from openpyxl import load_workbook
from sqlmodel import select
from test_ledger import GOOD, as_csv, load

from flows import office
from flows.__main__ import main
from flows.commands import simulate
from flows.path import recording
from flows.shown import candidates, search_index
from flows.shown.candidates import Asked
from flows.shown.search import every, search
from flows.shown.search_index import read_on
from models.store.tables import Application, Event, Review
from models.words.pairs import asked, folded, grams, pairs, sought, too_short
from tests.our_pages import Desk, received

CODE = re.compile("[a-z_]+")
"""What an invented year has so is a code: nobody in it writes in Latin letters."""


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def numbers(ask: Asked) -> set[str]:
    with office.reading() as session:
        found = [row.number for row in every(session, ask)]
    assert len(found) == len(set(found))
    return set(found)


def told() -> list[tuple[Application, str]]:
    """Every case, and all that is said in it."""
    everything = []
    with office.reading() as session:
        for row in session.exec(select(Application)):
            events = session.exec(select(Event).where(Event.case_number == row.number)).all()
            said = [
                row.number,
                *(t for e in events for t in strings(e.facts) if not CODE.fullmatch(t)),
            ]
            said += [letter["number"] for e in events for letter in e.letters]
            reviews = session.exec(select(Review).where(Review.application == row.number)).all()
            said += [words for one in reviews for words in (one.number, one.authority_number)]
            everything.append((row, "|".join(map(folded, said))))
    return everything


def one_by_one(ask: Asked, everything: Iterable[tuple[Application, str]]) -> set[str]:
    """The same without an index: every case looked at."""
    found = set()
    for row, text in everything:
        received = row.received_on or row.arrived_on
        if (
            all(word in text for word in asked(ask.words))
            and all(word in folded(row.applicant) for word in asked(ask.applicant))
            and (not ask.officer or row.officer == ask.officer)
            and (not ask.channel or row.channel == ask.channel)
            and (not ask.row or f"{row.row}.".startswith(f"{ask.row}."))
            and (not ask.since or received >= ask.since)
            and (not ask.until or received <= ask.until)
            and (ask.is_open is None or ask.is_open == (row.stage != "已办结"))
        ):
            found.add(row.number)
    return found


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from strings(one)


def test_an_invented_year_is_searched_as_if_case_by_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the pairs that are looked up first are of more cases than was thought, or of none but
    a few.
    """
    simulate.simulate(2025, 120, 7, letters=False, advance=lambda *_: None)
    with office.reading() as session:
        rows = session.exec(select(Application)).all()
        facts = json.dumps([e.facts for e in session.exec(select(Event))], ensure_ascii=False)
    chance = random.Random(7)
    texts = [row.request for row in rows] + [row.applicant for row in rows] + facts.split('"')
    asks = [Asked(words="专利"), Asked(words="不存在的词"), Asked(words="公开 名单"), Asked()]
    for _ in range(60):
        text = chance.choice([one for one in texts if len(folded(one)) > 1])
        start, length = chance.randrange(max(1, len(text) - 1)), chance.randint(2, 6)
        asks.append(Asked(words=text[start : start + length]))
    row = chance.choice([one for one in rows if one.row])
    half = date(2025, 7, 1)
    asks += [
        Asked(applicant=row.applicant[:2]),
        Asked(officer=row.officer),
        Asked(channel=row.channel, is_open=False),
        Asked(row=str(row.row)),
        Asked(row="3.4"),
        Asked(since=half),
        Asked(until=half, is_open=True),
        Asked(since=half, until=half),
        Asked(words="信息", since=half, channel=row.channel, is_open=False),
    ]
    everything = told()
    wanted = [one_by_one(ask, everything) for ask in asks]
    for ask, right in zip(asks, wanted, strict=True):
        assert numbers(ask) == right, ask
    monkeypatch.setattr(candidates, "LOOK", 0)  # as in a large register, whose pairs are of many
    rare, looked_up = candidates._rare, list[tuple[int, int]]()

    def counted(index: Any, words: str, every: Sequence[str], few: int) -> list[str]:
        found = rare(index, words, every, few)
        looked_up.append((len(found), len(every)))
        return found

    monkeypatch.setattr(candidates, "_rare", counted)
    for ask, right in zip(asks, wanted, strict=True):
        assert numbers(ask) == right, ask
    assert any(0 < few < every for few, every in looked_up)
    for n in (0, -1):
        monkeypatch.setattr(candidates, "_rare", lambda *given, n=n: given[2][n:][:1])
        for ask, right in zip(asks[:30], wanted, strict=False):
            assert numbers(ask) == right, ask
    assert any(numbers(ask) for ask in asks[4:])


def test_an_act_is_found_as_soon_as_it_is_recorded(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD | {"办理结果": "", "办结日期": ""}))
    assert numbers(Asked(words="资助项目")) == {"2025-17"}
    assert numbers(Asked(words="甲乙丙丁")) == set()
    assert numbers(Asked(is_open=False)) == set()
    recording.perform("2025-17", 2, "found_ours", {}, "陈静")
    done = recording.perform(
        "2025-17", 3, "assigned", {"handler": "王建国", "note": "甲乙丙丁之事"}, "陈静"
    )
    assert not done.reasons
    assert numbers(Asked(words="乙丙丁之")) == {"2025-17"}
    assert numbers(Asked(officer="王建国")) == {"2025-17"}
    assert numbers(Asked(officer="陈静")) == set()


def test_what_no_officer_wrote_or_sees_is_not_found(tmp_path: Path) -> None:
    """Codes of the drop-downs were: “not” found every reply that information was not ours or not there."""
    load(
        as_csv(
            tmp_path,
            GOOD | {"办理结果": "", "办结日期": ""},
            GOOD | {"登记号": "已办结", "申请内容": "online 办事指南"},
        )
    )
    steps: list[tuple[str, dict[str, Any]]] = [
        ("found_ours", {"note": "not_existing 是原系统的代码"}),
        ("drafted_unable", {"outcome": "not_existing", "reasons": "没有", "search": "查了卷宗"}),
    ]
    for position, (kind, facts) in enumerate(steps, start=2):
        assert not recording.perform("2025-17", position, kind, facts, "陈静").reasons
    assert numbers(Asked(words="查了卷宗")) == {"2025-17"}
    assert numbers(Asked(words="not existing")) == {"2025-17"}  # as it was written
    assert numbers(Asked(words="online")) == {"已办结"}
    assert numbers(Asked(words="not_ours")) == set()
    assert numbers(Asked(words="341")) == set()
    wrong = {"entries": ["0.channel"], "value": "fax", "reason": "原件是传真"}
    assert not recording.perform("已办结", 3, "erratum", wrong, "王建国").reasons
    assert numbers(Asked(words="原件是传真")) == {"已办结"}
    assert numbers(Asked(words="fax")) == set()


def test_words_of_two_characters_and_more_are_found_however_they_are_written(
    tmp_path: Path,
) -> None:
    load(
        as_csv(
            tmp_path,
            GOOD
            | {
                "登记号": "1",
                "申请内容": "关于ＡＢＣ公司（2024）的 专 利 资助",
                "申请人": "周·晓岚",
            },
            GOOD | {"登记号": "2", "申请内容": "利专助资", "申请人": "吴国强"},
        )
    )
    for words in ("专利", "abc公司", "ABC", "专利资助", "2024", "（2024）的", "利资 关于"):
        assert numbers(Asked(words=words)) == {"1"}, words
    assert numbers(Asked(words="专利 利专")) == set()
    assert numbers(Asked(applicant="周晓")) == {"1"}
    assert numbers(Asked(applicant="国强")) == {"2"}
    assert (pairs("专利法"), pairs("专")) == ({"专利", "利法"}, set())
    assert asked("专 专利  专利 ，") == ("专利",)


def test_pages_follow_one_another_and_hold_each_case_once(tmp_path: Path) -> None:
    load(as_csv(tmp_path, *(GOOD | {"登记号": f"L{n:03d}"} for n in range(125))))
    with office.reading() as session:
        seen, after = [], 0
        for size in (50, 50, 25):
            hits = search(session, Asked(words="资助"), after)
            assert (len(hits.rows), hits.behind) == (size, False)
            seen += [row.number for row in hits.rows]
            after = hits.after
        assert after == 0
    assert seen == [f"L{n:03d}" for n in reversed(range(125))]


def test_what_has_all_pairs_of_a_word_and_not_the_word_is_not_shown(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD | {"申请内容": "甲乙，另有乙丙"}))
    assert numbers(Asked(words="甲乙丙")) == set()
    assert numbers(Asked(words="甲乙")) == {"2025-17"}


def test_an_index_is_made_anew_for_another_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(as_csv(tmp_path, GOOD, GOOD | {"登记号": "2"}))
    assert numbers(Asked(words="资助")) == {"2025-17", "2"}
    home = office.home()
    (tmp_path / "另").mkdir()
    with empty_register(tmp_path / "另", monkeypatch):
        monkeypatch.setattr(office, "home", lambda: home)
        load(as_csv(tmp_path, GOOD | {"登记号": "9"}))
        assert numbers(Asked(words="资助")) == {"9"}
        monkeypatch.setattr(search_index, "FORM", "0")
        assert numbers(Asked(words="资助")) == {"9"}


def test_reading_on_stops_in_time_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "BATCH", 10)
    load(as_csv(tmp_path, *(GOOD | {"登记号": str(n)} for n in range(20))))
    with office.reading() as session:
        assert not read_on(session, seconds=0)
        assert search(session, Asked(words="资助"), seconds=0).behind
        assert read_on(session)
        assert len(search(session, Asked(words="资助"), seconds=0).rows) == 20


def test_the_command_lists_masked_pages_and_writes_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(as_csv(tmp_path, *(GOOD | {"登记号": f"L{n:03d}"} for n in range(60)), GOOD))
    assert main(["cases", "--find", "资助", "--closed", "--channel", "互联网"]) == 0
    said = capsys.readouterr()
    assert said.out.count("\n") == 50
    assert "周**" in said.out
    assert "周晓岚" not in said.out
    after = said.err.rpartition("--after ")[2].strip()
    assert main(["cases", "--find", "资助", "--after", after]) == 0
    assert capsys.readouterr().out.count("\n") == 11
    assert main(["cases", "--open"]) == 0
    assert capsys.readouterr().out == ""
    out = tmp_path / "查询.xlsx"
    assert main(["cases", "--applicant", "晓岚", "--outcome", "3.4", "--out", str(out)]) == 0
    sheet = load_workbook(out).worksheets[0]
    cells = [cell.value for line in sheet.iter_rows() for cell in line]
    assert cells.count("周晓岚") == 61
    assert (
        main(
            ["log", "--from", "2020-01-01", "--to", "2099-01-01", "--out", str(tmp_path / "l.csv")]
        )
        == 0
    )
    log = (tmp_path / "l.csv").read_text("utf-8-sig")
    pages, saved = (
        [line for line in log.splitlines() if what in line]
        for what in ("按姓名、词语查询 ", "查询结果另存（61件）")
    )
    for noted in (pages, saved):
        assert {f"L{n:03d}" for n in range(60)} == set(re.findall(r"L\d+", "".join(noted)))
        assert all("命令行" in line for line in noted)
    assert main(["cases", "--all"]) == 0
    said = capsys.readouterr()
    assert said.out.count("\n") == 50
    assert said.err.endswith("\n共61件，本页50件，下一页加 --after 50\n")
    assert main(["cases", "--all", "--after", "50"]) == 0
    said = capsys.readouterr()
    assert (said.out.count("\n"), said.err) == (11, "共61件，本页11件\n")
    assert main(["cases", "--number", "L007"]) == 0
    assert "L007" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--find", "专"], "应有2个字以上"),
        (["--applicant", "周"], "应有2个字以上"),
        (["--channel", "微博"], "应为当面提交"),
        (["--find", "专利", "--out", "甲.doc"], "结尾"),
        (
            ["--from", "2025-03-02", "--to", "2025-03-01"],
            "开始日期2025年3月2日晚于结束日期2025年3月1日",
        ),
        (["--outcome", "9.9"], "表三没有“9.9”这一行"),
        (["--closed", "--stage", "待签发"], "--closed 与 --stage 待签发 没有都符合的"),
        (["--open", "--stage", "已办结"], "--open 与 --stage 已办结 没有都符合的"),
        (["--closed", "--due-before", "2025-03-01"], "只用于未办结的"),
        (["--order", "relevance"], "须与 --find 一同使用"),
        (["--open", "--order", "relevance"], "须与 --find 一同使用"),
    ],
)
def test_what_cannot_be_looked_for_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cases", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_stage_and_limit_narrow_what_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were asked of the plain list alone, and of what was looked for passed over in silence."""
    open_ = GOOD | {"办理结果": "", "办结日期": ""}
    rows = (("甲", "2025-03-03"), ("乙", "2025-03-24"))
    load(as_csv(tmp_path, GOOD, *(open_ | {"登记号": n, "收到日期": on} for n, on in rows)))

    def listed(*options: str) -> list[str]:
        assert main(["cases", *options]) == 0
        return [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]

    looked = ("--find", "资助")
    stage = "待判断公开主体"
    assert sorted(listed(*looked)) == ["2025-17", "乙", "甲"]
    assert listed(*looked, "--stage", stage) == ["乙", "甲"]
    assert listed(*looked, "--stage", "已办结") == ["2025-17"]
    assert listed(*looked, "--stage", "待签发") == []
    assert listed(*looked, "--due-before", "2025-04-01") == ["甲"]
    assert listed("--open", "--due-before", "2025-04-01") == ["甲"]
    assert listed("--outcome", "三（四）1") == listed("--outcome", "3.4.1") == ["2025-17"]
    assert listed("--outcome", "三（四）") == listed("--outcome", "3.4") == ["2025-17"]
    assert listed("--outcome", "三（三）") == []
    out = tmp_path / "查询.csv"
    assert listed("--stage", stage, "--due-before", "2025-04-01", "--out", str(out)) == []
    assert "甲" in out.read_text("utf-8-sig")
    assert "2025-17" not in out.read_text("utf-8-sig")
    for name in ("查询.csv", "查询.xlsx"):
        listed("--closed", "--out", str(closed := tmp_path / name))
        if name.endswith(".csv"):
            head, row = map(tuple, csv.reader(closed.read_text("utf-8-sig").splitlines()))
        else:
            head, row = load_workbook(closed)["查询结果"].values
        assert row[head.index("表三")] == "三（四）1"
    assert main(["cases", "--closed"]) == 0
    assert capsys.readouterr().out.split("\t")[4] == "三（四）1"


def test_by_relevance_what_asks_for_the_words_comes_before_what_mentions_them(
    tmp_path: Path,
) -> None:
    asking = {f"A{n:03d}" for n in range(60)}
    rows = [GOOD | {"登记号": number, "收到日期": "2025-03-03"} for number in sorted(asking)]
    other = GOOD | {"申请内容": "他事", "备注": "与资助项目同卷", "收到日期": "2025-03-04"}
    load(as_csv(tmp_path, *(other | {"登记号": f"B{n:03d}"} for n in range(60)), *rows))
    ask = Asked(words="资助项目")
    for by_relevance, first in ((True, "A"), (False, "B")):
        with office.reading() as session:
            seen, after, pages = [], 0, 0
            while pages == 0 or after:
                hits = search(session, replace(ask, by_relevance=by_relevance), after)
                seen += [row.number for row in hits.rows]
                after, pages = hits.after, pages + 1
        assert (pages, len(seen), len(set(seen))) == (3, 120, 120)
        assert {number[0] for number in seen[:60]} == {first}
    with office.reading() as session:
        half = Asked(words="资助项目", by_relevance=True, until=date(2025, 3, 3))
        assert {row.number for row in every(session, half)} == asking


def test_figures_are_found_in_pieces_and_numbers_by_a_part(tmp_path: Path) -> None:
    load(
        as_csv(
            tmp_path,
            GOOD | {"登记号": "依申请20240017", "申请内容": "沪规划资源许〔2023〕1234567号批复"},
            GOOD | {"登记号": "依申请20240018", "申请内容": "标准DB31T1200和𬭎基集团"},
        )
    )
    for words, found in (
        ("2345", 17), ("123456", 17), ("资源许2023", 17), ("7号批", 17), ("db31t1200", 18), ("DB31", 18),
        ("𬭎基", 18), ("1200和𬭎", 18), ("2024001", 0), ("13456", None),
    ):  # fmt: skip
        every_one = {"依申请20240017", "依申请20240018"}
        wanted = set() if found is None else {f"依申请202400{found}"} if found else every_one
        assert numbers(Asked(words=words)) == wanted == one_by_one(Asked(words=words), told()), (
            words
        )
    assert numbers(Asked(number="0017")) == {"依申请20240017"}
    assert numbers(Asked(number="2024")) == {"依申请20240017", "依申请20240018"}
    assert numbers(Asked(number="1234")) == set()


@pytest.mark.parametrize(
    "word",
    ["专利", "专利资助名", "专利资助名单", "专利资助名单和金", "a1b专利资2024年", "2024", "专2024"],
)
def test_whatever_has_a_word_has_all_that_it_is_looked_for_by(word: str) -> None:
    for text in (word, f"甲{word}乙", f"3{word}7", f"x{word}"):
        assert sought(word) <= grams(text)
    assert sought(word)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"applicant": "张"}, "每个词语应有两个字以上，而不是“张”"),
        ({"number": "1"}, "每个词语应有两个字以上，而不是“1”"),
        ({"find": "批准文件 甲"}, "每个词语应有两个字以上，而不是“甲”"),
        ({"find": "张", "state": "closed"}, "每个词语应有两个字以上，而不是“张”"),
        ({"find": "%x"}, "每个词语应有两个字以上，而不是“%x”"),
        ({"find": "批准文件", "since": "2025-02-30"}, "“2025-02-30”不是日期，应如 2026-03-02"),
    ],
)
def test_what_narrows_nothing_is_said_and_not_left_out(fields: dict[str, str], said: str) -> None:
    received("张伟", request="某项目的批准文件")
    desk = Desk()
    answer = desk.post("/cases", **fields)
    assert answer.status_code == 409
    assert said in html.unescape(answer.text)
    assert "某项目的批准文件" not in answer.text


@pytest.mark.parametrize("name", ["张 伟", "张\u3000伟", "张伟"])
def test_a_name_is_found_with_a_blank_in_it(name: str) -> None:
    received("张伟", request="某项目的批准文件")
    received("李静", request="别的文件")
    desk = Desk()
    for fields in ({"find": name}, {"applicant": name}):
        page = desk.post("/cases", **fields).text
        assert "某项目的批准文件" in page
        assert "别的文件" not in page


def test_a_name_of_one_character_is_found_by_it_alone() -> None:
    received("佚", request="某项目的批准文件")
    assert "某项目的批准文件" in Desk().post("/cases", find="佚").text


@pytest.mark.parametrize(
    ("words", "found", "short"),
    [
        ("张 伟", ("张伟",), ""),
        ("批准 甲 乙 文件", ("批准", "甲乙", "文件"), ""),
        ("周 晓岚", ("周晓岚",), ""),
        ("欧阳 静", ("欧阳静",), ""),
        ("批准文件 甲", ("批准文件",), "甲"),
        ("% 批准", ("批准",), "%"),
    ],
)
def test_characters_that_stand_apart_are_one_word(
    words: str, found: tuple[str, ...], short: str
) -> None:
    assert (asked(words), too_short(words)) == (found, short)
