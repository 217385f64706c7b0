//! Alignment of response distributions, and the resampling behind its intervals.
//!
//! Numbers in, numbers out: only `python/` knows Python. Each module builds on those above it in
//! this table, never the other way round.
//!
//! | module | what it holds |
//! |---|---|
//! | [`error`] | what can be wrong with the input |
//! | [`machine`] | instruction sets and threads |
//! | [`random`] | streams of random numbers |
//! | [`input`] | batches of distributions, and the labels of their rows |
//! | [`tabulate`] | answers of respondents as counts |
//! | [`metric`] | the metrics, and the scores of a batch by them |
//! | [`resample`] | items, respondents and replies drawn again, and the means they give |
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
