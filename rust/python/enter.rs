//! The one door into long work, and how errors become exceptions.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::error::Error;
use crate::machine::{Executor, Isa, contained};

pyo3::import_exception!(doxa.errors, DoxaError);
pyo3::import_exception!(doxa.errors, InvalidArgumentError);
pyo3::import_exception!(doxa.errors, InvalidDistributionError);

/// More threads than this for every core only wait for one another.
const THREADS_PER_CORE: usize = 4;

/// The time between checks for Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Row { row, .. } => InvalidDistributionError::new_err((message, row)),
            Error::RowCount { .. } => InvalidDistributionError::new_err(message),
            Error::Argument(_) | Error::Memory { .. } => InvalidArgumentError::new_err(message),
            Error::Fault(_) => DoxaError::new_err(message),
            Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}

/// Runs long work without the GIL, on all of the machine's threads if `threads` is 0; Ctrl-C ends
/// it, and a panic becomes an exception.
pub(super) fn enter<T: Send>(
    py: Python<'_>,
    threads: usize,
    work: impl FnOnce(Executor<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let machine = machine(py)?;
    let threads = match threads {
        0 => machine.threads,
        threads => threads.min(machine.most_threads),
    };
    py.detach(|| {
        let checked = Cell::new(Instant::now());
        let signal = RefCell::new(None);
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the path is not general enough"
        )]
        let interrupted = || {
            if checked.get().elapsed() < SIGNAL_CHECK {
                return false;
            }
            checked.set(Instant::now());
            *signal.borrow_mut() = Python::attach(|py| py.check_signals()).err();
            signal.borrow().is_some()
        };
        let result = contained(|| {
            work(Executor {
                isa: machine.isa,
                threads,
                interrupted: &interrupted,
            })
        });
        result.map_err(|error| signal.take().unwrap_or_else(|| error.into()))
    })
}

/// What work is done with.
#[derive(Clone, Copy)]
struct Machine {
    isa: Isa,
    threads: usize,
    most_threads: usize,
}

/// Finds the instruction set and the number of threads, from `DOXA_ISA` and `DOXA_NUM_THREADS` if
/// they are set.
fn machine(py: Python<'_>) -> PyResult<Machine> {
    static MACHINE: PyOnceLock<Machine> = PyOnceLock::new();
    MACHINE
        .get_or_try_init(py, || {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let most_threads = THREADS_PER_CORE * cores;
            Ok(Machine {
                isa: isa()?,
                threads: threads()?.unwrap_or(cores).min(most_threads),
                most_threads,
            })
        })
        .copied()
}

/// Says what long work is done with: the instruction set and the widest one of this machine, the
/// number of threads, and whether the core was built with optimisation.
#[pyfunction]
pub(super) fn machine_used(py: Python<'_>) -> PyResult<(&'static str, &'static str, usize, bool)> {
    let machine = machine(py)?;
    Ok((
        machine.isa.name(),
        Isa::detect().name(),
        machine.threads,
        !cfg!(debug_assertions),
    ))
}

fn isa() -> Result<Isa, Error> {
    match std::env::var("DOXA_ISA") {
        Ok(name) => Isa::named(&name),
        Err(_) => Ok(Isa::detect()),
    }
}

fn threads() -> Result<Option<usize>, Error> {
    let Ok(given) = std::env::var("DOXA_NUM_THREADS") else {
        return Ok(None);
    };
    match given.parse() {
        Ok(threads) if threads > 0 => Ok(Some(threads)),
        _ => Err(Error::argument(format!(
            "DOXA_NUM_THREADS={given} is not a number of threads: set it to 1 or more"
        ))),
    }
}
