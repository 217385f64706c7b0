//! Threads: tasks handed out in order, errors reported in order, and a way to stop.
//!
//! Scoped threads rather than a pool: starting one costs 30 µs, which work that is worth
//! sharing never notices, and a process forked by `multiprocessing` is left no dead pool.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::isa::Isa;

/// How work is to be carried out. Nothing in here changes a result.
#[derive(Clone, Copy)]
pub struct Executor<'a> {
    /// The instruction set that kernels use.
    pub isa: Isa,
    /// The largest number of threads, the calling one included.
    pub threads: usize,
    /// Asked now and then, on the calling thread alone, whether to give up.
    pub interrupted: &'a dyn Fn() -> bool,
}

impl Executor<'_> {
    /// One thread, the widest instruction set, no interruption.
    #[must_use]
    pub fn single() -> Self {
        Executor {
            isa: Isa::detect(),
            threads: 1,
            interrupted: &|| false,
        }
    }

    /// The same, on at most `threads` threads.
    #[must_use]
    pub fn limited(self, threads: usize) -> Self {
        Self {
            threads: self.threads.min(threads).max(1),
            ..self
        }
    }

    /// Carries out `work` on every task.
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

/// Tasks in order, and the failure of the earliest of them.
///
/// Every task before a failed one has been handed out already and is finished by its thread,
/// so the failure that is kept is the first, however many threads there are.
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

    /// Takes one task and works on it; false when there is nothing left to do.
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

/// A lock that outlives a panic elsewhere: the panic itself is passed on by the thread scope.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
