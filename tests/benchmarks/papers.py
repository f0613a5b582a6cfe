"""How long does the page of a case's papers take, beside few cases and beside a thousand with five each?

`python -m tests.benchmarks.papers [--cases 1000]`
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pytest

from flows import office
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.papers import taking
from flows.path import intake
from flows.path.form_fields import By
from flows.server.case_page import case_facts
from flows.server.paper_pages import page_facts
from tests.benchmarks.timed import milliseconds
from tests.databases import empty_register

FILES = 5
TIMES = 40


def pages(number: str) -> tuple[float, float]:
    """CPU of the page of a case's papers, and of the case's own page."""

    def case() -> None:
        with office.reading() as session:
            case_facts(session, number, office.circumstances("陈静"))

    papers = milliseconds(lambda: page_facts(number, "陈静"), TIMES)
    return papers, milliseconds(case, TIMES)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=1000)
    cases = asked.parse_args().cases
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as environment,
        empty_register(Path(folder), environment),
    ):
        files = [taking.taken(f"第{n}份", [f"材料{n}\n".encode()]) for n in range(FILES)]

        def filed(n: int) -> str:
            number = intake.receive(
                channel="当面提交",
                kind="自然人",
                applicant=f"申请人{n}",
                request=f"第{n}号文件的全文",
                arrived_on=office.today(),
            ).number
            counter.file_all(number, files, Filing("found"), By("陈静"))
            return number

        number = filed(0)
        few = pages(number)
        for n in range(1, cases):
            filed(n)
        many = pages(number)
    for what, one, other in zip(("papers", "case"), few, many, strict=True):
        print(
            f"page of the {what}: 1 case {one:.1f} ms, {cases} cases × {FILES} files {other:.1f} ms"
        )


if __name__ == "__main__":
    main()
