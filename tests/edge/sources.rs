//! What is broken or absent, and indexes.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, Layout, digest, layout, named, number};
use crate::{BASE, Case, Made, base, dup, run_all, with_base};
use serde_json::json;

/// What is broken is told with its place; what is absent is told and the rest is weighed.
#[test]
fn broken_and_absent() {
    let one = Layer::new(&base());
    let mut wrong = one.tar.clone();
    wrong[148..156].copy_from_slice(b"0000000\0");
    let cut = one.blob[..one.blob.len() - 40].to_vec();
    let swapped = layout(std::slice::from_ref(&one));
    std::fs::write(swapped.blob_path(&digest(&one.blob)), dup().blob).expect("writable");
    let mut foreign = one.clone().absent().media_type("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    foreign.urls = vec!["https://example.com/layer.tar.gz".into()];
    let mut windows = ImageSpec::new(&[foreign.clone(), dup()]);
    windows.os = "windows".into();
    let foreign = [foreign, dup()];
    let artifact = Layout::new();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": support::MANIFEST, "artifactType": "application/vnd.example.sbom",
        "config": artifact.blob(b"{}", "application/vnd.oci.empty.v1+json"), "layers": [artifact.blob(b"{}", "application/json")],
    });
    artifact.index(&[artifact.blob(manifest.to_string().as_bytes(), support::MANIFEST)]);
    let empty = Layout::new();
    empty.index(&[]);
    run_all(&[
        Case::tar("bad-checksum", wrong).error(3, &["layer 1", "checksum"]),
        Case::layers("truncated-gzip", &[one.clone().blob(cut)]).error(3, &["layer 1"]),
        Case::layers("missing-blob", &[one.clone().absent()]).status(5).notes(&["blob-absent"]).check(|report, _| {
            assert_eq!(report["complete"], false);
            assert_eq!(report["layers"][0]["present"], false);
            assert!(number(report, "/layers/0/declared_bytes") > 0, "its size is known all the same");
        }),
        Case::new("digest-mismatch", Made::Layout(swapped), &[])
            .error(3, &["layer 1", "digest mismatch", "expected sha256:", "found sha256:"]),
        Case::new("foreign-layer", Made::Layout(Layout::of(&windows)), &foreign).status(5).notes(&["blob-absent"]).check(|report, _| {
            assert_eq!(report["layers"][0]["foreign"], true);
            assert_eq!(number(report, "/live/content_bytes"), 102_400, "the rest is weighed");
        }),
        Case::new("foreign-layer, allowed", Made::Layout(Layout::of(&windows)), &foreign)
            .args(&["--allow-incomplete"])
            .live(&["opt/dup.bin"]),
        Case::new("artifact-not-image", Made::Layout(artifact), &[]).error(3, &["artifact"]),
        Case::new("empty-index", Made::Layout(empty), &[]).error(3, &["index.json", "manifest"]),
    ]);
}

/// Indexes: nested, of several platforms or names, with attestations that are no images.
#[test]
fn indexes() {
    let of = |architecture: &str| {
        let mut entries = base();
        entries.push(Entry::file("arch", architecture));
        Layer::new(&entries)
    };
    let multi = || {
        let layout = Layout::new();
        let mut arm = ImageSpec::new(&[of("arm64")]).architecture("arm64");
        arm.variant = Some("v8".into());
        let manifests = [layout.image(&ImageSpec::new(&[of("amd64")])), layout.image(&arm)];
        layout.index(&[named(layout.nested(&manifests), "latest")]);
        Made::Layout(layout)
    };
    let live = with_base(&["arch"]);
    let one = Layer::new(&base());
    let provenance = Layout::new();
    let image = provenance.image(&ImageSpec::new(std::slice::from_ref(&one)));
    let statement =
        json!({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {}});
    let statement = statement.to_string().into_bytes();
    let config =
        json!({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(&statement)]}});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": support::MANIFEST, "config": provenance.blob(config.to_string().as_bytes(), support::CONFIG),
        "layers": [provenance.blob(&statement, "application/vnd.in-toto+json")],
    });
    let mut attestation = provenance.blob(manifest.to_string().as_bytes(), support::MANIFEST);
    attestation["platform"] = json!({"architecture": "unknown", "os": "unknown"});
    attestation["annotations"] =
        json!({"vnd.docker.reference.digest": image["digest"], "vnd.docker.reference.type": "attestation-manifest"});
    provenance.index(&[named(provenance.nested(&[image, attestation]), "latest")]);
    let tags = || {
        let layout = Layout::new();
        let first = layout.image(&ImageSpec::new(std::slice::from_ref(&one)));
        let second = layout.image(&ImageSpec::new(&[one.clone(), dup()]));
        layout.index(&[named(first, "1.0"), named(second, "2.0")]);
        Made::Layout(layout)
    };
    run_all(&[
        Case::new("multi-arch, amd64", multi(), &[of("amd64")]).args(&["--platform", "linux/amd64"]).live(&live).check(|report, _| {
            assert_eq!(report["image"]["platform"], "linux/amd64");
        }),
        Case::new("multi-arch, arm64", multi(), &[of("arm64")]).args(&["--platform", "linux/arm64/v8"]).live(&live).check(|report, _| {
            assert_eq!(report["image"]["platform"], "linux/arm64/v8");
        }),
        Case::new("multi-arch, none such", multi(), &[])
            .args(&["--platform", "linux/s390x"])
            .error(3, &["linux/s390x", "linux/amd64", "linux/arm64/v8"]),
        Case::new("provenance", Made::Layout(provenance), std::slice::from_ref(&one)).live(&BASE).check(|report, _| {
            assert_eq!(report["image"]["platform"], "linux/amd64");
        }),
        Case::new("two-tags, unsaid", tags(), &[]).error(2, &["--image", "1.0", "2.0", "@0", "@1"]),
        Case::new("two-tags, 1.0", tags(), std::slice::from_ref(&one)).args(&["--image", "1.0"]).live(&BASE),
        Case::new("two-tags, @1", tags(), &[one.clone(), dup()]).args(&["--image", "@1"]).live(&with_base(&["opt/dup.bin"])),
    ]);
}
