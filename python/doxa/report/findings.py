"""What the numbers say, in sentences that claim no more than the intervals allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from doxa.report.words import VERDICT_NAMES, elicitation_name, join, plural, with_interval

if TYPE_CHECKING:
    from doxa.report.words import Names

__all__ = ["Finding", "findings"]

# More groups than this are counted in a closing sentence: the table holds them all.
_MOST_SENTENCES = 4
_GROUP = ("model", "elicitation", "wave")


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: a headline, and the sentences with the numbers it rests on."""

    headline: str
    sentences: tuple[str, ...]


def findings(alignment: pl.DataFrame, names: Names) -> tuple[Finding, ...]:
    """Say how close, against what, and whether steering helped.

    Parameters
    ----------
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it.
    names : Names
        What countries and languages are called.

    Returns
    -------
    tuple of Finding
        A finding for which the table holds no rows is left out.
    """
    found = (_level(alignment, names), _baseline(alignment), _steering(alignment, names))
    return tuple(finding for finding in found if finding)


def _level(alignment: pl.DataFrame, names: Names) -> Finding | None:
    unsteered = alignment.filter(steering="none").drop_nulls("estimate")
    if unsteered.is_empty():
        return None
    sentences = []
    groups = unsteered.partition_by([*_GROUP, "language", "template"], maintain_order=True)
    for group in groups[:_MOST_SENTENCES]:
        ranked = group.sort("estimate", descending=True).rows(named=True)
        best, worst = ranked[0], ranked[-1]
        asked = f"{_who(best)}, asked in {names.language(best['language'])}"
        first = f"{names.country(best['country'])} ({_number(best)})"
        if best is worst:
            sentences.append(f"{asked}: {first}.")
            continue
        last = f"{names.country(worst['country'])} ({_number(worst)})"
        if _separate(best, worst):
            order = "the two intervals do not overlap"
        else:
            order = "their intervals overlap, so the countries are not told apart"
        sentences.append(f"{asked}: closest to {first}, furthest from {last}; {order}.")
    low, high = unsteered["estimate"].min(), unsteered["estimate"].max()
    headline = f"Without steering, alignment lies between {low:.2f} and {high:.2f}."
    return Finding(headline, _limited(sentences, len(groups)))


def _baseline(alignment: pl.DataFrame) -> Finding | None:
    judged = alignment.drop_nulls(["verdict", "gap"])
    if judged.is_empty():
        return None
    counts = {verdict: judged.filter(verdict=verdict).height for verdict in VERDICT_NAMES}
    parts = [f"{VERDICT_NAMES[verdict]} in {count:,}" for verdict, count in counts.items() if count]
    below = judged.filter(pl.col("gap_high") < 0).height
    above = judged.filter(pl.col("gap_low") > 0).height
    ceilings = judged["ceiling"].drop_nulls()
    baselines = judged["baseline"].drop_nulls()
    total = plural(judged.height, "comparison")
    sentences = [
        f"The whole interval of the gap lies below zero in {below:,} of {total} and above "
        f"zero in {above:,}; in the others the data do not decide.",
    ]
    if len(ceilings) and len(baselines):
        sentences.append(
            f"To read this: the average of the other countries reaches "
            f"{_range(baselines)} (baseline), a second sample of the same people "
            f"{_range(ceilings)} (ceiling)."
        )
    return Finding(f"Of {total}, the model is {join(parts)}.", tuple(sentences))


def _steering(alignment: pl.DataFrame, names: Names) -> Finding | None:
    """Compare each steering towards a country with no steering, for that country."""
    rows = alignment.drop_nulls("estimate")
    own = rows.filter(pl.col("target") == pl.col("country"))
    keys = [*_GROUP, "template", "country"]
    plain = rows.filter(steering="none").rows(named=True)
    unsteered = {(*(row[key] for key in keys), row["language"]): row for row in plain}
    sentences, higher, lower, pairs = [], 0, 0, 0
    for row in own.rows(named=True):
        reference = unsteered.get((*(row[key] for key in keys), row["language"]))
        if reference is None:
            continue
        pairs += 1
        if _separate(row, reference):
            above = row["estimate"] > reference["estimate"]
            higher, lower = higher + above, lower + (not above)
            verdict = "the intervals do not overlap"
        else:
            verdict = "the intervals overlap"
        sentences.append(
            f"{_who(row)}: {names.condition(row['steering'], row['language'], row['target'])}: "
            f"{_number(row)} against {_number(reference)} without steering in the same "
            f"language; {verdict}."
        )
    if not pairs:
        return None
    if higher or lower:
        headline = (
            f"Steering a model towards a country went with a clearly higher alignment in {higher} "
            f"of {plural(pairs, 'case')}, and with a clearly lower one in {lower}."
        )
    else:
        headline = (
            f"Steering a model towards a country shows no clear effect in "
            f"{plural(pairs, 'case')}: every pair of intervals overlaps."
        )
    return Finding(headline, _limited(sentences, pairs))


def _who(row: dict[str, Any]) -> str:
    return f"{row['model']} ({elicitation_name(row['elicitation'])})"


def _number(row: dict[str, Any]) -> str:
    return with_interval(row["estimate"], row["low"], row["high"])


def _range(values: pl.Series) -> str:
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"


def _separate(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two intervals do not overlap; without intervals nothing is told apart."""
    if None in (a["low"], a["high"], b["low"], b["high"]):
        return False
    return bool(a["low"] > b["high"] or b["low"] > a["high"])


def _limited(sentences: list[str], total: int) -> tuple[str, ...]:
    shown = sentences[:_MOST_SENTENCES]
    if total > len(shown):
        shown = [*shown, f"The table holds {total - len(shown):,} more."]
    return tuple(shown)
