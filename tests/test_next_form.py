"""The next form opens by itself: on a slow machine, after a busy moment, and not against the officer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from flows.prefect_side.next_form import SCRIPT
from tests.browser import ARGUMENTS, chromium
from tests.test_chinese import opened

RUN = "/runs/flow-run/1"
DIALOG = "<div class=p-modal>表单</div>"
RESUME = "<button data-english=Resume onclick='window.pressed++'>填写表单</button>"
SLOW_MS = 6000
"""How long the page takes to draw what is pressed: more than Prefect's own five seconds."""


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS])
        yield browser.new_page()
        browser.close()


def submitted(page: Page, *told: int | str) -> None:
    """A form is submitted on the page of its run; what is told of the run then, one after the other: a
    status, a state, or "" for a broken line.
    """
    left = [*told]

    def answer(route: Route) -> None:
        said = left.pop(0) if len(left) > 1 else left[0]
        if said == "":
            route.abort()
        elif isinstance(said, int):
            route.fulfill(status=said, json={})
        else:
            route.fulfill(json={"state_type": said})

    opened(page, DIALOG, SCRIPT, RUN)
    page.route("http://desk/api/flow_runs/1", answer)
    page.route("**/resume", lambda route: route.fulfill(status=201, json={"status": "ACCEPT"}))
    page.evaluate(
        """() => {
            window.pressed = 0;
            const asks = new XMLHttpRequest();
            asks.open("POST", "/api/flow_runs/1/resume");
            asks.send("{}");
        }"""
    )


def drawn(page: Page, body: str) -> None:
    page.evaluate("body => { document.body.innerHTML = body }", body)


def test_it_opens_however_long_the_page_takes_to_draw(browser_page: Page) -> None:
    page = browser_page
    submitted(page, "RUNNING", 503, "", "SCHEDULED", "PAUSED")
    page.wait_for_timeout(300)
    drawn(page, "")  # the dialog is gone
    page.wait_for_timeout(SLOW_MS)
    drawn(page, RESUME)
    page.wait_for_function("window.pressed === 1", timeout=10_000)
    drawn(page, DIALOG)
    page.wait_for_timeout(300)
    drawn(page, RESUME)
    page.wait_for_timeout(500)
    assert page.evaluate("window.pressed") == 1, "once"


def test_what_the_officer_opened_himself_is_not_opened_once_more(browser_page: Page) -> None:
    page = browser_page
    submitted(page, "PAUSED")
    page.wait_for_timeout(500)
    drawn(page, "")
    page.wait_for_timeout(300)
    drawn(page, DIALOG)
    page.wait_for_timeout(300)
    drawn(page, RESUME)  # closed again
    page.wait_for_timeout(500)
    assert page.evaluate("window.pressed") == 0


def test_a_run_that_is_not_there_is_not_asked_for_again(browser_page: Page) -> None:
    page, times = browser_page, list[str]()
    page.on(
        "request",
        lambda one: times.append(one.url) if one.url.endswith("/api/flow_runs/1") else None,
    )
    submitted(page, 404)
    page.wait_for_timeout(1500)
    drawn(page, RESUME)
    page.wait_for_timeout(500)
    assert page.evaluate("window.pressed") == 0
    assert len(times) == 1
