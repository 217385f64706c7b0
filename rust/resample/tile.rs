//! Tiles: replicates that are drawn and scored together.

use crate::machine::Aligned;

/// Replicates of a tile: as many as one cache line has bytes.
pub(super) const TILE: usize = 64;

/// Replicates of a strip: as many as an AVX-512 register holds doubles.
pub(crate) const STRIP: usize = 8;

/// A number for every replicate of a tile.
pub(super) type TileValues = Aligned<[f64; TILE]>;

/// A count for every replicate of a tile.
pub(super) type TileCounts = Aligned<[u32; TILE]>;

/// How often a respondent was drawn in every replicate of a tile.
pub(super) type Multiplicity = Aligned<[u8; TILE]>;

/// A number for every replicate of a strip.
pub(super) type Strip = Aligned<[f64; STRIP]>;

/// Zero in every replicate of a tile.
pub(super) const ZERO: TileValues = Aligned([0.0; TILE]);
