"""The whole path through a real Prefect server: registered, asked again, corrected, closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prefect.input import keyset_from_paused_state
from prefect.states import Suspended
from sqlalchemy.exc import OperationalError
from starlette.responses import JSONResponse

from flows import office
from flows.commands.robot_officer import FormRefused, Officer
from flows.installation.prefect_client import connected
from flows.path.desk import inputs
from flows.prefect_side.kept_forms import ANSWER, LET_GO, schema_key
from flows.prefect_side.one_form import ACT, answered_form, place_of
from flows.server.answered_forms import AnsweredForms
from models.case.stage import Stage
from models.register import register
from tests.desks import empty_office

CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"


@pytest.fixture(scope="module")
def desk(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Our flows on the session's server, the warm worker at work, an empty register."""
    with empty_office(tmp_path_factory.mktemp("office")) as folder:
        yield folder


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch):
    """Set today."""
    return lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


def _register(officer: Officer, request: str = "2025年专利资助名单") -> str:
    before = {row.number for row in _rows()}
    run = officer.start(
        "登记申请",
        {
            "channel": "当面提交",
            "arrived_on": "2026-03-02",
            "kind": "自然人",
            "applicant": "张三",
            "request": request,
            "officer": CLERK,
            "identity": "310101199001011234",
            "contact": "13800000000",
        },
    )
    assert run.state.is_completed()
    (number,) = {row.number for row in _rows()} - before
    return number


def _rows():
    with office.reading() as session:
        return list(register.applications(session))


def _case(number: str):
    with office.reading() as session:
        return register.case(session, number)


def _form(officer: Officer, number: str) -> tuple[dict, str]:
    """The schema and the Markdown of the form that waits."""
    run = officer.form(number)
    keys = run.state.state_details.run_input_keyset
    client = officer._client
    schema = json.loads(client.read_flow_run_input(run.id, keys["schema"]))
    return schema, schema["properties"][place_of(run)]["description"]


def test_an_application_goes_from_registration_to_closing_without_leaving_the_desk(desk, on):
    """Arrival to dispatch with one refused answer and one return on the way (Arts. 29-36)."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(REVIEWER) as reviewer, Officer(LEADER) as leader:
        number = _register(clerk)
        assert clerk.form(number).name.startswith(number)

        with pytest.raises(FormRefused, match="早于到件日期"):
            clerk.submit(number, "received", received_on="2026-03-01")
        assert _case(number).stage is Stage.CONFIRMING
        clerk.submit(number, "received", received_on="2026-03-02")

        on("2026-03-05")
        schema, words = _form(clerk, number)
        assert "2026年3月30日" in words.replace("\\", "")
        tabs = [tab["title"] for tab in schema["definitions"].values()]
        assert tabs == ["本机关", "其他机关", "其他", "程序"]
        clerk.submit(number, "found_ours")
        clerk.submit(
            number,
            "drafted_granted",
            outcome="granted",
            information="2025年专利资助名单",
            whereabouts="随本告知书附送",
            attachments="2025年专利资助名单",
        )
        reviewer.submit(number, "sent_back", comment="请写明页数")
        clerk.submit(
            number,
            "drafted_granted",
            outcome="granted",
            information="2025年专利资助名单（共3页）",
            whereabouts="随本告知书附送",
        )
        reviewer.submit(number, "approved")

        on("2026-03-09")
        with pytest.raises(FormRefused, match="不能签发"):  # the drafter
            clerk.submit(number, "signed", signed_on="2026-03-09")
        leader.submit(number, "signed", signed_on="2026-03-09")
        run = clerk.submit(
            number, "replied", delivery="ems", sent_on="2026-03-09", proof="1012345678901"
        )

    assert run.state.is_completed()
    case = _case(number)
    assert case.stage is Stage.CLOSED
    assert case.row(office.law()) == "3.1"
    assert len(list((desk / "letters" / number).glob("*.docx"))) == 2


def test_a_form_opened_a_month_later_is_of_that_day_and_so_is_what_comes_of_it(desk, on):
    """Signed, then left lying: opened late, the form says so, and unchanged it records a late reply."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(LEADER) as leader:
        number = _register(clerk)
        clerk.submit(number, "received", received_on="2026-03-02")
        clerk.submit(number, "found_ours")
        clerk.submit(number, "drafted_unable", outcome="not_existing", search="检索公文系统")
        leader.submit(number, "approved")
        leader.submit(number, "signed", signed_on="2026-03-02")
        schema, words = _form(clerk, number)
        assert "还剩20个工作日" in words
        assert _dispatch(schema)["default"] == "2026-03-02"
        on("2026-04-03")
        schema, words = _form(clerk, number)
        assert "今天是**　2026年4月3日，星期五" in words
        assert "已逾期4个工作日" in words
        assert _dispatch(schema)["default"] == "2026-04-03"
        clerk.submit(
            number,
            "replied",
            delivery="ems",
            sent_on=_dispatch(schema)["default"],
            proof="1012345678901",
        )
    case = _case(number)
    assert case.closed_on.isoformat() == "2026-04-03"
    assert not case.deadline(office.law()).timely


def _dispatch(schema: dict) -> dict:
    """The date that the dispatch form proposes."""
    return schema["definitions"]["tab0"]["properties"]["replied.sent_on"]


def test_an_answer_that_fits_no_tab_is_turned_away_and_changes_nothing(desk, on):
    """A form of another point, or with a field too many, never reaches the case."""
    on("2026-03-02")
    with Officer(CLERK) as clerk:
        number = _register(clerk)
        with pytest.raises(FormRefused):
            clerk.submit(
                number, "replied", delivery="ems", sent_on="2026-03-02", proof="1012345678901"
            )
        assert _case(number).position == 1
        clerk.submit(number, "received", received_on="2026-03-02")
        assert _case(number).stage is Stage.JURISDICTION


def test_the_submitted_form_leaves_no_identity_or_contact_in_the_run(desk, on):
    """What identifies the applicant is in the register, not in the run's parameters."""
    on("2026-03-02")
    with Officer(CLERK) as clerk:
        number = _register(clerk)
        runs = clerk._client.read_flow_runs()
    assert not any("310101199001011234" in str(run.parameters) for run in runs)
    with office.reading() as session:
        assert register.applicant(session, number).identity == "310101199001011234"


def test_a_withdrawn_reply_comes_back_to_the_desk_and_service_is_recorded_after_closing(desk, on):
    """Posted, returned, withdrawn and given anew: one application, two numbers (Arts. 33, 36, 45)."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(LEADER) as leader:
        number = _register(clerk)
        clerk.submit(number, "received", received_on="2026-03-02")
        clerk.submit(number, "found_ours")
        _answer(clerk, leader, number)
        asked = {"number": number, "fact": "退回", "on": "2026-03-02", "officer": CLERK}
        run = clerk.start("补登送达", asked | {"note": "查无此人"})
        assert run.state.is_completed()
        assert _case(number).stage is Stage.CLOSED

        run = clerk.start("补登送达", asked | {"note": ""})  # the reason is missing
        assert run.state.is_paused()

        withdrawn = {"withdrawn_on": "2026-03-02", "reason": "检索有遗漏", "decided_by": LEADER}
        run = clerk.start("撤回答复", {"number": number, "officer": CLERK, **withdrawn})
        assert run.state.is_completed()
        assert _case(number).stage is Stage.DRAFTING

    with Officer(CLERK) as clerk, Officer(LEADER) as leader:  # a new run is on the desk
        _answer(clerk, leader, number)
    case = _case(number)
    assert case.stage is Stage.CLOSED
    assert [one.voided_on is not None for one in case.letters] == [False, True, False]
    names = sorted(path.name for path in (desk / "letters" / number).glob("*.docx"))
    assert len(names) == 3
    assert len([name for name in names if "作废" in name]) == 1


def test_a_consultation_is_followed_up_after_closing(desk, on):
    """The day the third party had the letter, or that it came back, is found out later (Art. 32)."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(LEADER) as leader:
        number = _register(clerk)
        clerk.submit(number, "received", received_on="2026-03-02")
        clerk.submit(number, "found_ours")
        for name in ("甲公司", "乙公司"):
            clerk.choose(number, "consultation_started")
            asked = {"party": "third_party", "name": name, "information": "合同", "why": "商业秘密"}
            clerk.submit(number, "consultation_started", sent_on="2026-03-02", **asked)
        _answer(clerk, leader, number)
        found = {"number": number, "on": "2026-03-02", "officer": CLERK, "note": "查询邮件、住所"}
        for ref, fact in (("1", "征求意见书送达"), ("2", "征求意见书退回，无法联系")):
            run = clerk.start("补登送达", found | {"ref": ref, "fact": fact})
            assert run.state.is_completed(), fact
        run = clerk.start("补登送达", found | {"ref": "1", "fact": "征求意见书送达"})
        assert run.state.is_paused()  # it is recorded already
        late = found | {"ref": "1", "fact": "收到第三方、其他机关的意见", "view": "不同意公开"}
        run = clerk.start("补登送达", late | {"reasonable": "理由合理", "note": "涉及商业秘密"})
        assert run.state.is_completed()
    one, two = _case(number).opinions
    assert one.delivered_on is not None
    assert (one.view, one.reasonable, one.reasons) == ("object", "yes", "涉及商业秘密")
    assert two.unreachable == "查询邮件、住所"
    assert _case(number).stage is Stage.CLOSED


def _answer(clerk: Officer, leader: Officer, number: str) -> None:
    clerk.submit(number, "drafted_unable", outcome="not_existing", search="检索公文系统，未找到")
    leader.submit(number, "approved")
    leader.submit(number, "signed", signed_on="2026-03-02")
    clerk.submit(number, "replied", delivery="ems", sent_on="2026-03-02", proof="1012345678901")


def test_a_reply_ordered_anew_is_back_on_the_desk_under_a_limit_of_its_own(desk, on):
    """Closed, set aside by a review decision, drafted again: one case, two letters (Art. 51)."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(REVIEWER) as reviewer, Officer(LEADER) as leader:
        number = _register(clerk)
        clerk.submit(number, "received", received_on="2026-03-02")
        clerk.submit(number, "found_ours")
        clerk.submit(number, "drafted_unable", outcome="not_existing", search="检索了公文系统")
        reviewer.submit(number, "approved")
        leader.submit(number, "signed", signed_on="2026-03-02")
        clerk.submit(number, "replied", delivery="ems", sent_on="2026-03-02", proof="1012345678901")
        on("2026-06-01")
        run = clerk.start(
            "责令重新答复",
            {
                "number": number,
                "received_on": "2026-06-01",
                "source": "行政复议决定",
                "decision": "沪府复字〔2026〕12号",
                "officer": CLERK,
                "term": 30,
                "unit": "日（自然日）",
            },
        )
        assert run.state.is_completed()
    with Officer(CLERK) as clerk:  # a new run is on the desk
        _, words = _form(clerk, number)
        assert "2026年7月1日" in words.replace("\\", "")
    case = _case(number)
    assert (case.stage, case.closed_on) == (Stage.DRAFTING, None)
    assert [letter.voided_on is None for letter in case.letters] == [True, False]


def test_the_parts_of_a_split_application_are_on_the_desk_at_once(desk, on):
    """By 一事一申请 each part is an application, with its own form (收费办法 4)."""
    on("2026-03-02")
    with Officer(CLERK) as clerk:
        number = _register(clerk, "甲、乙两项")
        clerk.submit(number, "received", received_on="2026-03-02")
        before = {row.number for row in _rows()}
        clerk.choose(number, "split")
        clerk.submit(number, "split", kept="甲项", others="乙项")
        (part,) = {row.number for row in _rows()} - before
        _, words = _form(clerk, part)
        assert "乙项" in words
        clerk.submit(part, "found_ours")
    assert _case(part).stage is Stage.DRAFTING
    assert len(list((desk / "letters" / part).glob("*.docx"))) == 1


def test_what_was_recorded_wrongly_is_put_right_while_the_form_of_another_act_waits(desk, on):
    """By a form beside the case's own, which is renewed: it was for a point that is past."""
    on("2026-03-02")
    with Officer(CLERK) as clerk, Officer(LEADER) as leader:
        number = _register(clerk)
        clerk.submit(number, "received", received_on="2026-03-02")
        stale = place_of(clerk.form(number))
        on("2026-03-03")
        asked = {"number": number, "wrong": "收到申请之日", "value": "2026-02-27"}
        why = {"reason": "信封邮戳为二月二十七日", "officer": LEADER}
        run = leader.start("勘误", asked | why)
        assert run.state.is_completed()
        assert run.name == f"{number}　已勘误：收到申请之日"
        assert str(_case(number).received_on) == "2026-02-27"

        _schema, words = _form(clerk, number)
        assert place_of(clerk.form(number)) != stale
        assert "2026年3月26日" in words.replace("\\", "")
        clerk.submit(number, "found_ours")
        assert _case(number).stage is Stage.DRAFTING

        run = leader.start("勘误", asked | why | {"value": "2026-02-30"})
        assert run.state.is_paused()
        assert "应为日期" in run.name
        assert _case(number).position == 4


def test_a_registration_that_is_refused_is_asked_again_as_it_was_filled_in(desk, on):
    """A mistyped year, then a name that is none: nothing is typed twice, and one case comes of it."""
    on("2026-03-02")
    before = {row.number for row in _rows()}
    with Officer(CLERK) as clerk:
        asked = {
            "channel": "当面提交",
            "arrived_on": "0026-03-02",
            "kind": "商业企业",
            "applicant": "某某公司",
            "request": "2025年专利资助名单",
            "officer": CLERK,
            "identity": "310101199001011234",
            "contact": "13800000000",
            "co_applicants": "另一公司",
        }
        run = clerk.start("登记申请", asked)
        assert run.state.is_paused()
        assert run.name.startswith("登记申请　未办成：到件日期（0026-03-02）早于")
        assert run.tags == ["待办"]
        assert {row.number for row in _rows()} == before

        form, words = _asked(clerk, run)
        assert "上次提交未被接受" in words
        shown = {name: entry.get("default") for name, entry in form["properties"].items()}
        assert shown["arrived_on"] == "0026-03-02"
        assert (shown["kind"], shown["channel"]) == ("商业企业", "当面提交")
        assert (shown["identity"], shown["contact"]) == (None, None)
        assert "13800000000" not in str(form)

        kept = {name: value for name, value in shown.items() if value}
        with pytest.raises(FormRefused, match="控制字符"):  # at the door: nothing is asked anew
            clerk.answer_again(run, kept | {"arrived_on": "2026-03-02", "applicant": "\u202e"})
        del kept["co_applicants"]  # emptied
        run = clerk.answer_again(run, kept | {"arrived_on": "2026-03-02"})
        assert run.state.is_completed()
    (number,) = {row.number for row in _rows()} - before
    assert run.name.startswith(f"登记　{number}")
    assert run.tags == []
    case = _case(number)
    assert (case.applicant, case.applicant_kind, case.co_applicants) == ("某某公司", "商业企业", ())
    with office.reading() as session:
        person = register.applicant(session, number)
    assert (person.identity, person.contact) == ("310101199001011234", "13800000000")


def test_prefect_keeps_no_form_that_was_answered_but_every_answer(desk, on):
    """What an earlier release left whole in a run goes with the next answer of that run."""
    on("2026-03-02")
    with Officer(CLERK) as clerk:
        number = _register(clerk)
        clerk.submit(number, "received", received_on="2026-03-02")
        run, earlier = clerk.form(number), keyset_from_paused_state(Suspended(pause_key="0-0"))
        whole, _ = _form(clerk, number)
        with connected() as office_itself:
            for of, what in ((earlier["schema"], whole), (earlier["response"], {"act-0-0": {}})):
                office_itself.create_flow_run_input(run.id, of, json.dumps(what))
            clerk.submit(number, "found_ours")
            waits = place_of(clerk.form(number)).removeprefix(ACT + "-")
            kept = {one["key"]: one["value"] for one in inputs(office_itself, run.id)}
    answers = {ANSWER.match(key)[1] for key in kept if ANSWER.match(key)}
    assert len(answers) == 3
    for pause in answers:
        assert json.loads(kept[schema_key(pause)]) == answered_form(pause)
        assert len(kept[schema_key(pause)]) < LET_GO
    assert kept.keys() == {
        *(schema_key(pause) for pause in (*answers, waits)),
        *(schema_key(pause).replace("-schema", "-response") for pause in answers),
    }
    assert len(kept[schema_key(waits)]) > 10 * LET_GO, "what is asked now is there whole"


def test_a_form_is_let_go_when_it_was_taken_and_at_no_other_time():
    went = []

    async def let_go(run):
        went.append(run)
        raise OperationalError("", {}, Exception("database is locked"))

    def asked(path, status, said):
        app = AnsweredForms(JSONResponse(said, status), let_go)

        async def once():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.post(path)

        answer = asyncio.run(once())
        assert (answer.status_code, answer.json()) == (status, said)

    run = uuid4()
    for status, said in ((200, "REJECT"), (201, "ABORT"), (409, "ACCEPT")):
        asked(f"/api/flow_runs/{run}/resume", status, {"status": said})
    asked(f"/api/flow_runs/{run}/set_state", 201, {"status": "ACCEPT"})
    assert went == []
    asked(f"/api/flow_runs/{run}/resume", 201, {"status": "ACCEPT"})
    assert went == [run], "and that it could not be is no matter of the officer's"


def _asked(officer: Officer, run) -> tuple[dict, str]:
    """The fields of a form that is asked again, and the Markdown above it."""
    keys = run.state.state_details.run_input_keyset
    schema = json.loads(officer._client.read_flow_run_input(run.id, keys["schema"]))
    return schema["definitions"]["tab0"], schema["properties"][place_of(run)]["description"]
