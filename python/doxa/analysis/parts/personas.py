"""Scores of personas of groups against the answers of groups, with what they are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.pairs import pair_all, population_keys, restrict
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import NoDataError
from doxa.questionnaire.group import axes_of, differ_in, variables_of
from doxa.survey.group_counts import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["PersonaScores", "large_enough", "personas_of"]

_AXES = "_axes"


def personas_of(model: pl.DataFrame) -> pl.DataFrame:
    """Keep the distributions of personas of groups.

    Raises
    ------
    NoDataError
        There are none.
    """
    asked = model.filter(pl.col("group") != "")
    if asked.is_empty():
        raise NoDataError(
            "no persona of a group was asked: ask with --persona sex=female, or with a grid of "
            "them, --personas sex×age"
        )
    return asked


def large_enough(human: pl.DataFrame, groups: pl.Series, least: float) -> pl.DataFrame:
    """Keep the groups whose answers come from enough respondents, and of which there are personas.

    Raises
    ------
    NoDataError
        None is left; the message says what to bring.
    """
    held = human.filter(pl.col(PEOPLE).is_in(groups.unique().implode()))
    if held.is_empty():
        names = dict.fromkeys(name for one in groups.unique() for name in variables_of(one))
        by = ",".join(name for name in names)
        raise NoDataError(
            f"no answers of people by {by.replace(',', ', ')} to score these personas against: "
            f"import the survey's file with --by {by} (and ages as they were asked, such as "
            "age:30,60), and name its folder with --human"
        )
    typical = pl.col("n_effective").median().over(population_keys(human))
    left = held.filter((typical >= least) | typical.is_null())
    if left.is_empty():
        largest = max(held.select(typical).to_series())
        raise NoDataError(
            f"every group of people has fewer than {least:g} effective respondents (at most "
            f"{largest:.0f}): ask for groups of fewer variables"
        )
    return left


class PersonaScores:
    """Alignments of every persona with every group of its split, and of the same model without it.

    Parameters
    ----------
    model, human, bank : see `doxa.analysis.persona_alignment`
        Both sides and the items.
    settings : Settings
        As for `GroupScores`.
    least : float
        Groups of people with fewer effective respondents (the median of their items) are left out.

    Attributes
    ----------
    people : polars.DataFrame
        The answers of the groups that are scored against.
    scores : GroupScores
        One group for each way of asking and group of people.
    keys : list of str
        The columns that name a row: a way of asking, and a population without its group.
    """

    def __init__(
        self,
        model: pl.DataFrame,
        human: pl.DataFrame,
        bank: HasItems,
        settings: Settings,
        least: float,
    ) -> None:
        model, human = restrict(model, human, bank, settings)
        asked = personas_of(model)
        people = large_enough(human, asked["group"], least)
        others = model.filter(pl.col("group") == "").filter(
            (pl.col("steering") == "none")
            | pl.col("steering").is_in(asked["steering"].unique().implode())
        )
        populations = population_keys(human)
        splits = {one: axes_of(one) for one in {*asked["group"], *people[PEOPLE]}}
        pairs = pl.concat(
            pair_all(
                pl.concat([asked.filter(_split("group", splits, split)), others]),
                people.filter(_split(PEOPLE, splits, split)),
                bank,
            ).filter(target_or_everyone())
            for split in dict.fromkeys(splits[one] for one in people[PEOPLE])
        )
        self.people = people
        self.scores = GroupScores(pairs, bank, [*MODEL_KEYS, *populations], settings)
        self.keys = [name for name in self.scores.groups.columns if name != PEOPLE]
        rows = self.scores.groups.rows(named=True)
        self._rows = rows
        self._place = {tuple(row.values()): number for number, row in enumerate(rows)}
        sizes = people.group_by(populations, maintain_order=True).agg(
            pl.col("n_effective").median()
        )
        self._sizes = {tuple(row[:-1]): row[-1] for row in sizes.rows()}
        self._populations = populations
        by_split: dict[tuple[Any, ...], list[str]] = {}
        for *place, group in sizes.select(populations).select(pl.exclude(PEOPLE), PEOPLE).rows():
            by_split.setdefault((*place, splits[group]), []).append(group)
        self._groups = by_split

    def own(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Give each persona beside the answers of its own group, with its place in the scores."""
        for number, row in enumerate(self._rows):
            if row["group"] == row[PEOPLE]:
                yield {name: row[name] for name in self.keys}, number

    def size(self, row: dict[str, Any]) -> float | None:
        """Give the effective respondents of a persona's own group: the median of its items."""
        found = row | {PEOPLE: row["group"]}
        n: float | None = self._sizes[tuple(found[name] for name in self._populations)]
        return n

    def place(self, row: dict[str, Any], people: str, **changes: str) -> int | None:
        """Find a way of asking that differs from a row's in some keys, beside some people."""
        found = row | changes | {PEOPLE: people}
        return self._place.get(tuple(found[name] for name in self.scores.groups.columns))

    def without(self, row: dict[str, Any], people: str) -> int | None:
        """Find the same model without steering; its replies may be recorded under the target."""
        plain = {"steering": "none", "group": ""}
        found = self.place(row, people, **plain, target="")
        return found if found is not None else self.place(row, people, **plain)

    def others(self, row: dict[str, Any]) -> list[str]:
        """List the other groups of a persona's split that share nobody with its own."""
        population = (row[name] for name in self._populations if name != PEOPLE)
        held = self._groups[(*population, axes_of(row["group"]))]
        return [one for one in held if differ_in(row["group"], one)]

    def mean(self, group: int | None, beside: int) -> float | None:
        """Average a group's alignment over the items that another one has too."""
        if group is None:
            return None
        values = self.scores.values
        held = ~np.isnan(values[[group, beside]]).any(axis=0)
        return float(values[group][held].mean()) if held.any() else None


def _split(column: str, splits: dict[str, str], split: str) -> pl.Expr:
    return pl.col(column).is_in([one for one, axes in splits.items() if axes == split])
