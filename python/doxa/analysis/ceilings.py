"""What people themselves would score: a second sample, and the same people asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from doxa.analysis.parts.ceiling import item_ceilings
from doxa.analysis.parts.item_scores import average_items, item_alignment
from doxa.analysis.parts.notes import finish, say
from doxa.analysis.parts.pairs import population_keys, restrict_humans
from doxa.analysis.parts.settings import DEFAULTS
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from doxa.analysis.parts.settings import Settings
    from doxa.questionnaire import QuestionBank

__all__ = ["human_ceilings"]

_SECOND: Final = "second sample"
_AGAIN: Final = "asked again"
_INTERVAL: Final = ("estimate", "low", "high", "std_error")
_UNKNOWN: Final = "number of respondents unknown: no ceiling"


def human_ceilings(
    human: pl.DataFrame,
    bank: QuestionBank,
    retest: pl.DataFrame | None = None,
    *,
    settings: Settings = DEFAULTS,
) -> pl.DataFrame:
    """Give the alignment that people reach with themselves, by population.

    Parameters
    ----------
    human : polars.DataFrame
        Response distributions as `doxa.distribution.human_distributions` gives them.
    bank : QuestionBank
        The items, with their scales.
    retest : polars.DataFrame, optional
        The same, of the same populations asked the same items a second time.
    settings : Settings
        Only items are resampled, whatever `resample` is.

    Returns
    -------
    polars.DataFrame
        A row per population and `measure`, the keys first, with `estimate`, `low`, `high`,
        `std_error`, `n_items`, `resampled`, `note`; all in [0, 1]. The measures:

        second sample
            Mean alignment of two samples of the survey's effective size, as in
            `doxa.analysis.item_ceilings`.
        asked again
            Mean alignment with the answers in `retest`, over the items of both; it holds sampling
            error and whatever opinions moved in between. Only with `retest`.

    Raises
    ------
    NoDataError
        No distributions, or `retest` shares no item of a population.

    Examples
    --------
    >>> table = human_ceilings(human.filter(wave=7), bank)
    >>> table.filter(country="JPN").select("measure", pl.col("estimate").round(2)).row(0)
    ('second sample', 0.99)
    """
    people = restrict_humans(human, bank, settings)
    keys = population_keys(people)
    second = people.select(*keys, "question").with_columns(
        item_ceilings(people, bank, seed=settings.seed)["ceiling"], measure=pl.lit(_SECOND)
    )
    rows = [second]
    if retest is not None:
        again = restrict_humans(retest, bank, settings)
        both = people.join(
            again.select(*keys, "question", probabilities_human="probabilities"),
            on=[*keys, "question"],
            nulls_equal=True,
            maintain_order="left",
        )
        if both.is_empty():
            raise NoDataError(
                "the answers of those asked again share no item and population with the survey: "
                "they must have its survey, wave and country"
            )
        rows.append(
            both.select(*keys, "question").with_columns(
                ceiling=item_alignment(both, bank), measure=pl.lit(_AGAIN)
            )
        )
    every = pl.concat(rows)
    groups = [*keys, "measure"]
    means = average_items(every.select("ceiling"), every, groups, settings).groups
    table = means.select(*groups, *_INTERVAL, n_items="n").sort(*keys, pl.col("measure") == _AGAIN)
    return finish(table, say(pl.col("n_items") == 0, _UNKNOWN))
