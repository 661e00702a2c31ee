//! For everybody: contrast, names for what cannot be seen, focus that can, tables without scripts, narrow windows.

use crate::Page;
use crate::browser::Browser;
use serde_json::json;

/// Contrast of colours as WCAG 2 has it; the lowest of all texts, and of the map's own.
pub(crate) const CONTRAST: &str = r"(() => {
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data]; };
  const linear = (value) => { const part = value / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (a, b) => { const [high, low] = [light(a), light(b)].sort((x, y) => y - x); return (high + 0.05) / (low + 0.05); };
  const behind = (element) => { for (let at = element; at; at = at.parentElement) { const found = rgba(getComputedStyle(at).backgroundColor); if (found[3] === 255) return found; } return [255, 255, 255, 255]; };
  const bad = [];
  let texts = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility() || element.closest('.sr, script, style, [disabled], input:disabled + span')) continue;
    texts += 1;
    const found = ratio(rgba(getComputedStyle(element).color), behind(element));
    if (found < 4.5) bad.push(`${found.toFixed(2)} ${element.tagName}.${element.className} ${walk.currentNode.data.trim().slice(0, 30)}`);
  }
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => rgba(style.getPropertyValue(name));
  for (const kind of ['base', 'own', 'unneeded', 'hidden', 'added', 'grown', 'shrunk', 'removed']) {
    for (const text of ['--cell-text', '--cell-dim']) for (const ground of ['--k-', '--m-']) {
      const found = ratio(colour(text), colour(ground + kind));
      if (found < 4.5) bad.push(`${found.toFixed(2)} ${text} on ${ground}${kind}`);
    }
  }
  for (const text of ['--text', '--muted']) { const found = ratio(colour(text), colour('--group')); if (found < 4.5) bad.push(`${found.toFixed(2)} ${text} on --group`); }
  const focus = ratio(colour('--accent'), colour('--card'));
  if (focus < 3) bad.push(`${focus} focus`);
  return { texts, bad };
})()";

#[test]
fn every_text_can_be_read_in_light_and_dark() {
    let page = Page::demo();
    let mut browser = page.open("");
    for scheme in ["light", "dark"] {
        browser.media(scheme);
        let mut texts = 0;
        for tab in ["map", "map?find=js", "edits", "findings", "checklist", "layers", "packages", "notes"] {
            browser.go(&page.path, &format!("#{tab}"));
            browser.eval("for (const closed of document.querySelectorAll('main details')) closed.open = true");
            let found = browser.eval(CONTRAST);
            assert_eq!(found["bad"], json!([]), "{scheme}, {tab}");
            texts += found["texts"].as_u64().expect("a number");
        }
        assert!(texts > 500, "{texts} texts");
    }
    browser.assert_quiet();
}

#[test]
fn everything_has_a_name_and_tables_are_tables() {
    let page = Page::demo();
    let mut browser = page.open("");
    browser.call("Accessibility.enable", &json!({}));
    for tab in ["map", "edits", "findings", "checklist", "layers", "packages", "notes"] {
        browser.go(&page.path, &format!("#{tab}"));
        let tree = browser.call("Accessibility.getFullAXTree", &json!({}));
        let mut seen = 0;
        for node in tree["nodes"].as_array().expect("nodes").iter().filter(|node| node["ignored"] == false) {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            if ["button", "link", "radio", "searchbox", "textbox", "tab", "table", "tabpanel", "application", "region", "image", "img"]
                .contains(&role)
            {
                let name = node["name"]["value"].as_str().unwrap_or_default();
                assert!(!name.trim().is_empty() || role == "image" || role == "img", "{tab}: a {role} without a name: {node:#}");
                seen += 1;
            }
        }
        assert!(seen > 8, "{tab}: {seen}");
        let bad = browser.eval(
            "[...document.querySelectorAll('table')].filter((table) => table.checkVisibility() && (!table.caption || [...table.querySelectorAll('th')].some((head) => !['row', 'col'].includes(head.scope)))).map((table) => table.id)",
        );
        assert_eq!(bad, json!([]), "{tab}");
    }
    browser.go(&page.path, "");
    assert_eq!(browser.text("document.documentElement.lang"), "en");
    assert_eq!(browser.eval("document.querySelectorAll('h1').length"), 1);
    assert_eq!(browser.text("document.getElementById('map-canvas').getAttribute('aria-hidden')"), "true");
    assert_eq!(
        browser
            .eval("document.querySelectorAll('[id]').length - new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size"),
        0
    );
    let ids = "[...document.querySelectorAll('[aria-controls], [aria-labelledby], [aria-describedby]')].flatMap((one) => ['aria-controls', 'aria-labelledby', 'aria-describedby'].flatMap((name) => (one.getAttribute(name) ?? '').split(' ').filter((id) => id && !document.getElementById(id))))";
    assert_eq!(browser.eval(ids), json!([]));
    browser.assert_quiet();
}

#[test]
fn focus_goes_everywhere_and_can_be_seen() {
    let page = Page::demo();
    let mut browser = page.open("");
    let mut met = Vec::new();
    for _ in 0..24 {
        browser.key("Tab");
        let found = browser.eval(
            "(() => { const at = document.activeElement; const shown = at.matches('fieldset input') ? at.nextElementSibling : at; const style = getComputedStyle(shown); \
             return [at.id || at.dataset?.kind || at.textContent.trim().slice(0, 20) || at.tagName, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1]; })()",
        );
        let name = found[0].as_str().unwrap_or_default().to_owned();
        assert!(found[1] == true || name.is_empty() || name == "BODY", "no outline on {name}");
        met.push(name);
    }
    for name in ["theme", "tab-map", "find", "map-area", "hidden"] {
        assert!(met.iter().any(|one| one == name), "{name} in {met:?}");
    }
}

fn tables_without_scripts(browser: &mut Browser) -> serde_json::Value {
    browser.eval(
        "(() => { const text = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).map((one) => one.textContent).join(' '); \
         return { all: text('main'), map: text('#map-area'), edits: text('.edits h4'), layers: text('#layer-table'), note: text('noscript') }; })()",
    )
}

#[test]
fn without_scripts_the_tables_are_there() {
    let page = Page::demo();
    let mut browser = Browser::new();
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.call("Page.navigate", &json!({"url": format!("file://{}", page.path.display())}));
    browser.wait("Page.loadEventFired");
    // The inspector may still look.
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": false}));
    let found = tables_without_scripts(&mut browser);
    assert_eq!(browser.eval("typeof globalThis.plimsoll"), "undefined", "no script ran");
    assert_eq!(found["map"], "");
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    assert!(text("note").contains("needs JavaScript"), "{found:#}");
    assert!(text("edits").contains("COPY --chown=app:app"), "{found:#}");
    assert!(text("layers").contains("RUN pkg install compiler"), "{found:#}");
    for words in ["What rules found", "layer/metadata-only", "Packages", "Equal content"] {
        assert!(text("all").contains(words), "{words}");
    }
    assert!(browser.eval("document.querySelectorAll('.hull rect').length").as_u64() > Some(4));
}

#[test]
fn a_narrow_window_scrolls_one_way_only() {
    let page = Page::demo();
    let mut browser = page.open("");
    for width in [360, 800, 1600] {
        browser.size(width, 800);
        for tab in ["map", "map?by=layer&find=js", "edits", "findings", "checklist", "layers", "packages", "notes"] {
            browser.go(&page.path, &format!("#{tab}"));
            let wide = browser.eval("document.documentElement.scrollWidth").as_u64().expect("a number");
            assert!(wide <= u64::from(width), "{tab} is {wide} wide in {width}");
        }
        browser.go(&page.path, "");
        let inside = browser.eval("plimsoll.map.cells.every((cell) => cell.x >= -0.5 && cell.y >= -0.5 && cell.x + cell.w <= plimsoll.map.area.clientWidth + 0.5 && cell.y + cell.h <= plimsoll.map.area.clientHeight + 0.5)");
        assert_eq!(inside, true);
        // Cells of one parent do not lie upon each other, and take what is theirs.
        let overlaps = browser.eval(
            "plimsoll.map.cells.filter((a) => plimsoll.map.cells.some((b) => a !== b && a.from === b.from && a.depth === b.depth && \
             Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x) > 0.5 && Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y) > 0.5)).length",
        );
        assert_eq!(overlaps, 0);
    }
    let areas = browser.eval(
        "(() => { const total = plimsoll.map.values[0]; const whole = plimsoll.map.area.clientWidth * plimsoll.map.area.clientHeight; \
         return plimsoll.map.cells.filter((cell) => cell.depth === 1).every((cell) => { let top = cell.node; while (plimsoll.map.tree.parents[top] > 0) top = plimsoll.map.tree.parents[top]; \
         return Math.abs(cell.w * cell.h / whole - plimsoll.map.values[top] / total) < 0.001; }); })()",
    );
    assert_eq!(areas, true, "an area is its share");
    browser.assert_quiet();
}

#[test]
fn on_paper_all_of_it_is_there_and_light() {
    let page = Page::demo();
    let mut browser = Browser::new();
    browser.media("dark");
    browser.go(&page.path, "#edits");
    let ink = browser.text("getComputedStyle(document.body).color");
    browser.eval("addEventListener('beforeprint', () => { globalThis.printed = [plimsoll.map.cells.length, getComputedStyle(document.body).color]; })");
    let paper = browser.call("Page.printToPDF", &json!({}));
    assert!(paper["data"].as_str().is_some_and(|data| data.len() > 20_000));
    let printed = browser.eval("printed");
    assert!(printed[0].as_u64() > Some(100), "the map is drawn though its tab is closed: {printed}");
    assert_ne!(printed[1], ink.as_str());
    browser.settle();
    assert_eq!(browser.text("getComputedStyle(document.body).color"), ink, "as before");
    assert_eq!(browser.eval("document.getElementById('section-map').hidden"), true);
    let dark = json!({"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.call("Emulation.setEmulatedMedia", &dark);
    let shown = browser.eval("[...document.querySelectorAll('main > section')].every((part) => part.checkVisibility())");
    assert_eq!(shown, true);
    assert_eq!(
        browser.eval("document.querySelector('.tools').checkVisibility() || document.querySelector('.tabs').checkVisibility()"),
        false
    );
    assert_ne!(browser.text("getComputedStyle(document.body).color"), ink);
    browser.assert_quiet();
}
