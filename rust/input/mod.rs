//! Pairs of response distributions, borrowed from whoever holds the numbers.
//!
//! Rows lie one after another in a buffer of values, marked out by offsets as in Arrow's list
//! arrays; rows of equal length need no offsets. A side may come in several chunks. Nothing is
//! copied and nothing is trusted: a row is cut out by a checked slice when it is read.
//!
//! | file | what it holds |
//! |---|---|
//! | `chunk.rs` | a run of rows over borrowed buffers |
//! | `column.rs` | chunks one after another; what makes a row a response distribution |
//! | `scale.rs` | which rows are nominal, and where the options of the others lie |
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
