"""An officer at the desk, through Prefect's API: see the form, submit it, see the next one.

What a person does in the UI with Resume; used by the demo, the tests and the benchmarks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL

from flows import office
from flows.installation.prefect_client import connected, tls
from flows.path import desk
from flows.path.form_fields import OFFICER
from flows.path.forms import CHOOSE
from flows.prefect_side.lost_runs import accepted_run
from flows.prefect_side.one_form import CONFLICT, place_of
from models.acts.catalogue import ACTS
from models.case.personal import CODE
from models.errors import DisclosureError
from models.register import register

WAIT_SECONDS = 60.0
FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.05, 0.4


class DeskStuck(DisclosureError):
    """A run did not come to its next form in time."""

    def __init__(self, number: str, state: str) -> None:
        self.number, self.state = number, state
        super().__init__(f"申请 {number} 的办理流程没有走到下一张表单（当前状态 {state}）")


class FormRefused(DisclosureError):
    """Prefect refused the submitted form: it does not fit any tab."""

    def __init__(self, number: str, reason: str) -> None:
        self.number, self.reason = number, reason
        super().__init__(f"申请 {number} 的表单未被接受：{reason}")


class Officer:
    """One officer, by name; keeps a connection to the server while in use. The doors let him do what
    they let a person do, no more.

    codes = gives the code to sign with, each time it is asked; None where none are asked for
    """

    def __init__(self, name: str, codes: Callable[[], str] | None = None) -> None:
        self.name, self._codes = name, codes
        self._client = as_a_person()
        self._runs: dict[str, UUID] = {}

    def __enter__(self) -> Officer:
        self._client.__enter__()
        return self

    def __exit__(self, *problem: Any) -> None:
        self._client.__exit__(*problem)

    def start(self, deployment: str, parameters: dict[str, Any], *, insist: bool = True) -> FlowRun:
        """Run a deployment from its form; wait for its end, or until it asks again.

        What the door turns away raises FormRefused, or, for an officer who insists, goes past it,
        as if the reason had come up between door and flow: then the flow asks again.
        """
        found = self._client.read_deployment_by_name(f"{deployment}/{deployment}")
        signed = {CODE: self._codes()} if self._codes else {}
        fields = parameters | signed
        try:
            run = self._client.create_flow_run_from_deployment(found.id, parameters=fields).id
        except PrefectHTTPStatusError as refused:
            told = refused.response
            if told.status_code != CONFLICT:
                raise
            if not insist:
                raise FormRefused(deployment, str(told.json()["detail"])) from None
            run = self.past_the_door(found, fields)
        return self._until(run, deployment, at_rest)

    def past_the_door(self, found: DeploymentResponse, fields: dict[str, Any]) -> UUID:
        """As what was accepted before goes on in a run made anew (upkeep.py): it is not judged."""
        with connected() as office_itself:
            return accepted_run(office_itself, found, fields, datetime.now(UTC))

    def answer_again(self, run: FlowRun, fields: dict[str, object]) -> FlowRun:
        """Answer a form to begin with that was refused and is asked again."""
        signed = {CODE: self._codes()} if self._codes else {}
        return self._answer(run, run.name, fields | signed)

    def form(self, number: str) -> FlowRun:
        """Wait until the case's run is suspended at a form (or has ended)."""
        return self._until(self._run(number), number, at_rest)

    def submit(self, number: str, kind: str, **fields: object) -> FlowRun:
        """Fill in the tab of one act, submit it, and wait for the next form or the end."""
        return self._resume(number, self._filled(number, kind, fields))

    def choose(self, number: str, kind: str) -> FlowRun:
        """Pick a procedural act on the tab 程序, and wait for its form."""
        return self._resume(number, {f"{CHOOSE}.procedure": ACTS[kind].title})

    def _resume(self, number: str, answer: dict[str, object]) -> FlowRun:
        return self._answer(self.form(number), number, answer)

    def _answer(self, run: FlowRun, what: str, answer: dict[str, object]) -> FlowRun:
        result = self._client.resume_flow_run(run.id, run_input={place_of(run): answer})
        if result.status.value != "ACCEPT":
            raise FormRefused(what, str(getattr(result.details, "reason", "")))
        before = run.state.timestamp if run.state else None
        return self._until(run.id, what, lambda now: at_rest(now) and moved(now, before))

    def _filled(self, number: str, kind: str, fields: dict[str, object]) -> dict[str, object]:
        """The form as the UI submits it: drop-downs in words, filled in before."""
        answer = filled(number, kind, fields, self.name)
        if self._codes:
            answer[f"{kind}.{CODE}"] = self._codes()
        return answer

    def _run(self, number: str) -> UUID:
        if number not in self._runs:
            patience = time.monotonic() + WAIT_SECONDS
            pauses = _pauses()
            while (run := desk.run_of(self._client, number)) is None:
                if time.monotonic() > patience:
                    raise DeskStuck(number, "没有办理流程")
                time.sleep(next(pauses))
            self._runs[number] = run.id
        return self._runs[number]

    def _until(self, run: UUID, what: str, arrived: Any) -> FlowRun:
        patience, pauses = time.monotonic() + WAIT_SECONDS, _pauses()
        while not arrived(now := self._client.read_flow_run(run)):
            if time.monotonic() > patience:
                raise DeskStuck(what, now.state_name or "")
            time.sleep(next(pauses))
        return now


def _pauses() -> Iterator[float]:
    """Seconds between two looks, longer and longer: each costs the server as much as a small step."""
    pause = FIRST_LOOK_SECONDS
    while True:
        yield pause
        pause = min(1.4 * pause, LONGEST_LOOK_SECONDS)


def as_a_person() -> SyncPrefectClient:
    """A client that does not bear the office's secret."""
    api = PREFECT_API_URL.value()
    assert api is not None
    return SyncPrefectClient(api, auth_string=None, httpx_settings=tls())


def filled(number: str, kind: str, fields: dict[str, object], officer: str) -> dict[str, object]:
    """The tab of one act as the UI submits it: drop-downs in words, filled in before."""
    now = office.circumstances(officer)
    with office.reading() as session:
        case = register.case(session, number)
    options, proposal = ACTS[kind].options(case, now), ACTS[kind].proposal(case, now)
    for name in options:
        default = proposal.get(name, ACTS[kind].model_fields[name].get_default())
        if isinstance(default, str):
            fields = {name: default, **fields}
    answer: dict[str, object] = {
        f"{kind}.{name}": options.get(name, {}).get(str(value), value)
        for name, value in fields.items()
    }
    return {**answer, f"{kind}.{OFFICER}": officer}


def finished(run: FlowRun) -> bool:
    """Whether a run has ended, well or not."""
    return run.state is not None and run.state.is_final()


def at_rest(run: FlowRun) -> bool:
    """Whether a run waits for an officer with its form ready, or has ended."""
    return finished(run) or run.state_type is StateType.PAUSED


def moved(run: FlowRun, before: Any) -> bool:
    """Whether the run came to rest anew since `before`."""
    return run.state is not None and run.state.timestamp != before
