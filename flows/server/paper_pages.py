"""The papers of a case on pages of ours (/cases/NUMBER/papers): materials added, looked at, withdrawn;
sealed copies; notes.

A file is looked at through a picture of it, or saved: nothing in it runs in the browser. Whoever opens
the list or a file leaves a line. What is added is recorded by the same acts as from the terminal.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.counter import papers as counter
from flows.counter.papers import Filing
from flows.installation.entrance import Caller
from flows.papers import pdf_apart, store
from flows.papers.looked_through import under_boxes
from flows.papers.sealed_content import PIECE, Content, DamagedContent
from flows.papers.store import NoContent, StoreAway
from flows.path import signing
from flows.path.form_fields import By
from flows.server.our_pages import CSP, NOBODY, asked_of, is_noted, sealed_off, was_done
from flows.server.sent_forms import STALE, FormTokens, fields_of
from flows.server.uploads import NotOurs, Upload, uploaded
from flows.shown.framed import framed
from flows.shown.pages import BUSY, READS, asked_by_person, letter_url, page_url, under_name
from flows.shown.paper_lines import (
    Enclosed,
    enclosed,
    file_name,
    file_url,
    material_url,
    missing_lines,
    papers_url,
    size_words,
)
from letters.letter.words import Letter
from letters.pages.desk_page import page
from models.case.case import Case
from models.errors import ActRefused, NoSuchCase, WrongKey
from models.neighbours.papers import PAPERS, Material, Papers, papers
from models.register import filed_letters, numbers_meant, register

NO_FILE: Final = "没有选择文件，没有存入"
FULL: Final = "磁盘暂时不能写入，没有存入；请稍候再存，或者告知管理员"
AT_ONCE: Final = 5  # pages of a PDF on one page of ours
LARGEST: Final = 100_000  # bytes of a note, nine for each of its characters
SANDBOX: Final = "default-src 'none'; sandbox"
WITH_IMAGES: Final = f"img-src 'self'; {CSP}"
LACKING: Final = (NoContent, DamagedContent, WrongKey, OSError)


@dataclass
class Said:
    """What a page says on top: what was done, what was not, and what was found on looking."""

    done: str = ""
    wrong: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One material as the page lists it."""

    one: Material
    kind: str
    type: str
    size: str
    step: str
    address: str
    file: str


class PaperPages:
    """Answers the pages of a case's papers; hands on everything else (ASGI)."""

    def __init__(self, app: ASGIApp, tokens: FormTokens) -> None:
        self._app, self._tokens = app, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match asked_by_person(scope):
            case caller, ["cases", number, "papers", *parts]:
                answer = await self._answer(scope, caller, number, parts, receive)
            case _:
                await self._app(scope, receive, send)
                return
        await answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, caller: Caller, number: str, parts: list[str], receive: Receive
    ) -> Response:
        reads = scope["method"] in READS
        try:
            match parts:
                case [] if reads:
                    return await self._listed(scope, caller, number, Said())
                case [] if scope["method"] == "POST":
                    return await self._uploaded(scope, caller, number, receive)
                case ["note" | "withdraw" as what] if scope["method"] == "POST":
                    return await self._entered(scope, caller, number, what, receive)
                case ["note" | "withdraw"] if (
                    reads
                ):  # gone back to, when its answer is kept no more
                    return RedirectResponse(papers_url(number), HTTPStatus.SEE_OTHER)
                case [place] if reads and place.isascii() and place.isdecimal():
                    return await self._looked_at(scope, caller, number, int(place[:6]))
                case [place, "file"] if reads and place.isascii() and place.isdecimal():
                    return await self._file(scope, caller, number, int(place[:6]))
                case [place, "pages", page] if reads and (place + page).isascii():
                    if place.isdecimal() and page.isdecimal():
                        return await self._picture(caller, number, int(place[:6]), int(page[:6]))
        except NoSuchCase as fault:
            return _plain(str(fault), HTTPStatus.NOT_FOUND)
        except StoreAway as fault:
            return _plain(str(fault), HTTPStatus.SERVICE_UNAVAILABLE)
        except LACKING as fault:
            return _plain(f"{fault}，请告知管理员核验登记簿", HTTPStatus.CONFLICT)
        return _plain("没有这一页", HTTPStatus.NOT_FOUND)

    # ── adding ────────────────────────────────────────────────────────────────────────────────
    async def _uploaded(
        self, scope: Scope, caller: Caller, number: str, receive: Receive
    ) -> Response:
        ours = partial(self._tokens.is_ours, scope, whose=caller.officer)
        await run_in_threadpool(_case, number)  # before anything is taken
        said = Said()
        try:
            upload = await uploaded(scope, receive, ours)
        except NotOurs as fault:
            said.wrong = [fault.why]
            return await self._listed(scope, caller, number, said, fault.status)
        except OSError as fault:
            said.wrong = [str(fault) if isinstance(fault, StoreAway) else FULL]
            return await self._listed(scope, caller, number, said, 503)
        return await self._filed(scope, caller, number, upload, said)

    async def _filed(
        self, scope: Scope, caller: Caller, number: str, upload: Upload, said: Said
    ) -> Response:
        typed = said.typed = upload.fields
        officer = caller.officer or typed.get("officer", "").strip()
        said.wrong = [str(fault) for fault in upload.refused]
        if not upload.taken or not officer:
            said.wrong += [] if upload.refused else [NO_FILE if officer else NOBODY]
            return await self._listed(scope, caller, number, said, HTTPStatus.CONFLICT)
        step = typed.get("step", "")
        how = Filing(
            typed.get("kind", ""),
            int(step[:6]) if step.isascii() and step.isdecimal() else 0,
            typed.get("title", ""),
            typed.get("letter", ""),
        )
        try:
            done = await run_in_threadpool(_file_all, number, upload, how, officer)
        except ActRefused as refusal:
            said.wrong += list(refusal.reasons)
            return await self._listed(scope, caller, number, said, HTTPStatus.CONFLICT)
        added = done.materials[-len(upload.taken) :]
        said.warnings = await run_in_threadpool(under_boxes, added)
        if not said.wrong and not said.warnings:
            return RedirectResponse(f"{papers_url(done.number)}?done", HTTPStatus.SEE_OTHER)
        said.done = f"已存入{len(added)}份"
        said.typed = {}
        status = HTTPStatus.CONFLICT if said.wrong else HTTPStatus.OK
        return await self._listed(scope, caller, number, said, status)

    async def _entered(
        self, scope: Scope, caller: Caller, number: str, what: str, receive: Receive
    ) -> Response:
        """A note written, or a material withdrawn."""
        fields = await fields_of(receive, LARGEST)
        if fields is None:
            said = Said(wrong=["所提交的内容过大，没有存入"])
            return await self._listed(scope, caller, number, said, 413)
        if not self._tokens.is_ours(scope, fields.get("token", ""), caller.officer):
            said = Said(wrong=[STALE], typed=fields)
            return await self._listed(scope, caller, number, said, HTTPStatus.FORBIDDEN)
        officer = caller.officer or fields.get("officer", "").strip()
        if not officer:
            said = Said(wrong=[NOBODY], typed=fields)
            return await self._listed(scope, caller, number, said, HTTPStatus.CONFLICT)
        try:
            done = await run_in_threadpool(_enter, number, what, fields, officer)
        except ActRefused as refusal:
            said = Said(wrong=list(refusal.reasons), typed=fields)
            return await self._listed(scope, caller, number, said, HTTPStatus.CONFLICT)
        return RedirectResponse(f"{papers_url(done.number)}?done", HTTPStatus.SEE_OTHER)

    # ── reading ───────────────────────────────────────────────────────────────────────────────
    async def _listed(
        self, scope: Scope, caller: Caller, number: str, said: Said, status: int = 200
    ) -> Response:
        facts = await run_in_threadpool(page_facts, number, caller.officer)
        if not await is_noted(caller, f"{facts['number']} 案卷材料"):
            return _plain(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        if was_done(scope):
            said.done = said.done or "已存入"
        token, give = self._tokens.token(scope, caller.officer)
        facts |= {"token": token, "once": secrets.token_urlsafe(16), "said": said}
        frame = framed(f"{facts['number']} 的材料", caller.officer, "/cases")
        answer = give(HTMLResponse(page("papers", frame, facts), status))
        sealed_off(answer)
        return answer

    async def _looked_at(self, scope: Scope, caller: Caller, number: str, place: int) -> Response:
        found, one = await run_in_threadpool(_material, number, place)
        if one is None:
            return _plain("案卷中没有这份材料", HTTPStatus.NOT_FOUND)
        if not await is_noted(caller, f"{found.number} 第{place}号材料"):
            return _plain(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        first = asked_of(scope).get("from", "1")
        start = int(first[:6]) if first.isascii() and first.isdecimal() else 1
        facts = await run_in_threadpool(look_facts, found, one, max(1, start))
        frame = framed(f"{found.number} 材料{place}", caller.officer, "/cases")
        answer = HTMLResponse(page("material", frame, facts))
        sealed_off(answer)
        answer.headers["Content-Security-Policy"] = WITH_IMAGES
        return answer

    async def _file(self, scope: Scope, caller: Caller, number: str, place: int) -> Response:
        """A file as it is, to be saved; a picture may stand in our page. Nothing in it runs."""
        found, one = await run_in_threadpool(_material, number, place)
        if one is None:
            return _plain("案卷中没有这份材料", HTTPStatus.NOT_FOUND)
        content = await run_in_threadpool(store.opened, one.digest)
        if not await is_noted(caller, f"{found.number} 第{place}号材料"):
            return _plain(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        kind = office.material_rules().types.get(one.type)
        within = kind is not None and kind.shown == "image" and "shown" in asked_of(scope)
        shown = {"Content-Disposition": "inline"} if within else under_name(file_name(one))
        answer = StreamingResponse(
            _pieces(content),
            media_type=kind.media if kind and kind.key not in ("markup", "text") else BYTES,
            headers={**shown, "Content-Length": str(one.size)},
        )
        return _boxed(answer)

    async def _picture(
        self, caller: Caller, number: str, place: int, number_of_page: int
    ) -> Response:
        _, one = await run_in_threadpool(_material, number, place)
        if one is None or one.type != "pdf":
            return _plain("案卷中没有这份材料", HTTPStatus.NOT_FOUND)
        content = await run_in_threadpool(store.opened, one.digest)
        drawn = await run_in_threadpool(pdf_apart.picture, content, number_of_page)
        if not drawn:
            return _plain("没有这一页", HTTPStatus.NOT_FOUND)
        return _boxed(Response(drawn, media_type="image/png"))


BYTES: Final = "application/octet-stream"


def _plain(words: str, status: int) -> Response:
    answer = PlainTextResponse(words, status)
    sealed_off(answer)
    return answer


def _boxed(answer: Response) -> Response:
    """A file of others: nothing runs in it, whatever a browser takes it for."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _pieces(content: Content) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(PIECE):
        yield piece


def _case(number: str) -> None:
    with office.reading() as session:
        numbers_meant.number_of(session, number)


def _material(number: str, place: int) -> tuple[Papers, Material | None]:
    """A material of a case that is in its file."""
    with office.reading() as session:
        meant = numbers_meant.number_of(session, number)
        found = papers(session, meant)
    one = found.material(place)
    return found, one if one and not one.withdrawn else None


def _file_all(number: str, upload: Upload, how: Filing, officer: str) -> Papers:
    by = By(officer, upload.fields.get("code", ""))
    with signing.logged_in(officer):
        once = _once(upload.fields, str(how), *(one.digest for one in upload.taken))
        return counter.file_all(number, upload.taken, how, by, once)


def _enter(number: str, what: str, fields: Mapping[str, str], officer: str) -> Papers:
    by = By(officer, fields.get("code", ""))
    once = _once(fields, what, *(fields.get(name, "") for name in ("words", "to", "place")))
    with signing.logged_in(officer):
        if what == "note":
            to = fields.get("to", "").strip()
            return counter.note(number, fields.get("words", ""), to, by, once)
        place = fields.get("place", "")
        which = int(place[:6]) if place.isascii() and place.isdecimal() else 0
        return counter.withdraw(number, which, fields.get("reason", ""), by, once)


def _once(fields: Mapping[str, str], *what: str) -> str | None:
    """By what a page is known if it is sent twice: by itself, and what was sent."""
    said = fields.get("once", "")
    known_by = sha256(json.dumps([said, *what]).encode("ascii")).hexdigest()
    return f"page-{known_by[:40]}" if said else None


def page_facts(number: str, officer: str) -> dict[str, object]:
    """What stands on the page of a case's papers."""
    now, rules = office.circumstances(officer), office.material_rules()
    with office.reading() as session:
        meant = numbers_meant.number_of(session, number)
        case, found = register.case(session, meant), papers(session, meant)
        letters = list(_letters(session, case, found))
        code = signing.shown_for(session, PAPERS.key)
    return {
        "number": meant,
        "case": case,
        "back": page_url(meant),
        "action": papers_url(meant),
        "rows": [_row(meant, one) for one in found.in_file()],
        "gone": [one for one in found.materials if one.withdrawn],
        "missing": missing_lines(case, found),
        "enclosed": enclosed(case, found) if case.draft else Enclosed(),
        "kinds": rules.picked,
        "steps": [(n, f"第{n}步　{step.act.title}") for n, step in enumerate(case.steps, 1)],
        "letters": letters,
        "notes": list(reversed(found.notes)),
        "colleagues": [one.name for one in now.agency.officers],
        "officer_asked": not officer,
        "code": signing.field(batch=True)["description"] if code else "",
        "largest": rules.largest_mb,
        "most": rules.largest_batch,
        "types": "、".join(one.label for one in rules.type),
    }


def _row(number: str, one: Material) -> Row:
    rules = office.material_rules()
    known = rules.types.get(one.type)
    return Row(
        one,
        rules.label(one.kind) + (f"（{one.letter}）" if one.letter else ""),
        known.label if known else one.type,
        size_words(one.size),
        f"第{one.step}步" if one.step else "",
        material_url(number, one.place),
        file_url(number, one.place),
    )


def _letters(session: Session, case: Case, found: Papers) -> Iterator[tuple[str, str, str, str]]:
    """Each letter that was issued: its number, its title, where it opens, its sealed copy."""
    for document in filed_letters.documents(session, case.number):
        if document.voided_on:
            continue
        copy = found.sealed_copy(document.number)
        at = material_url(case.number, copy.place) if copy else ""
        title = Letter.from_json(document.letter).title
        yield document.number, title, letter_url(case.number, document.number), at


def look_facts(found: Papers, one: Material, start: int) -> dict[str, object]:
    """What stands on the page of one material."""
    rules, content = office.material_rules(), store.opened(one.digest)
    known = rules.types.get(one.type)
    total = pdf_apart.pages(content) if known and known.shown == "pages" else 0
    last = min(start + AT_ONCE - 1, total)
    here = material_url(found.number, one.place)
    return {
        "row": _row(found.number, one),
        "back": papers_url(found.number),
        "image": f"{file_url(found.number, one.place)}?shown=1"
        if known and known.shown == "image"
        else "",
        "total": total,
        "pages": [(n, f"{here}/pages/{n}") for n in range(start, last + 1)],
        "before": f"{here}?from={max(1, start - AT_ONCE)}" if start > 1 else "",
        "after": f"{here}?from={last + 1}" if last < total else "",
        "warnings": under_boxes([one]),
    }
