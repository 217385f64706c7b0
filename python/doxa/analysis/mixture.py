"""The personas of a country's groups put together, against the country itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.analysis.parts.contrasts import GroupScores
from doxa.analysis.parts.correction import with_adjusted
from doxa.analysis.parts.notes import SCORE_NOTES, note, say
from doxa.analysis.parts.pairs import pair_all, restrict
from doxa.analysis.parts.personas import personas_of
from doxa.analysis.parts.settings import DEFAULTS
from doxa.distribution import MODEL_KEYS, target_or_everyone
from doxa.errors import NoDataError
from doxa.questionnaire.group import axes_of, differ_in
from doxa.survey.group_counts import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.analysis.parts.correction import Correction
    from doxa.analysis.parts.settings import Settings
    from doxa.distribution import HasItems

__all__ = ["persona_mixture"]

_POPULATION: Final = ("survey", "wave", "country")
_AXES: Final = "groups"
_WHOLE: Final = 0.99
"""From this share of a country's respondents on, its groups are taken to be all of it."""


def persona_mixture(
    model: pl.DataFrame,
    human: pl.DataFrame,
    bank: HasItems,
    *,
    shares: pl.DataFrame,
    correction: Correction = "holm",
    family: Sequence[str] = (),
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Put personas of groups together in their shares of the country, and score them as one.

    The mixture is the post-stratified mean: Σ w q over the groups of a split, where q is a
    persona's answer and w its group's share of the population, divided by the sum of the shares.

    Parameters
    ----------
    model, bank
        As in `doxa.analysis.persona_alignment`.
    human : polars.DataFrame
        Distributions of whole countries: where there is a column `people`, its rows with "".
    shares : polars.DataFrame
        What `doxa.survey.group_shares` gives: the groups' shares of each country's people.
    correction, family
        As in `doxa.analysis.persona_targeting`; the alignments themselves are not tested.
    settings : Settings
        All rows use the same draws.

    Returns
    -------
    polars.DataFrame
        Up to three rows per way of asking, split and country: `model`, `elicitation`, `language`,
        `steering`, `target`, `reasoning`, `survey`, `wave`, `country`, `groups` (the split, such
        as "sex×age"), `n_groups`, `coverage` (the share of the country's respondents that is in
        these groups), `measure`, `n_items`, `estimate`, `low`, `high`, `std_error`, `p_value`,
        `p_adjusted`, `resampled`, `note`. The measures:

        alignment
            Alignment of the mixture with the country's own answers, in [0, 1].
        beyond no persona
            It minus that of the same model without steering.
        beyond plain persona
            It minus that of a person of the country whose group is left open.

    Raises
    ------
    NoDataError
        No persona of a group was asked, or no country has answers and shares of its groups.

    Examples
    --------
    >>> from doxa.distribution import human_distributions
    >>> from doxa.survey.group_counts import group_counts, group_shares
    >>> groups = ["sex=female", "sex=male"]
    >>> whole = human_distributions(group_counts(by_sex, [""]), bank)
    >>> table = persona_mixture(personas, whole, bank, shares=group_shares(by_sex, groups))
    >>> table.select("groups", "n_groups", "coverage", "measure").row(0)
    ('sex', 2, 1.0, 'alignment')
    """
    if PEOPLE in human.columns:
        human = human.filter(pl.col(PEOPLE) == "").drop(PEOPLE)
    model, human = restrict(model, human, bank, settings)
    mixed = _mixed(personas_of(model), shares)
    plain = model.filter(pl.col("group") == "").with_columns(pl.lit("").alias(_AXES))
    keys = [*MODEL_KEYS, _AXES, *_POPULATION]
    people = human.select(*_POPULATION, "question", "probabilities", "n_effective")
    together = mixed.join(people, on=[*_POPULATION, "question"], suffix="_human")
    apart = [] if plain.is_empty() else [pair_all(plain, human, bank).filter(target_or_everyone())]
    pairs = pl.concat([_alike(one, keys) for one in (together, *apart)])
    scores = GroupScores(pairs, bank, keys, settings)
    about = together.select(*keys, "n_groups", "coverage").unique(keys, maintain_order=True)
    place = {tuple(row): number for number, row in enumerate(scores.groups.rows())}
    rows: list[dict[str, Any]] = []
    contrasts: list[dict[int, float]] = []
    for row in about.iter_rows(named=True):
        own = place[tuple(row[name] for name in keys)]
        for measure, other in _beside(place, row, keys).items():
            rows.append(row | {"measure": measure})
            contrasts.append({own: 1.0} if other is None else {own: 1.0, other: -1.0})
    if not rows:
        raise NoDataError(
            "no country has answers and shares of the groups that were asked: bring counts split "
            "as the personas are, and of whole countries"
        )
    tested, _ = scores.contrast(contrasts, replicates=False)
    level = pl.col("measure") == "alignment"
    few = say(pl.col("coverage") < _WHOLE, "not everyone is in a group: see coverage")
    table = pl.concat(
        [pl.DataFrame(rows, infer_schema_length=None), tested], how="horizontal"
    ).with_columns(
        pl.when(~level).then("p_value").alias("p_value"),
        resampled=pl.lit(scores.settings.resampled),
        note=note(*SCORE_NOTES, few),
    )
    named = [name for name in keys if name not in ("group", _AXES)]
    return with_adjusted(table, correction, family).select(
        *named, _AXES, "n_groups", "coverage", "measure", *tested.columns, "p_adjusted",
        "resampled", "note",
    )  # fmt: skip


def _beside(
    place: dict[tuple[Any, ...], int], row: dict[str, Any], keys: list[str]
) -> dict[str, int | None]:
    """Find what a mixture is compared with: nothing, no steering, the plain persona."""

    def found(**changes: str) -> int | None:
        return place.get(tuple((row | changes)[name] for name in keys))

    without = {"steering": "none", "group": "", _AXES: ""}
    none = found(**without, target="")
    others = {
        "beyond no persona": none if none is not None else found(**without),
        "beyond plain persona": found(group="", **{_AXES: ""}),
    }
    return {"alignment": None} | {name: one for name, one in others.items() if one is not None}


def _alike(pairs: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Keep the columns that a score needs; what a mixture is made of is no whole number."""
    sizes = (
        (
            pl.col(name).cast(pl.Float64) if name in pairs.columns else pl.lit(None, pl.Float64)
        ).alias(name)
        for name in ("n_replies", "n_drawn")
    )
    return pairs.select(
        *keys, "question", "probabilities", "probabilities_human", "n_effective", *sizes
    )


def _mixed(personas: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """Average the personas of each split in a country by their groups' shares."""
    splits = {one: axes_of(one) for one in personas["group"].unique()}
    keys = [name for name in MODEL_KEYS if name != "group"]
    together = [*keys, _AXES, *_POPULATION]
    weighed = (
        personas.with_columns(
            pl.col("group").replace_strict(splits, return_dtype=pl.String).alias(_AXES)
        )
        .join(shares, left_on="group", right_on=PEOPLE)
        .filter(target_or_everyone())
    )
    if weighed.is_empty():
        raise NoDataError(
            "no country has shares of the groups that were asked: bring counts split as the "
            "personas are"
        )
    groups = weighed.group_by(together, maintain_order=True).agg(
        pl.col("group").unique(maintain_order=True).alias("_groups")
    )
    apart = [_disjoint(names) for names in groups["_groups"].to_list()]
    if not any(apart):
        raise NoDataError(
            "the groups that were asked overlap, as age=50+ and age=60+ do: ask for groups that "
            "share nobody to put them together"
        )
    weighed = weighed.join(groups.filter(pl.Series(apart)), on=together, maintain_order="left")
    # an item that one group lacks has no mixture
    complete = pl.len().over([*together, "question"]) == pl.col("_groups").list.len()
    weighed = weighed.filter(complete)
    drawn = [name for name in ("n_replies", "n_drawn") if name in weighed.columns]
    part = pl.col("share") / pl.col("share").sum().over([*together, "question"])
    sizes = weighed.with_columns(_part=part).group_by(
        [*together, "question"], maintain_order=True
    ).agg(
        pl.col("codes").first(),
        pl.col("share").sum().alias("coverage"),
        pl.len().cast(pl.UInt32).alias("n_groups"),
        *(
            # independent draws: the variance of a weighted mean
            pl.when(pl.col(name).null_count() == 0).then(
                1.0 / (pl.col("_part") ** 2 / pl.col(name)).sum()
            ).alias(name)
            for name in drawn
        ),
    )  # fmt: skip
    answers = (
        weighed.with_columns(_part=part)
        .explode("codes", "probabilities")
        .group_by([*together, "question", "codes"], maintain_order=True)
        .agg((pl.col("probabilities") * pl.col("_part")).sum())
        .group_by([*together, "question"], maintain_order=True)
        .agg(pl.col("probabilities"))
    )
    return answers.join(
        sizes, on=[*together, "question"], maintain_order="left", nulls_equal=True
    ).with_columns(pl.lit("").alias("group"))


def _disjoint(groups: list[str]) -> bool:
    return all(
        differ_in(one, other) for place, one in enumerate(groups) for other in groups[:place]
    )
