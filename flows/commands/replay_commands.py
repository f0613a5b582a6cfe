"""The commands for replaying what is recorded: under a new version, and elsewhere as a test."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.arguments import Add
from flows.commands.named_files import write_file


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add(
        "rehearse",
        _rehearse,
        "换用本版本之前演练：把登记簿按本版本和 config/ 重新推演，逐件列出期限、表三、文书有何变化；"
        "只读，不改动任何内容；有变化的返回 1",
        "disclosure rehearse --out 演练.txt",
    )
    one.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="目录",
        help="disclosure backup 所作的备份；不写即本机关的登记簿",
    )
    one.add_argument("--out", type=Path, metavar="文件", help="另存为文本文件")

    one = add(
        "export-case",
        _export_case,
        "把一件申请的办理经过去除个人信息后导出，供报告问题时附上、作为测试：姓名、机关、编号换成样例，"
        "文字换成等长的填充，日期整体移到别处（工作日数、期限不变）",
        "disclosure export-case SQ202600001 --anonymised --out 样例.json",
    )
    one.add_argument("number", metavar="编号", help="申请编号")
    one.add_argument(
        "--anonymised", action="store_true", required=True, help="去除个人信息（没有别的导出方式）"
    )
    one.add_argument("--out", type=Path, required=True, metavar="文件", help="写到哪个 .json 文件")


def _rehearse(arguments: argparse.Namespace) -> int:
    from flows.keeping import rehearsing
    from flows.progress import progress

    with progress("演练") as advance:
        found = rehearsing.rehearse(arguments.folder, advance)
    words = "\n".join(rehearsing.lines(found))
    print(words)
    if arguments.out:
        write_file(arguments.out, f"{words}\n".encode())
        print(f"已写入 {arguments.out}", file=sys.stderr)
    return 1 if found.changes else 0


def _export_case(arguments: argparse.Namespace) -> int:
    from flows.keeping import exported_case
    from flows.shown.access_lines import noted_in_terminal

    content = exported_case.exported(arguments.number)
    noted_in_terminal(f"{arguments.number} 导出")
    write_file(arguments.out, content)
    print(f"已写入 {arguments.out}，其中没有原来的姓名、编号、日期和文字；给出以前请再看一遍")
    return 0
