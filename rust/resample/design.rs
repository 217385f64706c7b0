//! Resampling of a sample of respondents according to its design.
//!
//! In every replicate each respondent is drawn the same number of times for all items, which keeps
//! the correlation between a person's answers. Strata keep their sizes; the respondents of a
//! cluster are drawn together.

use super::tile::{Multiplicity, TILE};
use crate::error::Error;
use crate::machine::Aligned;
use crate::random::{Source, Stream, each_below};

/// Replicates whose draws are counted in one word, a byte for each.
const TO_A_WORD: usize = 8;

/// How the respondents of a sample were chosen.
#[derive(Clone, Debug)]
pub struct Design {
    /// The unit (respondent or cluster) that each respondent belongs to.
    unit_of: Vec<u32>,
    /// Whether units are clusters; otherwise they are the respondents in order.
    clustered: bool,
    /// Units of each stratum.
    strata: Vec<Vec<u32>>,
    n_units: usize,
}

impl Design {
    /// Describes a sample of `n` respondents by the stratum and the cluster of each, if any.
    ///
    /// # Errors
    /// The number of labels is not that of respondents, or a cluster lies in two strata.
    pub fn new(n: usize, strata: Option<&[u32]>, clusters: Option<&[u32]>) -> Result<Self, Error> {
        for (name, labels) in [("strata", strata), ("clusters", clusters)] {
            if let Some(labels) = labels
                && labels.len() != n
            {
                let given = labels.len();
                return Err(Error::argument(format!(
                    "{given} {name} for {n} respondents: give one per respondent"
                )));
            }
        }
        let n_respondents = u32::try_from(n)
            .map_err(|_| Error::argument(format!("{n} respondents are too many for one sample")))?;
        let unit_of = match clusters {
            Some(clusters) => ranked(clusters),
            None => (0..n_respondents).collect(),
        };
        let n_units = unit_of.iter().max().map_or(0, |&unit| unit as usize + 1);
        let mut stratum_of = vec![None; n_units];
        for (respondent, &unit) in unit_of.iter().enumerate() {
            let stratum = strata.map_or(0, |strata| strata[respondent]);
            let known = stratum_of[unit as usize].get_or_insert(stratum);
            if *known != stratum {
                return Err(Error::argument(format!(
                    "the cluster of respondent {respondent} lies in two strata: number clusters \
                     within strata"
                )));
            }
        }
        let mut units: Vec<(u32, u32)> = (0..)
            .zip(stratum_of.into_iter().flatten())
            .map(|(u, s)| (s, u))
            .collect();
        units.sort_unstable();
        let strata = units
            .chunk_by(|a, b| a.0 == b.0)
            .map(|stratum| stratum.iter().map(|&(_, unit)| unit).collect())
            .collect();
        Ok(Self {
            unit_of,
            clustered: clusters.is_some(),
            strata,
            n_units,
        })
    }

    /// Counts the respondents.
    #[must_use]
    pub fn n_respondents(&self) -> usize {
        self.unit_of.len()
    }

    /// Draws the replicates of one tile: one multiplicity for each respondent.
    pub(super) fn draw(&self, seed: u64, sample: u64, tile: usize) -> Vec<Multiplicity> {
        let mut units = vec![Aligned([0; TILE]); self.n_units];
        let mut drawn = vec![0; self.n_units];
        for word in 0..TILE / TO_A_WORD {
            drawn.fill(0);
            let mut streams = std::array::from_fn::<_, TO_A_WORD, _>(|lane| {
                let replicate = (tile * TILE + word * TO_A_WORD + lane) as u64;
                Stream::new(seed, Source::Sample(sample), replicate)
            });
            for stratum in &self.strata {
                self.draw_stratum(stratum, &mut streams, &mut drawn);
            }
            for (unit, drawn) in units.iter_mut().zip(&drawn) {
                unit.as_chunks_mut().0[word] = drawn.to_le_bytes();
            }
        }
        if self.clustered {
            return self
                .unit_of
                .iter()
                .map(|&unit| units[unit as usize])
                .collect();
        }
        units
    }

    /// Draws as many units of a stratum as it has, in eight replicates. Each replicate counts in
    /// its own byte of a unit's word.
    ///
    /// Whole words are incremented, not bytes: reading a byte right after writing another byte of
    /// its word stalls. The chance that a byte overflows is about 1 / 256!.
    fn draw_stratum(&self, stratum: &[u32], streams: &mut [Stream; TO_A_WORD], drawn: &mut [u64]) {
        let size = stratum.len();
        let mut take =
            |lane: usize, unit: usize| drawn[unit] = drawn[unit].wrapping_add(1 << (8 * lane));
        if size == self.n_units {
            // With a single stratum, the number of a unit is its place.
            each_below(streams, size, size, take);
        } else {
            each_below(streams, size, size, |lane, place| {
                take(lane, stratum[place] as usize);
            });
        }
    }
}

/// Replaces labels by their ranks: 0 for the smallest.
#[allow(
    clippy::cast_possible_truncation,
    reason = "no more ranks than 32-bit labels"
)]
fn ranked(labels: &[u32]) -> Vec<u32> {
    let mut known = labels.to_vec();
    known.sort_unstable();
    known.dedup();
    let rank = |label: &u32| known.partition_point(|k| k < label) as u32;
    labels.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_replicate_has_the_size_of_the_sample() {
        let design = Design::new(100, None, None).unwrap();
        let drawn = design.draw(1, 0, 0);
        for lane in 0..TILE {
            let total: u32 = drawn.iter().map(|m| u32::from(m[lane])).sum();
            assert_eq!(total, 100);
        }
    }

    #[test]
    fn strata_keep_their_sizes_and_clusters_stay_whole() {
        let strata: Vec<u32> = (0..90).map(|r| r / 30).collect();
        let clusters: Vec<u32> = (0..90).map(|r| 7 * (r / 3)).collect();
        let design = Design::new(90, Some(&strata), Some(&clusters)).unwrap();
        let drawn = design.draw(1, 0, 3);
        for lane in 0..TILE {
            for stratum in drawn.chunks(30) {
                let total: u32 = stratum.iter().map(|m| u32::from(m[lane])).sum();
                assert_eq!(total, 30);
            }
            assert!(
                drawn
                    .chunks(3)
                    .all(|c| c[0][lane] == c[1][lane] && c[1][lane] == c[2][lane])
            );
        }
    }

    #[test]
    fn clusters_of_one_respondent_may_be_numbered_in_any_order() {
        let strata: Vec<u32> = (0..60).map(|r| r % 2).collect();
        let clusters: Vec<u32> = (0..60).map(|r| (r * 37) % 61).collect();
        let design = Design::new(60, Some(&strata), Some(&clusters)).unwrap();
        let drawn = design.draw(1, 0, 0);
        for lane in 0..TILE {
            let even: u32 = drawn.iter().step_by(2).map(|m| u32::from(m[lane])).sum();
            assert_eq!(even, 30);
        }
    }

    #[test]
    fn a_cluster_in_two_strata_is_refused() {
        assert!(Design::new(2, Some(&[0, 1]), Some(&[5, 5])).is_err());
    }
}
