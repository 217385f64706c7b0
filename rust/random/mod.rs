//! Random numbers: streams of them, and draws from distributions.
//!
//! | file | what it holds |
//! |---|---|
//! | `stream.rs` | the streams, each named by a seed, a source and a replicate |
//! | `binomial.rs` | binomial draws |
//! | `multinomial.rs`, `candidates.rs` | multinomial draws in many replicates side by side |

mod binomial;
mod candidates;
mod multinomial;
mod stream;

pub(crate) use multinomial::multinomials;
pub(crate) use stream::each_below;
pub use stream::{Source, Stream, mix};
