// Closer: with Ctrl or ⌘ and the wheel, a pinch or keys the map grows about the pointer, and can be moved. What comes to fill all
// of the area is gone into, as if it had been clicked; smaller than the area it goes out. A wheel alone scrolls the page.

const STEP = 1.6;
const MOST_ZOOM = 64;
// So long a turn of the wheel that has just shown the whole goes no further out.
const REST = 350;
let stopped = 0;
let drag = null;

function zoomAt(x, y, factor) {
  const [width, height] = [map.area.clientWidth, map.area.clientHeight];
  const view = viewNow();
  const [w, h] = [view.w * factor, view.h * factor];
  if (factor < 1 && (w < width || h < height)) {
    const now = performance.now();
    if (map.view) showWhole();
    else if (now - stopped > REST) zoomOut();
    else return;
    stopped = now;
    return;
  }
  const under = map.cells[cellAt(x, y)];
  if (factor > 1 && (w > width * MOST_ZOOM || h > height * MOST_ZOOM || map.cells.length + map.dust.length === 0 || (under?.leaf && isAround(under)))) return;
  const held = under && { node: under.node, x: (x - under.x) / under.w, y: (y - under.y) / under.h };
  look({ x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, w, h }, held && { ...held, to: [x, y] });
  let into = null;
  for (const cell of map.cells) if (!cell.leaf && isAround(cell.inner)) into = cell;
  if (!into) return;
  map.next = into.inner;
  go({ at: keysOf(map.tree, into.node), tab: "map" }, true);
}

// Whether nothing else can be seen.
function isAround(box) {
  return box.x <= 0.5 && box.y <= 0.5 && box.x + box.w >= map.area.clientWidth - 1.5 && box.y + box.h >= map.area.clientHeight - 1.5;
}

// Without a gap at any edge. In more room cells may lie otherwise: then what is `held` goes back to where it is held.
function look(view, held) {
  const focused = map.cells[map.focus]?.node;
  const fit = (at, length, room) => Math.min(0, Math.max(at, room - length));
  const place = (x, y) => {
    map.view = { ...view, x: fit(x, view.w, map.area.clientWidth), y: fit(y, view.h, map.area.clientHeight) };
  };
  place(view.x, view.y);
  if (held) {
    layOut();
    const cell = map.cells.find((other) => other.node === held.node);
    if (cell) place(map.view.x + held.to[0] - cell.x - held.x * cell.w, map.view.y + held.to[1] - cell.y - held.y * cell.h);
  }
  redraw(focused);
}

function showWhole() {
  const focused = map.cells[map.focus]?.node;
  map.view = null;
  redraw(focused);
}

// What had the focus keeps it.
function redraw(focused) {
  hideTip();
  layOut();
  map.hover = -1;
  map.focus = focused === undefined ? -1 : map.cells.findIndex((cell) => cell.node === focused);
  draw();
  showZoom();
}

function showZoom() {
  byId("unzoom").hidden = !map.view;
  map.area.classList.toggle("moves", map.view !== null);
}

function zoomByKey(factor) {
  const cell = map.cells[map.focus];
  const middle = cell ? [cell.x + cell.w / 2, cell.y + cell.h / 2] : [map.area.clientWidth / 2, map.area.clientHeight / 2];
  const inside = (at, room) => Math.min(room - 1, Math.max(0, at));
  stopped = 0;
  zoomAt(inside(middle[0], map.area.clientWidth), inside(middle[1], map.area.clientHeight), factor);
  tell(map.view ? `closer, in ${map.tree.path(map.at)}` : `all of ${map.tree.path(map.at)}`);
}

map.area.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const turned = event.deltaY * [1, 16, 400][event.deltaMode];
  const box = map.area.getBoundingClientRect();
  // A notch of a wheel is a step; of a pinch there are many small ones.
  if (turned) zoomAt(event.clientX - box.left, event.clientY - box.top, STEP ** (Math.min(40, Math.max(-40, -turned)) / 40));
}, { passive: false });

map.area.addEventListener("pointerdown", (event) => {
  drag = map.view && event.button === 0 && event.pointerType !== "touch" && !tip.contains(event.target) ? { x: event.clientX, y: event.clientY, view: map.view, moved: false } : null;
});
map.area.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
  if (!drag.moved && Math.hypot(x, y) < 5) return;
  if (!drag.moved) map.area.setPointerCapture(event.pointerId);
  drag.moved = true;
  look({ ...drag.view, x: drag.view.x + x, y: drag.view.y + y });
});
for (const end of ["pointerup", "pointercancel"]) {
  map.area.addEventListener(end, () => {
    // The click that ends it is none.
    const was = drag;
    setTimeout(() => {
      if (drag === was) drag = null;
    });
  });
}
byId("unzoom").addEventListener("click", () => {
  showWhole();
  map.area.focus();
});
