//! Several formats of one analysis: which is written where.

use super::args::is_standard;
use super::run::write_to;
use anyhow::Result;
use clap::{Args, ValueEnum, ValueHint};
use plimsoll::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a result goes, and in which formats.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Outputs {
    /// Write to FILE instead of standard output (`-`). With FORMAT= before it: that format too, as often as given; for a
    /// file with such a name write ./NAME
    #[arg(long, short, value_name = "[FORMAT=]FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Vec<PathBuf>,
    /// Replace what looks like a credential in instructions, in every format. Formats for others to see (markdown, sarif,
    /// junit, github, gitlab, openmetrics, html, svg) never show them otherwise
    #[arg(long, conflicts_with = "no_redact")]
    redact: bool,
    /// Show instructions as history has them, in every format
    #[arg(long)]
    no_redact: bool,
    /// Show the page in a browser: that of --output html=FILE, or of --format html, which then is a file of its own among the
    /// temporary ones. The environment's BROWSER says which, else what the system opens pages with
    #[cfg(feature = "html")]
    #[arg(long)]
    open: bool,
    /// What a page or a picture is called; by default it has the image's name
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// What tells the comment of markdown from others, in its hidden marker; by default the image's name
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

/// A format of a command that can write several.
pub(crate) trait Shape: ValueEnum + Copy + Default + PartialEq {
    /// Whether others than who ran the command are to read it.
    fn is_shared(self) -> bool;
    /// Whether it is added to a file, which others write to as well.
    fn is_appended(self) -> bool;
    /// Whether a browser shows it.
    #[cfg_attr(not(feature = "html"), expect(dead_code, reason = "there are no pages"))]
    fn is_page(self) -> bool;
    /// Whether it is for people at a terminal.
    fn is_table(self) -> bool {
        self == Self::default()
    }
}

/// One format and its place; none is standard output.
#[derive(Debug)]
pub(crate) struct Target<F> {
    pub(crate) format: F,
    pub(crate) place: Option<PathBuf>,
    #[cfg_attr(not(feature = "html"), expect(dead_code, reason = "there are no pages"))]
    shown: Shown,
}

/// Whether a browser shows it when all is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    No,
    #[cfg(feature = "html")]
    Yes,
    /// The file is there for that alone.
    #[cfg(feature = "html")]
    Alone,
}

impl<F: Shape> Target<F> {
    fn new(format: F, place: Option<PathBuf>) -> Self {
        Self { format, place, shown: Shown::No }
    }
}

impl Outputs {
    /// What is written: `chosen` to standard output or the one file without a format, and each format to its file.
    pub(crate) fn targets<F: Shape>(&self, chosen: F) -> Result<Vec<Target<F>>> {
        let mut targets = Vec::new();
        let mut plain = None;
        for output in &self.output {
            match typed(output)? {
                Some((format, place)) => targets.push(Target::new(format, place)),
                None if plain.is_some() => {
                    let what = format!("--output: several files for one format; write FORMAT=FILE, with {}", names::<F>());
                    return Err(Error::Usage(what).into());
                }
                None => plain = Some(Target::new(chosen, standard(output))),
            }
        }
        let taken = targets.iter().any(|target: &Target<F>| target.place.is_none());
        match plain {
            Some(target) => targets.push(target),
            // Files first: a reader of standard output that has seen enough ends nothing then.
            None if !taken || chosen != F::default() => targets.push(Target::new(chosen, None)),
            None => {}
        }
        #[cfg(feature = "html")]
        if self.open {
            show(&mut targets)?;
        }
        for (at, target) in targets.iter().enumerate() {
            if targets[..at].iter().any(|other| other.place == target.place) {
                let place = target.place.as_deref().map_or("standard output".to_owned(), |place| format!("`{}`", place.display()));
                return Err(Error::Usage(format!("--output: two formats for {place}; one of them would be lost")).into());
            }
        }
        self.are_of_use(&targets)?;
        targets.sort_by_key(|target| target.place.is_none());
        Ok(targets)
    }

    /// An option that does nothing in these formats was meant for another.
    fn are_of_use<F: Shape>(&self, targets: &[Target<F>]) -> Result<()> {
        let has = |name: &str| targets.iter().any(|target| target.format.to_possible_value().is_some_and(|value| value.get_name() == name));
        for (option, given, formats) in
            [("title", self.title.is_some(), ["html", "svg"]), ("key", self.key.is_some(), ["markdown", "markdown"])]
        {
            if given && !formats.into_iter().any(has) {
                let format = formats[0];
                let what = format!("--{option}: nothing here shows it; add --format {format} or --output {format}=FILE");
                return Err(Error::Usage(what).into());
            }
        }
        Ok(())
    }

    /// Whether secrets are left out of a format.
    pub(crate) fn redacts<F: Shape>(&self, format: F) -> bool {
        self.redact || format.is_shared() && !self.no_redact
    }
}

/// Has a browser show the page that there is to be.
#[cfg(feature = "html")]
fn show<F: Shape>(targets: &mut [Target<F>]) -> Result<()> {
    let mut pages: Vec<&mut Target<F>> = targets.iter_mut().filter(|target| target.format.is_page()).collect();
    pages.sort_by_key(|page| page.place.is_none());
    let Some(page) = pages.into_iter().next() else {
        return Err(Error::Usage("--open: there is no page to show; add --format html or --output html=FILE".to_owned()).into());
    };
    page.shown = if page.place.is_some() { Shown::Yes } else { Shown::Alone };
    page.place.get_or_insert_with(super::open::place);
    Ok(())
}

/// `-` as the place that it is.
fn standard(path: &Path) -> Option<PathBuf> {
    Some(path.to_owned()).filter(|path| !is_standard(path))
}

/// `FORMAT=FILE`; none where it is a file alone.
fn typed<F: Shape>(output: &Path) -> Result<Option<(F, Option<PathBuf>)>> {
    let text = output.to_string_lossy();
    let Some((word, place)) = text.split_once('=') else {
        if F::from_str(&text, false).is_ok() {
            let what = format!("--output `{text}`: expected {text}=FILE, or --format {text}; for a file of this name write ./{text}");
            return Err(Error::Usage(what).into());
        }
        return Ok(None);
    };
    // No format has such signs, a path most likely has.
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        return Ok(None);
    }
    let Ok(format) = F::from_str(word, false) else {
        let what = format!("--output `{}`: no format `{word}` here; there are {}", text.escape_debug(), names::<F>());
        return Err(Error::Usage(format!("{what}; for a file of this name write ./{}", text.escape_debug())).into());
    };
    if place.is_empty() || output.to_str().is_none() {
        return Err(Error::Usage(format!("--output `{}`: expected FORMAT=FILE, a name in UTF-8", text.escape_debug())).into());
    }
    Ok(Some((format, standard(Path::new(place)))))
}

fn names<F: Shape>() -> String {
    let names: Vec<String> =
        F::value_variants().iter().filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned())).collect();
    names.join(", ")
}

/// Writes each format to its place.
pub(crate) fn write<F: Shape>(targets: &[Target<F>], mut one: impl FnMut(&Target<F>, &mut dyn Write) -> Result<()>) -> Result<()> {
    for target in targets {
        #[cfg(feature = "html")]
        if let (Shown::Alone, Some(place)) = (target.shown, &target.place) {
            super::open::create(place)?;
        }
        let on_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        write_to(target.place.as_deref(), target.format.is_appended(), |out| {
            if target.place.is_some() || !target.format.is_table() || !on_github {
                return one(target, out);
            }
            // The log of a workflow obeys what stands at the start of a line.
            let mut text = Vec::new();
            one(target, &mut text)?;
            Ok(out.write_all(plimsoll::render::github::harmless(&String::from_utf8_lossy(&text)).as_bytes())?)
        })?;
    }
    #[cfg(feature = "html")]
    for place in targets.iter().filter(|target| target.shown != Shown::No).filter_map(|target| target.place.as_deref()) {
        super::open::open(place)?;
    }
    Ok(())
}
