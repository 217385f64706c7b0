//! Threads: tasks handed out in order, errors reported in order, and a way to stop.
//!
//! Threads are started for each call, not kept in a pool. Starting one costs 30 µs, which is little
//! compared with work that is worth sharing. A pool would also lose its threads when
//! `multiprocessing` forks the process.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::isa::Isa;
use crate::error::Error;

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

impl Executor<'_> {
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

    /// Does `work` on every task.
    ///
    /// # Errors
    /// The error of the first task that failed, in the order of the tasks, or
    /// [`Error::Interrupted`].
    pub fn run<T: Send>(
        &self,
        tasks: impl Iterator<Item = T> + Send,
        work: impl Fn(T) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        if self.threads <= 1 {
            for task in tasks {
                work(task)?;
                if (self.interrupted)() {
                    return Err(Error::Interrupted);
                }
            }
            return Ok(());
        }
        let queue = Queue::new(tasks);
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(|| while queue.step(&work) {});
            }
            while queue.step(&work) {
                if (self.interrupted)() {
                    queue.fail(0, Error::Interrupted);
                }
            }
        });
        queue.result()
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
        let Some((index, task)) = lock(&self.tasks).next() else {
            return false;
        };
        if let Err(error) = work(task) {
            self.fail(index, error);
        }
        true
    }

    fn fail(&self, index: usize, error: Error) {
        self.stopped.store(true, Ordering::Relaxed);
        let mut failure = lock(&self.failure);
        if failure.as_ref().is_none_or(|(first, _)| index < *first) {
            *failure = Some((index, error));
        }
    }

    fn result(self) -> Result<(), Error> {
        match lock(&self.failure).take() {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}

/// Locks, even after a panic on another thread: the thread scope propagates that panic.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
