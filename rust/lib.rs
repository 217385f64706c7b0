//! Alignment of response distributions, and the resampling behind its intervals.
//!
//! | module | what it computes |
//! |---|---|
//! | [`batch`] | pairs of distributions, borrowed and checked |
//! | [`metric`], [`score`] | the metrics of every pair in one pass |
//! | [`group`], [`bootstrap`] | means by group, and replicates of them over items |
//! | [`interval`] | from replicates to intervals |
//! | [`rng`] | the random streams behind all of it |
//!
//! Numbers in, numbers out: only `python.rs` knows Python.

#![deny(missing_docs)]

#[cfg(feature = "arrow")]
pub mod arrow;
pub mod batch;
pub mod bootstrap;
pub mod error;
pub mod ground;
pub mod group;
pub mod interval;
pub mod isa;
pub mod log2;
pub mod matrix;
pub mod metric;
pub mod normal;
pub mod parallel;
#[cfg(feature = "python")]
mod python;
pub mod rng;
pub mod score;
