"""Whether steering is worth it, in a sentence for each steering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doxa.prompt import OFF
from doxa.report.words import plural, reasoning_name, steering_name, with_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["steering_answers"]


def steering_answers(means: pl.DataFrame | None) -> dict[str, list[str]]:
    r"""Say of each steering how much closer it brings a model, and whether that is sure.

    Parameters
    ----------
    means : polars.DataFrame, optional
        As `doxa.analysis.steering_means` gives it; None where no steering names a country.

    Returns
    -------
    dict of str to list of str
        By model, elicitation and wave, one line each; a sentence for each steering, those that
        surely help first.

    Examples
    --------
    >>> import polars as pl
    >>> means = pl.DataFrame({"model": "m", "elicitation": "logprobs", "wave": 7,
    ...     "steering": "persona", "group": "", "reasoning": "off", "n_countries": 2,
    ...     "estimate": 0.02, "low": 0.01, "high": 0.03})
    >>> steering_answers(means)["m\nlogprobs\n7"]
    ['With persona, it comes closer to the 2 countries named, by +0.020 [+0.010, +0.030].']
    """
    if means is None or means.is_empty():
        return {}
    found: dict[str, list[str]] = {}
    for row in (
        means.drop_nulls("estimate")
        .sort("low", descending=True, nulls_last=True)
        .iter_rows(named=True)
    ):
        key = "\n".join(str(row[name]) for name in ("model", "elicitation", "wave"))
        found.setdefault(key, []).append(_sentence(row))
    return found


def _sentence(row: Mapping[str, Any]) -> str:
    low, high = row["low"], row["high"]
    change = with_interval(row["estimate"], low, high, signed=True)
    steering = steering_name(row["steering"])
    steering = steering[:1].lower() + steering[1:]
    if row["group"]:
        steering += f" of {row['group']}"
    if row["reasoning"] != OFF:
        steering += f", {reasoning_name(row['reasoning'])}"
    count = row["n_countries"]
    named = "the country named" if count == 1 else f"the {plural(count, '', 'countries')} named"
    if low is None or high is None:
        unsure = "how surely was not computed"
        return f"With {steering}, its alignment with {named} changes by {change}; {unsure}."
    if low > 0:
        return f"With {steering}, it comes closer to {named}, by {change}."
    if high < 0:
        return f"With {steering}, it moves away from {named}, by {change}."
    return f"Whether it comes closer to {named} with {steering} cannot be told: {change}."
