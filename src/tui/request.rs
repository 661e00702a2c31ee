//! What the explorer asks of the world, and what comes of it. It reads and writes nothing itself.

use crate::extract;
use crate::index::{Index, Place, Placed};
use crate::source::Contents;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The first bytes of a file.
    Read {
        /// The file's entry.
        place: Place,
        /// Comes back with the answer.
        ticket: u64,
    },
    /// A file, written to disk.
    Extract {
        /// The file's entry.
        place: Place,
        /// A file that is not there yet.
        to: PathBuf,
    },
    /// Files, written below a directory.
    ExtractAll {
        /// Their entries.
        places: Vec<Place>,
        /// A directory that is empty or not there yet.
        to: PathBuf,
    },
    /// A list, written to disk.
    Write {
        /// A file that is not there yet.
        to: PathBuf,
        /// All that is in it.
        bytes: Vec<u8>,
    },
    /// Text for the clipboard.
    Copy(String),
    /// To be stopped until the shell continues it.
    Suspend,
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// The first bytes of a file, and whether there are more.
    Content {
        /// As it was asked for.
        ticket: u64,
        /// The bytes, or why there are none.
        content: Result<(Vec<u8>, bool), String>,
    },
    /// Something was done, in words, or why not.
    Done(Result<String, String>),
}

impl Request {
    /// Does what is asked with the image; nothing comes of what concerns the terminal alone.
    ///
    /// # Errors
    ///
    /// None: what fails is an answer too.
    pub fn carry_out(self, index: &Index, contents: Result<&Contents, &str>) -> Option<Answer> {
        Some(match self {
            Self::Read { place, ticket } => {
                let read =
                    |contents| extract::peek(index, contents, &index.entry_at(place), super::LOOKED_AT).map_err(|error| words(&error));
                Answer::Content { ticket, content: contents.map_err(str::to_owned).and_then(read) }
            }
            Self::Extract { place, to } => Answer::Done(contents.map_err(str::to_owned).and_then(|contents| {
                write_new(&to, |out| extract::content(index, contents, &index.entry_at(place), out).map_err(|error| words(&error)))
            })),
            Self::ExtractAll { places, to } => Answer::Done(contents.map_err(str::to_owned).and_then(|contents| {
                let placed: Vec<Placed<'_>> = places.iter().map(|place| index.entry_at(*place)).collect();
                let done = extract::extract_entries(index, contents, &to, &placed).map_err(|error| words(&error))?;
                let left: u64 = done.notes.as_slice().iter().map(|note| note.count).sum();
                let left = if left > 0 { format!("; {left} that are no files were left out") } else { String::new() };
                let files = crate::render::size::plural(done.files, "file", "files");
                Ok(format!("{files} written below {}{left}", to.display()))
            })),
            Self::Write { to, bytes } => {
                Answer::Done(write_new(&to, |out| out.write_all(&bytes).map_err(|error| format!("writing `{}`: {error}", to.display()))))
            }
            Self::Copy(_) | Self::Suspend => return None,
        })
    }
}

/// An error with its causes.
fn words(error: &crate::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

/// Writes a file that is not there yet; one that could not be written whole does not stay.
fn write_new(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), String>) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("writing `{}`: {error}", path.display());
    let file = File::options().write(true).create_new(true).open(path).map_err(failed)?;
    let mut out = BufWriter::new(file);
    match write(&mut out).and_then(|()| out.flush().map_err(failed)) {
        Ok(()) => Ok(format!("{} written", path.display())),
        Err(error) => {
            let _gone = std::fs::remove_file(path);
            Err(error)
        }
    }
}
