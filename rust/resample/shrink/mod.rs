//! Replicates that show where the true alignment may lie, also where it is near 1.
//!
//! A distance between a model and a sample of people has two parts: how far the model is from all
//! people, and noise. A replicate of the bootstrap adds noise again, so it lies farther away than
//! the truth. Here, a replicate is a guess at the truth: the observed difference D of each step is
//! first drawn towards 0, by as much as noise of variance v explains it, and then noise E is added:
//!
//! D* = c·D + √c·E,  c = τ² / (τ² + v).
//!
//! That is a draw from the normal distribution of the true difference, given D, if true differences
//! have variance τ² around 0. Each step has its own τ², drawn from what D tells about it; how the τ²
//! of a group are spread is drawn from what all its steps tell (empirical Bayes: Efron, 2010,
//! Large-Scale Inference). Equal distributions so have replicates at alignment 1, and large
//! differences the bootstrap's own.
//!
//! | file | what it holds |
//! |---|---|
//! | `people.rs` | the people that groups are scored against |
//! | `prior.rs` | how far true differences may lie from zero |
//! | `noise.rs` | the steps of a group's rows: what was observed, and the noise |

mod noise;
mod people;
mod prior;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use noise::Step;
pub(super) use people::People;
use prior::LEVELS;

use super::model_row::ModelRow;
use super::replicate::Redraw;
use super::tile::TILE;
use crate::error::Error;
use crate::machine::{Watch, filled, locked};
use crate::metric::Metric;
use crate::random::{Source, Stream, mix};

/// Likelihoods that are multiplied before a logarithm is taken: few enough not to become 0.
const AT_ONCE: usize = 8;

/// Units of work of one step in one replicate.
const COST: usize = 16;

/// Groups whose rows are scored against the same samples.
pub(super) struct Block {
    /// The samples, in increasing order.
    pub samples: Vec<usize>,
    /// The rows of every group.
    pub groups: Vec<Range<usize>>,
}

/// Finds the blocks of rows that come group by group.
pub(super) fn blocks(rows: &[ModelRow<'_>]) -> Vec<Block> {
    let mut found: BTreeMap<Vec<usize>, Vec<Range<usize>>> = BTreeMap::new();
    let mut start = 0;
    for group in rows.chunk_by(|a, b| a.group == b.group) {
        let mut samples: Vec<usize> = group.iter().map(|row| row.sample).collect();
        samples.sort_unstable();
        samples.dedup();
        let range = start..start + group.len();
        start = range.end;
        found.entry(samples).or_default().push(range);
    }
    let block = |(samples, groups)| Block { samples, groups };
    found.into_iter().map(block).collect()
}

/// The mean alignments of all groups in every replicate, filled by several threads.
pub(super) struct Shrinking {
    means: Mutex<Vec<f64>>,
    n_resamples: usize,
    seed: u64,
}

/// Joins the alignments with the replicates of other metrics, in the order of `metrics`.
///
/// # Errors
/// Those of `others`, or [`Error::Memory`].
pub(super) fn with_alignments(
    shrinking: &Shrinking,
    metrics: &[Metric],
    others: impl FnOnce(&[Metric]) -> Result<Vec<f64>, Error>,
) -> Result<Vec<f64>, Error> {
    let means = std::mem::take(&mut *locked(&shrinking.means));
    let (aligned, rest): (Vec<_>, Vec<_>) = metrics
        .iter()
        .partition(|&&metric| metric == Metric::Alignment);
    if rest.is_empty() && aligned.len() == 1 {
        return Ok(means);
    }
    let found = others(&rest)?;
    let mut runs = found.chunks(means.len().max(1));
    let mut out = Vec::with_capacity(metrics.len() * means.len());
    for &metric in metrics {
        let run = if metric == Metric::Alignment {
            Some(&means[..])
        } else {
            runs.next()
        };
        out.extend_from_slice(run.unwrap_or_default());
    }
    Ok(out)
}

/// A mixture and what it makes of every step, ready to be drawn from.
struct Posterior {
    levels: [f64; LEVELS],
    /// For every step, the likelihood of each level; the largest is 1.
    likelihoods: Vec<[f64; LEVELS]>,
    mixtures: Vec<(f64, prior::Mixture)>,
    /// Cumulative probabilities of the mixtures.
    cumulative: Vec<f64>,
}

impl Shrinking {
    /// Makes room for the means of all groups.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn new(n_groups: usize, n_resamples: usize, seed: u64) -> Result<Self, Error> {
        Ok(Self {
            means: Mutex::new(filled(f64::NAN, &[n_groups, n_resamples])?),
            n_resamples,
            seed,
        })
    }

    /// Computes the mean alignment of one group in every replicate. `first` is the number of its
    /// first row among all, as `redraw` counts them.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn fill(
        &self,
        first: usize,
        rows: &[ModelRow<'_>],
        people: &People<'_>,
        redraw: Option<Redraw<'_>>,
        watch: &Watch<'_>,
    ) -> Result<(), Error> {
        let n = self.n_resamples;
        let steps = noise::steps(rows, first, people, redraw, n);
        watch.after(steps.len() * n * COST)?;
        let posterior = Posterior::new(&steps, noise::independence(&steps, n));
        let name = |row: &ModelRow<'_>| people.names[people.place(row)];
        let of_group = rows.iter().fold(0, |hash, row| mix(hash ^ name(row)));
        let mut by_mixture: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (replicate, uniform) in self.uniforms(of_group).into_iter().enumerate() {
            let mixture = place(&posterior.cumulative, uniform);
            by_mixture.entry(mixture).or_default().push(replicate);
        }
        let (mut sums, mut total, mut roots) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut numbered = steps.iter().enumerate().peekable();
        for (number, row) in rows.iter().enumerate() {
            let uniforms = self.uniforms(mix(name(row)));
            let mut distances = vec![0.0; n];
            while let Some((at, step)) = numbered.next_if(|(_, step)| step.row == number) {
                posterior.draw_roots(step, at, &by_mixture, &uniforms, &mut roots);
                for ((distance, root), noise) in distances.iter_mut().zip(&roots).zip(&step.noise) {
                    *distance += step.factor * root * (root * step.apart + noise).abs();
                }
                watch.after(n * COST)?;
            }
            let place = people.place(row);
            for (replicate, distance) in distances.iter().enumerate() {
                let counted = people.tiles[replicate / TILE].counted.as_ref();
                let weight = counted.map_or(1.0, |counted| counted[place][replicate % TILE]);
                sums[replicate] += weight * (1.0 - distance.min(1.0));
                total[replicate] += weight;
            }
        }
        let start = rows[0].group * n;
        let mut means = locked(&self.means);
        for ((mean, sum), total) in means[start..start + n].iter_mut().zip(sums).zip(total) {
            *mean = sum / total;
        }
        Ok(())
    }

    /// Counts the replicates.
    pub fn n_resamples(&self) -> usize {
        self.n_resamples
    }

    /// Draws a number between 0 and 1 for every replicate.
    fn uniforms(&self, name: u64) -> Vec<f64> {
        let mut stream = Stream::new(self.seed, Source::Shrinkage(name), 0);
        (0..self.n_resamples).map(|_| stream.uniform()).collect()
    }
}

impl Posterior {
    /// Weighs the mixtures by how well they explain the steps; `power` below 1 lets correlated steps
    /// tell less.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 steps")]
    fn new(steps: &[Step], power: f64) -> Self {
        let varying: Vec<&Step> = steps.iter().filter(|step| step.variance > 0.0).collect();
        let noise = varying.iter().map(|step| step.variance).sum::<f64>() / varying.len() as f64;
        let squares = varying.iter().map(|step| step.apart * step.apart);
        let levels = prior::levels(noise, squares.fold(0.0, f64::max));
        let likelihoods: Vec<_> = steps
            .iter()
            .map(|step| likelihoods(step, &levels))
            .collect();
        let mixtures = prior::mixtures();
        let told: Vec<&[f64; LEVELS]> = steps
            .iter()
            .zip(&likelihoods)
            .filter(|(step, _)| step.variance > 0.0)
            .map(|(_, likelihoods)| likelihoods)
            .collect();
        let logs: Vec<f64> = mixtures
            .iter()
            .map(|(prior, weights)| {
                let of_some = |some: &[&[f64; LEVELS]]| {
                    let product: f64 = some.iter().map(|told| dot(weights, told)).product();
                    libm::log(product.max(f64::MIN_POSITIVE))
                };
                libm::log(*prior) + power * told.chunks(AT_ONCE).map(of_some).sum::<f64>()
            })
            .collect();
        let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = logs
            .iter()
            .map(|log| {
                sum += libm::exp(log - highest);
                sum
            })
            .collect();
        for share in &mut cumulative {
            *share /= sum;
        }
        Self {
            levels,
            likelihoods,
            mixtures,
            cumulative,
        }
    }

    /// Draws √c of one step in every replicate.
    fn draw_roots(
        &self,
        step: &Step,
        number: usize,
        by_mixture: &BTreeMap<usize, Vec<usize>>,
        uniforms: &[f64],
        out: &mut [f64],
    ) {
        if step.variance == 0.0 {
            out.fill(1.0);
            return;
        }
        let roots = self
            .levels
            .map(|level| (level / (level + step.variance)).sqrt());
        for (&mixture, replicates) in by_mixture {
            let weights = &self.mixtures[mixture].1;
            let mut cumulative = [0.0; LEVELS];
            let mut sum = 0.0;
            for level in 0..LEVELS {
                sum += weights[level] * self.likelihoods[number][level];
                cumulative[level] = sum;
            }
            for &replicate in replicates {
                out[replicate] = roots[place(&cumulative, uniforms[replicate] * sum)];
            }
        }
    }
}

/// Finds the place of a number among increasing ones: the first that is larger, or the last.
fn place(cumulative: &[f64], number: f64) -> usize {
    cumulative
        .partition_point(|&sum| sum <= number)
        .min(cumulative.len() - 1)
}

/// Computes the likelihood of every level, given a step's difference; the largest is 1.
fn likelihoods(step: &Step, levels: &[f64; LEVELS]) -> [f64; LEVELS] {
    if step.variance == 0.0 {
        return [1.0; LEVELS];
    }
    let square = step.apart * step.apart;
    let logs = levels.map(|level| {
        let variance = level + step.variance;
        -0.5 * (libm::log(variance) + square / variance)
    });
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.map(|log| libm::exp(log - highest))
}

/// Sums the products of two lists.
fn dot(a: &[f64; LEVELS], b: &[f64; LEVELS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
