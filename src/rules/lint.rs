//! What is doubtful about a rule that loads.

use std::fmt;

use super::rule::{Kind, Rule, Scope};
use super::sample;

/// Something doubtful about a rule. Displays as `file:line: rule …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The rule's id.
    pub id: Box<str>,
    /// The file of the rule.
    pub file: String,
    /// The line of its head in it, one-based.
    pub line: u32,
    /// What is doubtful, and the way on.
    pub what: String,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: rule `{}`: {}",
            self.file, self.line, self.id, self.what
        )
    }
}

/// Words that stand in every other line of prose or of a log.
const COMMON: &[&str] = &[
    "the", "and", "for", "that", "this", "with", "you", "not", "are", "was", "from", "have",
    "will", "in", "is", "it", "of", "on", "or", "to", "at", "be", "we", "as", "an", "if", "by",
    "do",
];

/// What is doubtful about a rule.
pub(super) fn advice(rule: &Rule) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut tell = |what: String| {
        all.push(Advice {
            id: rule.id.clone(),
            file: rule.file.to_string(),
            line: rule.line,
            what,
        });
    };
    for keyword in &rule.keywords {
        let word = keyword.trim().to_ascii_lowercase();
        if COMMON.contains(&&*word) {
            tell(format!(
                "the keyword `{keyword}` is in nearly every text, so the pattern is run in all of them; take a rarer part of it"
            ));
        }
    }
    if rule.regex().is_ok_and(|regex| regex.may_be_empty()) {
        tell("the pattern can match nothing at all, which is no hit; let it ask for one character at least".to_owned());
    } else if let Some(text) = sample::without_keyword(rule) {
        tell(format!(
            "the pattern matches `{text}`, but no keyword is in it, so it is not run there; give a keyword for it"
        ));
    }
    match (rule.fires.is_empty(), rule.silent.is_empty()) {
        (true, true) => tell("no examples; give `[[rule.fires]]` and `[[rule.silent]]`".to_owned()),
        (true, false) => tell("no example on which it fires; give `[[rule.fires]]`".to_owned()),
        (false, true) => tell(
            "no example on which it is silent; give a near miss as `[[rule.silent]]`".to_owned(),
        ),
        (false, false) => {}
    }
    let sees = |scope| rule.scope.iter().any(|s| s.scope == scope);
    match rule.kind {
        Kind::Check if rule.tool.is_none() || rule.family.is_none() => {
            tell(
                "a check without `tool` or `family` is not told from others; give both".to_owned(),
            );
        }
        Kind::Check if !sees(Scope::Command) => {
            tell("a check is a command, so its `scope` is `command`".to_owned());
        }
        Kind::Metric if rule.tool.is_none() => tell(
            "a metric without `tool` belongs to no check; give the `tool` of the check".to_owned(),
        ),
        Kind::Metric | Kind::Failure if !sees(Scope::ToolOutput) => tell(format!(
            "a {} is read from what a command printed, so its `scope` is `tool_output:Bash`",
            rule.kind.as_str()
        )),
        _ => {}
    }
    let replaced = rule.changes.iter().filter(|change| change.clash);
    for change in replaced {
        tell(format!(
            "{}; give it another id if both are meant",
            change.what
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::rules::{RuleFile, RuleSet};

    #[test]
    fn what_is_doubtful_is_said_with_the_way_on() {
        let check = |keys: &str, expected: &[&str]| {
            let text = format!(
                "[[rule]]\nid = \"mine\"\n{keys}\n[[rule.fires]]\ntext = \"a\"\n[[rule.silent]]\ntext = \"b\"\n"
            );
            let set = RuleSet::load(&[RuleFile::given("my.toml", text)]).expect("loads");
            let advice = set.advice(|rule| &*rule.id == "mine");
            let said: Vec<&str> = advice.iter().map(|one| one.what.as_str()).collect();
            assert_eq!(said.len(), expected.len(), "{said:?}");
            for (said, expected) in said.iter().zip(expected) {
                assert!(said.contains(expected), "{said:?}");
            }
        };
        let failure = "kind = \"failure\"\nscope = [\"tool_output:Bash\"]\n";
        let with = |keys: &str| format!("{failure}{keys}");
        check(&with("keywords = [\"oops\"]\npattern = '^oops: .+'"), &[]);
        check(
            &with("keywords = [\"The \"]\npattern = 'The end'"),
            &["keyword `The `"],
        );
        check(
            &with("keywords = [\"oops\"]\npattern = '(?:oops)?'"),
            &["match nothing at all"],
        );
        check(
            &with("keywords = [\"oops\"]\npattern = '^(?:oops|ouch)$'"),
            &["matches `ouch`"],
        );
        check(
            &with(
                "ignore_case = true\nkeywords = [\"oops\", \"OUCH\"]\npattern = '^(?:Oops|ouch)$'",
            ),
            &[],
        );
        check(
            "kind = \"check\"\nscope = [\"prompt\"]\nkeywords = [\"quax\"]\npattern = 'quax'",
            &["without `tool` or `family`"],
        );
        check(
            "kind = \"metric\"\ntool = \"quax\"\nscope = [\"prompt\"]\nkeywords = [\"quax\"]\npattern = 'quax'",
            &["`scope` is `tool_output:Bash`"],
        );
    }

    #[test]
    fn every_match_of_a_built_in_rule_holds_a_keyword() {
        let advice = RuleSet::builtin().advice(|_| true);
        let without = advice
            .iter()
            .filter(|one| one.what.contains("no keyword is in it"));
        assert_eq!(
            without.map(ToString::to_string).collect::<Vec<_>>(),
            [""; 0]
        );
    }
}
