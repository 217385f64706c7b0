//! Replicates from respondents' answers: the fast path for alignments against the general one.

use doxa_core::input::{Chunk, Column, Kinds, Labels, Offsets, Positions, Scale, Values};
use doxa_core::machine::{Executor, Isa};
use doxa_core::metric::Metric;
use doxa_core::random::mix;
use doxa_core::resample::{Answers, Design, MISSING, SampleDraws, ScoredModels, sample_replicates};
use proptest::prelude::*;

const N_GROUPS: usize = 11;

/// A survey of a few people, and models that answered all or some of the items.
#[derive(Clone, Debug)]
struct Survey {
    options: Vec<usize>,
    codes: Vec<Vec<u8>>,
    weights: Option<Vec<f64>>,
    nominal: Vec<bool>,
    groups: Vec<u32>,
    items: Vec<u32>,
    model: Vec<f64>,
    positions: Vec<f64>,
    offsets: Vec<i64>,
}

fn survey() -> impl Strategy<Value = Survey> {
    (1_usize..9, 1_usize..130, any::<bool>(), any::<u64>()).prop_map(
        |(n_items, n_people, weighted, seed)| {
            let mut state = seed;
            let mut next = |below: u64| {
                state = mix(state.wrapping_add(1));
                state % below
            };
            let small = |number: u64| usize::try_from(number).unwrap();
            let options: Vec<usize> = (0..n_items).map(|_| small(next(9)) + 2).collect();
            let codes = options
                .iter()
                .map(|&options| {
                    // Nearly all answers to some items are missing, so that some replicates have
                    // none.
                    let answered = [1, 3, 10][small(next(3))];
                    let code = |chosen, random: u64| {
                        if random < answered {
                            u8::try_from(chosen).unwrap()
                        } else {
                            MISSING + 5
                        }
                    };
                    (0..n_people)
                        .map(|_| code(next(options as u64), next(10)))
                        .collect()
                })
                .collect();
            let weights = weighted.then(|| {
                (0..n_people)
                    .map(|_| 0.1 + f64::from(u32::try_from(next(30)).unwrap()))
                    .collect()
            });
            let mut survey = Survey {
                codes,
                weights,
                nominal: Vec::new(),
                groups: Vec::new(),
                items: Vec::new(),
                model: Vec::new(),
                positions: Vec::new(),
                offsets: vec![0],
                options: options.clone(),
            };
            for item in 0..n_items {
                for group in 0..N_GROUPS {
                    if group % 4 == 3 && next(3) == 0 {
                        continue;
                    }
                    let nominal = item % 3 == 2;
                    survey.row(group, item, nominal, || {
                        1 + u32::try_from(next(20)).unwrap()
                    });
                }
            }
            survey
        },
    )
}

impl Survey {
    fn row(&mut self, group: usize, item: usize, nominal: bool, mut part: impl FnMut() -> u32) {
        let options = self.options[item];
        let shares: Vec<f64> = (0..options).map(|_| f64::from(part())).collect();
        let steps: Vec<f64> = (1..options).map(|_| f64::from(part())).collect();
        let (sum, span): (f64, f64) = (shares.iter().sum(), steps.iter().sum());
        self.model.extend(shares.iter().map(|share| share / sum));
        let mut position = 0.0;
        self.positions.push(position);
        for step in steps {
            position += step / span;
            self.positions.push(position);
        }
        self.offsets.push(i64::try_from(self.model.len()).unwrap());
        self.nominal.push(nominal);
        self.groups.push(u32::try_from(group).unwrap());
        self.items.push(u32::try_from(item).unwrap());
    }

    fn replicates(&self, isa: Isa, equal: bool, items: bool, respondents: bool) -> Vec<f64> {
        let column = |values| {
            let chunk = Chunk::new(Values::F64(values), Offsets::Large(&self.offsets));
            Column::new(vec![chunk])
        };
        let codes: Vec<&[u8]> = self.codes.iter().map(Vec::as_slice).collect();
        let answers = Answers {
            codes: &codes,
            options: &self.options,
            off_scale: None,
            weights: self.weights.as_deref(),
        };
        let models = ScoredModels {
            model: column(&self.model),
            scale: Scale {
                kinds: Kinds::Rows(&self.nominal),
                positions: if equal {
                    Positions::Equal
                } else {
                    Positions::Rows(column(&self.positions))
                },
            },
            labels: Labels {
                groups: &self.groups,
                items: &self.items,
                n_groups: N_GROUPS,
                n_items: self.options.len(),
            },
            metrics: &[
                Metric::Alignment,
                Metric::Wasserstein,
                Metric::RankedProbabilityScore,
            ],
        };
        let draws = SampleDraws {
            shrunken: false,
            respondents,
            items,
            n_resamples: 70,
            seed: 1,
            sample: 2,
        };
        let design = Design::new(self.codes[0].len(), None, None).unwrap();
        let executor = Executor {
            isa,
            ..Executor::single()
        };
        sample_replicates(&answers, &design, &models, &draws, executor).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// On scales of length 1, alignment is 1 − W₁; W₁ is computed row by row.
    #[test]
    fn the_fast_path_agrees_with_the_general_one(
        survey in survey(), items in any::<bool>(), respondents in any::<bool>()
    ) {
        for isa in ["sse2", "avx2", "avx512"].map(Isa::named).into_iter().flatten() {
            let found = survey.replicates(isa, false, items, respondents);
            let (alignments, rest) = found.split_at(N_GROUPS * 70);
            for (alignment, distance) in alignments.iter().zip(rest) {
                let agree = (alignment - (1.0 - distance)).abs() < 1e-12;
                prop_assert!(agree || (alignment.is_nan() && distance.is_nan()));
            }
            let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
            prop_assert!(same(&found, &survey.replicates(Isa::BASELINE, false, items, respondents)));
        }
    }
}

/// If all people give the same answer, every replicate is the same.
#[test]
fn equal_steps_and_one_answer_give_the_alignment_itself() {
    let survey = Survey {
        options: vec![4],
        codes: vec![vec![1; 40]],
        weights: None,
        nominal: vec![false; 2],
        groups: vec![0, 1],
        items: vec![0; 2],
        model: vec![0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5],
        positions: Vec::new(),
        offsets: vec![0, 4, 8],
    };
    let found = survey.replicates(Isa::detect(), true, false, true);
    assert!(found[..70].iter().all(|&alignment| alignment == 1.0));
    assert!(
        found[70..140]
            .iter()
            .all(|alignment| (alignment - 0.5).abs() < 1e-15)
    );
    assert!(found[140..210].iter().all(|alignment| alignment.is_nan()));
}
