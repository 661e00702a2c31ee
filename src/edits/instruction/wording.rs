//! What an instruction should clean up or leave out, in words and as lines for a Dockerfile.

use super::super::trees::Trees;
use super::super::{Ground, Removal};
use crate::history::Verb;
use crate::index::Cause;
use crate::layer::Measures;
use crate::render::size::count;
use crate::text::escaped;
use std::collections::BTreeMap;

/// Paths that a title names.
const NAMED: usize = 6;

/// What later instructions make vain of a layer, by layer: what they delete, and what they write again.
#[derive(Default)]
pub(super) struct Later {
    deleted: BTreeMap<usize, Measures>,
    written: BTreeMap<usize, Measures>,
}

impl Later {
    pub(super) fn add(&mut self, by: usize, cause: Cause, sum: &Measures) {
        let list = if cause.blames_payer() { &mut self.deleted } else { &mut self.written };
        *list.entry(by).or_default() += *sum;
    }

    fn sum(list: &BTreeMap<usize, Measures>) -> u64 {
        list.values().map(|sum| sum.content_bytes).sum()
    }

    /// A stray byte is no reason to change one more instruction.
    fn weighty(&self, list: &BTreeMap<usize, Measures>) -> Vec<usize> {
        let all = Self::sum(&self.deleted) + Self::sum(&self.written);
        list.iter().filter(|(_, sum)| sum.content_bytes * 20 > all).map(|(by, _)| *by).collect()
    }
}

/// What goes from a layer.
pub(super) struct Gone {
    pub(super) layer: usize,
    /// What of it goes as a whole.
    pub(super) trees: Trees,
    /// Entries whose last version stays.
    pub(super) superseded: Removal,
    /// Titles of the rules that claim most of it.
    pub(super) titles: Vec<String>,
    pub(super) sum: Measures,
}

/// An edit in words.
pub(super) struct Wording {
    pub(super) title: String,
    pub(super) details: Vec<String>,
    pub(super) snippet: Vec<String>,
    pub(super) layers: Vec<usize>,
    /// Whether what is written again is written once then.
    pub(super) once: bool,
}

impl Gone {
    /// The edit, unless there is nothing to name.
    pub(super) fn wording(&self, ground: &Ground<'_>, later: &Later) -> Option<Wording> {
        // The lists are of one RUN and used by the next: removing them at its end would break that.
        let joined = joins(ground, self.layer);
        let vain = Later::sum(&later.deleted) + Later::sum(&later.written);
        if ground.is_from_stage(self.layer) {
            self.copied()
        } else if !ground.is_run(self.layer) && self.trees.count > 0 {
            let deleters = if vain * 2 > self.sum.content_bytes { later.weighty(&later.deleted) } else { Vec::new() };
            Some(self.kept_out(ground, &deleters))
        } else if let Some(next) = joined.filter(|_| self.trees.count > 0) {
            Some(self.joined(ground, next))
        } else if vain * 2 > self.sum.content_bytes && Later::sum(&later.deleted) >= Later::sum(&later.written) && self.trees.count > 0 {
            let deleters = later.weighty(&later.deleted);
            let whole = [&[self.layer][..], &deleters].concat();
            // Too many to be named are deleted by the command that deletes them now.
            let all_there = vain == self.sum.content_bytes && later.written.keys().all(|by| whole.contains(by));
            let used = deleters.iter().any(|by| self.is_used_by(ground, *by));
            if all_there && (used || self.unnamed() > 0) && ground.adjoin(&whole) {
                return Some(self.moved(ground, &whole));
            }
            if used {
                return Some(self.apart(ground, &whole));
            }
            Some(self.deleted(ground, &deleters, &later.weighty(&later.written)))
        } else if vain * 2 > self.sum.content_bytes || self.trees.count == 0 {
            let writers = later.weighty(&later.written);
            (!writers.is_empty() && !self.superseded.is_empty()).then(|| self.once(ground, &writers))
        } else {
            Some(self.ended(ground))
        }
    }

    fn copied(&self) -> Option<Wording> {
        let snippet = vec![format!("RUN {}   # in the stage, before the COPY", self.remove())];
        let title = format!("Copy from the stage without {}", self.shown());
        (self.trees.count > 0).then(|| Wording { title, details: self.left_behind(), snippet, layers: vec![self.layer], once: false })
    }

    /// No RUN made it, so none can delete it in time: it is not put there.
    fn kept_out(&self, ground: &Ground<'_>, deleters: &[usize]) -> Wording {
        let here = ground.places(&[self.layer]);
        let text = ground.text(self.layer);
        let fetched = text.starts_with("ADD ") && text.contains("://");
        let mut snippet = match text {
            _ if fetched && !deleters.is_empty() => vec![format!("# instead of `{text}`, fetch, use and delete it in one RUN")],
            "" => vec![format!("# {here}: without {}", self.trees.names.join(" "))],
            text => vec![format!("# {here} (`{text}`): without {}", self.trees.names.join(" "))],
        };
        if !deleters.is_empty() && !fetched {
            snippet.push(format!("# {} need not delete it any more", ground.places(deleters)));
        }
        let details = if deleters.is_empty() { self.left_behind() } else { vec![self.vain(ground, deleters)] };
        let title = format!("Keep {} out of {here}", self.trees.gist(ground.index.paths(), &self.shown()));
        let mut layers = [&[self.layer], deleters].concat();
        layers.dedup();
        Wording { title, details, snippet, layers, once: false }
    }

    fn vain(&self, ground: &Ground<'_>, deleters: &[usize]) -> String {
        format!("Deleting it later ({}) freed 0 bytes: it stays in {}, hidden.", ground.places(deleters), ground.places(&[self.layer]))
    }

    /// Joined with the next, which uses what this one fetches.
    fn joined(&self, ground: &Ground<'_>, next: usize) -> Wording {
        let layers = vec![self.layer, next];
        let snippet = run(ground, &layers, &self.remove());
        let title = format!("Join {} and end with `rm -rf {}`", ground.places(&layers), self.shown());
        Wording { title, details: self.left_behind(), snippet, layers, once: false }
    }

    /// It deletes itself what later ones delete, and what a later one writes again is written in the same RUN.
    fn deleted(&self, ground: &Ground<'_>, deleters: &[usize], writers: &[usize]) -> Wording {
        let here = ground.places(&[self.layer]);
        let mut joined = vec![self.layer];
        let mut details = vec![self.vain(ground, deleters)];
        // What fetches lists of its own leaves them behind without its own `rm`.
        let (own, idle): (Vec<usize>, Vec<usize>) = deleters.iter().partition(|by| updates(ground.text(**by)));
        let mut remarks = Vec::new();
        if !idle.is_empty() {
            remarks.push(format!("# {} need not delete it any more", ground.places(&idle)));
        }
        if !own.is_empty() {
            remarks.push(format!("# {} still deletes what it fetches itself", ground.places(&own)));
        }
        let mut again = String::new();
        if !writers.is_empty() && !self.superseded.is_empty() {
            joined.extend(writers);
            let places = ground.places(writers);
            let largest = largest(ground, &self.superseded);
            details.push(format!("{largest} of {here} is written again by {places}: in one RUN it is stored once."));
            if !ground.adjoin(&joined) {
                joined.truncate(1);
                remarks.insert(0, format!("# what {places} writes again, write here"));
                again = format!(", and write {largest} once");
            }
        }
        if ground.runs_between(self.layer, deleters, &joined) {
            details.push("If an instruction in between needs it, let that RUN do it too, or build in a first stage.".to_owned());
        }
        let it = if self.trees.count == 1 { "it" } else { "them" };
        let title = match joined.as_slice() {
            [_] => format!("Delete {} in the RUN that makes {it}{again}", self.trees.gist(ground.index.paths(), &self.shown())),
            _ => format!("Join {} and delete {} there", ground.places(&joined), self.trees.gist(ground.index.paths(), &self.shown())),
        };
        let mut snippet = run(ground, &joined, &self.remove());
        snippet.extend(remarks);
        let mut layers = [&[self.layer], deleters, writers].concat();
        layers.sort_unstable();
        layers.dedup();
        Wording { title, details, snippet, layers, once: !writers.is_empty() }
    }

    /// Joined with those that delete what it makes.
    fn moved(&self, ground: &Ground<'_>, layers: &[usize]) -> Wording {
        let places = ground.places(layers);
        let gist = self.trees.gist(ground.index.paths(), &self.shown());
        let they_are = if self.trees.count == 1 { "it is" } else { "they are" };
        let title = format!("Join {places}: delete {gist} where {they_are} made");
        let details = vec![self.vain(ground, &layers[1..])];
        Wording { title, details, snippet: run(ground, layers, ""), layers: layers.to_vec(), once: true }
    }

    /// Made, used and deleted by RUNs that something comes between.
    fn apart(&self, ground: &Ground<'_>, layers: &[usize]) -> Wording {
        let (places, last) = (ground.places(layers), ground.places(&layers[1..]));
        let gist = self.trees.gist(ground.index.paths(), &self.shown());
        let title = format!("Make, use and delete {gist} in one RUN");
        let mut details = vec![self.vain(ground, &layers[1..])];
        details.push(format!("What deletes it ({last}) uses it before: the file must be there until then."));
        Wording { title, details, snippet: vec![format!("# {places}: in one RUN")], layers: layers.to_vec(), once: false }
    }

    /// Whether the instruction that deletes it works with it, too: a command that names it and is no removal.
    fn is_used_by(&self, ground: &Ground<'_>, by: usize) -> bool {
        // `busybox rm`, and arrays with their signs.
        let removes = |command: &str| {
            let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'', '[', ']', ',', '(', '{']));
            let mut words = words.filter(|word| !matches!(*word, "" | "RUN" | "sudo" | "then" | "do")).take(2);
            words.any(|word| match word.rsplit('/').next().unwrap_or_default() {
                "rm" | "rmdir" | "unlink" | "shred" => true,
                "find" => command.contains("-delete") || command.contains("rm "),
                _ => false,
            })
        };
        let names: Vec<&str> = self.trees.names.iter().map(|name| name.trim_end_matches("/*")).collect();
        let is_one = |word: &str| {
            let word = word.trim_matches(['"', '\'', '(', ')', ';', '<', '>', '=', ',']);
            names.iter().any(|name| {
                let last = name.rsplit('/').next().unwrap_or_default();
                word.contains(*name) || (last.len() > 2 && word.rsplit('/').next() == Some(last) && !word.starts_with('/'))
            })
        };
        let mut commands = ground.text(by).split(['&', ';', '|', '\n']).map(str::trim).filter(|command| !command.is_empty());
        commands.any(|command| !removes(command) && command.split_whitespace().any(is_one))
    }

    /// Joined with those that write the same files.
    fn once(&self, ground: &Ground<'_>, writers: &[usize]) -> Wording {
        let layers = [&[self.layer], writers].concat();
        let places = ground.places(&layers);
        let largest = largest(ground, &self.superseded);
        let details = vec![format!("The older version stays in {}, hidden.", ground.places(&[self.layer]))];
        if !layers.iter().all(|layer| ground.is_run(*layer)) {
            let title = format!("Write {largest} once: {places}");
            return Wording { title, details, snippet: vec![format!("# {places}: write it once")], layers, once: true };
        }
        let snippet = if ground.adjoin(&layers) {
            let remove = if self.trees.count == 0 { String::new() } else { self.remove() };
            run(ground, &layers, &remove)
        } else {
            vec![format!("# {places}: write it once, in one RUN")]
        };
        let title = format!("Join {places}: write {largest} once");
        Wording { title, details, snippet, layers, once: true }
    }

    /// It cleans up behind itself.
    fn ended(&self, ground: &Ground<'_>) -> Wording {
        let snippet = run(ground, &[self.layer], &self.remove());
        let title = format!("End the RUN with `rm -rf {}`", self.shown());
        Wording { title, details: self.left_behind(), snippet, layers: vec![self.layer], once: false }
    }

    fn left_behind(&self) -> Vec<String> {
        let titles: Vec<&str> = self.titles.iter().map(|title| title.trim_end_matches(" kept in the image")).collect();
        if titles.is_empty() { Vec::new() } else { vec![format!("It leaves behind: {}.", titles.join("; "))] }
    }

    /// The first paths.
    fn shown(&self) -> String {
        let more = if self.trees.count > NAMED { " …" } else { "" };
        format!("{}{more}", self.trees.names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" "))
    }

    /// The command that removes them; where they are many it says how many it leaves out.
    fn remove(&self) -> String {
        let listed = self.trees.names.join(" ");
        match self.unnamed() {
            0 => format!("rm -rf {listed}"),
            more => format!("rm -rf {listed}   # and {} more: plimsoll files IMAGE --layer {}", count(more as u64), self.layer + 1),
        }
    }

    /// How many trees have no name here.
    fn unnamed(&self) -> usize {
        self.trees.count - self.trees.names.len()
    }
}

/// Commands of these layers in one RUN, and at its end `last`. What is no shell command cannot be joined: it is named.
fn run(ground: &Ground<'_>, layers: &[usize], last: &str) -> Vec<String> {
    let command = |layer: &usize| ground.text(*layer).trim_start_matches("RUN ").trim();
    let commands: Vec<&str> = layers.iter().map(command).filter(|text| !text.is_empty()).collect();
    let shell = |text: &&str| !text.starts_with('[') && !text.contains("<<");
    if layers.iter().any(|layer| ground.is_script(*layer)) {
        let place = ground.places(&layers[layers.len() - 1..]);
        return vec![format!("# as the last line of {place}:"), last.to_owned()];
    }
    if commands.is_empty() || !commands.iter().all(shell) {
        return vec![format!("# at the end of {}:", ground.places(&layers[layers.len() - 1..])), format!(" && {last}")];
    }
    let mut lines: Vec<String> =
        commands.iter().enumerate().map(|(number, text)| format!("{}{text}", if number == 0 { "RUN " } else { " && " })).collect();
    if !last.is_empty() {
        lines.push(format!(" && {last}"));
    }
    let end = lines.len() - 1;
    lines[..end].iter_mut().for_each(|line| line.push_str(" \\"));
    lines
}

/// Whether a command fetches package lists.
fn updates(text: &str) -> bool {
    text.contains("apt-get update") || text.contains("apt update")
}

/// The next RUN, if it uses package lists that this one only fetched.
fn joins(ground: &Ground<'_>, layer: usize) -> Option<usize> {
    let installs = |text: &str| text.contains("apt-get install") || text.contains("apt install");
    if !updates(ground.text(layer)) || installs(ground.text(layer)) {
        return None;
    }
    (layer + 1..ground.index.image().layers().len()).find(|next| installs(ground.text(*next)) && !updates(ground.text(*next)))
}

/// The largest of these entries, and how many more there are.
fn largest(ground: &Ground<'_>, of: &Removal) -> String {
    let entries = of.places().map(|place| ground.index.placed(place)).filter(|placed| placed.entry.content_bytes > 0);
    let mut entries: Vec<_> = entries.map(|placed| (std::cmp::Reverse(placed.entry.content_bytes), placed.node)).collect();
    entries.sort_unstable();
    let Some((_, first)) = entries.first() else { return "what they share".to_owned() };
    let name = format!("/{}", escaped(&ground.index.paths().path(*first)));
    if entries.len() == 1 { name } else { format!("{name} and {} more", entries.len() - 1) }
}

impl Ground<'_> {
    /// Whether these layers are of RUNs that follow each other, so that one RUN can do what they do: between them
    /// history has nothing that could matter to a command.
    fn adjoin(&self, layers: &[usize]) -> bool {
        let image = self.index.image();
        let rows: Option<Vec<usize>> = layers.iter().map(|layer| image.layers()[*layer].row).collect();
        let Some(rows) = rows else { return false };
        let matters = |row: &usize| {
            let made = crate::history::Instruction::parse(&image.history[*row]);
            !matches!(made.verb, Verb::Label | Verb::Expose | Verb::Cmd | Verb::Entrypoint | Verb::Maintainer | Verb::Healthcheck)
        };
        layers.iter().all(|layer| self.is_run(*layer))
            && rows.windows(2).all(|pair| pair[0] < pair[1] && (pair[0] + 1..pair[1]).all(|row| !matters(&row)))
    }

    /// Whether it is of several lines, as a here-document has them: their text on one line is no command.
    fn is_script(&self, layer: usize) -> bool {
        let row = self.index.layer_at(layer).row.and_then(|row| self.index.image().history.get(row));
        row.and_then(|row| row.created_by.as_deref()).is_some_and(|text| text.trim_end_matches("# buildkit").trim().contains('\n'))
    }

    fn is_run(&self, layer: usize) -> bool {
        self.index.layer_at(layer).instruction().is_some_and(|made| made.verb == Verb::Run)
    }

    /// Whether another RUN comes between a layer and the last of these.
    fn runs_between(&self, layer: usize, last: &[usize], but: &[usize]) -> bool {
        let last = last.iter().max().copied().unwrap_or(layer);
        (layer + 1..last).filter(|between| !but.contains(between)).any(|between| self.is_run(between))
    }
}
