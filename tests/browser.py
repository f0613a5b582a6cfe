"""An officer in front of the Prefect UI: real clicks in headless Chromium.

Fields are found by the titles that an officer reads. Needs Debian's `chromium`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

PATIENCE_MS = 120_000  # beside three other offices and browsers
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHINESE = {"LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8"}
"""The settings under which Chromium itself, with Debian's `chromium-l10n`, has date fields as officers do."""

ENGLISH = {"LANGUAGE": "en_US", "LANG": "en_US.UTF-8", "LC_ALL": "en_US.UTF-8"}
"""Those under which a date is typed by month, day, year, on whatever machine (`Keyboard.day`)."""

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic", "--lang=zh-CN"),
)


def chromium(*, whole: bool = False) -> str:
    """Where Chromium is; without it the test is skipped, but never in CI.

    Debian's headless shell, where there is one, takes half the processor: it draws no window. whole = not
    the shell, which has no words of its own in Chinese
    """
    found = next(filter(None, map(shutil.which, PROGRAMS[whole:])), None)
    if not found:
        assert not os.environ.get("CI"), "CI needs chromium"
        pytest.skip("没有 chromium，界面测试略过")
    return found


@contextmanager
def desk_in_browser(url: str, *, whole: bool = False) -> Iterator[Desk]:
    """The UI in a window of its own; whole = as `chromium`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(whole=whole),
            args=[*ARGUMENTS],
            env={**os.environ, **(CHINESE if whole else ENGLISH)},
        )
        page = browser.new_page(
            viewport={"width": 1280, "height": 1000},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            device_scale_factor=1,
        )
        page.set_default_timeout(PATIENCE_MS)
        try:
            yield Desk(page, url)
        finally:
            browser.close()


LATIN: Final = """() => {
  const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const hidden = node => node.matches("script, style, textarea") ||
    !node.checkVisibility({visibilityProperty: true});
  while (walker.nextNode()) {
    const {nodeValue, parentElement} = walker.currentNode;
    if (/[A-Za-z]/.test(nodeValue) && !hidden(parentElement)) found.add(nodeValue.trim());
  }
  for (const one of document.querySelectorAll("[placeholder], [title], [aria-label]"))
    for (const name of ["placeholder", "title", "aria-label"]) {
      const text = one.getAttribute(name) ?? "";
      if (/[A-Za-z]/.test(text) && one.checkVisibility({visibilityProperty: true})) found.add(text);
    }
  found.add(document.title);
  return [...found];
}"""
"""Every text of a page that is to be seen and has a Latin letter, what stands in empty boxes and what
is read aloud included; and its title.
"""


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical on a page: rule, what is wrong, and the elements."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']} {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


IN_FOCUS: Final = """() => {
  const one = document.activeElement, pressed = one.matches("a, .p-button, button:not([class])");
  const asked = pressed ? null : one.closest(".schema-form-property");
  const label = asked?.querySelector(".schema-form-property__label") ?? one.labels?.[0];
  return (label?.innerText ?? one.getAttribute("aria-label") ?? one.innerText).trim();
}"""
"""What the keyboard is at: the title of the field, or the words on what is pressed."""
CHOSEN: Final = "document.activeElement.selectedOptions[0].text"


class Keyboard:
    """An officer without a mouse: Tab, arrows, Enter, and what he types."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def to(self, name: str, kind: str = "*") -> None:
        """Press Tab until it is at what is called so, of a kind of element."""
        passed = []
        while not self._is_at(name, kind):
            passed.append(str(self._page.evaluate(IN_FOCUS))[:20])
            assert len(passed) < 90, (name, passed)
            self.press("Tab")

    def _is_at(self, name: str, kind: str) -> bool:
        at = str(self._page.evaluate(IN_FOCUS)).startswith(name)
        return at and bool(
            self._page.evaluate("kind => document.activeElement.matches(kind)", kind)
        )

    def enter(self, name: str, kind: str = "*") -> None:
        """Go to a link or a button, and press it."""
        self.to(name, kind)
        self.press("Enter")

    def type(self, name: str, words: str) -> None:
        """Go to a field, and type it."""
        self.to(name)
        self._page.keyboard.insert_text(words)

    def day(self, name: str, day: date) -> None:
        """Go to a date of a page of ours, and type it in the order that the browser has it in."""
        self.to(name)
        self._page.keyboard.type(f"{day:%m%d%Y}")
        assert self._page.evaluate("document.activeElement.value") == f"{day}"

    def choose(self, name: str, words: str) -> None:
        """Go to a drop-down of a page of ours, and down to a choice."""
        self.to(name)
        for _ in range(20):
            if self._page.evaluate(CHOSEN) == words:
                return
            self.press("ArrowDown")
        raise AssertionError(words)

    def pick(self, name: str, words: str) -> None:
        """Go to a drop-down of Prefect's pages, open it, go down to a choice, and take it. One that was
        opened while its tab was still being drawn is closed by that: it is opened again.
        """
        opened = self._page.get_by_role("combobox").last
        self.enter(name, "button")
        with suppress(TooLong):
            opened.wait_for(timeout=3000)
        if not opened.is_visible():
            self.enter(name, "button")
            opened.wait_for()
        at = self._page.locator(".p-select-option--highlighted", has_text=words)
        for _ in range(20):
            if at.count():
                self.press("Enter")
                return
            self.press("ArrowDown")
        raise AssertionError(words)


class Desk:
    """What an officer does there."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.keys = Keyboard(page)

    def open_deployment(self, name: str) -> None:
        """新办 → the name → its form."""
        self.page.goto(f"{self.url}/deployments")
        self.page.get_by_placeholder("查找表单").locator("visible=true").first.fill(name)
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.page.wait_for_url("**/deployments/deployment/*")
        self.page.goto(f"{self.page.url.split('?')[0]}/run")
        self.page.locator(".schema-form-property__label").first.wait_for()

    def open_case(self, number: str) -> None:
        """The run of a case, by its number, once its form is up: Prefect's pages look again for what has
        come since only after half a minute.
        """
        self.until(lambda: bool(self._waiting(number)))
        self.page.goto(f"{self.url}/runs?tag={number}&type=span&seconds=-31536000")
        self.page.get_by_role("link", name=number).first.click()
        self.page.wait_for_url("**/runs/flow-run/*")
        self.page.get_by_role("button", name="填写表单").first.wait_for()

    def resume(self) -> None:
        """Press 填写表单: the form opens."""
        self.page.get_by_role("button", name="填写表单").first.click()
        self.form().locator(".schema-form-property__label").first.wait_for()

    def form(self) -> Locator:
        """The open form: the dialog, or the page itself."""
        dialog = self.page.locator(".p-modal")
        return dialog.last if dialog.count() else self.page.locator("body")

    def tab(self, title: str) -> None:
        """Turn to a tab of the form."""
        self.form().get_by_role("button", name=title, exact=True).first.click()

    def fill(self, title: str, value: str | date) -> None:
        """Fill in one field, whatever it is."""
        field = self._field(title)
        if isinstance(value, date):
            field.locator(".p-date-button__control").click()
            entry = self.page.locator(".p-native-date-input__control").last
            entry.fill(value.isoformat())
            self.page.locator(".p-date-picker__footer").get_by_role("button", name="确定").click()
        elif field.locator(".p-select-button__control").count():
            field.locator(".p-select-button").click()
            self.page.locator(".p-select-option", has_text=value).first.click()
        else:
            field.locator("textarea, input").first.fill(value)

    def is_choice(self, title: str) -> bool:
        """Whether a field is a list to choose from."""
        return bool(self._field(title).locator(".p-select-button__control").count())

    def value(self, title: str) -> str:
        """What is typed in a field."""
        return self._field(title).locator("textarea, input").first.input_value()

    def _field(self, title: str) -> Locator:
        label = self.page.locator(".schema-form-property__label").filter(has_text=title)
        return self.form().locator(".schema-form-property").filter(has=label).last

    def submit(self) -> None:
        """Press 提交."""
        self.form().get_by_role("button", name="提交").last.click()

    def says(self, words: str) -> None:
        """Wait until the page says so."""
        self.page.get_by_text(words).first.wait_for()

    def until(self, there: Callable[[], bool]) -> None:
        """Wait for what is to be seen elsewhere."""
        patience = time.monotonic() + PATIENCE_MS / 1000
        while not there():
            assert time.monotonic() < patience
            self.page.wait_for_timeout(100)

    def waits_again(self, number: str) -> bool:
        """Whether the form was taken, and the next one of the same point is up."""
        keys = [run["state"]["state_details"]["pause_key"] for run in self._waiting(number)]
        return bool(keys) and keys[0] != "1-0"

    def _waiting(self, number: str) -> list[dict[str, Any]]:
        """The runs of a case that wait with a form."""
        paused = {"tags": {"all_": [number]}, "state": {"type": {"any_": ["PAUSED"]}}}
        return self.found("flow_runs", {"flow_runs": paused})

    def open_list(self, key: str, *line: str) -> None:
        """One of the lists of what is to be done, as soon as a line of it has all these words."""
        wanted = {"artifacts": {"key": {"any_": [key]}}}

        def drawn() -> bool:
            lines = self.found("artifacts", wanted)[0]["data"].splitlines()
            return any(all(word in each for word in line) for each in lines)

        self.until(drawn)
        self.page.goto(f"{self.url}/artifacts/artifact/{self.found('artifacts', wanted)[0]['id']}")

    def found(self, what: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """What Prefect has of a kind, by its own filter."""
        address = f"{self.url}/api/{what}/filter"
        answer = self.page.request.post(address, data=wanted)
        assert answer.ok, answer.status_text
        return list(answer.json())

    def open_dossier(self, number: str) -> None:
        """The latest version of a case's dossier."""
        self.page.goto(f"{self.url}/artifacts/key/case-{number.lower()}")
        self.page.locator("a[href*='/artifacts/artifact/']").first.click()
        self.page.wait_for_url("**/artifacts/artifact/*")

    def letter(self, number: str) -> bytes:
        """The file behind the letter's link on this page (the UI opens it in a tab of its own)."""
        address = self.page.get_by_role("link", name=number).first.get_attribute("href")
        assert address, number
        answer = self.page.request.get(urljoin(self.url, address))
        assert answer.ok, answer.status_text
        return answer.body()

    def latin(self) -> list[str]:
        """What is to be seen with Latin letters in it."""
        return [str(one) for one in self.page.evaluate(LATIN)]

    def barriers(self) -> list[str]:
        """What bars people from the page: what axe calls serious or critical, and where."""
        return barriers(self.page)

    def another_window(self) -> Desk:
        """A second officer's window."""
        window = self.page.context.browser.new_page(viewport=self.page.viewport_size)
        window.set_default_timeout(PATIENCE_MS)
        return Desk(window, self.url)

    def shot(self, path: Path) -> None:
        """A picture of what is to be seen."""
        self.page.screenshot(path=path)
