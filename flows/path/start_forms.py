"""What if a form to begin with is refused? The same run asks again, filled in, the reason on top.

Nothing is typed twice but the code, and what identifies a person is kept without being shown. The
run bears the reason in its name and stands in the list 待办 until the form is right, or cancelled.
What was typed is kept in the register as well: deleted with its run, the form comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from functools import cache, partial, wraps
from inspect import signature
from itertools import count
from typing import Any, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

from prefect import flow
from prefect.flows import Flow

from flows import office
from flows.installation.prefect_client import connected
from flows.path import desk, signing
from flows.path.form_fields import OFFICER, OFFICER_TITLE, Use, taken_apart, used
from flows.prefect_side import stretch
from flows.prefect_side.deployments import form_of
from flows.prefect_side.one_form import Asked, answered, ask, not_accepted
from flows.shown import lists
from letters.letter.words import escaped
from models.case.personal import ASKED, CODE
from models.errors import DisclosureError
from models.register import refused_forms

P = ParamSpec("P")
R = TypeVar("R")
KEPT = "不显示已填的内容；留空即为原来所填"
NOT_LISTED = "上次所填“{typed}”现已不在所列选项中"
REFERRING = ("$ref", "allOf", "default")
UNFIT = "所填内容不符合这张表单，没有登记，请重新填写"
LONGEST = 60  # characters of the reason in a run's name


def start_form(
    name: str, use: Use, officer: str = OFFICER_TITLE
) -> Callable[[Callable[..., R]], Flow[..., R]]:
    """A flow that an officer begins with a form, of this name; use = when he does, officer = how it
    calls that field.

    Its parameters may stand for several fields (form_fields.py). What it refuses is asked again.
    """

    def made(do: Callable[..., R]) -> Flow[..., R]:
        asked_again = used(use)(_asked_again(taken_apart(do, officer)))
        return flow(name=name, flow_run_name=name)(asked_again)

    return made


def _asked_again(do: Callable[P, R]) -> Callable[P, R]:
    @wraps(do)
    def until_done(*args: P.args, **given: P.kwargs) -> R:
        context = stretch.under_way()
        if context is None or context.flow_run is None or context.flow is None:
            return do(*args, **given)
        form: Flow[..., Any] = context.flow
        run, asked = context.flow_run.id, 0
        fields: Mapping[str, Any] = context.parameters or {}
        unfit = None if stretch.fits(form, fields) else UNFIT
        while (answer := answered(_key(asked))) is not None:  # begun anew after the answer
            (fields, unfit), asked = _filled(form, fields, answer), asked + 1
        reason = _reason(asked)
        if reason is None and unfit is not None:
            reason, fields = unfit, sayable(fields)
            _keep(form.name, asked + 1, reason, fields)
        for n in count(asked):
            if reason is None:
                submitted_at = cache(desk.submitted_at)
                try:
                    fields = by_whom(form.name, fields, submitted_at)
                    by = str(fields.get(OFFICER, ""))
                    with (
                        office.as_of(desk.submitted_on()),
                        signing.logged_in(by, submitted_at),
                    ):
                        done = do(**fields)  # type: ignore[call-arg]
                except signing.NotLoggedIn as refusal:
                    reason, fields = str(refusal), _nobodys(fields)
                    _keep(form.name, n + 1, reason, fields)
                except office.REGISTER_FAULTS:
                    raise  # nothing is wrong with the form: it waits until the register is there
                except DisclosureError as refusal:
                    reason = str(refusal)
                    _keep(form.name, n + 1, reason, fields)
                else:
                    _settle(run, renamed=n > 0)
                    return done
            _retitle(run, f"{form.name}　未办成：{reason}"[:LONGEST], [lists.TODO])
            said = ask(partial(_again, form, fields, reason), key=_key(n))
            fields, reason = _filled(form, fields, said)
            if reason is not None:
                _keep(form.name, n + 2, reason, fields)
        raise AssertionError  # count() does not end

    setattr(until_done, stretch.FORM, True)
    # Prefect looks the names in annotations up where the function is written: that is here.
    until_done.__annotations__ = get_type_hints(do, include_extras=True)
    until_done.__signature__ = signature(do, eval_str=True)  # type: ignore[attr-defined]
    return until_done


def _again(form: Flow[..., Any], fields: Mapping[str, Any], reason: str) -> Asked:
    """The form that is asked again, with why above it."""
    return form_again(form, fields), not_accepted(reason)


def by_whom(
    form: str, fields: Mapping[str, Any], submitted: signing.Moment | None = None
) -> dict[str, Any]:
    """The form with the officer who submitted it in place of his pass; NotLoggedIn."""
    if OFFICER not in fields:
        return dict(fields)
    return {**fields, OFFICER: signing.submitter(str(fields[OFFICER]), form, submitted)}


def _nobodys(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A form that bears nobody's pass: it is asked again, and what it bears instead is not kept."""
    return {name: value for name, value in fields.items() if name != OFFICER}


def _reason(asked: int) -> str | None:
    """Why this form is to be asked before it is tried: it was refused, in this run or in one before
    that was deleted, and has not been asked again since.
    """
    submission = desk.submission()
    assert submission is not None
    with office.reading() as session:
        row = refused_forms.kept(session, submission)
    return row.reason if row and row.asked > asked else None


def _keep(form: str, asked: int, reason: str, fields: Mapping[str, Any]) -> None:
    """Keep what was typed, all but the code, in the register."""
    submission, run = desk.submission(), desk.this_run()
    assert submission is not None
    assert run is not None
    sealing = office.sealing()
    typed = {
        name: sealing.open(value) if name in ASKED and _sealed(value) else _plain(value)
        for name, value in fields.items()
        if name != CODE
    }
    with office.writing() as session:
        why = (asked, reason)
        refused_forms.keep(session, submission, run, form, why, typed, office.now())
    lists.outdated()


def _sealed(value: Any) -> bool:
    """Whether a value came through the doors, which seal it; what did not is in no need of a key."""
    return isinstance(value, str) and office.sealing().opens(value)


def _settle(run: UUID, *, renamed: bool) -> None:
    """The form is done: nothing of what was refused is kept, and its run is on no list."""
    submission = desk.submission()
    assert submission is not None
    with office.reading() as session:
        refused = refused_forms.kept(session, submission) is not None
    if refused:
        with office.writing() as session:
            refused_forms.settle(session, submission, office.now())
        lists.outdated()
    if refused or renamed:
        _retitle(run, None, [])


def _plain(value: Any) -> Any:
    """A value of a form as JSON has it."""
    plain = value.value if isinstance(value, Enum) else value
    return plain if isinstance(plain, bool | int | None) else str(plain)


def is_form(flow: Flow[..., Any]) -> bool:
    """Whether a flow is one that an officer begins with a form, and records what stands in it."""
    return getattr(flow.fn, stretch.FORM, False) is True


def _key(asked: int) -> str:
    return f"asked-{asked}"


def plain_fields(schema: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of a form, each whole: what it refers to stands in it."""
    defined, found = schema.get("definitions", {}), {}
    for name, entry in schema["properties"].items():
        refs = [entry.get("$ref"), *(one.get("$ref") for one in entry.get("allOf", ()))]
        parts = [defined[ref.rpartition("/")[2]] for ref in refs if ref]
        whole = {key: value for part in [*parts, entry] for key, value in part.items()}
        found[name] = {k: v for k, v in whole.items() if k not in REFERRING}
    return found


def form_again(flow: Flow[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The flow's form, filled in as it was; what identifies a person, and the code, are left out."""
    schema = form_of(flow)
    properties = plain_fields(schema)
    for name in properties:
        value = given.get(name)
        if name in ASKED:
            properties[name]["description"] = KEPT
        elif name != CODE and value not in (None, ""):
            typed, listed = _plain(value), properties[name].get("enum")
            if listed is None or typed in listed:
                properties[name]["default"] = typed
            else:
                properties[name]["description"] = NOT_LISTED.format(typed=escaped(str(typed)))
    kept = {"title": flow.name, "type": "object", "additionalProperties": False}
    required = [name for name in schema.get("required", []) if name not in ASKED]
    return {**kept, "properties": properties, "required": required}


def _filled(
    flow: Flow[..., Any], before: Mapping[str, Any], answer: Mapping[str, object]
) -> tuple[dict[str, Any], str | None]:
    """The form as answered: an empty box is empty, but what is not shown stays as it was. With the
    reason why it is to be asked again: it was put there past the doors, and is none of this form.
    """
    given = completed(before, answer)
    try:
        return flow.validate_parameters(given), None
    except stretch.UNFIT:
        return sayable(given), UNFIT


def sayable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Of what does not fit a form, what can be shown in it again: words, numbers, days."""
    simple = str | int | bool | date | Enum | None
    return {name: value for name, value in fields.items() if isinstance(value, simple)}


def completed(before: Mapping[str, Any], answer: Mapping[str, object]) -> dict[str, Any]:
    """What was answered, with what identifies a person as it was where nothing new is said."""
    kept = {name: before[name] for name in ASKED if before.get(name)}
    given = {name: value for name, value in answer.items() if value not in (None, "")}
    return kept | given


def _retitle(run: UUID, name: str | None, tags: list[str]) -> None:
    with connected() as client:
        client.update_flow_run(run, name=name, tags=tags)
