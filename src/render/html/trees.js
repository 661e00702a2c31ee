// The trees, out of their flat lists: see `render/html/data.rs` for what is in them.

const FOLD = 0;
// In place of parts: they are the sum of what is below.
const SUM = -1;
const ENTRIES = 0, DISK = 1, TAR = 2, PULL = 3;

// Layers whose parts are listed one after the other; of a change it is all in one.
function layersApart(set) {
  const layers = data.sets[set] ?? [];
  if (data.change || layers.length === 0) return [layers.length === 1 ? layers[0] : -1];
  return layers;
}

class Tree {
  // `by` is what it is called, `folded` how many entries are in folds.
  constructor(flat, folded, by) {
    this.folded = folded;
    this.by = by;
    this.names = [];
    this.parents = [];
    this.kids = [];
    this.sets = [];
    this.packages = [];
    this.rules = [];
    // What each layer has of what has nothing below: node, layer, part, and then its measures.
    const rows = [];
    const open = [];
    for (let at = 0; at < flat.length; ) {
      const node = this.names.length;
      const parent = open.length ? open[open.length - 1].node : -1;
      this.names.push(flat[at]);
      this.parents.push(parent);
      this.kids.push([]);
      if (parent >= 0) this.kids[parent].push(node);
      this.sets.push(flat[at + 2]);
      this.packages.push(flat[at + 3]);
      this.rules.push(flat[at + 4]);
      let next = at + 5;
      if (flat[next] === SUM) next += 1;
      else {
        for (const layer of layersApart(flat[at + 2])) {
          const mask = flat[next];
          next += 1;
          for (let part = 0; part < 4; part += 1) {
            if (!(mask & (1 << part))) continue;
            rows.push(node, layer, part, flat[next], flat[next + 1], flat[next + 2], data.columns === 4 ? flat[next + 3] : 0);
            next += data.columns;
          }
        }
      }
      open.push({ node, left: flat[at + 1] });
      while (open.length && open[open.length - 1].left === 0) {
        open.pop();
        if (open.length) open[open.length - 1].left -= 1;
      }
      at = next;
    }
    this.length = this.names.length;
    this.rows = Float64Array.from(rows);
    this.books = new Float64Array(this.length * 16);
    this.choice = undefined;
    this.choose(null);
  }

  /// Leaves out what other layers have; `null` is all. Every sum is of what is left.
  choose(layers) {
    const text = (chosen) => chosen && [...chosen].join();
    if (this.choice !== undefined && text(layers) === text(this.choice)) return;
    this.choice = layers;
    const { books, rows } = this;
    books.fill(0);
    for (let at = 0; at < rows.length; at += 7) {
      if (layers && !layers.has(rows[at + 1])) continue;
      const to = rows[at] * 16 + rows[at + 2] * 4;
      for (let measure = 0; measure < 4; measure += 1) books[to + measure] += rows[at + 3 + measure];
    }
    for (let node = this.length - 1; node > 0; node -= 1) {
      for (let at = 0; at < 16; at += 1) books[this.parents[node] * 16 + at] += books[node * 16 + at];
    }
  }

  /// For each layer its parts, whatever is left out.
  layerSums(measure) {
    const sums = new Map();
    const { rows } = this;
    for (let at = 0; at < rows.length; at += 7) {
      let parts = sums.get(rows[at + 1]);
      if (!parts) sums.set(rows[at + 1], (parts = [0, 0, 0, 0]));
      parts[rows[at + 2]] += rows[at + 3 + measure];
    }
    return sums;
  }

  /// Layers that can be left out: none where their shares are not known.
  layers() {
    return data.change && this.by !== "layer" ? [] : (data.sets[this.sets[0]] ?? []);
  }

  /// Whether there is something of it in the layers that are shown.
  isThere(node) {
    return this.choice === null || this.entries(node) > 0;
  }

  /// The nodes right below, of those layers.
  below(node) {
    return this.choice === null ? this.kids[node] : this.kids[node].filter((kid) => this.isThere(kid));
  }

  part(node, part, measure) {
    return this.books[node * 16 + part * 4 + measure];
  }

  /// All four parts: of a change this says nothing.
  all(node, measure) {
    return this.part(node, 0, measure) + this.part(node, 1, measure) + this.part(node, 2, measure) + this.part(node, 3, measure);
  }

  isFold(node) {
    return this.names[node] === FOLD;
  }

  isGroup(node) {
    return node === 0 || typeof this.names[node] !== "string";
  }

  entries(node) {
    return data.change ? Math.max(this.part(node, 0, ENTRIES), this.part(node, 1, ENTRIES)) : this.all(node, ENTRIES);
  }

  /// What is written on it.
  label(node) {
    const name = this.names[node];
    if (node === 0) return this.choice ? "layers shown" : data.change ? "whole change" : "whole image";
    // Where nothing was folded there is only what a directory itself takes.
    if (name === FOLD) return this.folded === 0 ? "the directory itself" : plural(this.entries(node), "smaller entry", "smaller entries");
    if (typeof name === "number") return layerLabel(name - 1);
    return typeof name === "string" ? name : name[0];
  }

  /// What it is called in links.
  key(node) {
    const name = this.names[node];
    return typeof name === "string" ? name : String(typeof name === "number" ? name : name[0]);
  }

  /// From the top, which is left out.
  way(node) {
    const way = [];
    for (let at = node; at > 0; at = this.parents[at]) way.push(at);
    return way.reverse();
  }

  /// The whole path, after the groups that it is in.
  path(node) {
    let text = "";
    for (const at of this.way(node)) {
      if (this.isFold(at)) text += `${text ? " · " : ""}${this.label(at)}`;
      else if (this.isGroup(at)) text += `${text ? " › " : ""}${this.label(at)}`;
      else text += `${text && this.isGroup(this.parents[at]) ? " › /" : "/"}${this.names[at]}`;
    }
    return text || (isPlain(data.view) ? "/" : this.label(0));
  }

  /// The node that keys lead to, or the last one on the way that is there.
  find(keys) {
    let at = 0;
    for (const key of keys) {
      const next = this.kids[at].find((kid) => !this.isFold(kid) && this.key(kid) === key);
      if (next === undefined) break;
      at = next;
    }
    return at;
  }
}

// Whether a tree begins with directories rather than groups.
function isPlain(by) {
  return data.many || by === "directory";
}

function layerLabel(layer) {
  const made = data.layers[layer];
  return made ? `${made.place}  ${made.text}` : "";
}
