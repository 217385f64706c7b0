//! The metrics, the sums they are made from, and the scores of a batch by them.
//!
//! To add a metric, add its row and its arm of `Metric::fill` in `table.rs`. For the delta method,
//! add its derivative to `derivative.rs`. If it needs a new sum, add this sum to `sums.rs` and to
//! both kernels, `lanes.rs` and `row_sums.rs`.
//!
//! | file | what it holds |
//! |---|---|
//! | `table.rs` | the metrics: their properties, and how each is computed from sums |
//! | `sums.rs` | the sums over the options of some pairs |
//! | `terms.rs` | the term of one option in sums of roots or logarithms |
//! | `derivative.rs` | derivatives of the metrics, for the delta method |
//! | `lanes.rs` | kernel: pairs side by side, all with the same options |
//! | `row_sums.rs` | kernel: pairs one after another, as they lie in memory |
//! | `alignment_avx2.rs` | kernel: alignments of ordinal rows with equal steps, on AVX2 |
//! | `four_rows_avx2.rs` | the sums of `row_sums.rs` for four rows at once, on AVX2 |
//! | `rows.rs` | checks and scores of some pairs as they lie in memory |
//! | `score.rs` | scores of every pair of a batch |
//! | `pairwise.rs` | mean scores of every group against every other |

mod alignment_avx2;
mod derivative;
mod four_rows_avx2;
mod lanes;
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
