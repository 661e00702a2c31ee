//! Globs for one component of a path: `*`, `?` and `[a-z]`.

use hashbrown::HashMap;

/// A glob by what it asks for: nearly all want one text at one place, and need no search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Glob {
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
    pub(super) fn new(glob: &[u8]) -> Self {
        let is_plain = |text: &[u8]| !text.is_empty() && !text.iter().any(|byte| b"*?[".contains(byte));
        match (glob.strip_prefix(b"*"), glob.strip_suffix(b"*")) {
            (Some(text), None) if is_plain(text) => Self::Ends(text.to_vec()),
            (None, Some(text)) if is_plain(text) => Self::Begins(text.to_vec()),
            (Some(text), Some(_)) if text.len() > 1 && is_plain(&text[..text.len() - 1]) => Self::Holds(text[..text.len() - 1].to_vec()),
            _ => Self::Other(glob.to_vec()),
        }
    }

    pub(super) fn matches(&self, name: &[u8]) -> bool {
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

/// Globs with what each leads to, found by the byte that a name must begin or end with: most names are none of theirs.
#[derive(Debug, Default)]
pub(super) struct Globs {
    first: HashMap<u8, Vec<(Glob, u32)>>,
    last: HashMap<u8, Vec<(Glob, u32)>>,
    any: Vec<(Glob, u32)>,
}

impl Globs {
    pub(super) fn add(&mut self, glob: Glob, step: u32) {
        let (first, last) = glob.ends();
        let list = match (first, last) {
            (Some(first), _) => self.first.entry(first).or_default(),
            (None, Some(last)) => self.last.entry(last).or_default(),
            (None, None) => &mut self.any,
        };
        list.push((glob, step));
    }

    /// What the globs lead to that match a name.
    pub(super) fn of<'g>(&'g self, name: &'g [u8]) -> impl Iterator<Item = u32> + 'g {
        let by_first = name.first().and_then(|first| self.first.get(first));
        let by_last = name.last().and_then(|last| self.last.get(last));
        let some = by_first.into_iter().chain(by_last).flatten().chain(&self.any);
        some.filter(|(glob, _)| glob.matches(name)).map(|(_, step)| *step)
    }
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
