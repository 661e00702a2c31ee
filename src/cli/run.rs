//! What was typed, carried out: open, read, stack, report, render.

use super::judge;
use super::progress::Bar;
use super::terminal::{style, uncut};
use super::{Cli, Command, Files, ListFormat, Remote, SortBy, Source, Tree, is_standard};
use anyhow::{Context, Result};
use clap::CommandFactory;
use plimsoll::files::{self, Filter, Sort};
use plimsoll::image::Image;
use plimsoll::layer::ContentHash;
use plimsoll::oci::{DiffId, Platform};
use plimsoll::reference::{Keeper, Place, Reference, Selector};
use plimsoll::render::{csv, json, table};
use plimsoll::report::DirectoryReport;
use plimsoll::source::Verify;
use plimsoll::{Error, Index, Limits, Options};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

/// Entries that a table shows, unless told otherwise.
pub(crate) const TABLE_ROWS: usize = 40;

/// Carries out a command; the exit status of an analysis that came to its end.
pub(crate) fn run(cli: Cli) -> Result<u8> {
    match cli.command {
        #[cfg(feature = "daemon")]
        Some(Command::Build(args)) => super::build::build(&args),
        #[cfg(feature = "tui")]
        Some(Command::Explore(args)) => super::explore::explore(&args),
        Some(Command::Files(args)) => list_files(&args),
        Some(Command::Tree(args)) => show_tree(&args),
        Some(Command::Cat(args)) => {
            let (index, contents) = with_contents(&args.source)?;
            with_output(args.output.path(), |out| {
                Ok(plimsoll::extract::cat(&index, &contents, args.path.as_bytes(), args.layer.map(|layer| usize::from(layer) - 1), out)?)
            })?;
            Ok(status(&index, &args.source))
        }
        Some(Command::Extract(args)) => {
            let (index, contents) = with_contents(&args.source)?;
            let globs = args.path.iter().map(|glob| files::glob(glob)).collect::<Result<Vec<_>, _>>()?;
            let layer = args.layer.map(|layer| usize::from(layer) - 1);
            let done = plimsoll::extract::extract(&index, &contents, &args.directory, layer, &globs)?;
            for note in done.notes.as_slice() {
                message(&format!("note: {}: {} ({} in all)", note.path.as_deref().unwrap_or_default(), note.message, note.count));
            }
            Ok(status(&index, &args.source))
        }
        Some(Command::Save(args)) => {
            let (image, _) = read(&args.source)?;
            let file = Some(args.output.as_path()).filter(|path| !is_standard(path));
            with_output(file, |mut out| Ok(plimsoll::saved::write(&image, &mut out)?))?;
            Ok(status_of(&image, &args.source))
        }
        Some(Command::Size(args)) => super::size::size(&args),
        Some(Command::Packages(args)) => judge::packages(&args),
        Some(Command::Plan(args)) => judge::plan(&args),
        Some(Command::Findings(args)) => judge::findings(&args),
        Some(Command::Checklist(args)) => super::checklist::checklist(&args),
        Some(Command::Diff(args)) => super::diff::diff(&args),
        Some(Command::Check(args)) => super::check::check(&args),
        Some(Command::Baseline(args)) => super::check::baseline(&args),
        Some(Command::Config(args)) => Ok(super::configured::run(&args.command)),
        Some(Command::Rules(args)) => judge::rules(&args),
        Some(Command::Explain(args)) => judge::explain(&args),
        Some(Command::Cache(args)) => super::cache::run(&args.command),
        Some(Command::Schema(args)) => with_output(args.output.path(), |out| Ok(json::document(&args.of.schema(), out)?)),
        Some(Command::Completions(args)) => with_output(args.output.path(), |out| {
            // The generator expects every write to succeed; memory does.
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "plimsoll", &mut script);
            Ok(out.write_all(&script)?)
        }),
        Some(Command::Man(output)) => with_output(output.path(), |out| Ok(super::man::man(out)?)),
        None if !cli.weigh.by.is_empty() => judge::by(&cli.weigh),
        None if cli.weigh.all_platforms => super::platforms::all(&cli.weigh),
        None => super::weigh::weigh(&cli.weigh),
    }
}

fn list_files(args: &Files) -> Result<u8> {
    let (index, _) = stack(&args.source)?;
    let layers = index.image().layers().len();
    if let Some(layer) = args.layer.filter(|layer| usize::from(*layer) > layers) {
        return Err(Error::NotFound(format!("the image has {layers} layers, and no layer {layer}")).into());
    }
    let filter = Filter {
        paths: args.path.iter().map(|glob| files::glob(glob)).collect::<Result<_, _>>()?,
        min_bytes: args.min_size.unwrap_or(0),
        layer: args.layer.map(|layer| usize::from(layer) - 1),
        causes: args.cause.clone(),
        live: match (args.live, args.hidden) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        kinds: args.kind.clone(),
    };
    let sort = match args.sort {
        SortBy::Content => Sort::Content,
        SortBy::Diff => Sort::Diff,
        SortBy::Blob => Sort::Blob,
        SortBy::Path => Sort::Path,
    };
    let found = judge::belonging(&index, args, files::list(&index, &filter, sort))?;
    let style = uncut(&args.list.look, args.list.output.path().is_some());
    let top = args.top.unwrap_or(if args.list.format == ListFormat::Table { TABLE_ROWS } else { 0 });
    let shown = if top == 0 { found.len() } else { top };
    with_output(args.list.output.path(), |out| {
        let reports = found.iter().take(shown).map(|placed| json::EntryReport::new(&index, placed));
        match args.list.format {
            ListFormat::Table => out.write_all(table::entries(&index, &found, top, &style).as_bytes())?,
            ListFormat::Json => json::lines(reports, out)?,
            ListFormat::Csv => csv::entries(reports, out)?,
        }
        Ok(())
    })?;
    Ok(status(&index, &args.source))
}

fn show_tree(args: &Tree) -> Result<u8> {
    let (index, _) = stack(&args.source)?;
    let directories = index.directories();
    let style = style(&args.list.look, args.list.output.path().is_some());
    with_output(args.list.output.path(), |out| {
        let reports =
            directories.within(index.paths(), args.depth).into_iter().filter_map(|node| DirectoryReport::new(&index, &directories, node));
        match args.list.format {
            ListFormat::Table => out.write_all(table::tree(&index, &directories, args.depth, &style).as_bytes())?,
            ListFormat::Json => json::lines(reports, out)?,
            ListFormat::Csv => csv::directories(reports, out)?,
        }
        Ok(())
    })?;
    Ok(status(&index, &args.source))
}

/// 5 if something of the image was not read, unless an absent blob is allowed; then it is said what.
pub(crate) fn status(index: &Index, source: &Source) -> u8 {
    status_of(index.image(), source)
}

fn status_of(image: &Image, source: &Source) -> u8 {
    let excused = source.allow_incomplete && !image.hit_limit();
    if !image.is_incomplete() || excused {
        return 0;
    }
    let remedy = if image.hit_limit() { "" } else { " (`--allow-incomplete` if that is meant)" };
    message(&format!("plimsoll: incomplete, and the numbers are of what was read: {}{remedy}", image.missing()));
    5
}

pub(crate) fn stack(source: &Source) -> Result<(Index, Limits)> {
    let (image, limits) = read(source)?;
    Ok((Index::build(image, &limits)?, limits))
}

/// Reads the image from wherever it is, a saved analysis included.
fn read(source: &Source) -> Result<(Image, Limits)> {
    let (options, reference) = reading(source)?;
    if let Some(image) = plimsoll::saved::open(&reference, &options)? {
        return Ok((image, options.limits));
    }
    let opened = open(&reference, &source.remote)?;
    let bar = Bar::new();
    let image = opened.read(&options, &bar);
    bar.finish();
    let image = image?;
    check_built(source, &image)?;
    Ok((image, options.limits))
}

/// An image that was built is this one, where its name alone does not say so.
#[cfg(feature = "daemon")]
pub(crate) fn check_built(source: &Source, image: &Image) -> Result<()> {
    let Some(expected) = source.built.as_ref().and_then(|built| built.digest.as_ref()) else { return Ok(()) };
    let own = [image.config_digest(), image.manifest_digest()];
    if own.contains(&Some(expected)) {
        return Ok(());
    }
    let name = source.image.as_deref().unwrap_or_default().escape_debug();
    let what = format!("the image that was built, `{expected}`, is not in the engine's store, and `{name}` is another one: add `--load`");
    Err(Error::NotFound(what).into())
}

#[cfg(not(feature = "daemon"))]
#[expect(clippy::unnecessary_wraps, reason = "as with engines")]
pub(crate) fn check_built(_: &Source, _: &Image) -> Result<()> {
    Ok(())
}

/// Reads the image from a source that can be read again.
fn with_contents(source: &Source) -> Result<(Index, plimsoll::source::Contents)> {
    let (options, reference) = reading(source)?;
    if plimsoll::saved::is_saved(&reference)? {
        let image = reference.text.escape_debug();
        return Err(Error::Usage(format!("`{image}` is a saved analysis, which holds no file contents: name the image itself")).into());
    }
    let opened = open(&reference, &source.remote)?;
    let bar = Bar::new();
    let read = opened.contents(&options, &bar);
    bar.finish();
    let (image, contents) = read?;
    Ok((Index::build(image, &options.limits)?, contents))
}

/// Opens what was named, and says where it was found if that was left open.
pub(crate) fn open(reference: &Reference, remote: &Remote) -> Result<plimsoll::Source> {
    let opened = plimsoll::Source::open_with(reference, &remote.access())?;
    if let (Place::Named(Keeper::Any, _), Some(place)) = (&reference.place, opened.place()) {
        message(&format!("reading {} from {place}", reference.text.escape_debug()));
    }
    Ok(opened)
}

/// How an image is read, and which.
pub(crate) fn reading(source: &Source) -> Result<(Options, Reference)> {
    let options = read_options(source)?;
    #[cfg(feature = "daemon")]
    if let Some(built) = &source.built {
        return Ok((options, built.reference.clone()));
    }
    let image = source.image.as_deref().unwrap_or_default();
    let reference = match &source.kind {
        Some(kind) => Reference::parse_as(kind, image)?,
        None => Reference::parse(image)?,
    };
    Ok((options, reference))
}

fn read_options(source: &Source) -> Result<Options> {
    let mut limits = Limits::default();
    for limit in &source.limit {
        let (name, value) =
            limit.split_once('=').and_then(|(name, value)| Some((name, plimsoll::render::size::parse(value)?))).ok_or_else(|| {
                Error::Usage(format!("limit `{}`: expected NAME=VALUE, such as entries=30000000 or output=500GB", limit.escape_debug()))
            })?;
        limits.set(name, value)?;
    }
    Ok(Options {
        image: source.select.as_deref().map(Selector::parse).transpose()?,
        platform: source.platform.as_deref().map(Platform::parse).transpose()?,
        verify: if source.no_verify {
            Verify::None
        } else if source.verify {
            Verify::All
        } else {
            Verify::Named
        },
        limits,
        threads: source.threads,
        connections: source.fetching.jobs.into(),
        cache: super::cache::open(&source.caching).map(Arc::new),
        content_hash: ContentHash::default(),
        no_toc: source.fetching.no_toc,
    })
}

/// Name and diff ids of the image given as the base.
pub(crate) fn base_layers(base: &str, source: &Source) -> Result<(String, Vec<DiffId>)> {
    let reference = Reference::parse(base)?;
    let options = Options { image: None, ..read_options(source)? };
    let ids = match plimsoll::saved::open(&reference, &options)? {
        Some(image) => image.diff_ids(),
        None => open(&reference, &source.remote)?.diff_ids(&options, &())?,
    };
    Ok((base.to_owned(), ids))
}

fn append(path: &Path) -> Result<BufWriter<File>> {
    let file = File::options().append(true).create(true).open(path);
    Ok(BufWriter::new(file.with_context(|| format!("opening `{}`", path.display()))?))
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    Ok(BufWriter::new(File::create(path).with_context(|| format!("creating `{}`", path.display()))?))
}

/// Writes to a file or to standard output. A reader that has seen enough is no error.
pub(crate) fn with_output(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<u8> {
    write_to(path, false, write)
}

/// The same; what is in the file may stay.
pub(crate) fn write_to(path: Option<&Path>, at_its_end: bool, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<u8> {
    let result = match path {
        Some(path) => {
            let mut out = if at_its_end { append(path)? } else { create(path)? };
            write(&mut out).and_then(|()| Ok(out.flush()?)).with_context(|| format!("writing `{}`", path.display()))
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            write(&mut out).and_then(|()| Ok(out.flush()?))
        }
    };
    match result {
        Err(error) if broken_pipe(&error) => Ok(0),
        result => result.map(|()| 0),
    }
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.map(std::io::Error::kind).or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// The only writer of standard error beside the progress bar.
#[expect(clippy::print_stderr, reason = "messages to people go here and nowhere else")]
pub(crate) fn message(text: &str) {
    eprintln!("{text}");
}
