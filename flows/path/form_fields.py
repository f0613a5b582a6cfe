"""What a form asks of an act is said by the act: title, words beneath, choices, what stands there.

So the tabs of a case's form (forms.py) and the forms to begin with, under Deployments, ask alike,
and nothing is written twice. A parameter of a form's flow may stand for several of its fields:

    @start_form("登记主动公开", Use(Group.CLOSED, "…"))
    def publish(number: ..., given: Annotated[Answer, Of(Publish)], by: By) -> str:

The form asks for the number, then what the act `Publish` asks, then who submits it, and with what
code. Names and order are those of the act; a form that has called one otherwise goes on doing so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import update_wrapper
from inspect import Parameter, Signature, signature
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from pydantic import Field
from pydantic.fields import FieldInfo

from flows import office
from flows.path import signing
from models.case.act import Circumstances, RegisterAct
from models.case.personal import ASKED, CODE, TOLD

C = TypeVar("C", bound=Callable[..., Any])
R = TypeVar("R")
OFFICER: Final = "officer"
OFFICER_TITLE: Final = "办理人"

USE: Final = "disclosure_use"
"""Under which name a flow's function bears when it is used."""


class Group(StrEnum):
    """When in the course of things a form to begin with is used; as officers read it."""

    REGISTRATION = "登记"
    HANDLING = "办理中"
    CLOSED = "办结以后"
    YEAR = "年度"


@dataclass(frozen=True)
class Use:
    """When an officer begins with a form: in which group it is offered, and a sentence for whoever
    does not know it. A flow without one is not offered to officers.
    """

    group: Group
    when: str


def used(use: Use) -> Callable[[C], C]:
    """Says of a flow's function when officers use it."""

    def said(do: C) -> C:
        setattr(do, USE, use)
        return do

    return said


Answer = dict[str, object]
Number = Annotated[str, Field(title="申请编号")]
Registered = Annotated[str, Field(title="登记号")]
On = Annotated[date, Field(title="发生日期")]
Year = Annotated[int, Field(title="报告年度")]


class By(NamedTuple):
    """Who submits a form, and the code that he signs with."""

    officer: str
    code: str = ""


@dataclass(frozen=True)
class Asked:
    """A field that is a question of an act; name = of the act's field, "" the same; also = what only
    this form has to say of it.
    """

    act: type[RegisterAct[Any]]
    name: str = ""
    also: str = ""

    def choices(self, here: str, now: Circumstances) -> dict[str, str] | None:
        """What may be picked: value → words; None where it is typed. here = its name in the form"""
        return self.act.choices(now).get(self.name or here)

    def entry(self, here: str, now: Circumstances) -> dict[str, Any]:
        """The field in the form's JSON schema."""
        asked = self.act.model_fields[self.name or here]
        stands = None if asked.is_required() else asked.default
        return question(asked, here, self.choices(here, now), stands, [self.also])


@dataclass(frozen=True)
class Of:
    """A parameter for all the questions of an act; named = those that the form calls otherwise."""

    act: type[RegisterAct[Any]]
    named: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def fields(self) -> Iterator[tuple[str, Parameter]]:
        """Each question's name in the act, and the form's parameter."""
        for name, asked in self.act.model_fields.items():
            default = Parameter.empty if asked.is_required() else asked.default
            noted = Annotated[asked.annotation, Asked(self.act, name)]  # type: ignore[name-defined]
            yield name, _field(self.named.get(name, name), noted, default)


PERSON: Final = "person"
Person = Annotated[dict[str, str], PERSON]
"""A parameter for what identifies and reaches a person: sealed on its way in (server/sealed_forms.py)."""


def question(
    asked: FieldInfo, name: str, choices: Mapping[str, str] | None, stands: object, also: list[str]
) -> dict[str, Any]:
    """One question of an act, as a form has it.

    choices = what may be picked, value → words, None where it is typed
    stands = what stands there at first; also = what is said beneath besides the act's own words
    """
    entry: dict[str, Any] = {"title": asked.title or name, **_type_of(asked.annotation)}
    told = [words for words in (asked.description, *also) if words]
    if told:
        entry["description"] = "<br>".join(told)
    if choices is not None:
        entry["enum"] = list(choices.values())
        stands = choices.get(str(stands), stands)
    if stands not in (None, ""):  # an empty box left empty is sent as nothing, not as ""
        entry["default"] = stands.isoformat() if isinstance(stands, date) else stands
    return entry


def _type_of(annotation: Any) -> dict[str, Any]:
    if annotation is bool:
        return {"type": "boolean"}
    if annotation is int:
        return {"type": "integer"}
    if annotation in (date, date | None):
        return {"type": "string", "format": "date"}
    return {"type": "string"}


def picked(value: object, choices: Mapping[str, str]) -> object:
    """What stands for the words that were picked; anything else as it was given."""
    return next((key for key, words in choices.items() if words == value), value)


@dataclass(frozen=True)
class Part:
    """One parameter of a flow as its form has it: the fields by their names in the whole, which is
    made of what they hold.
    """

    fields: Mapping[str, Parameter]
    make: Callable[[dict[str, Any]], Any]


def taken_apart(do: Callable[..., R], officer: str) -> Callable[..., R]:
    """The same function with the form's fields for parameters; officer = how it calls that field.

    Who submits it is asked last, as on the tabs.
    """
    asked = sorted(
        signature(do, eval_str=True).parameters.values(), key=lambda each: each.annotation is By
    )
    parts = {each.name: _part(each, officer) for each in asked}
    form = Signature([each for part in parts.values() for each in part.fields.values()])

    def from_form(**given: Any) -> R:
        bound = form.bind(**given)
        bound.apply_defaults()
        said = dict(_said(form, bound.arguments))
        wholes = {
            name: part.make({key: said[each.name] for key, each in part.fields.items()})
            for name, part in parts.items()
        }
        return do(**wholes)

    update_wrapper(from_form, do)
    from_form.__signature__ = form  # type: ignore[attr-defined]
    from_form.__annotations__ = {name: each.annotation for name, each in form.parameters.items()}
    return from_form


def _part(parameter: Parameter, officer: str) -> Part:
    if parameter.annotation is By:
        who = _field(OFFICER, Annotated[str, Field(title=officer)])
        return Part(
            {"officer": who, "code": _field(CODE, signing.Code, "")}, lambda said: By(**said)
        )
    for note in getattr(parameter.annotation, "__metadata__", ()):
        if note is PERSON:
            named = {
                name: _field(
                    name, Annotated[str, Field(title=title, description=TOLD.get(name))], ""
                )
                for name, title in ASKED.items()
            }
            return Part(named, dict)
        if isinstance(note, Of):
            return Part(dict(note.fields()), _given)
    single = parameter.replace(kind=Parameter.KEYWORD_ONLY)
    return Part({single.name: single}, lambda said: said[single.name])


def _given(said: dict[str, Any]) -> Answer:
    """An answer without the boxes left empty that have no value for it."""
    return {name: value for name, value in said.items() if value is not None}


def _said(form: Signature, arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the form holds, by field: of a choice what is stored, not the words."""
    now = office.circumstances("")
    for name, value in arguments.items():
        asked = asked_in(form.parameters[name].annotation)
        yield name, picked(value, asked.choices(name, now) or {}) if asked else value


def asked_in(annotation: Any) -> Asked | None:
    """The question of an act that a field is, if it is one."""
    notes = getattr(annotation, "__metadata__", ())
    return next((note for note in notes if isinstance(note, Asked)), None)


def _field(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
    """A field of a form: in any order, those that may be left empty and those that may not."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
