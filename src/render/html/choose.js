// Which layers count: entries of others are in no sum, no row, no cell and no search. And what else is out of the map.

const choice = { list: byId("choose-list"), told: byId("choose-told"), of: "" };
const MOST_RANGES = 1000;
const MOST_OUT = 1000;

// What a link shows: `3,5-9` by their numbers, `none`, or nothing for all, which is `null` here.
function chosenLayers(tree, text) {
  const all = tree.layers();
  if (text === "" || all.length === 0) return null;
  const ranges = text.split(",", MOST_RANGES).flatMap((range) => {
    const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(range) ?? [];
    return from === undefined ? [] : [[Number(from), Number(to ?? from)]];
  });
  if (text !== "none" && ranges.length === 0) return null;
  const shown = all.filter((layer) => ranges.some(([from, to]) => data.layers[layer].number >= from && data.layers[layer].number <= to));
  return shown.length === all.length ? null : new Set(shown);
}

function layersText(tree, shown) {
  const all = tree.layers();
  if (all.every((layer) => shown.has(layer))) return "";
  const ranges = [];
  let last = null;
  for (const layer of all) {
    const { number } = data.layers[layer];
    if (!shown.has(layer)) last = null;
    else if (last) last[1] = number;
    else ranges.push((last = [number, number]));
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join() || "none";
}

function showLayersAlone(layers) {
  go({ layers: layersText(map.tree, new Set(layers)) });
}

function toggleLayer(layer, wanted) {
  const { tree } = map;
  const shown = new Set(tree.choice ?? tree.layers());
  if (wanted) shown.add(layer);
  else shown.delete(layer);
  showLayersAlone(shown);
}

// The bytes of parts as they are written.
function partsText(parts) {
  return data.change ? signed(parts[NEW] - parts[OLD]) : size(state.measure === "hidden" ? parts[3] : parts[0] + parts[1] + parts[2] + parts[3]);
}

function showChoice() {
  const { tree } = map;
  const layers = tree.layers();
  byId("choose").hidden = layers.length === 0;
  byId("choose-none").disabled = tree.choice?.size === 0;
  byId("choose-all").disabled = tree.choice === null;
  byId("no-choice").hidden = layers.length > 0 || !data.trees.layer;
  choice.told.textContent = tree.choice ? `${count(tree.choice.size)} of ${count(layers.length)}` : `all ${count(layers.length)}`;
  const of = `${state.by} ${state.measure} ${tree.length}`;
  if (choice.of !== of) {
    choice.of = of;
    const sums = tree.layerSums(measureNow());
    choice.list.replaceChildren(...layers.map((layer) => choiceRow(layer, sums.get(layer) ?? [0, 0, 0, 0])));
  }
  for (const box of choice.list.querySelectorAll("input")) box.checked = tree.choice === null || tree.choice.has(Number(box.value));
}

function choiceRow(layer, parts) {
  const { place, text } = data.layers[layer];
  const box = el("input", { type: "checkbox", value: layer });
  box.addEventListener("change", () => toggleLayer(layer, box.checked));
  const name = el("span", { class: "name", title: text }, el("b", {}, place), ` ${text}`);
  const only = button("only", () => showLayersAlone([layer]));
  only.setAttribute("aria-label", `only layer ${place}`);
  return el("li", {}, el("label", {}, box, name, el("span", { class: "number" }, partsText(parts))), only);
}

// What is not seen, and the way back.
function showLeftOut() {
  const { tree } = map;
  const told = [];
  if (tree.choice) {
    const out = tree.layers().filter((layer) => !tree.choice.has(layer));
    const places = out.map((layer) => data.layers[layer].place);
    const named = out.length > 8 ? `${count(out.length)} of ${count(tree.layers().length)} layers are` : `${out.length === 1 ? "Layer" : "Layers"} ${places.join(", ")} ${out.length === 1 ? "is" : "are"}`;
    told.push(`${named} left out of map, sums, table and search: ${layersBytes(out, DISK)} on disk${data.pull ? `, ${layersBytes(out, PULL)} to pull` : ""}. `);
  }
  if (map.only !== null) told.push(`Only ${tree.path(map.only)} is in the map; the table has all. `);
  if (map.left.size) told.push(`${plural(map.left.size, "node is", "nodes are")} out of the map, not of the table. `);
  const place = byId("left-out");
  place.hidden = told.length === 0;
  place.replaceChildren(...told, button("show all", allBack));
}

function layersBytes(layers, measure) {
  const sums = map.tree.layerSums(measure);
  const parts = [0, 1, 2, 3].map((part) => layers.reduce((all, layer) => all + (sums.get(layer)?.[part] ?? 0), 0));
  return data.change ? signed(parts[NEW] - parts[OLD]) : size(parts[0] + parts[1] + parts[2] + parts[3]);
}

function allBack() {
  go({ layers: "", out: "", only: "" });
  map.area.focus();
  tell("all is shown");
}

function takeOut(node) {
  const name = map.tree.label(node);
  go({ out: [...state.out.split(",").filter(Boolean), exactKeys(map.tree, node)].join() });
  tell(`${name} is out of the map`);
}

function showOnly(node) {
  const name = map.tree.label(node);
  go({ only: exactKeys(map.tree, node) });
  tell(`only ${name} is in the map`);
}

for (const [id, shown] of [["choose-all", () => map.tree.layers()], ["choose-none", () => []]]) byId(id).addEventListener("click", () => showLayersAlone(shown()));
