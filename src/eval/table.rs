//! A report → Markdown that fits 80 columns.

use super::summary::{Contrast, Group, Interval, Method, Report};
use super::{Cut, FactKind};
use crate::extract::words::counted;
use crate::safety;

/// The report as Markdown: a table for each kind of cut and budget, then what was missed.
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    for group in &report.groups {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&heading(group));
        let mut budget = None;
        for method in &group.methods {
            if budget != Some(method.budget) {
                budget = Some(method.budget);
                out.push_str(&format!("\n{} tokens\n\n{HEAD}", method.budget));
            }
            out.push_str(&row(method));
        }
        for contrast in &group.contrast {
            out.push_str(&sentence(contrast));
        }
    }
    let methods = || report.groups.iter().flat_map(|group| &group.methods);
    if methods().next().is_some() {
        out.push_str(LEGEND);
    }
    if methods().any(|method| method.gain.is_some()) {
        out.push_str(GAIN);
    }
    let missed: Vec<&Cut> = report
        .cuts
        .iter()
        .filter(|cut| !cut.missed.is_empty())
        .collect();
    if !missed.is_empty() {
        out.push_str("\n## Missed, with what each would have added to R\n");
    }
    for cut in missed {
        out.push_str(&list(cut));
    }
    out
}

const LEGEND: &str = "
R: the share of what the rest of the session used that stands in the text, with
its 95 % interval over sessions; then by kind of fact.
";

const GAIN: &str = "\
S: 0 is as good as the log's tail, 1 what no text can beat. masked: the tail
without what tools answered. oracle: a text that knows what comes.
";

const HEAD: &str = "\
| text     |    R 95 % CI   |    S | file | ident |  cmd | todo |  err | topic |
| -------- | -------------: | ---: | ---: | ----: | ---: | ---: | ---: | ----: |
";

fn heading(group: &Group) -> String {
    format!(
        "## {}: {}, {}; known before: {:.0} %\n",
        group.kind.word(),
        counted(group.cuts, "cut"),
        counted(group.sessions, "session"),
        100.0 * group.knowable
    )
}

/// A share in at most four columns where that is possible: `.53`, `1.00`, `-.02`, `-1.8`.
fn share(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.as_str() {
        _ if value <= -9.95 => format!("{value:.0}"),
        _ if value <= -0.995 => format!("{value:.1}"),
        "-0.00" => ".00".to_owned(),
        _ if text.starts_with("0.") => text.get(1..).unwrap_or_default().to_owned(),
        _ if text.starts_with("-0.") => format!("-{}", text.get(2..).unwrap_or_default()),
        _ => text,
    }
}

fn row(method: &Method) -> String {
    let or_dash = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), share);
    let Interval { mean, ends } = method.recall;
    let ends = ends.map(|[low, high]| format!("{}–{}", share(low), share(high)));
    let mut row = format!(
        "| {:<8} | {:>4} {:<9} | {:>4} |",
        cell(&method.text, 8),
        share(mean),
        ends.unwrap_or_default(),
        or_dash(method.gain.map(|gain| gain.mean)),
    );
    for (kind, value) in FactKind::ALL.into_iter().zip(method.kinds) {
        let width = kind.word().len().max(4);
        row.push_str(&format!(" {:>width$} |", or_dash(value)));
    }
    row + "\n"
}

fn cell(text: &str, most: usize) -> String {
    safety::cell(&safety::one_line(text, most))
}

fn sentence(contrast: &Contrast) -> String {
    let Interval { mean, ends } = contrast.recall;
    let [first, second] = &contrast.texts;
    let ends = ends.map(|[low, high]| format!(" [{low:+.3}, {high:+.3}]"));
    let verdict = if contrast.recall.is_clear() {
        if mean > 0.0 { "better" } else { "worse" }
    } else {
        "no difference beyond noise"
    };
    let kinds: Vec<String> = FactKind::ALL
        .into_iter()
        .zip(contrast.kinds)
        .filter_map(|(kind, value)| {
            let value = value.filter(|value| value.abs() >= 0.0005)?;
            Some(format!("{} {value:+.3}", kind.word()))
        })
        .collect();
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!("  by kind: {}\n", kinds.join(", "))
    };
    format!(
        "\n{second} against {first} at {} tokens: {verdict}\n  R {mean:+.3}{}; {} better, {} worse\n{kinds}",
        contrast.budget,
        ends.unwrap_or_default(),
        counted(contrast.better, "cut"),
        contrast.worse,
    )
}

fn list(cut: &Cut) -> String {
    const WIDTH: usize = 56;
    let mut out = format!("\n{}:L{} {}\n\n", cut.session, cut.line, cut.kind.word());
    for missed in &cut.missed {
        let how = if missed.earned > 0.0 { " (named)" } else { "" };
        out.push_str(&format!(
            "- {} {:<5} {}{how}\n",
            format_args!("{:.3}", missed.lost),
            missed.kind.word(),
            safety::one_line(&missed.fact, WIDTH),
        ));
    }
    out
}
