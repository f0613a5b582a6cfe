// Who applied before is looked for as soon as a name or number is typed; without this, by its button.
(() => {
const form = document.querySelector("form[data-draft]"), shown = document.querySelector("#earlier");
if (!form || !shown) return;
const fields = shown.dataset.by.split(" ").map(name => form.elements["field." + name]).filter(Boolean);
let last = fields.map(one => one.value).join("\n");
const look = async () => {
  const typed = fields.map(one => one.value).join("\n");
  if (typed === last || !typed.trim()) return;
  last = typed;
  const body = new URLSearchParams(new FormData(form));
  body.delete("field.one_time_code");
  body.set("look", "script");
  try {
    const answer = await fetch(form.action, {method: "POST", body, redirect: "error"});
    if (!answer.ok) throw answer.status;
    shown.innerHTML = await answer.text();
  } catch {
    last = "";
    shown.textContent = "以前的申请人没有查到：网络不通，或者系统没有回答。可以照填，也可以稍候再查";
  }
};
fields.forEach(one => one.addEventListener("change", look));
})();
