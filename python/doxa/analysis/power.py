"""How many items, respondents and replies it takes to see a difference."""

from __future__ import annotations

from math import ceil
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.comparison import check_by, shared_pairs, two_models
from doxa.analysis.finish import finish
from doxa.analysis.item_scores import item_alignment
from doxa.analysis.pairs import pair_items, restrict_humans, restrict_models
from doxa.analysis.resampling import percentile_interval
from doxa.errors import InvalidArgumentError
from doxa.score import item_weights, score_batch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from doxa.questionnaire import QuestionBank
    from doxa.score import ResampleSource

__all__ = ["sample_sizes"]

_REPEATED: Final = frozenset({"sampling", "sequence"})
"""The elicitation whose replies are draws, so that more of them say more."""

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
    exclude_items: Iterable[str] = (),
    wave: int | None = 7,
    n_resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pl.DataFrame:
    """Say how many items, respondents or replies would show a difference of two models' scores.

    Parameters
    ----------
    model : polars.DataFrame
        As `doxa.distribution.model_distributions` gives it.
    human : polars.DataFrame
        As `doxa.distribution.human_distributions` gives it.
    bank : QuestionBank
        The items, with their scales.
    a, b : str
        Names of the two models.
    difference : float
        The difference of mean alignment to be seen, above 0.
    power : float
        The probability of seeing it, in (0, 1).
    exclude_items : iterable of str
        Items left out, such as those shown as few-shot examples.
    wave : int or None
        The survey's wave; None for every wave.
    n_resamples, seed
        Of the bootstrap over items.
    confidence : float
        Of the two-sided test, and of the intervals.

    Returns
    -------
    polars.DataFrame
        Three rows per way of asking and population: `a`, `b`, the keys, `source` ("items",
        "respondents", "replies": per item), `estimate` (how many are needed, the other two
        being as they are), `low`, `high`, `n` (how many there are; the harmonic mean over items
        for respondents and replies), `variance` (what one item adds to the variance of the
        difference through this source; for items, through all), `detectable` (the difference
        that the data at hand show with that power), `n_items`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two models have nothing in common.
    InvalidArgumentError
        There is no such model, both are the same, or an argument is out of range.

    Notes
    -----
    A difference δ of means is seen with power 1 - β where its standard error is at most
    δ / (z₁₋α⸝₂ + z₁₋β). Over n items whose differences have variance s² it is s / √n, and s² is
    that of the items themselves plus σ²ᵣ / r for r respondents an item, and likewise for
    replies. The variance that respondents and replies add is bootstrapped. As the test is
    Student's t, half of z²₁₋α⸝₂ is added to the number of items (Guenther, W. C., 1981, *The
    American Statistician* 35(4), 243–244).
    """
    for name, value in (("power", power), ("confidence", confidence)):
        if not 0 < value < 1:
            raise InvalidArgumentError(f"{name}={value}: it must lie between 0 and 1")
    if not 0 < difference <= 1:
        raise InvalidArgumentError(f"difference={difference}: it must lie above 0, at most 1")
    human = restrict_humans(human, bank, wave=wave, exclude_items=exclude_items)
    model = restrict_models(two_models(model, a, b), bank, exclude_items=exclude_items)
    keys = check_by(None, human)
    pairs = shared_pairs(pair_items(model, human, bank), human)
    pairs = pairs.with_columns(
        score=item_alignment(pairs, bank, first="probabilities", second="probabilities_human")
    )
    normal = NormalDist()
    critical = normal.inv_cdf(0.5 + 0.5 * confidence)
    quantiles = critical + normal.inv_cdf(power)
    rows: list[tuple[Any, ...]] = []
    for part in pairs.partition_by(keys, maintain_order=True):
        apart = _differences(part, a, b)
        n_items = apart.size
        drawn = _drawn_variances(apart, n_resamples, seed)
        spread = float(apart.var(ddof=1)) if n_items > 1 else float("nan")
        limits = percentile_interval(drawn, confidence) if n_items > 1 else (spread, spread)
        detectable = quantiles * float(np.sqrt(spread / n_items))
        least = (difference / quantiles) ** 2
        for source, number, share, said in _sources(part, bank, a, b, n_resamples, seed):
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
    return finish(table, notes=[pl.col("said")]).drop("said")


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
    """Say how many are needed; None where no number is enough or nothing is known.

    `spread` is the variance of the items' differences, `share` what of it the source adds with
    the `number` there is, `least` the square of the standard error to be reached, `critical` the
    normal quantile of the test.
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
    part: pl.DataFrame, bank: QuestionBank, a: str, b: str, n_resamples: int, seed: int
) -> list[tuple[str, float | None, float | None, str | None]]:
    """Give each source, how many there are, what it adds to the variance of an item, a note."""
    n_items = part["question"].n_unique()
    sources: list[tuple[str, float | None, float | None, str | None]] = [
        ("items", float(n_items), None, None)
    ]
    drawn = part["elicitation"][0] in _REPEATED
    for source, column, excuse in (
        ("respondents", "n_effective", None),
        ("replies", "n_replies", None if drawn else _NOT_DRAWN),
    ):
        numbers = part[column].cast(pl.Float64)
        if excuse is not None or numbers.null_count():
            sources.append((source, None, None, excuse or _UNKNOWN))
            continue
        error = _error(part, bank, a, b, source, n_resamples, seed)  # type: ignore[arg-type]
        harmonic = 1.0 / float((1.0 / numbers.to_numpy()).mean())
        sources.append((source, harmonic, error**2 * n_items, None))
    return sources


def _error(
    part: pl.DataFrame,
    bank: QuestionBank,
    a: str,
    b: str,
    source: ResampleSource,
    n_resamples: int,
    seed: int,
) -> float:
    """Give the standard error of the mean difference when one source alone is drawn again."""
    scales = [bank.items[name].scale for name in part["question"]]
    batch = score_batch(
        part["probabilities"],
        part["probabilities_human"],
        scale=[scale.kind for scale in scales],
        positions=[scale.positions for scale in scales],
        groups=part["model"],
        items=part["question"],
        resample=source,
        human_n=part["n_effective"] if source == "respondents" else None,
        model_n=part["n_replies"] if source == "replies" else None,
        n_resamples=n_resamples,
        method="percentile",
        seed=seed,
    )
    return float(batch.compare(a, b)["std_error"].item())


def _differences(part: pl.DataFrame, a: str, b: str) -> NDArray[np.float64]:
    scores = [part.filter(model=name).sort("question")["score"].to_numpy() for name in (a, b)]
    apart: NDArray[np.float64] = scores[0] - scores[1]
    return apart


def _drawn_variances(
    values: NDArray[np.float64], n_resamples: int, seed: int
) -> NDArray[np.float64]:
    n = values.size
    weights = item_weights(n, n_resamples=n_resamples, seed=seed)
    variances: NDArray[np.float64] = weights @ values**2 - (weights @ values) ** 2
    return np.maximum(variances, 0.0) * (n / max(n - 1, 1))
