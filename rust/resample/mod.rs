//! Resampling, and the resulting means of groups.
//!
//! Resampled items are weights: how often each item was drawn. Resampled respondents, replies and
//! forms are new shares of the options of an item; every row is scored against them, a tile of
//! replicates at a time.
//!
//! | file | what it holds |
//! |---|---|
//! | `tile.rs` | replicates that are drawn and scored together |
//! | `weights.rs` | how often each item was drawn in each replicate |
//! | `cells.rs` | scores by group and item |
//! | `items.rs` | means of groups when items are drawn |
//! | `product.rs`, `drawn_product.rs` | kernels: scores times weights, of few groups and of many |
//! | `design.rs` | respondents drawn whole, by stratum and cluster |
//! | `answers.rs` | the answers of a sample, checked |
//! | `tally.rs`, `tally_kernels.rs` | the number of each answer in a drawn sample |
//! | `model_row.rs` | a model's shares, and their scale |
//! | `replicate.rs` | means of groups from the shares of one tile after another |
//! | `alignments.rs`, `item_steps.rs`, `alignment_kernels.rs` | the fast path for alignments |
//! | `respondents.rs` | means of groups when the respondents of a sample are drawn |
//! | `forms.rs` | the forms in which items were asked, drawn again |
//! | `counts.rs` | means of groups when only the sizes of samples are known |
//! | `shrink/` | replicates that show where the true alignment may lie |

mod alignment_kernels;
mod alignments;
mod answers;
mod cells;
mod counts;
mod design;
mod drawn_product;
mod forms;
mod item_steps;
mod items;
mod model_row;
mod product;
mod replicate;
mod respondents;
mod shrink;
mod tally;
mod tally_kernels;
mod tile;
mod weights;

pub use answers::{Answers, MISSING};
pub use cells::{Cells, Group};
pub(crate) use counts::check_sizes;
pub use counts::{CountDraws, count_replicates, count_row_means};
pub use design::Design;
pub use forms::Forms;
pub use items::item_replicates;
pub(crate) use items::{TASK_GROUPS, cell_sums, each_group, shared};
pub use respondents::{SampleDraws, ScoredModels, sample_replicates, sample_shares};
pub use weights::Weights;
