const data = JSON.parse(document.getElementById("rows").textContent);
const table = document.getElementById("field");
const filters = document.querySelector(".filters");
const status = document.getElementById("shown");
const inputs = [...filters.querySelectorAll("[data-key]")];
const bodies = data.rows.map((_, i) => document.getElementById(`m${i}`));
const heads = [...table.querySelectorAll("th[data-sort]")];
let order = { key: "name", down: false };

const wanted = () => Object.fromEntries(inputs.map((e) => [e.dataset.key, e.value.trim()]).filter(([, v]) => v));
const fits = (row, want) =>
  Object.entries(want).every(([key, value]) => {
    if (key === "q") return value.toLowerCase().split(/\s+/).every((part) => row.find.includes(part));
    if (key === "missing") return !row.keys.has.includes(value);
    return row.keys[key].includes(value);
  });
const shown = () => bodies.map((_, i) => i).filter((i) => !bodies[i].hidden);

const apply = () => {
  const want = wanted();
  bodies.forEach((body, i) => { body.hidden = !fits(data.rows[i], want); });
  const n = shown().length;
  status.textContent = `${n} of ${bodies.length} shown`;
  document.getElementById("nothing").hidden = n > 0;
};
const sort = () => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const value = (i) => data.rows[i].sort[order.key];
  const compare = (a, b) => {
    const [x, y] = [value(a), value(b)];
    const by = typeof x === "number" ? x - y : collator.compare(x, y);
    return (order.down ? -by : by) || a - b;
  };
  table.append(...bodies.map((_, i) => i).sort(compare).map((i) => bodies[i]));
  for (const head of heads) {
    if (head.dataset.sort === order.key) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
};
const remember = () => {
  const kept = new URLSearchParams(wanted());
  if (order.key !== "name" || order.down) kept.set("sort", (order.down ? "-" : "") + order.key);
  const address = location.href.split("#")[0];
  history.replaceState(null, "", kept.size ? `${address}#${kept}` : address);
};
const recall = () => {
  const kept = new URLSearchParams(location.hash.slice(1));
  const known = [...kept.keys()].some((key) => key === "sort" || inputs.some((e) => e.dataset.key === key));
  if (!known && location.hash) return false;
  for (const e of inputs) {
    const value = kept.get(e.dataset.key) || "";
    e.value = e.tagName === "SELECT" && ![...e.options].some((o) => o.value === value) ? "" : value;
  }
  const by = kept.get("sort") || "name";
  const key = by.replace(/^-/, "");
  if (heads.some((h) => h.dataset.sort === key)) order = { key, down: by.startsWith("-") };
  sort();
  apply();
  return known;
};

for (const head of heads) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const again = order.key === head.dataset.sort;
    order = { key: head.dataset.sort, down: again && !order.down };
    sort();
    remember();
  });
}
for (const e of inputs) {
  e.addEventListener("input", () => {
    apply();
    remember();
  });
}
document.getElementById("reset").addEventListener("click", () => {
  for (const e of inputs) e.value = "";
  apply();
  remember();
});

document.getElementById("save").addEventListener("click", () => {
  const order = new Map([...table.tBodies].map((body, at) => [body.id, at]));
  const rows = shown().sort((a, b) => order.get(`m${a}`) - order.get(`m${b}`)).map((i) => data.rows[i].cells);
  save("field.csv", "text/csv", `\ufeff${csv([data.columns, ...rows])}`); // the mark tells spreadsheets that it is UTF-8
});
window.addEventListener("hashchange", () => {
  if (recall()) document.getElementById("reviews").focus();
});
filters.hidden = false;
for (const e of document.querySelectorAll("a.show")) e.hidden = false;
recall();
document.documentElement.dataset.ready = "yes";
