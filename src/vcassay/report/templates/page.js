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
const wrapped = (text, room) => {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= room) lines.push(word);
    else lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
};
const fitted = (place) => (spec) => {
  // An axis title that is wider than its axis would be cut off.
  const room = Math.max(16, (place.clientWidth - 120) / 6);
  for (const axis of spec.axes ?? []) {
    if (axis.orient === "bottom" && typeof axis.title === "string" && axis.title.length > room) {
      axis.title = wrapped(axis.title, room);
    }
  }
  return spec;
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
    patch: fitted(place),
    actions: false,
  };
  const box = document.createElement("div");
  place.append(box);
  const result = await window.vegaEmbed(box, { ...spec, datasets }, options);
  // One image with a text: hundreds of marks read one by one would bury it, and the numbers are in a file.
  const svg = place.querySelector("svg.marks");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", spec.description);
  views.push(result.view);
  const points = tables.get(name) ?? [];
  document.dispatchEvent(new CustomEvent("drawn", { detail: { name, place, points, view: result.view } }));
};
const finder = document.getElementById("finder");
if (finder) {
  finder.addEventListener("input", () => {
    for (const view of views) {
      if ("query" in view.getState().signals) view.signal("query", finder.value.trim()).runAsync();
    }
  });
}
for (const place of document.querySelectorAll(".draw")) {
  await draw(place);
  await new Promise((next) => setTimeout(next)); // the reader comes first
}
// What matters is printed open; browsers that know ::details-content need no help.
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.printed:not([open])")) {
    part.open = true;
    part.dataset.shut = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-shut]")) {
    part.open = false;
    delete part.dataset.shut;
  }
});
// Only a region that scrolls is a stop of the tab key.
const stops = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    const region = target.closest(".scroll");
    region.tabIndex = region.scrollWidth > region.clientWidth ? 0 : -1;
  }
});
for (const region of document.querySelectorAll(".scroll")) {
  stops.observe(region);
  if (region.firstElementChild) stops.observe(region.firstElementChild);
}
document.documentElement.dataset.ready = "yes";
document.dispatchEvent(new CustomEvent("ready"));
