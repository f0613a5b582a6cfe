"""The guide as pages: its Markdown as HTML, with a place to link to at each heading.

【…】 is what stands on the screen, a menu, button, tab or field; it is shown as a key. Raw HTML is
shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from letters.pages.guide_places import anchor
from letters.picture.markup import safe

ON_SCREEN: Final = re.compile("【([^】]+)】")
_GENERATED: Final = re.compile("<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """A heading: how deep it stands, its anchor, its words."""

    depth: int
    anchor: str
    words: str


@dataclass(frozen=True)
class Leaf:
    """One page of the guide. Its title is the first heading."""

    title: str
    body: Markup
    sections: tuple[Section, ...]


def leaf(text: str, led: Callable[[str], str | None], prefix: str = "") -> Leaf:
    """A page of the guide.

    led = where a link or a picture of the text leads here; None = nowhere: its words alone are shown
    prefix = of the page's anchors, where several pages stand on one
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_GENERATED.sub("", text))
    sections = tuple(_sections(tokens, prefix))
    for token in tokens:
        if token.children:
            token.children = list(_inline(token.children, led))
    title = next((one.words for one in sections if one.depth == 1), "")
    return Leaf(title, safe(parser.renderer.render(tokens, parser.options, {})), sections)


def _sections(tokens: Sequence[Token], prefix: str) -> Iterator[Section]:
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            words = "".join(one.content for one in inside.children or ())
            found = Section(int(token.tag[1:]), f"{prefix}{anchor(words)}", words)
            token.attrSet("id", found.anchor)
            yield found


def _inline(tokens: Sequence[Token], led: Callable[[str], str | None]) -> Iterator[Token]:
    nowhere = False
    for token in tokens:
        match token.type:
            case "link_open":
                there = led(str(token.attrGet("href") or ""))
                nowhere = there is None
                if there is not None:
                    token.attrSet("href", there)
                    yield token
            case "link_close" if nowhere:
                nowhere = False
            case "image":
                if (there := led(str(token.attrGet("src") or ""))) is not None:
                    token.attrSet("src", there)
                    token.attrSet("loading", "lazy")
                    yield token
            case "text":
                shown = ON_SCREEN.sub(r'<b class="key">\1</b>', escape(token.content, quote=False))
                yield Token("html_inline", "", 0, content=shown)
            case _:
                yield token
