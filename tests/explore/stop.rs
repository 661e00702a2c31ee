//! What is read or written, and not wanted any more: it stops, and the explorer goes on.

use crate::real::{PATIENCE, Tmux, explore};
use crate::scripted::{Reply, Request, Scripted};
use crate::support::{Entry, ImageSpec, Layer, Layout};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry whose one layer comes a byte at a time, but for those times that are named.
fn registry(whole: &'static [usize]) -> Scripted {
    let mut state = 7u64;
    let random = std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    });
    let large: Vec<u8> = random.take(1 << 20).collect();
    let layer = Layer::new(&[Entry::file("large", &large), Entry::file("small", "all that it says\n")]);
    let layout = Layout::of(&ImageSpec::new(&[layer]));
    let read = |digest: &str| std::fs::read(layout.path().join("blobs/sha256").join(&digest["sha256:".len()..])).expect("a blob");
    let digest = |value: &Value| value["digest"].as_str().expect("a digest").to_owned();
    let index: Value = serde_json::from_slice(&std::fs::read(layout.path().join("index.json")).expect("an index")).expect("JSON");
    let manifest = read(&digest(&index["manifests"][0]));
    let document: Value = serde_json::from_slice(&manifest).expect("JSON");
    let (config, layer) = (digest(&document["config"]), digest(&document["layers"][0]));
    let blobs: HashMap<String, Vec<u8>> = [config, layer.clone()].into_iter().map(|digest| (digest.clone(), read(&digest))).collect();
    let asked = AtomicUsize::new(0);
    Scripted::start(move |request: &Request, _| {
        let path = request.plain_path();
        let name = path.rsplit('/').next().unwrap_or_default();
        match blobs.get(name) {
            Some(bytes) if name == layer && request.method == "GET" => {
                let slow = !whole.contains(&asked.fetch_add(1, Ordering::Relaxed));
                let reply = Reply::ok(bytes.clone());
                if slow { reply.drip(Duration::from_millis(1)) } else { reply }
            }
            Some(bytes) => Reply::ok(bytes.clone()),
            None if path.contains("/manifests/") => Reply::ok(manifest.clone()).header("content-type", TYPE),
            None => Reply::ok("{}"),
        }
    })
}

/// Waits until so many answers were broken off by whoever asked.
#[track_caller]
fn unheard(server: &Scripted, times: usize) {
    let start = Instant::now();
    while server.unheard() < times {
        assert!(start.elapsed() < PATIENCE, "the read goes on: {} answers were broken off, not {times}", server.unheard());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn open(name: &str, server: &Scripted) -> Tmux {
    let tmux = Tmux::new(name, (100, 30));
    tmux.type_line(&explore(&format!("docker://{}/app:v1", server.other_name())));
    tmux.wait("2 Tree");
    tmux.keys(&["/"]);
    tmux.run(&["send-keys", "-l", "small"]);
    tmux.keys(&["Enter"]);
    tmux.wait("1 hit");
    tmux
}

fn write(tmux: &Tmux, to: &Path) {
    tmux.keys(&["C-e", "C-u"]);
    tmux.run(&["send-keys", "-l", to.to_str().expect("a plain path")]);
    tmux.keys(&["Enter"]);
    tmux.wait_for(|screen| screen.contains("writing …") && screen.contains(" read · Esc stops it"));
    assert!(to.exists(), "it is begun");
}

/// A file whose layer does not come to an end is left, and others can be looked at.
#[test]
fn a_read_is_stopped() {
    let server = registry(&[0, 2]);
    let tmux = open("stop-read", &server);
    tmux.keys(&["Enter"]);
    tmux.wait_for(|screen| screen.contains("/small  of layer 1") && screen.contains(" read ") && screen.contains("Esc stops it"));
    assert_eq!(server.unheard(), 0);
    tmux.keys(&["Escape"]);
    tmux.wait("2 Tree");
    unheard(&server, 1);
    tmux.keys(&["Enter"]);
    tmux.wait("all that it says");
    tmux.keys(&["q"]);
    tmux.wait("2 Tree");
    tmux.quit("q");
}

#[test]
fn a_write_is_stopped_and_leaves_nothing() {
    let server = registry(&[0, 2]);
    let directory = tempfile::tempdir().expect("a directory");
    let (one, all) = (directory.path().join("one"), directory.path().join("all/"));
    let tmux = open("stop-write", &server);
    write(&tmux, &one);
    // Whatever is done meanwhile, it is told and can be stopped.
    tmux.keys(&["j"]);
    tmux.wait("Esc stops it");
    tmux.keys(&["Escape"]);
    tmux.wait("stopped; ");
    unheard(&server, 1);
    assert!(!one.exists(), "half a file is none");
    // The same again, to its end; and what was looked for is there still.
    tmux.keys(&["k"]);
    tmux.wait("1 hit");
    tmux.keys(&["n", "C-e", "C-u"]);
    tmux.run(&["send-keys", "-l", one.to_str().expect("a plain path")]);
    tmux.keys(&["Enter"]);
    tmux.wait(" written");
    assert_eq!(std::fs::read_to_string(&one).expect("a file"), "all that it says\n");
    // What is marked, below a directory.
    tmux.keys(&["m", "x", "C-u"]);
    tmux.run(&["send-keys", "-l", &format!("{}/", all.display())]);
    tmux.keys(&["Enter"]);
    tmux.wait("Esc stops it");
    tmux.keys(&["Escape"]);
    tmux.wait("stopped; what was written before is below");
    unheard(&server, 2);
    assert_eq!(std::fs::read_dir(&all).expect("a directory").count(), 0);
    tmux.quit("q");
}

/// Whoever leaves waits for nobody, and half a file does not stay either.
#[test]
fn leaving_stops_it_too() {
    let server = registry(&[0]);
    let directory = tempfile::tempdir().expect("a directory");
    let to = directory.path().join("one");
    let tmux = open("stop-leave", &server);
    write(&tmux, &to);
    tmux.quit("q");
    assert!(!to.exists());
    unheard(&server, 1);
}
