"""`disclosure materials`: a case's papers from the terminal, and a folder of them at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.arguments import Add
from models.errors import DisclosureError
from models.words.disk_words import why

if TYPE_CHECKING:
    from flows.papers.taking import Taken
    from models.agency.material_rules import MaterialRules
    from models.neighbours.papers import Material

HIDDEN = (".", "~$", "Thumbs.db", "desktop.ini")
SHOWN = 20


class NotImported(DisclosureError):
    """A folder is not as its materials can be taken from; every doubt at once."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        more = f"\n……共{len(problems)}处" if len(problems) > SHOWN else ""
        told = "\n".join(problems[:SHOWN])
        super().__init__(f"没有存入任何材料，请先更正：\n{told}{more}")


class WhichCase(DisclosureError):
    """What is to be done with the papers is not said whole."""


@dataclass(frozen=True)
class Found:
    """A file in a folder: whose it is, of what kind."""

    path: Path
    number: str
    kind: str


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "materials",
        _materials,
        "一件申请的材料和便签：列出，存入，取出，撤出；整个目录一次存入",
        "disclosure materials SQ202600001 --add 申请书.pdf 身份证.jpg --kind 申请书 --officer 陈静",
    )
    one.add_argument("number", nargs="?", default="", metavar="编号", help="申请编号")
    does = one.add_mutually_exclusive_group()
    does.add_argument("--add", nargs="+", type=Path, metavar="文件", help="存入这些文件")
    does.add_argument(
        "--folder",
        type=Path,
        metavar="目录",
        help="存入整个目录：其下每件申请一个子目录，以申请编号命名；再下可以按种类分子目录"
        "（申请书、送达回证……），没有分的用 --kind。已经存过的不重复存入；有一处不明，都不存入",
    )
    does.add_argument("--get", type=int, metavar="序号", help="取出这一份，写到 --out")
    does.add_argument("--withdraw", type=int, metavar="序号", help="撤出这一份，须写 --reason")
    does.add_argument("--note", metavar="便签", help="写一条便签")
    one.add_argument("--kind", default="", metavar="种类", help="材料的种类（materials.toml）")
    one.add_argument("--title", default="", metavar="名称", help="材料的名称，默认为文件名")
    one.add_argument("--step", type=int, default=0, metavar="步", help="属于第几步，默认整个案件")
    one.add_argument("--letter", default="", metavar="文号", help="是这份文书的盖章件")
    one.add_argument("--to", default="", metavar="姓名", help="便签给谁，默认全体")
    one.add_argument("--reason", default="", metavar="原因", help="撤出的原因")
    one.add_argument("--out", type=Path, metavar="文件", help="取出的材料写到哪个文件")
    one.add_argument("--officer", default="", metavar="姓名", help="由谁存入")
    one.add_argument("--code", default="", metavar="口令", help="本人的动态口令（启用后必填）")


def _materials(arguments: argparse.Namespace) -> int:
    if arguments.folder:
        return _folder(arguments)
    if not arguments.number:
        raise WhichCase("请写明申请编号，或者用 --folder 存入整个目录")
    if arguments.add:
        return _add(arguments)
    if arguments.get is not None:
        return _get(arguments)
    return _enter(arguments) if arguments.withdraw or arguments.note else _list(arguments)


def _list(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.shown.paper_lines import material_lines, missing_lines, note_lines
    from models.neighbours.papers import papers
    from models.register import numbers_meant, register

    with office.reading() as session:
        number = numbers_meant.number_of(session, arguments.number)
        case, found = register.case(session, number), papers(session, number)
    for line, _ in material_lines(number, found):
        print(line)
    for line in note_lines(found):
        print(f"便签　{line}")
    for line in missing_lines(case, found):
        print(f"尚缺　{line}")
    print(f"共{len(found.in_file())}份材料，{len(found.notes)}条便签", file=sys.stderr)
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.counter import papers as counter
    from flows.counter.papers import Filing
    from flows.papers.taking import taken_file
    from flows.path.form_fields import By
    from models.agency.material_rules import SEALED_COPY

    said = SEALED_COPY if arguments.letter else arguments.kind
    kind = _kind(office.material_rules(), said)
    taken = [taken_file(path) for path in arguments.add]
    how = Filing(kind, arguments.step, arguments.title, arguments.letter)
    by = By(arguments.officer, arguments.code)
    done = counter.file_all(arguments.number, taken, how, by)
    for one in done.materials[-len(taken) :]:
        print(f"材料{one.place}　{one.title}")
    _warn(done.materials[-len(taken) :])
    return 0


def _kind(rules: MaterialRules, said: str) -> str:
    found = rules.kind_of(said)
    if found is None:
        given = f"没有“{said}”这一种材料" if said else "请用 --kind 写明材料的种类"
        raise WhichCase(f"{given}（{'、'.join(rules.picked.values())}）")
    return found.key


def _warn(added: Sequence[Material]) -> None:
    from flows.papers.looked_through import under_boxes

    for words in under_boxes(added):
        print(f"注意：{words}", file=sys.stderr)


def _get(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.papers import store
    from flows.papers.sealed_content import PIECE
    from models.neighbours.papers import papers
    from models.register import access_log, numbers_meant

    if arguments.out is None:
        raise WhichCase("请用 --out 写明写到哪个文件")
    with office.reading() as session:
        number = numbers_meant.number_of(session, arguments.number)
        one = papers(session, number).material(arguments.get)
    if one is None or one.withdrawn:
        raise WhichCase(f"{number} 的案卷中没有第{arguments.get}号材料")
    with office.writing(clock_goes_back=True) as session:
        what = f"{number} 第{one.place}号材料"
        access_log.write(session, "read", office.now(), officer=arguments.officer, what=what)
    content = store.opened(one.digest)
    try:
        with arguments.out.open("xb") as out:
            while piece := content.read(PIECE):
                out.write(piece)
    except store.StoreAway:
        arguments.out.unlink()
        raise
    except FileExistsError:
        raise WhichCase(f"{arguments.out} 已经存在，没有改写") from None
    except OSError as fault:
        raise WhichCase(f"无法写入 {arguments.out}：{why(fault)}") from None
    print(arguments.out)
    return 0


def _enter(arguments: argparse.Namespace) -> int:
    from flows.counter import papers as counter
    from flows.path.form_fields import By

    by = By(arguments.officer, arguments.code)
    if arguments.note:
        counter.note(arguments.number, arguments.note, arguments.to, by)
        print("便签已存入")
    else:
        counter.withdraw(arguments.number, arguments.withdraw, arguments.reason, by)
        print(f"材料{arguments.withdraw}已撤出")
    return 0


# ── a whole folder ────────────────────────────────────────────────────────────────────────────
def _folder(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.counter import papers as counter
    from flows.counter.papers import Filing
    from flows.path.form_fields import By
    from flows.progress import progress
    from models.neighbours.papers import papers

    found = _looked_through(arguments.folder, arguments.kind)
    taken: dict[tuple[str, str], list[Taken]] = {}
    with progress("存入材料") as advance:
        problems = list(_all_taken(found, taken, advance))
    if problems:
        raise NotImported(problems)
    by, added, there = By(arguments.officer, arguments.code), 0, 0
    for (number, kind), files in taken.items():
        with office.reading() as session:
            known = {(m.digest, m.kind) for m in papers(session, number).in_file()}
        new = {one.digest: one for one in files if (one.digest, kind) not in known}
        there += len(files) - len(new)
        if new:
            counter.file_all(number, list(new.values()), Filing(kind), by)
            added += len(new)
    cases = len({number for number, _ in taken})
    print(f"存入{added}份，{cases}件申请" + (f"；{there}份已经存过" if there else ""))
    return 0


def _looked_through(folder: Path, kind: str) -> list[Found]:
    """Every file below a folder, with its case and kind; NotImported with all that is not certain."""
    from flows import office

    if not folder.is_dir():
        raise WhichCase(f"{folder} 不是目录")
    rules = office.material_rules()
    usual = _kind(rules, kind) if kind else ""
    found, problems = list[Found](), list[str]()
    for path in sorted(folder.iterdir()):
        if path.name.startswith(HIDDEN):
            continue
        number = _number(path.name) if path.is_dir() else None
        if number is None:
            problems.append(f"{path.name}：应为以申请编号命名的目录，登记簿中没有这个编号")
            continue
        for file in sorted(path.rglob("*")):
            if file.is_dir() or file.name.startswith(HIDDEN):
                continue
            within = file.relative_to(path).parts
            named = rules.kind_of(within[0]) if len(within) > 1 else None
            key = named.key if named and not named.apart else usual
            if not key or (len(within) > 1 and named is None and not usual):
                problems.append(f"{path.name}/{'/'.join(within)}：不知道是哪一种材料")
                continue
            found.append(Found(file, number, key))
    if problems:
        raise NotImported(problems)
    return found


def _number(name: str) -> str | None:
    from flows import office
    from models.register import numbers_meant

    with office.reading() as session:
        return numbers_meant.number_meant(session, name)


def _all_taken(
    found: list[Found],
    into: dict[tuple[str, str], list[Taken]],
    advance: Callable[[int, int], None],
) -> Iterator[str]:
    """Take every file into the store; what cannot be taken, a sentence each."""
    from flows.papers.judged import NotTaken
    from flows.papers.taking import taken_file

    for n, one in enumerate(found, 1):
        try:
            into.setdefault((one.number, one.kind), []).append(taken_file(one.path))
        except NotTaken as fault:
            yield f"{one.number}/{one.path.name}：{fault.why}"
        advance(n, len(found))
