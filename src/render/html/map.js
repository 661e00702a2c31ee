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

const map = {
  area: byId("map-area"),
  base: byId("map-canvas"),
  over: byId("map-marks"),
  tree: null,
  at: 0,
  values: null,
  cells: [],
  matches: null,
  left: new Set(),
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
  for (let node = tree.length - 1; node >= 0; node -= 1) {
    if (tree.kids[node].length === 0) {
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
  const total = map.values[map.at];
  if (!(total > 0) || width < 2 || height < 2) return;
  const kids = kidsByValue(map.at);
  const open = [];
  const place = (depth, from) => (node, x, y, w, h) => open.push({ node, x, y, w, h, depth, from });
  if (kids.length) squarify(kids, (kid) => map.values[kid], total, 0, 0, width, height, place(1, -1));
  else place(1, -1)(map.at, 0, 0, width, height);
  // The last first: what lies on top is looked at first when something is pointed at.
  for (let next = 0; next < open.length; next += 1) {
    const cell = open[next];
    let { node } = cell;
    let label = map.tree.label(node);
    let below = kidsByValue(node);
    // A directory with nothing but one directory is drawn as one.
    while (below.length === 1 && kidsByValue(below[0]).length && !map.tree.isGroup(below[0])) {
      node = below[0];
      label += `/${map.tree.label(node)}`;
      below = kidsByValue(node);
    }
    Object.assign(cell, { node, label, leaf: true });
    const w = cell.w - GAP;
    const h = cell.h - GAP;
    if (w < 1.5 || h < 1.5) continue;
    map.cells.push(cell);
    const index = map.cells.length - 1;
    if (below.length === 0 || w < 22 || h < 22 || cell.depth > 60) continue;
    cell.leaf = false;
    cell.head = w > 44 && h > 44 ? HEAD : 0;
    const pad = cell.head || (w > 26 && h > 26) ? PAD : 1;
    const inner = { x: cell.x + pad, y: cell.y + (cell.head || pad), w: w - 2 * pad, h: h - (cell.head || pad) - pad };
    squarify(below, (kid) => map.values[kid], map.values[node], inner.x, inner.y, inner.w, inner.h, place(cell.depth + 1, index));
  }
}

// Colours and patterns as the style sheet has them.
function inks() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const ink = { text: colour("cell-text"), dim: colour("cell-dim"), surface: colour("map"), group: colour("group"), line: colour("line") };
  ink.groupText = colour("text");
  ink.groupDim = colour("muted");
  ink.focus = colour("accent");
  ink.found = colour("found");
  ink.veil = colour("veil");
  ink.kinds = KINDS.map((kind) => ({ fill: colour(`k-${kind.id}`), mark: colour(`m-${kind.id}`) }));
  return ink;
}

// The same marks as in the legend (page.html): none can be told by its colour alone.
function pattern(context, mark, kind, ratio) {
  const draw = MARKS[kind];
  if (!draw) return null;
  const tile = document.createElement("canvas");
  const edge = 8;
  tile.width = tile.height = edge * ratio;
  const pen = tile.getContext("2d");
  pen.scale(ratio, ratio);
  pen.strokeStyle = mark;
  pen.lineWidth = 1.2;
  pen.beginPath();
  draw(pen, edge);
  pen.stroke();
  const made = context.createPattern(tile, "repeat");
  made.setTransform(new DOMMatrix().scale(1 / ratio));
  return made;
}

const rising = (pen, edge) => {
  for (const shift of [-edge, 0, edge]) {
    pen.moveTo(shift - 1, edge + 1);
    pen.lineTo(shift + edge + 1, -1);
  }
};
const falling = (pen, edge) => {
  for (const shift of [-edge, 0, edge]) {
    pen.moveTo(shift - 1, -1);
    pen.lineTo(shift + edge + 1, edge + 1);
  }
};
const level = (pen, edge) => {
  pen.moveTo(0, edge / 2);
  pen.lineTo(edge, edge / 2);
};
const MARKS = { base: level, unneeded: rising, hidden: falling, grown: rising, shrunk: level, removed: falling };

function draw() {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const width = map.area.clientWidth;
  const height = map.area.clientHeight;
  for (const canvas of [map.base, map.over]) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = map.base.getContext("2d");
  pen.scale(ratio, ratio);
  const ink = inks();
  ink.patterns = KINDS.map((kind, at) => pattern(pen, ink.kinds[at].mark, kind.id, ratio));
  pen.fillStyle = ink.surface;
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = "middle";
  const font = getComputedStyle(document.body).fontFamily;
  map.fonts = { name: `12px ${font}`, head: `600 12px ${font}`, dim: `11px ${font}` };
  for (const cell of map.cells) {
    if (cell.leaf) drawLeaf(pen, cell, ink);
    else drawGroup(pen, cell, ink);
  }
  if (map.cells.length === 0) {
    pen.fillStyle = ink.groupDim;
    pen.font = map.fonts.name;
    pen.textAlign = "center";
    pen.fillText(emptyText(), width / 2, height / 2);
    pen.textAlign = "start";
  }
  drawMarks();
}

function emptyText() {
  if (kindsShown().every((shown) => !shown)) return "All kinds are switched off.";
  if (map.left.size) return "What is here was taken out of the map.";
  if (data.change) return "Nothing changed here.";
  return state.measure === "hidden" ? "Nothing is hidden here." : "Nothing here has content.";
}

function drawGroup(pen, cell, ink) {
  pen.fillStyle = ink.group;
  pen.fillRect(cell.x, cell.y, cell.w - GAP, cell.h - GAP);
  pen.strokeStyle = ink.line;
  pen.lineWidth = 1;
  pen.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.w - GAP - 1, cell.h - GAP - 1);
  if (!cell.head) return;
  const room = cell.w - GAP - 12;
  const bytes = valueText(cell.node);
  pen.font = map.fonts.dim;
  const wide = pen.measureText(bytes).width;
  const both = room > wide + 60;
  if (both) {
    pen.fillStyle = ink.groupDim;
    pen.fillText(bytes, cell.x + cell.w - GAP - 6 - wide, cell.y + HEAD / 2 + 0.5);
  }
  pen.font = map.fonts.head;
  pen.fillStyle = ink.groupText;
  const text = fitted(pen, cell.label, room - (both ? wide + 10 : 0));
  if (text) pen.fillText(text, cell.x + 6, cell.y + HEAD / 2 + 0.5);
}

function drawLeaf(pen, cell, ink) {
  const w = cell.w - GAP;
  const h = cell.h - GAP;
  const kinds = kindsOf(map.tree, cell.node, measureNow());
  const shown = kindsShown();
  const whole = kinds.reduce((sum, bytes, kind) => sum + (shown[kind] ? bytes : 0), 0);
  let offset = 0;
  for (let kind = 0; kind < 4; kind += 1) {
    if (!shown[kind] || !(kinds[kind] > 0)) continue;
    const share = kinds[kind] / whole;
    // Along the longer side, so that each band can be seen.
    const box = w >= h ? [cell.x + offset * w, cell.y, share * w, h] : [cell.x, cell.y + offset * h, w, share * h];
    pen.fillStyle = ink.kinds[kind].fill;
    pen.fillRect(...box);
    if (ink.patterns[kind] && box[2] > 3 && box[3] > 3) {
      pen.fillStyle = ink.patterns[kind];
      pen.fillRect(...box);
    }
    offset += share;
  }
  if (isFound(cell.node) && w > 15 && h > 12) {
    // A folded corner: a rule found it.
    const edge = Math.min(8, w / 3);
    pen.fillStyle = ink.found;
    pen.beginPath();
    pen.moveTo(cell.x + w - edge, cell.y);
    pen.lineTo(cell.x + w, cell.y);
    pen.lineTo(cell.x + w, cell.y + edge);
    pen.fill();
  }
  drawLabel(pen, cell, ink, w, h);
}

function isFound(node) {
  return !data.change && map.tree.rules[node] >= 0;
}

function drawLabel(pen, cell, ink, w, h) {
  if (w < 30 || h < 15) return;
  const dim = map.tree.isFold(cell.node);
  pen.font = map.fonts.name;
  const text = fitted(pen, cell.label, w - 10);
  if (!text) return;
  // On a plate of its own where there is a pattern below.
  pen.fillStyle = dim ? ink.dim : ink.text;
  pen.fillText(text, cell.x + 5, cell.y + 9);
  if (h < 31) return;
  pen.font = map.fonts.dim;
  const bytes = valueText(cell.node);
  if (pen.measureText(bytes).width <= w - 10) {
    pen.fillStyle = ink.dim;
    pen.fillText(bytes, cell.x + 5, cell.y + 24);
  }
}

// Text in `room` pixels, with an ellipsis; nothing where not even three signs fit.
function fitted(pen, text, room) {
  if (room < 18) return "";
  if (text.length < 200 && pen.measureText(text).width <= room) return text;
  let [low, high] = [0, Math.min(text.length, Math.ceil(room / 3))];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low < 3 ? "" : `${text.slice(0, low).trimEnd()}…`;
}

// What is written beside a name: what the area shows.
function valueText(node) {
  if (!data.change) return size(map.values[node]);
  const { tree } = map;
  const measure = measureNow();
  return signed(tree.part(node, NEW, measure) - tree.part(node, OLD, measure));
}

// Focus, hover and what was searched for, on a canvas of their own.
function drawMarks() {
  const pen = map.over.getContext("2d");
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, map.area.clientWidth, map.area.clientHeight);
  const ink = inks();
  if (map.matches) {
    for (const cell of map.cells) {
      if (cell.leaf && !isMatch(cell.node)) {
        pen.fillStyle = ink.veil;
        pen.fillRect(cell.x, cell.y, cell.w - GAP, cell.h - GAP);
      }
    }
    for (const cell of map.cells) if (map.matches.has(cell.node)) ring(pen, cell, ink.focus, 2);
  }
  const hovered = map.cells[map.hover];
  if (hovered) ring(pen, hovered, ink.groupText, 1.5);
  const focused = map.cells[map.focus];
  if (focused && document.activeElement === map.area) {
    ring(pen, focused, ink.surface, 5);
    ring(pen, focused, ink.focus, 3);
  }
}

function ring(pen, cell, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.strokeRect(cell.x + width / 2, cell.y + width / 2, cell.w - GAP - width, cell.h - GAP - width);
}

// Whether a node, or one above it, was found.
function isMatch(node) {
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
