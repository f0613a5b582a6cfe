// 全选 ticks all that can be ticked, and takes the ticks back, with all that was typed left as it is;
// without this, its link asks for the page with all of them ticked.
document.addEventListener("click", event => {
  const link = event.target.closest?.("a[data-all]");
  if (!link) return;
  event.preventDefault();
  const boxes = [...document.querySelectorAll("input[type=checkbox][name^='pick.']")];
  const tick = !boxes.every(one => one.checked);
  for (const one of boxes) one.checked = tick;
  link.textContent = tick ? "全不选" : "全选";
});
