// Ways to a condition: typing a part of its name, a point or a bin of a scatter, all of them as a table.
const MOST = 12;
// A name that is, begins with or holds the whole text comes before one that holds its words.
const matches = (data, text) => {
  const asked = text.toLowerCase().replace(/\s+/g, " ").trim();
  const parts = asked.split(" ").filter(Boolean);
  const found = [[], [], [], []];
  if (!parts.length) return [];
  for (let i = 0; i < data.n; i += 1) {
    const words = data.words[i];
    if (!parts.every((part) => words.includes(part))) continue;
    const at = words.indexOf(asked);
    found[at === 0 ? (words[asked.length] === " " ? 0 : 1) : at > 0 ? 2 : 3].push(i);
  }
  return found.flat();
};
const findBy = (input) => {
  const list = make("ul", "matches");
  list.id = `${input.id}-matches`;
  list.role = "listbox";
  list.ariaLabel = "Conditions found";
  list.hidden = true;
  input.after(list);
  input.role = "combobox";
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  let at = -1;
  const mark = (next) => {
    at = next;
    [...list.children].forEach((item, k) => { item.ariaSelected = String(k === at); });
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  const toggle = (on) => {
    list.hidden = !on;
    input.ariaExpanded = String(on);
    if (!on) mark(-1);
  };
  toggle(false);
  let turn = 0;
  const look = async () => {
    const mine = (turn += 1);
    const data = await conditions();
    if (mine !== turn) return;
    const text = input.value.trim();
    const found = matches(data, text);
    list.replaceChildren(...found.slice(0, MOST).map((i, k) => {
      const item = make("li", "", label(data, i));
      item.role = "option";
      item.id = `${list.id}-${k}`;
      item.dataset.condition = i;
      return item;
    }));
    toggle(found.length > 0);
    const some = found.length > MOST ? `, ${MOST} are listed` : "";
    say(text ? `${figures(found.length, 0)} of ${figures(data.n, 0)} conditions match${some}.` : "");
  };
  const choose = async (item) => {
    if (!item) return;
    toggle(false);
    go(await conditions(), Number(item.dataset.condition));
  };
  input.addEventListener("input", look);
  input.addEventListener("focus", () => { conditions(); });
  // A list that stands in the text would move what a reader is about to click if it went by itself.
  if (getComputedStyle(list).position === "absolute") {
    input.addEventListener("blur", () => setTimeout(() => toggle(false), 200));
  }
  input.addEventListener("keydown", (event) => {
    const n = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!n) return;
      if (list.hidden) toggle(true);
      mark(event.key === "ArrowDown" ? (at + 1) % n : (at + n - (at < 0 ? 0 : 1)) % n);
    } else if (event.key === "Enter" && n) {
      event.preventDefault();
      choose(list.children[Math.max(at, 0)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      toggle(false);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
};
// A scatter is one stop of the tab key; the arrows go from point to point, Enter opens one.
const inBin = (data, s, bin, bins) => {
  // What lies beyond the axes is counted in the outermost bins.
  const most = (key) => Math.max(...bins.map((row) => row[key]));
  const least = (key) => Math.min(...bins.map((row) => row[key]));
  const right = bin.right === most("right") ? Infinity : bin.right;
  const left = bin.left === least("left") ? -Infinity : bin.left;
  const top = bin.top === most("top") ? Infinity : bin.top;
  const bottom = bin.bottom === least("bottom") ? -Infinity : bin.bottom;
  const values = data.scores.column(`value ${s} 0`);
  const effects = data.facts.column("effect");
  const found = [];
  for (let i = 0; i < values.length; i += 1) {
    const inside = effects[i] >= left && effects[i] < right && values[i] >= bottom && values[i] < top;
    if (inside && data.facts.get("stratum", i) === bin.stratum) found.push(i);
  }
  return found;
};
const scatter = ({ place, view, name, points }) => {
  const s = Number(name.split("-")[1]);
  const picked = `${name}-picked`;
  view.addEventListener("click", async (event, item) => {
    const datum = item?.datum;
    if (!datum) return;
    if (Number.isInteger(datum.id)) go(await conditions(), datum.id);
    else if ("bottom" in datum) {
      const found = inBin(await conditions(), s, datum, points);
      showList(await conditions(), found, `${figures(found.length, 0)} conditions in this bin`);
    }
  });
  document.addEventListener("picked", ({ detail }) => {
    const rows = [];
    if (detail) {
      const value = detail.data.scores.get(`value ${s} 0`, detail.i);
      const effect = detail.data.facts.get("effect", detail.i);
      if (value !== null && effect !== null) rows.push({ effect, value });
    }
    view.data(picked, rows).runAsync();
  });
  const rows = points.filter((row) => Number.isInteger(row.id)).sort((a, b) => a.effect - b.effect);
  if (!rows.length) return;
  place.tabIndex = 0;
  place.role = "application";
  place.ariaLabel = `Points of ${document.getElementById(`title-${name}`)?.textContent ?? name}, by effect size: `
    + "left and right arrow go from point to point, Enter opens the condition.";
  let at = -1;
  const MOVES = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: 25, PageUp: -25 };
  place.addEventListener("keydown", async (event) => {
    if (event.target !== place) return;
    if (event.key in MOVES || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const next = event.key === "Home" ? 0 : event.key === "End" ? rows.length - 1 : at + MOVES[event.key];
      at = Math.max(0, Math.min(rows.length - 1, next));
      view.data(picked, [{ effect: rows[at].effect, value: rows[at].value }]).runAsync();
      const data = await conditions();
      say(`${label(data, rows[at].id)}: ${shown(rows[at].value, 2)}, effect ${shown(rows[at].effect)}, ${rows[at].stratum}.`);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      go(await conditions(), rows[at].id);
    }
  });
};
const everyCondition = async () => {
  const data = await conditions();
  const { facts, scores, genes, about } = data;
  const unit = { dose: about.doseUnit, time: about.timeUnit, n_cells: "cells", n_control: "cells", cells_needed: "cells",
    shots: "perturbations", effect: "unit of the readout" };
  const columns = [];
  const add = (table, name, title) => columns.push([title, (i) => table.get(name, i)]);
  const names = ["perturbation", "context", "dose", "time", ...Object.keys(facts.columns)];
  for (const name of new Set(names)) {
    if (facts.has(name)) add(facts, name, unit[name] ? `${name} (${unit[name]})` : name);
  }
  about.series.forEach((series, s) => about.metrics.forEach((metric, m) => {
    if (scores.has(`value ${s} ${m}`)) add(scores, `value ${s} ${m}`, `${series.title}: ${metric.title}`);
    if (scores.has(`reason ${s} ${m}`)) add(scores, `reason ${s} ${m}`, `${series.title}: ${metric.title}, why undefined`);
  }));
  genes.forEach((place, k) => about.series.forEach((series, s) => {
    if (!place.has(`gene ${s}`)) return;
    add(place, `gene ${s}`, `${series.title}: most wrong gene ${k + 1}`);
    for (const name of ["predicted", "measured", "se"]) add(place, `${name} ${s}`, `${series.title}: gene ${k + 1} ${name} (effect)`);
  }));
  const rows = [columns.map(([title]) => title)];
  const digits = (v) => (typeof v === "number" ? Number(v.toPrecision(6)) : v);
  for (let i = 0; i < data.n; i += 1) rows.push(columns.map(([, read]) => digits(read(i))));
  save(fileName("conditions", "csv"), "text/csv", csv(rows));
};
if (sheet) {
  document.querySelectorAll("[data-finder]").forEach(findBy);
  document.addEventListener("drawn", ({ detail }) => {
    if (/^scatter-\d+$/.test(detail.name)) scatter(detail);
  });
  document.querySelector(".every")?.append(button("Save all conditions as CSV", "every column", everyCondition));
  follow();
  if (document.documentElement.dataset.ready) prepare();
  else document.addEventListener("ready", prepare, { once: true });
}
