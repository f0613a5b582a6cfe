"""How many letters a CPU second: ours beside docxtpl's, the same letters, one after the other in turn.

`python -m tests.benchmarks.letters [--rounds 30]`
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docxtpl import DocxTemplate

from letters.letter.paper import write
from letters.letter.words import Letter
from tests.letter_examples import KINDS, written

PLAIN = [kind for kind in KINDS if kind not in ("service_receipt", "correction")]


def template() -> bytes:
    """What docxtpl is to fill in: our own sheet, the words in places of a loop each."""
    letter = written("extension")
    document = Document(BytesIO(write(letter)))
    words = iter(
        ("{{ number }}", "{{ title }}", "{{ addressee }}", "{%p for one in paragraphs %}", "{{ one }}",
         "{%p endfor %}", "{{ signed_by }}", "{{ signed_on }}", "{{ contact }}")
    )  # fmt: skip
    for each in document.paragraphs:
        each.runs[0].text = next(words, "")
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def by_docxtpl(blank: bytes, letter: Letter) -> bytes:
    """A letter by docxtpl, as its documentation has it."""
    filled = DocxTemplate(BytesIO(blank))
    facts: dict[str, Any] = {
        name: getattr(letter, name) for name in ("number", "title", "addressee", "signed_by")
    }
    facts |= {"signed_on": letter.signed_on, "contact": "".join(letter.contact)}
    filled.render(
        facts | {"paragraphs": [each.text for each in letter.paragraphs]}, autoescape=True
    )
    made = BytesIO()
    filled.save(made)
    return made.getvalue()


def a_second(rounds: int, *ways: Callable[[Letter], bytes]) -> Sequence[float]:
    """Letters a CPU second of each way, in turn."""
    letters = [written(kind) for kind in PLAIN]
    took = [0.0 for _ in ways]
    for _ in range(rounds):
        for letter in letters:
            for n, way in enumerate(ways):
                began = time.process_time()
                way(letter)
                took[n] += time.process_time() - began
    return [rounds * len(letters) / each for each in took]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=10)
    blank = template()
    ours, theirs = a_second(
        asked.parse_args().rounds, write, lambda letter: by_docxtpl(blank, letter)
    )
    print(f"ours {ours:.0f}, docxtpl {theirs:.0f} letters a CPU second: {ours / theirs:.1f} times")


if __name__ == "__main__":
    main()
