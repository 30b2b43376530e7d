//! The rule files of `src/rules/builtin` → a table in the program, so that no run has to parse them; and the patterns of
//! `src/safety`, compiled.
//!
//! The files stay the one source: the tests of `rules` parse them as a user's rules are parsed, prove
//! their examples, and compare them with the table. What is wrong in a file is told there, with its place.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, error, fs};

use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use toml::de::{DeTable, DeValue};

#[path = "src/rules/needed.rs"]
mod needed;
#[path = "src/safety/patterns.rs"]
mod patterns;
#[path = "src/rules/program.rs"]
mod program;
#[path = "src/rules/syntax.rs"]
mod syntax;

/// The files in the order of their rules: where two rules of one kind match one command, the
/// first is the one that counts, so special goes before general.
const FILES: &[&str] = &[
    "go",
    "rust",
    "python",
    "js",
    "jvm",
    "dotnet",
    "apple",
    "c",
    "ruby",
    "php",
    "elixir",
    "infra",
    "wrappers",
    "failures_build",
    "failures_tests",
    "failures_run",
    "failures_services",
    "git",
    "environment",
    "trackers",
    "prose",
    "prose_languages",
];

fn main() -> Result<(), Box<dyn error::Error>> {
    const FOLDER: &str = "src/rules/builtin";
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed=src/rules/needed.rs");
    println!("cargo::rerun-if-changed=src/rules/program.rs");
    println!("cargo::rerun-if-changed=src/rules/syntax.rs");
    println!("cargo::rerun-if-changed=src/safety/patterns.rs");
    let mut rows = String::from("&[\n");
    let mut programs = Vec::new();
    for file in FILES {
        let file = format!("{file}.toml");
        let text = fs::read_to_string(Path::new(FOLDER).join(&file))?;
        let table = DeTable::parse(&text).map_err(|error| format!("{file}: {error}"))?;
        let rules = table.get_ref().get("rule").map(|rules| rules.get_ref());
        for rule in rules.and_then(DeValue::as_array).into_iter().flatten() {
            let before = text.get(..rule.span().start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let fields = rule.get_ref().as_table().into_iter().flatten();
            let fields = fields.map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()));
            let row = row(&fields.collect(), &mut programs)
                .ok_or_else(|| format!("{file}:{line}: not a rule; the tests say why"))?;
            writeln!(rows, "Row {{ file: {file:?}, line: {line}, {row} }},")?;
        }
    }
    rows.push_str("]\n");
    let target = env::var_os("OUT_DIR").ok_or("cargo names a folder for what a build writes")?;
    fs::write(Path::new(&target).join("builtin.rs"), rows)?;
    fs::write(Path::new(&target).join("programs.bin"), programs)?;
    fs::write(Path::new(&target).join("files.rs"), files(FOLDER)?)?;
    for (name, pattern) in [
        ("secret_file", patterns::SECRET_FILE),
        ("sample", patterns::SAMPLE),
        ("secret_command", patterns::SECRET_COMMAND),
        ("risky", patterns::RISKY),
    ] {
        fs::write(Path::new(&target).join(name), fixed(pattern, true)?)?;
    }
    let (rows, programs) = secrets("src/safety/secrets.toml")?;
    fs::write(Path::new(&target).join("secrets.rs"), rows)?;
    fs::write(Path::new(&target).join("secrets.bin"), programs)?;
    Ok(())
}

/// The shapes of secrets as rows, without their examples, and the automata of their patterns.
fn secrets(file: &str) -> Result<(String, Vec<u8>), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed={file}");
    let text = fs::read_to_string(file)?;
    let table = DeTable::parse(&text).map_err(|error| format!("{file}: {error}"))?;
    let rules = table.get_ref().get("rule").map(|rules| rules.get_ref());
    let mut rows = String::from("&[\n");
    let mut programs = Vec::new();
    for rule in rules.and_then(DeValue::as_array).into_iter().flatten() {
        let field = |key: &str| {
            let fields = rule.get_ref().as_table();
            fields.and_then(|fields| Some(fields.get(key)?.get_ref()))
        };
        let text = |key| field(key).and_then(DeValue::as_str);
        let missing = |key| format!("{file}: {:?} has no {key}", text("id"));
        let keywords = field("keywords").and_then(DeValue::as_array);
        let keywords: Option<Vec<&str>> = keywords
            .ok_or_else(|| missing("keywords"))?
            .iter()
            .map(|keyword| keyword.get_ref().as_str())
            .collect();
        let pattern = text("pattern").ok_or_else(|| missing("pattern"))?;
        let start = programs.len();
        programs.extend(fixed(pattern, false)?);
        writeln!(
            rows,
            "Shape {{ id: {:?}, kind: {:?}, keywords: &{:?}, pattern: {pattern:?}, judge: Judge::{}, program: ({start}, {}) }},",
            text("id").ok_or_else(|| missing("id"))?,
            text("kind"),
            keywords.ok_or_else(|| missing("keywords"))?,
            variant(text("judge").unwrap_or("shape")),
            programs.len(),
        )?;
    }
    rows.push_str("]\n");
    Ok((rows, programs))
}

/// A pattern of the program itself, of which a run only asks whether a text has it.
fn fixed(pattern: &str, any_case: bool) -> Result<Vec<u8>, Box<dyn error::Error>> {
    let syntax = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .case_insensitive(any_case)
        .build()
        .parse(pattern)?;
    let config = Config::new()
        .utf8(false)
        .which_captures(WhichCaptures::None);
    let automaton = Compiler::new().configure(config).build_from_hir(&syntax)?;
    program::write(&automaton).ok_or_else(|| "a state of an unknown kind".into())
}

/// The names of the files with what includes their texts.
fn files(folder: &str) -> Result<String, Box<dyn error::Error>> {
    let mut list = String::from("&[\n");
    for file in FILES {
        let path = format!("/{folder}/{file}.toml");
        writeln!(
            list,
            "(\"{file}.toml\", include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),"
        )?;
    }
    list.push_str("]\n");
    Ok(list)
}

/// The fields of a `Row`, but for its place; none where a rule lacks what it must have.
/// The automaton of its pattern is added to `programs`.
fn row(fields: &BTreeMap<&str, &DeValue<'_>>, programs: &mut Vec<u8>) -> Option<String> {
    let text = |key| fields.get(key).and_then(|value| value.as_str());
    let texts = |key| {
        let values = fields.get(key).and_then(|value| value.as_array())?;
        let texts = values.iter().map(|value| value.get_ref().as_str());
        texts.collect::<Option<Vec<&str>>>()
    };
    let truth = |key| fields.get(key).and_then(|value| value.as_bool()) == Some(true);
    let number = |key| match fields.get(key) {
        Some(DeValue::Integer(number)) => number.as_str().to_owned(),
        Some(DeValue::Float(number)) => number.as_str().to_owned(),
        _ => "1".to_owned(),
    };
    let word = |name: &str, key| text(key).map(|word| format!("{name}::{}", variant(word)));
    let scope = texts("scope")?.into_iter().map(|scope| {
        let (word, tool) = match scope.split_once(':') {
            Some((word, tool)) => (word, Some(tool)),
            None => (scope, None),
        };
        format!("(Scope::{}, {tool:?})", variant(word))
    });
    let mut row = format!(
        "id: {:?}, kind: {}, scope: &[{}], keywords: &{:?}, pattern: {:?}, ",
        text("id")?,
        word("Kind", "kind")?,
        scope.collect::<Vec<_>>().join(", "),
        texts("keywords")?,
        text("pattern")?,
    );
    let pattern = match truth("prefixed") {
        true => syntax::with_prefix(text("pattern")?),
        false => text("pattern")?.to_owned(),
    };
    let parsed = syntax::parse(&pattern, truth("ignore_case")).ok()?;
    let start = programs.len();
    programs.extend(program::write(&syntax::automaton(&parsed).ok()?)?);
    let (end, begins_line) = (programs.len(), syntax::begins_line(&parsed));
    let sets = needed::needed(&parsed);
    let set = |set: &Vec<Vec<u8>>| {
        let words = set
            .iter()
            .map(|word| format!("b\"{}\"", word.escape_ascii()));
        format!("&[{}]", words.collect::<Vec<_>>().join(", "))
    };
    let needed: Vec<String> = sets.iter().map(set).collect();
    write!(
        row,
        "begins_line: {begins_line}, needed: &[{}], program: ({start}, {end}), ",
        needed.join(", ")
    )
    .ok()?;
    for key in ["ignore_case", "prefixed", "disabled"] {
        write!(row, "{key}: {}, ", truth(key)).ok()?;
    }
    for (key, kind) in [("lines", "u8"), ("weight", "f64")] {
        write!(row, "{key}: {}_{kind}, ", number(key)).ok()?;
    }
    for key in ["tool", "source"] {
        write!(row, "{key}: {:?}, ", text(key)).ok()?;
    }
    for key in ["family", "class", "about", "verdict"] {
        match word(&variant(key), key) {
            Some(word) => write!(row, "{key}: Some({word}), ").ok()?,
            None => write!(row, "{key}: None, ").ok()?,
        }
    }
    Some(row)
}

/// The name of the enum's variant for a word of the format: `next-step` → `NextStep`.
fn variant(word: &str) -> String {
    let parts = word.split(['-', '_']);
    parts
        .map(|part| {
            let (first, rest) = part.split_at(part.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect()
}
