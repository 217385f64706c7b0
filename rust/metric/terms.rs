//! The term of one option in sums of roots or logarithms.

use crate::machine::log2;

/// Below this |t| a power series in t replaces the logarithms of log₂(1+t) − log₂(1−t).
const ODD_SERIES_BELOW: f64 = 0.09;

/// Below this |t| a power series replaces the logarithms of f, which cancel already at larger |t|.
const EVEN_SERIES_BELOW: f64 = 0.2;

/// Numbers for each option that [`divergence_terms`] needs room for.
pub(super) const ROOM: usize = 5;

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

/// Computes the parts of `N` options in the Jensen–Shannon and the Kullback–Leibler divergence.
///
/// With t = (p − q)/(p + q) and m = (p + q)/2, the first is m · f(t), where
/// f = ½[(1+t) log₂(1+t) + (1−t) log₂(1−t)] ≥ 0: nothing cancels between options. The second is
/// p log₂(p/q), where log₂(p/q) = log₂(1+t) − log₂(1−t).
///
/// Each step is a loop of its own: a processor looks ahead over a few hundred instructions, so in
/// one long loop it would wait for the division, the logarithm and the series of each option in
/// turn. Roots, if they are wanted too, keep another part of it busy than the series beside them.
/// `room` is [`ROOM`] numbers for each option.
#[inline(always)]
pub(super) fn divergence_terms<const HELLINGER: bool>(
    (p, q): (&[f64], &[f64]),
    room: &mut [f64],
    shannon: &mut [f64],
    leibler: &mut [f64],
    hellinger: &mut [f64],
) {
    let n = p.len();
    let hellinger = if HELLINGER {
        &mut hellinger[..n]
    } else {
        hellinger
    };
    let (q, shannon, leibler) = (&q[..n], &mut shannon[..n], &mut leibler[..n]);
    let (t, room) = room.split_at_mut(n);
    let (above, room) = room.split_at_mut(n);
    let (below, room) = room.split_at_mut(n);
    let (log_above, room) = room.split_at_mut(n);
    let log_below = &mut room[..n];
    for i in 0..n {
        let scale = 1.0 / (p[i] + q[i]).max(f64::MIN_POSITIVE);
        t[i] = (p[i] - q[i]) * scale;
        above[i] = 2.0 * p[i] * scale;
        below[i] = 2.0 * q[i] * scale;
    }
    for i in 0..n {
        log_above[i] = log2(above[i]);
    }
    for i in 0..n {
        log_below[i] = log2(below[i]);
    }
    for i in 0..n {
        let far = 0.5 * (above[i] * log_above[i] + below[i] * log_below[i]);
        let near = even_series(t[i] * t[i]);
        let f = if t[i].abs() < EVEN_SERIES_BELOW {
            near
        } else {
            far
        };
        shannon[i] = 0.5 * (p[i] + q[i]) * f;
        if HELLINGER {
            hellinger[i] = hellinger_term(p[i], q[i]);
        }
    }
    for i in 0..n {
        let far = log_above[i] - log_below[i];
        let near = 2.0 * t[i] * odd_series(t[i] * t[i]);
        let ratio = if t[i].abs() < ODD_SERIES_BELOW {
            near
        } else {
            far
        };
        let lost = q[i] == 0.0 && p[i] > 0.0;
        let ratio = if lost { f64::INFINITY } else { ratio };
        leibler[i] = if p[i] == 0.0 { 0.0 } else { p[i] * ratio };
    }
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
    let mut sum = 0.0_f64;
    for factor in FACTORS {
        sum = sum.mul_add(z, factor);
    }
    sum * z * std::f64::consts::LOG2_E
}

/// Computes log₂e · atanh(t)/t = log₂e · (1 + z/3 + z²/5 + …), z = t².
#[inline(always)]
fn odd_series(z: f64) -> f64 {
    let sum = f64::mul_add(1.0 / 13.0, z, 1.0 / 11.0)
        .mul_add(z, 1.0 / 9.0)
        .mul_add(z, 1.0 / 7.0)
        .mul_add(z, 1.0 / 5.0)
        .mul_add(z, 1.0 / 3.0);
    sum.mul_add(z, 1.0) * std::f64::consts::LOG2_E
}
