"""How long does a command take to start? CPU seconds, beside `python -c pass` in the same run.

python -m tests.benchmarks.starting --times 5
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "disclosure --help": ["-m", "flows", "--help"],
    "disclosure deadline": ["-m", "flows", "deadline", "--received", "2026-03-02"],
    "disclosure new-key": ["-m", "flows", "new-key"],
    "disclosure cases": ["-m", "flows", "cases"],
}
WANTED = 0.4  # CPU seconds of `disclosure deadline`


def spent(arguments: list[str], home: str) -> float:
    """CPU seconds of one process, its own and the system's for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    settings = os.environ | {"DISCLOSURE_HOME": home}
    subprocess.run([sys.executable, *arguments], env=settings, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the median of each command; 1 if the limit of a day takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    found = {}
    with tempfile.TemporaryDirectory() as home:
        for name, arguments in COMMANDS.items():
            spent(arguments, home)  # what is compiled once is compiled
            found[name] = statistics.median(spent(arguments, home) for _ in range(times))
            print(f"{found[name]:7.3f}  {name}")
    return int(found["disclosure deadline"] > WANTED)


if __name__ == "__main__":
    sys.exit(main())
