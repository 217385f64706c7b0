//! From replicates to intervals.
//!
//! Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 12 to 14; quantiles
//! interpolate linearly between order statistics, as NumPy's and SciPy's do.

use crate::error::Error;
use crate::isa::{Isa, multiversion};
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
    pub fn interval(
        &self,
        isa: Isa,
        estimate: f64,
        acceleration: f64,
        replicates: &mut [f64],
    ) -> Interval {
        let mut found = survey(isa, replicates, estimate);
        let mut replicates = replicates;
        if found.sum.is_nan() {
            replicates = partition(replicates, |x| !x.is_nan());
            found = survey(isa, replicates, estimate);
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
        let (low, high) = quantiles(replicates, lower, upper, &moments);
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

    /// The studentised interval: `deviations` of the replicates from the estimate, each with
    /// its own standard error, and the estimate's standard error.
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
            // Values that do not vary: nothing to divide by, and nothing uncertain.
            return Interval {
                low: estimate,
                high: estimate,
                std_error: 0.0,
            };
        }
        let mut ratios: Vec<f64> = deviations.iter().zip(errors).map(|(d, e)| d / e).collect();
        // A replicate that drew one value alone has no standard error and no ratio.
        let ratios = partition(&mut ratios, f64::is_finite);
        let drawn = partition(deviations, |d| !d.is_nan());
        if ratios.len() < 2 || drawn.len() < 2 {
            return Interval::NONE;
        }
        let tail = 0.5 - 0.5 * self.confidence;
        let moments = Moments::new(isa, ratios, survey(isa, ratios, 0.0).sum);
        let (low, high) = quantiles(ratios, tail, 1.0 - tail, &moments);
        let std_error = Moments::new(isa, drawn, survey(isa, drawn, 0.0).sum).deviation;
        Interval {
            low: estimate - high * own_error,
            high: estimate - low * own_error,
            std_error,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    fn corrected_tails(&self, found: &Survey, acceleration: f64, n: usize) -> (f64, f64) {
        let bias = normal::quantile((found.below + 0.5 * found.equal) / n as f64);
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

/// What one pass over replicates finds.
#[derive(Clone, Copy, Debug)]
struct Survey {
    sum: f64,
    /// How many lie below the estimate.
    below: f64,
    /// How many equal it.
    equal: f64,
}

/// Partial sums that are kept side by side; their order is part of every result.
const STRIDE: usize = 16;

multiversion! {
    fn survey(values: &[f64], estimate: f64) -> Survey = survey_strided;
}

#[inline(always)]
fn survey_strided(values: &[f64], estimate: f64) -> Survey {
    let (mut sum, mut below, mut equal) = ([0.0; STRIDE], [0.0; STRIDE], [0.0; STRIDE]);
    let (strides, rest) = values.as_chunks::<STRIDE>();
    for stride in strides {
        for l in 0..STRIDE {
            sum[l] += stride[l];
            below[l] += if stride[l] < estimate { 1.0 } else { 0.0 };
            equal[l] += if stride[l] == estimate { 1.0 } else { 0.0 };
        }
    }
    for (l, &value) in rest.iter().enumerate() {
        sum[l] += value;
        below[l] += if value < estimate { 1.0 } else { 0.0 };
        equal[l] += if value == estimate { 1.0 } else { 0.0 };
    }
    Survey {
        sum: sum.iter().sum(),
        below: below.iter().sum(),
        equal: equal.iter().sum(),
    }
}

multiversion! {
    /// Σ (x − mean)².
    fn squares(values: &[f64], mean: f64) -> f64 = squares_strided;
}

#[inline(always)]
fn squares_strided(values: &[f64], mean: f64) -> f64 {
    let mut sum = [0.0; STRIDE];
    let (strides, rest) = values.as_chunks::<STRIDE>();
    for stride in strides {
        for l in 0..STRIDE {
            sum[l] += (stride[l] - mean) * (stride[l] - mean);
        }
    }
    for (l, &value) in rest.iter().enumerate() {
        sum[l] += (value - mean) * (value - mean);
    }
    sum.iter().sum()
}

/// Mean and standard deviation of replicates.
#[derive(Clone, Copy, Debug)]
struct Moments {
    mean: f64,
    deviation: f64,
}

impl Moments {
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    fn new(isa: Isa, values: &[f64], sum: f64) -> Self {
        let n = values.len() as f64;
        let mean = sum / n;
        Self {
            mean,
            deviation: (squares(isa, values, mean) / (n - 1.0)).sqrt(),
        }
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
///
/// Replicates are nearly normal, so the values beyond a bound some way inside each quantile are
/// few; they are set aside in one pass and only they are searched. Should the bound turn out too
/// far outside, all values are searched.
fn quantiles(values: &mut [f64], lower: f64, upper: f64, moments: &Moments) -> (f64, f64) {
    if lower > upper {
        let (high, low) = quantiles(values, upper, lower, moments);
        return (low, high);
    }
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    let last = (values.len() - 1) as f64;
    if values.len() >= TAILS_FROM && lower < TAIL && upper > 1.0 - TAIL {
        let bound = |p: f64| moments.mean + moments.deviation * normal::quantile(1.5 * p + 0.02);
        let below = bound(lower);
        let above = 2.0 * moments.mean - bound(1.0 - upper);
        let (mut small, mut large) = tails(values, below, above);
        let low = order_statistic_within(&mut small, lower * last);
        let high = order_statistic_within(&mut large, (1.0 - upper) * last);
        if let (Some(low), Some(high)) = (low, high) {
            return (low, -high);
        }
    }
    let (first, low) = order_statistic(values, lower * last);
    let rest = &mut values[first..];
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    let (_, high) = order_statistic(rest, upper * last - first as f64);
    (low, high)
}

/// Fewer values than this are searched as they are.
const TAILS_FROM: usize = 200;

/// Quantiles further in than this are searched among all values.
const TAIL: f64 = 0.2;

/// The values below one bound, and those above another with their signs turned.
fn tails(values: &[f64], below: f64, above: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut small, mut large) = (vec![0.0; values.len() + 1], vec![0.0; values.len() + 1]);
    let (mut n_small, mut n_large) = (0, 0);
    for &value in values {
        // Written always and kept sometimes: a branch would be mispredicted.
        small[n_small] = value;
        n_small += usize::from(value < below);
        large[n_large] = -value;
        n_large += usize::from(value > above);
    }
    small.truncate(n_small);
    large.truncate(n_large);
    (small, large)
}

/// The value at a place from the low end, if both its neighbours are among the values.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
fn order_statistic_within(values: &mut [f64], place: f64) -> Option<f64> {
    (place + 2.0 <= values.len() as f64).then(|| order_statistic(values, place).1)
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
