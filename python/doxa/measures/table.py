"""The table of measures: which are computed from what, and their rows in one frame."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.pairs import population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.measures.cells import CellMeans, between_cells, population_fidelities
from doxa.measures.closeness import PairMeans, closeness
from doxa.measures.dispersion import dispersion
from doxa.measures.families import alphas_of_families
from doxa.measures.means import COLUMNS, Sides
from doxa.measures.opinionqa import consistencies, steerabilities
from doxa.measures.registry import chosen_measures, measures
from doxa.measures.reliability import (
    agreement_of_runs,
    first_place_bias,
    noise_and_signal,
    runs_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["MAIN", "measure_table"]

MAIN: Final = (
    "opinionqa_representativeness", "globalopinionqa_similarity", "simbench", "subpop_gap_closed",
    "pfs_accuracy", "pfs_adaptability", "pfs_structure", "pfs_of_means", "sd_ratio",
    "entropy_ratio", "between_group_ratio", "icc_oneway",
)  # fmt: skip
"""The measures that the page shows."""


class _Work:
    """The sides, and what several families are computed from, made once."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides

    @cached_property
    def pairs(self) -> PairMeans:
        return PairMeans(self.sides)

    @cached_property
    def cells(self) -> CellMeans:
        return CellMeans(self.sides)

    @cached_property
    def runs(self) -> pl.DataFrame:
        return runs_of(self.sides)


_FAMILIES: Final[dict[str, Callable[[_Work], Iterator[pl.DataFrame]]]] = {
    "opinionqa_steerability": lambda work: steerabilities(work.sides, work.pairs.each),
    "opinionqa_consistency": lambda work: consistencies(work.sides),
    "opinionqa globalopinionqa simbench meister subpop worldvaluesbench": lambda work: closeness(
        work.sides, work.pairs
    ),
    "a_bias": lambda work: first_place_bias(work.sides, work.runs),
    "pfs": lambda work: population_fidelities(work.cells),
    "dispersion": lambda work: dispersion(work.sides, work.pairs),
    "groups": lambda work: between_cells(work.cells),
    "icc_oneway icc_consistency icc_agreement spearman_brown krippendorff_alpha fleiss_kappa": (
        lambda work: agreement_of_runs(work.sides, work.runs)
    ),
    "cronbach_alpha cronbach_alpha_people": lambda work: alphas_of_families(work.sides),
    "noise_to_signal": lambda work: noise_and_signal(work.sides, work.runs),
}
"""What computes which measures, or sets of measures."""


def measure_table(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: QuestionBank,
    *,
    replies: pl.DataFrame | None = None,
    measures: str | Iterable[str] = "all",
    by_country: bool = False,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Compute the measures that the field reports, by name.

    Parameters
    ----------
    model, human, bank
        As in `doxa.analysis.country_alignment`.
    replies : polars.DataFrame, optional
        Single replies, as `doxa.store.Store.replies` gives them; measures of reliability need them.
    measures : str or iterable of str
        Names of measures or of sets, as `list_measures` gives them; "all" for all that the data
        allow.
    by_country : bool
        Whether each country has a row. Otherwise answers about all countries are averaged, and
        those steered towards each country count as one way of asking (`target` and `country` are
        "all").
    settings : Settings
        `resampled` says what was drawn again: respondents, replies and forms are where a measure
        is a mean of a metric of `doxa.score_batch` or a ratio of such means; elsewhere items
        alone, and for Cronbach's alpha the countries.

    Returns
    -------
    polars.DataFrame
        One row per way of asking, population and measure: the keys, `set`, `measure`, `at` (what
        of the measure: a threshold, a family of items, the closest country), `estimate`, `low`,
        `high`, `std_error`, `n_items`, `n_cells` (countries of a measure that compares them),
        `resampled`, `note`. Measures that compare countries have one row, with `country` "all";
        those of replies alone are about no country. A country without an item in common with a
        way of asking has no row there.

    Raises
    ------
    NoDataError
        A side has no distributions, or a measure that was asked for by name needs what is lacking.
    InvalidArgumentError
        A name is unknown.

    Notes
    -----
    A ratio divides two means, draw by draw: in a mean of ratios, one item on which people almost
    agree would outweigh all others. Intervals of means are as everywhere in doxa; those of ratios
    and products are percentile intervals, or basic ones where others than items are drawn.

    Examples
    --------
    >>> table = measure_table(model, human, bank, measures=["simbench", "sd_ratio"])
    >>> table["measure"].unique(maintain_order=True).to_list()
    ['simbench', 'simbench_low_entropy', 'simbench_high_entropy', 'sd_ratio']
    """
    given = [measures] if isinstance(measures, str) else list(measures)
    names = chosen_measures(given)
    model, human = restrict(model, human, bank, settings)
    sides = Sides(model, human, replies, bank, settings, by_country)
    work = _Work(sides)
    tables: list[pl.DataFrame] = []
    lacking: dict[str, NoDataError] = {}
    for covered, make in _FAMILIES.items():
        wanted = [name for name in names if _covers(covered, name)]
        if not wanted:
            continue
        try:
            tables += [table for table in make(work) if table["measure"][0] in wanted]
        except NoDataError as error:
            lacking |= dict.fromkeys(wanted, error)
    made = {table["measure"][0] for table in tables}
    for name in given:
        meant = chosen_measures(name)
        if made.isdisjoint(meant):
            reason = next((lacking[one] for one in meant if one in lacking), None)
            raise reason or NoDataError(f"the data allow no {name}: `doxa score --measures list` "
                                        "says what it needs")  # fmt: skip
    return _arranged(pl.concat(tables), names, population_keys(human))


def _covers(covered: str, name: str) -> bool:
    """Tell whether a family computes a measure; one that is named goes before its set."""
    named = {one for key in _FAMILIES for one in key.split()}
    return (name if name in named else measures()[name].set) in covered.split()


def _arranged(table: pl.DataFrame, names: list[str], populations: list[str]) -> pl.DataFrame:
    order = {name: place for place, name in enumerate(names)}
    sets = {name: measures()[name].set for name in names}
    keys = [*MODEL_KEYS, *populations]
    place = pl.col("measure").replace_strict(order, return_dtype=pl.Int64)
    return table.select(
        *keys, pl.col("measure").replace_strict(sets).alias("set"), *COLUMNS
    ).sort(*keys, place, "at", nulls_last=True)  # fmt: skip
