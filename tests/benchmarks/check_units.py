"""How long it takes to check the reports of many units in mixed formats, and in how much memory.

    python -m tests.benchmarks.check_units [units, default 1000]

A third each .docx, .html and .xlsx; with LibreOffice there, every tenth is a .pdf. Each has one cell
altered, which must be found.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sent_reports import as_docx, as_html, as_xlsx, whole

from flows.commands.check_command import _rules, checked


def main() -> int:
    """Write the units' files, check them; exit 1 if the altered cell of one is not found."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory(prefix="disclosure-benchmark-") as home:
        folder, pdf = Path(home) / "units", None
        folder.mkdir()
        if shutil.which("soffice"):
            (folder / "a.docx").write_bytes(as_docx(_unit(0)))
            command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", home]
            subprocess.run([*command, str(folder / "a.docx")], check=True, capture_output=True)
            pdf = (Path(home) / "a.pdf").read_bytes()
        for n in range(units):
            _write(folder, n, pdf)
        files = sorted(folder.iterdir())
        begun, wrong = time.perf_counter(), 0
        for one in checked(files, _rules(None), str):
            wrong += one.failed
        took = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(files)} files in {took:.1f} s ({took / len(files) * 1000:.0f} ms each), {memory:.0f} MB"
    )
    return 0 if wrong == len(files) else 1


def _unit(n: int) -> dict[str, object]:
    data = whole("suqian_city_2023") | {"agency": f"第{n}县人民政府"}
    table3 = {code: list(row) for code, row in data["table3"].items()}
    table3["3.1"][0] += 1
    return data | {"table3": table3}


def _write(folder: Path, n: int, pdf: bytes | None) -> None:
    if pdf and n % 10 == 0:
        (folder / f"{n}.pdf").write_bytes(pdf)
    elif n % 3 == 0:
        (folder / f"{n}.docx").write_bytes(as_docx(_unit(n)))
    elif n % 3 == 1:
        (folder / f"{n}.html").write_text(as_html(_unit(n)), "utf-8")
    else:
        (folder / f"{n}.xlsx").write_bytes(as_xlsx(_unit(n)))


if __name__ == "__main__":
    sys.exit(main())
