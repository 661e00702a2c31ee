//! What a COPY should not bring: lines for `.dockerignore`.

use super::{Draft, EditKind, Ground, Removal};
use crate::index::Fate;
use crate::layer::Measures;
use crate::paths::{NodeId, ROOT};
use crate::rules::Remedy;
use crate::text::escaped;
use std::collections::{BTreeMap, HashMap};

/// Lines that a title names.
const NAMED: usize = 8;
/// Names that commands are searched for, and commands that are searched, at most.
const LOOKED_FOR: usize = 100;
const COMMANDS: usize = 1000;

/// One edit for each instruction that copies from the build context more than the image should have.
pub(super) fn ignore(ground: &Ground<'_>) -> Vec<Draft> {
    let layers = ground.suspects.iter().copied().filter(|layer| ground.is_from_context(*layer));
    layers.filter_map(|layer| one(ground, layer)).collect()
}

fn one(ground: &Ground<'_>, layer: usize) -> Option<Draft> {
    let index = ground.index;
    let mut removal = Removal::nothing(index);
    let mut hiders = BTreeMap::new();
    for placed in index.layer(layer) {
        // A later `chown` stores it again; what counts is what becomes of that.
        let last = ground.last(&placed);
        let deleted = match last.fate {
            Fate::Shadowed { by, cause } if cause.blames_payer() && ground.minds(&last, cause) => Some(usize::from(by)),
            _ => None,
        };
        let ruled = ground.findings.of(&last).is_some_and(|finding| {
            matches!(ground.findings.rule(finding).remedy, Remedy::Clean | Remedy::Secret) && finding.level > crate::rules::Level::Info
        });
        if deleted.is_some() || ruled {
            removal.insert(layer, placed.number);
            if let Some(by) = deleted {
                *hiders.entry(by).or_insert_with(Measures::default) += placed.entry.measures();
            }
        }
    }
    if removal.is_empty() {
        return None;
    }
    ground.follow(&mut removal);
    let destination = destination(ground, layer);
    let lines = lines(ground, layer, &removal, destination);
    // What is copied into a temporary directory is there to be used once.
    let once = |node: NodeId| {
        matches!(index.paths().path(node).split(|byte| *byte == b'/').collect::<Vec<_>>()[..], [b"tmp", ..] | [b"var", b"tmp", ..])
    };
    let used = hiders.keys().last().and_then(|by| used_between(ground, layer, *by, &lines));
    let names: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    let mut details = Vec::new();
    for (by, sum) in hiders {
        let size = crate::render::size::size(sum.content_bytes, crate::render::size::Unit::Si);
        details.push(format!("Deleting {size} of it later ({}) freed 0 bytes.", ground.places(&[by])));
    }
    let (title, snippet) = match used {
        // It is there to stay, under another name.
        Some(command) if command.starts_with("mv ") => {
            (format!("Copy to where it is moved: {shown}{more}"), vec![format!("# copy it to where `{command}` puts it, which then goes")])
        }
        // Deleted once it was used: it must be there for a moment, but never in a layer.
        Some(command) => (
            format!("Mount instead of copying: {shown}{more}"),
            vec![format!("RUN {} {command}", Source::of(ground, layer).mounts(ground, layer, destination, &names))],
        ),
        None if once(destination) => {
            (format!("Mount instead of copying: {shown}{more}"), vec!["RUN --mount=type=bind,target=/context …".to_owned()])
        }
        None => (format!("Add to .dockerignore: {shown}{more}"), Source::of(ground, layer).patterns(ground, layer, &names)),
    };
    Some(Draft { kind: EditKind::Ignore, title, details, snippet, layers: vec![layer], certain: true, kept: Vec::new(), removal })
}

/// What a COPY copies, as far as history tells: where in the build context a path of the image comes from.
enum Source {
    /// All of the context.
    Context,
    /// This directory of it.
    Directory(String),
    /// A file, or several things, or nothing tells.
    Unknown,
}

impl Source {
    fn of(ground: &Ground<'_>, layer: usize) -> Self {
        let operands = ground.text(layer).split([' ', '[', ']', '"', ',']).filter(|word| !word.is_empty()).skip(1);
        let operands: Vec<&str> = operands.skip_while(|word| word.starts_with("--")).collect();
        let [source, _] = operands[..] else { return Self::Unknown };
        let source = source.trim_start_matches("./").trim_matches('/');
        let files = ground.index.layer(layer).filter(|placed| placed.entry.kind == crate::layer::EntryKind::File);
        let names: Vec<&[u8]> = files.map(|placed| ground.index.paths().name(placed.node)).take(2).collect();
        match source {
            "" | "." => Self::Context,
            source if source.contains(['*', '?', ':', '$', '…']) => Self::Unknown,
            source if names == [source.rsplit('/').next().unwrap_or(source).as_bytes()] => Self::Unknown,
            source => Self::Directory(source.to_owned()),
        }
    }

    /// Options of a RUN that has these paths where a COPY would have put them.
    fn mounts(&self, ground: &Ground<'_>, layer: usize, destination: NodeId, names: &[&str]) -> String {
        /// Paths that are mounted one by one.
        const EACH: usize = 3;
        let place = match crate::text::escaped(&ground.index.paths().path(destination)) {
            place if place.is_empty() => place,
            place => format!("/{place}"),
        };
        if names.len() > EACH {
            return format!("--mount=type=bind,source=…,target={place}");
        }
        let words: Vec<&str> = ground.text(layer).split_whitespace().skip(1).skip_while(|word| word.starts_with("--")).collect();
        let one = |name: &&str| {
            let name = name.trim_end_matches('/');
            let source = match (self, &words[..]) {
                (Self::Directory(directory), _) => format!("{directory}/{name}"),
                (Self::Unknown, [source, _]) if source.rsplit('/').next() == Some(name) => (*source).to_owned(),
                _ => name.to_owned(),
            };
            format!("--mount=type=bind,source={source},target={place}/{name}")
        };
        names.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    /// Lines of `.dockerignore`: patterns there are relative to the context's root, and a name that no program has for
    /// its own is left out wherever it is.
    fn patterns(&self, ground: &Ground<'_>, layer: usize, paths: &[&str]) -> Vec<String> {
        let everywhere = |path: &str| !path.contains('/') && (path.starts_with('.') || matches!(path, "__pycache__" | "node_modules"));
        let pattern = |path: &str| match self {
            _ if everywhere(path) => format!("**/{path}"),
            Self::Directory(directory) => format!("{directory}/{path}"),
            Self::Context | Self::Unknown => path.to_owned(),
        };
        let mut lines: Vec<String> = paths.iter().map(|path| pattern(path)).collect();
        if matches!(self, Self::Unknown) && !paths.iter().all(|path| everywhere(path)) {
            lines.insert(
                0,
                format!("# before names without **/ write the directory that {} copies, if that is not all", ground.places(&[layer])),
            );
        }
        lines
    }
}

/// A command between the copy and the deletion that names a file which is copied only to be used.
fn used_between<'g>(ground: &'g Ground<'_>, layer: usize, by: usize, lines: &[(String, Measures)]) -> Option<&'g str> {
    let names: Vec<&str> =
        lines.iter().take(LOOKED_FOR).map(|(line, _)| line.trim_end_matches('/').rsplit('/').next().unwrap_or(line)).collect();
    let uses = |command: &&str| {
        let mut words = command.split_whitespace().skip_while(|word| *word == "RUN");
        let removes = matches!(words.next(), Some("rm" | "chown" | "chmod" | "find"));
        !removes && names.iter().any(|name| command.contains(name))
    };
    let mut commands = (layer + 1..=by).flat_map(|between| ground.text(between).split("&&")).take(COMMANDS).map(str::trim);
    commands.find(uses).map(|command| command.trim_start_matches("RUN ").trim())
}

/// Where a COPY puts what it copies: its last word, if that is a directory.
fn destination(ground: &Ground<'_>, layer: usize) -> NodeId {
    let index = ground.index;
    let text = ground.text(layer).trim_end_matches([']', '"', ' ']);
    let last = text.rsplit([' ', '"']).next().unwrap_or_default();
    let path = if last.starts_with('/') { last.to_owned() } else { format!("{}/{last}", index.image().config().working_dir) };
    let found = index.paths().find(path.as_bytes());
    // A COPY of one file to a name has that name's directory for its root.
    let is_file = |node: NodeId| index.layer(layer).any(|placed| placed.node == node && placed.entry.kind == crate::layer::EntryKind::File);
    match found {
        Some(node) if is_file(node) => index.paths().parent(node),
        Some(node) => node,
        None => ROOT,
    }
}

/// The largest trees of the layer that go as a whole, relative to where they are copied, most bytes first.
fn lines(ground: &Ground<'_>, layer: usize, removal: &Removal, destination: NodeId) -> Vec<(String, Measures)> {
    let index = ground.index;
    let paths = index.paths();
    // For each directory how many entries are below it, and how many of them go.
    let mut counts: HashMap<NodeId, (u64, u64)> = HashMap::new();
    let mut sums: HashMap<NodeId, Measures> = HashMap::new();
    for placed in index.layer(layer) {
        let goes = removal.has(layer, placed.number);
        let is_directory = placed.entry.kind == crate::layer::EntryKind::Directory;
        let mut at = placed.node;
        loop {
            // A directory that stays empty is not worth a line each for what was in it.
            if !is_directory {
                let count = counts.entry(at).or_default();
                count.0 += 1;
                count.1 += u64::from(goes);
            }
            if goes {
                *sums.entry(at).or_default() += placed.entry.measures();
            }
            if at == ROOT || at == destination {
                break;
            }
            at = paths.parent(at);
        }
    }
    let whole = |node: NodeId| counts.get(&node).is_some_and(|(all, gone)| all == gone && *all > 0);
    let mut found: Vec<(String, Measures)> = Vec::new();
    for (node, sum) in &sums {
        if *node == destination || *node == ROOT || !whole(*node) || (paths.parent(*node) != destination && whole(paths.parent(*node))) {
            continue;
        }
        let full = paths.path(*node);
        let base = paths.path(destination);
        let relative = full.strip_prefix(base.as_slice()).unwrap_or(&full);
        found.push((escaped(relative.strip_prefix(b"/").unwrap_or(relative)), *sum));
    }
    found.sort_by(|a, b| b.1.content_bytes.cmp(&a.1.content_bytes).then_with(|| a.0.cmp(&b.0)));
    found
}
