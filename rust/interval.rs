//! From replicates to intervals.
//!
//! Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 12 to 14; quantiles
//! interpolate linearly between order statistics, as NumPy's and SciPy's do.

use crate::error::Error;
use crate::normal;

/// How an interval is made from replicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Quantiles of the replicates.
    Percentile,
    /// The same, mirrored at the estimate.
    Basic,
    /// Quantiles shifted by the median bias of the replicates.
    BiasCorrected,
    /// Bias-corrected and accelerated.
    Bca,
    /// Quantiles of replicates divided by their own standard errors.
    Studentized,
}

impl Method {
    /// Every method with the name by which users ask for it.
    pub const ALL: [(&'static str, Self); 5] = [
        ("percentile", Self::Percentile),
        ("basic", Self::Basic),
        ("bias_corrected", Self::BiasCorrected),
        ("bca", Self::Bca),
        ("studentized", Self::Studentized),
    ];

    /// The method of that name.
    ///
    /// # Errors
    /// There is none; the message lists those there are.
    pub fn named(name: &str) -> Result<Self, Error> {
        match Self::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, method)) => Ok(*method),
            None => Err(Error::argument(format!(
                "method {name:?} is none of {}",
                Self::ALL.map(|(known, _)| known).join(", ")
            ))),
        }
    }
}

/// An interval and the standard error behind it; NaN where there are too few replicates.
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

/// What an interval is made from.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// How.
    pub method: Method,
    /// The share of the distribution that the interval covers.
    pub confidence: f64,
    /// Φ⁻¹ of the lower tail.
    z_low: f64,
}

impl Recipe {
    /// A method with its confidence.
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
            z_low: normal::quantile(0.5 - 0.5 * confidence),
        })
    }

    /// The interval around an estimate, from replicates that may be reordered.
    ///
    /// `acceleration` is that of [`acceleration`]; only [`Method::Bca`] uses it. Replicates
    /// that are NaN drew nothing and are left out.
    #[must_use]
    pub fn interval(&self, estimate: f64, acceleration: f64, replicates: &mut [f64]) -> Interval {
        let replicates = without_nan(replicates);
        if replicates.len() < 2 || estimate.is_nan() {
            return Interval::NONE;
        }
        let std_error = std_error(replicates);
        let tail = 0.5 - 0.5 * self.confidence;
        let (lower, upper) = match self.method {
            Method::BiasCorrected => self.corrected_tails(estimate, 0.0, replicates),
            Method::Bca => self.corrected_tails(estimate, acceleration, replicates),
            Method::Percentile | Method::Basic | Method::Studentized => (tail, 1.0 - tail),
        };
        let (low, high) = quantiles(replicates, lower, upper);
        let (low, high) = match self.method {
            Method::Basic => (2.0 * estimate - high, 2.0 * estimate - low),
            _ => (low, high),
        };
        Interval {
            low,
            high,
            std_error,
        }
    }

    /// The studentised interval: `deviations` of the replicates from the estimate, each with
    /// its own standard error, and the estimate's standard error.
    #[must_use]
    pub fn studentized(
        &self,
        estimate: f64,
        own_error: f64,
        deviations: &[f64],
        errors: &[f64],
    ) -> Interval {
        let mut ratios: Vec<f64> = deviations.iter().zip(errors).map(|(d, e)| d / e).collect();
        // A replicate that drew one value alone has no standard error and no ratio.
        let finite = partition(&mut ratios, f64::is_finite);
        let mut drawn = deviations.to_vec();
        let drawn = without_nan(&mut drawn);
        if finite.len() < 2 || drawn.len() < 2 {
            return Interval::NONE;
        }
        let tail = 0.5 - 0.5 * self.confidence;
        let (low, high) = quantiles(finite, tail, 1.0 - tail);
        Interval {
            low: estimate - high * own_error,
            high: estimate - low * own_error,
            std_error: std_error(drawn),
        }
    }

    fn corrected_tails(&self, estimate: f64, acceleration: f64, replicates: &[f64]) -> (f64, f64) {
        let bias = normal::quantile(share_below(replicates, estimate));
        let tail = |z: f64| {
            let shifted = bias + z;
            normal::cdf(bias + shifted / (1.0 - acceleration * shifted))
        };
        (tail(self.z_low), tail(-self.z_low))
    }
}

/// One sixth of the skewness of an estimate, from its values with each unit left out.
///
/// 0 where the values do not vary.
#[must_use]
pub fn acceleration(left_out: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 units")]
    let mean = left_out.iter().sum::<f64>() / left_out.len() as f64;
    let (mut squares, mut cubes) = (0.0, 0.0);
    for value in left_out {
        let d = mean - value;
        squares += d * d;
        cubes += d * d * d;
    }
    if squares > 0.0 {
        cubes / (6.0 * squares * squares.sqrt())
    } else {
        0.0
    }
}

/// The share of values below `bound`, ties counted half.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
fn share_below(values: &[f64], bound: f64) -> f64 {
    let (mut below, mut equal) = (0_u32, 0_u32);
    for &value in values {
        below += u32::from(value < bound);
        equal += u32::from(value == bound);
    }
    (f64::from(below) + 0.5 * f64::from(equal)) / values.len() as f64
}

#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
fn std_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (squares / (n - 1.0)).sqrt()
}

fn without_nan(values: &mut [f64]) -> &mut [f64] {
    if values.iter().any(|x| x.is_nan()) {
        partition(values, |x| !x.is_nan())
    } else {
        values
    }
}

/// Moves the values that are wanted to the front, in their order, and returns them.
fn partition(values: &mut [f64], wanted: impl Fn(f64) -> bool) -> &mut [f64] {
    let mut kept = 0;
    for i in 0..values.len() {
        if wanted(values[i]) {
            values.swap(kept, i);
            kept += 1;
        }
    }
    &mut values[..kept]
}

/// Two quantiles, the lower first.
fn quantiles(values: &mut [f64], lower: f64, upper: f64) -> (f64, f64) {
    if lower > upper {
        let (high, low) = quantiles(values, upper, lower);
        return (low, high);
    }
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    let last = (values.len() - 1) as f64;
    let (first, low) = order_statistic(values, lower * last);
    let rest = &mut values[first..];
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    let (_, high) = order_statistic(rest, upper * last - first as f64);
    (low, high)
}

/// The value at a place between order statistics, and the lower of the two ranks. Values of
/// lower rank end up before it.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place among the values"
)]
fn order_statistic(values: &mut [f64], place: f64) -> (usize, f64) {
    let rank = (place as usize).min(values.len() - 1);
    let (_, &mut low, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let fraction = place - rank as f64;
    if above.is_empty() || fraction <= 0.0 {
        return (rank, low);
    }
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    (rank, low + fraction * (high - low))
}
