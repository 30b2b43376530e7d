//! Why a handoff is as it is: what each line costs, and what the budget left out.

use crate::error::Error;
use crate::pack::{Handoff, Packed, pack};
use crate::pipeline::{self, Options};
use crate::render::{self, Costs};
use crate::rules::RuleSet;
use crate::session::Session;

/// The lines of the handoff that [`pipeline::handoff`] gives for the same options, explained: as JSON if `json`, else
/// as plain lines of at most 80 characters. `None` if there is nothing to hand over.
///
/// # Errors
///
/// Those of [`pipeline::handoff`].
pub fn explain(
    session: &Session,
    rules: &RuleSet,
    options: &Options,
    json: bool,
) -> Result<Option<String>, Error> {
    let Some((_, gate, ranked)) = pipeline::ranked(session, rules, options) else {
        return Ok(None);
    };
    let measure = pipeline::measure(session, options);
    let packed = |budget| pack(&ranked, budget, &options.parts, &measure);
    let handoff = pipeline::packed(session, &ranked, options)?;
    let count = |handoff: &Handoff| pipeline::count(session, handoff, options);
    let all = packed(u32::MAX)?;
    let left = handoff.left_out.len();
    // A larger budget holds all that a smaller one does, so the least that holds a line more is found by halving. What
    // the budget of a part leaves out, no budget holds.
    let mut next = None;
    if left > all.left_out.len() {
        let (mut holds, mut not) = (measure(&all), options.budget);
        while holds - not > 1 {
            let middle = not + (holds - not) / 2;
            if packed(middle)?.left_out.len() < left {
                holds = middle;
            } else {
                not = middle;
            }
        }
        next = Some(holds);
    }
    let costs = Costs {
        kept: (0..handoff.items.len())
            .map(|index| {
                handoff
                    .tokens
                    .saturating_sub(count(&without(&handoff, index)))
            })
            .collect(),
        left: (0..left)
            .map(|index| count(&with(&handoff, index)).saturating_sub(handoff.tokens))
            .collect(),
        next,
    };
    let redacted = gate.counts();
    let text = if json {
        render::explain_json(&handoff, &costs, &redacted, options.render)
    } else {
        render::explain(&handoff, &costs, &redacted, options.render)
    };
    gate.second_look(&text)
        .map_err(|kinds| pipeline::unsafe_text("the explanation", kinds))?;
    Ok(Some(text))
}

fn without(handoff: &Handoff, index: usize) -> Handoff {
    let mut less = handoff.clone();
    less.items.remove(index);
    less
}

/// The handoff with the first piece of a line that was left out, in its place.
fn with(handoff: &Handoff, index: usize) -> Handoff {
    let mut more = handoff.clone();
    let mut item = handoff.left_out[index].clone();
    item.pieces.truncate(1);
    let place = more
        .items
        .partition_point(|packed| (packed.item.part, packed.item.order) <= (item.part, item.order));
    more.items.insert(place, Packed { item, score: 0.0 });
    more
}
