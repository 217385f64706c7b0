"""The Inglehart–Welzel cultural map: where countries and models lie on its two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from doxa.analysis.parts.cultural_scale import ITEMS, cultural_scale
from doxa.analysis.parts.item_scores import replies_drawn
from doxa.analysis.parts.notes import note, say
from doxa.analysis.parts.pairs import population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.score.intervals import delta_intervals
from doxa.survey.culture import published_map

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["cultural_map", "nearest_countries"]

_AXES: Final = ("secular", "self_expression")
_NEAREST: Final = 5
_LACKING: Final = "fewer than two items of a dimension: no place on it"
_FILLED: Final = "filled in from the other items, as they go together among countries: "
_ONE_FORM: Final = "its answers were not drawn: their own error is not in the interval"
_PEOPLE: Final = "people"
_MODEL: Final = "model"


def cultural_map(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Place countries and models on the two dimensions of the Inglehart–Welzel cultural map.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`. A steered way of asking is placed like any other.
    settings : Settings
        Of these, `wave`, `exclude_items` and `confidence`. Nothing is resampled.

    Returns
    -------
    polars.DataFrame
        One row per population, then one per way of asking: `side` ("people" or "model"), the keys
        of both (null for the other side), and for each dimension, `secular` and
        `self_expression`: the place, on the published map's scale of factor scores; `_low`,
        `_high`, `_std_error`. Then `correlation` of the two errors; `secular_index` and
        `self_expression_index`, the mean of the dimension's items in standard deviations of
        countries; `n_items` of six; `published_secular`, `published_self_expression`, of ten
        items, null where the map has no such country; `note`.

    Raises
    ------
    NoDataError
        A side has no distributions, or no way of asking has two items of each dimension.

    Notes
    -----
    Six of the map's ten items are among the questionnaire's: of God, abortion and respect for
    authority for the first dimension; happiness, homosexuality and trust for the second. The others
    (national pride, obedience against independence, petitions, post-materialist goals) were asked
    in ways that have no single answer on one scale, or not at all. A country's place is therefore
    estimated: linear in the standardised means of the dimension's three items, with weights fitted
    to the published places of the 47 countries that have all six. The error that this leaves
    (leave-one-out: 0.31 and 0.30, correlations 0.95 and 0.95) is not in the intervals, which hold
    for the place as six items tell it. A missing item is filled in by its conditional expectation
    given the others, and the conditional variance is in the interval.

    References
    ----------
    Inglehart, R., & Welzel, C. (2005). *Modernization, Cultural Change, and Democracy*. Cambridge
    University Press.

    Examples
    --------
    >>> table = cultural_map(model, human, bank)
    >>> table.filter(country="JPN").select(pl.col("secular", "published_secular").round(1)).row(0)
    (1.9, 1.6)
    """
    model, human = restrict(model, human, bank, settings)
    keys = [*MODEL_KEYS, *population_keys(human)]
    model = model.with_columns(n_effective=replies_drawn(model))
    sides = [
        _placed(frame, bank, settings, own).with_columns(side=pl.lit(side))
        for side, frame, own in (
            (_PEOPLE, human, population_keys(human)),
            (_MODEL, model, [*MODEL_KEYS]),
        )
    ]
    if sides[1]["secular"].null_count() + sides[1]["self_expression"].null_count() == 2 * len(
        sides[1]
    ):
        raise NoDataError(
            f"no model was asked enough items of the cultural map: ask {', '.join(ITEMS)}"
        )
    table = pl.concat(sides, how="diagonal").join(
        published_map().select(
            "country", *(pl.col(axis).alias(f"published_{axis}") for axis in _AXES)
        ),
        on="country",
        how="left",
        maintain_order="left",
    )
    unknown = (pl.col("side") == _MODEL) & ~pl.col("drawn")
    return table.with_columns(
        note(
            say(pl.any_horizontal(pl.col(_AXES).is_null()), _LACKING),
            pl.when(pl.col("filled") != "").then(_FILLED + pl.col("filled")),
            say(unknown, _ONE_FORM),
        )
    ).select(
        "side", *keys,
        *(f"{axis}{end}" for axis in _AXES for end in ("", "_low", "_high", "_std_error")),
        "correlation", *(f"{axis}_index" for axis in _AXES), "n_items",
        *(f"published_{axis}" for axis in _AXES), "note",
    )  # fmt: skip


def nearest_countries(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Name the countries nearest to each way of asking on the cultural map.

    Parameters
    ----------
    model, human, bank
        As in `cultural_map`.
    settings : Settings
        `n_resamples` and `seed` fix the draws of places.

    Returns
    -------
    polars.DataFrame
        At most five rows per way of asking that has a place, nearest first: keys, `survey`, `wave`,
        `country`, `rank`, `distance` on the map (Euclidean, 0 or more), `low`, `high`, and
        `probability` that this country is the nearest of all, given the errors of both places;
        `note`. A way of asking without a place on one dimension is compared along the other one
        alone, and the note says so. Populations of part of a country are left out.

    Raises
    ------
    NoDataError
        As from `cultural_map`.

    Examples
    --------
    >>> table = nearest_countries(model, human, bank)
    >>> table["rank"].unique().sort().to_list()
    [1, 2, 3, 4]
    """
    table = cultural_map(model, human, bank, settings=settings)
    parts = [pl.col(name).is_null() for name in population_keys(human)[3:]]
    people = table.drop_nulls(_AXES).filter(*parts, side=_PEOPLE)
    ways = table.filter(~pl.all_horizontal(pl.col(_AXES).is_null()), side=_MODEL)
    rng = np.random.default_rng(settings.seed)
    theirs = _drawn(people, settings.n_resamples, rng)
    tail = (1 - settings.confidence) / 2
    found: list[pl.DataFrame] = []
    for way, draws in zip(
        ways.iter_rows(named=True), _drawn(ways, settings.n_resamples, rng), strict=True
    ):
        told = [number for number, axis in enumerate(_AXES) if way[axis] is not None]
        apart = np.linalg.norm((theirs - draws)[:, :, told], axis=2)
        steps = [people[_AXES[number]].to_numpy() - way[_AXES[number]] for number in told]
        estimate = np.linalg.norm(steps, axis=0)
        first = np.bincount(apart.argmin(axis=0), minlength=len(people)) / settings.n_resamples
        low, high = np.quantile(apart, [tail, 1 - tail], axis=1)
        order = np.argsort(estimate, kind="stable")[:_NEAREST]
        found.append(
            people[order.tolist()].select("survey", "wave", "country").with_columns(
                *(pl.lit(way[name]).alias(name) for name in MODEL_KEYS),
                rank=pl.Series(range(1, len(order) + 1)),
                distance=pl.Series(estimate[order]),
                low=pl.Series(low[order]),
                high=pl.Series(high[order]),
                probability=pl.Series(first[order]),
                note=pl.lit(way["note"]),
            )
        )  # fmt: skip
    nearest: pl.DataFrame = pl.concat(found)
    return nearest.select(
        *MODEL_KEYS, "survey", "wave", "country", "rank", "distance", "low", "high",
        "probability", "note",
    )  # fmt: skip


def _placed(
    frame: pl.DataFrame, bank: QuestionBank, settings: Settings, keys: list[str]
) -> pl.DataFrame:
    """Place each group of distributions: `keys`, the place, its errors, what was filled in."""
    scale = cultural_scale()
    groups = frame.select(keys).unique(maintain_order=True)
    values = np.full((len(groups), len(ITEMS)), np.nan)
    variances = np.zeros_like(values)
    drawn = np.ones(len(groups), bool)
    numbered = frame.filter(pl.col("question").is_in(list(ITEMS))).join(
        groups.with_row_index("place_number"), on=keys, nulls_equal=True
    )
    columns = {name: number for number, name in enumerate(ITEMS)}
    for group, question, shares, n in numbered.select(
        "place_number", "question", "probabilities", "n_effective"
    ).iter_rows():
        value, variance = scale.item_mean(bank.items[question], np.asarray(shares))
        values[group, columns[question]] = value
        variances[group, columns[question]] = variance / n if n else 0.0
        drawn[group] &= n is not None
    place = scale.place(values, variances)
    filled = [
        ", ".join(name for name, value in zip(ITEMS, row, strict=True) if np.isnan(value))
        for row in values
    ]
    ends: dict[str, Any] = {}
    for number, axis in enumerate(_AXES):
        error = np.sqrt(place.covariance[:, number, number])
        at = place.coordinates[:, number]
        _, _, low, high, _ = delta_intervals(
            np.vstack([np.ones_like(at), at]), error, settings.confidence
        )
        ends |= {axis: at, f"{axis}_low": low, f"{axis}_high": high, f"{axis}_std_error": error}
        ends[f"{axis}_index"] = place.indices[:, number]
    both = np.sqrt(place.covariance[:, 0, 0] * place.covariance[:, 1, 1])
    correlation = np.divide(
        place.covariance[:, 0, 1], both, out=np.zeros_like(both), where=both > 0
    )
    return groups.with_columns(
        **{name: pl.Series(column) for name, column in ends.items()},
        correlation=pl.Series(correlation),
        n_items=pl.Series((~np.isnan(values)).sum(axis=1)),
        filled=pl.Series(filled),
        drawn=pl.Series(drawn),
    ).with_columns(pl.selectors.float().fill_nan(None))


def _drawn(places: pl.DataFrame, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw places from their errors: shape (places, n, 2)."""
    at = places.select(_AXES).to_numpy()
    first, second = (places[f"{axis}_std_error"].to_numpy() for axis in _AXES)
    rho = places["correlation"].fill_null(0.0).to_numpy()
    normal = rng.standard_normal((len(places), n, 2))
    x = first[:, None] * normal[:, :, 0]
    y = second[:, None] * (
        rho[:, None] * normal[:, :, 0] + np.sqrt(1 - rho**2)[:, None] * normal[:, :, 1]
    )
    drawn: NDArray[np.float64] = at[:, None, :] + np.stack([x, y], axis=2)
    return drawn
