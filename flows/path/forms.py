"""What an officer is asked at each point, in Chinese: one tab per act that the law allows now.

A tab is an act's own fields (models/case/act.py) as JSON schema, plus the officer's name. Property
names carry the act (`signed.signed_on`), so that an answer says by itself which tab it is from.

Where the acts are more than a row of tabs holds, the procedural ones (补正, 延期, 征求意见 …) stand
behind one tab 程序: the officer picks one, and the next form is its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import Session

from flows import office
from flows.path import signing
from flows.path.form_fields import OFFICER, OFFICER_TITLE, picked, question
from flows.path.recording import DAY, READ_FIRST, SEND, THEN, parsed
from flows.prefect_side.one_form import not_accepted
from flows.shown import precedents
from flows.shown.brief import brief
from flows.shown.hints import UNDECIDED
from flows.shown.paper_lines import above_form, proposed_enclosures
from letters.letter.preview import notices
from letters.pages.guide_places import form_section
from models.acts import catalogue
from models.acts.afterwards.undoing import undone_last
from models.acts.catalogue import ACTS
from models.agency.officers import holding
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.personal import CODE
from models.case.stage import Stage
from models.errors import ActRefused
from models.neighbours.published_already import published_alike
from models.register import refusals, same_applicant
from models.store.tables import Refusal
from models.words.days_told import told

CHOOSE = "choose"
ENCLOSURES = "attachments"
ROW_PIXELS, CHARACTER_PIXELS, TAB_PIXELS = 472, 14, 18  # measured in the UI's resume dialog


@dataclass(frozen=True)
class Point:
    """A point where an officer is asked: its form, and the key that makes the answer fit only it."""

    number: str
    position: int
    attempt: int
    description: str
    schema: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.position}-{self.attempt}"


@dataclass(frozen=True)
class Answer:
    """What an officer submitted: the act, its fields, who, and with what code it is signed.

    read_first = its letters are to be read before it is done
    """

    kind: str
    fields: dict[str, object]
    officer: str
    code: str = ""
    read_first: bool = False


def point(session: Session, case: Case) -> Point:
    """The form for the case's present point, with the reason on top if an answer was refused."""
    now = same_applicant.informed(session, case, office.circumstances(case.officer))
    refused, undone = refusals.last(session, case), undone_last(case)
    tabs = _tabs(catalogue.tabs(case, now), _chosen(refused), case, now)
    tabs = [_with_enclosures(session, tab, case) for tab in tabs]
    if refused:
        typed = refusals.refused_answer(session, refused)
        tabs = [_as_typed(tab, refused.kind, typed, case, now) for tab in tabs]
        tabs.sort(key=lambda tab: not _of(refused.kind, tab))  # the UI opens the first
    elif undone:
        kind, typed = undone.kind, undone.model_dump(mode="json")
        tabs = [_as_typed(tab, kind, typed, case, now) for tab in tabs]
        tabs.sort(key=lambda tab: not _of(kind, tab))
    log_in, signs = office.officers_log_in(session), signing.shown(session)
    if log_in:
        tabs = [_for_a_pass(tab) for tab in tabs]
    tabs = [_with_code(tab, signs, batch=log_in) for tab in tabs]
    asked = case.request if case.stage in UNDECIDED else ""
    description = brief(case, now, published_alike(session, asked, now) if asked else ())
    description = "\n\n".join([description, *above_form(session, case)])
    if asked and case.stage is not Stage.CONFIRMING:
        before = precedents.precedents(session, asked, now, but=case.number)
        description = "\n\n".join([description, *precedents.told(before)])
    if refused and refused.reason:
        description = f"{not_accepted(refused.reason)}\n\n{description}"
    elif not refused and undone:
        description = f"刚才的“{undone.title}”已撤销，所填内容还在表单上。\n\n{description}"
    elif refused and refused.kind in ACTS:
        description = "\n\n".join([description, *_letters(refused.kind, typed, case, now)])
    description = f"{description}\n\n{_in_the_guide(case, tabs)}"
    return Point(
        case.number,
        case.position,
        refused.attempt + 1 if refused else 0,
        description,
        tabs[0] if len(tabs) == 1 else {"title": "办理", "anyOf": tabs},
    )


def _with_enclosures(session: Session, tab: dict[str, Any], case: Case) -> dict[str, Any]:
    """A tab that asks for the enclosures, with the materials that go out proposed, a line each."""
    asked = [name for name in tab.get("properties", {}) if name.endswith(f".{ENCLOSURES}")]
    if not asked or not (proposed := proposed_enclosures(session, case.number)):
        return tab
    filled_in = {
        name: {**tab["properties"][name], "default": proposed}
        for name in asked
        if not tab["properties"][name].get("default")
    }
    return {**tab, "properties": tab["properties"] | filled_in}


def _in_the_guide(case: Case, tabs: list[dict[str, Any]]) -> str:
    """Where the guide tells of this point, and of each tab."""
    titles = [str(case.stage), *(tab["title"] for tab in tabs if tab["title"] != _BACK["title"])]
    return "　".join(("**手册**", *(f"[{title}]({form_section(title)})" for title in titles)))


def key(session: Session, case: Case) -> str:
    """The key of the case's present point, without its form."""
    refused = refusals.last(session, case)
    return f"{case.position}-{refused.attempt + 1 if refused else 0}"


def _letters(kind: str, typed: dict[str, Any], case: Case, now: Circumstances) -> list[str]:
    """The letters of an answer that is to be read before it is given (recording.look)."""
    fields = {name: value for name, value in typed.items() if name not in (OFFICER, THEN, DAY)}
    text = notices(case, parsed(kind, fields), now)
    return [
        f"**文书全文**　尚未发出。核对无误，在最下面选“{SEND}”提交；要改的，改了再看。",
        *text,
        "<hr>",
    ]


def _chosen(last: Refusal | None) -> str:
    """The act picked, or refused, in the form before; "" if none was, or after 返回."""
    return last.kind.removeprefix(f"{CHOOSE}:") if last else ""


def _tabs(
    lawful: list[type[Act]], chosen: str, case: Case, now: Circumstances
) -> list[dict[str, Any]]:
    """The tabs of this form: the lawful acts, or the one procedural act chosen before."""
    width = sum(len(act.tab) * CHARACTER_PIXELS + TAB_PIXELS for act in lawful)
    aside = [act for act in lawful if act.procedural] if width > ROW_PIXELS else []
    for act in aside:
        if act.kind == chosen:
            return [_tab(act, case, now), _BACK]
    tabs = [_tab(act, case, now) for act in lawful if act not in aside]
    return [*tabs, _choice_of(aside)] if aside else tabs


def _choice_of(aside: list[type[Act]]) -> dict[str, Any]:
    """The tab 程序: which procedural act is it to be?"""
    key = f"{CHOOSE}.procedure"
    entry = {"title": "程序事项", "type": "string", "enum": [act.title for act in aside]}
    return {
        "title": "程序",
        "type": "object",
        "properties": {key: entry},
        "required": [key],
        "additionalProperties": False,
    }


_BACK: dict[str, Any] = {
    "title": "返回",
    "type": "object",
    "properties": {f"{CHOOSE}.procedure": {"title": "提交后返回上一张表单", "type": "string",
                                           "enum": ["返回"], "default": "返回"}},
    "required": [f"{CHOOSE}.procedure"],
    "additionalProperties": False,
}  # fmt: skip


def _tab(act: type[Act], case: Case, now: Circumstances) -> dict[str, Any]:
    """One act as JSON schema: title, fields in order, drop-downs in the words of the law."""
    proposal, options = act.proposal(case, now), act.options(case, now)
    not_offered = act.not_offered(case, now)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for place, (name, field) in enumerate(act.questions(case, now).items()):
        key = f"{act.kind}.{name}"
        stands = proposal.get(name, None if field.is_required() else field.default)
        waits = [told([f"暂不能选：{why}"]) for why in not_offered.get(name, ())]
        if field.is_required() or name in options:
            required.append(key)
        properties[key] = question(field, name, options.get(name), stands, waits)
        properties[key]["position"] = place
    who = f"{act.kind}.{OFFICER}"
    entitled = holding(now.agency.officers, act.roles_at(case.stage))
    properties[who] = {"title": OFFICER_TITLE, "type": "string", "position": len(properties)}
    properties[who] |= {"enum": list(entitled)} if entitled else {}
    required.append(who)
    if act.shown_first:
        properties[f"{act.kind}.{THEN}"] = {
            "title": "提交后",
            "type": "string",
            "enum": [READ_FIRST, SEND],
            "default": READ_FIRST,
            "position": len(properties),
        }
    return {
        "title": act.tab,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        "allOf": list(_conditions(act, case, now)),
    }


def _conditions(act: type[Act], case: Case, now: Circumstances) -> Iterator[dict[str, Any]]:
    """What an option picked makes necessary, as JSON schema."""
    options = act.options(case, now)
    for name, values in act.needs(case, now).items():
        for value, needed in values.items():
            key, words = f"{act.kind}.{name}", options[name].get(value)
            yield {
                "if": {"properties": {key: {"const": words}}, "required": [key]},
                "then": {"required": [f"{act.kind}.{each}" for each in needed]},
            }


def _of(kind: str, tab: dict[str, Any]) -> list[str]:
    """The keys of the fields in a tab that are of this act."""
    return [key for key in tab["properties"] if key.startswith(f"{kind}.")]


def _as_typed(
    tab: dict[str, Any], kind: str, typed: dict[str, Any], case: Case, now: Circumstances
) -> dict[str, Any]:
    """The tab of a refused answer, filled in as it was; every other tab as it is. A day that was
    proposed, and left so, is the one proposed now.
    """
    names = {key: key.partition(".")[2] for key in _of(kind, tab)}
    options = ACTS[kind].options(case, now) if names else {}
    left = _left_as_proposed(kind, typed, case, now) if names else set()
    properties = dict(tab["properties"])
    for key, name in names.items():
        if name in left:
            continue
        value = options.get(name, {}).get(str(typed.get(name)), typed.get(name))
        if fits(value, properties[key]):
            properties[key] = {**properties[key], "default": value}
    return {**tab, "properties": properties}


def _left_as_proposed(kind: str, typed: dict[str, Any], case: Case, now: Circumstances) -> set[str]:
    """The days of an answer that its form had proposed on the day it was given."""
    given = typed.get(DAY)
    if not given:  # kept before that day was
        return set()
    then = replace(now, today=date.fromisoformat(given))
    proposed = ACTS[kind].proposal(case, then)
    return {
        name
        for name, value in proposed.items()
        if isinstance(value, date) and typed.get(name) == value.isoformat()
    }


def fits(value: Any, field: dict[str, Any]) -> bool:
    """Whether a field can be filled in with this."""
    if "enum" in field:
        return value in field["enum"]
    if field.get("type") in ("integer", "boolean"):
        return type(value) is (int if field["type"] == "integer" else bool)
    if not isinstance(value, str) or not value:
        return False
    return field.get("format") != "date" or re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def _for_a_pass(tab: dict[str, Any]) -> dict[str, Any]:
    """The tab as the door fills it in: whoever is logged in stands in it, sealed."""
    properties = {
        key: {k: v for k, v in entry.items() if k not in ("enum", "default")}
        if key.endswith(f".{OFFICER}")
        else entry
        for key, entry in tab["properties"].items()
    }
    return {**tab, "properties": properties}


def _with_code(
    tab: dict[str, Any], signs: Callable[[Iterable[str]], bool], *, batch: bool
) -> dict[str, Any]:
    """The tab with the field in which its officer signs, if it has one; one that names no officer as
    it is.
    """
    kinds = [key.partition(".")[0] for key in tab["required"] if key.endswith(f".{OFFICER}")]
    if not kinds or not signs(kinds[:1]):
        return tab
    key, place = f"{kinds[0]}.{CODE}", len(tab["properties"])
    properties = {**tab["properties"], key: signing.field(batch=batch) | {"position": place}}
    return {
        **tab,
        "properties": properties,
        "required": [*tab["required"], *([] if batch else [key])],
    }


def read(
    raw: dict[str, object], case: Case, key: str = "", submitted: signing.Moment | None = None
) -> Answer:
    """The answer in a submitted form; ActRefused if it is not one of this point's tabs, or if its
    officer is not the one of a visit, where officers log in.

    key = of the point at which it was asked (`Point.key`); submitted = tells when it was, now unless
    given
    """
    kinds = {name.partition(".")[0] for name in raw}
    if kinds == {CHOOSE}:
        title = raw.get(f"{CHOOSE}.procedure")
        found = [act.kind for act in ACTS.values() if act.title == title]
        return Answer(CHOOSE, {"procedure": found[0] if found else ""}, "")
    if len(kinds) != 1 or not kinds <= ACTS.keys():
        raise ActRefused(["提交的内容不属于这一环节的任何一项，请重新选择"])
    kind = kinds.pop()
    fields = {name.partition(".")[2]: value for name, value in raw.items()}
    officer = str(fields.pop(OFFICER, "") or "").strip()
    code = str(fields.pop(CODE, "") or "")
    read_first = ACTS[kind].shown_first and fields.pop(THEN, SEND) == READ_FIRST
    officer = signing.submitter(officer, signing.form_of_point(case.number, key), submitted)
    if not officer:
        raise ActRefused(["请填写办理人"])
    with office.reading() as session:
        now = same_applicant.informed(session, case, office.circumstances(officer))
    options = ACTS[kind].options(case, now)
    given = {
        name: picked(value, options.get(name, {}))
        for name, value in fields.items()
        if value is not None
    }
    return Answer(kind, given, officer, code, read_first)
