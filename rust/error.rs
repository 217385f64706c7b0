//! Errors of the input, each with its row, value and remedy.

use std::fmt;

use thiserror::Error;

/// The two sides of a pair, and the forms behind one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The distribution that is scored.
    Model,
    /// The distribution that the model is scored against.
    Human,
    /// One of the distributions that a model's row is the mean of.
    Form,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Model => "model",
            Self::Human => "human",
            Self::Form => "form",
        })
    }
}

/// Why a row is not a response distribution.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum Problem {
    /// The whole row is missing.
    #[error("is null: drop the pair, or fill it with a distribution")]
    Null,
    /// A value inside the row is missing.
    #[error("holds a null: give every option a probability")]
    NullValue,
    /// The row has no options at all.
    #[error("is empty: give every option a probability")]
    Empty,
    /// The row has only one option.
    #[error("has a single option: a distribution needs two or more")]
    SingleOption,
    /// A value is NaN or infinite.
    #[error("holds {0}: probabilities are finite")]
    NotFinite(f64),
    /// A value is below zero.
    #[error("holds {0}: probabilities are not negative")]
    Negative(f64),
    /// The values do not add up to one.
    #[error("sums to {0}, not to 1: check it, or call doxa.normalize on purpose")]
    Sum(f64),
    /// The shares of a form add up to nothing, or to more than one.
    #[error("sums to {0}: the shares of a form add up to more than 0 and at most 1")]
    FormSum(f64),
    /// The row's offsets point outside the values.
    #[error("has offsets that do not lie inside its values: rebuild the array")]
    Offsets,
    /// The two sides of a pair differ in length.
    #[error("has {0} options where the other side has {1}: use the same options on both sides")]
    Length(usize, usize),
    /// The positions of a row are not one per option.
    #[error("has {0} options but {1} positions: give one position per option")]
    PositionCount(usize, usize),
    /// The positions of a row do not increase.
    #[error("has positions that do not strictly increase: list them in the order of the scale")]
    PositionOrder,
}

/// Every error of the crate.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Error {
    /// A row is not a response distribution.
    #[error("{side} row {row} {problem}")]
    Row {
        /// The side of the pair the row is on.
        side: Side,
        /// The row, counted from 0 over all chunks.
        row: usize,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The two sides have different numbers of rows.
    #[error("{model} model rows and {human} human rows: give one human row per model row")]
    RowCount {
        /// Rows on the model's side.
        model: usize,
        /// Rows on the human side.
        human: usize,
    },
    /// Another argument is wrong.
    #[error("{0}")]
    Argument(String),
    /// The machine has not that much memory left.
    #[error("{}", memory(*needed, *free))]
    Memory {
        /// Bytes that are needed.
        needed: f64,
        /// Bytes that are left; the largest number where the system does not tell.
        free: usize,
    },
    /// A fault of this crate.
    #[error("doxa's core failed ({0}): please report this line and the call that led to it")]
    Fault(String),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Tells of memory that is not there.
#[allow(clippy::cast_precision_loss, reason = "told to three digits")]
fn memory(needed: f64, free: usize) -> String {
    let left = match free {
        usize::MAX => String::new(),
        free => format!(", and {} are left", in_units(free as f64)),
    };
    format!(
        "this needs {} of memory{left}: ask for fewer replicates, groups or threads",
        in_units(needed)
    )
}

/// Writes a number of bytes with a unit.
fn in_units(bytes: f64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (bytes / 1e3, 0);
    while value >= 1e3 && unit + 1 < units.len() {
        (value, unit) = (value / 1e3, unit + 1);
    }
    format!("{value:.1} {}", units[unit])
}

impl Error {
    /// Makes the error of an argument from a message that names the remedy.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::Argument(message.into())
    }

    /// Adds `first_row` to the row number, for a batch that is part of a larger one.
    #[must_use]
    pub fn counted_from(self, first_row: usize) -> Self {
        match self {
            Self::Row { side, row, problem } => Self::Row {
                side,
                row: row + first_row,
                problem,
            },
            other => other,
        }
    }

    /// Returns a function that turns a problem of this row into an error.
    pub(crate) fn at(side: Side, row: usize) -> impl Fn(Problem) -> Self {
        move |problem| Self::Row { side, row, problem }
    }
}
