"""What a model has to beat: the average of the other countries."""

from __future__ import annotations

import polars as pl

from doxa.analysis.pairs import population_keys

__all__ = ["leave_one_out"]


def leave_one_out(human: pl.DataFrame) -> pl.DataFrame:
    """Average, for each population and item, the other countries of its survey and wave.

    Each other country counts once, whatever the size of its sample. Populations with further
    grouping keys are averaged over countries within the same keys.

    Parameters
    ----------
    human : polars.DataFrame
        Response distributions as `doxa.distribution.human_distributions` gives them.

    Returns
    -------
    polars.DataFrame
        The population's keys, `question`, `baseline` (List(Float64), sum 1, in the order of
        the scale) and `n_countries` (UInt32, how many were averaged). A population has no row
        for an item that no other country answered.

    Examples
    --------
    >>> keys = {"survey": "S", "wave": 7, "question": "Q57", "codes": [[1, 2]] * 3}
    >>> human = pl.DataFrame({
    ...     **keys, "country": ["COL", "JPN", "USA"],
    ...     "probabilities": [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]],
    ... })
    >>> leave_one_out(human).select("country", "baseline").rows()
    [('COL', [0.75, 0.25]), ('JPN', [0.5, 0.5]), ('USA', [0.25, 0.75])]
    """
    keys = population_keys(human)
    item = [*[name for name in keys if name != "country"], "question"]
    # Sums of floats depend on their order, so it must not depend on the order of the rows.
    options = (
        human.sort(*keys, "question")
        .select(*keys, "question", "codes", "probabilities")
        .explode("codes", "probabilities")
    )
    others = pl.len().over(*item, "codes") - 1
    total = pl.col("probabilities").sum().over(*item, "codes")
    return (
        options.with_columns(
            n_countries=others, baseline=(total - pl.col("probabilities")) / others
        )
        .filter(pl.col("n_countries") > 0)
        .group_by(*keys, "question", maintain_order=True)
        .agg(pl.col("baseline"), pl.col("n_countries").first())
    )
