//! Files in the shapes that real tools write, and helpers that are real programs.

use super::*;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A home with files, and nothing else in the environment.
struct Home {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let home = directory.path().display().to_string();
        Self { variables: vec![("HOME".into(), home.clone()), ("PATH".into(), format!("{home}/bin:/usr/bin:/bin"))], directory }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(self, name: &str, content: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        self
    }

    /// A program, written by another process: one that this process has open for writing while
    /// another test starts a child could not be started.
    fn helper(self, name: &str, script: &str) -> Self {
        let home = self.file("script", &format!("#!/bin/sh\n{script}\n"));
        let target = home.path(&format!("bin/docker-credential-{name}"));
        std::fs::create_dir_all(home.path("bin")).expect("a folder");
        let status = Command::new("install").arg("-m755").arg(home.path("script")).arg(target).status().expect("install runs");
        assert!(status.success());
        home
    }

    fn read(&self, authfile: Option<&str>) -> Result<Credentials> {
        let environment = Environment::of(self.variables.clone());
        Credentials::from_environment(&environment, authfile.map(|name| self.path(name)).as_deref())
    }

    fn get(&self, name: &str) -> Option<Credential> {
        self.ask(name).expect("an answer")
    }

    fn ask(&self, name: &str) -> Result<Option<Credential>> {
        self.read(None)?.get(&Name::parse(name).expect("a name"))
    }

    /// What helpers were asked, by those that note it.
    fn asked(&self) -> String {
        std::fs::read_to_string(self.path("asked")).unwrap_or_default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what `get` gives")]
fn basic(user: &str, password: &str) -> Option<Credential> {
    Some(Credential::Basic { user: user.into(), password: password.into() })
}

/// Notes the address it is asked for and answers with a user of that name.
const ECHO: &str = r#"read -r server; echo "$1 $server" >> "$HOME/asked"; printf '{"ServerURL":"%s","Username":"u","Secret":"of %s"}\n' "$server" "$server""#;

/// `printf me:pass:word | base64`
const AUTH: &str = "bWU6cGFzczp3b3Jk";

fn one(key: &str, user: &str) -> String {
    let auth = crate::text::base64(format!("{user}:p").as_bytes());
    format!(r#"{{"auths":{{"{key}":{{"auth":"{auth}"}}}}}}"#)
}

#[test]
fn nobody_is_logged_in_anywhere() {
    assert_eq!(Credentials::none().get(&Name::parse("python").expect("a name")).expect("an answer"), None);
    assert_eq!(Home::new().get("registry.example.com/app"), None);
    let nothing = Credentials::from_environment(&Environment::default(), None).expect("no files");
    assert_eq!(nothing.get(&Name::parse("python").expect("a name")).expect("an answer"), None);
}

#[test]
fn the_first_place_that_knows_the_image_wins() {
    let mut home = Home::new().file(".dockercfg", r#"{"https://r.example.com/v1/":{"auth":"b2xkOnA=","email":"me@example.com"}}"#);
    let name = "r.example.com/app";
    assert_eq!(home.get(name), basic("old", "p"));
    home = home.file(".docker/config.json", &one("r.example.com", "docker"));
    assert_eq!(home.get(name), basic("docker", "p"));
    let elsewhere = home.path("docker").display().to_string();
    home = home.file("docker/config.json", &one("r.example.com", "elsewhere")).set("DOCKER_CONFIG", &elsewhere);
    assert_eq!(home.get(name), basic("elsewhere", "p"));
    home = home.file(".config/containers/auth.json", &one("r.example.com", "config"));
    assert_eq!(home.get(name), basic("config", "p"));
    let xdg = home.path("xdg").display().to_string();
    home = home.file("xdg/containers/auth.json", &one("r.example.com", "xdg")).set("XDG_CONFIG_HOME", &xdg);
    assert_eq!(home.get(name), basic("xdg", "p"));
    let run = home.path("run").display().to_string();
    home = home.file("run/containers/auth.json", &one("r.example.com", "run")).set("XDG_RUNTIME_DIR", &run);
    assert_eq!(home.get(name), basic("run", "p"));
    home = home.set("DOCKER_AUTH_CONFIG", &one("r.example.com", "variable"));
    assert_eq!(home.get(name), basic("variable", "p"));
    let named = home.path("named.json").display().to_string();
    home = home.file("named.json", &one("r.example.com", "named")).set("REGISTRY_AUTH_FILE", &named);
    assert_eq!(home.get(name), basic("named", "p"));
    home = home.file("given.json", &one("r.example.com", "given"));
    let given = home.read(Some("given.json")).expect("a file");
    assert_eq!(given.get(&Name::parse(name).expect("a name")).expect("an answer"), basic("given", "p"));
    // What the first place does not know, the next may.
    home = home.file("given.json", &one("other.example.com", "given"));
    let given = home.read(Some("given.json")).expect("a file");
    assert_eq!(
        given.get(&Name::parse(name).expect("a name")).expect("an answer"),
        basic("variable", "p"),
        "--authfile is in the place of REGISTRY_AUTH_FILE"
    );
}

#[test]
fn the_most_specific_entry_wins() {
    let auths = [("r.example.com/team/app", "app"), ("r.example.com/team", "team"), ("r.example.com", "host")]
        .map(|(key, user)| format!(r#""{key}":{{"username":"{user}","password":"p"}}"#))
        .join(",");
    let home = Home::new().file(".config/containers/auth.json", &format!(r#"{{"auths":{{{auths}}}}}"#));
    assert_eq!(home.get("r.example.com/team/app:1"), basic("app", "p"));
    assert_eq!(home.get("r.example.com/team/app/part"), basic("app", "p"));
    assert_eq!(home.get("r.example.com/team/apple"), basic("team", "p"), "a part of a word is no namespace");
    assert_eq!(home.get("r.example.com/teams"), basic("host", "p"));
    assert_eq!(home.get("r.example.com:5000/team/app"), None, "another port is another registry");
    assert_eq!(home.get("r.example.com.evil.example/team/app"), None);
    assert_eq!(home.get("team/app"), None);
}

#[test]
fn keys_are_as_tools_have_written_them() {
    for key in [
        "https://r.example.com",
        "http://r.example.com/",
        "https://r.example.com/v1/",
        "HTTPS://R.Example.com/v2/",
        "r.example.com/",
        "r.example.com/v1/",
    ] {
        assert_eq!(Home::new().file(".docker/config.json", &one(key, "u")).get("R.example.com/team/app"), basic("u", "p"), "{key}");
    }
    for key in ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/", "index.docker.io/v1/"] {
        let home = Home::new().file(".docker/config.json", &one(key, "u"));
        for name in ["python", "index.docker.io/library/python", "registry-1.docker.io/library/python"] {
            assert_eq!(home.get(name), basic("u", "p"), "{key} {name}");
        }
        assert_eq!(home.get("r.example.com/python"), None);
    }
    // What `docker login` writes beside the entry proper (Docker 27 and newer) is not meant.
    let three = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6cGFzczp3b3Jk"},
        "https://index.docker.io/v1/access-token":{"auth":"eDp5"},"https://index.docker.io/v1/refresh-token":{"auth":"eDp5"}}}"#;
    assert_eq!(Home::new().file(".docker/config.json", three).get("python"), basic("me", "pass:word"));
    let team = Home::new().file(".docker/config.json", &one("docker.io/team", "u"));
    assert_eq!((team.get("team/app"), team.get("python")), (basic("u", "p"), None));
}

#[test]
fn entries_have_passwords_or_tokens() {
    let entry = |entry: &str| {
        Home::new().file(".docker/config.json", &format!(r#"{{"auths":{{"r.example.com":{entry}}}}}"#)).get("r.example.com/app")
    };
    assert_eq!(entry(&format!(r#"{{"auth":"{AUTH}"}}"#)), basic("me", "pass:word"));
    assert_eq!(entry(&format!(r#"{{"auth":"{AUTH}","username":"other","password":"other","email":null}}"#)), basic("me", "pass:word"));
    assert_eq!(entry(r#"{"auth":"bWU6cA"}"#), basic("me", "p"), "without padding");
    assert_eq!(entry(r#"{"auth":"bWU6\ncA==\n"}"#), basic("me", "p"), "in lines");
    assert_eq!(entry(r#"{"auth":"bWU6cAAA"}"#), basic("me", "p"), "NULs at the end");
    assert_eq!(entry(r#"{"auth":"bWU6"}"#), basic("me", ""), "no password");
    assert_eq!(entry(r#"{"username":"me","password":"p"}"#), basic("me", "p"));
    assert_eq!(entry(r#"{"auth":"bWU6cA==","identitytoken":"t"}"#), Some(Credential::IdentityToken("t".into())));
    assert_eq!(entry(r#"{"auth":"bWU6cA==","identitytoken":"t","registrytoken":"r"}"#), Some(Credential::RegistryToken("r".into())));
    assert_eq!(entry("{}"), None);
    assert_eq!(entry(r#"{"auth":""}"#), None);
}

#[test]
fn broken_files_are_named_and_not_quoted() {
    let wrong = |content: &str| Home::new().file(".docker/config.json", content).ask("r.example.com/app").expect_err("a broken file");
    for content in [
        r#"{"auths":{"r.example.com":"hunter2"}}"#,
        r#"{"auths":{"r.example.com":{"auth":["hunter2"]}}}"#,
        r#"{"auths":"hunter2"}"#,
        r#"{"auths":{"r.example.com":{"auth":"hunter2!"}}}"#,
        r#"{"auths":{"r.example.com":{"auth":"aHVudGVyMg=="}}}"#,
        r#"{"auths":{"r.example.com":{"auth":"OmFodW50ZXIy"}}}"#,
        "hunter2",
        "[[[[",
    ] {
        let error = wrong(content);
        let message = format!("{error} {error:?}");
        assert!(message.contains(".docker/config.json") && !message.contains("hunter2"), "{message}");
        assert_eq!(error.exit_code(), 2);
    }
    assert!(wrong(&"[".repeat(100_000)).to_string().contains("line 1"), "deep nesting");
    assert!(wrong(&" ".repeat((1 << 20) + 1)).to_string().contains("1048576"));
    assert_eq!(Home::new().file(".docker/config.json", "\n").get("r.example.com/app"), None, "an empty file says nothing");
    let variable = Home::new().set("DOCKER_AUTH_CONFIG", "{").ask("r.example.com/app").expect_err("broken");
    assert!(variable.to_string().contains("DOCKER_AUTH_CONFIG"), "{variable}");
    // An entry of another registry may be as broken as it likes.
    let other = r#"{"auths":{"other.example.com":{"auth":"!"}},"credHelpers":{"other.example.com":"../x"}}"#;
    assert_eq!(Home::new().file(".docker/config.json", other).get("r.example.com/app"), None);
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let error = Home::new().read(Some("none.json")).expect_err("no file");
    assert!(error.to_string().contains("none.json"), "{error}");
    assert_eq!(error.exit_code(), 2);
    assert!(Home::new().set("REGISTRY_AUTH_FILE", "/nonexistent/auth.json").read(None).is_err());
    assert!(Home::new().file("folder/file", "").read(Some("folder")).is_err());
    Home::new().read(Some("/dev/null")).expect("no entries");
    // Not there, or not where a directory should be: nobody said that it would be.
    Home::new().file(".docker", "").set("XDG_RUNTIME_DIR", "/nonexistent").read(None).expect("no files");
}

#[test]
fn helpers_know_by_registry_or_for_all() {
    let own =
        Home::new().helper("echo", ECHO).file(".docker/config.json", r#"{"credHelpers":{"r.example.com":"echo","docker.io":"echo"}}"#);
    assert_eq!(own.get("r.example.com/app"), basic("u", "of r.example.com"));
    assert_eq!(own.get("other.example.com/app"), None);
    assert_eq!(own.get("python"), basic("u", "of https://index.docker.io/v1/"), "Docker's own key");
    assert_eq!(own.asked(), "get r.example.com\nget https://index.docker.io/v1/\n");

    let all = Home::new().helper("echo", ECHO).file(".docker/config.json", r#"{"credsStore":"echo","auths":{"https://r.example.com":{}}}"#);
    assert_eq!(all.get("r.example.com/app"), basic("u", "of https://r.example.com"), "as the login has kept it");
    assert_eq!(all.get("other.example.com:5000/app"), basic("u", "of other.example.com:5000"));

    // A helper of its own comes before an entry, an entry with a password before the helper for all.
    let entries = format!(
        r#"{{"credsStore":"none","credHelpers":{{"a.example.com":"echo","c.example.com":""}},"auths":{{"a.example.com":{{"auth":"{AUTH}"}},"b.example.com":{{"auth":"{AUTH}"}}}}}}"#
    );
    let mixed = Home::new()
        .helper("echo", ECHO)
        .helper("none", "touch $HOME/asked; echo credentials not found in native keychain; exit 1")
        .file(".docker/config.json", &entries);
    assert_eq!(mixed.get("a.example.com/app"), basic("u", "of a.example.com"));
    std::fs::remove_file(mixed.path("asked")).expect("it was asked");
    assert_eq!(mixed.get("b.example.com/app"), basic("me", "pass:word"));
    assert_eq!(mixed.get("c.example.com/app"), None, "the empty helper is none");
    assert!(!mixed.path("asked").exists());
}

#[test]
fn what_a_helper_does_not_have_the_next_source_may() {
    let none = "echo 'credentials not found in native keychain'; exit 1";
    let home = Home::new()
        .helper("none", none)
        .file(".docker/config.json", r#"{"credsStore":"none","auths":{"r.example.com":{}}}"#)
        .file(".dockercfg", r#"{"r.example.com":{"auth":"b2xkOnA="}}"#);
    assert_eq!(home.get("r.example.com/app"), basic("old", "p"));
    assert_eq!(home.get("other.example.com/app"), None);
    let empty = Home::new()
        .helper("empty", r#"echo '{"ServerURL":"x","Username":"","Secret":""}'"#)
        .file(".docker/config.json", r#"{"credsStore":"empty"}"#);
    assert_eq!(empty.get("r.example.com/app"), None);
    let token = Home::new()
        .helper("token", r#"echo '{"Username":"<token>","Secret":"t"}'"#)
        .file(".docker/config.json", r#"{"credsStore":"token"}"#);
    assert_eq!(token.get("r.example.com/app"), Some(Credential::IdentityToken("t".into())));
}

#[test]
fn a_helper_runs_when_asked_and_once() {
    let home = Home::new().helper("echo", ECHO).file(".docker/config.json", r#"{"credsStore":"echo"}"#);
    let credentials = home.read(None).expect("a file");
    assert_eq!(home.asked(), "", "nobody has asked yet");
    let [a, b] = ["r.example.com/a", "r.example.com/b"].map(|name| Name::parse(name).expect("a name"));
    std::thread::scope(|scope| {
        for name in [&a, &b, &a, &b] {
            scope.spawn(|| assert_eq!(credentials.get(name).expect("an answer"), basic("u", "of r.example.com")));
        }
    });
    assert_eq!(home.asked(), "get r.example.com\n");
    let shown = format!("{credentials:?}");
    assert!(!shown.contains("of r.example.com"), "{shown}");
}

#[test]
fn a_helper_that_is_not_there_matters_where_it_is_meant_to_know() {
    let home = Home::new()
        .file(".docker/config.json", r#"{"credsStore":"gone","auths":{"r.example.com":{}},"credHelpers":{"s.example.com":"gone"}}"#);
    assert_eq!(home.get("other.example.com/app"), None, "nobody has logged in there");
    for name in ["r.example.com/app", "s.example.com/app"] {
        let error = home.ask(name).expect_err("no program");
        assert_eq!((error.code(), error.exit_code()), ("auth", 4));
        let message = error.to_string();
        assert!(message.contains("docker-credential-gone") && message.contains("config.json") && message.contains("PATH"), "{message}");
    }
}

#[test]
fn helpers_are_names_and_no_paths() {
    for helper in ["../../x", "a b", "/bin/sh", "x;touch y", "é", "a\\nb", "$(x)"] {
        let home = Home::new().file(
            ".docker/config.json",
            &format!(r#"{{"credHelpers":{{"r.example.com":"{}"}}}}"#, helper.replace("\\n", "\\u000a").replace(';', "\\u003b")),
        );
        let error = home.ask("r.example.com/app").expect_err(helper);
        assert!(error.to_string().contains("credential helper") && error.exit_code() == 2, "{error}");
    }
    let lines = Home::new()
        .helper("echo", ECHO)
        .file(".docker/config.json", r#"{"credsStore":"echo","auths":{"https://r.example.com/\nother":{}}}"#);
    let error = lines.ask("r.example.com/app").expect_err("two lines");
    assert!(error.to_string().contains("control characters"), "{error}");
    assert_eq!(lines.asked(), "");
}

#[test]
fn helpers_fail_with_their_words_and_without_their_secrets() {
    let fails = |script: &str| {
        let home = Home::new().helper("bad", script).file(".docker/config.json", r#"{"credsStore":"bad"}"#);
        let error = home.ask("r.example.com/app").expect_err(script);
        assert_eq!(error.code(), "auth");
        let message = format!("{error} {error:?}");
        assert!(message.contains("docker-credential-bad") && !message.contains("hunter2") && !message.contains('\x1b'), "{message}");
        message
    };
    assert!(fails("printf '\\033[31mno bus\\n' >&2; echo locked; exit 3").contains("locked; \\x1b[31mno bus"));
    assert!(fails(r#"echo '{"Username":"u","Secret":"hunter2"}'; exit 1"#).contains("exit status: 1"));
    assert!(fails(r#"echo '{"Username":"u","Secret":["hunter2"]}'"#).contains("expected JSON"));
    assert!(fails("echo hunter2").contains("expected JSON"));
    assert!(fails("exit 0").contains("expected JSON"));
    assert!(fails("kill -9 $$").contains("signal"));
    let long = fails("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1");
    assert!(long.len() < 5000, "{}", long.len());
}

#[test]
fn helpers_end_even_if_they_do_not_want_to() {
    let run = |script: &str, patience| {
        let home = Home::new().helper("bad", script).file(".docker/config.json", r#"{"credsStore":"bad"}"#);
        let mut credentials = home.read(None).expect("a file");
        credentials.patience = helper::Patience(patience);
        credentials.get(&Name::parse("r.example.com/app").expect("a name")).expect_err(script).to_string()
    };
    let short = Duration::from_millis(300);
    let long = Duration::from_secs(50);
    assert!(run("exec sleep 20", short).contains("no answer"));
    // The shell dies, its child holds on to the pipes.
    assert!(run("sleep 20 & wait", short).contains("no answer"));
    assert!(run("exec >&- 2>&-; exec sleep 20", short).contains("no answer"), "silent and alive");
    assert!(run("exec yes", long).contains("at most 65536 bytes"));
    assert!(run("exec yes >&2", long).contains("failed"), "complaints end in a closed pipe");
}

#[test]
fn a_helper_finds_its_own_programs_and_variables() {
    let home =
        Home::new().helper("inner", "echo '{\"Username\":\"'$WHO'\",\"Secret\":\"p\"}'").helper("outer", "docker-credential-inner get");
    let home = home.set("WHO", "me").file(".docker/config.json", r#"{"credsStore":"outer"}"#);
    assert_eq!(home.get("r.example.com/app"), basic("me", "p"));
}

#[test]
fn secrets_are_not_shown() {
    for credential in [
        Credential::Basic { user: "me".into(), password: "hunter2".into() },
        Credential::IdentityToken("hunter2".into()),
        Credential::RegistryToken("hunter2".into()),
    ] {
        assert!(!format!("{credential:?}").contains("hunter2"));
    }
}

#[test]
fn workers_share_it() {
    fn shared<T: Send + Sync>() {}
    shared::<Credentials>();
}
