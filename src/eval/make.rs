//! The first part of a session → its texts, one for each budget.

use super::{Maker, text};
use crate::error::Error;
use crate::pack::Handoff;
use crate::pipeline::{self, Format, Options};
use crate::render;
use crate::safety::Gate;
use crate::score::Ranked;
use crate::session::Session;

/// The texts of a maker, each within its budget, and what went wrong. No texts if there is nothing to hand over.
pub(super) fn made(
    maker: &Maker<'_>,
    first: &Session,
    budgets: &[u32],
) -> (Vec<String>, Vec<String>) {
    match maker {
        Maker::Text(text) => {
            let texts = budgets.iter().map(|budget| within(text, *budget));
            (texts.collect(), Vec::new())
        }
        Maker::Handoff { rules, options } => match pipeline::ranked(first, rules, options) {
            Some((_, gate, ranked)) => handoffs(first, &ranked, &gate, options, budgets),
            None => (Vec::new(), Vec::new()),
        },
    }
}

/// The handoffs of what was ranked, and what went wrong; where something did, the text is empty.
pub(super) fn handoffs(
    first: &Session,
    ranked: &Ranked,
    gate: &Gate,
    options: &Options,
    budgets: &[u32],
) -> (Vec<String>, Vec<String>) {
    let mut failed = Vec::new();
    let texts = budgets.iter().map(|&budget| {
        let options = Options {
            budget,
            ..options.clone()
        };
        let text = pipeline::packed(first, ranked, &options)
            .and_then(|handoff| finished(gate, &handoff, &options));
        text.map_or_else(
            |error| {
                failed.push(error.to_string());
                String::new()
            },
            |text| within(&text, budget),
        )
    });
    (texts.collect(), failed)
}

/// What a reader with that many tokens sees of a text.
fn within(text: &str, budget: u32) -> String {
    text::head_within(text, budget as usize).to_owned()
}

fn finished(gate: &Gate, handoff: &Handoff, options: &Options) -> Result<String, Error> {
    let text = match options.format {
        Format::Prompt => render::prompt(handoff, options.render),
        Format::Memory => render::memory(handoff, options.render),
        Format::Markdown | Format::Json => render::markdown(handoff, options.render),
    };
    gate.second_look(&text)
        .map_err(|kinds| pipeline::unsafe_text("the handoff", kinds))?;
    Ok(text)
}
