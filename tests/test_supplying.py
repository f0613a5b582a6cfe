"""Records asked of an office of our own: a day of its own, an alert to that office, evidence kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from histories import AGENCY, DRAFTER, LAW, RECEIVED, History
from officers import CLEARER, STAFFED

from flows import office
from flows.papers.taking import Taken
from flows.path import desk as prefect_desk
from flows.server import supply_pages
from flows.server.sent_forms import FormTokens
from flows.server.supply_pages import EMPTY, NONE, NOT_AFTER, PAST, SupplyPages
from flows.shown import alert_lines
from flows.shown.hints import hints
from models.acts.procedure.supplying import RecordSupply, may_answer_for
from models.agency.agency import Agency
from models.agency.officers import Absence, Officer, Role, on_duty
from models.alerts.alert_tables import Alert
from models.alerts.due_alerts import facts
from models.alerts.recipients import recipients
from models.case.act import Circumstances
from models.case.stage import Stage
from models.duties.alert_days import thresholds
from models.duties.duties import Duty, Waiting, duties, waiting
from models.errors import ActRefused
from models.neighbours.papers import papers
from models.register import register
from tests.databases import empty_register
from tests.our_pages import TOKEN, Desk, confirmed, done, received

OFFICE = "保密办"
BY = date(2026, 3, 9)


def asked(**answer: object) -> History:
    history = History().usual("received").usual("found_ours")
    return history.usual("records_asked", **({"department": OFFICE, "supply_by": BY} | answer))


def supply(history: History) -> list[Duty]:
    return [one for one in duties(history.case, LAW) if one.kind == "supply"]


def test_the_office_has_a_day_of_its_own_and_the_limit_goes_on() -> None:
    history = asked()
    assert supply(history) == [Duty("supply", BY, ref="1", whom=OFFICE)]
    assert waiting(history.case, LAW) == Waiting("材料", BY)
    limit = history.case.deadline(LAW)
    assert limit is not None
    assert limit.last_day == date(2026, 3, 30)
    days = [one.day for one, _ in zip(thresholds(supply(history)[0], LAW), range(4), strict=False)]
    assert days == [date(2026, 3, 5), BY, date(2026, 3, 10), date(2026, 3, 11)]


def test_the_alert_goes_to_the_office_and_late_to_the_head() -> None:
    history = asked()
    (duty,) = supply(history)
    now = Circumstances(BY, "", LAW, STAFFED)
    told = {}
    for threshold, _ in zip(thresholds(duty, LAW), range(4), strict=False):
        one = Alert(
            subject="1",
            officer=history.case.officer,
            stage=str(history.case.stage),
            **facts(duty, threshold, BY, history.events[0].recorded_at),
        )
        told[threshold.left] = recipients(one, now)
    assert told[2] == told[0] == told[-1] == (history.case.officer, CLEARER)
    assert set(told[-2]) == {history.case.officer, CLEARER, "王主任"}


@pytest.mark.parametrize(
    ("department", "says"),
    [
        ("专利处", "专利处（最迟2026年3月9日）：由孙强在系统里答复"),
        (
            "专利管理科",
            "专利管理科（最迟2026年3月9日）：没有人在系统里答复，请打印案卷【文书】里的协办单送去，"
            "答复由承办人登记；名单上在系统里答复的处室：专利处",
        ),
    ],
)
def test_the_form_says_who_is_to_answer_for_a_department(department: str, says: str) -> None:
    """A name that is on no list waits for nobody on the desk: whoever typed it has to be told."""
    supplier = Officer(name="孙强", department="专利处", roles=(Role.SUPPLY,))
    listed = STAFFED.model_copy(update={"officers": (*STAFFED.officers, supplier)})
    now = Circumstances(RECEIVED, DRAFTER, LAW, listed)
    history = asked(department=department)
    assert f"**已请处室提供**　{says}" in list(hints(history.case, now, ()))
    history.usual("records_supplied", ref="1", result="supplied")
    assert not [said for said in hints(history.case, now, ()) if "已请处室提供" in said]


def test_without_a_list_the_supply_request_goes_on_paper() -> None:
    now = Circumstances(RECEIVED, DRAFTER, LAW, AGENCY)
    (said,) = (one for one in hints(asked().case, now, ()) if "已请处室提供" in one)
    assert said.endswith("没有人在系统里答复，请打印案卷【文书】里的协办单送去，答复由承办人登记")


def test_what_was_found_ends_the_wait_and_is_kept() -> None:
    history = asked()
    with pytest.raises(ActRefused, match="请写明检索的范围和方法"):
        history.usual("records_supplied", result="none")
    history.usual("records_supplied", result="none", note="检索2020年以来的收发文登记")
    assert supply(history) == []
    assert waiting(history.case, LAW) == Waiting()
    (one,) = history.case.supplies
    assert (one.result, one.note) == ("none", "检索2020年以来的收发文登记")
    with pytest.raises(ActRefused, match="没有请处室提供材料"):
        history.usual("records_supplied")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"supply_by": date(2026, 3, 31)}, "晚于答复期限（2026-03-30）"),
        ({"supply_by": date(2026, 2, 27)}, "早于转办日期"),
        ({"department": " "}, "请填写处室"),
        ({"records": " "}, "请写明需要检索、提供的材料"),
        ({"records": "张三要的名单"}, "不应写明申请人（“张三”）"),
        ({"records": "张 三（本人）的名单"}, "不应写明申请人（“张三”）"),
        ({"records": "名单，申请人李\u200b四"}, "不应写明申请人（“李四”）"),
        ({"records": "王律师 要的名单"}, "不应写明申请人（“王律师”）"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(answer: dict[str, object], reason: str) -> None:
    """Nor may anybody be named who asks, or who acts for them, however the name is typed."""
    history = History().usual("received").usual("found_ours")
    history.case.co_applicants, history.case.agent = ("李四",), "王律师"
    with pytest.raises(ActRefused, match=reason):
        history.usual("records_asked", **({"department": OFFICE, "supply_by": BY} | answer))


def test_the_day_proposed_is_five_working_days_on_and_never_after_the_limit() -> None:
    from models.acts.procedure.supplying import AskSupply

    history = History().usual("received")
    assert AskSupply.proposal(history.case, history.now())["supply_by"] == BY
    history.today = date(2026, 3, 27)
    assert AskSupply.proposal(history.case, history.now()) == {
        "asked_on": history.today,
        "supply_by": date(2026, 3, 30),
    }
    assert history.case.received_on == RECEIVED


@pytest.mark.parametrize(
    ("who", "may"), [(DRAFTER, True), ("周工", True), ("吴工", False), ("赵敏", True)]
)
def test_who_only_supplies_answers_for_his_own_department_alone(who: str, may: bool) -> None:
    officers = (
        Officer(name=DRAFTER, department="政务公开办公室", roles=(Role.HANDLE,)),
        Officer(name="周工", department="规划发展处", roles=(Role.SUPPLY,)),
        Officer(name="吴工", department="人事处", roles=(Role.SUPPLY,)),
        Officer(name="赵敏", department="人事处", roles=(Role.SUPPLY, Role.HANDLE)),
    )
    agency = AGENCY.model_copy(update={"officers": officers})
    now = replace(History().now(who), agency=agency)
    assert may_answer_for("规划发展处", now) is may


def test_whoever_stands_in_for_a_supplier_answers_for_his_department() -> None:
    away = Absence(since=BY, until=BY, deputy="赵敏")
    listed = (
        Officer(name="周工", department="规划发展处", roles=(Role.SUPPLY,), away=(away,)),
        Officer(name="赵敏", department="人事处", roles=(Role.SUPPLY, Role.REVIEW)),
        Officer(name="吴工", department="财务处", roles=(Role.REVIEW,)),
    )
    on_the_day, after = (on_duty(listed, day) for day in (BY, BY + timedelta(days=1)))
    assert supply_pages.departments(on_the_day, "赵敏") == {"人事处", "规划发展处"}
    assert supply_pages.departments(after, "赵敏") == {"人事处"}
    assert supply_pages.departments(on_the_day, "吴工") == {"财务处"}
    assert supply_pages.departments((), "吴工") is None


def test_what_a_department_found_is_recorded_by_it_or_by_whoever_handles_the_case() -> None:
    assert RecordSupply.roles_at(Stage.DRAFTING) == (Role.HANDLE, Role.SUPPLY)


# ── with the files that were found ──────────────────────────────────────────────────────────────
SUPPLIER = "周材料"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def agency_with(name: str) -> Agency:
    own = Officer(name=name, department="业务一处", roles=(Role.SUPPLY,))
    return office.agency().model_copy(update={"officers": (*STAFFED.officers, own)})


class Department(Desk):
    """The page of a department, and the form that was shown on it last."""

    token = ""


@pytest.fixture
def wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Department, str]]:
    """A case of which records are asked of 业务一处, and the page of its officer."""
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_CODES", "off")
        number = received("周晓岚", request="专利资助名单")
        confirmed(number)
        done(number, "found_ours")
        agency = agency_with(SUPPLIER)
        monkeypatch.setattr(office, "agency", lambda: agency)
        asked_for = {
            "department": "业务一处",
            "records": "2025年的名单",
            "supply_by": BY,
            "asked_on": office.today(),
        }
        done(number, "records_asked", **asked_for)
        monkeypatch.setattr(prefect_desk, "put_on_desk", lambda _: None)
        desk = Department()
        desk.app._app = SupplyPages(desk.app._app, FormTokens())
        desk.officer = SUPPLIER
        yield desk, number


def answer(desk: Department, number: str, *files: tuple[str, bytes], **fields: str) -> str:
    shown = TOKEN.search(desk.get("/supply"))
    desk.token = shown[1] if shown else desk.token
    said = {
        "token": desk.token, "number": number, "ref": "1", "supplied_on": str(office.today()),
        "result": "supplied", "note": "",
    }  # fmt: skip
    sent = [("files", one) for one in files] or [("files", ("", b""))]
    reply = desk._ask("POST", "/supply", data=said | fields, files=sent)
    assert reply.status_code in (303, 409), reply.text
    told = re.search('role="alert">(.*?)</p>', reply.text)
    return told[1] if told else reply.text


def in_file(number: str) -> list[tuple[str, str, str, int]]:
    with office.reading() as session:
        return [
            (one.kind, one.title, one.officer, one.step)
            for one in papers(session, number).in_file()
        ]


def supplied(number: str) -> bool:
    with office.reading() as session:
        return register.case(session, number).supplies[0].result == "supplied"


def test_a_department_answers_with_the_files_it_found_and_sees_nobody(
    wanted: tuple[Department, str],
) -> None:
    desk, number = wanted
    page = desk.get("/supply")
    assert 'type="file"' in page
    assert "周晓岚" not in page
    files = (("名单一.pdf", PDF), ("名单二.pdf", PDF + b"%2"))
    assert NONE in answer(desk, number, *files, result="none", note="查过收发文登记")
    assert (in_file(number), supplied(number)) == ([], False)
    assert "没有登记" in answer(desk, number, files[0], ("名单.exe", b"MZ\x90\x00" * 20))
    assert (in_file(number), supplied(number)) == ([], False), "all of it or nothing"
    assert answer(desk, number, *files) == ""
    assert in_file(number) == [
        ("found", "名单一", SUPPLIER, 5),
        ("found", "名单二", SUPPLIER, 5),
    ]
    assert supplied(number)
    with office.reading() as session:
        act = register.events(session, number)[5 - 1]
    assert (act.kind, act.officer) == ("records_supplied", SUPPLIER), "the step they belong to"
    assert PAST in answer(desk, number)
    assert len(in_file(number)) == 2


class CutOff(Exception):
    """The process ends here."""


def _cut_off(*_: object) -> None:
    raise CutOff


def test_an_answer_that_was_cut_off_is_sent_again_with_the_same_files(
    wanted: tuple[Department, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the answer and its files: they are filed then, and once."""
    desk, number = wanted
    with monkeypatch.context() as killed:
        killed.setattr(supply_pages, "file_all", _cut_off)
        with pytest.raises(CutOff):
            answer(desk, number, ("名单.pdf", PDF))
    assert (len(in_file(number)), supplied(number)) == (0, True)
    for _ in "12":
        assert answer(desk, number, ("名单.pdf", PDF)) == ""
        assert in_file(number) == [("found", "名单", SUPPLIER, 5)]
    assert NOT_AFTER in answer(desk, number, ("又一份.pdf", PDF + b"%3"))
    assert len(in_file(number)) == 1
    more = [Taken("另一份", "另一份", "pdf", "0" * 64, 3)]
    assert supply_pages.answered("吴材料", {"number": number, "ref": "1"}, more) == PAST
    assert supply_pages.answered(SUPPLIER, {"number": "没有", "ref": "1"}, more) == PAST


def test_an_answer_is_recorded_where_the_server_is_away(
    wanted: tuple[Department, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The minute's check renews the form of whoever handles the case."""

    def away(_: object) -> None:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(prefect_desk, "put_on_desk", away)
    desk, number = wanted
    assert answer(desk, number, ("名单.pdf", PDF)) == ""
    assert (len(in_file(number)), supplied(number)) == (1, True)
    assert f"{number} 的表单稍后更新" in caplog.text


def test_what_was_typed_stands_again_where_it_was_not_recorded(
    wanted: tuple[Department, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it was lost, and the answer was 已提供 for whoever chose nothing."""
    desk, number = wanted
    page = desk.get("/supply")
    assert '<select name="result" required>\n<option value=""></option>' in page
    assert "selected" not in page
    typed = {
        "token": TOKEN.search(page)[1], "number": number, "ref": "1",  # type: ignore[index]
        "supplied_on": "2026-02-27", "result": "none", "note": "查过<收发文>登记",
    }  # fmt: skip
    files = [("files", ("名单.pdf", PDF))]
    again = desk._ask("POST", "/supply", data=typed, files=files).text
    assert NONE in again
    assert 'value="2026-02-27"' in again
    assert '<option value="none" selected>' in again
    assert ">查过&lt;收发文&gt;登记</textarea>" in again
    assert "文件没有存入，请再选一次" in again
    other = desk._ask("POST", "/supply", data=typed | {"ref": "9"}, files=[("files", ("", b""))])
    assert "查过" not in other.text


def test_how_much_is_left_of_its_time_stands_beside_it(
    wanted: tuple[Department, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = wanted
    said = {
        "2026-03-05": "还剩2个工作日",
        "2026-03-09": "今天到期",
        "2026-03-11": "已逾期2个工作日",
    }
    for day, left in said.items():
        monkeypatch.setenv("DISCLOSURE_TODAY", day)
        page = desk.get("/supply")
        assert "最迟2026年3月9日答复，<strong" in page
        assert f">{left}</strong>" in page
        assert ('<strong class="late">' in page) == left.startswith("已逾期")


def test_a_department_is_reminded_without_the_name_of_who_applied(
    wanted: tuple[Department, str],
) -> None:
    """Not a character of it: of a short name the masked one tells a good deal."""
    _, number = wanted
    with office.reading() as session:
        case, now = register.case(session, number), office.circumstances("")
    said = alert_lines._said(number, case, Duty("supply", BY, ref="1", whom="业务一处"), now)
    assert said == (
        f"{number}　处室提供材料的期限2026-03-09，还剩5个工作日，业务一处（条例第三十三条）"
    )


def test_a_department_answers_without_files(wanted: tuple[Department, str]) -> None:
    desk, number = wanted
    for blank in ("", " \n"):
        assert EMPTY in answer(desk, number, note=blank), "a forgotten file is not an answer"
    assert answer(desk, number, note="纸质档案3月3日当面交给陈静") == ""
    assert (in_file(number), supplied(number)) == ([], True)


@pytest.mark.parametrize(("after", "filed"), [(15, 1), (16, 0)])
def test_files_that_come_long_after_the_answer_are_refused(
    after: int, filed: int, wanted: tuple[Department, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may have been cut off from it only if they come at once."""
    desk, number = wanted
    assert answer(desk, number, note="另送") == ""
    with office.reading() as session:
        at = register.case(session, number).steps[-1].recorded_at
    assert at is not None
    monkeypatch.setattr(office, "now", lambda: at + timedelta(minutes=after))
    said = answer(desk, number, ("名单.pdf", PDF))
    assert (said == "", len(in_file(number))) == (bool(filed), filed)
    assert filed or NOT_AFTER in said


def test_what_is_due_first_stands_first(wanted: tuple[Department, str]) -> None:
    desk, number = wanted
    sooner = received("吴某某", request="展会投诉记录")
    confirmed(sooner)
    done(sooner, "found_ours")
    again = {"department": "业务一处", "records": "展会投诉记录", "asked_on": str(office.today())}
    done(sooner, "records_asked", **again, supply_by=str(office.today()))
    page = desk.get("/supply")
    assert page.index(f"<h2>{sooner}") < page.index(f"<h2>{number}")
