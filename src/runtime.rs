//! What the finished image needs: the programs it starts, what those are linked with, and the
//! packages that hold them.

use crate::attribution::{Attribution, PackageId};
use crate::facts::Fact;
use crate::index::{Index, Placed};
use crate::layer::EntryKind;
use crate::paths::NodeId;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Packages that the program needs, each with the reason.
#[derive(Debug, Default)]
pub(crate) struct Runtime {
    pub(crate) needed: BTreeMap<PackageId, String>,
    /// Files that are started, or lead to one that is.
    pub(crate) files: HashSet<NodeId>,
    /// Packages by what others are linked with.
    pub(crate) sonames: HashMap<Vec<u8>, Vec<PackageId>>,
}

/// Where programs are looked for when the image does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Programs that are followed from one to the next, at most.
const MOST: usize = 10_000;

struct Search<'s> {
    index: &'s Index,
    attribution: &'s Attribution<'s>,
    facts: HashMap<NodeId, &'s Fact>,
    runtime: Runtime,
    seen: HashSet<NodeId>,
    /// Files to follow: why, and whether the words of a script count.
    work: Vec<(NodeId, String, bool)>,
    /// Programs on the search path, by the hash of their names.
    programs: Vec<(u64, NodeId)>,
}

impl Runtime {
    /// Follows what the image starts, and what is of nobody's package.
    pub(crate) fn new(index: &Index, attribution: &Attribution<'_>) -> Self {
        let facts: HashMap<NodeId, &Fact> = index
            .facts()
            .filter(|(placed, _)| index.at(placed.node).is_some_and(|live| live.layer == placed.layer))
            .map(|(placed, fact)| (placed.node, fact))
            .collect();
        let mut search =
            Search { index, attribution, facts, runtime: Self::default(), seen: HashSet::new(), work: Vec::new(), programs: Vec::new() };
        search.sonames();
        search.find_programs();
        let config = index.image().config();
        for word in programs(&config.entrypoint).into_iter().chain(programs(&config.cmd)) {
            search.program(&word, "the image starts it");
        }
        for word in health(index) {
            search.program(&word, "the health check runs it");
        }
        search.unowned();
        search.run();
        search.runtime
    }
}

/// Words of a command in exec form that may be programs: the words themselves, and what a shell is given to run.
fn programs(words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut script = false;
    for word in words {
        if script {
            found.extend(commands(word));
        } else if !word.contains(char::is_whitespace) {
            found.push(word.clone());
        }
        let letters = word.strip_prefix('-').unwrap_or_default();
        let shell = found.first().is_some_and(|first| first.ends_with("sh"));
        script = shell && letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_alphabetic());
    }
    found
}

/// The words of a shell's command line that stand where a program does.
fn commands(text: &str) -> Vec<String> {
    const NOT_YET: [&str; 13] = ["exec", "env", "sudo", "if", "then", "else", "elif", "while", "until", "do", "!", "time", "nohup"];
    let parts = text.split([';', '|', '&', '(', ')', '\n', '`', '{', '}']);
    let program = |part: &str| {
        let mut words = part.split_whitespace().map(|word| word.trim_matches(['"', '\'', '$']));
        words.find(|word| !word.is_empty() && !NOT_YET.contains(word) && !word.contains('=')).map(str::to_owned)
    };
    parts.filter_map(program).collect()
}

/// The programs of the health check, which OCI's configuration leaves to history: there it is in the form of Go's
/// structures, `&{["CMD-SHELL" "curl -f …"] …}`, or as it was written.
fn health(index: &Index) -> Vec<String> {
    let image = index.image();
    let mut tests = vec![image.config().healthcheck.test.clone()];
    for row in &image.history {
        let raw = row.created_by.as_deref().unwrap_or_default();
        let Some((_, rest)) = raw.split_once("HEALTHCHECK ") else { continue };
        let words: Vec<String> = match rest.split_once('[').and_then(|(_, list)| list.rsplit_once(']')) {
            Some((list, _)) => list.split('"').skip(1).step_by(2).map(str::to_owned).collect(),
            None => match rest.split_once("CMD ") {
                Some((_, line)) => vec!["CMD-SHELL".to_owned(), line.to_owned()],
                None => continue,
            },
        };
        // Without the words that say which form it is: `["CMD", "curl"]` as written.
        tests.push(if words.first().is_some_and(|first| first.starts_with("CMD")) {
            words
        } else {
            [vec!["CMD".to_owned()], words].concat()
        });
    }
    let of_test = |test: Vec<String>| match test.split_first() {
        Some((form, words)) if form == "CMD-SHELL" => words.iter().flat_map(|line| commands(line)).collect(),
        Some((form, words)) if form == "CMD" => programs(words),
        _ => Vec::new(),
    };
    tests.into_iter().flat_map(of_test).collect()
}

impl Search<'_> {
    /// What each soname leads to, among files of packages.
    fn sonames(&mut self) {
        // In a fixed order: of many owners only the first are kept.
        let mut libraries: Vec<_> = self.facts.iter().map(|(node, fact)| (*node, *fact)).collect();
        libraries.sort_unstable_by_key(|(node, _)| *node);
        for (node, fact) in libraries {
            let Fact::Elf(elf) = fact else { continue };
            let Some(owner) = self.index.at(node).and_then(|placed| self.attribution.owner(&placed)) else { continue };
            let names = [elf.soname.as_bytes().to_vec(), self.index.paths().name(node).to_vec()];
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                let of_name = self.runtime.sonames.entry(name).or_default();
                if !of_name.contains(&owner) && of_name.len() < 16 {
                    of_name.push(owner);
                }
            }
        }
        for owners in self.runtime.sonames.values_mut() {
            owners.sort_unstable();
        }
    }

    /// A word of a command line, if it names a program.
    fn program(&mut self, word: &str, why: &str) {
        if word.is_empty() || word.len() > 4096 {
            return;
        }
        let directory = &self.index.image().config().working_dir;
        let candidates: Vec<String> = if word.starts_with('/') {
            vec![word.to_owned()]
        } else if word.contains('/') {
            vec![format!("{directory}/{word}")]
        } else {
            self.path().split(':').take(100).map(|directory| format!("{directory}/{word}")).collect()
        };
        for candidate in candidates {
            if self.file(candidate.as_bytes(), why) {
                break;
            }
        }
    }

    /// A file that is needed, with every symbolic link on the way to it; whether it is there.
    fn file(&mut self, path: &[u8], why: &str) -> bool {
        let index = self.index;
        // Each link belongs to a package too: `python3` to one, `python3.11` to another.
        let mut at = path.to_vec();
        for _ in 0..40 {
            let cut = at.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            let (directory, name) = (at[..cut].to_vec(), at[(cut + 1).min(at.len())..].to_vec());
            let directory = if directory.is_empty() { Some(crate::paths::ROOT) } else { index.find(&directory).map(|placed| placed.node) };
            let Some(node) = directory.and_then(|directory| index.paths().child(directory, &name)) else { return false };
            let Some(placed) = index.at(node) else { return false };
            self.need(&placed, why);
            if placed.entry.kind != EntryKind::Symlink {
                self.work.push((node, why.to_owned(), true));
                return true;
            }
            let changeset = index.image().changeset(index.layer_at(placed.layer));
            let Some(target) = changeset.and_then(|changeset| changeset.link(placed.entry)) else { return false };
            at = if target.starts_with(b"/") {
                target.to_vec()
            } else {
                [b"/", index.paths().path(index.paths().parent(node)).as_slice(), b"/", target].concat()
            };
        }
        false
    }

    fn need(&mut self, placed: &Placed<'_>, why: &str) {
        self.runtime.files.insert(placed.node);
        if let Some(owner) = self.attribution.owner(placed) {
            self.runtime.needed.entry(owner).or_insert_with(|| why.to_owned());
        }
    }

    /// Files that no package brought are kept, so what they are linked with and run by is needed.
    fn unowned(&mut self) {
        let index = self.index;
        let mut nodes: Vec<NodeId> = self.facts.keys().copied().collect();
        nodes.sort_unstable();
        for node in nodes {
            let Some(placed) = index.at(node) else { continue };
            // A language's package is kept as a whole; only what the system's packages hold is in question.
            let kept = self.attribution.owner(&placed).is_none_or(|owner| !self.attribution.package(owner).ecosystem().is_system());
            if kept {
                self.work.push((node, format!("/{} needs it", crate::text::escaped(&index.paths().path(node))), false));
            }
        }
    }

    /// Every program that a script could name.
    fn find_programs(&mut self) {
        let index = self.index;
        let directories: Vec<NodeId> =
            self.path().split(':').take(100).filter_map(|directory| index.find(directory.as_bytes())).map(|placed| placed.node).collect();
        for node in 1..index.paths().len() as NodeId {
            if directories.contains(&index.paths().parent(node)) && index.at(node).is_some() {
                self.programs.push((crate::facts::word(index.paths().name(node)), node));
            }
        }
        self.programs.sort_unstable();
    }

    fn path(&self) -> String {
        self.index.image().config().variable("PATH").unwrap_or(PATH).to_owned()
    }

    fn run(&mut self) {
        while let Some((node, why, words)) = self.work.pop() {
            if self.seen.len() > MOST || !self.seen.insert(node) {
                continue;
            }
            match self.facts.get(&node).copied() {
                Some(Fact::Elf(elf)) => {
                    for needed in &elf.needed {
                        for owner in self.runtime.sonames.get(needed.as_bytes()).cloned().unwrap_or_default() {
                            self.runtime.needed.entry(owner).or_insert_with(|| format!("{why} (linked with {needed})"));
                        }
                    }
                }
                Some(Fact::Script(script)) => {
                    let paths = self.index.paths();
                    let name = crate::text::escaped(paths.name(node));
                    if !script.interpreter.is_empty() {
                        self.program(&script.interpreter, &format!("{name} is run by it"));
                    }
                    // A shell script counts where it is started, a program's source wherever it is.
                    let words = words || script.interpreter.is_empty();
                    let programs = &self.programs;
                    let of_word = |word: u64| {
                        let first = programs.partition_point(|(hash, _)| *hash < word);
                        programs[first..].iter().take_while(move |(hash, _)| *hash == word).map(|(_, node)| *node)
                    };
                    let named: Vec<NodeId> = script.words.iter().filter(|_| words).copied().flat_map(of_word).collect();
                    for program in named {
                        let path = [b"/", paths.path(program).as_slice()].concat();
                        self.file(&path, &format!("{name} runs it"));
                    }
                }
                _ => {}
            }
        }
    }
}
