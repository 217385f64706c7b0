//! Intervals from replicates, by five methods.
//!
//! After Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 12 to 14. Quantiles
//! interpolate linearly between order statistics, as NumPy's and SciPy's do.

use super::normal;
use super::quantile::{Moments, Overview, overview, partition, powers, quantiles};
use crate::error::Error;
use crate::machine::{Isa, multiversion};

/// A replicate counts with at least this share of the estimate's own standard error.
const LEAST_ERROR: f64 = 0.25;

/// How an interval is made from replicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Quantiles of the replicates.
    Percentile,
    /// Quantiles of the replicates, mirrored at the estimate.
    Basic,
    /// Quantiles shifted by the median bias of the replicates.
    BiasCorrected,
    /// Bias-corrected and accelerated.
    Bca,
    /// Quantiles of replicates divided by their own standard errors.
    Studentized,
}

impl Method {
    /// Every method with its public name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("percentile", Self::Percentile),
        ("basic", Self::Basic),
        ("bias_corrected", Self::BiasCorrected),
        ("bca", Self::Bca),
        ("studentized", Self::Studentized),
    ];

    /// Finds the method of that name.
    ///
    /// # Errors
    /// No method has that name; the message lists the methods.
    pub fn named(name: &str) -> Result<Self, Error> {
        match Self::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, method)) => Ok(*method),
            None => Err(Error::argument(format!(
                "method {name:?} is not one of {}",
                Self::ALL.map(|(known, _)| known).join(", ")
            ))),
        }
    }
}

/// An interval and its standard error; NaN if there are too few replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Standard deviation of the replicates.
    pub std_error: f64,
}

impl Interval {
    /// No interval.
    pub const NONE: Self = Self {
        low: f64::NAN,
        high: f64::NAN,
        std_error: f64::NAN,
    };
}

/// A method with its confidence.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// How intervals are made.
    pub method: Method,
    /// The share of the distribution that the interval covers.
    pub confidence: f64,
    /// Φ⁻¹ of the lower tail.
    z_low: f64,
}

impl Recipe {
    /// Makes a recipe of a method and a confidence.
    ///
    /// # Errors
    /// The confidence does not lie strictly between 0 and 1.
    pub fn new(method: Method, confidence: f64) -> Result<Self, Error> {
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(Error::argument(format!(
                "confidence {confidence} does not lie between 0 and 1: give 0.95 for 95 %"
            )));
        }
        Ok(Self {
            method,
            confidence,
            z_low: normal::normal_quantile(0.5 - 0.5 * confidence),
        })
    }

    /// Computes the interval around an estimate from its replicates; reorders the replicates.
    ///
    /// `acceleration` is one sixth of the estimate's skewness; only [`Method::Bca`] uses it.
    /// NaN replicates drew nothing and are left out.
    #[must_use]
    pub fn interval(
        &self,
        isa: Isa,
        estimate: f64,
        acceleration: f64,
        replicates: &mut [f64],
    ) -> Interval {
        let mut found = overview(isa, replicates, estimate);
        let mut replicates = replicates;
        if found.sum.is_nan() {
            replicates = partition(replicates, |x| !x.is_nan());
            found = overview(isa, replicates, estimate);
        }
        if replicates.len() < 2 || estimate.is_nan() {
            return Interval::NONE;
        }
        let moments = Moments::new(isa, replicates, found.sum);
        let tail = 0.5 - 0.5 * self.confidence;
        let (lower, upper) = match self.method {
            Method::BiasCorrected => self.corrected_tails(&found, 0.0, replicates.len()),
            Method::Bca => self.corrected_tails(&found, acceleration, replicates.len()),
            Method::Percentile | Method::Basic | Method::Studentized => (tail, 1.0 - tail),
        };
        let (low, high) = quantiles(isa, replicates, lower, upper, &moments);
        let (low, high) = match self.method {
            Method::Basic => (2.0 * estimate - high, 2.0 * estimate - low),
            _ => (low, high),
        };
        Interval {
            low,
            high,
            std_error: moments.deviation,
        }
    }

    /// Computes the studentised interval around an estimate from the `deviations` of its replicates,
    /// each with its own standard error, and from the standard error of the estimate itself.
    #[must_use]
    pub fn studentized(
        &self,
        isa: Isa,
        estimate: f64,
        own_error: f64,
        deviations: &mut [f64],
        errors: &[f64],
    ) -> Interval {
        if own_error == 0.0 {
            // The values do not vary, so there is no uncertainty.
            return Interval {
                low: estimate,
                high: estimate,
                std_error: 0.0,
            };
        }
        // A replicate that drew one item many times has hardly any standard error of its own; of few
        // items with heavy tails, such replicates would make the interval several times as long.
        let least = LEAST_ERROR * own_error;
        let mut ratios = vec![0.0; errors.len()];
        divide(isa, deviations, errors, least, &mut ratios);
        let (ratios, sum) = summed(isa, &mut ratios, f64::is_finite);
        let (drawn, sum_drawn) = summed(isa, deviations, |d| !d.is_nan());
        if ratios.len() < 2 || drawn.len() < 2 {
            return Interval::NONE;
        }
        let tail = 0.5 - 0.5 * self.confidence;
        let moments = Moments::new(isa, ratios, sum);
        let (low, high) = quantiles(isa, ratios, tail, 1.0 - tail, &moments);
        let std_error = Moments::new(isa, drawn, sum_drawn).deviation;
        Interval {
            low: estimate - high * own_error,
            high: estimate - low * own_error,
            std_error,
        }
    }

    /// Computes the two tails that correct for bias and acceleration.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    fn corrected_tails(&self, found: &Overview, acceleration: f64, n: usize) -> (f64, f64) {
        let bias = normal::normal_quantile((found.below + 0.5 * found.equal) / n as f64);
        let tail = |z: f64| {
            let shifted = bias + z;
            normal::cdf(bias + shifted / (1.0 - acceleration * shifted))
        };
        (tail(self.z_low), tail(-self.z_low))
    }
}

/// Adds up the values that are wanted, and moves them to the front unless all are.
fn summed(isa: Isa, values: &mut [f64], wanted: impl Fn(f64) -> bool) -> (&mut [f64], f64) {
    let sum = overview(isa, values, 0.0).sum;
    if sum.is_finite() {
        return (values, sum);
    }
    let values = partition(values, wanted);
    let sum = overview(isa, values, 0.0).sum;
    (values, sum)
}

multiversion! {
    /// Divides deviations by errors, or by the least error if they are smaller.
    fn divide(deviations: &[f64], errors: &[f64], least: f64, out: &mut [f64]) = divide_body;
}

#[inline(always)]
fn divide_body(deviations: &[f64], errors: &[f64], least: f64, out: &mut [f64]) {
    for ((deviation, error), out) in deviations.iter().zip(errors).zip(out) {
        *out = deviation / error.max(least);
    }
}

/// Computes the acceleration, one sixth of the skewness of an estimate, from its jackknife values;
/// 0 if these do not vary.
pub(super) fn acceleration(isa: Isa, left_out: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 units")]
    let mean = overview(isa, left_out, 0.0).sum / left_out.len() as f64;
    let (squares, cubes) = powers(isa, left_out, mean);
    if squares > 0.0 {
        -cubes / (6.0 * squares * squares.sqrt())
    } else {
        0.0
    }
}
