"""`disclosure deadline`: JSON Lines in, one answer a line out; one date in, an explanation out."""

from __future__ import annotations

import io
import json
import multiprocessing
from collections.abc import Iterator
from datetime import date
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pytest
from histories import BEFORE_2027, CONFIG, LAW

from flows import office
from flows.__main__ import main
from flows.commands import deadline_command, many_histories
from flows.installation import config_folder
from flows.shown import deadlines
from models.law.deadline import ClockEvent, deadline
from models.law.workdays import Calendar

GOOD = '{"id": "a", "events": [{"kind": "received", "on": "2026-03-02"}]}'


def line(*events: dict[str, Any], name: object = "a") -> str:
    return json.dumps({"id": name, "events": list(events)}, ensure_ascii=False)


def received(**more: object) -> dict[str, Any]:
    return {"kind": "received", "on": "2026-03-02", **more}


def event(kind: str, on: str = "2026-03-10", **more: object) -> dict[str, Any]:
    return {"kind": kind, "on": on, **more}


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command over a file of these lines: (exit code, answers)."""

    def run(*lines: str | bytes) -> tuple[int, list[dict[str, Any]]]:
        file = tmp_path / "events.jsonl"
        file.write_bytes(b"\n".join(x.encode() if isinstance(x, str) else x for x in lines))
        code = main(["deadline", "--events", str(file)])
        return code, [json.loads(one) for one in capsys.readouterr().out.split("\n") if one]

    return run


# ── one date ────────────────────────────────────────────────────────────────────────────────────
def test_one_date_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--received", "2026-09-18"]) == 0
    assert capsys.readouterr().out == (
        "答复期限届满日：2026年10月22日，星期四\n"
        "  1. 2026年9月18日至10月22日（其间中秋节9月25日至27日、国庆节10月1日至7日等休息日14天，"
        "9月20日、10月10日调休上班）：自收到申请次日起，第20个工作日届满（条例第三十三条）\n"
    )


def test_a_provisional_day_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_folder, "law", lambda: BEFORE_2027)
    assert main(["deadline", "--received", "2026-12-04"]) == 0
    out = capsys.readouterr().out
    assert "2027年1月4日，星期一（暂定）" in out
    assert "2027年的放假安排尚未公布" in out


def test_one_date_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--received", "2026-04-30", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["last_day"] == "2026-06-01"
    assert answer["steps"][0]["skipped"][:5] == [f"2026-05-0{day}" for day in range(1, 6)]


@pytest.mark.parametrize("on", ["2026-02-30", "20260302x", "昨天", ""])
def test_what_is_no_date_is_refused(on: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["deadline", "--received", on])
    assert refused.value.code == 2
    assert "不是日期" in capsys.readouterr().err


def test_a_date_before_the_rules_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", "--received", "2019-05-14"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "没有生效的规定" in err


def test_the_whole_story_reads_as_an_explanation() -> None:
    story = [
        ClockEvent("received", date(2026, 3, 2)),
        ClockEvent("correction_requested", date(2026, 3, 4), days=10),
        ClockEvent("corrected", date(2026, 3, 12)),
        ClockEvent(
            "consultation_started",
            date(2026, 3, 20),
            party="third_party",
            ref="甲",
            delivered_on=date(2026, 3, 23),
        ),
        ClockEvent("consultation_ended", date(2026, 4, 3), ref="甲"),
        ClockEvent("extended", date(2026, 4, 22), days=5),
        ClockEvent("replied", date(2026, 4, 30)),
    ]
    assert deadlines.explain(deadline(story, office.law())) == (
        "答复期限届满日：2026年5月6日，星期三；2026年4月30日已按期答复\n"
        "  1. 2026年3月2日至3月4日：自收到申请次日起已用2个工作日（条例第三十三条）\n"
        "  2. 2026年3月4日至3月12日（其间周末2天）："
        "告知补正后期限停止计算，收到补正材料后重新计算（条例第三十条）\n"
        "  3. 2026年3月12日至3月20日（其间周末2天）："
        "自收到补正材料次日起已用6个工作日（条例第三十三条）\n"
        "  4. 2026年3月20日至4月3日（其间周末4天）：征求第三方意见，2026年4月3日收到答复，"
        "所需的10个工作日不计入期限（条例第三十三条）\n"
        "  5. 2026年4月3日至4月24日（其间清明节4月4日至6日等休息日7天）："
        "自征求意见结束次日起，剩余的14个工作日届满（条例第三十三条）\n"
        "  6. 2026年4月24日至5月6日（其间劳动节5月1日至5日等休息日7天）："
        "2026年4月22日告知延期，延长5个工作日（条例第三十三条）"
    )


def test_a_case_that_waits_has_no_last_day() -> None:
    waiting = [
        ClockEvent("received", date(2026, 3, 2)),
        ClockEvent("fee_noticed", date(2026, 3, 4)),
    ]
    first, *_ = deadlines.explain(deadline(waiting, office.law())).splitlines()
    assert first == "期限停止计算，目前没有届满日。"


# ── many histories ──────────────────────────────────────────────────────────────────────────────
def test_an_answer_has_the_shape_of_the_contract(ask: Any) -> None:
    code, [answer] = ask(GOOD)
    assert code == 0
    assert answer == {
        "id": "a",
        "last_day": "2026-03-30",
        "provisional": False,
        "suspended": False,
        "steps": [
            {
                "article": "33",
                "from": "2026-03-02",
                "to": "2026-03-30",
                "working_days": 20,
                "skipped": [f"2026-03-{day:02}" for day in (7, 8, 14, 15, 21, 22, 28, 29)],
                "why": "自收到申请次日起，第20个工作日届满",
            }
        ],
        "warnings": [],
    }


def test_a_case_waiting_for_a_correction_is_suspended(ask: Any) -> None:
    code, [answer] = ask(line(received(), event("correction_requested", days=15)))
    assert (code, answer["last_day"], answer["suspended"]) == (0, None, True)


BAD = {
    "no JSON": ("{not json", "不是有效的 JSON"),
    "cut off": (GOOD[:-4], "不是有效的 JSON"),
    "two on a line": (GOOD + GOOD, "不是有效的 JSON"),
    "not a number": ('{"id": NaN, "events": []}', "NaN 不是数值"),
    "brackets without end": ("[" * 100_000, "嵌套过深"),
    "a number without end": ('{"id": 1' + "0" * 5000 + "}", "数值过大"),
    "not UTF-8": ("申请".encode("gb18030"), "编码应为 UTF-8"),
    "a list": ("[]", "应为一个对象"),
    "a text": ('"a"', "应为一个对象"),
    "no events": ('{"id": "x"}', "events 应为非空的事件列表"),
    "empty events": (line(), "events 应为非空的事件列表"),
    "events no list": ('{"events": {"kind": "received"}}', "events 应为非空的事件列表"),
    "event no object": ('{"events": ["received"]}', "第1个事件应为一个对象"),
    "unknown field": (line(received(day="2026-03-02")), "未知的字段 day"),
    "no kind": (line({"on": "2026-03-02"}), "kind 应为事件名称"),
    "kind a number": (line({"kind": 1, "on": "2026-03-02"}), "kind 应为事件名称"),
    "kind unknown": (line(received(), event("paused")), "没有名为 paused 的事件"),
    "no date": (line({"kind": "received"}), "on 应为日期"),
    "date a number": (line(received(on=20260302)), "on 应为日期"),
    "date with slashes": (line(received(on="2026/03/02")), "on 应为日期"),
    "date of a week": (line(received(on="2026-W10-1")), "on 应为日期"),
    "date with a time": (line(received(on="2026-03-02T10:00:00")), "on 应为日期"),
    "no such day": (line(received(on="2026-02-30")), "on 应为日期"),
    "days true": (line(received(), event("extended", days=True)), "days 应为正整数，而不是 True"),
    "days a text": (line(received(), event("extended", days="5")), "days 应为正整数"),
    "days a fraction": (line(received(), event("extended", days=5.5)), "days 应为正整数"),
    "days none": (line(received(), event("correction_requested", days=0)), "days 应为正整数"),
    "days beyond any calendar": (
        line(received(), event("correction_requested", days=10**9)),
        "尚未公布",
    ),
    "party unknown": (
        line(received(), event("consultation_started", party="neighbour")),
        "party 应为 third_party、other_agency、joint_agency",
    ),
    "party a list": (line(received(), event("consultation_started", party=[])), "party 应为"),
    "ref a list": (line(received(), event("consultation_ended", ref=["a"])), "ref 应为"),
    "delivered no date": (
        line(received(), event("consultation_started", party="third_party", delivered_on=1)),
        "delivered_on 应为日期",
    ),
    "impossible": (line(received(), event("corrected")), "之前没有补正告知"),
    "before the rules": (line(received(on="2019-05-14")), "没有生效的规定"),
    "before the common era": (line(received(on="0001-01-01")), "没有生效的规定"),
    "after the calendar": (line(received(on="9999-12-31")), "尚未公布"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_says_why_and_the_others_are_answered(ask: Any, name: str) -> None:
    bad, expected = BAD[name]
    code, [first, fault, last] = ask(GOOD, bad, GOOD)
    assert code == 1
    assert first == last
    assert first["last_day"] == "2026-03-30"
    assert fault.keys() == {"id", "error"}
    assert fault["error"].startswith("第2行：")
    assert expected in fault["error"]


def test_an_error_keeps_the_id_of_its_line(ask: Any) -> None:
    _, [answer] = ask(line(event("replied"), name="沪〔2026〕1"))
    assert answer["id"] == "沪〔2026〕1"


@pytest.mark.parametrize("name", [None, 7, "〔2026〕1号", ["a", 1], {"n": 1}, "\ud800", "a\u2028b"])
def test_any_id_comes_back_as_it_was(ask: Any, name: object) -> None:
    code, [answer] = ask(json.dumps({"id": name, "events": [received()]}))
    assert (code, answer["id"]) == (0, name)


def test_a_line_ends_only_where_a_line_ends(ask: Any) -> None:
    text = "a\u2028b\x85c"  # separators of lines elsewhere, not here
    code, [answer] = ask(GOOD.replace('"a"', f'"{text}"'))
    assert (code, answer["id"]) == (0, text)


def test_windows_files_and_empty_lines_are_read(ask: Any) -> None:
    code, answers = ask(b"\xef\xbb\xbf" + GOOD.encode() + b"\r", b"\r", b"  ", GOOD, b"")
    assert (code, len(answers)) == (0, 2)


def test_consultations_are_told_apart_by_their_ref(ask: Any) -> None:
    code, [answer] = ask(
        line(
            received(),
            event("consultation_started", "2026-03-10", party="third_party", ref=1),
            event("consultation_started", "2026-03-12", party="joint_agency", ref="2"),
            event("consultation_ended", "2026-03-20", ref="1"),
            event("consultation_ended", "2026-03-25", ref=2),
        )
    )
    assert (code, answer["last_day"]) == (0, "2026-04-15")


class BytesIn(io.TextIOWrapper):
    """A standard input of these bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")


@pytest.mark.parametrize("stdin", [BytesIn(GOOD.encode()), io.StringIO(GOOD + "\n")])
def test_a_dash_is_the_standard_input(
    stdin: io.TextIOBase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", stdin)
    assert main(["deadline", "--events", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["last_day"] == "2026-03-30"


def test_an_empty_file_has_no_answers(ask: Any) -> None:
    assert ask() == (0, [])


def test_a_file_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "absent.jsonl", tmp_path):
        assert main(["deadline", "--events", str(path)]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert str(path) in err


def test_a_date_and_a_file_cannot_both_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["deadline"], ["deadline", "--received", "2026-03-02", "--events", "-"]):
        with pytest.raises(SystemExit) as refused:
            main(argv)
        assert refused.value.code == 2
        assert capsys.readouterr().err


def test_each_line_is_answered_before_the_next_is_read() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield GOOD

    answers = list(islice(deadlines.answer(endless(), office.law()), 3))
    assert [answer["last_day"] for answer in answers] == ["2026-03-30"] * 3


# ── a long file ─────────────────────────────────────────────────────────────────────────────────
def test_what_lies_between_two_days_is_told_by_the_calendar_that_was_asked() -> None:
    """The same two days, before the notice of 2026 came and since: 19 and 20 September changed places."""
    before = LAW.with_calendar(Calendar.load(CONFIG / "workdays", hide=[2026, 2027]))
    asked = [ClockEvent("received", date(2026, 9, 14))]
    told = [deadlines.explain(deadline(asked, law)) for law in (before, LAW, before)]
    assert "国庆节（暂按调休放假）10月5日至7日等休息日12天，9月19日、10月10日调休上班" in told[0]
    assert (
        "中秋节9月25日至27日、国庆节10月1日至7日等休息日12天，9月20日、10月10日调休上班" in told[1]
    )
    assert told[2] == told[0]
    skipped = [
        deadlines.as_json(deadline(asked, law))["steps"][0]["skipped"] for law in (before, LAW)
    ]
    assert ["2026-09-20" in days for days in skipped] == [True, False]


def test_no_long_text_in_place_of_a_day_is_kept() -> None:
    """A file of wrong lines takes no more memory than one of right ones."""
    kept = deadlines._read.cache_info().currsize
    lines = (line(received(on=f"{n:01000}")) for n in range(50))
    assert all("应为日期" in one["error"] for one in deadlines.answer(lines, office.law()))
    assert deadlines._read.cache_info().currsize == kept


def test_a_long_file_is_answered_as_each_of_its_lines_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(received(), name=n) for n in range(3 * many_histories.BLOCK + 7)]
    for place in (0, many_histories.BLOCK, 2 * many_histories.BLOCK + 5):
        lines[place] = "{"
    lines[1] = ""
    file = tmp_path / "long.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    assert main(["deadline", "--events", str(file)]) == 1
    alone = capsys.readouterr().out
    monkeypatch.setattr(deadline_command, "LONG", 0)
    assert main(["deadline", "--events", str(file)]) == 1
    together = capsys.readouterr().out
    assert together == alone
    wrong = [one["error"] for one in map(json.loads, together.splitlines()) if "error" in one]
    assert wrong == [f"第{place}行：不是有效的 JSON（第1个字符处）" for place in (1, 1001, 2006)]


def test_a_long_file_without_errors_ends_well(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline_command, "LONG", 0)
    code, answers = ask(line(received(), name=1), line(received(), name=2))
    assert (code, [one["id"] for one in answers]) == (0, [1, 2])


def test_a_process_that_is_ended_from_outside_is_told() -> None:
    answers = many_histories.answered(repeat(line(received())), config_folder.law())
    assert next(answers)[1] is False
    for one in multiprocessing.active_children():
        one.kill()
    with pytest.raises(many_histories.ProcessLost, match="没有算完；请重新运行"):
        for _ in answers:
            pass
