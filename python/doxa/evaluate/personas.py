"""The answers of the groups that personas of an evaluation stand for, and what lacks them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from doxa.analysis.parts.notes import FEW_RESPONDENTS
from doxa.distribution import human_distributions
from doxa.errors import InvalidArgumentError, NoDataError
from doxa.questionnaire.group import CATEGORIES, variables_of
from doxa.questionnaire.group_rows import groupings_of
from doxa.survey.group_counts import PEOPLE, group_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.distribution import HasItems
    from doxa.recorded import Recording

__all__ = [
    "answered_groups",
    "groups_of",
    "keep_personas",
    "people_of_groups",
    "unscored_groups",
]

_MOST_NAMED = 6


def groups_of(replies: pl.DataFrame) -> list[str]:
    """List the groups whose personas were asked, in the order of their first replies."""
    return [one for one in replies["group"].unique(maintain_order=True) if one]


def people_of_groups(counts: pl.DataFrame, replies: pl.DataFrame, bank: HasItems) -> pl.DataFrame:
    """Give the distributions of the groups whose personas were asked, and of their countries.

    A country as a whole is that of the same file: its groups together, and those in none.

    Returns
    -------
    polars.DataFrame
        As `doxa.distribution.human_distributions` gives them, with the column `people`.
    """
    further = groupings_of(counts)
    split = counts.filter(pl.any_horizontal(pl.col(further).is_not_null())) if further else counts
    return human_distributions(group_counts(split, ["", *groups_of(replies)]), bank)


def keep_personas(recordings: Sequence[Recording], by: Sequence[str]) -> list[Recording]:
    """Keep the personas of groups that are of some variables and no others.

    Parameters
    ----------
    recordings : sequence of Recording
        What models replied.
    by : sequence of str
        Variables, such as "sex".

    Returns
    -------
    list of Recording
        With the replies without a group, and those of such personas.

    Raises
    ------
    InvalidArgumentError
        A variable is unknown.
    NoDataError
        No persona is left.
    """
    for name in by:
        if name not in CATEGORIES:
            raise InvalidArgumentError(
                f"no variable {name!r} of groups: there are {', '.join(CATEGORIES)}"
            )
    asked = {one for recording in recordings for one in groups_of(recording.replies)}
    kept = [one for one in asked if set(variables_of(one)) <= set(by)]
    if not kept:
        there = f"these are of {'; '.join(sorted({', '.join(variables_of(o)) for o in asked}))}"
        raise NoDataError(
            f"no persona of groups by {', '.join(by)}: "
            + (there if asked else f"ask with --personas {'×'.join(by)}")
        )
    chosen = pl.col("group").is_in(["", *kept])
    return [replace(one, replies=one.replies.filter(chosen)) for one in recordings]


def answered_groups(
    people: pl.DataFrame, wave: int | None, *, least: float = FEW_RESPONDENTS
) -> pl.DataFrame:
    """List the items that groups of enough people answered: `question`, `group`, `target`.

    A persona without a country has the target "".
    """
    fielded = people if wave is None else people.filter(wave=wave)
    typical = pl.col("n_effective").median().over("survey", "wave", "country", PEOPLE)
    held = fielded.filter((typical >= least) | typical.is_null()).rename({PEOPLE: "group"})
    columns = "question", "group"
    return pl.concat([
        held.select(*columns, target="country"), held.select(*columns, target=pl.lit("")),
    ]).unique()  # fmt: skip


def unscored_groups(
    people: pl.DataFrame, replies: pl.DataFrame, wave: int | None, *, least: float = FEW_RESPONDENTS
) -> list[str]:
    """Say which groups' personas are in no score, because people's answers are none or too few.

    Parameters
    ----------
    people : polars.DataFrame
        As `people_of_groups` gives them.
    replies : polars.DataFrame
        The replies of the models.
    wave : int or None
        The wave that is scored against; None for every wave.
    least : float
        The effective respondents that a group needs, as a median over the items.

    Returns
    -------
    list of str
        One line for each reason; none if every persona has its group.
    """
    fielded = people if wave is None else people.filter(wave=wave)
    personas = replies.filter(pl.col("group") != "")
    asked = personas.select("target", "group").unique(maintain_order=True)
    split = fielded.filter(pl.col(PEOPLE) != "")["country"].unique(maintain_order=True)
    of = pl.concat([
        asked.filter(pl.col("target") != "").rename({"target": "country"}),
        asked.filter(target="").select("group").join(pl.DataFrame({"country": split}), how="cross")
        .select("country", "group"),
    ]).unique(maintain_order=True)  # fmt: skip
    sizes = fielded.group_by("country", PEOPLE, maintain_order=True).agg(
        pl.col("n_effective").median().alias("n")
    )
    held = of.join(sizes, left_on=["country", "group"], right_on=["country", PEOPLE], how="left")
    none = of.join(sizes, left_on=["country", "group"], right_on=["country", PEOPLE], how="anti")
    few = held.filter(pl.col("n") < least)
    lines = []
    if not few.is_empty():
        named = [f"{c} {g} ({n:.0f})" for c, g, n in few.select("country", "group", "n").rows()]
        lines.append(
            f"personas in no score, for their group has fewer than {least:g} effective "
            f"respondents: {_some(named)}"
        )
    if not none.is_empty():
        named = [" ".join(row) for row in none.rows()]
        lines.append(
            f"personas in no score, for there are no answers of their group: {_some(named)}; "
            "import the survey's file with --by, with ages cut as they were asked"
        )
    return lines


def _some(named: list[str]) -> str:
    more = len(named) - _MOST_NAMED
    return "; ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
