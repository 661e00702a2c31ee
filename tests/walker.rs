//! The tar walker and the decoders, against GNU tar, the `tar` crate and Python's tarfile.
//!
//! Each archive becomes the only layer of an image; what `plimsoll files` says of its members is
//! compared with what the others say.

mod support;

#[path = "walker/compressed.rs"]
mod compressed;
#[path = "walker/gnu_tar.rs"]
mod gnu_tar;
#[path = "walker/headers.rs"]
mod headers;
#[path = "walker/member.rs"]
mod member;
