//! What checks look at, and what they answer.

use super::Outcome;
use crate::analysis::Analysis;
use crate::attribution::Installed;
use crate::facts::{Ecosystem, Fact};
use crate::history::{Instruction, Verb};
use crate::layer::Measures;
use crate::render::size::{Unit, size};
use crate::render::text::numbers;
use crate::rules::matches;
use std::ops::Range;

/// The answer of a check.
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) evidence: String,
    pub(super) advice: String,
    pub(super) layers: Vec<usize>,
}

pub(super) fn pass(evidence: impl Into<String>) -> Verdict {
    Verdict { outcome: Outcome::Pass, evidence: evidence.into(), advice: String::new(), layers: Vec::new() }
}

pub(super) fn not_applicable(evidence: impl Into<String>) -> Verdict {
    Verdict { outcome: Outcome::NotApplicable, ..pass(evidence) }
}

pub(super) fn fail(evidence: impl Into<String>, advice: impl Into<String>) -> Verdict {
    Verdict { outcome: Outcome::Fail, advice: advice.into(), ..pass(evidence) }
}

impl Verdict {
    pub(super) fn at(mut self, layers: impl IntoIterator<Item = usize>) -> Self {
        self.layers = layers.into_iter().collect();
        self.layers.sort_unstable();
        self.layers.dedup();
        self
    }
}

/// An image as the checks see it.
pub(super) struct Look<'l> {
    pub(super) analysis: &'l Analysis<'l>,
    /// Every row of history.
    pub(super) history: Vec<Instruction>,
    /// What each package weighs, live and hidden.
    pub(super) weights: Vec<Measures>,
}

/// Packages of a tool chain, as deb, apk and rpm call them.
const BUILD_TOOLS: [&str; 22] = [
    "gcc",
    "gcc-[0-9]*",
    "g++",
    "g++-[0-9]*",
    "gcc-c++",
    "cpp",
    "cpp-[0-9]*",
    "clang*",
    "binutils*",
    "make",
    "cmake",
    "ninja-build",
    "automake",
    "autoconf",
    "libtool",
    "build-base",
    "build-essential",
    "linux-headers",
    "kernel-headers",
    "cargo",
    "rustc",
    "golang*",
];
/// Headers and static libraries.
const HEADERS: [&str; 3] = ["*-dev", "*-devel", "linux-libc-dev"];
/// Programs that make a shell of a container's start.
pub(super) const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

impl<'l> Look<'l> {
    pub(super) fn new(analysis: &'l Analysis<'l>) -> Self {
        let history = analysis.index.image().history.iter().map(Instruction::parse).collect();
        let weights = analysis.attribution.weights().into_iter().map(|(live, hidden)| live + hidden).collect();
        Self { analysis, history, weights }
    }

    pub(super) fn config(&self) -> &crate::oci::ContainerConfig {
        self.analysis.index.image().config()
    }

    /// The image's own layers.
    pub(super) fn own(&self) -> Range<usize> {
        self.analysis.base.layers..self.analysis.index.image().layers().len()
    }

    pub(super) fn verb(&self, layer: usize) -> Verb {
        self.analysis.index.layer_at(layer).instruction().map_or(Verb::Unknown, |made| made.verb)
    }

    pub(super) fn text(&self, layer: usize) -> &str {
        self.analysis.index.layer_at(layer).instruction().map_or("", |made| made.text.as_str())
    }

    /// `line 6`, or `layer 3` where no line is known.
    pub(super) fn place(&self, layer: usize) -> String {
        self.places(&[layer])
    }

    /// `lines 3, 5–7` of the Dockerfile, or else layers.
    pub(super) fn places(&self, layers: &[usize]) -> String {
        let lines: Option<Vec<usize>> = layers.iter().map(|layer| self.analysis.line(*layer).map(|line| line as usize - 1)).collect();
        let plural = if layers.len() == 1 { "" } else { "s" };
        match lines {
            Some(lines) => format!("line{plural} {}", numbers(lines)),
            None => format!("layer{plural} {}", numbers(layers.to_vec())),
        }
    }

    /// Packages of the system that only building needs, among those that a layer in `layers` brought and nothing removed.
    pub(super) fn build_packages(&self, layers: &Range<usize>, headers: bool) -> Vec<u32> {
        let named = |list: &[&str], name: &str| list.iter().any(|pattern| matches(pattern.as_bytes(), name.as_bytes()));
        let packages = self.analysis.attribution.packages();
        let chosen = |id: &u32| {
            let installed = &packages[*id as usize];
            let name = installed.package.name.as_str();
            // `gcc-12-base` holds directories, for the library's sake.
            installed.ecosystem().is_system()
                && !name.ends_with("-base")
                && installed.is_live()
                && layers.contains(&installed.layer)
                && (named(&BUILD_TOOLS, name) || (headers && named(&HEADERS, name)))
        };
        (0..packages.len() as u32).filter(chosen).collect()
    }

    pub(super) fn name(&self, id: u32) -> &str {
        &self.analysis.attribution.package(id).package.name
    }

    /// What packages weigh.
    pub(super) fn weight(&self, ids: &[u32]) -> u64 {
        ids.iter().map(|id| self.weights[*id as usize].content_bytes).sum()
    }

    /// Whether a package is one of a language that somebody installed: neither a part of the system's packages, nor the
    /// installer that a virtual environment begins with.
    pub(super) fn is_installed(&self, one: &Installed<'_>) -> bool {
        const INSTALLERS: [&str; 3] = ["pip", "setuptools", "wheel"];
        let attribution = &self.analysis.attribution;
        let of_system = |id: &u32| attribution.package(*id).ecosystem().is_system();
        let installer = one.ecosystem() == Ecosystem::Pypi && INSTALLERS.contains(&one.package.name.as_str());
        !(one.ecosystem().is_system() || installer || attribution.claimants(one.record).iter().any(of_system))
    }

    /// Packages of languages that a layer brought.
    pub(super) fn brought(&self, layer: usize) -> usize {
        const LANGUAGES: [Ecosystem; 4] = [Ecosystem::Pypi, Ecosystem::Npm, Ecosystem::Gem, Ecosystem::Composer];
        let packages = self.analysis.attribution.packages().iter();
        packages.filter(|one| one.layer == layer && LANGUAGES.contains(&one.ecosystem()) && self.is_installed(one)).count()
    }

    /// What the container starts: entrypoint and command.
    pub(super) fn started(&self) -> impl Iterator<Item = &str> {
        self.config().entrypoint.iter().chain(&self.config().cmd).map(String::as_str)
    }

    /// Words of the health check, by the configuration or else by history; `None` where there is none.
    pub(super) fn healthcheck(&self) -> Option<Vec<String>> {
        let test = &self.config().healthcheck.test;
        let last = self.history.iter().rev().find(|row| row.verb == Verb::Healthcheck).map(|row| row.text.clone());
        let words = match (test.is_empty(), last) {
            (false, _) => test.join(" "),
            (true, Some(line)) => line,
            (true, None) => return None,
        };
        let parted = words.split([' ', '\t', ';', '|', '&', '(', ')', '"', '\'', '`', '[', ']', ',', '{', '}']);
        Some(parted.filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// Whether the image starts a Python program.
    pub(super) fn is_python(&self) -> bool {
        const PROGRAMS: [&str; 12] = [
            "python*",
            "pypy*",
            "uvicorn",
            "gunicorn",
            "hypercorn",
            "granian",
            "daphne",
            "flask",
            "fastapi",
            "celery",
            "django-admin",
            "*.py",
        ];
        let started = |program: &str| {
            let matching = |word: &str| word.split_whitespace().any(|word| matches(program.as_bytes(), base_name(word).as_bytes()));
            self.started().any(matching)
        };
        PROGRAMS.iter().any(|program| started(program)) || self.script_runs(&PROGRAMS)
    }

    /// Whether a script that the container starts names one of these programs.
    fn script_runs(&self, programs: &[&str]) -> bool {
        let index = self.analysis.index;
        let first = self.started().map(|word| base_name(word).to_owned()).collect::<Vec<_>>();
        index.facts().any(|(placed, fact)| match fact {
            Fact::Script(script) => {
                index.at(placed.node).is_some_and(|live| live.layer == placed.layer)
                    && first.iter().any(|name| name.as_bytes() == index.paths().name(placed.node))
                    && (matches(b"python*", base_name(&script.interpreter).as_bytes())
                        || programs.iter().any(|program| script.mentions(program.trim_end_matches('*').as_bytes())))
            }
            _ => false,
        })
    }

    /// Whether a script of the image's own names a program.
    pub(super) fn script_mentions(&self, program: &str) -> bool {
        self.analysis.index.facts().any(|(placed, fact)| match fact {
            Fact::Script(script) => {
                placed.layer >= self.analysis.base.layers
                    && self.analysis.attribution.owner(&placed).is_none()
                    && script.mentions(program.as_bytes())
            }
            _ => false,
        })
    }
}

pub(super) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// A size in evidence; always in the same unit, as evidence is data.
pub(super) fn bytes(count: u64) -> String {
    size(count, Unit::Si)
}

/// The first few names of many.
pub(super) fn list(names: &[String]) -> String {
    const SHOWN: usize = 4;
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if names.len() <= SHOWN => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..SHOWN - 1].join(", "), names.len() - SHOWN + 1),
    }
}
