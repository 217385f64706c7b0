//! The fast path for mean alignments of many groups with the same people, in all replicates of a
//! tile.
//!
//! With cumulative shares F and G, on a scale that is 1 long, a distance is Σ |F − G| =
//! (Σ max(F, G) − Σ F) + (Σ max(F, G) − Σ G), and the sums of F and of G alone are computed once.
//! So a step costs a maximum and an addition, which processors do in parallel. If every item counts
//! once, all steps are one long sum. Equal distributions have distance exactly 0, because all three
//! sums run over the steps in the same order. The steps of nominal options are half their shares,
//! which gives the total variation.

use std::collections::HashMap;
use std::ops::Range;

use super::alignment_kernels::{GROUPS, Span, add_up, sum_steps};
use super::item_steps::ItemSteps;
use super::model_row::ModelRow;
use super::tile::{STRIP, Strip, TILE, TileValues};
use crate::machine::{Aligned, Isa};

/// Steps that stay in the L1 cache while all groups are summed over them.
const PIECE_STEPS: usize = 128;

/// Rows rearranged so that groups with the same items are side by side.
pub(super) struct Alignments {
    items: Vec<ItemSteps>,
    layouts: Vec<Layout>,
}

/// Groups that have the same items on the same scales.
struct Layout {
    /// The item of every row of such a group, as a place in `Alignments::items`.
    items: Vec<usize>,
    pieces: Vec<Piece>,
    blocks: Vec<ModelBlock>,
}

/// Rows whose steps stay in the L1 cache together.
struct Piece {
    rows: Range<usize>,
    steps: Range<usize>,
    /// One span for each row, used if rows have weights.
    each: Vec<Span>,
    /// All rows as one span, used if every item counts once.
    whole: [Span; 1],
}

/// Up to [`GROUPS`] groups side by side.
struct ModelBlock {
    groups: Vec<usize>,
    steps: Vec<[f64; GROUPS]>,
    /// Sums of the steps of every row.
    row_sums: Vec<[f64; GROUPS]>,
    /// Sums of the steps of every piece.
    piece_sums: Vec<[f64; GROUPS]>,
}

impl Alignments {
    /// Rearranges rows that come group by group.
    pub fn new(rows: &[ModelRow<'_>], n_items: usize) -> Self {
        let (mut items, mut layouts) = (Vec::new(), Vec::new());
        let mut known = vec![Vec::new(); n_items];
        let mut layout_of = HashMap::new();
        for group in rows.chunk_by(|a, b| a.group == b.group) {
            let of_group: Vec<usize> = group
                .iter()
                .map(|row| place(ItemSteps::new(row), &mut known[row.sample], &mut items))
                .collect();
            let layout = *layout_of.entry(of_group.clone()).or_insert_with(|| {
                layouts.push(Layout::new(of_group, &items));
                layouts.len() - 1
            });
            layouts[layout].add(group, &items);
        }
        Self { items, layouts }
    }

    /// Computes the mean alignment of every group.
    ///
    /// `shares` holds the shares of all options, `first_option` the start of the options of each
    /// item, and `weights` how often each item counts; without weights, each counts once.
    pub fn means(
        &self,
        isa: Isa,
        shares: &[TileValues],
        first_option: &[usize],
        weights: Option<&[TileValues]>,
        out: &mut [[f64; TILE]],
    ) {
        for layout in &self.layouts {
            for strip in 0..TILE / STRIP {
                let share = |item: usize, step: usize| {
                    &shares[first_option[item] + step].as_chunks::<STRIP>().0[strip]
                };
                let weights = weights.map(|weights| layout.weights(&self.items, weights, strip));
                let scores = layout.means(isa, &self.items, share, weights.as_deref());
                let groups = layout.blocks.iter().flat_map(|block| &block.groups);
                for (&group, score) in groups.zip(scores.as_flattened()) {
                    out[group].as_chunks_mut::<STRIP>().0[strip] = score.0;
                }
            }
        }
    }
}

/// Finds the place of an item's steps in `items`, or adds them; `known` holds the places of the
/// item's earlier steps.
fn place(steps: ItemSteps, known: &mut Vec<usize>, items: &mut Vec<ItemSteps>) -> usize {
    if let Some(&place) = known.iter().find(|&&place| items[place] == steps) {
        return place;
    }
    items.push(steps);
    known.push(items.len() - 1);
    items.len() - 1
}

impl Layout {
    /// Divides the rows of a group into pieces.
    fn new(items: Vec<usize>, all: &[ItemSteps]) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut n_steps = 0;
        for (row, &item) in items.iter().enumerate() {
            let own = all[item].len();
            if pieces
                .last()
                .is_none_or(|piece| piece.steps.len() + own > PIECE_STEPS)
            {
                pieces.push(Piece::empty(row, n_steps));
            }
            let last = pieces.len() - 1;
            pieces[last].push(own);
            n_steps += own;
        }
        Self {
            items,
            pieces,
            blocks: Vec::new(),
        }
    }

    /// Adds a group.
    fn add(&mut self, rows: &[ModelRow<'_>], items: &[ItemSteps]) {
        let place = self
            .blocks
            .last()
            .map_or(0, |block| block.groups.len() % GROUPS);
        if place == 0 {
            let n_steps = self.pieces.last().map_or(0, |piece| piece.steps.end);
            self.blocks.push(ModelBlock {
                groups: Vec::new(),
                steps: vec![[0.0; GROUPS]; n_steps],
                row_sums: vec![[0.0; GROUPS]; rows.len()],
                piece_sums: vec![[0.0; GROUPS]; self.pieces.len()],
            });
        }
        let last = self.blocks.len() - 1;
        let block = &mut self.blocks[last];
        block.groups.push(rows[0].group);
        let mut steps = block.steps.iter_mut();
        for (piece_sum, piece) in block.piece_sums.iter_mut().zip(&self.pieces) {
            for row in piece.rows.clone() {
                let own = items[self.items[row]].of_shares(&rows[row].shares);
                for (own, step) in own.zip(&mut steps) {
                    step[place] = own;
                    block.row_sums[row][place] += own;
                    piece_sum[place] += own;
                }
            }
        }
    }

    /// Returns how often every row counts in one strip of replicates.
    fn weights(&self, items: &[ItemSteps], weights: &[TileValues], strip: usize) -> Vec<Strip> {
        self.items
            .iter()
            .map(|&item| Aligned(weights[items[item].item()].as_chunks::<STRIP>().0[strip]))
            .collect()
    }

    /// Computes the means of one strip of replicates, block by block. `share` returns the people's
    /// shares by item and step.
    fn means<'a>(
        &self,
        isa: Isa,
        items: &[ItemSteps],
        share: impl Fn(usize, usize) -> &'a [f64; STRIP],
        weights: Option<&[Strip]>,
    ) -> Vec<[Strip; GROUPS]> {
        let zero = Aligned([0.0; STRIP]);
        let (mut scores, mut total) = (vec![[zero; GROUPS]; self.blocks.len()], zero);
        let (mut steps, mut sums) = (Vec::new(), Vec::new());
        for (number, piece) in self.pieces.iter().enumerate() {
            steps.resize(piece.steps.len(), zero);
            let mut next = &mut steps[..];
            for &item in &self.items[piece.rows.clone()] {
                let item = &items[item];
                let own = next.split_off_mut(..item.len()).unwrap_or_default();
                item.of_strips(isa, |step| share(item.item(), step), own);
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
                    &block.row_sums[piece.rows.clone()]
                } else {
                    &block.piece_sums[number..=number]
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
    /// Begins a piece at a row and a step.
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

    /// Adds a row.
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
