//! Threads: tasks handed out in order, errors reported in order, and a way to stop.
//!
//! Threads are started for each call, not kept in a pool. Starting one costs 30 µs, which is little
//! compared with work that is worth sharing. A pool would also lose its threads when
//! `multiprocessing` forks the process.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

use super::isa::Isa;
use super::watch::{Signal, Watch};
use crate::error::Error;

/// The time between checks for an interruption while the calling thread waits for the others.
const WAIT: Duration = Duration::from_millis(20);

/// How work is carried out. It does not affect results.
#[derive(Clone, Copy)]
pub struct Executor<'a> {
    /// The instruction set that kernels use.
    pub isa: Isa,
    /// The largest number of threads, the calling one included.
    pub threads: usize,
    /// Tells whether to stop; called from time to time, on the calling thread only.
    pub interrupted: &'a dyn Fn() -> bool,
}

impl<'a> Executor<'a> {
    /// Works on one thread, with the widest instruction set, without interruption.
    #[must_use]
    pub fn single() -> Self {
        Executor {
            isa: Isa::detect(),
            threads: 1,
            interrupted: &|| false,
        }
    }

    /// Works on one thread if the work is smaller than `share_from`.
    #[must_use]
    pub(crate) fn for_work(self, size: usize, share_from: usize) -> Self {
        Self {
            threads: if size < share_from { 1 } else { self.threads },
            ..self
        }
    }

    /// Returns the watch of long work on the calling thread.
    pub(crate) fn watch(&self) -> Watch<'a> {
        Watch::new(Signal::Caller(self.interrupted))
    }

    /// Does `work` on every task. The watch that it gets tells, within a long task, when to stop.
    ///
    /// # Errors
    /// The error of the first task that failed, in the order of the tasks, or
    /// [`Error::Interrupted`].
    pub fn run<T: Send>(
        &self,
        tasks: impl Iterator<Item = T> + Send,
        work: impl Fn(T, &Watch<'_>) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        if self.threads <= 1 {
            let watch = self.watch();
            for task in tasks {
                work(task, &watch)?;
                if (self.interrupted)() {
                    return Err(Error::Interrupted);
                }
            }
            return Ok(());
        }
        let queue = Queue::new(tasks);
        let stop = AtomicBool::new(false);
        let (busy, caller) = (AtomicUsize::new(self.threads - 1), std::thread::current());
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(|| {
                    let _leaving = Leaving(&busy, &caller);
                    let watch = Watch::new(Signal::Worker(&stop));
                    while queue.step(|task| work(task, &watch)) {}
                });
            }
            let interrupted = || {
                let now = (self.interrupted)();
                if now {
                    stop.store(true, Ordering::Relaxed);
                    queue.fail(0, Error::Interrupted);
                }
                now
            };
            let watch = Watch::new(Signal::Caller(&interrupted));
            while queue.step(|task| work(task, &watch)) {
                interrupted();
            }
            while busy.load(Ordering::Acquire) > 0 {
                std::thread::park_timeout(WAIT);
                interrupted();
            }
        });
        queue.result()
    }
}

/// Tells the calling thread, when it is dropped, that another thread has ended.
struct Leaving<'a>(&'a AtomicUsize, &'a Thread);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
        self.1.unpark();
    }
}

/// Tasks in order, and the failure of the earliest failed task.
///
/// When a task fails, all earlier tasks have been handed out, and their threads finish them. So the
/// failure kept is the first one, for any number of threads.
struct Queue<I: Iterator> {
    tasks: Mutex<std::iter::Enumerate<I>>,
    failure: Mutex<Option<(usize, Error)>>,
    stopped: AtomicBool,
}

impl<I: Iterator> Queue<I> {
    fn new(tasks: I) -> Self {
        Self {
            tasks: Mutex::new(tasks.enumerate()),
            failure: Mutex::new(None),
            stopped: AtomicBool::new(false),
        }
    }

    /// Takes a task and works on it; returns false when no task is left.
    fn step(&self, work: impl Fn(I::Item) -> Result<(), Error>) -> bool {
        if self.stopped.load(Ordering::Relaxed) {
            return false;
        }
        let Some((index, task)) = locked(&self.tasks).next() else {
            return false;
        };
        if let Err(error) = work(task) {
            self.fail(index, error);
        }
        true
    }

    fn fail(&self, index: usize, error: Error) {
        self.stopped.store(true, Ordering::Relaxed);
        let mut failure = locked(&self.failure);
        if failure.as_ref().is_none_or(|(first, _)| index < *first) {
            *failure = Some((index, error));
        }
    }

    fn result(self) -> Result<(), Error> {
        match locked(&self.failure).take() {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}

/// Locks, even after a panic on another thread: the thread scope propagates that panic.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn long_tasks_end_soon_after_an_interruption() {
        for threads in [1, 2, 3] {
            let asked = Cell::new(0);
            let interrupted = || {
                asked.set(asked.get() + 1);
                asked.get() > 3
            };
            let executor = Executor {
                threads,
                interrupted: &interrupted,
                ..Executor::single()
            };
            let endless = |_, watch: &Watch<'_>| loop {
                watch.after(1 << 10)?;
            };
            assert_eq!(executor.run(0..100, endless), Err(Error::Interrupted));
        }
    }

    #[test]
    fn the_first_failure_is_told_for_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let executor = Executor {
                threads,
                ..Executor::single()
            };
            let fails = |task: usize, _: &Watch<'_>| match task % 7 {
                3 => Err(Error::argument(task.to_string())),
                _ => Ok(()),
            };
            assert_eq!(executor.run(0..50, fails), Err(Error::argument("3")));
        }
    }
}
