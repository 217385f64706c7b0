"""What was asked of whom, and how large the run was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doxa.report.words import BESIDE, elicitation_name, join, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from doxa.report.tables import ShownCondition
    from doxa.report.words import Names

__all__ = ["asked", "default_title", "figures", "survey_name"]


def default_title(replies: pl.DataFrame) -> str:
    """Return the default heading of a report: the question that it answers.

    Examples
    --------
    >>> import polars as pl
    >>> default_title(pl.DataFrame({"model": ["small", "small", "large"]}))
    'Whose opinions do small and large express?'
    """
    models = replies["model"].unique(maintain_order=True).to_list()
    return f"Whose opinions {'does' if len(models) == 1 else 'do'} {join(models)} express?"


def asked(
    data: dict[str, Any],
    alignment: pl.DataFrame,
    conditions: Sequence[ShownCondition],
    surveys: list[str],
    names: Names,
) -> str:
    """Say in two sentences what was asked of whom.

    Parameters
    ----------
    data : dict
        As `doxa.report.payload.overview` gives it.
    alignment : polars.DataFrame
        As `doxa.analysis.country_alignment` gives it.
    conditions : sequence of ShownCondition
        Those that were asked.
    surveys : list of str
        The surveys' names, as in human counts.
    names : Names
        What languages are called.
    """
    models = data["models"]
    who = join(models) if len(models) < 4 else plural(len(models), "language model")
    countries = list(data["countries"].values())
    where = plural(len(countries), *_nouns(data))
    if len(countries) < 9:
        where += f" ({', '.join(countries)})"
    waves = join([str(wave) for wave in data["waves"]])
    items = plural(_most_items(alignment), "item")
    languages = sorted({names.language(c.language) for c in conditions})
    read = join([f"the {elicitation_name(name)}" for name in data["elicitations"]])
    whose = "their" if len(models) > 1 else "its"
    return (
        f"How close do the answers of {who} to {items} of the {survey_name(surveys)} "
        f"(wave {waves}) come to those of people in {where}? Asked in {join(languages)}, in "
        f"{plural(len(conditions), 'way')}; {whose} answers were read from {read}."
    )


def figures(
    data: dict[str, Any],
    alignment: pl.DataFrame,
    conditions: Sequence[ShownCondition],
    replies: pl.DataFrame,
) -> list[tuple[str, str]]:
    """List the counts that show the size of the run, each with its noun."""
    usable = (replies["status"] == "ok").sum()
    share = 100 * usable / max(replies.height, 1)
    return [
        (f"{_most_items(alignment):,}", _of_items(alignment, replies)),
        (f"{len(data['countries']):,}", _nouns(data)[1]),
        (f"{len(conditions):,}", "ways of asking"),
        (f"{replies.height:,}", "replies"),
        (f"{share:.0f}%" if share in (0, 100) else f"{share:.1f}%", "of replies usable"),
    ]


def _of_items(alignment: pl.DataFrame, replies: pl.DataFrame) -> str:
    """Say how many were asked, where that is more than a score has."""
    n_asked = replies["question"].n_unique()
    return "items" if n_asked <= _most_items(alignment) else f"of the {n_asked:,} items asked"


def _nouns(data: dict[str, Any]) -> tuple[str, str]:
    """Name what was scored: countries, or groups of them too."""
    groups = any(BESIDE in code for code in data["countries"])
    return ("population", "populations") if groups else ("country", "countries")


def _most_items(alignment: pl.DataFrame) -> int:
    return max(alignment["n_items"].drop_nulls().to_list(), default=0)


def survey_name(surveys: list[str]) -> str:
    """Name the surveys in a sentence."""
    return join(["World Values Survey" if survey == "WVS" else survey for survey in surveys])
