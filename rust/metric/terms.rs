//! The term of one option in sums of roots or logarithms.

use super::log2::log2;

/// Below this |t| a power series in t replaces the logarithms of log₂(1+t) − log₂(1−t).
const ODD_SERIES_BELOW: f64 = 0.09;

/// Below this |t| a power series replaces the logarithms of f, which cancel already at larger |t|.
const EVEN_SERIES_BELOW: f64 = 0.2;

/// Computes one option's part of 2 · (Hellinger distance)².
#[inline(always)]
pub(super) fn hellinger_term(p: f64, q: f64) -> f64 {
    let difference = p.sqrt() - q.sqrt();
    difference * difference
}

/// Computes one option's part of the difference of entropies, in bits.
#[inline(always)]
pub(super) fn entropy_term(p: f64, q: f64) -> f64 {
    q * log2(q) - p * log2(p)
}

/// Computes one option's part of the Jensen–Shannon and of the Kullback–Leibler divergence.
///
/// With t = (p − q)/(p + q) and m = (p + q)/2, the first is m · f(t), where
/// f = ½[(1+t) log₂(1+t) + (1−t) log₂(1−t)] ≥ 0: nothing cancels between options. The second is
/// p log₂(p/q), where log₂(p/q) = log₂(1+t) − log₂(1−t).
#[inline(always)]
pub(super) fn divergence_terms(p: f64, q: f64) -> (f64, f64) {
    let sum = p + q;
    let scale = 1.0 / sum.max(f64::MIN_POSITIVE);
    let t = (p - q) * scale;
    let (above, below) = (2.0 * p * scale, 2.0 * q * scale);
    let (log_above, log_below) = (log2(above), log2(below));
    let z = t * t;
    let shannon = if t.abs() < EVEN_SERIES_BELOW {
        even_series(z)
    } else {
        0.5 * (above * log_above + below * log_below)
    };
    let ratio = if t.abs() < ODD_SERIES_BELOW {
        2.0 * t * odd_series(z)
    } else {
        log_above - log_below
    };
    let ratio = if q == 0.0 && p > 0.0 {
        f64::INFINITY
    } else {
        ratio
    };
    let leibler = if p == 0.0 { 0.0 } else { p * ratio };
    (0.5 * sum * shannon, leibler)
}

/// Computes f(t) = log₂e · (z/2 + z²/12 + z³/30 + …), z = t².
#[inline(always)]
fn even_series(z: f64) -> f64 {
    // The n-th term is zⁿ / (2n (2n − 1)).
    const FACTORS: [f64; 11] = [
        1.0 / 462.0,
        1.0 / 380.0,
        1.0 / 306.0,
        1.0 / 240.0,
        1.0 / 182.0,
        1.0 / 132.0,
        1.0 / 90.0,
        1.0 / 56.0,
        1.0 / 30.0,
        1.0 / 12.0,
        1.0 / 2.0,
    ];
    let mut sum = 0.0;
    for factor in FACTORS {
        sum = (sum + factor) * z;
    }
    sum * std::f64::consts::LOG2_E
}

/// Computes log₂e · atanh(t)/t = log₂e · (1 + z/3 + z²/5 + …), z = t².
#[inline(always)]
fn odd_series(z: f64) -> f64 {
    let tail = 1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0)));
    (1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * tail))) * std::f64::consts::LOG2_E
}
