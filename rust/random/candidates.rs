//! Kernels of binomial draws in many replicates: candidates, and which of them are accepted.
//!
//! The formulas are those of `binomial.rs`, in the same order, so a candidate has the same bits.
//! Logarithms are others: where they don't decide beyond doubt, `binomial.rs` does.

use std::f64::consts::LN_2;

use super::stream::uniform;
use crate::machine::{log2, multiversion};

/// Replicates that are drawn together.
pub(super) const LANES: usize = 64;

/// A number for each replicate.
pub(super) type EachLane = [f64; LANES];

/// Replicates in vectors that are kept busy together.
pub(super) const GROUP: usize = 16;
pub(super) type EachPlace = [f64; GROUP];

/// Numbers below this are rounded to whole ones by adding 1.5 · 2⁵².
const WHOLE_BELOW: f64 = 2_251_799_813_685_248.0;
const TO_WHOLE: f64 = 6_755_399_441_055_744.0;

/// The rest of Stirling's approximation is a series from this number on.
const SERIES_FROM: f64 = 10.0;

/// Beyond this part of the sum of all terms, errors of logarithms don't matter: each is below 2⁻⁵⁰.
const DOUBT: f64 = 1e-14;

/// The verdicts on a candidate.
pub(super) const REJECTED: u64 = 0;
pub(super) const ACCEPTED: u64 = 1;

/// What a candidate is made from: the hat that it is drawn under.
struct Hat {
    spread: f64,
    a: f64,
    b: f64,
    edge: f64,
    /// The candidate before it is rounded down.
    found: f64,
}

impl Hat {
    #[inline(always)]
    fn new(n: f64, p: f64, u: f64) -> Self {
        let spread = (n * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * spread;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let centre = n * p + 0.5;
        let u = u - 0.5;
        let edge = 0.5 - u.abs();
        let found = (2.0 * a / edge + b) * u + centre;
        Self {
            spread,
            a,
            b,
            edge,
            found,
        }
    }
}

/// Rounds down to a whole number.
#[inline(always)]
fn floor(x: f64) -> f64 {
    let whole = (x + TO_WHOLE) - TO_WHOLE;
    if whole > x { whole - 1.0 } else { whole }
}

multiversion! {
    /// Makes uniform numbers from words and of these a candidate in each place; marks those
    /// that need a closer look.
    pub(super) fn candidates(
        p: f64,
        n: &EachPlace,
        words: &[[u64; GROUP]; 2],
        uv: &mut [EachPlace; 2],
        k: &mut EachPlace,
        doubt: &mut [u64; GROUP],
    ) = candidates_body;
}

#[inline(always)]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler vectorises it"
)]
fn candidates_body(
    p: f64,
    n: &EachPlace,
    words: &[[u64; GROUP]; 2],
    [u, v]: &mut [EachPlace; 2],
    k: &mut EachPlace,
    doubt: &mut [u64; GROUP],
) {
    for l in 0..GROUP {
        (u[l], v[l]) = (uniform(words[0][l]), uniform(words[1][l]));
        let setup = Hat::new(n[l], p, u[l]);
        let squeeze = 0.92 - 4.2 / setup.b;
        k[l] = floor(setup.found).max(0.0);
        doubt[l] = u64::from(!((setup.edge >= 0.07) & (v[l] <= squeeze)));
    }
}

multiversion! {
    /// Looks closer at candidates: [`REJECTED`], [`ACCEPTED`], or else undecided.
    pub(super) fn judge(p: f64, n: &EachPlace, uv: &[EachPlace; 2], verdict: &mut [u64; GROUP]) = judge_body;
}

#[inline(always)]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler vectorises it"
)]
fn judge_body(p: f64, n: &EachPlace, [u, v]: &[EachPlace; 2], verdict: &mut [u64; GROUP]) {
    let odds = p / (1.0 - p);
    for l in 0..GROUP {
        let n = n[l];
        let Hat {
            spread,
            a,
            b,
            edge,
            found,
        } = Hat::new(n, p, u[l]);
        let k = floor(found);
        let alpha = (2.83 + 5.1 / b) * spread;
        let height = ln(v[l] * alpha / (a / (edge * edge) + b));
        let mode = floor((n + 1.0) * p);
        let at_mode = (mode + 0.5) * ln((mode + 1.0) / (odds * (n - mode + 1.0)));
        let above = (n + 1.0) * ln((n - mode + 1.0) / (n - k + 1.0));
        let below = (k + 0.5) * ln(odds * (n - k + 1.0) / (k + 1.0));
        let rest = (stirling_rest(mode) + stirling_rest(n - mode))
            - (stirling_rest(k) + stirling_rest(n - k));
        let over = (at_mode + above + below + rest) - height;
        let doubt = DOUBT * (at_mode.abs() + above.abs() + below.abs() + height.abs() + 1.0);
        let least = k.min(n - k).min(mode).min(n - mode);
        let clear = (over.abs() > doubt) & (least >= SERIES_FROM);
        let outside = (k < 0.0) | (k > n);
        let sized = found.abs() < WHOLE_BELOW;
        let decided = if over > 0.0 { ACCEPTED } else { REJECTED };
        let decided = if clear { decided } else { ACCEPTED + 1 };
        let decided = if outside { REJECTED } else { decided };
        verdict[l] = if sized { decided } else { ACCEPTED + 1 };
    }
}

/// Computes a natural logarithm.
#[inline(always)]
fn ln(x: f64) -> f64 {
    log2(x) * LN_2
}

/// Computes ln k! minus Stirling's approximation, for k from [`SERIES_FROM`] on.
#[inline(always)]
fn stirling_rest(k: f64) -> f64 {
    let x = 1.0 / (k + 1.0);
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 * square) * square) * x
}
