//! What each command takes.

mod about;
mod advice;
#[cfg(feature = "daemon")]
mod build;
mod check;
mod content;
mod diff;
#[cfg(feature = "tui")]
mod explore;
mod format;
mod judging;
mod output;
mod packages;
mod size;
mod source;
mod store;
pub(super) mod values;

pub(crate) use about::*;
pub(crate) use advice::*;
#[cfg(feature = "daemon")]
pub(crate) use build::*;
pub(crate) use check::*;
pub(crate) use content::*;
pub(crate) use diff::*;
#[cfg(feature = "tui")]
pub(crate) use explore::*;
pub(crate) use format::*;
pub(crate) use judging::*;
pub(crate) use output::*;
pub(crate) use packages::*;
pub(crate) use size::*;
pub(crate) use source::*;
pub(crate) use store::*;
