//! The patterns of all rules as one automaton, and what each is for.

use crate::config::Allow;
use crate::image::Image;
use crate::index::Index;
use crate::rules::evidence::{self, Evidence};
use crate::rules::pattern::{Label, Matches, Patterns};
use crate::rules::{Level, Rule};
use std::borrow::Cow;

/// What a pattern is for, in a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    Select(usize),
    Within(usize),
    Except(usize),
    /// The directory that must have certain names.
    Root(usize),
    /// File `1` of guard `0`; all guards of all rules are numbered through.
    File(usize),
    /// Where an exception holds.
    Allow(usize),
}

/// The patterns of all rules, and what each is for.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) patterns: Patterns,
    pub(super) uses: Vec<Use>,
    /// For each exception whether it is for certain paths only.
    pub(super) somewhere: Vec<bool>,
}

/// Whether path patterns are sound.
pub(crate) fn check_patterns(paths: &[String]) -> Result<(), String> {
    let mut patterns = Patterns::default();
    paths.iter().try_for_each(|path| patterns.add(path, 0))
}

/// Whether a rule's patterns are sound.
pub(in crate::rules) fn check(rule: &Rule) -> Result<(), String> {
    let select = &rule.select;
    let mut compiled = Compiled { patterns: Patterns::default(), uses: Vec::new(), somewhere: Vec::new() };
    for path in &select.paths {
        if !select.has.is_empty() && !path.ends_with("/**") {
            return Err(format!("`has` needs paths that end in `/**`, found `{path}`"));
        }
    }
    let guards = rule.unless.iter().flat_map(|guard| &guard.file);
    select.paths.iter().chain(&select.within).chain(&select.except).chain(guards).try_for_each(|path| {
        let path = expanded(path, |_| Some("x"))
            .ok_or_else(|| format!("path pattern `{path}`: expected a path after the variable, found none"))?;
        compiled.add(&path, Use::Select(0))
    })
}

/// A pattern with the directory that a variable at its beginning names; `None` if it names none.
fn expanded<'p>(pattern: &'p str, directory: impl Fn(&str) -> Option<&'p str>) -> Option<Cow<'p, str>> {
    let Some(variable) = pattern.strip_prefix('$') else { return Some(Cow::Borrowed(pattern)) };
    let (name, rest) = variable.split_once('/')?;
    Some(Cow::Owned(format!("{}/{rest}", directory(name)?)))
}

impl Compiled {
    pub(super) fn new(rules: &[Rule], allows: &[Allow], image: &Image) -> Self {
        let somewhere = allows.iter().map(|allow| !allow.paths.is_empty()).collect();
        let mut it = Self { patterns: Patterns::default(), uses: Vec::new(), somewhere };
        let mut guards = 0;
        for (number, rule) in rules.iter().enumerate() {
            let select = &rule.select;
            let mut uses: Vec<(&str, Use)> = select.paths.iter().map(|path| (path.as_str(), Use::Select(number))).collect();
            if !select.has.is_empty() {
                uses.extend(select.paths.iter().filter_map(|path| path.strip_suffix("/**")).map(|root| (root, Use::Root(number))));
            }
            uses.extend(select.within.iter().map(|path| (path.as_str(), Use::Within(number))));
            uses.extend(select.except.iter().map(|path| (path.as_str(), Use::Except(number))));
            for guard in &rule.unless {
                uses.extend(guard.file.iter().map(|path| (path.as_str(), Use::File(guards))));
                guards += 1;
            }
            for (pattern, what) in uses {
                let Some(pattern) = expanded(pattern, |name| evidence::directory(image, name)) else { continue };
                // Every rule was checked when it was parsed.
                let _checked = it.add(&pattern, what);
            }
        }
        for (number, allow) in allows.iter().enumerate() {
            for path in &allow.paths {
                let _checked = it.add(path, Use::Allow(number));
            }
        }
        it
    }

    fn add(&mut self, pattern: &str, what: Use) -> Result<(), String> {
        self.patterns.add(pattern, self.uses.len() as Label)?;
        self.uses.push(what);
        Ok(())
    }

    /// Each rule's level, guards applied; [`Level::Off`] where one silences it.
    pub(super) fn levels(&self, index: &Index, labels: &Matches, evidence: &Evidence, rules: &[Rule]) -> Vec<Level> {
        let mut there = vec![false; rules.iter().map(|rule| rule.unless.len()).sum()];
        let guard = |label: &Label| match self.uses[*label as usize] {
            Use::File(guard) => Some(guard),
            _ => None,
        };
        for (node, labels) in labels.with(|label| guard(label).is_some()) {
            if index.at(node).is_some() {
                labels.iter().filter_map(guard).for_each(|guard| there[guard] = true);
            }
        }
        let mut guards = there.into_iter();
        let level = |rule: &Rule| {
            let mut level = rule.level;
            for guard in &rule.unless {
                let file = guards.next().unwrap_or_default();
                if !guard.env_path && (guard.file.is_empty() || file) && evidence.holds(guard) {
                    level = level.min(guard.then.unwrap_or(Level::Off));
                }
            }
            level
        };
        rules.iter().map(level).collect()
    }
}
