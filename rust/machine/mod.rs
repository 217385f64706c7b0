//! The machine that the work runs on.
//!
//! | file | what it holds |
//! |---|---|
//! | `isa.rs` | instruction sets, and kernels compiled once for each |
//! | `aligned.rs` | numbers that begin at a cache line |
//! | `executor.rs` | threads that take tasks in order, and stop when asked |

mod aligned;
mod executor;
pub(crate) mod isa;

pub(crate) use aligned::Aligned;
pub use executor::Executor;
pub use isa::Isa;
pub(crate) use isa::{Level, multiversion};
