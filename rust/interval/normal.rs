//! The standard normal distribution: its distribution function and its quantiles.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Computes P(Z ≤ x).
pub(super) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Finds the x with P(Z ≤ x) = p; infinite at 0 and 1.
///
/// By a rational approximation (Acklam, 2003, relative error 1e-9) and two steps of Halley's method.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let mut x = approximate(p);
    for _ in 0..2 {
        let error = cdf(x) - p;
        let step = error * (2.0 * PI).sqrt() * libm::exp(0.5 * x * x);
        x -= step / (1.0 + 0.5 * x * step);
    }
    x
}

/// Finds the same quantile within 1e-9, for 0 < p ≤ ½.
pub(super) fn approximate(p: f64) -> f64 {
    const TAIL: f64 = 0.024_25;
    if p < TAIL {
        let q = (-2.0 * libm::log(p)).sqrt();
        let top = horner(
            q,
            &[
                -7.784_894_002_430_293e-3,
                -3.223_964_580_411_365e-1,
                -2.400_758_277_161_838,
                -2.549_732_539_343_734,
                4.374_664_141_464_968,
                2.938_163_982_698_783,
            ],
        );
        let bottom = horner(
            q,
            &[
                7.784_695_709_041_462e-3,
                3.224_671_290_700_398e-1,
                2.445_134_137_142_996,
                3.754_408_661_907_416,
                1.0,
            ],
        );
        return top / bottom;
    }
    let q = p - 0.5;
    let r = q * q;
    let top = horner(
        r,
        &[
            -3.969_683_028_665_376e1,
            2.209_460_984_245_205e2,
            -2.759_285_104_469_687e2,
            1.383_577_518_672_69e2,
            -3.066_479_806_614_716e1,
            2.506_628_277_459_239,
        ],
    );
    let bottom = horner(
        r,
        &[
            -5.447_609_879_822_406e1,
            1.615_858_368_580_409e2,
            -1.556_989_798_598_866e2,
            6.680_131_188_771_972e1,
            -1.328_068_155_288_572e1,
            1.0,
        ],
    );
    q * top / bottom
}

/// Evaluates a polynomial, whose coefficients begin with the highest power.
fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |sum, &c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
        assert!((normal_quantile(1e-10) + 6.361_340_902_404_056).abs() < 1e-12);
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn quantile_undoes_cdf() {
        for step in -50..=50 {
            let x = f64::from(step) * 0.1;
            assert!((normal_quantile(cdf(x)) - x).abs() < 1e-9, "{x}");
        }
    }
}
