"""未提交的草稿: what was typed survives until it is submitted, given up, or a day has passed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.keeping import drafts, sealed_file
from flows.path import forms
from flows.path.desk import HANDLE
from flows.prefect_side.one_form import form, place
from flows.server import typed_forms
from flows.server.draft_lines import told
from flows.server.offers import draft_address
from flows.server.sent_forms import FormTokens
from flows.server.typed_forms import TypedForms, Whose, filled_in
from models.acts import former_words
from models.acts.catalogue import ACTS
from models.register import register
from tests.databases import TODAY
from tests.our_pages import CLERK, Desk, confirmed, part, received

SECRET = "暗记310101199001011234"
TYPED = {"field.applicant": "欧阳文静", "field.request": "一\n二", "field.identity": SECRET}
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
FORM = "/new/登记申请"


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    at = [AT]
    monkeypatch.setattr(office, "now", lambda: at[0])

    def pass_(time: timedelta) -> None:
        at[0] += time

    return pass_


def keep(desk: Desk, page: str = FORM, shown: str = "", **typed: str) -> httpx.Response:
    """Type in a form, on a page that is opened now, or one that was shown before."""
    return desk.post_as(shown or desk.get(page), page, keep="script", **typed)


def test_what_is_typed_is_offered_again_after_everything_was_closed(
    desk: Desk, moment: Callable[[timedelta], None]
) -> None:
    assert keep(desk, **TYPED).status_code == 204
    assert "未提交的草稿" in desk.get(FORM)
    assert "欧阳文静" not in desk.get(FORM), "not before it is asked for"
    listed = part(desk.get("/"), "drafts")
    assert "登记申请" in listed
    assert "3月2日10:00" in listed
    desk = Desk()  # another server, another browser
    page = desk.get(f"{FORM}?draft=use")
    assert 'value="欧阳文静"' in page
    assert "一\n二</textarea>" in page
    assert SECRET in page
    assert office.home().joinpath("register.db").exists()


def test_the_list_says_of_whom_and_of_what_a_draft_is_and_since_when(
    desk: Desk, moment: Callable[[timedelta], None]
) -> None:
    """A person as masked as in every list; what stands in other fields is only counted."""
    shown = desk.get(FORM)
    keep(desk, shown=shown, **TYPED)
    moment(timedelta(minutes=3))
    more = {"field.contact": "13800000000", "field.officer": CLERK}
    keep(desk, shown=shown, **TYPED, **more)
    listed = part(desk.get("/"), "drafts")
    assert "登记申请</a>　欧***，“一 二”，已填4项" in listed
    assert "3月2日10:00开始填，3月2日10:03存" in listed
    assert "欧阳文静" not in listed
    assert SECRET not in listed
    moment(timedelta(hours=24, seconds=1))
    assert not part(desk.get("/"), "drafts"), "a day after it was last kept"
    keep(desk, **{"field.request": "关于轨道交通十八号线用地批准文件的附件"})
    listed = part(desk.get("/"), "drafts")
    assert "“关于轨道交通十八号线用地批准文件……”，已填1项" in listed
    assert "开始填" not in listed, "begun and kept in the same minute"


def test_a_draft_that_an_earlier_release_kept_is_offered(desk: Desk) -> None:
    assert drafts.keep("", "登记咨询", "", {"subject": "甲"})
    (path,) = (office.home() / drafts.FOLDER).iterdir()
    said = sealed_file.read(path, drafts.PURPOSE)
    sealed_file.write(path, drafts.PURPOSE, said[:5])
    assert "“甲”，已填1项" in part(desk.get("/"), "drafts")


@pytest.mark.parametrize(
    ("passed", "there"),
    [
        (timedelta(hours=24) - timedelta(seconds=1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
    ],
)
def test_a_draft_is_kept_for_a_day(
    desk: Desk, moment: Callable[[timedelta], None], passed: timedelta, there: bool
) -> None:
    keep(desk, **TYPED)
    moment(passed)
    assert ("未提交的草稿" in desk.get(FORM)) is there
    assert len(list(drafts.over())) == (not there)
    assert bool(list((office.home() / drafts.FOLDER).iterdir())) is there


def test_it_lies_sealed_and_without_the_code(desk: Desk) -> None:
    keep(desk, **TYPED, **{"field.one_time_code": "123456"})
    (file,) = (office.home() / drafts.FOLDER).iterdir()
    content = file.read_bytes()
    assert SECRET.encode() not in content
    assert "欧阳文静".encode() not in content
    assert file.stat().st_mode & 0o077 == 0
    (draft,) = drafts.of("")
    assert draft.fields == {n.removeprefix("field."): v for n, v in TYPED.items()}


def test_a_draft_is_its_officers_alone(desk: Desk) -> None:
    desk.officer = CLERK
    keep(desk, **TYPED)
    assert "未提交的草稿" in desk.get(FORM)
    desk.officer = "李明"
    assert "未提交的草稿" not in desk.get(FORM)
    assert not part(desk.get("/"), "drafts")
    assert "欧阳文静" not in desk.get(f"{FORM}?draft=use")


@pytest.mark.parametrize(("was", "is_now"), former_words.FORMS.items())
def test_a_form_opens_and_goes_on_under_a_name_that_it_had(
    desk: Desk, was: str, is_now: str
) -> None:
    drafts.keep("", was, "", {"reason": "已与台账核对"})
    assert [draft.form for draft in drafts.of("")] == [is_now]
    page = desk.get(f"/new/{was}?draft=use")
    assert is_now in page
    assert was not in page
    assert "已与台账核对" in page
    drafts.drop("", is_now, "", drafts.of("")[0].mark)
    assert drafts.of("") == []


def test_what_was_submitted_leaves_no_draft_and_none_comes_after_it(desk: Desk) -> None:
    keep(desk, **TYPED)
    shown = desk.get(f"{FORM}?draft=use")
    given = {
        **TYPED, "field.channel": "当面提交", "field.arrived_on": TODAY, "field.kind": "自然人",
        "field.officer": CLERK,
    }  # fmt: skip
    assert desk.post_as(shown, FORM, **given).status_code == 303
    assert drafts.of("") == []
    assert desk.post_as(shown, FORM, keep="script", **given).status_code == 204
    assert drafts.of("") == [], "what was on its way when the form was submitted"


def test_what_was_turned_away_is_kept_as_well(desk: Desk) -> None:
    late = {"field.channel": "当面提交", "field.arrived_on": "2026-03-03", "field.kind": "自然人"}
    answer = desk.post(FORM, **TYPED, **late, **{"field.officer": CLERK})
    assert answer.status_code == 409
    assert drafts.of("")[0].fields["applicant"] == "欧阳文静"


def test_what_does_not_fit_a_form_is_written_in_no_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.post(FORM, **TYPED)
    assert "欧阳文静" not in caplog.text
    assert SECRET not in caplog.text


def test_without_a_script_a_button_keeps_it_and_another_gives_it_up(desk: Desk) -> None:
    answer = desk.post(FORM, keep="page", **TYPED)
    assert answer.status_code == 200
    assert "已存为草稿" in answer.text
    assert 'value="欧阳文静"' in answer.text
    (draft,) = drafts.of("")
    assert f'name="mark" value="{draft.mark}"' in desk.get(FORM)
    assert desk.post(FORM, keep="drop", mark=draft.mark).status_code == 200
    assert drafts.of("") == []


def test_a_second_registration_takes_nothing_of_the_first(desk: Desk) -> None:
    """Two applicants at the counter: neither half-filled form is lost for the other."""
    keep(desk, **TYPED)
    second = desk.get(FORM)
    assert "有一份未提交的草稿（欧***，“一 二”，已填3项）" in second
    other = {"field.applicant": "司马相如", "field.request": "甲"}
    keep(desk, shown=second, **other)
    assert [draft.fields["applicant"] for draft in drafts.of("")] == ["司马相如", "欧阳文静"]
    assert len(part(desk.get("/"), "drafts").split("不要了")) == 3
    given = {"field.channel": "当面提交", "field.arrived_on": TODAY, "field.kind": "自然人"}
    done = desk.post_as(second, FORM, **other, **given, **{"field.officer": CLERK})
    assert done.status_code == 303
    (left,) = drafts.of("")
    assert left.fields["applicant"] == "欧阳文静"
    again = desk.get(draft_address(left))
    assert 'value="欧阳文静"' in again
    keep(desk, shown=again, **TYPED | {"field.applicant": "欧阳文静娴"})
    assert [draft.fields["applicant"] for draft in drafts.of("")] == ["欧阳文静娴"]
    assert f'name="mark" value="{left.mark}"' in part(desk.get("/"), "drafts")
    assert desk.post(FORM, keep="drop", mark=left.mark).status_code == 200
    assert drafts.of("") == []


def test_a_draft_of_an_earlier_release_is_gone_on_with_and_is_still_one(desk: Desk) -> None:
    assert drafts.keep("", "登记申请", "", {"applicant": "欧阳文静"})
    (old,) = drafts.of("")
    again = desk.get(draft_address(old))
    assert 'value="欧阳文静"' in again
    keep(desk, shown=again, **TYPED)
    (left,) = drafts.of("")
    assert left.fields["request"] == "一\n二"
    assert left.begun == old.begun


def test_each_case_has_a_draft_of_its_own(desk: Desk) -> None:
    first, second = received(), received()
    page = f"/new/勘误?number={first}"
    keep(desk, page=page, **{"field.number": first, "field.reason": "核对原件"})
    assert "未提交的草稿" in desk.get(page)
    assert "未提交的草稿" not in desk.get(f"/new/勘误?number={second}")
    address = draft_address(drafts.of("")[0])
    assert "核对原件</textarea>" in desk.get(address)


def test_nobody_fills_the_disk_with_drafts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 1)
    shown = desk.get(FORM)
    assert keep(desk, shown=shown, **TYPED).status_code == 204
    assert keep(desk, page="/new/登记咨询", **{"field.subject": "甲"}).status_code == 507
    assert keep(desk, shown=shown, **TYPED).status_code == 204, "in place of the one before"
    monkeypatch.setattr(drafts, "LARGEST", 10)
    assert keep(desk, **TYPED).status_code == 507


# ── in a dialog of Prefect's ────────────────────────────────────────────────────────────────────
class Dialog:
    """A case's form in Prefect's page before the layer that keeps what is typed in it."""

    def __init__(self, desk: Desk, number: str) -> None:
        self.desk, self.number, self.run, self.answer = desk, number, uuid4(), {"status": "ACCEPT"}
        self.stands: dict[str, tuple[object, ...]] = {}
        desk.app._app = TypedForms(self._prefect, FormTokens(), self._whose, self._at_pause)

    async def _whose(self, form: str) -> Whose | None:
        return await self._at_pause(self.run, "") if form == str(self.run) else None

    async def _at_pause(self, run: UUID, pause: str) -> Whose | None:
        with office.reading() as session:
            key = forms.key(session, register.case(session, self.number))
        return Whose(HANDLE, self.number, place(key), self.stands)

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await JSONResponse(self.answer, 201)(scope, receive, send)
            return
        with office.reading() as session:
            point = forms.point(session, register.case(session, self.number))
        shown = form(point.schema, point.description, place(point.key))
        await PlainTextResponse(json.dumps(shown))(scope, receive, send)

    def opened(self) -> dict[str, Any]:
        path = f"/api/flow_runs/{self.run}/input/suspended-x-schema"
        return json.loads(self.desk._ask("GET", path).text)

    def typed(self, **fields: object) -> int:
        with office.reading() as session:
            key = forms.key(session, register.case(session, self.number))
        body = {"form": str(self.run), "values": {place(key): fields}}
        return self.desk._ask("POST", "/typed", json=body).status_code

    def submitted(self) -> None:
        self.desk._ask("POST", f"/api/flow_runs/{self.run}/resume", json={})


def test_of_forms_that_were_taken_a_server_remembers_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each form of a year stayed in the server's memory as long as it ran."""
    monkeypatch.setattr(typed_forms, "REMEMBERED", 2)
    numbers = [received() for _ in range(3)]
    dialog = Dialog(desk, numbers[0])
    for number in (*numbers, numbers[1]):
        dialog.number = number
        dialog.submitted()
    assert [number for _, _, number in desk.app._app._taken] == [numbers[2], numbers[1]]


def first_tab(shown: dict[str, Any]) -> dict[str, Any]:
    (act,) = shown["properties"].values()
    ref = (act.get("anyOf") or act["allOf"])[0]["$ref"]
    return dict(shown["definitions"][ref.rpartition("/")[2]]["properties"])


STRUCK = {"entry_struck.reason": "与先前登记的\n是同一件", "entry_struck.officer": CLERK}


@pytest.fixture
def dialog(desk: Desk) -> Dialog:
    return Dialog(desk, received())


def test_a_dialog_opens_with_what_was_typed_in_it_and_says_so(dialog: Dialog) -> None:
    untouched = dialog.opened()
    assert dialog.typed(**STRUCK, **{"entry_struck.one_time_code": "123456"}) == 204
    shown = dialog.opened()
    assert shown != untouched
    (act,) = shown["properties"].values()
    assert act["description"].startswith("**未提交的草稿**　")
    there = first_tab(shown)
    assert {name: there[name]["default"] for name in STRUCK} == STRUCK
    (draft,) = drafts.of("")
    assert (draft.form, draft.number) == (HANDLE, dialog.number)
    assert told(draft) == f"{ACTS['entry_struck'].title}，“与先前登记的 是同一件”，已填1项"
    assert draft_address(draft) == f"/cases/{dialog.number}/form"
    assert "one_time_code" not in str(draft.fields)


def test_after_a_colleagues_act_what_has_no_place_any_more_stands_above_the_form(
    dialog: Dialog,
) -> None:
    dialog.typed(**STRUCK)
    confirmed(dialog.number)
    (act,) = dialog.opened()["properties"].values()
    assert "本件已有新的进展" in act["description"]
    assert "：与先前登记的" in act["description"]


@pytest.mark.parametrize(("status", "left"), [("ACCEPT", 0), ("REJECT", 1), ("ABORT", 1)])
def test_a_dialog_that_was_taken_leaves_no_draft(dialog: Dialog, status: str, left: int) -> None:
    dialog.typed(**STRUCK)
    dialog.answer = {"status": status}
    dialog.submitted()
    assert len(drafts.of("")) == left


def test_a_draft_of_a_dialog_is_its_officers_alone(dialog: Dialog) -> None:
    dialog.desk.officer = CLERK
    dialog.typed(**STRUCK)
    dialog.desk.officer = "李明"
    assert "default" not in first_tab(dialog.opened()).get("entry_struck.reason", {})
    (draft,) = drafts.of(CLERK)
    assert draft.fields["entry_struck.reason"].startswith("与先前")


def test_a_figure_a_day_and_a_choice_come_back_as_they_were() -> None:
    asked = {
        "days": {"type": "integer"},
        "on": {"type": "string", "format": "date"},
        "how": {"enum": ["邮寄", "当面"], "type": "string"},
        "gone": {"enum": ["另一项"], "type": "string"},
        "agreed": {"type": "boolean"},
    }
    typed = {"days": "20", "on": "2026-03-02", "how": "当面", "gone": "以前的", "agreed": "true"}
    made, taken = filled_in(asked, typed)
    got = {name: entry.get("default") for name, entry in made.items()}
    assert got == {"days": 20, "on": "2026-03-02", "how": "当面", "gone": None, "agreed": True}
    assert taken == {"days", "on", "how", "agreed"}


def test_one_officers_drafts_leave_room_for_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_OF_ONE", 2)
    kept = [drafts.keep(CLERK, HANDLE, str(n), {"a": "b"}) for n in range(3)]
    assert kept == [True, True, False]
    assert drafts.keep(CLERK, HANDLE, "0", {"a": "c"}), "one that is there is kept on"
    assert drafts.keep("李明", HANDLE, "9", {"a": "b"})


def test_what_a_form_proposes_is_no_draft(dialog: Dialog) -> None:
    """Tomorrow it proposes another day; and who takes back all that he typed leaves nothing."""
    dialog.stands = {"confirmed.received_on": ("2026-03-02",)}
    assert dialog.typed(**STRUCK, **{"confirmed.received_on": "2026-03-02"}) == 204
    (draft,) = drafts.of("")
    assert "confirmed.received_on" not in draft.fields
    assert dialog.typed(**{"confirmed.received_on": "2026-03-02"}) == 204
    assert drafts.of("") == []
    assert dialog.typed(**{"confirmed.received_on": "2026-03-01"}) == 204
    assert drafts.of("")[0].fields == {"confirmed.received_on": "2026-03-01"}


def test_what_comes_late_of_a_form_that_was_answered_is_not_kept(dialog: Dialog) -> None:
    body = {"form": str(dialog.run), "values": {"act-0-7": STRUCK}}
    assert dialog.desk._ask("POST", "/typed", json=body).status_code == 404
    assert drafts.of("") == []


def test_what_is_written_while_a_form_is_taken_goes_with_it(
    dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = drafts.keep

    def slowly(*given: Any) -> bool:
        dialog.submitted()
        return keep(*given)

    monkeypatch.setattr(drafts, "keep", slowly)
    dialog.typed(**STRUCK)
    assert drafts.of("") == []
