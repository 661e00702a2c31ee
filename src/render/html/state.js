// What is looked at, kept in the address, so that it can be shared and gone back to: `#map?by=layer&at=3/usr`.

// Sections get other ids than those in the address: a browser would scroll to them.
const TABS = [...document.querySelectorAll("main > section")].map((section) => {
  const { id } = section;
  section.id = `section-${id}`;
  byId(`tab-${id}`).setAttribute("aria-controls", section.id);
  return id;
});
const FIRST = { tab: TABS[0], by: data.first, measure: "disk", at: "", find: "", off: "", layers: "", only: "", out: "" };
let state = { ...FIRST };

function parseAddress() {
  const hash = location.hash.slice(1);
  const [tab, query = ""] = hash.split(/\?(.*)/s);
  const read = { ...FIRST };
  for (const [name, value] of new URLSearchParams(query)) if (Object.hasOwn(FIRST, name) && name !== "tab") read[name] = value;
  if (TABS.includes(tab)) read.tab = tab;
  if (!Object.hasOwn(data.trees, read.by)) read.by = FIRST.by;
  if (!["disk", "pull", "hidden"].includes(read.measure) || (read.measure === "pull" && !data.pull)) read.measure = FIRST.measure;
  if (data.change && read.measure === "hidden") read.measure = FIRST.measure;
  return read;
}

function address(wanted) {
  const query = [];
  for (const name of ["by", "measure", "at", "layers", "only", "out", "off", "find"]) {
    if (wanted[name] !== FIRST[name]) query.push(`${name}=${encodeURIComponent(wanted[name]).replace(/%2[FC]/g, decodeURIComponent)}`);
  }
  return `#${wanted.tab}${query.length ? `?${query.join("&")}` : ""}`;
}

// Goes somewhere: a step that Back undoes, unless it is `quiet`.
function go(change, quiet = false) {
  const wanted = { ...state, ...change };
  const to = address(wanted);
  if (to === location.hash || (location.hash === "" && to === address(FIRST))) {
    apply(wanted);
  } else if (quiet) {
    history.replaceState(null, "", to);
    apply(wanted);
  } else {
    location.hash = to;
  }
}

// Where a node is, in the address.
function keysOf(tree, node) {
  return tree.way(node).map((at) => encodeURIComponent(tree.key(at))).join("/");
}

function plainKeys(keys) {
  const plain = (key) => {
    try {
      return decodeURIComponent(key);
    } catch {
      return key;
    }
  };
  return keys.split("/").map(plain);
}

function nodeAt(tree, keys) {
  return keys ? tree.find(plainKeys(keys)) : 0;
}

// The same of what is to be found or not at all: what is folded has a key without a sign.
function exactKeys(tree, node) {
  return tree.isFold(node) ? `${keysOf(tree, tree.parents[node])}/` : keysOf(tree, node);
}

function exactNode(tree, keys) {
  const isFold = keys.endsWith("/");
  const inside = isFold ? keys.slice(0, -1) : keys;
  const node = nodeAt(tree, inside);
  if (tree.way(node).length !== (inside ? plainKeys(inside).length : 0)) return undefined;
  if (!isFold) return node || undefined;
  return tree.kids[node].find((kid) => tree.isFold(kid));
}

// Elsewhere: what is out of one map says nothing of another; each platform has layers of its own.
function other(by) {
  return { by, at: "", find: "", only: "", out: "", layers: data.many ? "" : state.layers };
}
