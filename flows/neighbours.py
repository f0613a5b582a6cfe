"""What the forms of the neighbouring registers share: one submission is one act, and is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from sqlmodel import Session

from flows import desk, office
from letters.words import escaped
from models.act import S
from models.neighbour import Neighbour, state, submitted


def once(neighbour: Neighbour[S], do: Callable[[Session, str | None], S]) -> S:
    """Do an act in one transaction; a run that is run again finds it done and changes nothing."""
    submission = desk.this_run()
    with office.writing() as session:
        known = submitted(session, submission)
        if known is None:
            return do(session, submission)
        return state(session, neighbour, known.case_number)


def answer(number: str, title: str, lines: Sequence[str]) -> str:
    """Tell the officer what became of the form: in the run's name and on its page."""
    run = desk.this_run()
    if run is not None:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(run), name=f"{number}　{title}")
        words = "\n".join(f"- {escaped(line)}" for line in lines)
        create_markdown_artifact(f"# {escaped(number)}　{title}\n\n{words}", description=title)
    return number
