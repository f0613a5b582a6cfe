"""核验: does the register still hold what was recorded, all of it and nothing else?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verified:
    """What was found: every fault as a sentence, and the head of the chain as it stands."""

    faults: tuple[str, ...]
    head: str


def verify(head: str = "") -> Verified:
    """Hold the register against itself; head = one that was written down earlier."""
    from flows import office
    from models import evidence, integrity

    with office.reading() as session:
        found = tuple(integrity.faults(session, office.law(), office.agency(), head))
        return Verified(found, evidence.head(session))


def offer(add: Callable[[str, Callable[[argparse.Namespace], int], str, str], object]) -> None:
    """The command `disclosure verify`."""
    one = add(
        "verify",
        _verify,
        "核验登记簿：登记链、登记簿各行、编号、文书；逐条列出不符之处",
        "disclosure verify --head 3f0c…",
    )
    assert isinstance(one, argparse.ArgumentParser)
    one.add_argument(
        "--head",
        default="",
        metavar="校验值",
        help="从前记下的登记链校验值（年度报告、备份、每日巡检页上的），核对其后没有被截去、改写",
    )


def _verify(arguments: argparse.Namespace) -> int:
    found = verify(arguments.head.strip().lower())
    for fault in found.faults:
        print(fault)
    print(f"登记链校验值 {found.head}")
    if found.faults:
        print(f"共{len(found.faults)}处不符", file=sys.stderr)
        return 1
    print("登记簿核验无误", file=sys.stderr)
    return 0
