"""How many items, respondents and replies it takes to see a difference."""

from __future__ import annotations

from math import ceil
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.comparison import comparison_keys, two_models
from doxa.analysis.parts.item_scores import item_alignment, replies_drawn, score_items
from doxa.analysis.parts.notes import finish
from doxa.analysis.parts.pairs import alike_pairs, pair_items, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.errors import InvalidArgumentError
from doxa.score import item_weights
from doxa.score.intervals import percentile_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank
    from doxa.score import ResampleSource

__all__ = ["sample_sizes"]

_ALIKE: Final = "the models answer alike: no difference to see"
_NEVER: Final = "no number is enough with these items: ask more items"
_UNKNOWN: Final = "number unknown"
_NOT_DRAWN: Final = "a reply of this elicitation is a whole distribution"


def sample_sizes(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    a: str,
    b: str,
    *,
    difference: float = 0.01,
    power: float = 0.8,
    reasoning: tuple[str, str] | None = None,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Estimate how many items, respondents or replies would show a difference of two scores.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    a, b : str
        Names of the two models.
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
        Three rows per way of asking and population: `a`, `b`, the keys, `source` ("items",
        "respondents" per item, "replies" per item), `estimate` (the number needed while the
        other two stay as they are), `low`, `high`, `n` (the number at hand; for respondents and
        replies the harmonic mean over items), `variance` (of one item's difference; for
        respondents and replies the part that they add), `detectable` (the smallest difference
        that the data at hand detect with that power), `n_items`, `resampled`, `note`.

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
    respondents per item; replies add a term of the same form. The bootstrap estimates these
    added terms. The test is Student's t, so z²₁₋α⸝₂ / 2 is added to the number of items
    (Guenther, W. C., 1981, *The American Statistician* 35(4), 243–244).

    Examples
    --------
    >>> table = sample_sizes(model, human, bank, "alpha", "beta", difference=0.02)
    >>> table.select("country", "source", "n").row(0)
    ('BGD', 'items', 36.0)
    """
    if not 0 < power < 1:
        raise InvalidArgumentError(f"power={power}: it must lie between 0 and 1")
    if not 0 < difference <= 1:
        raise InvalidArgumentError(f"difference={difference}: it must lie above 0, at most 1")
    model, a, b = two_models(model, a, b, reasoning)
    model, human = restrict(model, human, bank, settings)
    keys = comparison_keys(None, human)
    pairs = alike_pairs(pair_items(model, human, bank), human)
    pairs = pairs.with_columns(score=item_alignment(pairs, bank))
    normal = NormalDist()
    critical = normal.inv_cdf(0.5 + 0.5 * settings.confidence)
    quantiles = critical + normal.inv_cdf(power)
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
    given: tuple[tuple[ResampleSource, pl.Series, str | None], ...] = (
        ("respondents", part["n_effective"], None),
        ("replies", replies, excuse),
    )
    for source, found, excuse in given:
        numbers = found.cast(pl.Float64)
        if excuse is not None or numbers.null_count():
            sources.append((source, None, None, excuse or _UNKNOWN))
            continue
        batch = score_items(part, bank, ["model"], settings, resample=(source,))
        error = float(batch.compare(a, b)["std_error"].item())
        harmonic = 1.0 / float((1.0 / numbers.to_numpy()).mean())
        sources.append((source, harmonic, error**2 * n_items, None))
    return sources


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
