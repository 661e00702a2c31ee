//! The whole tree by directory, for a page whose map has it cut: names to be searched, and directories to be looked into.
//!
//! Columns of all nodes in their order, one after the other, compressed with zlib (RFC 1950) and written in base64. First a
//! column of names, one a line: empty is what is folded or a directory's own. All others are numbers of base 128, the lowest
//! seven bits first, as in protocol buffers: the length of the names in bytes and how many nodes there are come before all
//! columns, then follow `children, layers, package, rule` of all nodes as in [`super::data`] (package and rule plus 2), and of
//! those with nothing below `parts`, for each of its layers as there, and then for each part entries, content, how much more the tar has than entries of that
//! content need at least, and where it is known the blob bytes. What has something below is the sum of that.

use super::data::{Tables, by_layer, cut, is_there, mask, pieces};
use crate::breakdown::{Label, Node, Tree};
use crate::layer::Measures;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::{self, Write};

/// Nodes that a page may hold in all: 150,000 files take some 1.5 MB of it.
pub(super) const MOST: usize = 300_000;

/// Bytes of names; those of 300,000 files are rarely half of that.
const NAMES: usize = 8 << 20;

/// What layers may have of nodes: for most files it is one layer.
const PIECES: usize = 2 * MOST;

/// Whether its names, and what each layer has of it, are no more than a page may hold.
pub(super) fn has_room(tree: &Tree) -> bool {
    let length = |node: &Node| if let Label::Path(name) = &node.label { name.len() } else { 0 };
    tree.nodes.iter().map(length).sum::<usize>() <= NAMES && pieces(tree) <= PIECES
}

/// A tree that the script unpacks when the page stands.
pub(super) fn pack(tree: &Tree, tables: &mut Tables, pull: bool) -> io::Result<String> {
    let mut names = Vec::new();
    let mut columns = vec![Vec::new(); 4];
    let mut books = vec![Vec::new(); 5];
    for node in &tree.nodes {
        if let Label::Path(name) = &node.label {
            names.extend_from_slice(cut(name).as_bytes());
        }
        names.push(b'\n');
        let [set, package, rule] = tables.shared(node);
        for (column, value) in
            columns.iter_mut().zip([node.children as u64, set.cast_unsigned(), (package + 2).cast_unsigned(), (rule + 2).cast_unsigned()])
        {
            number(column, value);
        }
        if node.children == 0 {
            for parts in by_layer(node) {
                leaf(&mut books, &parts, pull);
            }
        }
    }
    let mut head = Vec::new();
    number(&mut head, names.len() as u64);
    number(&mut head, tree.nodes.len() as u64);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    for part in [head, names].iter().chain(&columns).chain(&books) {
        packed.write_all(part)?;
    }
    Ok(STANDARD.encode(packed.finish()?))
}

fn leaf(books: &mut [Vec<u8>], parts: &[Measures; 4], pull: bool) {
    number(&mut books[0], mask(parts).into());
    for part in parts.iter().filter(|part| is_there(part)) {
        number(&mut books[1], part.entries);
        number(&mut books[2], part.content_bytes);
        let least = part.content_bytes.div_ceil(512).saturating_add(part.entries).saturating_mul(512);
        let more = part.diff_bytes.cast_signed().wrapping_sub(least.cast_signed());
        number(&mut books[3], ((more << 1) ^ (more >> 63)).cast_unsigned());
        if pull {
            number(&mut books[4], part.blob_bytes);
        }
    }
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
