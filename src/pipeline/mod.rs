//! The pipeline as one call: files in, a handoff out.
//!
//! What the command does between its arguments and its output, for programs
//! that use the library; each stage can be called by itself as well.

mod options;

use std::cell::RefCell;
use std::path::Path;

use crate::chain::{self, Joined, Past};
use crate::discover::{self, Env, SessionFiles};
use crate::error::{Error, ErrorKind, Problem};
use crate::extract::extract_telling;
use crate::ledger::{Ledger, replay};
use crate::pack::{Handoff, pack};
use crate::read::{self, ReadReport, Source};
use crate::render;
use crate::rules::{Rule, RuleSet};
use crate::safety::{Gate, Policy};
use crate::score::{Header, Ranked, lost, rank_by};
use crate::session::{self, Body, Builder, Digest, Session};
use crate::tokens::{self, Tokenizer};
pub use options::{Format, Options};

/// The handoff of the session whose main transcript is at `path`, and its text; subagents beside it are read too. `None` if
/// there is nothing to hand over.
///
/// What could not be used of the log is passed over; [`load`] tells it line by line.
///
/// # Errors
///
/// [`ErrorKind::NoSession`], if there is no file; [`ErrorKind::Nothing`], if it is no session; [`ErrorKind::Io`], if it
/// cannot be read; and as [`handoff`].
pub fn from_path(
    path: impl AsRef<Path>,
    rules: &RuleSet,
    options: &Options,
) -> Result<Option<(Handoff, String)>, Error> {
    let path = path.as_ref();
    if !path.is_file() {
        let what = format!("{}: no such file", path.display());
        return Err(ErrorKind::NoSession(what).into());
    }
    let found = discover::sessions(&[path], &Env::default())?;
    let Some(files) = found.sessions.first() else {
        let what = format!("{}: no session in it", path.display());
        return Err(ErrorKind::Nothing(what).into());
    };
    let (session, _) = load(files, &read::Options::default())?;
    handoff(&session, rules, options)
}

/// Reads the files of a session and joins their records.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Io`], if the main transcript cannot be read. What else cannot be read is a problem.
pub fn load(
    files: &SessionFiles,
    options: &read::Options,
) -> Result<(Session, Vec<Problem>), Error> {
    let mut problems = Vec::new();
    let mut builder = Builder::new();
    let path = files.main.to_string();
    let (digest, report) = self::digest(&files.main, options)?;
    problems.extend(report.problems);
    builder.main(&path, vec![digest]);
    for agent in &files.subagents {
        let path = agent.source.to_string();
        match self::digest(&agent.source, options) {
            Ok((digest, report)) => {
                problems.extend(report.problems);
                builder.subagent(
                    &path,
                    Some(&agent.id),
                    agent.tool_use.as_deref(),
                    agent.kind.as_deref(),
                    vec![digest],
                );
            }
            Err(error) => problems.push(Problem {
                path,
                line: 0,
                column: 0,
                what: format!("left out: {error}"),
            }),
        }
    }
    let (session, more) = builder.finish();
    problems.extend(more);
    Ok((session, problems))
}

/// The digest of a whole file; what was read is put together before the next part of the file is read.
fn digest(source: &Source, options: &read::Options) -> Result<(Digest, ReadReport), Error> {
    let mut log = read::Log::open(source)?;
    if let Some(found) = end_first(&mut log, &source.to_string(), options) {
        return Ok(found);
    }
    let path = source.to_string();
    let mut whole = Digest::default();
    let report = log.batches(
        None,
        options,
        |unit| session::digest(unit.first_line, unit.lines(), &path),
        |batch| {
            batch
                .into_iter()
                .for_each(|next| whole.append_within(next, options.recent))
        },
    )?;
    whole.clip(report.bytes);
    Ok((whole, report))
}

/// The digest of a long log, whose end is read first: once that holds all that is kept as it is, the rest is only skimmed.
///
/// The same as when it is read from its beginning. `None` if it is not long, or if something is wrong with the file: then
/// it is to be read in order, and its problems told.
fn end_first(
    log: &mut read::Log<'_>,
    path: &str,
    options: &read::Options,
) -> Option<(Digest, ReadReport)> {
    let size = log.size()?;
    if size <= (options.recent as u64).saturating_mul(2) {
        return None;
    }
    // Small, since the records of a step are held until all before it is read, and small records weigh more than their lines.
    let shortest = (options.recent as u64 / 2).max(1);
    let mut step = shortest;
    let mut ends: Vec<(Digest, u32)> = Vec::new();
    let mut all = ReadReport::default();
    let (mut start, mut weight) = (size, 0usize);
    while start > 0 && weight <= options.recent {
        let from = log.line_at(start.saturating_sub(step)).ok()?;
        let mut end = Digest::default();
        let report = log.batches(
            Some(from..start),
            options,
            |unit| session::digest(unit.first_line, unit.lines(), path),
            |batch| {
                batch
                    .into_iter()
                    .for_each(|next| end.append_within(next, usize::MAX))
            },
        );
        let report = whole(report, start - from)?;
        if start == size {
            all.unfinished = report.unfinished;
        }
        weight = weight.saturating_add(end.weight());
        // Where the records of megabytes weigh next to nothing, a longer one holds as little.
        let as_much = (start - from).saturating_mul(shortest) / (end.weight() as u64).max(1);
        step = as_much.clamp(shortest, step.saturating_mul(4));
        ends.push((end, report.lines));
        start = from;
    }
    let mut digest = Digest::default();
    if start > 0 {
        let report = log.batches(
            Some(0..start),
            options,
            |unit| session::skim(unit.first_line, unit.lines(), path),
            |batch| batch.into_iter().for_each(|next| digest.append_old(next)),
        );
        all.lines = whole(report, start)?.lines;
    }
    for (mut end, lines) in ends.into_iter().rev() {
        end.behind(all.lines);
        digest.append_within(end, options.recent);
        all.lines = all.lines.saturating_add(lines);
    }
    all.bytes = size;
    digest.clip(size);
    Some((digest, all))
}

/// The report of a stretch of so many bytes, if all of it was read.
fn whole(report: Result<ReadReport, Error>, bytes: u64) -> Option<ReadReport> {
    let report = report.ok()?;
    (report.bytes == bytes && report.problems.is_empty()).then_some(report)
}

/// A gate that knows the secrets of the session, so that one found in a tool's output is known in a command too.
pub fn gate(session: &Session, redact: Policy) -> Gate {
    let mut texts: Vec<&str> = Vec::new();
    for event in &session.timeline {
        match &event.body {
            Body::Prompt(prompt) => texts.push(&prompt.text.text),
            Body::Say(text) | Body::Think(text) => texts.push(&text.text),
            _ => {}
        }
    }
    for call in &session.calls {
        texts.extend(call.input.texts());
        texts.push(&call.output.text);
    }
    // What a header tells is told behind all the lines.
    texts.extend(session.models.iter().map(String::as_str));
    texts.extend(
        session
            .cwd
            .iter()
            .chain(&session.branch)
            .map(String::as_str),
    );
    let mut gate = Gate::of(redact.redactor());
    gate.learn_all(&texts);
    gate
}

/// The error that stops `what` from being written.
pub(crate) fn unsafe_text(what: &str, kinds: Vec<String>) -> Error {
    ErrorKind::Unsafe(format!(
        "{what} still holds a secret ({}), so it was not written",
        kinds.join(", ")
    ))
    .into()
}

/// What `text` stands for in the budget: an exact count of one tokenizer may lie below that of a near relative, which
/// parts names and code otherwise, so the rule of thumb holds as well. The estimate for Claude has a margin of its own.
fn reserved(tokenizer: Tokenizer, text: &str) -> u32 {
    let count = tokenizer.most(text);
    match tokenizer {
        Tokenizer::Auto(_) => count,
        Tokenizer::O200k | Tokenizer::Cl100k => count.max(by_thumb(text)),
    }
}

/// What `text` counts by the rule of thumb, less what that may be off.
fn by_thumb(text: &str) -> u32 {
    const OFF: u64 = 104;
    let most = u64::from(tokens::plain(text)) * 100 / OFF;
    u32::try_from(most).unwrap_or(u32::MAX)
}

/// The state at the end of `session`, by `rules`.
pub fn ledger(session: &Session, rules: &RuleSet) -> Ledger {
    ledger_beside(session, rules, || ()).0
}

/// As [`ledger`], with what `beside` gives: it is done while the log is replayed, which takes one thread.
fn ledger_beside<T: Send>(
    session: &Session,
    rules: &RuleSet,
    beside: impl FnOnce() -> T + Send,
) -> (Ledger, T) {
    let (findings, costly) = extract_telling(session, rules);
    let (mut ledger, other) = rayon::join(|| replay(session, &findings), beside);
    ledger.costly = costly.into_iter().map(switched_off).collect();
    (ledger, other)
}

/// What is said of a rule that cost too much.
fn switched_off(rule: &Rule) -> String {
    format!(
        "{}:{}: rule `{}` takes too long to search this session, so only its newest part was searched; a longer keyword or a smaller pattern helps",
        rule.file, rule.line, rule.id
    )
}

/// A session, condensed: what is still true at its end, and the handoff made of it.
#[derive(Debug)]
pub struct Condensed {
    /// The state at the end.
    pub ledger: Ledger,
    /// The handoff.
    pub handoff: Handoff,
    /// The gate that knows the session's secrets, for whatever else of it leaves.
    pub gate: Gate,
}

impl Condensed {
    /// The handoff as text.
    ///
    /// # Errors
    ///
    /// [`crate::error::ErrorKind::Unsafe`], if the finished text still holds a secret.
    pub fn text(&self, format: Format, options: render::Options) -> Result<String, Error> {
        let text = match format {
            Format::Markdown => render::markdown(&self.handoff, options),
            Format::Json => render::json(&self.handoff, &self.gate.counts(), options),
            Format::Prompt => render::prompt(&self.handoff, options),
            Format::Memory => render::memory(&self.handoff, options),
        };
        self.gate
            .second_look(&text)
            .map_err(|kinds| unsafe_text("the handoff", kinds))?;
        Ok(text)
    }
}

/// Condenses `session` by `rules`; the format counts where its text is longer. `None` if there is nothing to hand over.
///
/// # Errors
///
/// [`crate::error::ErrorKind::BudgetTooSmall`].
pub fn condense(
    session: &Session,
    rules: &RuleSet,
    options: &Options,
) -> Result<Option<Condensed>, Error> {
    let Some((ledger, gate, ranked)) = ranked(session, rules, options) else {
        return Ok(None);
    };
    let handoff = packed(session, &ranked, options)?;
    Ok(Some(Condensed {
        ledger,
        handoff,
        gate,
    }))
}

/// All that could be handed over, with the state and the gate behind it.
pub(crate) fn ranked(
    session: &Session,
    rules: &RuleSet,
    options: &Options,
) -> Option<(Ledger, Gate, Ranked)> {
    let (ledger, mut gate) = ledger_beside(session, rules, || gate(session, options.redact));
    let rank = |gate: &mut Gate| {
        rank_by(
            session,
            &ledger,
            options.goal.as_ref(),
            &options.weights,
            gate,
        )
    };
    let (known, hidden) = (gate.known(), gate.hidden());
    let mut ranked = rank(&mut gate)?;
    // A text in the form in which it is told may show a secret that stands in lines made before it.
    if gate.known() > known {
        gate.count_hidden_from(hidden);
        ranked = rank(&mut gate)?;
    }
    cleaned(&mut ranked.header, &mut gate);
    let mut ranked = if options.lost {
        lost(session, ranked)?
    } else {
        ranked
    };
    if !options.chain.is_empty() {
        let now = Past::new(session, &ledger, &mut gate);
        chain::carry(&mut ranked, &now, &options.chain);
    }
    Some((ledger, gate, ranked))
}

/// The fields of the log that a header has as they stand there, through the gate.
fn cleaned(header: &mut Header, gate: &mut Gate) {
    // Longer than any path that a system takes.
    const LONG: usize = 4_096;
    let fields = [&mut header.cwd, &mut header.branch].into_iter().flatten();
    for text in fields.chain(&mut header.models) {
        *text = gate.verbatim(text, LONG);
    }
}

/// Of the sessions of `earlier`, those that `session` goes on from, for [`Options::chain`]: at most `most`, the newest
/// first. What cannot be read is left out, and is among the problems.
pub fn chain(
    session: &Session,
    earlier: &[SessionFiles],
    rules: &RuleSet,
    reading: &read::Options,
    redact: Policy,
    most: usize,
) -> (Vec<Joined>, Vec<Problem>) {
    use rayon::prelude::*;
    let past = |session: &Session| {
        let ledger = ledger(session, rules);
        Past::new(session, &ledger, &mut gate(session, redact))
    };
    let (pasts, problems): (Vec<Option<Past>>, Vec<Vec<Problem>>) = earlier
        .par_iter()
        .map(|files| match load(files, reading) {
            // A bad line of an earlier session is told when that session is looked at.
            Ok((session, _)) => (Some(past(&session)), Vec::new()),
            Err(error) => {
                let problem = Problem {
                    path: files.main.to_string(),
                    line: 0,
                    column: 0,
                    what: format!("left out of the chain: {error}"),
                };
                (None, vec![problem])
            }
        })
        .unzip();
    let joined = chain::join(&past(session), pasts.into_iter().flatten().collect(), most);
    (joined, problems.into_iter().flatten().collect())
}

/// What was ranked, packed into the budget of `options`; its tokens are those of the text that they ask for.
///
/// # Errors
///
/// [`crate::error::ErrorKind::BudgetTooSmall`].
pub(crate) fn packed(
    session: &Session,
    ranked: &Ranked,
    options: &Options,
) -> Result<Handoff, Error> {
    let measure = measure(session, options);
    let mut handoff = pack(ranked, options.budget, &options.parts, measure)?;
    handoff.tokens = count(session, &handoff, options);
    Ok(handoff)
}

/// What a handoff takes of the budget: at least what is likely to be counted of its text.
pub(crate) fn measure(session: &Session, options: &Options) -> impl Fn(&Handoff) -> u32 {
    let tokenizer = tokenizer(session, options);
    let known = RefCell::new(render::Known::default());
    move |handoff| {
        reserved(
            tokenizer,
            &measured(handoff, options, &mut known.borrow_mut()),
        )
    }
}

/// The tokens of a handoff as it will be rendered.
pub(crate) fn count(session: &Session, handoff: &Handoff, options: &Options) -> u32 {
    let text = measured(handoff, options, &mut render::Known::default());
    tokenizer(session, options).count(&text)
}

/// Who counts for the model that the session ended with.
fn tokenizer(session: &Session, options: &Options) -> Tokenizer {
    session.models.last().map_or(options.tokenizer, |model| {
        options.tokenizer.for_model(model)
    })
}

/// The text whose tokens count: that of the format, and for JSON that of the Markdown.
fn measured(handoff: &Handoff, options: &Options, known: &mut render::Known) -> String {
    match options.format {
        Format::Markdown | Format::Json => render::markdown_knowing(handoff, options.render, known),
        Format::Prompt => render::prompt(handoff, options.render),
        Format::Memory => render::memory(handoff, options.render),
    }
}

/// The handoff of `session`, and its text. `None` if there is nothing to hand over.
///
/// # Errors
///
/// [`crate::error::ErrorKind::BudgetTooSmall`]; [`crate::error::ErrorKind::Unsafe`], if the finished text still holds a secret.
pub fn handoff(
    session: &Session,
    rules: &RuleSet,
    options: &Options,
) -> Result<Option<(Handoff, String)>, Error> {
    let Some(condensed) = condense(session, rules, options)? else {
        return Ok(None);
    };
    let text = condensed.text(options.format, options.render)?;
    Ok(Some((condensed.handoff, text)))
}
