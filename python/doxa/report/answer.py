"""The page's first sentence: whose opinions a model comes closest to, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.report.tables import CONDITION_KEYS, country_of
from doxa.report.words import BASELINES, join, plural, with_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from doxa.analysis.parts.settings import BaselineKind
    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["answer", "answers", "first_view", "is_no_opinion"]

_NAMED: Final = 4
"""Of more countries that may be first, only the number is told."""


def answer(
    rows: pl.DataFrame,
    names: Names,
    *,
    baseline: BaselineKind = "leave_one_out",
    sound: bool | None = None,
    verdict: str = "",
    model: str = "",
) -> str:
    """Say whom one way of asking comes closest to, claiming no more than its intervals hold.

    Parameters
    ----------
    rows : polars.DataFrame
        The alignment of one way of asking with each country, with the columns of
        `doxa.analysis.country_alignment`; `rank_low` is the best rank that a country's interval
        of ranks holds.
    names : Names
        What countries are called.
    baseline : {"leave_one_out", "pooled", "uniform", "nearest"}
        What `gap` is the distance to.
    sound : bool, optional
        Whether the replies vary with the question; None where it is not judged.
    verdict : str
        Why they do not.
    model : str
        Whose answers these are, where the page shows several models.

    Returns
    -------
    str
        Two sentences; or one, where the replies are no opinion or nothing was scored.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.report.words import Names
    >>> rows = pl.DataFrame({"country": ["JPN", "USA"], "n_items": [9, 9], "estimate": [0.9, 0.8],
    ...     "low": [0.88, 0.78], "high": [0.92, 0.82], "rank_low": [1, 2],
    ...     "uniform_gap_low": [0.1, 0.0], "gap_low": [0.02, -0.1], "gap_high": [0.04, 0.0]})
    >>> print(answer(rows, Names(QuestionBank.load())).split(". ")[-1])
    It is closer to them than the average of the other countries is.
    """
    if sound is False:
        return (
            f"{f'The replies of {model}' if model else 'These replies'} are "
            f"{verdict or 'no opinion'}: whatever the map shows, it is not whose opinions the "
            "model expresses."
        )
    scored = rows.drop_nulls("estimate")
    scored = scored.filter(2 * pl.col("n_items") >= pl.col("n_items").max())
    if scored.is_empty():
        return "Nothing was scored for this way of asking."
    ranked = _in_order(scored).rows(named=True)
    text = f"{_closest(ranked, names, model)} {_beside(ranked[0], baseline)}"
    if sound is None and verdict:
        text += f" Whether these replies are an opinion is {verdict}."
    return text


def _in_order(scored: pl.DataFrame) -> pl.DataFrame:
    """Sort by rank, which compares countries on the items that each has; without, by score."""
    if "rank" in scored.columns and not scored["rank"].null_count():
        return scored.sort("rank", maintain_order=True)
    return scored.sort("estimate", descending=True, maintain_order=True)


def _closest(ranked: Sequence[Mapping[str, Any]], names: Names, model: str) -> str:
    whose = f"The answers of {model}" if model else "Its answers"
    best = ranked[0]
    number = with_interval(best["estimate"], best["low"], best["high"])
    first = f"people in {names.place(best['country'])} (alignment {number})"
    if len(ranked) == 1:
        return f"{whose} and those of {first} were compared, and no other country’s."
    among = [row for row in ranked if row.get("rank_low") == 1]
    if any(row.get("rank_low") is None for row in ranked):
        return f"{whose} come closest to those of {first}; how sure this is was not computed."
    if among == [best]:
        return f"{whose} come closest to those of {first}; no other country is in reach."
    if len(among) <= _NAMED:
        others = [names.place(row["country"]) for row in among if row is not best]
        beside = f"those in {join(others, 'or')} may be as close"
        return f"{whose} come closest to those of {first}; {beside}."
    share = "all" if len(among) == len(ranked) else f"{len(among)} of"
    where = names.place(best["country"])
    return (
        f"Whose opinions {model or 'it'} comes closest to cannot be told: {share} "
        f"{plural(len(ranked), 'country', 'countries')} may be first, {where} "
        f"by a hair ({number})."
    )


def _beside(best: Mapping[str, Any], baseline: BaselineKind) -> str:
    """Say what the closest country's score is worth."""
    subject = BASELINES[baseline].subject
    flat = best.get("uniform_gap_low")
    low, high = best.get("gap_low"), best.get("gap_high")
    no_better = flat is not None and flat <= 0
    if no_better:
        text = "It is not shown to be closer to them than equal shares for every option, no opinion"
        if baseline != "uniform" and high is not None and high < 0:
            text += f", and further than {subject}"
        return f"{text}."
    if low is None or high is None:
        return f"How that compares with {subject} was not computed."
    if low > 0:
        return f"It is closer to them than {subject} is."
    if high < 0:
        return f"{subject[:1].upper()}{subject[1:]} is closer to them than it is."
    return f"Whether it is closer to them than {subject} is cannot be told."


def answers(
    alignment: pl.DataFrame,
    conditions: Sequence[ShownCondition],
    verdicts: pl.DataFrame,
    names: Names,
    baseline: BaselineKind,
) -> dict[str, str]:
    """Write the sentence of each model, elicitation, wave and way of asking.

    Returns
    -------
    dict of str to str
        By model, elicitation, wave and way, one line each. A way that names each country in turn
        is told as one, each country by the condition that names it.
    """
    found = {}
    several = alignment["model"].n_unique() > 1
    judged = {_key(row): row for row in verdicts.iter_rows(named=True)}
    keys = ("model", "elicitation", "wave")
    ways = pl.DataFrame(
        [tuple(getattr(c, key) for key in (*CONDITION_KEYS, "way")) for c in conditions],
        schema=[*CONDITION_KEYS, "way"],
        orient="row",
    )
    shown = alignment.join(ways, on=ways.columns[:-1], how="left", maintain_order="left")
    for (*which, way), rows in shown.group_by([*keys, "way"], maintain_order=True):
        row = judged.get(_key(rows.row(0, named=True)), {})
        if rows["target"].n_unique() > 1:  # ranks are among the countries of one condition
            rows = rows.filter(pl.col("target") == country_of()).with_columns(
                rank=None, rank_low=None
            )
        text = answer(
            rows,
            names,
            baseline=baseline,
            sound=row.get("sound"),
            verdict=row.get("verdict", ""),
            model=str(which[0]) if several else "",
        )
        found["\n".join(map(str, [*which, way]))] = text
    return found


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in ("model", "elicitation", "language", "steering", "reasoning"))


def first_view(
    alignment: pl.DataFrame, conditions: Sequence[ShownCondition], verdicts: pl.DataFrame
) -> dict[str, Any]:
    """Choose what the page shows first: sound replies, without steering, in English if asked.

    Returns
    -------
    dict
        With `model`, `elicitation`, `wave` and `way`.
    """
    judged = {_key(row): row["sound"] for row in verdicts.iter_rows(named=True)}
    place = {tuple(getattr(c, key) for key in CONDITION_KEYS): c.way for c in conditions}
    scored = alignment.drop_nulls("estimate")
    rows = (scored if scored.height else alignment).unique(
        ["model", "elicitation", *CONDITION_KEYS, "wave"],
        keep="first",
        maintain_order=True,
    )
    worth = {True: 0, None: 1, False: 2}

    def rank(row: dict[str, Any]) -> tuple[Any, ...]:
        return (
            worth[judged.get(_key(row))], row["steering"] != "none", row["group"] != "",
            row["language"] != "en", -row["wave"],
        )  # fmt: skip

    best = min(rows.iter_rows(named=True), key=rank)
    way = place[
        tuple(best[key] for key in ("steering", "language", "target", "group", "reasoning"))
    ]
    return {key: best[key] for key in ("model", "elicitation", "wave")} | {"way": way}


def is_no_opinion(
    view: Mapping[str, Any], conditions: Sequence[ShownCondition], verdicts: pl.DataFrame
) -> bool:
    """Tell whether what the page shows first is no opinion in any of its conditions."""
    judged = {_key(row): row["sound"] for row in verdicts.iter_rows(named=True)}
    keys = ("language", "steering", "reasoning")
    return any(
        judged.get((view["model"], view["elicitation"], *(getattr(c, key) for key in keys)))
        is False
        for c in conditions
        if c.way == view["way"]
    )
