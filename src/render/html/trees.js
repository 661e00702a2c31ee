// The trees, out of their flat lists: see `render/html/data.rs` for what is in them.

const FOLD = 0;
// In place of parts: they are the sum of what is below.
const SUM = -1;
const ENTRIES = 0, DISK = 1, TAR = 2, PULL = 3;

class Tree {
  // `folded` is how many entries are in folds.
  constructor(flat, folded) {
    this.folded = folded;
    this.names = [];
    this.parents = [];
    this.kids = [];
    this.sets = [];
    this.packages = [];
    this.rules = [];
    const measures = data.columns;
    const books = [];
    const sums = [];
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
      const mask = flat[at + 5];
      let next = at + 6;
      for (let part = 0; part < 4; part += 1) {
        const there = mask !== SUM && mask & (1 << part);
        for (let measure = 0; measure < 4; measure += 1) books.push(there && measure < measures ? flat[next + measure] : 0);
        if (there) next += measures;
      }
      sums.push(mask === SUM);
      open.push({ node, left: flat[at + 1] });
      while (open.length && open[open.length - 1].left === 0) {
        open.pop();
        if (open.length) open[open.length - 1].left -= 1;
      }
      at = next;
    }
    this.length = this.names.length;
    this.books = Float64Array.from(books);
    for (let node = this.length - 1; node > 0; node -= 1) {
      if (!sums[this.parents[node]]) continue;
      for (let at = 0; at < 16; at += 1) this.books[this.parents[node] * 16 + at] += this.books[node * 16 + at];
    }
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
    if (node === 0) return data.change ? "whole change" : "whole image";
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
