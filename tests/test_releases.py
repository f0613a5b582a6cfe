"""What every release recorded is read by today's code, and adds up to the same.

tests/corpus.py records a release. What has come to be counted otherwise since, on purpose, stands
in releases/changed.toml with the reason; everything else must be as it was.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, ClassVar

import pytest
from corpus import DIGESTS, NEIGHBOURS, RELEASES, Recorded, added_up, digest, plain, read, rows
from pydantic import Field

from letters.letter.words import Letter, plain_text
from models.acts import catalogue
from models.acts.catalogue import ACTS, act_of
from models.acts.former_words import STAGES
from models.acts.intake.receipt import Register
from models.case import recorded
from models.case.act import Act
from models.case.case import Case
from models.case.stage import Stage
from models.errors import RecordedByNewer, Unreadable
from models.store.tables import Entry, Event

FILES = sorted(RELEASES.glob("*.jsonl"))
NONE = "无"
CHANGED: list[dict[str, Any]] = tomllib.loads((RELEASES / "changed.toml").read_text("utf-8"))[
    "changed"
]


@cache
def held() -> list[tuple[str, Recorded]]:
    return [(path.stem, one) for path in FILES for one in read(path)]


def changed(release: str, name: str, number: str) -> dict[str, Any]:
    """The columns of a register row (and the limit) that differ since, on purpose."""
    found: dict[str, Any] = {}
    for one in CHANGED:
        if one["release"] == release and name in one["names"] and one.get("case", number) == number:
            found |= {k: None if v == NONE else v for k, v in one["now"].items()}
    return found


def test_no_release_is_edited_after_it_was_recorded() -> None:
    stated = dict(reversed(line.split()) for line in DIGESTS.read_text("utf-8").splitlines())
    assert {path.name: digest(path) for path in FILES} == stated


def test_every_act_of_every_register_has_been_recorded_by_some_release() -> None:
    kinds = {event["kind"] for _, one in held() for event in one.events}
    beside = {(e["register_key"], e["kind"]) for _, one in held() for e in one.entries}
    assert kinds <= ACTS.keys(), "事项可以停办（stages 为空），不能从 ACTS 中删去"
    assert beside <= {(one.key, kind) for one in NEIGHBOURS for kind in one.acts}


def test_every_application_adds_up_to_what_it_did() -> None:
    wrong = []
    for release, one in held():
        events: dict[str, list[Event]] = {}
        for event in rows(Event, one.events):
            events.setdefault(event.case_number, []).append(event)
        for number, history in events.items():
            before, today = named_anew(one.rows[number]), added_up(history, one.law)
            since = changed(release, one.name, number)
            expected = before | {k: v for k, v in since.items() if k in ("limit", "letters")}
            expected["row"] = before["row"] | {k: v for k, v in since.items() if k in before["row"]}
            # a column that came later has nothing to be compared with
            today["row"] = {k: v for k, v in today["row"].items() if k in before["row"]}
            if today != expected:
                wrong.append((one.name, number, differences(expected, today)))
    assert wrong == []


def named_anew(before: dict[str, Any]) -> dict[str, Any]:
    """As a register that is opened today says it: its stages by the words of today (r0006)."""
    row = before["row"]
    stage = STAGES.get(row["stage"], row["stage"]) if "stage" in row else None
    return before | {"row": row | ({"stage": stage} if stage else {})}


def differences(before: dict[str, Any], today: dict[str, Any]) -> dict[str, Any]:
    """What differs, the row column by column: before → now."""
    before, today = before | before["row"], today | today["row"]
    return {k: (before[k], today[k]) for k in before if k != "row" and before[k] != today[k]}


def test_every_neighbouring_case_adds_up_to_what_it_did() -> None:
    for _, one in held():
        found: dict[str, Any] = {}
        for register in NEIGHBOURS:
            entries: dict[str, list[Entry]] = {}
            for entry in rows(Entry, one.entries):
                if entry.register_key == register.key:
                    entries.setdefault(entry.case_number, []).append(entry)
            for number, history in entries.items():
                stands = plain(register.columns(register.replay(number, history)))
                found[number] = {k: v for k, v in stands.items() if k in one.states[number]}
        assert found == one.states, one.name


def test_every_letter_reads_as_it_was_signed() -> None:
    for _, one in held():
        for document in one.documents:
            words = plain_text(Letter.from_json(document["letter"]))
            assert words == one.texts[document["number"]], (one.name, document["number"])


def test_what_is_said_to_have_changed_has() -> None:
    """A reason in changed.toml that nothing needs any more is to be struck out."""
    known = {(release, one.name): one for release, one in held()}
    for change in CHANGED:
        assert change["why"].strip()
        for name in change["names"]:
            before = known[change["release"], name].rows
            rows = [before[change["case"]]] if "case" in change else list(before.values())
            stood = {k: v for row in rows for k, v in (row | row["row"]).items()}
            assert any(stood[k] != (None if v == NONE else v) for k, v in change["now"].items())


# ── The three ways in which a form moves on ─────────────────────────────────────────────────────


class Earlier(Act):
    kind: ClassVar[str] = "earlier"
    title: ClassVar[str] = "旧事项"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset()
    words: str = Field(title="内容", max_length=100)
    days: int = Field(title="天数", ge=1, le=30)


class Tightened(Earlier):
    words: str = Field(title="内容", max_length=3)
    days: int = Field(title="天数", ge=5, le=10)
    asked: str = Field(title="后来才问的")
    also: tuple[str, ...] = Field(title="后来才问的几项")


class Renamed(Act):
    kind: ClassVar[str] = "earlier"
    version: ClassVar[int] = 3
    title: ClassVar[str] = "旧事项"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset()
    until: date = Field(title="截止")
    text: str = Field(title="内容")

    @classmethod
    def upcast_v1_v2(cls, facts: dict[str, Any]) -> dict[str, Any]:
        return {"text": facts["words"], "days": facts["days"]}

    @classmethod
    def upcast_v2_v3(cls, facts: dict[str, Any]) -> dict[str, Any]:
        return {"text": facts["text"], "until": date(2026, 3, facts["days"]).isoformat()}


FACTS = {"words": "一共十个字的一段话", "days": 20}


def test_limits_of_the_form_do_not_judge_what_is_recorded() -> None:
    act = recorded.read(Tightened, FACTS, 1)
    assert (act.words, act.days, act.asked, act.also) == ("一共十个字的一段话", 20, "", ())


def test_a_field_that_is_asked_no_more_does_not_hide_the_rest() -> None:
    assert recorded.read(Earlier, FACTS | {"gone": "以前问过"}, 1).words == FACTS["words"]


def test_upcasts_bring_an_old_record_forward_step_by_step() -> None:
    act = recorded.read(Renamed, FACTS, 1)
    assert (act.text, act.until) == ("一共十个字的一段话", date(2026, 3, 20))
    second = recorded.read(Renamed, {"text": "话", "days": 4}, 2)
    assert second.until == date(2026, 3, 4)
    third = recorded.read(Renamed, {"text": "话", "until": "2026-03-05"}, 3)
    assert third.until == date(2026, 3, 5)


def test_what_a_newer_version_recorded_is_not_guessed_at() -> None:
    with pytest.raises(RecordedByNewer, match="更新的版本"):
        recorded.read(Earlier, FACTS, 2)
    event = Event(case_number="甲", position=0, kind="of_tomorrow", on=date(2026, 3, 2), facts={})
    with pytest.raises(RecordedByNewer, match="of_tomorrow"):
        act_of(event)


def test_damaged_facts_are_named() -> None:
    with pytest.raises(Unreadable, match="days"):
        recorded.read(Earlier, {"words": "话"}, 1)
    with pytest.raises(Unreadable, match="days"):
        recorded.read(Earlier, FACTS | {"days": "很多"}, 1)


class Listed(Earlier):
    several: list[str] = Field(title="几句话")


class Loose(Earlier):
    days: int | bool = Field(title="天数，或者有无")


def test_what_is_read_again_is_the_same_act_unless_it_can_be_changed() -> None:
    assert recorded.read(Earlier, FACTS, 1) is recorded.read(Earlier, dict(FACTS), 1)
    assert recorded.read(Earlier, FACTS | {"days": 3}, 1).days == 3
    listed = FACTS | {"several": ["甲"]}
    recorded.read(Listed, listed, 1).several.append("乙")
    assert recorded.read(Listed, listed, 1).several == ["甲"]
    recorded.read(Listed, FACTS, 1).several.append("丙")  # was not asked then: left blank
    assert recorded.read(Listed, FACTS, 1).several == []


def test_one_and_true_are_alike_and_not_taken_for_each_other() -> None:
    said = [recorded.read(Loose, {"words": "话", "days": days}, 1).days for days in (1, True, 1)]
    assert [type(one) for one in said] == [int, bool, int]


@pytest.mark.parametrize("act", [*ACTS.values(), *(a for n in NEIGHBOURS for a in n.acts.values())])
def test_every_version_of_an_act_has_its_upcast(act: type[Act]) -> None:
    for older in range(1, act.version):
        assert callable(getattr(act, f"upcast_v{older}_v{older + 1}"))
    assert not hasattr(act, f"upcast_v{act.version}_v{act.version + 1}")


def test_what_was_recorded_reads_as_the_very_act_that_was_done() -> None:
    """Read back without judging, an answer of today is what judging made of it."""
    made = Register.model_validate(
        {
            "channel": "in_person",
            "arrived_on": "2026-03-02",
            "applicant_kind": "自然人",
            "applicant": "张三",
            "request": "名单",
        }
    )
    again = recorded.read(Register, made.model_dump(mode="json"), Register.version)
    assert again == made
    assert type(again) is Register
    event = Event(
        case_number="甲",
        position=0,
        kind=made.kind,
        on=date(2026, 3, 2),
        recorded_on=date(2026, 3, 2),
        recorded_at=datetime(2026, 3, 2, tzinfo=UTC),
        officer="陈静",
        article="29",
        facts=made.model_dump(mode="json"),
    )
    case = Case("甲")
    catalogue.apply(case, event)
    assert case.applicant == "张三"
