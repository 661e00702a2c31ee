//! rpm's package database, in the three forms it has had. Sources: rpm's `lib/rpmtag.h`, "RPM
//! package file structure" for the header, and what each of the forms names.
//!
//! Whatever form, a package is one header (`header.rs`). What a write-ahead log beside an SQLite
//! database has is not seen; rpm leaves it empty.

mod bdb;
mod header;
mod ndb;
mod sqlite;

use super::{Fact, Input, Interner, Kind};
use std::borrow::Cow;

/// The database in this directory, by its file's name.
pub(super) fn kind(directory: &[u8], name: &[u8]) -> Option<Kind> {
    let place = [b"var/lib/rpm".as_slice(), b"usr/lib/sysimage/rpm", b"usr/share/rpm"].contains(&directory);
    (place && [b"rpmdb.sqlite".as_slice(), b"Packages.db", b"Packages"].contains(&name)).then_some(Kind::Rpm)
}

/// The database.
pub(super) fn database(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let headers: Vec<Cow<'_, [u8]>> = if content.starts_with(sqlite::MAGIC) {
        sqlite::headers(content)?
    } else if content.starts_with(ndb::MAGIC) {
        ndb::headers(content)
    } else {
        bdb::headers(content)?
    };
    let mut budget = header::Budget::default();
    let packages = headers.iter().filter_map(|header| header::package(header, &mut budget, interner));
    Ok(Fact::Packages(packages.collect()))
}

/// A number at a place, in little-endian order.
fn little(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
}

/// A number at a place, in big-endian order.
fn big(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests;
