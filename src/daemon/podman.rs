//! Which sockets Podman's service may listen on (podman-system-service(1), podman(1)), and Podman's
//! own program, which needs no service.

use super::address::Address;
use super::program::{Exported, ask, command, is_missing};
use super::{Endpoint, Engine, check_name};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::oci::Digest;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Places where Podman's service may be, the likeliest first: `CONTAINER_HOST` alone if it is set,
/// else the sockets of the user `uid` and of the system.
pub fn podman_endpoints(environment: &Environment, uid: u32) -> Result<Vec<Endpoint>> {
    let endpoint = |address, found_by: &str| Endpoint { engine: Engine::Podman, address, found_by: found_by.to_owned() };
    if let Some(host) = environment.text("CONTAINER_HOST")? {
        let address = Address::parse(host, None).map_err(|error| super::docker::found("CONTAINER_HOST", error))?;
        return Ok(vec![endpoint(address, "CONTAINER_HOST")]);
    }
    let mut directories: Vec<PathBuf> = Vec::new();
    let runtime = environment.get("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    for directory in runtime.into_iter().chain([Path::new("/run/user").join(uid.to_string()), "/run".into()]) {
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    Ok(directories.into_iter().map(|directory| endpoint(Address::Unix(directory.join("podman/podman.sock")), "default socket")).collect())
}

/// The id of the image `name`, asked of the program `podman`: most people who have it run no service.
/// `None` where it has none of that name.
pub fn podman_image(name: &str, environment: &Environment) -> Result<Option<Digest>> {
    check_name(name)?;
    let place = format!("asking the program `podman` for `{name}`");
    let mut command = command("podman", environment)?;
    command.args(["image", "inspect", "--format", "{{.Id}}", name]);
    let (status, answer, words) = ask(command, &place)?;
    if status.success() {
        // Podman leaves the algorithm off.
        let id = if answer.contains(':') { answer } else { format!("sha256:{answer}") };
        return Digest::parse(&id).map(Some).map_err(|error| error.within(&place));
    }
    if is_missing(&words) { Ok(None) } else { Err(Error::network(place, format_args!("{status}: {words}"))) }
}

/// The archive of the image `name`, as the program `podman` saves it.
pub fn podman_export(name: &str, environment: &Environment) -> Result<Box<dyn Read + Send>> {
    check_name(name)?;
    let mut command = command("podman", environment)?;
    command.args(["save", "--quiet", name]);
    Exported::start(command, format!("exporting `{name}` with `podman save`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(environment: &Environment) -> Vec<String> {
        podman_endpoints(environment, 7).expect("valid").iter().map(|endpoint| endpoint.address.to_string()).collect()
    }

    #[test]
    fn a_named_host_alone_else_the_users_socket_before_the_systems() {
        let named = Environment::of([("CONTAINER_HOST", "unix:///x"), ("XDG_RUNTIME_DIR", "/r")]);
        assert_eq!(addresses(&named), ["unix:///x"]);
        let user = ["unix:///run/user/7/podman/podman.sock", "unix:///run/podman/podman.sock"];
        assert_eq!(addresses(&Environment::default()), user);
        assert_eq!(addresses(&Environment::of([("XDG_RUNTIME_DIR", "/run/user/7")])), user);
        assert_eq!(addresses(&Environment::of([("XDG_RUNTIME_DIR", "/r")])), ["unix:///r/podman/podman.sock", user[0], user[1]]);
        let wrong = podman_endpoints(&Environment::of([("CONTAINER_HOST", "ssh://-x")]), 7).expect_err("no host");
        assert!(wrong.to_string().starts_with("CONTAINER_HOST: the engine's address `ssh://-x`"), "{wrong}");
    }
}
