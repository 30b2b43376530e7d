//! Where the work is done, and with what.

use std::collections::BTreeSet;

use super::Room;
use super::item::{Fact, Item, Kind, Line, PINNED, Part, Trust};
use crate::extract::finding::{About, Saying, Verdict};
use crate::ledger::{Cite, Command, Ledger};
use crate::session::End;

/// Commands that get a line.
const COMMANDS: usize = 16;

impl Room<'_> {
    pub(super) fn environment(&mut self) {
        self.place();
        self.instructions();
        self.setup();
        self.commands();
        self.key_files();
        self.gotchas();
    }

    fn place(&mut self) {
        let mut line = Line::new();
        let cwd = self.session.cwd.as_deref().unwrap_or_default();
        let cwd = self.paths.root(cwd).to_owned();
        if !cwd.is_empty() {
            let cwd = self.gate.verbatim(&cwd, 160);
            line = line.code(cwd);
        }
        let branch = self.ledger.branch(self.session);
        let known = !cwd.is_empty() || branch.is_some();
        if let Some(branch) = branch {
            let branch = self.gate.verbatim(branch, 100);
            line = line
                .own(if cwd.is_empty() {
                    "branch "
                } else {
                    ", branch "
                })
                .code(branch);
        }
        if let Some(last) = self.ledger.last.as_ref().filter(|_| known) {
            line = line.cite(last);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                0.0,
                line.piece(PINNED + 400.0),
            ));
        }
    }

    /// Standing rules in the user's own words: pinned, since what dies silently is what was ruled.
    fn instructions(&mut self) {
        let ledger = self.ledger;
        let rules = ledger
            .sentences
            .iter()
            .rev()
            .filter(|s| s.by_user && s.kind == Some(Saying::Instruction) && ledger.binds(s));
        for (rank, rule) in rules.take(10).enumerate() {
            let text = self.words(rule.text.trim_end_matches([',', ';', ' ']), 220);
            let facts = self.facts.told(&text);
            let line = Line::new()
                .own("the user's rule: ")
                .quote(text)
                .cite(&rule.cite);
            let worth = if rank < 3 {
                PINNED + 300.0 - rank as f64
            } else {
                0.03
            };
            self.add(Item::new(
                Part::Environment,
                Kind::Instruction,
                Trust::Stated,
                "",
                1.0 + rank as f64 / 100.0,
                line.telling(worth, facts),
            ));
        }
    }

    fn setup(&mut self) {
        let ledger = self.ledger;
        // One that was looked at is where the work is as much as one that was made.
        for (name, cite) in pull_requests(ledger).into_iter().rev().take(3) {
            let name = self.gate.verbatim(&name, 120);
            let line = Line::new().own("pull request ").code(name).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Commit,
                Trust::Observed,
                "",
                0.5,
                line.piece(0.02),
            ));
        }
        for (command, cite) in ledger.setups.iter().rev().take(3) {
            let command = self.gate.verbatim(command, 200);
            let line = Line::new().own("setup: ").code(command).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Command,
                Trust::Observed,
                "",
                2.0,
                line.piece(0.03),
            ));
        }
        for (address, cite) in ledger.servers.iter().rev().take(2) {
            let address = self.gate.verbatim(address, 100);
            let line = Line::new()
                .own("a server listened at ")
                .code(address)
                .cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                5.0,
                line.piece(0.008 * self.recency(cite.tick)),
            ));
        }
        for (tool, version, cite) in ledger.versions.iter().rev().take(3) {
            let version = self.gate.verbatim(&format!("{tool} {version}"), 80);
            let line = Line::new().own("version ").code(version).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                5.5,
                line.piece(0.004),
            ));
        }
        for (name, cite) in ledger.variables.iter().rev().take(4) {
            let name = self.gate.verbatim(name, 60);
            let line = Line::new().own("variable ").code(name).cite(cite);
            self.add(Item::new(
                Part::Environment,
                Kind::Place,
                Trust::Observed,
                "",
                5.6,
                line.piece(0.004 * self.recency(cite.tick)),
            ));
        }
    }

    fn commands(&mut self) {
        let ledger = self.ledger;
        let now = ledger.now;
        let shown = self.shown_checks();
        let mut verbs = BTreeSet::new();
        let mut commands: Vec<&Command> = ledger.commands.iter().collect();
        commands.sort_by(|a, b| {
            b.uses
                .activation(now)
                .total_cmp(&a.uses.activation(now))
                .then_with(|| a.text.cmp(&b.text))
        });
        for (rank, command) in commands.into_iter().take(COMMANDS).enumerate() {
            // What failed last is no way to do a thing; checks may fail and still be the check.
            if command.verdict == Verdict::Red && command.check.is_none() {
                continue;
            }
            if ledger.end == End::Finished && only_shows(&command.words) {
                continue;
            }
            // The status shows it already, and a run from before the last commit tells nothing of what is there now.
            if shown.contains(&command.text) || self.looks_at_a_run_gone_by(command) {
                continue;
            }
            // What never worked is no way to do a thing, unless it is what is wrong now.
            let failed = command.verdict == Verdict::Red && !self.is_superseded(command);
            let Some(cite) = (if failed {
                Some(&command.last)
            } else {
                command.worked.as_ref()
            }) else {
                continue;
            };
            // What was done to an item of a tracker, its status tells; how it is done, one command shows.
            let mut words = command.text.split(' ');
            let mut items = ledger.tasks.iter().filter(|task| task.tracked);
            if items.any(|task| words.clone().any(|word| Some(word) == task.id.as_deref()))
                && !verbs.insert((words.next(), words.next()))
            {
                continue;
            }
            let text = self.gate.verbatim(&command.text, 240);
            let fact = Fact::Command(command.text.clone());
            let mut facts = self.facts.told(&text);
            let worth = self.facts.of(&fact);
            facts.push((fact, worth));
            let word = match &command.check {
                Some((_, family)) => family.as_str(),
                None => "ran",
            };
            let count = command.uses.count();
            let mut line = Line::new()
                .own(word)
                .own(if count > 1 {
                    format!(" {count}×: ")
                } else {
                    ": ".to_owned()
                })
                .code(text);
            if failed {
                line = line.own(", failed last");
            }
            let piece = line.cite(cite).telling(0.002, facts);
            self.add(Item::new(
                Part::Environment,
                Kind::Command,
                Trust::Observed,
                "",
                3.0 + rank as f64 / 100.0,
                piece,
            ));
        }
    }

    /// True of a look at one run of a pipeline, by its number, with a commit behind it.
    fn looks_at_a_run_gone_by(&self, command: &Command) -> bool {
        const LOOKS: [&str; 4] = [
            "gh run view",
            "gh run watch",
            "/actions/jobs/",
            "/actions/runs/",
        ];
        let looks = LOOKS.iter().any(|look| command.text.contains(look));
        let of_one = (command.text.split([' ', '/']))
            .any(|word| word.len() > 5 && word.bytes().all(|byte| byte.is_ascii_digit()));
        let last = self.ledger.repository.commits.last();
        looks && of_one && last.is_some_and(|last| last.cite.tick > command.last.tick)
    }

    /// True for a check whose last run says nothing any more.
    fn is_superseded(&self, command: &Command) -> bool {
        let current = self.ledger.checks.current();
        command.check.is_some()
            && !current
                .iter()
                .any(|check| check.command == command.text && self.ledger.is_fresh(check))
    }

    /// What the machine refused and still may.
    fn gotchas(&mut self) {
        let ledger = self.ledger;
        let open = ledger
            .failures
            .iter()
            .rev()
            .filter(|failure| failure.is_open() && failure.hit.about == About::Environment);
        for failure in open.take(4) {
            let what = self.words(&failure.hit.what, 160);
            let command = self.gate.verbatim(&failure.command, 100);
            let facts = self.facts.told(&what);
            let line = Line::new()
                .own("did not work here: ")
                .code(command)
                .own(": ")
                .quote(what)
                .cite(&failure.last);
            let piece = line.telling(0.012 * self.recency(failure.last.tick), facts);
            self.add(Item::new(
                Part::Environment,
                Kind::Failure,
                Trust::Observed,
                "open",
                6.0,
                piece,
            ));
        }
    }
}
/// The pull requests of the work, the last one last: by their addresses, or else the one that all commands name.
pub(super) fn pull_requests(ledger: &Ledger) -> Vec<(String, &Cite)> {
    let known = &ledger.repository.pull_requests;
    if !known.is_empty() {
        return known
            .iter()
            .map(|(url, cite)| (url.clone(), cite))
            .collect();
    }
    let number = |command: &Command| -> Option<u64> {
        let mut words = command.words.iter().map(String::as_str);
        match (words.next()?, words.next()?) {
            ("gh", "pr") => words.nth(1)?.parse().ok(),
            ("gh", "api") => {
                let (_, behind) = words.find_map(|word| word.split_once("/pulls/"))?;
                behind.split(['/', '?']).next()?.parse().ok()
            }
            _ => None,
        }
    };
    let named = ledger.commands.iter();
    let named = named.filter_map(|command| Some((number(command)?, &command.last)));
    let mut named: Vec<(u64, &Cite)> = named.collect();
    named.sort_by_key(|(_, cite)| (cite.tick, cite.at));
    let last = named.last().copied();
    let one = last.filter(|(last, _)| named.iter().all(|(number, _)| number == last));
    one.map(|(number, cite)| (number.to_string(), cite))
        .into_iter()
        .collect()
}

/// True of a command that shows what lies elsewhere, and changes nothing there: what it said is told where it matters.
fn only_shows(words: &[String]) -> bool {
    const SHOWS: &[&str] = &[
        "view", "diff", "list", "ls", "status", "show", "ready", "info",
    ];
    const OBJECTS: &[&str] = &["pr", "mr", "issue", "repo", "release", "run", "workflow"];
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let changes = |word: &String| {
        const CHANGES: &[&str] = &[
            "-X",
            "--method",
            "-f",
            "-F",
            "--field",
            "--raw-field",
            "--input",
        ];
        CHANGES.iter().any(|option| word.starts_with(option))
    };
    match word(0).rsplit('/').next().unwrap_or_default() {
        "gh" | "glab" if word(1) == "api" => !words.iter().any(changes),
        "gh" | "glab" => OBJECTS.contains(&word(1)) && SHOWS.contains(&word(2)),
        "bd" | "br" | "npm" | "pnpm" | "yarn" | "brew" => SHOWS.contains(&word(1)),
        _ => false,
    }
}
