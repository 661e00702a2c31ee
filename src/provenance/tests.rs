//! Statements as anyone may write them. What real ones say is tested through the command line.

use super::*;
use serde_json::{Value, json};

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

fn digests(letters: &str) -> Vec<Option<Digest>> {
    letters.chars().map(|letter| Some(Digest::parse(&digest(letter)).unwrap())).collect()
}

fn chain(letters: &str) -> Value {
    letters.chars().map(|letter| json!({"mediaType": "layer", "digest": digest(letter), "size": 1})).collect()
}

fn at(lines: &[(u64, u64)]) -> Value {
    let ranges: Vec<Value> = lines.iter().map(|(start, end)| json!({"start": {"line": start}, "end": {"line": end}})).collect();
    json!({"locations": [{"ranges": ranges}]})
}

/// Steps with what they left and the lines that asked for it; all others of no file.
fn statement(layers: &Value, locations: &Value, vertices: &Value) -> Value {
    let source = json!({"infos": [{"filename": "Dockerfile"}], "locations": locations});
    json!({"predicate": {
        "buildConfig": {"llbDefinition": vertices},
        "metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"source": source, "layers": layers}},
    }})
}

#[track_caller]
fn read(statement: &Value, layers: &str) -> Provenance {
    Provenance::read(statement.to_string().as_bytes(), &digests(layers)).unwrap()
}

fn lines(found: &Provenance) -> Vec<(u32, u32)> {
    found.layers.iter().map(|lines| lines.map_or((0, 0), |lines| (lines.start, lines.end))).collect()
}

/// A base of two layers, a RUN of three lines, a linked COPY whose own blob is a chain of one, and a WORKDIR.
fn linked() -> Value {
    let layers = json!({
        "step0:0": [chain("ab")], "step1:0": [chain("abc")], "step2:0": [chain("d")], "step3:0": [chain("abcd")],
        "step4:0": [chain("abcde")],
    });
    let locations = json!({
        "step0": {"locations": [{"ranges": [{"start": {"line": 7}}]}, {"ranges": [{"start": {"line": 1}, "end": {"line": 1}}]}]},
        "step1": at(&[(9, 9), (8, 8), (10, 10)]), "step2": at(&[(11, 11)]), "step3": at(&[(11, 11)]), "step4": at(&[(12, 12)]),
    });
    let source = |name: &str| json!({"Op": {"source": {"identifier": name}}});
    let vertices = json!([
        {"id": "step0", "op": source(&format!("docker-image://docker.io/library/python:3@{}", digest('f')))},
        {"id": "step1", "op": {"Op": {"exec": {}}}, "inputs": ["step0:0"]},
        {"id": "step2", "op": {"Op": null}, "inputs": []},
        {"id": "step3", "op": null, "inputs": ["step1:0", "step2:0"]},
        {"id": "step4", "inputs": ["step3:0"]},
        {"id": "step5", "op": source("local://context"), "inputs": null},
    ]);
    statement(&layers, &locations, &vertices)
}

#[test]
fn layers_have_the_lines_of_the_step_that_left_them() {
    let found = read(&linked(), "abcde");
    assert_eq!(lines(&found), [(7, 7), (7, 7), (8, 10), (11, 11), (12, 12)]);
    assert_eq!(found.matched, Some(Matched::Digests));
    let from = found.from.unwrap();
    let image = from.image.unwrap();
    assert_eq!((from.layers, image.name.as_str()), (2, "python:3"));
    assert_eq!(image.digest.unwrap().as_str(), digest('f'));
}

#[test]
fn blobs_that_were_made_anew_are_told_by_their_order_or_not_at_all() {
    let found = read(&linked(), "12345");
    assert_eq!(found.matched, Some(Matched::Order));
    assert_eq!(lines(&found), [(7, 7), (7, 7), (8, 10), (11, 11), (12, 12)], "the linked blob is not the first layer");
    for other in ["2345", "012345", ""] {
        let found = read(&linked(), other);
        assert_eq!((found.matched, found.from, found.layers.len()), (None, None, 0), "{other:?}");
    }
    // Two of the longest: either may be the image's.
    let mut two = linked();
    two["predicate"]["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["layers"]["step9:0"] = json!([chain("abcdf")]);
    assert_eq!(read(&two, "12345").matched, None);
    assert_eq!(read(&two, "abcde").matched, Some(Matched::Digests));
    // Where the lowest digest is not known, none above is compared.
    let mut unknown = digests("abcde");
    unknown[0] = None;
    let found = Provenance::read(two.to_string().as_bytes(), &unknown).unwrap();
    assert_eq!(found.matched, None);
}

#[test]
fn a_step_may_leave_blobs_of_several_compressions() {
    let layers = json!({"step0:0": [chain("01"), chain("ab")], "step1:0": [chain("012"), chain("abc")]});
    let found = read(&statement(&layers, &json!({"step1": at(&[(3, 3)])}), &json!([])), "abc");
    assert_eq!(lines(&found), [(0, 0), (0, 0), (3, 3)]);
}

/// The image is named by what the lowest own step stands on, where its blobs are not told.
#[test]
fn the_base_is_below_the_first_own_step() {
    let mut told = linked();
    let layers = &mut told["predicate"]["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["layers"];
    layers.as_object_mut().unwrap().remove("step0:0");
    let from = read(&told, "abcde").from.unwrap();
    assert_eq!((from.layers, from.image.unwrap().name.as_str()), (2, "python:3"));
    // A circle of steps ends.
    told["predicate"]["buildConfig"]["llbDefinition"] =
        json!([{"id": "step1", "inputs": ["step3:0"]}, {"id": "step3", "inputs": ["step1:0"]}, {"id": "step0", "inputs": ["step0:0"]}]);
    assert_eq!(read(&told, "abcde").from, None);
}

#[test]
fn from_scratch_is_told_by_a_first_step_of_ones_own() {
    let layers = json!({"step0:0": [chain("01")], "step2:0": [chain("a")], "step4:0": [chain("ab")]});
    let image = json!({"Op": {"source": {"identifier": "docker-image://docker.io/library/golang:1"}}});
    let vertices = json!([{"id": "step0", "op": image}, {"id": "step2", "inputs": ["step0:0"]}, {"id": "step4", "inputs": ["step2:0"]}]);
    let locations = json!({"step2": at(&[(5, 5)]), "step4": at(&[(6, 6)])});
    let found = read(&statement(&layers, &locations, &vertices), "ab");
    assert_eq!(found.from, Some(BuiltFrom { layers: 0, image: None }));
    assert_eq!(lines(&found), [(5, 5), (6, 6)]);
    // Of unknown steps nothing is known.
    assert_eq!(read(&statement(&layers, &locations, &json!([])), "ab").from, None);
}

#[test]
fn what_is_no_line_is_no_line() {
    let layers = json!({"step0:0": [chain("a")], "step1:0": [chain("ab")], "step2:0": [chain("abc")]});
    let text = |text: &str| crate::text::base64(text.as_bytes());
    let cases = [
        (at(&[(0, 0)]), (0, 0)),
        (at(&[(0, 9), (2, 0)]), (2, 2)),
        (at(&[(2, 1)]), (2, 2)),
        (at(&[(2, 4)]), (0, 0)),
        (at(&[(2, u64::MAX)]), (0, 0)),
        (at(&[(1 << 32, 1 << 32)]), (0, 0)),
        (at(&[]), (0, 0)),
        (json!({"locations": []}), (0, 0)),
        (json!({"locations": null}), (0, 0)),
        (json!({}), (0, 0)),
        (Value::Null, (0, 0)),
        // Of another file than the last layer's.
        (json!({"locations": [{"sourceIndex": 7, "ranges": [{"start": {"line": 1}}]}]}), (0, 0)),
    ];
    for (location, expected) in cases {
        let mut all = statement(&layers, &json!({"step1": location, "step2": at(&[(3, 3)])}), &json!([]));
        let infos = &mut all["predicate"]["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["source"]["infos"];
        *infos = json!([{"filename": "Dockerfile", "data": text("FROM a\nRUN b\nRUN c\n")}]);
        assert_eq!(lines(&read(&all, "abc")), [(0, 0), expected, (3, 3)], "{location}");
    }
    // A file that is not there has neither name nor text, and lines all the same.
    let far = json!({"step2": {"locations": [{"sourceIndex": u64::MAX, "ranges": [{"start": {"line": 3}}]}]}});
    let found = read(&statement(&layers, &far, &json!([])), "abc");
    assert_eq!((found.dockerfile.as_deref(), lines(&found)), (None, vec![(0, 0), (0, 0), (3, 3)]));
}

#[test]
fn a_file_that_is_no_base64_or_too_large_is_left_out() {
    let of = |data: &str| {
        let mut all = linked();
        let infos = &mut all["predicate"]["metadata"]["https://mobyproject.org/buildkit@v1#metadata"]["source"]["infos"];
        *infos = json!([{"filename": "Dockerfile", "data": data}]);
        read(&all, "abcde")
    };
    assert_eq!(of(&crate::text::base64(b"FROM a\nRUN b\n")).steps.len(), 2);
    let large = crate::text::base64(&b"RUN a\n".repeat(200_000));
    for rubbish in ["*", "RlJPTSBh!", "RlJPTSBhCg", large.as_str()] {
        let found = of(rubbish);
        assert_eq!((found.steps.len(), lines(&found)[2]), (0, (8, 10)));
    }
    assert!(of(&crate::text::base64(b"\xff\xfe\0")).steps.is_empty());
}

/// Wrong types, numbers that no type holds, digests that are none: an error that says so.
#[test]
fn nonsense_is_an_error() {
    let deep = format!("{}{}", r#"{"predicate":{"metadata":"#, "[".repeat(100_000));
    let metadata = |text: &str| format!(r#"{{"predicate":{{"metadata":{{"https://mobyproject.org/buildkit@v1#metadata":{text}}}}}}}"#);
    let blob = |digest: &str| metadata(&format!(r#"{{"layers":{{"step0:0":[[{{"digest":"{digest}"}}]]}}}}"#));
    let many = |count: usize| format!("[{}null]", "null,".repeat(count));
    let steps = (0..10_001).map(|number| format!(r#""step{number}:0":[]"#)).collect::<Vec<_>>().join(",");
    let rows = [
        String::new(),
        "[]".into(),
        "{}".into(),
        r#"{"predicate":null}"#.into(),
        r#"{"predicate":7}"#.into(),
        r#"{"predicate":{"materials":{}}}"#.into(),
        r#"{"predicate":{"buildConfig":{"llbDefinition":"x"}}}"#.into(),
        r#"{"predicate":{"buildConfig":{"llbDefinition":[{"id":7}]}}}"#.into(),
        metadata("7"),
        metadata(r#"{"layers":[]}"#),
        metadata(r#"{"layers":{"step0:0":{}}}"#),
        metadata(r#"{"layers":{"step0:0":[[{"size":1}]]}}"#),
        metadata(r#"{"source":{"locations":{"step0":{"locations":[{"ranges":[{"start":{"line":-1}}]}]}}}}"#),
        metadata(r#"{"source":{"locations":{"step0":{"locations":[{"ranges":[{"start":{"line":1e400}}]}]}}}}"#),
        metadata(r#"{"source":{"locations":{"step0":{"locations":[{"ranges":[{"start":{"line":1.5}}]}]}}}}"#),
        metadata(&format!(r#"{{"source":{{"infos":{}}}}}"#, many(101).replace("null", "{}"))),
        metadata(&format!(r#"{{"layers":{{"step0:0":{}}}}}"#, many(17).replace("null", "[]"))),
        metadata(&format!(r#"{{"layers":{{{steps}}}}}"#)),
        blob("sha256:../../etc/passwd"),
        blob(&digest('a').replace("sha256", "md5")),
        blob(&digest('A')),
        deep,
    ];
    for row in rows {
        let error = Provenance::read(row.as_bytes(), &digests("a")).err();
        assert!(error.is_some(), "{}", row.get(..200).unwrap_or(&row));
    }
}

/// A million of what is folded takes no more than the text.
#[test]
fn long_lists_are_folded() {
    const MANY: usize = 1_000_000;
    let all = |ranges: &str, more: &str, inputs: &str| {
        let whole =
            statement(&json!({"step0:0": [chain("a")]}), &json!({"step0": {"locations": ["LOCATIONS"]}}), &json!([{"inputs": ["INPUTS"]}]));
        let whole = whole.to_string().replace("\"LOCATIONS\"", &format!("{{\"ranges\":[{ranges}]}}{more}"));
        let whole = whole.replace("\"INPUTS\"", &format!("\"step0:0\"{inputs}"));
        lines(&Provenance::read(whole.as_bytes(), &digests("a")).unwrap())
    };
    let range = |line: usize| format!("{{\"start\":{{\"line\":{line}}}}}");
    assert_eq!(all(&range(4), "", ""), [(4, 4)]);
    let ranges = format!("{},{}{}", range(9), format!("{},", range(7)).repeat(MANY), range(3));
    assert_eq!(all(&ranges, "", ""), [(3, 9)]);
    assert_eq!(all(&range(4), &",{}".repeat(MANY), &",\"step0:0\"".repeat(MANY)), [(4, 4)]);
}

#[test]
fn keys_that_are_no_steps_are_passed_over() {
    let layers = json!({"step": [chain("a")], "stepx:0": [chain("a")], "step-1:0": [chain("a")], "step4294967296:0": [chain("a")], "": []});
    let found = read(&statement(&layers, &json!({"": at(&[(1, 1)]), "step99999999999": at(&[(1, 1)])}), &json!([{"id": "x"}, {}])), "a");
    assert_eq!((found.matched, found.layers.len()), (None, 0));
}

#[test]
fn images_are_read_from_their_package_urls() {
    let image = |uri: &str| BaseImage::of_purl(uri, None);
    let hex = "0".repeat(64);
    let cases = [
        ("pkg:docker/alpine@3.17?platform=linux%2Famd64", "alpine:3.17", Some("linux/amd64")),
        ("pkg:docker/registry.example.com%3A5000/team/app@1.0", "registry.example.com:5000/team/app:1.0", None),
        ("pkg:docker/alpine", "alpine", None),
        ("pkg:docker/alpine@latest?platform=linux%2Farm64%2Fv8&digest=x", "alpine:latest", Some("linux/arm64/v8")),
        ("pkg:oci/app@%e4%zz%", "app:\u{fffd}%zz%", None),
    ];
    for (uri, name, platform) in cases {
        let found = image(uri).unwrap();
        assert_eq!((found.name.as_str(), found.platform.as_deref(), found.digest), (name, platform, None), "{uri}");
    }
    let found = image(&format!("pkg:docker/alpine@sha256%3A{hex}?digest=sha256:{hex}")).unwrap();
    assert_eq!(found.name, format!("alpine@sha256:{hex}"));
    assert_eq!((found.digest.unwrap().hex(), found.pinned), (hex.as_str(), true));
    assert!(image(&format!("pkg:docker/alpine@3?digest=sha256:{hex}&platform=linux%2Famd64")).unwrap().pinned);
    assert!(!image("pkg:docker/alpine@3?platform=linux%2Famd64").unwrap().pinned);
    assert_eq!(image("https://example.com/a.git"), None);
    assert_eq!(image(&format!("pkg:docker/{}", "a".repeat(2000))), None);
}

#[test]
fn tools_of_the_builder_are_no_base() {
    let materials = |names: &[&str]| {
        let rows: Vec<Value> = names.iter().map(|name| json!({"uri": format!("pkg:docker/{name}"), "digest": {"sha256": "x"}})).collect();
        read(&json!({"predicate": {"buildDefinition": {"resolvedDependencies": rows}}}), "a")
    };
    let only = |names: &[&str]| materials(names).only_image().map(|image| image.name.clone());
    assert_eq!(only(&["docker/dockerfile@1", "python@3"]).as_deref(), Some("python:3"));
    assert_eq!(only(&["docker/dockerfile@1"]), None);
    assert_eq!(only(&["golang@1", "alpine@3"]), None);
    assert_eq!(materials(&["a"; 500]).images.len(), IMAGES);
}
