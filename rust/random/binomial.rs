//! Exact binomial draws.
//!
//! Inversion if the mean is small; otherwise Hörmann's transformed rejection with squeeze (BTRS;
//! The generation of binomial random variates, 1993). Logarithms come from `libm`, so a draw does
//! not depend on the machine's mathematics library.

use super::stream::Stream;

/// Below this mean, inversion is faster than rejection.
pub(super) const INVERSION_BELOW: f64 = 10.0;

/// Draws from the binomial distribution of `n` trials with probability `p`.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples have far fewer than 2^52 members"
)]
pub(super) fn binomial(stream: &mut Stream, n: u64, p: f64) -> u64 {
    if n == 0 || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    if p > 0.5 {
        return n - binomial(stream, n, 1.0 - p);
    }
    if n as f64 * p < INVERSION_BELOW {
        invert(stream, n, p)
    } else {
        reject(stream, n as f64, p)
    }
}

/// Draws by inversion of the distribution function.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples have far fewer than 2^52 members"
)]
fn invert(stream: &mut Stream, n: u64, p: f64) -> u64 {
    let odds = p / (1.0 - p);
    let mut probability = power(1.0 - p, n);
    let mut rest = stream.uniform();
    for k in 0..n {
        if rest <= probability {
            return k;
        }
        rest -= probability;
        probability *= odds * (n - k) as f64 / (k + 1) as f64;
    }
    n
}

/// Raises x to the power of n by multiplications, which give the same result on every machine.
fn power(mut x: f64, mut n: u64) -> f64 {
    let mut out = 1.0;
    while n > 0 {
        if n & 1 == 1 {
            out *= x;
        }
        x *= x;
        n >>= 1;
    }
    out
}

/// Draws by transformed rejection.
fn reject(stream: &mut Stream, n: f64, p: f64) -> u64 {
    loop {
        let (u, v) = (stream.uniform(), stream.uniform());
        if let Some(k) = accepted(n, p, u, v) {
            return k;
        }
    }
}

/// Makes a candidate from two uniform numbers; None if it is rejected.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an accepted candidate lies between 0 and n"
)]
pub(super) fn accepted(n: f64, p: f64, u: f64, v: f64) -> Option<u64> {
    let spread = (n * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let centre = n * p + 0.5;
    let squeeze = 0.92 - 4.2 / b;
    let u = u - 0.5;
    let edge = 0.5 - u.abs();
    let k = floor((2.0 * a / edge + b) * u + centre);
    if edge >= 0.07 && v <= squeeze {
        return Some(k as u64);
    }
    if k < 0.0 || k > n {
        return None;
    }
    let alpha = (2.83 + 5.1 / b) * spread;
    let found = libm::log(v * alpha / (a / (edge * edge) + b)) <= log_ratio(n, p, k);
    found.then_some(k as u64)
}

/// Rounds down to a whole number; in a build for every machine, `f64::floor` is a function call.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "candidates are far smaller than 2^52"
)]
fn floor(x: f64) -> f64 {
    let whole = x as i64 as f64;
    if whole > x { whole - 1.0 } else { whole }
}

/// Computes ln of the probability of k over that of the mode.
#[cold]
fn log_ratio(n: f64, p: f64, k: f64) -> f64 {
    let odds = p / (1.0 - p);
    let mode = floor((n + 1.0) * p);
    (mode + 0.5) * libm::log((mode + 1.0) / (odds * (n - mode + 1.0)))
        + (n + 1.0) * libm::log((n - mode + 1.0) / (n - k + 1.0))
        + (k + 0.5) * libm::log(odds * (n - k + 1.0) / (k + 1.0))
        + stirling_rest(mode)
        + stirling_rest(n - mode)
        - stirling_rest(k)
        - stirling_rest(n - k)
}

/// Computes ln k! minus Stirling's approximation, (k + ½) ln(k + 1) − (k + 1) + ½ ln 2π.
fn stirling_rest(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_09,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 0 on"
    )]
    if let Some(&rest) = SMALL.get(k as usize) {
        return rest;
    }
    let x = k + 1.0;
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / x
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "counts here are far below 2^31"
)]
mod tests {
    use super::*;
    use crate::random::stream::Source;

    fn moments(n: u64, p: f64) -> (f64, f64) {
        let mut stream = Stream::new(1, Source::Items, 0);
        let draws: Vec<f64> = (0..200_000)
            .map(|_| binomial(&mut stream, n, p) as f64)
            .collect();
        let mean = draws.iter().sum::<f64>() / 200_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 200_000.0;
        (mean, variance)
    }

    #[test]
    fn moments_are_those_of_the_distribution() {
        for (n, p) in [
            (20, 0.1),
            (1500, 0.3),
            (1500, 0.8),
            (40, 0.5),
            (100_000, 1e-5),
        ] {
            let (mean, variance) = moments(n, p);
            let n = n as f64;
            let expected = n * p * (1.0 - p);
            assert!(
                (mean - n * p).abs() < 5.0 * (expected / 200_000.0).sqrt(),
                "{n} {p}"
            );
            assert!((variance / expected - 1.0).abs() < 0.03, "{n} {p}");
        }
    }

    /// Pearson's statistic over the whole distribution, for a mean on either side of the switch.
    #[test]
    fn frequencies_are_those_of_the_distribution() {
        for (n, p) in [(60_u64, 0.15), (60, 0.3)] {
            let draws = 300_000;
            let mut stream = Stream::new(2, Source::Items, 0);
            let mut seen = vec![0.0; n as usize + 1];
            for _ in 0..draws {
                seen[binomial(&mut stream, n, p) as usize] += 1.0;
            }
            let mut probability = (1.0 - p).powi(n as i32);
            let (mut statistic, mut cells) = (0.0, 0);
            for (k, &count) in seen.iter().enumerate() {
                let expected = probability * f64::from(draws);
                if expected > 10.0 {
                    statistic += (count - expected).powi(2) / expected;
                    cells += 1;
                }
                probability *= p / (1.0 - p) * (n as f64 - k as f64) / (k as f64 + 1.0);
            }
            let limit = f64::from(cells) + 4.0 * (2.0 * f64::from(cells)).sqrt();
            assert!(statistic < limit, "{statistic} over {cells} cells");
        }
    }
}
