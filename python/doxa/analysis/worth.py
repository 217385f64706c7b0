"""How many people a model's answers are worth."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.item_scores import average_items, item_alignment, item_metrics
from doxa.analysis.parts.notes import finish
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.spread import item_spread
from doxa.distribution import MODEL_KEYS
from doxa.score import item_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank
    from doxa.questionnaire.scale import Scale

__all__ = ["simulated_respondents"]

_SAMPLE: Final = "as close as a sample"
_SAFE: Final = "safe simulation size"
_ALL: Final = "all"
_UNKNOWN: Final = "number of respondents unknown"
_NO_LIMIT: Final = "as close as another sample of the survey's own size: no number is too large"
_ORDINAL: Final = "no ordinal item"
_MISSED: Final = 0.05
_DILATION: Final = 2.0**0.5
_ENDS: Final = ("estimate", "low", "high")
_EXACT: Final = 1e-12


def simulated_respondents(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Estimate how many real people a model's answers are worth, by country and topic.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        Two rows per way of asking, population and topic (and `topic` "all"): the keys, `topic`,
        `measure`, `estimate`, `low`, `high`, `n_items`, `respondents` (the survey's own effective
        number, harmonic mean over items), `resampled`, `note`. The measures, in people:

        as close as a sample
            The size of a random sample of the population that is as close to the survey as the
            model is, in mean alignment; null where the model is as close as another sample of the
            survey's own size, or closer. A null `high` has no upper limit.
        safe simulation size
            The largest number of simulated answers per item from which a 95 % confidence interval
            for people's mean answer misses it on at most 2.5 % of the items; ordinal items only.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.

    Notes
    -----
    The alignment of two samples of sizes n and N from one population is 1 - C √(1/n + 1/N) on the
    average, where C is the sum of √(2F (1 - F) / π) over the steps of an ordinal scale (F is the
    cumulated share, a step counts as its part of the scale) and half that sum over the shares of a
    nominal one: the mean absolute deviation of a binomial share, nearly normal. The first measure
    solves this for n, with means over items on both sides.

    The second is the rule of Huang, Wu & Wang (2025) for simulations that may be repeated without
    limit: the interval is the model's mean ± √2 · 1.96 · s / √k with s its standard deviation, and
    k is the largest number for which the share of items missed is at most α / 2 = 0.025. As one
    item in forty may be missed, it is decided by the few items that a model gets most wrong.

    References
    ----------
    Huang, C., Wu, Y., & Wang, K. (2025). How Many Human Survey Respondents is a Large Language
    Model Worth? arXiv:2502.17773.

    Examples
    --------
    >>> table = simulated_respondents(model, human, bank)
    >>> table["measure"].unique(maintain_order=True).to_list()
    ['as close as a sample', 'safe simulation size']
    """
    model, human = restrict(model, human, bank, settings)
    topics = {name: item.topic for name, item in bank.items.items()}
    pairs = pair_items(model, human, bank)
    apart = item_metrics(pairs, bank, ("mean_difference",))["mean_difference"]
    pairs = pairs.with_columns(
        distance=1.0 - item_alignment(pairs, bank),
        chance=chance_distance(pairs, bank),
        enough=_enough(pairs, bank, apart),
        topic=pl.col("question").replace_strict(topics),
    )
    pairs = pl.concat([pairs.with_columns(topic=pl.lit(_ALL)), pairs])
    keys = [*MODEL_KEYS, *population_keys(human), "topic"]
    order = pl.col("topic").replace_strict([_ALL, *bank.topics], range(len(bank.topics) + 1))
    table = pl.concat([_samples(pairs, keys, settings), _safe(pairs, keys, settings)])
    table = finish(table.sort(*keys[:-1], order, pl.col("measure")), pl.col("said"))
    return table.drop("said")


def chance_distance(pairs: pl.DataFrame, bank: QuestionBank) -> pl.Series:
    """Give, for people's shares of each row, the mean distance of a sample of one times √n.

    Divided by √n it is the mean distance of a sample of n from the population, up to the normal
    approximation.
    """
    values = np.full(pairs.height, np.nan)
    places = pairs.select("question", "probabilities_human").with_row_index("row")
    for question, rows, shares in (
        places.group_by("question", maintain_order=True)
        .agg("row", "probabilities_human")
        .iter_rows()
    ):
        values[rows] = _chance(np.array(shares), bank.items[question].scale)
    return pl.Series(values)


def _chance(shares: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    steps = np.full(shares.shape[1], 0.5)
    if scale.kind == "ordinal":
        shares = np.clip(shares.cumsum(axis=1)[:, :-1], 0.0, 1.0)
        steps = np.diff(scale.positions) / (scale.positions[-1] - scale.positions[0])
    found: NDArray[np.float64] = np.sqrt(2 * shares * (1 - shares) / np.pi) @ steps
    return found


def _samples(pairs: pl.DataFrame, keys: list[str], settings: Settings) -> pl.DataFrame:
    n = pl.col("n_effective")
    values = pairs.select("distance", "chance", noise=pl.col("chance") / n.sqrt(), inverse=1.0 / n)
    batch = average_items(values, pairs, keys, settings)
    means = batch.groups
    found = means.filter(metric="distance")
    at = _inverse(*(means.filter(metric=m)["estimate"].to_numpy() for m in _TERMS))
    drawn = _inverse(*(batch.replicates(metric) for metric in _TERMS))
    tail = 50 * (1 - settings.confidence)
    held = ~np.isnan(drawn).any(axis=1)
    ends = np.full((2, len(at)), np.nan)
    if held.any():
        ends[:, held] = np.percentile(drawn[held], [100 - tail, tail], axis=1)
    respondents = 1.0 / means.filter(metric="inverse")["estimate"].to_numpy()
    unknown = np.isnan(at)
    return found.select(
        *keys,
        measure=pl.lit(_SAMPLE),
        estimate=pl.Series(_people(at)),
        low=pl.Series(_people(ends[0])),
        high=pl.Series(_people(ends[1])),
        n_items=pl.col("n").cast(pl.UInt32),
        respondents=pl.Series(respondents),
        said=pl.Series(
            [
                _UNKNOWN if lost else _NO_LIMIT if value <= 0 else None
                for lost, value in zip(unknown, at, strict=True)
            ],
            dtype=pl.String,
        ),
    )


_TERMS: Final = ("distance", "chance", "noise")


def _inverse(
    distance: NDArray[np.float64], chance: NDArray[np.float64], noise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return 1 / n of the sample that is as close as the model; 0 or less if none is so small."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = (distance / chance) ** 2 - (noise / chance) ** 2
    return found


def _people(inverse: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(inverse > 0, 1.0 / inverse, np.nan)
    return found


def _enough(pairs: pl.DataFrame, bank: QuestionBank, apart: pl.Series) -> pl.Series:
    """Give the number of simulated answers up to which an item's interval holds people's mean."""
    widths = {
        name: item.scale.positions[-1] - item.scale.positions[0]
        for name, item in bank.items.items()
    }
    variance = item_spread(pairs, bank)["variance"].to_numpy()
    off = apart.to_numpy() / pairs["question"].replace_strict(widths).to_numpy()
    reach = _DILATION * NormalDist().inv_cdf(1 - _MISSED / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        enough = np.where(off == 0, np.inf, reach**2 * variance / off**2)
    return pl.Series(np.where(np.isnan(apart.to_numpy()), np.nan, enough))


def _safe(pairs: pl.DataFrame, keys: list[str], settings: Settings) -> pl.DataFrame:
    tail = (1 - settings.confidence) / 2
    weights: dict[int, NDArray[np.float64]] = {}
    rows: list[tuple[Any, ...]] = []
    for part in pairs.partition_by(keys, maintain_order=True):
        numbers = part.sort("question")["enough"].drop_nans().drop_nulls().to_numpy()
        n, order = len(numbers), np.argsort(numbers, kind="stable")
        ends: list[float | None] = [None, None, None]
        if n:
            ends[0] = numbers[order[int(_MISSED / 2 * n)]]
        if n > 1:
            if n not in weights:
                weights[n] = item_weights(n, n_resamples=settings.n_resamples, seed=settings.seed)
            missed = weights[n][:, order].cumsum(axis=1)
            drawn = numbers[order[(missed > _MISSED / 2 + _EXACT).argmax(axis=1)]]
            ends[1:] = np.quantile(drawn, [tail, 1 - tail], method="nearest")
        inverse = (1.0 / part["n_effective"]).mean()
        people = None if inverse is None else 1.0 / inverse  # type: ignore[operator]
        rows.append((*part.select(keys).row(0), *ends, n, people, None if n else _ORDINAL))
    schema = {name: pairs.schema[name] for name in keys}
    columns = dict.fromkeys(_ENDS, pl.Float64) | {"n_items": pl.UInt32, "respondents": pl.Float64}
    table = pl.DataFrame(rows, schema=schema | columns | {"said": pl.String}, orient="row")
    return table.with_columns(
        pl.when(pl.col(_ENDS).is_finite()).then(pl.col(_ENDS).floor()).name.keep(),
        measure=pl.lit(_SAFE),
    ).select(*keys, "measure", *_ENDS, "n_items", "respondents", "said")
