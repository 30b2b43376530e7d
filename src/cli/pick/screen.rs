//! The terminal: taken, drawn on, and given back however the run ends.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::Show;
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::error::{Error, ErrorKind};

/// True while the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The way to the terminal: standard output is for the handoff, so standard error goes before it.
enum Out {
    Err(io::Stderr),
    Out(io::Stdout),
}

impl Out {
    fn new() -> Option<Self> {
        let (err, out) = (io::stderr(), io::stdout());
        match (err.is_terminal(), out.is_terminal()) {
            (true, _) => Some(Self::Err(err)),
            (false, true) => Some(Self::Out(out)),
            (false, false) => None,
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Err(err) => err.write(bytes),
            Self::Out(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Err(err) => err.flush(),
            Self::Out(out) => out.flush(),
        }
    }
}

/// The terminal, until it is dropped.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Out>>>,
}

impl Screen {
    /// Takes the terminal; a panic gives it back before its message is written.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Usage`], if there is none; [`ErrorKind::Io`], if it cannot be used.
    pub(super) fn take() -> Result<Self, Error> {
        let none = "pick needs a terminal; in a pipe, `passdown list` lists the sessions and `passdown SESSION` writes a handoff";
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let mut out = Out::new()
            .filter(|_| !dumb)
            .ok_or_else(|| ErrorKind::Usage(none.to_owned()))?;
        let io = |error| Error::io("the terminal", error);
        enable_raw_mode().map_err(|_| ErrorKind::Usage(none.to_owned()))?;
        TAKEN.store(true, Ordering::SeqCst);
        on_panic();
        execute!(out, EnterAlternateScreen).map_err(io)?;
        // A write for each frame, not one for each cell.
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, out));
        let terminal = Terminal::new(backend).map_err(io)?;
        Ok(Self { terminal })
    }

    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal
            .size()
            .map_or((80, 24), |size| (size.width, size.height))
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> Result<(), Error> {
        let drawn = self.terminal.draw(draw);
        drawn
            .map(|_| ())
            .map_err(|error| Error::io("the terminal", error))
    }
}

impl Screen {
    /// Writes a sequence that shows nothing.
    pub(super) fn write(&mut self, sequence: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(sequence.as_bytes())?;
        Write::flush(backend)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
        if let Some(mut out) = Out::new() {
            let _ = execute!(out, LeaveAlternateScreen, Show);
        }
    }
}

/// A panic of this thread gives the terminal back first; those of the threads that read become messages.
fn on_panic() {
    let ours = thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == ours {
            give_back();
            before(panic);
        }
    }));
}
