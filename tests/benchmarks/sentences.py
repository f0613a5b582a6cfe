"""How well are the words of reports read? Precision and recall over the narratives of tests/cases/sentences.

    python -m tests.benchmarks.sentences

Every figure of the tables is altered, one at a time (recall); the narratives as they stand, and true
sentences about other matters, must not be held against their report (precision).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sentence_benchmark import measured
from test_sentences import OTHER_MATTERS, verdicts


def main() -> int:
    """Print a line a half, and one for the other matters; exit 1 where a true sentence is stopped."""
    failed = False
    halves = {
        "rules": "seen while the rules were written",
        "held": "held out at first",
        "fresh": "held out to the end",
        "since": "invented since, by others",
    }
    for half, label in halves.items():
        found, stopped = measured(half)
        caught, certain = sum(one.found for one in found), sum(one.certain for one in found)
        right = caught / (caught + len(stopped))
        print(
            f"{label}: {len(found)} altered, found {caught} ({caught / len(found):.1%}), of them "
            f"不成立 {certain} ({certain / len(found):.1%}); true ones stopped {len(stopped)}, "
            f"precision {right:.1%}"
        )
        failed |= bool(stopped)
    stopped = [one for one in OTHER_MATTERS if "不成立" in verdicts(one).values()]
    doubted = [one for one in OTHER_MATTERS if "存疑" in verdicts(one).values()]
    print(f"other matters: {len(OTHER_MATTERS)}, 不成立 {len(stopped)}, 存疑 {len(doubted)}")
    return 1 if failed or stopped else 0


if __name__ == "__main__":
    sys.exit(main())
