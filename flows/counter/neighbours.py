"""What the forms of the neighbouring registers share: one submission is one act, and is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from sqlmodel import Session

from flows.path import desk
from flows.path.form_fields import By
from flows.path.signing import signed
from flows.shown.pages import letter_url
from letters.letter.words import escaped
from models.case.act import S
from models.register.codes import Signature
from models.register.neighbour import Neighbour, state, submitted


def once(neighbour: Neighbour[S], do: Callable[[Session, str | None], S], by: By) -> S:
    """Do an act in one transaction; a run that is run again finds it done and changes nothing."""
    submission = desk.submission()

    def known(session: Session) -> S | None:
        entry = submitted(session, submission)
        return state(session, neighbour, entry.case_number) if entry else None

    what = Signature(*by, neighbour.key)
    return signed(what, lambda session: do(session, submission), known)


def answer(number: str, title: str, lines: Sequence[str], letters: Sequence[str] = ()) -> str:
    """Tell the officer what became of the form: in the run's name and on its page.

    letters = numbers of the letters it issued, to be opened from the page
    """
    run = desk.this_run()
    if run is not None:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(run), name=f"{number}　{title}")
        told = [escaped(line) for line in lines]
        told += [f"告知书：[{escaped(one)}]({letter_url(number, one)})" for one in letters]
        words = "\n".join(f"- {line}" for line in told)
        create_markdown_artifact(f"# {escaped(number)}　{title}\n\n{words}", description=title)
    return number
