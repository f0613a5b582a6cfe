"""What each picture of the guide shows in words, as the product has them now, and what it showed when
it was taken: `.docs/pictures/shown.json` has a digest beside each picture, so that one that has become
out of date is found without a browser.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flows.path.form_fields import OFFICER_TITLE
from letters.pages.desk_page import MENU
from models.acts import catalogue
from models.case.personal import CODE
from models.case.stage import Stage

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / ".docs" / "pictures"
TAKEN: Final = FOLDER / "shown.json"
STAGES: Final = {
    "confirming": Stage.CONFIRMING,
    "jurisdiction": Stage.JURISDICTION,
    "correction": Stage.CORRECTION,
    "drafting": Stage.DRAFTING,
    "fee": Stage.FEE,
    "review": Stage.REVIEW,
    "secrecy": Stage.SECRECY,
    "signing": Stage.SIGNING,
    "dispatch": Stage.DISPATCH,
}
"""The picture of a whole form → its stage."""
BESIDE: Final = {
    "登记申请": "register",
    "登记咨询": "enquiry",
    "补登送达": "service",
    "撤回答复": "withdraw",
    "责令重新答复": "redecision",
    "勘误": "erratum",
    "登记复议诉讼": "lodge",
    "复议诉讼进展": "course",
    "复议诉讼结果": "result",
    "登记更正申请": "records-request",
    "办理更正申请": "records-decision",
    "审核签发更正申请": "records-signing",
    "转主动公开审查": "screening",
    "登记主动公开": "publication",
    "登记表二数字": "figures",
    "年度报告文字": "words",
    "年度报告": "report",
    "签发年度报告": "report-sign",
    "更正已签发的年度报告": "report-correct",
    "人工核定勾稽结论": "overrule",
}
"""A form to begin with → its picture, after `form-`."""
PAGES: Final = {
    "bench": "bench",
    "address-bar": "bench",
    "bench-new": "new",
    "start-new": "new",
    "bench-registered": "begun",
    "bench-case": "case",
    "bench-found": "find",
    "bench-together": "together",
    "bench-year": "year",
    "bench-figures": "figures",
    "bench-statistics": "statistics",
    "bench-undo": "bench",
    "bench-screening": "screening",
    "bench-reviews": "reviews",
    "bench-review": "review",
    "bench-calendar": "calendar",
    "bench-frequent": "frequent",
    "bench-service": "service",
    "bench-papers": "papers",
    "bench-print": "print",
    "login": "login",
    "invitation": "login",
}
"""The picture of a page of ours → its template."""
WITH_MENU: Final = (
    "bench",
    "bench-undo",
    "start-new",
    "list-todo",
    "list-runs",
    "run",
    "dossier",
    "stale",
)
ENVELOPE: Final = "print-envelope"
"""No page: what is printed, an envelope of the day."""
OF_FORMS: Final = {
    "bench-erratum": "勘误",
    "form-undo": "撤销刚才一步",
    "start-register": "登记申请",
}
OF_ACTS: Final = {
    "refused": "received",
    "date-picker": "received",
    "code": "sent_back",
    "code-wrong": "sent_back",
    "read-first": "correction_requested",
    "untouched": "found_ours",
    "stale": "found_ours",
    "start-form": "found_ours",
}
FRAMED: Final = ("Resume", "Submit", "Close", "(Optional)", "Confirm")
"""What stands around every form of Prefect's, by its English."""


def shown(name: str) -> str:
    """A digest of the words that a picture shows now."""
    words = "\n".join(_words(name))
    return hashlib.sha256(words.encode("utf-8")).hexdigest()[:12]


def taken() -> dict[str, str]:
    """Those of the pictures when they were taken."""
    return dict(json.loads(TAKEN.read_text("utf-8"))) if TAKEN.exists() else {}


def out_of_date() -> list[str]:
    """Pictures that show words which the product has no longer."""
    return [name for name, then in taken().items() if then != shown(name)]


def without_words() -> list[str]:
    """Pictures of which it is not noted what they showed: taken before that was."""
    return sorted({path.stem for path in FOLDER.glob("*.png")} - taken().keys())


def keep(name: str) -> None:
    """Note what a picture shows that was taken just now."""
    found = taken() | {name: shown(name)}
    there = {one: found[one] for one in sorted(found) if (FOLDER / f"{one}.png").exists()}
    TAKEN.write_text(json.dumps(there, indent=0) + "\n", "utf-8")


def _words(name: str) -> Iterator[str]:
    from flows.prefect_side.deployments import form_of
    from flows.prefect_side.our_flows import (
        flow,
    )  # Prefect, which reads its settings when it is imported

    if name in WITH_MENU:
        yield from (words for _, words in MENU)
    if name in PAGES:
        yield from _of_template(PAGES[name])
        return
    if name == ENVELOPE:
        yield from _said_in("letters/letter/envelopes.py")
        return
    begun = OF_FORMS.get(name) or next((k for k, v in BESIDE.items() if f"form-{v}" == name), "")
    if begun:
        yield begun
        asked = form_of(flow(begun))["properties"]
        yield from (one["title"] for field, one in asked.items() if field != CODE)
        return
    yield from _frame()
    kind = OF_ACTS.get(name, name)
    if kind in catalogue.ACTS:
        act = catalogue.ACTS[kind]
        yield from (act.tab, OFFICER_TITLE)
        yield from (str(field.title) for field in act.model_fields.values())
    if kind != name or kind not in catalogue.ACTS:
        yield from _brief()
        yield STAGES.get(name.removeprefix("stage-"), "")


def _said_in(path: str) -> Iterator[str]:
    """What a file says in Chinese."""
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Constant) and re.search("[一-鿿]", str(node.value)):
            yield str(node.value)


def _of_template(name: str) -> Iterator[str]:
    file = ROOT / "letters" / "templates" / f"{name}.html.j2"
    whole = re.sub(r"\{[{%#].*?[}%#]\}", "\n", file.read_text("utf-8"), flags=re.DOTALL)
    yield from (one.strip() for one in re.split(r"<[^>]*>|\n", whole) if one.strip())


def _frame() -> Iterator[str]:
    for file in sorted((ROOT / "config" / "desk_words").glob("*.toml")):
        words = tomllib.loads(file.read_text("utf-8"))["words"]
        yield from (words[one] for one in FRAMED if one in words)


def _brief() -> Iterator[str]:
    """The names that stand before the facts on top of a form."""
    for node in ast.walk(ast.parse((ROOT / "flows" / "shown" / "brief.py").read_text("utf-8"))):
        if isinstance(node, ast.Tuple) and node.elts and isinstance(node.elts[0], ast.Constant):
            yield str(node.elts[0].value)
