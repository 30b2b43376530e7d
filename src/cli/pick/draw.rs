//! The screen: a line on top, the sessions, the handoff of the selected one, a line below.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::page::{Page, Piece, columns, fitted};
use super::state::{Focus, ROW_LINES, Row, State};
use crate::cli::list::{age, size};
use crate::cli::markup::{self, Hue};

/// How it looks, beyond what is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Whether there are colours; without them, weight and reverse tell what they would.
    pub(super) colour: bool,
    /// What ages count to, in seconds since 1970.
    pub(super) now: i64,
}

/// The columns of the longest state word.
const STATE: usize = "unverified".len();

/// The keys, and what they do.
const HELP: [(&str, &str); 13] = [
    ("↑ ↓  k j", "move, or scroll"),
    ("PgUp PgDn", "a page"),
    ("Home End", "first, last"),
    ("→ ←", "to the handoff, back"),
    ("/", "filter as you type"),
    ("a", "all sessions, or this project's"),
    ("+ -", "a larger, a smaller budget"),
    ("Tab  n p", "next, previous citation"),
    ("Enter", "list: print the handoff and leave"),
    ("", "citation: open its record"),
    ("c  y", "copy the handoff"),
    ("Esc", "a step back"),
    ("q", "leave"),
];

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, look: Look) {
    let area = frame.area();
    if area.width < 20 || area.height < 5 {
        let line = Line::raw("too small");
        frame
            .buffer_mut()
            .set_line(area.x, area.y, &line, area.width);
        return;
    }
    let (left, right) = state.panes();
    let body = Rect {
        y: area.y + 1,
        height: area.height - 2,
        ..area
    };
    let buffer = frame.buffer_mut();
    top(buffer, Rect { height: 1, ..area }, state, look);
    if left > 0 {
        list(
            buffer,
            Rect {
                width: left,
                ..body
            },
            state,
            look,
        );
    }
    if left > 0 && right > 0 {
        for y in body.top()..body.bottom() {
            buffer.set_string(
                body.x + left,
                y,
                "│",
                Style::new().add_modifier(Modifier::DIM),
            );
        }
    }
    if right > 0 {
        let x = body.x + (area.width - right);
        handoff(
            buffer,
            Rect {
                x,
                width: right,
                ..body
            },
            state,
            look,
        );
    }
    bottom(
        buffer,
        Rect {
            y: area.bottom() - 1,
            height: 1,
            ..area
        },
        state,
        look,
    );
    if state.help {
        help(buffer, area, look);
    }
}

/// A style as ratatui has it.
fn style(style: markup::Style, look: Look) -> Style {
    let mut out = Style::new();
    if style.bold {
        out = out.add_modifier(Modifier::BOLD);
    }
    if style.faint {
        out = out.add_modifier(Modifier::DIM);
    }
    match style.hue.filter(|_| look.colour) {
        Some(hue) => out.fg(match hue {
            Hue::Red => Color::Red,
            Hue::Green => Color::Green,
            Hue::Yellow => Color::Yellow,
            Hue::Blue => Color::Blue,
            Hue::Magenta => Color::Magenta,
            Hue::Cyan => Color::Cyan,
        }),
        None => out,
    }
}

/// Which sessions these are, and what of the handoff fits.
fn top(buffer: &mut Buffer, area: Rect, state: &State, look: Look) {
    let whose = if state.everywhere {
        "all sessions"
    } else {
        "this project"
    };
    let count = match (state.filter.is_empty(), state.shown.len(), state.rows.len()) {
        (true, _, all) => grouped(all),
        (false, shown, all) => {
            format!("{} of {} · /{}", grouped(shown), grouped(all), state.filter)
        }
    };
    let more = if state.listing { " …" } else { "" };
    let left = format!("{whose} · {count}{more}");
    let budget = grouped(state.budget as usize);
    let right = match state.current().map(|made| made.tokens) {
        Some(Some(tokens)) => format!("{} of {budget} tokens", grouped(tokens as usize)),
        _ => format!("budget {budget}"),
    };
    let style = Style::new().add_modifier(Modifier::BOLD);
    let style = if look.colour {
        style
    } else {
        style.add_modifier(Modifier::UNDERLINED)
    };
    let width = usize::from(area.width);
    let blank = width.saturating_sub(columns(&left) + columns(&right));
    let line = match blank {
        0 => fitted(&left, width),
        _ => format!("{left}{}{right}", " ".repeat(blank)),
    };
    buffer.set_string(area.x, area.y, line, style);
}

/// The filter, a note, or the keys that count here.
fn bottom(buffer: &mut Buffer, area: Rect, state: &State, look: Look) {
    let width = usize::from(area.width);
    let dim = Style::new().add_modifier(Modifier::DIM);
    if state.typing {
        let text = format!("/{}", state.filter);
        let end = fitted_end(&text, width.saturating_sub(1));
        buffer.set_string(area.x, area.y, &end, Style::new());
        let cursor = Style::new().add_modifier(Modifier::REVERSED);
        buffer.set_string(
            area.x + u16::try_from(columns(&end)).unwrap_or(0),
            area.y,
            " ",
            cursor,
        );
        return;
    }
    if !state.note.is_empty() {
        let style = if look.colour {
            Style::new().fg(Color::Yellow)
        } else {
            Style::new()
        };
        buffer.set_string(area.x, area.y, fitted(&state.note, width), style);
        return;
    }
    let keys: &[&str] = match state.focus {
        Focus::List => &[
            "? help",
            "Enter print",
            "→ read",
            "/ filter",
            "a all",
            "+ - budget",
            "c copy",
            "q quit",
        ],
        Focus::Handoff if state.chosen.is_some() => &[
            "? help",
            "Enter opens it",
            "Tab next",
            "← back",
            "c copy",
            "q quit",
        ],
        Focus::Handoff => &[
            "? help",
            "Tab citation",
            "← back",
            "+ - budget",
            "c copy",
            "q quit",
        ],
        Focus::Record => &["? help", "← back", "↑ ↓ scroll", "q quit"],
    };
    let more = below(state);
    buffer.set_string(
        area.right() - u16::try_from(columns(&more)).unwrap_or(0).min(area.width),
        area.y,
        &more,
        dim,
    );
    let width = width.saturating_sub(columns(&more) + 1);
    let mut line = String::new();
    for key in keys {
        let gap = if line.is_empty() { "" } else { "  " };
        if columns(&line) + gap.len() + columns(key) > width {
            break;
        }
        line.push_str(gap);
        line.push_str(key);
    }
    buffer.set_string(area.x, area.y, line, dim);
}

/// How much of the right side is below what is in sight.
fn below(state: &State) -> String {
    let view = state.view();
    let lines = view
        .page
        .lines
        .len()
        .saturating_sub(view.top + state.height());
    match (lines, state.panes().1) {
        (0, _) | (_, 0) => String::new(),
        _ => format!("↓ {lines} more"),
    }
}

/// The end of `text` that takes at most `width` columns.
fn fitted_end(text: &str, width: usize) -> String {
    let mut start = text.len();
    for (at, _) in text.char_indices().rev() {
        if columns(&text[at..]) > width {
            break;
        }
        start = at;
    }
    text[start..].to_owned()
}

fn list(buffer: &mut Buffer, area: Rect, state: &State, look: Look) {
    let width = usize::from(area.width);
    if state.shown.is_empty() {
        let text = match (state.listing, state.filter.is_empty()) {
            (true, _) => "looking for sessions …",
            (false, true) => "no sessions",
            (false, false) => "nothing fits the filter",
        };
        buffer.set_string(
            area.x,
            area.y,
            fitted(text, width),
            Style::new().add_modifier(Modifier::DIM),
        );
        return;
    }
    let rows = state
        .shown
        .iter()
        .enumerate()
        .skip(state.top)
        .take(state.rows_in_sight());
    for (place, (at, row)) in rows.enumerate() {
        let y = area.y
            + u16::try_from(place)
                .unwrap_or(u16::MAX)
                .saturating_mul(ROW_LINES);
        let Some(row) = state.rows.get(*row) else {
            continue;
        };
        let selected = at == state.selected;
        let lines = session(row, width, selected, state, look);
        for (line, y) in lines.iter().zip(y..area.bottom()) {
            buffer.set_line(area.x, y, line, area.width);
            if selected && state.focus == Focus::List {
                let whole = Rect {
                    y,
                    height: 1,
                    ..area
                };
                buffer.set_style(whole, Style::new().add_modifier(Modifier::REVERSED));
            }
        }
    }
}

/// A session on two lines: how it stands, and what it is about.
fn session(
    row: &Row,
    width: usize,
    selected: bool,
    state: &State,
    look: Look,
) -> [Line<'static>; 2] {
    let mark = if selected { "▌" } else { " " };
    let word = row.state.unwrap_or("…");
    let ago = (row.ended).map_or_else(|| "?".to_owned(), |ended| age(look.now, ended));
    let mut facts = format!(" {ago:>4}");
    let folder = if state.everywhere {
        row.folder.as_str()
    } else {
        ""
    };
    // As many as there is room for, each whole.
    for fact in [size(row.bytes).as_str(), &row.id, folder] {
        if !fact.is_empty() && STATE + columns(&facts) + columns(fact) + 3 < width {
            facts = format!("{facts}  {fact}");
        }
    }
    let first = Line::from(vec![
        Span::raw(mark),
        Span::styled(format!("{word:<STATE$}"), style(markup::state(word), look)),
        Span::styled(facts, Style::new().add_modifier(Modifier::DIM)),
    ]);
    let title = match (row.title.as_str(), row.state) {
        ("", Some(_)) => "nothing to hand over",
        (title, _) => title,
    };
    let second = Line::from(format!("{mark}{}", fitted(title, width.saturating_sub(2))));
    [first, second]
}

fn handoff(buffer: &mut Buffer, area: Rect, state: &State, look: Look) {
    let view = state.view();
    let waits = match state.focus {
        Focus::Record => state.record.is_none(),
        _ => state.current().is_none() && state.selected_row().is_some(),
    };
    if waits {
        let style = Style::new().add_modifier(Modifier::DIM);
        buffer.set_string(area.x, area.y, "reading the log …", style);
        return;
    }
    let chosen = match state.focus {
        Focus::Handoff => state.chosen,
        _ => None,
    };
    page(buffer, area, &view.page, view.top, chosen, look);
}

fn page(
    buffer: &mut Buffer,
    area: Rect,
    page: &Page,
    top: usize,
    chosen: Option<usize>,
    look: Look,
) {
    let span = |piece: &Piece| {
        let mut style = style(markup::style(piece.role, &piece.text), look);
        if chosen.is_some() && piece.cite == chosen {
            style = style.add_modifier(Modifier::REVERSED);
        }
        Span::styled(piece.text.clone(), style)
    };
    for (line, y) in page.lines.iter().skip(top).zip(area.top()..area.bottom()) {
        let line = Line::from_iter(line.iter().map(span));
        buffer.set_line(area.x, y, &line, area.width);
    }
}

fn help(buffer: &mut Buffer, area: Rect, look: Look) {
    let first = HELP
        .iter()
        .map(|(keys, _)| columns(keys))
        .max()
        .unwrap_or(0);
    let lines = HELP.iter().map(|(keys, what)| {
        let blank = " ".repeat(first - columns(keys).min(first));
        format!("  {keys}{blank}   {what}")
    });
    let lines: Vec<String> = lines.collect();
    let width = lines.iter().map(|line| columns(line)).max().unwrap_or(0) + 2;
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let style = if look.colour {
        Style::new().fg(Color::White).bg(Color::Black)
    } else {
        Style::new()
    };
    let inside = usize::from(place.width);
    for (index, y) in (place.top()..place.bottom()).enumerate() {
        let text = index
            .checked_sub(1)
            .and_then(|line| lines.get(line))
            .map_or("", String::as_str);
        let text = fitted(text, inside);
        let blank = " ".repeat(inside.saturating_sub(columns(&text)));
        buffer.set_string(
            place.x,
            y,
            format!("{text}{blank}"),
            style.add_modifier(Modifier::REVERSED),
        );
    }
}

/// `12345` → `12,345`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
