//! Every group against every other: mean scores over the items that two groups share, without
//! ever writing the pairs down.

use crate::batch::{Column, Scale, check};
use crate::error::{Error, Problem, Side};
use crate::ground::Ground;
use crate::group::Labels;
use crate::isa::Isa;
use crate::lanes::{LANES, Lane, evaluate};
use crate::metric::Metric;
use crate::parallel::Executor;

/// Distributions with the group and the item of each.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    /// One distribution per row.
    pub rows: Column<'a>,
    /// Group and item of each row.
    pub labels: Labels<'a>,
}

/// Mean score of every group of `model` against every group of `human`, row by row; NaN where
/// two groups share no item. The scale is that of the model's rows.
///
/// # Errors
/// The first row that is not a response distribution, rows of one item that differ in length,
/// labels that do not fit, or [`Error::Interrupted`].
pub fn matrix(
    model: &Table<'_>,
    human: &Table<'_>,
    scale: &Scale<'_>,
    metric: Metric,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    model.labels.check(model.rows.rows())?;
    human.labels.check(human.rows.rows())?;
    if model.labels.n_items != human.labels.n_items {
        return Err(Error::argument(
            "the two sides number their items differently",
        ));
    }
    let tiles = human.tiles()?;
    let (rows, starts) = model.labels.sorted_rows();
    let width = human.labels.n_groups;
    let mut out = vec![0.0; model.labels.n_groups * width];
    let isa = executor.isa;
    executor.run(
        out.chunks_mut(width.max(1)).enumerate(),
        |(group, means)| {
            let mut counts = vec![0.0; means.len()];
            for &row in &rows[starts[group]..starts[group + 1]] {
                let tiles = &tiles[model.labels.items[row] as usize];
                add_row(isa, model, scale, metric, row, tiles, means, &mut counts)?;
            }
            for (mean, count) in means.iter_mut().zip(&counts) {
                *mean /= count;
            }
            Ok(())
        },
    )?;
    Ok(out)
}

/// Rows of one item that lie in lanes.
struct Tile {
    values: Vec<Lane>,
    groups: Vec<u32>,
}

impl Table<'_> {
    /// The rows of every item, in lanes.
    fn tiles(&self) -> Result<Vec<Vec<Tile>>, Error> {
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); self.labels.n_items];
        for (row, &item) in self.labels.items.iter().enumerate() {
            rows_of[item as usize].push(row);
        }
        rows_of
            .iter()
            .map(|rows| rows.chunks(LANES).map(|rows| self.tile(rows)).collect())
            .collect()
    }

    fn tile(&self, rows: &[usize]) -> Result<Tile, Error> {
        let mut tile = Tile {
            values: Vec::new(),
            groups: rows.iter().map(|&row| self.labels.groups[row]).collect(),
        };
        for (lane, &row) in rows.iter().enumerate() {
            let at = |problem| Error::Row {
                side: Side::Human,
                row,
                problem,
            };
            let values = check(self.rows.row(row)).map_err(at)?;
            if lane == 0 {
                tile.values.resize(values.len(), [0.0; LANES]);
            } else if values.len() != tile.values.len() {
                return Err(at(Problem::Length(values.len(), tile.values.len())));
            }
            for (out, &value) in tile.values.iter_mut().zip(values.iter()) {
                out[lane] = value;
            }
        }
        Ok(tile)
    }
}

/// Adds the scores of one model row against all human rows of its item.
#[allow(clippy::too_many_arguments, reason = "one call, from the loop above")]
fn add_row(
    isa: Isa,
    model: &Table<'_>,
    scale: &Scale<'_>,
    metric: Metric,
    row: usize,
    tiles: &[Tile],
    sums: &mut [f64],
    counts: &mut [f64],
) -> Result<(), Error> {
    let at = |problem| Error::Row {
        side: Side::Model,
        row,
        problem,
    };
    let values = check(model.rows.row(row)).map_err(at)?;
    let ground = Ground::of_row(scale, row, values.len()).map_err(at)?;
    let lanes: Vec<Lane> = values.iter().map(|&value| [value; LANES]).collect();
    let mut scores = [[0.0; LANES]];
    for tile in tiles {
        if tile.values.len() != lanes.len() {
            return Err(at(Problem::Length(lanes.len(), tile.values.len())));
        }
        evaluate(isa, &[metric], &lanes, &tile.values, &ground, &mut scores);
        for (&group, &score) in tile.groups.iter().zip(&scores[0]) {
            if !score.is_nan() {
                sums[group as usize] += score;
                counts[group as usize] += 1.0;
            }
        }
    }
    Ok(())
}
