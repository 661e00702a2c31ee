//! Every byte has the fate that the OCI image specification and real engines give it.
//!
//! `cases` tells each rule by a stack of a few lines; `random` compares stacks that nobody thought
//! of with what `umoci` puts on disk. `PLIMSOLL_CASES` and `PLIMSOLL_SEED` make it try others.

mod support;

#[path = "accounting/books.rs"]
mod books;
#[path = "accounting/cases.rs"]
mod cases;
#[path = "accounting/content.rs"]
mod content;
#[path = "accounting/random.rs"]
mod random;
#[path = "support/stack.rs"]
mod stack;
