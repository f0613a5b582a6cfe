"""The desk is put right from the register: each open case has one living run at its point."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactFilter
from prefect.client.schemas.objects import Artifact, FlowRun, State, StateDetails, StateType
from prefect.states import Cancelled, Completed, Crashed, Pending, Running

from flows import office
from flows.commands.robot_officer import Officer
from flows.morning import at_its_time
from flows.path import desk, intake, presenting, righting
from flows.path.recording import perform
from flows.prefect_side import lost_runs
from flows.prefect_side.deployments import form_of
from flows.prefect_side.one_form import place_of
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.server import desk_check
from flows.server.desk_check import DeskCheck
from flows.shown import artifacts, lists
from models.errors import NoSuchCase
from models.register import filed_letters, register
from tests.desks import delete_run, empty_office
from tests.waiting import until as come_about

CLERK = "陈静"
RECEIVED = date(2026, 3, 2)


@pytest.fixture(scope="module")
def client(
    prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SyncPrefectClient]:
    """Our flows on the session's server, the warm worker at work, an empty register."""
    with (
        empty_office(tmp_path_factory.mktemp("office")),
        get_client(sync_client=True) as client,
    ):
        yield client


@pytest.fixture
def clerk(client: SyncPrefectClient) -> Iterator[Officer]:
    with Officer(CLERK) as clerk:
        yield clerk


def new_case() -> str:
    """An application handed in and put on the desk."""
    case = intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="张三",
        request="2025年度专利资助名单",
        arrived_on=RECEIVED,
        identity="",
        contact="",
    )
    desk.put_on_desk(case)
    return case.number


def runs(client: SyncPrefectClient, number: str) -> list[FlowRun]:
    return [run for run in desk.runs_of(client, number) if run.state_type in desk.LIVING]


def one_run_at_its_point(client: SyncPrefectClient, clerk: Officer, number: str) -> UUID:
    """The case's only living run, at a form for where the case stands."""
    clerk._runs.pop(number, None)
    clerk.form(number)
    (run,) = runs(client, number)
    with office.reading() as session:
        assert desk._position(run) == register.case(session, number).position
    return run.id


def test_a_desk_in_order_is_left_alone(client, clerk):
    number = new_case()
    before = clerk.form(number)
    assert not [line for line in righting.put_right(grace=desk.NO_GRACE) if number in line]
    assert client.read_flow_run(before.id).state_id == before.state_id


@pytest.mark.parametrize("end", [Cancelled, Crashed, Completed], ids=lambda end: end.__name__)
def test_a_run_ended_by_mistake_starts_again(client, clerk, end):
    number = new_case()
    gone = clerk.form(number)
    client.set_flow_run_state(gone.id, end(), force=True)
    assert f"{number} 已重新放回办理队列" in righting.put_right(grace=desk.NO_GRACE)
    assert one_run_at_its_point(client, clerk, number) == gone.id


def test_a_deleted_run_is_replaced(client, clerk):
    number = new_case()
    delete_run(client, clerk.form(number).id)
    assert f"{number} 已重新放回办理队列" in righting.put_right(grace=desk.NO_GRACE)
    one_run_at_its_point(client, clerk, number)


@pytest.mark.parametrize("state", [Running(), Pending(name="Submitting")], ids=str)
def test_a_run_that_nobody_moves_starts_again(client, clerk, state):
    """What a killed worker or a lost resume leaves; while a worker is at work it has its grace."""
    number = new_case()
    run = clerk.form(number)
    client.set_flow_run_state(run.id, state, force=True)
    assert not [line for line in righting.put_right(grace=timedelta(minutes=2)) if number in line]
    assert f"{number} 的办理流程停滞，已重新开始" in righting.put_right(grace=desk.NO_GRACE)
    assert one_run_at_its_point(client, clerk, number) == run.id
    clerk.submit(number, "received", received_on="2026-03-02")


def test_an_answer_whose_resume_was_lost_is_not_asked_again(client, clerk):
    """Prefect took the form, the run hangs: started again, it finds the answer."""
    number = new_case()
    run = clerk.form(number)
    answer = {"received.received_on": "2026-03-02", "received.officer": CLERK}
    key = run.state.state_details.run_input_keyset["response"]
    client.set_flow_run_state(run.id, Pending(name="Submitting"), force=True)
    client.create_flow_run_input(run.id, key, json.dumps({place_of(run): answer}))
    righting.put_right(grace=desk.NO_GRACE)
    clerk._until(run.id, number, lambda now: now.state_type is StateType.PAUSED)
    with office.reading() as session:
        assert register.case(session, number).received_on == RECEIVED
    one_run_at_its_point(client, clerk, number)


def test_the_morning_leaves_a_run_in_motion_alone(client, clerk):
    number = new_case()
    run = clerk.form(number)
    client.set_flow_run_state(run.id, Running(), force=True)
    assert not [line for line in at_its_time.morning() if number in line]
    assert client.read_flow_run(run.id).state_type is StateType.RUNNING
    righting.put_right(grace=desk.NO_GRACE)
    one_run_at_its_point(client, clerk, number)


def test_every_run_bears_a_title_that_an_officer_can_read() -> None:
    """Not one that Prefect makes up; the runs of cases are renamed by every act."""
    for name in OUR_FLOWS:
        assert flow(name).name == name
        assert flow(name).flow_run_name == (None if name == desk.HANDLE else name)


def test_a_form_to_begin_with_says_nothing_that_is_not_for_the_officer() -> None:
    for name in OUR_FLOWS:
        form = form_of(flow(name))
        for field in (*form["properties"].values(), *form.get("definitions", {}).values()):
            assert "anyOf" not in field
            said = field.get("description", "")
            assert not said or not said.isascii()


def test_a_form_of_a_point_that_is_past_is_replaced(client, clerk):
    number = new_case()
    clerk.form(number)
    perform(number, 1, "received", {"received_on": RECEIVED}, CLERK)  # not through this form
    assert f"{number} 的表单已过时，已更换" in righting.put_right(grace=desk.NO_GRACE)
    one_run_at_its_point(client, clerk, number)


def test_put_on_the_desk_by_several_a_case_has_one_run(client, clerk):
    """By its registration, killed before and started again, and by whoever puts the desk right."""
    number = new_case()
    run = clerk.form(number)
    with office.reading() as session:
        case = register.case(session, number)
    assert desk.put_on_desk(case) == run.id
    delete_run(client, run.id)
    assert f"{number} 已重新放回办理队列" in righting.put_right(grace=desk.NO_GRACE)
    with ThreadPoolExecutor(3) as pool:
        (made,) = set(pool.map(desk.put_on_desk, [case] * 3))
    assert one_run_at_its_point(client, clerk, number) == made


def test_a_case_without_a_run_gets_one_however_many_ask_at_once(client, clerk):
    number = new_case()
    delete_run(client, clerk.form(number).id)
    with office.reading() as session:
        case = register.case(session, number)
    with ThreadPoolExecutor(3) as pool:
        (made,) = set(pool.map(desk.put_on_desk, [case] * 3))
    assert one_run_at_its_point(client, clerk, number) == made


def test_of_two_runs_one_is_kept(client, clerk):
    number = new_case()
    clerk.form(number)
    handling = client.read_deployment_by_name(f"{desk.HANDLE}/{desk.HANDLE}")
    second = client.create_flow_run_from_deployment(handling.id, parameters={"number": number})
    clerk._until(second.id, number, lambda now: now.state_type is StateType.PAUSED)
    assert f"{number} 有多个办理流程，已保留其中一个" in righting.put_right(grace=desk.NO_GRACE)
    one_run_at_its_point(client, clerk, number)


def test_a_form_left_of_a_closed_case_is_put_away(client, clerk):
    number = new_case()
    run = clerk.form(number)
    struck = {"struck_on": RECEIVED, "reason": "重复扫描登记"}
    assert perform(number, 1, "entry_struck", struck, CLERK).reasons == ()
    assert f"{number} 已办结，收起其表单" in righting.put_right(grace=desk.NO_GRACE)
    ended = clerk._until(run.id, number, lambda now: now.state.is_final())
    assert ended.state.is_completed()


def test_a_case_that_closes_while_the_desk_is_looked_at_is_not_put_back(client, clerk, monkeypatch):
    number = new_case()
    run = clerk.form(number)
    read = register.applications

    def then_closed(session, **asked):
        rows = read(session, **asked)
        struck = {"struck_on": RECEIVED, "reason": "重复扫描登记"}
        assert perform(number, 1, "entry_struck", struck, CLERK).reasons == ()
        client.set_flow_run_state(run.id, Completed(), force=True)
        return rows

    monkeypatch.setattr(register, "applications", then_closed)
    assert not [line for line in righting.put_right(grace=desk.NO_GRACE) if number in line]
    assert client.read_flow_run(run.id).state_type is StateType.COMPLETED


def test_the_desk_stands_as_a_case_that_is_closed_again(client, clerk):
    """A step undone leaves a case closed: the form that it had opened ends."""
    number = new_case()
    run = clerk.form(number)
    struck = {"struck_on": RECEIVED, "reason": "重复扫描登记"}
    assert perform(number, 1, "entry_struck", struck, CLERK).reasons == ()
    with office.reading() as session:
        desk.stand(register.case(session, number))
    ended = clerk._until(run.id, number, lambda now: now.state.is_final())
    assert ended.state.is_completed()


def shown(there: Callable[[], bool]) -> None:
    """What is shown once the form is up is there within moments."""
    come_about(there, 30)


def test_a_dossier_has_one_page_however_many_acts_and_it_is_made_where_there_is_none(client, clerk):
    """It is its run's, and there once the first form is up."""
    number = new_case()
    run = clerk.form(number)

    def pages() -> list[Artifact]:
        asked = ArtifactFilter(key={"any_": [presenting.artifact_key(number)]})
        return client.read_artifacts(artifact_filter=asked)

    shown(lambda: bool(pages()))
    (first,) = pages()
    assert first.flow_run_id == run.id
    assert presenting.dossier_page(number) == first.id
    clerk.submit(number, "received", received_on=str(RECEIVED))
    clerk.submit(number, "found_ours")
    assert [one.id for one in pages()] == [first.id]
    assert presenting.without_page([number, "SQ209900001"]) == ["SQ209900001"]
    client.delete_artifact(first.id)
    assert presenting.without_page([number]) == [number]
    made = presenting.dossier_page(number)
    assert presenting.dossier_page(number) == made
    (again,) = pages()
    assert (again.id, again.flow_run_id) == (made, run.id)
    presenting.see_to_page(number, str(uuid4()))  # another run goes on for the one before
    assert len(pages()) == 2
    with pytest.raises(NoSuchCase):
        presenting.dossier_page("SQ209900001")


def test_a_dossier_that_two_find_without_a_page_at_one_moment_has_one(client, clerk, monkeypatch):
    """The run of the case and the minute's check."""
    number = new_case()
    run = clerk.form(number)
    asked = ArtifactFilter(key={"any_": [presenting.artifact_key(number)]})
    shown(lambda: bool(client.read_artifacts(artifact_filter=asked)))
    monkeypatch.setattr(presenting, "_known", lambda _client, _number: None)  # nobody has yet
    page = presenting.dossier_page(number)
    assert [one.id for one in client.read_artifacts(artifact_filter=asked)] == [page]
    presenting.see_to_page(number, str(run.id))
    (one,) = client.read_artifacts(artifact_filter=asked)
    assert (one.flow_run_id, one.key) == (run.id, presenting.artifact_key(number))
    assert presenting.without_page([number]) == []


def test_a_dossier_that_an_earlier_release_filed_gets_its_page(client, clerk):
    number = new_case()
    clerk.form(number)
    key = presenting.artifact_key(number)
    shown(lambda: not presenting.without_page([number]))
    filed = ArtifactCreate(key=key, type="markdown", data="# 卷宗", metadata_={"position": "1"})
    artifacts.made(client, filed)
    assert presenting.without_page([number]) == [number]
    page = presenting.dossier_page(number)
    (latest,) = client.read_latest_artifacts(
        artifact_filter=ArtifactCollectionFilter(key={"any_": [key]})
    )
    assert latest.latest_id == page


def test_a_form_that_waits_is_named_as_of_the_day_and_a_run_in_motion_is_left(client, clerk):
    number, moving = new_case(), new_case()
    run, other = clerk.form(number), clerk.form(moving)
    with office.reading() as session:
        row = register.row(session, number)
        name, tags = lists.title(row), lists.tags(row, office.circumstances(""))
    client.set_flow_run_state(other.id, Running(), force=True)
    for one in (run, other):
        client.update_flow_run(one.id, name="昨天的", tags=[number])
    assert not [line for line in righting.put_right(grace=timedelta(minutes=2)) if number in line]
    now = client.read_flow_run(run.id)
    assert (now.name, set(now.tags)) == (name, set(tags))
    assert client.read_flow_run(other.id).name == "昨天的"
    client.update_flow_run(run.id, tags=[number])  # the name is right: the tags alone are not
    righting.put_right(grace=timedelta(minutes=2))
    assert set(client.read_flow_run(run.id).tags) == set(tags)
    righting.put_right(grace=desk.NO_GRACE)
    one_run_at_its_point(client, clerk, moving)


def test_an_answer_given_to_a_run_that_crashed_is_not_asked_again(client, clerk):
    """The server was gone when the worker wanted to begin: the answer is kept with that run."""
    number = new_case()
    run = clerk.form(number)
    answer = {"received.received_on": "2026-03-02", "received.officer": CLERK}
    key = run.state.state_details.run_input_keyset["response"]
    client.create_flow_run_input(run.id, key, json.dumps({place_of(run): answer}))
    client.set_flow_run_state(run.id, Crashed(), force=True)
    righting.put_right(grace=desk.NO_GRACE)
    clerk._until(run.id, number, lambda now: now.state_type is StateType.PAUSED)
    with office.reading() as session:
        assert register.case(session, number).received_on == RECEIVED


def test_what_keeps_failing_comes_back_ever_more_slowly():
    """A fault in the program must not fill Prefect's database with states."""

    def failed(*minutes_ago: int) -> list[State]:
        now = datetime.now(UTC)
        return [
            State(type=StateType.FAILED, timestamp=now - timedelta(minutes=ago))
            for ago in minutes_ago
        ]

    form = State(type=StateType.PAUSED)
    assert desk.due_again([])
    assert desk.due_again(failed(0))
    assert not desk.due_again(failed(5, 1))
    assert desk.due_again(failed(5, 3))
    assert not desk.due_again(failed(20, 9, 3))
    assert not desk.due_again(failed(*range(3000, 600, -100)))
    assert desk.due_again(failed(*range(9000, 1100, -100)))
    assert desk.due_again([*failed(5, 3, 1), form, *failed(0)])


def test_what_keeps_failing_has_failed_since_its_last_form_and_not_for_the_register() -> None:
    now = datetime.now(UTC)

    def state(kind: StateType, ago: int, message: str = "") -> State:
        return State(type=kind, timestamp=now - timedelta(minutes=ago), message=message)

    failed, form = StateType.FAILED, StateType.PAUSED
    assert not desk.due_again([state(failed, 3), state(failed, 1)])
    assert not desk.due_again([state(StateType.CRASHED, 3), state(failed, 1)])
    assert desk.due_again([state(failed, 3), state(StateType.RUNNING, 2), state(form, 2)])
    assert desk.due_again([state(failed, 4), state(form, 3), state(failed, 1)])
    away = state(StateType.SCHEDULED, 3, lost_runs.REGISTER_AWAY)
    assert desk.due_again([state(failed, 5), away, state(failed, 1)])
    assert desk.due_again([state(StateType.CANCELLED, 3), state(failed, 1)])  # failed once


def test_a_form_is_known_by_the_run_it_was_put_up_in_whoever_goes_on_with_it() -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    assert desk.known_by(first, None) == str(first)
    assert desk.known_by(first, "SQ202600001") == str(first)
    assert desk.known_by(first, f"SQ1 {desk.CONTINUES}{second}") == str(first)
    assert desk.known_by(first, desk.CONTINUES) == str(first)
    run = FlowRun(id=first, flow_id=third)
    key = desk.continued(run)
    assert desk.known_by(second, key) == str(first)
    again = FlowRun(id=second, flow_id=third, idempotency_key=key)
    assert desk.submission_of(again) == str(first)
    assert desk.continued(again) == f"{desk.CONTINUES}{first}/{second}"


@pytest.mark.parametrize(
    ("key", "kind", "past"),
    [
        ("3-abc", StateType.PAUSED, False),
        ("2-abc", StateType.PAUSED, True),
        ("4-abc", StateType.PAUSED, True),
        ("", StateType.PAUSED, True),
        ("reply", StateType.PAUSED, True),
        ("2-abc", StateType.RUNNING, False),
    ],
)
def test_a_form_is_past_that_is_not_for_the_point_at_which_the_case_stands(
    key: str, kind: StateType, past: bool
) -> None:
    details = StateDetails(pause_key=key)
    run = FlowRun(flow_id=uuid4(), state=State(type=kind, state_details=details), state_type=kind)
    assert desk.is_past(run, 3) is past


def test_of_two_officers_at_one_form_one_acts_and_the_other_is_told(client, clerk):
    """Both have the form open; the second to submit is turned away, and the case does not move."""
    number = new_case()
    run = clerk.form(number)
    first = {place_of(run): {"received.received_on": "2026-03-02", "received.officer": CLERK}}
    second = {place_of(run): {"received.received_on": "2026-03-02", "received.officer": "赵敏"}}
    said = [client.resume_flow_run(run.id, run_input=each).status.value for each in (first, second)]
    assert said == ["ACCEPT", "ABORT"]
    clerk._until(run.id, number, lambda now: now.state_type is StateType.PAUSED)
    late = client.resume_flow_run(run.id, run_input=second)  # the next form is up
    assert late.status.value == "REJECT"
    with office.reading() as session:
        assert [event.officer for event in register.events(session, number)][1:] == [CLERK]


def test_many_cases_are_advanced_at_once_by_several_officers(client):
    """Five officers, four cases each, all at the same time: each act once, no number given twice."""
    numbers = [new_case() for _ in range(20)]

    def advance(mine: list[str]) -> None:
        with Officer(CLERK) as officer:
            for number in mine:
                officer.submit(number, "received", received_on="2026-03-02")

    with ThreadPoolExecutor(5) as officers:
        list(officers.map(advance, (numbers[place::5] for place in range(5))))
    with office.reading() as session:
        for number in numbers:
            kinds = [event.kind for event in register.events(session, number)]
            assert kinds == ["registered", "received"], number
        letters = [letter.number for n in numbers for letter in filed_letters.documents(session, n)]
    assert len(letters) == len(set(letters)) == 20


# ── the minute's check ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def check(client, monkeypatch: pytest.MonkeyPatch) -> tuple[DeskCheck, list[int]]:
    """A check that has looked through all once, and how often it has since."""
    wholes: list[int] = []
    whole = righting.look_through

    def counted(*, grace: timedelta) -> righting.Righted:
        wholes.append(1)
        return whole(grace=grace)

    monkeypatch.setattr(righting, "look_through", counted)
    made = DeskCheck()
    made.see_to()
    assert wholes.pop()
    return made, wholes


def test_a_minute_in_which_nothing_happened_looks_through_nothing(client, clerk, check):
    number = new_case()
    clerk.form(number)
    done, wholes = check
    told = [done.see_to() for _ in range(3)]
    assert told == [[], [], []]
    assert wholes == []
    assert number not in done._again


@pytest.mark.parametrize("end", [Cancelled, Crashed, Completed], ids=lambda end: end.__name__)
def test_a_run_that_was_ended_is_found_by_the_next_minute(client, clerk, check, end):
    number = new_case()
    gone = clerk.form(number)
    done, wholes = check
    assert done.see_to() == []
    client.set_flow_run_state(gone.id, end(), force=True)
    assert f"{number} 已重新放回办理队列" in done.see_to()
    assert wholes
    assert one_run_at_its_point(client, clerk, number) == gone.id


def test_a_deleted_run_and_one_too_many_are_found_by_the_next_minute(client, clerk, check):
    number, other = new_case(), new_case()
    gone = clerk.form(number)
    clerk.form(other)
    done, _ = check
    assert done.see_to() == []
    delete_run(client, gone.id)
    assert f"{number} 已重新放回办理队列" in done.see_to()
    one_run_at_its_point(client, clerk, number)
    done.see_to()
    handling = client.read_deployment_by_name(f"{desk.HANDLE}/{desk.HANDLE}")
    second = client.create_flow_run_from_deployment(handling.id, parameters={"number": other})
    clerk._until(second.id, other, lambda now: now.state_type is StateType.PAUSED)
    assert f"{other} 有多个办理流程，已保留其中一个" in done.see_to()
    one_run_at_its_point(client, clerk, other)


def test_after_a_desk_was_lost_the_most_pressing_come_back_first(
    client, clerk, check, monkeypatch: pytest.MonkeyPatch
):
    """No more at a time than may be on their way; the others by the minutes that follow."""
    monkeypatch.setattr(righting, "ON_THEIR_WAY", 2)
    last, waits, second, first = [new_case() for _ in range(4)]
    ends = {last: date(2026, 4, 9), waits: None, second: date(2026, 3, 30), first: RECEIVED}
    for number in ends:
        delete_run(client, clerk.form(number).id)
    with office.writing() as session:
        for number, end in ends.items():
            row = register.row(session, number)
            row.last_day = end
            session.add(row)
    done, wholes = check
    back = [f"{number} 已重新放回办理队列" for number in (first, second, last, waits)]
    rest = "还有2件未办结的申请陆续放回办理队列，届满日早的在前"
    assert done.see_to() == [*back[:2], rest]
    for number in (first, second):
        one_run_at_its_point(client, clerk, number)
    assert done.see_to() == back[2:]
    for number in (last, waits):
        one_run_at_its_point(client, clerk, number)
    done.see_to()
    wholes.clear()
    assert done.see_to() == []
    assert wholes == []


def test_what_was_recorded_beside_its_form_is_found_without_looking_through_all(
    client, clerk, check
):
    number, closed = new_case(), new_case()
    for one in (number, closed):
        clerk.form(one)
    run = clerk.form(closed)
    done, wholes = check
    assert done.see_to() == []
    perform(number, 1, "received", {"received_on": RECEIVED}, CLERK)
    assert f"{number} 的表单已过时，已更换" in done.see_to(grace=desk.NO_GRACE)
    one_run_at_its_point(client, clerk, number)
    assert wholes == []
    struck = {"struck_on": RECEIVED, "reason": "重复扫描登记"}
    assert perform(closed, 1, "entry_struck", struck, CLERK).reasons == ()
    assert f"{closed} 已办结，收起其表单" in done.see_to(grace=desk.NO_GRACE)
    clerk._until(run.id, closed, lambda now: now.state.is_final())


def test_a_run_that_nobody_moves_is_found_without_looking_through_all(client, clerk, check):
    number = new_case()
    run = clerk.form(number)
    done, wholes = check
    client.set_flow_run_state(run.id, Running(), force=True)
    assert done.see_to() == []
    assert number in done._again, "it has its grace"
    assert f"{number} 的办理流程停滞，已重新开始" in done.see_to(grace=desk.NO_GRACE)
    assert wholes == []
    one_run_at_its_point(client, clerk, number)


def test_all_are_looked_through_on_a_new_day_every_half_hour_and_after_a_break(
    client, check, monkeypatch: pytest.MonkeyPatch
):
    done, wholes = check
    done.see_to()
    wholes.clear()
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-03")
    done.see_to()
    assert len(wholes) == 1
    done.see_to()
    now = time.monotonic()
    for later, often in ((1799, 1), (1800, 2)):
        monkeypatch.setattr(desk_check, "monotonic", lambda later=later: now + later)
        done.see_to()
        assert len(wholes) == often
    monkeypatch.setattr(desk_check, "monotonic", lambda: now + 7200)

    def away(**_: object) -> righting.Righted:
        raise httpx.ConnectError("refused")

    with monkeypatch.context() as server:
        server.setattr(righting, "look_through", away)
        with pytest.raises(httpx.ConnectError):
            done.see_to()
    done.see_to()
    assert len(wholes) == 3


def test_a_limit_that_a_sweep_has_moved_is_in_the_name_by_the_next_minute(client, clerk, check):
    number = new_case()
    run = clerk.form(number)
    done, wholes = check
    done.see_to()
    wholes.clear()
    with office.writing() as session:
        row = register.row(session, number)
        row.last_day = date(2026, 4, 8)
        session.add(row)
    assert done.see_to() == []
    assert len(wholes) == 1
    assert client.read_flow_run(run.id).name == f"{number}　张*　待确认收到　限2026-04-08"
    done.see_to()
    assert len(wholes) == 1
