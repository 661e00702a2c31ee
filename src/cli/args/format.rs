//! The forms that a report, a verdict and a comparison take.

use crate::cli::outputs;
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// The whole report; `plimsoll schema` describes it
    Json,
    /// The layers, one a row
    Csv,
    /// The file that `dive --json` writes
    DiveJson,
    /// For a comment on a pull request, never longer than GitHub takes
    Markdown,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Annotations in a workflow of GitHub's
    Github,
    /// Markdown for the summary of a job: `--output github-summary=$GITHUB_STEP_SUMMARY` adds it at the end of that file
    GithubSummary,
    /// Code Quality of GitLab
    Gitlab,
    /// Gauges: `OpenMetrics` 1.0
    Openmetrics,
    /// A page for a browser, all in one file: a map of the image, and all that was found
    #[cfg(feature = "html")]
    Html,
    /// A picture for a README or a comment: the map by directory, in light and dark
    Svg,
}

impl outputs::Shape for Format {
    fn is_shared(self) -> bool {
        !matches!(self, Self::Table | Self::Json | Self::Csv | Self::DiveJson)
    }

    fn is_appended(self) -> bool {
        self == Self::GithubSummary
    }

    fn is_page(self) -> bool {
        #[cfg(feature = "html")]
        return self == Self::Html;
        #[cfg(not(feature = "html"))]
        false
    }
}

/// How a verdict is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people
    #[default]
    Table,
    /// For programs; `plimsoll schema check` describes it
    Json,
    /// One budget a row
    Csv,
    /// For a comment on a pull request: one line where all pass, never longer than GitHub takes
    Markdown,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Test cases, as every CI shows them
    Junit,
    /// Annotations in a workflow of GitHub's
    Github,
    /// Markdown for the summary of a job: `--output github-summary=$GITHUB_STEP_SUMMARY` adds it at the end of that file
    GithubSummary,
    /// Code Quality of GitLab
    Gitlab,
    /// Gauges: `OpenMetrics` 1.0
    Openmetrics,
    /// A page for a browser, all in one file: the verdict on top of a map of the image, and all that was found
    #[cfg(feature = "html")]
    Html,
}

impl outputs::Shape for CheckFormat {
    fn is_shared(self) -> bool {
        !matches!(self, Self::Table | Self::Json | Self::Csv)
    }

    fn is_appended(self) -> bool {
        self == Self::GithubSummary
    }

    fn is_page(self) -> bool {
        #[cfg(feature = "html")]
        return self == Self::Html;
        #[cfg(not(feature = "html"))]
        false
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    #[default]
    Table,
    /// The whole comparison; `plimsoll schema diff` describes it
    Json,
    /// One change a row
    Csv,
    /// For a comment on a pull request: one line where little changed, never longer than GitHub takes
    Markdown,
    /// Markdown for the summary of a job: `--output github-summary=$GITHUB_STEP_SUMMARY` adds it at the end of that file
    GithubSummary,
    /// A page for a browser, all in one file: a map of what grew and what shrank
    #[cfg(feature = "html")]
    Html,
}

impl outputs::Shape for DiffFormat {
    fn is_shared(self) -> bool {
        !matches!(self, Self::Table | Self::Json | Self::Csv)
    }

    fn is_appended(self) -> bool {
        self == Self::GithubSummary
    }

    fn is_page(self) -> bool {
        #[cfg(feature = "html")]
        return self == Self::Html;
        #[cfg(not(feature = "html"))]
        false
    }
}
