//! Packages: what each weighs, where it came from and why.

use super::Page;
use crate::facts::Ecosystem;
use crate::layer::Measures;
use crate::render::size::plural;
use crate::render::style::{Paint, Style};
use crate::render::text::{cells, fit, left};
use crate::report::{PackageReport, Report};

/// From this width on there is room for what a pull takes.
const WITH_PULL: usize = 100;

/// Which packages of a report are listed.
#[derive(Debug, Clone, Default)]
pub struct Packages {
    /// Of these ecosystems only; none means all.
    pub ecosystems: Vec<Ecosystem>,
    /// Removed ones and those without content too.
    pub all: bool,
    /// How many; 0 for all.
    pub top: usize,
}

impl Packages {
    /// Those that are listed.
    pub fn of<'r>(&self, report: &'r Report) -> impl Iterator<Item = &'r PackageReport> + use<'r> {
        let Self { ecosystems, all, top } = self.clone();
        let wanted = move |package: &&PackageReport| ecosystems.is_empty() || ecosystems.contains(&package.ecosystem);
        let worth = move |package: &&PackageReport| all || (package.removed.is_none() && package.all.content_bytes > 0);
        report.packages.iter().filter(wanted).filter(worth).take(if top == 0 { usize::MAX } else { top })
    }
}

/// Packages, most content first. Whatever is not listed has its sum, so that the rows add up to the image.
pub fn packages(report: &Report, list: &Packages, style: &Style) -> String {
    let mut page = Page { text: String::new(), style, report };
    let shown: Vec<&PackageReport> = list.of(report).collect();
    let widest = shown.iter().map(|package| cells(&name(package))).max().unwrap_or(0);
    let columns = Columns::new(style, widest, report.image.pull_bytes.is_some());
    let heading = columns.row(["disk", "pull", "hidden"].map(str::to_owned), page.where_word(), "package", "why");
    page.line(&style.paint(Paint::Dim, &heading));
    for package in &shown {
        let place = match (page.has_lines(), package.line) {
            (true, None) => if package.base { "base" } else { "" }.to_owned(),
            _ => page.place(package.layer).to_string(),
        };
        let removed = package.removed.map(|layer| format!("removed by {} {}", page.where_word(), page.place(layer)));
        let row = columns.row(columns.sizes(&package.all, &package.shadowed), &place, &name(package), &why(package, removed));
        page.line(&row);
    }
    let mut listed: Vec<bool> = vec![false; report.packages.len()];
    for package in &shown {
        listed[package.number] = true;
    }
    let mut rest: [(u64, Measures, Measures); 3] = Default::default();
    for package in report.packages.iter().filter(|package| !listed[package.number]) {
        let other = !list.ecosystems.is_empty() && !list.ecosystems.contains(&package.ecosystem);
        let kind = match other {
            true => 2,
            false if !list.all && (package.removed.is_some() || package.all.content_bytes == 0) => 1,
            false => 0,
        };
        rest[kind].0 += 1;
        rest[kind].1 += package.all;
        rest[kind].2 += package.shadowed;
    }
    let texts = [("more package", "more packages"), ("package", "packages"), ("package", "packages")];
    let hints = [" (--top 0 lists them)", ", removed or known by their record alone (--all)", " of other ecosystems"];
    for ((count, all, hidden), ((one, many), hint)) in rest.into_iter().zip(texts.into_iter().zip(hints)) {
        if count > 0 {
            let text = format!("{}{hint}", plural(count, one, many));
            let row = columns.sum(&all, &hidden, &text);
            page.line(&style.paint(Paint::Dim, &row));
        }
    }
    let owned: Measures = report.packages.iter().map(|package| package.all).sum();
    let hidden: Measures = report.packages.iter().map(|package| package.shadowed).sum();
    let row = columns.sum(&report.totals.minus(owned), &report.shadowed.all.minus(hidden), "unattributed: no package lists it");
    page.line(&row);
    let total = format!("total; {}", plural(report.packages.len() as u64, "package", "packages"));
    let row = columns.sum(&report.totals, &report.shadowed.all, &total);
    page.line(&style.paint(Paint::Strong, &row));
    if let Some(dockerfile) = &report.image.dockerfile {
        page.line(&super::lines_of(dockerfile, report.image.lines_by, style));
    }
    if shown.iter().any(|package| why(package, None) == "–") {
        let text = "–: the package manager keeps no record of who asked for it";
        page.line(&style.paint(Paint::Dim, &fit(text, style.width)));
    }
    // Why packages may be missing here.
    for note in report.notes.iter().filter(|note| note.code == "package-db-unreadable") {
        page.line(&style.paint(Paint::Alarm, &fit(&format!("! {}", super::lists::note(note)), style.width)));
    }
    if !report.complete {
        page.line(&style.paint(Paint::Alarm, &fit("INCOMPLETE: these are the numbers of what was read", style.width)));
    }
    page.text
}

/// `deb:gcc-12 12.2.0-14`
fn name(package: &PackageReport) -> String {
    let version = if package.version.is_empty() { String::new() } else { format!(" {}", package.version) };
    format!("{}:{}{version}", package.ecosystem.name(), package.name)
}

/// Why a package is there, its direct reason first.
pub(in crate::render) fn why(package: &PackageReport, removed: Option<String>) -> String {
    let way = || package.chain.iter().rev().map(String::as_str).collect::<Vec<_>>().join(" ← ");
    let text = match package.why.as_str() {
        _ if package.base => "base image".to_owned(),
        "asked" => "asked for".to_owned(),
        "dependency" => format!("needed by {}", way()),
        "recommended" => format!("recommended by {}", way()),
        _ if package.dev => "for development".to_owned(),
        _ => "–".to_owned(),
    };
    match (removed, text.as_str()) {
        (None, _) => text,
        (Some(removed), "–") => removed,
        (Some(removed), _) => format!("{removed}; {text}"),
    }
}

/// How wide everything is.
struct Columns<'s> {
    style: &'s Style,
    pull: bool,
    /// Whether that is known.
    known: bool,
    name: usize,
    why: usize,
}

impl<'s> Columns<'s> {
    fn new(style: &'s Style, widest: usize, known: bool) -> Self {
        let width = style.size_width();
        let pull = style.width >= WITH_PULL + 3 * (width - 9);
        let room = style.width.saturating_sub((if pull { 3 } else { 2 }) * (width + 1) + 7);
        // Names get what they need up to three fifths of it; a narrow terminal has room for names alone.
        let name = if room < 40 { room } else { widest.clamp(7, room * 3 / 5) };
        Self { style, pull, known, name, why: (room - name).saturating_sub(2) }
    }

    fn sizes(&self, all: &Measures, hidden: &Measures) -> [String; 3] {
        let dash = |bytes: u64| if bytes == 0 { "–".to_owned() } else { self.style.size(bytes, 0) };
        [self.style.size(all.content_bytes, 0), self.style.pull(all.blob_bytes, self.known, 0), dash(hidden.content_bytes)]
    }

    fn numbers(&self, [disk, pull, hidden]: [String; 3]) -> String {
        let width = self.style.size_width();
        let pull = if self.pull { format!("{pull:>width$} ") } else { String::new() };
        let hidden = format!("{hidden:>width$}");
        format!("{disk:>width$} {pull}{hidden}")
    }

    fn row(&self, sizes: [String; 3], place: &str, name: &str, why: &str) -> String {
        let why = if self.why == 0 { String::new() } else { format!("  {}", fit(why, self.why)) };
        format!("{} {place:>5} {}{why}", self.numbers(sizes), left(name, self.name))
    }

    /// A row that is no package.
    fn sum(&self, all: &Measures, hidden: &Measures, text: &str) -> String {
        let room = self.name + if self.why == 0 { 0 } else { self.why + 2 };
        format!("{} {:>5} {}", self.numbers(self.sizes(all, hidden)), "", fit(text, room))
    }
}
