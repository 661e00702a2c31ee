// The treemap under pointers and keys, and what is told of a cell.

const tip = byId("tip");
let pinned = false;

function zoomTo(node) {
  go({ at: keysOf(map.tree, node), tab: "map" });
}

// To where one came from: over directories with nothing else in them, which are drawn as one.
function zoomOut() {
  const { tree } = map;
  if (map.at === 0) return;
  let to = tree.parents[map.at];
  while (to > 0 && !tree.isGroup(to) && kidsByValue(to).length === 1) to = tree.parents[to];
  zoomTo(to);
}

// Into a group, or the group that a file is in; of a file that lies open, all that is known.
function enter(index) {
  const cell = map.cells[index];
  if (!cell) return;
  if (!cell.leaf) return zoomTo(cell.node);
  if (map.tree.kids[cell.node].length) return zoomTo(cell.node);
  const above = map.tree.parents[cell.node];
  if (above > 0 && above !== map.at && !isAbove(above, map.at)) return zoomTo(above);
  showTip(index, true);
}

function isAbove(node, other) {
  for (let at = other; at >= 0; at = map.tree.parents[at]) if (at === node) return true;
  return false;
}

// The cells that arrows go to: those right below what is looked at.
function firstCells() {
  return map.cells.flatMap((cell, index) => (cell.depth === 1 ? [index] : []));
}

function step(key) {
  const from = map.cells[map.focus];
  const first = firstCells();
  if (!from || from.depth !== 1) return first[0] ?? -1;
  const middle = (cell) => [cell.x + cell.w / 2, cell.y + cell.h / 2];
  const [x, y] = middle(from);
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = -1;
  let least = Infinity;
  for (const index of first) {
    const cell = map.cells[index];
    // Beyond the edge in that direction; the nearest, and rather straight on.
    const edge = dx ? (dx > 0 ? cell.x - from.x - from.w : from.x - cell.x - cell.w) : dy > 0 ? cell.y - from.y - from.h : from.y - cell.y - cell.h;
    if (edge < -1) continue;
    const [cx, cy] = middle(cell);
    const aside = dx ? Math.max(0, cell.y - y, y - cell.y - cell.h) : Math.max(0, cell.x - x, x - cell.x - cell.w);
    const far = edge + 3 * aside + Math.hypot(cx - x, cy - y) / 1000;
    if (far < least) [best, least] = [index, far];
  }
  return best < 0 ? map.focus : best;
}

map.area.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const { key } = event;
  if (key.startsWith("Arrow")) arrow(key);
  else if (key === "Home") focusCell(firstCells()[0] ?? -1);
  else if (key === "End") focusCell(firstCells().at(-1) ?? -1);
  else if (key === "Enter" || key === " ") enter(map.focus);
  else if (key === "Escape" && pinned) hideTip();
  else if (key === "+" || key === "=") zoomByKey(STEP);
  else if (key === "-") zoomByKey(1 / STEP);
  else if (key === "0" || (key === "Escape" && map.view)) showWhole();
  else if (key === "Escape" || key === "Backspace") zoomOut();
  else if (key === "h" && map.cells[map.focus]) takeOut(map.cells[map.focus].node);
  else if (key === "o" && map.cells[map.focus]) showOnly(map.cells[map.focus].node);
  else if (key === "a") allBack();
  else return;
  event.preventDefault();
});

// To the next cell; where there is none in sight, the map moves.
function arrow(key) {
  const next = step(key);
  if (next !== map.focus || !map.view) return focusCell(next);
  const [dx, dy] = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  look({ ...map.view, x: map.view.x + (dx * map.area.clientWidth) / 3, y: map.view.y + (dy * map.area.clientHeight) / 3 });
  focusCell(map.focus);
}

function focusCell(index) {
  map.focus = index;
  pinned = false;
  drawMarks();
  if (index >= 0) {
    showTip(index, false);
    tell(`${map.cells[index].label}, ${valueText(map.cells[index].node)}, ${shareText(map.cells[index].node)}`);
  }
}

map.area.addEventListener("focus", () => {
  if (map.focus < 0) map.focus = firstCells()[0] ?? -1;
  if (map.area.matches(":focus-visible") && map.focus >= 0) showTip(map.focus, false);
  drawMarks();
});
map.area.addEventListener("blur", () => {
  if (!pinned) hideTip();
  drawMarks();
});

function pointed(event) {
  const box = map.area.getBoundingClientRect();
  return cellAt(event.clientX - box.left, event.clientY - box.top);
}

map.area.addEventListener("pointermove", (event) => {
  if (pinned || drag?.moved) return;
  const index = pointed(event);
  if (index !== map.hover) {
    map.hover = index;
    drawMarks();
    map.area.classList.toggle("enters", index >= 0);
  }
  if (index >= 0) showTip(index, false, event);
  else hideTip();
});
map.area.addEventListener("pointerleave", () => {
  map.hover = -1;
  if (!pinned) hideTip();
  drawMarks();
});
map.area.addEventListener("click", (event) => {
  if (drag?.moved) return;
  const index = pointed(event);
  if (pinned) hideTip();
  map.focus = map.cells[index]?.depth === 1 ? index : -1;
  const box = map.area.getBoundingClientRect();
  // Where there is nothing but what is too small, closer.
  if (index < 0) zoomAt(event.clientX - box.left, event.clientY - box.top, STEP ** 3);
  else enter(index);
});
document.addEventListener("pointerdown", (event) => {
  if (pinned && !tip.contains(event.target) && !map.area.contains(event.target)) hideTip();
});
tip.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  hideTip();
  map.area.focus();
});

function hideTip() {
  pinned = false;
  tip.hidden = true;
}

// All that is known of a cell; it stays if `pin`.
function showTip(index, pin, event) {
  const cell = map.cells[index];
  const { tree } = map;
  const { node } = cell;
  if (tip.dataset.node !== `${state.by} ${node}` || pin !== pinned || tip.hidden) {
    tip.replaceChildren(el("p", { class: "where" }, tree.path(node)), el("table", {}, el("caption", { class: "sr" }, "Sizes"), el("tbody", {}, ...sizeRows(node))), facts(node));
    if (pin) tip.append(actions(node));
    else if (!cell.leaf || tree.kids[node].length) tip.append(el("p", { class: "hint" }, "click or Enter: look inside"));
    tip.dataset.node = `${state.by} ${node}`;
  }
  pinned = pin;
  tip.classList.toggle("pinned", pin);
  tip.hidden = false;
  const area = map.area.getBoundingClientRect();
  const x = event ? event.clientX - area.left : cell.x + Math.min(cell.w / 2, 60);
  const y = event ? event.clientY - area.top : cell.y + Math.min(cell.h / 2, 30);
  const [w, h] = [tip.offsetWidth, tip.offsetHeight];
  const left = Math.max(0, Math.min(x + 14, area.width - w));
  // Above, where below there is no room: never under the pointer.
  const below = y + 18 + h <= window.innerHeight - area.top - 8 || y - 12 - h < -area.top;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? y + 18 : y - 12 - h}px`;
  if (pin) tip.querySelector("button")?.focus();
}

function sizeRows(node) {
  const { tree } = map;
  const names = [["disk", DISK], ["pull", PULL], ["tar", TAR]];
  const rows = [];
  for (const [name, measure] of names) {
    if (measure === PULL && !data.pull) continue;
    if (data.change) {
      const [was, is] = [tree.part(node, OLD, measure), tree.part(node, NEW, measure)];
      rows.push([name, signed(is - was), `${count(was)} → ${count(is)} B`]);
    } else {
      const all = tree.all(node, measure);
      rows.push([name, size(all), `${count(all)} B`]);
    }
  }
  if (!data.change) {
    const hidden = tree.part(node, 3, DISK);
    if (hidden) rows.push(["hidden", size(hidden), `${count(hidden)} B`]);
  }
  return rows.map(([name, short, exact]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, short), el("td", { class: "exact" }, exact)));
}

function shareText(node) {
  const { tree } = map;
  if (data.change) {
    const measure = measureNow();
    return `${count(tree.part(node, OLD, ENTRIES))} → ${count(tree.part(node, NEW, ENTRIES))} entries` + (node ? `, ${percent(tree.part(node, GROWN, measure) + tree.part(node, SHRUNK, measure), tree.part(0, GROWN, measure) + tree.part(0, SHRUNK, measure))} of all that moved` : "");
  }
  return `${percent(tree.all(node, measureNow()), tree.all(0, measureNow()))} of ${tree.choice ? "the layers shown" : "the image"}, ${plural(tree.all(node, ENTRIES), "entry", "entries")}`;
}

function facts(node) {
  const { tree } = map;
  const list = el("ul", {});
  const say = (text) => list.append(el("li", {}, text));
  say(shareText(node));
  if (!data.change) {
    const kinds = kindsOf(tree, node, DISK);
    const words = KINDS.flatMap((kind, at) => (kinds[at] > 0 ? [`${kind.name} ${size(kinds[at])}`] : []));
    if (words.length) say(words.join(", "));
  }
  const layers = (data.sets[tree.sets[node]] ?? []).filter((layer) => tree.choice === null || tree.choice.has(layer));
  if (layers.length === 1) say(`layer: ${layerLabel(layers[0])}`);
  else if (layers.length) say(`layers: ${layers.length > 8 ? count(layers.length) : layers.map((layer) => data.layers[layer].place).join(", ")}`);
  const named = (number, names, what) => {
    if (number >= 0) say(`${what}: ${names[number]}`);
    else if (number === -2 && state.by !== what) say(`${what}: several`);
  };
  if (!data.change) {
    named(tree.packages[node], data.packages, "package");
    named(tree.rules[node], data.rules, "rule");
  }
  return list;
}

function actions(node) {
  const { tree } = map;
  const row = el("p", { class: "actions" });
  const layers = data.sets[tree.sets[node]] ?? [];
  if (!data.change && data.trees.layer && layers.length === 1 && state.by !== "layer") row.append(link("its layer", { ...other("layer"), at: String(layers[0] + 1) }));
  if (data.trees.rule && tree.rules[node] >= 0 && state.by !== "rule") row.append(link("its rule", { ...other("rule"), at: encodeURIComponent(data.rules[tree.rules[node]]) }));
  row.append(button("copy path", (event) => copy(tree.path(node), event.currentTarget)), button("take out of the map", () => takeOut(node)), button("only this", () => showOnly(node)));
  if (tree.layers().length > 1 && layers.length && layers.length < tree.layers().length) row.append(button(layers.length === 1 ? "only its layer" : "only its layers", () => showLayersAlone(layers)));
  row.append(button("close", () => {
    hideTip();
    map.area.focus();
  }));
  return row;
}

function link(text, change) {
  return el("a", { href: address({ ...state, ...change }) }, text);
}
