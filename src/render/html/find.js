// What is searched for: looked for in short turns, so that nothing waits for it, and told.

const LISTED = 200;
const TURN = 25;
const PATIENCE = 20000;

// The last search: of what, what it found, and whether it came to its end.
let hunt = { words: "", found: null };

function showSearch() {
  const words = state.find.trim();
  const { tree } = map;
  byId("found").hidden = words === "";
  if (words === "") hunt = { words, found: null };
  else if (hunt.words !== words || hunt.tree !== tree || hunt.choice !== tree.choice) begin(tree, words);
  setMatches(hunt.found);
  if (words !== "") showFound();
}

function begin(tree, words) {
  hunt = { words, tree, choice: tree.choice, steps: searching(tree, words), from: performance.now(), at: 0, found: null, why: "" };
  proceed(hunt);
}

// Goes on for a turn; then others have theirs.
function proceed(mine) {
  const turn = performance.now();
  try {
    while (!mine.found && performance.now() - turn < TURN) {
      for (let few = 0; few < 100 && !mine.found; few += 1) {
        const { value, done } = mine.steps.next();
        if (done) mine.found = value;
        else mine.at = value;
      }
    }
  } catch (error) {
    if (!(error instanceof Refused || error instanceof RangeError)) throw error;
    mine.why = error instanceof Refused ? error.message : "it is too deep";
    return;
  }
  if (mine.found || turn - mine.from > PATIENCE) return;
  setTimeout(() => {
    if (hunt !== mine) return;
    proceed(mine);
    setMatches(mine.found);
    showFound();
    drawMarks();
  });
}

function showFound() {
  const place = byId("found");
  const { words, found, why } = hunt;
  if (!found) {
    const told = why ? `Not searched for ${words}: ${why}.` : hunt.at && performance.now() - hunt.from > PATIENCE ? `${words} takes too long: given up after ${count(hunt.at)} of ${count(hunt.tree.length)}.` : `Searching: ${count(hunt.at)} of ${count(hunt.tree.length)} …`;
    place.replaceChildren(el("p", {}, told));
    if (why) tell(told);
    return;
  }
  const { tree } = map;
  const difference = (node, measure) => (data.change ? tree.part(node, NEW, measure) - tree.part(node, OLD, measure) : tree.all(node, measure));
  const sum = (measure) => found.reduce((all, node) => all + difference(node, measure), 0);
  const write = data.change ? signed : size;
  const weight = data.change ? (node) => tree.part(node, GROWN, DISK) + tree.part(node, SHRUNK, DISK) : (node) => tree.all(node, measureNow());
  const listed = [...found].sort((a, b) => weight(b) - weight(a)).slice(0, LISTED);
  const body = el("tbody", {});
  for (const node of listed) {
    const target = tree.kids[node].length ? node : tree.parents[node];
    body.append(el("tr", {}, el("th", { scope: "row" }, button(tree.path(node), () => zoomTo(target))), el("td", { class: "number" }, write(difference(node, DISK))), el("td", { class: "number" }, data.pull ? write(difference(node, PULL)) : "–")));
  }
  const pull = data.pull ? `, ${write(sum(PULL))} to pull` : "";
  const told = `${plural(found.length, "match", "matches")}: ${write(sum(DISK))} on disk${pull}`;
  const rest = found.length > LISTED ? el("p", { class: "dim" }, `The ${LISTED} largest are listed; the sum is of all ${count(found.length)}.`) : "";
  const table = el("table", {}, el("caption", {}, el("b", {}, told)), el("thead", {}, el("tr", {}, ...["path", "disk", "pull"].map((name, at) => el("th", { scope: "col", class: at ? "number" : "" }, name)))), body);
  place.replaceChildren(found.length ? table : el("p", {}, `Nothing that is listed has ${words} in its path.`), rest);
  const notSearched = unsearched(tree);
  if (notSearched) place.append(notSearched);
  tell(told);
}

// What of the image no search has looked at, and what does.
function unsearched(tree) {
  if (tree.folded === 0) return null;
  const told = el("p", { class: "dim" });
  const bytes = tree.names.reduce((all, name, node) => all + (name === FOLD && !data.change ? tree.all(node, DISK) : 0), 0);
  // How many of them are in some of the layers is not known, their bytes are.
  const entries = tree.choice ? "entries" : plural(tree.folded, "entry", "entries");
  told.append(`Not searched: ${entries} too small to be listed${data.change ? "" : `, ${size(bytes)} on disk`}. `);
  if (coming && state.by === "directory") told.append("Their names are being read …");
  else if (data.trees.directory && state.by !== "directory") told.append(link("Search by directory", { ...other("directory"), find: state.find }), ", which knows more of them.");
  else if (data.change) told.append(el("code", {}, "plimsoll diff OLD NEW --files --top 0"), " lists them.");
  else told.append(el("code", {}, `plimsoll files IMAGE ${data.many ? "--platform PLATFORM " : ""}--path 'GLOB'`), " searches them.");
  return told;
}
