// The table beside the treemap: the same node, for those who read rather than look.

const ROWS = 300;
let sortBy = { column: 1, down: true };
let allRows = false;

function columns() {
  const { tree } = map;
  const of = (measure) => (node) => (data.change ? tree.part(node, NEW, measure) - tree.part(node, OLD, measure) : tree.all(node, measure));
  const write = data.change ? signed : size;
  const list = [
    { name: isPlain(data.view) ? "path" : "name", text: (node) => tree.label(node), of: (node) => tree.label(node) },
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
  const below = tree.below(at);
  const kids = tree.kids[at].length ? [...below].sort(compare) : [at];
  const body = el("tbody", {});
  for (const node of allRows ? kids : kids.slice(0, ROWS)) body.append(tableRow(node, shown));
  const foot = el("tr", {}, el("th", { scope: "row" }, "together"));
  for (const column of shown.slice(1)) foot.append(el("td", { class: "number" }, column.text(at)));
  const caption = el("caption", {}, el("b", {}, tree.label(at)), ` ${plural(below.length, "row", "rows")}`);
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
