//! What the explorer asks of the world, and what comes of it. It reads and writes nothing itself.

use crate::dive::{FileLists, FileReference, Numbers};
use crate::error::Error;
use crate::extract;
use crate::index::{Index, Place, Placed};
use crate::progress::Progress;
use crate::source::Contents;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is asked for. What takes a while has a ticket, which comes back with all that is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The first bytes of a file.
    Read {
        /// The file's entry.
        place: Place,
        /// Its ticket.
        ticket: u64,
    },
    /// A file, written to disk.
    Extract {
        /// The file's entry.
        place: Place,
        /// A file that is not there yet.
        to: PathBuf,
        /// Its ticket.
        ticket: u64,
    },
    /// Files, written below a directory.
    ExtractAll {
        /// Their entries.
        places: Vec<Place>,
        /// A directory that is empty or not there yet.
        to: PathBuf,
        /// Its ticket.
        ticket: u64,
    },
    /// A list, written to disk.
    Write {
        /// A file that is not there yet.
        to: PathBuf,
        /// All that is in it.
        bytes: Vec<u8>,
        /// Its ticket.
        ticket: u64,
    },
    /// What dive says of the image.
    Score {
        /// Its ticket.
        ticket: u64,
    },
    /// The end of what has this ticket: its [`Progress`] is to say so.
    Stop {
        /// As it was asked for.
        ticket: u64,
    },
    /// Text for the clipboard.
    Copy(String),
    /// To be stopped until the shell continues it.
    Suspend,
}

/// What dive 0.13.1 shows of an image.
#[derive(Debug, Clone)]
pub struct Score {
    /// Its numbers.
    pub numbers: Numbers,
    /// Paths that are there twice or more often, the largest first.
    pub wasted: Vec<FileReference>,
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// So many bytes of layers were read for it until now.
    Progress {
        /// As it was asked for.
        ticket: u64,
        /// Bytes as they are stored.
        bytes: u64,
    },
    /// The first bytes of a file, and whether there are more.
    Content {
        /// As it was asked for.
        ticket: u64,
        /// The bytes, or why there are none.
        content: Result<(Vec<u8>, bool), String>,
    },
    /// What dive says of the image.
    Score(Score),
    /// Something was done, in words, or why not.
    Done {
        /// As it was asked for.
        ticket: u64,
        /// What was done.
        done: Result<String, String>,
    },
}

impl Request {
    /// The ticket of what takes a while.
    pub fn ticket(&self) -> Option<u64> {
        match self {
            Self::Read { ticket, .. }
            | Self::Score { ticket }
            | Self::Extract { ticket, .. }
            | Self::ExtractAll { ticket, .. }
            | Self::Write { ticket, .. } => Some(*ticket),
            Self::Stop { .. } | Self::Copy(_) | Self::Suspend => None,
        }
    }

    /// Whether something comes to be on the disk.
    pub fn writes(&self) -> bool {
        matches!(self, Self::Extract { .. } | Self::ExtractAll { .. } | Self::Write { .. })
    }

    /// Does what is asked with the image; nothing comes of what concerns the terminal alone, or another request.
    ///
    /// # Errors
    ///
    /// None: what fails is an answer too.
    pub fn carry_out(self, index: &Index, contents: Result<&Contents, &str>, progress: &dyn Progress) -> Option<Answer> {
        let contents = contents.map_err(str::to_owned);
        Some(match self {
            Self::Read { place, ticket } => {
                let peek = |contents| extract::peek(index, contents, &index.entry_at(place), super::LOOKED_AT, progress);
                Answer::Content { ticket, content: contents.and_then(|contents| peek(contents).map_err(|error| words(&error))) }
            }
            Self::Extract { place, to, ticket } => {
                let write = |contents, out: &mut dyn Write| extract::content(index, contents, &index.entry_at(place), out, progress);
                let done = contents.and_then(|contents| write_new(&to, |out| write(contents, out)));
                Answer::Done { ticket, done }
            }
            Self::ExtractAll { places, to, ticket } => {
                let done = contents.and_then(|contents| extract_all(index, contents, &places, &to, progress));
                Answer::Done { ticket, done }
            }
            Self::Write { to, bytes, ticket } => {
                let done = write_new(&to, |out| out.write_all(&bytes).map_err(Error::io(format_args!("writing `{}`", to.display()))));
                Answer::Done { ticket, done }
            }
            Self::Score { .. } => {
                let dive = crate::dive::of(index, FileLists::Omit);
                Answer::Score(Score { numbers: dive.numbers(), wasted: dive.references() })
            }
            Self::Stop { .. } | Self::Copy(_) | Self::Suspend => return None,
        })
    }
}

fn extract_all(index: &Index, contents: &Contents, places: &[Place], to: &Path, progress: &dyn Progress) -> Result<String, String> {
    let placed: Vec<Placed<'_>> = places.iter().map(|place| index.entry_at(*place)).collect();
    let done = match extract::extract_entries(index, contents, to, &placed, progress) {
        Err(Error::Cancelled) => return Err(format!("stopped; what was written before is below {}", to.display())),
        done => done.map_err(|error| words(&error))?,
    };
    let left: u64 = done.notes.as_slice().iter().map(|note| note.count).sum();
    let left = if left > 0 { format!("; {left} that are no files were left out") } else { String::new() };
    let files = crate::render::size::plural(done.files, "file", "files");
    Ok(format!("{files} written below {}{left}", to.display()))
}

/// An error with its causes.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Writes a file that is not there yet; one that could not be written whole does not stay.
fn write_new(path: &Path, write: impl FnOnce(&mut dyn Write) -> crate::Result<()>) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("writing `{}`: {error}", path.display());
    let file = File::options().write(true).create_new(true).open(path).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let written = match write(&mut out) {
        Ok(()) => out.flush().map_err(failed),
        Err(Error::Cancelled) => Err(format!("stopped; {} was not written", path.display())),
        Err(error) => Err(words(&error)),
    };
    match written {
        Ok(()) => Ok(format!("{} written", path.display())),
        Err(why) => {
            let _gone = std::fs::remove_file(path);
            Err(why)
        }
    }
}
