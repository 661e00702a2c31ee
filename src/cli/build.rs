//! `plimsoll build`: the engine builds, and what it built is weighed.

mod arguments;
mod child;
mod engine;

#[cfg(all(unix, feature = "tui"))]
pub(crate) use child::signals;
pub(crate) use engine::{Built, Engine};

use super::run::message;
use super::{Build, Caching, Cli, Judge, Remote, Source, Weigh, judge};
use anyhow::{Context, Result};
use arguments::Arguments;
use clap::CommandFactory;
use plimsoll::Error;
use plimsoll::access::Access;
use plimsoll::analysis::AnalysisOptions;
use plimsoll::oci::Digest;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Most of a file with an id that is read: it has 71 bytes.
const ID: u64 = 1 << 10;

pub(crate) fn build(args: &Build) -> Result<u8> {
    // What is wrong here is said before an hour of building.
    args.outputs.targets(args.format)?;
    #[cfg(feature = "tui")]
    if args.explore {
        super::explore::prepare(&args.binding, None)?;
    }
    let mut weigh = weighing(args);
    let access = weigh.source.remote.access();
    let (engine, program) = Engine::choose(args.engine, &access)?;
    if engine == Engine::Podman && args.host.is_some() {
        return Err(Error::Usage("--host is the address of Docker's engine; for Podman's set CONTAINER_HOST".into()).into());
    }
    let typed = Arguments::parse(&args.arguments, engine);
    let options = options(&weigh, &typed, engine)?;
    let (status, id) = run(args, &program, &IdFile::new(&typed, &access)?)?;
    if status != 0 {
        hint(args, &typed);
        return Ok(status);
    }
    if id.is_none() && typed.builds_nothing {
        return Ok(0);
    }
    let found = id.map(|id| engine.find(&id, &typed.tags, &access)).transpose()?.flatten();
    let built = found.ok_or_else(|| nowhere(engine, &typed))?;
    let closing = closing(&built, &options);
    weigh.source.image = Some(built.reference.text.clone());
    weigh.source.built = Some(built);
    #[cfg(feature = "tui")]
    if args.explore {
        let explore = super::Explore { source: weigh.source, judge: weigh.judge, look: weigh.look, binding: args.binding.clone() };
        return super::explore::explore_with(&explore, &options);
    }
    super::weigh::weigh_with(&weigh, &options, Some(&closing))
}

/// Builds; the engine's status, and the id of what it built.
fn run(args: &Build, program: &Path, id_file: &IdFile) -> Result<(u8, Option<Digest>)> {
    let mut command = Command::new(program);
    if let Some(host) = &args.host {
        command.args(["--host", host]);
    }
    command.arg("build");
    if id_file.directory.is_some() {
        command.arg("--iidfile").arg(&id_file.path);
    }
    let status = child::run(command.args(&args.arguments))?;
    Ok((status, if status == 0 { id_file.id()? } else { None }))
}

/// How the image is to be weighed; which one it is comes later.
fn weighing(args: &Build) -> Weigh {
    let caching = Caching { no_cache: false, place: args.place.clone(), cache_size: args.cache_size };
    let source = Source {
        limit: args.limit.clone(),
        threads: args.threads,
        remote: Remote { host: args.host.clone(), ..Remote::default() },
        ..Source::of("", caching)
    };
    Weigh {
        details: args.details,
        by: Vec::new(),
        without: Vec::new(),
        all_platforms: false,
        dive: args.dive,
        source,
        look: args.look.clone(),
        format: args.format,
        outputs: args.outputs.clone(),
        judge: Judge { base: args.base.clone(), dockerfile: None, configured: args.configured.clone() },
    }
}

/// How the image is judged: by the Dockerfile that it is built from, and no other.
fn options(weigh: &Weigh, typed: &Arguments, engine: Engine) -> Result<AnalysisOptions> {
    let mut options = judge::options(&weigh.judge, &weigh.source)?;
    options.nearby.clear();
    if let Some(path) = typed.dockerfile(engine) {
        options.dockerfiles = vec![judge::read_dockerfile(&path, typed.target.as_deref())?];
    }
    Ok(options)
}

/// Where the engine writes the id of what it built.
struct IdFile {
    path: PathBuf,
    /// When it was written before, if it is the user's own and was there.
    before: Option<SystemTime>,
    /// Of this program alone, and removed in the end; none if the user named the file.
    directory: Option<PathBuf>,
}

impl IdFile {
    fn new(typed: &Arguments, access: &Access) -> Result<Self> {
        if let Some(path) = &typed.id_file {
            return Ok(Self { path: path.clone(), before: written(path), directory: None });
        }
        let directory = access.environment.private_directory()?;
        Ok(Self { path: directory.join("id"), before: None, directory: Some(directory) })
    }

    /// The id, if this build wrote one.
    fn id(&self) -> Result<Option<Digest>> {
        // What an earlier build left there is another image.
        if written(&self.path) == self.before {
            return Ok(None);
        }
        let mut text = String::new();
        let file = File::open(&self.path).with_context(|| format!("opening `{}`", self.path.display()))?;
        file.take(ID).read_to_string(&mut text).with_context(|| format!("reading `{}`", self.path.display()))?;
        // Podman leaves the digits off where there is no image in its store.
        Ok(Digest::parse(text.trim()).ok())
    }
}

impl Drop for IdFile {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            // It may not have been written.
            let _absent = std::fs::remove_file(&self.path);
            let _left = std::fs::remove_dir(directory);
        }
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// The build ended well, and left nothing here to weigh.
fn nowhere(engine: Engine, typed: &Arguments) -> Error {
    let name = engine.name();
    let tag = typed.tags.first().map_or("NAME", String::as_str).escape_debug();
    let remedy = match engine {
        Engine::Docker => {
            format!("add `--load` (and a tag, `-t NAME`) and leave out `--output`, or weigh it where it went: `plimsoll docker://{tag}`")
        }
        Engine::Podman => "leave out `--output`, or weigh what it wrote: `plimsoll PATH`".to_owned(),
    };
    Error::NotFound(format!("the build ended well, but left no image in {name}'s store: {remedy}"))
}

/// What to do next, below the table.
fn closing(built: &Built, options: &AnalysisOptions) -> String {
    // Twelve digits of an id are what engines themselves show.
    let (keeper, name) = built.reference.text.split_once(':').unwrap_or_default();
    let name = name.strip_prefix("sha256:").and_then(|digits| digits.get(..12)).unwrap_or(name);
    let image = format!("{keeper}:{}", plimsoll::text::escaped(name.as_bytes()));
    if options.config.budgets.is_empty() {
        format!("To hold it to a budget: plimsoll check {image} --max-disk SIZE")
    } else {
        format!("To hold it to its budgets: plimsoll check {image}")
    }
}

/// What may have gone wrong that the engine does not tell: an option of ours among the engine's, or an output that leaves
/// no image to tell the id of.
fn hint(args: &Build, typed: &Arguments) {
    let whole = Cli::command();
    let options = whole.find_subcommand("build").into_iter().flat_map(clap::Command::get_arguments);
    let ours: Vec<&str> = options.filter_map(clap::Arg::get_long).filter(|name| !["format", "output"].contains(name)).collect();
    let name = |word: &'_ OsStr| Some(word.to_str()?.strip_prefix("--")?.split('=').next()?.to_owned());
    if let Some(name) = args.arguments.iter().filter_map(|word| name(word)).find(|name| ours.contains(&name.as_str())) {
        message(&format!("plimsoll: `--{name}` is an option of plimsoll's: write it before the engine's, `plimsoll build --{name} …`"));
    } else if typed.has_output {
        message("plimsoll: builds with `--output` may leave no image in the engine's store: leave it out, or add `--load`");
    }
}
