// The order of the list one came from: its next case is one click away, on our pages and on Prefect's.
(() => {
const KEPT = "order", CASE = new RegExp("^/cases/([^/]+?)(/form)?$"), AT_A_RUN = "/runs/flow-run/";
const RUN = ".page-heading-flow-run .page-heading__crumbs .p-bread-crumbs__crumb:last-child";
const PLACES = ".p-modal__footer, .page-heading-flow-run .page-heading__trailing, main > .tools";
const of_case = address => decodeURIComponent(CASE.exec(address)?.[1] ?? "");

function left(link) {  // a list is left by one of its cases: its order is kept, for this window
  const table = link.closest("table"), number = of_case(link.pathname);
  if (!table || !number || of_case(location.pathname)) return;  // a case's page lists no work
  const all = [...table.querySelectorAll("a[href]")].map(one => of_case(one.pathname));
  const around = link.closest("section")?.querySelector("h2") ?? document.querySelector("main h1");
  const heading = link.closest(".markdown-renderer")?.querySelector("h1, .p-heading") ?? around;
  const words = heading?.querySelector(".total") ? heading.firstChild.textContent : heading?.textContent;
  const title = (words ?? "").trim().replace(/（.*/, "") || "清单";
  const numbers = [...new Set(all.filter(one => one))];
  const order = {title, numbers, at: number, from: location.pathname + location.search};
  sessionStorage.setItem(KEPT, JSON.stringify(order));
}

function shown() {  // the case of this page; on that of a form that was submitted, the one it was of
  if (location.pathname.startsWith("/begun/"))
    return document.querySelector("main h1[data-case]")?.dataset.case ?? "";
  if (location.pathname.startsWith(AT_A_RUN))
    return document.querySelector(RUN)?.textContent.trim().split("　")[0] ?? "";
  return of_case(location.pathname);
}

function onward() {  // words and address of what comes next in the list; nothing without a list
  const order = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!order) return [];
  const number = shown(), at = order.numbers.indexOf(number);
  if (at < 0) return [];
  if (number !== order.at) sessionStorage.setItem(KEPT, JSON.stringify({...order, at: number}));
  const next = order.numbers[at + 1], form = location.pathname.startsWith(AT_A_RUN) ? "/form" : "";
  if (!next) return [`“${order.title}”到此为止，回到列表`, order.from];
  const words = `下一件　${next}（${order.title}，${at + 2}/${order.numbers.length}）`;
  return [words, `/cases/${encodeURIComponent(next)}${form}`];
}

function offer() {
  const places = document.querySelectorAll(PLACES);
  if (!places.length) return;
  const [words, address] = onward();
  for (const place of places) {
    let link = place.querySelector(".desk-next");
    if (!words) { link?.remove(); continue; }
    if (!link) {
      link = document.createElement("a");
      link.className = "desk-next button plain";
      place.matches(".p-modal__footer, .tools") ? place.append(link) : place.prepend(link);
    }
    if (link.textContent !== words) link.textContent = words;
    if (link.getAttribute("href") !== address) link.href = address;
  }
}

document.addEventListener("click", event => {
  const link = event.target.closest?.("a[href]");
  if (link) left(link);
}, true);
new MutationObserver(offer).observe(document, {subtree: true, childList: true});
document.addEventListener("DOMContentLoaded", offer);
})();
