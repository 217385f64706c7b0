//! The extension module `doxa._core`: arrays are borrowed, one call is made, the result is wrapped.
//!
//! Nothing outside this folder names Python.
//!
//! | file | what it holds |
//! |---|---|
//! | `enter.rs` | the one door into long work, and how errors become exceptions |
//! | `arguments.rs` | conversion of arguments from Python |
//! | `results.rs` | numbers as NumPy arrays |
//! | `scores.rs` | scores of pairs, and of groups against groups |
//! | `resampling.rs` | replicates of means |
//! | `intervals.rs` | means, standard errors and intervals |
//! | `answers.rs` | answers of respondents, as shares and counts |

#![allow(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands extracted arguments over by value"
)]

use pyo3::prelude::*;

use crate::machine::keep_panics;

mod answers;
mod arguments;
mod enter;
mod intervals;
mod resampling;
mod results;
mod scores;

/// The compiled part of doxa.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    keep_panics();
    module.add_function(wrap_pyfunction!(scores::score, module)?)?;
    module.add_function(wrap_pyfunction!(scores::pairwise_means, module)?)?;
    module.add_function(wrap_pyfunction!(scores::metric_table, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::item_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::count_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::count_row_means, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::sample_replicates, module)?)?;
    module.add_function(wrap_pyfunction!(resampling::stream, module)?)?;
    module.add_function(wrap_pyfunction!(intervals::group_means, module)?)?;
    module.add_function(wrap_pyfunction!(intervals::item_intervals, module)?)?;
    module.add_function(wrap_pyfunction!(intervals::intervals, module)?)?;
    module.add_function(wrap_pyfunction!(intervals::delta_errors, module)?)?;
    module.add_function(wrap_pyfunction!(intervals::normal_quantile, module)?)?;
    module.add_function(wrap_pyfunction!(answers::sample_shares, module)?)?;
    module.add_function(wrap_pyfunction!(answers::tabulate, module)?)?;
    module.add_function(wrap_pyfunction!(enter::machine_used, module)?)?;
    module.add("FIRST_MISSING", crate::resample::MISSING)?;
    Ok(())
}
