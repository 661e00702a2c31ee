//! What may be typed. What it means is decided in `run`.

pub(crate) mod access;
pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod checklist;
pub(crate) mod configured;
pub(crate) mod diff;
pub(crate) mod judge;
pub(crate) mod man;
pub(crate) mod outputs;
pub(crate) mod platforms;
pub(crate) mod plugin;
pub(crate) mod progress;
pub(crate) mod run;
pub(crate) mod size;
pub(crate) mod terminal;
pub(crate) mod weigh;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Weighs container images: what is in them, which instruction put it there, what is hidden.
#[derive(Debug, Parser)]
#[command(
    name = "plimsoll",
    version,
    about = "Weigh a container image: every byte by layer, instruction and file, what is dead weight, and what to change",
    long_about = "Weigh a container image: every byte by layer, instruction and file, what is dead weight, and what to \
        change in the Dockerfile.\n\n\
        IMAGE is an archive as written by docker save, skopeo, podman, buildah and others (plain or compressed as a \
        whole), an OCI layout directory, a saved analysis, `-` for an archive on standard input, or a name, which Docker, \
        Podman and then the registry are asked for. No layer is written to disk, and nothing of the image is run:\n\n    \
        plimsoll python:3.12-slim\n    docker save app:latest | plimsoll -\n    plimsoll image.tar\n    \
        plimsoll oci:layout:app\n    plimsoll plan image.tar\n\n\
        A prefix, as in skopeo, says what IMAGE is, and what follows the path says which image in it: \
        docker-archive:PATH[:REF|:@N], oci:PATH[:REF], oci-archive:PATH[:REF], dir:PATH; docker://NAME or registry:NAME for \
        a registry, docker-daemon:NAME or docker:NAME, podman:NAME and containerd:NAME for an engine. A subcommand's name wins over a \
        file of that name: write ./tree for the file.",
    after_long_help = man::closing(),
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) weigh: Weigh,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the entries of all layers, live and hidden
    Files(Files),
    /// Show directories with all that is below them
    Tree(Tree),
    /// Show what pulling images costs, by their manifests alone: by platform, and what they share
    Size(Size),
    /// List the packages: what each weighs, which layer brought it, and why it is there
    Packages(Packages),
    /// Show what to change in the Dockerfile, and what each change saves
    Plan(Plan),
    /// List what the rules found, with its bytes
    Findings(Findings),
    /// Check the image against what good images have: base, stages, order, user, health check, labels, size
    Checklist(Checklist),
    /// Explain growth: what one image has more than another, and which instruction is to blame
    Diff(Diff),
    /// Hold the image to its budgets: exit status 1 if one fails
    Check(Box<Check>),
    /// Write down what the image weighs, for `plimsoll check --baseline`
    Baseline(BaselineArgs),
    /// Check plimsoll.toml itself
    Config(Config),
    /// List the rules, built-in and your own
    Rules(Rules),
    /// Explain a rule; with an image, what it found there and what to do about it
    Explain(Explain),
    /// Write one file's content to standard output
    Cat(Cat),
    /// Write the image's files, or one layer's, below a directory
    Extract(Extract),
    /// Save the analysis (facts, never file contents) for later commands
    Save(Save),
    /// Show or empty the cache, where what layers contain is kept by digest
    Cache(Cache),
    /// Print the JSON Schema of the report, the checklist, the comparison, what check writes, or of plimsoll.toml
    Schema(Schema),
    /// Print a shell completion script
    Completions(Completions),
    /// Print the man page
    Man(Output),
}

/// The default command: weigh an image.
#[derive(Debug, Args)]
pub(crate) struct Weigh {
    /// Show everything: whole instructions, all edits and findings, why bytes are hidden, duplicates, notes
    #[arg(long, help_heading = "Showing")]
    pub(crate) details: bool,
    /// Show all bytes in groups instead, one level for each key, such as layer,directory. Keys: layer,
    /// instruction, package, ecosystem, rule, directory. The table folds small groups unless --details is given
    #[arg(long, value_name = "KEY,KEY", value_delimiter = ',', value_parser = key, conflicts_with = "dive", help_heading = "Showing")]
    pub(crate) by: Vec<plimsoll::breakdown::Key>,
    /// Show the image as it would be after these edits: their numbers in `plimsoll plan`, `certain`, or `all`
    /// with those to check first
    #[arg(long, value_name = "N,N", value_delimiter = ',', help_heading = "Showing")]
    pub(crate) without: Vec<String>,
    /// Weigh the image for each of its platforms, side by side
    #[arg(long, conflicts_with_all = ["platform", "by", "dive", "details"], help_heading = "Showing")]
    pub(crate) all_platforms: bool,
    /// Add dive's efficiency, wasted bytes and user wasted percent, as dive computes them
    #[arg(long, help_heading = "Showing")]
    pub(crate) dive: bool,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) outputs: outputs::Outputs,
    #[command(flatten)]
    pub(crate) judge: Judge,
}

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
    pub(crate) caching: Caching,
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
    /// Read every layer in full. Otherwise eStargz and zstd:chunked layers in a registry are listed by their own
    /// table of contents: names, sizes and owners, without packages and contents
    #[arg(long)]
    pub(crate) no_toc: bool,
    /// Layers to download at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(crate) jobs: u8,
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

/// How an image is judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct Judge {
    /// The base image: an archive, layout or saved analysis; the layers that it shares with IMAGE are the
    /// base's. Left out, the image's history tells
    #[arg(long, value_name = "IMAGE", value_hint = ValueHint::AnyPath)]
    pub(crate) base: Option<String>,
    /// The Dockerfile that made IMAGE: its line numbers are shown instead of layer numbers, if it agrees with the image's
    /// history. By default that of the build's provenance, then one in the image or ./Dockerfile
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) dockerfile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) configured: Configured,
}

/// What is configured.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct Configured {
    /// The configuration: levels, rules of your own, exceptions; by default ./plimsoll.toml, if there is one
    // An empty variable is one that is not set.
    #[arg(long, value_name = "FILE", env = "PLIMSOLL_CONFIG", hide_env_values = true, value_hint = ValueHint::FilePath,
        value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(crate) config: Option<PathBuf>,
}

/// How tables look.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Look {
    /// When to use colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Show sizes in powers of 1024 (KiB, MiB) instead of 1000 (kB, MB)
    #[arg(long, conflicts_with = "bytes")]
    pub(crate) iec: bool,
    /// Show sizes in whole bytes
    #[arg(long)]
    pub(crate) bytes: bool,
}

/// Where it is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Write to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// If the terminal shows colours and `NO_COLOR` is not set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// The whole report; `plimsoll schema` describes it
    Json,
    /// The layers, one a row
    Csv,
    /// The file that `dive --json` writes
    DiveJson,
    /// For a comment on a pull request, never longer than GitHub takes
    Markdown,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations in a workflow of GitHub's
    Github,
    /// Markdown at the end of the file that `$GITHUB_STEP_SUMMARY` names
    GithubSummary,
    /// Code Quality of GitLab
    Gitlab,
    /// Gauges: `OpenMetrics` 1.0
    Openmetrics,
}

/// How a verdict is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people
    #[default]
    Table,
    /// For programs; `plimsoll schema check` describes it
    Json,
    /// One budget a row
    Csv,
    /// For a comment on a pull request: one line where all pass, never longer than GitHub takes
    Markdown,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Test cases, as every CI shows them
    Junit,
    /// Annotations in a workflow of GitHub's
    Github,
    /// Markdown at the end of the file that `$GITHUB_STEP_SUMMARY` names
    GithubSummary,
    /// Code Quality of GitLab
    Gitlab,
    /// Gauges: `OpenMetrics` 1.0
    Openmetrics,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    #[default]
    Table,
    /// For programs: an array, one object a line; of plan and checklist one document
    Json,
    /// One a row, below a line of names; text that a spreadsheet takes for a formula begins with an apostrophe
    Csv,
}

/// How a list is written.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Files {
    /// Only paths that match: without a slash in any directory, with a leading one from the root
    #[arg(long, value_name = "GLOB", help_heading = "Choosing")]
    pub(crate) path: Vec<String>,
    /// Only entries with at least this much content: 500, 10kB, 1.5MiB
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Choosing")]
    pub(crate) min_size: Option<u64>,
    /// Only entries that layer N stores (numbered from 1, as the tables show)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Choosing")]
    pub(crate) layer: Option<u16>,
    /// Only entries hidden for this cause: `metadata_only`, `overwritten`, `deleted_file`, `deleted_dir`, `opaque`,
    /// `replaced_by_type` or `repeated_in_layer`
    #[arg(long, value_name = "CAUSE", value_parser = cause, help_heading = "Choosing")]
    pub(crate) cause: Vec<plimsoll::index::Cause>,
    /// Only entries whose bytes are live
    #[arg(long, conflicts_with_all = ["hidden", "cause"], help_heading = "Choosing")]
    pub(crate) live: bool,
    /// Only entries that later layers hide
    #[arg(long, visible_alias = "shadowed", help_heading = "Choosing")]
    pub(crate) hidden: bool,
    /// Only entries of this kind: file, directory, symlink, hardlink, whiteout, opaque or special
    #[arg(long, value_name = "KIND", value_parser = kind, help_heading = "Choosing")]
    pub(crate) kind: Vec<plimsoll::layer::EntryKind>,
    /// Only entries of this package, such as deb:gcc-12 or npm:@babel/core; any version of it
    #[arg(long, value_name = "ECOSYSTEM:NAME", value_parser = package, help_heading = "Choosing")]
    pub(crate) package: Vec<(plimsoll::facts::Ecosystem, String)>,
    /// Only entries that this rule found, such as apt/lists
    #[arg(long, value_name = "ID", help_heading = "Choosing")]
    pub(crate) rule: Vec<String>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Order
    #[arg(long, value_enum, default_value_t, value_name = "BY", help_heading = "Output")]
    pub(crate) sort: SortBy,
    /// How many to show; 0 for all (the default of json and csv; tables show 40)
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) top: Option<usize>,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(after_long_help = "No layer is read. Sizes are of the compressed layers, as manifests have them; a node keeps each layer once, \
    so it pulls for an image what the images that it has do not share. Of one IMAGE all platforms are shown, of several the one \
    that would be weighed, unless --platform or --all-platforms says otherwise.")]
pub(crate) struct Size {
    /// Images: names in a registry, OCI layouts or OCI archives
    #[arg(required = true, value_name = "IMAGE", value_hint = ValueHint::AnyPath)]
    pub(crate) images: Vec<String>,
    /// Which platform: os/arch or os/arch/variant
    #[arg(long, value_name = "PLATFORM", help_heading = "Choosing")]
    pub(crate) platform: Option<String>,
    /// All platforms of each image
    #[arg(long, conflicts_with = "platform", help_heading = "Choosing")]
    pub(crate) all_platforms: bool,
    /// List the layers too; of a single image they are listed anyway
    #[arg(long, help_heading = "Showing")]
    pub(crate) layers: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
pub(crate) struct Packages {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Only packages of this ecosystem: deb, apk, rpm, pypi, npm, gem, composer, golang, cargo, maven, conda
    #[arg(long, value_name = "ECOSYSTEM", value_parser = ecosystem, help_heading = "Choosing")]
    pub(crate) ecosystem: Vec<plimsoll::facts::Ecosystem>,
    /// List packages that were removed and packages without content too (cyclonedx never has the former, always
    /// the latter)
    #[arg(long, help_heading = "Choosing")]
    pub(crate) all: bool,
    /// How many to show; 0 for all (the default of json and csv; tables show 40; cyclonedx has all)
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub(crate) top: Option<usize>,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: PackageFormat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackageFormat {
    /// For people
    #[default]
    Table,
    /// An array, one object a line
    Json,
    /// One package a row
    Csv,
    /// A software bill of materials, as scanners take it: `CycloneDX` 1.6 in JSON
    Cyclonedx,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortBy {
    /// Most content first
    #[default]
    Content,
    /// Most bytes of the layer tar first
    Diff,
    /// Most compressed bytes first
    Blob,
    /// By path
    Path,
}

#[derive(Debug, Args)]
pub(crate) struct Tree {
    #[command(flatten)]
    pub(crate) source: Source,
    /// How many levels of directories
    #[arg(long, short, value_name = "N", default_value_t = 3, help_heading = "Choosing")]
    pub(crate) depth: usize,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Each edit is one change to one or a few instructions. Its number is what `--without` takes. What it saves \
    is counted beyond the edits before it, so that savings add up. An edit is certain, or marked `?` and to be checked first: \
    only a person can tell whether the program needs those bytes. The JSON form has `totals`, `without_edits` (what is left \
    after the certain ones) and `edits`.")]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(after_long_help = "An entry is claimed by one rule at most, so that findings add up. Levels are info, warn and fail; \
    `plimsoll.toml` changes them. The exit status is 0 whatever was found. `plimsoll explain RULE IMAGE` says more.")]
pub(crate) struct Findings {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// List small findings and those of the base image too
    #[arg(long, help_heading = "Choosing")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(after_long_help = "Each check passes, fails or is not applicable (n/a), with its evidence. Checks add nothing to any sum: \
    what to change, and what that saves, is in `plimsoll plan`. The exit status is 0 whatever the outcome. Of secrets in variables only the names are shown.")]
pub(crate) struct Checklist {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
#[command(mut_arg("image", |image| image.required(false).required_unless_present("migrate")), after_long_help = "Budgets are in plimsoll.toml; three lines are enough:\n\n    [budget]\n    max_disk = \"300 MB\"\n    \
    max_hidden = \"5% and 10 MB\"\n\nFlags come before the file. `plimsoll config check` looks at the file alone.\n\nExit status: 0 all \
    pass, or warn; 1 a budget fails; 2 wrong usage or configuration, or a budget that cannot be told; 3, 4 and 5 as of every \
    command. With dive's rules: 0 or 1, as dive.")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Content of all layers, such as 300MB; above it the check fails
    #[arg(long, value_name = "SIZE", help_heading = "Budgets")]
    pub(crate) max_disk: Option<String>,
    /// Compressed size of all layers
    #[arg(long, value_name = "SIZE", help_heading = "Budgets")]
    pub(crate) max_pull: Option<String>,
    /// Content of the layers that are not the base's
    #[arg(long, value_name = "SIZE|N%", help_heading = "Budgets")]
    pub(crate) max_own: Option<String>,
    /// Content that later layers hide, such as 10MB, 5%, or '5% and 10MB' for both to be exceeded
    #[arg(long, value_name = "SIZE|N%", help_heading = "Budgets")]
    pub(crate) max_hidden: Option<String>,
    /// Number of layers
    #[arg(long, value_name = "N", help_heading = "Budgets")]
    pub(crate) max_layers: Option<String>,
    /// Growth on disk since the baseline
    #[arg(long, value_name = "SIZE|N%", help_heading = "Budgets")]
    pub(crate) max_growth: Option<String>,
    /// Live content over all content, such as 95%; below it the check fails
    #[arg(long, value_name = "N%", help_heading = "Budgets")]
    pub(crate) min_efficiency: Option<String>,
    /// Fail on findings of this level or above in own layers; exceptions are left out
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Budgets")]
    pub(crate) fail_on: Option<FailOn>,
    /// Also hold the image to [profile.NAME] of the configuration, over [budget]
    #[arg(long, value_name = "NAME", help_heading = "Budgets")]
    pub(crate) profile: Option<String>,
    /// What growth is measured against: a file of `plimsoll baseline`, a saved analysis or an image. Without a budget on
    /// growth nothing may grow
    #[arg(long, value_name = "FILE|IMAGE", value_hint = ValueHint::AnyPath, help_heading = "Budgets")]
    pub(crate) baseline: Option<String>,
    /// Exit 0 although a budget fails; an incomplete image is 5 all the same
    #[arg(long, help_heading = "Budgets")]
    pub(crate) exit_zero: bool,
    /// dive's rules; by default ./.dive-ci, where there is no other budget
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Coming from dive")]
    pub(crate) ci_config: Option<PathBuf>,
    /// dive's rule of this name: a number from 0 to 1, or disabled
    #[arg(long = "lowestEfficiency", value_name = "RATIO", help_heading = "Coming from dive")]
    pub(crate) lowest_efficiency: Option<String>,
    /// dive's rule of this name: a size, or disabled
    #[arg(long = "highestWastedBytes", value_name = "SIZE", help_heading = "Coming from dive")]
    pub(crate) highest_wasted_bytes: Option<String>,
    /// dive's rule of this name: a number from 0 to 1, or disabled
    #[arg(long = "highestUserWastedPercent", value_name = "RATIO", help_heading = "Coming from dive")]
    pub(crate) highest_user_wasted_percent: Option<String>,
    /// Print dive's rules as budgets of plimsoll.toml, and check nothing
    #[arg(long, help_heading = "Coming from dive")]
    pub(crate) migrate: bool,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: CheckFormat,
    #[command(flatten)]
    pub(crate) outputs: outputs::Outputs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Findings that are worth changing
    Warn,
    /// Findings that must not ship
    Fail,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// Lower what FILE has to what the image weighs now; nothing is raised
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(crate) update: bool,
    /// Write to FILE, usually plimsoll.lock, instead of standard output
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// See whether configurations are valid
    Check(ConfigCheck),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigCheck {
    /// The files; by default ./plimsoll.toml
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// List the layers whose content is known, last used first
    List(CacheList),
    /// Remove what was used longest ago
    Prune(CachePrune),
    /// Print where the cache is
    Dir(CachePlace),
}

#[derive(Debug, Args)]
pub(crate) struct CacheList {
    #[command(flatten)]
    pub(crate) place: CachePlace,
    #[command(flatten)]
    pub(crate) list: List,
}

#[derive(Debug, Args)]
pub(crate) struct CachePrune {
    #[command(flatten)]
    pub(crate) place: CachePlace,
    /// Remove everything
    #[arg(long, conflicts_with = "max_size", help_heading = "Choosing")]
    pub(crate) all: bool,
    /// Size that is left at most
    #[arg(long, value_name = "SIZE", env = "PLIMSOLL_CACHE_SIZE", hide_env_values = true, default_value = CACHE_SIZE, value_parser = cache_size, help_heading = "Choosing")]
    pub(crate) max_size: u64,
}

#[derive(Debug, Args)]
#[command(
    mut_arg("image", |image| image.value_name("NEW").help("The image after")),
    mut_arg("select", |select| select.help("Which image, where NEW holds several: a name, or @N")),
    mut_arg("kind_of_source", |kind| kind.help("Read NEW as this kind of source; before OLD, write it with a colon")),
    mut_arg("platform", |platform| platform.help("Which platform of both images: os/arch or os/arch/variant")),
    after_long_help = "OLD and NEW are whatever plimsoll reads; one of them may be `-`, and a base beside what is built on it is a \
        fine pair. Every byte of both is in one layer, belongs to one package or none, one rule or none, and one path: each of \
        these lists adds up to the whole change. Layers are the same by content, and built again where the same instruction made \
        another content; packages are matched by name, files by path and content. The exit status is 0 whatever differs."
)]
pub(crate) struct Diff {
    /// The image before: an archive, OCI layout directory, saved analysis, or `-`
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) old: String,
    #[command(flatten)]
    pub(crate) source: Source,
    /// Which image, where OLD holds several: a name, or @N
    #[arg(long, value_name = "REF|@N", help_heading = "Reading")]
    pub(crate) old_image: Option<String>,
    #[command(flatten)]
    pub(crate) judge: Judge,
    /// List the files that changed most too, in the table
    #[arg(long, help_heading = "Showing")]
    pub(crate) files: bool,
    /// How many files to list; 0 for all (json, csv and markdown: 1000; the table shows 20)
    #[arg(long, value_name = "N", help_heading = "Showing")]
    pub(crate) top: Option<usize>,
    #[command(flatten)]
    pub(crate) look: Look,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: DiffFormat,
    #[command(flatten)]
    pub(crate) outputs: outputs::Outputs,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    #[default]
    Table,
    /// The whole comparison; `plimsoll schema diff` describes it
    Json,
    /// One change a row
    Csv,
    /// For a comment on a pull request: one line where little changed, never longer than GitHub takes
    Markdown,
    /// Markdown at the end of the file that `$GITHUB_STEP_SUMMARY` names
    GithubSummary,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The document that it describes
    #[arg(value_enum, default_value_t)]
    pub(crate) of: Document,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Document {
    /// What `plimsoll IMAGE --format json` writes
    #[default]
    Report,
    /// What `plimsoll checklist IMAGE --format json` writes
    Checklist,
    /// What `plimsoll diff OLD NEW --format json` writes
    Diff,
    /// What `plimsoll check IMAGE --format json` writes
    Check,
    /// `plimsoll.toml`
    Config,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// When to use colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    pub(crate) color: Color,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The rule, such as apt/lists; `plimsoll rules` lists them
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) source: MaybeSource,
    #[command(flatten)]
    pub(crate) judge: Judge,
    #[command(flatten)]
    pub(crate) look: Look,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Cat {
    #[command(flatten)]
    pub(crate) source: Source,
    /// The file, as a process in the container would name it
    #[arg(help_heading = None::<&str>)]
    pub(crate) path: String,
    /// The version that layer N stores, though it may be hidden (numbered from 1)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Choosing")]
    pub(crate) layer: Option<u16>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct Extract {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Directory to write to; made if absent, and must be empty
    #[arg(value_hint = ValueHint::DirPath, help_heading = None::<&str>)]
    pub(crate) directory: PathBuf,
    /// Write what layer N stores, hidden or not (numbered from 1), instead of what the image shows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Choosing")]
    pub(crate) layer: Option<u16>,
    /// Only paths that match
    #[arg(long, value_name = "GLOB", help_heading = "Choosing")]
    pub(crate) path: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Save {
    #[command(flatten)]
    pub(crate) source: Source,
    /// File to write, usually NAME.plimsoll
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// `plimsoll::cache::Cache::SIZE` as it is shown.
const CACHE_SIZE: &str = "1GB";

/// An empty variable is one that is not set.
fn cache_size(text: &str) -> Result<u64, String> {
    if text.is_empty() { Ok(plimsoll::cache::Cache::SIZE) } else { size(text) }
}

fn size(text: &str) -> Result<u64, String> {
    plimsoll::render::size::parse(text).ok_or_else(|| "expected a size such as 500, 10kB or 1.5MiB".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (left, right) =
        text.split_once('=').filter(|(left, right)| !left.is_empty() && !right.is_empty()).ok_or("expected REGISTRY=HOST")?;
    Ok((left.to_owned(), right.to_owned()))
}

fn cause(text: &str) -> Result<plimsoll::index::Cause, String> {
    let all = plimsoll::index::Cause::ALL;
    all.into_iter()
        .find(|cause| cause.name() == text.replace('-', "_"))
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::index::Cause::name).join(", ")))
}

fn kind(text: &str) -> Result<plimsoll::layer::EntryKind, String> {
    use plimsoll::layer::EntryKind::{Directory, File, Hardlink, Opaque, Special, Symlink, Whiteout};
    let all = [File, Directory, Symlink, Hardlink, Whiteout, Opaque, Special];
    all.into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::layer::EntryKind::name).join(", ")))
}

fn key(text: &str) -> Result<plimsoll::breakdown::Key, String> {
    let all = plimsoll::breakdown::Key::ALL;
    all.into_iter()
        .find(|key| key.name() == text.trim())
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::breakdown::Key::name).join(", ")))
}

fn ecosystem(text: &str) -> Result<plimsoll::facts::Ecosystem, String> {
    let all = plimsoll::facts::Ecosystem::ALL;
    all.into_iter()
        .find(|ecosystem| ecosystem.name() == text)
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::facts::Ecosystem::name).join(", ")))
}

fn package(text: &str) -> Result<(plimsoll::facts::Ecosystem, String), String> {
    let (kind, name) = text.split_once(':').ok_or_else(|| "expected ECOSYSTEM:NAME, such as deb:gcc-12".to_owned())?;
    Ok((ecosystem(kind)?, name.to_owned()))
}

impl outputs::Shape for Format {
    fn is_shared(self) -> bool {
        !matches!(self, Self::Table | Self::Json | Self::Csv | Self::DiveJson)
    }

    fn is_appended(self) -> bool {
        self == Self::GithubSummary
    }
}

impl outputs::Shape for CheckFormat {
    fn is_shared(self) -> bool {
        !matches!(self, Self::Table | Self::Json | Self::Csv)
    }

    fn is_appended(self) -> bool {
        self == Self::GithubSummary
    }
}

impl outputs::Shape for DiffFormat {
    fn is_shared(self) -> bool {
        matches!(self, Self::Markdown | Self::GithubSummary)
    }

    fn is_appended(self) -> bool {
        self == Self::GithubSummary
    }
}
