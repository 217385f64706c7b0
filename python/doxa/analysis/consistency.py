"""Entropy and agreement within families of items on one topic, for a model and people."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.item_scores import average_items
from doxa.analysis.parts.notes import finish
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.spread import item_spread
from doxa.distribution import MODEL_KEYS
from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["FAMILIES", "family_consistency"]


def _items(*ranges: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"Q{n}" for first, last in ranges for n in range(first, last + 1))


FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "gender": _items((28, 33), (35, 35), (249, 249)),
        "trust": _items((57, 63)),
        "confidence": _items((65, 81), (83, 89)),
        "religion": _items((6, 6), (164, 170), (173, 175)),
        "justifiability": _items((177, 195)),
        "democracy": _items((241, 248), (250, 250)),
    }
)
"""Families of items in wave 7 of the World Values Survey, chosen by doxa."""

_MEASURES: Final = {"entropy": "normalised entropy", "agreement": "agreement"}


def family_consistency(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    families: Mapping[str, Sequence[str]] | None = None,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Average entropy and agreement within families of items, for a model and for people.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    families : mapping of str to sequence of str, optional
        The items of each family. A family has no row if none of its items was asked. Default: those
        of `FAMILIES` whose items the bank has, all of them; a questionnaire of one's own has none.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        Two rows per way of asking, population and family: the keys, `family`, `measure`
        ("normalised entropy", "agreement": see `doxa.analysis.parts.spread.item_spread`),
        `estimate`, `low`, `high` (the model's), `human`, `human_low`, `human_high`, `difference`,
        `difference_low`, `difference_high` (model minus people, on the same items), `n_items`,
        `resampled`, `note`. All values lie in [0, 1], differences in [-1, 1].

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item of a family.
    InvalidArgumentError
        A family names an item that the bank lacks.

    Examples
    --------
    >>> table = family_consistency(model, human, bank, families={"trust": ["Q57", "Q61"]})
    >>> table["measure"].unique(maintain_order=True).to_list()
    ['agreement', 'normalised entropy']
    """
    if families is None:
        families = {
            family: items for family, items in FAMILIES.items() if set(items) <= set(bank.items)
        }
    for family, items in families.items():
        for item in items:
            if item not in bank.items:
                raise InvalidArgumentError(f"family {family!r}: the bank has no item {item!r}")
    model, human = restrict(model, human, bank, settings)
    members = pl.DataFrame(
        [(family, item) for family, items in families.items() for item in items],
        schema={"family": pl.String, "question": pl.String},
        orient="row",
    )
    pairs = pair_items(model.join(members, on="question"), human, bank)
    keys = [*MODEL_KEYS, *population_keys(human), "family"]
    ours = item_spread(pairs, bank)
    theirs = item_spread(pairs, bank, column="probabilities_human")
    order = pl.col("family").replace_strict(list(families), range(len(families)))
    tables = []
    for column, measure in _MEASURES.items():
        values = pl.DataFrame({"model": ours[column], "human": theirs[column]})
        values = values.with_columns(difference=pl.col("model") - pl.col("human"))
        batch = average_items(values, pairs, keys, settings)
        sides = [batch.groups.filter(metric=name) for name in ("model", "human", "difference")]
        names = ("estimate", "low", "high")
        people = {name: f"human_{name}" for name in names} | {"estimate": "human"}
        apart = {name: f"difference_{name}" for name in names} | {"estimate": "difference"}
        tables.append(
            sides[0]
            .select(*keys, pl.lit(measure).alias("measure"), *names)
            .hstack(sides[1].select(names).rename(people))
            .hstack(sides[2].select(names).rename(apart))
            .hstack(sides[0].select(n_items="n"))
        )
    return finish(pl.concat(tables).sort(*keys[:-1], order, "measure"))
