//! Where the cache is, what is in it, and what is to go.

use super::run::with_output;
use super::terminal::style;
use super::{CacheCommand, CachePlace, Caching, ListFormat};
use anyhow::Result;
use plimsoll::Error;
use plimsoll::cache::Cache;
use plimsoll::render::{csv, json, size, table};
use std::path::PathBuf;
use std::time::SystemTime;

/// The cache to be used; none if there is to be none, or no place for one.
pub(crate) fn open(caching: &Caching) -> Option<Cache> {
    let directory = directory(&caching.place).filter(|_| !caching.no_cache)?;
    Some(Cache::open(&directory, caching.cache_size, SystemTime::now()))
}

pub(crate) fn run(command: &CacheCommand) -> Result<u8> {
    match command {
        CacheCommand::List(args) => {
            let kept = there(&args.place)?.entries();
            let output = args.list.output.path();
            let style = style(&args.list.look, output.is_some());
            with_output(output, |out| {
                match args.list.format {
                    ListFormat::Table => out.write_all(table::cache(&kept, &style).as_bytes())?,
                    ListFormat::Json => json::lines(kept.iter(), out)?,
                    ListFormat::Csv => csv::cache(&kept, out)?,
                }
                Ok(())
            })
        }
        CacheCommand::Prune(args) => {
            let removed = there(&args.place)?.prune(Some(if args.all { 0 } else { args.max_size }));
            let bytes = size::size(removed.bytes, size::Unit::Si);
            with_output(None, |out| Ok(writeln!(out, "{} removed, {bytes}", size::plural(removed.blobs, "blob", "blobs"))?))
        }
        CacheCommand::Dir(place) => {
            let cache = there(place)?;
            with_output(None, |out| Ok(writeln!(out, "{}", cache.directory().display())?))
        }
    }
}

fn there(place: &CachePlace) -> Result<Cache> {
    let directory = directory(place).ok_or_else(|| {
        Error::Usage("no place for a cache is known: name it with `--cache-dir DIR` or the variable PLIMSOLL_CACHE_DIR, or set HOME".into())
    })?;
    Ok(Cache::open(&directory, Cache::SIZE, SystemTime::now()))
}

/// As named; else where the system keeps what can be made again.
fn directory(place: &CachePlace) -> Option<PathBuf> {
    let named = place.cache_dir.clone().filter(|path| !path.as_os_str().is_empty());
    named.or_else(super::directories::cache)
}
