//! What a review by a subagent asks for, where nothing was edited since.

use super::Room;
use super::item::{Item, Kind, Line, Part, Trust};
use crate::ledger::Cite;
use crate::session::{Body, Input, Outcome};

impl Room<'_> {
    /// The last review that does not let the work pass, with what it found, if the work was not touched since.
    pub(super) fn review(&mut self) {
        let edited = self.ledger.files.iter().filter(|file| file.edits > 0);
        let edited = edited.map(|file| file.last.place()).max();
        let session = self.session;
        let mut events = session.timeline.iter().rev();
        let found = events.find_map(|event| {
            let Body::Return(index) = event.body else {
                return None;
            };
            let call = &session.calls[index];
            let main = event.live && event.agent.is_none() && call.outcome == Outcome::Ok;
            let reports = main && matches!(call.input, Input::Agent { .. });
            let report = reports.then_some(call.output.text.as_str())?;
            Some((report, verdict(report)?, Cite::of(event)))
        });
        let Some((report, verdict, cite)) = found else {
            return;
        };
        // What was edited since may be the mend; what the subagent wrote itself stands before its report.
        if edited.is_some_and(|edited| edited > cite.place()) {
            return;
        }
        let text = self.words(verdict, 160);
        let line = Line::new().own("a subagent's review: ").quote(text);
        let mut item = Item::new(
            Part::Focus,
            Kind::Account,
            Trust::Claimed,
            "open",
            1.8,
            line.cite(&cite).piece(0.05 * self.recency(cite.tick)),
        );
        self.list(&mut item, findings(report), &cite);
        self.add(item);
    }
}

/// The line of a report that says that changes are wanted.
fn verdict(report: &str) -> Option<&str> {
    const LONG: usize = 200;
    const WANTS: [&str; 7] = [
        "request changes",
        "changes requested",
        "requests changes",
        "changes required",
        "not approved",
        "needs work",
        "not ready to merge",
    ];
    let mut lines = report
        .lines()
        .map(|line| line.trim().trim_matches(['*', '#', ' ']));
    lines.find(|line| {
        let lower = line.to_lowercase();
        line.len() <= LONG && WANTS.iter().any(|words| lower.contains(words))
    })
}

/// The findings of a report: the items of its lists that begin with a heading of their own, up to where it praises.
fn findings(report: &str) -> Vec<String> {
    const PRAISE: [&str; 4] = ["done well", "strengths", "positive", "good practices"];
    let lines = report.lines().map(str::trim);
    let lines = lines.take_while(|line| {
        let lower = line.to_lowercase();
        let heads = line.starts_with(['#', '*']);
        !(heads && PRAISE.iter().any(|words| lower.contains(words)))
    });
    let item = |line: &str| {
        let bare =
            line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | ' '));
        (bare.len() < line.len() && bare.starts_with("**")).then(|| bare.replace("**", ""))
    };
    lines.filter_map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::{findings, verdict};

    #[test]
    fn a_review_is_told_by_its_verdict_and_its_findings() {
        let report = "Written to `review.md`.\n\n**Verdict: REQUEST CHANGES**\n\n**Critical Issues (1):**\n\n1. **`load()` skips flags** (`setup.go:292`). They are lost.\n\n**Important:**\n\n2. **Dead code** in `a.go`.\n\n**What was done well:**\n- **Tests** pass.\n";
        assert_eq!(verdict(report), Some("Verdict: REQUEST CHANGES"));
        assert_eq!(
            findings(report),
            [
                "`load()` skips flags (`setup.go:292`). They are lost.",
                "Dead code in `a.go`."
            ]
        );
        for passed in ["**Verdict: APPROVED**", "Ready to merge? Yes.", ""] {
            assert_eq!(verdict(passed), None, "{passed}");
        }
    }
}
