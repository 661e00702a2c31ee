//! One limit: of what, in which measure, and how much.

use super::Share;
use crate::facts::Ecosystem;
use crate::render::size;
use crate::rules::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which bytes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Content of files in all layers.
    Disk,
    /// Compressed bytes, each digest once.
    Pull,
    /// The uncompressed layer tars.
    Diff,
    /// Content that the file system shows.
    Live,
    /// Content that later layers hide.
    Hidden,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Disk, Self::Pull, Self::Diff, Self::Live, Self::Hidden];

    /// The name in configuration and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Pull => "pull",
            Self::Diff => "diff",
            Self::Live => "live",
            Self::Hidden => "hidden",
        }
    }
}

/// What the bytes belong to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The whole image.
    Image,
    /// The layers that are not the base's.
    Own,
    /// Each of those layers; the largest counts.
    Layer,
    /// Entries whose path matches a glob.
    Path(String),
    /// A package, whatever its version; `*` stands for any letters.
    Package(Ecosystem, String),
    /// All packages of one kind.
    Ecosystem(Ecosystem),
    /// What a rule, or `tool/*`, claims in own layers, exceptions left out.
    Rule(String),
}

/// What a limit is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Bytes.
    Bytes(Subject, Measure),
    /// Bytes that the image has more than the baseline.
    Growth(Subject, Measure),
    /// The number of layers.
    Layers,
    /// Live content over all content; the one limit that must not be fallen short of.
    Efficiency,
    /// Findings in own layers of a level or above, exceptions left out.
    Findings(Level),
}

/// The quantities that have a key of their own, with the rest of the key after `max_` or `warn_`.
pub const KEYS: [(&str, What); 15] = [
    ("disk", What::Bytes(Subject::Image, Measure::Disk)),
    ("pull", What::Bytes(Subject::Image, Measure::Pull)),
    ("diff", What::Bytes(Subject::Image, Measure::Diff)),
    ("live", What::Bytes(Subject::Image, Measure::Live)),
    ("hidden", What::Bytes(Subject::Image, Measure::Hidden)),
    ("own", What::Bytes(Subject::Own, Measure::Disk)),
    ("own_pull", What::Bytes(Subject::Own, Measure::Pull)),
    ("own_diff", What::Bytes(Subject::Own, Measure::Diff)),
    ("layer", What::Bytes(Subject::Layer, Measure::Disk)),
    ("layer_pull", What::Bytes(Subject::Layer, Measure::Pull)),
    ("layers", What::Layers),
    ("growth", What::Growth(Subject::Image, Measure::Disk)),
    ("growth_pull", What::Growth(Subject::Image, Measure::Pull)),
    ("growth_hidden", What::Growth(Subject::Image, Measure::Hidden)),
    ("growth_own", What::Growth(Subject::Own, Measure::Disk)),
];

impl What {
    /// Whether a part in percent means something: of the whole image in disk, pull and diff there is no whole.
    pub fn takes_share(&self) -> bool {
        match self {
            Self::Bytes(Subject::Image, measure) => matches!(measure, Measure::Live | Measure::Hidden),
            Self::Bytes(..) | Self::Growth(..) => true,
            Self::Layers | Self::Efficiency | Self::Findings(_) => false,
        }
    }

    /// Whether it is a number of bytes, and not of something else.
    pub fn is_bytes(&self) -> bool {
        matches!(self, Self::Bytes(..) | Self::Growth(..))
    }

    /// Whether it can be told only where layers are compressed.
    pub fn needs_pull(&self) -> bool {
        matches!(self, Self::Bytes(_, Measure::Pull) | Self::Growth(_, Measure::Pull))
    }

    /// The name in JSON: the key's, or what `of` and `measure` say.
    pub fn name(&self) -> String {
        if let Some((key, _)) = KEYS.iter().find(|(_, what)| what == self) {
            return (*key).to_owned();
        }
        match self {
            Self::Bytes(subject, Measure::Disk) => subject.to_string(),
            Self::Bytes(subject, measure) => format!("{subject} ({})", measure.name()),
            Self::Growth(subject, measure) => format!("growth of {subject} ({})", measure.name()),
            Self::Layers => "layers".to_owned(),
            Self::Efficiency => "efficiency".to_owned(),
            Self::Findings(level) => format!("findings:{}", level.name()),
        }
    }

    /// The name for people.
    pub fn title(&self) -> String {
        let known = match self {
            Self::Bytes(Subject::Image, Measure::Hidden) => "hidden by later layers",
            Self::Bytes(Subject::Own, Measure::Disk) => "own layers, disk",
            Self::Bytes(Subject::Own, Measure::Pull) => "own layers, pull",
            Self::Bytes(Subject::Own, Measure::Diff) => "own layers, tar",
            Self::Bytes(Subject::Image, Measure::Diff) => "layer tars",
            Self::Bytes(Subject::Layer, Measure::Disk) => "largest own layer",
            Self::Bytes(Subject::Layer, measure) => return format!("largest own layer, {}", measure.name()),
            Self::Growth(Subject::Own, _) => "growth of own layers",
            Self::Growth(_, measure) => return format!("growth, {}", measure.name()),
            Self::Findings(Level::Fail) => "findings that must not ship",
            Self::Findings(level) => return format!("findings from {} upwards", level.name()),
            _ => return self.name(),
        };
        known.to_owned()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image => f.write_str("image"),
            Self::Own => f.write_str("own"),
            Self::Layer => f.write_str("layer"),
            Self::Path(glob) => write!(f, "path:{glob}"),
            Self::Package(ecosystem, name) => write!(f, "package:{}:{name}", ecosystem.name()),
            Self::Ecosystem(ecosystem) => write!(f, "ecosystem:{}", ecosystem.name()),
            Self::Rule(id) => write!(f, "rule:{id}"),
        }
    }
}

impl Subject {
    /// Parses what `of` says. Whether a rule is known is for the configuration to say.
    pub fn parse(text: &str) -> Result<Self, String> {
        const FORMS: &str =
            "`image`, `own`, `layer`, `path:GLOB`, `package:ECOSYSTEM:NAME`, `ecosystem:NAME`, `rule:ID` or `findings:LEVEL`";
        let wrong = || format!("expected {FORMS}, found `{}`", text.escape_debug());
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        Ok(match (kind, rest) {
            ("image", "") => Self::Image,
            ("own", "") => Self::Own,
            ("layer", "") => Self::Layer,
            ("path", glob) if !glob.is_empty() => {
                crate::files::glob(glob).map_err(|error| error.to_string())?;
                Self::Path(glob.to_owned())
            }
            ("package", package) => {
                let (name, package) = package.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or_else(wrong)?;
                Self::Package(ecosystem(name)?, package.to_owned())
            }
            ("ecosystem", name) if !name.is_empty() => Self::Ecosystem(ecosystem(name)?),
            ("rule", id) if !id.is_empty() => Self::Rule(id.to_owned()),
            _ => {
                let kinds = ["image", "own", "layer", "path", "package", "ecosystem", "rule", "findings"];
                let near = crate::config::near(kind, kinds.into_iter());
                let hint = near.first().filter(|near| **near != kind).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(wrong() + &hint);
            }
        })
    }
}

fn ecosystem(name: &str) -> Result<Ecosystem, String> {
    let all = Ecosystem::ALL;
    all.into_iter()
        .find(|ecosystem| ecosystem.name() == name)
        .ok_or_else(|| format!("no ecosystem is named `{}`; there are {}", name.escape_debug(), all.map(Ecosystem::name).join(", ")))
}

/// How much: a number, a part of something, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Bytes, or how many.
    pub amount: Option<u64>,
    /// A part of the whole.
    pub share: Option<Share>,
    /// Of two, whether both must be exceeded.
    pub both: bool,
}

impl Bound {
    /// A number alone.
    pub fn of(amount: u64) -> Self {
        Self { amount: Some(amount), share: None, both: false }
    }

    /// Parses `300 MB`, `5%`, `5% and 10 MB` (both must be exceeded) or `5% or 10 MB`.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some(at) = words.iter().position(|word| matches!(*word, "and" | "or")) else {
            return match Share::parse(text) {
                Some(share) => Some(Self { amount: None, share: Some(share), both: false }),
                None => size::parse(text).map(Self::of),
            };
        };
        let (left, right) = (words[..at].join(" "), words[at + 1..].join(" "));
        let (share, amount) = match (Share::parse(&left), Share::parse(&right)) {
            (Some(share), None) => (share, size::parse(&right)?),
            (None, Some(share)) => (share, size::parse(&left)?),
            _ => return None,
        };
        Some(Self { amount: Some(amount), share: Some(share), both: words[at] == "and" })
    }

    /// A small number in `text` that has no unit.
    pub(super) fn without_unit(text: &str) -> Option<&str> {
        let mut parts = text.split_inclusive(char::is_whitespace).scan(0, |end, word| {
            let start = *end;
            *end += word.len();
            Some((start, *end, word.trim()))
        });
        let both = parts.find(|(_, _, word)| matches!(*word, "and" | "or"));
        let (left, right) = both.map_or((text, ""), |(start, end, _)| (&text[..start], &text[end..]));
        size::without_unit(left).or_else(|| size::without_unit(right))
    }

    /// The largest number that is within it, of a whole.
    pub fn most(&self, whole: u64) -> u64 {
        match (self.amount, self.share.map(|share| share.of(whole))) {
            (Some(amount), Some(part)) if self.both => amount.max(part),
            (Some(amount), Some(part)) => amount.min(part),
            (amount, part) => amount.or(part).unwrap_or(u64::MAX),
        }
    }

    /// How it is written, its sizes in a unit.
    pub fn text(&self, bytes: impl Fn(u64) -> String) -> String {
        let parts: Vec<String> = self.share.map(|share| share.to_string()).into_iter().chain(self.amount.map(bytes)).collect();
        parts.join(if self.both { " and " } else { " or " })
    }
}

/// From where on a limit warns, and from where on it fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    /// Above it a warning.
    pub warn: Option<Bound>,
    /// Above it a failure.
    pub fail: Option<Bound>,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What it is about.
    pub what: What,
    /// How much.
    pub steps: Steps,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_and_either() {
        let both = Bound::parse("5% and 10 MB").expect("a bound");
        assert_eq!((both.most(100_000_000), both.most(1_000_000_000)), (10_000_000, 50_000_000));
        let either = Bound::parse("10MB or 5 %").expect("a bound");
        assert_eq!((either.most(100_000_000), either.most(1_000_000_000)), (5_000_000, 10_000_000));
        assert_eq!(Bound::parse("12.5%").expect("a bound").most(999), 124);
        for wrong in ["", "and", "5% and", "5% and 3%", "1 MB or 2 MB", "5% and 1 MB or 3", "-1", "five", "5 % %", "1e3", "%"] {
            assert_eq!(Bound::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_key_has_a_name_of_its_own() {
        for (key, what) in &KEYS {
            assert_eq!(what.name(), *key);
        }
    }
}
