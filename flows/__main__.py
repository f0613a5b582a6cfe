"""The command line (`disclosure`, or `python -m flows`): names and exit codes are the contract's.

Exit 0 on success, 1 where a table or a history does not hold, 2 on bad input with one sentence.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from flows.arguments import Command, Parser, Unasked
from flows.commands import (
    account_commands,
    annual_commands,
    archive_command,
    case_commands,
    deadline_command,
    frequent_command,
    guide_command,
    keeper_commands,
    ledger_commands,
    materials_command,
    morning_commands,
    move_command,
    print_command,
    replay_commands,
    running_commands,
    service_command,
    signing_commands,
    statistics_command,
)
from flows.installation import files
from models.errors import ActRefused, DisclosureError
from models.words.days_told import told
from models.words.disk_words import DISK, why

SELDOM = (50_000, 20, 20)
"""How often Python looks for what only holds itself: by its own measure hundreds of times until the
libraries are loaded, and finds nothing there.
"""


NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""What has pydantic look for no plugins: we have none, and it looks through all that is installed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what goes wrong is one clear sentence on stderr."""
    from flows.installation.files import for_the_owner_alone

    gc.set_threshold(*SELDOM)
    os.environ.setdefault(*NO_PLUGINS)
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(next(iter(words), "")).parse_args(words)
    command: Command = arguments.command
    for_the_owner_alone()
    try:
        status = command(arguments)
        sys.stdout.flush()
    except files.Linked as fault:
        print(f"disclosure：{fault.words}", file=sys.stderr)
        return 2
    except ActRefused as fault:
        print(f"disclosure：{told(fault.reasons)}", file=sys.stderr)
        return 2
    except DisclosureError as fault:
        print(f"disclosure：{fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # Python writes once more what it could not, when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as fault:
        if fault.errno not in DISK:
            raise
        where = f"{fault.filename}：" if fault.filename else ""
        print(f"disclosure：{where}{why(fault)}，没有做完；请排除后重新运行", file=sys.stderr)
        return 2
    return status


def parser(asked: str = "") -> Parser:
    """Every command with its options and an example; asked = the only one that is to be read."""
    top = Parser(
        prog="disclosure", description="政府信息公开申请办理系统", example="disclosure serve"
    )
    commands = top.add_subparsers(title="命令", metavar="命令", required=True, parser_class=Parser)

    def add(name: str, command: Command, purpose: str, example: str) -> Parser:
        if asked and name != asked:
            return Unasked()
        made = commands.add_parser(name, help=purpose, description=purpose, example=example)
        made.set_defaults(command=command)
        return made

    running_commands.offer(add)
    case_commands.offer(add)
    deadline_command.offer(add)
    morning_commands.offer(add)
    annual_commands.offer(add)
    ledger_commands.offer(add)
    statistics_command.offer(add)
    frequent_command.offer(add)
    signing_commands.offer(add)
    account_commands.offer(add)
    keeper_commands.offer(add)
    move_command.offer(add)
    replay_commands.offer(add)
    materials_command.offer(add)
    guide_command.offer(add)
    print_command.offer(add)
    service_command.offer(add)
    archive_command.offer(add)
    return top if not asked or asked in commands.choices else parser()


if __name__ == "__main__":
    sys.exit(main())
