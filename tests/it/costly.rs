//! Rules of a stranger that are slow on purpose, over a log that is made for them: refused, or bounded by what they cost.
//!
//! A few in a debug build; `cargo test --profile real --test it costly -- --nocapture` tries a thousand against the clock.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use passdown::extract::{extract, extract_telling};
use passdown::rules::{RuleFile, RuleSet};
use passdown::session::{self, Session};

use crate::planted::Log;

/// The most that a rule may take of a session.
const MOST: Duration = Duration::from_millis(250);

/// Numbers of a seed, the same everywhere.
struct Lot(u64);

impl Lot {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % most
    }

    fn of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }
}

/// A log of `calls` commands that fail, each with 100 KB of what slow patterns are slow on, then one that prints `last`.
fn log(calls: usize, last: &str) -> String {
    let mut lot = Lot(7);
    let mut log = Log::new(&|_| None);
    log.user(serde_json::json!("Always keep a in mind. Make a pass."));
    for call in 0..calls {
        let mut output = String::new();
        while output.len() < 100_000 {
            match (call + lot.below(2)) % 6 {
                0 => output.push_str(&"a".repeat(16_000)),
                1 => (0..500).for_each(|_| output.push_str("aa\n")),
                2 => (0..4_000).for_each(|_| output.push_str(lot.of(&["a", "b"]))),
                3 => (0..400).for_each(|_| {
                    output.push_str(lot.of(&["error: a is ", "b ", "aé", "  ", "x=1;"]))
                }),
                4 => _ = write!(output, "{}!", "ab".repeat(2_000)),
                _ => (0..100)
                    .for_each(|n| _ = writeln!(output, "src/a{n}.rs:{n}: error: a of {n} passed")),
            }
            output.push('\n');
        }
        let say = output.get(..20_000).unwrap_or_default();
        log.assistant(serde_json::json!({"type": "text", "text": say}));
        log.shell("make a", &output, true);
    }
    log.shell("make a", last, true);
    log.lines
}

/// A pattern that is slow somewhere, or too large, or nothing.
fn pattern(lot: &mut Lot) -> String {
    let n = 1 + lot.below(300);
    let part = [
        ".",
        "[ab]",
        r"\w",
        r"\S",
        "a?",
        "(?:a|b|ab)",
        r"\p{L}",
        "[^x]",
    ];
    let (one, two) = (lot.of(&part), lot.of(&part));
    match lot.below(12) {
        0 => format!("a{one}{{{n}}}b"),
        1 => format!("(?:{one}|{two}{one})*{two}{{{n}}}$"),
        2 => ".*[^A-Z]|[A-Z]".to_owned(),
        3 => format!("{one}*a{two}*a{one}*a{two}*!"),
        4 => format!("(?:(?:{one}{{0,{n}}}){{0,{n}}})a"),
        5 => format!("(?<what>{one}+?)(?<name>{two}+?)a{one}{{{n}}}z"),
        6 => format!("{}a{}", "(".repeat(n), ")".repeat(n)),
        7 => format!("^{one}*{two}*{one}*{two}*a?$"),
        8 => format!("{}a", "a?".repeat(n * 4)),
        9 => format!("{one}{{{n},{}}}a{two}", n + lot.below(900)),
        10 => {
            (0..n)
                .map(|k| format!("a{one}{{{k}}}b|"))
                .collect::<String>()
                + "a"
        }
        _ => format!("(?s)a{two}*?{one}{{{n}}}"),
    }
}

/// Rule files of one rule each.
fn rules(count: usize) -> Vec<RuleFile> {
    let mut lot = Lot(3);
    let kinds = [
        "failure",
        "instruction",
        "decision",
        "metric",
        "environment",
        "commit",
    ];
    (0..count)
        .map(|number| {
            let (kind, keyword) = (lot.of(&kinds), lot.of(&["aa", "ab", "error"]));
            let pattern = pattern(&mut lot).replace('\'', "");
            let text = format!(
                "[[rule]]\nid = \"slow-{number}\"\nkind = \"{kind}\"\nscope = [\"tool_output\", \"assistant_text\", \"prompt\", \"command\"]\n\
                 keywords = [\"{keyword}\"]\npattern = '{pattern}'\nlines = {}\nignore_case = {}\n{}",
                1 + lot.below(8),
                lot.below(2) == 0,
                if kind == "failure" { "class = \"test\"\nabout = \"product\"\n" } else { "" }
            );
            RuleFile::given(format!("slow-{number}.toml"), text)
        })
        .collect()
}

fn session(log: &str) -> Session {
    session::from_bytes("s.jsonl", log.as_bytes()).0
}

#[expect(clippy::print_stdout, reason = "what was measured is the point")]
#[test]
fn a_slow_rule_is_refused_or_takes_little_of_a_session() {
    let quick = !cfg!(debug_assertions);
    let session = session(&log(if quick { 40 } else { 4 }, ""));
    let (mut refused, mut costly, mut worst) = (0, 0, (Duration::ZERO, String::new()));
    let files = rules(if quick { 1_000 } else { 40 });
    for file in &files {
        let Ok(set) = RuleSet::load(std::slice::from_ref(file)) else {
            refused += 1;
            continue;
        };
        let alone = set.only(|rule| rule.id.starts_with("slow-"));
        let begun = Instant::now();
        costly += usize::from(!extract_telling(&session, &alone).1.is_empty());
        let took = begun.elapsed();
        if took > worst.0 {
            worst = (took, file.text.clone());
        }
    }
    println!(
        "{} rules: {refused} refused, {costly} switched off; the slowest {:?}:\n{}",
        files.len(),
        worst.0,
        worst.1
    );
    assert!(refused > 0 && refused < files.len() && costly > 0);
    let most = if quick { MOST } else { 40 * MOST };
    assert!(worst.0 <= most, "{:?}: {}", worst.0, worst.1);
}

#[test]
fn what_is_counted_is_the_same_on_every_machine() {
    let session = session(&log(6, ""));
    let slow = RuleFile::given(
        "slow.toml",
        "[[rule]]\nid = \"slow\"\nkind = \"failure\"\nclass = \"test\"\nabout = \"product\"\nscope = [\"tool_output\"]\nkeywords = [\"aa\"]\npattern = 'a.{40}b'\n",
    );
    let usual = RuleFile::given(
        "usual.toml",
        "[[rule]]\nid = \"usual\"\nkind = \"failure\"\nclass = \"test\"\nabout = \"product\"\nscope = [\"tool_output\"]\nkeywords = [\"error: a of\"]\npattern = 'error: (?<what>a of \\d+)'\n",
    );
    let set = RuleSet::load(&[slow, usual.clone()]).expect("sound rules");
    let of = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads")
            .install(|| extract_telling(&session, &set))
    };
    let (one, costly) = of(1);
    for threads in [2, 3, 8] {
        assert!(one == of(threads).0, "{threads} threads");
    }
    let costly: Vec<&str> = costly.iter().map(|rule| &*rule.id).collect();
    assert_eq!(costly, ["slow"]);
    // What is counted and within bounds finds as much as what is not.
    let counted = RuleSet::load(&[usual]).expect("a sound rule");
    let (found, costly) = extract_telling(&session, &counted);
    assert!(costly.is_empty());
    assert!(found.len() >= extract(&session, RuleSet::builtin()).len());
}

#[test]
fn the_newest_part_is_searched_and_what_is_not_is_told() {
    let text = log(60, &format!("aa{}b is the newest", "x".repeat(40)));
    let rule = "[[rule]]\nid = \"slow\"\nkind = \"failure\"\nclass = \"test\"\nabout = \"product\"\nscope = [\"tool_output\"]\nkeywords = [\"aa\"]\npattern = '(?<what>a.{40}b is the newest)|a.{50}c'\n";
    let set = RuleSet::load(&[RuleFile::given("slow.toml", rule)]).expect("a sound rule");
    let (found, costly) = extract_telling(&session(&text), &set);
    assert_eq!(costly.len(), 1);
    assert!(format!("{found:?}").contains("is the newest"));
    let run = crate::run::Run::new()
        .file("s.jsonl", text)
        .file("slow.toml", rule)
        .args(["s.jsonl", "--rules", "slow.toml"]);
    let ran = run.go().exits(0);
    assert!(
        ran.err.contains("slow.toml:1: rule `slow` takes too long"),
        "{}",
        ran.err
    );
}
