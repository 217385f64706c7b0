//! Pairs of response distributions, borrowed from their owner.
//!
//! Rows lie one after another in a buffer of values, delimited by offsets as in Arrow's list
//! arrays; rows of equal length need no offsets. A side may come in several chunks. Nothing is
//! copied, and each row is checked when it is read.
//!
//! | file | what it holds |
//! |---|---|
//! | `chunk.rs` | a run of rows over borrowed buffers |
//! | `column.rs` | consecutive chunks; the test that a row is a response distribution |
//! | `scale.rs` | which rows are nominal, and the positions of the options of the others |
//! | `batch.rs` | two columns side by side, with their scale |
//! | `labels.rs` | group and item of each row |
//! | `arrow.rs` | rows from the Arrow C data interface |

#[cfg(feature = "arrow")]
mod arrow;
mod batch;
mod chunk;
mod column;
mod labels;
mod scale;

#[cfg(feature = "arrow")]
pub use arrow::{list_rows, read_array, read_stream};
pub use batch::Batch;
pub(crate) use batch::Segment;
pub use chunk::{Chunk, Offsets, Values};
pub use column::Column;
pub(crate) use column::SUM_TOLERANCE;
pub use labels::Labels;
pub(crate) use labels::NO_GROUP;
pub(crate) use scale::RowScale;
pub use scale::{Kinds, Positions, Scale};
