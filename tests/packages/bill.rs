//! The `CycloneDX` document: it follows the published schema and says what scanners need.

use crate::support::{Entry, layout_of, run, testdata};
use crate::{Sample, archives};
use serde_json::{Value, json};

fn bill(image: &str, options: &[&str]) -> Value {
    let outcome = run(&[&["packages", image, "--format", "cyclonedx"], options].concat());
    outcome.assert_status(0);
    outcome.json()
}

/// What the schema cannot say: references are unique and lead somewhere.
fn assert_references(bill: &Value) {
    let known: Vec<&str> = bill["components"]
        .as_array()
        .expect("components")
        .iter()
        .map(|one| one["bom-ref"].as_str().expect("a reference"))
        .chain(["image"])
        .collect();
    let mut unique = known.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), known.len(), "{known:?}");
    for dependency in bill["dependencies"].as_array().expect("dependencies") {
        assert!(known.contains(&dependency["ref"].as_str().expect("a reference")), "{dependency}");
        for needed in dependency["dependsOn"].as_array().expect("a list") {
            assert!(known.contains(&needed.as_str().expect("a reference")), "{dependency}");
        }
    }
}

/// Valid by the schema of `CycloneDX` 1.6, for every image at hand.
#[test]
fn follows_the_published_schema() {
    let schema = std::fs::read(testdata("cyclonedx/bom-1.6.schema.json")).expect("test data");
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    // Licences and signatures: our bills have none.
    let registry = jsonschema::Registry::new()
        .add("http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json", json!({"type": "string"}))
        .and_then(|registry| {
            registry.add("http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json", json!({"definitions": {"signature": {}}}))
        })
        .and_then(jsonschema::RegistryBuilder::prepare)
        .expect("valid schemas");
    let validator = jsonschema::options().with_registry(&registry).build(&schema).expect("a valid schema");
    let sample = Sample::new().layout();
    let mut images = archives();
    images.push(sample.path().to_owned());
    for image in images {
        let bill = bill(image.to_str().expect("plain"), &[]);
        let errors: Vec<String> = validator.iter_errors(&bill).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", image.display());
        assert_references(&bill);
    }
    assert!(!validator.is_valid(&json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]})));
}

/// The distribution, package URLs, the source package, weights, who needs whom; nothing that was removed.
#[test]
fn says_what_scanners_need() {
    let layout = Sample::new().layout();
    let bill = bill(layout.arg(), &[]);
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    assert_eq!(bill["metadata"]["component"]["type"], "container");
    assert!(bill["metadata"]["component"]["version"].as_str().is_some_and(|digest| digest.starts_with("sha256:")));
    let components = bill["components"].as_array().expect("components");
    let named = |name: &str| components.iter().find(|one| one["name"] == name);
    let system = named("debian").expect("the distribution");
    assert_eq!((&system["type"], &system["version"]), (&json!("operating-system"), &json!("12")));
    assert!(named("curl").is_none(), "it was removed");
    let libc = named("libc6").expect("it is there");
    assert_eq!(libc["purl"], "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc");
    let property = |name: &str| {
        let all = libc["properties"].as_array().expect("properties").iter();
        all.filter(|one| one["name"] == name).map(|one| one["value"].as_str().expect("text").to_owned()).collect::<String>()
    };
    assert_eq!(property("aquasecurity:trivy:SrcName"), "glibc");
    assert_eq!(property("plimsoll:content_bytes"), (20_000 + crate::LIBC.len()).to_string());
    assert_eq!((property("plimsoll:layer"), property("plimsoll:why").as_str()), ("0".to_owned(), "base"));
    let tool = named("tool").expect("it is there");
    assert_eq!((&tool["group"], &tool["purl"]), (&json!("@scope"), &json!("pkg:npm/%40scope/tool@2.0.0")));
    let needs = |name: &str| {
        let all = bill["dependencies"].as_array().expect("dependencies").iter();
        all.filter(|one| one["ref"].as_str().is_some_and(|found| found.contains(name)))
            .map(|one| one["dependsOn"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(needs("libcurl4"), [json!([libc["bom-ref"]])]);
    assert_eq!(needs("operating-system")[0].as_array().expect("a list").len(), 2);
}

/// Equal packages at several places have references of their own.
#[test]
fn references_are_unique() {
    let package = r#"{"name":"twin","version":"1.0.0"}"#;
    let layout = layout_of(&[&[
        Entry::file("a/node_modules/twin/package.json", package),
        Entry::file("b/node_modules/twin/package.json", package),
        Entry::file("c/node_modules/twin/package.json", package),
    ]]);
    let bill = bill(layout.arg(), &[]);
    assert_references(&bill);
    let references: Vec<&Value> = bill["components"].as_array().expect("components").iter().map(|one| &one["bom-ref"]).collect();
    assert_eq!(references.len(), 3);
    assert_eq!(references[1], "pkg:npm/twin@1.0.0?file_path=%2Fb%2Fnode_modules%2Ftwin%2Fpackage.json");
}
