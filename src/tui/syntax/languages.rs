//! The languages that files of images are written in, each as far as its colours need it.

use super::{Keys, Language, Quote, Shape};

const fn quote(open: &'static str, close: &'static str) -> Quote {
    Quote { open, close, escapes: true, lines: false, single: false }
}

const fn raw(open: &'static str, close: &'static str) -> Quote {
    Quote { escapes: false, lines: true, ..quote(open, close) }
}

const fn long(open: &'static str, close: &'static str) -> Quote {
    Quote { lines: true, ..quote(open, close) }
}

const fn single() -> Quote {
    Quote { single: true, ..quote("'", "'") }
}

const DOUBLE: Quote = quote("\"", "\"");
const APOSTROPHE: Quote = quote("'", "'");
const BACKTICK: Quote = long("`", "`");

const C_BLOCK: Option<(&str, &str)> = Some(("/*", "*/"));

const CODE: Language = Language {
    files: &[],
    extensions: &[],
    interpreters: &[],
    shape: Shape::Code,
    comments: &["#"],
    block: None,
    quotes: &[DOUBLE, APOSTROPHE],
    keywords: "",
    keys: Keys::None,
    any_case: false,
    variables: false,
};

/// Languages whose comments are those of C.
const C_LIKE: Language = Language { comments: &["//"], block: C_BLOCK, quotes: &[DOUBLE, single()], ..CODE };

/// All of them; of two that claim a name the first has it.
pub(super) const LANGUAGES: &[Language] = &[
    Language {
        files: &["dockerfile", "containerfile"],
        extensions: &["dockerfile", "containerfile"],
        quotes: &[DOUBLE, APOSTROPHE],
        keywords: "from run cmd label maintainer expose env add copy entrypoint volume user workdir arg onbuild stopsignal healthcheck shell",
        keys: Keys::Instruction,
        any_case: true,
        variables: true,
        ..CODE
    },
    Language {
        files: &[".bashrc", ".bash_profile", ".bash_logout", ".profile", ".zshrc", "profile", "apkbuild", "pkgbuild"],
        extensions: &["sh", "bash", "zsh", "ksh", "ash", "dash", "bashrc", "ebuild", "postinst", "preinst", "postrm", "prerm"],
        interpreters: &["sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "openrc-run"],
        quotes: &[long("\"", "\""), raw("'", "'"), BACKTICK],
        keywords: "if then else elif fi for while until do done case esac in function return exit local export set unset shift trap exec eval source readonly declare break continue",
        variables: true,
        ..CODE
    },
    Language {
        files: &["sconstruct", "wscript"],
        extensions: &["py", "pyi", "pyw", "pyx"],
        interpreters: &["python", "pypy"],
        quotes: &[long("\"\"\"", "\"\"\""), long("'''", "'''"), DOUBLE, APOSTROPHE],
        keywords: "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield case self",
        ..CODE
    },
    Language {
        extensions: &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"],
        interpreters: &["node", "nodejs", "deno", "bun"],
        quotes: &[DOUBLE, APOSTROPHE, BACKTICK],
        keywords: "abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in instanceof interface keyof let namespace new null number of private protected public readonly return set static string super switch this throw true try type typeof undefined var void while with yield",
        ..C_LIKE
    },
    Language {
        files: &[".babelrc", ".eslintrc", ".prettierrc", "composer.lock", "pipfile.lock", "flake.lock"],
        extensions: &["json", "jsonc", "json5", "geojson", "webmanifest", "map", "ipynb", "jsonl"],
        comments: &["//"],
        block: C_BLOCK,
        quotes: &[DOUBLE],
        keywords: "true false null",
        keys: Keys::Quoted,
        ..CODE
    },
    Language {
        files: &[".clang-format", ".yamllint", "pubspec.lock"],
        extensions: &["yaml", "yml", "cff"],
        quotes: &[DOUBLE, raw("'", "'")],
        keywords: "true false null yes no on off",
        keys: Keys::Colon,
        ..CODE
    },
    Language {
        files: &["cargo.lock", "poetry.lock", "uv.lock", "pipfile", "gopkg.lock"],
        extensions: &["toml"],
        quotes: &[long("\"\"\"", "\"\"\""), raw("'''", "'''"), DOUBLE, Quote { lines: false, ..raw("'", "'") }],
        keywords: "true false inf nan",
        keys: Keys::Equals,
        ..CODE
    },
    Language {
        files: &[".env", ".npmrc", ".gitconfig", ".editorconfig", "os-release", "lsb-release", "environment", "pip.conf", "my.cnf"],
        extensions: &["ini", "cfg", "cnf", "conf", "properties", "desktop", "service", "socket", "timer", "env", "repo", "wrap", "pc"],
        comments: &["#", ";"],
        quotes: &[DOUBLE],
        keywords: "true false yes no on off",
        keys: Keys::Equals,
        ..CODE
    },
    Language {
        extensions: &["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "inl", "ino", "cu", "m", "mm"],
        keywords: "alignas alignof auto bool break case catch char class const constexpr continue default define delete do double else endif enum explicit extern false float for friend goto if ifdef ifndef include inline int long mutable namespace new noexcept nullptr NULL operator override private protected public register return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual void volatile while",
        ..C_LIKE
    },
    Language {
        files: &["go.mod", "go.work"],
        extensions: &["go"],
        quotes: &[DOUBLE, single(), raw("`", "`")],
        keywords: "break case chan const continue default defer else fallthrough false for func go goto if import interface iota map module nil package range require replace return select struct switch true type var any error string bool byte int uint",
        ..C_LIKE
    },
    Language {
        extensions: &["rs"],
        quotes: &[raw("r##\"", "\"##"), raw("r#\"", "\"#"), raw("r\"", "\""), long("\"", "\""), single()],
        keywords: "as async await break const continue crate dyn else enum extern false fn for if impl in let loop macro_rules match mod move mut pub ref return self Self static struct super trait true type union unsafe use where while",
        ..C_LIKE
    },
    Language {
        files: &["jenkinsfile"],
        extensions: &["java", "kt", "kts", "scala", "groovy", "gradle", "cs", "swift", "dart"],
        quotes: &[long("\"\"\"", "\"\"\""), DOUBLE, single()],
        keywords: "abstract as async await boolean break byte case catch char class companion const continue data def default do double else enum extends false final finally float for fun guard if implements import in init instanceof int interface internal is let long match module namespace new nil null object open operator out override package private protected public record return sealed short static string struct super switch this throw throws trait true try typealias using val var void when where while with yield",
        ..C_LIKE
    },
    Language {
        files: &["gemfile", "rakefile", "guardfile", "vagrantfile", "podfile", "brewfile"],
        extensions: &["rb", "gemspec", "rake", "ru", "erb"],
        interpreters: &["ruby"],
        block: Some(("=begin", "=end")),
        keywords: "alias and begin BEGIN break case class def defined do else elsif end END ensure false for if in module next nil not or private protected public raise redo require require_relative rescue retry return self super then true undef unless until when while yield",
        ..CODE
    },
    Language {
        extensions: &["php", "phtml", "php5", "inc"],
        interpreters: &["php"],
        comments: &["//", "#"],
        block: C_BLOCK,
        quotes: &[long("\"", "\""), long("'", "'")],
        keywords: "abstract and array as break callable case catch class clone const continue declare default do echo else elseif empty enum extends false final finally fn for foreach function global if implements include include_once instanceof interface isset list match namespace new null or php print private protected public readonly require require_once return self static switch throw trait true try unset use var while yield",
        any_case: true,
        variables: true,
        ..CODE
    },
    Language {
        extensions: &["pl", "pm", "t"],
        interpreters: &["perl"],
        block: Some(("=pod", "=cut")),
        keywords: "and bless die do else elsif eval for foreach if last local my next no not or our package print redo ref require return sub undef unless until use while",
        variables: true,
        ..CODE
    },
    Language {
        extensions: &["lua"],
        interpreters: &["lua", "luajit"],
        comments: &["--"],
        block: Some(("--[[", "]]")),
        keywords: "and break do else elseif end false for function goto if in local nil not or repeat return then true until while",
        ..CODE
    },
    Language {
        extensions: &["sql", "psql", "ddl"],
        comments: &["--", "#"],
        block: C_BLOCK,
        quotes: &[raw("'", "'"), DOUBLE, BACKTICK],
        keywords: "add all alter and as asc begin between by cascade case check column commit constraint create cross database default delete desc distinct drop else end exists explain foreign from full grant group having if in index inner insert into is join key left like limit not null on or order outer primary references replace revoke right rollback select set table then transaction trigger true false union unique update using values view when where with integer text varchar boolean timestamp",
        any_case: true,
        ..CODE
    },
    Language {
        extensions: &[
            "html", "htm", "xhtml", "xml", "svg", "xsd", "xsl", "xslt", "plist", "pom", "vue", "rss", "atom", "xaml", "csproj", "nuspec",
        ],
        shape: Shape::Markup,
        block: Some(("<!--", "-->")),
        quotes: &[raw("\"", "\""), raw("'", "'")],
        ..CODE
    },
    Language {
        extensions: &["css", "scss", "sass", "less"],
        quotes: &[DOUBLE, APOSTROPHE],
        keywords: "important inherit initial none auto var calc",
        keys: Keys::Colon,
        ..C_LIKE
    },
    Language {
        files: &["makefile", "gnumakefile", "kbuild"],
        extensions: &["mk", "mak", "make"],
        interpreters: &["make"],
        keywords: "define endef export ifdef ifeq ifndef ifneq include else endif override",
        keys: Keys::Target,
        variables: true,
        ..CODE
    },
    Language {
        files: &["cmakelists.txt"],
        extensions: &["cmake", "nix", "tf", "hcl", "bzl", "bazel", "star", "awk", "tcl", "r", "jl", "ps1", "ex", "exs"],
        interpreters: &["awk", "gawk", "tclsh", "Rscript", "julia", "pwsh", "elixir"],
        keywords: "if then else elseif elsif endif for foreach endforeach while do end in function endfunction macro endmacro return set let with rec inherit import include resource variable output module provider data def defmodule fn case cond proc print true false null nil not and or",
        variables: true,
        ..CODE
    },
    Language { extensions: &["diff", "patch"], shape: Shape::Diff, ..CODE },
    Language { files: &["readme"], extensions: &["md", "markdown", "mkd", "mdx"], shape: Shape::Markdown, ..CODE },
];
