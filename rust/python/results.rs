//! Numbers as NumPy arrays, without copying.

use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods};
use pyo3::prelude::*;

/// Divides a vector into the rows of a matrix.
pub(super) fn matrix(
    py: Python<'_>,
    numbers: Vec<f64>,
    rows: usize,
) -> PyResult<Bound<'_, PyArray2<f64>>> {
    let columns = numbers.len().checked_div(rows).unwrap_or(0);
    PyArray1::from_vec(py, numbers).reshape([rows, columns])
}

/// Divides a vector into a stack of matrices.
pub(super) fn stack(
    py: Python<'_>,
    numbers: Vec<f64>,
    (layers, rows): (usize, usize),
) -> PyResult<Bound<'_, PyArray3<f64>>> {
    let columns = numbers.len().checked_div(layers * rows).unwrap_or(0);
    PyArray1::from_vec(py, numbers).reshape([layers, rows, columns])
}
