//! The machine that the work runs on.
//!
//! | file | what it holds |
//! |---|---|
//! | `isa.rs` | instruction sets, and kernels compiled once for each |
//! | `logarithm.rs` | a logarithm for kernels |
//! | `aligned.rs` | numbers that begin at a cache line |
//! | `executor.rs` | threads that take tasks in order, and stop when asked |
//! | `watch.rs` | interruption within long work |
//! | `memory.rs` | the guard in front of large allocations |
//! | `fault.rs` | panics as errors |

mod aligned;
mod executor;
mod fault;
pub(crate) mod isa;
mod logarithm;
mod memory;
mod watch;

pub(crate) use aligned::Aligned;
pub use executor::Executor;
pub(crate) use executor::locked;
pub use fault::{contained, keep_panics};
pub use isa::Isa;
pub(crate) use isa::{Level, multiversion};
pub(crate) use logarithm::log2;
pub use memory::check_room;
pub(crate) use memory::{filled, reserved};
pub use watch::Watch;
