//! Alignment of response distributions, and the resampling behind its intervals.
//!
//! | module | what it computes |
//! |---|---|
//! | [`batch`] | pairs of distributions, borrowed and checked |
//! | [`metric`], [`score`] | the metrics of every pair in one pass |
//! | [`group`], [`bootstrap`] | means by group, and replicates of them over items |
//! | [`resample`], [`delta`] | replicates and standard errors from counts of respondents |
//! | [`sample`], [`tally`], [`microdata`] | replicates from respondents' answers |
//! | [`tabulate`] | answers of respondents as counts |
//! | [`interval`] | from replicates to intervals |
//! | [`pairwise`] | every group against every other |
//! | [`rng`] | the random streams behind all of it |
//!
//! Numbers in, numbers out: only `python.rs` knows Python.

#![deny(missing_docs)]

mod alignments;
#[cfg(feature = "arrow")]
pub mod arrow;
pub mod batch;
pub mod binomial;
pub mod bootstrap;
pub mod delta;
pub mod error;
mod fast;
pub mod ground;
pub mod group;
pub mod interval;
pub mod isa;
pub mod lanes;
pub mod log2;
pub mod matrix;
pub mod metric;
pub mod microdata;
pub mod normal;
pub mod pairwise;
pub mod parallel;
#[cfg(feature = "python")]
mod python;
mod quantile;
mod replicate;
pub mod resample;
pub mod rng;
mod row_sums;
mod rows;
pub mod sample;
pub mod score;
mod sums;
pub mod tabulate;
pub mod tally;
mod terms;
