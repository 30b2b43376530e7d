//! No more memory: a word and an exit code, where the system's way is an abort.
//!
//! Rust ends a process by a signal when an allocation fails. A limit on memory
//! is nothing unusual where logs are read by the thousand, so the command says
//! what it ran into. Who asks by `try_reserve` is answered in the same way: an
//! allocator cannot tell him from others.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

/// The system's allocator, with a word when there is no more.
pub(crate) struct Allocator;

/// What the process ends with is 0 and not 2: a hook never fails the session that calls it.
static CALLED_BY_HOOKS: AtomicBool = AtomicBool::new(false);

/// Says that the process was called by hooks.
pub(crate) fn called_by_hooks() {
    CALLED_BY_HOOKS.store(true, Ordering::Relaxed);
}

#[cold]
fn out_of_memory(size: usize) -> ! {
    // Nothing here may ask for memory, nor for a lock: who writes to standard error may be who asked.
    let mut room = [0; 160];
    let mut rest = &mut room[..];
    let _ = writeln!(
        rest,
        "passdown: out of memory: {size} bytes more were not to be had; raise the limit (ulimit -v, or that of the container)"
    );
    let left = rest.len();
    let said = &room[..room.len() - left];
    let hooks = CALLED_BY_HOOKS.load(Ordering::Relaxed);
    end(said, if hooks { 0 } else { 2 })
}

#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "what Rust has for this takes locks, and what it does at the end of a process may ask for memory"
)]
fn end(said: &[u8], code: i32) -> ! {
    // SAFETY: the bytes are there for as long as the call takes, and it only reads them.
    unsafe { libc::write(libc::STDERR_FILENO, said.as_ptr().cast(), said.len()) };
    // SAFETY: it ends the process and touches nothing of ours.
    unsafe { libc::_exit(code) }
}

#[cfg(not(unix))]
fn end(said: &[u8], code: i32) -> ! {
    let _ = std::io::stderr().write_all(said);
    std::process::exit(code)
}

fn sound(place: *mut u8, size: usize) -> *mut u8 {
    if place.is_null() {
        out_of_memory(size)
    }
    place
}

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; this one hands each call to the system's as it is"
)]
// SAFETY: each call is the system allocator's own, with the same arguments, whose contract is that of the caller; a null
// pointer is never given back, which is allowed.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract.
        sound(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract.
        sound(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract.
        sound(unsafe { System.realloc(place, layout, size) }, size)
    }
}
