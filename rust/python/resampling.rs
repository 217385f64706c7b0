//! Means, replicates and intervals for Python.

use numpy::{PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::input::{
    self, Nominal, Places, RowLabels, Rows, metrics_named, optional, optional_matrix, scale, slice,
};
use super::{enter, machine, matrix, stack};
use crate::batch::Batch;
use crate::error::Error;
use crate::group::Cells;
use crate::interval::{Interval, Method, Recipe};
use crate::matrix::Weights;
use crate::microdata::{self, Draws, Task};
use crate::parallel::Executor;
use crate::resample::{self, Plan};
use crate::sample::Design;
use crate::tally::Answers;
use crate::{bootstrap, delta};

/// Number and mean of each group's scores: rows `n, estimate`.
#[pyfunction]
pub(super) fn group_means<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    labels: RowLabels<'py>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let cells = Cells::new(slice(&scores)?, &labels.labels()?, Executor::single())?;
    matrix(py, summary(&cells, &[]), 2)
}

/// Number, mean and interval of each group's scores: rows `n, estimate, low, high, std_error`.
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
    labels: RowLabels<'py>,
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
        let weights = self::weights(labels.n_items, n_resamples, seed, given)?;
        let intervals = bootstrap::intervals(&cells, &weights, &recipe, executor)?;
        Ok(summary(&cells, &intervals))
    })?;
    matrix(py, rows, 5)
}

/// Replicates of each group's mean: one row per group, one column per replicate.
#[pyfunction]
#[pyo3(signature = (scores, labels, *, n_resamples, seed, weights=None, threads=0))]
pub(super) fn item_replicates<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    labels: RowLabels<'py>,
    n_resamples: usize,
    seed: u64,
    weights: Option<PyReadonlyArray2<'py, f64>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (labels, scores) = (labels.labels()?, slice(&scores)?);
    let given = optional_matrix(weights.as_ref())?;
    let replicates = enter(py, threads, |executor| {
        let cells = Cells::new(scores, &labels, executor)?;
        let weights = self::weights(labels.n_items, n_resamples, seed, given)?;
        bootstrap::replicates(&cells, &weights, executor)
    })?;
    matrix(py, replicates, labels.n_groups)
}

/// Weights of items, drawn or given.
fn weights(
    n_items: usize,
    n_resamples: usize,
    seed: u64,
    given: Option<&[f64]>,
) -> Result<Weights, Error> {
    match given {
        None => Ok(Weights::draw(n_items, n_resamples, seed)),
        Some(dense) => Weights::given(dense, n_items),
    }
}

fn summary(cells: &Cells<'_>, intervals: &[Interval]) -> Vec<f64> {
    let groups = || (0..cells.len()).map(|group| cells.group(group));
    let mut rows = Vec::with_capacity(5 * cells.len());
    rows.extend(groups().map(|group| group.total()));
    rows.extend(groups().map(|group| group.mean()));
    rows.extend(ends(intervals));
    rows
}

/// Low ends, high ends and standard errors, one after another.
fn ends(intervals: &[Interval]) -> impl Iterator<Item = f64> + '_ {
    let low = intervals.iter().map(|interval| interval.low);
    let high = intervals.iter().map(|interval| interval.high);
    let std_error = intervals.iter().map(|interval| interval.std_error);
    low.chain(high).chain(std_error)
}

/// Intervals from replicates: rows `low, high, std_error`.
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
    let (estimates, (isa, _)) = (slice(&estimates)?, machine(py)?);
    let intervals: Vec<Interval> = estimates
        .iter()
        .zip(replicates.as_array().rows())
        .map(|(&estimate, row)| recipe.interval(isa, estimate, 0.0, &mut row.to_vec()))
        .collect();
    matrix(py, ends(&intervals).collect(), 3)
}

/// Replicates from counts: one layer per metric, one row per group, one column per replicate.
#[pyfunction]
#[pyo3(signature = (model, human, metrics, labels, *, draw_items, human_n, model_n, n_resamples,
                    seed, nominal=None, positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn count_replicates<'py>(
    py: Python<'py>,
    model: Rows<'py>,
    human: Rows<'py>,
    metrics: Vec<String>,
    labels: RowLabels<'py>,
    draw_items: bool,
    human_n: Option<PyReadonlyArray1<'py, f64>>,
    model_n: Option<PyReadonlyArray1<'py, f64>>,
    n_resamples: usize,
    seed: u64,
    nominal: Option<Nominal<'py>>,
    positions: Option<Places<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let metrics = metrics_named(Some(metrics))?;
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    let labels = labels.labels()?;
    let plan = Plan {
        items: draw_items,
        respondents: optional(human_n.as_ref())?,
        replies: optional(model_n.as_ref())?,
        n_resamples,
        seed,
    };
    let replicates = enter(py, threads, |executor| {
        resample::replicates(&batch, &metrics, &labels, &plan, executor)
    })?;
    stack(py, replicates, (metrics.len(), labels.n_groups))
}

/// Standard errors by the delta method: one row per metric, one column per group.
#[pyfunction]
#[pyo3(signature = (model, human, metrics, labels, *, human_n, nominal=None, positions=None))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn delta_errors<'py>(
    py: Python<'py>,
    model: Rows<'py>,
    human: Rows<'py>,
    metrics: Vec<String>,
    labels: RowLabels<'py>,
    human_n: PyReadonlyArray1<'py, f64>,
    nominal: Option<Nominal<'py>>,
    positions: Option<Places<'py>>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let metrics = metrics_named(Some(metrics))?;
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    let (labels, respondents) = (labels.labels()?, slice(&human_n)?);
    let errors = enter(py, 1, |_| {
        delta::std_errors(&batch, &metrics, &labels, respondents)
    })?;
    matrix(py, errors, metrics.len())
}

/// Replicates from respondents' answers: one layer per metric, one row per group, one column
/// per replicate. `answers` holds one row per item.
#[pyfunction]
#[pyo3(signature = (model, metrics, labels, answers, options, *, off_scale=None, weights,
                    strata, clusters, draw_items, draw_respondents, n_resamples, seed, sample,
                    nominal=None, positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn sample_replicates<'py>(
    py: Python<'py>,
    model: Rows<'py>,
    metrics: Vec<String>,
    labels: RowLabels<'py>,
    answers: PyReadonlyArray2<'py, u8>,
    options: Vec<usize>,
    off_scale: Option<Vec<usize>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    strata: Option<PyReadonlyArray1<'py, u32>>,
    clusters: Option<PyReadonlyArray1<'py, u32>>,
    draw_items: bool,
    draw_respondents: bool,
    n_resamples: usize,
    seed: u64,
    sample: u64,
    nominal: Option<Nominal<'py>>,
    positions: Option<Places<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let metrics = metrics_named(Some(metrics))?;
    let task = Task {
        model: model.column()?,
        scale: scale(nominal.as_ref(), positions.as_ref())?,
        labels: labels.labels()?,
        metrics: &metrics,
    };
    let n_respondents = answers.as_array().ncols();
    let codes = input::lines(&answers)?;
    let answers = Answers {
        codes: &codes,
        options: &options,
        off_scale: off_scale.as_deref(),
        weights: optional(weights.as_ref())?,
    };
    let design = Design::new(
        n_respondents,
        optional(strata.as_ref())?,
        optional(clusters.as_ref())?,
    )?;
    let draws = Draws {
        respondents: draw_respondents,
        items: draw_items,
        n_resamples,
        seed,
        sample,
    };
    let replicates = enter(py, threads, |executor| {
        microdata::replicates(&answers, &design, &task, &draws, executor)
    })?;
    stack(py, replicates, (metrics.len(), task.labels.n_groups))
}
