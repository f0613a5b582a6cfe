"""What of Prefect's answers is changed on its way to the browser, and that nothing else is."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import prefect
import pytest
from prefect.utilities.schema_tools.validation import build_error_obj, validate
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from flows.prefect_side import frame, typed_values
from flows.prefect_side.next_form import SCRIPT
from flows.prefect_side.one_form import ACT, form
from flows.prefect_side.prefect_pages import CHECK, STYLE, Looks, in_chinese, order

TAB = {
    "title": "起草",
    "type": "object",
    "properties": {
        "a.days": {"type": "integer"},
        "a.way": {"type": "string", "enum": ["甲", "乙"]},
        "a.on": {"type": "string", "format": "date"},
        "a.why": {"type": "string"},
    },
    "required": ["a.days", "a.way", "a.why"],
    "additionalProperties": False,
}
BOTH = form({"title": "办理", "anyOf": [TAB, TAB | {"properties": {}, "required": ["b"]}]}, "")
INDEX = Path(prefect.__ui_static_path__) / "index.html"


def found(**answer: object) -> dict:
    return build_error_obj(validate({ACT: answer}, BOTH))


def said(errors: dict) -> dict[str, list]:
    """Field → what is said of it, at the field; "" → of the tab as a whole."""
    told: dict[str, list] = {}
    for act in json.loads(in_chinese(json.dumps(errors).encode()))["errors"]:
        for one in act["errors"]:
            if isinstance(one, str):
                told.setdefault("", []).append(one)
            else:
                told.setdefault(one["property"], []).extend(one["errors"])
    return told


def test_what_is_wrong_is_said_in_chinese_at_its_field() -> None:
    told = said(found(**{"a.way": "丙", "a.on": "三月", "a.days": "x"}))
    assert told["a.why"] == ["必须填写"]
    assert told["a.way"] == ["请从所列选项中选择"]
    assert told["a.on"] == ["应为日期，如 2026-03-02"]
    assert told["a.days"] == ["应为整数"]
    assert told[""] == ["请补全或者更正标红的各项"]


def test_what_it_has_no_words_for_is_left_as_it_is() -> None:
    errors = {"valid": False, "errors": [{"property": "a", "errors": ["something else"]}]}
    assert json.loads(in_chinese(json.dumps(errors).encode())) == errors
    assert in_chinese(b"not json") == b"not json"


async def _prefect(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as Prefect's server does: its page as a file, its findings as JSON."""
    match scope["path"]:
        case "/page":
            answer = FileResponse(INDEX)
        case "/page/in/pieces":
            answer = StreamingResponse(
                iter(["<head><ti", "tle></he", "ad>"]), media_type="text/html"
            )
        case "/asset.js":
            answer = PlainTextResponse("</head>", media_type="text/javascript")
        case "/missing":
            answer = PlainTextResponse("</head>", 404, media_type="text/html")
        case _:
            answer = JSONResponse(found())
    await answer(scope, receive, send)


def asked(path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=Looks(_prefect))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/page", "/page/in/pieces"])
def test_the_page_gets_our_style_and_script_and_no_stale_length(path: str) -> None:
    answer = asked(path, accept="text/html,*/*", **{"if-none-match": "x", "range": "bytes=0-5"})
    assert answer.status_code == 200
    assert answer.text.count(f"{STYLE}{frame.STYLE}<script>") == 1
    ours = f"{frame.script(maintains=False)}{SCRIPT}{typed_values.SCRIPT}{order()}</head>"
    assert answer.text.count(ours) == 1
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers


def test_what_the_style_names_is_what_prefects_page_is_made_of() -> None:
    """An upgrade of Prefect that renames them is noticed here."""
    assets = "".join(one.read_text("utf-8") for one in (INDEX.parent / "assets").iterdir())
    named = set(re.findall(r"\.([a-z][a-z0-9_-]+)", re.sub(r":\.\d+rem", "", STYLE + frame.STYLE)))
    named -= {"cloud"}  # of an address
    assert len(named) > 30
    assert sorted(one for one in named if one not in assets and not one.startswith("desk-")) == []


@pytest.mark.parametrize("path", ["/v2", "/v2/runs"])
def test_the_second_interface_leads_home(path: str) -> None:
    answer = asked(path, accept="text/html")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert asked("/v2x", accept="text/html").status_code == 200


def test_prefects_page_has_the_head_that_the_style_goes_to() -> None:
    assert INDEX.read_bytes().count(b"</head>") == 1


@pytest.mark.parametrize("path", ["/asset.js", "/missing"])
def test_nothing_else_is_changed(path: str) -> None:
    assert asked(path, accept="text/html").text == "</head>"
    assert asked("/page", accept="application/json").content == INDEX.read_bytes()


def test_the_findings_are_changed_only_where_the_ui_asks_for_them() -> None:
    assert "必须填写" in asked(CHECK, "POST").text
    assert "required property" in asked("/api/other", "POST").text
