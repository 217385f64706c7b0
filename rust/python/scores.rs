//! Scores of pairs, and of groups against groups.

use std::slice;

use numpy::{PyArray2, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;

use super::arguments::{
    LabelsArgument, MetricsArgument, NominalArgument, PositionsArgument, RowsArgument,
    metric_named, scale,
};
use super::enter::enter;
use super::results::matrix;
use crate::input::Batch;
use crate::machine::check_room;
use crate::metric::{self, LabelledRows, Metric};

/// Scores every pair: one row per metric, one column per pair.
#[pyfunction]
#[pyo3(signature = (model, human, metrics, *, nominal=None, positions=None, threads=0,
                    first_row=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn score<'py>(
    py: Python<'py>,
    model: RowsArgument<'py>,
    human: RowsArgument<'py>,
    metrics: MetricsArgument,
    nominal: Option<NominalArgument<'py>>,
    positions: Option<PositionsArgument<'py>>,
    threads: usize,
    first_row: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let batch = Batch::new(model.column()?, human.column()?, scale)?;
    check_room(&[metrics.0.len(), batch.rows()], size_of::<f64>())?;
    // NumPy allocates the memory: it uses huge pages, which avoids most page faults.
    // SAFETY: nobody reads it before it is filled.
    let scores = unsafe { PyArray2::<f64>::new(py, [metrics.0.len(), batch.rows()], false) };
    // SAFETY: a new array is contiguous and nobody else's; room needs no numbers in it.
    let room = unsafe { slice::from_raw_parts_mut(scores.data().cast(), scores.len()) };
    enter(py, threads, |executor| {
        metric::score_into(&batch, &metrics.0, executor, room)
            .map_err(|error| error.counted_from(first_row))
    })?;
    Ok(scores)
}

/// Computes the mean score of every model group against every human group.
#[pyfunction]
#[pyo3(signature = (model, model_labels, human, human_labels, metric, *, nominal=None,
                    positions=None, threads=0))]
#[allow(
    clippy::too_many_arguments,
    reason = "keyword arguments of one Python function"
)]
pub(super) fn pairwise_means<'py>(
    py: Python<'py>,
    model: RowsArgument<'py>,
    model_labels: LabelsArgument<'py>,
    human: RowsArgument<'py>,
    human_labels: LabelsArgument<'py>,
    metric: &str,
    nominal: Option<NominalArgument<'py>>,
    positions: Option<PositionsArgument<'py>>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let metric = metric_named(metric)?;
    let scale = scale(nominal.as_ref(), positions.as_ref())?;
    let model = LabelledRows {
        rows: model.column()?,
        labels: model_labels.labels()?,
    };
    let human = LabelledRows {
        rows: human.column()?,
        labels: human_labels.labels()?,
    };
    let means = enter(py, threads, |executor| {
        metric::pairwise_means(&model, &human, &scale, metric, executor)
    })?;
    matrix(py, means, model.labels.n_groups)
}

type MetricRow = (&'static str, f64, f64, f64, bool, bool, bool, bool);

/// Lists the metrics: name, lowest, highest, value for equal distributions, symmetric,
/// antisymmetric, uses distances, defined for nominal options.
#[pyfunction]
pub(super) fn metric_table() -> Vec<MetricRow> {
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
