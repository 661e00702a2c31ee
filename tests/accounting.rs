//! Every byte has the fate that the OCI image specification and real engines give it.
//!
//! `cases`, `hard_links` and `symbolic_links` tell each rule by a stack of a few lines; `random` compares stacks that nobody thought
//! of with what `umoci` puts on disk. `PLIMSOLL_CASES` and `PLIMSOLL_SEED` make it try others.

mod support;

#[path = "accounting/books.rs"]
mod books;
#[path = "accounting/cases.rs"]
mod cases;
#[path = "accounting/content.rs"]
mod content;
#[path = "accounting/hard_links.rs"]
mod hard_links;
#[path = "accounting/random.rs"]
mod random;
#[path = "support/stack.rs"]
mod stack;
#[path = "accounting/symbolic_links.rs"]
mod symbolic_links;
