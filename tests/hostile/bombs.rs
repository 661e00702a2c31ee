//! What unpacks to more than anybody has.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, Outcome, gzip, layout};
use crate::{MIB, bomb, bounded, bounded_process, header, run};
use std::io::Write;
use std::process::Stdio;

/// Threat 6: decompressed sizes are limited, in a layer and in an archive compressed as a whole.
#[test]
fn gzip_bombs() {
    let file = header(b'0', b"zeros", 100 << 30);
    let bomb = bomb(&file, &vec![0; 16 * MIB], 64, &[]);
    let layout = layout(std::slice::from_ref(&bomb));
    let outcome = run(64, &[layout.arg(), "--limit", "output=100MB", "--format", "json"]);
    outcome.assert_status(5);
    assert_eq!(outcome.json()["limits_hit"][0]["limit"], "output");
    // As an archive, and once more inside one: gzip in gzip.
    let whole = Outcome::of(bounded(64).args(["-", "--limit", "output=100MB"]).write_stdin(bomb.blob.clone()));
    let nested = gzip(&support::docker_archive(&ImageSpec::new(&[bomb]), &["a:1"]));
    let nested = Outcome::of(bounded(64).args(["-", "--limit", "output=100MB", "--no-verify"]).write_stdin(nested));
    for outcome in [whole, nested] {
        outcome.assert_status(5);
        assert!([&outcome.stderr, &outcome.text()].iter().any(|text| text.contains("output")), "{outcome:?}");
    }
}

/// Threat 6: a pipe that never ends is left at the limit.
#[test]
fn a_pipe_without_end() {
    let mut command = bounded_process(64);
    command.args(["-", "--limit", "output=100MB"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary runs");
    let mut pipe = child.stdin.take().expect("piped");
    let writer = std::thread::spawn(move || {
        let zeros = vec![0; MIB];
        let mut written = 0;
        let mut going = pipe.write_all(&header(b'0', b"endless", 1 << 50)).is_ok();
        // Far beyond the limit, so that a reader without one fails the test and hangs nothing.
        while going && written < 2000 {
            going = pipe.write_all(&zeros).is_ok();
            written += 1;
        }
        written
    });
    assert_eq!(child.wait().expect("a child").code(), Some(5));
    assert!(writer.join().expect("the writer ends") < 2000, "the reader went away");
}

/// A zstd frame of one raw block, for a window of 2^`log` bytes.
fn zstd_frame(log: u8, content: &[u8]) -> Vec<u8> {
    let block = (u32::try_from(content.len()).expect("small") << 3 | 1).to_le_bytes();
    [&0xFD2F_B528_u32.to_le_bytes()[..], &[0, (log - 10) << 3], &block[..3], content].concat()
}

/// Threat 6: a window of 2 GiB is refused; the largest that is allowed, in many layers at once,
/// shares one budget and does not wait for itself.
#[test]
fn zstd_windows() {
    let layers = |log: u8| -> Vec<_> {
        let of = |n: u8| {
            let layer = Layer::new(&[Entry::file(format!("f{n}"), [n; 100])]);
            let frame = zstd_frame(log, &layer.tar);
            layer.blob(frame).media_type(support::LAYER_ZSTD)
        };
        (0..8).map(of).collect()
    };
    let refused = layout(&layers(31)[..1]);
    let outcome = run(64, &[refused.arg(), "--format", "json"]);
    outcome.assert_status(5);
    assert!([outcome.stderr.clone(), outcome.text()].concat().contains("zstd-window-log"), "{outcome:?}");
    let allowed = layout(&layers(27));
    run(400, &[allowed.arg(), "--threads", "8"]).assert_status(0);
}
