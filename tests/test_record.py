"""Every fault of the record can still be put back, and its page is as it is made."""

from __future__ import annotations

import pytest

from tests.record import PAGE, ROOT, Fault, faults, page


@pytest.mark.parametrize("one", faults(), ids=lambda one: one.name)
def test_a_fault_can_be_put_back(one: Fault) -> None:
    assert one.stands() == 1
    assert one.now != one.back
    assert (ROOT / one.test.split()[0]).is_file()


def test_the_page_is_made_from_the_rows() -> None:
    assert PAGE.read_text("utf-8") == page()
    assert len({one.name for one in faults()}) == len(faults())
