//! Fingerprints of results for fixed input. They are the same on every processor: `make arm` runs
//! these tests on another one than `make test` does.
//!
//! If a change is meant to change results, the message of the failed test has the new fingerprint.

use doxa_core::input::{Batch, Chunk, Column, Kinds, Labels, Offsets, Positions, Scale, Values};
use doxa_core::interval::{Interval, Method, Recipe, delta_errors, item_intervals};
use doxa_core::machine::{Executor, Isa};
use doxa_core::metric::{Metric, score};
use doxa_core::random::mix;
use doxa_core::resample::{
    Answers, Cells, CountDraws, Design, SampleDraws, ScoredModels, Weights, count_replicates,
    sample_replicates,
};

const ROWS: usize = 1_800;
const ITEMS: usize = 60;
const GROUPS: usize = ROWS / ITEMS;

/// Numbers that depend on the seed only.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = mix(self.0.wrapping_add(1));
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// A number from 0 to 1, often 0.
    fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.below(1 << 20).saturating_sub(1 << 17)).unwrap())
            / f64::from(1 << 20)
    }

    /// Shares of some options, in order of the rows that `offsets` tells.
    fn distributions(&mut self, offsets: &[i64]) -> Vec<f64> {
        let mut out = Vec::new();
        for row in offsets.windows(2) {
            let mut shares: Vec<f64> = (row[0]..row[1]).map(|_| self.share()).collect();
            shares[0] += 1e-3;
            let sum: f64 = shares.iter().sum();
            out.extend(shares.iter().map(|share| share / sum));
        }
        out
    }
}

/// Rows of two to twelve options, which depend on the item; groups lie one after another.
struct Pairs {
    offsets: Vec<i64>,
    model: Vec<f64>,
    human: Vec<f64>,
    nominal: Vec<bool>,
    groups: Vec<u32>,
    items: Vec<u32>,
}

impl Pairs {
    fn new() -> Self {
        let mut numbers = Numbers(7);
        let options: Vec<i64> = (0..ITEMS)
            .map(|item| 2 + i64::try_from(item % 11).unwrap())
            .collect();
        let mut offsets = vec![0];
        for row in 0..ROWS {
            offsets.push(offsets[row] + options[row % ITEMS]);
        }
        let label = |number: usize| u32::try_from(number).unwrap();
        Self {
            model: numbers.distributions(&offsets),
            human: numbers.distributions(&offsets),
            nominal: (0..ROWS).map(|row| row % ITEMS % 4 == 3).collect(),
            groups: (0..ROWS).map(|row| label(row / ITEMS)).collect(),
            items: (0..ROWS).map(|row| label(row % ITEMS)).collect(),
            offsets,
        }
    }

    fn column<'a>(&'a self, values: &'a [f64]) -> Column<'a> {
        Column::new(vec![Chunk::new(
            Values::F64(values),
            Offsets::Large(&self.offsets),
        )])
    }

    fn batch(&self) -> Batch<'_> {
        let scale = Scale {
            kinds: Kinds::Rows(&self.nominal),
            positions: Positions::Equal,
        };
        Batch::new(self.column(&self.model), self.column(&self.human), scale).unwrap()
    }

    fn labels(&self) -> Labels<'_> {
        Labels {
            groups: &self.groups,
            items: &self.items,
            n_groups: GROUPS,
            n_items: ITEMS,
        }
    }
}

/// Fowler, Noll and Vo's hash of the bits; which NaN it is does not count.
fn fingerprint(numbers: impl IntoIterator<Item = f64>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for number in numbers {
        let bits = if number.is_nan() {
            u64::MAX
        } else {
            number.to_bits()
        };
        for byte in bits.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// Checks the fingerprint on every instruction set of this machine.
fn check(expected: u64, results: impl Fn(Executor<'_>) -> Vec<f64>) {
    for isa in ["sse2", "avx2", "avx512"]
        .map(Isa::named)
        .into_iter()
        .flatten()
    {
        let found = fingerprint(results(Executor {
            isa,
            ..Executor::single()
        }));
        assert!(
            found == expected,
            "{found:#018x} on {}, not {expected:#018x}",
            isa.name()
        );
    }
}

#[test]
fn scores() {
    let pairs = Pairs::new();
    check(0xfc84_0ef7_0e4e_920b, |executor| {
        score(&pairs.batch(), Metric::ALL, executor).unwrap()
    });
}

#[test]
fn delta_method() {
    let pairs = Pairs::new();
    check(0x9f2d_7e45_434a_a960, |executor| {
        delta_errors(
            &pairs.batch(),
            Metric::ALL,
            &pairs.labels(),
            &[900.0; ROWS],
            executor,
        )
        .unwrap()
    });
}

/// All methods; the groups share their items, or lack some and have others several times.
#[test]
fn item_intervals_of_all_methods() {
    let pairs = Pairs::new();
    let mut numbers = Numbers(11);
    let scores: Vec<f64> = (0..ROWS).map(|_| numbers.share()).collect();
    let mut some = scores.clone();
    some.iter_mut()
        .step_by(7)
        .for_each(|score| *score = f64::NAN);
    let items: Vec<u32> = pairs.items.iter().map(|item| item / 2 * 2).collect();
    check(0x30a0_36e8_a422_4706, |executor| {
        let weights = Weights::draw(ITEMS, 200, 5, executor).unwrap();
        let mut out = Vec::new();
        for (scores, items) in [(&scores, &pairs.items), (&some, &items)] {
            let labels = Labels {
                items,
                ..pairs.labels()
            };
            let cells = Cells::new(scores, &labels, executor).unwrap();
            for (_, method) in Method::ALL {
                let recipe = Recipe::new(method, 0.9).unwrap();
                let intervals = item_intervals(&cells, &weights, &recipe, executor).unwrap();
                let ends = |one: Interval| [one.low, one.high, one.std_error];
                out.extend(intervals.into_iter().flat_map(ends));
            }
        }
        out
    });
}

#[test]
fn replicates_from_counts() {
    let pairs = Pairs::new();
    let draws = CountDraws {
        items: true,
        respondents: Some(&[700.0; ROWS]),
        replies: Some(&[30.0; ROWS]),
        forms: None,
        shrunken: false,
        n_resamples: 40,
        seed: 3,
    };
    check(0x6b26_de3e_5c83_45a5, |executor| {
        count_replicates(
            &pairs.batch(),
            Metric::ALL,
            &pairs.labels(),
            &draws,
            executor,
        )
        .unwrap()
    });
}

#[test]
fn replicates_from_answers() {
    let pairs = Pairs::new();
    let mut numbers = Numbers(13);
    let options: Vec<usize> = (0..ITEMS).map(|item| 2 + item % 11).collect();
    let codes: Vec<Vec<u8>> = options
        .iter()
        .map(|&k| {
            (0..260)
                .map(|_| u8::try_from(numbers.below(k)).unwrap())
                .collect()
        })
        .collect();
    let codes: Vec<&[u8]> = codes.iter().map(Vec::as_slice).collect();
    let people: Vec<f64> = (0..260).map(|_| 0.1 + numbers.share()).collect();
    let draws = SampleDraws {
        shrunken: false,
        respondents: true,
        items: true,
        n_resamples: 40,
        seed: 1,
        sample: 2,
    };
    let design = Design::new(260, None, None).unwrap();
    let results = |weights: Option<&[f64]>, metrics: &[Metric], executor: Executor<'_>| {
        let answers = Answers {
            codes: &codes,
            options: &options,
            off_scale: None,
            weights,
        };
        let models = ScoredModels {
            model: pairs.column(&pairs.model),
            scale: Scale {
                kinds: Kinds::Rows(&pairs.nominal),
                positions: Positions::Equal,
            },
            labels: pairs.labels(),
            metrics,
        };
        sample_replicates(&answers, &design, &models, &draws, executor).unwrap()
    };
    check(0x2f33_0b9d_4ae7_69d0, |executor| {
        let mut out = Vec::new();
        for weights in [None, Some(&people[..])] {
            out.extend(results(weights, &[Metric::Alignment], executor));
            out.extend(results(weights, Metric::ALL, executor));
        }
        out
    });
}
