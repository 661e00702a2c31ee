// The treemap: what is drawn where.

const KINDS = data.change
  ? [
      { id: "added", name: "added" },
      { id: "grown", name: "grown" },
      { id: "shrunk", name: "shrunk" },
      { id: "removed", name: "removed" },
    ]
  : [
      { id: "base", name: "base" },
      { id: "own", name: "own" },
      { id: "unneeded", name: "unneeded" },
      { id: "hidden", name: "hidden by later layers" },
    ];
const OLD = 0, NEW = 1, GROWN = 2, SHRUNK = 3;
const GAP = 1, PAD = 3, HEAD = 18;
// Square pixels of a cell that can be told from its neighbours.
const LEAST = 12;

const map = {
  area: byId("map-area"),
  base: byId("map-canvas"),
  over: byId("map-marks"),
  tree: null,
  at: 0,
  // Where the whole of what is looked at lies if it is larger than the area.
  view: null,
  next: null,
  values: null,
  cells: [],
  // What is too small for cells of its own, in one for each directory.
  dust: [],
  // What was found, and all that it is in.
  matches: null,
  holding: null,
  left: new Set(),
  only: null,
  focus: -1,
  hover: -1,
};

function measureNow() {
  return state.measure === "pull" ? PULL : DISK;
}

// What a node has of each kind, in the order of KINDS.
function kindsOf(tree, node, measure) {
  if (!data.change) return [0, 1, 2, 3].map((part) => tree.part(node, part, measure));
  const grown = tree.part(node, GROWN, measure);
  const shrunk = tree.part(node, SHRUNK, measure);
  const added = tree.part(node, OLD, ENTRIES) === 0;
  const removed = tree.part(node, NEW, ENTRIES) === 0;
  return [added ? grown : 0, added ? 0 : grown, removed ? 0 : shrunk, removed ? shrunk : 0];
}

function kindsShown() {
  const off = new Set(state.off.split(","));
  return KINDS.map((kind) => (data.change || state.measure !== "hidden" ? !off.has(kind.id) : kind.id === "hidden"));
}

// Areas: of the leaves by what is shown of them, of all others the sum of what is below.
function weighAll() {
  const { tree } = map;
  const measure = measureNow();
  const shown = kindsShown();
  const values = new Float64Array(tree.length);
  const inside = new Uint8Array(tree.length);
  for (let node = 0; node < tree.length; node += 1) inside[node] = map.only === null || node === map.only || (node > 0 && inside[tree.parents[node]]) ? 1 : 0;
  for (let node = tree.length - 1; node >= 0; node -= 1) {
    if (tree.kids[node].length === 0 && inside[node]) {
      const kinds = kindsOf(tree, node, measure);
      for (let kind = 0; kind < 4; kind += 1) if (shown[kind]) values[node] += kinds[kind];
    }
    if (map.left.has(node)) values[node] = 0;
    if (node > 0) values[tree.parents[node]] += values[node];
  }
  map.values = values;
  map.sorted = new Map();
}

function kidsByValue(node) {
  let kids = map.sorted.get(node);
  if (!kids) {
    kids = map.tree.kids[node].filter((kid) => map.values[kid] > 0).sort((a, b) => map.values[b] - map.values[a]);
    map.sorted.set(node, kids);
  }
  return kids;
}

function layOut() {
  const width = map.area.clientWidth;
  const height = map.area.clientHeight;
  map.cells = [];
  map.dust = [];
  const total = map.values[map.at];
  if (!(total > 0) || width < 2 || height < 2) return;
  const kids = kidsByValue(map.at);
  const open = [];
  const isInside = (x, y, w, h) => x < width && y < height && x + w > 0 && y + h > 0;
  const gather = (nodes, x, y, w, h) => {
    if (isInside(x, y, w, h)) map.dust.push({ nodes, x, y, w, h });
  };
  const place = (depth, from) => (node, x, y, w, h) => open.push({ node, x, y, w, h, depth, from });
  const view = viewNow();
  if (kids.length) squarify(kids, (kid) => map.values[kid], total, view.x, view.y, view.w, view.h, place(1, -1), LEAST, gather);
  else place(1, -1)(map.at, view.x, view.y, view.w, view.h);
  // The last first: what lies on top is looked at first when something is pointed at.
  for (let next = 0; next < open.length; next += 1) {
    const cell = open[next];
    if (!isInside(cell.x, cell.y, cell.w, cell.h)) continue;
    let { node } = cell;
    let label = map.tree.label(node);
    let below = kidsByValue(node);
    // A directory with nothing but one directory is drawn as one.
    while (below.length === 1 && kidsByValue(below[0]).length && !map.tree.isGroup(node)) {
      node = below[0];
      label += `/${map.tree.label(node)}`;
      below = kidsByValue(node);
    }
    Object.assign(cell, { node, label, leaf: true });
    const w = cell.w - GAP;
    const h = cell.h - GAP;
    if (w < 1.5 || h < 1.5) {
      gather([node], cell.x, cell.y, cell.w, cell.h);
      continue;
    }
    map.cells.push(cell);
    const index = map.cells.length - 1;
    if (below.length === 0 || w < 22 || h < 22 || cell.depth > 60) continue;
    cell.leaf = false;
    cell.head = w > 44 && h > 44 ? HEAD : 0;
    const pad = cell.head || (w > 26 && h > 26) ? PAD : 1;
    const inner = cell.inner = { x: cell.x + pad, y: cell.y + (cell.head || pad), w: w - 2 * pad, h: h - (cell.head || pad) - pad };
    squarify(below, (kid) => map.values[kid], map.values[node], inner.x, inner.y, inner.w, inner.h, place(cell.depth + 1, index), LEAST, gather);
  }
}

function viewNow() {
  return map.view ?? { x: 0, y: 0, w: map.area.clientWidth, h: map.area.clientHeight };
}

function setMatches(found) {
  map.matches = found && new Set(found);
  map.holding = found && new Set();
  for (const node of found ?? []) {
    for (let at = map.tree.parents[node]; at >= 0 && !map.holding.has(at); at = map.tree.parents[at]) map.holding.add(at);
  }
}

// Whether a node, or one above or below it, was found.
function isMatch(node) {
  if (map.holding.has(node)) return true;
  for (let at = node; at >= 0; at = map.tree.parents[at]) if (map.matches.has(at)) return true;
  return false;
}

// The innermost cell at a point, or -1.
function cellAt(x, y) {
  for (let at = map.cells.length - 1; at >= 0; at -= 1) {
    const cell = map.cells[at];
    if (x >= cell.x && x < cell.x + cell.w && y >= cell.y && y < cell.y + cell.h) return at;
  }
  return -1;
}
