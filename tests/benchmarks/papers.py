"""How long does the page of a case's papers take, beside few cases and beside a thousand with five each?

`python -m tests.benchmarks.papers [--cases 1000]`
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import pytest

from flows import office
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.papers import taking
from flows.path.form_fields import By
from flows.server.case_page import case_facts
from flows.server.paper_pages import page_facts
from tests.databases import empty_register, registered

FILES = 5
TIMES = 40


def milliseconds(number: str) -> tuple[float, float]:
    """CPU of the page of a case's papers, and of the case's own page: the median of many."""
    papers, case = list[float](), list[float]()
    for _ in range(TIMES):
        began = time.process_time()
        page_facts(number, "陈静")
        papers.append(time.process_time() - began)
        began = time.process_time()
        with office.reading() as session:
            case_facts(session, number, office.circumstances("陈静"))
        case.append(time.process_time() - began)
    return median(papers) * 1000, median(case) * 1000


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

        def filed() -> str:
            number = registered()
            counter.file_all(number, files, Filing("found"), By("陈静"))
            return number

        number = filed()
        few = milliseconds(number)
        for _ in range(cases - 1):
            filed()
        many = milliseconds(number)
    for what, one, other in zip(("papers", "case"), few, many, strict=True):
        print(
            f"page of the {what}: 1 case {one:.1f} ms, {cases} cases × {FILES} files {other:.1f} ms"
        )


if __name__ == "__main__":
    main()
