"""Tables in the form that a paper has room for: at most six columns, in words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from doxa.prompt import OFF
from doxa.report.words import elicitation_name, join, plural, reasoning_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.report.words import Names

__all__ = ["paper_form"]

_MOST_COLUMNS: Final = 6

# What a reader of the file needs, and a reader of the paper does not.
_OF_FILES: Final = frozenset(
    {"survey", "std_error", "resampled", "note", "warning", "caution", "place", "place_other",
     "rounding", "bounds"}
)  # fmt: skip

# Numbers in the order in which they stay; the others follow as they stand.
_NUMBERS: Final = (
    "estimate", "alignment", "p_adjusted", "baseline", "gap", "ceiling", "normalised", "rank",
    "n_items", "n",
)  # fmt: skip

_INTERVAL: Final = {"estimate": ("low", "high"), "alignment": ("low", "high")}
_SAID: Final = {True: "yes", False: "no"}
_LEAST: Final = 0.001
"""Smaller p-values are not told apart."""

_TELLING: Final = ("wave", "draw", "topic", "question")
_WAY: Final = ("steering", "language", "target", "group", "reasoning")


def paper_form(frame: pl.DataFrame, names: Names) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Bring a table into the form that a paper has room for, and say what it leaves out.

    Parameters
    ----------
    frame : polars.DataFrame
        Any table without lists.
    names : Names
        What countries, languages and ways of asking are called.

    Returns
    -------
    shown : polars.DataFrame
        At most six columns with names in words: those that tell rows apart, then numbers, each
        with its interval in one cell. Where more than five tell rows apart, the last of them
        share a column.
    said : tuple of str
        What all rows share and how many columns were left out, in sentences.

    Examples
    --------
    >>> from doxa.questionnaire import QuestionBank
    >>> from doxa.report.words import Names
    >>> frame = pl.DataFrame({"country": ["JPN", "USA"], "wave": [7, 7], "estimate": [0.71, 0.8],
    ...                       "low": [0.7, 0.75], "high": [0.72, 0.85], "n_items": [30, 31]})
    >>> shown, said = paper_form(frame, Names(QuestionBank.load()))
    >>> shown.columns, said
    (['country', 'estimate', 'items'], ('Wave: 7',))
    >>> shown.row(0)
    ('Japan', '0.710 [0.700, 0.720]', 30)
    """
    table, written = _with_intervals(_in_words(frame.drop(_OF_FILES, strict=False), names))
    words = [
        name
        for name, kind in table.schema.items()
        if name not in written and (name in _TELLING or not kind.is_numeric())
    ]
    shared = [name for name in words if table.height > 1 and table[name].n_unique() == 1]
    said = [
        f"{_title(name)}: {_SAID[value] if isinstance(value, bool) else value}"
        for name in shared
        if (value := table[name][0]) not in (None, "")
    ]
    apart = [name for name in words if name not in shared]
    if len(apart) >= _MOST_COLUMNS:
        table, apart = _in_one(table, apart)
    numbers = sorted(
        (name for name in table.columns if name not in {*words, *apart} and table[name].count()),
        key=lambda name: _NUMBERS.index(name) if name in _NUMBERS else len(_NUMBERS),
    )
    shown = numbers[: _MOST_COLUMNS - len(apart)]
    if left := len(numbers) - len(shown):
        said.append(f"The CSV file has {plural(left, 'further column')}")
    chosen = table.select(
        *apart, *(_p_value(name) if name.startswith("p_") else name for name in shown)
    ).with_columns(pl.selectors.boolean().replace_strict(_SAID, return_dtype=pl.String))
    return chosen.rename({name: _named(name) for name in chosen.columns}), tuple(said)


def _in_words(frame: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Name countries, elicitations and ways of asking; the keys of a way become one column."""
    for before, after in (("", ""), ("reference_", ""), ("", "_other")):
        keys = [f"{before}{key}{after}" for key in _WAY if f"{before}{key}{after}" in frame.columns]
        if f"{before}steering{after}" not in keys or f"{before}language{after}" not in keys:
            continue
        ways = frame.select(keys).unique()
        labels = pl.Series(
            f"{before}way of asking{after}",
            [
                _way({key.removeprefix(before).removesuffix(after): value for key, value in
                      row.items()}, names)
                for row in ways.iter_rows(named=True)
            ],
            pl.String,
        )  # fmt: skip
        place = frame.columns.index(keys[0])
        named = frame.join(ways.with_columns(labels), on=keys, how="left", maintain_order="left",
                           nulls_equal=True)  # fmt: skip
        others = [name for name in frame.columns if name not in keys]
        at = sum(name in others for name in frame.columns[:place])
        frame = named.select(*others[:at], labels.name, *others[at:])
    elicitations = [name for name in frame.columns if "elicitation" in name]
    countries = [name for name in frame.columns if name.startswith("country")]
    return frame.with_columns(
        *(pl.col(name).replace({x: elicitation_name(x) for x in frame[name].drop_nulls().unique()})
          for name in elicitations),
        *(pl.col(name).replace({x: names.country(x) for x in frame[name].drop_nulls().unique()})
          for name in countries),
    )  # fmt: skip


def _way(keys: dict[str, Any], names: Names) -> str | None:
    if keys["steering"] is None:
        return None
    parts = [names.condition(keys["steering"], keys["language"], keys.get("target") or "")]
    if keys.get("group"):
        parts.append(keys["group"])
    if keys.get("reasoning", OFF) != OFF:
        parts.append(reasoning_name(keys["reasoning"]))
    return " · ".join(parts)


def _with_intervals(frame: pl.DataFrame) -> tuple[pl.DataFrame, set[str]]:
    """Write each number that has an interval as one text with it; name these columns."""
    names = set()
    for name in frame.columns:
        low, high = _INTERVAL.get(name, (f"{name}_low", f"{name}_high"))
        if not {low, high} <= set(frame.columns):
            continue
        form = "d" if frame.schema[name].is_integer() else ".3f"
        texts = [_estimate(form, *row) for row in frame.select(name, low, high).iter_rows()]
        written = pl.Series(name, texts if frame[name].count() else [None] * len(texts), pl.String)
        frame = frame.with_columns(written).drop(low, high)
        names.add(name)
    return frame, names


def _p_value(column: str) -> pl.Expr:
    value = pl.col(column)
    text = value.round(3).cast(pl.String)
    return pl.when(value < _LEAST).then(pl.lit(f"< {_LEAST}")).otherwise(text).alias(column)


def _estimate(form: str, value: float | None, low: float | None, high: float | None) -> str | None:
    if value is None or not isfinite(value):
        return None
    bounds = ""
    if low is not None and high is not None and isfinite(low) and isfinite(high):
        bounds = f" [{low:{form}}, {high:{form}}]"
    return f"{value:{form}}{bounds}".replace("-", "−")


def _in_one(table: pl.DataFrame, apart: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Let the last of too many columns that tell rows apart share one."""
    kept, rest = list(apart[: _MOST_COLUMNS - 2]), apart[_MOST_COLUMNS - 2 :]
    name = join([_named(column) for column in rest])
    joined = pl.concat_str(pl.col(rest).cast(pl.String), separator=" · ", ignore_nulls=True)
    return table.with_columns(joined.alias(name)), [*kept, name]


def _named(column: str) -> str:
    return {"p_adjusted": "p (corrected)", "elicitation": "read from"}.get(
        column, column.removeprefix("n_").replace("_", " ")
    )


def _title(column: str) -> str:
    named = _named(column)
    return named[:1].upper() + named[1:]
