"""Scores on items that people agree about, and on items that divide them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.item_scores import average_items, item_alignment
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.analysis.parts.settings import DEFAULTS
from doxa.analysis.parts.spread import item_spread
from doxa.analysis.parts.uniform import (
    UNIFORM_COLUMNS,
    say_no_room,
    uniform_alignment,
    uniform_means,
)
from doxa.distribution import MODEL_KEYS

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["consensus_alignment"]

_CONSENSUS: Final = "consensus"
_DIVIDED: Final = "divided"
_DIFFERENCE: Final = "divided − consensus"
_FEW: Final = "fewer than five items in a half: no interval"
_LEAST: Final = 5


def consensus_alignment(
    model: pl.DataFrame, human: pl.DataFrame, bank: QuestionBank, *, settings: Settings = DEFAULTS
) -> pl.DataFrame:
    """Score the half of the items that people agree about most, and the half that divides them.

    Equal shares for every option come near people who are divided, and are far from people who
    agree. A model that only spreads its answers is therefore close on divided items alone.

    Parameters
    ----------
    model, human, bank
        As in `country_alignment`.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        Three rows per way of asking and population: the keys, `part`, `entropy`,
        `entropy_least`, `entropy_most` (mean, least and largest normalised entropy of these
        people's answers to the items, in [0, 1]), `n_items`, `estimate`, `low`, `high` (the
        score), `ceiling`, `uniform`, `uniform_gap` and `normalised` with their intervals (as in
        `country_alignment`), `resampled`, `note`. The parts are "consensus", the half of the
        items with the least entropy (the smaller half, of an odd number); "divided", the other
        half; and the difference between the two, which has no normalised score.

    Raises
    ------
    NoDataError
        A side has no distributions, or nothing can be paired.

    Notes
    -----
    Both halves have the same people and the same model. The interval of their difference draws
    from all items together, as for a difference of two means with standard errors of their own.

    Examples
    --------
    >>> table = consensus_alignment(model, human, bank)
    >>> table["part"].unique(maintain_order=True).to_list()
    ['consensus', 'divided', 'divided − consensus']
    """
    model, human = restrict(model, human, bank, settings)
    pairs = pair_items(model, human, bank)
    keys = [*MODEL_KEYS, *population_keys(human)]
    asked = human.filter(pl.col("question").is_in(pairs["question"].unique().implode()))
    ceilings = item_ceilings(asked, bank, seed=settings.seed)
    on = [name for name in ceilings.columns if name != "ceiling"]
    entropy = item_spread(pairs, bank, column="probabilities_human")["entropy"]
    low = 2 * pl.col("entropy").rank("ordinal").over(keys) <= pl.len().over(keys)
    rows = (
        pairs.select(*keys, "question")
        .with_columns(
            entropy, score=item_alignment(pairs, bank), uniform=uniform_alignment(pairs, bank)
        )
        .join(ceilings, on=on, nulls_equal=True, maintain_order="left")
        .with_columns(part=pl.when(low).then(pl.lit(_CONSENSUS)).otherwise(pl.lit(_DIVIDED)))
    )
    halves = uniform_means(rows, [*keys, "part"], settings)
    table = pl.concat([halves, _differences(rows, keys, settings)], how="diagonal")
    about = pl.concat([rows, rows.with_columns(part=pl.lit(_DIFFERENCE))])
    entropies = about.group_by(*keys, "part").agg(
        pl.col("entropy").mean(),
        entropy_least=pl.col("entropy").min(),
        entropy_most=pl.col("entropy").max(),
    )
    whole = pl.col("part") == _DIFFERENCE
    few = say(whole & pl.col("low").is_null() & (pl.col("n_items") >= _LEAST), _FEW)
    order = {name: number for number, name in enumerate((_CONSENSUS, _DIVIDED, _DIFFERENCE))}
    return (
        finish(
            table.join(
                entropies, on=[*keys, "part"], nulls_equal=True, maintain_order="left"
            ).with_columns(n_items=pl.col("n").cast(pl.Int64)),
            few,
            say_no_room(),
        )
        .sort(*keys, pl.col("part").replace_strict(order))
        .select(
            *keys, "part", "entropy", "entropy_least", "entropy_most", "n_items", "estimate",
            "low", "high", "ceiling", *UNIFORM_COLUMNS, "resampled", "note",
        )
    )  # fmt: skip


def _differences(rows: pl.DataFrame, keys: list[str], settings: Settings) -> pl.DataFrame:
    """Give the divided half's mean minus the other's: of scores, equal shares and their gap."""
    of_part = [*keys, "part"]
    size = pl.len().over(of_part)
    sign = pl.when(part=_DIVIDED).then(1.0).otherwise(-1.0)
    both = pl.col("part").n_unique().over(keys) == 2
    enough = both & (size.min().over(keys) >= _LEAST)
    values = rows.with_columns(gap=pl.col("score") - pl.col("uniform")).select(
        _linear(pl.col(name), sign, size, keys, of_part, both).alias(name)
        for name in ("score", "uniform", "gap")
    )
    groups = average_items(values, rows, keys, settings).groups
    found = {one["metric"][0]: one for one in groups.partition_by("metric", maintain_order=True)}
    certain = rows.group_by(keys, maintain_order=True).agg(enough.first().alias("certain"))
    ends = ("estimate", "low", "high")
    table = (
        found["score"]
        .select(*keys, *ends)
        .with_columns(
            found["uniform"]["estimate"].alias("uniform"),
            *(
                found["gap"][end].alias(
                    "uniform_gap" if end == "estimate" else f"uniform_gap_{end}"
                )
                for end in ends
            ),
            part=pl.lit(_DIFFERENCE),
            n=rows.group_by(keys, maintain_order=True).len()["len"].cast(pl.Int64),
            certain=certain["certain"],
        )
    )
    unsure = ("low", "high", "uniform_gap_low", "uniform_gap_high")
    return table.with_columns(pl.when("certain").then(pl.col(unsure))).drop("certain")


def _linear(
    value: pl.Expr, sign: pl.Expr, size: pl.Expr, keys: list[str], of_part: list[str], both: pl.Expr
) -> pl.Expr:
    """Give numbers whose mean is the difference of the parts' means, and whose spread its error."""
    mean = value.mean().over(of_part)
    share = pl.len().over(keys) / size
    difference = (sign * value * share).mean().over(keys)
    return pl.when(both).then(difference + sign * share * (value - mean))
