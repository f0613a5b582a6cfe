"""Prefect's pages in Chinese: a script in the page that replaces whole texts by those of config/.

A MutationObserver looks at every text that the page puts up, and at the words in its empty boxes.
What an officer typed, and what the register says (letters, dossiers, lists), is never looked at. Of a
version of Prefect without a file of words the pages stay English. Whatever is pressed keeps its
English name beside the Chinese (`data-english`), for what has to find it (next_form.py, frame.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Final

from models.agency.desk_words import DeskWords

LOG = logging.getLogger(__name__)
UNKNOWN: Final = (
    "config/desk_words/ 没有 Prefect {version} 的中文用语（prefect_{short}.toml），"
    "办理系统的外框显示英文，表单、文书和清单不受影响"
)

SCRIPT: Final = r"""<script>(() => {
const given = /*GIVEN*/;
const words = new Map(Object.entries(given.words));
const patterns = given.patterns.map(
  ([source, held, chinese]) => [new RegExp("^" + source + "$"), held, chinese]);
const OURS = ".markdown-renderer:not(.p-empty-state *, .p-toast__message *, .artifact-timeline *), " +
  ":is(pre, code):not(:has(.p-empty-results)), textarea, script, style, svg, " +
  "[contenteditable], .desk-menu";
const SAID = ["placeholder", "title", "aria-label"], PRESSED = "button, a, [role=button]";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;  // a column of a table, by its hidden name
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const over = {
  number: text => text.replace(/^0+(?=\d)/, ""),
  month: text => MONTHS.indexOf(text.slice(0, 3)) + 1,
  clock: text => {
    const [hour, ...rest] = text.slice(0, -3).split(":");
    return [hour % 12 + (text.endsWith("PM") ? 12 : 0), ...rest].join(":");
  },
  text: text => text,
  word: text => said(text),
};
const found = new Map(), put = new WeakMap();

function said(text) {  // undefined: it stands as it is
  const key = text.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, ""), known = words.get(key);
  if (known !== undefined || !/[A-Za-z]/.test(key)) return known;
  if (!found.has(key)) {
    if (found.size > 5000) found.clear();
    found.set(key, by_pattern(key));
  }
  return found.get(key);
}

function by_pattern(key) {
  for (const [pattern, held, chinese] of patterns) {
    const match = pattern.exec(key);
    if (!match) continue;
    const parts = held.map((kind, at) => over[kind](match[at + 1]));
    if (!parts.includes(undefined)) return chinese.replace(/\{(\d)\}/g, (_, at) => parts[at - 1]);
  }
}

function words_of(node) {
  const text = node.nodeValue, key = text.trim();
  if (!key || put.get(node) === text) return;
  const pressed = /^[A-Z][A-Za-z ]+$/.test(key) && node.parentElement?.closest(PRESSED);
  if (pressed && pressed.textContent.trim() === key) pressed.dataset.english = key;
  const chinese = said(text);
  if (chinese === undefined) return;
  const whole = text.replace(key, () => chinese);
  put.set(node, whole);
  node.nodeValue = whole;
}

function boxes_of(element) {
  for (const name of SAID) {
    const text = element.getAttribute(name);
    if (!text) continue;
    if (name === "title" && UUID.test(text)) { element.removeAttribute(name); continue; }
    const chinese = said(text);
    if (chinese !== undefined) element.setAttribute(name, chinese);
  }
}

function columns_of(root) {  // also of our own tables
  if (root.nodeType === Node.ELEMENT_NODE) root.querySelectorAll("th[title]").forEach(boxes_of);
}

function under(root) {
  if (root.nodeType === Node.TEXT_NODE) return words_of(root);
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, node => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    boxes_of(node);
    return node.matches(OURS) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  boxes_of(root);
  columns_of(root);
  if (root.matches(OURS)) return;
  while (walker.nextNode()) words_of(walker.currentNode);
}

function ours(node) {
  return (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(OURS);
}

new MutationObserver(changes => {
  for (const {type, target, addedNodes} of changes) {
    if (type === "attributes") boxes_of(target);
    else if (type === "characterData") { if (!ours(target)) words_of(target); }
    else addedNodes.forEach(ours(target) ? columns_of : under);
  }
}).observe(document, {
  subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SAID});
under(document.documentElement);
})();</script>"""


def words_of(version: str, known: Mapping[str, DeskWords]) -> DeskWords | None:
    """The words of a version of Prefect such as 3.8.8; None if there are none."""
    return known.get(".".join(version.split(".")[:2]))


def warn_if_unknown(version: str, known: Mapping[str, DeskWords]) -> None:
    """Say in the log that this version's pages are in English, if they are."""
    if words_of(version, known) is None:
        LOG.warning(UNKNOWN.format(version=version, short=".".join(version.split(".")[:2])))


def script(words: DeskWords | None) -> str:
    """The page's part: it marks what is pressed, and says what there are words for."""
    told = {
        "words": dict(words.words) if words else {},
        "patterns": [[one.source, one.held, one.chinese] for one in words.patterns]
        if words
        else [],
    }
    given = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")
    return SCRIPT.replace("/*GIVEN*/", given)
