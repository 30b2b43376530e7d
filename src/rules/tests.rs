//! The table tests itself, and the engine.

use super::*;

/// The hits of the rules of `set` called `id` in `text`, by any scope of the rule.
fn hits(set: &RuleSet, rule: &Rule, text: &str) -> Vec<(usize, String, Vec<(String, String)>)> {
    let (scope, tool) = &rule.scopes[0];
    let mut found = Vec::new();
    set.scan(*scope, tool.as_deref(), text, |hit| {
        if hit.rule.id == rule.id {
            let names = rule.regex().expect("compiles").capture_names().flatten();
            let groups = names
                .filter_map(|name| Some((name.to_owned(), hit.get(name)?.to_owned())))
                .collect();
            found.push((hit.line, hit.text().to_owned(), groups));
        }
    });
    found
}

#[test]
fn built_in_rules_load() {
    if let Err(error) = RuleSet::load(BUILTIN) {
        panic!("{error}");
    }
}

#[test]
fn ids_are_unique_over_all_files() {
    let count: usize = BUILTIN
        .iter()
        .map(|(name, text)| RuleFile::read(name, text).expect("loads").len())
        .sum();
    assert_eq!(count, RuleSet::builtin().rules().len());
}

#[test]
fn no_rule_is_missing_or_noisy() {
    let set = RuleSet::builtin();
    let mut wrong = Vec::new();
    for rule in set.rules() {
        if rule.fires.is_empty() || rule.silent.is_empty() {
            wrong.push(format!(
                "{}: give an example that fires and one that is silent",
                rule.id
            ));
        }
        for example in &rule.fires {
            let found = hits(set, rule, &example.text);
            let said = found.iter().any(|(_, _, groups)| {
                example.captures.iter().all(|(name, value)| {
                    groups
                        .iter()
                        .any(|(known, text)| known == name && text == value)
                })
            });
            if !said {
                wrong.push(format!(
                    "{}: missing in {:?}: wanted {:?}, found {found:?}",
                    rule.id, example.text, example.captures
                ));
            }
        }
        for example in &rule.silent {
            let found = hits(set, rule, &example.text);
            if !found.is_empty() {
                wrong.push(format!(
                    "{}: noisy in {:?}: {found:?}",
                    rule.id, example.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_prefilter_hides_nothing() {
    let set = RuleSet::builtin();
    let texts: Vec<&str> = set
        .rules()
        .iter()
        .flat_map(|rule| rule.fires.iter().chain(&rule.silent))
        .map(|example| example.text.as_str())
        .collect();
    let mut hidden = Vec::new();
    for rule in set.rules().iter().filter(|rule| rule.lines == 1) {
        let regex = rule.regex().expect("compiles");
        for text in &texts {
            let alone = text
                .split('\n')
                .filter(|line| regex.find(line).is_some_and(|found| !found.is_empty()))
                .count();
            let lines: std::collections::BTreeSet<usize> = hits(set, rule, text)
                .into_iter()
                .map(|(line, _, _)| line)
                .collect();
            if alone != lines.len() {
                hidden.push(format!(
                    "{}: {alone} alone, {} behind its keywords, in {text:?}",
                    rule.id,
                    lines.len()
                ));
            }
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

/// Checks that a rule file is refused with these words.
fn check_refused(text: &str, words: &[&str]) {
    let error = RuleSet::load(&[("r.toml", text)])
        .expect_err("a mistake")
        .to_string();
    for word in words {
        assert!(error.contains(word), "{word:?} in {error:?}");
    }
}

const GOOD: &str = "[[rule]]\nid = \"a-b\"\nkind = \"metric\"\nscope = [\"tool_output:Bash\"]\nkeywords = [\"ok\"]\npattern = '''ok (?<passed>\\d+)'''\n";

#[test]
fn mistakes_name_their_place() {
    check_refused(
        &GOOD.replace("a-b", "A b"),
        &["r.toml:1:1", "`A b`", "kebab-case"],
    );
    check_refused(
        &GOOD.replace("metric", "metrik"),
        &["r.toml:3:", "metrik", "metric"],
    );
    check_refused(&GOOD.replace("[\"ok\"]", "[]"), &["keywords"]);
    check_refused(&format!("{GOOD}colour = 1\n"), &["r.toml:7:1", "colour"]);
    check_refused(
        &GOOD.replace("tool_output:Bash", "output"),
        &["r.toml:4:", "tool_output"],
    );
    check_refused("[[rule]\n", &["r.toml:1:"]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let two = format!(
        "{}{}",
        GOOD.replace("a-b", "A"),
        GOOD.replace("[\"ok\"]", "[]")
    );
    check_refused(&two, &["`A`: id", "`a-b`: keywords"]);
}

#[test]
fn a_later_file_replaces_a_rule() {
    let set = RuleSet::load(&[("a.toml", GOOD), ("b.toml", &GOOD.replace("\\d+", "[0-9]"))])
        .expect("loads");
    assert_eq!(set.rules().len(), 1);
    let mut found = Vec::new();
    set.scan(Scope::ToolOutput, Some("Bash"), "x\nok 12\n", |hit| {
        found.push((hit.line, hit.get("passed").map(str::to_owned)))
    });
    assert_eq!(found, [(1, Some("1".to_owned()))]);
    set.scan(Scope::ToolOutput, Some("Read"), "ok 12", |_| {
        panic!("another tool's output")
    });
}

#[test]
fn long_lines_and_many_hits_are_bounded() {
    let set = RuleSet::load(&[("a.toml", GOOD)]).expect("loads");
    let count = |text: &str| {
        let mut count = 0;
        set.scan(Scope::ToolOutput, Some("Bash"), text, |_| count += 1);
        count
    };
    assert_eq!(
        count(&format!(
            "{}ok 1{}",
            "x".repeat(100_000),
            "y".repeat(100_000)
        )),
        1
    );
    assert_eq!(count(&"ok 1\n".repeat(5_000)), 1_000);
    assert_eq!(count(&format!("{}ok 1", "ü".repeat(20_000))), 1);
}

#[test]
fn matches_may_span_lines_where_the_rule_says_so() {
    let text = GOOD.replace(
        "'''ok (?<passed>\\d+)'''",
        "'''ok\\n(?<passed>\\d+)'''\nlines = 2",
    );
    let set = RuleSet::load(&[("a.toml", &text)]).expect("loads");
    let mut lines = Vec::new();
    set.scan(Scope::ToolOutput, Some("Bash"), "a\nok\n5\nok\n6", |hit| {
        lines.push((hit.line, hit.get("passed").map(str::to_owned)))
    });
    assert_eq!(
        lines,
        [(1, Some("5".to_owned())), (3, Some("6".to_owned()))]
    );
}
