// The whole tree by directory: unpacked when the page stands, and then in place of the one that is cut. `whole.rs` packs it.

class Column {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  // Numbers of more than 31 bits are sizes, too.
  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at];
      this.at += 1;
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
    }
  }
}

async function inflated(packed) {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function wholeTree() {
  const bytes = await inflated(data.whole.packed);
  const rest = new Column(bytes);
  const length = rest.number();
  const nodes = rest.number();
  const names = new TextDecoder().decode(bytes.subarray(rest.at, rest.at + length)).split("\n");
  rest.at += length;
  const column = (size) => Array.from({ length: size }, () => rest.number());
  const [children, sets, packages, rules] = [column(nodes), column(nodes), column(nodes), column(nodes)];
  const apart = (node) => (children[node] ? 0 : layersApart(sets[node]).length);
  const masks = column(children.reduce((all, _, node) => all + apart(node), 0));
  const there = masks.reduce((all, mask) => all + (mask & 1) + ((mask >> 1) & 1) + ((mask >> 2) & 1) + (mask >> 3), 0);
  const [entries, contents, more, blobs] = [column(there), column(there), column(there), column(data.columns === 4 ? there : 0)];
  const flat = [];
  let [share, part] = [0, 0];
  for (let node = 0; node < nodes; node += 1) {
    flat.push(node === 0 ? ["/"] : names[node] || FOLD, children[node], sets[node], packages[node] - 2, rules[node] - 2);
    if (children[node]) {
      flat.push(SUM);
      continue;
    }
    for (const last = share + apart(node); share < last; share += 1) {
      flat.push(masks[share]);
      for (let left = masks[share]; left; left &= left - 1) {
        const tar = 512 * (Math.ceil(contents[part] / 512) + entries[part]) + (more[part] % 2 ? -(more[part] + 1) / 2 : more[part] / 2);
        flat.push(entries[part], contents[part], tar);
        if (data.columns === 4) flat.push(blobs[part]);
        part += 1;
      }
    }
  }
  return new Tree(flat, data.whole.folded, "directory");
}

// Whether the whole tree is still to come, and that it never will.
let coming = data.whole !== undefined;

async function unpack() {
  if (!coming) return;
  let tree;
  try {
    tree = await wholeTree();
  } catch {
    // A browser that cannot unpack has what is listed, and says so.
    coming = false;
    showSearch();
    return;
  }
  coming = false;
  exchange("directory", tree);
}

// The same view of another tree.
function exchange(by, tree) {
  const was = grown.get(by);
  grown.set(by, tree);
  if (!was || map.tree !== was) return;
  const same = (node) => nodeAt(tree, keysOf(was, node));
  const focused = map.cells[map.focus];
  map.tree = tree;
  recall();
  map.at = nodeAt(tree, state.at);
  hideTip();
  if (state.tab !== "map") return;
  refresh();
  map.focus = focused ? map.cells.findIndex((cell) => cell.node === same(focused.node)) : -1;
  map.hover = -1;
  drawMarks();
}
