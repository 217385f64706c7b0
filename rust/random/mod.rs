//! Random numbers: streams of them, and draws from distributions.
//!
//! | file | what it holds |
//! |---|---|
//! | `stream.rs` | the streams, each named by a seed, a source and a replicate |
//! | `binomial.rs` | binomial and multinomial draws |

mod binomial;
mod stream;

pub(crate) use binomial::multinomial;
pub(crate) use stream::each_below;
pub use stream::{Source, Stream, mix};
