"""The arguments of the command line, in Chinese: usage, help, and one sentence for what is wrong."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Never

from models.errors import DisclosureError
from models.words.disk_words import why

Command = Callable[[argparse.Namespace], int]
MEGABYTE = 1_000_000

COMPLAINTS = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"one of the arguments (.*) is required", r"\1 应选其一"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 与 \2 不能同时使用"),
    (r"argument (.*): expected one argument", r"\1 之后缺少内容"),
    (r"argument (.*): ignored explicit argument .*", r"\1 之后不能有内容"),
    (r"argument (.*): invalid int value: '(.*)'", r"\1 应为整数，而不是“\2”"),
    (r"argument 命令: invalid choice: '(.*?)' .*", r"没有名为“\1”的命令"),
    (r"argument (.*?): (.*)", r"\1：\2"),
    (r"unrecognized arguments: (.*)", r"没有这样的参数：\1"),
)
"""What argparse complains of, in its words and in ours."""

HEADINGS = "命令|做法|参数|选项"


class Chinese(argparse.RawDescriptionHelpFormatter):
    """Help in Chinese; descriptions keep their lines."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def format_help(self) -> str:
        """The help, its headings with a Chinese colon and said once."""
        text = re.sub(rf"^({HEADINGS}):$", r"\1：", super().format_help(), flags=re.MULTILINE)
        return re.sub(rf"^({HEADINGS})：\n  \1\n", r"\1：\n", text, flags=re.MULTILINE)


class Parser(argparse.ArgumentParser):
    """A parser whose help ends with an example, and whose complaint is one sentence, exit 2."""

    def __init__(self, *, prog: str, description: str, example: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=f"示例：{example}",
            formatter_class=Chinese,
            add_help=False,
            allow_abbrev=False,
        )
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示本说明")

    def error(self, message: str) -> Never:
        words = message
        for pattern, ours in COMPLAINTS:
            if re.fullmatch(pattern, message, re.DOTALL):
                words = re.sub(pattern, ours, message, count=1, flags=re.DOTALL)
                break
        self.exit(2, f"{self.prog}：参数有误：{words}（用 {self.prog} --help 查看用法）\n")


class Unasked(Parser):
    """A command that is not asked for: whatever is offered of it is not made."""

    def __init__(self) -> None:
        pass

    def _not_made(self, *_: Any, **__: Any) -> Any:
        return self

    add_argument = add_argument_group = add_mutually_exclusive_group = _not_made
    add_subparsers = add_parser = set_defaults = _not_made


Add = Callable[[str, Command, str, str], Parser]
"""Name, what does it, purpose and an example of a command → the parser of its options."""


def day(words: str) -> date:
    """A date as the command line takes it: 2026-03-02."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{words}”不是日期，应如 2026-03-02") from None


def a_year(words: str) -> int:
    """A year as the command line takes it: 2024."""
    if not (words.isascii() and words.isdecimal() and 1900 <= int(words) <= 2999):
        raise argparse.ArgumentTypeError(f"“{words}”不是年份，应如 2024")
    return int(words)


def stage(words: str) -> str:
    """A stage by its name, as the register lists it."""
    from models.acts import former_words
    from models.case.stage import Stage

    words = former_words.STAGES.get(words, words)
    if words not in list(Stage):
        raise argparse.ArgumentTypeError(f"“{words}”不是办理环节，应为{'、'.join(Stage)}之一")
    return words


class UnreadableFile(DisclosureError):
    """A file named on the command line cannot be read."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(f"无法读取文件 {name}：{problem}")


LARGEST_FILE = 32 * MEGABYTE
"""Bytes of a file that a command takes: a ledger of a hundred thousand rows has fewer."""


def content_of(path: Path, most: int = LARGEST_FILE) -> bytes:
    """What stands in a file named on the command line; no more is read than is taken.

    UnreadableFile for one that is larger, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as fault:
        raise UnreadableFile(str(path), why(fault)) from None
    if len(content) > most:
        raise UnreadableFile(str(path), f"文件过大（超过 {most // MEGABYTE} MB）")
    return content
