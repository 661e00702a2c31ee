//! Where an image is, and how it is read.

use super::values::{pair, size};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Where the image is, and how it is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct Source {
    /// Archive, OCI layout directory, saved analysis, `-` for an archive on standard input, or a name that Docker,
    /// Podman or a registry has
    // Optional to clap alone: a subcommand lifts the requirement, and so does `check --migrate`.
    #[arg(value_hint = ValueHint::AnyPath, required = true, help_heading = None::<&str>)]
    pub(crate) image: Option<String>,
    /// Which image, where IMAGE holds several: a name, or @N; left out, they are listed with both
    #[arg(long = "image", value_name = "REF|@N", id = "select")]
    pub(crate) select: Option<String>,
    /// Read IMAGE as this kind of source: docker-archive, oci-archive, oci, dir, registry, docker, podman or
    /// containerd; the same as writing it before IMAGE with a colon
    #[arg(long = "source", value_name = "KIND", id = "kind_of_source")]
    pub(crate) kind: Option<String>,
    /// Which platform, where there are several: os/arch or os/arch/variant
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,
    /// Check the digest of every unpacked layer (its diff id) too, not just that of each blob
    #[arg(long, conflicts_with = "no_verify")]
    pub(crate) verify: bool,
    /// Check no digests: faster, for input that is trusted
    #[arg(long)]
    pub(crate) no_verify: bool,
    /// Exit 0 although a blob is not in the source (a foreign layer, say)
    #[arg(long)]
    pub(crate) allow_incomplete: bool,
    /// Raise or lower a limit that guards against hostile images, more than once for several; `plimsoll --help` has
    /// them all
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) limit: Vec<String>,
    /// Worker threads; by default one for each processor
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
    #[command(flatten)]
    pub(crate) remote: Remote,
    #[command(flatten)]
    pub(crate) fetching: Fetching,
    #[command(flatten)]
    pub(crate) caching: Caching,
    /// What was built just now, in place of IMAGE.
    #[cfg(feature = "daemon")]
    #[arg(skip)]
    pub(crate) built: Option<crate::cli::build::Built>,
}

impl Source {
    /// An image and nothing else said about it.
    pub(crate) fn of(image: &str, caching: Caching) -> Self {
        Self {
            image: Some(image.to_owned()),
            caching,
            select: None,
            kind: None,
            platform: None,
            verify: false,
            no_verify: false,
            allow_incomplete: false,
            limit: Vec::new(),
            threads: 0,
            remote: Remote::default(),
            fetching: Fetching::default(),
            #[cfg(feature = "daemon")]
            built: None,
        }
    }
}

/// A source where an image may be left out.
#[derive(Debug)]
pub(crate) struct MaybeSource(pub(crate) Source);

impl Args for MaybeSource {
    fn augment_args(command: clap::Command) -> clap::Command {
        Source::augment_args(command).mut_arg("image", |image| image.required(false))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for MaybeSource {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Source::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// How registries and engines are reached.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Registries and engines")]
pub(crate) struct Remote {
    /// The engine's address, as in `DOCKER_HOST`: `unix:///PATH`, `tcp://HOST:PORT` or `ssh://USER@HOST`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<String>,
    /// The file of credentials; by default those of docker and podman
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) authfile: Option<PathBuf>,
    /// Reach this registry by plain HTTP too, and by HTTPS whatever its certificate
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) insecure: Vec<String>,
    /// Trust the certificates in this file (PEM) beside the system's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_cert: Vec<PathBuf>,
    /// Ask MIRROR first for what REGISTRY has
    #[arg(long, value_name = "REGISTRY=MIRROR", value_parser = pair)]
    pub(crate) mirror: Vec<(String, String)>,
    /// Give credentials for REGISTRY to the token server HOST too
    #[arg(long, value_name = "REGISTRY=HOST", value_parser = pair)]
    pub(crate) allow_auth_host: Vec<(String, String)>,
}

/// Layers downloaded at a time, unless it is said how many.
const JOBS: u8 = 4;

/// How layers in a registry are read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Registries and engines")]
pub(crate) struct Fetching {
    /// Read every layer in full. Otherwise eStargz and zstd:chunked layers in a registry are listed by their own
    /// table of contents: names, sizes and owners, without packages and contents
    #[arg(long)]
    pub(crate) no_toc: bool,
    /// Layers to download at a time
    #[arg(long, value_name = "N", default_value_t = JOBS, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(crate) jobs: u8,
}

impl Default for Fetching {
    fn default() -> Self {
        Self { no_toc: false, jobs: JOBS }
    }
}

/// Whether and where it is kept what layers contain.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cache")]
pub(crate) struct Caching {
    /// Scan every layer anew, and keep nothing in the cache
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) place: CachePlace,
    /// Size to which the cache is held: what was used longest ago goes first
    #[arg(long, value_name = "SIZE", env = "PLIMSOLL_CACHE_SIZE", hide_env_values = true, default_value = CACHE_SIZE, value_parser = cache_size)]
    pub(crate) cache_size: u64,
}

/// Where the cache is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cache")]
pub(crate) struct CachePlace {
    /// The cache, where what layers contain (facts, never file contents) is kept by digest; by default `plimsoll` in
    /// `$XDG_CACHE_HOME` or `~/.cache`
    #[arg(long, value_name = "DIR", env = "PLIMSOLL_CACHE_DIR", hide_env_values = true, value_hint = ValueHint::DirPath,
        value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(crate) cache_dir: Option<PathBuf>,
}

/// `plimsoll::cache::Cache::SIZE` as it is shown.
pub(super) const CACHE_SIZE: &str = "1GB";

/// An empty variable is one that is not set.
pub(super) fn cache_size(text: &str) -> Result<u64, String> {
    match plimsoll::render::size::without_unit(text) {
        Some(number) => Err(plimsoll::render::size::ask_unit(number)),
        None if text.is_empty() => Ok(plimsoll::cache::Cache::SIZE),
        None => size(text),
    }
}
