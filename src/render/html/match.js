// Searching: by a part of the path, by `*` and `?`, or, after `re:`, by a regular expression.
//
// A link may bring any words, and an image any names. The browser's own expressions can take years for a few signs, as they go
// back and try again. Here all places in the pattern that are possible go along at once (K. Thompson, Regular Expression
// Search Algorithm, 1968), and what follows from them is kept: a sign takes time by the length of the pattern at most. What
// only going back could tell, such as `\1`, is refused.

const MOST_WORDS = 1000;
const MOST_STEPS = 4000;
const MOST_SETS = 2000;
const MOST_WAYS = 100000;

const SIGN = 0, FORK = 1, BEGIN = 2, END = 3, DONE = 4;

class Refused extends Error {}

// Text to a tree of what is wanted: `[kind, …]`.
class Expression {
  constructor(text) {
    this.signs = [...text];
    this.at = 0;
    this.tree = this.either();
    if (this.at < this.signs.length) throw new Refused("a ) closes nothing");
  }

  get sign() {
    return this.signs[this.at];
  }

  eats(sign) {
    if (this.sign !== sign) return false;
    this.at += 1;
    return true;
  }

  either() {
    const ways = [this.sequence()];
    while (this.eats("|")) ways.push(this.sequence());
    return ways.length === 1 ? ways[0] : ["either", ways];
  }

  sequence() {
    const parts = [];
    while (this.at < this.signs.length && this.sign !== "|" && this.sign !== ")") parts.push(this.repeated());
    return ["sequence", parts];
  }

  repeated() {
    let one = this.one();
    for (let times = this.times(); times; times = this.times()) one = ["repeated", one, ...times];
    return one;
  }

  // How often what stands before may come: least and most.
  times() {
    const simple = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[this.sign];
    let found = simple;
    if (simple) this.at += 1;
    else if (this.sign === "{") {
      const counted = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.signs.slice(this.at, this.at + 12).join(""));
      if (!counted) throw new Refused("a { that is meant as itself is written \\{");
      this.at += counted[0].length;
      const least = Number(counted[1]);
      found = [least, counted[3] ? Number(counted[3]) : counted[2] ? Infinity : least];
      if (found[1] < least) throw new Refused(`${counted[0]} asks for less than its least`);
    }
    // How eager it is matters to what is found, not to whether.
    if (found) this.eats("?");
    return found;
  }

  one() {
    const { sign } = this;
    this.at += 1;
    if (sign === "(") return this.group();
    if (sign === "[") return this.set();
    if (sign === "\\") return this.escape();
    if (sign === ".") return ["sign", () => true];
    if (sign === "^") return ["begin"];
    if (sign === "$") return ["end"];
    if ("*+?{".includes(sign)) throw new Refused(`there is nothing that ${sign} could repeat`);
    return literal(sign);
  }

  group() {
    if (this.eats("?")) {
      const name = /^(?::|<\w+>)/.exec(this.signs.slice(this.at, this.at + 40).join(""));
      if (!name) throw new Refused("groups that look ahead or behind are not known here");
      this.at += name[0].length;
    }
    const inside = this.either();
    if (!this.eats(")")) throw new Refused("a ( is not closed");
    return inside;
  }

  set() {
    const from = this.at - 1;
    while (this.at < this.signs.length && this.sign !== "]") this.at += this.sign === "\\" ? 2 : 1;
    if (!this.eats("]")) throw new Refused("a [ is not closed");
    return oneOf(this.signs.slice(from, this.at).join(""));
  }

  escape() {
    const rest = this.signs.slice(this.at, this.at + 40).join("");
    const known = /^(?:[dDwWsStnrfv0]|[pP]\{[\w=]+\}|x[\da-f]{2}|u[\da-f]{4}|u\{[\da-f]{1,6}\})/i.exec(rest);
    if (known) {
      this.at += known[0].length;
      return oneOf(`\\${known[0]}`);
    }
    if (rest === "" || /^\w/.test(rest)) throw new Refused(`\\${rest.slice(0, 1)} is not known here`);
    this.at += 1;
    return literal(this.signs[this.at - 1]);
  }
}

// In the case that paths are looked at in.
function literal(text) {
  return ["sequence", [...text.toLowerCase()].map((sign) => ["sign", (other) => other === sign])];
}

// Of one sign alone the browser's own expressions cannot go back.
function oneOf(text) {
  try {
    const own = new RegExp(`^(?:${text})$`, "iu");
    return ["sign", (sign) => own.test(sign)];
  } catch {
    throw new Refused(`${text} is not known here`);
  }
}

// A tree as steps: `[SIGN, test, next]`, `[FORK, next, other]`, `[BEGIN, next]`, `[END, next]`, `[DONE]`. Written from its end.
class Program {
  constructor(tree, anchored) {
    this.steps = [[DONE]];
    this.visits = 0;
    const any = ["repeated", ["sign", () => true], 0, Infinity];
    this.first = this.write(anchored ? tree : ["sequence", [any, tree]], this.write(anchored ? ["end"] : ["sequence", []], 0));
  }

  step(...step) {
    if (this.steps.length >= MOST_STEPS) throw new Refused("it is too long");
    return this.steps.push(step) - 1;
  }

  // Steps that do what a tree says and then `next`.
  write(tree, next) {
    this.visits += 1;
    if (this.visits > 10 * MOST_STEPS) throw new Refused("it is too long");
    const [kind, what, least, most] = tree;
    if (kind === "sign") return this.step(SIGN, what, next);
    if (kind === "begin") return this.step(BEGIN, next);
    if (kind === "end") return this.step(END, next);
    if (kind === "sequence") return what.reduceRight((after, part) => this.write(part, after), next);
    if (kind === "either") return what.map((way) => this.write(way, next)).reduce((other, way) => this.step(FORK, way, other));
    let after = next;
    if (most === Infinity) {
      after = this.step(FORK, next, next);
      this.steps[after][1] = this.write(what, after);
    } else {
      for (let more = least; more < most; more += 1) after = this.step(FORK, this.write(what, after), next);
    }
    for (let more = 0; more < least; more += 1) after = this.write(what, after);
    return after;
  }
}

// Where one can be in a program after some text: `done` whatever follows, `whole` if nothing does.
class Matcher {
  constructor(words) {
    if (words.length > MOST_WORDS) throw new Refused(`it has more than ${count(MOST_WORDS)} signs`);
    this.program = compile(words);
    this.forget();
    this.start = this.set([this.program.first], true);
  }

  forget() {
    // What led to them is forgotten too, or the first would hold all that ever was.
    for (const set of [this.start, ...(this.sets?.values() ?? [])]) set?.next.clear();
    this.sets = new Map();
    this.ways = 0;
  }

  set(from, begins) {
    const steps = this.closed(from, begins, false);
    const key = steps.join();
    let set = this.sets.get(key);
    if (!set) {
      if (this.sets.size >= MOST_SETS) this.forget();
      const { steps: all } = this.program;
      const done = steps.some((step) => all[step][0] === DONE);
      const whole = done || this.closed(from, begins, true).some((step) => all[step][0] === DONE);
      set = { signs: steps.filter((step) => all[step][0] === SIGN), next: new Map(), done, whole };
      // Where it begins matters once alone.
      if (!begins) this.sets.set(key, set);
    }
    return set;
  }

  // All steps that are reached without a sign.
  closed(from, begins, ends) {
    const { steps } = this.program;
    const seen = new Set();
    const open = [...from];
    while (open.length) {
      const at = open.pop();
      if (seen.has(at)) continue;
      seen.add(at);
      const [kind, next, other] = steps[at];
      if (kind === FORK) open.push(next, other);
      else if ((kind === BEGIN && begins) || (kind === END && ends)) open.push(next);
    }
    return [...seen].sort((a, b) => a - b);
  }

  after(set, text) {
    let at = set;
    for (const sign of text) {
      if (at.done) return at;
      let next = at.next.get(sign);
      if (!next) {
        const { steps } = this.program;
        next = this.set(at.signs.filter((step) => steps[step][1](sign)).map((step) => steps[step][2]), false);
        this.ways += 1;
        if (this.ways > MOST_WAYS) this.forget();
        else at.next.set(sign, next);
      }
      at = next;
    }
    return at;
  }
}

function compile(words) {
  if (/^re:/i.test(words)) return new Program(new Expression(words.slice(3)).tree, false);
  if (!/[*?]/.test(words)) return new Program(literal(words), false);
  const any = ["sign", () => true];
  const parts = [...words].map((sign) => (sign === "*" ? ["repeated", any, 0, Infinity] : sign === "?" ? any : literal(sign)));
  return new Program(["sequence", parts], true);
}

// Looks for the topmost nodes whose path matches: what is below them is theirs already. Rests again and again.
function* searching(tree, words) {
  const matcher = new Matcher(words);
  const found = [];
  const inside = new Uint8Array(tree.length);
  // The way to the node that is looked at, with what its path led to.
  const way = [];
  for (let node = 1; node < tree.length; node += 1) {
    const above = tree.parents[node];
    if (inside[above]) {
      inside[node] = 1;
      continue;
    }
    if (tree.isFold(node) || !tree.isThere(node)) continue;
    while (way.length && way[way.length - 1].node !== above) way.pop();
    const last = way[way.length - 1];
    // Paths begin anew below groups.
    const group = tree.isGroup(node);
    const goesOn = last && last.group === group;
    const set = matcher.after(goesOn ? last.set : matcher.start, `${group && !goesOn ? "" : "/"}${tree.label(node).toLowerCase()}`);
    way.push({ node, group, set });
    if (set.whole) {
      inside[node] = 1;
      found.push(node);
    }
    yield node;
  }
  return found;
}

// All at once.
function search(tree, words) {
  const steps = searching(tree, words);
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
  }
}
