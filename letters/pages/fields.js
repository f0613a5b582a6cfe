// What a field lacks is said in Chinese, and a day asked in Chinese, whatever the browser speaks. Without
// this the browser says it in its own words, and the server in Chinese.
(() => {
const DAY = /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})日?$/, PLACE = "年-月-日，如2026-03-09";
const titled = field => {
  const label = field.labels?.[0]?.cloneNode(true);
  label?.querySelectorAll("input, select, textarea, .must, .hint").forEach(one => one.remove());
  return label?.textContent.trim().replace(/\s+/g, "") || field.getAttribute("aria-label") || "";
};
const verb = field => field.matches("select, [type=file], [type=radio]") ? "选择"
  : field.type === "checkbox" ? "勾选" : "填写";

const said = limit => limit.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, "$1年$2月$3日");

function lacking(field) {
  const {validity: wrong} = field, title = titled(field), named = title ? `“${title}”` : "这一项";
  if (wrong.valueMissing) return `请${verb(field)}${named}`;
  if (wrong.badInput && field.type === "number") return `${named}请填写数字`;
  if (wrong.badInput) return `${named}的年、月、日没有填全，或者没有这一天`;
  const [over, under] = field.type === "date" ? ["晚于", "早于"] : ["大于", "小于"];
  if (wrong.rangeOverflow) return `${named}不能${over}${said(field.max)}`;
  if (wrong.rangeUnderflow) return `${named}不能${under}${said(field.min)}`;
  if (wrong.patternMismatch && field.title) return `${named}应为${field.title}`;
  if (wrong.tooLong) return `${named}最多${field.maxLength}个字，现在是${field.value.length}个`;
  return `${named}填写得不合要求，请核对`;
}

addEventListener("invalid", event => {
  if (!event.target.validity.customError) event.target.setCustomValidity(lacking(event.target));
}, true);
const anew = field => field.setCustomValidity?.(isDay(field) ? misread(field) : "");
addEventListener("input", event => anew(event.target), true);
addEventListener("click", event => {  // whatever was filled in meanwhile, by hand or not
  const form = event.target.closest?.("button")?.form;
  for (const field of form?.elements ?? []) anew(field);
}, true);

// A browser of another language has a calendar of that language: there a day is typed.
const isDay = field => field.dataset?.day !== undefined;
const misread = field => !field.value || DAY.test(field.value) && day(field) ? ""
  : `请把日期写成${PLACE}`;
function day(field) {  // as it is submitted; "" for a day that there is not
  const [, year, month, of_month] = DAY.exec(field.value) ?? [];
  const read = new Date(Date.UTC(year, month - 1, of_month));
  return read.getUTCDate() === Number(of_month) ? read.toISOString().slice(0, 10) : "";
}
if (/^zh\b/i.test(Intl.DateTimeFormat().resolvedOptions().locale)) return;
for (const field of document.querySelectorAll("input[type=date]")) {
  Object.assign(field, {type: "text", inputMode: "numeric", placeholder: PLACE, autocomplete: "off"});
  field.dataset.day = "";
  field.addEventListener("change", () => { field.value = day(field) || field.value; });
}
})();
