//! Real logs, where `../shared/corpora` is at hand; passed over with a word where it is not.

#![expect(clippy::print_stderr, reason = "a test that is passed over says so")]

#[path = "it/relations/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the relations of made sessions alone use the rest"
)]
mod relations;

use std::path::{Path, PathBuf};
use std::process::Command;

fn logs() -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    if !root.is_dir() {
        eprintln!("passed over: no real logs beside the project");
        return None;
    }
    let mut logs = Vec::new();
    let mut open = vec![root];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "jsonl" || extension == "json")
            {
                logs.push(path);
            }
        }
    }
    logs.sort();
    Some(logs)
}

fn run(log: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_passdown"))
        .arg(log)
        .args(args)
        .output()
        .expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Every real log gives a handoff within its budget, or a clear word, and the same bytes twice.
#[test]
fn every_log_gives_a_handoff_or_a_clear_word() {
    let Some(logs) = logs() else { return };
    let mut handoffs = 0;
    for log in &logs {
        let (code, out, err) = run(log, &["--budget", "1000", "--tokenizer", "o200k"]);
        let name = log.display();
        assert!(
            (0..=2).contains(&code) && !err.contains("panicked"),
            "{name}: {code} {err}"
        );
        if code == 0 {
            handoffs += 1;
            assert!(out.starts_with("# Task: "), "{name}: {out}");
            let tokens = passdown::tokens::Tokenizer::O200k.count(&out);
            assert!(tokens <= 1_000, "{name}: {tokens} tokens");
            let again = run(log, &["--budget", "1000", "--tokenizer", "o200k"]);
            assert_eq!(out, again.1, "{name}: two runs differ");
        } else {
            assert!(
                out.is_empty() && !err.is_empty(),
                "{name}: {code} without a word"
            );
        }
    }
    eprintln!("{handoffs} handoffs of {} files", logs.len());
    assert!(
        handoffs * 2 > logs.len(),
        "only {handoffs} handoffs of {} files",
        logs.len()
    );
}

/// The shallow scan of each line of each log finds what a full parse finds, and nothing is taken for healthy that it refuses
/// but for what lies in strings and numbers, which the scan leaves to those who read them.
#[test]
fn the_scan_agrees_with_a_full_parse() {
    use passdown::record::{line, scan::Span};
    use rayon::prelude::*;
    use serde_json::Value;
    fn value(span: Span<'_>) -> Option<Value> {
        Some(if let Some(mut entries) = span.as_object() {
            let mut all = serde_json::Map::new();
            entries.try_for_each(|(key, span)| {
                all.insert(key.into_owned(), value(span)?);
                Some(())
            })?;
            Value::Object(all)
        } else if let Some(items) = span.as_array() {
            Value::Array(items.map(value).collect::<Option<_>>()?)
        } else if let Some(text) = span.as_str() {
            text.into()
        } else {
            serde_json::from_slice(span.bytes()).ok()?
        })
    }
    let Some(logs) = logs() else { return };
    let counts: Vec<[usize; 2]> = logs
        .par_iter()
        .filter(|log| {
            log.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .map(|log| {
            let bytes = std::fs::read(log).expect("a file");
            let [mut same, mut other] = [0, 0];
            for (index, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
                let found = line(text);
                match serde_json::from_slice::<Value>(text) {
                    Ok(expected @ Value::Object(_)) => {
                        let place = format!("{}:{}", log.display(), index + 1);
                        assert!(!found.repaired && found.fault.is_none(), "{place}");
                        let [record] = found.records.as_slice() else {
                            panic!("{place}: {} records", found.records.len());
                        };
                        assert!(value(record.whole()) == Some(expected), "{place}");
                        same += 1;
                    }
                    _ => other += usize::from(!found.records.is_empty()),
                }
            }
            [same, other]
        })
        .collect();
    let same: usize = counts.iter().map(|[same, _]| same).sum();
    let other: usize = counts.iter().map(|[_, other]| other).sum();
    eprintln!(
        "{same} lines are read alike; of {other} more the scan found a record where a full parse refuses"
    );
    assert!(same > 10_000 && other * 1_000 < same, "{same}, {other}");
}

/// A log gives the same handoff in units of any size, on any number of threads.
#[test]
fn units_and_threads_make_no_difference() {
    use passdown::{pipeline, read, rules};
    const LOGS: usize = 10;
    let Some(logs) = logs() else { return };
    let large = |log: &&PathBuf| {
        log.extension()
            .is_some_and(|extension| extension == "jsonl")
            && std::fs::metadata(log).is_ok_and(|file| file.len() > 1_500_000)
    };
    let large: Vec<&PathBuf> = logs.iter().filter(large).collect();
    let step = (large.len() / LOGS).max(1);
    let mut tried = 0;
    for log in large.into_iter().step_by(step).take(LOGS) {
        let made = |unit: usize, recent: usize, threads: usize| {
            let read = read::Options {
                unit,
                recent,
                ..read::Options::default()
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads").install(|| {
                let session = load(log, &read)?;
                let options = pipeline::Options::default();
                let made = pipeline::handoff(&session, rules::RuleSet::builtin(), &options);
                Some(made.ok()??.1)
            })
        };
        // As it is usually read, and with most of the log counted as old.
        for recent in [read::Options::default().recent, 300_000] {
            let expected = made(1 << 20, recent, 1);
            for unit in [64 << 10, 1 << 20, 8 << 20] {
                for threads in [1, 2, 8] {
                    let same = made(unit, recent, threads) == expected;
                    assert!(same, "{}: {unit}, {threads}, {recent}", log.display());
                }
            }
            tried += usize::from(expected.is_some());
        }
    }
    eprintln!("{tried} handoffs, each in nine ways");
    assert!(tried > LOGS, "only {tried} handoffs");
}

/// True if `line` has all of `small`: as it stands, or its parts in their order, whole, with more of a list among them. Behind the
/// last part more may follow.
fn has_parts(line: &str, small: &str) -> bool {
    let parts = |line| str::split(line, ", ").flat_map(|part| part.split(": "));
    let mut rest = parts(line);
    let count = parts(small).count();
    line.contains(small)
        || (1..).zip(parts(small)).all(|(at, part)| {
            rest.any(|other| other == part || (at == count && other.starts_with(part)))
        })
}

/// What stands at 500 tokens stands at 1,000 and at 2,000.
#[test]
fn a_larger_budget_loses_no_line() {
    let Some(logs) = logs() else { return };
    for log in logs
        .iter()
        .filter(|log| log.to_string_lossy().contains("entire-cli"))
        .step_by(7)
    {
        let at = |budget: &str| run(log, &["--budget", budget, "--no-cite"]).1;
        let (small, large) = (at("500"), at("2000"));
        for line in small.lines() {
            let line = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let stands = large.lines().any(|large| has_parts(large, line));
            assert!(stands, "{}: {line}", log.display());
        }
    }
}

/// `eval` and the reference measure, where that is at hand too, cut the sessions at the same places, find the same
/// facts behind them, and give the same texts the same scores.
#[test]
fn eval_agrees_with_the_reference_measure() {
    const NAMES: [(&str, &str); 6] = [
        ("passdown", "passdown"),
        ("tail", "tail"),
        ("masked", "tailmask"),
        ("frequent", "freq"),
        ("oracle", "oracle"),
        ("bound", "UB"),
    ];
    let Some(logs) = logs() else { return };
    let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/eval/handoff_eval.py");
    let python = Command::new("python3").arg("--version").output();
    if !judge.is_file() || !python.is_ok_and(|python| python.status.success()) {
        eprintln!("passed over: no reference measure, or no Python, beside the project");
        return;
    }
    // Some with compactions, some without, none that takes long.
    let of = |compacted: bool| -> Vec<PathBuf> {
        let wanted = |log: &&PathBuf| {
            let bytes = std::fs::read(log).expect("a file");
            // Named after its session, as the reference measure calls it.
            log.file_stem().is_some_and(|stem| stem.len() == 36)
                && log
                    .extension()
                    .is_some_and(|extension| extension == "jsonl")
                && (200_000..2_500_000).contains(&bytes.len())
                && memchr::memmem::find(&bytes, b"\"isCompactSummary\":true").is_some() == compacted
        };
        let found: Vec<&PathBuf> = logs.iter().filter(wanted).collect();
        let step = (found.len() / 16).max(1);
        found.into_iter().step_by(step).cloned().collect()
    };
    let sample = [of(true), of(false)].concat();
    let folder = tempfile::tempdir().expect("a folder");
    let scores = folder.path().join("scores.json");
    let started = std::time::Instant::now();
    let own = Command::new(env!("CARGO_BIN_EXE_passdown"))
        .arg("eval")
        .args(&sample)
        .args(["--budgets", "500,1000,2000", "--format", "json"])
        .output()
        .expect("the command runs");
    let own_time = started.elapsed();
    let started = std::time::Instant::now();
    let judged = Command::new("python3")
        .arg(judge)
        .args(&sample)
        .args([
            "--strict",
            "--budgets",
            "500,1000,2000",
            "--cuts",
            "boundary,interior",
        ])
        .args(["--jobs", "2", "--cmd"])
        .arg(format!(
            "passdown={} {{transcript}} --budget {{budget}}",
            env!("CARGO_BIN_EXE_passdown")
        ))
        .arg("--json")
        .arg(&scores)
        // Its sets have another order with another seed, and ties in what is frequent follow it.
        .env("PYTHONHASHSEED", "0")
        .output()
        .expect("the reference measure runs");
    let judge_time = started.elapsed();
    let errors = String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{errors}");
    let own: serde_json::Value = serde_json::from_slice(&own.stdout).expect("JSON");
    let judged = std::fs::read(scores).expect("scores");
    let judged: serde_json::Value = serde_json::from_slice(&judged).expect("JSON");
    let in_order = |cuts: &serde_json::Value, calls: &str| {
        let mut cuts = cuts.as_array().expect("cuts").clone();
        cuts.sort_by_key(|cut| (cut["session"].to_string(), cut[calls].as_u64()));
        cuts
    };
    let own = in_order(&own["cuts"], "calls_before");
    let judged = in_order(&judged, "prefix_calls");
    assert_eq!(own.len(), judged.len(), "cuts");
    let (mut most, mut equal, mut all) = (0.0_f64, 0, 0);
    for (own, judged) in own.iter().zip(&judged) {
        let place = format!("{}:L{}", own["session"], own["line"]);
        for (key, other) in [
            ("session", "session"),
            ("kind", "kind"),
            ("calls_before", "prefix_calls"),
            ("calls_behind", "future_calls"),
        ] {
            assert_eq!(own[key], judged[other], "{place}: {key}");
        }
        assert_eq!(own["facts"], judged["n"], "{place}");
        for score in own["scores"].as_array().expect("scores") {
            let text = score["text"].as_str().expect("a name");
            let (_, name) = NAMES
                .iter()
                .find(|(own, _)| *own == text)
                .expect("a known text");
            let other = &judged["scores"][score["budget"].to_string()][name]["R"];
            let of = |value: &serde_json::Value| value.as_f64().expect("a number");
            let apart = (of(&score["recall"]) - of(other)).abs();
            assert!(
                apart <= 0.02,
                "{place}: {text} at {}: {} {other}",
                score["budget"],
                score["recall"]
            );
            most = most.max(apart);
            all += 1;
            equal += usize::from(apart < 1e-9);
        }
    }
    eprintln!(
        "{} cuts; {equal} of {all} scores are equal, the others at most {most:.4} apart; {:.1} s, the reference {:.1} s: {:.0} times",
        own.len(),
        own_time.as_secs_f64(),
        judge_time.as_secs_f64(),
        judge_time.as_secs_f64() / own_time.as_secs_f64()
    );
    assert!(own.len() >= 8, "only {} cuts", own.len());
}

/// The kinds of work of sessions that were read and labelled: `tests/labels/work-types.tsv`.
///
/// The classifier was looked after on the sessions whose SHA-256 is even; the other half judges it.
#[test]
fn kinds_of_work_are_told_apart() {
    use passdown::score::Work;
    use sha2::Digest as _;
    const LABELS: &str = include_str!("labels/work-types.tsv");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    if !root.is_dir() {
        eprintln!("passed over: no real logs beside the project");
        return;
    }
    let labels: Vec<(&str, &str)> = LABELS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(kind, rest)| (kind, rest.split('\t').next().unwrap_or(rest)))
        .collect();
    let mut right = [0, 0];
    let mut all = [0, 0];
    let mut table = [[[0; 6]; 6]; 2];
    for (label, session) in &labels {
        let label = Work::ALL
            .into_iter()
            .find(|work| work.word() == *label)
            .expect("a kind of work");
        let log = root.join(format!("{session}.jsonl"));
        let id = session.rsplit('/').next().unwrap_or(session);
        let half = usize::from(sha2::Sha256::digest(id.as_bytes())[31] % 2);
        let scores = work(&log);
        let told = scores[0].0;
        table[half][label as usize][told as usize] += 1;
        all[half] += 1;
        if told == label {
            right[half] += 1;
        } else if half == 0 {
            let near: Vec<String> = scores[..3]
                .iter()
                .map(|(work, score)| format!("{} {score:.2}", work.word()))
                .collect();
            eprintln!("  {id}: {} told {}", label.word(), near.join(", "));
        }
    }
    for (half, name) in ["looked after", "judges"].iter().enumerate() {
        eprintln!("{name}: {} of {}", right[half], all[half]);
        for label in Work::ALL {
            let row = table[half][label as usize].map(|n: u32| format!("{n:3}"));
            eprintln!("  {:9}{}", label.word(), row.concat());
        }
    }
    for (half, name) in ["looked after", "judges"].iter().enumerate() {
        assert!(
            right[half] * 100 >= all[half] * 85,
            "{name}: {} of {}",
            right[half],
            all[half]
        );
    }
}

/// No slot that the log has something for is missed, in nine of ten handoffs of sessions with 15 calls or more.
#[test]
fn handoffs_fill_the_slots_that_apply() {
    use passdown::rubric::{State, rubric};
    use passdown::{pipeline, rules, score};
    use rayon::prelude::*;
    use std::collections::BTreeMap;
    const CALLS: u32 = 15;
    let Some(logs) = logs() else { return };
    let seen: Vec<_> = logs
        .par_iter()
        .filter(|log| {
            let path = log.to_string_lossy();
            !path.contains("/subagents/") && !path.contains("/other-agents/")
        })
        .filter_map(|log| {
            let session = session(log)?;
            let rules = rules::RuleSet::builtin();
            let options = pipeline::Options::default();
            let condensed = pipeline::condense(&session, rules, &options).ok()??;
            if condensed.ledger.now < CALLS {
                return None;
            }
            let text = condensed.text(options.format, options.render).ok()?;
            let work = score::work(&condensed.ledger)[0].0;
            let slots = rubric(&text, &session, &condensed.ledger, work);
            Some((session.id.clone(), work, slots))
        })
        .collect();
    if seen.is_empty() {
        return;
    }
    let verbose = std::env::var_os("PASSDOWN_SLOTS").is_some();
    let mut table: BTreeMap<(&str, &str), [u32; 3]> = BTreeMap::new();
    let mut whole = 0;
    for (id, work, slots) in &seen {
        let missed: Vec<_> = slots
            .iter()
            .filter(|slot| slot.state == State::Missed)
            .collect();
        whole += usize::from(missed.is_empty());
        for slot in slots {
            table.entry((slot.slot, work.word())).or_default()[slot.state as usize] += 1;
        }
        for slot in missed.iter().filter(|_| verbose) {
            eprintln!("  {id} {} {}: {:?}", work.word(), slot.slot, slot.missing);
        }
    }
    eprintln!("missed of applicable, per slot and kind of work:");
    for ((slot, work), [filled, _, missed]) in &table {
        if *missed > 0 {
            eprintln!("  {slot:18} {work:9} {missed} of {}", filled + missed);
        }
    }
    eprintln!("{whole} of {} without a missed slot", seen.len());
    assert!(
        whole * 10 >= seen.len() * 9,
        "{whole} of {} without a missed slot",
        seen.len()
    );
}

/// The relations of the made sessions hold on real logs: on each log some of them, on all logs together all of them.
/// `PASSDOWN_RELATIONS=all` tries all of them on each.
#[test]
fn relations_hold_on_real_logs() {
    use rayon::prelude::*;
    use relations::{Log, Seen, all};
    /// A prime: one of so many ways is tried on a log, another one on the next.
    const ONE_OF: usize = 31;
    let Some(logs) = logs() else { return };
    let each = std::env::var_os("PASSDOWN_RELATIONS").is_some();
    let ways: Vec<_> = all()
        .flat_map(|relation| (0..relation.ways).map(move |way| (relation, way)))
        .collect();
    let main = |log: &&PathBuf| !log.to_string_lossy().contains("/subagents/");
    let logs: Vec<_> = logs.iter().filter(main).enumerate().collect();
    let told: Vec<(usize, Vec<String>)> = logs
        .into_par_iter()
        .filter_map(|(index, path)| {
            let log = Log::read(path)?;
            let seen = Seen::of(&log);
            let tried = |(at, _): &(usize, _)| each || (at + index) % ONE_OF == 0;
            let mut cases = 0;
            let mut wrong = Vec::new();
            for (_, (relation, way)) in ways.iter().enumerate().filter(tried) {
                let Some(held) = (relation.holds)(&log, &seen, *way) else {
                    continue;
                };
                cases += 1;
                if let Err(what) = held
                    && !what.lines().all(is_a_choice)
                {
                    wrong.push(format!("{}: {} ({way}):\n{what}", log.name, relation.name));
                }
            }
            Some((cases, wrong))
        })
        .collect();
    let cases: usize = told.iter().map(|(cases, _)| cases).sum();
    let wrong: Vec<String> = told.into_iter().flat_map(|(_, wrong)| wrong).collect();
    eprintln!("{cases} cases, {} do not hold", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// True for a line of a difference that tells one of many things that are much alike: which code and which files of a
/// search are told goes by weight, and where a long request is cut by its length, so a changed word may choose another.
fn is_a_choice(line: &str) -> bool {
    const CHOSEN: &[&str] = &["    - `", "- in ", "- found by search", "- asked earlier"];
    let told = line.strip_prefix("- ").or_else(|| line.strip_prefix("+ "));
    told.is_some_and(|told| CHOSEN.iter().any(|lead| told.starts_with(lead)))
}

/// The session of `log`; none where nothing in it is one.
fn session(log: &Path) -> Option<passdown::session::Session> {
    load(log, &passdown::read::Options::default())
}

/// The same, read as `options` say.
fn load(log: &Path, options: &passdown::read::Options) -> Option<passdown::session::Session> {
    use passdown::discover::{Env, sessions};
    let found = sessions(&[log.to_str()?], &Env::from_system()).ok()?;
    let files = found.sessions.first()?;
    Some(passdown::pipeline::load(files, options).ok()?.0)
}

/// What kind of work `log` did.
fn work(log: &Path) -> Vec<(passdown::score::Work, f64)> {
    use passdown::{pipeline, rules, score};
    let session = session(log).expect("a session");
    score::work(&pipeline::ledger(&session, rules::RuleSet::builtin()))
}

/// The default count against what the logs say was counted: the input grows from one request to the next by the answers of the
/// tools in between.
#[test]
fn the_default_count_is_near_to_what_was_used() {
    use passdown::tokens::Tokenizer;
    let Some(logs) = logs() else { return };
    let mut errors: Vec<f64> = Vec::new();
    let mut beyond = 0;
    for log in &logs {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        for step in steps(&text) {
            let tokenizer = Tokenizer::default().for_model(&step.model);
            let counted = f64::from(tokenizer.count(&step.text));
            errors.push(counted / step.tokens - 1.0);
            beyond += usize::from(f64::from(tokenizer.most(&step.text)) < step.tokens);
        }
    }
    errors.sort_by(f64::total_cmp);
    let at = |errors: &[f64], share: f64| errors[(errors.len() as f64 * share) as usize] * 100.0;
    let mut sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    eprintln!(
        "{} steps: error p10 {:+.1} %, median {:+.1} %, p90 {:+.1} %; size of the error, median {:.1} %, p90 {:.1} %; \
         {beyond} beyond what a budget is held to",
        errors.len(),
        at(&errors, 0.1),
        at(&errors, 0.5),
        at(&errors, 0.9),
        at(&sizes, 0.5),
        at(&sizes, 0.9)
    );
    assert!(errors.len() > 100, "{} steps", errors.len());
    assert!(at(&sizes, 0.5) <= 8.0);
    // What a budget is held to errs on the high side on purpose.
    assert!(beyond * 6 <= errors.len(), "{beyond} of {}", errors.len());
}

/// What stood between two requests, and the tokens by which it made the input grow.
struct Step {
    model: String,
    text: String,
    tokens: f64,
}

/// The steps of a log with at least 4 kB of tool answers and nothing else of unknown size between two requests.
fn steps(log: &str) -> Vec<Step> {
    use serde_json::Value;
    // What frames an answer; taken for granted.
    const FRAME: f64 = 60.0;
    let mut steps = Vec::new();
    let mut last: Option<(String, f64)> = None;
    let (mut text, mut beside, mut results, mut sound) = (String::new(), 0.0, 0, true);
    for line in log.lines() {
        let Ok(record) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if record["isSidechain"] == true || record["isMeta"] == true {
            sound = false;
        }
        let message = &record["message"];
        let blocks = message["content"].as_array().cloned().unwrap_or_default();
        match record["type"].as_str() {
            Some("assistant") => {
                let (Some(id), Some(model)) = (message["id"].as_str(), message["model"].as_str())
                else {
                    sound = false;
                    continue;
                };
                let usage = &message["usage"];
                let number = |key: &str| usage[key].as_f64().unwrap_or(0.0);
                let context = number("input_tokens")
                    + number("cache_read_input_tokens")
                    + number("cache_creation_input_tokens");
                if last.as_ref().is_none_or(|(known, _)| known != id) {
                    if let Some((_, before)) = &last {
                        let tokens = context - before - beside - FRAME * f64::from(results);
                        if sound && results > 0 && text.len() >= 4_000 && tokens > 0.0 {
                            steps.push(Step {
                                model: model.to_owned(),
                                text: std::mem::take(&mut text),
                                tokens,
                            });
                        }
                    }
                    last = Some((id.to_owned(), context));
                    (beside, results, sound) = (0.0, 0, true);
                    text.clear();
                }
                let family = passdown::tokens::Tokenizer::default().for_model(model);
                for block in &blocks {
                    match block["type"].as_str() {
                        Some("text") => {
                            let said = block["text"].as_str().unwrap_or_default();
                            beside += f64::from(family.count(said));
                        }
                        Some("tool_use") => {
                            beside += f64::from(family.count(&block["input"].to_string())) + 20.0;
                        }
                        _ => sound = false,
                    }
                }
            }
            Some("user") => {
                for block in &blocks {
                    let content = &block["content"];
                    match (block["type"].as_str(), content.as_str()) {
                        (Some("tool_result"), Some(shown)) => {
                            text.push_str(shown);
                            results += 1;
                        }
                        _ => sound = false,
                    }
                }
                sound &= !blocks.is_empty();
            }
            Some("progress" | "file-history-snapshot" | "queue-operation") => {}
            _ => sound = false,
        }
    }
    steps
}
