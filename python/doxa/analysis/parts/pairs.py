"""Pairing what models answered with what people answered, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.forms import FORM_COLUMNS, with_units
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import NoDataError
from doxa.outside.written import some_of

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = [
    "alike_pairs",
    "is_kept",
    "pair_all",
    "pair_items",
    "population_keys",
    "restrict",
    "restrict_humans",
    "restrict_models",
    "shared_items",
]

_MODEL_MEASURES: Final = (
    "question", "codes", "probabilities", "off_scale_mass", "n_replies", "n_forms", "n_drawn",
    "lower", "upper", *FORM_COLUMNS,
)  # fmt: skip
_DISTRIBUTION: Final = (
    "question", "codes", "probabilities", "off_scale_mass", "n", "n_effective", "weighted",
    "source", "rounding",
)  # fmt: skip


def population_keys(human: pl.DataFrame) -> list[str]:
    """List the columns that name a population: survey, wave, country, and further keys."""
    return [name for name in human.columns if name not in _DISTRIBUTION]


def restrict(
    model: pl.DataFrame, human: pl.DataFrame, bank: HasItems, settings: Settings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the distributions of both sides that the settings ask for.

    Raises
    ------
    NoDataError
        Nothing is left of a side; the message says what there is.
    """
    human = restrict_humans(human, bank, settings)
    return restrict_models(model, bank, settings), human


def restrict_humans(human: pl.DataFrame, bank: HasItems, settings: Settings) -> pl.DataFrame:
    """Keep the human distributions of the bank's items in one wave, less the excluded items.

    Raises
    ------
    NoDataError
        Nothing is left; the message says what there is.
    """
    wave = settings.wave
    left = human.filter(is_kept(bank, settings))
    if wave is not None:
        left = left.filter(pl.col("wave") == wave)
    if human.is_empty():
        raise NoDataError(
            "no human distributions: none of the survey's items is in the questionnaire"
        )
    if left.is_empty():
        waves = ", ".join(str(w) for w in human["wave"].unique().sort())
        asked = "" if wave is None else f" for wave {wave}"
        raise NoDataError(
            f"no human distributions{asked} of the bank's items: the survey has waves {waves}"
        )
    if settings.design_effect > 1:
        left = left.with_columns(pl.col("n_effective") / settings.design_effect)
    return left


def restrict_models(model: pl.DataFrame, bank: HasItems, settings: Settings) -> pl.DataFrame:
    """Keep the model distributions of the bank's items, less the excluded ones.

    Their forms become units if forms are to be drawn: see `doxa.analysis.parts.forms.with_units`.

    Raises
    ------
    NoDataError
        Nothing is left.
    """
    left = model.filter(is_kept(bank, settings))
    if left.is_empty():
        reason = "no reply could be used" if model.is_empty() else "no item of the bank is left"
        raise NoDataError(f"the model has no distributions: {reason}")
    return with_units(left, settings)


def is_kept(bank: HasItems, settings: Settings) -> pl.Expr:
    """Tell which rows are about an item of the bank that is not excluded."""
    return pl.col("question").is_in([q for q in bank.items if q not in settings.exclude_items])


def shared_items(model: pl.DataFrame) -> pl.DataFrame:
    """Find, for each elicitation, the items that all its models and conditions have.

    Returns
    -------
    polars.DataFrame
        Columns `elicitation`, `question`.

    Raises
    ------
    NoDataError
        An elicitation has no such item; the message names which of its conditions has the fewest.
    """
    found = []
    for (elicitation,), frame in model.group_by("elicitation", maintain_order=True):
        ways = frame.select(MODEL_KEYS).n_unique()
        held = frame.select(*MODEL_KEYS, "question").unique()
        items = held.group_by("question", maintain_order=True).len().filter(pl.col("len") == ways)
        if items.is_empty():
            raise NoDataError(
                f"elicitation {elicitation}: no item is shared by all ways of asking; "
                f"{_fewest(held)} has the fewest: leave it out"
            )
        found.append(items.select(pl.lit(elicitation).alias("elicitation"), "question"))
    return pl.concat(found)


def _fewest(held: pl.DataFrame) -> str:
    row = held.group_by(MODEL_KEYS).len().sort("len", *MODEL_KEYS).row(0)
    return f"{' '.join(str(value) for value in row[:-1] if value != '')} ({row[-1]} items)"


def pair_items(model: pl.DataFrame, human: pl.DataFrame, bank: HasItems) -> pl.DataFrame:
    """Pair every way of asking with the populations it is about, item by item.

    Returns
    -------
    polars.DataFrame
        As `pair_all` gives it.

    Raises
    ------
    NoDataError
        Nothing is left to pair.
    """
    pairs = _joined(model, human, bank).filter(target_or_everyone())
    if pairs.is_empty():
        raise NoDataError(
            f"nothing to pair: the model answered {_some(model, 'question')} for target "
            f"{_some(model, 'target') or 'none'}; the survey has {_some(human, 'question')} in "
            f"{_some(human, 'country')}"
        )
    return pairs


def pair_all(model: pl.DataFrame, human: pl.DataFrame, bank: HasItems) -> pl.DataFrame:
    """Pair every way of asking with every population, item by item.

    Returns
    -------
    polars.DataFrame
        The columns of `model` but for `codes` and `off_scale_mass`, the population's keys,
        `probabilities_human` and `n_effective`, in the bank's order of items.

    Raises
    ------
    NoDataError
        The two sides share no item.
    """
    pairs = _joined(model, human, bank)
    if pairs.is_empty():
        raise NoDataError(
            f"no item in common: the model answered {_some(model, 'question')}; the survey has "
            f"{_some(human, 'question')}"
        )
    return pairs


def _joined(model: pl.DataFrame, human: pl.DataFrame, bank: HasItems) -> pl.DataFrame:
    populations = population_keys(human)
    order = {name: number for number, name in enumerate(bank.items)}
    keys = [name for name in model.columns if name not in _MODEL_MEASURES]
    people = human.select(*populations, "question", "probabilities", "n_effective")
    # Millions of pairs are sorted by three numbers in place of eight texts.
    numbered = model.drop("codes", "off_scale_mass", strict=False).with_columns(
        _way=_places(model, keys),
        _item=pl.col("question").replace_strict(order, default=None, return_dtype=pl.UInt32),
    )
    people = people.with_columns(_population=_places(people, populations))
    sorting = ["_way", "_population", "_item"]
    return numbered.join(people, on="question", suffix="_human").sort(sorting).drop(sorting)


def _places(frame: pl.DataFrame, keys: list[str]) -> pl.Series:
    """Give each row the place of its keys among all keys in sorted order."""
    places = frame.select(keys).unique().sort(keys).with_row_index("place")
    return frame.join(places, on=keys, nulls_equal=True, maintain_order="left")["place"]


def alike_pairs(pairs: pl.DataFrame, human: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs that every model asked through the same elicitation has.

    Raises
    ------
    NoDataError
        The models of an elicitation have nothing in common.
    """
    cell = [*(name for name in MODEL_KEYS if name != "model"), *population_keys(human), "question"]
    everyone = pl.col("model").n_unique().over("elicitation")
    kept = pairs.filter(pl.col("model").n_unique().over(cell) == everyone)
    for (elicitation,), part in pairs.group_by("elicitation", maintain_order=True):
        if elicitation not in kept["elicitation"]:
            names = ", ".join(part["model"].unique().sort())
            raise NoDataError(
                f"elicitation {elicitation}: {names} were asked no item in the same way: ask "
                "them in the same languages and steerings"
            )
    return kept


def _some(frame: pl.DataFrame, column: str) -> str:
    return some_of(frame[column].unique(maintain_order=True).to_list(), 3)
