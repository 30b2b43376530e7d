//! How handoffs may change when a log is changed: the relations of `relations`, on the cases of `corpora/sessions` and on
//! sessions made by seeds.

use std::path::Path;

use rayon::prelude::*;

use crate::relations::{Log, Seen, all, made};

/// Each case of the corpora, and made sessions.
fn logs() -> Vec<Log> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/sessions");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .expect("corpora/sessions")
        .map(|entry| entry.expect("an entry").path().join("session.jsonl"))
        .filter(|path| path.is_file())
        .collect();
    cases.sort();
    let read = cases
        .iter()
        .filter_map(|path| Log::read(path))
        .map(|mut log| {
            let case = log.name.split('/').next().unwrap_or_default();
            log.name = case.to_owned();
            log
        });
    read.chain((1..=12).map(made)).collect()
}

/// Each relation on each log in one of its ways, another one on the next; `PASSDOWN_RELATIONS=all` tries all of them.
#[test]
fn relations_hold() {
    let each = std::env::var_os("PASSDOWN_RELATIONS").is_some();
    let logs = logs();
    let told: Vec<(usize, Vec<String>)> = logs
        .par_iter()
        .enumerate()
        .map(|(index, log)| {
            let seen = Seen::of(log);
            let mut cases = 0;
            let mut wrong = Vec::new();
            for relation in all() {
                let tried = |way: &u64| each || *way == index as u64 % relation.ways;
                for way in (0..relation.ways).filter(tried) {
                    let Some(held) = (relation.holds)(log, &seen, way) else {
                        continue;
                    };
                    cases += 1;
                    if let Err(what) = held {
                        wrong.push(format!("{}: {} ({way}):\n{what}", log.name, relation.name));
                    }
                }
            }
            (cases, wrong)
        })
        .collect();
    let cases: usize = told.iter().map(|(cases, _)| cases).sum();
    let wrong: Vec<String> = told.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(
        wrong.is_empty(),
        "{} of {cases} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 300, "only {cases} cases");
}
