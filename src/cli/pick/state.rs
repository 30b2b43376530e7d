//! What the picker knows, and what each event makes of it. No terminal, no file, no clock.
//!
//! Everything slow is asked for by [`State::wanted`] and comes back as an
//! event, so that a key is answered at once, whatever is being read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::page::Page;

/// The budgets that `+` and `-` step through, in tokens.
pub(super) const BUDGETS: [u32; 10] = [
    250, 500, 750, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000,
];
/// Below this many columns there is one pane, with the list or the handoff.
pub(super) const TWO_PANES: u16 = 70;
/// The lines of the screen that a session takes.
pub(super) const ROW_LINES: u16 = 2;
/// Handoffs that are kept; each is some kilobytes of text.
const KEPT: usize = 256;

/// A session of a list: which list, and which place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) list: u32,
    pub(super) row: usize,
}

/// A session, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) path: PathBuf,
    /// The head of its id, safe to show.
    pub(super) id: String,
    /// When it ended, in seconds since 1970; until its log was read, when that was last written.
    pub(super) ended: Option<i64>,
    /// The size of its main transcript in bytes.
    pub(super) bytes: u64,
    /// The title, or until its log was read, the first request; safe to show.
    pub(super) title: String,
    /// The folder it worked in, safe to show.
    pub(super) folder: String,
    /// The state word, once the log was read; `-` if there is nothing to hand over.
    pub(super) state: Option<&'static str>,
}

/// What was learned of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    pub(super) title: Option<String>,
    pub(super) folder: Option<String>,
    pub(super) ended: Option<i64>,
    pub(super) state: Option<&'static str>,
}

/// A handoff, or why there is none.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) text: String,
    /// The tokens it takes; none if it is no handoff but the reason.
    pub(super) tokens: Option<u32>,
}

/// Something that happened.
#[derive(Debug)]
pub(super) enum Event {
    Key(KeyEvent),
    Resize(u16, u16),
    /// Sessions that were found, the newest first, behind those of the same list found before.
    Found(u32, Vec<Row>),
    /// No more will be found.
    Listed(u32),
    Described(Key, Described),
    Handoff(Key, u32, Made),
    /// What stands behind a citation of a session.
    Record(Key, String, String),
    /// Something to be told, as what came of a copy.
    Note(String),
    /// No tool copied this: the terminal is to be asked.
    Uncopied(String),
    /// The terminal is gone, or a signal came.
    Closed,
}

impl Event {
    /// Whether nobody waits for it.
    pub(super) fn can_wait(&self) -> bool {
        matches!(
            self,
            Self::Found(..) | Self::Listed(_) | Self::Described(..)
        )
    }
}

/// What the loop is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Leave.
    Quit,
    /// Leave, as after Ctrl-C.
    Interrupted,
    /// Leave and print.
    Print(String),
    /// Copy to the clipboard.
    Copy(String),
    /// Ask the terminal to copy.
    AskToCopy(String),
    /// List again: all sessions, or those of the project.
    List(u32, bool),
}

/// What is to be read next; the newest wish replaces the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) handoff: Option<(Key, PathBuf, u32)>,
    pub(super) record: Option<(Key, PathBuf, String)>,
    /// Sessions in sight of which only the head was read.
    pub(super) rows: Vec<(Key, PathBuf)>,
}

/// Where keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    List,
    Handoff,
    Record,
}

/// A text on the right side.
#[derive(Debug, Default)]
pub(super) struct View {
    pub(super) page: Page,
    /// The first line in sight.
    pub(super) top: usize,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) size: (u16, u16),
    /// The number of this list; what belongs to an earlier one comes too late.
    pub(super) list: u32,
    pub(super) rows: Vec<Row>,
    /// The rows that the filter keeps.
    pub(super) shown: Vec<usize>,
    /// The place in `shown` of the selected one; 0 if there is none.
    pub(super) selected: usize,
    /// The place in `shown` of the first in sight.
    pub(super) top: usize,
    pub(super) listing: bool,
    /// All sessions, not those of the project.
    pub(super) everywhere: bool,
    pub(super) focus: Focus,
    pub(super) filter: String,
    /// Keys go into the filter.
    pub(super) typing: bool,
    pub(super) budget: u32,
    pub(super) handoff: View,
    /// The citation of the handoff that Enter opens.
    pub(super) chosen: Option<usize>,
    /// The citation whose record is opened.
    pub(super) citation: String,
    pub(super) record: Option<View>,
    pub(super) help: bool,
    pub(super) note: String,
    /// What waits for the handoff that is being made.
    waiting: Option<Wish>,
    made: BTreeMap<(usize, u32), Arc<Made>>,
    /// Which handoff `handoff` shows, and how wide.
    laid: Option<(usize, u32, usize)>,
    /// The text of `record`, to be wrapped anew.
    record_text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Print,
    Copy,
}

impl State {
    pub(super) fn new(size: (u16, u16), budget: u32, everywhere: bool) -> Self {
        Self {
            size,
            list: 0,
            rows: Vec::new(),
            shown: Vec::new(),
            selected: 0,
            top: 0,
            listing: true,
            everywhere,
            focus: Focus::List,
            filter: String::new(),
            typing: false,
            budget,
            handoff: View::default(),
            chosen: None,
            citation: String::new(),
            record: None,
            help: false,
            note: String::new(),
            waiting: None,
            made: BTreeMap::new(),
            laid: None,
            record_text: None,
        }
    }

    /// Takes in what happened.
    pub(super) fn update(&mut self, event: Event) -> Option<Effect> {
        let effect = self.take(event);
        self.lay();
        effect
    }

    fn take(&mut self, event: Event) -> Option<Effect> {
        match event {
            Event::Key(key) => return self.key(key),
            Event::Resize(width, height) => self.size = (width, height),
            Event::Found(list, rows) if list == self.list => {
                let first = self.rows.len();
                self.rows.extend(rows);
                let kept = first..self.rows.len();
                self.shown
                    .extend(kept.filter(|row| fits(&self.rows, *row, &self.filter)));
            }
            Event::Listed(list) if list == self.list => {
                self.listing = false;
                // A folder that no session belongs to is a place to pick from all the same.
                if self.rows.is_empty() && !self.everywhere {
                    let effect = self.relist();
                    self.note = "no session of this project: these are all".to_owned();
                    return Some(effect);
                }
            }
            Event::Described(key, described) if key.list == self.list => {
                self.described(key.row, described);
            }
            Event::Handoff(key, budget, made) if key.list == self.list => {
                while self.made.len() >= KEPT {
                    self.made.pop_first();
                }
                self.made.insert((key.row, budget), Arc::new(made));
                if self.selected_row() == Some(key.row) && budget == self.budget {
                    return self.waiting.take().and_then(|wish| self.fulfil(wish));
                }
            }
            Event::Record(key, citation, text) => {
                if self.focus == Focus::Record
                    && self.key_of_selected() == Some(key)
                    && citation == self.citation
                {
                    self.record = Some(View::default());
                    self.record_text = Some(text);
                }
            }
            Event::Note(note) => self.note = note,
            Event::Uncopied(text) => return Some(Effect::AskToCopy(text)),
            Event::Closed => return Some(Effect::Interrupted),
            Event::Found(..) | Event::Listed(_) | Event::Described(..) | Event::Handoff(..) => {}
        }
        None
    }

    fn described(&mut self, row: usize, described: Described) {
        let Some(known) = self.rows.get_mut(row) else {
            return;
        };
        // The head of a log says less than the whole, and may come later.
        if known.state.is_some() && described.state.is_none() {
            return;
        }
        known.title = described
            .title
            .unwrap_or_else(|| std::mem::take(&mut known.title));
        known.folder = described
            .folder
            .unwrap_or_else(|| std::mem::take(&mut known.folder));
        known.ended = described.ended.or(known.ended);
        known.state = described.state.or(known.state);
        if !self.filter.is_empty() {
            let fits = fits(&self.rows, row, &self.filter);
            match (self.shown.binary_search(&row), fits) {
                (Err(place), true) => {
                    let before = place <= self.selected && !self.shown.is_empty();
                    self.shown.insert(place, row);
                    // The selection stays on its session.
                    self.selected += usize::from(before);
                }
                // What was kept by what was known before stays: rows do not vanish below the cursor.
                (Ok(_), _) | (Err(_), false) => {}
            }
        }
    }

    /// The place among all rows of the selected session.
    pub(super) fn selected_row(&self) -> Option<usize> {
        self.shown.get(self.selected).copied()
    }

    fn key_of_selected(&self) -> Option<Key> {
        let row = self.selected_row()?;
        Some(Key {
            list: self.list,
            row,
        })
    }

    /// The handoff of the selected session at this budget, once it is made.
    pub(super) fn current(&self) -> Option<&Made> {
        let made = self.made.get(&(self.selected_row()?, self.budget))?;
        Some(made)
    }

    /// The columns of the left and of the right pane; nothing of one that is not there.
    pub(super) fn panes(&self) -> (u16, u16) {
        let width = self.size.0;
        if width < TWO_PANES {
            match self.focus {
                Focus::List => (width, 0),
                _ => (0, width),
            }
        } else {
            let left = (width * 2 / 5).clamp(28, 52);
            // A line between them, and a blank.
            (left, width - left - 2)
        }
    }

    /// The lines between the first and the last of the screen.
    pub(super) fn height(&self) -> usize {
        usize::from(self.size.1.saturating_sub(2))
    }

    /// The sessions that are in sight at once.
    pub(super) fn rows_in_sight(&self) -> usize {
        (self.height() / usize::from(ROW_LINES)).max(1)
    }

    /// What is to be read for what is in sight.
    pub(super) fn wanted(&self) -> Wanted {
        let ask = |row: usize| {
            Some((
                Key {
                    list: self.list,
                    row,
                },
                self.rows.get(row)?.path.clone(),
            ))
        };
        let selected = self.selected_row().and_then(ask);
        let handoff = selected.clone().filter(|_| self.current().is_none());
        let record = selected.filter(|_| self.focus == Focus::Record && self.record.is_none());
        let in_sight = self.shown.iter().skip(self.top).take(self.rows_in_sight());
        Wanted {
            handoff: handoff.map(|(key, path)| (key, path, self.budget)),
            record: record.map(|(key, path)| (key, path, self.citation.clone())),
            rows: in_sight
                .filter(|row| self.rows.get(**row).is_some_and(|row| row.state.is_none()))
                .filter_map(|row| ask(*row))
                .collect(),
        }
    }

    fn key(&mut self, key: KeyEvent) -> Option<Effect> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && matches!(key.code, KeyCode::Char('c')) {
            return Some(Effect::Interrupted);
        }
        self.note.clear();
        if self.help {
            self.help = false;
            return matches!(key.code, KeyCode::Char('q')).then_some(Effect::Quit);
        }
        if self.typing && self.typed(key) {
            return None;
        }
        match key.code {
            KeyCode::Char('q') => return Some(Effect::Quit),
            KeyCode::Char('?') => self.help = true,
            KeyCode::Char('/') => {
                self.focus(Focus::List);
                self.typing = true;
            }
            KeyCode::Char('+' | '=') => self.step_budget(true),
            KeyCode::Char('-') => self.step_budget(false),
            KeyCode::Char('c' | 'y') => return self.ask(Wish::Copy),
            KeyCode::Char('a') => return Some(self.relist()),
            KeyCode::Tab | KeyCode::Char('n') => self.choose(true),
            KeyCode::BackTab | KeyCode::Char('p') => self.choose(false),
            KeyCode::Right | KeyCode::Char('l') if self.focus == Focus::List => {
                self.focus(Focus::Handoff)
            }
            KeyCode::Left | KeyCode::Char('h') => self.back(),
            KeyCode::Esc => match (self.focus, self.filter.is_empty()) {
                (Focus::List, true) => return Some(Effect::Quit),
                (Focus::List, false) => self.refilter(String::new()),
                _ => self.back(),
            },
            KeyCode::Enter => return self.enter(),
            _ => self.step(key.code),
        }
        None
    }

    /// Takes a key into the filter; false if it is none of the filter's.
    fn typed(&mut self, key: KeyEvent) -> bool {
        match key.code {
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.refilter(String::new())
            }
            KeyCode::Char(c)
                if !key
                    .modifiers
                    .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                let mut filter = self.filter.clone();
                filter.push(c);
                self.refilter(filter);
            }
            KeyCode::Backspace => {
                let mut filter = self.filter.clone();
                self.typing = filter.pop().is_some();
                self.refilter(filter);
            }
            KeyCode::Esc => {
                self.typing = false;
                self.refilter(String::new());
            }
            KeyCode::Enter => self.typing = false,
            // Tab and the arrows do what they do without a filter.
            _ => return false,
        }
        true
    }

    /// Keeps the rows that hold every word of `filter`; the selection stays on its session if that is kept.
    fn refilter(&mut self, filter: String) {
        let selected = self.selected_row();
        self.filter = filter;
        self.shown = (0..self.rows.len())
            .filter(|row| fits(&self.rows, *row, &self.filter))
            .collect();
        self.selected = selected
            .and_then(|row| self.shown.binary_search(&row).ok())
            .unwrap_or(0);
        self.left_the_session(selected);
    }

    /// What belongs to the session that was selected goes, if another is now.
    fn left_the_session(&mut self, before: Option<usize>) {
        if self.selected_row() != before {
            self.chosen = None;
            self.handoff.top = 0;
            self.waiting = None;
        }
    }

    fn relist(&mut self) -> Effect {
        self.list += 1;
        self.everywhere = !self.everywhere;
        self.rows.clear();
        self.shown.clear();
        self.made.clear();
        self.laid = None;
        (self.selected, self.top, self.listing) = (0, 0, true);
        self.handoff = View::default();
        self.chosen = None;
        self.focus(Focus::List);
        Effect::List(self.list, self.everywhere)
    }

    fn focus(&mut self, focus: Focus) {
        self.focus = focus;
        self.typing = false;
        if focus != Focus::Record {
            self.record = None;
            self.record_text = None;
        }
    }

    fn back(&mut self) {
        match self.focus {
            Focus::Record => self.focus(Focus::Handoff),
            Focus::Handoff | Focus::List => {
                self.chosen = None;
                self.focus(Focus::List);
            }
        }
    }

    fn step_budget(&mut self, up: bool) {
        let mut others = BUDGETS.into_iter();
        let next = match up {
            true => others.find(|budget| *budget > self.budget),
            false => others.rfind(|budget| *budget < self.budget),
        };
        if let Some(next) = next {
            self.budget = next;
            self.chosen = None;
            self.waiting = None;
        }
        if self.focus == Focus::Record {
            self.focus(Focus::Handoff);
        }
    }

    fn enter(&mut self) -> Option<Effect> {
        match (self.focus, self.chosen) {
            (Focus::List, _) => return self.ask(Wish::Print),
            (Focus::Handoff, Some(chosen)) => {
                let (citation, _) = self.handoff.page.cites.get(chosen)?;
                self.citation.clone_from(citation);
                self.focus(Focus::Record);
            }
            (Focus::Handoff, None) => self.choose(true),
            (Focus::Record, _) => self.back(),
        }
        None
    }

    /// Does with the handoff what is wished, now or as soon as it is made.
    fn ask(&mut self, wish: Wish) -> Option<Effect> {
        self.selected_row()?;
        if self.current().is_some() {
            return self.fulfil(wish);
        }
        self.waiting = Some(wish);
        self.note = "being made …".to_owned();
        None
    }

    fn fulfil(&mut self, wish: Wish) -> Option<Effect> {
        let made = self.current()?;
        if made.tokens.is_none() {
            self.note = "there is no handoff of this session".to_owned();
            return None;
        }
        let text = made.text.clone();
        Some(match wish {
            Wish::Print => Effect::Print(text),
            Wish::Copy => Effect::Copy(text),
        })
    }

    /// Chooses the next citation, or the one before: the first in sight to begin with.
    fn choose(&mut self, forward: bool) {
        if self.focus == Focus::Record {
            self.focus(Focus::Handoff);
        }
        let cites = &self.handoff.page.cites;
        let Some(last) = cites.len().checked_sub(1) else {
            self.note = "no citation to choose".to_owned();
            return;
        };
        let next = match self.chosen {
            None => cites
                .iter()
                .position(|(_, line)| *line >= self.handoff.top)
                .unwrap_or(last),
            Some(chosen) if forward => {
                if chosen >= last {
                    0
                } else {
                    chosen + 1
                }
            }
            Some(chosen) => chosen.checked_sub(1).unwrap_or(last),
        };
        let line = cites.get(next).map_or(0, |(_, line)| *line);
        self.chosen = Some(next);
        self.focus(Focus::Handoff);
        let height = self.height().max(1);
        let top = &mut self.handoff.top;
        *top = (*top).clamp((line + 1).saturating_sub(height), line);
    }

    /// Moves in what has the focus.
    fn step(&mut self, code: KeyCode) {
        let list = self.focus == Focus::List;
        let (at, last, page) = match self.focus {
            Focus::List => (
                self.selected,
                self.shown.len().saturating_sub(1),
                self.rows_in_sight(),
            ),
            _ => {
                let view = self.view();
                let last = view.page.lines.len().saturating_sub(self.height());
                (view.top, last, self.height().saturating_sub(1).max(1))
            }
        };
        let to = match code {
            KeyCode::Up | KeyCode::Char('k') => at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => at + 1,
            KeyCode::PageUp => at.saturating_sub(page),
            KeyCode::PageDown | KeyCode::Char(' ') => at + page,
            KeyCode::Home | KeyCode::Char('g') => 0,
            KeyCode::End | KeyCode::Char('G') => last,
            _ => return,
        };
        let to = to.min(last);
        if list {
            let before = self.selected_row();
            self.selected = to;
            self.left_the_session(before);
        } else if let (Focus::Record, Some(record)) = (self.focus, &mut self.record) {
            record.top = to;
        } else {
            self.handoff.top = to;
        }
    }

    /// What the right side shows.
    pub(super) fn view(&self) -> &View {
        match (self.focus, &self.record) {
            (Focus::Record, Some(record)) => record,
            _ => &self.handoff,
        }
    }

    /// Brings what is in sight up to what is known: the pages, and the first lines of both panes.
    fn lay(&mut self) {
        let sight = self.rows_in_sight();
        self.selected = self.selected.min(self.shown.len().saturating_sub(1));
        self.top = self
            .top
            .clamp((self.selected + 1).saturating_sub(sight), self.selected);
        let height = self.height();
        let width = match self.panes().1 {
            0 => usize::from(self.size.0),
            right => usize::from(right),
        };
        let wanted = self.selected_row().map(|row| (row, self.budget, width));
        if let (Some(laid), Some(made)) = (wanted, self.current())
            && self.laid != wanted
        {
            self.handoff.page = match made.tokens {
                Some(_) => Page::handoff(&made.text, width),
                None => Page::plain(&made.text, width),
            };
            self.laid = Some(laid);
            let cites = self.handoff.page.cites.len();
            self.chosen = self.chosen.filter(|chosen| *chosen < cites);
        } else if self.current().is_none() {
            self.handoff.page = Page::default();
            self.laid = None;
        }
        if let (Some(record), Some(text)) = (&mut self.record, &self.record_text) {
            record.page = Page::record(text, width);
            record.top = record
                .top
                .min(record.page.lines.len().saturating_sub(height));
        }
        // While a handoff is being made the place in it is kept.
        if self.laid.is_some() {
            let last = self.handoff.page.lines.len().saturating_sub(height);
            self.handoff.top = self.handoff.top.min(last);
        }
    }
}

/// Whether every word of `filter` stands in what is shown of a row, in upper or lower case.
fn fits(rows: &[Row], row: usize, filter: &str) -> bool {
    if filter.is_empty() {
        return true;
    }
    let Some(row) = rows.get(row) else {
        return false;
    };
    let text = [row.state.unwrap_or(""), &row.id, &row.title, &row.folder]
        .join(" ")
        .to_lowercase();
    filter
        .to_lowercase()
        .split_whitespace()
        .all(|word| text.contains(word))
}
