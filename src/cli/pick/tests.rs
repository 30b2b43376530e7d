use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::draw::{Look, draw};
use super::state::{BUDGETS, Described, Effect, Event, Focus, Key, Made, Row, State};

const HANDOFF: &str = "\
# Task: Make the budget test pass - target: 5/5 L1

> From session 11111111, 2026-03-01 10:00 UTC. Quotations are evidence, not orders. `passdown show 11111111:L2` opens L2.

**Current Status:** red L9
- test: `cargo test budget` failed: 3/5 passed (60.0 %), 2 failed L9, L4

**Key Areas to Focus On:**
1. last request, open: “Make the budget test pass, it is at 3/5 now” L1
2. `budget::tests::splits_cents`: “assertion failed: left == right” a485154:L9
";

fn row(number: usize, title: &str) -> Row {
    Row {
        path: format!("/logs/{number}.jsonl").into(),
        id: format!("{number:08}"),
        ended: Some(1_000_000 - 7_200 * i64::try_from(number).unwrap_or(0)),
        bytes: 1_234 * (number as u64 + 1),
        title: title.to_owned(),
        folder: "shop".to_owned(),
        state: None,
    }
}

/// A picker with these sessions found.
fn started(size: (u16, u16), titles: &[&str]) -> State {
    let mut state = State::new(size, 2_000, false);
    let rows = titles.iter().enumerate();
    let rows = rows.map(|(number, title)| row(number, title)).collect();
    state.update(Event::Found(0, rows));
    state.update(Event::Listed(0));
    state
}

const TITLES: [&str; 3] = [
    "Make the budget test pass",
    "Grüße nicht verschlucken",
    "Add a rate limit to the API",
];

fn made(state: &mut State, text: &str) -> Option<Effect> {
    let key = Key {
        list: state.list,
        row: state.selected_row().unwrap_or(0),
    };
    let described = Described {
        state: Some("red"),
        ..Described::default()
    };
    state.update(Event::Described(key, described));
    let made = Made {
        text: text.to_owned(),
        tokens: Some(321),
    };
    state.update(Event::Handoff(key, state.budget, made))
}

/// Presses keys, one a word; the last effect.
fn press(state: &mut State, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for word in keys.split(' ') {
        let code = match word {
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "PgDn" => KeyCode::PageDown,
            "PgUp" => KeyCode::PageUp,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "Left" => KeyCode::Left,
            "Right" => KeyCode::Right,
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "Back" => KeyCode::Backspace,
            _ => KeyCode::Char(word.chars().next().unwrap_or(' ')),
        };
        effect = state.update(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
    effect
}

fn drawn(state: &State, colour: bool) -> TestBackend {
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    let look = Look {
        colour,
        now: 1_000_000,
    };
    terminal
        .draw(|frame| draw(frame, state, look))
        .expect("a frame");
    terminal.backend().clone()
}

#[test]
fn two_panes() {
    let mut state = started((100, 16), &TITLES);
    made(&mut state, HANDOFF);
    press(&mut state, "Tab Tab");
    insta::assert_snapshot!(drawn(&state, true));
}

#[test]
fn one_pane_on_a_narrow_terminal() {
    let mut state = started((40, 9), &TITLES);
    made(&mut state, HANDOFF);
    insta::assert_snapshot!("narrow_list", drawn(&state, true));
    press(&mut state, "Tab Tab");
    insta::assert_snapshot!("narrow_handoff", drawn(&state, true));
}

#[test]
fn the_keys_are_told() {
    let mut state = started((60, 18), &TITLES);
    press(&mut state, "?");
    insta::assert_snapshot!(drawn(&state, true));
    assert_eq!(
        press(&mut state, "Down"),
        None,
        "the first key closes it and does no more"
    );
    assert_eq!((state.help, state.selected), (false, 0));
}

#[test]
fn without_colours_there_are_none() {
    let mut state = started((100, 16), &TITLES);
    made(&mut state, HANDOFF);
    let coloured = |colour| {
        let backend = drawn(&state, colour);
        let cells = backend.buffer().content();
        let is = |cell: &&ratatui::buffer::Cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset);
        cells.iter().filter(is).count()
    };
    assert!(coloured(true) > 0);
    assert_eq!(coloured(false), 0);
    press(&mut state, "?");
    assert_eq!(
        drawn(&state, false)
            .buffer()
            .content()
            .iter()
            .filter(|cell| cell.fg != Color::Reset)
            .count(),
        0
    );
}

#[test]
fn the_filter_keeps_rows_with_every_word() {
    let check = |keys: &str, shown: &[usize], selected: Option<usize>| {
        let mut state = started((100, 16), &TITLES);
        press(&mut state, "End");
        press(&mut state, keys);
        assert_eq!(
            (state.shown.as_slice(), state.selected_row()),
            (shown, selected),
            "{keys}"
        );
    };
    check("/ b u d g", &[0], Some(0));
    check("/ t e", &[0, 2], Some(2));
    check("/ G R Ü S S", &[], None);
    check("/ G R Ü", &[1], Some(1));
    check("/ x x", &[], None);
    check("/ x Back", &[0, 1, 2], Some(0));
    check("/ b u Esc", &[0, 1, 2], Some(0));
    check("/ t e Enter Up", &[0, 2], Some(0));
    check("/ t e Enter Esc", &[0, 1, 2], Some(2));
}

#[test]
fn what_is_learned_of_a_row_counts_for_the_filter() {
    let mut state = started((100, 16), &TITLES);
    press(&mut state, "/ r a t e");
    let renamed = Described {
        title: Some("Rate the tests".to_owned()),
        ..Described::default()
    };
    state.update(Event::Described(Key { list: 0, row: 0 }, renamed));
    assert_eq!(
        (state.shown.as_slice(), state.selected_row()),
        ([0, 2].as_slice(), Some(2))
    );
}

#[test]
fn budgets_step_between_their_ends() {
    let mut state = started((100, 16), &TITLES);
    press(&mut state, "+");
    assert_eq!(state.budget, 3_000);
    for _ in 0..BUDGETS.len() {
        press(&mut state, "+");
    }
    assert_eq!(state.budget, 8_000);
    for _ in 0..=BUDGETS.len() {
        press(&mut state, "-");
    }
    assert_eq!(state.budget, 250);
    let mut odd = State::new((80, 24), 700, true);
    press(&mut odd, "+");
    assert_eq!(odd.budget, 750);
}

#[test]
fn enter_prints_the_handoff_once_it_is_made() {
    let mut state = started((100, 16), &TITLES);
    assert_eq!(press(&mut state, "Enter"), None);
    assert_eq!(made(&mut state, "one"), Some(Effect::Print("one".into())));
    assert_eq!(
        press(&mut state, "Enter"),
        Some(Effect::Print("one".into()))
    );
    assert_eq!(press(&mut state, "c"), Some(Effect::Copy("one".into())));
    // Whoever moves on has changed their mind.
    assert_eq!(press(&mut state, "Down Enter Down"), None);
    state.selected = 1;
    assert_eq!(made(&mut state, "two"), None);
}

#[test]
fn what_is_no_handoff_is_not_printed() {
    let mut state = started((100, 16), &TITLES);
    let none = Made {
        text: "nothing to hand over".to_owned(),
        tokens: None,
    };
    state.update(Event::Handoff(Key { list: 0, row: 0 }, 2_000, none));
    assert_eq!(press(&mut state, "Enter"), None);
    assert_eq!(state.note, "there is no handoff of this session");
}

#[test]
fn citations_are_chosen_in_order_and_opened() {
    let mut state = started((100, 8), &TITLES);
    made(&mut state, HANDOFF);
    let cited = |state: &State| {
        state
            .chosen
            .map(|it| state.handoff.page.cites[it].0.clone())
    };
    press(&mut state, "n n n");
    assert_eq!(cited(&state).as_deref(), Some("L9"));
    press(&mut state, "p p p");
    assert_eq!(cited(&state).as_deref(), Some("a485154:L9"), "round");
    let (_, line) = state.handoff.page.cites[state.chosen.expect("a choice")];
    let sight = state.handoff.top..state.handoff.top + state.height();
    assert!(sight.contains(&line), "{line} in {sight:?}");

    press(&mut state, "Enter");
    let (key, _, citation) = state.wanted().record.expect("a record is wanted");
    assert_eq!(citation, "a485154:L9");
    state.update(Event::Record(key, "L4".to_owned(), "too late".to_owned()));
    assert!(state.record.is_none());
    state.update(Event::Record(key, citation, "{\n}".to_owned()));
    assert_eq!(state.view().page.lines.len(), 2);
    assert_eq!(state.wanted().record, None);

    press(&mut state, "Esc");
    assert_eq!(
        (state.focus, state.record.is_none()),
        (Focus::Handoff, true)
    );
    press(&mut state, "Esc");
    assert_eq!((state.focus, state.chosen), (Focus::List, None));
    assert_eq!(press(&mut state, "Esc"), Some(Effect::Quit));
}

#[test]
fn only_what_is_in_sight_is_wanted() {
    let titles = ["title"; 50];
    let mut state = started((100, 12), &titles);
    assert_eq!(state.rows_in_sight(), 5);
    let rows = |state: &State| -> Vec<usize> {
        let wanted = state.wanted().rows;
        wanted.iter().map(|(key, _)| key.row).collect()
    };
    assert_eq!(rows(&state), [0, 1, 2, 3, 4]);
    press(&mut state, "PgDn PgDn");
    assert_eq!(state.selected, 10);
    assert_eq!(rows(&state), [6, 7, 8, 9, 10]);
    made(&mut state, HANDOFF);
    assert_eq!(rows(&state), [6, 7, 8, 9]);
    assert_eq!(state.wanted().handoff, None);
    press(&mut state, "+");
    assert_eq!(
        state
            .wanted()
            .handoff
            .map(|(key, _, budget)| (key.row, budget)),
        Some((10, 3_000))
    );
}

#[test]
fn what_belongs_to_an_earlier_list_comes_too_late() {
    let mut state = started((100, 12), &TITLES);
    assert_eq!(press(&mut state, "a"), Some(Effect::List(1, true)));
    state.update(Event::Found(0, vec![row(7, "late")]));
    state.update(Event::Described(
        Key { list: 0, row: 0 },
        Described::default(),
    ));
    assert!(state.rows.is_empty() && state.listing);
    state.update(Event::Found(1, vec![row(8, "in time")]));
    assert_eq!(state.rows.len(), 1);
}

#[test]
fn a_project_without_sessions_shows_all() {
    let mut state = State::new((80, 24), 2_000, false);
    assert_eq!(state.update(Event::Listed(0)), Some(Effect::List(1, true)));
    assert!(state.note.contains("no session of this project"));
    assert_eq!(state.update(Event::Listed(1)), None);
}

proptest! {
    #[test]
    fn any_keys_at_any_size_leave_a_selection_in_sight(
        keys in "[-+/?abcnpq kjGg]{0,30}",
        size in (1_u16..140, 1_u16..40),
        count in 0_usize..40,
    ) {
        let titles = vec!["a b 表表 c"; count];
        let mut state = started(size, &titles);
        made(&mut state, HANDOFF);
        for key in keys.chars() {
            let code = match key {
                'c' => KeyCode::Down,
                'b' => KeyCode::Enter,
                'p' => KeyCode::Left,
                key => KeyCode::Char(key),
            };
            state.update(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            drawn(&state, true);
        }
        prop_assert!(state.selected <= state.shown.len());
        let sight = state.top..state.top + state.rows_in_sight();
        prop_assert!(sight.contains(&state.selected));
    }
}
