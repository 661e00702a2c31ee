//! Which sockets Podman's service may listen on (podman-system-service(1), podman(1)).

use super::address::Address;
use super::{Endpoint, Engine};
use crate::environment::Environment;
use crate::error::Result;
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
