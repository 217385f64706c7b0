"""How far apart a model's groups are, against how far apart people's are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import polars as pl

from doxa.analysis.parts.item_scores import replies_drawn
from doxa.analysis.parts.notes import FEW_RESPONDENTS, finish, say
from doxa.analysis.parts.pairs import population_keys, restrict
from doxa.analysis.parts.personas import large_enough, personas_of
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.questionnaire.group import axes_of, differ_in, parse_group
from doxa.score import item_weights
from doxa.score.intervals import quantile_intervals
from doxa.survey.group_counts import PEOPLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems
    from doxa.questionnaire import Item

__all__ = ["persona_flattening"]

_Answers: TypeAlias = "dict[str, dict[str, tuple[list[float], float]]]"

_ALL: Final = "all"
_LEAST_HELD: Final = 0.95
"""The share of replicates that must have a ratio for there to be an interval."""


def persona_flattening(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    least: float = FEW_RESPONDENTS,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure whether groups differ in a model's answers as much as they do among people.

    Parameters
    ----------
    model, human, bank, least
        As in `doxa.analysis.persona_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, country, split of groups and variable: `model`, `elicitation`,
        `language`, `steering`, `target`, `reasoning`, `survey`, `wave`, `country`, `groups` (the
        split, such as "sex×age"), `variable` (pairs of groups that differ in it alone; "all" for
        every pair of a split of several variables), `n_pairs`, `n_items`, `model_distance`,
        `people_distance` (each at least 0), `people_by_chance` (what samples of these sizes would
        show if groups did not differ), `estimate` (model over people: 1 where the model's groups
        are as far apart, 0 where they answer alike), `low`, `high`, `resampled`, `note`.

    Raises
    ------
    NoDataError
        No personas were asked of two groups that share nobody, or there are no answers of them.

    Notes
    -----
    The distance of two groups on an item is the root of Σ (F - G)² Δx / (x_K - x_1) for ordinal
    items, with F and G the cumulative shares, and of Σ (p - q)² / 2 for nominal ones. Averages are
    of squares, over pairs and items, because these can be freed from the distance that samples
    have by chance: Σ F(1 - F) Δx / (x_K - x_1) / (n - 1), or Σ p(1 - p) / 2 / (n - 1), is taken
    away for each side, with n its effective respondents or, where replies were sampled, their
    number. A mean of distances themselves is too large by what small samples differ, and a flat
    model would look as if its groups differed. A square below 0 after this counts as 0.

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.survey.group_counts import group_counts
    >>> women = group_counts(by_sex, ["sex=female", "sex=male"])
    >>> table = persona_flattening(personas, human_distributions(women, bank), bank)
    >>> table.select("groups", "variable", "n_pairs").row(0)
    ('sex', 'sex', 1)
    """
    model, human = restrict(model, human, bank, settings)
    asked = personas_of(model)
    people = large_enough(human, asked["group"], least)
    asked = asked.with_columns(n=replies_drawn(asked), _axes=_axes(asked["group"]))
    people = people.with_columns(n="n_effective", _axes=_axes(people[PEOPLE]))
    keys = [name for name in MODEL_KEYS if name != "group"]
    populations = [name for name in population_keys(human) if name != PEOPLE]
    by_population = {
        key: _by_item(rows, PEOPLE) for key, rows in people.group_by([*populations, "_axes"])
    }
    rows: list[dict[str, Any]] = []
    for way, answers in asked.group_by([*keys, "_axes"], maintain_order=True):
        of_model = _by_item(answers, "group")
        target, axes = way[keys.index("target")], way[-1]
        for population in sorted(key for key in by_population if key[-1] == axes):
            place = dict(zip(populations, population, strict=False))
            if target and target != place["country"]:
                continue
            about = dict(zip(keys, way, strict=False)) | place | {"groups": axes}
            rows += _compared(about, of_model, by_population[population], bank, settings)
    if not rows:
        raise NoDataError(
            "no two groups to compare: ask personas of two or more that share nobody, such as "
            "--personas sex, and bring their answers"
        )
    table = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("n_pairs", "n_items").cast(pl.UInt32)
    )
    alike = pl.col("people_distance") <= 0
    return finish(
        table,
        say(alike, "people's groups differ no more than by chance: no ratio"),
        say(~alike & (pl.col("n_items") > 1) & pl.col("low").is_null(),
            "people's groups differ little more than by chance: no interval"),
    )  # fmt: skip


def _axes(groups: pl.Series) -> pl.Series:
    return groups.replace_strict({one: axes_of(one) for one in groups.unique()})


def _by_item(rows: pl.DataFrame, group: str) -> _Answers:
    """Arrange distributions and their sizes by item and group; an unknown size is infinite."""
    found: _Answers = {}
    for item, name, shares, n in rows.select("question", group, "probabilities", "n").iter_rows():
        found.setdefault(item, {})[name] = (shares, np.inf if n is None else n)
    return found


def _compared(
    about: dict[str, Any],
    of_model: _Answers,
    of_people: _Answers,
    bank: HasItems,
    settings: Settings,
) -> list[dict[str, Any]]:
    """Compare the model's and people's distances, for each variable and for all."""
    items = sorted(of_model.keys() & of_people.keys())
    names = sorted(
        {name for item in items for name in of_model[item].keys() & of_people[item].keys()}
    )
    squares = np.full((len(items), len(names), len(names), 3), np.nan)
    for place, item in enumerate(items):
        apart, chance = _squares(bank.items[item], of_people[item], names)
        squares[place, ..., 0] = np.subtract(*_squares(bank.items[item], of_model[item], names))
        squares[place, ..., 1], squares[place, ..., 2] = apart - chance, chance
    squares[np.isnan(squares).any(axis=-1)] = np.nan
    rows = []
    for variable, pairs in _pairs(names, several="×" in about["groups"]).items():
        chosen = squares[:, pairs]
        held = ~np.isnan(chosen[..., 0])
        kept = held.any(axis=1)
        if kept.any():
            values = np.nanmean(chosen[kept], axis=1)
            n_pairs = {"variable": variable, "n_pairs": int(held.sum(axis=1).max())}
            rows.append(about | n_pairs | _ratio(values, settings))
    return rows


def _pairs(names: list[str], *, several: bool) -> dict[str, NDArray[np.bool_]]:
    """Mark the pairs of groups that differ in one variable alone; of several, all pairs too."""
    found: dict[str, NDArray[np.bool_]] = {}
    for (i, one), (j, other) in itertools.combinations(enumerate(names), 2):
        variables = differ_in(one, other)
        same = sum(a != b for a, b in zip(parse_group(one), parse_group(other), strict=True))
        alone = [variables[0]] if len(variables) == same == 1 else []
        for variable in [*alone, *([_ALL] if several and variables else [])]:
            found.setdefault(variable, np.zeros((len(names), len(names)), bool))[i, j] = True
    return found


def _squares(
    item: Item, answers: dict[str, tuple[list[float], float]], names: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the squared distances of groups, and what of them chance alone makes."""
    n_codes = len(item.scale.codes)
    shares = np.array([answers[one][0] if one in answers else [np.nan] * n_codes for one in names])
    sizes = np.array([answers[one][1] if one in answers else np.nan for one in names])
    if item.scale.kind == "ordinal":
        positions = np.asarray(item.scale.positions, np.float64)
        steps = np.diff(positions) / (positions[-1] - positions[0])
        shares = np.cumsum(shares, axis=1)[:, :-1]
    else:
        steps = np.full(n_codes, 0.5)
    chance = (shares * (1.0 - shares)) @ steps / np.maximum(sizes - 1.0, 1e-9)
    return (shares[:, None] - shares) ** 2 @ steps, chance[:, None] + chance


def _ratio(values: NDArray[np.float64], settings: Settings) -> dict[str, Any]:
    """Divide the model's root mean square distance by people's, with an interval over items."""
    n_items = len(values)
    weights = item_weights(n_items, n_resamples=settings.n_resamples, seed=settings.seed)
    estimate, drawn = _divided(values.mean(axis=0)), _divided(weights @ values)
    enough = n_items > 1 and np.isfinite(drawn).mean() >= _LEAST_HELD
    low, high = quantile_intervals(
        drawn[None], settings.confidence
    ) if enough and np.isfinite(estimate) else (np.array([np.nan]), np.array([np.nan]))  # fmt: skip
    model, people, chance = np.sqrt(np.maximum(values.mean(axis=0), 0.0))
    return {
        "n_items": n_items,
        "model_distance": float(model),
        "people_distance": float(people),
        "people_by_chance": float(chance),
        "estimate": float(estimate),
        "low": float(low[0]),
        "high": float(high[0]),
    }


def _divided(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    of_model, of_people = np.maximum(squares[..., 0], 0.0), squares[..., 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(of_people > 0, np.sqrt(of_model / of_people), np.nan)
