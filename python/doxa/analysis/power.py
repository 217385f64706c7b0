"""How many items, respondents, replies and forms it takes to see a difference."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.comparison import comparison_keys, two_models
from doxa.analysis.parts.baseline import baseline_distributions
from doxa.analysis.parts.item_scores import NEVER_VARIES, item_alignment, replies_drawn, score_items
from doxa.analysis.parts.notes import finish
from doxa.analysis.parts.pairs import alike_pairs, pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.score import item_weights
from doxa.score.intervals import percentile_interval
from doxa.score.numbers import is_real

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank
    from doxa.score import ResampleSource

__all__ = ["planned_sizes", "sample_sizes"]

_ALIKE: Final = "the models answer alike: no difference to see"
_NEVER: Final = "no number is enough with these items: ask more items"
_UNKNOWN: Final = "number unknown"
_ONE_UNIT: Final = "one form, or one wording: what another adds is not known"
_PLANNED: Final = (1, 2, 4, 8, 16)
_NOT_DRAWN: Final = "a reply of this elicitation is a whole distribution"


def sample_sizes(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    a: str,
    b: str | None = None,
    *,
    difference: float = 0.01,
    power: float = 0.8,
    reasoning: tuple[str, str] | None = None,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Estimate how many items, respondents, replies or forms would show a difference of two scores.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    a : str
        Name of a model.
    b : str, optional
        Name of another. By default the model is compared with the baseline of `settings`, whose
        answers are taken as known.
    difference : float
        The difference of mean alignment to detect, in (0, 1].
    power : float
        The probability of detecting it, in (0, 1).
    reasoning : (str, str), optional
        As in `compare_models`.
    settings : Settings
        `confidence` holds for the two-sided test and for the intervals. `resample` is not used:
        each source is resampled by itself.

    Returns
    -------
    polars.DataFrame
        Four rows per way of asking and population: `a`, `b`, the keys, `source` ("items",
        "respondents" per item, "replies" per item, "forms" per item), `estimate` (the number
        needed while the other three stay as they are), `low`, `high`, `n` (the number at hand;
        but for items the harmonic mean over items), `variance` (of one item's difference; of
        the other sources the part that they add), `detectable` (the smallest difference that the
        data at hand detect with that power), `n_items`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two models have nothing in common.
    InvalidArgumentError
        A model is unknown, both sides are the same, or `difference` or `power` is out of range.

    Notes
    -----
    A difference δ of means is detected with power 1 - β if its standard error is at most
    δ / (z₁₋α⸝₂ + z₁₋β). For n items whose differences have variance s², the standard error is
    s / √n. The variance s² is the sum of the items' own variance and of σ²ᵣ / r for r
    respondents per item; replies and forms add terms of the same kind. The bootstrap estimates
    these added terms. The test is Student's t, so z²₁₋α⸝₂ / 2 is added to the number of items
    (Guenther, W. C., 1981, *The American Statistician* 35(4), 243–244).

    Examples
    --------
    >>> table = sample_sizes(model, human, bank, "alpha", "beta", difference=0.02)
    >>> table.select("country", "source", "n").row(0)
    ('BGD', 'items', 36.0)
    """
    quantiles, critical = _quantiles(difference, power, settings.confidence)
    settings = replace(settings, resample=("items", "forms"))
    if b is None:
        model = _one_model(model, a)
    else:
        model, a, b = two_models(model, a, b, reasoning)
    model, human = restrict(model, human, bank, settings)
    keys = comparison_keys(None, human)
    pairs = pair_items(model, human, bank)
    if b is None:
        b = f"baseline: {settings.baseline}"
        pairs = _beside_baseline(pairs, human, bank, b, settings)
    pairs = alike_pairs(pairs, human)
    pairs = pairs.with_columns(score=item_alignment(pairs, bank))
    rows: list[tuple[Any, ...]] = []
    for part in pairs.partition_by(keys, maintain_order=True):
        apart = _differences(part, a, b)
        n_items = apart.size
        spread, limits = float("nan"), (float("nan"), float("nan"))
        if n_items > 1:
            spread = float(apart.var(ddof=1))
            limits = percentile_interval(_drawn_variances(apart, settings), settings.confidence)
        detectable = quantiles * float(np.sqrt(spread / n_items))
        least = (difference / quantiles) ** 2
        for source, number, share, said in _sources(part, bank, a, b, settings):
            needed = [
                _needed(source, s2, share, number, n_items, least, critical)
                for s2 in (spread, *limits)
            ]
            if source == "forms":
                members = _members(part)
                needed = [one and -(-one // members) * members for one in needed]
            if not spread > 0 and n_items > 1:
                needed, said = [None] * 3, _ALIKE
            elif needed[0] is None and said is None and n_items > 1:
                said = _NEVER
            variance = spread if source == "items" else share
            rows.append((
                a, b, *part.select(keys).row(0), source, *needed, number, variance, detectable,
                n_items, said,
            ))  # fmt: skip
    schema: dict[str, Any] = {"a": pl.String, "b": pl.String}
    schema |= {name: pairs.schema[name] for name in keys} | _COLUMNS
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return finish(table, pl.col("said")).drop("said")


def planned_sizes(
    spread: float,
    *,
    form_spread: float = 0.0,
    difference: float = 0.01,
    power: float = 0.8,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Say how many items would show a difference of two scores, before anything was asked.

    Parameters
    ----------
    spread : float
        Standard deviation of an item's difference of alignments, above 0, if each item is asked
        in very many forms. Between two models that differ, 0.05 to 0.15 is usual.
    form_spread : float
        Standard deviation that one form adds to it, from 0 on.
    difference, power, confidence : float
        As in `sample_sizes`.

    Returns
    -------
    polars.DataFrame
        One row for each of 1, 2, 4, 8 and 16 forms of an item: `n_forms`, `std_dev` (of an item's
        difference), `n_items` (as many as are needed) and `n_replies` (both numbers multiplied:
        what a model is asked at least, in each way of asking).

    Raises
    ------
    InvalidArgumentError
        A number is out of range.

    Examples
    --------
    >>> planned_sizes(0.1, form_spread=0.1, difference=0.02).head(2)["n_items"].to_list()
    [395, 297]
    """
    quantiles, critical = _quantiles(difference, power, confidence)
    if not (is_real(spread) and spread > 0 and is_real(form_spread) and form_spread >= 0):
        raise InvalidArgumentError(
            f"spread={spread!r}, form_spread={form_spread!r}: give standard deviations of an "
            "item's difference, the first above 0 and the second from 0 on"
        )
    least = (difference / quantiles) ** 2
    rows = []
    for n_forms in _PLANNED:
        variance = spread**2 + form_spread**2 / n_forms
        n_items = ceil(variance / least + critical**2 / 2)
        rows.append((n_forms, variance**0.5, n_items, n_forms * n_items))
    return pl.DataFrame(rows, schema=["n_forms", "std_dev", "n_items", "n_replies"], orient="row")


def _quantiles(difference: float, power: float, confidence: float) -> tuple[float, float]:
    """Return how many standard errors a difference must be, and the quantile of the test."""
    if not 0 < power < 1:
        raise InvalidArgumentError(f"power={power}: it must lie between 0 and 1")
    if not 0 < difference <= 1:
        raise InvalidArgumentError(f"difference={difference}: it must lie above 0, at most 1")
    normal = NormalDist()
    critical = normal.inv_cdf(0.5 + 0.5 * confidence)
    return critical + normal.inv_cdf(power), critical


def _one_model(model: pl.DataFrame, name: str) -> pl.DataFrame:
    found = model.filter(pl.col("model") == name)
    if found.is_empty():
        known = ", ".join(model["model"].unique().sort())
        raise InvalidArgumentError(f"no model {name!r}: there are {known}")
    return found


def _beside_baseline(
    pairs: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, name: str, settings: Settings
) -> pl.DataFrame:
    """Add to the pairs of a model those of its baseline, as if that were a model.

    Raises
    ------
    NoDataError
        There is no other country to make a baseline of.
    """
    shares = baseline_distributions(human, bank, settings.baseline)
    on = [*population_keys(human), "question"]
    beside = pairs.join(shares, on=on, nulls_equal=True, maintain_order="left")
    beside = beside.filter(pl.col("baseline").is_not_null())
    if beside.is_empty():
        raise NoDataError("no other country to compare with: no baseline")
    drawn = [column for column in ("n_replies", "n_drawn") if column in pairs.columns]
    known = beside.with_columns(
        pl.when(pl.col(drawn).is_not_null()).then(pl.lit(NEVER_VARIES)).name.keep(),
        pl.lit(name).alias("model"),
        probabilities="baseline",
        form_units=pl.lit(None, pairs.schema["form_units"]),
    ).drop("baseline")
    return pl.concat([pairs.with_columns(pl.col(drawn).cast(pl.Float64)), known])


_COLUMNS: Final[dict[str, Any]] = {
    "source": pl.String,
    "estimate": pl.Int64,
    "low": pl.Int64,
    "high": pl.Int64,
    "n": pl.Float64,
    "variance": pl.Float64,
    "detectable": pl.Float64,
    "n_items": pl.Int64,
    "said": pl.String,
}


def _needed(
    source: str,
    spread: float,
    share: float | None,
    number: float | None,
    n_items: int,
    least: float,
    critical: float,
) -> int | None:
    """Return the number needed; None if no number is enough or nothing is known.

    `spread` is the variance of the items' differences, and `share` the part of it that the
    source adds with the `number` at hand. `least` is the square of the standard error to reach,
    and `critical` the normal quantile of the test.
    """
    if not spread > 0:
        return None
    if source == "items":
        return ceil(spread / least + critical**2 / 2)
    if share is None or number is None:
        return None
    room = n_items * least - max(spread - share, 0.0)
    return ceil(number * share / room) if room > 0 else None


def _sources(
    part: pl.DataFrame, bank: QuestionBank, a: str, b: str, settings: Settings
) -> list[tuple[str, float | None, float | None, str | None]]:
    """List for each source: name, number at hand, variance that it adds per item, note."""
    n_items = part["question"].n_unique()
    sources: list[tuple[str, float | None, float | None, str | None]] = [
        ("items", float(n_items), None, None)
    ]
    if part["elicitation"][0] == "sequence":
        part = part.with_columns(n_drawn=pl.col("n_replies").cast(pl.Float64))
    replies = replies_drawn(part)
    excuse = _NOT_DRAWN if replies.null_count() == part.height else None
    several = part.filter(pl.col("form_units").is_not_null())
    forms = several["n_forms"] if several.height else part["n_effective"]
    given: tuple[tuple[ResampleSource, pl.Series, str | None], ...] = (
        ("respondents", part["n_effective"], None),
        ("replies", replies, excuse),
        ("forms", forms, None if several.height else _ONE_UNIT),
    )
    for source, found, excuse in given:
        numbers = found.cast(pl.Float64)
        if excuse is not None or numbers.null_count():
            sources.append((source, None, None, excuse or _UNKNOWN))
            continue
        batch = score_items(part, bank, ["model"], settings, resample=(source,))
        error = float(batch.compare(a, b)["std_error"].item())
        varying = numbers.filter(numbers < NEVER_VARIES).to_numpy()
        harmonic = 1.0 / float((1.0 / varying).mean())
        sources.append((source, harmonic, error**2 * n_items, None))
    return sources


def _members(part: pl.DataFrame) -> int:
    """Return how many orders each wording was asked in: 2 where forms come in pairs."""
    if part["form_units"].null_count() == part.height:
        return 1
    orders = pl.col("n_forms") / pl.col("form_units").list.len()
    return int(part.select(orders.max().round()).item())


def _differences(part: pl.DataFrame, a: str, b: str) -> NDArray[np.float64]:
    scores = [part.filter(model=name).sort("question")["score"].to_numpy() for name in (a, b)]
    apart: NDArray[np.float64] = scores[0] - scores[1]
    return apart


def _drawn_variances(values: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
    """Give the variance of the values among the items of each replicate."""
    n = values.size
    weights = item_weights(n, n_resamples=settings.n_resamples, seed=settings.seed)
    variances: NDArray[np.float64] = weights @ values**2 - (weights @ values) ** 2
    return np.maximum(variances, 0.0) * (n / (n - 1))
