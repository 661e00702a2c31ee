use super::{Language, Lexer, Role, Roles, State, of};

/// Text with its parts named: `[k FROM]` is a keyword.
fn marked(name: &str, text: &str) -> String {
    let language = of(name.as_bytes(), text.as_bytes()).expect("a language");
    let mut state = State::default();
    let mut out = String::new();
    for line in text.lines() {
        for (role, part) in parts(language, state, line) {
            let sign = match role {
                Role::Text => {
                    out.push_str(&part);
                    continue;
                }
                Role::Comment => 'c',
                Role::Keyword => 'k',
                Role::Quoted => 'q',
                Role::Number => 'n',
                Role::Key => 'y',
                Role::Added => '+',
                Role::Removed => '-',
                other => panic!("no part of a file is {other:?}"),
            };
            out.extend(["[", &sign.to_string(), " ", &part, "]"]);
        }
        state = Lexer::new(language, state, line).after();
        out.push('\n');
    }
    out
}

fn parts(language: &'static Language, state: State, line: &str) -> Vec<(Role, String)> {
    let mut roles = Roles::new(Some(Lexer::new(language, state, line)), Vec::new());
    let mut parts: Vec<(Role, String)> = Vec::new();
    for (at, sign) in line.char_indices() {
        let (role, _) = roles.at(at);
        match parts.last_mut().filter(|(last, _)| *last == role) {
            Some((_, part)) => part.push(sign),
            None => parts.push((role, sign.to_string())),
        }
    }
    parts
}

#[test]
fn dockerfile() {
    let text = "# syntax\nFROM debian:12 AS base\nARG V=1\nrun echo \"from $V\" && echo ${V} # x\n    copy a b\nENV user=me";
    let expected = "[c # syntax]\n[k FROM] debian:[n 12] AS base\n[k ARG] V=[n 1]\n[k run] echo [q \"from $V\"] && echo ${V} [c # x]\n    [k copy] a b\n[k ENV] user=me\n";
    assert_eq!(marked("Dockerfile", text), expected);
    assert_eq!(marked("Dockerfile.prod", text), expected);
    assert_eq!(marked("app.dockerfile", "FROM $base"), "[k FROM] [y $base]\n");
}

#[test]
fn shell() {
    let text = "#!/bin/sh -e\nif [ $# -gt 0 ]; then # many\n  echo 'it\nis' \"a\\\"b\" $HOME; fi\nx=${a#b}";
    let expected = "[c #!/bin/sh -e]\n[k if] [ $# -gt [n 0] ]; [k then] [c # many]\n  echo [q 'it]\n[q is'] [q \"a\\\"b\"] [y $HOME]; [k fi]\nx=${a#b}\n";
    assert_eq!(marked("run.sh", text), expected);
    assert_eq!(marked("entrypoint", text), expected);
}

#[test]
fn python() {
    let text = "@cache\ndef f(x): # why\n    \"\"\"Says\n    'it'.\"\"\"\n    return f'{x}' + b\"\\\"\" + str(0x1f)";
    let expected = "[k @cache]\n[k def] f(x): [c # why]\n    [q \"\"\"Says]\n[q     'it'.\"\"\"]\n    [k return] f[q '{x}'] + b[q \"\\\"\"] + str([n 0x1f])\n";
    assert_eq!(marked("a.py", text), expected);
    assert_eq!(marked("tool", &format!("#!/usr/bin/env -S python3.12 -u\n{text}")).lines().nth(1), expected.lines().next());
}

#[test]
fn javascript_and_json() {
    assert_eq!(
        marked("a.mjs", "const u = `a\n${b}`; /* c\nd */ let x = 'http://x' // y"),
        "[k const] u = [q `a]\n[q ${b}`]; [c /* c]\n[c d */] [k let] x = [q 'http://x'] [c // y]\n"
    );
    assert_eq!(
        marked("package.json", "{\"a\" : [1.5e3, true, \"b\"],\n\"c:d\": null}"),
        "{[y \"a\"] : [[n 1.5e3], [k true], [q \"b\"]],\n[y \"c:d\"]: [k null]}\n"
    );
}

#[test]
fn yaml_toml_and_ini() {
    assert_eq!(
        marked("a.yml", "# x\n- name: don't # y\n  \"on\": true\n  url: http://x:80\nplain text"),
        "[c # x]\n[y - name]: don't [c # y]\n  [y \"on\"]: [k true]\n  [y url]: http://x:[n 80]\nplain text\n"
    );
    assert_eq!(
        marked("Cargo.toml", "[package] # x\nname = \"a#b\"\nlong = '''\na = 1\n'''\nb.c = 2"),
        "[k [package]] [c # x]\n[y name] = [q \"a#b\"]\n[y long] = [q ''']\n[q a = 1]\n[q ''']\n[y b.c] = [n 2]\n"
    );
    assert_eq!(marked("os-release", "NAME=\"Debian\"\n; no\nID=debian"), "[y NAME]=[q \"Debian\"]\n[c ; no]\n[y ID]=debian\n");
}

#[test]
fn rust_c_and_go() {
    assert_eq!(
        marked("a.rs", "fn f<'a>(x: &'a str) -> char { '\\'' } // x\nlet r = r#\"a\"b\"#; let c = 'é'; let u = '\\u{10ffff}';"),
        "[k fn] f<'a>(x: &'a str) -> char { [q '\\''] } [c // x]\n[k let] r = [q r#\"a\"b\"#]; [k let] c = [q 'é']; [k let] u = [q '\\u{10ffff}'];\n"
    );
    assert_eq!(marked("a.h", "#include <x.h>\nint a = 1'000; /* b"), "#[k include] <x.h>\n[k int] a = [n 1]'[n 000]; [c /* b]\n");
    assert_eq!(marked("a.go", "s := `a\n\\`; return '\"'"), "s := [q `a]\n[q \\`]; [k return] [q '\"']\n");
}

#[test]
fn markup_and_text() {
    assert_eq!(
        marked("a.html", "<!-- x\n--><p class=\"a\n b\">it's 1 < 2</p><br/>"),
        "[c <!-- x]\n[c -->][k <p] [y class]=[q \"a]\n[q  b\"][k >]it's 1 < 2[k </p>][k <br]/[k >]\n"
            .replace("[k </p>][k <br]", "[k </p><br]")
    );
    assert_eq!(
        marked("README.md", "# A `b`\ntext `c` d\n```sh\n# no\n```\n- e\n> f"),
        "[k # A `b`]\ntext [q `c`] d\n[q ```sh]\n[q # no]\n[q ```]\n[k -] e\n[c > f]\n"
    );
    assert_eq!(
        marked("a.patch", "diff --git a b\n--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z"),
        "[c diff --git a b]\n[y --- a]\n[y +++ b]\n[k @@ -1 +1 @@]\n[- -x]\n[+ +y]\n z\n"
    );
    assert_eq!(
        marked("Makefile", "all: a # x\n    echo $HOME\nA := 1"),
        "[y all]: a [c # x]\n    echo [y $HOME]\n[y A :]= [n 1]\n".replace("[y A :]=", "[y A] :=")
    );
    assert_eq!(marked("a.sql", "select * FROM t -- x\nwhere a = 'it''s'"), "[k select] * [k FROM] t [c -- x]\n[k where] a = [q 'it''s']\n");
}

#[test]
fn what_has_no_colours() {
    for (name, content) in
        [("passwd", "root:x:0"), ("notes.txt", "if"), ("a.png", ""), ("x", "#!"), ("x", "#!/usr/bin/env"), ("x", "#! /opt/own")]
    {
        assert!(of(name.as_bytes(), content.as_bytes()).is_none(), "{name} {content}");
    }
    assert!(of(b"\xff.py", b"").is_some());
}

/// Parts follow each other without a gap and stop at signs, whatever the text is.
#[test]
fn nothing_is_lost() {
    let mut state = 7u64;
    let mut number = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let pieces = [
        "\"", "'", "`", "\\", "/*", "*/", "<!--", "-->", "<", ">", "#", "//", "é", "日", "a", "1", " ", ":", "=", "r#\"", "'''", "[", "@",
        "$", "=begin", "```", "-", "+",
    ];
    for language in super::languages::LANGUAGES {
        let mut state = State::default();
        for _ in 0..400 {
            let line: String = (0..number(24)).map(|_| pieces[number(pieces.len())]).collect();
            let mut lexer = Lexer::new(language, state, &line);
            let mut last = 0;
            while let Some((end, _)) = lexer.next() {
                assert!(end > last && line.is_char_boundary(end), "{line}");
                last = end;
            }
            assert_eq!(last, line.len(), "{line}");
            state = lexer.after();
        }
    }
}

/// Texts that are made to be slow: each part of them is begun, and never ended. Were the time not linear, this would not end.
#[test]
fn hostile_lines_take_no_longer() {
    for part in [
        "\"", "'", "`", "/*", "<!--", "<a ", "a\"", "\\", "'''", "r#\"", "a:", "a=", "\"a\" ", "- ", "[", "if ", "1.", "$a", "@", "#", " #",
    ] {
        let line = part.repeat((1 << 15) / part.len());
        for language in super::languages::LANGUAGES {
            let _state = Lexer::new(language, State::default(), &line).after();
        }
    }
}

/// What is escaped for the terminal is text like any other.
#[test]
fn escapes_stay() {
    assert_eq!(marked("a.sh", "echo \"\\x1b[31m\" \\u{202e} # \\x07"), "echo [q \"\\x1b[31m\"] \\u{[n 202e]} [c # \\x07]\n");
}
