//! Which budgets hold for an image.

use super::{Bound, Limit, Measure, Share, Steps, Subject, What};
use crate::config::{Config, Section, add, near};
use crate::error::{Error, Result};
use crate::render::size::ask_unit;
use crate::rules::{Level, matches};

/// What was asked for on the command line; it comes before the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The profile.
    pub profile: Option<String>,
    /// Bounds above which it fails, with what they are of and the flag that gave them.
    pub most: Vec<(What, String, &'static str)>,
    /// The least efficiency.
    pub min_efficiency: Option<String>,
    /// Findings from this level upwards fail.
    pub fail_on: Option<Level>,
    /// What growth is measured against.
    pub baseline: Option<String>,
}

/// The budgets that hold for an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budgets {
    /// The limits, in a fixed order.
    pub limits: Vec<Limit>,
    /// What growth is measured against.
    pub baseline: Option<String>,
    /// The sections that they are from: `budget`, `image "GLOB"`, `profile NAME`, `command line`.
    pub sections: Vec<String>,
}

impl Budgets {
    /// Later sections come before earlier ones, limit by limit: `[budget]`, `[image."GLOB"]` in the order of the file, the
    /// profile, the command line. `names` are all that the image is called.
    pub fn choose(config: &Config, wanted: &Wanted, names: &[String]) -> Result<Self> {
        let budgets = &config.budgets;
        let mut chosen = Section::default();
        let mut sections = Vec::new();
        let mut lay = |name: String, section: &Section| {
            for limit in &section.limits {
                add(&mut chosen, limit.clone());
            }
            chosen.baseline = section.baseline.clone().or(chosen.baseline.take());
            sections.push(name);
        };
        if let Some(common) = &budgets.common {
            lay("budget".to_owned(), common);
        }
        for (glob, section) in &budgets.images {
            if names.iter().any(|name| matches(glob.as_bytes(), name.as_bytes())) {
                lay(format!("image \"{glob}\""), section);
            }
        }
        if let Some(wanted) = &wanted.profile {
            let found = budgets.profiles.iter().find(|(name, _)| name == wanted);
            let (name, section) = found.ok_or_else(|| no_profile(wanted, &budgets.profiles))?;
            lay(format!("profile {name}"), section);
        }
        let typed = typed(wanted)?;
        if typed != Section::default() {
            lay("command line".to_owned(), &typed);
        }
        if chosen.baseline.is_some() && !chosen.limits.iter().any(|limit| matches!(limit.what, What::Growth(..))) {
            chosen.limits.extend(ratchet());
        }
        chosen.limits.sort_by_key(|limit| rank(&limit.what));
        Ok(Self { limits: chosen.limits, baseline: chosen.baseline, sections })
    }

    /// An example for who has none.
    pub const EXAMPLE: &str = "[budget]\nmax_disk = \"300 MB\"\nmax_hidden = \"5% and 10 MB\"";

    /// That there is nothing to hold an image to.
    pub fn none() -> Error {
        Error::Usage(format!(
            "there is no budget to hold the image to; give one, such as --max-disk 300MB, or write plimsoll.toml:\n\n{}\n",
            Self::EXAMPLE
        ))
    }
}

/// In the order of reports: what is asked first comes first.
fn rank(what: &What) -> (usize, What) {
    let class = match what {
        What::Bytes(Subject::Image, _) => 0,
        What::Bytes(Subject::Own, _) => 1,
        What::Bytes(Subject::Layer, _) => 2,
        What::Bytes(..) => 3,
        What::Growth(..) => 4,
        What::Efficiency => 5,
        What::Findings(_) => 6,
        What::Layers => 7,
    };
    (class, what.clone())
}

/// With a baseline and no limit on growth nothing may grow.
fn ratchet() -> impl Iterator<Item = Limit> {
    [Measure::Disk, Measure::Hidden]
        .into_iter()
        .map(|measure| Limit { what: What::Growth(Subject::Image, measure), steps: Steps { fail: Some(Bound::of(0)), warn: None } })
}

fn no_profile(wanted: &str, profiles: &[(String, Section)]) -> Error {
    let names = || profiles.iter().map(|(name, _)| name.as_str());
    let near = near(wanted, names());
    let hint = match (near.first(), profiles.is_empty()) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, true) => "; the configuration has none ([profile.NAME])".to_owned(),
        (None, false) => format!("; there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Error::Usage(format!("no profile is named `{}`{}", wanted.escape_debug(), crate::text::escaped(hint.as_bytes())))
}

/// The command line as a section.
fn typed(wanted: &Wanted) -> Result<Section> {
    let mut section = Section { limits: Vec::new(), baseline: wanted.baseline.clone() };
    let mut fails = |what: What, bound: Bound| add(&mut section, Limit { what, steps: Steps { fail: Some(bound), warn: None } });
    for (what, text, flag) in &wanted.most {
        let bound = crate::config::check_bound(Bound::parse(text), what)
            .map_err(|expected| Error::Usage(format!("--{flag}: {expected}, found `{}`", text.escape_debug())))?;
        if let Some(number) = Bound::without_unit(text).filter(|_| what.is_bytes()) {
            return Err(Error::Usage(format!("--{flag}: {}", ask_unit(number))));
        }
        fails(what.clone(), bound);
    }
    if let Some(text) = &wanted.min_efficiency {
        let share = Share::parse(text).or_else(|| Share::ratio(text)).filter(|share| *share <= Share::ALL);
        let wrong = || Error::Usage(format!("--min-efficiency: expected a part such as 95% or 0.95, found `{}`", text.escape_debug()));
        fails(What::Efficiency, Bound { amount: None, share: Some(share.ok_or_else(wrong)?), both: false });
    }
    if let Some(level) = wanted.fail_on {
        fails(What::Findings(level), Bound::of(0));
    }
    Ok(section)
}
