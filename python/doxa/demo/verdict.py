"""What the demonstration's numbers say, in sentences that are made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from doxa.analysis import baseline_distributions, form_sensitivity, steering_targeting
from doxa.analysis.parts.item_scores import average_items, item_alignment
from doxa.analysis.parts.pairs import pair_items, population_keys, restrict
from doxa.report.words import Names, elicitation_name, in_table_order, join, plural, with_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.evaluate import Evaluation

__all__ = ["verdict"]

_ALIKE: Final = 0.9
"""From this correlation on, a model's differences between countries are called equal shares'."""

_BASELINES: Final = ("uniform", "leave_one_out")


class _Level(NamedTuple):
    """The mean alignment of one elicitation over unsteered prompts, beside that of baselines.

    `gap` is how much closer than equal shares, with its interval; `likeness` the correlation of the
    countries' scores with those of equal shares.
    """

    elicitation: str
    score: float
    uniform: float
    others: float
    gap: tuple[float, float | None, float | None]
    likeness: float | None
    over: str

    @property
    def name(self) -> str:
        return elicitation_name(self.elicitation)

    @property
    def closer(self) -> bool:
        return self.gap[1] is not None and self.gap[1] > 0


def verdict(
    evaluation: Evaluation, own: Mapping[str, str], *, reference: str = "en"
) -> tuple[str, ...]:
    """Say how the answers compare with equal shares and with other countries, and why.

    Parameters
    ----------
    evaluation : Evaluation
        Of one model, asked without steering in several languages and two orders of options.
    own : mapping of str to str
        By prompt language, the alpha-3 code of a country that speaks it.
    reference : str
        The prompt language with which the others are compared.

    Returns
    -------
    tuple of str
        What the model's answers are worth; the levels behind it, one sentence an elicitation; the
        pull of the place in which an option is shown; the probability of other text than an option;
        the effect of the prompt language.
    """
    names = Names(evaluation.bank)
    levels = _levels(evaluation)
    return (
        _conclusion(levels),
        *map(_sentence, levels),
        _order(evaluation, levels),
        _off_option(evaluation, names),
        _language(evaluation, levels[-1], own, reference, names),
    )


def _levels(evaluation: Evaluation) -> list[_Level]:
    bank, settings = evaluation.bank, evaluation.settings
    model, human = restrict(evaluation.model_distributions, evaluation.human_waves, bank, settings)
    pairs = pair_items(model.filter(steering="none"), human, bank)
    population = population_keys(human)
    measures = {"score": item_alignment(pairs, bank)}
    for kind in _BASELINES:
        beside = baseline_distributions(human, bank, kind)
        both = pairs.join(
            beside, on=[*population, "question"], nulls_equal=True, how="left",
            maintain_order="left",
        )  # fmt: skip
        measures[kind] = item_alignment(both, bank, first="baseline")
    values = pl.DataFrame(measures).with_columns(gap=pl.col("score") - pl.col("uniform"))
    means = average_items(values, pairs, ["elicitation"], settings).groups
    by_row = pairs.select("elicitation", "country", "language", "question").hstack(values)
    return [
        _level(elicitation, means, by_row.filter(elicitation=elicitation))
        for elicitation in in_table_order(pairs["elicitation"])
    ]


def _level(elicitation: str, means: pl.DataFrame, rows: pl.DataFrame) -> _Level:
    mean = means.filter(elicitation=elicitation).rows_by_key("metric", named=True, unique=True)
    score, uniform, others = (mean[name]["estimate"] for name in ("score", *_BASELINES))
    by_country = rows.group_by("country").agg(pl.col("score", "uniform").mean())
    n_items, n_countries, n_languages = rows.select(
        pl.col("question", "country", "language").n_unique()
    ).row(0)
    return _Level(
        elicitation,
        score,
        uniform,
        others,
        (mean["gap"]["estimate"], mean["gap"]["low"], mean["gap"]["high"]),
        by_country.select(pl.corr("score", "uniform")).item(),
        f"{plural(n_items, 'item')}, {n_countries} countries and {n_languages} prompt languages",
    )


def _conclusion(levels: Sequence[_Level]) -> str:
    better = [level.name for level in levels if level.closer]
    if better:
        return (
            f"By its {join(better)}, its answers are closer to people’s than equal shares for "
            "every option are."
        )
    text = (
        "However they are read, its answers are not measurably closer to people’s than equal "
        "shares for every option are."
    )
    likeness = min(-1.0 if one.likeness is None else one.likeness for one in levels)
    if not likeness >= _ALIKE:
        return text
    return (
        f"{text} The differences between countries on this page are those of equal shares too "
        f"(correlation at least {likeness:.2f}): they show how evenly a country’s own people are "
        "spread over the options, not whose opinions the model has."
    )


def _sentence(level: _Level) -> str:
    return (
        f"{level.name[:1].upper()}{level.name[1:]}: mean alignment {level.score:.3f} over "
        f"{level.over}. Equal shares would have {level.uniform:.3f}, the average of the other "
        f"countries {level.others:.3f}. The gap to equal shares is "
        f"{with_interval(*level.gap, signed=True)}."
    )


def _order(evaluation: Evaluation, levels: Sequence[_Level]) -> str:
    table = form_sensitivity(evaluation.replies, evaluation.bank, settings=evaluation.settings)
    table = table.filter(measure="gain when shown first", steering="none")
    gains = []
    for level in levels:
        gain = 100 * pl.col("estimate")
        found = table.filter(elicitation=level.elicitation)
        mean, low, high = found.select(
            gain.mean(), gain.min().alias("low"), gain.max().alias("high")
        ).row(0)
        gains.append(
            f"{_signed(mean)} points ({_signed(low)} to {_signed(high)} by language) with "
            f"{level.name}"
        )
    return (
        "Shown first instead of last, an option gains "
        f"{join(gains)}; every item was asked in both orders, and a score averages them."
    )


def _off_option(evaluation: Evaluation, names: Names) -> str:
    by_language = (
        evaluation.replies.group_by("language")
        .agg(pl.col("off_option_mass").mean())
        .sort("off_option_mass", "language")
    )
    (least, low), *_, (most, high) = by_language.rows()
    return (
        f"From {100 * low:.0f} % ({names.language(least)}) to {100 * high:.0f} % "
        f"({names.language(most)}) of the probability goes to other text than an option’s label; "
        "the shares are of the rest."
    )


def _language(
    evaluation: Evaluation,
    level: _Level,
    own: Mapping[str, str],
    reference: str,
    names: Names,
) -> str:
    table = steering_targeting(
        *evaluation.sides, reference_language=reference, settings=evaluation.settings
    ).filter(elicitation=level.elicitation, steering="none")
    own_rows = [
        row
        for language, country in own.items()
        for row in table.filter(language=language, country=country).iter_rows(named=True)
    ]
    effects = [
        f"{names.country(row['country'])} "
        f"{with_interval(row['estimate'], row['low'], row['high'], signed=True)}"
        for row in own_rows
    ]
    helped = sum(row["low"] is not None and row["low"] > 0 for row in own_rows)
    return (
        f"A prompt in a country’s own language, in place of {names.language(reference)}, moves the "
        "model towards that country, beyond what it does for the others, by so much "
        f"({level.name}): {join(effects)}. The interval lies above zero in {helped} of "
        f"{len(own_rows)}."
    )


def _signed(points: float) -> str:
    return f"{points:+.0f}".replace("-", "−")
