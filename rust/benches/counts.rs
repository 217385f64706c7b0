//! Kernels on fixed data, one a run, whose instructions `benches/counts.py` counts.
//!
//! Without the name of a kernel it prints the instruction set that all use, then their names.
//! Whoever counts counts within `doxa_counted`, so making the data costs nothing.

use std::hint::black_box;

use doxa_core::error::Error;
use doxa_core::input::{Batch, Chunk, Column, Labels, Offsets, Scale, Values};
use doxa_core::interval::{Method, Recipe, item_intervals};
use doxa_core::machine::{Executor, Isa};
use doxa_core::metric::{Metric, score};
use doxa_core::random::mix;
use doxa_core::resample::{
    Answers, Cells, CountDraws, Design, SampleDraws, ScoredModels, Weights, count_replicates,
    item_replicates, sample_replicates,
};
use doxa_core::tabulate::{Populations, tabulate};

type Kernel = fn() -> Result<(), Error>;

const KERNELS: [(&str, Kernel); 7] = [
    ("alignment of ragged pairs", || {
        scores(&[Metric::Alignment], 200)
    }),
    ("six metrics of ragged pairs", || scores(&SIX, 50)),
    ("items, BCa", items),
    ("ranks", ranks),
    ("respondents", respondents),
    ("counts", counts),
    ("tabulation", tabulation),
];

const SIX: [Metric; 6] = [
    Metric::Alignment,
    Metric::TotalVariation,
    Metric::JsDistance,
    Metric::KlDivergence,
    Metric::Hellinger,
    Metric::RankedProbabilityScore,
];

/// Options, and the number of items that have so many, in the order of a questionnaire.
const ITEMS: [(u8, usize); 7] = [(4, 52), (10, 24), (2, 18), (5, 20), (3, 16), (7, 6), (8, 8)];
const N_ITEMS: usize = 144;

fn main() -> Result<(), Error> {
    let name = std::env::args().nth(1);
    // `cargo bench` adds an option of its own.
    let Some(name) = name.filter(|name| !name.starts_with('-')) else {
        println!("{}", Isa::detect().name());
        for (name, _) in KERNELS {
            println!("{name}");
        }
        return Ok(());
    };
    match KERNELS.iter().find(|(kernel, _)| *kernel == name) {
        Some((_, kernel)) => kernel(),
        None => Err(Error::argument(format!("no kernel is called {name}"))),
    }
}

/// Does the work whose instructions are counted.
#[inline(never)]
#[unsafe(no_mangle)]
extern "Rust" fn doxa_counted(work: &mut dyn FnMut()) {
    work();
    black_box(());
}

fn counted<T>(work: impl Fn() -> Result<T, Error>) -> Result<(), Error> {
    let mut out = Ok(());
    doxa_counted(&mut || out = work().map(|found| drop(black_box(found))));
    out
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u8) -> u8 {
        self.0 += 1;
        u8::try_from(mix(self.0) % u64::from(bound)).expect("a bound of eight bits")
    }

    fn shares(&mut self, options: u8) -> Vec<f64> {
        let parts: Vec<f64> = (0..options)
            .map(|_| f64::from(1 + self.below(200)))
            .collect();
        let sum: f64 = parts.iter().sum();
        parts.iter().map(|part| part / sum).collect()
    }
}

fn options() -> impl Iterator<Item = u8> {
    ITEMS
        .iter()
        .flat_map(|&(options, items)| std::iter::repeat_n(options, items))
}

/// The labels of the rows of groups, each of which has answered all items.
struct Names {
    groups: Vec<u32>,
    items: Vec<u32>,
    n_groups: usize,
}

impl Names {
    fn new(n_groups: u32) -> Self {
        let items = u32::try_from(N_ITEMS).expect("few items");
        Self {
            groups: (0..n_groups * items).map(|row| row / items).collect(),
            items: (0..n_groups * items).map(|row| row % items).collect(),
            n_groups: n_groups as usize,
        }
    }

    fn labels(&self) -> Labels<'_> {
        Labels {
            groups: &self.groups,
            items: &self.items,
            n_groups: self.n_groups,
            n_items: N_ITEMS,
        }
    }

    /// A number from 0 to 1 for each row.
    fn scores(&self) -> Vec<f64> {
        let mut numbers = Numbers(7);
        let mut score = || f64::from(numbers.below(255)) / 254.0;
        self.groups.iter().map(|_| score()).collect()
    }
}

/// Shares of the options of all items, group by group.
struct Rows {
    values: Vec<f64>,
    offsets: Vec<i64>,
}

impl Rows {
    fn new(n_groups: usize, seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        let (mut values, mut offsets) = (Vec::new(), vec![0]);
        for options in (0..n_groups).flat_map(|_| options()) {
            values.extend(numbers.shares(options));
            offsets.push(offsets[offsets.len() - 1] + i64::from(options));
        }
        Self { values, offsets }
    }

    fn column(&self) -> Column<'_> {
        let (values, offsets) = (Values::F64(&self.values), Offsets::Large(&self.offsets));
        Column::new(vec![Chunk::new(values, offsets)])
    }
}

fn scores(metrics: &[Metric], n_groups: usize) -> Result<(), Error> {
    let (model, human) = (Rows::new(n_groups, 1), Rows::new(n_groups, 1 << 32));
    let batch = Batch::new(model.column(), human.column(), Scale::ORDINAL)?;
    counted(|| score(&batch, metrics, Executor::single()))
}

fn items() -> Result<(), Error> {
    let names = Names::new(1_000);
    let (scores, labels) = (names.scores(), names.labels());
    let recipe = Recipe::new(Method::named("bca")?, 0.95)?;
    let executor = Executor::single();
    counted(|| {
        let cells = Cells::new(&scores, &labels, executor)?;
        let weights = Weights::draw(N_ITEMS, 1_000, 1, executor)?;
        item_intervals(&cells, &weights, &recipe, executor)
    })
}

/// The replicates that ranks are taken of.
fn ranks() -> Result<(), Error> {
    let names = Names::new(1_000);
    let (scores, labels) = (names.scores(), names.labels());
    let executor = Executor::single();
    counted(|| {
        let cells = Cells::new(&scores, &labels, executor)?;
        let weights = Weights::draw(N_ITEMS, 1_000, 1, executor)?;
        item_replicates(&cells, &weights, executor)
    })
}

/// The answers of people to every item; one in ten is missing.
fn answers(people: usize) -> Vec<Vec<u8>> {
    let mut numbers = Numbers(11);
    let mut answer = |options| match numbers.below(10) {
        0 => u8::MAX,
        _ => numbers.below(options),
    };
    options()
        .map(|options| (0..people).map(|_| answer(options)).collect())
        .collect()
}

fn weights(people: usize) -> Vec<f64> {
    let mut numbers = Numbers(13);
    (0..people)
        .map(|_| f64::from(1 + numbers.below(20)) / 10.0)
        .collect()
}

fn respondents() -> Result<(), Error> {
    const PEOPLE: usize = 1_000;
    let (codes, weights) = (answers(PEOPLE), weights(PEOPLE));
    let (rows, names) = (Rows::new(4, 1), Names::new(4));
    let codes: Vec<&[u8]> = codes.iter().map(Vec::as_slice).collect();
    let options: Vec<usize> = options().map(usize::from).collect();
    let answers = Answers {
        codes: &codes,
        options: &options,
        off_scale: None,
        weights: Some(&weights),
    };
    let models = ScoredModels {
        model: rows.column(),
        scale: Scale::ORDINAL,
        labels: names.labels(),
        metrics: &[Metric::Alignment],
    };
    let draws = SampleDraws {
        respondents: true,
        items: true,
        shrunken: false,
        n_resamples: 200,
        seed: 1,
        sample: 1,
    };
    counted(|| {
        let design = Design::new(PEOPLE, None, None)?;
        sample_replicates(&answers, &design, &models, &draws, Executor::single())
    })
}

fn counts() -> Result<(), Error> {
    let (model, human) = (Rows::new(4, 1), Rows::new(4, 1 << 32));
    let batch = Batch::new(model.column(), human.column(), Scale::ORDINAL)?;
    let (people, replies) = (vec![1_000.0; 4 * N_ITEMS], vec![20.0; 4 * N_ITEMS]);
    let draws = CountDraws {
        items: true,
        respondents: Some(&people),
        replies: Some(&replies),
        forms: None,
        shrunken: false,
        n_resamples: 64,
        seed: 1,
    };
    let (names, metrics) = (Names::new(4), [Metric::Alignment]);
    let labels = names.labels();
    counted(|| count_replicates(&batch, &metrics, &labels, &draws, Executor::single()))
}

fn tabulation() -> Result<(), Error> {
    const PEOPLE: usize = 10_000;
    let (codes, weights) = (answers(PEOPLE), weights(PEOPLE));
    let codes: Vec<&[u8]> = codes.iter().map(Vec::as_slice).collect();
    let options: Vec<usize> = options().map(usize::from).collect();
    let stops: Vec<usize> = (1..=10)
        .map(|population| population * PEOPLE / 10)
        .collect();
    let populations = Populations {
        codes: &codes,
        answers: &options,
        weights: &weights,
        stops: &stops,
    };
    counted(|| tabulate(&populations, Executor::single()))
}
