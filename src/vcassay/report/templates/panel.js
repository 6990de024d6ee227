// What the panel of one condition says: everything is written as text, nothing as HTML.
const make = (tag, className, ...parts) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...parts.filter((part) => part !== null && part !== undefined && part !== ""));
  return made;
};
const figures = (value, digits) =>
  value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "\u2212");
const shown = (value, digits) => {
  if (value === null || !Number.isFinite(value)) return "undefined";
  if (digits !== undefined) return figures(value, digits);
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return figures(Math.round(value), 0);
  if (size < 0.001) return value.toExponential(1).replace("-", "\u2212");
  return Number(value.toPrecision(3)).toString().replace("-", "\u2212");
};
const withUnit = (value, unit) => (unit ? `${shown(value)} ${unit}` : shown(value));
const linkTo = (data, i) => {
  const parts = { condition: data.facts.get("perturbation", i), context: data.facts.get("context", i) };
  for (const key of ["dose", "time"]) {
    const value = data.facts.get(key, i);
    if (value !== null) parts[key] = String(value);
  }
  return `${location.href.split("#")[0]}#${new URLSearchParams(parts)}`;
};
const label = (data, i) => {
  const { facts, about } = data;
  const dose = facts.get("dose", i);
  const time = facts.get("time", i);
  const parts = [facts.get("perturbation", i), facts.get("context", i)];
  if (dose !== null) parts.push(withUnit(dose, about.doseUnit));
  if (time !== null) parts.push(withUnit(time, about.timeUnit));
  return parts.join(" | ");
};
const better = (metric, value) => {
  if (metric.higher) return value;
  return metric.centred ? -Math.abs(value - metric.optimum) : -value;
};
const ranked = (data, series, m, i) => {
  const name = `value ${series} ${m}`;
  const own = data.scores.get(name, i);
  if (own === null) return "";
  const metric = data.about.metrics[m];
  const mine = better(metric, own);
  let above = 0;
  let known = 0;
  for (const value of data.scores.column(name)) {
    if (Number.isNaN(value)) continue;
    known += 1;
    if (better(metric, value) > mine) above += 1;
  }
  return `rank ${figures(above + 1, 0)} of ${figures(known, 0)}`;
};
const terms = (pairs) => {
  const list = make("dl", "sheet-facts");
  for (const [name, value, more] of pairs) {
    if (value === null || value === "" || value === undefined) continue;
    list.append(make("div", "", make("dt", "", name), make("dd", "", value, more ? make("small", "", more) : "")));
  }
  return list;
};
const grid = (caption, heads, rows) => {
  const table = make("table", "plain tight", make("caption", "", caption));
  table.append(make("thead", "", make("tr", "", ...heads.map(([text, unit], x) => {
    const head = make("th", x ? "num" : "", text);
    head.scope = "col";
    if (unit) head.dataset.unit = unit;
    return head;
  }))));
  table.append(make("tbody", "", ...rows.map(({ cells, className }) => make("tr", className, ...cells.map((cell, x) => {
    const made = make(x ? "td" : "th", x ? "num" : "", ...[cell].flat());
    if (!x) made.scope = "row";
    return made;
  })))));
  const scroll = make("div", "scroll", table);
  scroll.role = "group";
  scroll.tabIndex = 0;
  scroll.ariaLabel = caption;
  return scroll;
};
const novelty = ({ facts, about }, i) => {
  const get = (name) => facts.get(name, i);
  const regime = get("regime");
  const part = (name, what) => {
    const word = get(name);
    return word && !["not stated", "not compared"].includes(word) ? `${what} ${word}` : null;
  };
  const parts = [
    part("novel_perturbation", "perturbation"), part("novel_context", "context"),
    part("novel_modality", "modality"), part("novel_batch", "batch"),
  ].filter(Boolean);
  const words = regime ? `${about.regimes[regime] ?? regime} (${regime})` : null;
  return [
    ["Why it is new", words, parts.join(", ")],
    ["Near it in training", regime ? get("kin") || (facts.has("kin") ? "no kin is known" : null) : null],
    ["Training perturbations in its context", get("shots") === null ? null : shown(get("shots"))],
  ];
};
const measured = (data, i) => {
  const { facts, about } = data;
  const get = (name) => facts.get(name, i);
  const number = (name, digits) => (get(name) === null ? null : shown(get(name), digits));
  const role = get("role");
  const stratum = get("stratum");
  const p = get("p_value");
  const yes = (name) => [null, "no", "yes"][get(name) === null ? 0 : get(name) + 1];
  return [
    ["Role", role === "test" ? "test: it is scored" : `${role}: it is not scored`],
    ...novelty(data, i),
    ["Kind of perturbation", get("modality")], ["Target", get("target")], ["Mechanism", get("moa")],
    ["Cells", number("n_cells"), facts.has("batch_matched") ? `matched within batch: ${number("batch_matched", 2)}` : ""],
    ["Control cells", number("n_control"), yes("shared_control") === "yes" ? "shared by scoring and training" : ""],
    ["Effect size", get("effect") === null ? "undefined" : shown(get("effect")), about.strata[stratum] ?? stratum],
    ["Told from no effect", yes("detectable"), p === null ? "" : p < 0.001 ? "p < 0.001" : `p = ${shown(p)}`],
    ["Split-half reliability", number("reliability", 2),
      facts.has("reliability_full") && get("reliability_full") !== null ? `at full depth ${number("reliability_full", 2)}` : ""],
    ["Class", get("reliability_class"),
      get("shared_part") === null ? "" : `shared with other perturbations: ${number("shared_part", 2)}`],
    ["Cells needed to be reliable", number("cells_needed")],
    ["Ceiling of its own", number("ceiling", 2),
      get("replicate") === null ? "" : `correlation of a perfect model; a replicate reaches ${number("replicate", 2)}`],
  ];
};
const scoreTable = (data, i) => {
  const { about, scores, facts } = data;
  if (about.unscored) return make("p", "none", `Scores: ${about.unscored}.`);
  if (facts.get("role", i) !== "test") return make("p", "none", "It is not tested on, so it has no score.");
  if (i >= scores.n || !about.metrics.length) return make("p", "none", "No metric has a score of single conditions here.");
  const stratum = facts.get("stratum", i);
  const cell = (s, m) => {
    const value = scores.get(`value ${s} ${m}`, i);
    if (value !== null) return [make("b", "", shown(value, 2)), " ", make("small", "", ranked(data, s, m, i))];
    const why = scores.get(`reason ${s} ${m}`, i);
    const none = scores.has(`value ${s} ${m}`) ? why || "no row is stored" : "no score of single conditions";
    return ["undefined ", make("small", "", none)];
  };
  const bestOf = (series) => {
    const of = about.metrics.flatMap((metric) => about.models.filter((x) => metric.best[x] === series.name));
    const whose = [...new Set(of)];
    const named = whose.length === about.models.length ? "" : ` of ${whose.join(", ")}`;
    return series.kind === "model" ? "" : make("small", "", `best legal baseline${named}`);
  };
  const rows = about.series.map((series, s) => ({
    className: series.kind === "model" ? "model" : "",
    cells: [[series.title, " ", bestOf(series)], ...about.metrics.map((_, m) => cell(s, m))],
  }));
  const ceilings = about.metrics.map(({ ceilings: all }) => all[stratum] ?? { value: null, reason: "none is stored" });
  const limit = ({ value, kind, reason }) =>
    value === null ? ["undefined ", make("small", "", reason)] : [make("b", "", shown(value, 2)), " ", make("small", "", kind)];
  rows.push({ className: "ceil", cells: [`Ceiling of ${about.strata[stratum] ?? stratum} effects`, ...ceilings.map(limit)] });
  const heads = about.metrics.map((m) => {
    const way = m.higher ? "higher is better" : m.centred ? `best at ${m.optimum}` : "lower is better";
    return [[m.title, " ", make("small", "", m.demoted ? `${way}, demoted here` : way)]].flat();
  });
  return grid("Scores beside the ceiling", [["Answer"], ...heads.map((head) => [make("span", "", ...head)])], rows);
};
const geneTable = (data, i) => {
  const { about, genes, facts } = data;
  const none = (why) => make("p", "none", `Genes that a model gets wrong: ${why.replace(/\.$/, "")}.`);
  if (facts.get("role", i) !== "test") return none("it is not tested on");
  if (about.ungened) return none(about.ungened);
  const rows = about.series.flatMap((series, s) => genes.filter((place) => place.get(`gene ${s}`, i)).map((place) => ({
    className: "",
    cells: [series.title, place.get(`gene ${s}`, i), ...["predicted", "measured", "se"].map((name) => shown(place.get(`${name} ${s}`, i)))],
  })));
  if (!rows.length) return none(genes.length ? "no model answered this condition" : about.notes.at(-1) ?? "none are stored");
  const heads = [["Model"], ["Gene"], ["Predicted", "effect"], ["Measured", "effect"], ["Standard error", "of the measured effect"]];
  return grid("Where each model's effect is furthest from the measured one", heads, rows);
};
const findingList = (data, i) => {
  const { about, facts } = data;
  const rows = about.hits.filter(([at]) => at === i).map(([, f, text]) => [about.findings[f], text]);
  for (const [check, finding] of Object.entries(about.checks)) {
    const degree = facts.get(`check ${check}`, i);
    if (degree) rows.push([finding, degree === 1 ? "this condition is touched" : `degree: ${shown(degree)}`]);
  }
  if (!rows.length) return make("p", "calm", "No finding names this condition.");
  return make("ul", "sheet-findings", ...rows.map(([finding, text]) => make("li", finding.tone,
    make("span", `mark small ${finding.tone}`, `${finding.glyph} ${finding.word}`),
    make("b", "", finding.title), make("span", "who", finding.model || "whole study"),
    make("span", "", text || finding.sentence))));
};
