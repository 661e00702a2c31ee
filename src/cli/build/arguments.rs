//! What the engine's arguments say that has to be known here: which Dockerfile, which tags.
//!
//! They are read as the engines read them (pflag's grammar), and passed on whatever is read here. An
//! option that is not known takes the word after it, as most do; at worst no Dockerfile is found.

use super::Engine;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Options of `docker build`, `docker buildx build` and `podman build` that take no word after them.
const FLAGS: [&str; 38] = [
    "all-platforms",
    "check",
    "compress",
    "created-annotation",
    "debug",
    "disable-compression",
    "disable-content-trust",
    "force-rm",
    "help",
    "http-proxy",
    "identity-label",
    "inherit-annotations",
    "inherit-labels",
    "layers",
    "load",
    "logsplit",
    "no-cache",
    "no-hostname",
    "no-hosts",
    "omit-history",
    "pull",
    "pull-always",
    "pull-never",
    "push",
    "quiet",
    "rewrite-timestamp",
    "rm",
    "rusage",
    "save-stages",
    "skip-unused-stages",
    "squash",
    "squash-all",
    "stage-labels",
    "stdin",
    "stream",
    "tls-verify",
    "use-http-env",
    "volatile",
];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    pub(super) files: Vec<OsString>,
    pub(super) context: Option<OsString>,
    pub(super) target: Option<String>,
    pub(super) id_file: Option<PathBuf>,
    pub(super) tags: Vec<String>,
    /// What is built may go somewhere else than into the engine's store.
    pub(super) has_output: bool,
    /// Help or a check of the Dockerfile is asked for, and no image.
    pub(super) builds_nothing: bool,
}

impl Arguments {
    pub(super) fn parse(typed: &[OsString], engine: Engine) -> Self {
        let mut found = Self::default();
        let mut plain = Vec::new();
        let mut rest = typed.iter();
        let mut swallowed = None;
        while let Some(word) = rest.next() {
            let text = word.to_string_lossy();
            swallowed = None;
            if text == "--" {
                plain.extend(rest.by_ref().cloned());
            } else if let Some(long) = text.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.into())),
                    None if FLAGS.contains(&long) => (long, None),
                    None => {
                        swallowed = rest.next().cloned();
                        (long, swallowed.clone())
                    }
                };
                found.set(name, value);
            } else if text.len() > 1 && text.starts_with('-') {
                swallowed = found.short(&text[1..], &mut rest);
            } else {
                plain.push(word.clone());
            }
        }
        found.context = match <[OsString; 1]>::try_from(plain) {
            Ok([one]) => Some(one),
            // Docker wants one: then the last word is it, whatever stands before it.
            Err(none) if none.is_empty() && engine == Engine::Docker => swallowed,
            Err(_) => None,
        };
        found
    }

    /// Letters after one hyphen: those that take nothing may be joined, and what follows one that takes a value is its
    /// value. Gives the next word back if it was taken.
    fn short<'w>(&mut self, letters: &str, rest: &mut impl Iterator<Item = &'w OsString>) -> Option<OsString> {
        for (at, letter) in letters.char_indices() {
            let name = match letter {
                'f' => "file",
                't' => "tag",
                'o' => "output",
                'm' | 'c' | 'v' => "",
                'h' => {
                    self.set("help", None);
                    continue;
                }
                _ => continue,
            };
            let joined = &letters[at + 1..];
            if joined.is_empty() {
                let next = rest.next().cloned();
                self.set(name, next.clone());
                return next;
            }
            self.set(name, Some(joined.strip_prefix('=').unwrap_or(joined).into()));
            return None;
        }
        None
    }

    fn set(&mut self, name: &str, value: Option<OsString>) {
        let text = value.as_ref().map(|value| value.to_string_lossy().into_owned());
        match (name, value) {
            ("file", Some(value)) => self.files.push(value),
            ("iidfile", Some(value)) => self.id_file = Some(value.into()),
            ("target", _) => self.target = text.filter(|text| !text.is_empty()),
            ("tag", _) => self.tags.extend(text),
            ("output" | "push", _) => self.has_output = true,
            ("help" | "check", value) => self.builds_nothing |= value.is_none_or(|value| value != "false"),
            ("print", Some(_)) => self.builds_nothing = true,
            ("call", Some(value)) => self.builds_nothing |= value != "build",
            _ => {}
        }
    }

    /// The Dockerfile, if it is a file of this machine.
    pub(super) fn dockerfile(&self, engine: Engine) -> Option<PathBuf> {
        let context = match &self.context {
            Some(context) => Some(Path::new(context)).filter(|context| context.is_dir()),
            None => Some(Path::new(".")).filter(|_| engine == Engine::Podman),
        };
        // Standard input, an archive or an address: its Dockerfile is not here.
        let context = context?;
        let candidates = match (engine, self.files.as_slice()) {
            (Engine::Docker, []) => [in_directory(context, "Dockerfile".as_ref()), in_directory(context, "dockerfile".as_ref())],
            (Engine::Podman, []) => [in_directory(context, "Containerfile".as_ref()), in_directory(context, "Dockerfile".as_ref())],
            (Engine::Docker, [.., last]) => [last.into(), last.into()],
            (Engine::Podman, [one]) => [one.into(), in_directory(context, one)],
            // Joined by the engine, so that lines are those of no file.
            (Engine::Podman, _) => return None,
        };
        // What is no regular file may be read only once.
        candidates.into_iter().find(|path| path.is_file())
    }
}

/// As people write it: no `./` in front.
fn in_directory(directory: &Path, name: &OsStr) -> PathBuf {
    if directory == Path::new(".") { name.into() } else { directory.join(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str, engine: Engine) -> Arguments {
        Arguments::parse(&words.split(' ').map(OsString::from).collect::<Vec<_>>(), engine)
    }

    #[test]
    fn what_engines_take() {
        let found = parsed("--no-cache -qt app:1 --tag=other --build-arg -f -fdocker/File --target run --iidfile id .", Engine::Docker);
        assert_eq!(found.tags, ["app:1", "other"]);
        assert_eq!((found.files, found.context, found.target), (vec!["docker/File".into()], Some(".".into()), Some("run".to_owned())));
        assert_eq!(found.id_file, Some("id".into()));
        assert!(!found.builds_nothing);
        for (words, context) in [
            ("-f - .", Some(".")),
            ("--pull .", Some(".")),
            ("--platform linux/amd64 -- -odd", Some("-odd")),
            ("--not-known-yet ctx", Some("ctx")),
            ("-t app -", Some("-")),
            ("a b", None),
        ] {
            assert_eq!(parsed(words, Engine::Docker).context, context.map(OsString::from), "{words}");
        }
        assert_eq!(parsed("-t app", Engine::Podman).context, None, "podman needs none");
    }

    #[test]
    fn what_makes_no_image() {
        for (words, nothing) in
            [("--help", true), ("-qh", true), ("--check .", true), ("--call=outline .", true), ("--call build .", false), ("-t h .", false)]
        {
            assert_eq!(parsed(words, Engine::Docker).builds_nothing, nothing, "{words}");
        }
    }

    #[test]
    fn the_dockerfile_is_where_the_engine_looks() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        for name in ["Dockerfile", "Containerfile", "other"] {
            std::fs::write(at(name), "FROM scratch\n").expect("written");
        }
        let context = directory.path().to_str().expect("plain");
        let of = |words: &str, engine| parsed(&words.replace("CTX", context), engine).dockerfile(engine);
        assert_eq!(of("CTX", Engine::Docker), Some(at("Dockerfile")));
        assert_eq!(of("CTX", Engine::Podman), Some(at("Containerfile")));
        assert_eq!(of("-f other CTX", Engine::Podman), Some(at("other")));
        assert_eq!(of("-f other CTX", Engine::Docker), None, "Docker looks in the current directory");
        assert_eq!(of("-f CTX/other CTX", Engine::Docker), Some(at("other")));
        assert_eq!(of("-f CTX CTX", Engine::Docker), None, "no file");
        assert_eq!(of("-f CTX/other https://example.com/app.git", Engine::Docker), None);
        assert_eq!(of("-f - CTX", Engine::Docker), None);
        assert_eq!(of("-f CTX/other -f CTX/other CTX", Engine::Podman), None);
    }
}
