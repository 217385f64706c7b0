//! Tabulation: the number and the weight of each answer in a population.

use crate::error::Error;
use crate::machine::Executor;

/// Codes from this one on are missing answers, one code for each reason.
pub const FIRST_REASON: u8 = 251;

/// Answers of respondents sorted by population.
#[derive(Clone, Copy, Debug)]
pub struct Populations<'a> {
    /// The codes of each item, one per respondent: an answer from 0 on, or a reason from
    /// [`FIRST_REASON`] on. Other codes are not counted.
    pub codes: &'a [&'a [u8]],
    /// Number of answers of each item.
    pub answers: &'a [usize],
    /// Weight of each respondent.
    pub weights: &'a [f64],
    /// The end of each population.
    pub stops: &'a [usize],
}

/// The counts of one item, population by population.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Respondents by code: the answers, then the reasons from the last to the first.
    pub n: Vec<f64>,
    /// The sum of the weights of the same respondents.
    pub weighted_n: Vec<f64>,
    /// Kish's effective number of answers, (Σw)² / Σw²; 0 without answers.
    pub n_effective: Vec<f64>,
}

/// Counts the answers to every item in every population.
///
/// # Errors
/// Columns, weights or ends that do not fit together, or [`Error::Interrupted`].
pub fn tabulate(
    populations: &Populations<'_>,
    executor: Executor<'_>,
) -> Result<Vec<Counted>, Error> {
    let n_respondents = populations.weights.len();
    let rising = populations.stops.is_sorted()
        && populations.stops.last().is_none_or(|&s| s == n_respondents);
    let whole = populations
        .codes
        .iter()
        .all(|codes| codes.len() == n_respondents);
    if !rising || !whole || populations.codes.len() != populations.answers.len() {
        return Err(Error::argument(format!(
            "{} columns for {} items and {n_respondents} weights, or ends of populations that do \
             not rise to that: give one code per respondent and item",
            populations.codes.len(),
            populations.answers.len()
        )));
    }
    if let Some(item) = populations
        .answers
        .iter()
        .position(|&n| n > usize::from(FIRST_REASON))
    {
        return Err(Error::argument(format!(
            "item {item} has {} answers: a code has room for {FIRST_REASON}",
            populations.answers[item]
        )));
    }
    let mut out = vec![Counted::default(); populations.codes.len()];
    executor.run(out.iter_mut().enumerate(), |(item, counted), _| {
        *counted = populations.item(item);
        Ok(())
    })?;
    Ok(out)
}

impl Populations<'_> {
    /// Counts the answers to one item.
    fn item(&self, item: usize) -> Counted {
        let answers = self.answers[item];
        let mut counted = Counted::default();
        let mut start = 0;
        for &stop in self.stops {
            let people = start..stop;
            let (mut n, mut weighted_n) = ([0_u32; 256], [0.0; 256]);
            let mut squares = 0.0;
            for (&code, &weight) in self.codes[item][people.clone()]
                .iter()
                .zip(&self.weights[people])
            {
                n[usize::from(code)] += 1;
                weighted_n[usize::from(code)] += weight;
                squares += if usize::from(code) < answers {
                    weight * weight
                } else {
                    0.0
                };
            }
            let total: f64 = weighted_n[..answers].iter().sum();
            let effective = if squares > 0.0 {
                total * total / squares
            } else {
                0.0
            };
            counted.n_effective.push(effective);
            let reasons = (FIRST_REASON..=u8::MAX).rev().map(usize::from);
            for code in (0..answers).chain(reasons) {
                counted.n.push(f64::from(n[code]));
                counted.weighted_n.push(weighted_n[code]);
            }
            start = stop;
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_are_counted_apart() {
        let codes: &[u8] = &[0, 1, 255, 1, 250, 251];
        let populations = Populations {
            codes: &[codes],
            answers: &[2],
            weights: &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            stops: &[3, 3, 6],
        };
        let counted = tabulate(&populations, Executor::single()).unwrap();
        let (first, second) = (
            [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        );
        assert_eq!(counted[0].n[..7], first);
        assert_eq!(counted[0].n[7..14], [0.0; 7]);
        assert_eq!(counted[0].n[14..], second);
        assert_eq!(counted[0].weighted_n[..3], [1.0, 2.0, 3.0]);
        assert_eq!(counted[0].n_effective, [9.0 / 5.0, 0.0, 1.0]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let codes: &[u8] = &[0, 1];
        let populations = Populations {
            codes: &[codes],
            answers: &[2],
            weights: &[1.0, 1.0],
            stops: &[1],
        };
        assert!(tabulate(&populations, Executor::single()).is_err());
    }
}
