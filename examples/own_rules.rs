//! A handoff by rules of your own, on top of the built-in ones: here for a test runner that only your team has.
//!
//! `cargo run --example own_rules -- session.jsonl`

use std::error::Error;
use std::path::Path;

use passdown::pipeline::{self, Options};
use passdown::rules::{RuleFile, RuleSet};

/// What the command is, and what its summary says. The examples are the tests of the rules: see [`RuleSet::failing`].
const RULES: &str = r#"
[[rule]]
id = "gauntlet"
kind = "check"
family = "test"
tool = "gauntlet run"
scope = ["command"]
keywords = ["gauntlet"]
pattern = '^gauntlet run(?: (?<target>.+))?$'
[[rule.fires]]
text = "gauntlet run suites/api"
captures = { target = "suites/api" }
[[rule.silent]]
text = "cat gauntlet.toml"

[[rule]]
id = "gauntlet-summary"
kind = "metric"
scope = ["tool_output:Bash"]
keywords = [" fell"]
pattern = '(?m)^(?<passed>\d+) stood, (?<failed>\d+) fell$'
[[rule.fires]]
text = "12 stood, 3 fell"
captures = { passed = "12", failed = "3" }
[[rule.silent]]
text = "he fell"
"#;

/// The handoff of the session at `path` by these rules; none if there is nothing to hand over.
pub(crate) fn run(path: &Path) -> Result<Option<String>, Box<dyn Error>> {
    let rules = RuleSet::load(&[RuleFile::given("own_rules.toml", RULES)])?;
    if let Some(failing) = rules.failing().first() {
        return Err(format!("{failing:?}").into());
    }
    let made = pipeline::from_path(path, &rules, &Options::default())?;
    Ok(made.map(|(_, text)| text))
}

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("give a transcript")?;
    if let Some(text) = run(Path::new(&path))? {
        print!("{text}");
    }
    Ok(())
}
