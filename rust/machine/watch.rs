//! Interruption within long work: the calling thread asks, the others are told.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

/// Units of work between two checks: a tenth of a millisecond or so.
const BETWEEN_CHECKS: usize = 1 << 17;

/// Tells one thread, within long work, whether to stop.
pub struct Watch<'a> {
    signal: Signal<'a>,
    since_check: Cell<usize>,
}

/// What a thread asks.
pub(super) enum Signal<'a> {
    /// The calling thread asks whoever called it.
    Caller(&'a dyn Fn() -> bool),
    /// Another thread looks at what the calling thread was told.
    Worker(&'a AtomicBool),
}

impl<'a> Watch<'a> {
    pub(super) fn new(signal: Signal<'a>) -> Self {
        Self {
            signal,
            since_check: Cell::new(0),
        }
    }

    /// Counts work, and now and then checks whether to stop. A unit is a few additions.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    #[inline]
    pub fn after(&self, work: usize) -> Result<(), Error> {
        let done = self.since_check.get().saturating_add(work);
        if done < BETWEEN_CHECKS {
            self.since_check.set(done);
            return Ok(());
        }
        self.since_check.set(0);
        let stop = match self.signal {
            Signal::Caller(interrupted) => interrupted(),
            Signal::Worker(stop) => stop.load(Ordering::Relaxed),
        };
        if stop {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }
}
