//! One [`Error`] for the whole library, with stable codes.
//!
//! A message is a lower-case fragment that completes "failed: …": what was being done, to which
//! thing, what was expected and what was found, and the remedy where one is known. The command
//! line turns [`Error::exit_code`] into its exit status; nothing in the library exits or prints.

use std::fmt;

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can stop an analysis.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be carried out as asked: an ambiguous image, an unknown name.
    #[error("{0}")]
    Usage(String),
    /// The named input, or the named thing in it, does not exist.
    #[error("{0}")]
    NotFound(String),
    /// An operating system call failed.
    #[error("{doing}")]
    Io {
        /// What was being done and to what: "reading `x.tar`".
        doing: String,
        /// The operating system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The input breaks its format.
    #[error("{place}: {what}")]
    Malformed {
        /// Where: an archive member, a blob, an entry number.
        place: String,
        /// Expected against found.
        what: String,
    },
    /// Bytes do not have the digest or size that names them.
    #[error("{place}: {measure} mismatch: expected {expected}, found {found}")]
    Mismatch {
        /// Which blob.
        place: String,
        /// `digest`, `diff_id` or `size`.
        measure: &'static str,
        /// What the image says.
        expected: String,
        /// What was read.
        found: String,
    },
    /// A limit on hostile input was reached.
    #[error("{place}: {what} exceeds the limit `{limit}` of {max}; raise it with `--limit {limit}=VALUE` if the image is trusted")]
    Limit {
        /// Where it was reached.
        place: String,
        /// What grew too large.
        what: String,
        /// The limit's name.
        limit: &'static str,
        /// The limit's value.
        max: u64,
    },
    /// Valid, but a format this version does not read.
    #[error("{0}")]
    Unsupported(String),
    /// A registry or an engine cannot be reached, or broke off.
    #[error("{place}: {what}")]
    Network {
        /// What was being asked, and of whom.
        place: String,
        /// What went wrong, and what may help.
        what: String,
    },
    /// A registry or an engine refuses, or wants credentials that there are none of.
    #[error("{place}: {what}")]
    Auth {
        /// What was being asked, and of whom.
        place: String,
        /// Why it is refused, and what may help.
        what: String,
    },
    /// [`crate::progress::Progress`] asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// The stable code, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::NotFound(_) => "not-found",
            Self::Io { .. } => "io",
            Self::Malformed { .. } => "malformed",
            Self::Mismatch { .. } => "mismatch",
            Self::Limit { .. } => "limit",
            Self::Unsupported(_) => "unsupported",
            Self::Network { .. } => "network",
            Self::Auth { .. } => "auth",
            Self::Cancelled => "cancelled",
        }
    }

    /// The exit status the command line gives it: 2 usage, 3 input, 4 network and
    /// credentials, 5 incomplete.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Network { .. } | Self::Auth { .. } => 4,
            Self::Limit { .. } | Self::Cancelled => 5,
            _ => 3,
        }
    }

    /// The input at `place` breaks its format.
    pub fn malformed(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self::Malformed { place: shown(&place), what: shown(&what) }
    }

    /// `place` cannot be reached, or broke off.
    pub fn network(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self::Network { place: shown(&place), what: shown(&what) }
    }

    /// `place` refuses, or wants credentials.
    pub fn auth(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self::Auth { place: shown(&place), what: shown(&what) }
    }

    /// Wraps an I/O error with what was being done. One of ours that came through a reader (a
    /// connection that broke off, say) comes out as it went in.
    pub fn io(doing: impl fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.downcast() {
            Ok(error) => error,
            Err(source) => Self::Io { doing: shown(&doing), source },
        }
    }

    /// The same error as a reader must give it; [`Error::io`] takes it out again.
    pub fn into_io(self) -> std::io::Error {
        std::io::Error::other(self)
    }

    /// The same error, its place read from further out: `layer 3: entry 17`.
    #[must_use]
    pub fn within(mut self, outer: &dyn fmt::Display) -> Self {
        let outer = shown(outer);
        match &mut self {
            Self::Malformed { place, .. }
            | Self::Mismatch { place, .. }
            | Self::Limit { place, .. }
            | Self::Network { place, .. }
            | Self::Auth { place, .. } => {
                *place = if place.is_empty() { outer } else { format!("{outer}: {place}") };
            }
            Self::Io { doing, .. } => *doing = format!("{outer}: {doing}"),
            _ => {}
        }
        self
    }
}

/// Names in messages come from images: no newline of theirs may start a line of ours.
fn shown(text: &dyn fmt::Display) -> String {
    crate::text::escaped(text.to_string().as_bytes())
}
