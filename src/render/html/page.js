// What holds the page together: tabs, switches, the theme.

const live = byId("told");

function tell(text) {
  live.textContent = text;
}

// After anything that changes what the map shows.
function refresh() {
  weighAll();
  showSearch();
  showChoice();
  layOut();
  draw();
  showTable();
  showCrumbs();
}

function apply(wanted) {
  const was = state;
  state = wanted;
  data.view = state.by;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.dataset.tab === state.tab;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    byId(`section-${tab.dataset.tab}`).hidden = !chosen;
  }
  for (const choice of document.querySelectorAll("[data-switch]")) choice.checked = state[choice.dataset.switch] === choice.value;
  const off = new Set(state.off.split(","));
  for (const chip of document.querySelectorAll("[data-kind]")) {
    const usable = data.change || state.measure !== "hidden";
    chip.disabled = !usable;
    chip.setAttribute("aria-pressed", String(usable ? !off.has(chip.dataset.kind) : chip.dataset.kind === "hidden"));
  }
  if (byId("find").value !== state.find) byId("find").value = state.find;
  if (map.tree !== forest(state.by)) {
    map.tree = forest(state.by);
  }
  recall();
  const at = nodeAt(map.tree, state.at);
  const moved = at !== map.at || was.by !== state.by;
  const differs = was.layers !== state.layers || was.only !== state.only || was.out !== state.out;
  const focused = map.cells[map.focus]?.node;
  if (moved || differs || was.measure !== state.measure) {
    map.focus = -1;
    map.hover = -1;
    allRows = false;
    hideTip();
  }
  if (was.measure !== state.measure) sortBy = { column: ["", "disk", "pull", "hidden"].indexOf(state.measure), down: true };
  // What is gone into by coming closer stays as it is seen.
  if (moved) map.view = map.next;
  const from = moved && !map.next && was.by === state.by ? map.cells.find((cell) => cell.node === at) : null;
  map.next = null;
  map.at = at;
  if (state.tab !== "map") return;
  refresh();
  if (from) unfold(from);
  if ((moved || differs) && document.activeElement === map.area) {
    const same = moved ? -1 : map.cells.findIndex((cell) => cell.node === focused);
    map.focus = same < 0 ? (firstCells()[0] ?? -1) : same;
  }
  if (moved) tell(`${map.tree.path(at)}: ${byId("here").textContent}, ${plural(map.tree.kids[at].length, "row", "rows")}`);
  drawMarks();
  showZoom();
}

// What of the tree the address leaves out.
function recall() {
  const { tree } = map;
  tree.choose(chosenLayers(tree, state.layers));
  map.only = state.only ? (exactNode(tree, state.only) ?? null) : null;
  map.left = new Set(state.out.split(",", MOST_OUT).filter(Boolean).flatMap((keys) => exactNode(tree, keys) ?? []));
}

const grown = new Map();

function forest(by) {
  if (!grown.has(by)) grown.set(by, new Tree(data.trees[by], data.folded[by], by));
  return grown.get(by);
}

// What was entered grows to the whole, unless motion is not wanted.
function unfold(from) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !map.base.animate) return;
  const [width, height] = [map.area.clientWidth, map.area.clientHeight];
  const start = `translate(${from.x}px, ${from.y}px) scale(${from.w / width}, ${from.h / height})`;
  map.base.animate([{ transform: start, opacity: 0.4 }, { transform: "none", opacity: 1 }], { duration: 180, easing: "ease-out" });
}

function showCrumbs() {
  const { tree, at } = map;
  const way = [0, ...tree.way(at)];
  const items = way.map((node, index) => {
    const label = node === 0 ? tree.label(0) : tree.label(node);
    if (index === way.length - 1) return el("li", {}, el("span", { "aria-current": "location" }, label));
    return el("li", {}, button(label, () => zoomTo(node)));
  });
  byId("crumbs").replaceChildren(...items);
  const text = data.change ? valueText(at) : size(map.values[at]);
  byId("here").textContent = `${text} ${data.change ? (state.measure === "pull" ? "to pull" : "on disk") : { disk: "on disk", pull: "to pull", hidden: "hidden by later layers" }[state.measure]}`;
  showTold();
  showLeftOut();
}

// What the map does not show one by one.
function showTold() {
  const { folded } = map.tree;
  byId("folded").textContent = folded ? `${plural(folded, "entry", "entries")} too small to be seen ${folded === 1 ? "is" : "are"} folded, with all bytes, into one cell for each directory.` : "";
}

for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    go({ tab: tab.dataset.tab });
  });
  tab.addEventListener("keydown", (event) => {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    const next = step ? tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] : tab;
    next.focus();
    go({ tab: next.dataset.tab });
  });
}
for (const choice of document.querySelectorAll("[data-switch]")) {
  choice.addEventListener("change", () => go(choice.dataset.switch === "by" ? { ...other(choice.value), find: state.find } : { [choice.dataset.switch]: choice.value }));
}
for (const chip of document.querySelectorAll("[data-kind]")) {
  chip.addEventListener("click", () => {
    const off = new Set(state.off.split(",").filter(Boolean));
    if (!off.delete(chip.dataset.kind)) off.add(chip.dataset.kind);
    go({ off: [...off].sort().join(",") });
  });
}
let typing = 0;
byId("find").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => go({ find: byId("find").value }, true), 120);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input")) return;
  event.preventDefault();
  go({ tab: "map" });
  byId("find").focus();
});
window.addEventListener("hashchange", () => apply(parseAddress()));
new ResizeObserver(() => {
  if (state.tab !== "map" || !map.tree) return;
  map.view = null;
  showZoom();
  layOut();
  draw();
}).observe(map.area);

// Light and dark: as the system has it, until somebody chooses.
const system = matchMedia("(prefers-color-scheme: dark)");
const theme = byId("theme");

function showTheme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : system.matches;
  theme.setAttribute("aria-pressed", String(dark));
  if (map.tree) draw();
}

theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = theme.getAttribute("aria-pressed") === "true" ? "light" : "dark";
  showTheme();
});
system.addEventListener("change", showTheme);
// On paper the map is there whatever tab is open, and light.
window.addEventListener("beforeprint", () => {
  document.documentElement.classList.add("paper");
  byId("section-map").hidden = false;
  map.view = null;
  refresh();
});
window.addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  apply(state);
});

for (const copier of document.querySelectorAll("[data-copy]")) {
  copier.hidden = false;
  copier.addEventListener("click", () => copy(copier.parentElement.querySelector("pre").textContent, copier));
}

async function copy(text, from) {
  const said = from.textContent;
  try {
    await navigator.clipboard.writeText(text);
    from.textContent = "copied";
  } catch {
    from.textContent = "not allowed here";
  }
  tell(from.textContent);
  setTimeout(() => (from.textContent = said), 1500);
}

for (const table of document.querySelectorAll("table[data-sorts]")) sortable(table);

// Headings that sort, and a box that filters.
function sortable(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  table.querySelectorAll("thead th").forEach((head, column) => {
    const name = head.textContent;
    if (!name.trim()) return;
    head.setAttribute("aria-sort", "none");
    const value = (row) => {
      const cell = row.cells[column];
      return cell.dataset.v === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.v);
    };
    head.replaceChildren(button(name, () => {
      const down = head.getAttribute("aria-sort") === "none" ? head.classList.contains("number") : head.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("thead [aria-sort]")) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (down ? -1 : 1);
      body.append(...[...rows].sort(order));
    }));
  });
  const box = table.parentElement.parentElement.querySelector("input[data-filters]");
  box?.addEventListener("input", () => {
    const words = box.value.trim().toLowerCase();
    for (const row of rows) row.hidden = words !== "" && !row.textContent.toLowerCase().includes(words);
  });
}

document.documentElement.classList.add("js");
showTheme();
apply(parseAddress());
// When the page has been drawn.
const ready = new Promise((done) => setTimeout(() => done(unpack())));
// For tests, and for those who look at a page's data by hand.
globalThis.plimsoll = Object.freeze({ ready, data, forest, size, signed, percent, count, map, search, address, parseAddress });
