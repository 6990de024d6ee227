"use strict";
const drawings = JSON.parse(document.getElementById("drawings").textContent);
const tables = new Map();
for (const [name, table] of Object.entries(drawings.tables)) {
  const read = (key, value) => [key, key in table.levels ? table.levels[key][value] : value];
  tables.set(name, table.rows.map((row) => Object.fromEntries(table.columns.map((key, i) => read(key, row[i])))));
}
const named = (spec, found) => {
  if (Array.isArray(spec)) spec.forEach((part) => named(part, found));
  else if (spec && typeof spec === "object") {
    if (spec.data && typeof spec.data.name === "string") found.add(spec.data.name);
    Object.values(spec).forEach((part) => named(part, found));
  }
  return found;
};
const views = [];
const draw = async (place) => {
  if (place.dataset.drawn) return;
  place.dataset.drawn = "yes";
  const name = place.dataset.figure;
  const spec = drawings.figures[name];
  const datasets = Object.fromEntries([...named(spec, new Set())].map((key) => [key, tables.get(key)]));
  const options = {
    ast: true,
    renderer: "svg",
    mode: "vega-lite",
    config: drawings.config,
    downloadFileName: name,
    actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
  };
  const result = await window.vegaEmbed(place, { ...spec, datasets }, options);
  const menu = place.querySelector("summary");
  if (menu) menu.setAttribute("aria-label", "Save this figure");
  views.push(result.view);
};
const finder = document.getElementById("finder");
if (finder) {
  finder.addEventListener("input", () => {
    for (const view of views) {
      if ("query" in view.getState().signals) view.signal("query", finder.value.trim()).runAsync();
    }
  });
}
for (const place of document.querySelectorAll(".draw")) await draw(place);
document.documentElement.dataset.ready = "yes";
