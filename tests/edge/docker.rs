//! Archives of `docker save`.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, digest, gzip, number, tar};
use crate::{BASE_CONTENT, Case, base, dup, run_all, with_base};
use serde_json::{Value, json};

/// What `docker save` wrote through the ages.
struct Docker {
    layers: [Layer; 3],
    config: Vec<u8>,
    ids: [String; 3],
}

impl Docker {
    fn new() -> Self {
        let layers = [Layer::new(&base()).plain(), dup().plain(), dup().plain()];
        let history = json!([{"created_by": "a"}, {"created_by": "b"}, {"created_by": "c"}]);
        let config = ImageSpec::new(&layers).history(history).document();
        Self { layers, config, ids: [0, 1, 2].map(|n| digest(&[b'0' + n])[7..].to_owned()) }
    }

    /// `<id>/{VERSION,json,layer.tar}`; the third layer is a link to the second, which it equals.
    fn members(&self) -> Vec<Entry> {
        let mut members = Vec::new();
        for (number, id) in self.ids.iter().enumerate() {
            let mut v1 = json!({"id": id, "created": "2025-06-15T15:06:40Z", "os": "linux", "architecture": "amd64"});
            if number > 0 {
                v1["parent"] = self.ids[number - 1].as_str().into();
            }
            members.extend([
                Entry::dir(id),
                Entry::file(format!("{id}/VERSION"), "1.0"),
                Entry::file(format!("{id}/json"), v1.to_string()),
            ]);
            members.push(match number {
                2 => Entry::symlink(format!("{id}/layer.tar"), format!("../{}/layer.tar", self.ids[1])),
                _ => Entry::file(format!("{id}/layer.tar"), &self.layers[number].tar),
            });
        }
        members
    }

    fn config_member(&self) -> Entry {
        Entry::file(format!("{}.json", &digest(&self.config)[7..]), &self.config)
    }

    fn manifest(&self, names: &[&str]) -> Entry {
        let layers: Vec<_> = self.ids.iter().map(|id| format!("{id}/layer.tar")).collect();
        let item = |name: &str| json!({"Config": format!("{}.json", &digest(&self.config)[7..]), "RepoTags": [name], "Layers": layers});
        Entry::file("manifest.json", names.iter().map(|name| item(name)).collect::<Value>().to_string())
    }

    fn repositories(&self) -> Entry {
        Entry::file("repositories", json!({"edge/v1": {"latest": self.ids[2]}}).to_string())
    }

    fn whole(&self) -> Vec<Entry> {
        [self.members(), vec![self.config_member(), self.manifest(&["edge/v1:latest"]), self.repositories()]].concat()
    }

    /// Docker 25 and later: blobs, an index, and `manifest.json` beside.
    fn blobs(&self) -> Vec<Entry> {
        let path = |bytes: &[u8]| format!("blobs/sha256/{}", &digest(bytes)[7..]);
        let descriptor = |bytes: &[u8], media: &str| json!({"mediaType": media, "digest": digest(bytes), "size": bytes.len()});
        let layers: Vec<_> = self.layers.iter().map(|layer| descriptor(&layer.tar, support::LAYER)).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": support::MANIFEST, "config": descriptor(&self.config, support::CONFIG), "layers": layers,
        });
        let manifest = manifest.to_string().into_bytes();
        let index = json!({"schemaVersion": 2, "mediaType": support::INDEX, "manifests": [descriptor(&manifest, support::MANIFEST)]});
        let paths: Vec<_> = self.layers.iter().map(|layer| path(&layer.tar)).collect();
        let docker = json!([{"Config": path(&self.config), "RepoTags": null, "Layers": paths}]);
        let blobs = [&self.layers[0].tar, &self.layers[1].tar, &self.config, &manifest];
        let mut members = vec![Entry::dir("blobs"), Entry::dir("blobs/sha256")];
        members.extend(blobs.map(|blob| Entry::file(path(blob), blob)));
        members.push(Entry::file("index.json", index.to_string()));
        members.push(Entry::file("manifest.json", docker.to_string()));
        members.push(Entry::file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#));
        members
    }
}

/// Docker archives of every age hold the same image.
#[test]
fn docker_archives() {
    let docker = Docker::new();
    let layers = &docker.layers;
    let mut first = docker.whole();
    let manifest = first.remove(first.len() - 2);
    first.insert(0, manifest);
    let two = [docker.members(), vec![docker.config_member(), docker.manifest(&["edge/v1:latest", "edge/other:latest"])]].concat();
    let bare = [docker.members(), vec![docker.config_member()]].concat();
    let old = [docker.members(), vec![docker.repositories()]].concat();
    let whole = tar(&docker.whole());
    let good = |name, file, bytes: &[u8]| {
        Case::archive(name, file, bytes, layers).live(&with_base(&["opt/dup.bin"])).hidden(&[("metadata_only", 102_400)]).check(
            |report, _| {
                assert_eq!(number(report, "/totals/content_bytes"), BASE_CONTENT + 2 * 102_400, "a layer counts at each of its places");
            },
        )
    };
    run_all(&[
        good("docker-v1-dup-symlink", "i.tar", &whole),
        good("docker-manifest-first", "i.tar", &tar(&first)),
        good("docker-v25-untagged", "i.tar", &tar(&docker.blobs())).check(|report, _| assert_eq!(report["image"]["names"], json!([]))),
        // Two names of one image are one image: nothing to choose.
        good("docker-two-images", "i.tar", &tar(&two))
            .check(|report, _| assert_eq!(report["image"]["names"], json!(["edge/v1:latest", "edge/other:latest"]))),
        good("docker-v1-gzipped", "i.tar.gz", &gzip(&whole)),
        good("docker-repositories-only", "i.tar", &tar(&old))
            .check(|report, _| assert_eq!(report["image"]["names"], json!(["edge/v1:latest"]))),
        Case::archive("docker-no-manifest", "i.tar", &tar(&bare), &[]).error(3, &["manifest.json", "index.json"]),
        Case::archive("not-an-image", "i.tar", &tar(&[Entry::file("hello", "x")]), &[]).error(3, &["manifest.json", "index.json"]),
        Case::archive("docker-truncated", "i.tar", &whole[..whole.len() / 2], &[]).error(3, &["truncated"]),
    ]);
}
