"""How reliable replies are, from run to run: rows of a table of measures."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl

from doxa.analysis.parts.pairs import population_keys, restrict_models
from doxa.distribution import FORM_KEYS, MODEL_KEYS, model_distributions
from doxa.errors import NoDataError
from doxa.measures.closeness import ALL, shares_by_item
from doxa.measures.means import Means, interval, rows_of
from doxa.measures.ratings import (
    ICC_KINDS,
    agreement_by_chance,
    kappa,
    weighted_alpha,
    weighted_icc,
)
from doxa.measures.shapes import unit_positions
from doxa.prompt.order import ordered_codes
from doxa.score import item_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.measures.means import Sides
    from doxa.questionnaire import QuestionBank

__all__ = [
    "agreement_of_runs",
    "first_place_bias",
    "mean_answers",
    "noise_and_signal",
    "runs_of",
    "weights_of",
]

_ONE_RUN: Final = "every item was asked once: ask in two or more forms, or with several draws"
_FEWEST: Final = 2


def agreement_of_runs(sides: Sides, runs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give the rows of how far the runs of a way of asking agree; a run is a form and a draw.

    Parameters
    ----------
    sides : Sides
        What measures are computed from.
    runs : polars.DataFrame
        As `runs_of` gives them.

    Raises
    ------
    NoDataError
        Every item was asked once.
    """
    runs = runs.sort(*MODEL_KEYS, "question", "form")
    groups = without_population(runs.select(MODEL_KEYS).unique(maintain_order=True), sides)
    numbers = runs.select(
        way=pl.struct(MODEL_KEYS).rle_id(), question=pl.col("question").rank("dense"),
        form=pl.col("form").rank("dense"), value=pl.col("value"), mode="mode", options="options",
    )  # fmt: skip
    arrays = {name: numbers[name].to_numpy() for name in numbers.columns}
    starts = np.flatnonzero(np.diff(arrays["way"].astype(np.int64), prepend=-1))
    found: dict[str, list[_Found]] = {}
    for way, (start, end) in enumerate(zip(starts, [*starts[1:], len(arrays["way"])], strict=True)):
        part = {name: array[start:end] for name, array in arrays.items()}
        for measure, one in _agreement(part, sides.settings):
            found.setdefault(measure, []).append(one._replace(way=way))
    if not found:
        raise NoDataError(_ONE_RUN)
    for measure, ones in found.items():
        yield _rows(groups, measure, ones, sides.settings)


class _Found(NamedTuple):
    """One number of one way of asking, its replicates, and what is said of it."""

    estimate: float
    drawn: NDArray[np.float64]
    n_items: int
    note: str
    way: int = 0


def _rows(
    groups: pl.DataFrame, measure: str, ones: list[_Found], settings: Settings
) -> pl.DataFrame:  # fmt: skip
    estimates = np.array([one.estimate for one in ones])
    drawn = np.stack([one.drawn for one in ones])
    numbers = interval(estimates, drawn, settings, (-np.inf, 1.0))
    return rows_of(
        groups[[one.way for one in ones]], measure, numbers,
        pl.Series([one.n_items for one in ones]), ("items",),
        note=pl.Series([one.note for one in ones]),
    )  # fmt: skip


def _agreement(
    part: dict[str, NDArray[Any]], settings: Settings
) -> Iterator[tuple[str, _Found]]:  # fmt: skip
    """Compute every measure of agreement of one way of asking."""
    _, first, counts = np.unique(part["question"], return_index=True, return_counts=True)
    sizes = {int(k): int(k) * int((counts >= k).sum()) for k in np.unique(counts) if k > 1}
    if not sizes:
        return
    n_runs = max(sizes, key=lambda k: (sizes[k], k))
    places = first[counts >= n_runs][:, None] + np.arange(n_runs)
    left = int((counts < n_runs).sum())
    said = f"{n_runs} runs" + (f", {left} items with fewer left out" if left else "")
    table = part["value"][places]
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) >= _FEWEST:
        crossed = (part["form"][places] == part["form"][places][0]).all()
        weights = weights_of(len(table), settings)

        def made(function: Callable[..., NDArray[np.float64]], *further: Any, note: str = said,
                 **options: Any) -> _Found:  # fmt: skip
            found = function(table, weights, *further, **options)
            return _Found(float(found[0]), found[1:], len(table), note)

        for kind in ICC_KINDS:
            if crossed or kind == "oneway":
                yield f"icc_{kind}", made(weighted_icc, kind, average=False)
        told = f"{said}; the mean of {n_runs} runs"
        yield "spearman_brown", made(weighted_icc, "oneway", average=True, note=told)
        yield "krippendorff_alpha", made(weighted_alpha)
    modes, options = part["mode"][places], part["options"][places][:, 0]
    found = _stratified_kappa(modes, options, weights_of(len(places), settings))
    yield "fleiss_kappa", _Found(float(found[0]), found[1:], len(places), said)


def noise_and_signal(sides: Sides, runs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give the rows of the noise of draws and forms against the differences between personas.

    Parameters
    ----------
    sides, runs
        As in `agreement_of_runs`.

    Raises
    ------
    NoDataError
        No two targets were asked the same way.
    """
    runs = runs.filter(pl.col("value").is_not_null(), pl.col("target") != "")
    others = [name for name in MODEL_KEYS if name != "target"]
    several = runs.filter(pl.col("target").n_unique().over(others) > 1)
    if several.is_empty():
        raise NoDataError("no two targets were asked the same way: steer towards two or more")
    within = ["form_only"]
    persona = [*others, "target", "question"]
    forms = several.group_by([*persona, *within], maintain_order=True).agg(
        pl.col("value").mean(), seed=pl.col("value").std()
    )
    personas = forms.group_by(persona, maintain_order=True).agg(
        pl.col("value").mean(), pl.col("seed").mean(), prompt=pl.col("value").std()
    )
    items = personas.group_by([*others, "question"], maintain_order=True).agg(
        pl.col("seed", "prompt").mean(), signal=pl.col("value").std(), personas=pl.len()
    )
    items = without_population(_named(items), sides)
    keys = [*MODEL_KEYS, *_populations(sides)]
    means = Means(items, keys, sides.settings)
    means.average(seed=items["seed"].fill_null(0.0), prompt=items["prompt"].fill_null(0.0),
                  signal=items["signal"])  # fmt: skip
    told = items.group_by(keys, maintain_order=True).agg(
        seed=pl.col("seed").is_not_null().any(), prompt=pl.col("prompt").is_not_null().any(),
        personas=pl.col("personas").max(),
    )  # fmt: skip
    said = pl.Series([
        "; ".join([*([] if seed else ["one draw a form: the noise of draws counts 0"]),
                   *([] if prompt else ["one form: the noise of forms counts 0"])])
        for seed, prompt in told.select("seed", "prompt").iter_rows()
    ], dtype=pl.String)  # fmt: skip
    yield means.number(
        "noise_to_signal", _noise, "seed", "prompt", "signal", n_cells=told["personas"], note=said
    )


def first_place_bias(sides: Sides, runs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give the rows of A-bias: how far the option shown first departs from an equal share.

    Parameters
    ----------
    sides, runs
        As in `agreement_of_runs`.

    Raises
    ------
    NoDataError
        No item was asked in two orders.
    """
    several = pl.col("option_order").n_unique().over(*MODEL_KEYS, "question") > 1
    by_order = runs.filter(several) if "option_order" in runs.columns else runs.clear()
    if by_order.is_empty():
        raise NoDataError("every item was asked in one order of its options: ask in two or more")
    asked = by_order.select("question", "option_order").unique()
    places = asked.with_columns(
        place=pl.Series([_first(sides.bank, *one) for one in asked.iter_rows()], dtype=pl.Int64)
    )
    by_order = by_order.join(places, on=["question", "option_order"], maintain_order="left")
    items = (
        by_order.with_columns(first=pl.col("probabilities").list.get(pl.col("place")))
        .group_by([*MODEL_KEYS, "question", "option_order"], maintain_order=True)
        .agg(pl.col("first").mean(), pl.col("options").first())
        .group_by([*MODEL_KEYS, "question"], maintain_order=True)
        .agg(bias=(pl.col("first").mean() - 1 / pl.col("options").first()).abs(),
             orders=pl.len(), options=pl.col("options").first())
    )  # fmt: skip
    items = without_population(items, sides)
    means = Means(items, [*MODEL_KEYS, *_populations(sides)], sides.settings)
    means.average(bias=items["bias"])
    few = items.group_by(MODEL_KEYS, maintain_order=True).agg(
        few=(pl.col("orders") < pl.col("options")).sum(), of=pl.len()
    )
    said = pl.Series([
        f"{few} of {of} items in fewer orders than options: their ends count most" if few else ""
        for few, of in few.select("few", "of").iter_rows()
    ], dtype=pl.String)  # fmt: skip
    yield means.mean("bias", "a_bias", note=said)


def _replies(sides: Sides) -> pl.DataFrame:
    if sides.replies is None:
        raise NoDataError("single replies are not known: pass replies=")
    return sides.replies


def runs_of(sides: Sides) -> pl.DataFrame:
    """Give each run's answer to each item: its mean on a scale from 0 to 1, and its mode."""
    replies = _replies(sides)
    varied = [name for name in (*FORM_KEYS, "draw") if name in replies.columns]
    by = [name for name in varied if name not in MODEL_KEYS]
    runs = restrict_models(model_distributions(replies, sides.bank, by=by), sides.bank,
                           sides.settings)  # fmt: skip
    forms = [name for name in varied if name != "draw"]
    text = [pl.col(name).cast(pl.String) for name in (*by,)]
    return runs.with_columns(
        value=mean_answers(runs, "probabilities", sides.bank),
        mode=pl.col("probabilities").list.arg_max(),
        options=pl.col("probabilities").list.len(),
        form=pl.concat_str(text, separator=" ") if text else pl.lit(""),
        form_only=pl.concat_str([pl.col(name) for name in forms], separator=" ")
        if forms
        else pl.lit(""),
    )


def mean_answers(frame: pl.DataFrame, column: str, bank: QuestionBank) -> pl.Series:
    """Give the mean answer of each distribution on a scale from 0 to 1; null if it has no order."""
    found = np.full(frame.height, np.nan)
    for question, rows, (shares,) in shares_by_item(frame, column):
        scale = bank.items[question].scale
        if scale.kind == "ordinal":
            found[rows] = shares @ unit_positions(shares.shape[1], scale.positions or None)
    return pl.Series(found).fill_nan(None)


def _stratified_kappa(
    modes: NDArray[Any], options: NDArray[Any], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give Fleiss' kappa of the modes, chance computed among items with as many options."""
    observed, expected = np.zeros((2, len(weights)))
    for k in np.unique(options):
        held = options == k
        counts = (modes[held][:, :, None] == np.arange(k)).sum(axis=1).astype(float)
        part = weights[:, held]
        share = part.sum(axis=1) / weights.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            ours, chance = agreement_by_chance(counts, part)
        drawn = share > 0
        observed[drawn] += share[drawn] * ours[drawn]
        expected[drawn] += share[drawn] * chance[drawn]
    return kappa(observed, expected)


def weights_of(n: int, settings: Settings) -> NDArray[np.float64]:
    """Give the weights of rows: in the first row once each, then as drawn in every replicate."""
    return _weights(n, settings.n_resamples, settings.seed)


@lru_cache(maxsize=32)
def _weights(n: int, n_resamples: int, seed: int) -> NDArray[np.float64]:
    drawn = item_weights(n, n_resamples=n_resamples, seed=seed) * n
    weights = np.concatenate([np.ones((1, n)), drawn])
    weights.setflags(write=False)
    return weights


def _populations(sides: Sides) -> list[str]:
    return population_keys(sides.human)


def without_population(frame: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """Add empty columns of a population: these measures are about no people."""
    names = _populations(sides)
    schema = sides.human.schema
    return frame.with_columns(
        (pl.lit("") if schema[name] == pl.String else pl.lit(None, schema[name])).alias(name)
        for name in names
    )


def _named(items: pl.DataFrame) -> pl.DataFrame:
    """Add the keys of a way of asking that are averaged over."""
    absent = [name for name in MODEL_KEYS if name not in items.columns]
    values = {name: ALL if name == "target" else "" for name in absent}
    return items.with_columns(pl.lit(value).alias(name) for name, value in values.items())


def _first(bank: QuestionBank, question: str, order: str) -> int:
    """Give the place on the scale of the option that an order shows first."""
    item = bank.items[question]
    shown = next(code for code in ordered_codes(item, order) if code in item.scale.codes)
    return item.scale.codes.index(shown)


def _noise(
    seed: NDArray[np.float64], prompt: NDArray[np.float64], signal: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray((seed + prompt) / signal)
