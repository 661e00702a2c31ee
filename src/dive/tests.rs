//! Expected numbers and JSON are those `dive` 0.13.1 gave for the same layers.

use super::go::go_file_mode;
use super::{Dive, Entry, FileLists, FileReference, LayerLabel, Numbers};

/// A layer as text, an entry a word: `name`, or `name/` for a directory, then `=size`, or `~size` for a hard link.
fn add(dive: &mut Dive, layer: &str) {
    let mut builder = dive.layer(LayerLabel::default());
    for word in layer.split_whitespace() {
        let (path, type_flag, size) = match (word.split_once('='), word.split_once('~')) {
            (Some((name, size)), _) if name.ends_with('/') => (name, b'5', size.parse().unwrap_or(0)),
            (Some((name, size)), _) => (name, b'0', size.parse().unwrap_or(0)),
            (_, Some((name, size))) => (name, b'1', size.parse().unwrap_or(0)),
            _ if word.ends_with('/') => (word, b'5', 0),
            _ => (word, b'0', 0),
        };
        builder.add(&Entry { path: path.as_bytes(), type_flag, link_name: b"", size, mode: 0o644, uid: 0, gid: 0 });
    }
    builder.finish();
}

fn image(layers: &[&str]) -> Dive {
    let mut dive = Dive::new(FileLists::Keep);
    for layer in layers {
        add(&mut dive, layer);
    }
    dive
}

/// Compares the two numbers `dive` prints in full, and its percentage in the four digits it prints.
#[track_caller]
fn check(layers: &[&str], efficiency: f64, wasted: u64, percent: &str) {
    let Numbers { efficiency: found, wasted_bytes, user_wasted_percent, .. } = image(layers).numbers();
    assert_eq!(found.to_bits(), efficiency.to_bits(), "{found} is not {efficiency}");
    assert_eq!(wasted_bytes, wasted);
    assert_eq!(format!("{:.4}", user_wasted_percent * 100.0), percent);
}

const BASE: &str = "a/ a/f=1000 a/sub/ a/sub/g=300 top=70 empty";

/// As dive 0.13.1 prints: all copies are wasted, the live one too.
#[test]
fn rewritten() {
    check(&[BASE, "a/f=1000", "a/f=1000"], 0.406_528_189_910_979_2, 3000, "150.0000");
    check(&[BASE, "a/ a/f=400 empty"], 0.435_028_248_587_570_6, 1400, "350.0000");
    check(&["a=2097152", "a=1"], 4.768_369_308_295_58e-7, 2_097_153, "209715300.0000");
}

/// As dive 0.13.1 prints: a directory whited out is seen once, so nothing is wasted.
#[test]
fn whiteouts() {
    check(&[BASE, ".wh.a"], 1.0, 0, "NaN");
    check(&[BASE, ".wh.a a/.wh.sub a/sub/.wh.g"], 0.898_989_898_989_899, 300, "inf");
    check(&[BASE, "a/.wh.f a/f=20", ".wh.a a/ a/new=8", ".wh.a"], 0.268_847_795_163_584_65, 1028, "3671.4286");
    check(&[BASE, "a/new=10", ".wh.a"], 1.0, 0, "0.0000");
    check(&[".wh.a a/f=10 a/ b=3"], 1.0, 0, "NaN");
}

/// As dive 0.13.1 prints: what sorts after the whiteout is not counted, and the path not found counts −1.
#[test]
fn whiteout_of_nothing_abandons_the_layer() {
    check(&[BASE, "0=9 .wh.gone a/f=100 top=3", "top=4 gone=8"], 0.949_348_769_898_697_5, 74, "59.6774");
    check(&["+=0", "+=5 .wh.gone"], -0.2, 5, "100.0000");
}

/// As dive 0.13.1 prints: opaque markers hide nothing.
#[test]
fn opaque() {
    check(&[BASE, "a/ a/.wh..wh..opq a/f=3"], 0.271_667_880_553_532_4, 1003, "33433.3333");
}

/// As dive 0.13.1 prints: a change of type is not seen, and a file over a directory keeps the children.
#[test]
fn changes_of_type() {
    check(&[BASE, "a=8", ".wh.a", "a=2 a/q=2"], 0.994_202_898_550_724_6, 8, "66.6667");
    check(&["a=5 a=7 x/ x=9 y=1 y/", "a=2 a=1 .wh.x .wh.y"], 0.058_823_529_411_764_705, 17, "566.6667");
}

/// As dive 0.13.1 prints: the size in a link's header counts.
#[test]
fn links_with_size() {
    check(&["a l~1234 s~99 dir/=4096", "l=4 .wh.dir"], 0.440_654_843_110_504_8, 9430, "235750.0000");
}

/// As dive 0.13.1 prints: below `..` a name is another one in the stack than in its layer.
#[test]
fn names_that_lead_out() {
    check(&["../x=5 ../d/f=4 ../d/ y=6", "../.wh.x .wh.d y=1", "../.wh.d .wh... y=1", "../.wh.d y=1"], 0.52, 13, "433.3333");
}

/// As dive 0.13.1 prints for an image without layers and for layers without entries.
#[test]
fn nothing() {
    check(&[], 1.0, 0, "NaN");
    check(&["", BASE, "", ""], 1.0, 0, "0.0000");
}

/// As dive 0.13.1 lists: by size, of equal ones the last found first.
#[test]
fn references() {
    let found = image(&[BASE, "a/f=1 top empty b=1001", "b"]).references();
    let reference = |file: &str, size_bytes| FileReference { count: 2, size_bytes, file: file.into() };
    assert_eq!(found, [reference("/b", 1001), reference("/a/f", 1001), reference("/top", 70), reference("/empty", 0)]);
}

/// As dive 0.13.1 writes, byte for byte: `\ufffd` for each byte that is not UTF-8, Go's escapes, a parent that no
/// entry names.
#[test]
fn json() -> std::io::Result<()> {
    let mut dive = Dive::new(FileLists::Keep);
    let label = LayerLabel { id: "i".into(), digest: "sha256:d".into(), command: "/bin/sh -c a <&> \u{2028} \"q\"".into() };
    let mut layer = dive.layer(label);
    layer.add(&Entry { path: b"/d\t\x08\x1b/a\xff\xe2\x82", type_flag: b'2', link_name: b"\\", size: 5, mode: 0o4777, uid: 7, gid: 8 });
    layer.finish();
    let mut json = Vec::new();
    dive.write_json(&mut json)?;
    let expected = r#"{
  "layer": [
    {
      "index": 0,
      "id": "i",
      "digestId": "sha256:d",
      "sizeBytes": 5,
      "command": "a \u003c\u0026\u003e \u2028 \"q\"",
      "fileList": [
        {
          "path": "/d\t\b\u001b/a\ufffd\ufffd\ufffd",
          "typeFlag": 50,
          "linkName": "\\",
          "size": 5,
          "fileMode": 142606847,
          "uid": 7,
          "gid": 8,
          "isDir": false
        },
        {
          "path": "",
          "typeFlag": 0,
          "linkName": "",
          "size": 0,
          "fileMode": 0,
          "uid": 0,
          "gid": 0,
          "isDir": false
        }
      ]
    }
  ],
  "image": {
    "sizeBytes": 5,
    "inefficientBytes": 0,
    "efficiencyScore": 1,
    "fileReference": []
  }
}"#;
    assert_eq!(String::from_utf8_lossy(&json), expected);
    Ok(())
}

/// As dive 0.13.1 writes `fileMode`.
#[test]
fn modes() {
    assert_eq!(go_file_mode(0o1777, b'5'), (1 << 31) | (1 << 20) | 0o777);
    assert_eq!(go_file_mode(0o104_755, b'0'), (1 << 23) | 0o755);
    assert_eq!(go_file_mode(0o040_755, b'0'), (1 << 31) | 0o755);
    assert_eq!(go_file_mode(0o600, b'3'), (1 << 26) | (1 << 21) | 0o600);
}

/// A hostile image: neither depth nor nested whiteouts may cost more than their names, nor overflow the call stack.
#[test]
fn deep_paths() {
    let deep = "d/".repeat(100_000);
    let file = format!("{deep}f=1");
    let whiteouts: Vec<String> = (0..100).map(|depth| format!("{}.wh.d", "d/".repeat(depth * 10))).collect();
    let dive = image(&[&file, &whiteouts.join(" "), &file]);
    assert_eq!(dive.numbers().size_bytes, 2);
    assert!(dive.write_json(&mut std::io::sink()).is_ok());
}

/// A layer that is not finished leaves nothing behind.
#[test]
fn abandoned_layer() {
    let mut dive = image(&["a=1"]);
    dive.layer(LayerLabel::default()).add(&Entry { path: b"a", type_flag: b'0', link_name: b"", size: 9, mode: 0, uid: 0, gid: 0 });
    add(&mut dive, "b=1");
    assert_eq!(dive.numbers().size_bytes, 2);
    assert_eq!(dive.references(), []);
}
