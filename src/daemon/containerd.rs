//! Images in containerd's store, through the command lines that come with it: `nerdctl`, else `ctr`.

use super::check_name;
use super::program::{Exported, command};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::oci::Platform;
use std::io::Read;

/// The archive of the image `name` in the namespace of `CONTAINERD_NAMESPACE`, as it is exported.
///
/// Whether the program succeeded is known at the end alone: a failure is an error there, not an
/// archive that happens to be short.
pub fn containerd_export(name: &str, platform: Option<&Platform>, environment: &Environment) -> Result<Box<dyn Read + Send>> {
    check_name(name)?;
    let namespace = environment.text("CONTAINERD_NAMESPACE")?.unwrap_or("default");
    // containerd's own grammar (`pkg/identifiers`), so that it is no option and no path.
    if !namespace.starts_with(|c: char| c.is_ascii_alphanumeric())
        || !namespace.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        return Err(Error::Usage(format!("CONTAINERD_NAMESPACE `{}`: expected letters, digits and `._-`", namespace.escape_debug())));
    }
    let program = if environment.program("nerdctl").is_some() { "nerdctl" } else { "ctr" };
    let mut command = command(program, environment)?;
    command.args(["--namespace", namespace]);
    if let Some(address) = environment.text("CONTAINERD_ADDRESS")? {
        command.args(["--address", address]);
    }
    match program {
        "nerdctl" => command.arg("save"),
        _ => command.args(["images", "export"]),
    };
    if let Some(platform) = platform {
        command.args(["--platform", &platform.to_string()]);
    }
    match program {
        "nerdctl" => command.arg(name),
        _ => command.args(["-", &full(name)]),
    };
    Exported::start(command, format!("exporting `{name}` from containerd's namespace `{namespace}` with `{program}`"))
}

/// The name as containerd's store has it: Docker's defaults are spelled out there.
fn full(name: &str) -> String {
    let host = name.split_once('/').map(|(first, _)| first).filter(|first| first.contains(['.', ':']) || *first == "localhost");
    let prefix = match host {
        Some(_) => "",
        None if name.contains('/') => "docker.io/",
        None => "docker.io/library/",
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    let tag = if last.contains([':', '@']) { "" } else { ":latest" };
    format!("{prefix}{name}{tag}")
}

#[cfg(test)]
mod tests {
    use super::full;

    #[test]
    fn names_are_spelled_out_as_docker_reads_them() {
        for (name, expected) in [
            ("app", "docker.io/library/app:latest"),
            ("app:1", "docker.io/library/app:1"),
            ("team/app", "docker.io/team/app:latest"),
            ("localhost/app:1", "localhost/app:1"),
            ("registry.example.com:5000/app", "registry.example.com:5000/app:latest"),
            ("app@sha256:0", "docker.io/library/app@sha256:0"),
        ] {
            assert_eq!(full(name), expected);
        }
    }
}
