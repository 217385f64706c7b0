//! Answers of respondents, as shares and counts.

use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::arguments::{lines, optional, slice};
use super::enter::enter;
use crate::resample::{self, Answers};
use crate::tabulate::{self as tabulation, Counted, Populations};

/// Computes the shares of the options of every item in a sample, one item after another; NaN if
/// nobody answered. `answers` holds one row per item.
#[pyfunction]
#[pyo3(signature = (answers, options, *, off_scale=None, weights=None))]
pub(super) fn sample_shares<'py>(
    py: Python<'py>,
    answers: PyReadonlyArray2<'py, u8>,
    options: Vec<usize>,
    off_scale: Option<Vec<usize>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let n_respondents = answers.as_array().ncols();
    let codes = lines(&answers)?;
    let answers = Answers {
        codes: &codes,
        options: &options,
        off_scale: off_scale.as_deref(),
        weights: optional(weights.as_ref())?,
    };
    let shares = enter(py, 1, |executor| {
        resample::sample_shares(&answers, n_respondents, executor)
    })?;
    Ok(PyArray1::from_vec(py, shares))
}

/// Counts answers by item and population: numbers, sums of weights, and the effective number of
/// each item and population. `answers` holds one row per item.
#[pyfunction]
#[pyo3(signature = (answers, n_answers, weights, stops, *, threads=0))]
pub(super) fn tabulate<'py>(
    py: Python<'py>,
    answers: PyReadonlyArray2<'py, u8>,
    n_answers: Vec<usize>,
    weights: PyReadonlyArray1<'py, f64>,
    stops: Vec<usize>,
    threads: usize,
) -> PyResult<[Bound<'py, PyArray1<f64>>; 3]> {
    let codes = lines(&answers)?;
    let populations = Populations {
        codes: &codes,
        answers: &n_answers,
        weights: slice(&weights)?,
        stops: &stops,
    };
    let counted = enter(py, threads, |executor| {
        tabulation::tabulate(&populations, executor)
    })?;
    let all = |run: fn(&Counted) -> &[f64]| {
        PyArray1::from_vec(py, counted.iter().flat_map(run).copied().collect())
    };
    Ok([
        all(|item| &item.n),
        all(|item| &item.weighted_n),
        all(|item| &item.n_effective),
    ])
}
