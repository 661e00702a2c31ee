//! Weighs container images: every byte of every layer, attributed.
//!
//! # The pipe
//!
//! ```text
//! Source ─▶ blobs ─▶ Changeset ─▶ Image ─▶ Index ─▶ Report ─▶ render ─▶ bytes
//!           push       scan      assemble   build    value
//!                      └──── I/O ends here ────┘  everything right of Image is pure
//! ```
//!
//! A [`Source`] pushes blobs; each is decompressed, walked and hashed in one pass into a
//! [`layer::Changeset`], which knows nothing of its place in an image; [`image::Image`] joins
//! changesets, configuration and history; [`Index`] stacks the layers and gives every entry its
//! [`index::Fate`]; a [`Report`] is all that a renderer may see, and a [`budget::Verdict`] all that a gate decides by.
//!
//! ```
//! # fn main() -> plimsoll::Result<()> {
//! use plimsoll::{Index, Limits, Options, Reference, Report, ReportOptions, Source};
//!
//! let reference = Reference::parse("testdata/demo.tar")?;
//! let image = Source::open(&reference)?.read(&Options::default(), &())?;
//! let index = Index::build(image, &Limits::default())?;
//! let report = Report::new(&index, &ReportOptions::default());
//! println!("{} bytes, {} of them hidden", report.totals.content_bytes, report.shadowed.all.content_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! # Three measures, always by name
//!
//! * `content_bytes`: data of regular files as stored, each inode once; what `docker images` shows
//!   with a graph driver. Sparse files count what is stored.
//! * `diff_bytes`: the uncompressed layer tar: content, headers and padding.
//! * `blob_bytes`: the blob as stored in the source. `pull_bytes` is the same where layers are
//!   compressed, and unknown where the source stores plain tars.
//!
//! # Invariants
//!
//! 1. Per measure: totals = live + hidden, and totals + overhead = the sum of the layers' sizes,
//!    exactly. A header, its padding and its extension headers belong to their entry. Overhead is
//!    what belongs to none, and is counted where it occurs.
//! 2. Every byte has exactly one fate. Totals count each placement of a layer; pull sizes count
//!    each digest once.
//! 3. What was read has the digest and diff id that the image names, or it is an error that shows
//!    both.
//! 4. A whiteout hides lower layers only, wherever it stands in its own archive; a non-directory
//!    replaces a whole directory.
//! 5. Output depends on the [`Report`] and the style alone, whatever the thread count.
//! 6. The library never prints or exits. What it knows of the outside, the environment's variables among it, is given
//!    to it ([`access::Access`]); the clock is read only to know how long an answer of the network is waited for.
//! 7. Any input ends in `Ok` or `Err`: no panic, no unbounded memory or time ([`Limits`]).
//! 8. Nothing of an image is executed, and no content of it reaches the disk except by [`extract`]: a
//!    [`cache`] and a [`saved`] analysis hold facts.
//! 9. [`progress::Progress`] can cancel. Errors and notes carry a stable code and a place.
//! 10. xxh3 finds equal contents; it never verifies.
//!
//! # Features
//!
//! All are on by default, as the program needs them. A library that weighs files takes none
//! (`default-features = false`): `registry` asks registries, `daemon` Docker and Podman, `html` writes pages, `tui` is the
//! explorer, `cli` the program itself.
//!
//! # Glossary
//!
//! *Layer*: a changeset at its place in an image. *Digest*: hash of a blob as stored. *Diff id*:
//! hash of the uncompressed tar. *Marker*: a whiteout or an opaque marker. *Live*: seen in the
//! image's file system. *Hidden* (in JSON `shadowed`): stored in a layer, not seen. *Payer*: the
//! layer that stores hidden bytes. *Culprit*: the layer whose instruction is to blame for them.

pub mod access;
pub mod analysis;
pub mod attribution;
pub mod breakdown;
pub mod budget;
pub mod cache;
pub mod checklist;
pub mod compare;
pub mod config;
#[cfg(feature = "daemon")]
pub mod daemon;
pub mod dive;
pub mod dockerfile;
pub mod edits;
pub mod environment;
pub mod error;
pub mod extract;
pub mod facts;
pub mod files;
pub mod history;
pub mod image;
pub mod index;
pub mod layer;
pub mod limits;
pub mod note;
pub mod oci;
mod parallel;
pub mod paths;
pub mod progress;
pub mod provenance;
pub mod pull;
pub mod purl;
pub mod reference;
#[cfg(feature = "registry")]
pub mod registry;
pub mod render;
pub mod report;
pub mod rules;
mod runtime;
pub mod saved;
pub mod source;
pub mod text;
pub mod toc;
#[cfg(feature = "tui")]
pub mod tui;

pub use environment::Environment;
pub use error::{Error, Result};
pub use index::Index;
pub use limits::Limits;
pub use reference::Reference;
pub use report::{Report, ReportOptions};
pub use source::{Options, Source};
