"""Who may do what: the list of officers, its faults, and what an act asks of who does it."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from histories import AGENCY, ANSWERS, CONFIG, DRAFTER, HEAD, LAW, History, standing
from officers import CLEARER, OFFICERS, REVIEWER, SIGNER, STAFFED
from sqlmodel import Session, SQLModel, create_engine

from models.acts.catalogue import ACTS
from models.agency.agency import load_agency
from models.agency.officers import (
    LABELS,
    NOBODYS,
    Officer,
    Role,
    holding,
    load_officers,
    maintains,
    not_entitled,
)
from models.case.act import Circumstances, RegisterAct
from models.case.stage import Stage
from models.errors import ActRefused, ConfigFault
from models.neighbours.enquiry import advise
from models.neighbours.proactive import enter_figure
from models.neighbours.publication import PUBLICATIONS
from models.neighbours.records_correction import RECORDS
from models.neighbours.review_acts import REVIEWS
from models.store.tables import Enquiry, ProactiveFigure, ReportText
from models.year.year_text import PARTS, enter_text

DAY = date(2026, 3, 2)
NEIGHBOURS = (REVIEWS, RECORDS, PUBLICATIONS)
ASKS_MORE = {
    "approved": Role.REVIEW,
    "secrecy_cleared": Role.SECRECY,
    "sent_back": Role.REVIEW,
    "signed": Role.SIGN,
    "extended": Role.HEAD,
    "erratum": Role.HEAD,
    "particulars_destroyed": Role.HEAD,
    "voided": Role.SIGN,
    "reply_withdrawn": Role.SIGN,
    "screened": Role.REVIEW,
}
"""The acts that are not for whoever handles the case."""


def every_act() -> list[type[RegisterAct]]:
    return [*ACTS.values(), *(act for one in NEIGHBOURS for act in one.acts.values())]


def test_every_act_is_for_the_role_that_the_table_says() -> None:
    assert {act.kind: act.role for act in every_act() if act.role is not Role.HANDLE} == ASKS_MORE
    assert {act.role for act in every_act()} == set(Role) - NOBODYS
    assert set(Role) == set(LABELS)
    assert [act.kind for act in every_act() if Role.SUPPLY in act.roles_at(Stage.DRAFTING)] == (
        ["records_supplied", "step_undone"]  # his own step, as any other
    )


def test_the_pages_of_maintenance_are_for_those_who_hold_that_role_and_where_nobody_is_listed() -> (
    None
):
    keeper = Officer(name="周维", roles=(Role.MAINTAIN,))
    listed = (*OFFICERS, keeper)
    assert {one.name: maintains(listed, one.name) for one in listed} == {
        **{one.name: False for one in OFFICERS},
        "周维": True,
    }
    assert maintains(listed, ""), "nobody has to log in: training"
    assert maintains((), "谁都可以")
    assert "没有“承办”的职责" in str(not_entitled(listed, "周维", (Role.HANDLE,), "确认收到"))


# ── the list ────────────────────────────────────────────────────────────────────────────────────
def test_as_shipped_nobody_is_listed_and_everybody_may_do_everything() -> None:
    assert AGENCY.officers == ()
    history = standing(Stage.SIGNING)
    assert history.refusals("signed", "谁都可以", signed_on=history.today) == []


def test_the_example_in_the_file_is_a_list_that_loads(tmp_path: Path) -> None:
    shipped = (CONFIG / "office" / "officers.toml").read_text(encoding="utf-8")
    _, _, example = shipped.partition("# 示例")
    lines = [line.removeprefix("#").strip() for line in example.splitlines()[1:]]
    folder = tmp_path / "office"
    shutil.copytree(CONFIG / "office", folder)
    (folder / "officers.toml").write_text("\n".join(lines), encoding="utf-8")
    officers = load_agency(folder).officers
    assert [one.name for one in officers] == ["陈静", "李明", "赵慧", "王建国"]
    assert holding(officers, [Role.REVIEW]) == ("李明", "赵慧")


ALL_ROLES = '["handle", "review", "secrecy", "head", "sign"]'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[officer]]\nname = "陈静"\nroles = ["typist"]', "第 1 个 [[officer]] 的 roles"),
        ('[[officer]]\nname = "陈静"\nroles = []', "第 1 个 [[officer]] 的 roles"),
        ('[[officer]]\nname = " 陈静"\nroles = ["handle"]', "第 1 个 [[officer]] 的 name"),
        ('[[officer]]\nroles = ["handle"]', "第 1 个 [[officer]] 的 name"),
        ('[[officer]]\nname = "陈静"\nrole = ["handle"]', "第 1 个 [[officer]] 的"),
        (f'[[officer]]\nname = "陈静"\nroles = {ALL_ROLES}\n' * 2, "陈静已经列出"),
        ('[[officer]]\nname = "陈静"\nroles = ["handle"]', "现无人负责：审核（review）"),
        ('[[officers]]\nname = "陈静"', "只应有若干个 [[officer]]"),
        ("[[officer]\n", "不是有效的 TOML"),
    ],
)
def test_a_fault_in_the_list_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "officers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFault) as fault:
        load_officers(path)
    assert "officers.toml" in str(fault.value)
    assert said in str(fault.value)


def test_a_file_without_rows_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "officers.toml"
    path.write_text("# 无\n", encoding="utf-8")
    assert load_officers(path) == ()
    assert tomllib.loads((CONFIG / "office" / "officers.toml").read_text(encoding="utf-8")) == {}


ONE = '[[officer]]\nname = "陈静"\nroles = ["handle", "review", "secrecy", "head", "sign"]\n'


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a@example.cn",
        "a.b+c@mail.gov.cn, 李明 <b@example.cn>",
        "李明<b@example.cn>",
        "陈@例.中国",
    ],
)
def test_an_address_to_which_mail_can_go_is_taken(tmp_path: Path, email: str) -> None:
    path = tmp_path / "officers.toml"
    path.write_text(f'{ONE}email = "{email}"\n', encoding="utf-8")
    assert load_officers(path)[0].email == email


@pytest.mark.parametrize(
    "email",
    [
        *("chenjing", "a@b", "a@", "@example.cn", "a b@example.cn", "a@example.cn;b@example.cn"),
        *("a@example.cn,", "a@example.cn\\nBcc: x@example.cn", "a@@example.cn", "<a@example.cn"),
        *(" ", "李明 <b@example.cn\\r\\nBcc: x@example.cn>", "13800000000"),
    ],
)
def test_what_is_no_address_is_said_when_it_is_loaded(tmp_path: Path, email: str) -> None:
    """Not on the day on which the alert is to go (33)."""
    path = tmp_path / "officers.toml"
    path.write_text(f'{ONE}email = "{email}"\n', encoding="utf-8")
    with pytest.raises(
        ConfigFault, match=r"officers\.toml 的 第 1 个 .* email 有误.*不是电子邮件地址"
    ):
        load_officers(path)


# ── once somebody is listed ─────────────────────────────────────────────────────────────────────
def staffed(stage: Stage) -> History:
    history = standing(stage)
    history.agency = STAFFED
    return history


@pytest.mark.parametrize("officer", [*(one.name for one in OFFICERS), "外人"])
@pytest.mark.parametrize("kind", ACTS)
def test_an_act_is_for_those_who_hold_its_role(kind: str, officer: str) -> None:
    act = ACTS[kind]
    for stage in Stage:
        if stage not in act.stages:
            continue
        history = staffed(stage)
        reasons = history.refusals(kind, officer, **history.answer(kind))
        entitled = holding(OFFICERS, act.roles_at(stage))
        refused = [one for one in reasons if "不能办理" in one and "（条例第四十五条）" in one]
        assert bool(refused) == (officer not in entitled), (stage, reasons)
        if refused:
            assert reasons == refused
            assert f"请由{'、'.join(entitled)}办理" in refused[0]


def test_a_draft_is_sent_back_by_whoever_has_it_before_them() -> None:
    back = ANSWERS["sent_back"]
    assert staffed(Stage.REVIEW).refusals("sent_back", REVIEWER, **back) == []
    assert staffed(Stage.SECRECY).refusals("sent_back", CLEARER, **back) == []
    assert staffed(Stage.SIGNING).refusals("sent_back", SIGNER, **back) == []
    assert "没有“签发”的职责" in staffed(Stage.SIGNING).refusals("sent_back", REVIEWER, **back)[0]


def test_who_is_not_listed_is_told_who_is() -> None:
    history = staffed(Stage.SIGNING)
    assert history.refusals("signed", "王五", signed_on=history.today) == [
        f"“王五”不在办理人员名单中，不能办理“签发”，请由{SIGNER}办理（条例第四十五条）"
    ]


@pytest.mark.parametrize("neighbour", NEIGHBOURS, ids=lambda one: one.key)
def test_the_neighbours_hold_officers_to_their_roles(neighbour) -> None:
    for act in (one for one in neighbour.acts.values() if one.stages):  # some are done no more
        state = neighbour.begin("1")
        state.stage = next(iter(act.stages))
        made = act.model_construct(**dict.fromkeys(act.model_fields, ""))
        for name in ("外人", HEAD):
            now = Circumstances(date(2026, 3, 2), name, LAW, STAFFED)
            assert "不能办理" in made.refusals(state, now)[0]


BESIDE = {
    advise: Enquiry(
        on=DAY, channel="电话", officer=DRAFTER, recorded_on=DAY, recorded_at=datetime.now(UTC)
    ),
    enter_text: ReportText(
        year=2026,
        part=next(iter(PARTS)),
        text="无",
        officer=DRAFTER,
        recorded_on=DAY,
        recorded_at=datetime.now(UTC),
    ),
}


@pytest.mark.parametrize("record", BESIDE, ids=lambda one: one.__name__)
def test_what_is_no_act_is_recorded_by_who_handles(record) -> None:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        with pytest.raises(ActRefused, match="没有“承办”的职责"):
            record(session, BESIDE[record], Circumstances(DAY, SIGNER, LAW, STAFFED))
        with pytest.raises(ActRefused, match="“外人”不在办理人员名单中"):
            record(session, BESIDE[record], Circumstances(DAY, "外人", LAW, STAFFED))
        record(session, BESIDE[record], Circumstances(DAY, DRAFTER, LAW, STAFFED))


def test_a_figure_of_table_2_is_recorded_by_who_handles() -> None:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    entry = ProactiveFigure(
        on=DAY, item="规章", measure="无", amount=1, recorded_on=DAY, recorded_at=datetime.now(UTC)
    )
    with Session(engine) as session:
        for name, refused in ((SIGNER, True), (DRAFTER, False)):
            now = Circumstances(DAY, name, LAW, STAFFED)
            with pytest.raises(ActRefused) as fault:
                enter_figure(session, entry, now, {})
            assert ("没有“承办”的职责" in str(fault.value)) == refused


def test_a_case_is_handed_on_to_whoever_else_handles_cases() -> None:
    history = standing(Stage.DRAFTING)
    assert history.case.officer == DRAFTER
    assert ACTS["assigned"].options(history.case, history.now()) == {}  # nobody is listed
    more = (
        Officer(name="赵敏", department="综合处", roles=(Role.HANDLE, Role.REVIEW)),
        Officer(name="钱勇", roles=(Role.HANDLE,)),
    )
    agency = AGENCY.model_copy(update={"officers": (*OFFICERS, *more)})
    listed = replace(history.now(), agency=agency)
    found = ACTS["assigned"].options(history.case, listed)
    assert found == {"handler": {"赵敏": "赵敏（综合处）", "钱勇": "钱勇"}}
