//! `passdown pick`: the sessions and their handoffs, on a terminal.
//!
//! One loop: an event changes the state, the state says what it lacks, the
//! screen shows the state. Keys come from one thread, what was read from
//! others; nothing in the loop reads a log.

mod desk;
mod draw;
mod page;
mod screen;
mod state;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::Outcome;
use super::args::AgentArgs;
use super::clipboard;
use super::making::MakeArgs;
use super::output;
use super::terminal;
use crate::discover::Env;
use crate::error::Error;
use desk::{Desk, Reading};
use draw::{Look, draw};
use screen::Screen;
use state::{Effect, Event, State};

#[derive(Debug, clap::Args)]
pub(super) struct PickArgs {
    /// Transcripts or folders of them; without one, the sessions of this project.
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// All sessions, not only those of this project.
    #[arg(long, short)]
    all: bool,
    #[command(flatten)]
    make: MakeArgs,
    #[command(flatten)]
    of: AgentArgs,
}

pub(super) fn run(args: &PickArgs) -> Result<Outcome, Error> {
    let env = Env::from_system().only(args.of.agent);
    let reading = Reading {
        rules: args.make.rules(&env)?,
        options: args.make.options()?,
        paths: args.paths.clone(),
        env,
    };
    let everywhere = args.all || !args.paths.is_empty();
    let mut screen = Screen::take()?;
    let (sender, events) = mpsc::channel();
    let state = State::new(screen.size(), args.make.budget, everywhere);
    let desk = Desk::new(reading, sender.clone())?;
    desk.list(state.list, everywhere);
    let (copied, typed) = (sender.clone(), sender.clone());
    thread::spawn(move || keys(&typed));
    #[cfg(unix)]
    signals(sender)?;
    let left = turn(&mut screen, state, &desk, &events, &copied);
    // What is printed is printed on the terminal as it was.
    drop(screen);
    match left? {
        Effect::Print(text) => output::print(&text).map(|()| Outcome::Done),
        Effect::Interrupted => Ok(Outcome::Stopped),
        _ => Ok(Outcome::Done),
    }
}

/// Answers events until one of them ends it.
fn turn(
    screen: &mut Screen,
    mut state: State,
    desk: &Desk,
    events: &Receiver<Event>,
    sender: &Sender<Event>,
) -> Result<Effect, Error> {
    let colour = terminal::colour_of_errors();
    loop {
        desk.want(state.wanted());
        // Ages are those of now: here, and nowhere below, the clock counts.
        let now = jiff::Timestamp::now().as_second();
        screen.draw(|frame| draw(frame, &state, Look { colour, now }))?;
        let Ok(first) = events.recv() else {
            return Ok(Effect::Quit);
        };
        for event in gathered(first, events) {
            match state.update(event) {
                Some(Effect::List(number, everywhere)) => desk.list(number, everywhere),
                Some(Effect::Copy(text)) => {
                    let sender = sender.clone();
                    thread::spawn(move || copy(text, &sender));
                }
                Some(Effect::AskToCopy(text)) => {
                    let asked =
                        clipboard::sequence(&text).is_some_and(|it| screen.write(&it).is_ok());
                    let said = if asked {
                        clipboard::ASKED
                    } else {
                        clipboard::NO_WAY
                    };
                    state.update(Event::Note(said.to_owned()));
                }
                Some(effect) => return Ok(effect),
                None => {}
            }
        }
    }
}

/// An event and those that come with it: a key is answered at once, what was read waits for more of its kind.
fn gathered(first: Event, events: &Receiver<Event>) -> Vec<Event> {
    // A frame for each of 5,000 sessions would take longer than reading their heads.
    const FRAME: Duration = Duration::from_millis(16);
    let since = Instant::now();
    let mut all = vec![first];
    while all.last().is_some_and(Event::can_wait) && since.elapsed() < FRAME {
        match events.recv_timeout(FRAME.saturating_sub(since.elapsed())) {
            Ok(event) => all.push(event),
            Err(_) => break,
        }
    }
    all.extend(events.try_iter());
    all
}

/// Sends keys and sizes of the terminal for as long as there is one.
fn keys(events: &Sender<Event>) {
    use crossterm::event::Event as Input;
    loop {
        let event = match crossterm::event::read() {
            Ok(Input::Key(key)) if key.is_press() || key.is_repeat() => Event::Key(key),
            Ok(Input::Resize(width, height)) => Event::Resize(width, height),
            Ok(_) => continue,
            Err(_) => Event::Closed,
        };
        let closed = matches!(event, Event::Closed);
        if events.send(event).is_err() || closed {
            return;
        }
    }
}

/// Copies by a tool, which may take its time.
fn copy(text: String, events: &Sender<Event>) {
    let event = match clipboard::by_tool(&text) {
        Some(name) => Event::Note(format!("copied with {name}")),
        None => Event::Uncopied(text),
    };
    let _ = events.send(event);
}

/// Ends the loop at a signal, so that the terminal is given back.
#[cfg(unix)]
fn signals(events: Sender<Event>) -> Result<(), Error> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])
        .map_err(|error| Error::io("signals", error))?;
    thread::spawn(move || {
        for _ in &mut signals {
            let _ = events.send(Event::Closed);
        }
    });
    Ok(())
}
