"""What a form under Deployments is answered with: the run's name, and what became of it on its page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from prefect.artifacts import create_markdown_artifact

from flows.installation.prefect_client import connected
from flows.path import desk
from flows.shown.pages import letter_url
from letters.letter.words import escaped
from models.words.days_told import told


def answer(number: str, title: str, lines: Sequence[str], letters: Sequence[str] = ()) -> str:
    """Tell the officer what became of the form: in the run's name and on its page.

    letters = numbers of the letters it issued, to be opened from the page
    """
    run = desk.this_run()
    if run is not None:
        with connected() as client:
            client.update_flow_run(UUID(run), name=f"{number}　{title}")
        said = [escaped(told([line])) for line in lines]
        said += [f"告知书：[{escaped(one)}]({letter_url(number, one)})" for one in letters]
        words = "\n".join(f"- {line}" for line in said)
        create_markdown_artifact(f"# {escaped(number)}　{title}\n\n{words}", description=title)
    return number
