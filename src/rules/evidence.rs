//! What the image says of its own purpose: what it runs, how it was made, what is in it.

use super::Guard;
use super::pattern::matches;
use crate::attribution::Attribution;
use crate::facts::Fact;
use crate::image::Image;
use crate::index::Index;
use crate::runtime::Runtime;
use std::collections::HashSet;

/// Evidence that guards ask for.
#[derive(Debug)]
pub struct Evidence {
    /// Words of entrypoint, command and health check, and the programs' base names.
    words: Vec<String>,
    /// Hashes of the words in shell scripts that are started (`facts::word`).
    script_words: HashSet<u64>,
    /// `ecosystem:name` of every live package.
    packages: HashSet<String>,
    /// Readable instructions.
    history: Vec<String>,
    env: Vec<(String, String)>,
    labels: HashSet<String>,
    builds: bool,
    runtime: Runtime,
}

/// Programs that are started to build, or to be typed at.
const BUILDERS: [&str; 22] = [
    "gitlab-runner-helper",
    "jenkins-agent",
    "jenkins-slave",
    "actions-runner",
    "buildkitd",
    "dockerd",
    "code-server",
    "jupyter",
    "jupyter-lab",
    "jupyter-notebook",
    "jupyterhub",
    "R",
    "rstudio-server",
    "cargo",
    "rustc",
    "go",
    "gcc",
    "make",
    "mvn",
    "gradle",
    "cmake",
    "bazel",
];

/// Shells, which as a command say that nothing is served.
const SHELLS: [&str; 6] = ["bash", "sh", "ash", "dash", "zsh", "fish"];

/// Variables that the official images of tool chains set.
const TOOLCHAINS: [&str; 10] = [
    "GOLANG_VERSION",
    "RUSTUP_HOME",
    "GCC_VERSION",
    "MAVEN_HOME",
    "GRADLE_HOME",
    "DOTNET_SDK_VERSION",
    "ANDROID_HOME",
    "LLVM_VERSION",
    "SWIFT_VERSION",
    "GHC_VERSION",
];

/// Packages that need a compiler or headers when the program runs.
const COMPILE_AT_RUN_TIME: [&str; 18] = [
    "pypi:triton",
    "pypi:cupy*",
    "pypi:theano*",
    "pypi:pymc*",
    "pypi:pystan",
    "pypi:cmdstanpy",
    "pypi:xformers",
    "pypi:vllm",
    "pypi:deepspeed",
    "pypi:flash-attn",
    "pypi:pyximport",
    "pypi:torch",
    "pypi:jax",
    "pypi:numba-*",
    "deb:r-base-core",
    "gem:rubyinline",
    "deb:libinline-c-perl",
    "pypi:pythran",
];

impl Evidence {
    /// Gathers it.
    pub fn new(index: &Index, attribution: &Attribution<'_>) -> Self {
        let image = index.image();
        let config = image.config();
        let history = instructions(image);
        let started: Vec<&String> = config.entrypoint.iter().chain(&config.cmd).collect();
        let mut words: Vec<String> = Vec::new();
        for text in started.iter().copied().chain(&config.healthcheck.test) {
            split_words(text, &mut words);
        }
        // OCI's configuration has no health check; history still tells of it.
        for line in history.iter().filter(|line| line.starts_with("HEALTHCHECK ")) {
            split_words(line, &mut words);
        }
        let script_words = script_words(index, &words);
        let env: Vec<(String, String)> =
            config.env.iter().filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let packages = attribution.packages().iter().filter(|installed| installed.is_live());
        let packages = packages.map(|installed| format!("{}:{}", installed.ecosystem().name(), installed.package.name)).collect();
        let first = started.iter().map(|word| base_name(word)).find(|word| !SHELLS.contains(word) && !word.starts_with('-'));
        let shell_only = first.is_none();
        let builder = first.is_some_and(|first| BUILDERS.contains(&first));
        let toolchain = env.iter().any(|(name, _)| TOOLCHAINS.contains(&name.as_str()));
        let labels: HashSet<String> = config.labels.keys().cloned().collect();
        let builds = labels.contains("devcontainer.metadata") || builder || (shell_only && toolchain);
        Self { words, script_words, packages, history, env, labels, builds, runtime: Runtime::new(index, attribution) }
    }

    /// What the finished image needs.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Whether the image's purpose is building.
    pub fn builds(&self) -> bool {
        self.builds
    }

    /// Whether something in it compiles at run time.
    pub fn compiles(&self) -> bool {
        COMPILE_AT_RUN_TIME.iter().any(|package| self.has_package(package))
    }

    /// Whether what the image starts, or its health check, names a program, or a shell script that is started does.
    pub fn runs(&self, program: &str) -> bool {
        self.words.iter().any(|word| matches(program.as_bytes(), word.as_bytes()))
            || self.script_words.contains(&crate::facts::word(program.as_bytes()))
    }

    fn has_package(&self, pattern: &str) -> bool {
        if pattern.contains(['*', '?', '[']) {
            return self.packages.iter().any(|package| matches(pattern.as_bytes(), package.as_bytes()));
        }
        self.packages.contains(pattern)
    }

    /// Paths that environment variables name, without the leading slash; the search paths are not among them.
    pub(super) fn named_paths(&self) -> Vec<&str> {
        let named =
            self.env.iter().filter(|(name, _)| name != "PATH" && name != "PWD" && name != "HOME" && !name.ends_with("_LIBRARY_PATH"));
        named
            .filter_map(|(_, value)| value.strip_prefix('/'))
            .map(|path| path.trim_end_matches('/'))
            .filter(|path| path.contains('/'))
            .collect()
    }

    /// `NAME`, set to anything, or `NAME=VALUE`.
    fn has_env(&self, wanted: &str) -> bool {
        let (name, wanted) = wanted.split_once('=').map_or((wanted, None), |(name, value)| (name, Some(value)));
        self.env.iter().any(|(known, value)| known == name && wanted.map_or(!value.is_empty(), |wanted| value == wanted))
    }

    /// Whether what a guard asks for is there, but for `file` and `env_path`, which are about paths.
    pub(super) fn holds(&self, guard: &Guard) -> bool {
        let any = |list: &[String], test: &dyn Fn(&str) -> bool| list.is_empty() || list.iter().any(|wanted| test(wanted));
        (!guard.builds || self.builds())
            && (!guard.compiles || self.compiles())
            && any(&guard.env, &|wanted| self.has_env(wanted))
            && any(&guard.command, &|program| self.runs(program))
            && any(&guard.package, &|package| self.has_package(package))
            && any(&guard.history, &|text| self.history.iter().any(|line| line.contains(text)))
            && any(&guard.label, &|label| self.labels.contains(label))
    }
}

/// The directory that a variable of the image names, without slashes around it; none where that could be taken for a
/// pattern.
pub(super) fn directory<'i>(image: &'i Image, name: &str) -> Option<&'i str> {
    let (_, value) = image.config().env.iter().filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name)?;
    let path = value.strip_prefix('/')?.trim_matches('/');
    let plain =
        !path.is_empty() && !path.contains(['*', '?', '[', ']', '{', '}']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    plain.then_some(path)
}

/// Every instruction that history has, those without a layer too.
fn instructions(image: &Image) -> Vec<String> {
    image.history.iter().map(|row| crate::history::Instruction::parse(row).text).collect()
}

/// What is in the shell scripts among words of a command line.
fn script_words(index: &Index, words: &[String]) -> HashSet<u64> {
    const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut started = HashSet::new();
    let config = index.image().config();
    for word in words.iter().filter(|word| word.len() <= 4096) {
        let candidates: Vec<String> = if word.starts_with('/') {
            vec![word.clone()]
        } else if word.contains('/') {
            vec![format!("{}/{word}", config.working_dir)]
        } else {
            config.variable("PATH").unwrap_or(PATH).split(':').take(100).map(|directory| format!("{directory}/{word}")).collect()
        };
        let found = candidates.iter().find_map(|path| index.find(path.as_bytes()));
        started.extend(found.map(|placed| index.data(&placed)).map(|placed| (placed.layer, placed.number)));
    }
    let mut all = HashSet::new();
    for (_, fact) in index.facts().filter(|(placed, _)| started.contains(&(placed.layer, placed.number))) {
        if let Fact::Script(script) = fact {
            all.extend(&script.words);
        }
    }
    all
}

/// The words of a command line, programs by their base names too.
fn split_words(text: &str, words: &mut Vec<String>) {
    const MOST: usize = 1000;
    for word in
        text.split([' ', '\t', '\n', ';', '|', '&', '(', ')', '"', '\'', '`', '$', '=', ',', '[', ']']).filter(|word| !word.is_empty())
    {
        if words.len() >= MOST {
            return;
        }
        words.push(word.to_owned());
        let base = base_name(word);
        if base != word && !base.is_empty() {
            words.push(base.to_owned());
        }
    }
}

fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}
