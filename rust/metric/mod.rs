//! The metrics, the sums they are made from, and the scores of a batch by them.
//!
//! To add a metric, write its row in `table.rs` and its arm in `Metric::fill` there. Its derivative
//! goes into `derivative.rs`, if the delta method shall know it; a sum that no metric has needed yet
//! goes into `sums.rs` and into both kernels, `lanes.rs` and `row_sums.rs`.
//!
//! | file | what it holds |
//! |---|---|
//! | `table.rs` | the metrics: what is true of each, and how each is made from sums |
//! | `sums.rs` | the sums over the options of some pairs |
//! | `terms.rs`, `log2.rs` | what one option adds to a sum that takes roots or logarithms |
//! | `derivative.rs` | derivatives of the metrics, for the delta method |
//! | `lanes.rs` | kernel: pairs side by side, all with the same options |
//! | `row_sums.rs` | kernel: pairs one after another, as they lie in memory |
//! | `alignment_avx2.rs` | kernel: alignments of ordinal rows with equal steps, on AVX2 |
//! | `rows.rs` | checks and scores of some pairs as they lie in memory |
//! | `score.rs` | scores of every pair of a batch |
//! | `pairwise.rs` | mean scores of every group against every other |

mod alignment_avx2;
mod derivative;
mod lanes;
mod log2;
mod pairwise;
mod row_sums;
mod rows;
mod score;
mod sums;
mod table;
mod terms;

pub(crate) use derivative::derivatives;
pub(crate) use lanes::{LANES, Lanes, evaluate};
pub use pairwise::{LabelledRows, pairwise_means};
pub use score::{score, score_into};
pub use table::{Metric, Properties};
