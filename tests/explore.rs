//! The terminal explorer, driven by keys: on a terminal in memory, and on real ones in tmux.
#![cfg(feature = "tui")]

mod support;

#[path = "explore/bind.rs"]
mod bind;
#[path = "explore/dive.rs"]
mod dive;
#[path = "explore/files.rs"]
mod files;
#[path = "explore/hostile.rs"]
mod hostile;
#[path = "explore/links.rs"]
mod links;
#[path = "explore/long.rs"]
mod long;
#[path = "explore/numbers.rs"]
mod numbers;
#[path = "explore/order.rs"]
mod order;
#[path = "explore/screens.rs"]
mod screens;
#[path = "explore/settings.rs"]
mod settings;
#[path = "explore/story.rs"]
mod story;
#[path = "explore/syntax.rs"]
mod syntax;
#[path = "explore/themes.rs"]
mod themes;
#[path = "explore/walk.rs"]
mod walk;

#[cfg(unix)]
#[path = "explore/real.rs"]
mod real;

#[cfg(all(unix, feature = "registry"))]
#[path = "support/scripted.rs"]
mod scripted;
#[cfg(all(unix, feature = "registry"))]
#[path = "explore/stop.rs"]
mod stop;
