// What is typed in a form is kept as a draft while it is typed; without this script, by its button.
(() => {
const form = document.querySelector("form[data-draft]"), said = document.querySelector("#draft");
if (!form || !said) return;
let due = 0, kept = "", over = false;
const typed = () => {
  const all = new URLSearchParams(new FormData(form));
  all.delete("field.one_time_code");
  all.set("keep", "script");
  return all;
};
const keep = async () => {
  due = 0;
  const body = typed();
  if (over || String(body) === kept) return;
  try {
    const answer = await fetch(form.action, {method: "POST", body, redirect: "error"});
    if (answer.status !== 204) throw answer.status;
    kept = String(body);
    said.textContent = "已存为草稿";
  } catch {
    said.textContent = "草稿没有存上，请勿关闭这一页";
  }
};
form.addEventListener("input", () => { clearTimeout(due); due = setTimeout(keep, 1000); });
form.addEventListener("submit", () => { over = true; clearTimeout(due); due = 0; });
addEventListener("pagehide", () => { if (due && !over) navigator.sendBeacon(form.action, typed()); });
})();
