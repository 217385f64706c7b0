//! The extension module `doxa._core`: arrays are borrowed, one call is made, the result wrapped.

#![allow(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands extracted arguments over by value"
)]

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_data::ArrayData;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, ToPyArray};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyTuple};

use crate::arrow;
use crate::batch::{Batch, Chunk, Column, Kinds, Offsets, Positions, Scale, Values};
use crate::bootstrap;
use crate::error::Error;
use crate::group::{Cells, Labels};
use crate::interval::{Interval, Method, Recipe};
use crate::isa::Isa;
use crate::matrix::Weights;
use crate::metric::Metric;
use crate::parallel::Executor;
use crate::rng::{Source, Stream};
use crate::score as scoring;

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

/// Rows in whatever form they were handed over; keeps the buffers alive while they are borrowed.
enum Rows<'py> {
    Double(PyReadonlyArray2<'py, f64>),
    Single(PyReadonlyArray2<'py, f32>),
    Ragged(PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, i64>),
    Arrow(Vec<ArrayData>),
}

impl<'py> FromPyObject<'_, 'py> for Rows<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(array) = object.cast::<PyArray2<f64>>() {
            return Ok(Self::Double(array.try_readonly()?));
        }
        if let Ok(array) = object.cast::<PyArray2<f32>>() {
            return Ok(Self::Single(array.try_readonly()?));
        }
        if object.is_instance_of::<PyTuple>() {
            let (values, offsets) = object.extract()?;
            return Ok(Self::Ragged(values, offsets));
        }
        Ok(Self::Arrow(import(&object)?))
    }
}

impl Rows<'_> {
    fn column(&self) -> Result<Column<'_>, Error> {
        let chunk = match self {
            Self::Double(array) => {
                let values = array.as_slice().map_err(|_| not_contiguous())?;
                Chunk::new(Values::F64(values), fixed(array.as_array().dim()))
            }
            Self::Single(array) => {
                let values = array.as_slice().map_err(|_| not_contiguous())?;
                Chunk::new(Values::F32(values), fixed(array.as_array().dim()))
            }
            Self::Ragged(values, offsets) => {
                Chunk::new(Values::F64(slice(values)?), Offsets::Large(slice(offsets)?))
            }
            Self::Arrow(chunks) => {
                let chunks: Result<Vec<_>, _> = chunks.iter().map(arrow::rows).collect();
                return Ok(Column::new(chunks?));
            }
        };
        Ok(Column::new(vec![chunk]))
    }
}

fn fixed((rows, options): (usize, usize)) -> Offsets<'static> {
    Offsets::Fixed { rows, options }
}

fn not_contiguous() -> Error {
    Error::argument("an array is not contiguous: call numpy.ascontiguousarray first")
}

fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<'_, T>) -> Result<&'a [T], Error> {
    array.as_slice().map_err(|_| not_contiguous())
}

/// Chunks of an object that speaks Arrow's `PyCapsule` interface.
fn import(object: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayData>> {
    if object.hasattr("__arrow_c_stream__")? {
        let capsule = object.call_method0("__arrow_c_stream__")?;
        let capsule = capsule.cast::<PyCapsule>()?;
        let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
        // SAFETY: a capsule of this name points to a stream, which is moved out; the capsule
        // then holds a released one, as the interface asks.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
        return Ok(arrow::read_stream(stream)?);
    }
    if object.hasattr("__arrow_c_array__")? {
        let pair = object.call_method0("__arrow_c_array__")?;
        let (schema, array): (Bound<PyCapsule>, Bound<PyCapsule>) = pair.extract()?;
        let schema = schema.pointer_checked(Some(c"arrow_schema"))?;
        let array = array.pointer_checked(Some(c"arrow_array"))?;
        // SAFETY: capsules of these names point to such structures. The schema is borrowed
        // while its capsule lives; the array is moved out of its capsule.
        let (schema, array) = unsafe {
            (
                schema.cast::<FFI_ArrowSchema>().as_ref(),
                FFI_ArrowArray::from_raw(array.as_ptr().cast()),
            )
        };
        return Ok(vec![arrow::read_array(array, schema)?]);
    }
    Err(InvalidDistributionError::new_err(format!(
        "a {} holds no distributions: pass a 2-D float array, a list of 1-D arrays, \
         or an Arrow array of lists",
        object.get_type().name()?
    )))
}

/// Which rows are nominal.
#[derive(FromPyObject)]
enum Nominal<'py> {
    All(bool),
    Rows(PyReadonlyArray1<'py, bool>),
}

/// Positions of the options: one list for all rows, or a ragged pair of values and offsets.
#[derive(FromPyObject)]
enum Places<'py> {
    Shared(PyReadonlyArray1<'py, f64>),
    Rows(PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, i64>),
}

fn scale<'a>(
    nominal: Option<&'a Nominal<'_>>,
    positions: Option<&'a Places<'_>>,
) -> Result<Scale<'a>, Error> {
    let kinds = match nominal {
        None | Some(Nominal::All(false)) => Kinds::Ordinal,
        Some(Nominal::All(true)) => Kinds::Nominal,
        Some(Nominal::Rows(flags)) => Kinds::Rows(slice(flags)?),
    };
    let positions = match positions {
        None => Positions::Equal,
        Some(Places::Shared(positions)) => Positions::Shared(slice(positions)?.into()),
        Some(Places::Rows(values, offsets)) => {
            let (values, offsets) = (slice(values)?, slice(offsets)?);
            let chunk = Chunk::new(Values::F64(values), Offsets::Large(offsets));
            Positions::Rows(Column::new(vec![chunk]))
        }
    };
    Ok(Scale { kinds, positions })
}

fn metrics_named(names: Option<Vec<String>>) -> Result<Vec<Metric>, Error> {
    let Some(names) = names else {
        return Ok(vec![Metric::Alignment]);
    };
    let known = || {
        Metric::ALL
            .map(|metric| metric.properties().name)
            .join(", ")
    };
    names
        .iter()
        .map(|name| {
            Metric::named(name)
                .ok_or_else(|| Error::argument(format!("metric {name:?} is none of {}", known())))
        })
        .collect()
}

/// A vector as the rows of a matrix, without copying.
fn matrix(py: Python<'_>, numbers: Vec<f64>, rows: usize) -> PyResult<Bound<'_, PyArray2<f64>>> {
    let columns = numbers.len().checked_div(rows).unwrap_or(0);
    PyArray1::from_vec(py, numbers).reshape([rows, columns])
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
    let scores = enter(py, threads, |executor| {
        scoring::score(&batch, &metrics, executor)
    })?;
    matrix(py, scores, metrics.len())
}

/// Weights of items, drawn or given.
fn weights(
    labels: &Labels<'_>,
    n_resamples: usize,
    seed: u64,
    given: Option<&[f64]>,
) -> Result<Weights, Error> {
    match given {
        None => Ok(Weights::draw(labels.n_items, n_resamples, seed)),
        Some(dense) => Weights::given(dense, labels.n_items),
    }
}

/// Number, mean and interval of each group's scores: rows `n, estimate, low, high, std_error`.
#[pyfunction]
#[pyo3(signature = (scores, groups, items, n_groups, n_items, *, n_resamples, seed, method,
                    confidence, weights=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
fn item_intervals<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    groups: PyReadonlyArray1<'py, u32>,
    items: PyReadonlyArray1<'py, u32>,
    n_groups: usize,
    n_items: usize,
    n_resamples: usize,
    seed: u64,
    method: &str,
    confidence: f64,
    weights: Option<PyReadonlyArray2<'py, f64>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let recipe = Recipe::new(Method::named(method)?, confidence)?;
    let labels = Labels {
        groups: slice(&groups)?,
        items: slice(&items)?,
        n_groups,
        n_items,
    };
    let scores = slice(&scores)?;
    let given = match &weights {
        None => None,
        Some(array) => Some(array.as_slice().map_err(|_| not_contiguous())?),
    };
    let rows = enter(py, threads, |executor| {
        let cells = Cells::new(scores, &labels)?;
        let weights = self::weights(&labels, n_resamples, seed, given)?;
        let intervals = bootstrap::intervals(&cells, &weights, &recipe, executor)?;
        Ok(summary(&cells, &intervals))
    })?;
    matrix(py, rows, 5)
}

fn summary(cells: &Cells, intervals: &[Interval]) -> Vec<f64> {
    let groups = || (0..cells.len()).map(|group| cells.group(group));
    let mut rows = Vec::with_capacity(5 * cells.len());
    rows.extend(groups().map(|group| group.total()));
    rows.extend(groups().map(|group| group.mean()));
    rows.extend(intervals.iter().map(|interval| interval.low));
    rows.extend(intervals.iter().map(|interval| interval.high));
    rows.extend(intervals.iter().map(|interval| interval.std_error));
    rows
}

/// Replicates of each group's mean: one row per group, one column per replicate.
#[pyfunction]
#[pyo3(signature = (scores, groups, items, n_groups, n_items, *, n_resamples, seed,
                    weights=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
fn item_replicates<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    groups: PyReadonlyArray1<'py, u32>,
    items: PyReadonlyArray1<'py, u32>,
    n_groups: usize,
    n_items: usize,
    n_resamples: usize,
    seed: u64,
    weights: Option<PyReadonlyArray2<'py, f64>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let labels = Labels {
        groups: slice(&groups)?,
        items: slice(&items)?,
        n_groups,
        n_items,
    };
    let scores = slice(&scores)?;
    let given = match &weights {
        None => None,
        Some(array) => Some(array.as_slice().map_err(|_| not_contiguous())?),
    };
    let replicates = enter(py, threads, |executor| {
        let cells = Cells::new(scores, &labels)?;
        let weights = self::weights(&labels, n_resamples, seed, given)?;
        bootstrap::replicates(&cells, &weights, executor)
    })?;
    matrix(py, replicates, n_groups)
}

/// Number, mean of each group's scores: rows `n, estimate`.
#[pyfunction]
fn group_means<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    groups: PyReadonlyArray1<'py, u32>,
    items: PyReadonlyArray1<'py, u32>,
    n_groups: usize,
    n_items: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let labels = Labels {
        groups: slice(&groups)?,
        items: slice(&items)?,
        n_groups,
        n_items,
    };
    let cells = Cells::new(slice(&scores)?, &labels)?;
    let mut rows = summary(&cells, &[]);
    rows.truncate(2 * n_groups);
    matrix(py, rows, 2)
}

/// Intervals from replicates: rows `low, high, std_error`.
#[pyfunction]
#[pyo3(signature = (estimates, replicates, *, method, confidence))]
fn intervals<'py>(
    py: Python<'py>,
    estimates: PyReadonlyArray1<'py, f64>,
    replicates: PyReadonlyArray2<'py, f64>,
    method: &str,
    confidence: f64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let recipe = Recipe::new(Method::named(method)?, confidence)?;
    let estimates = slice(&estimates)?;
    let intervals: Vec<Interval> = estimates
        .iter()
        .zip(replicates.as_array().rows())
        .map(|(&estimate, row)| recipe.interval(estimate, 0.0, &mut row.to_vec()))
        .collect();
    let mut rows = Vec::with_capacity(3 * intervals.len());
    rows.extend(intervals.iter().map(|interval| interval.low));
    rows.extend(intervals.iter().map(|interval| interval.high));
    rows.extend(intervals.iter().map(|interval| interval.std_error));
    matrix(py, rows, 3)
}

/// The first words of the stream that draws items in one replicate.
#[pyfunction]
fn item_stream(py: Python<'_>, seed: u64, replicate: u64, n: usize) -> Bound<'_, PyArray1<u64>> {
    let mut stream = Stream::new(seed, Source::Items, replicate);
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
    module.add_function(wrap_pyfunction!(item_intervals, module)?)?;
    module.add_function(wrap_pyfunction!(item_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(group_means, module)?)?;
    module.add_function(wrap_pyfunction!(intervals, module)?)?;
    module.add_function(wrap_pyfunction!(item_stream, module)?)?;
    module.add_function(wrap_pyfunction!(metric_table, module)?)?;
    Ok(())
}
