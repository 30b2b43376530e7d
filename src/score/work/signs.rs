//! What tells kinds of work apart, each with its weight and why it has it.

use super::Work;
use super::words::{PHRASES, WORDS};
use crate::extract::finding::{Family, Verdict};
use crate::extract::path::Class;
use crate::extract::words::content;
use crate::ledger::{FileState, Ledger};
use crate::session::Via;

/// Something that speaks for a kind of work.
pub(super) struct Detector {
    pub(super) work: Work,
    /// What it counts when it is met in full.
    pub(super) weight: f64,
    /// How far it is met, 0 to 1.
    pub(super) sign: fn(&Signs) -> f64,
}

const fn detector(work: Work, weight: f64, sign: fn(&Signs) -> f64) -> Detector {
    Detector { work, weight, sign }
}

/// All detectors, by kind.
pub(super) const DETECTORS: &[Detector] = &[
    // Most sessions build: edits to code speak for it, and no word needs to.
    detector(Work::Code, 2.6, |signs| signs.code),
    detector(Work::Code, 1.0, |signs| signs.said(Work::Code)),
    // Tests follow code: half as many edits of them are part of building it.
    detector(Work::Testing, 3.0, |signs| {
        (signs.test - 0.5 * signs.code).max(0.0)
    }),
    detector(Work::Testing, 1.8, |signs| signs.said(Work::Testing)),
    detector(Work::Testing, 0.6, |signs| signs.red),
    // Asked why, with next to nothing edited: the cause is what was looked for.
    detector(Work::Testing, 1.0, |signs| {
        signs.talk * signs.said(Work::Testing)
    }),
    // A page that ends a long talk holds what was decided.
    detector(Work::Docs, 3.2, |signs| signs.docs * (1.0 - signs.talk)),
    detector(Work::Planning, 3.2, |signs| signs.docs * signs.talk),
    detector(Work::Docs, 1.5, |signs| signs.said(Work::Docs)),
    // The edits of clean-up are edits to code, so the words must outweigh them.
    detector(Work::Quality, 3.8, |signs| signs.said(Work::Quality)),
    detector(Work::Quality, 1.0, |signs| signs.shrunk),
    detector(Work::Infra, 3.2, |signs| signs.infra),
    detector(Work::Infra, 2.6, |signs| signs.config),
    // Scripts carry builds and set-ups as often as programs.
    detector(Work::Infra, 1.3, |signs| signs.script),
    detector(Work::Infra, 1.5, |signs| signs.said(Work::Infra)),
    detector(Work::Infra, 1.0, |signs| signs.deploys),
    detector(Work::Planning, 3.4, |signs| signs.design),
    detector(Work::Planning, 2.0, |signs| signs.said(Work::Planning)),
    detector(Work::Planning, 2.0, |signs| {
        signs.talk * signs.said(Work::Planning)
    }),
    detector(Work::Planning, 1.0, |signs| signs.plan),
];

/// What was seen of a session, each 0 to 1.
#[derive(Debug, Default)]
pub(super) struct Signs {
    /// Shares of the edits, by what the files are for; plans and designs are no `docs`, scripts count here and as `code`.
    pub(super) code: f64,
    pub(super) test: f64,
    pub(super) docs: f64,
    pub(super) design: f64,
    pub(super) infra: f64,
    pub(super) config: f64,
    pub(super) script: f64,
    /// How far lines were taken away rather than brought in.
    pub(super) shrunk: f64,
    /// Tests that failed more than now and then.
    pub(super) red: f64,
    /// Runs of pipelines and deployments.
    pub(super) deploys: f64,
    /// Requests rather than edits, where there were many.
    pub(super) talk: f64,
    /// A plan that nothing was built by yet.
    pub(super) plan: f64,
    /// How far the requests speak for each kind.
    said: [f64; 6],
}

impl Signs {
    /// What `ledger` shows.
    pub(super) fn of(ledger: &Ledger) -> Self {
        let edited: Vec<&FileState> = ledger.files.iter().filter(|file| file.edits > 0).collect();
        let edits: f64 = edited.iter().map(|file| f64::from(file.edits)).sum();
        let share = |is: &dyn Fn(&FileState) -> bool| {
            let some: f64 = edited
                .iter()
                .filter(|file| is(file))
                .map(|file| f64::from(file.edits))
                .sum();
            some / edits.max(1.0)
        };
        let of = |class: Class| share(&|file| file.class == class);
        let design = share(&|file| file.class == Class::Docs && is_design(&file.path));
        let (added, removed) = edited.iter().fold((0.0, 0.0), |(added, removed), file| {
            (
                added + f64::from(file.added),
                removed + f64::from(file.removed),
            )
        });
        /// Fewer requests are no talk.
        const TALK: f64 = 4.0;
        let asked = ledger
            .requests
            .iter()
            .filter(|request| !matches!(request.via, Via::Shell | Via::Memory))
            .count() as f64;
        let built = edited
            .iter()
            .any(|file| matches!(file.class, Class::Code | Class::Test | Class::Infra));
        Self {
            code: of(Class::Code),
            test: of(Class::Test),
            docs: of(Class::Docs) - design,
            design,
            infra: of(Class::Infra),
            config: of(Class::Config),
            script: share(&|file| file.class == Class::Code && is_script(&file.path)),
            shrunk: if removed > added {
                1.0 - added / removed
            } else {
                0.0
            },
            red: red(ledger),
            deploys: deploys(ledger),
            talk: if asked > edits.max(TALK) {
                1.0 - edits / asked
            } else {
                0.0
            },
            plan: f64::from(u8::from(ledger.plan.is_some() && !built)),
            said: said(ledger),
        }
    }

    /// How far the requests speak for `work`.
    pub(super) fn said(&self, work: Work) -> f64 {
        self.said[work as usize]
    }
}

/// True for what is written to be decided on, by the words of its path.
fn is_design(path: &str) -> bool {
    const WORDS: &[&str] = &[
        "plan",
        "plans",
        "spec",
        "specs",
        "design",
        "designs",
        "rfc",
        "rfcs",
        "adr",
        "adrs",
        "proposal",
        "proposals",
        "decisions",
        "roadmap",
        "refactoring",
    ];
    path.split(|c: char| !c.is_alphanumeric())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

fn is_script(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "sh" | "bash" | "zsh" | "fish" | "ps1")
}

/// 1 if at least three test runs were read and two in five of them failed.
fn red(ledger: &Ledger) -> f64 {
    let runs: Vec<_> = ledger
        .checks
        .iter()
        .filter(|check| check.family == Family::Test)
        .flat_map(|check| &check.runs)
        .collect();
    let red = runs
        .iter()
        .filter(|run| run.verdict == Verdict::Red)
        .count();
    f64::from(u8::from(runs.len() >= 3 && red * 5 >= runs.len() * 2))
}

/// 1 from four runs of pipelines and deployments on.
fn deploys(ledger: &Ledger) -> f64 {
    let runs: usize = ledger
        .checks
        .iter()
        .filter(|check| matches!(check.family, Family::Ci | Family::Deploy))
        .map(|check| check.runs.len())
        .sum();
    (runs as f64 / 4.0).min(1.0)
}

/// How far the requests that speak of any kind speak for each; the latest weigh most.
fn said(ledger: &Ledger) -> [f64; 6] {
    /// Requests that are heard, from the last.
    const REQUESTS: usize = 16;
    /// Words of each: what is pasted below a request is not the user's.
    const HEARD: usize = 60;
    /// Characters of each in which phrases are sought.
    const START: usize = 240;
    /// What an earlier request counts against the one that followed it.
    const FADES: f64 = 0.93;
    let mut said = [0.0f64; 6];
    let (mut weight, mut all) = (1.0, 0.0);
    for request in ledger.requests.iter().rev().take(REQUESTS) {
        let words: Vec<String> = content(own(&request.text)).take(HEARD).collect();
        let mut of = [0.0f64; 6];
        for (work, clearly, speaking) in WORDS {
            // A plan that was accepted is to be built.
            let is_plan = *work == Work::Planning && request.via == Via::Plan;
            if !is_plan && words.iter().any(|word| speaking.contains(&word.as_str())) {
                of[*work as usize] = of[*work as usize].max(*clearly);
            }
        }
        let start: String = request.text.chars().take(START).collect();
        let start = start.to_lowercase().replace('\u{2019}', "'");
        for (work, clearly, speaking) in PHRASES {
            if speaking.iter().any(|phrase| start.contains(phrase)) {
                of[*work as usize] = of[*work as usize].max(*clearly);
            }
        }
        if of.iter().any(|of| *of > 0.0) {
            for (said, of) in said.iter_mut().zip(of) {
                *said += weight * of;
            }
            all += weight;
        }
        weight *= FADES;
    }
    said.map(|said| if all > 0.0 { said / all } else { 0.0 })
}

/// The words of a request that say what it is about: of a slash command, not the folder it comes from.
fn own(text: &str) -> &str {
    let command = text.split_whitespace().next().unwrap_or_default();
    match command.rfind(':') {
        Some(end) if command.starts_with('/') => text.get(end + 1..).unwrap_or(text),
        _ => text,
    }
}
