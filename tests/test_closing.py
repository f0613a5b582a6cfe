"""A signed year is closed: what it counts changes only after a recorded correction, and is listed."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register
from docx import Document
from sqlalchemy import text
from sqlmodel import select
from test_annual_report import DRAFTER, NOT_OURS, PUBLIC, Day, close, perform, receive
from whole_years import fill

from flows import office
from flows.__main__ import main
from flows.keeping import verifying
from flows.path import intake, recording
from flows.server import year_pages
from flows.server.year_pages import year_facts
from flows.year import annual_report, closing_year, yearly
from letters.report.report import seal
from models.acts.catalogue import ACTS
from models.errors import ActRefused, YearSigned
from models.neighbours import proactive
from models.neighbours.enquiry import advise
from models.neighbours.review_acts import REVIEWS, Lodge, VoidReview
from models.neighbours.review_register import lodge
from models.register import closed_years, complete_since, neighbour, register
from models.report_tables.differences import differences
from models.report_tables.identities import Verdict
from models.report_tables.table2 import recordable
from models.report_tables.tables_file import digest, parse, sealed_text
from models.soundness import integrity
from models.store.tables import Application, Enquiry, ProactiveFigure, ReportText, SignedReport
from models.units.published import check_tables
from models.words.days_told import told
from models.year import second_count
from models.year.year_text import enter_text

HEAD = "王建国"
CLOSED = "2023年度报告已于2024年1月31日由王建国签发，该年度已经封账"


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """An empty register, and the day it is: `on("2023-03-02")`."""
    with empty_register(tmp_path, monkeypatch):
        yield lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


@pytest.fixture
def signed(on: Day) -> dict[str, str]:
    """The year 2023 with its carry-over, its report signed on 2024-01-31."""
    numbers = {"closed": receive(on, "2023-03-02", "自然人")}
    close(on, numbers["closed"], "2023-03-20", PUBLIC)
    numbers["forgotten"] = receive(on, "2023-11-01", "其他")
    numbers["open"] = receive(on, "2023-12-20", "自然人")
    on("2024-01-31")
    fill(2023)
    closing_year.sign(2023, HEAD)
    return numbers


def produced(folder: Path, year: int = 2023) -> annual_report.Produced:
    return annual_report.produce(year, folder, None)


def tables_of(made: annual_report.Produced) -> dict[str, object]:
    data = json.loads(made.files[2].read_text(encoding="utf-8"))
    return {name: data[name] for name in ("table2", "table3", "table4", "cells")}


def test_a_page_of_a_large_year_leaves_the_second_count_to_the_report(
    signed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three are counted: at a limit of three they are counted again, at two the page says so."""

    def said() -> str:
        return "".join(str(one["message"]) for one in year_facts(2023)["checks"]["open"])

    monkeypatch.setattr(year_pages, "RECOUNTED_AT_ONCE", 3)
    assert "重新计数" not in said()
    monkeypatch.setattr(year_pages, "RECOUNTED_AT_ONCE", 2)
    assert "本年计数的申请有3件，超过2件，生成、签发年度报告时再逐件计数" in said()
    found = {one.id: one.verdict for one in produced(tmp_path).checks}
    assert found[second_count.CHECK] is Verdict.HOLDS


# ── last year beside it ──


def jumps_of(year: int) -> dict[str, Verdict]:
    with office.reading() as session:
        found = annual_report.gathered(session, year, office.today()).verdicts.checks
    return {one.id: one.verdict for one in found if one.id.startswith("last_year.jump.")}


def test_a_leap_against_last_year_asks_for_its_reasons(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    """Three were received in 2023: 22 are 19 more, 23 are 20 more (config/annual/jumps.toml)."""
    for _ in range(22):
        receive(on, "2024-03-01", "自然人")
    on("2025-01-10")
    assert "last_year.jump.1" not in jumps_of(2024)
    receive(on, "2024-03-01", "自然人")
    on("2025-01-10")
    assert jumps_of(2024)["last_year.jump.1"] is Verdict.DOUBTFUL
    asked = [one for one in year_facts(2024)["parts"] if one.missing]
    assert "六、与上年相比变化较大的原因" in [one.label for one in asked]
    reasons = "新收申请增加，主要是征收地块的居民分别申请。"
    now = office.circumstances(DRAFTER)
    entry = ReportText(
        year=2024,
        part="changes",
        text=reasons,
        officer=DRAFTER,
        recorded_on=now.today,
        recorded_at=office.now(),
    )
    with office.writing() as session:
        enter_text(session, entry, now)
    assert set(jumps_of(2024).values()) == {Verdict.HOLDS}
    assert reasons in [p.text for p in Document(produced(tmp_path, 2024).files[0]).paragraphs]


def test_our_own_report_is_checked_beside_last_years_as_it_was_signed(
    signed: dict[str, str], on: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --previous: the register's signed year; what is shifted is named by its column."""
    on("2025-01-10")
    produced(tmp_path, 2024)
    path = tmp_path / "tables.json"
    main(["check", "--json", str(path)])
    judged = {c["id"]: c["verdict"] for c in json.loads(capsys.readouterr().out)["checks"]}
    carried = {i: v for i, v in judged.items() if i.startswith("last_year.carried")}
    assert len(carried) == 7
    assert set(carried.values()) == {"成立"}
    data = json.loads(path.read_text("utf-8"))
    data["table3"]["2"][0] += 1
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    assert main(["check", str(path)]) == 1
    said = "‘自然人’列：上年结转为2，2023年度报告的结转下年度为1，相差1"
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("since", "compared"), [("2022-12-31", True), ("2023-01-01", True), ("2023-01-02", False)]
)
def test_no_leap_is_seen_against_a_year_that_the_register_holds_in_part(
    since: str, compared: bool, on: Day
) -> None:
    receive(on, "2023-03-01", "自然人")
    for _ in range(21):
        receive(on, "2024-03-01", "自然人")
    on("2025-01-10")
    with office.writing() as session:
        day = date.fromisoformat(since)
        complete_since.record(session, day, DRAFTER, office.today(), office.now())
    assert ("last_year.jump.1" in jumps_of(2024)) == compared


# ── signing ───────────────────────────────────────────────────────────────────────────────────


def test_signing_keeps_who_when_and_the_tables(signed: dict[str, str], tmp_path: Path) -> None:
    with office.reading() as session:
        report = closed_years.signed(session, 2023)
        assert report is not None
        assert (report.edition, report.officer) == (1, HEAD)
        assert report.recorded_on == date(2024, 1, 31)
        kept = closed_years.tables_text(report)
    assert digest(kept) == report.digest
    data = json.loads(kept)
    assert {name: data[name] for name in tables_of(produced(tmp_path))} == tables_of(
        produced(tmp_path)
    )
    [check] = [one for one in produced(tmp_path).checks if one.id == "report.signed"]
    assert check.verdict is Verdict.HOLDS


def feet(made: annual_report.Produced) -> list[str]:
    """What stands below the numbers of the pages of report.docx, and small below report.html."""
    paper, page = (
        next(path for path in made.files if path.name == name)
        for name in ("report.docx", "report.html")
    )
    section = Document(str(paper)).sections[0]
    below = [one.paragraphs[1].text for one in (section.footer, section.even_page_footer)]
    return [*below, *re.findall(r'<footer class="seal">(.*)</footer>', page.read_text("utf-8"))]


def test_the_head_of_the_chain_stands_at_the_foot_of_the_signed_report(
    signed: dict[str, str], tmp_path: Path
) -> None:
    with office.reading() as session:
        report = closed_years.signed(session, 2023)
    assert report is not None
    assert feet(produced(tmp_path)) == [f"登记簿校验值 {report.head}"] * 3
    assert verifying.verify(report.head).faults == ()
    text_ = (tmp_path / "tables.json").read_text("utf-8")
    assert digest(sealed_text(parse(text_.encode()))) == report.digest  # as before


def test_what_was_signed_without_a_head_prints_none() -> None:
    assert [seal(head, 1) for head in ("", "0" * 64)] == ["", ""]
    assert seal("ab", 1) == "登记簿校验值 ab"
    assert seal("ab", 2) == "登记簿校验值 ab，第2次签发"


def test_signed_again_without_a_change_it_stays_as_it_was(signed: dict[str, str]) -> None:
    assert closing_year.sign(2023, "李明").edition == 1


def test_a_year_that_is_not_over_cannot_be_signed(on: Day) -> None:
    on("2023-12-31")
    with pytest.raises(ActRefused, match="2023年尚未结束，不能签发该年度的报告"):
        closing_year.sign(2023, HEAD)


def test_a_report_that_does_not_balance_is_signed_only_when_somebody_judges_so(
    on: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = receive(on, "2022-12-20", "自然人")
    on("2023-01-10")
    fill(2022)
    closing_year.sign(2022, HEAD)
    with office.writing() as session:  # as if somebody had laid hands on the database
        session.execute(text("UPDATE application SET applicant_kind = '其他'"))
    on("2024-01-31")
    fill(2023)
    with pytest.raises(
        ActRefused, match=r"登记簿核验不符，不能签发：申请 .*申请人类别 应为 自然人"
    ):
        closing_year.sign(2023, HEAD)
    monkeypatch.setattr(integrity, "faults", lambda *_: iter(()))  # as if it had been so recorded
    with pytest.raises(ActRefused, match="校验不成立，不能签发：‘自然人’列：上年结转与2022年度"):
        closing_year.sign(2023, HEAD)
    for check in produced(tmp_path).failed:
        assert check.cases == (number,)
        closing_year.overrule(2023, check.id, "成立", "申请人类别更正，已另行说明", HEAD)
    assert produced(tmp_path).failed == ()
    assert closing_year.sign(2023, HEAD).edition == 1


def test_blanks_are_signed_only_when_somebody_judges_so(on: Day, tmp_path: Path) -> None:
    on("2024-01-31")
    with pytest.raises(ActRefused) as refused:
        closing_year.sign(2023, HEAD)
    blank, unwritten = sorted(refused.value.reasons)[::-1], produced(tmp_path).failed
    assert [one.id for one in unwritten] == ["proactive.blank", "text.blank"]
    assert blank[0].startswith("校验不成立，不能签发：表二有10格空白：规章·本年制发件数、")
    assert blank[1].startswith("校验不成立，不能签发：文字部分待补充：一、总体情况：主动公开、")
    data = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    verdicts = {one["id"]: one["verdict"] for one in data["checks"]}
    assert (verdicts["proactive.blank"], verdicts["text.blank"]) == ("不成立", "不成立")
    assert main(["annual-report", "2023", "--out", str(tmp_path)]) == 1
    closing_year.overrule(2023, "proactive.blank", "成立", "本机关没有这些职权", HEAD)
    [judged] = [one for one in produced(tmp_path).checks if one.id == "proactive.blank"]
    assert (judged.ok, judged.verdict) == (True, Verdict.DOUBTFUL)  # blank in print all the same
    with pytest.raises(ActRefused, match="文字部分待补充"):
        closing_year.sign(2023, HEAD)
    fill(2023)
    assert produced(tmp_path).failed == ()
    assert main(["annual-report", "2023", "--out", str(tmp_path)]) == 0
    assert closing_year.sign(2023, HEAD).edition == 1


def test_a_judgment_on_blanks_fills_none_of_them(on: Day, tmp_path: Path) -> None:
    on("2024-01-31")
    for check in ("proactive.blank", "text.blank"):
        closing_year.overrule(2023, check, "成立", "本机关没有这些职权", HEAD)
    made = produced(tmp_path)
    assert made.failed == ()
    assert {one.id for one in made.doubtful} >= {"proactive.blank", "text.blank"}
    head, *lines = yearly._told(2023, made)
    assert head == f"# 2023年度报告：没有不成立的，仍有{len(made.report.missing)}处待补充\n"
    assert sum(line.startswith("- 待补充：") for line in lines) == len(made.report.missing) > 0
    assert "全部成立" not in "".join((head, *lines))
    fill(2023)
    made = produced(tmp_path)
    assert next(yearly._told(2023, made)) == "# 2023年度报告：勾稽关系全部成立\n"


# ── what may not change ───────────────────────────────────────────────────────────────────────


def test_open_cases_are_handled_as_before(signed: dict[str, str], on: Day, tmp_path: Path) -> None:
    before = tables_of(produced(tmp_path))
    close(on, signed["open"], "2024-02-05", NOT_OURS)
    receive(on, "2024-02-06", "自然人")
    assert tables_of(produced(tmp_path)) == before
    assert produced(tmp_path).differences == ()


def test_a_closing_of_the_year_recorded_late_is_refused_with_what_to_do(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    number = signed["forgotten"]
    perform(number, 2, "found_ours", {})
    perform(number, 3, "drafted_granted", PUBLIC)
    perform(number, 4, "approved", {}, "李明")
    perform(number, 5, "signed", {"signed_on": "2023-11-28"}, HEAD)
    sent = {"delivery": "ems", "sent_on": "2023-11-28", "proof": "1012345678901"}
    done = recording.perform(number, 6, "replied", dict(sent), DRAFTER)
    assert done.reasons == (
        f"{CLOSED}：本次登记将改变表三所计的申请 {number}。确需更正的，请先办理"
        "“更正已签发的年度报告”并写明理由，再登记本事项（条例第五十条）",
    )
    assert produced(tmp_path).differences == ()
    closing_year.correct(2023, number, "发出后漏记", "李明")
    assert recording.perform(number, 6, "replied", dict(sent), DRAFTER).reasons == ()
    made = produced(tmp_path)
    assert [one.sentence for one in made.differences] == [
        f"表三‘（一）予以公开’行‘其他’列由0变为1（增加{number}）",
        "表三‘（一）予以公开’行‘总计’列由1变为2",
        "表三‘（七）总计’行‘其他’列由0变为1",
        "表三‘（七）总计’行‘总计’列由1变为2",
        f"表三‘四、结转下年度继续办理’行‘其他’列由1变为0（减少{number}）",
        "表三‘四、结转下年度继续办理’行‘总计’列由2变为1",
    ] + [one.sentence for one in made.differences if one.table == "文字"]
    [check] = made.doubtful
    assert check.id == "report.signed"
    assert "已登记更正（2024年2月5日 李明：发出后漏记）" in check.message
    assert check.cases == (number,)
    with pytest.raises(ActRefused, match="重新签发的，请在说明中写明更正了什么"):
        closing_year.sign(2023, HEAD)
    assert feet(made) == ["", ""]  # it is not what was signed
    again = closing_year.sign(2023, HEAD, "漏记一件")
    assert again.edition == 2
    assert feet(produced(tmp_path)) == [f"登记簿校验值 {again.head}，第2次签发"] * 3
    assert produced(tmp_path).differences == ()


def test_parts_of_an_application_of_a_signed_year_are_opened_by_a_correction_of_the_whole(
    signed: dict[str, str], on: Day
) -> None:
    on("2024-02-05")
    number = signed["open"]
    split: dict[str, object] = {"kept": "某某档案", "others": "另一档案"}
    done = recording.perform(number, 2, "split", split, DRAFTER)
    assert done.refused
    assert f"表三所计的申请 {number}" in done.reasons[0]
    closing_year.correct(2023, number, "含有两项申请", "李明")
    done = recording.perform(number, 2, "split", split, DRAFTER)
    assert (done.reasons, len(done.begotten)) == ((), 1)


def test_a_correction_of_one_case_does_not_open_another(signed: dict[str, str], on: Day) -> None:
    on("2024-02-05")
    closing_year.correct(2023, signed["closed"], "另有原因", "李明")
    late = intake.receive(
        channel="当面",
        kind="自然人",
        applicant="郑敏",
        request="某某档案",
        arrived_on=date(2023, 12, 29),
        officer=DRAFTER,
    ).number
    done = recording.perform(late, 1, "received", {"received_on": "2023-12-29"}, DRAFTER)
    assert [CLOSED in reason for reason in done.reasons] == [True]
    closing_year.correct(2023, late, "收件登记遗漏", "李明")
    assert not recording.perform(
        late, 1, "received", {"received_on": "2023-12-29"}, DRAFTER
    ).reasons


def enquiry() -> None:
    now = office.circumstances(DRAFTER)
    with office.writing() as session:
        one = Enquiry(
            on=date(2023, 12, 29),
            channel="电话",
            recorded_on=now.today,
            recorded_at=office.now(),
            officer=DRAFTER,
        )
        advise(session, one, now)


def licences() -> None:
    now = office.circumstances(DRAFTER)
    with office.writing() as session:
        entry = ProactiveFigure(
            on=date(2023, 12, 29),
            item="行政许可",
            measure="decisions",
            amount=3,
            officer=DRAFTER,
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        rules = office.annual_rules()
        proactive.enter_figure(session, entry, now, recordable(rules.forms, rules.measures))


def review() -> None:
    now = office.circumstances(DRAFTER)
    with office.writing() as session:
        act = Lodge(
            review_kind="行政复议",
            application="SQ202300001",
            lodged_on=date(2023, 12, 1),
            authority="上海市人民政府",
        )
        lodge(session, act, now, office.now())


def test_a_review_struck_out_later_leaves_the_signed_table_only_after_a_correction(
    on: Day, tmp_path: Path
) -> None:
    close(on, receive(on, "2023-03-02", "自然人"), "2023-03-20", PUBLIC)
    on("2024-01-31")
    review()
    fill(2023)
    closing_year.sign(2023, HEAD)
    on("2024-02-05")
    now, act = office.circumstances(DRAFTER), VoidReview(reason="重复登记")

    def strike_out() -> None:
        with office.writing() as session:
            case = neighbour.state(session, REVIEWS, "FS2023001")
            neighbour.enter(session, REVIEWS, case, act, now, office.now())

    with pytest.raises(
        YearSigned, match=re.escape(f"{CLOSED}：本次登记将改变行政复议、行政诉讼所计的")
    ):
        strike_out()
    assert produced(tmp_path).differences == ()
    closing_year.correct(2023, "FS2023001", "重复登记", "李明")
    strike_out()
    assert produced(tmp_path).differences[0].removed == ("FS2023001",)


def test_a_correction_that_moves_the_intake_out_of_a_signed_year_needs_one_recorded(
    signed: dict[str, str], on: Day
) -> None:
    number, law = signed["open"], office.law().under(corrected_year="corrected")

    def perform_under(kind: str, answer: dict[str, object]) -> None:
        now = replace(office.circumstances(DRAFTER), law=law)
        with office.writing() as session:
            case = register.case(session, number)
            act = ACTS[kind].model_validate(answer)
            register.record(session, case, act, now, office.now())

    on("2024-02-01")
    words = {"unclear": "未写明年度", "guidance": "请写明年度", "days": 10}
    perform_under("correction_requested", {"requested_on": "2024-02-01", **words})
    on("2024-02-05")
    corrected = {"corrected_on": "2024-02-05", "request": "2023年名单"}
    with pytest.raises(YearSigned, match=re.escape(CLOSED)):
        perform_under("corrected", corrected)
    closing_year.correct(2023, number, "补正在次年", "李明")
    perform_under("corrected", corrected)


def ledger(folder: Path) -> int:
    head = "登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注"
    path = folder / "台账.csv"
    path.write_text(f"{head}\n旧1,2023-02-02,网络,自然人,郑敏,,某名单,3.1,2023-02-20,\n")
    return main(["import", str(path)])


@pytest.mark.parametrize("late", [enquiry, review, licences])
def test_what_else_the_year_counts_is_closed_too(
    signed: dict[str, str], on: Day, late: Callable[[], None], tmp_path: Path
) -> None:
    on("2024-02-05")
    with pytest.raises(YearSigned, match=re.escape(CLOSED)):
        late()
    assert produced(tmp_path).differences == ()


def test_a_correction_of_what_has_no_number_opens_that_alone(
    signed: dict[str, str], on: Day
) -> None:
    on("2024-02-05")
    closing_year.correct(2023, "咨询", "咨询登记遗漏", "李明")
    enquiry()
    for late in (licences, review):
        with pytest.raises(YearSigned):
            late()
    closing_year.correct(2023, "表二", "许可漏记", "李明")
    licences()


# ── the seal covers all that is printed ───────────────────────────────────────────────────────


def printed_again(on: Day, folder: Path, day: str) -> dict[str, bytes]:
    on(day)
    return {path.name: path.read_bytes() for path in produced(folder).files}


def test_a_signed_report_is_the_same_whenever_it_is_printed(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    first = printed_again(on, tmp_path / "1", "2024-01-31")
    again = printed_again(on, tmp_path / "2", "2024-06-03")
    same = {name for name in first if first[name] == again[name]}
    assert same == set(first)
    data = json.loads(first["tables.json"])
    with office.reading() as session:
        report = closed_years.signed(session, 2023)
        assert report is not None
        assert data["signed"] == {
            "digest": report.digest,
            "by": HEAD,
            "on": "2024-01-31",
            "edition": 1,
            "head": report.head,
        }
    assert list(data["words"]) == ["1", "2", "3", "4", "5", "6"]
    assert "2023年，我局新收政府信息公开申请3件" in data["words"]["1"]


def test_persons_advised_are_not_taken_for_what_was_signed(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    closing_year.correct(2023, "咨询", "漏记", "李明")
    enquiry()
    made = produced(tmp_path)
    assert "咨询‘电话’由0变为1" in [one.sentence for one in made.differences]
    assert "signed" not in json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    [check] = [one for one in made.checks if one.id == "report.signed"]
    assert (check.verdict, "已登记更正" in check.message) == (Verdict.DOUBTFUL, True)
    with pytest.raises(ActRefused, match="请在说明中写明更正了什么"):
        closing_year.sign(2023, HEAD)
    again = closing_year.sign(2023, HEAD, "补记咨询一人次")
    assert (again.edition, again.note) == (2, "补记咨询一人次")
    assert produced(tmp_path).differences == ()
    [check] = [one for one in produced(tmp_path).checks if one.id == "report.signed"]
    assert check.verdict is Verdict.HOLDS


def test_the_words_of_a_closed_year_change_only_after_a_correction(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    now = office.circumstances("陈静")

    def write(part: str) -> None:
        entry = ReportText(
            year=2023,
            part=part,
            text="无。",
            officer="陈静",
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        with office.writing() as session:
            enter_text(session, entry, now)

    with pytest.raises(YearSigned, match="报告的文字（五、存在的主要问题）"):
        write("problems")
    closing_year.correct(2023, "文字", "改写问题部分", "李明")
    write("problems")
    on("2024-02-06")
    annual_report.text_file(2023).unlink()  # the file goes before the form
    words = [one.sentence for one in produced(tmp_path).differences]
    assert any(one.startswith("文字‘第五部分’由") for one in words), words


def test_a_word_changed_in_the_year_s_file_after_signing_fails_the_check(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    path = annual_report.text_file(2023)
    path.write_text(path.read_text(encoding="utf-8").replace("。", "！", 1), encoding="utf-8")
    made = produced(tmp_path)
    assert {one.table for one in made.differences} == {"文字"}
    assert [one.id for one in made.failed] == ["report.signed"]
    with pytest.raises(ActRefused, match="却没有登记更正"):
        closing_year.sign(2023, HEAD, "改了一个字")


def test_a_correction_that_changes_nothing_is_settled_by_saying_so(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    closing_year.correct(2023, signed["open"], "疑为漏记，核对后并无变化", "李明")
    [check] = [one for one in produced(tmp_path).checks if one.id == "report.signed"]
    assert check.verdict is Verdict.DOUBTFUL
    assert "没有变化；请重新签发" in check.message
    with pytest.raises(ActRefused, match="登记了更正而没有变化的，写明没有变化"):
        closing_year.sign(2023, HEAD)
    for _ in range(2):
        again = closing_year.sign(2023, HEAD, "经核对没有变化")
        assert (again.edition, again.note) == (2, "经核对没有变化")
    with office.reading() as session:
        assert closed_years.corrections(session, 2023, office.today()) == []
        first, last = session.exec(select(SignedReport)).all()
        assert first.digest == last.digest
    assert closing_year.sign(2023, HEAD).edition == 2


def test_what_was_signed_when_only_tables_were_sealed_stays_signed(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2024-02-05")
    with office.writing() as session:
        report = closed_years.signed(session, 2023)
        assert report is not None
        data = json.loads(closed_years.tables_text(report))
        for name in ("title", "preamble", "words", "enquiries", "picture"):
            del data[name]
        old = sealed_text(data)
        report.tables, report.digest = zlib.compress(old.encode()), digest(old)
    assert closing_year.sign(2023, HEAD).edition == 1
    made = produced(tmp_path)
    assert made.differences == ()
    assert "signed" not in json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("place", ["table3", "words", "enquiries", "cells"])
def test_check_says_when_a_signed_file_was_changed(
    signed: dict[str, str],
    place: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    produced(tmp_path)
    path = tmp_path / "tables.json"
    main(["check", str(path)])
    assert "report.sealed" not in capsys.readouterr().out
    data = json.loads(path.read_text(encoding="utf-8"))
    assert [one.ok for one in check_tables(data, office.annual_rules().forms)][-1]
    match place:
        case "table3":
            data["table3"]["1"][0] += 1
        case "words":
            data["words"]["6"] = "没有其他事项。"
        case "enquiries":
            data["enquiries"]["电话"] = 50
        case "cells":
            data["cells"] = {}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert "不一致：文件在签发以后被改动" in capsys.readouterr().out


def test_a_ledger_of_the_closed_year_is_not_taken_over(
    signed: dict[str, str], on: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on("2024-02-05")
    assert ledger(tmp_path) == 2
    assert f"{told([CLOSED])}：本次登记将改变表三所计的申请（补录 旧1）" in capsys.readouterr().err
    with office.reading() as session:
        assert session.get(Application, "旧1") is None
    closing_year.correct(2023, "咨询", "咨询登记遗漏", "李明")
    assert ledger(tmp_path) == 2
    closing_year.correct(2023, "台账", "补录并入单位的台账", "李明")
    assert ledger(tmp_path) == 0


def test_a_change_without_a_correction_fails_the_check(
    signed: dict[str, str], tmp_path: Path
) -> None:
    with office.writing() as session:
        session.execute(
            text(f"UPDATE application SET \"row\" = '3.4.1' WHERE number = '{signed['closed']}'")
        )
    check, recount = sorted(produced(tmp_path).failed, key=lambda one: one.id, reverse=True)
    assert (check.id, recount.id) == ("report.signed", "cases.recount")
    assert "处不同，却没有登记更正" in check.message
    assert check.cases == (signed["closed"],)


def test_last_year_is_taken_as_it_was_signed(
    signed: dict[str, str], on: Day, tmp_path: Path
) -> None:
    on("2025-01-20")
    fill(2024)
    assert produced(tmp_path, 2024).failed == ()
    with office.writing() as session:
        session.execute(text(f"DELETE FROM application WHERE number = '{signed['open']}'"))
    found = {one.id: one.cases for one in produced(tmp_path, 2024).failed}
    assert found["cases.carried.自然人"] == (signed["open"],)


def test_reviews_pending_are_taken_from_last_years_table_as_it_was_signed(
    on: Day, tmp_path: Path
) -> None:
    close(on, receive(on, "2023-03-02", "自然人"), "2023-03-20", PUBLIC)
    on("2024-01-31")
    fill(2023)
    closing_year.sign(2023, HEAD)
    on("2025-01-20")
    fill(2024)
    with pytest.raises(YearSigned):
        review()
    closing_year.correct(2023, "复议诉讼", "漏登", "李明")
    review()
    [check] = produced(tmp_path, 2024).failed
    assert (check.id, check.cases) == ("reviews.earlier.行政复议", ("FS2023001",))
    closing_year.sign(2023, HEAD, "漏记一件复议")
    assert produced(tmp_path, 2024).failed == ()


# ── corrections and verdicts ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("year", "number", "reason", "officer", "said"),
    [
        (2023, "咨询", "", "李明", "请写明更正的理由"),
        (
            2023,
            "",
            "漏记",
            "李明",
            "没有编号的，请写明更正的是咨询、表二、台账、复议诉讼、文字中的哪一种",
        ),
        (2022, "咨询", "漏记", "李明", "2022年度报告尚未签发，不需要办理更正"),
        (2023, "SQ9", "漏记", "李明", "登记簿中没有编号为“SQ9”的申请"),
        (2023, "咨询", "漏记", "", "请填写办理人"),
        (2023, "咨询", "漏记", "名" * 61, "请填写办理人（最多60个字）"),
        (2023, "咨询", "漏" * 2001, "李明", "“理由”最多2000个字"),
    ],
)
def test_a_correction_needs_a_year_a_case_a_reason_and_a_name(
    signed: dict[str, str], year: int, number: str, reason: str, officer: str, said: str
) -> None:
    with pytest.raises(ActRefused, match=re.escape(said)):
        closing_year.correct(year, number, reason, officer)


def test_a_reason_as_long_as_may_be_is_taken(signed: dict[str, str]) -> None:
    closing_year.correct(2023, "咨询", "漏" * 2000, "李明")


def test_a_verdict_is_on_record_and_holds_for_that_finding_only(on: Day, tmp_path: Path) -> None:
    receive(on, "2019-12-20", "自然人")
    on("2020-01-10")
    [unjudged] = [one for one in produced(tmp_path, 2019).checks if one.id == "cases.carried"]
    assert unjudged.verdict is Verdict.UNJUDGED
    closing_year.overrule(2019, "cases.carried", "成立", "与2018年纸质台账逐件核对", "李明")
    [judged] = [one for one in produced(tmp_path, 2019).checks if one.id == "cases.carried"]
    assert judged.verdict is Verdict.HOLDS
    data = json.loads((tmp_path / "tables.json").read_text(encoding="utf-8"))
    [stored] = [one for one in data["checks"] if one["id"] == "cases.carried"]
    assert stored["overruled"] == {
        "found": "无法判断",
        "by": "李明",
        "on": "2020-01-10",
        "reason": "与2018年纸质台账逐件核对",
    }
    on("2020-01-12")
    earlier = annual_report.produce(2019, tmp_path, date(2020, 1, 9))
    assert {one.verdict for one in earlier.checks if one.id == "cases.carried"} == {
        Verdict.UNJUDGED
    }


@pytest.mark.parametrize(
    ("check", "verdict", "reason", "said"),
    [
        ("cases.x", "成立", "理由", "没有编号为“cases.x”的校验项目"),
        ("cases.carried", "对", "理由", "结论应为成立、不成立、存疑、无法判断之一"),
        ("cases.carried", "成立", " ", "请写明核定的理由"),
    ],
)
def test_a_verdict_needs_a_check_a_word_and_a_reason(
    on: Day, check: str, verdict: str, reason: str, said: str
) -> None:
    on("2020-01-10")
    with pytest.raises(ActRefused, match=re.escape(said)):
        closing_year.overrule(2019, check, verdict, reason, "李明")


def test_the_commands_sign_correct_and_overrule(
    signed: dict[str, str], on: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on("2024-02-05")
    assert main(["sign-report", "2023", "--officer", HEAD]) == 0
    assert "于2024年1月31日由王建国签发（第1次），该年度封账" in capsys.readouterr().out
    case = ["--case", signed["open"], "--reason", "漏记", "--officer", "李明"]
    assert main(["correct-report", "2023", *case]) == 0
    assert main(["correct-report", "2022", *case]) == 2
    verdict = ["--verdict", "存疑", "--reason", "待核对", "--officer", "李明"]
    assert main(["overrule", "2023", "cases.received_once", *verdict]) == 0
    assert "cases.received_once 人工核定为“存疑”" in capsys.readouterr().out
    assert main(["annual-report", "2023", "--out", str(tmp_path / "out")]) == 0
    assert "存疑：每件申请在“一、二”两行中只计一次" in capsys.readouterr().err


def test_differences_are_found_in_all_three_tables(signed: dict[str, str]) -> None:
    form = office.annual_rules().form(2023)
    with office.reading() as session:
        report = closed_years.signed(session, 2023)
        assert report is not None
        before = dict(parse(closed_years.tables_text(report).encode()))
    after = json.loads(json.dumps(before))
    after["table2"]["行政许可"] = 5
    after["table4"][3], after["cells4"] = 1, {"行政复议": {"尚未审结": ["FS1"]}}
    assert [one.sentence for one in differences(before, after, form)] == [
        "表四‘行政复议’组‘尚未审结’栏由0变为1（增加FS1）",
        "表二‘行政许可’由0变为5",
    ]
    assert differences(before, before, form) == []
