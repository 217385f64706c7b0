//! Mean alignments of many groups with the same people, in all replicates of a tile.
//!
//! With cumulative shares F and G, scaled so that the whole scale is 1 long, a distance is
//! Σ |F − G| = (Σ max(F, G) − Σ F) + (Σ max(F, G) − Σ G), and the sums of F and of G alone are
//! made once. So a step costs a maximum and an addition, which processors do side by side, and
//! where every item counts once all its steps are one long sum. Equal distributions have
//! distance 0 exactly, because all three sums run over the steps in the same order.
//! Nominal options are steps of half their own shares, which gives the total variation.

use std::collections::HashMap;
use std::ops::Range;

use crate::isa::{Aligned, Isa, multiversion};
use crate::replicate::{Factors, Row};
use crate::sample::TILE;
use crate::tally::Run;

/// As many replicates as an AVX-512 register holds.
const STRIP: usize = 8;

/// Groups whose sums are in registers together.
const GROUPS: usize = 4;

/// Steps that stay in the first cache while all groups are summed over them.
const PIECE: usize = 128;

type Strip = Aligned<[f64; STRIP]>;

/// Rows turned so that groups with the same items lie side by side.
pub(crate) struct Alignments {
    grounds: Vec<Ground>,
    layouts: Vec<Layout>,
}

/// What the shares of an item are made into: its steps on one scale.
struct Ground {
    item: usize,
    nominal: bool,
    factors: Factors,
}

/// Groups that have the same items on the same scales.
struct Layout {
    /// The ground of every row of such a group.
    grounds: Vec<usize>,
    pieces: Vec<Piece>,
    blocks: Vec<Block>,
}

/// Rows whose steps stay in the first cache together.
struct Piece {
    rows: Range<usize>,
    steps: Range<usize>,
    /// One for each row, for when rows have weights.
    each: Vec<Span>,
    /// All rows as one, for when every item counts once.
    whole: [Span; 1],
}

/// Rows whose steps are one sum.
#[derive(Clone, Copy)]
struct Span {
    n_steps: usize,
    n_rows: f64,
}

/// Up to [`GROUPS`] groups side by side.
struct Block {
    groups: Vec<usize>,
    steps: Vec<[f64; GROUPS]>,
    /// Sums of the steps of every row.
    rows: Vec<[f64; GROUPS]>,
    /// Sums of the steps of every piece.
    wholes: Vec<[f64; GROUPS]>,
}

impl Alignments {
    /// Takes on rows in the order of groups.
    pub fn new(rows: &[Row<'_>], n_items: usize) -> Self {
        let (mut grounds, mut layouts) = (Vec::new(), Vec::new());
        let mut grounds_of_items = vec![Vec::new(); n_items];
        let mut layout_of_grounds = HashMap::new();
        for group in rows.chunk_by(|a, b| a.group == b.group) {
            let of_group: Vec<usize> = group
                .iter()
                .map(|row| ground(row, &mut grounds_of_items[row.sample], &mut grounds))
                .collect();
            let layout = *layout_of_grounds
                .entry(of_group.clone())
                .or_insert_with(|| {
                    layouts.push(Layout::new(of_group, &grounds));
                    layouts.len() - 1
                });
            layouts[layout].add(group, &grounds);
        }
        Self { grounds, layouts }
    }

    /// Puts the mean alignment of every group into `out`.
    ///
    /// `shares` are those of all options, `first_option` where each item's begin, and `weights`
    /// how often each item counts; once, if there are none.
    pub fn means(
        &self,
        isa: Isa,
        shares: &[Run],
        first_option: &[usize],
        weights: Option<&[Run]>,
        out: &mut [[f64; TILE]],
    ) {
        for layout in &self.layouts {
            for strip in 0..TILE / STRIP {
                let share = |ground: &Ground, step: usize| {
                    let share = &shares[first_option[ground.item] + step];
                    &share.as_chunks::<STRIP>().0[strip]
                };
                let weights = weights.map(|weights| layout.weights(&self.grounds, weights, strip));
                let scores = layout.means(isa, &self.grounds, share, weights.as_deref());
                let groups = layout.blocks.iter().flat_map(|block| &block.groups);
                for (&group, score) in groups.zip(scores.as_flattened()) {
                    out[group].as_chunks_mut::<STRIP>().0[strip] = score.0;
                }
            }
        }
    }
}

/// The ground of a row: one of those its item has already, or a new one.
fn ground(row: &Row<'_>, known: &mut Vec<usize>, grounds: &mut Vec<Ground>) -> usize {
    let same = |ground: &Ground| ground.nominal == row.nominal && ground.factors == row.factors;
    if let Some(&ground) = known.iter().find(|&&ground| same(&grounds[ground])) {
        return ground;
    }
    grounds.push(Ground {
        item: row.sample,
        nominal: row.nominal,
        factors: row.factors.clone(),
    });
    known.push(grounds.len() - 1);
    grounds.len() - 1
}

impl Ground {
    /// The steps of one distribution.
    fn steps<'a>(&'a self, shares: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let mut sum = 0.0;
        let shares = shares[..self.factors.len()].iter().enumerate();
        shares.map(move |(step, share)| {
            sum = if self.nominal { *share } else { sum + share };
            sum * self.factors.of(step)
        })
    }

    /// The steps of a strip of replicates; 0 where nobody answered.
    fn put<'a>(
        &self,
        isa: Isa,
        share: impl Fn(&Ground, usize) -> &'a [f64; STRIP],
        out: &mut [Strip],
    ) {
        let mut sum = [0.0; STRIP];
        for (step, out) in out.iter_mut().enumerate() {
            if self.nominal {
                sum = [0.0; STRIP];
            }
            add_step(isa, share(self, step), self.factors.of(step), &mut sum, out);
        }
    }
}

multiversion! {
    /// Adds shares to a sum, and gives its product with a factor; 0 where it is NaN.
    fn add_step(share: &[f64; STRIP], factor: f64, sum: &mut [f64; STRIP], out: &mut Strip)
        = add_step_body;
}

#[inline(always)]
fn add_step_body(share: &[f64; STRIP], factor: f64, sum: &mut [f64; STRIP], out: &mut Strip) {
    for l in 0..STRIP {
        sum[l] += share[l];
        let step = sum[l] * factor;
        out.0[l] = if step.is_nan() { 0.0 } else { step };
    }
}

impl Layout {
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
    fn new(grounds: Vec<usize>, all: &[Ground]) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut n_steps = 0;
        for (row, &ground) in grounds.iter().enumerate() {
            let own = all[ground].factors.len();
            if pieces
                .last()
                .is_none_or(|piece| piece.steps.len() + own > PIECE)
            {
                pieces.push(Piece::empty(row, n_steps));
            }
            let last = pieces.len() - 1;
            pieces[last].push(own);
            n_steps += own;
        }
        Self {
            grounds,
            pieces,
            blocks: Vec::new(),
        }
    }

    /// Takes on a group.
    fn add(&mut self, rows: &[Row<'_>], grounds: &[Ground]) {
        let place = self
            .blocks
            .last()
            .map_or(0, |block| block.groups.len() % GROUPS);
        if place == 0 {
            let n_steps = self.pieces.last().map_or(0, |piece| piece.steps.end);
            self.blocks.push(Block {
                groups: Vec::new(),
                steps: vec![[0.0; GROUPS]; n_steps],
                rows: vec![[0.0; GROUPS]; rows.len()],
                wholes: vec![[0.0; GROUPS]; self.pieces.len()],
            });
        }
        let last = self.blocks.len() - 1;
        let block = &mut self.blocks[last];
        block.groups.push(rows[0].group);
        let mut steps = block.steps.iter_mut();
        for (whole, piece) in block.wholes.iter_mut().zip(&self.pieces) {
            for row in piece.rows.clone() {
                let own = grounds[self.grounds[row]].steps(&rows[row].shares);
                for (own, step) in own.zip(&mut steps) {
                    step[place] = own;
                    block.rows[row][place] += own;
                    whole[place] += own;
                }
            }
        }
    }

    /// How often every row counts, in one strip of replicates.
    fn weights(&self, grounds: &[Ground], weights: &[Run], strip: usize) -> Vec<Strip> {
        self.grounds
            .iter()
            .map(|&ground| Aligned(weights[grounds[ground].item].as_chunks::<STRIP>().0[strip]))
            .collect()
    }

    /// The means of one strip of replicates, block by block.
    fn means<'a>(
        &self,
        isa: Isa,
        grounds: &[Ground],
        share: impl Fn(&Ground, usize) -> &'a [f64; STRIP],
        weights: Option<&[Strip]>,
    ) -> Vec<[Strip; GROUPS]> {
        let zero = Aligned([0.0; STRIP]);
        let (mut scores, mut total) = (vec![[zero; GROUPS]; self.blocks.len()], zero);
        let (mut steps, mut sums) = (Vec::new(), Vec::new());
        for (number, piece) in self.pieces.iter().enumerate() {
            steps.resize(piece.steps.len(), zero);
            let mut next = &mut steps[..];
            for &ground in &self.grounds[piece.rows.clone()] {
                let ground = &grounds[ground];
                let own = next.split_off_mut(..ground.factors.len());
                ground.put(isa, &share, own.unwrap_or_default());
            }
            let once = [Aligned([1.0; STRIP])];
            let weighted = weights.is_some();
            let (spans, weights) = match weights {
                Some(weights) => (&piece.each[..], &weights[piece.rows.clone()]),
                None => (&piece.whole[..], &once[..]),
            };
            sums.resize(spans.len(), zero);
            sum_steps(isa, spans, &steps, weights, &mut sums, &mut total);
            for (block, scores) in self.blocks.iter().zip(&mut scores) {
                let model_sums = if weighted {
                    &block.rows[piece.rows.clone()]
                } else {
                    &block.wholes[number..=number]
                };
                let model = (&block.steps[piece.steps.clone()], model_sums);
                add_up(isa, spans, (&steps, &sums), model, weights, scores);
            }
        }
        for score in scores.as_flattened_mut() {
            for l in 0..STRIP {
                score[l] /= total[l];
            }
        }
        scores
    }
}

impl Piece {
    fn empty(row: usize, step: usize) -> Self {
        Self {
            rows: row..row,
            steps: step..step,
            each: Vec::new(),
            whole: [Span {
                n_steps: 0,
                n_rows: 0.0,
            }],
        }
    }

    /// Takes on a row.
    fn push(&mut self, n_steps: usize) {
        self.rows.end += 1;
        self.steps.end += n_steps;
        self.each.push(Span {
            n_steps,
            n_rows: 1.0,
        });
        self.whole[0].n_steps += n_steps;
        self.whole[0].n_rows += 1.0;
    }
}

multiversion! {
    /// The sum of the steps of every span; adds the weights of its rows to a total.
    fn sum_steps(
        spans: &[Span],
        steps: &[Strip],
        weights: &[Strip],
        sums: &mut [Strip],
        total: &mut Strip,
    ) = sum_steps_body;
}

#[inline(always)]
fn sum_steps_body(
    spans: &[Span],
    steps: &[Strip],
    weights: &[Strip],
    sums: &mut [Strip],
    total: &mut Strip,
) {
    let mut steps = steps.iter();
    for ((span, weight), out) in spans.iter().zip(weights).zip(sums) {
        let mut sum = [0.0; STRIP];
        for step in steps.by_ref().take(span.n_steps) {
            for l in 0..STRIP {
                sum[l] += step.0[l];
            }
        }
        out.0 = sum;
        for l in 0..STRIP {
            total.0[l] += weight.0[l] * span.n_rows;
        }
    }
}

multiversion! {
    /// Adds Σ over spans of weight × (number of rows − their distances), for every group of a
    /// block. People and models come as their steps and the sums of them.
    fn add_up(
        spans: &[Span],
        human: (&[Strip], &[Strip]),
        model: (&[[f64; GROUPS]], &[[f64; GROUPS]]),
        weights: &[Strip],
        scores: &mut [Strip; GROUPS],
    ) = add_up_body::<true>, add_up_body::<false>, add_up_body::<false>;
}

/// Sums have names of their own, because the compiler keeps names in registers and arrays in
/// memory.
#[inline(always)]
fn add_up_body<const BITS: bool>(
    spans: &[Span],
    (human, human_sums): (&[Strip], &[Strip]),
    (model, model_sums): (&[[f64; GROUPS]], &[[f64; GROUPS]]),
    weights: &[Strip],
    scores: &mut [Strip; GROUPS],
) {
    let zero = || Sum::<BITS>([0.0; STRIP]);
    let mut start = 0;
    for (((span, human_sum), weight), model_sum) in
        spans.iter().zip(human_sums).zip(weights).zip(model_sums)
    {
        let (mut a, mut b, mut c, mut d) = (zero(), zero(), zero(), zero());
        let range = start..start + span.n_steps;
        for (human, model) in human[range.clone()].iter().zip(&model[range]) {
            a.add_larger(&human.0, model[0]);
            b.add_larger(&human.0, model[1]);
            c.add_larger(&human.0, model[2]);
            d.add_larger(&human.0, model[3]);
        }
        start += span.n_steps;
        let sums = [a, b, c, d];
        for g in 0..GROUPS {
            for l in 0..STRIP {
                let larger = sums[g].0[l];
                let distance = (larger - human_sum.0[l]) + (larger - model_sum[g]);
                scores[g].0[l] += weight.0[l] * (span.n_rows - distance);
            }
        }
    }
}

/// A sum in every replicate of a strip.
struct Sum<const BITS: bool>([f64; STRIP]);

impl<const BITS: bool> Sum<BITS> {
    /// Adds the larger of two numbers that are not negative. With `BITS` they are compared as
    /// integers, which have the same order: AVX-512 can do that while it adds.
    #[inline(always)]
    fn add_larger(&mut self, human: &[f64; STRIP], model: f64) {
        for l in 0..STRIP {
            let larger = if BITS {
                let bits = |number: f64| number.to_bits().cast_signed();
                f64::from_bits(bits(human[l]).max(bits(model)).cast_unsigned())
            } else if human[l] > model {
                human[l]
            } else {
                model
            };
            self.0[l] += larger;
        }
    }
}
