"""A desk without Prefect: runs, their states, answers and pages, behind the calls that desk.py makes.

What Prefect keeps in its own database outlives a power cut here as it does there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any, NoReturn
from uuid import UUID

from prefect.client.schemas.objects import Artifact, FlowRun, State, StateType
from prefect.states import Completed, Failed, Running, Scheduled, Suspended

from flows.prefect_side.lost_runs import anew
from tests.office_year.faults import Power

FLOW = UUID(int=1)
NOTHING: Mapping[str, UUID] = {}


class Suspend(BaseException):
    """The run waits for its officer: it leaves the flow."""


class FakeDesk:
    """Prefect as far as the desk knows it; one for the whole year."""

    def __init__(self, chance: Random, power: Power) -> None:
        self._chance, self._power = chance, power
        self.runs: dict[UUID, FlowRun] = {}
        self.states: dict[UUID, list[State[Any]]] = {}
        self.answers: dict[tuple[UUID, str], dict[str, object]] = {}
        self.forms: dict[UUID, Mapping[str, Any]] = {}
        self.pages: dict[str, Artifact] = {}
        self.submitted: dict[UUID, datetime] = {}  # when the last answer of a run was given

    # what desk.py asks ────────────────────────────────────────────────────────────────────────
    def client(self, **_: object) -> FakeDesk:
        return self

    def __enter__(self) -> FakeDesk:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def read_deployment_by_name(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(id=UUID(int=2), name=name)

    def create_flow_run_from_deployment(
        self,
        _deployment: UUID,
        *,
        parameters: dict[str, Any],
        name: str,
        tags: list[str],
        idempotency_key: str,
    ) -> FlowRun:
        self._power.passing("before the desk")
        for run in self.runs.values():
            if run.idempotency_key == idempotency_key:
                return run
        made = FlowRun(
            id=UUID(int=self._chance.getrandbits(128)),
            flow_id=FLOW,
            name=name,
            parameters=parameters,
            tags=tags,
            idempotency_key=idempotency_key,
            created=datetime.now(UTC),
        )
        self.runs[made.id], self.states[made.id] = made, []
        self._into(made, Scheduled())
        return made

    def read_flow_runs(
        self, *, flow_run_filter: Any, offset: int = 0, limit: int = 200, **_: object
    ) -> list[FlowRun]:
        tags = flow_run_filter.tags.all_ if flow_run_filter.tags else []
        types = flow_run_filter.state.type.any_ if flow_run_filter.state else [*StateType]
        found = [
            run for run in self.runs.values() if {*tags} <= {*run.tags} and run.state_type in types
        ]
        return found[offset : offset + limit]

    def count_flow_runs(self, *, flow_run_filter: Any, **_: object) -> int:
        return len(self.read_flow_runs(flow_run_filter=flow_run_filter, limit=len(self.runs)))

    def read_flow_run(self, run: UUID) -> FlowRun:
        return self.runs[run]

    def read_flow_run_states(self, run: UUID) -> list[State[Any]]:
        return self.states[run]

    def update_flow_run(self, run: UUID, **changed: Any) -> None:
        self.runs[run] = self.runs[run].model_copy(update=changed)

    def set_flow_run_state(self, run: UUID, state: State[Any], *, force: bool) -> None:
        assert force
        self._into(self.runs[run], state)

    def delete_flow_run(self, run: UUID) -> None:
        del self.runs[run]

    def delete_flow_run_input(self, run: UUID, key: str) -> None:
        self.answers.pop((run, key), None)

    def request(
        self, method: str, path: str, *, path_params: Mapping[str, UUID] = NOTHING, json: Any
    ) -> Any:
        match method, path:
            case "POST", "/artifacts/":
                return SimpleNamespace(json=lambda: {"id": str(self._page(json))})
            case "PATCH", "/artifacts/{id}":
                return self._renew(path_params["id"], json["data"])
            case "POST", "/flow_runs/{id}/input/filter":
                keys = [key for run, key in self.answers if run == path_params["id"]]
                return SimpleNamespace(json=lambda: [{"key": key} for key in keys])
        raise AssertionError((method, path))

    def _page(self, page: Mapping[str, Any]) -> UUID:
        self._power.passing("before dossier")
        made = Artifact(id=UUID(int=self._chance.getrandbits(128)), **page)
        assert made.key is not None
        self.pages[made.key] = made
        return made.id

    def _renew(self, page: UUID, words: str) -> None:
        (key,) = (key for key, one in self.pages.items() if one.id == page)
        self.pages[key] = self.pages[key].model_copy(update={"data": words})

    def read_artifacts(self, *, artifact_filter: Any, **_: object) -> list[Artifact]:
        return [self.pages[key] for key in artifact_filter.key.any_ if key in self.pages]

    def read_latest_artifacts(self, *, artifact_filter: Any, **_: object) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(
                key=one.key, metadata_=one.metadata_, flow_run_id=one.flow_run_id, latest_id=one.id
            )
            for one in self.read_artifacts(artifact_filter=artifact_filter)
        ]

    # what officers and the worker do ──────────────────────────────────────────────────────────
    def said(self, run: UUID, key: str) -> dict[str, object] | None:
        """The answer to the form of this point, if it was given."""
        return self.answers.get((run, key))

    def ask(
        self, run: UUID, schema: Mapping[str, Any], key: str, after: Callable[[], None]
    ) -> NoReturn:
        """Put this form up, and suspend the run until it is answered."""
        self._power.passing("before the form")
        self.forms[run] = schema
        self._into(self.runs[run], Suspended(pause_key=key))
        self._power.passing("after the form")
        after()
        raise Suspend

    def answer(self, run: UUID, said: dict[str, object], at: datetime) -> str:
        """Take an officer's answer to the form at which the run waits; its key."""
        state = self.runs[run].state
        assert state is not None
        key = state.state_details.pause_key
        assert key is not None
        self.answers[run, key] = said
        self.submitted[run] = at
        self._into(self.runs[run], anew("Resuming"))
        return key

    def take(self, run: UUID) -> None:
        self._into(self.runs[run], Running())

    def worker_starts(self) -> None:
        """A new worker puts back what the one before it had in hand (lost_runs.put_back_lost_runs)."""
        for run in [*self.runs.values()]:
            if run.state_type is StateType.RUNNING:
                self._into(run, anew())

    def end(self, run: UUID, fault: Exception | None = None) -> None:
        self._into(self.runs[run], Failed(message=str(fault)) if fault else Completed())

    def waiting(self) -> list[FlowRun]:
        """The runs that wait for an officer."""
        return [run for run in self.runs.values() if run.state_type is StateType.PAUSED]

    def scheduled(self) -> list[FlowRun]:
        return [run for run in self.runs.values() if run.state_type is StateType.SCHEDULED]

    def lost(self) -> None:
        """Prefect's database is gone."""
        for kept in (
            *(self.runs, self.states, self.answers, self.forms),
            self.pages,
            self.submitted,
        ):
            kept.clear()

    def _into(self, run: FlowRun, state: State[Any]) -> None:
        self.states[run.id].append(state)
        self.runs[run.id] = run.model_copy(update={"state": state, "state_type": state.type})
