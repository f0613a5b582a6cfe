"""How fast is a ledger taken over, and does the memory stay flat?

    python -m tests.benchmarks.ledger --rows 50000 [--beside FOLDER]

Beside it, in the same run: what openpyxl alone needs to read the same file, row by row; and, where a
folder with another version of this product is given, what that one needs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from flows.commands.ledger_export import HEAD

ROOT = Path(__file__).parents[2]
QUIET: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


def written(path: Path, rows: int) -> Path:
    """A ledger of invented, closed applications, in the order in which they came."""
    kinds, channels = (
        ("自然人", "自然人", "商业企业", "自然人"),
        ("网络", "信函", "当面", "网络", "网络"),
    )
    results = ("3.1", "3.4.1", "3.1", "3.3.6", "3.4.1", "3.2")
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("台账")
    sheet.append(HEAD)
    for n in range(rows):
        day = date(2021, 1, 4) + timedelta(days=1500 * n // rows)
        lasted = 1 + n * 7 % 23
        what = f"第{n}件：某专利资助项目的名单和金额"
        sheet.append(
            [f"L{n:07d}", day, channels[n % 5], kinds[n % 4], f"申请人{n}", f"021-{n:08d}", what,
             results[n % 6], day + timedelta(days=lasted), ""]
        )  # fmt: skip
    book.save(path)
    return path


def taken_over(path: Path, version: Path) -> tuple[float, int]:
    """CPU seconds and the most memory (KB) of `disclosure import` in a process of its own, into an
    empty home.
    """
    command = [sys.executable, "-m", "flows", "import", str(path)]
    with tempfile.TemporaryDirectory() as home:
        settings = os.environ | {"DISCLOSURE_HOME": home}
        began = subprocess.Popen(command, env=settings, cwd=version, **QUIET)
        _, status, used = os.wait4(began.pid, 0)
    assert status == 0, status
    return used.ru_utime + used.ru_stime, used.ru_maxrss


def read_alone(path: Path) -> float:
    began = time.process_time()
    book = load_workbook(path, read_only=True)
    for row in book.worksheets[0].iter_rows(values_only=True):
        assert row
    book.close()
    return time.process_time() - began


def rate(folder: Path, rows: int, version: Path, times: int) -> str:
    """Rows a second beyond what one row needs, the best of so many turns; and the memory of both."""
    one, many = folder / "一.xlsx", folder / "台账.xlsx"
    begun = [taken_over(one, version) for _ in range(times)]
    whole = [taken_over(many, version) for _ in range(times)]
    (start, small), (cpu, large) = min(begun), min(whole)
    return (
        f"{rows / (cpu - start):.0f}行/CPU秒（不计启动{start:.1f}秒）；"
        f"最多占用内存：1行 {small // 1024} MB，{rows}行 {large // 1024} MB"
    )


def main() -> None:
    """Print the rows a second, and the memory for one row and for all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--beside", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        written(folder / "一.xlsx", 1)
        path = written(folder / "台账.xlsx", asked.rows)
        if asked.beside:
            print(f"导入（{asked.beside}）：{rate(folder, asked.rows, asked.beside, asked.times)}")
        print(f"导入：{rate(folder, asked.rows, ROOT, asked.times)}")
        alone = read_alone(path)
    print(f"openpyxl 只读同一文件：{asked.rows / alone:.0f}行/CPU秒")


if __name__ == "__main__":
    main()
