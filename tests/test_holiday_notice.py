"""A new year's notice: checked, compared with the data packages, and counted by at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register
from histories import CONFIG, LAW

from flows import office
from flows.__main__ import main
from flows.path import intake, recording
from models.errors import ConfigFault
from models.law import notice_sources
from models.law.notice_sources import as_toml, by_package, differences, from_packages, worked_by
from models.law.notices import Notice, read_notice
from models.law.workdays import Calendar

Run = Callable[..., tuple[int, str, str]]
THIS_YEAR = (CONFIG / "workdays" / "2026.toml").read_text(encoding="utf-8")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An office that has no notice of 2026 yet, in February 2026."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "workdays" / "2027.toml").unlink()
    (folder / "workdays" / "2026.toml").unlink()
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_CONFIG", str(folder))
        monkeypatch.setenv("DISCLOSURE_TODAY", "2026-02-14")
        yield folder / "workdays"


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def received(on: date) -> str:
    case = intake.receive(
        channel="当面",
        kind="自然人",
        applicant="周晓岚",
        request="某文件",
        arrived_on=on,
        officer="陈静",
    )
    answer: dict[str, object] = {"received_on": on.isoformat()}
    assert recording.perform(case.number, 1, "received", answer, "陈静").reasons == ()
    return case.number


def test_loading_a_notice_counts_open_cases_again_and_lists_what_moved(
    run: Run, config: Path, tmp_path: Path
) -> None:
    moving, _staying = received(date(2026, 2, 14)), received(date(2026, 2, 13))
    assert "2026年3月19日（暂定）" in run("cases")[1]
    path = tmp_path / "通知.toml"
    path.write_text(THIS_YEAR, encoding="utf-8")
    code, out, err = run("calendar", "load", path)
    assert (code, err) == (0, "")
    assert f"{moving}　答复期限由2026年3月19日（暂定）改为2026年3月20日\n" in out
    assert "1件的期限有变动" in out
    assert (config / "2026.toml").read_text(encoding="utf-8") == THIS_YEAR
    assert "暂定" not in run("cases")[1]
    assert "2026年3月20日" in run("cases")[1]
    assert "0件的期限有变动" in run("calendar", "load", path)[1]


def test_a_day_the_packages_tell_differently_is_shown_and_nothing_loaded(
    run: Run, config: Path, tmp_path: Path
) -> None:
    path = tmp_path / "2026.toml"
    wrong = THIS_YEAR.replace("work = [2026-05-09]", "work = [2026-05-10]")
    assert wrong != THIS_YEAR
    path.write_text(wrong, encoding="utf-8")
    code, out, err = run("calendar", "load", path)
    assert (code, err) == (1, "共2天不一致，未录入任何内容\n")
    assert out.splitlines() == [
        "2026-05-09　本通知：休息，chinesecalendar：上班，holidays：上班",
        "2026-05-10　本通知：上班，chinesecalendar：休息，holidays：休息",
    ]
    assert not (config / "2026.toml").exists()
    code, out, _ = run("calendar", "load", path, "--anyway")
    assert code == 0
    assert (config / "2026.toml").exists()


def test_both_packages_together_give_the_published_year(run: Run, config: Path) -> None:
    code, out, _ = run("calendar", "packages", 2026)
    assert (code, out.splitlines()[0]) == (0, f"已录入2026年放假安排：{config / '2026.toml'}")
    read = Calendar.load(config)
    published = Calendar.load(CONFIG / "workdays", hide=[2027])
    assert read.mark() == published.mark()
    assert "数据包 chinesecalendar" in read.papers(2026)[0].title


@pytest.mark.parametrize("year", range(2019, 2026))
def test_the_packages_never_replace_a_notice(year: int, run: Run, config: Path) -> None:
    path = config / f"{year}.toml"
    before = path.read_bytes()
    code, out, err = run("calendar", "packages", year)
    assert (code, err) == (0, "")
    assert out == f"已有{year}年放假安排，与数据包一致，未改动：{path}\n"
    assert path.read_bytes() == before


def test_a_notice_that_tells_other_days_than_the_packages_is_kept_and_the_days_shown(
    run: Run, config: Path
) -> None:
    ours = THIS_YEAR.replace("work = [2026-05-09]", "work = [2026-05-10]")
    (config / "2026.toml").write_text(ours, encoding="utf-8")
    code, out, err = run("calendar", "packages", 2026)
    assert (code, err) == (1, "共2天不一致，未录入任何内容\n")
    assert out.splitlines() == [
        "2026-05-09　已有通知：休息，数据包：上班",
        "2026-05-10　已有通知：上班，数据包：休息",
    ]
    assert (config / "2026.toml").read_text(encoding="utf-8") == ours


def test_packages_that_disagree_load_nothing(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_day_off(year: int) -> dict[str, dict[date, bool]]:
        found = by_package(year)
        found["holidays"][date(2026, 5, 9)] = False
        return found

    monkeypatch.setattr("flows.commands.holiday_notice.by_package", one_day_off)
    code, out, _ = run("calendar", "packages", 2026)
    assert code == 1
    assert out == "2026-05-09　本通知：上班，chinesecalendar：上班，holidays：休息\n"
    assert not (config / "2026.toml").exists()


def test_a_year_that_no_package_has_is_not_made_up(run: Run, config: Path) -> None:
    code, out, err = run("calendar", "packages", 2027)
    assert (code, out) == (2, "")
    assert "数据包 chinesecalendar、holidays 中还没有2027年的放假安排" in err
    assert not (config / "2027.toml").exists()


@pytest.mark.parametrize("year", range(2019, 2027))
def test_the_packages_agree_with_each_other_and_with_our_notices(year: int) -> None:
    ours = {
        day: LAW.calendar.is_workday(day)
        for day in notice_sources.days_of(year)
        if day.year >= 2018
    }
    settled = {day: worked for day, worked in ours.items() if day <= date(2026, 12, 20)}
    found = by_package(year)
    assert set(found) == set(notice_sources.PACKAGES)
    assert differences({"ours": settled, **found}) == []


@pytest.mark.parametrize("year", range(2019, 2027))
def test_a_notice_from_the_packages_arranges_the_same_days(year: int) -> None:
    made = from_packages(year, date(2026, 11, 1))
    ours = read_notice(CONFIG / "workdays" / f"{year}.toml")
    december = by_package(year)["holidays"]
    theirs, published = (worked_by(one, december) for one in (made, ours))
    assert {d: w for d, w in theirs.items() if d.year == year} == {
        d: w for d, w in published.items() if d.year == year
    }


def test_a_notice_written_is_the_notice_read(tmp_path: Path) -> None:
    path = tmp_path / "any.toml"
    for year in range(2019, 2027):
        notice: Notice = read_notice(CONFIG / "workdays" / f"{year}.toml")
        path.write_text(as_toml(notice), encoding="utf-8")
        assert read_notice(path) == notice


def test_the_json_of_holiday_cn_is_taken_too(run: Run, config: Path, tmp_path: Path) -> None:
    notice = read_notice(CONFIG / "workdays" / "2026.toml")
    days = [
        {"name": holiday.name, "date": day.isoformat(), "isOffDay": off}
        for holiday in notice.holidays()
        for off, found in ((True, holiday.rest_days()), (False, holiday.work))
        for day in found
    ]
    path = tmp_path / "2026.json"
    path.write_text(json.dumps({"year": 2026, "papers": ["https://www.gov.cn/x"], "days": days}))
    assert run("calendar", "load", path)[0] == 0
    assert Calendar.load(config).mark() == Calendar.load(CONFIG / "workdays", hide=[2027]).mark()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("year = 2027", "version"),
        ('year = 2027\nversion = "2026-11-23"\npapers = []', "没有列出2027年的通知"),
        ('{"year": 2027, "papers": [], "days": []}', "没有列出2027年的放假日期"),
        ('{"year": 2027}', "应有 year、papers 和 days"),
        ("year = ", "不是有效的 TOML"),
        (THIS_YEAR.replace("2026-02-15, 2026-02-23", "2026-02-18, 2026-02-23"), "法定节日"),
    ],
)
def test_what_is_no_notice_is_refused_with_one_sentence(
    content: str, words: str, run: Run, config: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notice.toml"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("calendar", "load", path, "--anyway")
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert sorted(one.name for one in config.iterdir()) == sorted(
        {one.name for one in (CONFIG / "workdays").iterdir()} - {"2026.toml", "2027.toml"}
    )


def test_no_such_file_is_said(run: Run) -> None:
    code, _, err = run("calendar", "load", "/nirgends/2027.toml")
    assert (code, "2027.toml" in err) == (2, True)


def test_a_running_office_counts_by_a_notice_that_was_put_in_its_folder(config: Path) -> None:
    assert not office.law().calendar.published(2026)
    (config / "2026.toml").write_text(THIS_YEAR, encoding="utf-8")
    assert office.law().calendar.published(2026)
    with pytest.raises(ConfigFault):
        read_notice(config / "nothing.toml")


NOTICE_2026 = read_notice(CONFIG / "workdays" / "2026.toml")


def as_json(**names: str) -> str:
    """2026 as holiday-cn has it; names = of weekend days worked, in place of their holiday's."""
    days = [
        {
            "name": holiday.name if off else names.get(f"d{day:%m%d}", holiday.name),
            "date": day.isoformat(),
            "isOffDay": off,
        }
        for holiday in NOTICE_2026.holidays()
        for off, found in ((True, holiday.rest_days()), (False, holiday.work))
        for day in found
    ]
    return json.dumps({"year": 2026, "papers": [], "days": days})


def test_a_weekend_worked_is_never_dropped_whatever_it_is_called(
    run: Run, config: Path, tmp_path: Path
) -> None:
    path = tmp_path / "2026.json"
    path.write_text(as_json(d0214="调休", d0920="国庆节前调休"), encoding="utf-8")
    assert run("calendar", "load", path)[0] == 0
    (paper,) = read_notice(config / "2026.toml").papers
    work = {holiday.name: holiday.work for holiday in paper.holidays}
    assert work["春节"] == (date(2026, 2, 14), date(2026, 2, 28))
    assert date(2026, 9, 20) in work["中秋节"]  # the nearest
    assert Calendar.load(config).mark() == Calendar.load(CONFIG / "workdays", hide=[2027]).mark()


TWICE = THIS_YEAR.replace('name = "劳动节"', 'name = "清明节"')
NO_WORK = "\n".join(
    "work = []" if line.startswith("work = ") else line for line in THIS_YEAR.splitlines()
)
ALL_YEAR = (
    THIS_YEAR.partition("[[papers.holidays]]")[0]
    + '[[papers.holidays]]\nname = "元旦"\nrest = [2026-01-01, 2026-12-31]\nwork = []\n'
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TWICE, "同一份通知中列了两次"),
        (NO_WORK, "放假办法规定的是13天"),
        (ALL_YEAR, "周一至周五放假261天、周六周日上班0天，相抵261天，放假办法规定的是13天"),
        (THIS_YEAR.replace("year = 2026", "year = 1"), "1 不是放假安排的年份"),
        (THIS_YEAR.replace("year = 2026", "year = -5"), "-5 不是放假安排的年份"),
        (as_json().replace('"year": 2026', '"year": 1'), "1 不是放假安排的年份"),
        (as_json().replace("2026-01-02", "2026-01-01"), "2026-01-01 列了两次"),
    ],
    ids=["twice", "no work", "all year", "year 1", "year -5", "json year 1", "json twice"],
)
@pytest.mark.parametrize("anyway", [[], ["--anyway"]], ids=["", "anyway"])
def test_a_notice_that_cannot_be_is_refused(
    anyway: list[str], content: str, words: str, run: Run, config: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notice.toml"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("calendar", "load", path, *anyway)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not (config / "2026.toml").exists()


@pytest.mark.parametrize("year", [1, 0, -5, 99999])
def test_no_package_is_asked_for_a_year_that_cannot_be(year: int, run: Run) -> None:
    code, _, err = run("calendar", "packages", "--", year)
    assert (code, f"{year} 不是放假安排的年份" in err) == (2, True)


def test_a_year_with_its_amendment_in_one_list_is_loaded_only_on_demand(
    run: Run, config: Path, tmp_path: Path
) -> None:
    """2020 as holiday-cn has it, with the extension of 春节: two days more than the law gives."""
    year = read_notice(CONFIG / "workdays" / "2020.toml")
    days = [
        {"name": holiday.name, "date": day.isoformat(), "isOffDay": off}
        for holiday in year.holidays()
        for off, found in ((True, holiday.rest_days()), (False, holiday.work))
        for day in found
    ]
    path = tmp_path / "2020.json"
    path.write_text(json.dumps({"year": 2020, "papers": [], "days": days}), encoding="utf-8")
    (config / "2020.toml").unlink()
    code, _, err = run("calendar", "load", path)
    assert (code, "相抵13天，放假办法规定的是11天" in err) == (2, True)
    assert run("calendar", "load", path, "--anyway")[0] == 0
