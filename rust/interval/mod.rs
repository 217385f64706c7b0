//! Standard errors and intervals of group means.
//!
//! | file | what it holds |
//! |---|---|
//! | `recipe.rs` | intervals from replicates, by five methods |
//! | `quantile.rs` | moments and quantiles of replicates |
//! | `normal.rs` | the standard normal distribution |
//! | `items.rs` | intervals of group means when items are resampled |
//! | `delta.rs` | standard errors by the delta method, without replicates |

mod delta;
mod items;
mod normal;
mod quantile;
mod recipe;

pub use delta::delta_errors;
pub use items::item_intervals;
pub use normal::normal_quantile;
pub use recipe::{Interval, Method, Recipe};
