"""Would a test notice if the code said something slightly different? Small changes, one at a time.

    python -m tests.mutations --files models/law models/acts --count 200 --seed 1
    python -m tests.mutations --files models/duties --all --measured /tmp/measured.json
    python -m tests.mutations --files flows/morning/outbox.py --lines 160-190 --all

A change is made in memory alone: `<` becomes `<=`, a figure one more, `and` becomes `or`, a condition
or a statement is left out. Everything is imported and collected once; for each change a fork puts it
into the function concerned and runs the tests that go through this function until
one fails. What no test notices there, and what stands outside functions, is tried once more in a
process that imports the changed module from the beginning. A survivor is printed with its line: it
wants a row that a lawyer reads, or stands in tests/cases/equal_changes.toml with the reason why
nothing can tell it from the code.

Tests that need a Prefect server, a browser or another process are left out (`--server` takes in those
of the server). Needs fork (Linux).
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper, cache, partial
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
EQUAL = ROOT / "tests" / "cases" / "equal_changes.toml"
ELSEWHERE = (  # what these try runs in other processes, or is not a matter of the code's words
    *("kills", "browser", "hardships", "serving", "pictures", "looks", "upkeep", "held_runs"),
    *("migrations", "releases", "backup", "opening", "damaged_database", "workbook", "mutations"),
)
ROOMS = {"flows", "letters", "models"}
RECORDED = "models/migrations/"  # what led from one structure to the next is not changed any more
KILLED, SURVIVED, EQUAL_TO, UNTESTED = "killed", "survived", "equal", "no test goes there"
SEVERAL = 6.0  # times what was measured, after which a change is taken to loop for ever
WAITING = 20.0  # times that again, for a machine on which others work

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult},
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
LEFT_OUT = {"max_length", "title", "description"}  # of a form's field: no rule of law
UNCHANGED = {"annotation", "returns", "decorator_list", "format_spec", "type_params"}


class Change(NamedTuple):
    """One small change: the n-th of its file; what stood there, and what stands there instead.

    where = the function or method, "" outside of one; line = that of the file as it is
    """

    path: str
    place: int
    line: int
    where: str
    before: str
    after: str

    def __str__(self) -> str:
        where = f" {self.where}" if self.where else ""
        return f"{self.path}:{self.line}{where}　{self.before}　→　{self.after}"


class Site(NamedTuple):
    """Where a change is made: `field` (and `index`) of `parent` becomes `new`."""

    parent: ast.AST
    field: str
    index: int | None
    new: ast.AST
    line: int
    where: str

    def make(self) -> None:
        if self.index is None:
            setattr(self.parent, self.field, self.new)
        else:
            getattr(self.parent, self.field)[self.index] = self.new


# ── which changes there are ─────────────────────────────────────────────────────────────────────
def instead(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of an expression or a statement, and mean something else."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.IfExp(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Call(func=ast.Name(id=name)) if name in NAMES:
            yield _with(node, func=ast.Name(NAMES[name], ast.Load()))
        case ast.stmt():
            yield from _left_out(node)
        case _:
            yield from _one_less(node)


def _one_less(node: ast.AST) -> Iterator[ast.AST]:
    """Another comparison; a condition, or one of several named things, left out."""
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                if other := OPERATORS.get(type(op)):
                    yield _with(node, ops=[*ops[:place], other(), *ops[place + 1 :]])
        case ast.BoolOp(op=op, values=values):
            yield _with(node, op=OPERATORS[type(op)]())
            for one, rest in _without_each(values):
                if not _guards(one, rest):
                    yield rest[0] if len(rest) == 1 else _with(node, values=rest)
        case ast.comprehension(ifs=conditions):
            for _, rest in _without_each(conditions):
                yield _with(node, ifs=rest)
        case (
            ast.Tuple(elts=[_, _, *_] as parts, ctx=ast.Load()) | ast.Set(elts=[_, _, *_] as parts)
        ):
            if all(isinstance(one, ast.Constant | ast.Attribute) for one in parts):
                for _, rest in _without_each(parts):
                    yield _with(node, elts=rest)


def _without_each(several: Sequence[ast.expr]) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    for place, one in enumerate(several):
        yield one, [*several[:place], *several[place + 1 :]]


def _guards(one: ast.expr, rest: Sequence[ast.expr]) -> bool:
    """Whether one condition is there for another to be asked at all: mypy refuses that one alone."""
    asked = one.left if isinstance(one, ast.Compare) else one
    asked = asked.operand if isinstance(asked, ast.UnaryOp) else asked
    if not isinstance(asked, ast.Name | ast.Attribute):
        return False
    if isinstance(one, ast.Compare) and not isinstance(one.ops[0], ast.Is | ast.IsNot):
        return False
    name = ast.dump(asked)
    parts = (part for other in rest for part in ast.walk(other))
    return any(
        isinstance(part, ast.Attribute | ast.Subscript | ast.Compare | ast.Call)
        and name in (ast.dump(child) for child in ast.iter_child_nodes(part))
        for part in parts
    )


def _left_out(node: ast.AST) -> Iterator[ast.AST]:
    """A statement that is not made, and an answer that is not given."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Delete():
            yield ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def sites(tree: ast.Module) -> Iterator[Site]:
    """Every change of a module, in order; the tree stays as it is until one is made."""
    yield from _sites(tree, 0, "", inside=False)


def _sites(parent: ast.AST, line: int, where: str, *, inside: bool) -> Iterator[Site]:
    """inside = of a function: what stands outside is done once, at import."""
    for name, value in ast.iter_fields(parent):
        if name in UNCHANGED or (isinstance(parent, ast.FunctionDef) and name == "name"):
            continue
        held = inside and not (name == "args" and isinstance(parent, ast.FunctionDef))
        several = value if isinstance(value, list) else [value]
        for place, node in enumerate(several):
            if not isinstance(node, ast.AST) or _no_rule(node):
                continue
            index = place if isinstance(value, list) else None
            at = getattr(node, "lineno", line)
            for new in instead(node):
                yield Site(parent, name, index, new, at, where if held else "")
            defines = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            named = f"{where}.{node.name}" if where and defines else getattr(node, "name", "")
            function = defines and not isinstance(node, ast.ClassDef)
            below = where if inside or not defines else named
            yield from _sites(node, at, below, inside=inside or function)


def _no_rule(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg=name) if name in LEFT_OUT:
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def changes(path: str) -> list[Change]:
    """Every small change of a file, in the order in which it reads."""
    tree, found = _parsed(path), []
    for place, site in enumerate(sites(tree)):
        old = getattr(site.parent, site.field)
        old = old if site.index is None else old[site.index]
        before, after = _words(site.parent, old, site)
        found.append(Change(path, place, site.line, site.where, before, after))
    return found


def _words(parent: ast.AST, old: ast.AST, site: Site) -> tuple[str, str]:
    """What stood there and what stands there, of a constant with what it stands in."""
    if not isinstance(old, ast.Constant | ast.comprehension) or isinstance(parent, ast.Module):
        return _short(old), _short(site.new)
    shown, before = parent, _short(parent)
    kept = getattr(parent, site.field)
    part = (
        site.new if site.index is None else [*kept[: site.index], site.new, *kept[site.index + 1 :]]
    )
    return before, _short(_with(shown, **{site.field: part}))


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(_Plain().visit(copy.deepcopy(node))).split())


class _Plain(ast.NodeTransformer):
    """Sentences as one sign: what is written back cannot always hold their quotes (Python 3.11)."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("……")


def _parsed(path: str) -> ast.Module:
    return ast.parse(_text(path))


@cache
def _text(path: str) -> str:
    """A file as it was when the search began, whatever is written into it meanwhile."""
    return (ROOT / path).read_text(encoding="utf-8")


def changed(change: Change) -> CodeType:
    """The module with the change made."""
    tree = _parsed(change.path)
    next(site for place, site in enumerate(sites(tree)) if place == change.place).make()
    return compile(ast.fix_missing_locations(tree), str(ROOT / change.path), "exec")


# ── putting a change into place ─────────────────────────────────────────────────────────────────
@dataclass
class There:
    """What a change is put into: every function by file and name, wherever it was imported to, and
    what remembers answers of functions.
    """

    functions: dict[tuple[str, str], list[FunctionType]]
    caches: list[Any]

    @classmethod
    def now(cls) -> There:
        """What there is of our own; it is left where it is, so that a fork copies less."""
        functions, caches = defaultdict(list), []
        gc.unfreeze()
        for one in gc.get_objects():
            if isinstance(one, FunctionType):
                functions[one.__code__.co_filename, one.__code__.co_qualname].append(one)
            elif isinstance(one, _lru_cache_wrapper) and _room(one.__module__):
                caches.append(one)
        gc.collect()
        gc.freeze()
        return cls(functions, caches)

    def install(self, change: Change) -> bool:
        """Put a change into the functions that are there; False where it has to be imported anew."""
        made = {one.co_firstlineno: one for one in _codes(changed(change), change.where)}
        there = self.functions.get((str(ROOT / change.path), change.where), ())
        for one in there:
            code = made.get(one.__code__.co_firstlineno)
            if code is None or code.co_freevars != one.__code__.co_freevars:
                return False
            one.__code__ = code
        for kept in self.caches:
            kept.cache_clear()
        return bool(there)


def _room(module: str) -> bool:
    return module.partition(".")[0] in ROOMS


def _codes(code: CodeType, name: str) -> Iterator[CodeType]:
    """The code of the functions of that name, within a module's."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_qualname == name:
                yield one
            yield from _codes(one, name)


class Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module with its change."""

    def __init__(self, change: Change) -> None:
        module = change.path.removesuffix(".py").replace("/", ".")
        super().__init__(module, str(ROOT / change.path))
        self.change = change

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return changed(self.change)


# ── the tests, collected once ───────────────────────────────────────────────────────────────────
@dataclass
class Search:
    """Runs the changes in place of the tests: a pytest plugin.

    covering = test → the functions it goes through (path:name), and its seconds
    """

    todo: Sequence[Change]
    measured: Path
    server: bool = False
    quick: bool = False
    budget: float = 0.0
    only: frozenset[str] = frozenset()
    covering: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)
    found: list[tuple[Change, str]] = field(default_factory=list)
    there: There = field(default_factory=lambda: There({}, []))
    failed: str = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or (report.nodeid if report.failed else "")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {one.nodeid: one for one in session.items if self._fits(one)}
        if self.only:  # imported with its change already
            code = self._run(session, [one for one in items.values() if one.nodeid in self.only])
            os._exit(code)
        self._know(session, items)
        self.there = There.now()
        for n, change in enumerate(self.todo, 1):
            told = self._try(session, change, items)
            self.found.append((change, told))
            if told != KILLED:
                print(f"{n}/{len(self.todo)} {told}　{change}", flush=True)
        return True

    def _fits(self, item: pytest.Item) -> bool:
        if item.path.stem.removeprefix("test_") in ELSEWHERE:
            return False
        return self.server or "prefect_server" not in getattr(item, "fixturenames", ())

    def _know(self, session: pytest.Session, items: dict[str, pytest.Item]) -> None:
        """Which test goes through which functions: measured once, kept in a file."""
        known = self.measured.is_file()
        kept = json.loads(self.measured.read_text(encoding="utf-8")) if known else {}
        missing = [one for name, one in items.items() if name not in kept]
        for path, group in groupby(missing, key=lambda one: one.path):
            these = list(group)
            print(f"measuring {path.name}: {len(these)}", flush=True)
            more = Path(f"{self.measured}.more")
            if _forked(partial(self._measure, session, these, more), 1800) == 0:
                kept |= json.loads(more.read_text(encoding="utf-8"))
                self.measured.write_text(json.dumps(kept), encoding="utf-8")
        self.covering = {
            name: (seconds, frozenset(functions))
            for name, (seconds, functions) in kept.items()
            if name in items
        }

    def _measure(self, session: pytest.Session, items: Sequence[pytest.Item], told: Path) -> int:
        found: dict[str, tuple[float, list[str]]] = {}
        for item, following in zip(items, [*items[1:], None], strict=True):
            self.failed, seen, begun = "", set[CodeType](), time.process_time()
            watch = partial(_seen, seen)
            threading.settrace(watch)
            sys.settrace(watch)
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            finally:
                sys.settrace(None)
                threading.settrace(None)  # type: ignore[arg-type]
            functions = [] if self.failed else sorted(_ours(seen))
            found[item.nodeid] = time.process_time() - begun, functions
        told.write_text(json.dumps(found), encoding="utf-8")
        return 0

    def _try(self, session: pytest.Session, change: Change, items: dict[str, pytest.Item]) -> str:
        chosen, seconds = self._chosen(change)
        if not chosen:
            return UNTESTED
        patience = 20 + SEVERAL * seconds
        if change.where:
            tests = [items[name] for name in chosen]
            told = _forked(
                lambda: self._run(session, tests) if self.there.install(change) else 3, patience
            )
            if told not in (0, 3):
                return KILLED
            if told == 0 and self.quick:
                return SURVIVED
        return self._anew(change, chosen, 60 + patience)

    def _chosen(self, change: Change) -> tuple[list[str], float]:
        """The tests that go through the function of a change, and their seconds: those of its own file
        first, then one of each way through the code, the quickest first.
        """
        stem = Path(change.path).stem

        def touches(functions: frozenset[str]) -> bool:
            if change.where:
                return f"{change.path}:{change.where}" in functions
            return any(one.startswith(f"{change.path}:") for one in functions)

        alike = Counter[tuple[str, frozenset[str]]]()  # tests of a file that go the same way
        covering = []
        for name, (seconds, functions) in sorted(self.covering.items(), key=lambda one: one[1][0]):
            if not touches(functions):
                continue
            file = name.partition("::")[0]
            covering.append((stem not in file, alike[file, functions], seconds, name))
            alike[file, functions] += 1
        chosen, whole = [], 0.0
        for _, _, seconds, name in sorted(covering):
            if whole + seconds <= self.budget:
                chosen.append(name)
                whole += seconds
        return chosen, whole

    def _run(self, session: pytest.Session, items: Sequence[pytest.Item]) -> int:
        """Run tests until one fails; 1 if one did."""
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                session._setupstate.teardown_exact(None)  # what is started is ended
                return 1
        return 0 if items else 4

    def _anew(self, change: Change, chosen: Sequence[str], patience: float) -> str:
        """The same tests in a process that imports the changed module from the beginning."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as asked:
            json.dump({"change": change, "tests": chosen, "server": self.server}, asked)
            asked.flush()
            command = [sys.executable, "-m", "tests.mutations", "--anew", asked.name]
            try:
                done = subprocess.run(
                    command, cwd=ROOT, capture_output=True, timeout=patience, check=False
                )
            except subprocess.TimeoutExpired:
                return KILLED
        return SURVIVED if done.returncode == 0 else KILLED


def _seen(seen: set[CodeType], frame: FrameType, *_: object) -> None:
    seen.add(frame.f_code)


def _ours(seen: set[CodeType]) -> Iterator[str]:
    for code in seen:
        path = Path(code.co_filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ROOMS:
            name = code.co_qualname.partition(".<locals>")[0]
            yield f"{path.relative_to(ROOT).as_posix()}:{name}"


def _forked(work: Callable[[], int], seconds: float) -> int:
    """What a fork of this process answers; another number than any answer where it had to be ended,
    after so many seconds of its own (others may be at work here), or long waiting for nothing.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        most = math.ceil(seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        try:
            os._exit(work())
        finally:
            os._exit(1)
    ends = time.monotonic() + WAITING * seconds
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


# ── equal ones, and the whole ───────────────────────────────────────────────────────────────────
def equal() -> list[dict[str, str]]:
    """The changes that change nothing, each with the reason."""
    return (
        tomllib.loads(EQUAL.read_text(encoding="utf-8")).get("equal", []) if EQUAL.is_file() else []
    )


def is_equal(change: Change, known: Sequence[dict[str, str]]) -> bool:
    """Whether a change stands in the list."""
    mine = {"file": change.path, "where": change.where, "before": change.before}
    return any(mine.items() <= one.items() and one["after"] in (change.after, "") for one in known)


def files(named: Sequence[str]) -> list[str]:
    """The Python files of some files and folders, in order."""
    found = set[Path]()
    for one in named:
        path = ROOT / one
        found |= set(path.rglob("*.py")) if path.is_dir() else {path}
    named_so = (path.relative_to(ROOT).as_posix() for path in sorted(found))
    return [path for path in named_so if not path.startswith(RECORDED)]


def collected(search: Search, paths: Sequence[str]) -> None:
    """Have pytest collect the tests, and the search run in their place."""
    quiet = ["-s", "-q", "-q", "--no-summary", "-n", "0", "-p", "no:cacheprovider"]
    pytest.main([*quiet, *paths], plugins=[search])


def anew(asked: dict[str, Any]) -> None:
    """Run the tests of one change, imported with it; ends this process."""
    change = Change(*asked["change"])
    sys.meta_path.insert(0, Changed(change))
    paths = sorted({name.partition("::")[0] for name in asked["tests"]})
    search = Search([], Path(), asked["server"], only=frozenset(asked["tests"]))
    collected(search, paths)
    os._exit(5)  # it could not even be imported


def main() -> int:
    """Search, and print what no test notices, with figures; 1 if there is anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="+", default=["models"])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="every change, not some at random")
    parser.add_argument("--quick", action="store_true", help="in functions only, tried once")
    parser.add_argument("--budget", type=float, default=120.0, help="seconds of tests a change")
    parser.add_argument("--lines", help="of these lines only: 10-20")
    parser.add_argument("--server", action="store_true", help="tests of the Prefect server, too")
    parser.add_argument("--tests", nargs="*", default=["tests"])
    parser.add_argument("--measured", type=Path, help="which test goes where: kept in this file")
    parser.add_argument("--anew", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.chdir(ROOT)
    if given.anew:
        anew(json.loads(given.anew.read_text(encoding="utf-8")))
    first, last = map(int, (given.lines or "0-1000000").split("-"))
    every = [one for path in files(given.files) for one in changes(path)]
    every = [one for one in every if first <= one.line <= last and (one.where or not given.quick)]
    chosen = (
        every
        if given.all
        else random.Random(given.seed).sample(every, min(given.count, len(every)))
    )
    known = equal()
    todo = [one for one in sorted(chosen) if not is_equal(one, known)]
    with tempfile.TemporaryDirectory() as scratch:
        measured = given.measured or Path(scratch) / "measured.json"
        search = Search(todo, measured, given.server, given.quick, given.budget)
        collected(search, given.tests)
    told = Counter(what for _, what in search.found)
    told[EQUAL_TO] = len(chosen) - len(todo)
    figures = "，".join(f"{what} {number}" for what, number in told.items())
    print(f"{len(chosen)} changes of {len(every)}: {figures}")
    return 0 if set(told) <= {KILLED, EQUAL_TO} else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main())
