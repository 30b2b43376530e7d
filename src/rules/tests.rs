//! The built-in table tests itself; the engine is tested on small sets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

/// The built-in rules with their examples.
fn proven() -> &'static RuleSet {
    static SET: OnceLock<RuleSet> = OnceLock::new();
    SET.get_or_init(read_proven)
}

fn read_proven() -> RuleSet {
    let mut rules = Vec::new();
    for (name, text) in builtin::FILES {
        let format::Parsed {
            drafts, mistakes, ..
        } = format::parse(name, text);
        let messages: Vec<String> = mistakes.iter().map(|m| m.message(name)).collect();
        assert!(messages.is_empty(), "{}", messages.join("\n"));
        for draft in drafts {
            let mut rule = draft
                .rule
                .unwrap_or_else(|| panic!("{name}: `{}` lacks its pattern", draft.id));
            rule.pack = Some(layers::pack(name));
            rules.push(Arc::new(rule));
        }
    }
    RuleSet::of(rules)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/builtin")
}

fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}\n", complaints.join("\n"));
}

#[test]
fn the_table_compiles_and_its_ids_are_unique() {
    let set = proven();
    let mut ids = BTreeSet::new();
    let mut complaints = Vec::new();
    for rule in set.rules() {
        if let Err(what) = rule.regex() {
            complaints.push(format!("{}:{}: {}: {what}", rule.file, rule.line, rule.id));
        }
        if !ids.insert(&*rule.id) {
            complaints.push(format!(
                "{}:{}: {}: the id is taken",
                rule.file, rule.line, rule.id
            ));
        }
    }
    none(&complaints);
}

#[test]
fn every_rule_proves_itself() {
    let set = proven();
    let mut complaints: Vec<String> = set.failing().iter().map(ToString::to_string).collect();
    for rule in set.rules() {
        if rule.fires.is_empty() || rule.silent.is_empty() {
            complaints.push(format!(
                "{}:{}: {}: needs an example on which it fires and one on which it is silent",
                rule.file, rule.line, rule.id
            ));
        }
    }
    none(&complaints);
}

/// The groups that the ledger knows: of a check, and of a metric.
const CHECK_GROUPS: &[&str] = &["target"];
const METRIC_GROUPS: &[&str] = &[
    // How much: of tests, of findings, in all, of lines.
    "passed",
    "failed",
    "skipped",
    "total",
    "errors",
    "warnings",
    "coverage",
    // Beside the totals, for a reader.
    "files",
    "failed_files",
    "doctests",
    "properties",
    "pending",
    "waits",
    "rate",
    "rating",
    "exit",
    "added",
    "changed",
    "destroyed",
    "imported",
    // How long: a number, or a text with its unit.
    "minutes",
    "seconds",
    "time",
    // Of what.
    "name",
    "number",
    "run",
    "branch",
    "url",
    "kind",
    "message",
];

#[test]
fn checks_and_metrics_say_what_they_are() {
    let mut complaints = Vec::new();
    for rule in proven().rules() {
        let mut tell = |what: &str| {
            complaints.push(format!("{}:{}: {}: {what}", rule.file, rule.line, rule.id))
        };
        let tool = rule.tool.as_deref().unwrap_or_default();
        match rule.kind {
            Kind::Check => {
                if tool.is_empty() || rule.family.is_none() {
                    tell("a check has `tool` and `family`");
                }
                for group in rule.groups() {
                    if !CHECK_GROUPS.contains(&group) && !tool.contains(&format!("{{{group}}}")) {
                        tell(&format!(
                            "`{group}` is neither `target` nor a part of `tool`"
                        ));
                    }
                }
                for part in tool.split('{').skip(1) {
                    let group = part.split('}').next().unwrap_or_default();
                    if !rule.groups().any(|name| name == group) {
                        tell(&format!("`tool` names `{group}`, which is no group"));
                    }
                }
            }
            Kind::Metric => {
                if tool.is_empty() || rule.source.is_none() {
                    tell("a metric has `tool` and `source`");
                }
                // Behind a runner (`mise run lint`) the family alone says whose summary it is.
                let check = proven()
                    .rules()
                    .find(|check| check.kind == Kind::Check && check.tool.as_deref() == Some(tool));
                if check.is_some_and(|check| check.family != rule.family) {
                    tell("a metric has the `family` of its tool's check");
                }
                if rule.verdict.is_none() && rule.groups().count() == 0 {
                    tell("a metric has `verdict`, or groups that count");
                }
                for group in rule.groups().filter(|group| !METRIC_GROUPS.contains(group)) {
                    tell(&format!("`{group}` is no group of a metric"));
                }
            }
            _ => {}
        }
    }
    none(&complaints);
}

/// The matches of one rule in a text, through the whole set.
fn behind(set: &RuleSet, rule: &Rule, text: &str) -> Vec<std::ops::Range<usize>> {
    let mut hits = Vec::new();
    let scope = rule.scope.first().expect("a scope");
    set.scan(scope.scope, scope.tool.as_deref(), text, |hit| {
        if hit.rule.id == rule.id {
            hits.push(hit.start..hit.end);
        }
    });
    hits
}

#[test]
fn the_prefilter_hides_nothing() {
    let set = proven();
    let mut complaints = Vec::new();
    let examples: Vec<&str> = set
        .rules()
        .flat_map(|rule| rule.fires.iter().chain(&rule.silent))
        .map(|example| example.text.as_str())
        .collect();
    for rule in set.rules() {
        for text in &examples {
            let behind = behind(set, rule, text);
            let alone = alone(rule, text);
            if alone != behind {
                complaints.push(format!(
                    "{}:{}: {}: {alone:?} alone, {behind:?} behind its keywords, in {text:?}",
                    rule.file, rule.line, rule.id
                ));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_text_that_a_pattern_matches_has_a_keyword() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    let set = proven();
    let mut runner = TestRunner::deterministic();
    let mut complaints = Vec::new();
    for rule in set.rules() {
        // Texts are made from the pattern without its assertions, which no generator knows; those
        // that the whole pattern does not match after all are passed over.
        let regex = rule.regex().expect("tested above");
        let plain = simplified(&rule.pattern);
        let Ok(texts) = proptest::string::string_regex(&plain) else {
            complaints.push(format!(
                "{}:{}: {}: no texts can be made from {plain}",
                rule.file, rule.line, rule.id
            ));
            continue;
        };
        for _ in 0..60 {
            let text = texts.new_tree(&mut runner).expect("no filters").current();
            let folded = text.to_ascii_lowercase();
            let has = rule.keywords.iter().any(|keyword| match rule.ignore_case {
                true => folded.contains(&keyword.to_ascii_lowercase()),
                false => text.contains(&**keyword),
            });
            if !has && regex.captures_at(text.as_bytes(), 0).is_some() {
                complaints.push(format!(
                    "{}:{}: {}: no keyword in {text:?}",
                    rule.file, rule.line, rule.id
                ));
                break;
            }
        }
    }
    none(&complaints);
}

/// The pattern without assertions, and with classes that hold few characters.
fn simplified(pattern: &str) -> String {
    let mut plain = String::new();
    let mut chars = pattern.chars();
    let mut class = false;
    while let Some(c) = chars.next() {
        match (c, class) {
            ('\\', _) => match (chars.next(), class) {
                (Some('b' | 'A' | 'z'), false) => {}
                (Some('w' | 'S'), false) => plain.push_str("[a-z]"),
                (Some('w'), true) => plain.push_str("a-z"),
                (Some('d'), false) => plain.push_str("[0-9]"),
                (Some('d'), true) => plain.push_str("0-9"),
                (Some('s'), _) => plain.push(' '),
                (next, _) => {
                    plain.push('\\');
                    plain.extend(next);
                }
            },
            ('^' | '$', false) => {}
            ('.', false) => plain.push_str("[a-z ]"),
            ('[', false) => {
                class = true;
                plain.push(c);
            }
            (']', true) => {
                class = false;
                plain.push(c);
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// What the pattern matches by itself, in every line or span of lines.
fn alone(rule: &Rule, text: &str) -> Vec<std::ops::Range<usize>> {
    let regex = rule.regex().expect("tested above");
    let lines = usize::from(rule.lines);
    let mut found = Vec::new();
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let mut matched = 0;
    for (index, start) in starts.iter().enumerate() {
        let end = starts
            .get(index + lines)
            .map_or(text.len(), |next| next - 1);
        let next = starts.get(index + 1).copied().unwrap_or(text.len() + 1);
        let mut at = matched.max(*start);
        while at <= end {
            let Some(captures) = regex.captures_at(&text.as_bytes()[..end], at) else {
                break;
            };
            let whole = captures.whole().expect("a match");
            if whole.start >= next {
                break;
            }
            at = whole.end.max(whole.start + 1);
            if !whole.is_empty() {
                let shown = captures.name(compile::AFTER_PREFIX).unwrap_or(whole);
                found.push(shown.range());
                matched = whole.end;
            }
        }
    }
    found
}

#[test]
fn the_table_is_what_the_files_say() {
    let essence = |rules: &[Arc<Rule>]| -> Vec<String> {
        let rules = rules.iter().map(|rule| {
            let mut rule = Rule::clone(rule);
            rule.fires.clear();
            rule.silent.clear();
            rule.program = None;
            rule.regex = OnceLock::new();
            format!("{rule:?}")
        });
        rules.collect()
    };
    assert_eq!(essence(&builtin::rules()), essence(&proven().rules));
}

#[test]
fn the_automata_are_what_the_patterns_say() {
    for rule in builtin::rules() {
        let built = rule.program.expect("a built-in rule");
        let pattern = match rule.prefixed {
            true => syntax::with_prefix(&rule.pattern),
            false => rule.pattern.to_string(),
        };
        let parsed = syntax::parse(&pattern, rule.ignore_case).expect("tested above");
        let expected = syntax::automaton(&parsed).expect("tested above");
        let begins_line = syntax::begins_line(&parsed);
        assert_eq!(built.begins_line, begins_line, "{}", rule.id);
        assert_eq!(
            Some(built.program),
            program::write(&expected).as_deref(),
            "{}",
            rule.id
        );
        let found = program::read(built.program).map(|nfa| format!("{nfa:?}"));
        assert_eq!(found, Some(format!("{expected:?}")), "{}", rule.id);
    }
}

#[test]
fn damaged_automata_are_not_read() {
    let rules = builtin::rules();
    let program = rules[0].program.expect("a built-in rule").program;
    for end in 0..program.len() {
        assert!(program::read(&program[..end]).is_none(), "{end}");
        assert!(machine::Machine::read(&program[..end]).is_none(), "{end}");
    }
}

#[test]
fn every_file_is_in_the_table() {
    let listed: BTreeSet<String> = proven().rules().map(|r| r.file.to_string()).collect();
    let found = std::fs::read_dir(folder()).expect("the folder of the rules");
    let found = found.map(|entry| entry.expect("a file").file_name());
    let found: BTreeSet<String> = found.filter_map(|name| name.into_string().ok()).collect();
    assert_eq!(listed, found);
}

/// A set of one file's rules alone.
fn set(text: &str) -> RuleSet {
    let format::Parsed {
        drafts, mistakes, ..
    } = format::parse("t.toml", text);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    RuleSet::of(
        drafts
            .into_iter()
            .filter_map(|d| d.rule)
            .map(Arc::new)
            .collect(),
    )
}

/// Scans `text` as Bash output with the rules of `rules`; hits as `id line start..end text`.
fn check(rules: &str, text: &str, expected: &[&str]) {
    let set = set(rules);
    let mut found = Vec::new();
    set.scan(Scope::ToolOutput, Some("Bash"), text, |hit| {
        found.push(format!(
            "{} {} {}..{} {}",
            hit.rule.id,
            hit.line,
            hit.start,
            hit.end,
            hit.text()
        ));
    });
    assert_eq!(found, expected);
}

const FAIL: &str = r#"
[[rule]]
id = "fail"
kind = "failure"
scope = ["tool_output:Bash"]
keywords = ["FAIL", "✗ "]
pattern = '^(?:FAIL|✗) (?<name>\w+)'
"#;

#[test]
fn hits_come_in_order_with_their_lines() {
    check(
        FAIL,
        "ok\nFAIL one\r\n  FAIL no\n✗ two",
        &["fail 1 3..11 FAIL one", "fail 3 23..30 ✗ two"],
    );
}

#[test]
fn another_tool_is_not_looked_into() {
    let set = set(FAIL);
    for tool in [None, Some("Read")] {
        set.scan(Scope::ToolOutput, tool, "FAIL one", |hit| panic!("{hit:?}"));
    }
    set.scan(Scope::Prompt, Some("Bash"), "FAIL one", |hit| {
        panic!("{hit:?}")
    });
}

#[test]
fn a_line_is_matched_more_than_once() {
    let rules = FAIL.replace('^', r"\b");
    check(
        &rules,
        "FAIL a FAIL b",
        &["fail 0 0..6 FAIL a", "fail 0 7..13 FAIL b"],
    );
}

#[test]
fn keywords_know_case_unless_told() {
    check(FAIL, "fail one", &[]);
    let rules = format!("{FAIL}ignore_case = true\n");
    check(&rules, "fail one", &["fail 0 0..8 fail one"]);
    // Beside a rule that ignores case, the others still know it.
    let both = format!("{rules}{}", FAIL.replace("\"fail\"", "\"exact\""));
    check(&both, "fail one", &["fail 0 0..8 fail one"]);
}

#[test]
fn a_match_spans_as_many_lines_as_it_may() {
    let rules = r#"
[[rule]]
id = "span"
kind = "failure"
scope = ["tool_output"]
keywords = ["keyword"]
pattern = 'begin(?:\n.*){0,5}?\nkeyword\nend'
lines = 4
"#;
    check(
        rules,
        "x\nbegin\nkeyword\nend\nx",
        &["span 1 2..19 begin\nkeyword\nend"],
    );
    check(
        rules,
        "begin\n1\nkeyword\nend",
        &["span 0 0..19 begin\n1\nkeyword\nend"],
    );
    check(rules, "begin\n1\n2\nkeyword\nend", &[]);
}

#[test]
fn what_stands_before_a_prefixed_line_is_no_part_of_the_hit() {
    let rules = format!("{FAIL}prefixed = true\n");
    for line in [
        "FAIL one",
        "[test:bats] [build] FAIL one",
        "lint\tRun it all\t2026-02-04T23:39:44.5020796Z FAIL one",
        "web-1  | FAIL one",
        "@acme/web:test: FAIL one",
        "packages/web test: FAIL one",
        "  eslint – FAIL one",
    ] {
        let start = line.len() - 8;
        check(
            &rules,
            line,
            &[&format!("fail 0 {start}..{} FAIL one", line.len())],
        );
    }
    check(&rules, "then FAIL one", &[]);
}

#[test]
fn the_tool_of_a_check_is_filled_in() {
    let rules = set(&FAIL.replace(
        "kind = \"failure\"",
        "kind = \"check\"\ntool = \"{name} {no}test\"",
    ));
    let mut tools = Vec::new();
    rules.scan(Scope::ToolOutput, Some("Bash"), "FAIL one", |hit| {
        tools.push(hit.tool().map(|t| t.to_string()))
    });
    assert_eq!(tools, [Some("one test".to_owned())]);
}

#[test]
fn a_long_line_is_seen_around_its_keyword() {
    let far = "x".repeat(20_000);
    let rules = FAIL.replace('^', "");
    let text = format!("{far} FAIL one {far} FAIL two");
    check(
        &rules,
        &text,
        &[
            "fail 0 20001..20009 FAIL one",
            "fail 0 40011..40019 FAIL two",
        ],
    );
    // `^` still means the beginning of the line, not of what is seen.
    check(FAIL, &text, &[]);
    let wide = format!("{}✗ two", "é".repeat(9_000));
    check(&rules, &wide, &["fail 0 18000..18007 ✗ two"]);
}

#[test]
fn a_rule_has_a_thousand_hits_and_no_more() {
    let set = set(FAIL);
    let mut hits = 0;
    set.scan(
        Scope::ToolOutput,
        Some("Bash"),
        &"FAIL x\n".repeat(3_000),
        |_| hits += 1,
    );
    assert_eq!(hits, 1_000);
}

#[test]
fn captures_do_not_cut_characters() {
    let set = set(&FAIL.replace(r"\w+", ".{3}"));
    let mut found = Vec::new();
    set.scan(Scope::ToolOutput, Some("Bash"), "FAIL ééé", |hit| {
        found.push(hit.get("name"))
    });
    assert_eq!(found, [Some("é")]);
}

/// Loads `text` as a layer and expects these messages.
fn refused(text: &str, expected: &[&str]) {
    match RuleSet::load(&[RuleFile::given("my.toml", text)]) {
        Ok(_) => panic!("accepted"),
        Err(error) => assert_eq!(error.to_string().lines().collect::<Vec<_>>(), expected),
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    refused(
        r#"[[rule]]
id = "one"
kind = "metrics"
scope = ["tool_output:Bash", "prompt:Bash"]
keyword = ["x"]
pattern = '(a'
lines = 9

[[rule]]
id = "Two"

[[rule]]
id = "three"
weight = 2
"#,
        &[
            "my.toml:1:1: rule `one`: lacks `keywords`",
            "my.toml:3:8: rule `one`: `kind`: unknown word `metrics`; is `metric` meant? (allowed: `check`, `metric`, `failure`, `task`, `ticket`, `request`, `plan`, `next-step`, `question`, `decision`, `instruction`, `correction`, `attempt`, `claim`, `commit`, `push`, `pull-request`, `branch`, `environment`, `command`, `path`)",
            "my.toml:4:30: rule `one`: `scope`: only `tool_output` takes a tool, as in `tool_output:Bash`",
            "my.toml:5:1: rule `one`: unknown key `keyword`; is `keywords` meant? (allowed: `id`, `kind`, `scope`, `keywords`, `pattern`, `ignore_case`, `prefixed`, `lines`, `weight`, `disabled`, `tool`, `family`, `class`, `about`, `verdict`, `source`, `fires`, `silent`)",
            "my.toml:6:11: rule `one`: `pattern`: unclosed group",
            "my.toml:7:9: rule `one`: `lines`: must be a whole number from 1 to 8",
            "my.toml:10:6: `id` is kebab-case: lowercase letters and digits, joined by `-`",
            "my.toml:12:1: rule `three`: lacks `kind`, `scope`, `keywords`, `pattern`, and no lower layer has a rule of that id",
        ],
    );
}

#[test]
fn a_pattern_is_compiled_when_it_is_loaded() {
    let rule = "[[rule]]\nid = \"x\"\nkind = \"task\"\nscope = [\"prompt\"]\nkeywords = [\"xx\"]\n";
    refused(
        &format!("{rule}pattern = '(a'\n"),
        &["my.toml:6:11: rule `x`: `pattern`: unclosed group"],
    );
    refused(
        &format!("{rule}pattern = '\\p{{L}}{{2000}}'\n"),
        &[
            "my.toml:6:11: rule `x`: `pattern`: too large when compiled, over 1048576 bytes; use smaller counts in {…}",
        ],
    );
    let nested = format!("{}{}", "(".repeat(60), ")".repeat(60));
    let error = RuleSet::load(&[RuleFile::given(
        "my.toml",
        format!("{rule}pattern = '{nested}'\n"),
    )])
    .expect_err("too deep");
    assert!(error.to_string().contains("nest"), "{error}");
}

#[test]
fn a_layer_adds_overrides_reweights_and_disables() {
    let mine = r#"
[[rule]]
id = "go-test"
weight = 3
[[rule]]
id = "task-test"
disabled = true
[[rule]]
id = "my-check"
kind = "check"
scope = ["command"]
keywords = ["go test"]
pattern = '^go test ./mine'
"#;
    let set = RuleSet::load(&[RuleFile::given("my.toml", mine)]).expect("loads");
    let ids = |text| -> Vec<String> {
        set.matches(Scope::Command, text)
            .iter()
            .map(|hit| format!("{} {}", hit.rule.id, hit.rule.weight))
            .collect()
    };
    assert_eq!(ids("go test ./mine"), ["my-check 1", "go-test 3"]);
    assert_eq!(ids("make test"), [""; 0]);
    let next = "[[rule]]\nid = \"my-check\"\nkind = \"check\"\nscope = [\"command\"]\nkeywords = [\"mine\"]\npattern = 'mine'\n";
    let set = RuleSet::load(&[
        RuleFile::given("my.toml", mine),
        RuleFile::given("next.toml", next),
    ])
    .expect("loads");
    assert_eq!(set.matches(Scope::Command, "run mine").len(), 1);
    assert_eq!(set.rules().count(), RuleSet::builtin().rules().count() + 1);
}

#[test]
fn a_failing_example_is_named() {
    let mine = format!(
        "{FAIL}[[rule.fires]]\ntext = \"FAIL one\"\ncaptures = {{ name = \"two\" }}\n[[rule.fires]]\ntext = \"fail\"\n[[rule.silent]]\ntext = \"FAIL x\"\n"
    );
    let set = RuleSet::load(&[RuleFile::given("my.toml", mine.as_str())]).expect("loads");
    let failing: Vec<String> = set.failing().iter().map(ToString::to_string).collect();
    assert_eq!(
        failing,
        [
            "my.toml:8: rule `fail`: `name` is `one`, not `two`",
            "my.toml:11: rule `fail`: missing: none of its keywords is in it (`FAIL`, `✗ `)",
            "my.toml:13: rule `fail`: noisy: it should be silent, and fires",
        ]
    );
}

proptest! {
    #[test]
    fn any_text_is_scanned_in_order(text in r"(?s)([a-zé\n ]|FAIL|✗ |go test|make test){0,40}") {
        let set = proven();
        for &scope in Scope::ALL {
            let mut last = 0;
            set.scan(scope, Some("Bash"), &text, |hit| {
                assert!(last <= hit.start && hit.start < hit.end && hit.end <= text.len());
                assert_eq!(text[..hit.start].matches('\n').count(), hit.line);
                last = hit.start;
            });
        }
    }

    #[test]
    fn any_file_is_read_or_refused(text in r#"(?s)(\[\[rule\]\]\n|\[\[rule\.fires\]\]\n|id = "a-b"\n|kind|weight = 1\n|= |"|'|[a-z\[\]{}é\n]){0,30}"#) {
        let _ = RuleSet::load(&[RuleFile::given("any.toml", text.as_str())]);
    }
}

#[test]
fn a_pack_is_switched_with_all_its_rules() {
    let lower = "[packs]\ngo = false\n[[rule]]\nid = \"go-vet\"\ndisabled = false\n";
    let load = |texts: &[&str]| {
        let files: Vec<RuleFile> = texts
            .iter()
            .map(|text| RuleFile::given("my.toml", *text))
            .collect();
        RuleSet::load(&files).expect("loads")
    };
    let off = |set: &RuleSet| -> Vec<String> {
        let off = set.rules().filter(|rule| rule.disabled);
        off.map(|rule| rule.id.to_string()).collect()
    };
    let go: Vec<String> = RuleSet::builtin()
        .rules()
        .filter(|rule| rule.pack == Some("go"))
        .map(|rule| rule.id.to_string())
        .collect();
    let mut expected = go.clone();
    expected.retain(|id| id != "go-vet");
    assert!(expected.len() + 1 == go.len() && go.len() > 5);
    let set = load(&[lower]);
    assert_eq!(off(&set), expected);
    assert!(set.matches(Scope::Command, "go test ./...").is_empty());
    // A rule in the place of another stays in its pack, and the pack comes back whole.
    let rule = "[[rule]]\nid = \"go-test\"\nkind = \"check\"\nscope = [\"command\"]\nkeywords = [\"go test\"]\npattern = 'go test'\n";
    let mine = format!("{rule}disabled = true\n");
    assert!(off(&load(&[lower, &mine, "[packs]\ngo = true\n"])).is_empty());
    // In one file, a rule says more than its pack.
    let set = load(&[&format!("[packs]\ngo = false\n{rule}")]);
    assert_eq!(set.matches(Scope::Command, "go test x").len(), 1);
    let changes = |id| -> Vec<String> {
        let rule = set.get(id).expect("a rule");
        rule.changes.iter().map(|c| c.what.clone()).collect()
    };
    assert_eq!(changes("go-vet"), ["switched off with its pack `go`"]);
    assert_eq!(changes("go-test").len(), 1);
}
