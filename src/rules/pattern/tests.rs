use super::*;

const NOTHING: &[Label] = &[];

fn labels(patterns: &[&str], path: &str) -> Vec<Label> {
    let mut compiled = Patterns::default();
    for (label, pattern) in (0..).zip(patterns) {
        compiled.add(pattern, label).unwrap();
    }
    let mut paths = Paths::new();
    let (node, _) = paths.intern_path(path.as_bytes()).unwrap();
    compiled.run(&paths).of(node).to_vec()
}

#[test]
fn patterns_match_whole_paths() {
    let patterns = ["var/lib/apt/lists/**", "**/__pycache__/*.pyc", "**/.cache/{pip,uv}/**", "**/*.log", "a/**/z", "**/id_[re]sa", "x"];
    assert_eq!(labels(&patterns, "var/lib/apt/lists"), NOTHING);
    assert_eq!(labels(&patterns, "var/lib/apt/lists/a/b"), [0]);
    assert_eq!(labels(&patterns, "opt/var/lib/apt/lists/a"), NOTHING);
    assert_eq!(labels(&patterns, "opt/x/__pycache__/m.cpython-311.pyc"), [1]);
    assert_eq!(labels(&patterns, "__pycache__/m.pyc"), [1]);
    assert_eq!(labels(&patterns, "root/.cache/pip/http/a/b.log"), [2, 3]);
    assert_eq!(labels(&patterns, "root/.cache/pip"), NOTHING);
    assert_eq!(labels(&patterns, "a/z"), [4]);
    assert_eq!(labels(&patterns, "a/b/c/z"), [4]);
    assert_eq!(labels(&patterns, "home/id_rsa"), [5]);
    assert_eq!(labels(&patterns, "home/id_dsa"), NOTHING);
    assert_eq!(labels(&patterns, "x"), [6]);
    assert_eq!(labels(&patterns, "x/y"), NOTHING);
}

#[test]
fn globs() {
    for (glob, name, expected) in [
        ("*", "", true),
        ("*a*b", "xxaxxb", true),
        ("*a*b", "xxaxxbc", false),
        ("?", "", false),
        ("[!a-c]?", "dx", true),
        ("[!a-c]?", "bx", false),
        ("core.[0-9]*", "core.12", true),
        ("[", "[", true),
        ("*.tar.gz", "x.tar.gz", true),
        ("*.tar.gz", "tar.gz", false),
        ("*~", "~", true),
        ("lib*", "lib", true),
        ("lib*", "a-lib", false),
        ("*bpf*", "bpf", true),
        ("*bpf*", "libbpf.so", true),
        ("*bpf*", "bp.f", false),
        ("**", "x", true),
    ] {
        assert_eq!(matches(glob.as_bytes(), name.as_bytes()), expected, "{glob} on {name}");
        assert_eq!(Glob::new(glob.as_bytes()).matches(name.as_bytes()), expected, "{glob} on {name}, compiled");
        if !name.is_empty() && glob != "**" {
            let found = labels(&[&format!("**/{glob}"), &format!("a/{glob}")], &format!("a/{name}"));
            assert_eq!(found, if expected { &[0, 1][..] } else { &[] }, "{glob} on {name}, among patterns");
        }
    }
}

#[test]
fn broken_patterns_are_named() {
    let mut patterns = Patterns::default();
    for broken in ["a//b", "{a", "{a,{b}}", "**/**"] {
        assert!(patterns.add(broken, 0).unwrap_err().contains(broken), "{broken}");
    }
}
