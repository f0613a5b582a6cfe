// Files are picked by a button of ours, in Chinese whatever the browser speaks, and listed; dropped on
// the page, they are taken as if they had been picked. Without this, by the browser's own button.
(() => {
const size = (bytes) => `${Math.max(1, Math.round(bytes / 1000))} KB`;
function lists(field) {
  const press = document.createElement("label"), listed = document.createElement("ul");
  press.htmlFor = field.id;
  press.className = "button plain pick";
  press.textContent = "选择文件";
  listed.className = "lines";
  listed.setAttribute("aria-live", "polite");
  field.classList.add("taken-over");
  field.after(press, listed);
  const list = () => {
    listed.replaceChildren(...Array.from(field.files, (one) => {
      const line = document.createElement("li");
      line.textContent = `${one.name}（${size(one.size)}）`;
      return line;
    }));
    press.textContent = field.files.length ? "改选文件" : "选择文件";
  };
  field.addEventListener("change", list);
  list();  // what the browser still has after a step back
}
document.querySelectorAll("input[type=file]").forEach(lists);

const field = document.querySelector("#files"), place = document.querySelector(".drop");
if (!field || !place) return;
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
  field.dispatchEvent(new Event("change"));
});
})();
