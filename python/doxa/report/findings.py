"""What the numbers say, in sentences that claim no more than the intervals allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from doxa.report.tables import country_of
from doxa.report.words import (
    BASELINES,
    elicitation_name,
    join,
    plural,
    reasoning_name,
    with_interval,
)

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import BaselineKind
    from doxa.report.words import Names

__all__ = ["Finding", "findings"]

# Further sentences are only counted: the table holds them all.
_MOST_SENTENCES = 6
_GROUP = ("model", "elicitation", "wave")
_VERDICTS = {
    "under": "further from the country than the baseline",
    "appropriate": "as close as the baseline",
    "over": "closer than the baseline",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A headline, and the sentences with the numbers behind it."""

    headline: str
    sentences: tuple[str, ...]


def findings(
    alignment: pl.DataFrame,
    steering: pl.DataFrame | None,
    names: Names,
    baseline: BaselineKind = "leave_one_out",
) -> tuple[Finding, ...]:
    """Write the findings on closeness, on the baseline, on steering and on thinking.

    Parameters
    ----------
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it.
    steering : polars.DataFrame or None
        As `doxa.analysis.steering_effects` gives it.
    names : Names
        What countries and languages are called.
    baseline : {"leave_one_out", "pooled", "uniform", "nearest"}
        The baseline in `alignment`.

    Returns
    -------
    tuple of Finding
        Findings without rows in the tables are left out.
    """
    found = (
        _level(alignment, names),
        _baseline(alignment, baseline),
        _steering(steering, names),
        _thinking(steering),
    )
    return tuple(finding for finding in found if finding)


def _level(alignment: pl.DataFrame, names: Names) -> Finding | None:
    """Name the closest and the furthest country of each unsteered way of asking."""
    unsteered = alignment.filter(steering="none").drop_nulls("estimate")
    if unsteered.is_empty():
        return None
    group_keys = [*_GROUP, "language", "group", "reasoning"]
    comparable = 2 * pl.col("n_items") >= pl.col("n_items").max().over(group_keys)
    few = unsteered.filter(~comparable)["country"].unique().sort()
    unsteered = unsteered.filter(comparable)
    sentences = []
    for group in unsteered.partition_by(group_keys, maintain_order=True):
        ranked = group.sort("estimate", descending=True).rows(named=True)
        best, worst = ranked[0], ranked[-1]
        asked = f"Asked in {names.language(best['language'])}, {_read(best, alignment)}"
        first = f"{names.country(best['country'])} {_number(best)}"
        if best is worst:
            sentences.append(f"{asked}: {first}.")
            continue
        last = f"{names.country(worst['country'])} {_number(worst)}"
        if _apart(best, worst):
            order = "their intervals do not overlap"
        else:
            order = "their intervals overlap, so these countries are not told apart"
        sentences.append(f"{asked}: closest is {first}, furthest {last}; {order}.")
    named = ", ".join(map(names.country, few))
    left = (f"Not compared, with fewer than half of the items: {named}.",) if named else ()
    span = _range(unsteered["estimate"])
    headline = f"Without steering, countries and ways of asking reach an alignment {span}."
    return Finding(headline, (*_limited(sentences), *left))


def _baseline(alignment: pl.DataFrame, kind: BaselineKind) -> Finding | None:
    """Count how often the model is closer than the baseline."""
    judged = alignment.drop_nulls(["verdict", "gap"])
    if judged.is_empty():
        return None
    counts = {verdict: judged.filter(verdict=verdict).height for verdict in _VERDICTS}
    parts = [f"{_VERDICTS[verdict]} in {count:,}" for verdict, count in counts.items() if count]
    total = plural(judged.height, "comparison")
    sentences = []
    below = judged.filter(pl.col("gap_high") < 0).height
    above = judged.filter(pl.col("gap_low") > 0).height
    if judged["gap_low"].null_count() < judged.height:
        undecided = judged.height - below - above
        rest = f"; in the other {undecided:,} it holds zero" if undecided else ""
        sentences.append(
            f"The interval of the gap to the baseline lies wholly below zero in {below:,} and "
            f"wholly above zero in {above:,} of {total}{rest}."
        )
    ceilings, baselines = judged["ceiling"].drop_nulls(), judged["baseline"].drop_nulls()
    if len(ceilings) and len(baselines):
        sentences.append(
            f"For scale: {BASELINES[kind].subject} has an alignment "
            f"{_range(baselines)} (baseline), a second sample of the same people one "
            f"{_range(ceilings)} (ceiling)."
        )
    who = "The model is" if judged["model"].n_unique() == 1 else "The models are"
    return Finding(f"{who} {join(parts)} of {total}.", tuple(sentences))


def _steering(effects: pl.DataFrame | None, names: Names) -> Finding | None:
    """Count and list what each steering changes for the country it names."""
    if effects is None:
        return None
    own = effects.filter(pl.col("target") == country_of()).drop_nulls("estimate")
    if own.is_empty():
        return None
    cases = plural(own.height, "case")
    closer = own.filter(pl.col("low") > 0).height
    further = own.filter(pl.col("high") < 0).height
    open_cases = own.height - closer - further
    parts = [f"closer to it in {closer:,}"] if closer else []
    parts += [f"further from it in {further:,}"] if further else []
    if parts:
        headline = f"Steering towards a country moves the model {join(parts)} of {cases}"
        headline += f"; in {open_cases:,} the interval holds zero." if open_cases else "."
    else:
        headline = (
            f"Steering towards a country shows no clear effect: in {cases} "
            f"the interval of the change holds zero."
        )
    sentences = [
        f"{names.condition(row['steering'], row['language'], row['target'])}, "
        f"{_read(row, own)}: alignment with {names.country(row['country'])} changes by "
        f"{with_interval(row['estimate'], row['low'], row['high'], signed=True)}, "
        f"{_direction(row)}."
        for row in _largest_first(own).rows(named=True)
    ]
    return Finding(headline, _limited(sentences, "the largest changes"))


def _thinking(effects: pl.DataFrame | None) -> Finding | None:
    """Count what thinking first changes, where the model is not steered."""
    if effects is None:
        return None
    thought = effects.filter(pl.col("reasoning") != pl.col("reference_reasoning"))
    known = thought.drop_nulls("estimate")
    if known.is_empty():
        return None
    closer = known.filter(pl.col("low") > 0).height
    further = known.filter(pl.col("high") < 0).height
    mean = float(known["estimate"].to_numpy().mean())
    return Finding(
        f"Thinking first brings the model clearly closer to people in {closer:,} and clearly "
        f"further from them in {further:,} of {plural(known.height, 'comparison')} with answering "
        "at once.",
        (f"The mean change of alignment is {mean:+.3f}.".replace("-", "−"),),
    )


def _largest_first(effects: pl.DataFrame) -> pl.DataFrame:
    """Sort the largest changes first where there are too many to list all."""
    if effects.height <= _MOST_SENTENCES:
        return effects
    return effects.sort(pl.col("estimate").abs(), descending=True, maintain_order=True)


def _direction(row: dict[str, Any]) -> str:
    if row["low"] is None or row["high"] is None:
        return "without an interval"
    if row["low"] > 0 or row["high"] < 0:
        return "an interval without zero"
    return "an interval that holds zero"


def _read(row: dict[str, Any], alignment: pl.DataFrame) -> str:
    """Name the elicitation, and the model and wave where there are several."""
    text = f"by the {elicitation_name(row['elicitation'])}"
    if alignment["model"].n_unique() > 1:
        text = f"{row['model']} {text}"
    if alignment["wave"].n_unique() > 1:
        text += f", wave {row['wave']}"
    if row["group"]:
        text += f", {row['group']}"
    if alignment["reasoning"].n_unique() > 1:
        text += f", {reasoning_name(row['reasoning'])}"
    return text


def _number(row: dict[str, Any]) -> str:
    return with_interval(row["estimate"], row["low"], row["high"])


def _range(values: pl.Series) -> str:
    numbers = sorted(values.to_list())
    low, high = f"{numbers[0]:.2f}", f"{numbers[-1]:.2f}"
    return f"of {low}" if low == high else f"between {low} and {high}"


def _apart(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Tell whether two intervals do not overlap; a missing interval overlaps with every other."""
    if None in (a["low"], a["high"], b["low"], b["high"]):
        return False
    return bool(a["low"] > b["high"] or b["low"] > a["high"])


def _limited(sentences: list[str], what: str = "") -> tuple[str, ...]:
    shown = sentences[:_MOST_SENTENCES]
    left = len(sentences) - len(shown)
    if not left:
        return tuple(shown)
    these = f"These are {what}; the" if what else "The"
    return (*shown, f"{these} table holds {left:,} more.")
