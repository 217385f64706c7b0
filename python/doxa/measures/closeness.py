"""How close answers come to people's, as benchmarks report it: rows of a table of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.forms import drawing, form_note
from doxa.analysis.parts.item_scores import check_sizes, item_metrics, score_items
from doxa.analysis.parts.pairs import pair_items, population_keys, shared_items
from doxa.distribution import MODEL_KEYS
from doxa.measures.benchmarks import noise_floors
from doxa.measures.means import Means
from doxa.measures.spread import entropy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from doxa.measures.means import Sides
    from doxa.questionnaire import QuestionBank

__all__ = ["ALL", "PEOPLE", "PairMeans", "closeness", "shares_by_item"]

ALL: Final = "all"
"""The `country` and the `target` of rows over all of them."""

PEOPLE: Final = "people"
"""The column of human distributions that names a group within a country."""

THRESHOLDS: Final = (0.05, 0.1, 0.15, 0.2, 0.3)
"""The thresholds of the curve that a table shows; the third to last are those of others' bands."""

_METRICS: Final = ("alignment", "js_distance", "total_variation", "wasserstein")
_EVEN: Final = ("total_variation", "wasserstein")
_EVERYONE: Final = 1e9
"""As many respondents give shares that hardly vary when they are drawn again."""

_UNDRAWN: Final = "number of respondents unknown for some: these are not drawn"
_OF_THE_MODEL: Final = ("replies", "forms")
_AIMS: Final = ("target", "group")


class PairMeans(Means):
    """Means over the pairs of models' answers and people's, and the pairs themselves.

    Attributes
    ----------
    pairs : polars.DataFrame
        One row per way of asking, population and item, as `pair_items` gives them; in a table
        over all countries, `country` is "all", and so is a `target` that is not empty.
    keys : list of str
        The columns that name a group.
    each : polars.DataFrame
        The pairs by country and target, in either table.
    said : polars.Series
        What is to be said of each group's respondents; "" where nothing is.
    """

    def __init__(self, sides: Sides) -> None:
        settings, bank = sides.settings, sides.bank
        model = sides.model.join(
            shared_items(sides.model), on=["elicitation", "question"], maintain_order="left"
        )
        pairs = pair_items(model, sides.human, bank)
        populations = population_keys(sides.human)
        if PEOPLE in populations:
            pairs = pairs.filter((pl.col("group") == "") | (pl.col("group") == pl.col(PEOPLE)))
        pairs = pairs.with_columns(
            floor=_floors(pairs, bank),
            even=pl.col("probabilities").list.eval(1.0 / pl.element().len() + 0 * pl.element()),
            unknown=pl.col("n_effective").is_null(),
            diverse=_diverse(pairs, populations),
            before=_before(pairs, bank, populations),
        )
        if "respondents" in settings.resample:
            pairs = pairs.with_columns(pl.col("n_effective").fill_null(_EVERYONE))
        settings = drawing(settings, pairs)
        check_sizes(pairs, settings)
        self.each = pairs
        if not sides.by_country:
            if PEOPLE in populations:
                pairs = pairs.with_columns(pl.lit(ALL).alias(PEOPLE))
            aims = [pl.when(pl.col(name) != "").then(pl.lit(ALL)).otherwise(pl.lit("")).alias(name)
                    for name in _AIMS if name in pairs.columns]  # fmt: skip
            pairs = pairs.with_columns(*aims, country=pl.lit(ALL))
        self.pairs, self.keys = pairs, [*MODEL_KEYS, *populations]
        super().__init__(pairs, self.keys, settings)
        self.settings = settings
        unknown = pairs.group_by(self.keys, maintain_order=True).agg(pl.col("unknown").sum())
        lacking = (unknown["unknown"] > 0) & ("respondents" in settings.resample)
        drawn = "forms" in sides.settings.resample
        forms = form_note(pairs, self.keys)["form_note"] if drawn else [None] * len(lacking)
        told = [
            "; ".join([*([_UNDRAWN] if some else []), *([form] if form else [])])
            for some, form in zip(lacking, forms, strict=True)
        ]
        self.said = pl.Series(told, dtype=pl.String)


def closeness(sides: Sides, means: PairMeans) -> Iterator[pl.DataFrame]:
    """Give the rows of the benchmarks that average a score over questions."""
    pairs, bank = means.pairs, sides.bank
    scores = item_metrics(pairs, bank, _METRICS)
    even = item_metrics(pairs, bank, _EVEN, "even")
    _add_metrics(sides, means, scores, even)
    said: dict[str, Any] = {"note": means.said}
    yield means.mean("alignment", "opinionqa_representativeness", **said)
    yield means.mean("js_distance", "globalopinionqa_similarity", slope=-1, start=1, **said)
    yield means.mean("total_variation", "meister_total_variation", **said)
    yield means.mean("even_total_variation", "meister_uniform", **said)
    yield means.number("simbench", _against_even, "total_variation", "even_total_variation", **said)
    yield means.mean("wasserstein", "subpop_distance", **said)
    yield from _of_items(means, scores, even)


def _add_metrics(
    sides: Sides, means: PairMeans, scores: pl.DataFrame, even: pl.DataFrame
) -> None:  # fmt: skip
    """Average the metrics of the model's answers, and of equal shares, and draw them again."""
    settings = means.settings
    sources = settings.resample
    if sources == ("items",):
        means.average(**scores.to_dict(), **{f"even_{name}": even[name] for name in _EVEN})
        return
    of_people = tuple(name for name in sources if name not in _OF_THE_MODEL) or ("items",)
    for metrics, resample, first, prefix in (
        (_METRICS, sources, "probabilities", ""),
        (_EVEN, of_people, "even", "even_"),
    ):
        batch = score_items(
            means.pairs, sides.bank, means.keys, settings, resample=resample,
            metrics=metrics, first=first,
        )  # fmt: skip
        means.add(batch, resample, **{prefix + name: name for name in metrics})


def _of_items(
    means: PairMeans, scores: pl.DataFrame, even: pl.DataFrame
) -> Iterator[pl.DataFrame]:  # fmt: skip
    """Give the rows that draw items alone."""
    pairs = means.pairs
    # the sums that cumulate shares leave what is equal apart by rounding
    apart = (1 - scores["alignment"]).round(12)
    columns = {"majority": 1 - pairs["probabilities_human"].list.max(), "floor": pairs["floor"]}
    for half, kept in (("low", ~pairs["diverse"]), ("high", pairs["diverse"])):
        for name, values in (("tv", scores), ("even", even)):
            held = values.select(pl.when(kept).then("total_variation"))
            columns[f"{name}_{half}"] = held.to_series()
    distance, floor, before = scores["wasserstein"], pairs["floor"], pairs["before"]
    columns |= {
        "way": even["wasserstein"] - floor,
        "gone": even["wasserstein"] - distance + 0 * floor,
        "steered_way": before - floor,
        "steered": before - distance + 0 * floor,
    }
    within = {f"within_{limit}": (apart <= limit).cast(pl.Float64) for limit in THRESHOLDS}
    means.average(**columns, **within)
    yield means.mean("majority", "meister_majority")
    for half in ("low", "high"):
        yield means.number(f"simbench_{half}_entropy", _against_even, f"tv_{half}", f"even_{half}")
    yield means.mean("floor", "subpop_noise_floor", note=_known(means))
    yield means.number("subpop_gap_closed", np.divide, "gone", "way", note=_known(means))
    steered = means.number("subpop_steering_gap_closed", np.divide, "steered", "steered_way")
    steered = steered.filter(pl.col("steering") != "none")
    if steered.height:
        yield steered
    for limit in THRESHOLDS:
        name = f"within_{limit}"
        yield means.share(name, "worldvaluesbench_curve", at=f"{limit:g}")


def _against_even(model: NDArray[np.float64], even: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(100 * (1 - model / even))


def _known(means: PairMeans) -> pl.Series:
    """Say on how many pairs a noise floor is unknown."""
    counted = means.pairs.group_by(means.keys, maintain_order=True).agg(
        unknown=pl.col("floor").is_null().sum(), of=pl.len()
    )
    said = pl.format("number of respondents unknown for {} of {} answers", "unknown", "of")
    told = pl.when(pl.col("unknown") > 0).then(said).otherwise(pl.lit(""))
    return counted.select(said=told)["said"]


def shares_by_item(
    pairs: pl.DataFrame, *columns: str
) -> Iterator[tuple[str, NDArray[np.int64], list[NDArray[np.float64]]]]:
    """Give, item by item, the places of its rows and their distributions as (rows, K) arrays."""
    for (question,), part in (
        pairs.select("question", *columns)
        .with_row_index("row")
        .group_by("question", maintain_order=True)
    ):
        arrays = [part[column].explode().to_numpy().reshape(part.height, -1) for column in columns]
        yield str(question), part["row"].to_numpy(), arrays


def _diverse(pairs: pl.DataFrame, populations: list[str]) -> pl.Series:
    """Tell which items people's answers are more diverse on than on the median item."""
    found = np.empty(pairs.height)
    for _, rows, (people,) in shares_by_item(pairs, "probabilities_human"):
        found[rows] = entropy(people) / np.log(people.shape[1])
    frame = pairs.select(*populations, "question", entropy=pl.Series(found).round(12))
    items = frame.unique([*populations, "question"])
    medians = items.group_by(populations).agg(median=pl.col("entropy").median())
    joined = frame.join(medians, on=populations, nulls_equal=True, maintain_order="left")
    return joined["entropy"] > joined["median"]


def _floors(pairs: pl.DataFrame, bank: QuestionBank) -> pl.Series:
    """Give the distance of a sample of each population from it; null if its size is unknown."""
    found = np.full(pairs.height, np.nan)
    sizes = pairs["n_effective"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    for question, rows, (people,) in shares_by_item(pairs, "probabilities_human"):
        scale = bank.items[question].scale
        ordered = scale.kind == "ordinal"
        x = np.array(scale.positions or range(people.shape[1])) if ordered else None
        # many ways of asking are compared with the same people
        answers = np.column_stack([people, sizes[rows]])
        distinct, place = np.unique(answers, axis=0, return_inverse=True)
        found[rows] = noise_floors(distinct[:, :-1], distinct[:, -1], x)[place.ravel()]
    return pl.Series(found).fill_nan(None)


def _before(pairs: pl.DataFrame, bank: QuestionBank, populations: list[str]) -> pl.Series:
    """Give the distance of the same model's unsteered answers; null if there are none."""
    asked = [name for name in MODEL_KEYS if name not in ("steering", *_AIMS)]
    on = [*asked, *populations, "question"]
    unsteered = pairs.filter(steering="none", target="")
    before = unsteered.select(on).with_columns(
        before=item_metrics(unsteered, bank, ("wasserstein",))["wasserstein"]
    )
    found = pairs.select(*on, "steering").join(
        before, on=on, how="left", nulls_equal=True, maintain_order="left"
    )
    return found.select(pl.when(pl.col("steering") != "none").then("before"))["before"]
