//! Path patterns of all rules, matched against all paths in one pass.
//!
//! A pattern is a path from the root: `*`, `?` and `[a-z]` within a component, `**` for any number
//! of components, `{a,b}` for alternatives; a trailing `/**` means everything below. All patterns
//! together are one automaton over path components. Its state is computed once for each directory,
//! and patterns that may begin anywhere (`**/…`) are found by their first component's text, so a
//! path costs a few table lookups however many rules there are.

use crate::paths::{NodeId, Paths, ROOT};
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

/// A glob by what it asks for: nearly all want one text at one place, and need no search.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Glob {
    /// `text*`.
    Begins(Vec<u8>),
    /// `*text`.
    Ends(Vec<u8>),
    /// `*text*`.
    Holds(Vec<u8>),
    /// Anything else, as it is written.
    Other(Vec<u8>),
}

impl Glob {
    fn new(glob: &[u8]) -> Self {
        let is_plain = |text: &[u8]| !text.is_empty() && !text.iter().any(|byte| b"*?[".contains(byte));
        match (glob.strip_prefix(b"*"), glob.strip_suffix(b"*")) {
            (Some(text), None) if is_plain(text) => Self::Ends(text.to_vec()),
            (None, Some(text)) if is_plain(text) => Self::Begins(text.to_vec()),
            (Some(text), Some(_)) if text.len() > 1 && is_plain(&text[..text.len() - 1]) => Self::Holds(text[..text.len() - 1].to_vec()),
            _ => Self::Other(glob.to_vec()),
        }
    }

    fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Begins(text) => name.starts_with(text),
            Self::Ends(text) => name.ends_with(text),
            Self::Holds(text) => name.windows(text.len()).any(|part| part[0] == text[0] && part == text),
            Self::Other(glob) => matches(glob, name),
        }
    }

    /// The bytes that every name which it matches begins and ends with, where there is but one.
    fn ends(&self) -> (Option<u8>, Option<u8>) {
        let plain = |byte: Option<&u8>| byte.copied().filter(|byte| !b"*?[]".contains(byte));
        match self {
            Self::Begins(text) => (plain(text.first()), None),
            Self::Ends(text) => (None, plain(text.last())),
            Self::Holds(_) => (None, None),
            Self::Other(glob) => (plain(glob.first()), plain(glob.last())),
        }
    }
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

/// Globs with what each leads to, found by the byte that a name must begin or end with: most names are none of theirs.
#[derive(Debug, Default)]
struct Globs {
    first: HashMap<u8, Vec<(Glob, u32)>>,
    last: HashMap<u8, Vec<(Glob, u32)>>,
    any: Vec<(Glob, u32)>,
}

impl Globs {
    fn add(&mut self, glob: Glob, step: u32) {
        let (first, last) = glob.ends();
        let list = match (first, last) {
            (Some(first), _) => self.first.entry(first).or_default(),
            (None, Some(last)) => self.last.entry(last).or_default(),
            (None, None) => &mut self.any,
        };
        list.push((glob, step));
    }

    /// What the globs lead to that match a name.
    fn of<'g>(&'g self, name: &'g [u8]) -> impl Iterator<Item = u32> + 'g {
        let by_first = name.first().and_then(|first| self.first.get(first));
        let by_last = name.last().and_then(|last| self.last.get(last));
        let some = by_first.into_iter().chain(by_last).flatten().chain(&self.any);
        some.filter(|(glob, _)| glob.matches(name)).map(|(_, step)| *step)
    }
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

/// Whether a glob matches a whole name.
pub(crate) fn matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut g, mut n) = (0, 0);
    // Where to go on after the last `*` took one byte more.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let (used, fits) = match glob.get(g) {
            None if n == name.len() => return true,
            Some(b'*') => {
                retry = Some((g + 1, n));
                g += 1;
                continue;
            }
            Some(b'?') => (1, n < name.len()),
            Some(b'[') => class(&glob[g..], name.get(n).copied()),
            Some(byte) => (1, name.get(n) == Some(byte)),
            None => (0, false),
        };
        if fits {
            g += used;
            n += 1;
        } else {
            match retry {
                Some((after, at)) if at < name.len() => {
                    retry = Some((after, at + 1));
                    (g, n) = (after, at + 1);
                }
                _ => return false,
            }
        }
    }
}

/// `[a-z0-9]`, `[!x]`: its length, and whether a byte is in it.
fn class(glob: &[u8], byte: Option<u8>) -> (usize, bool) {
    let Some(end) = glob.iter().skip(1).position(|byte| *byte == b']').map(|at| at + 1) else { return (1, byte == Some(b'[')) };
    let Some(byte) = byte else { return (end + 1, false) };
    let (negated, mut inside) = match &glob[1..end] {
        [b'!' | b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    while let Some((first, rest)) = inside.split_first() {
        (found, inside) = match rest {
            [b'-', last, rest @ ..] => (found || (*first..=*last).contains(&byte), rest),
            _ => (found || *first == byte, rest),
        };
    }
    (end + 1, found != negated)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: &[Label] = &[];

    fn labels(patterns: &[&str], path: &str) -> Vec<Label> {
        let mut compiled = Patterns::default();
        for (label, pattern) in (0..).zip(patterns) {
            compiled.add(pattern, label).unwrap();
        }
        let mut paths = Paths::new();
        let (node, _) = paths.intern_path(path.as_bytes()).unwrap();
        compiled.run(&paths).of(node).to_vec()
    }

    #[test]
    fn patterns_match_whole_paths() {
        let patterns = ["var/lib/apt/lists/**", "**/__pycache__/*.pyc", "**/.cache/{pip,uv}/**", "**/*.log", "a/**/z", "**/id_[re]sa", "x"];
        assert_eq!(labels(&patterns, "var/lib/apt/lists"), NOTHING);
        assert_eq!(labels(&patterns, "var/lib/apt/lists/a/b"), [0]);
        assert_eq!(labels(&patterns, "opt/var/lib/apt/lists/a"), NOTHING);
        assert_eq!(labels(&patterns, "opt/x/__pycache__/m.cpython-311.pyc"), [1]);
        assert_eq!(labels(&patterns, "__pycache__/m.pyc"), [1]);
        assert_eq!(labels(&patterns, "root/.cache/pip/http/a/b.log"), [2, 3]);
        assert_eq!(labels(&patterns, "root/.cache/pip"), NOTHING);
        assert_eq!(labels(&patterns, "a/z"), [4]);
        assert_eq!(labels(&patterns, "a/b/c/z"), [4]);
        assert_eq!(labels(&patterns, "home/id_rsa"), [5]);
        assert_eq!(labels(&patterns, "home/id_dsa"), NOTHING);
        assert_eq!(labels(&patterns, "x"), [6]);
        assert_eq!(labels(&patterns, "x/y"), NOTHING);
    }

    #[test]
    fn globs() {
        for (glob, name, expected) in [
            ("*", "", true),
            ("*a*b", "xxaxxb", true),
            ("*a*b", "xxaxxbc", false),
            ("?", "", false),
            ("[!a-c]?", "dx", true),
            ("[!a-c]?", "bx", false),
            ("core.[0-9]*", "core.12", true),
            ("[", "[", true),
            ("*.tar.gz", "x.tar.gz", true),
            ("*.tar.gz", "tar.gz", false),
            ("*~", "~", true),
            ("lib*", "lib", true),
            ("lib*", "a-lib", false),
            ("*bpf*", "bpf", true),
            ("*bpf*", "libbpf.so", true),
            ("*bpf*", "bp.f", false),
            ("**", "x", true),
        ] {
            assert_eq!(matches(glob.as_bytes(), name.as_bytes()), expected, "{glob} on {name}");
            assert_eq!(Glob::new(glob.as_bytes()).matches(name.as_bytes()), expected, "{glob} on {name}, compiled");
            if !name.is_empty() && glob != "**" {
                let found = labels(&[&format!("**/{glob}"), &format!("a/{glob}")], &format!("a/{name}"));
                assert_eq!(found, if expected { &[0, 1][..] } else { &[] }, "{glob} on {name}, among patterns");
            }
        }
    }

    #[test]
    fn broken_patterns_are_named() {
        let mut patterns = Patterns::default();
        for broken in ["a//b", "{a", "{a,{b}}", "**/**"] {
            assert!(patterns.add(broken, 0).unwrap_err().contains(broken), "{broken}");
        }
    }
}
