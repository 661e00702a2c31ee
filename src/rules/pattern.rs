//! Path patterns of all rules, matched against all paths in one pass.
//!
//! A pattern is a path from the root: `*`, `?` and `[a-z]` within a component, `**` for any number
//! of components, `{a,b}` for alternatives; a trailing `/**` means everything below. All patterns
//! together are one automaton over path components. Its state is computed once for each directory,
//! and patterns that may begin anywhere (`**/…`) are found by their first component's text, so a
//! path costs a few table lookups however many rules there are.

mod glob;

pub(crate) use glob::matches;

use crate::paths::{NodeId, Paths, ROOT};
use glob::{Glob, Globs};
use hashbrown::HashMap;

/// What a pattern stands for; the caller's numbers.
pub(crate) type Label = u32;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// This name.
    Name(Vec<u8>),
    /// Names that this glob matches.
    Glob(Glob),
    /// Any one name.
    One,
    /// Any number of names.
    Many,
    /// The pattern is matched.
    End(Label),
}

/// Compiled patterns.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    steps: Vec<Step>,
    /// Where patterns from the root begin.
    rooted: Vec<u32>,
    /// Steps after the first of patterns that begin anywhere, by the first's name, or its text after the last dot.
    names: HashMap<Vec<u8>, Vec<u32>>,
    endings: HashMap<Vec<u8>, Vec<u32>>,
    /// The same for other first steps.
    globs: Globs,
}

/// Which labels each path has.
#[derive(Debug)]
pub(crate) struct Matches {
    of_node: Vec<u32>,
    sets: Vec<Vec<Label>>,
}

impl Matches {
    /// The labels of a path, in order.
    pub(crate) fn of(&self, node: NodeId) -> &[Label] {
        self.of_node.get(node as usize).map_or(&[], |set| &self.sets[*set as usize])
    }

    /// The paths that have one of the labels that are wanted, with all their labels.
    pub(crate) fn with(&self, wanted: impl Fn(&Label) -> bool) -> impl Iterator<Item = (NodeId, &[Label])> {
        // Sets are few, and paths many.
        let has: Vec<bool> = self.sets.iter().map(|set| set.iter().any(&wanted)).collect();
        let of_node = (0..).zip(&self.of_node).filter(move |(_, set)| has[**set as usize]);
        of_node.map(|(node, set)| (node, self.sets[*set as usize].as_slice()))
    }
}

/// What a state leads to.
struct Ways<'p> {
    /// Steps after those that ask for a name.
    names: HashMap<&'p [u8], Vec<u32>>,
    /// Steps that ask for a glob.
    globs: Vec<(&'p Glob, u32)>,
    /// The steps that follow whatever the name, and the labels.
    next: Vec<u32>,
    found: Vec<Label>,
    /// The numbers of these two sets.
    state: u32,
    labels: u32,
}

/// Sets of numbers, each kept once.
struct Sets {
    list: Vec<Vec<u32>>,
    known: HashMap<Vec<u32>, u32>,
}

impl Sets {
    /// Only the empty set, which is number 0.
    fn new() -> Self {
        Self { list: vec![Vec::new()], known: HashMap::from([(Vec::new(), 0)]) }
    }

    /// The number of `some` and `others` together, which `some` then has in order; `number` is that of the others alone.
    fn joined(&mut self, some: &mut Vec<u32>, others: &[u32], number: u32) -> u32 {
        if some.is_empty() {
            return number;
        }
        some.extend_from_slice(others);
        some.sort_unstable();
        some.dedup();
        self.number(some)
    }

    /// The number of a set, whose members are in order.
    fn number(&mut self, set: &Vec<u32>) -> u32 {
        if let Some(number) = self.known.get(set) {
            return *number;
        }
        let number = self.list.len() as u32;
        self.list.push(set.clone());
        self.known.insert(set.clone(), number);
        number
    }
}

impl Patterns {
    /// Adds a pattern.
    pub(crate) fn add(&mut self, pattern: &str, label: Label) -> Result<(), String> {
        for plain in alternatives(pattern)? {
            let plain = plain.strip_prefix('/').unwrap_or(&plain);
            let mut parts: Vec<&str> = plain.split('/').collect();
            if parts.contains(&"") {
                return Err(format!("path pattern `{pattern}`: expected names between the slashes, found none"));
            }
            let floating = parts[0] == "**" && parts.len() > 1;
            if floating {
                parts.remove(0);
            }
            let below = parts.last() == Some(&"**");
            let start = self.steps.len() as u32;
            for (at, part) in parts.iter().enumerate() {
                if *part == "**" {
                    // At the end it means at least one.
                    if below && at + 1 == parts.len() {
                        self.steps.push(Step::One);
                    }
                    self.steps.push(Step::Many);
                } else if part.contains(['*', '?', '[']) {
                    self.steps.push(Step::Glob(Glob::new(part.as_bytes())));
                } else {
                    self.steps.push(Step::Name(part.as_bytes().to_vec()));
                }
            }
            self.steps.push(Step::End(label));
            if !floating {
                self.rooted.push(start);
                continue;
            }
            match &self.steps[start as usize] {
                Step::Name(name) => self.names.entry(name.clone()).or_default().push(start + 1),
                Step::Glob(glob) => match glob {
                    Glob::Ends(text) if text[0] == b'.' && !text[1..].contains(&b'.') => {
                        self.endings.entry(text[1..].to_vec()).or_default().push(start + 1);
                    }
                    _ => self.globs.add(glob.clone(), start + 1),
                },
                _ => return Err(format!("path pattern `{pattern}`: expected a name after the first `**/`")),
            }
        }
        Ok(())
    }

    /// Matches every path.
    pub(crate) fn run(&self, paths: &Paths) -> Matches {
        // Sets of states and sets of labels, the empty one first.
        let (mut states, mut sets) = (Sets::new(), Sets::new());
        let mut of_node = vec![0; paths.len()];
        let mut state = vec![0u32; paths.len()];
        let mut ways: Vec<Option<Ways<'_>>> = Vec::new();
        let mut first = Vec::new();
        for start in &self.rooted {
            self.enter(*start, &mut first, &mut Vec::new());
        }
        first.sort_unstable();
        state[ROOT as usize] = states.number(&first);
        let (mut next, mut found) = (Vec::new(), Vec::new());
        for node in 1..paths.len() as NodeId {
            let above = state[paths.parent(node) as usize] as usize;
            if ways.len() <= above {
                ways.resize_with(above + 1, || None);
            }
            let ways = ways[above].get_or_insert_with(|| self.ways(above, &mut states, &mut sets));
            next.clear();
            found.clear();
            self.named(paths.name(node), ways, &mut next, &mut found);
            state[node as usize] = states.joined(&mut next, &ways.next, ways.state);
            of_node[node as usize] = sets.joined(&mut found, &ways.found, ways.labels);
        }
        Matches { of_node, sets: sets.list }
    }

    /// What a state leads to: the same for all entries of a directory, but for what their names add.
    fn ways(&self, state: usize, states: &mut Sets, sets: &mut Sets) -> Ways<'_> {
        let (mut next, mut found) = (Vec::new(), Vec::new());
        let mut names: HashMap<&[u8], Vec<u32>> = HashMap::new();
        let mut globs = Vec::new();
        for at in &states.list[state] {
            match &self.steps[*at as usize] {
                Step::Name(name) => names.entry(name).or_default().push(at + 1),
                Step::Glob(glob) => globs.push((glob, at + 1)),
                Step::One => self.enter(at + 1, &mut next, &mut found),
                Step::Many => self.enter(*at, &mut next, &mut found),
                Step::End(_) => {}
            }
        }
        let (state, labels) = (states.joined(&mut next, &[], 0), sets.joined(&mut found, &[], 0));
        Ways { names, globs, next, found, state, labels }
    }

    /// What a name adds: of the steps that ask for one those that it answers, and patterns that begin with it.
    fn named(&self, name: &[u8], ways: &Ways<'_>, next: &mut Vec<u32>, found: &mut Vec<Label>) {
        for at in ways.names.get(name).into_iter().chain(self.names.get(name)).flatten() {
            self.enter(*at, next, found);
        }
        for (_, at) in ways.globs.iter().filter(|(glob, _)| glob.matches(name)) {
            self.enter(*at, next, found);
        }
        if let Some(dot) = name.iter().rposition(|byte| *byte == b'.') {
            for at in self.endings.get(&name[dot + 1..]).into_iter().flatten() {
                self.enter(*at, next, found);
            }
        }
        for at in self.globs.of(name) {
            self.enter(at, next, found);
        }
    }

    /// Adds the step at `at`, and those that may come in its place, to `next`; a pattern that ends to `found`.
    fn enter(&self, at: u32, next: &mut Vec<u32>, found: &mut Vec<Label>) {
        match &self.steps[at as usize] {
            Step::End(label) => found.push(*label),
            Step::Many => {
                next.push(at);
                self.enter(at + 1, next, found);
            }
            _ => next.push(at),
        }
    }
}

/// A pattern without braces for each choice of what is in them.
fn alternatives(pattern: &str) -> Result<Vec<String>, String> {
    const MOST: usize = 1000;
    let Some(open) = pattern.find('{') else { return Ok(vec![pattern.to_owned()]) };
    let broken = || format!("path pattern `{pattern}`: expected `{{a,b}}` in pairs and not nested");
    let (before, rest) = (&pattern[..open], &pattern[open + 1..]);
    let (inside, after) = rest.split_once('}').ok_or_else(broken)?;
    if inside.contains('{') {
        return Err(broken());
    }
    let rest = alternatives(after)?;
    let all: Vec<String> =
        inside.split(',').flat_map(|choice| rest.iter().map(move |rest| format!("{before}{choice}{rest}"))).take(MOST + 1).collect();
    if all.len() > MOST { Err(format!("path pattern `{pattern}`: more than {MOST} alternatives")) } else { Ok(all) }
}

#[cfg(test)]
mod tests;
