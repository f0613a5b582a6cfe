"""What is typed in a form of Prefect's pages is kept as a draft while it is typed.

The values of an open form stand in no field that could be read by its name: the page's own state has
them. The script asks that state (Vue's tree from #app, Prefect 3.8) for the form that is open, and
sends what changed; the server puts it back into the form when it is opened again
(flows/server/typed_forms.py). What is typed last stands in that state only some 20 ms later, on a busy
page later still, so that a form submitted at once went without it: a button pressed just after typing is
held back until it is there. Where the state is built otherwise, nothing is kept, and all else works.
"""

from __future__ import annotations

from typing import Final

TYPED: Final = "/typed"
SCRIPT: Final = """<script>(() => {
const INPUT = "SchemaInput", WAIT = 700, JUST = 2000;
let due = 0, shown, kept = "";

function opened() {  // the form that is open: the part of the page that it is, and what stands in it
  const seen = new Set(), left = [document.querySelector("#app")?._vnode];
  while (left.length) {
    const node = left.pop();
    if (!node || typeof node !== "object" || seen.has(node)) continue;
    seen.add(node);
    const {component, suspense, children} = node;
    if (component?.type?.__name === INPUT) {
      const {schema, values} = component.props;
      if (schema?.example) return [component, JSON.stringify({form: schema.example, values})];
    }
    left.push(component?.subTree, suspense?.activeBranch, ...(Array.isArray(children) ? children : []));
  }
  return [];
}

function say(words) {
  const foot = document.querySelector(".p-modal__footer, .flow-run-create-form-v2");
  if (!foot) return;
  let said = foot.querySelector(".desk-draft");
  if (!said) foot.prepend(said = Object.assign(document.createElement("span"),
    {className: "desk-draft", role: "status"}));
  said.textContent = words;
}

function begin() {  // what stands there before anything is typed is no draft, nor is the next form's
  const [at, body] = opened();
  if (at !== shown) { shown = at; kept = body; }
}

async function keep() {
  clearTimeout(due);
  due = 0;
  const [at, body] = opened();
  if (!at || at !== shown || body === kept) return;
  const before = kept;
  kept = body;
  try {
    const sent = {method: "POST", headers: {"Content-Type": "application/json"}, body};
    const answer = await fetch("/*TYPED*/", {...sent, keepalive: body.length < 15000});
    if (answer.status === 404) return;  // it has been submitted meanwhile
    if (!answer.ok) throw answer.status;
    if (at === shown) say("已存为草稿");
  } catch {
    if (at !== shown || opened()[0] !== at) return;
    if (kept === body) kept = before;
    say("草稿没有存上，请勿关闭这张表单");
  }
}

const form = event => event.target.closest?.(".p-modal, .flow-run-create-form-v2");
for (const name of ["pointerdown", "keydown", "focusin"]) addEventListener(name, event => {
  if (form(event)) begin();
  if (due && (name === "pointerdown" || event.key === "Escape")) keep();  // it may be closed by this
}, true);
for (const name of ["input", "click", "keyup"]) addEventListener(name, () => {
  if (!shown) return;
  clearTimeout(due);
  due = setTimeout(keep, WAIT);
});
addEventListener("pagehide", () => { if (due) keep(); });

let typed = 0;
addEventListener("input", () => { typed = performance.now(); }, true);
addEventListener("click", event => {  // what is typed reaches the page's state by two timers of 10 ms
  const button = event.target.closest?.(".p-modal .p-button, .flow-run-create-form-v2 [type=submit]");
  if (!button || !event.isTrusted || performance.now() - typed > JUST) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  setTimeout(setTimeout, 15, () => button.click(), 15);  // after both, however busy the page is
}, true);
})();</script>""".replace("/*TYPED*/", TYPED)
"""The page's part."""
