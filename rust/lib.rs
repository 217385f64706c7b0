//! Alignment of response distributions, and the resampling behind its intervals.
//!
//! Only `python/` knows Python. Each module uses only modules above it in this table.
//!
//! | module | what it holds |
//! |---|---|
//! | [`error`] | errors of the input |
//! | [`machine`] | instruction sets and threads |
//! | [`random`] | streams of random numbers |
//! | [`input`] | batches of distributions, and the labels of their rows |
//! | [`tabulate`] | answers of respondents as counts |
//! | [`metric`] | the metrics, and the scores of a batch by them |
//! | [`resample`] | items, respondents and replies resampled, and the resulting means |
//! | [`interval`] | standard errors and intervals of those means |

pub mod error;
pub mod input;
pub mod interval;
pub mod machine;
pub mod metric;
#[cfg(feature = "python")]
mod python;
pub mod random;
pub mod resample;
pub mod tabulate;
