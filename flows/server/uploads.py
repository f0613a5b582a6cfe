"""Files as a browser sends them (multipart/form-data), read piece by piece into the store.

Nothing is taken before the page's own token was read, which stands first; what is refused is read past
and said, and the rest is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from flows import office
from flows.papers.judged import NotTaken
from flows.papers.taking import Incoming, Taken, incoming
from flows.server.sent_forms import STALE
from models.agency.material_rules import MEGABYTE

LONGEST_FIELD: Final = 20_000  # bytes
MOST_FIELDS: Final = 20
LONGEST_NAME: Final = 1000
LONGEST_HEADER: Final = 4000


class NotOurs(Exception):
    """What was sent is no form of a page of ours, or was sent too late; why, in a sentence."""

    def __init__(self, why: str, status: int = 403) -> None:
        self.why, self.status = why, status
        super().__init__(why)


@dataclass
class Upload:
    """What a page sent: its fields, the files that are in the store now, and those that are not."""

    fields: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    refused: list[NotTaken] = field(default_factory=list)


async def uploaded(scope: Scope, receive: Receive, ours: Callable[[str], bool]) -> Upload:
    """Read a form with files; ours = whether its token is. NotOurs; OSError where the disk is full."""
    from python_multipart.multipart import parse_options_header

    kind, options = parse_options_header(Headers(scope=scope).get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise NotOurs("所提交的不是这一页的表单，没有存入")
    with ExitStack() as stack:
        reading = _Reading(options[b"boundary"], ours, stack)
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise NotOurs("上传中断，没有存入", 400)
            await anyio.to_thread.run_sync(reading.read, message.get("body", b""))
            more = message.get("more_body", False)
        await anyio.to_thread.run_sync(reading.end)
        return reading.made


class _Reading:
    """A form as it comes: each part a field, or a file."""

    def __init__(self, boundary: bytes, ours: Callable[[str], bool], stack: ExitStack) -> None:
        from python_multipart.multipart import MultipartParser

        self.made, self._ours = Upload(), ours
        rules = office.material_rules()
        self._most = (rules.largest_mb * rules.largest_batch + 1) * MEGABYTE
        self._most_files, self._size, self._files = rules.largest_batch, 0, 0
        self._head, self._header = dict[bytes, bytes](), [b"", b""]
        self._name, self._field = "", bytearray()
        self._file: Incoming | None = None
        self._at = stack.enter_context(ExitStack())  # the file at hand
        self._is_file = self._checked = self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begun,
                "on_header_field": lambda data, a, b: self._headed(0, data[a:b]),
                "on_header_value": lambda data, a, b: self._headed(1, data[a:b]),
                "on_header_end": self._header_ended,
                "on_headers_finished": self._headers_ended,
                "on_part_data": lambda data, a, b: self._data(data[a:b]),
                "on_part_end": self._part_ended,
                "on_end": self._all_ended,
            },
        )

    def read(self, content: bytes) -> None:
        """Some more of it; NotOurs."""
        from python_multipart.exceptions import MultipartParseError

        self._size += len(content)
        if self._size > self._most:
            raise NotOurs(f"一次上传的过多（超过 {self._most // MEGABYTE} MB），请分几次", 413)
        try:
            self._parser.write(content)
        except MultipartParseError:
            raise NotOurs("所提交的内容不能读取", 400) from None

    def end(self) -> None:
        """All of it was read; NotOurs where it broke off."""
        if not self._ended:
            raise NotOurs("上传中断，没有存入", 400)
        self._guard()

    def _guard(self) -> None:
        """What is taken was sent by a page of ours: its token comes before the files."""
        if not self._checked:
            if not self._ours(self.made.fields.get("token", "")):
                raise NotOurs(f"{STALE}，文件要再选一次")
            self._checked = True

    def _begun(self) -> None:
        self._head, self._header, self._field = {}, [b"", b""], bytearray()

    def _headed(self, which: int, words: bytes) -> None:
        self._header[which] += words
        if len(self._header[which]) > LONGEST_HEADER:
            raise NotOurs("所提交的内容不能读取", 400)

    def _header_ended(self) -> None:
        self._head[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _headers_ended(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, said = parse_options_header(self._head.get(b"content-disposition", b""))
        self._name = said.get(b"name", b"").decode("utf-8", "replace")[:100]
        self._is_file = b"filename" in said
        if not self._is_file:
            return
        self._guard()
        name = said[b"filename"].decode("utf-8", "replace")[:LONGEST_NAME]
        self._begin_file(name)

    def _begin_file(self, name: str) -> None:
        self._files += bool(name)
        if not name:
            return
        if self._files > self._most_files:
            self.made.refused.append(NotTaken(name, f"一次最多上传{self._most_files}份"))
            return
        self._file = self._at.enter_context(incoming(name))

    def _data(self, content: bytes) -> None:
        if not self._is_file:
            self._field += content
            if len(self._field) > LONGEST_FIELD:
                raise NotOurs("所填的内容过长，没有存入", 413)
        elif self._file is not None:
            try:
                self._file.write(content)
            except NotTaken as fault:
                self._refuse(fault)

    def _part_ended(self) -> None:
        if not self._is_file:
            if len(self.made.fields) >= MOST_FIELDS:
                raise NotOurs("所提交的内容不能读取", 400)
            self.made.fields[self._name] = bytes(self._field).decode("utf-8", "replace")
        elif self._file is not None:
            try:
                self._take(self._file.finish())
            except NotTaken as fault:
                self._refuse(fault)
            else:
                self._close()

    def _take(self, one: Taken) -> None:
        """A file of the page's; NotTaken if its content is another's of them."""
        if twin := next((each for each in self.made.taken if each.digest == one.digest), None):
            raise NotTaken(one.name, f"与“{twin.name}”内容相同")
        self.made.taken.append(one)

    def _refuse(self, fault: NotTaken) -> None:
        self.made.refused.append(fault)
        self._close()

    def _close(self) -> None:
        self._file = None
        self._at.close()

    def _all_ended(self) -> None:
        self._ended = True
