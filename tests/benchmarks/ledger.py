"""How fast is a ledger taken over, and does the memory stay flat?

    python -m tests.benchmarks.ledger --rows 50000

Beside it, in the same run: what openpyxl alone needs to read the same file, row by row.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from flows.commands.ledger_export import HEAD


def written(path: Path, rows: int) -> Path:
    """A ledger of invented, closed applications."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("台账")
    sheet.append(HEAD)
    for n in range(rows):
        day = date(2021, 1, 4) + timedelta(days=n % 1500)
        what = f"第{n}件：某专利资助项目的名单和金额"
        sheet.append(
            [f"L{n:07d}", day, "网络", "自然人", f"申请人{n}", "021-00000000", what, "3.4.1",
             day + timedelta(days=15), ""]
        )  # fmt: skip
    book.save(path)
    return path


def taken_over(path: Path, home: Path) -> tuple[float, int]:
    """CPU seconds and the most memory (KB) of `disclosure import` in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "flows", "import", str(path)]
    settings = os.environ | {"DISCLOSURE_HOME": str(home)}
    subprocess.run(command, env=settings, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, after.ru_maxrss


def read_alone(path: Path) -> float:
    began = time.process_time()
    book = load_workbook(path, read_only=True)
    for row in book.worksheets[0].iter_rows(values_only=True):
        assert row
    book.close()
    return time.process_time() - began


def main() -> None:
    """Print the rows a second, and the memory for one row and for all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        one, small = taken_over(written(folder / "一.xlsx", 1), folder / "一")
        path = written(folder / "台账.xlsx", rows)
        whole, large = taken_over(path, folder / "台账")
        alone = read_alone(path)
    print(f"导入{rows}行：{rows / (whole - one):.0f}行/CPU秒（不计启动{one:.1f}秒）")
    print(f"openpyxl 只读同一文件：{rows / alone:.0f}行/CPU秒")
    print(f"最多占用内存：1行 {small // 1024} MB，{rows}行 {large // 1024} MB")


if __name__ == "__main__":
    main()
