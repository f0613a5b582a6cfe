"""我的工作台 and the pages it leads to, through the server's own layers, without Prefect behind them."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import StateType
from situations import reached
from sqlalchemy import event

from flows import office
from flows.keeping import saved_searches
from flows.path import intake, recording
from flows.path.form_fields import Group
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.server import what_became
from flows.server.offers import groups, use_of
from flows.server.opened_forms import open_already
from flows.shown.opened import opened_by_others
from models.case.stage import Stage
from models.register import access_log, refusals, refused_forms, register
from tests.databases import TODAY
from tests.our_pages import CLERK, Desk, at, confirmed, done, lines, many_open, part, received

HEAD = "王主任"
MACHINES = {"办理申请", "每日巡检", "提醒发送"}


# ── the bench ───────────────────────────────────────────────────────────────────────────────────
def test_the_first_page_is_the_bench_and_prefects_is_reached_beside_it(desk: Desk) -> None:
    page = desk.get("/")
    assert "<h1>我的工作台</h1>" in page
    scripts = ["/bench/order.js", "/login/fields.js"]
    assert re.findall("<script[^>]*>", page) == [f'<script src="{one}" defer>' for one in scripts]
    assert desk.get("/dashboard") == desk.get("/runs") == "behind 未具名"
    assert "现在没有" in part(page, "mine")


def test_a_number_on_top_leads_to_what_it_counts(desk: Desk) -> None:
    page = desk.get("/")
    assert '<a href="/desk/todo"><strong' not in page, "nothing to be listed"
    late, week = received(), received()
    at(late, last_day=date.fromisoformat(TODAY) - timedelta(days=3), stage=str(Stage.DRAFTING))
    at(week, last_day=date.fromisoformat(TODAY), stage=str(Stage.DRAFTING))
    page = desk.get("/")
    assert '<a href="/desk/todo"><strong class="">2</strong>在办</a>' in page
    assert '<a href="#week"><strong class="soon">1</strong>本周到期</a>' in page
    assert '<a href="/desk/overdue"><strong class="late">1</strong>已逾期</a>' in page


def test_a_line_opens_the_cases_form_in_the_same_tab_and_masks_the_applicant(desk: Desk) -> None:
    number = received("欧阳文静")
    page = desk.get("/")
    assert f'<a href="/cases/{number}/form">{number}</a>' in part(page, "mine")
    assert "target=" not in part(page, "mine")
    assert "欧***" in page
    assert "欧阳文静" not in page


def test_without_accounts_everything_waits_for_whoever_is_there(staffed: Desk) -> None:
    first, second = received(), received(officer=CLERK)
    at(second, officer="王建国")
    assert first in (mine := part(staffed.get("/"), "mine"))
    assert second in mine


def test_each_case_stands_with_whoever_may_do_the_next_thing(staffed: Desk) -> None:
    mine, reviewed, signed, outside, other = (received() for _ in range(5))
    at(reviewed, stage=str(Stage.REVIEW))
    at(signed, stage=str(Stage.SIGNING))
    at(outside, stage=str(Stage.CORRECTION), waiting="补正", waiting_until=date(2026, 3, 20))
    at(other, officer=HEAD)
    staffed.officer = CLERK
    page = staffed.get("/")
    lists = {key: part(page, key) for key in ("mine", "others", "outside")}
    assert {key: [n for n in (mine, reviewed, signed, outside) if n in words]
            for key, words in lists.items()} == {
        "mine": [mine], "others": [reviewed, signed], "outside": [outside],
    }  # fmt: skip
    staffed.officer = "李明"  # 审核
    assert reviewed in part(staffed.get("/"), "mine")
    assert signed not in part(staffed.get("/"), "mine")
    staffed.officer = "王建国"  # 签发
    assert signed in part(staffed.get("/"), "mine")
    assert mine not in staffed.get("/")


def test_an_extension_that_was_drafted_waits_for_the_head_too(staffed: Desk) -> None:
    number, other = received(), received()
    for one in (number, other):
        confirmed(one)
        done(one, "found_ours")
    done(number, "extension_drafted", days=10, reasons="需要检索的档案较多")
    staffed.officer = CLERK
    assert "拟延期" not in (mine := part(staffed.get("/"), "mine"))
    assert number in mine
    staffed.officer = "李明"
    assert number not in staffed.get("/")
    staffed.officer = HEAD
    mine = part(staffed.get("/"), "mine")
    assert f"{CLERK}拟延期10个工作日，请负责人决定" in mine
    assert other not in mine
    extended = {"told_on": TODAY, "days": 10, "reasons": "需要检索的档案较多"}
    done(number, "extended", HEAD, **extended, consented_by=HEAD)
    assert number not in staffed.get("/")


def test_a_form_is_answered_with_its_own_words_and_not_with_the_dossier(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was undone leads on to the form; a run that files the dossier has two pages."""
    number = received()
    told = f"# {number}　已撤销“确认收到申请”\n\n- 环节：待确认收到"
    pages = [SimpleNamespace(key=f"case-{number.lower()}", data="- 基本情况"),
             SimpleNamespace(key=None, data=told)]  # fmt: skip
    run = SimpleNamespace(
        flow_id=1,
        parameters={},
        state_type=StateType.COMPLETED,
        name=f"{number}　已撤销“确认收到申请”",
    )
    client = SimpleNamespace(
        read_flow_run=lambda _: run,
        read_flow=lambda _: SimpleNamespace(name="撤销刚才一步"),
        read_artifacts=lambda **_: pages,
    )
    monkeypatch.setattr(what_became, "connected", lambda **_: nullcontext(client))
    page = desk.get(f"/begun/{UUID(int=1)}")
    assert "环节：待确认收到" in page
    assert "基本情况" not in page
    assert f'href="/cases/{number}/form"' in page
    assert "继续办理：打开表单" in page


def test_a_case_of_somebody_who_left_waits_for_all_who_handle(staffed: Desk) -> None:
    number = received()
    at(number, officer="已调离")
    staffed.officer = CLERK
    assert number in part(staffed.get("/"), "mine")


@pytest.mark.parametrize(
    ("last_day", "how", "says"),
    [
        (date(2026, 2, 28), "late", "已逾期1个工作日"),
        (date(2026, 3, 2), "today", "今天到期"),
        (date(2026, 3, 3), "soon", "还剩1个工作日"),
        (date(2026, 3, 9), "soon", "还剩5个工作日"),
        (date(2026, 3, 10), "", "还剩6个工作日"),
    ],
)
def test_the_limit_is_coloured_by_what_is_left(
    desk: Desk, last_day: date, how: str, says: str
) -> None:
    number = received()
    confirmed(number)
    at(number, last_day=last_day)
    page = desk.get("/")
    assert f'<td class="nowrap {how}">{last_day}<br>{says}' in part(page, "mine")
    assert (number in part(page, "week")) == (last_day <= date(2026, 3, 8))


def test_what_was_just_done_is_undone_from_the_bench(desk: Desk) -> None:
    """Also in a training office, whose day is another than the clock's."""
    number = received()
    confirmed(number)
    assert "撤销刚才一步" not in desk.get("/"), "its receipt bears a number"
    done(number, "found_ours")
    assert f'href="/new/撤销刚才一步?number={number}"' in desk.get("/")


def test_the_bench_left_open_over_midnight_is_of_the_new_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day before, the last day, the day after; a new month counts from nothing."""
    confirmed(received())
    for day, how, left in (
        ("2026-03-29", "soon", "还剩1个工作日"),
        ("2026-03-30", "today", "今天到期"),
        ("2026-03-31", "late", "已逾期1个工作日"),
        ("2026-04-01", "late", "已逾期2个工作日"),
    ):
        monkeypatch.setenv("DISCLOSURE_TODAY", day)
        page = desk.get("/")
        assert f'<td class="nowrap {how}">2026-03-30<br>{left}' in part(page, "mine")
        month, received_then = ("3月", 1) if day < "2026-04" else ("4月", 0)
        assert f"2026年{month}　到期" in page
        assert f'<strong class="">{received_then}</strong>本月收到' in page


def test_the_calendar_counts_last_days_and_shows_the_cases_of_one(desk: Desk) -> None:
    first, second = received(), received()
    confirmed(first)
    confirmed(second)
    at(first, last_day=date(2026, 4, 1))
    at(second, last_day=date(2026, 4, 1))
    april = desk.get("/?month=2026-04")
    assert "2026年4月" in april
    assert 'aria-label="4月1日到期2件"' in april
    assert "rests" in re.search(r'<td class="([^"]*)">\s*6\s*</td>', april)[1], "清明"  # type: ignore[index]
    day = part(desk.get("/?month=2026-04&day=2026-04-01"), "day")
    assert first in day
    assert second in day
    assert "没有" in part(desk.get("/?day=2026-04-02"), "day")
    assert "2026年3月" in desk.get("/?month=nonsense&day=x")


def test_what_came_back_and_what_was_not_done_stand_first(staffed: Desk) -> None:
    sent_back, wrong = received(), received()
    with office.writing() as session:
        case = register.case(session, wrong)
        refusals.refuse(session, case, "received", "收到申请之日早于送达", CLERK, office.now())
        refused_forms.keep(
            session, "s", str(uuid4()), "登记申请", (1, "请填写申请内容"), {"officer": CLERK},
            office.now(),
        )  # fmt: skip
    at(sent_back, stage=str(Stage.DRAFTING))
    staffed.officer = CLERK
    page = staffed.get("/")
    assert "请填写申请内容" in part(page, "refused")
    assert page.index('id="refused"') < page.index('id="back"') < page.index('id="mine"')
    assert "上次提交没有办成：收到申请之日早于送达" in part(page, "back")
    assert wrong not in part(page, "mine")
    staffed.officer = "李明"
    assert not part(staffed.get("/"), "refused"), "another's form"


def test_what_is_put_in_stays_text(desk: Desk) -> None:
    with office.writing() as session:
        refused_forms.keep(
            session, "s", "r", "登记申请", (1, "<b>原因</b>"), {"officer": "<i>"}, office.now()
        )
    page = desk.get("/")
    assert "<b>原因" not in page
    assert "&lt;b&gt;原因" in page


def test_many_open_cases_cost_the_first_page_no_more_questions(desk: Desk) -> None:
    """How long it takes: python -m tests.benchmarks.bench."""
    many_open(60)
    asked = list[str]()

    def questions() -> int:
        asked.clear()
        page = desk.get("/")
        assert f">{office_total()}</strong>在办" in page
        return len(asked)

    with office.reading() as session:
        engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    few = questions()
    many_open(60, 2024)
    assert questions() == few


def office_total() -> int:
    with office.reading() as session:
        return len(register.applications(session))


def test_the_first_page_says_what_is_not_decided_yet(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = desk.get("/")
    assert "待本机关确认、决定" in page
    assert "为示例，所出的文书只供演示、培训" in page
    assert "practice.toml" not in page
    agency = office.agency()
    theirs = agency.model_copy(update={"sample": False})
    monkeypatch.setattr(office, "agency", lambda: theirs)
    page = desk.get("/")
    assert "电话“021-00000000”尚待确认或者填写：确认以前不能签发告知书。" in page
    assert f"{len(office.law().undecided(office.today()))}项为出厂设置" in page


def test_the_first_page_names_a_file_of_config_that_cannot_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood in it before goes on being in force: whoever changed it would never know."""
    fault = (
        "配置文件 officers.toml 的 第 1 个 [[officer]] 的 away 有误：代理人“李四”应为名单中的另一人"
    )
    assert "配置文件" not in desk.get("/")
    monkeypatch.setattr(office, "config_faults", lambda: [fault])
    assert f"{fault}。暂按修改以前的办理，请管理员改正。" in desk.get("/")


# ── what is begun anew ──────────────────────────────────────────────────────────────────────────
def test_every_form_is_offered_in_its_group_with_a_sentence_and_no_machine(desk: Desk) -> None:
    offered = {one.name: (group, one.when) for group, forms in groups() for one in forms}
    assert offered.keys() == OUR_FLOWS.keys() - MACHINES
    assert {group for group, _ in offered.values()} == {*Group}
    assert all(6 <= len(when) <= 60 for _, when in offered.values())
    page = desk.get("/new")
    places = [page.index(f">{group}</h2>") for group in Group]
    assert places == sorted(places)
    assert all(page.count(f">{name}</a>") == 1 for name in offered)
    assert all(f">{name}</a>" not in page and use_of(name) is None for name in MACHINES)
    for name in MACHINES:
        desk.get(f"/new/{name}", 404)
    desk.get("/new/没有", 404)


def test_a_form_goes_on_to_the_flow_as_prefects_page_would_send_it(desk: Desk) -> None:
    given = {
        "field.channel": "当面提交",
        "field.arrived_on": TODAY,
        "field.kind": "自然人",
        "field.applicant": "张三",
        "field.request": "一\r\n二",
        "field.contact": "电话",
        "field.officer": CLERK,
        "field.agent": "",
    }
    answer = desk.post("/new/登记申请", **given)
    assert answer.status_code == 303, answer.text
    assert re.fullmatch("/begun/[0-9a-f-]{36}", answer.headers["location"])
    (sent,) = desk.taken
    assert sent["name"] == "登记申请"  # not an English name until it is taken up
    assert sent["parameters"] == {
        "channel": "当面提交",
        "arrived_on": TODAY,
        "kind": "自然人",
        "applicant": "张三",
        "request": "一\n二",
        "contact": "电话",
        "officer": CLERK,
    }
    assert len(sent["idempotency_key"]) > 16


def test_what_cannot_be_recorded_stays_on_the_page_with_everything_typed(desk: Desk) -> None:
    given = {"field.channel": "当面提交", "field.arrived_on": "2026-03-03", "field.kind": "自然人",
             "field.applicant": "张三", "field.request": "甲<乙>", "field.officer": CLERK}  # fmt: skip
    answer = desk.post("/new/登记申请", **given)
    assert answer.status_code == 409
    assert "到件日期（2026年3月3日）晚于今天（2026年3月2日）" in answer.text
    assert "甲&lt;乙&gt;</textarea>" in answer.text
    assert 'value="张三"' in answer.text
    assert desk.taken == []


def test_a_form_of_another_page_is_not_taken(desk: Desk) -> None:
    answer = desk._ask("POST", "/new/登记咨询", data={"token": "x", "field.officer": CLERK})
    assert answer.status_code == 409
    assert "放得太久" in answer.text
    assert desk.taken == []


def test_who_is_logged_in_stands_in_the_form_and_nobody_else(staffed: Desk) -> None:
    staffed.officer = CLERK
    page = staffed.get("/new/登记申请")
    assert f'name="field.officer" value="{CLERK}"' in page
    assert HEAD not in page


# ── a case ──────────────────────────────────────────────────────────────────────────────────────
def test_the_page_of_a_case_offers_what_is_open_and_says_why_the_rest_is_not(
    staffed: Desk,
) -> None:
    number = received()
    staffed.officer = CLERK
    page = staffed.get(f"/cases/{number}")
    assert f'href="/cases/{number}/form"' in page
    assert "登记复议诉讼</a>" in page
    assert "撤回答复：申请处于“待确认收到”环节，不能办理" in page
    assert "勘误：李起草没有“公开机构负责人”的职责" in page
    assert "补登送达：没有已经发出的告知书" in page
    assert "办理经过" in page
    assert lines() == [(CLERK, f"{number} 案卷")]
    staffed.officer = HEAD
    assert f'href="/new/%E5%8B%98%E8%AF%AF?number={number}"' in staffed.get(f"/cases/{number}")
    staffed.get("/cases/没有", 404)


def test_a_number_may_hold_chinese_and_slashes(desk: Desk) -> None:
    number = "依申请/2026 第1号"
    person = intake.person_of(None)
    person.case_number = number
    act = recording.parsed("registered", {
        "channel": "in_person", "arrived_on": TODAY, "applicant_kind": "自然人",
        "applicant": "张三", "request": "甲"})  # fmt: skip
    recording.take_in(act, person, CLERK)  # type: ignore[arg-type]
    page = desk.get("/")
    address = re.search('href="(/cases/[^"]+)/form"', page)[1]  # type: ignore[index]
    assert number in desk.get(address)
    found = desk.post("/cases", find=number)
    assert found.headers["location"] == address


def test_an_erratum_is_picked_from_what_was_recorded(desk: Desk) -> None:
    number = received(request="2025年预算")
    address = f"/new/勘误?number={number}"
    page = desk.get(address)
    assert "第1步“申请内容”（2025年预算）" in page
    assert 'name="field.step"' not in page
    assert "2025年预算</dd>" in page, "its facts stand beside it"
    given = {"field.number": number, "field.entry": "0.request", "field.value": "2024年预算",
             "field.reason": "核对原件", "field.officer": HEAD}  # fmt: skip
    answer = desk.post("/new/勘误", page=address, **given)
    assert answer.status_code == 303, answer.text
    assert desk.taken[0]["parameters"] == {
        "number": number,
        "wrong": "申请内容",
        "step": 1,
        "value": "2024年预算",
        "reason": "核对原件",
        "officer": HEAD,
    }


def test_what_is_not_open_is_not_submitted(desk: Desk) -> None:
    number = received()
    page = desk.get(f"/new/撤回答复?number={number}")
    assert "现在不能提交" in page
    assert "<button>提交" not in page
    given = {"field.number": number, "field.officer": HEAD}
    assert (
        desk.post("/new/撤回答复", page=f"/new/撤回答复?number={number}", **given).status_code
        == 409
    )
    assert desk.taken == []


@pytest.mark.parametrize(
    ("situation", "offered", "not_offered"),
    [
        ("已办结，邮寄", ("申请人实际收到", "退回"), ("退信", "征求意见书送达")),
        ("已办结，电子邮件", ("申请人实际收到", "退信"), ("征求意见书送达",)),
        ("征求意见，尚未送达", ("征求意见书送达", "征求意见书退回"), ("申请人实际收到", "退信")),
    ],
)
def test_of_a_letter_only_what_can_have_become_of_it_is_offered(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    situation: str,
    offered: tuple[str, ...],
    not_offered: tuple[str, ...],
) -> None:
    with office.writing() as session:
        play = reached(session, situation)
        number = play.case().number
    monkeypatch.setenv("DISCLOSURE_TODAY", f"{play.today}")
    page = desk.get(f"/new/补登送达?number={number}")
    assert all(f'<option value="{fact}' in page for fact in offered), page
    assert not any(f'<option value="{fact}' in page for fact in not_offered)
    shown = desk.get(f"/cases/{number}")
    assert 'href="/new/%E8%A1%A5%E7%99%BB%E9%80%81%E8%BE%BE' in shown


def test_a_letter_that_came_back_is_on_the_bench_until_it_is_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.writing() as session:
        play = reached(session, "已办结，邮寄")
        number = play.case().number
    monkeypatch.setenv("DISCLOSURE_TODAY", f"{play.today}")
    assert number not in desk.get("/")
    done(number, "letter_returned", returned_on=play.today, reason="查无此人")
    back = part(desk.get("/"), "back")
    assert f'href="/cases/{number}"' in back
    assert f"2026年3月10日　退回（登记告知书退回，{CLERK}）" in back


@pytest.mark.parametrize("typed", ["周 晓岚", "周晓\u200b岚", "周\u00a0晓岚", "周晓岚"])
def test_a_name_is_found_however_it_is_typed_and_that_stands_in_the_log(
    staffed: Desk, typed: str
) -> None:
    number = received("周晓岚")
    staffed.officer = CLERK
    answer = staffed.post("/cases", find=typed)
    assert f"/cases/{number}" in answer.text
    assert lines() == [(CLERK, f"按姓名、词语查询 1件 {number}")]


def test_every_number_that_a_search_shows_stands_in_the_log(staffed: Desk) -> None:
    """A line holds 200 characters; seventeen cases need more."""
    shown = [received("周晓岚") for _ in range(17)]
    staffed.officer = CLERK
    page = staffed.post("/cases", find="周晓岚").text
    assert all(f'href="/cases/{number}"' in page for number in shown)
    noted = [what for who, what in lines() if who == CLERK]
    assert all(what.startswith("按姓名、词语查询 17件 SQ") for what in noted)
    assert len(noted) == 2
    found = [number for what in noted for number in what.split()[2].split("、")]
    assert sorted(found) == sorted(shown)


@pytest.mark.parametrize(
    "typed", ["SQ202600001", "sq202600001", "ＳＱ202600001", "SQ2026\u200b00001 ", "0001"]
)
def test_a_number_is_found_however_it_is_typed(desk: Desk, typed: str) -> None:
    received()
    answer = desk.post("/cases", find=typed)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/cases/SQ202600001"
    assert lines() == []


def test_a_case_is_found_by_any_words_of_it_and_narrowed(staffed: Desk) -> None:
    numbers = [received("周晓岚", request=f"第{n}批专利资助名单") for n in "甲乙"]
    staffed.officer = CLERK
    page = staffed.post("/cases", find="专利 资助").text
    assert all(f'href="/cases/{number}"' in page for number in numbers)
    assert "找到2件" in page
    page = staffed.post("/cases", find="乙批专利", state="open", since="2020-01-01").text
    assert (f'href="/cases/{numbers[0]}"' in page, f'href="/cases/{numbers[1]}"' in page) == (
        False,
        True,
    )
    assert '<option value="open" selected>' in page
    assert "没有这样的申请" in staffed.post("/cases", find="专利", state="closed").text
    assert "没有这样的申请" in staffed.post("/cases", find="", until="2020-01-01").text
    assert "找到2件" in staffed.post("/cases", find="", state="open").text


def test_a_search_is_narrowed_by_a_result_in_words_and_its_answer_says_when_and_how(
    staffed: Desk,
) -> None:
    """The row had to be typed as a code, and what was found had neither its day nor its result."""
    page = staffed.get("/cases")
    assert '<option value="3.4">三（四）　无法提供</option>' in page
    assert '<option value="3.4.1">三（四）1　本机关不掌握相关政府信息</option>' in page
    assert '<option value="3.1">三（一）　予以公开</option>' in page
    number, other = received(request="甲批专利名单"), received(request="乙批专利名单")
    at(number, stage="已办结", row="3.4.1", closed_on=date(2026, 3, 3))
    found = staffed.post("/cases", find="专利名单").text
    assert all(one in found for one in (number, other, '<td class="nowrap">2026-03-02</td>'))
    assert '已办结<br><span class="quiet">三（四）1</span>' in found
    earlier = staffed.post("/cases", row="三（四）1").text
    assert '<option value="三（四）1" selected>三（四）1</option>' in earlier, (
        "saved when it was typed"
    )


def test_nothing_found_says_so(desk: Desk) -> None:
    received()
    assert "没有这样的申请" in desk.post("/cases", find="李四").text
    assert lines() == []


# ── who has a form open ─────────────────────────────────────────────────────────────────────────
def opened(number: str, who: str, ago: timedelta) -> None:
    with office.writing() as session:
        what = f"{number}{access_log.FORM_OPENED}"
        access_log.write(session, "read", office.now() - ago, officer=who, what=what)


@pytest.mark.parametrize(
    ("ago", "says"),
    [
        (timedelta(seconds=59), "李明 刚刚打开"),
        (timedelta(seconds=121), "李明 2分钟前打开"),
        (timedelta(minutes=9, seconds=58), "李明 9分钟前打开"),
        (timedelta(minutes=10, seconds=1), ""),
    ],
)
def test_a_colleague_who_has_the_form_open_is_named(
    staffed: Desk, monkeypatch: pytest.MonkeyPatch, ago: timedelta, says: str
) -> None:
    number = received()
    later = office.now() + timedelta(hours=1)
    monkeypatch.setattr(office, "now", lambda: later)
    opened(number, "李明", ago)
    staffed.officer = CLERK
    for page in (part(staffed.get("/"), "mine"), staffed.get(f"/cases/{number}")):
        assert ("打开" in page.replace("打开表单", "").replace("打开要填", "")) is bool(says)
        assert says in page
    with office.reading() as session:
        assert opened_by_others(session, "李明") == {}, "not to himself"
    assert open_already(number, CLERK) == says


def test_who_has_submitted_has_it_open_no_more(
    staffed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = received()
    later = office.now() + timedelta(hours=1)
    monkeypatch.setattr(office, "now", lambda: later)
    opened(number, "李明", timedelta(minutes=1))
    confirmed(number)
    with office.reading() as session:
        assert opened_by_others(session, CLERK) == {}


# ── searches that are saved ─────────────────────────────────────────────────────────────────────
def test_a_search_is_saved_for_its_officer_alone_found_on_the_bench_and_forgotten(
    staffed: Desk,
) -> None:
    number = received("周晓岚", request="甲批专利资助名单")
    staffed.officer = CLERK
    shown = staffed.post("/cases", find="专利 资助", state="open").text
    assert "存为常用查询" in shown
    kept = staffed.post("/cases", find="专利 资助", state="open", save=" 周晓岚的\n名单 ")
    assert "已存为常用查询" in kept.text
    assert number not in kept.text
    (file,) = (office.home() / "searches").iterdir()
    assert b"\xe4\xb8\x93\xe5\x88\xa9" not in file.read_bytes()
    again = re.search(r'href="(/cases\?saved=\w+)">周晓岚的 名单</a>', staffed.get("/"))
    assert again, "on the bench"
    noted = len(lines())
    page = staffed.get(again[1])
    assert f'href="/cases/{number}"' in page
    assert 'value="专利 资助"' in page
    assert len(lines()) == noted + 1, "reading it leaves a line, as when it is typed"
    staffed.officer = HEAD
    assert "周晓岚" not in staffed.get("/")
    assert f'href="/cases/{number}"' not in staffed.get(again[1])
    staffed.post("/cases", forget=again[1].partition("=")[2])
    staffed.officer = CLERK
    assert again[1] in staffed.get("/cases"), "nobody deletes another's"
    assert staffed.post("/cases", forget=again[1].partition("=")[2]).status_code == 303
    assert again[1] not in staffed.get("/cases") + staffed.get("/")


@pytest.mark.parametrize(
    ("name", "find", "had", "status"),
    [
        ("名单", "专利", 29, 200), ("名单", "专利", 30, 409), ("第3个", "专利", 30, 200),
        ("长" * 40, "专利", 0, 200), ("长" * 41, "专利", 0, 409), (" ", "专利", 0, 409),
        ("名单", " ", 0, 409),
    ],
)  # fmt: skip
def test_a_search_is_kept_under_a_name_of_its_own_up_to_thirty(
    desk: Desk, name: str, find: str, had: int, status: int
) -> None:
    for n in range(had):
        assert saved_searches.save("", f"第{n}个", {"find": "商标"}) == ""
    answer = desk.post("/cases", find=find, save=name)
    assert answer.status_code == status, answer.text
    kept = {one.name: one.fields for one in saved_searches.of("")}
    assert (kept.get(name) == {"find": find}) == (status == 200)


def test_many_numbers_that_are_alike_are_paged(desk: Desk) -> None:
    received()
    many_open(60, 2025)
    page = desk.post("/cases", find="SQ2025").text
    assert "这一页50件，下一页还有" in page
    assert "张三" not in page, "by its number, nobody is named"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert (hidden["number"], hidden["find"]) == ("SQ2025", "")
    rest = desk.post("/cases", **hidden).text
    assert "找到10件" in rest
