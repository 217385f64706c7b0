//! The steps of a group's rows: what was observed, and how far draws lie from it.

use super::people::People;
use crate::resample::item_steps::ItemSteps;
use crate::resample::model_row::ModelRow;
use crate::resample::replicate::Redraw;
use crate::resample::tile::TILE;

/// Up to this many standard errors under equality, half the variance is that under equality; the
/// other half is that of the draws, whose share then grows, and is all from twice as many on.
const NEAR: f64 = 2.0;

/// How much a row's own design effect counts in its variance under equality, in units of
/// share × (1 − share).
const OWN: f64 = 0.05;

/// One step of a row: a cumulative share, or the share of a nominal option.
pub(super) struct Step {
    /// The row, counted within the group.
    pub row: usize,
    /// The factor of a difference in the row's distance.
    pub factor: f64,
    /// People's share minus the model's.
    pub apart: f64,
    /// The variance of its noise; 0 if neither side varies.
    pub variance: f64,
    /// Deviations of the draws from what was observed, people's minus the model's.
    pub noise: Vec<f64>,
}

/// One side of a step: its share, and the mean square of its deviations.
#[derive(Clone, Copy)]
struct Shares {
    share: f64,
    square: f64,
}

impl Shares {
    /// Computes share × (1 − share).
    fn spread(self) -> f64 {
        (self.share * (1.0 - self.share)).max(0.0)
    }
}

/// Gathers the steps of a group, with the draws of all replicates.
pub(super) fn steps(
    rows: &[ModelRow<'_>],
    first: usize,
    people: &People<'_>,
    redraw: Option<Redraw<'_>>,
    n_resamples: usize,
) -> Vec<Step> {
    let (mut steps, mut sides) = (Vec::new(), Vec::new());
    for (row, own) in rows.iter().enumerate() {
        let start = people.first_option[people.place(own)];
        let options = start..start + own.shares.len();
        let (item, nominal) = (ItemSteps::new(own), own.scale.nominal);
        let n = item.len();
        let observed = running(&people.observed[options.clone()], nominal);
        let model = running(&own.shares, nominal);
        let mut noise = vec![vec![0.0; n_resamples]; n];
        let mut squares = vec![(0.0, 0.0); n];
        for (tile, drawn) in people.tiles.iter().enumerate() {
            let (human, replies) = (
                &drawn.shares[options.clone()],
                redraw.map(|f| f(tile, first + row)),
            );
            let lanes = (n_resamples - tile * TILE).min(TILE);
            let (mut h, mut m) = ([0.0; TILE], [0.0; TILE]);
            for step in 0..n {
                if nominal {
                    (h, m) = ([0.0; TILE], [0.0; TILE]);
                }
                for lane in 0..lanes {
                    h[lane] += human[step][lane];
                    let people_moved = finite(h[lane] - observed[step]);
                    squares[step].0 += people_moved * people_moved;
                    let mut moved = people_moved;
                    if let Some(replies) = &replies {
                        m[lane] += replies[step][lane];
                        let off = m[lane] - model[step];
                        squares[step].1 += off * off;
                        moved -= off;
                    }
                    noise[step][tile * TILE + lane] = moved;
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
        let each = 1.0 / n_resamples as f64;
        for (step, noise) in noise.into_iter().enumerate() {
            let (h, m) = (observed[step], model[step]);
            sides.push(
                [(h, squares[step].0), (m, squares[step].1)].map(|(share, square)| Shares {
                    share,
                    square: square * each,
                }),
            );
            steps.push(Step {
                row,
                factor: item.factor(step),
                apart: h - m,
                variance: 0.0,
                noise,
            });
        }
    }
    set_variances(&mut steps, &sides);
    steps
}

/// Sets the variance of every step's noise.
///
/// The draws tell the variance where the two sides differ. Where they are equal, a rare option that
/// nobody in the sample chose would seem to have none; there the two sides tell it together.
fn set_variances(steps: &mut [Step], sides: &[[Shares; 2]]) {
    let overall = [0, 1].map(|side| effect(sides, side, 0.0));
    let mut start = 0;
    for own in steps.chunk_by_mut(|a, b| a.row == b.row) {
        let sides = &sides[start..start + own.len()];
        start += own.len();
        let [people, model] = [0, 1].map(|side| effect(sides, side, overall[side]));
        for (step, [h, m]) in own.iter_mut().zip(sides) {
            let drawn = h.square + m.square;
            let total = people + model;
            let share = if total > 0.0 {
                (h.share * model + m.share * people) / total
            } else {
                0.0
            };
            let equal = (share * (1.0 - share)).max(0.0) * total;
            let z = if equal > 0.0 {
                step.apart.abs() / equal.sqrt()
            } else {
                f64::INFINITY
            };
            let near = (1.0 - z / (2.0 * NEAR)).clamp(0.0, 0.5);
            step.variance = near * equal + (1.0 - near) * drawn;
        }
    }
}

/// Finds the variance of one side's noise per share × (1 − share), drawn towards that of all rows.
fn effect(sides: &[[Shares; 2]], side: usize, overall: f64) -> f64 {
    let square: f64 = sides.iter().map(|both| both[side].square).sum();
    let spread: f64 = sides.iter().map(|both| both[side].spread()).sum();
    (square + OWN * overall) / (spread + OWN)
}

/// Adds shares up, or returns them as they are if options have no order.
fn running(shares: &[f64], nominal: bool) -> Vec<f64> {
    let mut sum = 0.0;
    shares
        .iter()
        .map(|share| {
            sum = if nominal { *share } else { sum + share };
            sum
        })
        .collect()
}

/// Returns a number, or 0 in place of NaN: nobody of the draw had answered.
fn finite(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number }
}

/// How much the squares of noise vary together: 1 if steps are independent, less if they are
/// correlated and tell less than they seem to.
pub(super) fn independence(steps: &[Step], n_resamples: usize) -> f64 {
    let mut sums = vec![0.0; n_resamples];
    let mut apart = 0.0;
    let mut squares = vec![0.0; n_resamples];
    for step in steps.iter().filter(|step| step.variance > 0.0) {
        for ((sum, square), noise) in sums.iter_mut().zip(&mut squares).zip(&step.noise) {
            *square = noise * noise / step.variance;
            *sum += *square;
        }
        apart += variance(&squares);
    }
    let together = variance(&sums);
    if together > apart {
        apart / together
    } else {
        1.0
    }
}

/// Computes the variance of some numbers.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
fn variance(numbers: &[f64]) -> f64 {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n
}
