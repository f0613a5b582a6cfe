"""The frame of Prefect's pages as an officer needs it: our menu, the way home, nothing not for him.

The menu leads to our own pages and back; the rest of Prefect's menu is for whoever maintains the desk,
on the pages of maintenance. What the doors refuse anyway (cancelling, deleting, running by hand) is
not offered, but for a form that was refused, which may be given up. A run opens at its dossier.
"""

from __future__ import annotations

import json
from typing import Final

from letters.pages.desk_page import menu_of

NOT_OFFERED: Final = (
    # what the doors refuse, by the English name that chinese.py leaves on what is pressed
    *(f".page-heading__trailing [data-english={one}]" for one in ("Cancel", "Retry", "Suspend")),
    *(f"[data-english='{one}']" for one in (
        *("Switch to V2 UI", "Delete", "Duplicate", "Edit", "Quick run", "Change state"),
        *("Copy to new run", "Save View", "Delete View", "Set as default", "Remove as default"),
    )),
    ".schema-form-property-menu",
    ".p-select-all-checkbox", ".list-header .p-checkbox", ".p-list-item-input__control",
     ".saved-filters .p-icon-button-menu",
    # the start form: its name and when it is run are not for whoever fills it in to say
    ".flow-run-create-form-v2 .p-label:has(> .p-label__body > .flow-run-name-input)",
    ".flow-run-create-form-v2 .p-divider", ".flow-run-create-form-v2__header",
    ".flow-run-create-form-v2 .p-content > .p-checkbox",
    ".flow-run-create-form-v2 h3", ".flow-run-create-form-v2 .flow-run-create-form-when",
    ".flow-run-create-form-v2 .p-accordion",
)  # fmt: skip
"""What nobody is offered: the doors refuse it, or it is said elsewhere."""
FOR_MAINTENANCE: Final = (
    ".context-sidebar .p-context-nav-item:not(.desk-menu *)",
    ".flow-run-menu", ".flow-run-graphs", ".deployment-relationships",
    ".page-heading-artifact .p-icon-button-menu", ".artifact-description",
    ".flow-run .p-tab:not(#artifacts)", ".flow-run-logs",
    ".page-heading-flow-run__relationships", ".state-list-item__relationships",
    ".duration-icon-text", ".flow-run-tasks-icon-text", ".flow-run-parameters-icon-text",
    ".page-heading-flow-run__meta > .p-icon-text:not(.flow-run-list-item-date)",
    ".runs .p-tabs-list", ".p-card:has(.runs__scatter-plot)", ".runs__subflows-toggle",
    ".flow-runs-filter-group__row:nth-child(2) .p-label:not(:last-child)",
    ".artifact .p-layout-well__well", ".artifact__raw-data-button", ".artifact .p-divider",
    ".page-heading-artifact .page-heading__crumbs",
    ".artifact-card__header", ".flow-run-artifacts__subheading", ".flow-run-artifacts__none",
    ".flow-run-artifacts .p-divider", ".flow-run-artifacts__button-group-container",
    ".artifact-collections__filters .p-button-group", ".artifact-collections__filters .p-select",
)  # fmt: skip
"""What only the pages of maintenance show: of use to whoever keeps the machine going."""
STYLE: Final = (
    f"<style>{','.join(NOT_OFFERED)}{{display:none!important}}"
    f"{','.join(f'html:not(.desk-maintenance) {one}' for one in FOR_MAINTENANCE)}"
    "{display:none!important}"
    ".desk-given-up .page-heading__trailing [data-english=Cancel]{display:inline-flex!important}"
    ".desk-menu{display:grid}"
    ".desk-made-when-opened .artifact-card__summary-container{display:none}"
    ".four-zero-four svg{display:none}"
    ".desk-lost{padding:4rem;font-size:1.25rem}.desk-lost a{text-decoration:underline}"
    ".desk-maintenance .desk-menu{border-bottom:1px solid #8886;padding-bottom:.5rem;margin-bottom:.5rem}"
    ".p-list-item-input__content{padding-left:.75rem}"
    # 2026年3月, not 3月 2026
    ".p-calendar-header__title{display:flex;flex-direction:row-reverse}"
    ".p-date-picker__title-year::after{content:'\u5e74'}"
    "</style>"
)

SCRIPT: Final = r"""<script>(() => {
const menu = /*MENU*/, maintains = /*MAINTAINS*/, home = "/", page = document.documentElement;
const MAINTENANCE = new RegExp("^/(dashboard|flows|work-pools|work-queues|blocks|variables|automations|" +
  "events|concurrency-limits|settings|deployments$)");
const RUN = new RegExp("^/runs/flow-run/[^/]+$"), KEPT = "desk-maintenance", TITLE = "　政府信息公开办理系统";
const PARTS = {"/runs": /^[/]runs/, "/new": /^[/]deployments[/]/, "/desk/todo": /^[/]artifacts/};
let router, noted = 0;
// light or dark as the officer's machine is set, as on our own pages (letters/pages/desk.css)
const light = matchMedia("(prefers-color-scheme: light)").matches;
localStorage.setItem("color-scheme", JSON.stringify(light ? "light" : "dark"));
if (!MAINTENANCE.test(location.pathname)) sessionStorage.removeItem(KEPT);

function places() {  // the menu, and which part of it this page is of
  const body = document.querySelector(".p-context-sidebar__body");
  if (body && !body.querySelector(".desk-menu")) {
    const ours = document.createElement("nav");
    ours.className = "desk-menu";
    for (const [address, words] of menu) {
      const link = document.createElement("a");
      link.className = "p-context-nav-item";
      link.href = address;
      link.textContent = words;
      ours.append(link);
    }
    body.prepend(ours);
  }
  const part = menu.find(([address]) => PARTS[address]?.test(location.pathname))?.[0];
  for (const link of document.querySelectorAll(".desk-menu a")) {
    const here = link.getAttribute("href") === part;
    link.classList.toggle("p-context-nav-item--active", here);
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  if (maintains && MAINTENANCE.test(location.pathname)) sessionStorage.setItem(KEPT, "");
  page.classList.toggle(KEPT, maintains && sessionStorage.getItem(KEPT) !== null);
}

function at_a_run() {  // it stays at its dossier, also when Prefect turns to its log; it bears its name
  const heading = document.querySelector(".page-heading-flow-run .page-heading__crumbs");
  const name = heading?.querySelector(".p-bread-crumbs__crumb:last-child")?.textContent;
  page.classList.toggle("desk-given-up", !!name?.includes("　未办成："));
  if (!name || !RUN.test(location.pathname)) return;
  const title = name + TITLE, tab = document.querySelector(".flow-run #artifacts.p-tab");
  if (document.title !== title) document.title = title;
  if (tab && !tab.matches(".p-tab__active") && !page.classList.contains(KEPT)) tab.click();
}

function cards() {  // a dossier is made when it is opened: that its page is older tells nothing
  for (const title of document.querySelectorAll(".artifact-card__title"))
    title.closest(".artifact-card").classList
      .toggle("desk-made-when-opened", title.textContent.startsWith("case-"));
}

function led(to, from) {  // where a step within Prefect's pages leads instead
  const begins = !from.matched.length;
  if (!begins && (to.redirectedFrom?.path === home || (to.path === "/dashboard" && !maintains))) {
    location.assign(home);
    return false;
  }
  if (!begins && to.path === "/deployments" && !maintains) {
    location.assign("/new");
    return false;
  }
}

function begin() {
  router = document.querySelector("#app")?.__vue_app__?.config.globalProperties.$router;
  if (!router) return;
  router.beforeEach(led);
  router.afterEach((to, from) => { if (to.path !== from.path) places(); });
}

document.addEventListener("keydown", event => {  // Enter opens a drop-down, which hears a press twice
  if (event.key !== "Enter" || !event.target.matches?.(".p-select-button__control")) return;
  event.preventDefault();
  event.stopPropagation();
  const down = {key: "ArrowDown", code: "ArrowDown", bubbles: true};
  event.target.dispatchEvent(new KeyboardEvent("keydown", down));
}, true);

document.addEventListener("click", event => {  // what a list leads to opens where the list was
  const link = event.target.closest?.(".artifact .markdown-renderer a[target]");
  if (link && /^[/](desk|runs|cases|artifacts)[/?]/.test(link.getAttribute("href"))) link.target = "";
}, true);

document.addEventListener("click", event => {  // within Prefect's pages without loading them anew
  const to = event.target.closest?.(".desk-menu a")?.getAttribute("href");
  if (!to || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  sessionStorage.removeItem(KEPT);
  if (to !== "/runs" || !router) return;
  event.preventDefault();
  router.push(to).then(places);
});

function lost() {  // Prefect's own page for what is not there leads nowhere
  const nowhere = document.querySelector(".four-zero-four:not(:has(.desk-lost))");
  if (!nowhere) return;
  const words = document.createElement("p"), back = document.createElement("a");
  words.className = "desk-lost";
  back.href = home;
  back.textContent = "回到工作台";
  words.append("没有这一页。", back);
  nowhere.append(words);
}

for (const what of ["pointerdown", "keydown"]) document.addEventListener(what, () => {  // at work here
  if (Date.now() - noted < 60000) return;
  noted = Date.now();
  fetch("/login/here", {method: "POST", keepalive: true});
}, {capture: true, passive: true});

new MutationObserver(() => {
  if (!router) begin();
  lost();
  cards();
  if (document.querySelector(".p-context-sidebar__body:not(:has(.desk-menu))")) places();
  at_a_run();
}).observe(document, {subtree: true, childList: true});
})();</script>"""


def script(maintains: bool) -> str:
    """The page's part."""
    menu = json.dumps(menu_of(maintains), ensure_ascii=False)
    return SCRIPT.replace("/*MENU*/", menu).replace("/*MAINTAINS*/", json.dumps(maintains))
