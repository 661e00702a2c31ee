//! The built-in rules, in the order in which they claim entries.

use super::Rule;
use std::sync::OnceLock;

/// Lists the files of rules; a test holds the list against the folder.
macro_rules! catalog {
    ($($id:literal),+ $(,)?) => {
        const FILES: &[(&str, &str)] = &[$(($id, include_str!(concat!($id, ".toml")))),+];
    };
}

// Order: what a later layer merely stored again is settled first, then what an entry is (the more
// specific the earlier), and what is left of the hidden last.
catalog! {
    "layer/metadata-only",
    // Secrets: those of packages and tests before those that matter.
    "secret/in-packages",
    "secret/test-keys",
    "secret/private-key",
    "secret/dotenv",
    "secret/cloud",
    "secret/registry-auth",
    "secret/tfstate",
    "secret/htpasswd",
    "secret/keepass",
    // Source repositories, crashes, editors.
    "vcs/git-dir",
    "vcs/hg-dir",
    "vcs/svn-dir",
    "context/copied-over",
    "context/tests",
    "core/dumps",
    "core/jvm-dumps",
    "user/vscode-server",
    "user/trash",
    // Environments of test runners: with the packages in them.
    "py/tool-caches",
    "pre-commit/cache",
    // Packages that are left out as a whole, with all of their files.
    "apk/virtual-left",
    "py/dev-deps",
    "node/dev-deps",
    "php/dev",
    "build/toolchain",
    "build/vcs-tools",
    "node/system-npm",
    "build/debug-packages",
    "py/system-pip",
    "build/fetch-tools",
    "build/gnupg",
    "os/kernel",
    "py/installers",
    // Leftovers of package managers and build tools.
    "apt/lists",
    "apt/archives",
    "apt/pkgcache",
    "apt/debconf-old",
    "apt/logs",
    "apk/cache",
    "rpm/cache",
    "rpm/db-backup",
    "pacman/cache",
    "pip/cache",
    "uv/cache",
    "poetry/cache",
    "pdm/cache",
    "pipenv/cache",
    "conda/pkgs",
    "npm/cache",
    "npm/logs",
    "yarn/cache",
    "pnpm/store",
    "bun/cache",
    "deno/cache",
    "node/corepack",
    "node/gyp-cache",
    "cargo/registry",
    "rust/target",
    "rustup/toolchain",
    "go/toolchain",
    "go/modcache",
    "go/buildcache",
    "maven/repo",
    "gradle/caches",
    "ivy/cache",
    "nuget/cache",
    "gem/cache",
    "gem/docs",
    "composer/cache",
    "hex/cache",
    "mix/archives",
    "opam/cache",
    "cabal/cache",
    "stack/cache",
    "pub/cache",
    "swiftpm/cache",
    "cpan/cache",
    "luarocks/cache",
    "julia/registries",
    "r/downloads",
    "bazel/cache",
    "ccache/cache",
    "sccache/cache",
    "zig/cache",
    "nim/cache",
    "conan/cache",
    "helm/cache",
    "terraform/cache",
    "terraform/providers",
    // Python: whole trees before what is in them, bytecode last.
    "py/pyc-stale",
    "py/two-interpreters",
    "py/egg-build",
    "py/wheels-left",
    "py/torch-cuda",
    "py/tests-stdlib",
    "py/tests-site",
    "py/stdlib-gui",
    "py/static-config",
    "py/headers",
    "py/cython-c",
    "py/pycache",
    // Node.js and the web.
    "web/next-cache",
    "web/bundler-caches",
    "node/browsers",
    "node/gyp-build",
    "node/prebuilds",
    "node/npm-in-runtime",
    "node/package-junk",
    "node/source-maps",
    "node/headers",
    // Other languages.
    "java/sources-javadoc",
    "java/jdk-leftovers",
    "ruby/tests",
    // Models and data.
    "ml/hf-leftovers",
    "ml/hf-cache",
    "ml/torch-hub",
    "ml/nltk-zips",
    "ml/triton-cache",
    "ml/matplotlib-cache",
    "data/db-files",
    // What a build leaves.
    "build/cmake",
    "build/sources-c",
    "build/debug-files",
    "build/objects",
    "build/static-libs",
    "build/headers",
    "test/coverage-report",
    "test/coverage",
    "editor/projects",
    "editor/junk",
    "home/history",
    // The general ones: by place alone.
    "tmp/installers",
    "tmp/left",
    "log/lastlog",
    "os/hwdb",
    "log/files",
    "log/app",
    "app/man-cache",
    "app/font-cache",
    "os/man",
    "os/info",
    "os/lintian",
    "os/locale",
    "os/i18n",
    "os/icons",
    "os/docs",
    "layer/copied-twice",
    // What is left of the hidden.
    "layer/deleted",
    "layer/overwritten",
}

/// The built-in rules.
pub fn built_in() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    // A file that does not parse fails the catalogue's tests; here it would only be missing.
    RULES.get_or_init(|| FILES.iter().filter_map(|(id, text)| Rule::parse(text, id).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_is_listed_named_after_its_id_and_parses() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let mut files = Vec::new();
        for tool in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            for file in std::fs::read_dir(tool).unwrap().map(|entry| entry.unwrap().path()) {
                if file.extension().is_some_and(|extension| extension == "toml") {
                    files.push(file.strip_prefix(&folder).unwrap().with_extension("").to_str().unwrap().to_owned());
                }
            }
        }
        files.sort();
        let mut listed: Vec<_> = FILES.iter().map(|(id, _)| (*id).to_owned()).collect();
        listed.sort();
        assert_eq!(files, listed);
        for (id, text) in FILES {
            let rule = Rule::parse(text, id).unwrap();
            assert_eq!(rule.id, *id);
            for (what, text) in [("title", &rule.title), ("why", &rule.why), ("fix", &rule.fix)] {
                assert!(!text.trim().is_empty(), "{id} has no {what}");
            }
        }
    }
}
