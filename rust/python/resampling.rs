//! Replicates of means.

use numpy::{PyArray1, PyArray2, PyArray3, PyReadonlyArray1, PyReadonlyArray2, ToPyArray};
use pyo3::prelude::*;

use super::arguments::{
    FormsArgument, LabelsArgument, MetricsArgument, NominalArgument, PositionsArgument,
    RowsArgument, item_weights, lines, optional, optional_matrix, scale, slice,
};
use super::enter::enter;
use super::results::{matrix, stack};
use crate::input::Batch;
use crate::machine::check_room;
use crate::random::{Source, Stream};
use crate::resample::{self, Answers, Cells, CountDraws, Design, SampleDraws, ScoredModels};

/// Resamples items and computes each group's mean: one row per group, one column per replicate.
#[pyfunction]
#[pyo3(signature = (scores, labels, *, n_resamples, seed, weights=None, threads=0))]
pub(super) fn item_replicates<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray1<'py, f64>,
    labels: LabelsArgument<'py>,
    n_resamples: usize,
    seed: u64,
    weights: Option<PyReadonlyArray2<'py, f64>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (labels, scores) = (labels.labels()?, slice(&scores)?);
    let given = optional_matrix(weights.as_ref())?;
    let replicates = enter(py, threads, |executor| {
        let cells = Cells::new(scores, &labels, executor)?;
        let weights = item_weights(labels.n_items, n_resamples, seed, given, executor)?;
        resample::item_replicates(&cells, &weights, executor)
    })?;
    matrix(py, replicates, labels.n_groups)
}

/// Resamples from counts and computes each group's means: one layer per metric, one row per group,
/// one column per replicate.
#[pyfunction]
#[pyo3(signature = (model, human, metrics, labels, *, draw_items, human_n, model_n, forms=None,
                    shrunken=false,
                    n_resamples, seed, nominal=None, positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn count_replicates<'py>(
    py: Python<'py>,
    model: RowsArgument<'py>,
    human: RowsArgument<'py>,
    metrics: MetricsArgument,
    labels: LabelsArgument<'py>,
    draw_items: bool,
    human_n: Option<PyReadonlyArray1<'py, f64>>,
    model_n: Option<PyReadonlyArray1<'py, f64>>,
    forms: Option<FormsArgument<'py>>,
    shrunken: bool,
    n_resamples: usize,
    seed: u64,
    nominal: Option<NominalArgument<'py>>,
    positions: Option<PositionsArgument<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    let labels = labels.labels()?;
    let forms = forms.as_ref().map(FormsArgument::forms).transpose()?;
    let draws = CountDraws {
        items: draw_items,
        respondents: optional(human_n.as_ref())?,
        replies: optional(model_n.as_ref())?,
        forms: forms.as_ref(),
        shrunken,
        n_resamples,
        seed,
    };
    let replicates = enter(py, threads, |executor| {
        resample::count_replicates(&batch, &metrics.0, &labels, &draws, executor)
    })?;
    stack(py, replicates, (metrics.0.len(), labels.n_groups))
}

/// Resamples from counts, without drawing items, and averages the scores of each row over all
/// replicates: one row per metric.
#[pyfunction]
#[pyo3(signature = (model, human, metrics, labels, *, human_n, model_n, forms=None, n_resamples,
                    seed, nominal=None, positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn count_row_means<'py>(
    py: Python<'py>,
    model: RowsArgument<'py>,
    human: RowsArgument<'py>,
    metrics: MetricsArgument,
    labels: LabelsArgument<'py>,
    human_n: Option<PyReadonlyArray1<'py, f64>>,
    model_n: Option<PyReadonlyArray1<'py, f64>>,
    forms: Option<FormsArgument<'py>>,
    n_resamples: usize,
    seed: u64,
    nominal: Option<NominalArgument<'py>>,
    positions: Option<PositionsArgument<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    let labels = labels.labels()?;
    let forms = forms.as_ref().map(FormsArgument::forms).transpose()?;
    let draws = CountDraws {
        items: false,
        shrunken: false,
        respondents: optional(human_n.as_ref())?,
        replies: optional(model_n.as_ref())?,
        forms: forms.as_ref(),
        n_resamples,
        seed,
    };
    let means = enter(py, threads, |executor| {
        resample::count_row_means(&batch, &metrics.0, &labels, &draws, executor)
    })?;
    matrix(py, means, metrics.0.len())
}

/// Resamples respondents and computes each group's means: one layer per metric, one row per group,
/// one column per replicate. `answers` holds one row per item.
#[pyfunction]
#[pyo3(signature = (model, metrics, labels, answers, options, *, off_scale=None, weights,
                    strata, clusters, draw_items, draw_respondents, shrunken=false, n_resamples, seed, sample,
                    nominal=None, positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn sample_replicates<'py>(
    py: Python<'py>,
    model: RowsArgument<'py>,
    metrics: MetricsArgument,
    labels: LabelsArgument<'py>,
    answers: PyReadonlyArray2<'py, u8>,
    options: Vec<usize>,
    off_scale: Option<Vec<usize>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    strata: Option<PyReadonlyArray1<'py, u32>>,
    clusters: Option<PyReadonlyArray1<'py, u32>>,
    draw_items: bool,
    draw_respondents: bool,
    shrunken: bool,
    n_resamples: usize,
    seed: u64,
    sample: u64,
    nominal: Option<NominalArgument<'py>>,
    positions: Option<PositionsArgument<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray3<f64>>> {
    let models = ScoredModels {
        model: model.column()?,
        scale: scale(nominal.as_ref(), positions.as_ref())?,
        labels: labels.labels()?,
        metrics: &metrics.0,
    };
    let n_respondents = answers.as_array().ncols();
    let codes = lines(&answers)?;
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
    let draws = SampleDraws {
        respondents: draw_respondents,
        items: draw_items,
        shrunken,
        n_resamples,
        seed,
        sample,
    };
    let replicates = enter(py, threads, |executor| {
        resample::sample_replicates(&answers, &design, &models, &draws, executor)
    })?;
    stack(py, replicates, (metrics.0.len(), models.labels.n_groups))
}

/// Returns the first words of the stream that draws items, or a sample, in one replicate.
#[pyfunction]
#[pyo3(signature = (seed, replicate, n, *, sample=None))]
pub(super) fn stream(
    py: Python<'_>,
    seed: u64,
    replicate: u64,
    n: usize,
    sample: Option<u64>,
) -> PyResult<Bound<'_, PyArray1<u64>>> {
    check_room(&[n], size_of::<u64>())?;
    let source = sample.map_or(Source::Items, Source::Sample);
    let mut stream = Stream::new(seed, source, replicate);
    let words: Vec<u64> = (0..n).map(|_| stream.next_word()).collect();
    Ok(words.to_pyarray(py))
}
