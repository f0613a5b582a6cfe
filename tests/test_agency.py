"""What a letter prints of this agency has been confirmed by somebody, or no letter is signed (45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from histories import AGENCY, HEAD, LAW
from situations import reached
from sqlmodel import Session
from test_consulting import Office, only
from test_edge_cases import ENGINE
from test_letters_life import office

from flows.server import serve
from flows.shown.brief import brief
from models.acts.procedure.consulting import TellThirdParty
from models.agency.agency import Agency, not_confirmed
from models.case.act import Circumstances
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.dated_rows import DatedRows
from models.neighbours.records_correction import RecordsCase, SignAnswer

TODAY = date(2026, 3, 2)
WHO = {"confirmed_by": "王主任", "confirmed_on": date(2026, 1, 5)}


def real(**changes: object) -> Agency:
    """The sample office as an office of its own: everything confirmed, but for the changes."""
    rows = {
        name: tuple(row.model_copy(update=WHO) for row in getattr(AGENCY, name))
        for name in ("court", "review_authority")
    }
    filled = {"sample": False, "phone": "021-12345678", "online_review": "一网通办", **rows}
    return AGENCY.model_copy(update={**filled, **changes})


def at(agency: Agency, stage: Stage = Stage.SIGNING) -> Office:
    found = office(stage)
    found.agency = agency
    return found


def unconfirmed(rows: str, **left_out: object) -> dict[str, object]:
    return {rows: tuple(row.model_copy(update=left_out) for row in getattr(real(), rows))}


NOBODY, NEVER = {"confirmed_by": ""}, {"confirmed_on": None}


def test_the_shipped_office_is_a_sample_and_signs() -> None:
    assert AGENCY.sample
    assert AGENCY.unconfirmed(TODAY) == ()
    at(AGENCY).usual("signed", HEAD)
    assert "标明为示例" in brief(office(Stage.SIGNING).case, office(Stage.SIGNING).now())


def test_an_office_that_has_confirmed_everything_signs() -> None:
    assert real().unconfirmed(TODAY) == ()
    at(real()).usual("signed", HEAD)
    assert "**注意**　agency" not in brief(office(Stage.SIGNING).case, at(real()).now())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (unconfirmed("court", **NOBODY), "管辖法院“上海铁路运输法院”还没有写明由谁、何时确认"),
        (unconfirmed("court", **NEVER), "管辖法院“上海铁路运输法院”还没有写明由谁、何时确认"),
        (
            unconfirmed("review_authority", **NOBODY),
            "复议机关“上海市人民政府”还没有写明由谁、何时确认",
        ),
        (unconfirmed("court", name="某某法院（待确认）"), "管辖法院“某某法院（待确认）”尚待确认"),
        ({"phone": "021-00000000"}, "电话“021-00000000”尚待确认或者填写"),
        ({"address": "待填写"}, "地址“待填写”尚待确认或者填写"),
        ({"online_review": AGENCY.online_review}, "在线复议渠道"),
    ],
)
def test_nothing_is_signed_with_what_nobody_has_confirmed(changes: dict, said: str) -> None:
    agency = real(**changes)
    assert any(said in one for one in agency.unconfirmed(TODAY)), agency.unconfirmed(TODAY)
    with pytest.raises(ActRefused, match="中有未经确认的内容，不能写入告知书"):
        at(agency).usual("signed", HEAD)
    assert said in brief(office(Stage.SIGNING).case, at(agency).now()).replace("\\", "")
    assert "不能写入告知书" in brief(office(Stage.DRAFTING).case, at(agency).now())
    told = "\n".join(serve._to_confirm(agency, TODAY))
    assert said in told
    assert "确认以前不能签发告知书" in told


def test_only_what_is_in_force_on_the_day_of_the_letter_has_to_be_confirmed() -> None:
    rows = real().review_authority
    old = tuple(
        row.model_copy(update=NOBODY) if row.until else row for row in rows
    )  # the two authorities of before 2024
    agency = real(review_authority=old)
    assert agency.unconfirmed(date(2024, 1, 1)) == ()
    assert "国家知识产权局" in agency.unconfirmed(date(2023, 12, 31))[0]


def test_a_letter_of_an_earlier_day_is_judged_by_that_day() -> None:
    late = tuple(
        row.model_copy(update={"in_force": date(2026, 3, 3), **NOBODY}) for row in real().court
    )
    agency = real(court=(*(r.model_copy(update={"until": TODAY}) for r in real().court), *late))
    assert not_confirmed(agency, TODAY) is None
    assert not_confirmed(agency, date(2026, 3, 3)) is not None
    before = at(agency).on(date(2026, 3, 3))
    assert "未经确认" in only(before.refusals("signed", HEAD, signed_on=TODAY))


@pytest.fixture
def session():
    with Session(ENGINE) as session:
        yield session


def test_nor_is_a_third_party_told_of_a_court_that_nobody_has_confirmed(session: Session) -> None:
    play = reached(session, "待发出，第三方不同意")
    case, now = play.case(), play.now(HEAD)
    assert TellThirdParty.barred(case, replace(now, agency=real())) is None
    said = TellThirdParty.barred(case, replace(now, agency=real(**unconfirmed("court", **NOBODY))))
    assert said is not None
    assert "管辖法院“上海铁路运输法院”还没有写明由谁、何时确认" in said


@pytest.mark.parametrize(("result", "waits"), [("refused", True), ("corrected", False)])
def test_nor_is_the_correction_of_a_record_refused_with_one(result: str, waits: bool) -> None:
    decided = SignAnswer(decided_on=TODAY)
    case = RecordsCase("GZ2026001", received_on=TODAY, result=result, drafted_by="李起草")
    agency = real(**unconfirmed("court", **NOBODY))
    found = decided.faults(case, Circumstances(TODAY, HEAD, LAW, agency))
    assert any("管辖法院" in one for one in found) is waits
    assert decided.faults(case, Circumstances(TODAY, HEAD, LAW, real())) == []


# ── what is still to be filled in ──


@pytest.mark.parametrize(
    ("kind", "issues"), [("received", True), ("found_ours", False), ("correction_requested", True)]
)
def test_no_letter_goes_out_with_what_is_still_to_be_filled_in(kind: str, issues: bool) -> None:
    at_first = Stage.CONFIRMING if kind == "received" else Stage.JURISDICTION
    found = at(real(address="待填写"), at_first).refusals(kind, **office(at_first).answer(kind))
    assert any("地址“待填写”尚待确认或者填写" in one for one in found) is issues
    assert at(real(), at_first).refusals(kind, **office(at_first).answer(kind)) == []


def test_what_goes_out_without_a_way_to_reach_us_need_not_wait_for_one() -> None:
    waiting = at(real(phone="021-00000000"), Stage.DISPATCH)
    given = waiting.answer("replied") | {"delivery": "in_person", "handed_to": "张三", "proof": ""}
    assert waiting.refusals("replied", **given) == []  # a 送达回证 has no note


def test_a_point_as_it_was_shipped_is_listed_until_somebody_decides_it() -> None:
    points = LAW.undecided(TODAY)
    rows = [row for row in (*LAW.choices, *LAW.figures) if row.covers(TODAY)]
    assert len(points) == len({row.key for row in rows})
    first = LAW.choices[0].model_copy(update={"decided_by": "局长办公会"})
    decided = replace(LAW, choices=DatedRows((first, *LAW.choices[1:])))
    assert set(points) - set(decided.undecided(TODAY)) == {first.label}


def test_the_start_tells_of_undecided_points_but_not_where_the_office_is_a_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serve.office, "law", lambda: LAW)
    monkeypatch.setattr(serve.office, "agency", lambda: AGENCY)
    assert list(serve._undecided(TODAY)) == []
    monkeypatch.setattr(serve.office, "agency", real)
    (told,) = serve._undecided(TODAY)
    assert told.startswith(
        f"practice.toml 有{len(LAW.undecided(TODAY))}项做法为出厂设置，待本机关决定："
    )


def test_the_start_says_that_the_office_is_a_sample_and_nothing_where_all_is_confirmed() -> None:
    assert list(serve._to_confirm(AGENCY, TODAY)) == [
        "本机关资料（上海市知识产权局）为示例，只供演示、培训：正式使用前请逐项核对 agency.toml。"
    ]
    assert list(serve._to_confirm(real(), TODAY)) == []


@pytest.mark.parametrize("phone", ["021-00000000", "00000000", "021-00000001", "021-63000000"])
def test_a_number_of_noughts_was_never_filled_in(phone: str) -> None:
    left = [one for one in real(phone=phone).unconfirmed(TODAY) if "电话" in one]
    assert bool(left) is (not phone.rpartition("-")[2].strip("0")), phone
