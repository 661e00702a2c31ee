//! What may be typed. What it means is decided in `run`.

pub(crate) mod access;
mod args;
#[cfg(feature = "daemon")]
pub(crate) mod build;
pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod checklist;
pub(crate) mod configured;
pub(crate) mod diff;
pub(crate) mod directories;
#[cfg(feature = "tui")]
pub(crate) mod explore;
pub(crate) mod judge;
pub(crate) mod man;
pub(crate) mod mistakes;
#[cfg(feature = "html")]
pub(crate) mod open;
pub(crate) mod outputs;
pub(crate) mod platforms;
pub(crate) mod plugin;
pub(crate) mod progress;
pub(crate) mod run;
pub(crate) mod size;
pub(crate) mod terminal;
pub(crate) mod weigh;

pub(crate) use args::*;

use clap::{Args, Parser, Subcommand};

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
        plimsoll oci:layout:app\n    plimsoll plan image.tar\n    plimsoll build -t app .\n\n\
        A prefix, as in skopeo, says what IMAGE is, and what follows the path says which image in it: \
        docker-archive:PATH[:REF|:@N], oci:PATH[:REF], oci-archive:PATH[:REF], dir:PATH; docker://NAME or registry:NAME for \
        a registry, docker-daemon:NAME or docker:NAME, podman:NAME and containerd:NAME for an engine. A subcommand's name wins over a \
        file of that name: write ./tree for the file.",
    after_long_help = man::closing(),
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
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
    /// Build an image with Docker or Podman, and weigh it: `plimsoll build -t app .`
    #[cfg(feature = "daemon")]
    Build(Box<Build>),
    /// Look around in the terminal: layers, files, what is waste, what is in a file, hidden or not
    #[cfg(feature = "tui")]
    Explore(Explore),
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
    /// Print the JSON Schema of the report, the plan, the checklist, the comparison, what check writes, or of plimsoll.toml
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
    #[arg(long, value_name = "KEY,KEY", value_delimiter = ',', value_parser = args::values::key(), conflicts_with = "dive", help_heading = "Showing")]
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
