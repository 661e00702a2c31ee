//! conda packages. Source: conda's documentation, "The conda-meta directory", and conda-build's
//! "Package metadata"; mamba and pixi write the same records.

use super::json::{self, Loose};
use super::names::parent;
use super::{Ecosystem, Fact, Input, Interner, Owned, Package};
use serde::Deserialize;

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    name: Loose,
    #[serde(default)]
    version: Loose,
    #[serde(default)]
    subdir: Loose,
    #[serde(default)]
    depends: Loose,
    #[serde(default)]
    files: Loose,
    #[serde(default)]
    requested_spec: Loose,
    #[serde(default)]
    requested_specs: Loose,
}

/// `conda-meta/NAME-VERSION-BUILD.json`; its paths are relative to the directory above.
pub(super) fn record(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let record: Record = json::read(input.content.whole()?)?;
    let name = record.name.text();
    if name.is_empty() {
        return Err("expected a `name`, found none".to_owned());
    }
    let prefix = interner.path(parent(parent(input.path)));
    let mut files: Vec<_> = record.files.names().iter().map(|file| interner.relative(prefix, file.as_bytes())).collect();
    files.push(interner.path(input.path));
    // `python >=3.9,<3.10.0a0` as a name; what starts with `__` is the machine's.
    let needs = record.depends.names().into_iter().filter_map(|need| need.split([' ', '=', '<', '>', '[']).next().map(str::to_owned));
    let spec = record.requested_spec.text();
    let asked = !matches!(spec.as_str(), "" | "None") || record.requested_specs.names().iter().any(|spec| !spec.is_empty());
    Ok(Fact::Packages(vec![Package {
        ecosystem: Ecosystem::Conda,
        name,
        version: record.version.text(),
        architecture: record.subdir.text(),
        depends: needs.filter(|need| !need.is_empty() && !need.starts_with("__")).map(|need| vec![need]).collect(),
        asked: asked.then_some(true),
        files: Owned::Listed(files),
        ..Package::default()
    }]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, spelled};

    #[test]
    fn record_of_a_package() {
        let text =
            br#"{"build":"h5eee18b_0","depends":["__glibc >=2.17","libgcc-ng >=11.2.0","python>=3"],"name":"zlib","version":"1.2.13",
            "subdir":"linux-64","files":["include/zlib.h","lib/libz.so"],"requested_spec":"SPEC","size":1,"timestamp":1.5}"#;
        for (spec, asked) in [("zlib=1.2", Some(true)), ("None", None), ("", None)] {
            let text = String::from_utf8_lossy(text).replace("SPEC", spec);
            let (paths, found) = fact("opt/conda/conda-meta/zlib-1.2.13-h5eee18b_0.json", text.as_bytes());
            let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
            assert_eq!((packages[0].name.as_str(), packages[0].version.as_str(), packages[0].asked), ("zlib", "1.2.13", asked));
            assert_eq!(packages[0].depends, [["libgcc-ng"], ["python"]]);
            assert_eq!(
                spelled(&paths, &packages[0].files),
                ["/opt/conda/include/zlib.h", "/opt/conda/lib/libz.so", "/opt/conda/conda-meta/zlib-1.2.13-h5eee18b_0.json"]
            );
        }
    }
}
