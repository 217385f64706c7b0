//! Means, standard errors and intervals.

use numpy::{PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arguments::{
    LabelsArgument, MetricsArgument, NominalArgument, PositionsArgument, RowsArgument,
    item_weights, optional_matrix, scale, slice,
};
use super::enter::enter;
use super::results::matrix;
use crate::input::Batch;
use crate::interval::{self, Interval, Method, Recipe};
use crate::resample::Cells;

/// Counts and averages each group's scores: rows `n, estimate`.
#[pyfunction]
pub(super) fn group_means<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    labels: LabelsArgument<'py>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (labels, scores) = (labels.labels()?, slice(&scores)?);
    let rows = enter(py, 1, |executor| {
        Ok(summary(&Cells::new(scores, &labels, executor)?, &[]))
    })?;
    matrix(py, rows, 2)
}

/// Counts and averages each group's scores, with an interval from resampled items: rows `n,
/// estimate, low, high, std_error`.
#[pyfunction]
#[pyo3(signature = (scores, labels, *, n_resamples, seed, method, confidence, weights=None,
                    threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn item_intervals<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    labels: LabelsArgument<'py>,
    n_resamples: usize,
    seed: u64,
    method: &str,
    confidence: f64,
    weights: Option<PyReadonlyArray2<'py, f64>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let recipe = Recipe::new(Method::named(method)?, confidence)?;
    let (labels, scores) = (labels.labels()?, slice(&scores)?);
    let given = optional_matrix(weights.as_ref())?;
    let rows = enter(py, threads, |executor| {
        let cells = Cells::new(scores, &labels, executor)?;
        let weights = item_weights(labels.n_items, n_resamples, seed, given, executor)?;
        let intervals = interval::item_intervals(&cells, &weights, &recipe, executor)?;
        Ok(summary(&cells, &intervals))
    })?;
    matrix(py, rows, 5)
}

/// Computes intervals from replicates: rows `low, high, std_error`.
#[pyfunction]
#[pyo3(signature = (estimates, replicates, *, method, confidence))]
pub(super) fn intervals<'py>(
    py: Python<'py>,
    estimates: PyReadonlyArray1<'py, f64>,
    replicates: PyReadonlyArray2<'py, f64>,
    method: &str,
    confidence: f64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let recipe = Recipe::new(Method::named(method)?, confidence)?;
    let (estimates, replicates) = (slice(&estimates)?, replicates.as_array());
    let intervals = enter(py, 1, |executor| {
        let mut out = vec![Interval::NONE; estimates.len()];
        let tasks = out.iter_mut().zip(estimates).zip(replicates.rows());
        executor.run(tasks, |((out, &estimate), row), _| {
            *out = recipe.interval(executor.isa, estimate, 0.0, &mut row.to_vec());
            Ok(())
        })?;
        Ok(out)
    })?;
    matrix(py, ends(&intervals).collect(), 3)
}

/// Computes standard errors by the delta method: one row per metric, one column per group.
#[pyfunction]
#[pyo3(signature = (model, human, metrics, labels, *, human_n, nominal=None, positions=None,
                    threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn delta_errors<'py>(
    py: Python<'py>,
    model: RowsArgument<'py>,
    human: RowsArgument<'py>,
    metrics: MetricsArgument,
    labels: LabelsArgument<'py>,
    human_n: PyReadonlyArray1<'py, f64>,
    nominal: Option<NominalArgument<'py>>,
    positions: Option<PositionsArgument<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    let (labels, respondents) = (labels.labels()?, slice(&human_n)?);
    let errors = enter(py, threads, |executor| {
        interval::delta_errors(&batch, &metrics.0, &labels, respondents, executor)
    })?;
    matrix(py, errors, metrics.0.len())
}

/// Finds the x below which a standard normal variable lies with probability p.
#[pyfunction]
pub(super) fn normal_quantile(p: f64) -> f64 {
    interval::normal_quantile(p)
}

/// Joins the numbers, means and intervals, one run after another.
fn summary(cells: &Cells<'_>, intervals: &[Interval]) -> Vec<f64> {
    let groups = || (0..cells.n_groups()).map(|group| cells.group(group));
    let mut rows = Vec::with_capacity(5 * cells.n_groups());
    rows.extend(groups().map(|group| group.total()));
    rows.extend(groups().map(|group| group.mean()));
    rows.extend(ends(intervals));
    rows
}

/// Gives the low ends, then the high ends, then the standard errors.
fn ends(intervals: &[Interval]) -> impl Iterator<Item = f64> + '_ {
    let low = intervals.iter().map(|interval| interval.low);
    let high = intervals.iter().map(|interval| interval.high);
    let std_error = intervals.iter().map(|interval| interval.std_error);
    low.chain(high).chain(std_error)
}
