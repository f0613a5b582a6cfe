"""The next form opens by itself: the page that an officer has submitted a form on goes on to it.

Prefect's page looks every five seconds whether a run has moved, and leaves whoever begins a form
under Deployments where he was. A script of ours, at the end of the page's head, sees what the page
submits, asks for the run until it waits again, lets the page look then, and presses Resume (by
the English name that chinese.py leaves on it). Without it, all works as before.
"""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """<script>(() => {
const set = window.setTimeout, clear = window.clearTimeout, due = new Map();
const pause = ms => new Promise(done => set(done, ms));
// What the page would look at within five seconds (the run), it can be made to look at now.
window.setTimeout = (what, ms, ...given) => {
  if (typeof what !== "function" || !(ms >= 2000 && ms <= 5000)) return set(what, ms, ...given);
  const id = set(() => { due.delete(id); what(...given); }, ms);
  due.set(id, () => what(...given));
  return id;
};
window.clearTimeout = id => { due.delete(id); clear(id); };
const look = () => {
  for (const [id, what] of [...due]) { due.delete(id); clear(id); what(); }
};

const known = {}, asks = XMLHttpRequest.prototype;
const open = asks.open, head = asks.setRequestHeader, send = asks.send;
asks.open = function (method, url, ...rest) {
  this.asked = [String(method).toUpperCase(), String(url)];
  return open.call(this, method, url, ...rest);
};
asks.setRequestHeader = function (name, value) {
  if (name.toLowerCase() === "authorization") known.Authorization = value;
  return head.call(this, name, value);
};
asks.send = function (...body) {
  this.addEventListener("load", () => {
    if (this.status === 201) taken(this);
    if (this.status === 401) out();
  });
  return send.apply(this, body);
};

function out() {  // the visit has ended: to our own page, and back from there
  location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
}

function taken(request) {
  const [method, url] = request.asked, from = location.pathname;
  if (method !== "POST") return;
  const resumed = /[/]flow_runs[/]([^/]+)[/]resume$/.exec(url);
  if (resumed) follow(resumed[1], from);
  else if (/[/]deployments[/][^/]+[/]create_flow_run$/.test(url)) {
    const told = request.response;
    begun((typeof told === "string" ? JSON.parse(told) : told).id);
  }
}

const asked = async address => await fetch(address, {headers: known});

async function told(address) {  // what is said there, however busy the server or bad the line is
  for (const began = Date.now(); Date.now() - began < 60000; await pause(1000)) {
    const answer = await asked(address).catch(() => null);
    if (answer?.ok) return await answer.text();
    if (answer && answer.status < 500) break;
  }
  return "";
}

async function rested(run) {  // how a run has come to rest; "" if it has not within a minute
  for (const began = Date.now(); Date.now() - began < 60000; await pause(120)) {
    const said = await told(`/api/flow_runs/${run}`);
    if (!said) return "";
    const state = JSON.parse(said).state_type;
    if (!["SCHEDULED", "PENDING", "RUNNING"].includes(state)) return state;
  }
  return "";
}

async function follow(run, from) {
  const state = await rested(run);
  if (!state || location.pathname !== from) return;
  look();
  if (state === "PAUSED") await opened(from);
}

async function begun(run) {
  let state = await rested(run), next = run;
  if (state === "COMPLETED") {
    next = await told(`/desk/next/${run}`);
    state = next ? await rested(next) : "";
  }
  if (state !== "PAUSED" || !location.pathname.startsWith("/deployments/")) return look();
  const address = `/runs/flow-run/${next}`;
  document.querySelector("#app").__vue_app__.config.globalProperties.$router.push(address);
  await opened(address);
}

async function opened(address) {  // press Resume as soon as the page has it, however slow it draws
  let gone = false;
  for (const began = Date.now(); Date.now() - began < 30000; await pause(40)) {
    const dialog = document.querySelector(".p-modal");
    if (dialog && gone) return;  // he has opened it himself, or is at something else
    if (dialog) continue;
    gone = true;
    if (location.pathname !== address) continue;
    const button = [...document.querySelectorAll("button[data-english=Resume]")].find(
      one => !one.disabled && one.offsetParent);
    if (button) return button.click();
  }
}

// A link of our own pages leads to a run with its form open; once: a look back finds it closed.
if (new URLSearchParams(location.search).has("form")) {
  const from = location.pathname;
  rested(from.split("/").pop()).then(() => { look(); opened(from); });
}
})();</script>"""
"""The page's part."""
