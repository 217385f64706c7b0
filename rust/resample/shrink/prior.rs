//! How far true differences may lie from zero: scales, and mixtures of them.
//!
//! The true difference of a step is normal around 0. Its variance is one of some levels: 0, or a
//! multiple of the lowest. A mixture gives each level a weight: a share of zeros, and a bump over
//! the logarithms of the levels that is normal on either side of its mode, with a spread of its own
//! on each side. (Stephens, 2017, False discovery rates: a new deal, fits such mixtures by
//! likelihood; here each mixture has a prior weight, so that what cannot be known stays open.)

/// Levels, the zero among them.
pub(super) const LEVELS: usize = 23;

/// The lowest level above zero, as a share of the mean variance of the noise.
const LOWEST: f64 = 0.03;

/// The ratio between neighbouring levels; larger where the levels would not reach the largest
/// difference.
const RATIO: f64 = 2.0;

/// Spreads of the logarithms on the left of the mode, and the prior weight of each.
const LEFT: [(f64, f64); 3] = [(0.4, 4.0), (2.0, 2.0), (5.0, 0.5)];

/// Spreads on the right of the mode.
const RIGHT: [f64; 2] = [0.4, 1.5];

/// Shares of zeros, and the prior weight of each.
const ZEROS: [(f64, f64); 2] = [(0.0, 3.0), (0.1, 1.0)];

/// The prior weight of all differences being 0.
const ALL_EQUAL: f64 = 0.05;

/// Weights of the levels.
pub(super) type Mixture = [f64; LEVELS];

/// Finds the levels for noise of some mean variance, and differences up to a largest square.
pub(super) fn levels(noise: f64, largest: f64) -> [f64; LEVELS] {
    let lowest = LOWEST * noise;
    #[allow(clippy::cast_precision_loss, reason = "a few levels")]
    let steps = (LEVELS - 2) as f64;
    let ratio = libm::pow(4.0 * largest / lowest, 1.0 / steps).max(RATIO);
    let mut levels = [0.0; LEVELS];
    let mut next = lowest;
    for level in &mut levels[1..] {
        *level = next;
        next *= ratio;
    }
    levels
}

/// Lists the mixtures with their prior weights, which sum to 1.
#[allow(clippy::cast_precision_loss, reason = "a few levels")]
pub(super) fn mixtures() -> Vec<(f64, Mixture)> {
    let step = libm::log(RATIO);
    let mut found = Vec::new();
    for (zeros, of_zeros) in ZEROS {
        for (left, of_left) in LEFT {
            for right in RIGHT {
                for mode in 1..LEVELS {
                    let mut weights = [0.0; LEVELS];
                    for level in 1..LEVELS {
                        let away = (level as f64 - mode as f64) * step;
                        let z = away / if level < mode { left } else { right };
                        weights[level] = libm::exp(-0.5 * z * z);
                    }
                    let total: f64 = weights.iter().sum();
                    for weight in &mut weights {
                        *weight *= (1.0 - zeros) / total;
                    }
                    weights[0] = zeros;
                    found.push((of_zeros * of_left, weights));
                }
            }
        }
    }
    let total: f64 = found.iter().map(|(prior, _)| prior).sum();
    for (prior, _) in &mut found {
        *prior *= (1.0 - ALL_EQUAL) / total;
    }
    let mut equal = [0.0; LEVELS];
    equal[0] = 1.0;
    found.push((ALL_EQUAL, equal));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_priors_sum_to_one() {
        let all = mixtures();
        let priors: f64 = all.iter().map(|(prior, _)| prior).sum();
        assert!((priors - 1.0).abs() < 1e-12);
        for (_, weights) in all {
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_levels_reach_the_largest_difference() {
        for (noise, largest) in [(1e-4, 0.5), (1e-12, 1.0), (0.2, 1e-3)] {
            let levels = levels(noise, largest);
            assert!(levels[0] == 0.0 && levels[LEVELS - 1] >= largest);
            assert!(levels.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
