"""Personas of groups: how close each is to its own group, and to that group alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from doxa.analysis.parts.blocks import largest_block
from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.correction import with_adjusted
from doxa.analysis.parts.notes import FEW_RESPONDENTS, SCORE_NOTES, note
from doxa.analysis.parts.personas import PersonaScores
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.uniform import (
    UNIFORM_COLUMNS,
    against_uniform,
    mean_ceilings,
    say_no_room,
)
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["persona_alignment", "persona_targeting"]

_TESTED = (
    "n_items", "estimate", "low", "high", "std_error", "p_value", "p_adjusted",
    "low_adjusted", "high_adjusted", "resampled", "note",
)  # fmt: skip


def persona_alignment(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    least: float = FEW_RESPONDENTS,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Score each persona of a group against the answers of exactly that group.

    Parameters
    ----------
    model : polars.DataFrame
        Distributions of models, as `doxa.distribution.model_distributions` gives them.
    human : polars.DataFrame
        Distributions of people, made from what `doxa.survey.group_counts` gives: the column
        `people` names the group.
    bank : QuestionBank or other HasItems
        The items, with their scales.
    least : float
        Groups of people with fewer effective respondents (the median of their items) are left
        out.
    settings : Settings
        How the table is computed.

    Returns
    -------
    polars.DataFrame
        One row per persona and country: `model`, `elicitation`, `language`, `steering`, `target`,
        `group`, `reasoning`, `survey`, `wave`, `country`, `n_respondents` (the group's effective
        respondents, the median of the items; null where unknown), `n_items`, `estimate` (alignment
        with the group's own answers, in [0, 1]), `low`, `high`, `std_error`, the columns of equal
        shares and `ceiling` as in `country_alignment` (`uniform`, `uniform_gap`, `normalised` and
        their intervals), `no_persona` and
        `plain_persona` (alignment of the same model with the same group's answers, on the same
        items, without steering and as a person of the country whose group is left open; null
        where it was not asked so), `resampled`, `note`.

    Raises
    ------
    NoDataError
        No persona of a group was asked, or there are no answers of its group.

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.survey.group_counts import group_counts
    >>> women = group_counts(by_sex, ["sex=female", "sex=male"])
    >>> table = persona_alignment(personas, human_distributions(women, bank), bank)
    >>> table.select("country", "group", "n_respondents").row(0)
    ('JPN', 'sex=female', 500.0)
    """
    found = PersonaScores(model, human, bank, settings, least)
    rows, own = [], []
    for row, number in found.own():
        own.append(number)
        none, plain = found.without(row, row["group"]), found.place(row, row["group"], group="")
        rows.append(
            row
            | {"n_respondents": found.size(row)}
            | {"no_persona": found.mean(none, number), "plain_persona": found.mean(plain, number)}
        )
    _refuse_none(rows)
    scores, contrasts = found.scores, [{number: 1.0} for number in own]
    tested, _ = scores.contrast(contrasts, replicates=False)
    ceilings = item_ceilings(found.people, bank, seed=settings.seed)
    _, replicates = scores.means()
    beside = pl.DataFrame(
        [
            mean_ceilings(scores, ceilings),
            *against_uniform(scores, replicates, found.people, bank, ceilings),
        ]
    )[own]
    named = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("n_respondents", "no_persona", "plain_persona").cast(pl.Float64)
    )
    table = pl.concat([named, tested, beside], how="horizontal")
    return table.select(
        *found.keys, "n_respondents", "n_items", "estimate", "low", "high", "std_error",
        "ceiling", *UNIFORM_COLUMNS, "no_persona", "plain_persona",
        pl.lit(scores.settings.resampled).alias("resampled"),
        note(*SCORE_NOTES, say_no_room(), scores.notes_of(contrasts)),
    )  # fmt: skip


def persona_targeting(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    least: float = FEW_RESPONDENTS,
    correction: Correction = "holm",
    family: Sequence[str] = (),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Test whether each persona of a group is closer to its own group than something else is.

    The *gain* of a persona for a group is its alignment with that group's answers minus that of
    the same model without steering. Other groups are those of the same variables that share
    nobody with the persona's own.

    Parameters
    ----------
    model, human, bank, least
        As in `persona_alignment`.
    correction : {"holm", "benjamini_hochberg"}
        As in `doxa.analysis.adjust_p_values`.
    family : sequence of str
        Key columns; rows with equal values in them are one family of tests. By default the whole
        table is one.
    settings : Settings
        All rows use the same draws, so differences are paired.

    Returns
    -------
    polars.DataFrame
        Up to four rows per persona and country: the keys of `persona_alignment`, `beyond`,
        `n_others` (groups or personas averaged), `n_items`, `estimate` (positive: the persona is
        closer), `low`, `high`, `std_error`, `p_value` (two-sided), `p_adjusted`,
        `low_adjusted`, `high_adjusted`, `resampled`, `note`. What it is beyond:

        no persona
            The gain for the own group.
        other groups
            Targeting: the gain for the own group minus the mean gain for the other groups. 0 for
            a model that ignores its persona, or that the persona moves towards everyone alike.
        other personas
            Alignment with the own group minus the mean alignment of the other groups' personas
            with it.
        plain persona
            Alignment with the own group minus that of a person of the country whose group is left
            open.

    Raises
    ------
    NoDataError
        As from `persona_alignment`, or there is nothing to compare with.

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.survey.group_counts import group_counts
    >>> women = group_counts(by_sex, ["sex=female", "sex=male"])
    >>> table = persona_targeting(personas, human_distributions(women, bank), bank)
    >>> table["beyond"].unique(maintain_order=True).to_list()
    ['no persona', 'other groups', 'other personas']
    """
    found = PersonaScores(model, human, bank, settings, least)
    rows: list[dict[str, Any]] = []
    contrasts: list[dict[int, float]] = []
    for row, own in found.own():
        for beyond, contrast in _contrasts(found, row, own).items():
            n_others = len(contrast) - 1 if beyond == "other personas" else len(contrast) // 2 - 1
            rows.append(row | {"beyond": beyond, "n_others": max(n_others, 0)})
            contrasts.append(contrast)
    _refuse_none(rows)
    tested, _ = found.scores.contrast(contrasts, replicates=False)
    named = pl.DataFrame(rows, infer_schema_length=None)
    named = named.with_columns(pl.col("n_others").cast(pl.UInt32))
    table = pl.concat([named, tested], how="horizontal").with_columns(
        resampled=pl.lit(found.scores.settings.resampled),
        note=note(*SCORE_NOTES, found.scores.notes_of(contrasts)),
    )
    corrected = with_adjusted(table, correction, family, confidence=settings.confidence)
    return corrected.select(*found.keys, "beyond", "n_others", *_TESTED)


def _contrasts(found: PersonaScores, row: dict[str, Any], own: int) -> dict[str, dict[int, float]]:
    """Weigh a persona's score for its own group against what it is compared with."""
    group, values = row["group"], found.scores.values
    made: dict[str, dict[int, float]] = {}
    none = found.without(row, group)
    if none is not None:
        made["no persona"] = {own: 1.0, none: -1.0}
    elsewhere = [
        (steered, plain)
        for other in found.others(row)
        if (steered := found.place(row, other)) is not None
        and (plain := found.without(row, other)) is not None
    ]
    if none is not None and elsewhere:
        gains = [(own, none), *elsewhere]
        weights = _mean_of_others(values[[a for a, _ in gains]] - values[[b for _, b in gains]])
        made["other groups"] = {
            place: sign * weight
            for number, weight in weights.items()
            for place, sign in zip(gains[number], (1.0, -1.0), strict=True)
        }
    personas = [found.place(row, group, group=other) for other in found.others(row)]
    rivals = [own, *(one for one in personas if one is not None)]
    if len(rivals) > 1:
        weights = _mean_of_others(values[rivals])
        made["other personas"] = {rivals[number]: weight for number, weight in weights.items()}
    open_ = found.place(row, group, group="")
    if open_ is not None:
        made["plain persona"] = {own: 1.0, open_: -1.0}
    return made


def _mean_of_others(values: NDArray[np.float64]) -> dict[int, float]:
    """Weigh the first row against the mean of those others that have enough of its items."""
    held = ~np.isnan(values)
    comparable, _ = largest_block(held[1:] & held[0])
    chosen = 1 + comparable if comparable.size else np.arange(1, len(values))
    return {0: 1.0} | dict.fromkeys(chosen.tolist(), -1.0 / len(chosen))


def _refuse_none(rows: list[dict[str, Any]]) -> None:
    if not rows:
        raise NoDataError(
            "no persona has a group of its own in these human answers to be compared with: bring "
            "counts split as the personas are, and ask without steering too"
        )
