//! Names that are made to be taken for markup, script, or something else altogether.

use crate::support::{Entry, ImageSpec, Layer, Layout, named};
use crate::{Page, books};

/// Names of files, and how they are to be seen.
pub(crate) fn names() -> Vec<(Vec<u8>, String)> {
    let plain = [
        "<img src=x onerror=alert(1)>",
        "<script>window.pwned=1<",
        "<!-- --!><svg onload=alert(1)>",
        "\"' onmouseover=alert(1) x='",
        "&lt;b&gt;&amp;&#60;",
        "{{ 7*7 }}{% raw %}",
        "${window.pwned=1}`",
        "javascript:alert(1)",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "toString",
        "'; DROP TABLE",
        "日本語 ü",
        "a b%20c?x=1&y#z",
    ];
    let long = "x".repeat(255);
    let mut all: Vec<(Vec<u8>, String)> = plain.iter().map(|name| (name.as_bytes().to_vec(), (*name).to_owned())).collect();
    all.push((long.clone().into_bytes(), long));
    all.push(("\u{202e}gpj.exe\u{200b}".as_bytes().to_vec(), "\\u{202e}gpj.exe\\u{200b}".to_owned()));
    all.push((b"\x1b[31m\r\n\x07".to_vec(), "\\x1b[31m\\r\\n\\x07".to_owned()));
    all.push(("\u{2028}\u{2029}line".as_bytes().to_vec(), "\\u{2028}\\u{2029}line".to_owned()));
    all.push((b"caf\xe9\xff".to_vec(), "caf\\xe9\\xff".to_owned()));
    all
}

pub(crate) const SECRET: &str = "s3cr3tValue1";

pub(crate) fn image() -> Layout {
    let mut entries: Vec<Entry> =
        names().iter().map(|(name, _)| Entry::file([b"app/", name.as_slice()].concat(), vec![7; 40_000])).collect();
    // The same in directories, with what rules find in them, and in a package's name and version.
    entries
        .extend(names().iter().map(|(name, _)| Entry::file([b"d/", name.as_slice(), b"/.env"].concat(), "API_TOKEN=abcdef0123456789\n")));
    entries.push(Entry::file("app/close</script><script>window.pwned=1</script>", vec![1; 50_000]));
    entries.push(Entry::file("a</style><b", vec![1; 50_000]));
    let status = "Package: <img-src=x>\nStatus: install ok installed\nArchitecture: all\nVersion: 1</script><b onclick=\"x\">\n\n";
    entries.push(Entry::file("var/lib/dpkg/status", status));
    entries.push(Entry::file("var/lib/dpkg/info/<img-src=x>.list", "/app/__proto__\n"));
    let lines = [
        format!("|1 API_TOKEN={SECRET} /bin/sh -c echo '</script><script>window.pwned=1</script>' <!-- \n && `x` # buildkit"),
        format!("RUN rm -rf \"/app/constructor\" '<img src=x onerror=alert(1)>' --password {SECRET}"),
    ];
    let layers =
        [Layer::new(&entries), Layer::new(&[Entry::whiteout("app/constructor"), Entry::whiteout("d/<!-- --!><svg onload=alert(1)>/.env")])];
    let spec = ImageSpec::new(&layers).created_by(&[&lines[0], &lines[1]]).architecture("amd64\"><img src=x onerror=alert(1)>\u{202e}");
    let command = format!("API_TOKEN={SECRET} </script><script>window.pwned=1</script> exec --password {SECRET}");
    let spec = ImageSpec { config: serde_json::json!({"Cmd": ["/bin/sh", "-c", command], "User": "<b>\u{202e}"}), ..spec };
    let layout = Layout::new();
    layout.index(&[named(layout.image(&spec), "app</title><script>window.pwned=1</script>\u{202e}&\"'`:1")]);
    layout
}

#[test]
fn every_name_is_text() {
    let layout = image();
    let page = Page::new(&[layout.arg()]);
    let text = page.text();
    assert!(!text.contains(SECRET), "a page is for others to see: instructions are without what looks like a secret");
    // Two scripts and one style, all of them ours, and nothing in the file ends them early.
    let count = |what: &str| text.matches(what).count();
    assert_eq!(
        (count("<script"), count("</script"), count("<style"), count("</style"), count("<title"), count("<img")),
        (2, 2, 1, 1, 1, 0)
    );
    assert!(
        !text.contains(['\u{202e}', '\u{200b}', '\u{2028}', '\u{2029}', '\x1b', '\r', '\x07']),
        "nothing hides or turns round what follows"
    );
    let mut browser = page.open("");
    assert_eq!(browser.eval("typeof window.pwned"), "undefined");
    assert_eq!(browser.eval("document.scripts.length"), 2);
    assert_eq!(
        browser.eval("document.querySelectorAll('img, iframe, object, embed, link, form, base, [onerror], [onload], [onclick]').length"),
        0
    );
    // Each is in the tree, by its own name, and in the table.
    browser.go(&page.path, "#map?at=app");
    let rows = browser.eval("[...document.querySelectorAll('#node-table tbody th')].map((cell) => cell.textContent)");
    let rows: Vec<&str> = rows.as_array().expect("rows").iter().filter_map(serde_json::Value::as_str).collect();
    for (_, shown) in names() {
        assert!(rows.contains(&shown.as_str()), "{shown:?} in {rows:#?}");
    }
    // All views, every cell looked at, every tab, a search for what looks like a pattern.
    for tree in ["directory", "package", "layer", "rule"] {
        books::assert_sums(&mut browser, tree);
        browser.go(&page.path, &format!("#map?by={tree}"));
        browser.eval("(() => { const box = plimsoll.map.area.getBoundingClientRect(); for (const cell of plimsoll.map.cells) plimsoll.map.area.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + cell.x + 2, clientY: box.top + cell.y + 2 })); })()");
        browser.settle();
    }
    for tab in ["edits", "findings", "checklist", "layers", "packages", "notes"] {
        browser.go(&page.path, &format!("#{tab}"));
    }
    for words in ["%3Cimg", "__proto__", "(.*)%2B%5B", "\\u{202e}", "*********************************x"] {
        browser.go(&page.path, &format!("#map?find={words}"));
    }
    browser.go(&page.path, "#map?find=%3Cimg src");
    assert!(browser.text("document.getElementById('found').textContent").contains("<img src=x onerror=alert(1)>"));
    // A file that looks like a property of every object is a file.
    browser.go(&page.path, "#map?at=d/__proto__");
    assert_eq!(browser.text("plimsoll.map.tree.path(plimsoll.map.at)"), "/d/__proto__");
    assert!(browser.text("document.title").starts_with("app</title><script>"));
    assert_eq!(browser.eval("typeof window.pwned"), "undefined");
    browser.assert_quiet();
}

#[test]
fn the_policy_holds() {
    let page = Page::demo();
    let text = page.text();
    let policy =
        text.split("http-equiv=\"Content-Security-Policy\" content=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a policy");
    assert!(policy.contains("default-src &#x27;none&#x27;") && !policy.contains("unsafe"), "{policy}");
    for needle in [" style=\"", " onclick=", "src=\"", "href=\"http", "@import", "innerHTML", "localhost"] {
        assert!(!text.contains(needle), "{needle}");
    }
    let mut browser = page.open("");
    // What somebody would smuggle in does not run, is not loaded, and is not styled.
    let tried = browser.eval(
        "new Promise((done) => { const seen = []; addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective)); \
         const script = document.createElement('script'); script.textContent = 'window.pwned = 1'; document.body.append(script); \
         const image = document.createElement('img'); image.src = 'https://registry.example.com/x.png'; document.body.append(image); \
         const div = document.createElement('div'); div.innerHTML = '<p style=\"color: red\" onclick=\"window.pwned=1\">x</p>'; document.body.append(div); \
         div.firstChild.click(); try { eval('window.pwned = 1'); } catch { seen.push('eval'); } \
         fetch('https://registry.example.com/').catch(() => seen.push('fetch')).then(() => setTimeout(() => done([seen, typeof window.pwned]), 100)); })",
    );
    assert_eq!(tried[1], "undefined");
    for directive in ["script-src-elem", "img-src", "style-src-attr", "script-src-attr", "connect-src", "eval", "fetch"] {
        assert!(tried[0].as_array().is_some_and(|seen| seen.iter().any(|one| one == directive)), "{directive} in {tried}");
    }
}

#[test]
fn secrets_are_shown_to_who_asks_for_them() {
    let layout = image();
    assert!(Page::new(&[layout.arg(), "--no-redact"]).text().contains(SECRET));
}
