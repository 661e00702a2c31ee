//! A software bill of materials: `CycloneDX` 1.6 (ECMA-424) as JSON.
//!
//! Scanners need the distribution as a component of type operating-system whose name and version are
//! those of `/etc/os-release`, package URLs that name it, and the source package of what Debian and
//! Alpine build. The document depends on the report alone: no time, no random number.

use crate::facts::Ecosystem;
use crate::purl::encoded;
use crate::report::{PackageReport, Report};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::io::{self, Write};

/// The bill of the packages that the finished image has; `ecosystems` leaves out others unless empty.
pub fn bill(report: &Report, ecosystems: &[Ecosystem], out: &mut dyn Write) -> io::Result<()> {
    let wanted = |package: &&PackageReport| package.removed.is_none() && (ecosystems.is_empty() || ecosystems.contains(&package.ecosystem));
    let packages: Vec<&PackageReport> = report.packages.iter().filter(wanted).collect();
    let mut references: Vec<Option<String>> = vec![None; report.packages.len()];
    let mut taken = HashSet::new();
    for package in &packages {
        references[package.number] = Some(reference(package, &mut taken));
    }
    let image = container(report);
    let system = report.image.system.as_ref().map(|system| {
        let mut component =
            json!({"bom-ref": "operating-system", "type": "operating-system", "name": system.id, "version": system.version_id});
        if !system.pretty_name.is_empty() {
            component["description"] = json!(system.pretty_name);
        }
        component
    });

    let metadata = json!({
        "tools": {"components": [{"type": "application", "name": "plimsoll", "version": env!("CARGO_PKG_VERSION")}]},
        "component": image,
    });
    out.write_all(b"{\n\"$schema\":\"http://cyclonedx.org/schema/bom-1.6.schema.json\",\n")?;
    write!(out, "\"bomFormat\":\"CycloneDX\",\n\"specVersion\":\"1.6\",\n\"version\":1,\n\"metadata\":{metadata},\n\"components\":")?;
    let of = |package: &PackageReport| references[package.number].as_deref().unwrap_or_default();
    let components = packages.iter().map(|package| component(package, of(package)));
    super::json::lines(system.iter().cloned().chain(components), out)?;
    out.write_all(b",\n\"dependencies\":")?;
    // The image needs its distribution and what is of no distribution; that needs its packages.
    let (of_system, others): (Vec<&PackageReport>, Vec<_>) = packages.iter().partition(|package| package.ecosystem.is_system());
    let names = |list: &[&PackageReport]| list.iter().map(|package| of(package).to_owned()).collect::<Vec<_>>();
    let mut first = names(&others);
    let mut heads = Vec::new();
    if system.is_some() {
        first.insert(0, "operating-system".to_owned());
        heads.push(json!({"ref": "operating-system", "dependsOn": names(&of_system)}));
    } else {
        first.extend(names(&of_system));
    }
    heads.insert(0, json!({"ref": "image", "dependsOn": first}));
    let needs = packages.iter().map(|package| {
        let needs: Vec<&str> = package.needs.iter().filter_map(|need| references[*need].as_deref()).collect();
        json!({"ref": of(package), "dependsOn": needs})
    });
    super::json::lines(heads.into_iter().chain(needs), out)?;
    out.write_all(b"}\n")
}

/// The image.
fn container(report: &Report) -> Value {
    let image = &report.image;
    let name = image.names.first().map_or("image", String::as_str);
    let mut component = json!({"bom-ref": "image", "type": "container", "name": name});
    if let Some(digest) = image.manifest_digest.as_ref().or(image.id.as_ref()) {
        component["version"] = json!(digest);
    }
    let mut properties = vec![
        ("plimsoll:content_bytes", report.totals.content_bytes.to_string()),
        ("plimsoll:diff_bytes", (report.totals.diff_bytes + report.overhead.diff_bytes).to_string()),
        ("plimsoll:blob_bytes", (report.totals.blob_bytes + report.overhead.blob_bytes).to_string()),
        ("plimsoll:platform", image.platform.clone()),
    ];
    properties.extend(image.id.iter().map(|id| ("aquasecurity:trivy:ImageID", id.clone())));
    properties.extend(report.layers.iter().filter_map(|layer| Some(("aquasecurity:trivy:DiffID", layer.diff_id.clone()?))));
    component["properties"] = properties_of(properties);
    component
}

/// One package.
fn component(package: &PackageReport, reference: &str) -> Value {
    let (group, name) = crate::purl::split_name(package.ecosystem, &package.name);
    let mut fields = Map::new();
    let mut put = |key: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(key.to_owned(), json!(value));
        }
    };
    put("bom-ref", reference);
    put("type", "library");
    put("group", group);
    put("version", &package.version);
    put("purl", &package.purl);
    fields.insert("name".to_owned(), json!(name));
    let mut properties = vec![
        ("plimsoll:content_bytes", package.all.content_bytes.to_string()),
        ("plimsoll:diff_bytes", package.all.diff_bytes.to_string()),
        ("plimsoll:blob_bytes", package.all.blob_bytes.to_string()),
        ("plimsoll:layer", package.layer.to_string()),
        ("plimsoll:why", if package.base { "base".to_owned() } else { package.why.clone() }),
        ("plimsoll:record", package.record.path.clone()),
    ];
    if package.ecosystem.is_system() && package.ecosystem != Ecosystem::Rpm && !package.source.is_empty() {
        properties.push(("aquasecurity:trivy:SrcName", package.source.clone()));
    }
    fields.insert("properties".to_owned(), properties_of(properties));
    Value::Object(fields)
}

fn properties_of(list: Vec<(&str, String)>) -> Value {
    list.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The package URL; where that is taken, with the file that lists the package, and a number at last.
fn reference(package: &PackageReport, taken: &mut HashSet<String>) -> String {
    let with = |key: &str, value: &str| {
        let joint = if package.purl.contains('?') { '&' } else { '?' };
        format!("{}{joint}{key}={}", package.purl, encoded(value))
    };
    let mut name = package.purl.clone();
    if taken.contains(&name) {
        name = with("file_path", &package.record.path);
    }
    if taken.contains(&name) {
        name = with("number", &package.number.to_string());
    }
    taken.insert(name.clone());
    name
}
