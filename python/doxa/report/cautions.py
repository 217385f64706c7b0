"""What to know before reading a score: replies without an opinion, rankings of equal shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from doxa.errors import NoDataError
from doxa.evaluate import make_table
from doxa.prompt import OFF
from doxa.report.words import elicitation_name, plural, reasoning_name, steering_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from doxa.evaluate import Evaluation
    from doxa.report.words import Names

__all__ = ["cautions", "limited", "verdict_sentences", "way_name"]

_MOST: Final = 6


def cautions(evaluation: Evaluation, names: Names) -> tuple[str, ...]:
    """Say of which ways of asking a score may say nothing about opinions.

    Parameters
    ----------
    evaluation : Evaluation
        Its tables `verdicts` and `uniformity` are read.
    names : Names
        What languages are called.

    Returns
    -------
    tuple of str
        A sentence for each way of asking whose replies are no opinion, or cannot be told from
        none, and for each whose scores are no better than those of equal shares, or rank countries
        as these do. Only the first few of each kind are told; a last sentence counts the others.
    """
    verdicts, rankings = (_rows(evaluation, name) for name in ("verdicts", "uniformity"))
    unsound = [row for row in verdicts if row["sound"] is not True]
    unsound.sort(key=lambda row: row["sound"] is None)
    warned = [row for row in rankings if row["warning"]]
    several = len({row["wave"] for row in rankings}) > 1
    return (
        *limited([_sentence(row, names, row["verdict"]) for row in unsound], "verdicts"),
        *limited(
            [_sentence(row, names, row["warning"], several=several) for row in warned],
            "uniformity",
        ),
    )


def verdict_sentences(verdicts: pl.DataFrame, names: Names) -> list[str]:
    """Write a sentence for each way of asking, those without an opinion first.

    Parameters
    ----------
    verdicts : polars.DataFrame
        As `doxa.analysis.reply_verdicts` gives it.
    names : Names
        What languages are called.
    """
    rows = [*verdicts.iter_rows(named=True)]
    rows.sort(key=lambda row: (row["sound"] is True, row["sound"] is None))
    return [
        _sentence(row, names, "; ".join(filter(None, (row["verdict"], row["caution"]))))
        for row in rows
    ]


def limited(sentences: Sequence[str], table: str, most: int = _MOST) -> Iterator[str]:
    """Yield the first sentences, and one that counts the others.

    Examples
    --------
    >>> list(limited(["a.", "b.", "c."], "verdicts", most=1))
    ['a.', '2 more such ways of asking are in the table verdicts.']
    """
    yield from sentences[:most]
    left = len(sentences) - most
    if left > 0:
        ways = plural(left, "more such way", "more such ways")
        yield f"{ways} of asking {'is' if left == 1 else 'are'} in the table {table}."


def way_name(row: dict[str, Any], names: Names) -> str:
    """Name a way of asking by its model, elicitation, language, steering and reasoning."""
    parts = [
        f"{row['model']}, {elicitation_name(row['elicitation'])}",
        names.language(row["language"]),
    ]
    if row["steering"] != "none":
        parts.append(steering_name(row["steering"]).lower())
    if row.get("group"):
        parts.append(row["group"])
    if row["reasoning"] != OFF:
        parts.append(reasoning_name(row["reasoning"]))
    return ", ".join(parts)


def _sentence(row: dict[str, Any], names: Names, what: str, *, several: bool = False) -> str:
    wave = f", wave {row['wave']}" if several else ""
    return f"{way_name(row, names)}{wave}: {what}."


def _rows(evaluation: Evaluation, name: str) -> list[dict[str, Any]]:
    try:
        return [*make_table(evaluation, name).iter_rows(named=True)]
    except NoDataError:
        return []
