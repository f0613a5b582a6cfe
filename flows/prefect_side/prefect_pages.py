"""How Prefect's forms look to an officer: room for a letter, and what is wrong said in Chinese.

Three answers of the server are changed on their way to the browser, and nothing else: the page gets
a style of ours (in Prefect 3.8.8 the dialog is 512 pixels wide and every text box one line high)
and our scripts (chinese.py, frame.py, next_form.py), what its check of a form finds wrong is said in
words an officer understands, and it neither asks for Prefect's own login, which is the office's
(office_secret.py), nor knows of its second interface, which has no Resume button and is not left again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from html import escape
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.installation.entrance import CALLER, LOGIN, Caller
from flows.prefect_side import chinese, frame, typed_values
from flows.prefect_side.next_form import SCRIPT
from letters.pages.desk_page import script
from models.agency.desk_words import DeskWords

# The dialog stays beside the side bar (16rem), which lies above it and would take the clicks.
# A click on a drop-down is heard twice in Prefect 3.8.8, by its button and by the box around it,
# and so opens and closes it at once; only its arrow opened it. Now the box alone hears it.
STYLE: Final = (
    "<style>"
    ".p-textarea__control{field-sizing:content;min-height:2.5em;max-height:24em}"
    ".p-modal__card{max-width:clamp(32rem,calc(100vw - 34rem),60rem)!important;width:60rem}"
    ".p-select-button__control{pointer-events:none}"
    ".desk-next{align-self:center;text-decoration:underline;font-size:.875rem}"
    ".p-modal__footer .desk-next{order:-9;margin-right:auto}"
    "</style>"
)
WHO: Final = (
    '<a href="{page}" style="position:fixed;right:.75rem;bottom:.5rem;z-index:20;padding:.25rem .75rem;'
    'border-radius:1rem;background:#1b2430;color:#fff;font-size:.8125rem">{officer}　退出登录</a>'
)
SETTINGS: Final = "/ui-settings"
IN_ENGLISH, IN_CHINESE = b'<html lang="en">', b'<html lang="zh-CN">'
SECOND_INTERFACE: Final = "/v2"
CHECK: Final = "/api/ui/schemas/validate"
RESUME: Final = re.compile("^/api/flow_runs/([^/]+)/resume$")
BEGUN: Final = re.compile("^/api/deployments/([0-9a-f-]{36})/create_flow_run$")
CONDITIONAL: Final = frozenset(
    {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
)
"""What a request asks that would bring no whole plain answer to change."""
STALE: Final = frozenset({b"content-length", b"etag", b"last-modified"})

STALE_FORM: Final = re.compile("'act-[^']*' (was unexpected|is a required property)")
TAKEN: Final = (
    "这张表单已经提交过了：您刚才连按了两次的，已经收到，不会办两遍；不是您提交的，是他人先办了，"
    "您的内容没有提交。请关闭后刷新页面，核对本件的现状再办理"
)
SAID: Final = (
    (re.compile("is a required property$"), "必须填写"),
    (re.compile("is not valid under any of the given schemas$"), "请补全或者更正标红的各项"),
    (re.compile("is not one of "), "请从所列选项中选择"),
    (re.compile("is not of type 'integer'"), "应为整数"),
    (re.compile("is not of type "), "请填写"),
    (re.compile("is not a 'date'$"), "应为日期，如 2026-03-02"),
    (re.compile("^Additional properties are not allowed|does not match"), "有不属于这一项的内容"),
)


def nobody_maintains(_: str) -> bool:
    """Where everybody is an officer, and nobody more."""
    return False


class Looks:
    """The server's application, its pages and its findings as an officer reads them (ASGI).

    words = those of this version of Prefect as config/ has them now, None = English
    maintains = whether an officer ("" = nobody is logged in) sees the pages of maintenance, too
    """

    def __init__(
        self,
        app: ASGIApp,
        words: Callable[[], DeskWords | None] = lambda: None,
        maintains: Callable[[str], bool] = nobody_maintains,
    ) -> None:
        self._app, self._words, self._maintains = app, words, maintains

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        change = self._change(scope)
        if scope["type"] == "http" and scope["path"] == SETTINGS:
            change = "application/json", of_the_first_interface
        if change and change[0] == "text/html" and _of_the_second_interface(scope["path"]):
            await RedirectResponse("/", HTTPStatus.SEE_OTHER)(scope, receive, send)
            return
        if change is None:
            await self._app(scope, receive, send)
            return
        await self._app(plainly(scope), receive, Changed(send, *change).send)

    def _change(self, scope: Scope) -> tuple[str, Callable[[bytes], bytes]] | None:
        """What is to be changed in the answer: of which type, and how; None for nothing."""
        if scope["type"] != "http":
            return None
        if scope["method"] == "POST" and RESUME.search(scope["path"]):
            return "application/json", told
        if scope["method"] == "POST" and scope["path"] == CHECK:
            return "application/json", in_chinese
        if scope["method"] != "GET" or "text/html" not in Headers(scope=scope).get("accept", ""):
            return None
        return "text/html", partial(self._looked_at, scope)

    def _looked_at(self, scope: Scope, page: bytes) -> bytes:
        caller: Caller | None = scope.get(CALLER)
        officer = caller.officer if caller else ""
        return with_style(page, officer, self._words(), maintains=self._maintains(officer))


def plainly(scope: Scope) -> Scope:
    """The same request for a whole plain answer, which can be changed."""
    kept = [pair for pair in scope["headers"] if pair[0].lower() not in CONDITIONAL]
    return {**scope, "headers": kept}


def _of_the_second_interface(path: str) -> bool:
    return path == SECOND_INTERFACE or path.startswith(f"{SECOND_INTERFACE}/")


class Changed:
    """Sends an answer of the kind with its body changed, any other as it comes."""

    def __init__(self, send: Send, kind: str, change: Callable[[bytes], bytes]) -> None:
        self._send, self._kind, self._change = send, kind, change
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._to_change(message):
            self._start = message
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        body = self._change(self._body)
        headers = [pair for pair in self._start["headers"] if pair[0].lower() not in STALE]
        headers.append((b"content-length", str(len(body)).encode("ascii")))
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _to_change(self, start: Message) -> bool:
        kind = Headers(raw=start["headers"]).get("content-type", "")
        return start["status"] == 200 and kind.startswith(self._kind)


def order() -> str:
    """What leads to the next case of a list, as on our own pages."""
    return f"<script>{script('order')}</script>"


def with_style(
    page: bytes, officer: str = "", words: DeskWords | None = None, *, maintains: bool = False
) -> bytes:
    """The page with our styles and scripts at the end of its head, and who is logged in, from where
    he logs out, at its foot.
    """
    scripts = chinese.script(words), frame.script(maintains), SCRIPT, typed_values.SCRIPT, order()
    head = "".join((STYLE, frame.STYLE, *scripts)).encode("utf-8")
    styled = page.replace(b"</head>", head + b"</head>", 1)
    if words is not None:
        styled = styled.replace(IN_ENGLISH, IN_CHINESE, 1)
    if not officer:
        return styled
    who = WHO.format(page=LOGIN, officer=escape(officer)).encode("ascii", "xmlcharrefreplace")
    return styled.replace(b"</body>", who + b"</body>", 1)


def of_the_first_interface(settings: bytes) -> bytes:
    """What the page is told of the server, without Prefect's own login, for the doors have let it in,
    and without its second interface.
    """
    first = {"auth": None, "default_ui": "v1", "available_uis": ["v1"], "v2_base_url": None}
    known = json.loads(settings)
    return json.dumps(known | {name: first[name] for name in first.keys() & known}).encode("ascii")


def told(body: bytes) -> bytes:
    """The answer to a submitted form, which the UI shows when it was turned away: why, in Chinese.

    A form has a place of its own (asking.py), so what is submitted at another is a form that
    somebody else has answered, or a new one has replaced.
    """
    answer = json.loads(body)
    details = answer.get("details") or {}
    if answer.get("status") in ("REJECT", "ABORT") and "reason" in details:
        stale = answer["status"] == "ABORT" or STALE_FORM.search(details["reason"])
        details["reason"] = TAKEN if stale else f"表单填写有误，未提交：{details['reason']}"
    return json.dumps(answer, ensure_ascii=False).encode()


def in_chinese(found: bytes) -> bytes:
    """What Prefect found wrong in a form, in Chinese; an answer it did not check stays as it is."""
    try:
        said = json.loads(found)
    except ValueError:
        return found
    return json.dumps(_translated(said), ensure_ascii=False).encode("utf-8")


def _translated(value: Any) -> Any:
    """The findings at any depth: a list of texts, or of fields with findings of their own."""
    match value:
        case {"errors": list() as errors, **rest}:
            return {**rest, "errors": [_translated(one) for one in errors]}
        case str():
            return next((words for pattern, words in SAID if pattern.search(value)), value)
        case _:
            return value
