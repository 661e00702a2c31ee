// The table beside the treemap: the same node, for those who read rather than look.

const ROWS = 300;
let sortBy = { column: 1, down: true };
let allRows = false;

function columns() {
  const { tree } = map;
  const of = (measure) => (node) => (data.change ? tree.part(node, NEW, measure) - tree.part(node, OLD, measure) : tree.all(node, measure));
  const write = data.change ? signed : size;
  const list = [
    { name: data.view === "directory" ? "path" : "name", text: (node) => tree.label(node), of: (node) => tree.label(node) },
    { name: "disk", of: of(DISK), text: (node) => write(of(DISK)(node)), number: true },
    { name: "pull", of: of(PULL), text: (node) => (data.pull ? write(of(PULL)(node)) : "–"), number: true },
  ];
  if (data.change) list.push({ name: "before", of: (node) => tree.part(node, OLD, DISK), text: (node) => size(tree.part(node, OLD, DISK)), number: true });
  else {
    list.push({ name: "hidden", of: (node) => tree.part(node, 3, DISK), text: (node) => size(tree.part(node, 3, DISK)), number: true });
    list.push({ name: "share", of: of(DISK), text: (node) => percent(tree.all(node, DISK), tree.all(map.at, DISK)), number: true });
  }
  return list;
}

function showTable() {
  const { tree, at } = map;
  const shown = columns();
  const head = el("tr", {});
  shown.forEach((column, index) => {
    const chosen = sortBy.column === index;
    const order = chosen ? (sortBy.down ? "descending" : "ascending") : "none";
    const sorter = button(column.name, () => {
      sortBy = { column: index, down: chosen ? !sortBy.down : column.number === true };
      showTable();
      byId("node-table").querySelectorAll("th button")[index].focus();
    });
    head.append(el("th", { scope: "col", "aria-sort": order, class: column.number ? "number" : "" }, sorter));
  });
  const { of } = shown[sortBy.column];
  const sign = sortBy.down ? -1 : 1;
  const compare = (a, b) => sign * (typeof of(a) === "number" ? (data.change && sortBy.column < 3 ? Math.abs(of(a)) - Math.abs(of(b)) : of(a) - of(b)) : of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
  const kids = tree.kids[at].length ? [...tree.kids[at]].sort(compare) : [at];
  const body = el("tbody", {});
  for (const node of allRows ? kids : kids.slice(0, ROWS)) body.append(tableRow(node, shown));
  const foot = el("tr", {}, el("th", { scope: "row" }, "together"));
  for (const column of shown.slice(1)) foot.append(el("td", { class: "number" }, column.text(at)));
  const caption = el("caption", {}, el("b", {}, tree.label(at)), ` ${plural(tree.kids[at].length, "row", "rows")}`);
  byId("node-table").replaceChildren(caption, el("thead", {}, head), body, el("tfoot", {}, foot));
  const more = byId("node-more");
  more.hidden = allRows || kids.length <= ROWS;
  more.textContent = `Show all ${count(kids.length)} rows`;
}

function tableRow(node, shown) {
  const { tree } = map;
  const label = tree.label(node);
  const name = tree.kids[node].length ? button(label, () => zoomTo(node)) : el("span", {}, label);
  name.title = tree.path(node);
  const row = el("tr", {}, el("th", { scope: "row" }, el("span", { class: `chip ${kindName(node)}`, title: kindName(node) }), name));
  for (const column of shown.slice(1)) row.append(el("td", { class: "number" }, column.text(node)));
  row.addEventListener("pointerenter", () => mark(node));
  row.addEventListener("pointerleave", () => mark(-1));
  return row;
}

// The kind that most of a node is.
function kindName(node) {
  const kinds = kindsOf(map.tree, node, DISK);
  const most = Math.max(...kinds);
  return most > 0 ? KINDS[kinds.indexOf(most)].id : "none";
}

function mark(node) {
  const index = map.cells.findIndex((cell) => cell.depth === 1 && (cell.node === node || isAbove(node, cell.node)));
  map.hover = node < 0 ? -1 : index;
  drawMarks();
}

byId("node-more").addEventListener("click", () => {
  allRows = true;
  showTable();
});

// Searching: by a part of the path, by `*` and `?`, or, after `re:`, by a regular expression.

const LISTED = 200;

function glob(pattern, text) {
  let [at, to, star, mark] = [0, 0, -1, 0];
  while (to < text.length) {
    if (at < pattern.length && pattern[at] === "*") {
      star = at;
      mark = to;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[to])) {
      at += 1;
      to += 1;
    } else if (star >= 0) {
      at = star + 1;
      mark += 1;
      to = mark;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

// What tells whether a path, in lower case, is wanted.
function matcher(words) {
  const wanted = words.toLowerCase();
  if (wanted.startsWith("re:")) {
    try {
      const expression = new RegExp(words.slice(3), "iu");
      return (path) => expression.test(path);
    } catch {
      return () => false;
    }
  }
  return /[*?]/.test(wanted) ? (path) => glob(wanted, path) : (path) => path.includes(wanted);
}

// The topmost nodes whose path matches: what is below them is theirs already.
function search(tree, words) {
  const matches = matcher(words);
  const found = [];
  const inside = new Uint8Array(tree.length);
  const paths = new Array(tree.length);
  paths[0] = "";
  for (let node = 1; node < tree.length; node += 1) {
    const above = tree.parents[node];
    if (tree.isFold(node)) continue;
    const group = tree.isGroup(node);
    paths[node] = group ? `${paths[above] ? `${paths[above]}/` : ""}${tree.label(node).toLowerCase()}` : `${tree.isGroup(above) ? "" : paths[above]}/${tree.names[node].toLowerCase()}`;
    if (inside[above]) inside[node] = 1;
    else if (matches(paths[node])) {
      inside[node] = 1;
      found.push(node);
    }
  }
  return found;
}

function showSearch() {
  const words = state.find.trim();
  const place = byId("found");
  const { tree } = map;
  map.matches = null;
  place.hidden = words === "";
  if (words === "") return;
  const found = search(tree, words);
  map.matches = new Set(found);
  const sum = (measure) => found.reduce((all, node) => all + (data.change ? tree.part(node, NEW, measure) - tree.part(node, OLD, measure) : tree.all(node, measure)), 0);
  const write = data.change ? signed : size;
  const weight = data.change ? (node) => tree.part(node, GROWN, DISK) + tree.part(node, SHRUNK, DISK) : (node) => tree.all(node, measureNow());
  found.sort((a, b) => weight(b) - weight(a));
  const body = el("tbody", {});
  for (const node of found.slice(0, LISTED)) {
    const target = tree.kids[node].length ? node : tree.parents[node];
    const of = (measure) => (data.change ? tree.part(node, NEW, measure) - tree.part(node, OLD, measure) : tree.all(node, measure));
    body.append(el("tr", {}, el("th", { scope: "row" }, button(tree.path(node), () => zoomTo(target))), el("td", { class: "number" }, write(of(DISK))), el("td", { class: "number" }, data.pull ? write(of(PULL)) : "–")));
  }
  const pull = data.pull ? `, ${write(sum(PULL))} to pull` : "";
  const told = `${plural(found.length, "match", "matches")}: ${write(sum(DISK))} on disk${pull}`;
  const rest = found.length > LISTED ? el("p", { class: "dim" }, `The ${LISTED} largest are listed; the sum is of all ${count(found.length)}.`) : "";
  const table = el("table", {}, el("caption", {}, el("b", {}, told)), el("thead", {}, el("tr", {}, ...["path", "disk", "pull"].map((name, at) => el("th", { scope: "col", class: at ? "number" : "" }, name)))), body);
  place.replaceChildren(found.length ? table : el("p", {}, `Nothing that is listed has ${words} in its path.`), rest);
  if (data.folded[data.view]) place.append(el("p", { class: "dim" }, `${plural(data.folded[data.view], "entry", "entries")} too small to be listed one by one are not searched.`));
  tell(told);
}
