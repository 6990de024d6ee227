// Save what is shown: every figure as SVG, every table as CSV.
const fileName = (text, end) => {
  const study = document.title.split(" – ")[0];
  const plain = `${study} ${text}`.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return `${plain.slice(0, 90) || "table"}.${end}`;
};
const words = (node) => {
  const clone = node.cloneNode(true);
  clone.querySelectorAll("svg, [aria-hidden=true], button").forEach((part) => part.remove());
  clone.querySelectorAll("*").forEach((part) => part.after(" "));
  return clone.textContent.replace(/\s+/g, " ").trim();
};
// Cells of a table by row and column; a cell that spans several stands in each.
const tableRows = (table) => {
  const rows = [];
  [...table.rows].forEach((row, y) => {
    rows[y] ??= [];
    let x = 0;
    for (const cell of row.cells) {
      while (rows[y][x] !== undefined) x += 1;
      const text = cell.dataset.csv ?? words(cell) + (cell.dataset.unit ? ` (${cell.dataset.unit})` : "");
      for (let down = 0; down < cell.rowSpan; down += 1) {
        rows[y + down] ??= [];
        for (let right = 0; right < cell.colSpan; right += 1) rows[y + down][x + right] = text;
      }
      x += cell.colSpan;
    }
  });
  // Several heading rows become one.
  const heads = table.tHead ? table.tHead.rows.length : 0;
  if (heads < 2) return rows;
  const width = Math.max(...rows.map((row) => row.length));
  const joined = Array.from({ length: width }, (_, x) =>
    [...new Set(rows.slice(0, heads).map((row) => row[x] ?? ""))].filter(Boolean).join(": "));
  return [joined, ...rows.slice(heads)];
};
const button = (text, what, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "save";
  made.append(text);
  const more = document.createElement("span");
  more.className = "unseen";
  more.textContent = `: ${what}`;
  made.append(more);
  made.addEventListener("click", act);
  return made;
};
const tableTitle = (table) => {
  const near = table.closest("[aria-label]")?.getAttribute("aria-label") ?? "table";
  return table.caption ? words(table.caption) : near;
};
const addTableButton = (table) => {
  const place = table.closest(".scroll") ?? table;
  const title = tableTitle(table);
  place.after(button("Save as CSV", title, () => save(fileName(title, "csv"), "text/csv", csv(tableRows(table)))));
};
// A drawing that stands for itself: a name, a text, paper, and colours that do not need this page.
const NS = "http://www.w3.org/2000/svg";
const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity"];
const standing = (svg, title, told) => {
  for (const [tag, text] of [["desc", told], ["title", title]]) {
    svg.querySelector(`:scope > ${tag}`)?.remove();
    const part = document.createElementNS(NS, tag);
    part.textContent = text;
    svg.prepend(part);
  }
  svg.removeAttribute("aria-labelledby");
  svg.setAttribute("xmlns", NS);
  const [x, y, width, height] = (svg.getAttribute("viewBox") ?? "").split(/[ ,]+/).map(Number);
  const paper = document.createElementNS(NS, "rect");
  for (const [key, value] of Object.entries({ x, y, width, height, fill: "#ffffff" })) paper.setAttribute(key, value);
  svg.querySelector(":scope > desc").after(paper);
  return new XMLSerializer().serializeToString(svg);
};
// The score line is drawn by style sheet and words; its drawing is made from what stands on the page.
const scoreLine = (place) => {
  const box = place.getBoundingClientRect();
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
  svg.setAttribute("width", box.width);
  svg.setAttribute("height", box.height);
  svg.setAttribute("font-family", "system-ui, sans-serif");
  for (const mark of place.querySelectorAll("svg rect, svg line")) {
    const at = mark.getBoundingClientRect();
    const style = getComputedStyle(mark);
    const rect = document.createElementNS(NS, "rect");
    const line = mark.tagName === "line";
    const thick = line ? Math.max(1, parseFloat(style.strokeWidth) || 1) : 0;
    rect.setAttribute("x", at.left - box.left - (at.width ? 0 : thick / 2));
    rect.setAttribute("y", at.top - box.top - (at.height ? 0 : thick / 2));
    rect.setAttribute("width", at.width || thick);
    rect.setAttribute("height", at.height || thick);
    rect.setAttribute("fill", line ? style.stroke : style.fill);
    rect.setAttribute("fill-opacity", line ? 1 : style.fillOpacity);
    svg.append(rect);
  }
  for (const spot of place.querySelectorAll(".spot")) {
    const at = spot.getBoundingClientRect();
    const style = getComputedStyle(spot);
    const text = document.createElementNS(NS, "text");
    text.setAttribute("x", at.left - box.left);
    text.setAttribute("y", at.bottom - box.top - 0.25 * at.height);
    text.setAttribute("font-size", parseFloat(style.fontSize));
    text.setAttribute("fill", style.color);
    text.textContent = words(spot);
    svg.append(text);
  }
  return svg;
};
const copied = (svg) => {
  const clone = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll("*")];
  [clone, ...clone.querySelectorAll("*")].forEach((part, i) => {
    if (!part.hasAttribute("class")) return;
    const style = getComputedStyle(from[i]);
    for (const name of DRAWN) {
      if (!part.hasAttribute(name)) part.setAttribute(name, style.getPropertyValue(name));
    }
  });
  return clone;
};
const views = new Map();
document.addEventListener("drawn", ({ detail }) => views.set(detail.name, detail.view));
const figureSvg = async (figure) => {
  const view = views.get(figure.querySelector("[data-figure]")?.dataset.figure);
  if (view) return new DOMParser().parseFromString(await view.toSVG(), "image/svg+xml").documentElement;
  const drawn = figure.querySelector("svg");
  return drawn ? copied(drawn) : null;
};
const addFigureButton = (figure) => {
  const drawn = figure.querySelector("svg > title");
  const named = figure.querySelector("[id^=title-]");
  const told = figure.querySelector("[id^=told-], svg > desc");
  const title = named ? words(named) : drawn ? drawn.textContent : "figure";
  const id = figure.querySelector("[data-figure]")?.dataset.figure ?? title;
  figure.append(button("Save as SVG", title, async () => {
    const svg = await figureSvg(figure);
    if (svg) save(fileName(id, "svg"), "image/svg+xml", standing(svg, title, told ? told.textContent : title));
  }));
};
document.querySelectorAll("table").forEach(addTableButton);
document.querySelectorAll("figure").forEach(addFigureButton);
document.querySelectorAll(".scoreline").forEach((place) => {
  const told = place.getAttribute("aria-label");
  const title = told.split(";")[0];
  place.after(button("Save as SVG", title, () =>
    save(fileName(`score line ${title}`, "svg"), "image/svg+xml", standing(scoreLine(place), title, told))));
});
