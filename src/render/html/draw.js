// The treemap: how it is drawn.

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
  ink.shown = kindsShown();
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
  for (const dust of map.dust) drawDust(pen, dust, ink);
  if (map.cells.length === 0 && map.dust.length === 0) {
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
  if (map.tree.choice && !map.tree.isThere(map.at)) return "What is here is in layers that are left out.";
  if (map.left.size || map.only !== null) return "What is here was taken out of the map.";
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
  // What begins outside is named where it can be seen.
  const left = Math.max(cell.x, 0);
  const right = Math.min(cell.x + cell.w - GAP, map.area.clientWidth);
  const room = right - left - 12;
  const bytes = valueText(cell.node);
  pen.font = map.fonts.dim;
  const wide = pen.measureText(bytes).width;
  const both = room > wide + 60;
  if (both) {
    pen.fillStyle = ink.groupDim;
    pen.fillText(bytes, right - 6 - wide, cell.y + HEAD / 2 + 0.5);
  }
  pen.font = map.fonts.head;
  pen.fillStyle = ink.groupText;
  const text = fitted(pen, cell.label, room - (both ? wide + 10 : 0));
  if (text) pen.fillText(text, left + 6, cell.y + HEAD / 2 + 0.5);
}

// By kinds, in bands along the longer side, so that each can be seen.
function fillKinds(pen, ink, kinds, x, y, w, h) {
  const { shown } = ink;
  const whole = kinds.reduce((sum, bytes, kind) => sum + (shown[kind] ? bytes : 0), 0);
  let offset = 0;
  for (let kind = 0; kind < 4; kind += 1) {
    if (!shown[kind] || !(kinds[kind] > 0)) continue;
    const share = kinds[kind] / whole;
    const box = w >= h ? [x + offset * w, y, share * w, h] : [x, y + offset * h, w, share * h];
    pen.fillStyle = ink.kinds[kind].fill;
    pen.fillRect(...box);
    if (ink.patterns[kind] && box[2] > 3 && box[3] > 3) {
      pen.fillStyle = ink.patterns[kind];
      pen.fillRect(...box);
    }
    offset += share;
  }
}

function drawDust(pen, dust, ink) {
  const kinds = [0, 0, 0, 0];
  for (const node of dust.nodes) kindsOf(map.tree, node, measureNow()).forEach((bytes, kind) => (kinds[kind] += bytes));
  const [w, h] = [dust.w - GAP, dust.h - GAP];
  fillKinds(pen, ink, kinds, dust.x, dust.y, Math.max(w, 0.5), Math.max(h, 0.5));
  if (dust.nodes.length < 2 || w < 60 || h < 15) return;
  pen.font = map.fonts.dim;
  pen.fillStyle = ink.dim;
  const text = fitted(pen, `${count(dust.nodes.length)} smaller`, w - 10);
  if (text) pen.fillText(text, dust.x + 5, dust.y + 9);
}

function drawLeaf(pen, cell, ink) {
  const w = cell.w - GAP;
  const h = cell.h - GAP;
  fillKinds(pen, ink, kindsOf(map.tree, cell.node, measureNow()), cell.x, cell.y, w, h);
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
  const [left, top] = [Math.max(cell.x, 0), Math.max(cell.y, 0)];
  const seen = { node: cell.node, label: cell.label, x: left, y: top };
  drawLabel(pen, seen, ink, Math.min(cell.x + w, map.area.clientWidth) - left, Math.min(cell.y + h, map.area.clientHeight) - top);
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
    for (const dust of map.dust) {
      if (dust.nodes.some(isMatch)) continue;
      pen.fillStyle = ink.veil;
      pen.fillRect(dust.x, dust.y, dust.w - GAP, dust.h - GAP);
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
