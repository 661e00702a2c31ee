//! Budgets: what an image may weigh, and whether it does.
//!
//! [`Budgets`] are chosen from the configuration and the command line, [`Verdict::of`] holds an [`Analysis`] against them,
//! and where some fail, [`Way`] finds the fewest edits that bring all of them under their limits. All of it is pure: the
//! exit status and the tables are made from the [`Verdict`] elsewhere.

mod atoms;
mod baseline;
mod choice;
mod limit;
mod share;
mod tally;
mod verdict;
mod way;

pub use baseline::{Baseline, Totals};
pub use choice::{Budgets, Wanted};
pub use limit::{Bound, KEYS, Limit, Measure, Steps, Subject, What};
pub use share::Share;
pub use verdict::{Amount, BudgetReport, Kind, Outcome, Verdict};
pub use way::{After, Way, WayEdit};

#[cfg(doc)]
use crate::analysis::Analysis;
