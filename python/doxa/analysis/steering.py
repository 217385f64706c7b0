"""What steering changes: paired differences from answers without steering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.correction import with_adjusted
from doxa.analysis.parts.notes import note, say
from doxa.analysis.parts.pairs import pair_all, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS
from doxa.errors import NoDataError
from doxa.prompt import OFF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["score_groups", "steering_effects", "steering_pairs"]

_UNSTEERED: Final = "unsteered_"
_REFERENCE: Final = ("language", "steering", "reasoning")
_ONE_ITEM: Final = "one item: no test"
_NO_ITEM: Final = "no item in common: no effect"


def steering_effects(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    reference_language: str | None = None,
    targets_only: bool = False,
    correction: Correction = "holm",
    family: Sequence[str] = (),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Measure how much closer to a population each steering, and thinking first, brings a model.

    An effect is a mean over items: alignment with the steering minus alignment without it. Both
    have the same model, elicitation, group, reasoning and items. The effect of thinking is
    alignment after a thought minus alignment of answers at once, both with the same steering.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    reference_language : str, optional
        The language of the unsteered replies to compare with. Default: the steered prompt's
        own. With a language, unsteered prompts in other languages become rows too.
    targets_only : bool
        Whether to keep only the effect of each steering on its own target; tests for other
        countries then do not count in the correction.
    correction : {"holm", "benjamini_hochberg"}
        As in `doxa.analysis.adjust_p_values`.
    family : sequence of str
        Key columns; rows with equal values in them are one family of tests. By default the
        whole table is one family, and every row of it counts in the correction.
    settings : Settings
        Both sides of a difference use the same draws.

    Returns
    -------
    polars.DataFrame
        One row per steered way of asking and population, and one per way of asking with a thought:
        `model`, `elicitation`, `language`, `steering`, `target`, `group`, `reasoning`, `survey`,
        `wave`, `country`, further keys, `reference_language`, `reference_steering`,
        `reference_reasoning`, `n_items`, `estimate` (positive: the steering helps), `low`, `high`,
        `std_error`, `p_value` (two-sided), `p_adjusted`, `low_adjusted`, `high_adjusted`,
        `resampled`, `note`. A number that cannot be computed is null, and `note` says why.

    Raises
    ------
    NoDataError
        A side has no distributions, the two share no item, or no steered way of asking has an
        unsteered one to compare with.
    InvalidArgumentError
        The correction or a key of `family` is unknown, or replies are to be drawn that were not
        sampled.

    Examples
    --------
    >>> table = steering_effects(model, human, bank)
    >>> table.select("steering", "target", "reference_steering").row(0)
    ('persona', 'JPN', 'none')
    """
    scores = score_groups(model, human, bank, settings)
    effects = steering_pairs(scores.groups, reference_language, thoughts=True)
    if targets_only:
        thoughts = pl.col("reasoning") != pl.col(_UNSTEERED + "reasoning")
        own = (pl.col("target") == pl.col("country")) | (thoughts & (pl.col("target") == ""))
        effects = effects.filter(own)
        if effects.is_empty():
            raise NoDataError("no steering has a country of the survey as target: name one")
    contrasts = [{a: 1.0, b: -1.0} for a, b in effects.select("steered", "unsteered").iter_rows()]
    tests, _ = scores.contrast(contrasts, replicates=False)
    no_item = pl.col("n_items") == 0
    table = pl.concat([effects, tests], how="horizontal").select(
        *scores.groups.columns,
        *(pl.col(_UNSTEERED + name).alias(f"reference_{name}") for name in _REFERENCE),
        *tests.columns,
        pl.lit(scores.settings.resampled).alias("resampled"),
        note(
            scores.notes_of(contrasts),
            say(no_item, _NO_ITEM),
            say(~no_item & pl.col("p_value").is_null(), _ONE_ITEM),
        ),
    )
    return with_adjusted(table, correction, family, confidence=settings.confidence)


def score_groups(
    model: pl.DataFrame, human: pl.DataFrame, bank: HasItems, settings: Settings
) -> GroupScores:
    """Score every way of asking against every population; a group is one of each.

    Raises
    ------
    NoDataError
        A side has no distributions, or the two share no item.
    """
    model, human = restrict(model, human, bank, settings)
    keys = [*MODEL_KEYS, *population_keys(human)]
    return GroupScores(pair_all(model, human, bank), bank, keys, settings)


def steering_pairs(
    groups: pl.DataFrame, reference_language: str | None, *, thoughts: bool = False
) -> pl.DataFrame:
    """Pair each steered group with the unsteered one to compare it with.

    Parameters
    ----------
    groups : polars.DataFrame
        Keys of the groups.
    reference_language : str or None
        As in `steering_effects`.
    thoughts : bool
        Whether to pair each group that thought first with the one that answered at once, too.

    Returns
    -------
    polars.DataFrame
        The steered group's keys, the unsteered group's under names that begin "unsteered_", and
        their row numbers in `groups`: `steered` and `unsteered`.

    Raises
    ------
    NoDataError
        No steered group has an unsteered one to compare with.
    """
    other_language = pl.col("language") != pl.col(_UNSTEERED + "language")
    # Unsteered replies may be recorded under the country for which their language was chosen.
    named = pl.col(_UNSTEERED + "target")
    same_target = (named == "") | (named == pl.col("target"))
    wanted = (
        ~other_language
        if reference_language is None
        else pl.col(_UNSTEERED + "language") == reference_language
    )
    unsteered = pl.col(_UNSTEERED + "steering") == "none"
    steered = (pl.col("steering") != "none") | other_language
    paired = _joined(groups, unsteered, ("language", "steering", "target")).filter(
        wanted & same_target & steered
    )
    if thoughts:
        at_once = pl.col(_UNSTEERED + "reasoning") == OFF
        thought = _joined(groups, at_once, ("reasoning",)).filter(pl.col("reasoning") != OFF)
        paired = pl.concat([paired, thought])
    if paired.is_empty():
        raise NoDataError(
            "no steering to measure: ask without steering too, in the language to compare with"
        )
    return paired


def _joined(groups: pl.DataFrame, which: pl.Expr, apart: Sequence[str]) -> pl.DataFrame:
    """Pair all groups with those others that differ in some keys at most."""
    others = groups.rename(_UNSTEERED.__add__).with_row_index("unsteered").filter(which)
    same = [name for name in groups.columns if name not in apart]
    return groups.with_row_index("steered").join(
        others,
        left_on=same,
        right_on=[_UNSTEERED + name for name in same],
        coalesce=False,
        nulls_equal=True,
        maintain_order="left",
    )
