//! One blob that can be read only once, scanned and hashed side by side while it is read.

use crate::error::{Error, Result};
use crate::layer::{Changeset, Context, Hasher, scan as scan_layer};
use crate::oci::{Algorithm, Digest};
use crate::parallel::joined;
use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

/// What passes between threads at a time, and how many of them may wait.
pub(super) const CHUNK: usize = 256 << 10;
const WAITING: usize = 8;

/// What is hashed.
#[derive(Clone, Copy)]
pub(super) struct Hashes {
    /// The blob as stored.
    pub(super) stored: Option<Algorithm>,
    /// What it unpacks to.
    pub(super) diff: Option<Algorithm>,
}

/// Scans `first` and all that `more` reads after it, until that reads nothing; gives the scan and
/// the digest of the stored bytes.
pub(super) fn scan(
    first: Vec<u8>,
    more: impl FnMut(&mut [u8]) -> Result<usize>,
    hashes: Hashes,
    context: &Context,
) -> Result<(Result<Changeset>, Option<Digest>)> {
    std::thread::scope(|scope| {
        let (blocks, received) = sync_channel(WAITING);
        let diff = hashes.diff;
        let scanner = Builder::new().spawn_scoped(scope, move || scan_layer(Blocks::new(received), context, diff)).map_err(no_thread)?;
        let (to_hash, hasher) = match hashes.stored {
            None => (None, None),
            Some(algorithm) => {
                let (blocks, received) = sync_channel(WAITING);
                let hasher = Builder::new().spawn_scoped(scope, move || hash(&received, algorithm)).map_err(no_thread)?;
                (Some(blocks), Some(hasher))
            }
        };
        let sent = send(first, more, [Some(blocks), to_hash]);
        let scan = joined(scanner.join());
        let digest = hasher.map(|hasher| joined(hasher.join().map(Ok))).transpose()?;
        sent?;
        Ok((scan, digest))
    })
}

fn no_thread(error: std::io::Error) -> Error {
    Error::io("starting a thread")(error)
}

/// What passes from thread to thread.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    filled: usize,
}

/// Reads on and gives each block to all that still listen: a scan that failed has hung up.
fn send(mut first: Vec<u8>, mut more: impl FnMut(&mut [u8]) -> Result<usize>, to: [Option<SyncSender<Arc<Block>>>; 2]) -> Result<()> {
    let filled = first.len();
    first.resize(CHUNK.max(filled), 0);
    let mut block = Arc::new(Block { bytes: first, filled });
    let mut sent = VecDeque::new();
    while block.filled > 0 {
        for sender in to.iter().flatten() {
            let _hung_up = sender.send(Arc::clone(&block));
        }
        sent.push_back(block);
        let mut next = unused(&mut sent);
        next.filled = more(&mut next.bytes)?;
        block = Arc::new(next);
    }
    drop(to); // hangs up: the blob is at its end
    Ok(())
}

/// The block that was sent first, if nobody reads it any more: memory in use costs neither page
/// faults nor zeroes.
fn unused(sent: &mut VecDeque<Arc<Block>>) -> Block {
    let oldest = sent.pop_front().map(Arc::try_unwrap);
    match oldest {
        Some(Ok(block)) => block,
        in_use => {
            sent.extend(in_use.and_then(Result::err));
            Block { bytes: vec![0; CHUNK], filled: 0 }
        }
    }
}

fn hash(blocks: &Receiver<Arc<Block>>, algorithm: Algorithm) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    for block in blocks {
        hasher.update(&block.bytes[..block.filled]);
    }
    hasher.finish()
}

/// Blocks from another thread, as a reader.
struct Blocks {
    from: Receiver<Arc<Block>>,
    block: Arc<Block>,
    at: usize,
}

impl Blocks {
    fn new(from: Receiver<Arc<Block>>) -> Self {
        Self { from, block: Arc::default(), at: 0 }
    }
}

impl Read for Blocks {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.block.filled {
            let Ok(block) = self.from.recv() else { return Ok(0) };
            (self.block, self.at) = (block, 0);
        }
        let count = out.len().min(self.block.filled - self.at);
        out[..count].copy_from_slice(&self.block.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
