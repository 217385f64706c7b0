//! The extension module `doxa._core`: arrays are borrowed, one call is made, the result wrapped.

#![allow(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands extracted arguments over by value"
)]

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use numpy::{
    PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, ToPyArray,
};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use self::input::{
    Nominal, Places, RowLabels, Rows, metrics_named, not_contiguous, optional, scale, slice,
};
use crate::batch::Batch;
use crate::error::Error;
use crate::isa::Isa;
use crate::metric::Metric;
use crate::microdata;
use crate::pairwise::{self, Table};
use crate::parallel::Executor;
use crate::rng::{Source, Stream};
use crate::tally::Answers;
use crate::{normal, score as scoring, tabulate as tabulation};

mod input;
mod resampling;

pyo3::import_exception!(doxa.errors, InvalidArgumentError);
pyo3::import_exception!(doxa.errors, InvalidDistributionError);

/// How often a long call looks for Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Row { row, .. } => InvalidDistributionError::new_err((message, row)),
            Error::RowCount { .. } => InvalidDistributionError::new_err(message),
            Error::Argument(_) => InvalidArgumentError::new_err(message),
            Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        }
    }
}

/// The one door into long work: without the GIL, on the machine's threads, ended by Ctrl-C.
fn enter<T: Send>(
    py: Python<'_>,
    threads: usize,
    work: impl FnOnce(Executor<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let (isa, machine_threads) = machine(py)?;
    let threads = if threads == 0 {
        machine_threads
    } else {
        threads
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
        let result = work(Executor {
            isa,
            threads,
            interrupted: &interrupted,
        });
        result.map_err(|error| signal.take().unwrap_or_else(|| error.into()))
    })
}

/// Instruction set and number of threads, from `DOXA_ISA` and `DOXA_NUM_THREADS` if set.
fn machine(py: Python<'_>) -> PyResult<(Isa, usize)> {
    static MACHINE: PyOnceLock<(Isa, usize)> = PyOnceLock::new();
    MACHINE
        .get_or_try_init(py, || Ok((isa()?, threads()?)))
        .copied()
}

fn isa() -> Result<Isa, Error> {
    match std::env::var("DOXA_ISA") {
        Ok(name) => Isa::named(&name),
        Err(_) => Ok(Isa::detect()),
    }
}

fn threads() -> Result<usize, Error> {
    let Ok(given) = std::env::var("DOXA_NUM_THREADS") else {
        return Ok(std::thread::available_parallelism().map_or(1, usize::from));
    };
    match given.parse() {
        Ok(threads) if threads > 0 => Ok(threads),
        _ => Err(Error::argument(format!(
            "DOXA_NUM_THREADS={given} is no number of threads: set it to 1 or more"
        ))),
    }
}

/// A vector as the rows of a matrix, without copying.
fn matrix(py: Python<'_>, numbers: Vec<f64>, rows: usize) -> PyResult<Bound<'_, PyArray2<f64>>> {
    let columns = numbers.len().checked_div(rows).unwrap_or(0);
    PyArray1::from_vec(py, numbers).reshape([rows, columns])
}

/// A vector as a stack of matrices, without copying.
fn stack(
    py: Python<'_>,
    numbers: Vec<f64>,
    (layers, rows): (usize, usize),
) -> PyResult<Bound<'_, PyArray3<f64>>> {
    let columns = numbers.len().checked_div(layers * rows).unwrap_or(0);
    PyArray1::from_vec(py, numbers).reshape([layers, rows, columns])
}

/// Scores of every pair: one row per metric, one column per pair.
#[pyfunction]
#[pyo3(signature = (model, human, metrics=None, *, nominal=None, positions=None, threads=0))]
fn score<'py>(
    py: Python<'py>,
    model: Rows<'py>,
    human: Rows<'py>,
    metrics: Option<Vec<String>>,
    nominal: Option<Nominal<'py>>,
    positions: Option<Places<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let metrics = metrics_named(metrics)?;
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    // NumPy's own memory: it asks for huge pages, which saves most of the page faults.
    let scores = PyArray2::zeros(py, [metrics.len(), batch.rows()], false);
    {
        let mut scores = scores.try_readwrite()?;
        let scores = scores.as_slice_mut().map_err(|_| not_contiguous())?;
        enter(py, threads, |executor| {
            scoring::score_into(&batch, &metrics, executor, scores)
        })?;
    }
    Ok(scores)
}

/// Shares of the options of every item in a sample, one item after another; NaN where nobody
/// answered. `answers` holds one row per item.
#[pyfunction]
#[pyo3(signature = (answers, options, *, off_scale=None, weights=None))]
fn sample_shares<'py>(
    py: Python<'py>,
    answers: PyReadonlyArray2<'py, u8>,
    options: Vec<usize>,
    off_scale: Option<Vec<usize>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let n_respondents = answers.as_array().ncols();
    let codes = input::lines(&answers)?;
    let answers = Answers {
        codes: &codes,
        options: &options,
        off_scale: off_scale.as_deref(),
        weights: optional(weights.as_ref())?,
    };
    Ok(PyArray1::from_vec(
        py,
        microdata::observed(&answers, n_respondents)?,
    ))
}

/// Answers counted item by item and population by population: how many, with which weight, and
/// the effective number of each item and population. `answers` holds one row per item.
#[pyfunction]
#[pyo3(signature = (answers, n_answers, weights, stops, *, threads=0))]
fn tabulate<'py>(
    py: Python<'py>,
    answers: PyReadonlyArray2<'py, u8>,
    n_answers: Vec<usize>,
    weights: PyReadonlyArray1<'py, f64>,
    stops: Vec<usize>,
    threads: usize,
) -> PyResult<[Bound<'py, PyArray1<f64>>; 3]> {
    let codes = input::lines(&answers)?;
    let table = tabulation::Table {
        codes: &codes,
        answers: &n_answers,
        weights: slice(&weights)?,
        stops: &stops,
    };
    let counted = enter(py, threads, |executor| {
        tabulation::tabulate(&table, executor)
    })?;
    let all = |run: fn(&tabulation::Counted) -> &[f64]| {
        PyArray1::from_vec(py, counted.iter().flat_map(run).copied().collect())
    };
    Ok([
        all(|item| &item.n),
        all(|item| &item.weighted_n),
        all(|item| &item.n_effective),
    ])
}

/// Mean score of every model group against every human group.
#[pyfunction]
#[pyo3(signature = (model, model_labels, human, human_labels, metric, *, nominal=None,
                    positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
fn pairwise_means<'py>(
    py: Python<'py>,
    model: Rows<'py>,
    model_labels: RowLabels<'py>,
    human: Rows<'py>,
    human_labels: RowLabels<'py>,
    metric: String,
    nominal: Option<Nominal<'py>>,
    positions: Option<Places<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let metrics = metrics_named(Some(vec![metric]))?;
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let model = Table {
        rows: model.column()?,
        labels: model_labels.labels()?,
    };
    let human = Table {
        rows: human.column()?,
        labels: human_labels.labels()?,
    };
    let means = enter(py, threads, |executor| {
        pairwise::matrix(&model, &human, &scale, metrics[0], executor)
    })?;
    matrix(py, means, model.labels.n_groups)
}

/// The x below which a standard normal variable lies with probability p.
#[pyfunction]
fn normal_quantile(p: f64) -> f64 {
    normal::quantile(p)
}

/// The first words of the stream that draws items, or a sample, in one replicate.
#[pyfunction]
#[pyo3(signature = (seed, replicate, n, *, sample=None))]
fn stream(
    py: Python<'_>,
    seed: u64,
    replicate: u64,
    n: usize,
    sample: Option<u64>,
) -> Bound<'_, PyArray1<u64>> {
    let source = sample.map_or(Source::Items, Source::Sample);
    let mut stream = Stream::new(seed, source, replicate);
    let words: Vec<u64> = (0..n).map(|_| stream.next_word()).collect();
    words.to_pyarray(py)
}

type MetricRow = (&'static str, f64, f64, f64, bool, bool, bool, bool);

/// The table of metrics: name, lowest, highest, value for equal distributions, symmetric,
/// antisymmetric, uses distances, defined for nominal options.
#[pyfunction]
fn metric_table() -> Vec<MetricRow> {
    Metric::ALL
        .iter()
        .map(|metric| {
            let p = metric.properties();
            (
                p.name,
                p.lowest,
                p.highest,
                p.identity,
                p.symmetric,
                p.antisymmetric,
                p.uses_distance,
                p.on_nominal,
            )
        })
        .collect()
}

/// The compiled part of doxa.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(score, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::group_means, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::item_intervals, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::item_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::intervals, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::count_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::delta_errors, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::sample_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(sample_shares, module)?)?;
    module.add_function(wrap_pyfunction!(tabulate, module)?)?;
    module.add_function(wrap_pyfunction!(pairwise_means, module)?)?;
    module.add_function(wrap_pyfunction!(normal_quantile, module)?)?;
    module.add_function(wrap_pyfunction!(stream, module)?)?;
    module.add_function(wrap_pyfunction!(metric_table, module)?)?;
    Ok(())
}
