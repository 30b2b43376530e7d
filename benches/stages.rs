//! Each stage by itself, on a made-up log of 4 MB: `cargo bench --bench stages`.
//!
//! Throughput is bytes of log per second, in every stage, so that the figures can be compared: a stage that
//! sees little of the log is fast by it. The patterns are compiled in the first round, which is not counted;
//! what a process pays for them is in `whole.py`.

#[expect(dead_code, reason = "logs of other shapes are for whole processes")]
mod log;

use std::collections::BTreeMap;

use std::path::PathBuf;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use passdown::extract::extract;
use passdown::extract::finding::Finding;
use passdown::ledger::{Ledger, replay};
use passdown::pack::{Handoff, pack};
use passdown::read::{self, Source};
use passdown::rules::RuleSet;
use passdown::safety::{Gate, Policy};
use passdown::score::rank;
use passdown::session::{self, Builder, Digest, Session};
use passdown::tokens::Tokenizer;
use passdown::{pipeline, render};

const BYTES: u64 = 4_000_000;
const BUDGET: u32 = 1_000;

static BYTES_OF_LOG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    log::write(log::Shape::Usual, BYTES, &mut bytes).expect("memory takes what is written");
    bytes
});
static SESSION: LazyLock<Session> = LazyLock::new(|| joined(digested()));
static FINDINGS: LazyLock<Vec<Finding>> = LazyLock::new(|| extract(&SESSION, RuleSet::builtin()));
static LEDGER: LazyLock<Ledger> = LazyLock::new(|| replay(&SESSION, &FINDINGS));
static HANDOFF: LazyLock<Handoff> =
    LazyLock::new(|| packed(&mut pipeline::gate(&SESSION, Policy::default())));

fn main() {
    divan::main();
}

fn size() -> BytesCount {
    BytesCount::of_slice(BYTES_OF_LOG.as_slice())
}

fn digested() -> Vec<Digest> {
    let lines = BYTES_OF_LOG.split(|&byte| byte == b'\n');
    vec![session::digest(1, (1..).zip(lines), "log.jsonl")]
}

fn joined(digests: Vec<Digest>) -> Session {
    let mut builder = Builder::new();
    builder.main("log.jsonl", digests);
    builder.finish().0
}

fn packed(gate: &mut Gate) -> Handoff {
    let ranked = rank(&SESSION, &LEDGER, gate).expect("there is work in the log");
    let tokenizer = Tokenizer::default();
    pack(&ranked, BUDGET, &BTreeMap::new(), |handoff| {
        tokenizer.count(&render::markdown(handoff, render::Options::default()))
    })
    .expect("the budget suffices")
}

/// The file, from the cache of the system, as units of lines.
#[divan::bench(max_time = 2)]
fn a_read(bencher: Bencher<'_, '_>) {
    let path: PathBuf = std::env::temp_dir().join(format!("passdown-{}.jsonl", std::process::id()));
    std::fs::write(&path, BYTES_OF_LOG.as_slice())
        .expect("the folder for temporary files takes a log");
    let source = Source::File(path.clone());
    bencher.counter(size()).bench(|| {
        read::units(&source, &read::Options::default(), |unit| {
            unit.lines().count()
        })
        .expect("the log was just written")
    });
    std::fs::remove_file(path).expect("the log was just written");
}

/// Lines to records to nodes, on one thread.
#[divan::bench(max_time = 2)]
fn b_digest(bencher: Bencher<'_, '_>) {
    bencher.counter(size()).bench(digested);
}

#[divan::bench(max_time = 2)]
fn c_join(bencher: Bencher<'_, '_>) {
    bencher
        .counter(size())
        .with_inputs(digested)
        .bench_values(joined);
}

#[divan::bench(max_time = 2)]
fn d_extract(bencher: Bencher<'_, '_>) {
    bencher
        .counter(size())
        .bench(|| extract(&SESSION, RuleSet::builtin()));
}

#[divan::bench(max_time = 2)]
fn e_ledger(bencher: Bencher<'_, '_>) {
    bencher
        .counter(size())
        .bench(|| replay(&SESSION, &FINDINGS));
}

/// The search for secrets, which reads what was said and printed.
#[divan::bench(max_time = 2)]
fn f_secrets(bencher: Bencher<'_, '_>) {
    bencher
        .counter(size())
        .bench(|| pipeline::gate(&SESSION, Policy::default()));
}

#[divan::bench(max_time = 2)]
fn g_score_and_pack(bencher: Bencher<'_, '_>) {
    bencher
        .counter(size())
        .with_inputs(|| pipeline::gate(&SESSION, Policy::default()))
        .bench_refs(packed);
}

#[divan::bench(max_time = 2)]
fn h_render(bencher: Bencher<'_, '_>) {
    bencher
        .counter(size())
        .bench(|| render::markdown(&HANDOFF, render::Options::default()));
}
