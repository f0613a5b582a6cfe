// Files dropped on the field of a form are taken as if they had been picked; what was picked is listed.
(() => {
const field = document.querySelector("#files"), place = document.querySelector(".drop");
const listed = document.querySelector("#picked");
if (!field || !place) return;
const list = () => {
  listed.replaceChildren(...Array.from(field.files, (one) => {
    const line = document.createElement("li");
    line.textContent = `${one.name}（${Math.max(1, Math.round(one.size / 1000))} KB）`;
    return line;
  }));
};
const over = (event) => { event.preventDefault(); place.classList.add("over"); };
const away = () => place.classList.remove("over");
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());
place.addEventListener("dragenter", over);
place.addEventListener("dragover", over);
place.addEventListener("dragleave", away);
place.addEventListener("drop", (event) => {
  event.preventDefault();
  away();
  const all = new DataTransfer();
  for (const one of [...field.files, ...event.dataTransfer.files]) all.items.add(one);
  field.files = all.files;
  list();
});
field.addEventListener("change", list);
})();
