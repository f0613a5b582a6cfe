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
    if (answer.ok) shown.innerHTML = await answer.text();
  } catch {
    last = "";
  }
};
fields.forEach(one => one.addEventListener("change", look));
})();
