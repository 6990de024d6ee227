// The panel of one condition: opened by a link, closed by Escape, read out by a screen reader.
const sheet = document.getElementById("sheet");
const status = document.getElementById("told");
const say = (text) => { status.textContent = text; };
const section = (title, ...parts) => [make("h3", "", title), ...parts];
const fill = (data, i) => {
  const title = make("h2", "", data.facts.get("perturbation", i));
  title.id = "sheet-title";
  title.tabIndex = -1;
  const close = make("button", "close", "Close");
  close.type = "button";
  close.addEventListener("click", shut);
  const link = make("a", "", "Link to this condition");
  link.href = linkTo(data, i);
  sheet.replaceChildren(
    make("header", "", make("div", "", title, make("p", "where", label(data, i).split(" | ").slice(1).join(" | "))), close),
    terms(measured(data, i)),
    ...section("Scores", scoreTable(data, i)),
    ...section("Most wrong genes", geneTable(data, i)),
    ...section("Findings that name it", findingList(data, i)),
    make("p", "cap", link, ...data.about.notes.map((note) => ` ${note}`)),
  );
  sheet.querySelectorAll("table").forEach(addTableButton);
  return title;
};
let opener = null;
const open = (title, text) => {
  if (sheet.hidden || !sheet.contains(document.activeElement)) opener = document.activeElement;
  sheet.hidden = false;
  sheet.scrollTop = 0;
  title.focus({ preventScroll: true });
  say(text);
};
function shut() {
  sheet.hidden = true;
  going = "";
  history.replaceState(null, "", "#");
  document.dispatchEvent(new CustomEvent("picked", { detail: null }));
  if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body) opener.focus();
}
const spoken = (data, i) => {
  const parts = data.about.series.filter(({ kind }) => kind === "model").map(({ title }, s) => {
    const value = data.scores.get(`value ${s} 0`, i);
    return `${title} ${shown(value, 2)}`;
  });
  const scored = data.facts.get("role", i) === "test" && data.about.metrics.length && parts.length;
  const score = scored ? ` ${data.about.metrics[0].title}: ${parts.join(", ")}.` : "";
  return `Condition ${label(data, i)} is shown: ${data.facts.get("role", i)}, effect ${data.facts.get("stratum", i)}.${score}`;
};
const showList = (data, found, text) => {
  const title = make("h2", "", text);
  title.id = "sheet-title";
  title.tabIndex = -1;
  const close = make("button", "close", "Close");
  close.type = "button";
  close.addEventListener("click", shut);
  const items = found.slice(0, 200).map((i) => {
    const link = make("a", "", label(data, i));
    link.href = linkTo(data, i);
    return make("li", "", link);
  });
  const more = found.length - items.length;
  sheet.replaceChildren(make("header", "", title, close), make("ul", "sheet-list", ...items),
    more > 0 ? make("p", "cap", `${figures(more, 0)} more are not listed: type part of a name to find them.`) : "");
  open(title, text);
};
const show = (data, i) => {
  open(fill(data, i), spoken(data, i));
  document.dispatchEvent(new CustomEvent("picked", { detail: { data, i } }));
};
let going = "";
const go = (data, i) => {
  going = linkTo(data, i);
  if (location.href !== going) location.href = going;
  show(data, i);
};
// Conditions that agree with all that a link says.
const meant = ({ facts, n }, asked) => {
  let found = Array.from({ length: n }, (_, i) => i);
  for (const [key, name] of [["condition", "perturbation"], ["context", "context"], ["dose", "dose"], ["time", "time"]]) {
    if (!asked.has(key) || !facts.has(name)) continue;
    const said = asked.get(key);
    const code = facts.levels(name).findIndex((own) => (typeof own === "number" ? own === Number(said) : (own ?? "") === said));
    const codes = facts.column(name);
    found = found.filter((i) => codes[i] === code);
  }
  return found;
};
const follow = async () => {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (location.href === going || !asked.has("condition")) return;
  const data = await conditions();
  const found = meant(data, asked);
  if (found.length === 1) show(data, found[0]);
  else if (found.length) showList(data, found, `${figures(found.length, 0)} conditions are called so`);
  else showList(data, [], `No condition on this page is called ${asked.get("condition")}`);
};
if (sheet) {
  // Whole addresses, to be copied.
  document.querySelectorAll("a[href^='#condition=']").forEach((link) => { link.setAttribute("href", link.href); });
  window.addEventListener("hashchange", () => {
    follow();
    going = "";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !sheet.hidden && !event.defaultPrevented) shut();
  });
}
