//! Bytes that are hashed on their way to whoever reads them.

use crate::error::Result;
use crate::layer::{Hasher, read_fully};
use crate::oci::{Algorithm, Digest};
use crate::parallel::joined;
use std::io::Read;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Builder;

/// How many pieces may wait for the other thread.
const WAITING: usize = 16;

/// Where bytes are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// By the reading thread, where other threads have work of their own.
    Here,
    /// By a second thread, where one large blob is most of the work.
    Beside,
}

/// What `read` makes of a reader, and the digest of all its bytes, though `read` may stop earlier.
pub(crate) fn hash_while<R: Read, T>(
    reader: R,
    algorithm: Algorithm,
    place: Place,
    read: impl FnOnce(&mut dyn Read) -> T,
) -> (T, Result<Digest>) {
    match place {
        Place::Here => here(reader, algorithm, read),
        Place::Beside => std::thread::scope(|scope| {
            let (pieces, received) = sync_channel(WAITING);
            // Where a thread cannot be had, this one does its work.
            let Ok(thread) = Builder::new().spawn_scoped(scope, move || hash(&received, algorithm)) else {
                return here(reader, algorithm, read);
            };
            let see = move |bytes: &[u8]| {
                let _hung_up = pieces.send(bytes.to_vec());
            };
            let (made, rest) = watched(reader, see, read);
            let digest = joined(thread.join().map(Ok));
            (made, rest.and(digest))
        }),
    }
}

fn here<R: Read, T>(reader: R, algorithm: Algorithm, read: impl FnOnce(&mut dyn Read) -> T) -> (T, Result<Digest>) {
    let mut hasher = Hasher::new(algorithm);
    let (made, rest) = watched(reader, |bytes| hasher.update(bytes), read);
    (made, rest.map(|()| hasher.finish()))
}

fn hash(pieces: &Receiver<Vec<u8>>, algorithm: Algorithm) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    for piece in pieces {
        hasher.update(&piece);
    }
    hasher.finish()
}

/// Shows all bytes of `reader` to `see`: those that `read` reads, then the rest.
fn watched<R: Read, T>(reader: R, see: impl FnMut(&[u8]), read: impl FnOnce(&mut dyn Read) -> T) -> (T, Result<()>) {
    let mut tee = Tee { reader, see };
    let made = read(&mut tee);
    let mut piece = vec![0; 256 << 10];
    let rest = loop {
        match read_fully(&mut tee, &mut piece) {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    (made, rest)
}

struct Tee<R, F> {
    reader: R,
    see: F,
}

impl<R: Read, F: FnMut(&[u8])> Read for Tee<R, F> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(out)?;
        (self.see)(&out[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest is what `seq 1 100000 | sha256sum` prints.
    #[test]
    fn all_bytes_are_hashed_wherever_reading_stops() {
        let text = (1..=100_000).map(|number| number.to_string() + "\n").collect::<String>();
        let expected = "sha256:b2bc7d3f8b652d2ec96865b68ad8f80e22cca174abe1aed7889e242a747d590f";
        for place in [Place::Here, Place::Beside] {
            for stop in [0, 1, 70_000, text.len()] {
                let read = |reader: &mut dyn Read| {
                    let mut out = vec![0; stop];
                    reader.read_exact(&mut out).map(|()| out)
                };
                let (out, digest) = hash_while(text.as_bytes(), Algorithm::Sha256, place, read);
                assert_eq!(out.expect("enough bytes"), &text.as_bytes()[..stop]);
                assert_eq!(digest.expect("no error").as_str(), expected, "{place:?}, stopped after {stop}");
            }
        }
    }
}
