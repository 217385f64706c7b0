"""Alignment of countries with each other, and of ways of asking with each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.forms import drawing
from doxa.analysis.parts.item_scores import check_sizes
from doxa.analysis.parts.notes import SCORE_NOTES, note
from doxa.analysis.parts.pairs import population_keys, restrict_humans, restrict_models
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import InvalidArgumentError, NoDataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["cluster_order", "model_matrix", "population_matrix"]

_OTHER = "_other"


def population_matrix(
    human: pl.DataFrame, bank: HasItems, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Align every population with every other.

    Parameters
    ----------
    human, bank
        As in `country_alignment`.
    settings : Settings
        Respondents are resampled on both sides; replies cannot be resampled.

    Returns
    -------
    polars.DataFrame
        One row per ordered pair of different populations: the population's keys, the other's
        under names that end in "_other", `n_items` (that both have), `estimate`, `low`,
        `high`, `std_error`, `place` and `place_other` (in the order of `cluster_order`, from
        0), `resampled`, `note`. Without an item in common the numbers are null.

    Raises
    ------
    NoDataError
        There are fewer than two populations, no two of them share an item, or respondents are
        to be resampled and their number is unknown.
    InvalidArgumentError
        `resample` names replies.

    Examples
    --------
    >>> table = population_matrix(human.filter(wave=7), bank)
    >>> table["country"].unique().sort().to_list()
    ['BGD', 'COL', 'JPN', 'USA']
    """
    if "replies" in settings.resample:
        raise InvalidArgumentError("resample='replies': populations do not reply; say respondents")
    human = restrict_humans(human, bank, settings)
    settings = drawing(settings, human)
    keys = population_keys(human)
    frame = human.select(*keys, "question", "probabilities", "n_effective").with_columns(
        # The core resamples the first side of a pair as replies; here it is a sample too.
        n_replies=pl.col("n_effective"), elicitation=pl.lit("sampling"),
    )  # fmt: skip
    both_sides = settings
    if "respondents" in settings.resample:
        check_sizes(frame, settings)
        both_sides = replace(settings, resample=(*settings.resample, "replies"))
    return _matrix(frame, bank, keys, both_sides, "populations").with_columns(
        resampled=pl.lit(settings.resampled)
    )


def model_matrix(
    model: pl.DataFrame, bank: HasItems, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Align every way of asking with every other of the same elicitation.

    Parameters
    ----------
    model, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is; `wave` is not used.

    Returns
    -------
    polars.DataFrame
        As `population_matrix` gives it, with the keys of ways of asking.

    Raises
    ------
    NoDataError
        There are fewer than two ways of asking, or no two of one elicitation share an item.

    Examples
    --------
    >>> table = model_matrix(model, bank)
    >>> table["model_other"].unique().sort().to_list()
    ['alpha', 'beta']
    """
    model = restrict_models(model, bank, settings)
    frame = model.select(*MODEL_KEYS, "question", "probabilities")
    return _matrix(frame, bank, list(MODEL_KEYS), settings.items_alone(), "ways of asking")


def _matrix(
    frame: pl.DataFrame, bank: HasItems, keys: list[str], settings: Settings, what: str
) -> pl.DataFrame:
    """Align the members that `keys` name with each other; errors call them `what`."""
    frame = frame.with_columns(
        member=pl.struct(keys).rank("dense").cast(pl.Int64) - 1
    ).sort("member", "question")  # fmt: skip
    members = frame.select(*keys, "member").unique().sort("member")
    if members.height < 2:
        raise NoDataError(f"a matrix needs two or more {what}: there is one")
    pairs = frame.join(frame, on="question", suffix=_OTHER).filter(
        pl.col("member") < pl.col("member" + _OTHER)
    )
    if "elicitation" in keys:
        pairs = pairs.filter(pl.col("elicitation") == pl.col("elicitation" + _OTHER))
    if pairs.is_empty():
        raise NoDataError(f"no two {what} have an item in common")
    if "n_effective" in pairs.columns:
        pairs = pairs.with_columns(n_effective=pl.col("n_effective" + _OTHER))
    ends = ["member", "member" + _OTHER]
    pairs = pairs.sort(*ends, "question")
    scores = GroupScores(pairs, bank, ends, settings, second="probabilities" + _OTHER)
    means, _ = scores.means(replicates=False)
    half = pl.concat([scores.groups, means], how="horizontal")
    swapped = half.rename({ends[0]: ends[1], ends[1]: ends[0]}).select(half.columns)
    distances = np.full((members.height,) * 2, np.nan)
    whole = pl.concat([half, swapped])
    distances[whole["member"].to_numpy(), whole[ends[1]].to_numpy()] = 1 - whole["estimate"]
    np.fill_diagonal(distances, 0.0)
    distances[np.isnan(distances)] = 1.0  # no item in common: the largest distance
    places = np.empty(members.height, np.int64)
    places[cluster_order(distances)] = np.arange(members.height)
    members = members.with_columns(place=pl.Series(places))
    everyone = members.join(members, how="cross", suffix=_OTHER).filter(
        pl.col("member") != pl.col("member" + _OTHER)
    )
    if "elicitation" in keys:
        everyone = everyone.filter(pl.col("elicitation") == pl.col("elicitation" + _OTHER))
    return (
        everyone.join(whole, on=ends, how="left", maintain_order="left")
        .with_columns(pl.col("n_items").fill_null(0))
        .select(
            *keys, *(name + _OTHER for name in keys), "n_items", "estimate", "low", "high",
            "std_error", "place", "place_other",
            pl.lit(settings.resampled).alias("resampled"), note(*SCORE_NOTES),
        )
    )  # fmt: skip


def cluster_order(distances: ArrayLike) -> list[int]:
    """Order members so that similar ones are neighbours, by average-linkage clustering.

    Parameters
    ----------
    distances : (n, n) array of float
        Symmetric, without negative numbers; the values on the diagonal do not matter.

    Returns
    -------
    list of int
        Row numbers in the order of the tree's leaves; of two branches, the older comes first.

    Raises
    ------
    InvalidArgumentError
        `distances` is not such a matrix.

    Notes
    -----
    Sokal & Michener (1958); the order is that of ``scipy.cluster.hierarchy.leaves_list``.

    Examples
    --------
    >>> cluster_order([[0, 9, 1], [9, 0, 8], [1, 8, 0]])
    [1, 0, 2]
    """
    given = np.array(distances, np.float64)
    fits = given.ndim == 2 and given.shape[0] == given.shape[1]
    if not fits or not (given >= 0).all() or not np.allclose(given, given.T, equal_nan=False):
        raise InvalidArgumentError("distances must be a symmetric matrix without negative numbers")
    n = len(given)
    np.fill_diagonal(given, np.inf)
    leaves = [[leaf] for leaf in range(n)]
    names = list(range(n))  # of the cluster in each row: leaves first, then by age
    for made in range(n, 2 * n - 1):
        i, j = divmod(int(given.argmin()), n)
        i, j = sorted((i, j), key=lambda row: names[row])
        sizes = len(leaves[i]), len(leaves[j])
        mean = (sizes[0] * given[i] + sizes[1] * given[j]) / sum(sizes)
        given[i], given[:, i] = mean, mean
        given[i, i] = np.inf
        given[j], given[:, j] = np.inf, np.inf
        leaves[i], names[i] = leaves[i] + leaves[j], made
        leaves[j] = []
    return max(leaves, key=len, default=[])
